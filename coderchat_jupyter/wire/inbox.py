"""Notifications in a user's inbox; chats appear there when they need somebody."""

from __future__ import annotations

from typing import Annotated

from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire._values import Items, Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import ZERO_UUID, UserId

__all__ = ["InboxEvent", "InboxNotification", "NotificationAction"]


class NotificationAction(WireModel):
    """Something to do about a notification (upstream `InboxNotificationAction`)."""

    label: str = ""
    url: str = ""


class InboxNotification(WireModel):
    """One notification; `read_at` is None until it is read."""

    id: str = ZERO_UUID
    user_id: UserId = UserId(ZERO_UUID)
    template_id: str = ZERO_UUID
    targets: Items[str] = ()
    title: str = ""
    content: str = ""
    icon: str = ""
    actions: Items[NotificationAction] = ()
    read_at: Moment | None = None
    created_at: Moment


class InboxEvent(WireModel):
    """Something happened in an inbox (upstream `InboxNotificationEvent`)."""

    kind: Annotated[str, Words("new")]
    inbox_notification: InboxNotification
