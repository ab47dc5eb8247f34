"""Builds sdist and wheel, and uses the wheel where the checkout is out of reach."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

__all__ = ["check"]

# Runs in the clean environment: core dependencies only, no extra.
_PROBE = """
import importlib.metadata, importlib.resources, pathlib, sys

import coderchat_jupyter as package

heavy = {"pandas", "sqlalchemy", "starlette", "pydantic_ai"} & set(sys.modules)
assert not heavy, f"import coderchat_jupyter loads {heavy}"
from coderchat_jupyter import _demo

for name in package.__all__:
    getattr(package, name)
static = importlib.resources.files(package) / "widgets" / "static"
page = [f.name for f in static.iterdir() if f.name.endswith(".js")]
assert page, "the wheel carries no page"
notebook = _demo.first_notebook()
assert notebook.is_file(), "the wheel carries no first notebook"
assert notebook.parent == pathlib.Path.cwd(), "the notebook is the user's own copy"
size = sum(len(f.read_bytes()) for f in static.iterdir() if f.is_file())
version = importlib.metadata.version("coderchat-jupyter")
print(f"coderchat-jupyter {version}: {len(package.__all__)} public names,")
print(f"page of {len(page)} scripts, {size / 1024:.0f} KB before compression")
"""


def check(root: Path) -> tuple[int, int, int]:
    """Build, install, import and run; the counts of passed, failed and skipped."""
    with tempfile.TemporaryDirectory(prefix="coderchat-wheel-") as directory:
        place = Path(directory)
        steps = (
            # The wheel is made from the sdist, so both must be whole.
            [sys.executable, "-m", "build", "--no-isolation", "-o", "dist", str(root)],
            lambda: _install(root, place),
            lambda: [str(_bin(place) / "python"), "-I", "-c", _PROBE],
            lambda: [str(_bin(place) / "coderchat"), "--help"],
        )
        passed = 0
        for step in steps:
            command = step() if callable(step) else step
            if not _run(command, place):
                return passed, 1, 0
            passed += 1
    return passed, 0, 0


def _install(root: Path, place: Path) -> list[str]:
    venv.create(place / "clean", with_pip=True)
    (wheel,) = (place / "dist").glob("*.whl")
    python = str(_bin(place) / "python")
    constraints = str(root / "tests" / "constraints.txt")
    return [
        *(python, "-m", "pip", "install", "-q", "--disable-pip-version-check"),
        *("--constraint", constraints, str(wheel)),
    ]


def _bin(place: Path) -> Path:
    return place / "clean" / ("Scripts" if os.name == "nt" else "bin")


def _run(command: list[str], place: Path) -> bool:
    shown = " ".join("..." if "\n" in word else word for word in command)
    print("$", shown.replace(f"{place}{os.sep}", ""), flush=True)
    done = subprocess.run(
        command,
        cwd=place,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # Building is chatty; what it says matters when it fails.
    if done.returncode or len(done.stdout) < 2000:
        print(done.stdout, flush=True)
    return done.returncode == 0
