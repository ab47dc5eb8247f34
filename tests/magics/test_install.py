"""Loading and unloading the extension in a real shell."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell

from coderchat_jupyter import load_ipython_extension, unload_ipython_extension

HEAVY = (
    *("starlette", "uvicorn", "sqlalchemy", "alembic", "pydantic_ai", "xllamacpp"),
    *("pandas", "genai_prices", "anywidget", "coderchat_jupyter.server"),
    *("coderchat_jupyter.analysis", "coderchat_jupyter.widgets"),
)


def _state(shell: InteractiveShell) -> tuple[object, ...]:
    magics = shell.magics_manager.magics
    return (
        dict(magics["line"]),
        dict(magics["cell"]),
        list(shell.input_transformers_cleanup),
        list(shell.events.callbacks["post_run_cell"]),
    )


def test_unloading_leaves_the_shell_as_it_was(shell: InteractiveShell) -> None:
    """An extension that cannot be taken back is a patch."""
    before = _state(shell)

    load_ipython_extension(shell)
    assert shell.find_cell_magic("chat") is not None
    unload_ipython_extension(shell)

    assert _state(shell) == before


def test_loading_twice_adds_nothing(shell: InteractiveShell) -> None:
    """People run the first cell again."""
    load_ipython_extension(shell)
    once = _state(shell)
    load_ipython_extension(shell)

    assert _state(shell) == once
    unload_ipython_extension(shell)
    unload_ipython_extension(shell)


def test_somebody_elses_chat_is_left_alone(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two packages had the name before us."""

    def theirs(line: str) -> str:
        return f"theirs: {line}"

    shell.magics_manager.register_function(theirs, "line", "chat")
    before = _state(shell)

    load_ipython_extension(shell)

    assert shell.run_line_magic("chat", "hi") == "theirs: hi"
    assert shell.find_cell_magic("coderchat") is not None
    assert "%coderchat" in capsys.readouterr().out
    unload_ipython_extension(shell)
    assert _state(shell) == before


def test_a_magic_put_over_ours_survives_our_going(shell: InteractiveShell) -> None:
    """What is not ours is not taken away."""

    def theirs(line: str) -> str:
        return f"theirs: {line}"

    load_ipython_extension(shell)
    shell.magics_manager.register_function(theirs, "line", "chat")
    unload_ipython_extension(shell)

    assert shell.run_line_magic("chat", "hi") == "theirs: hi"


def test_loading_is_light() -> None:
    """A notebook that never asks must not pay for it: no server, frames or charts."""
    program = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell;"
        "from traitlets.config import Config; c = Config();"
        "c.HistoryManager.enabled = False; s = InteractiveShell(config=c);"
        "s.run_line_magic('load_ext', 'coderchat_jupyter');"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_help_tells_all_options(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """`%chat?` is where one looks first."""
    load_ipython_extension(shell)
    shell.run_cell("%chat?")
    unload_ipython_extension(shell)

    shown = capsys.readouterr().out
    for word in ("--model NAME", "--new", "--wait", "-o NAME", "%chat stop", "_chat"):
        assert word in shown
