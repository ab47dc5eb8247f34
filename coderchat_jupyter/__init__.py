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
        BusyError,
        CoderChatError,
        ConflictError,
        ConnectionLostError,
        ForbiddenError,
        InvalidRequestError,
        NotFoundError,
        ProtocolError,
        RecordingError,
        UnsupportedError,
        UsageLimitError,
    )
    from coderchat_jupyter.magics import Reply
    from coderchat_jupyter.session import (
        ChatSession,
        Replay,
        Tool,
        ToolRequest,
        connect,
        tool,
    )
    from coderchat_jupyter.widgets.chat import ChatWidget
    from coderchat_jupyter.widgets.cost import CostExplorer
    from coderchat_jupyter.widgets.model_config import ModelConfigEditor

__all__ = [
    "AnswerError",
    "ApiError",
    "AuthenticationError",
    "BusyError",
    "ChatSession",
    "ChatWidget",
    "Client",
    "CoderChatError",
    "ConflictError",
    "ConnectionLostError",
    "CostExplorer",
    "ForbiddenError",
    "InvalidRequestError",
    "ModelConfigEditor",
    "NotFoundError",
    "ProtocolError",
    "RecordingError",
    "Replay",
    "Reply",
    "Tool",
    "ToolRequest",
    "UnsupportedError",
    "UsageLimitError",
    "connect",
    "costs_frame",
    "tool",
]

__version__ = "0.1.0"

# Without one, a record that nobody asked for would be printed into a cell.
logging.getLogger(__name__).addHandler(logging.NullHandler())

_HOMES: Final = {
    "AnswerError": "errors",
    "ApiError": "errors",
    "AuthenticationError": "errors",
    "BusyError": "errors",
    "ChatSession": "session",
    "ChatWidget": "widgets.chat",
    "Client": "client",
    "CoderChatError": "errors",
    "ConflictError": "errors",
    "ConnectionLostError": "errors",
    "CostExplorer": "widgets.cost",
    "ForbiddenError": "errors",
    "InvalidRequestError": "errors",
    "ModelConfigEditor": "widgets.model_config",
    "NotFoundError": "errors",
    "ProtocolError": "errors",
    "RecordingError": "errors",
    "Replay": "session",
    "Reply": "magics",
    "Tool": "session",
    "ToolRequest": "session",
    "UnsupportedError": "errors",
    "UsageLimitError": "errors",
    "connect": "session",
    "costs_frame": "analysis.frames",
    "tool": "session",
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
