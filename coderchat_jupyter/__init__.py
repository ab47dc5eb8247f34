"""Talk to the AI agents of a Coder deployment from a notebook.

Everything public is here and loaded on first use: importing the package is light.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from coderchat_jupyter.analysis.frames import costs_frame
    from coderchat_jupyter.client import Client
    from coderchat_jupyter.errors import (
        AnswerError,
        ApiError,
        AuthenticationError,
        CoderChatError,
        ConnectionLostError,
        NotFoundError,
    )
    from coderchat_jupyter.magics import Reply
    from coderchat_jupyter.session import ChatSession, connect
    from coderchat_jupyter.widgets.chat import ChatWidget
    from coderchat_jupyter.widgets.cost import CostExplorer
    from coderchat_jupyter.widgets.model_config import ModelConfigEditor

__all__ = [
    "AnswerError",
    "ApiError",
    "AuthenticationError",
    "ChatSession",
    "ChatWidget",
    "Client",
    "CoderChatError",
    "ConnectionLostError",
    "CostExplorer",
    "ModelConfigEditor",
    "NotFoundError",
    "Reply",
    "connect",
    "costs_frame",
]

__version__ = "0.1.0"

# Without one, a record that nobody asked for would be printed into a cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())

_HOMES: Final = {
    "AnswerError": "errors",
    "ApiError": "errors",
    "AuthenticationError": "errors",
    "ChatSession": "session",
    "ChatWidget": "widgets.chat",
    "Client": "client",
    "CoderChatError": "errors",
    "ConnectionLostError": "errors",
    "CostExplorer": "widgets.cost",
    "ModelConfigEditor": "widgets.model_config",
    "NotFoundError": "errors",
    "Reply": "magics",
    "connect": "session",
    "costs_frame": "analysis.frames",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def load_ipython_extension(ipython: InteractiveShell) -> None:
    """Add the `%chat` magics to an IPython shell: `%load_ext coderchat_jupyter`."""
    from coderchat_jupyter import magics

    magics.load(ipython)


def unload_ipython_extension(ipython: InteractiveShell) -> None:
    """Take away everything that `load_ipython_extension` added."""
    from coderchat_jupyter import magics

    magics.unload(ipython)
