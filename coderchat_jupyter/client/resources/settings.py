"""Calls on settings: of the deployment, and of the caller."""

from __future__ import annotations

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client.resources._deployment_settings import DeploymentSettings
from coderchat_jupyter.client.resources._overrides import Overrides
from coderchat_jupyter.client.resources._time_settings import TimeSettings
from coderchat_jupyter.client.resources._user_settings import UserSettings
from coderchat_jupyter.client.resources.users import Users

__all__ = ["Settings"]


class Settings(DeploymentSettings, TimeSettings, UserSettings):
    """What holds for everybody, and what holds for the caller.

    Each setting is read by a method of its name, and changed by `set_` and its name.
    """

    def __init__(self, http: Http, users: Users) -> None:
        super().__init__(http, Overrides(http, users))
