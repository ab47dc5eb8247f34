"""What becomes of a cell before IPython reads it, in a real shell's transformer."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from IPython.core.inputtransformer2 import TransformerManager

from coderchat_jupyter.magics._transform import PromptTransform

Transform = Callable[[str], str]


def _manager(*, can_await: bool = True) -> TransformerManager:
    manager = TransformerManager()
    manager.cleanup_transforms.append(PromptTransform("chat", lambda: can_await))
    return manager


@pytest.fixture
def transform() -> Transform:
    return _manager().transform_cell


def _calls(source: str) -> list[tuple[str, ...]]:
    """The magic calls in transformed source, with the very strings they get."""
    return [
        (node.func.attr, *(ast.literal_eval(arg) for arg in node.args))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr.startswith("run_")
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "why is it slow?",
        "why is it slow??",
        "it's half \"quoted?",
        "what is (this",
        'a """ b',
        "f(x) = {y} $z !ls",
        "ends with a backslash \\",
        "trailing; semicolon;",
        "ümlaut 漢字 🙂?",
    ],
)
def test_a_line_arrives_to_the_letter(transform: Transform, prompt: str) -> None:
    """IPython's own reading would ask for help, expand, join or give up."""
    assert _calls(transform(f"%chat {prompt}\n")) == [
        ("run_line_magic", "chat", prompt)
    ]


def test_a_reply_can_be_given_a_name(transform: Transform) -> None:
    """Also when the prompt ends with a question mark."""
    source = transform("answer = %chat why?\n")

    assert source.startswith("answer = get_ipython()")
    assert _calls(source) == [("run_line_magic", "chat", "why?")]


def test_a_cell_arrives_to_the_letter(transform: Transform) -> None:
    """The body is prose; nothing in it is Python."""
    body = "Explain {x} and $y:\n%chat no?\n  indented\n"

    assert _calls(transform(f"%%chat --new hm?\n{body}")) == [
        ("run_cell_magic", "chat", "--new hm?", body)
    ]


def test_an_empty_cell_reaches_the_magic(transform: Transform) -> None:
    """IPython's own advice would be to use another magic."""
    assert _calls(transform("%%chat\n")) == [("run_cell_magic", "chat", "", "\n")]


def test_a_cell_that_waits_is_awaited(transform: Transform) -> None:
    """Only an awaiting cell leaves the kernel free to hear the Stop button."""
    source = transform("%%chat --wait\nhello\n")

    assert source.startswith("await ")
    assert _calls(source) == [("run_cell_magic", "chat", "--awaited --wait", "hello\n")]


def test_no_cell_is_awaited_where_the_shell_cannot() -> None:
    """`%autoawait off` would make it a syntax error."""
    source = _manager(can_await=False).transform_cell("%%chat --wait\nhello\n")

    assert _calls(source) == [("run_cell_magic", "chat", "--wait", "hello\n")]


def test_a_reply_that_is_not_asked_for_is_not_shown(transform: Transform) -> None:
    """The display is the output; the reply's repr would be a second one."""
    assert transform("%chat hello\n").endswith(" and None\n")
    assert transform("%%chat\nhello\n").endswith(" and None\n")
    assert not transform("a = %chat hello\n").endswith(" and None\n")


def test_lines_among_others_are_found(transform: Transform) -> None:
    """In loops and after other magics, too."""
    source = "import os\n%time it's\nfor name in names:\n    %chat who is it?\n"

    assert ("run_line_magic", "chat", "who is it?") in _calls(transform(source))


@pytest.mark.parametrize(
    "source",
    [
        'text = """\n%chat why?\n"""\n',
        "values = [\n1\n%chat x\n]\n",
        "x = 100 \\\n%chat\n",
        "x = 5 % chat\n",
        "%chatter why\n",
        "%%chatter\nx\n",
        "%timeit x\n",
        "",
        "\n",
    ],
)
def test_what_is_no_prompt_is_left_alone(transform: Transform, source: str) -> None:
    """A string may hold the magic's name, and so may an expression."""
    plain = TransformerManager()

    assert transform(source) == plain.transform_cell(source)


def test_the_magics_own_help_still_works(transform: Transform) -> None:
    """`%chat?` is how one learns of the options."""
    assert _calls(transform("%chat?\n")) == [("run_line_magic", "pinfo", "%chat")]
    assert _calls(transform("%%chat?\n")) == [("run_line_magic", "pinfo", "%%chat")]


def test_a_terminal_still_lets_one_type_the_body() -> None:
    """Whether a cell is complete is asked of the same transformers."""
    manager = _manager()

    assert manager.check_complete("%%chat\n")[0] == "incomplete"
    assert manager.check_complete("%%chat\nhello\n")[0] == "incomplete"
    assert manager.check_complete("%%chat\nhello\n\n")[0] == "complete"
