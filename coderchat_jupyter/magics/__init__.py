"""In: cells of an IPython shell. Out: prompts to a chat, and displays of its answers.

Holds the current conversation of each shell; displays, and reads no environment.
May import: everything but `server`, `cli`. Tests: tests/magics, tests/kernels.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Final

from coderchat_jupyter.magics._reply import Reply

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from coderchat_jupyter.magics._install import Installed

__all__ = ["Reply", "load", "unload"]

_installed: Final[weakref.WeakKeyDictionary[InteractiveShell, Installed]] = (
    weakref.WeakKeyDictionary()
)


def load(shell: InteractiveShell) -> None:
    """Add `%chat` and `%%chat` to a shell. Nothing happens where they are already.

    A `%chat` of somebody else is left alone: ours is then called `%coderchat`.
    """
    if shell in _installed:
        return
    from coderchat_jupyter.magics._install import install

    _installed[shell] = install(shell)


def unload(shell: InteractiveShell) -> None:
    """Take away all that `load` added. Answers go on at the server."""
    installed = _installed.pop(shell, None)
    if installed is not None:
        installed.undo()
