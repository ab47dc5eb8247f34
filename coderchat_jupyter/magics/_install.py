"""Puts the magics into a shell, and takes exactly that out again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from coderchat_jupyter.magics._magics import ChatMagics
from coderchat_jupyter.magics._transform import PromptTransform

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["Installed", "install"]

_NAMES: Final = ("chat", "coderchat")
_KINDS: Final = ("line", "cell")
_AFTER_CELL: Final = "post_run_cell"


@dataclass(frozen=True, slots=True)
class Installed:
    """What was added to a shell, and how to undo it."""

    shell: InteractiveShell
    magics: ChatMagics
    name: str
    transform: PromptTransform

    def undo(self) -> None:
        """Leave the shell as it was found. May be called twice."""
        transforms = self.shell.input_transformers_cleanup
        if self.transform in transforms:
            transforms.remove(self.transform)
        for kind in _KINDS:
            known = self.shell.magics_manager.magics[kind]
            # Somebody may have put theirs over ours meanwhile.
            if known.get(self.name) == self.magics.chat:
                del known[self.name]
        events = self.shell.events
        if self.magics.show_ended in events.callbacks[_AFTER_CELL]:
            events.unregister(_AFTER_CELL, self.magics.show_ended)
        self.magics.close()


def install(shell: InteractiveShell) -> Installed:
    """Register the magics under the first name that is free."""
    known = shell.magics_manager.magics
    taken = [name for name in _NAMES if any(name in known[kind] for kind in _KINDS)]
    name = next((name for name in _NAMES if name not in taken), _NAMES[-1])
    if taken:
        print(  # noqa: T201 - said once, in the cell that loads the extension
            f"%{_NAMES[0]} belongs to another extension and was left alone. "
            f"Use %{name} and %%{name}."
        )
    magics = ChatMagics(shell)
    shell.magics_manager.register_function(
        magics.chat, magic_kind="line_cell", magic_name=name
    )
    transform = PromptTransform(name, lambda: bool(shell.autoawait))
    shell.input_transformers_cleanup.append(transform)
    shell.events.register(_AFTER_CELL, magics.show_ended)
    return Installed(shell, magics, name, transform)
