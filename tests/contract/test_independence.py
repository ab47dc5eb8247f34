"""The client of these tests shares no code with what it checks."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

_MODULES: Final = ("caller", "scripts", "shapes", "wire")


def test_nothing_of_ours_is_imported() -> None:
    """Only fakes that start the server, which run it in a process of its own."""
    imported = set()
    for path in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")

    ours = {name for name in imported if name.startswith(("coderchat", "tests."))}
    fakes = {"tests.fakes.processes", "tests.fakes.real_server"}
    assert ours - fakes == {f"tests.contract.{m}" for m in _MODULES}
