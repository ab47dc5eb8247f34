"""The public surface: adding a name is a decision, made by editing this list."""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import pytest

import coderchat_jupyter
from coderchat_jupyter import errors

PUBLIC = [
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

# What a notebook should not pay for before it asks.
HEAVY = [
    "alembic",
    "anywidget",
    "genai_prices",
    "httpx",
    "ipywidgets",
    "pandas",
    "pydantic",
    "pydantic_ai",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "websockets",
    "xllamacpp",
]


def modules() -> list[str]:
    """Every module of the package but the ones that run when imported."""
    walk = pkgutil.walk_packages(
        coderchat_jupyter.__path__, prefix="coderchat_jupyter."
    )
    return [m.name for m in walk if not m.name.endswith(("__main__", ".env"))]


def test_the_package_exports_these_names_and_no_others() -> None:
    """A name that slips out is a promise nobody made."""
    assert coderchat_jupyter.__all__ == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_each_public_name_can_be_had_and_says_what_it_is(name: str) -> None:
    """Names load lazily, so a broken one would show only at its first use."""
    assert getattr(coderchat_jupyter, name).__doc__


def test_importing_the_package_loads_nothing_heavy() -> None:
    """`import coderchat_jupyter` stands in startup files."""
    code = (
        "import sys, coderchat_jupyter; "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )

    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    """`hasattr` and star-imports rely on it."""
    assert not hasattr(coderchat_jupyter, "ChatWigdet")


@pytest.mark.parametrize("name", modules())
def test_what_a_module_lists_exists_and_is_sorted(name: str) -> None:
    """`__all__` is what readers and tools believe."""
    module = importlib.import_module(name)
    listed = list(getattr(module, "__all__", ()))

    assert [n for n in listed if not hasattr(module, n)] == []
    assert len(set(listed)) == len(listed)


def test_the_tree_of_errors_at_the_top_of_the_file_is_true() -> None:
    """People choose what to catch by that picture."""
    drawn: dict[str, str | None] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        name = line.lstrip("│├└─ ").split(" ")[0]
        if not name.endswith("Error"):
            continue
        depth = (len(line) - len(line.lstrip("│├└─ "))) // 4
        path[depth:] = [name]
        drawn[name] = path[depth - 1] if depth else None

    real = {
        name: base.__name__ if (base := kind.__bases__[0]) is not Exception else None
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, Exception)
    }

    assert drawn == real
