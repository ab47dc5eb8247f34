"""Reading the words behind the magics."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coderchat_jupyter.magics._arguments import (
    Ask,
    Command,
    MagicUsageError,
    parse_cell,
    parse_line,
    wants_to_wait,
)


@pytest.mark.parametrize(
    "prompt",
    [
        "why is it slow?",
        "it's \"half quoted",
        "print(f'{x}') and $HOME and {}",
        "stop the leak",
        "new ideas, please",
        "-5 degrees",
        "- a list",
        "a --model b",
        "back\\slash \\n",
    ],
)
def test_a_prompt_is_taken_to_the_letter(prompt: str) -> None:
    """No quoting rule can be remembered while one writes prose."""
    assert parse_line(prompt) == Ask(prompt=prompt)
    assert parse_cell("", f"{prompt}\n") == Ask(prompt=prompt)


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_every_prompt_survives_behind_two_dashes(prompt: str) -> None:
    """There is a way to say everything."""
    assert parse_line(f"-- {prompt}") == Ask(prompt=prompt.strip())


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("--model tiny hello", Ask("hello", model="tiny")),
        ("--model=tiny hello", Ask("hello", model="tiny")),
        ('--model "Big one" hello', Ask("hello", model="Big one")),
        ("--new --wait hello", Ask("hello", is_new=True, wait=True)),
        ("-o answer hello", Ask("hello", out="answer")),
        ("--out=answer hello", Ask("hello", out="answer")),
        ("--newest thing", None),
        ("--wait -- --new", Ask("--new", wait=True)),
        ("  --wait   hello  there ", Ask("hello  there", wait=True)),
    ],
)
def test_options_stand_in_front(line: str, asked: Ask | None) -> None:
    """And only there: what follows the first other word is the prompt."""
    if asked is None:
        with pytest.raises(MagicUsageError, match="--newest"):
            parse_line(line)
    else:
        assert parse_line(line) == asked


def test_a_cell_goes_on_from_the_words_on_its_first_line() -> None:
    """Somebody who writes there wants it to be read."""
    asked = parse_cell("--new Why is this slow?", "for x in y:\n    z(x)\n")

    assert asked == Ask("Why is this slow?\nfor x in y:\n    z(x)", is_new=True)


@pytest.mark.parametrize(
    ("line", "order"), [("", "status"), ("  ", "status"), ("stop", "stop")]
)
def test_a_command_is_one_only_when_it_stands_alone(line: str, order: str) -> None:
    """`stop` is also a word that prompts begin with."""
    assert parse_line(line) == Command(order)  # type: ignore[arg-type]


def test_a_cell_knows_no_commands() -> None:
    """A cell that says only `stop` is a prompt, as all cells are."""
    assert parse_cell("", "stop") == Ask("stop")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--modle tiny hi", "'--modle'"),
        ("--model", "--model needs a name"),
        ("-o", "-o needs a name"),
        ("-o 1st hi", "'1st'"),
        ("--api-key=secret hi", "'--api-key'"),
    ],
)
def test_what_is_wrong_with_an_option_is_said(line: str, says: str) -> None:
    """And a value that may be a key is not repeated."""
    with pytest.raises(MagicUsageError, match=says) as caught:
        parse_line(line)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "waits"),
    [("--wait", True), ("--new --wait hi", True), ("hi --wait", False), ("--x", False)],
)
def test_waiting_is_seen_before_the_cell_runs(line: str, waits: bool) -> None:
    """The input transformer has to know, and must not fail."""
    assert wants_to_wait(line) is waits
