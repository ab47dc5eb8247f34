"""Every call says in its docstring what it raises."""

from __future__ import annotations

import builtins
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from coderchat_jupyter import errors
from coderchat_jupyter.client import Client

_ENTRY = re.compile(r"^\s{4,}(\w+(?:, \w+)*): ", re.MULTILINE)


def calls() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each public method of each resource, by its full name."""
    client = Client("http://127.0.0.1:1", "t" * 8)
    for noun, resource in vars(client).items():
        if not noun.startswith("_"):
            for name, method in inspect.getmembers(type(resource), callable):
                if not name.startswith("_"):
                    yield f"{noun}.{name}", method


def raised(method: Callable[..., Any]) -> set[str]:
    """What the docstring says that a call raises."""
    _, _, told = (inspect.getdoc(method) or "").partition("Raises:\n")
    names = (name for entry in _ENTRY.findall(told) for name in entry.split(", "))
    return set(names)


def test_every_call_names_its_errors() -> None:
    """Whoever writes code around it need not read ours."""
    found = dict(calls())

    assert len(found) > 100
    assert [name for name, method in found.items() if not raised(method)] == []


def test_what_is_named_is_an_error_that_there_is() -> None:
    """Of our tree, or one of Python's that arguments and files raise."""
    known = set(errors.__all__) | set(dir(builtins))

    wrong = {name: raised(method) - known for name, method in calls()}

    assert {name: names for name, names in wrong.items() if names} == {}
