"""From a bare checkout to a working environment, on the standard library alone.

The set-up commands of the README run on any Python, with nothing installed.
They come through `enter`, which makes a private `.venv` in the checkout,
installs the package into it, builds the page, and goes on there. What is up to
date is left alone, so the second run starts at once. An installed wheel has no
checkout around it, and everything here steps aside.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NoReturn

__all__ = ["SetupError", "build_page", "enter", "find_root", "in_own_environment"]

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
_SPEAKS_EVERY = 10.0
"""Seconds of silence after which a person wonders."""

CONSTRAINTS = "tests/constraints.txt"
"""The versions that every test passed with; keeps a new machine like the last."""


class SetupError(Exception):
    """A step of the set-up failed; the message says what to do about it."""


def find_root() -> Path | None:
    """The checkout this file stands in, or None for an installed wheel."""
    root = Path(__file__).resolve().parent.parent
    here = (root / "pyproject.toml").is_file() and (root / "js/package.json").is_file()
    return root if here else None


def in_own_environment(root: Path) -> bool:
    """Whether this interpreter is the one of the checkout's private `.venv`."""
    return Path(sys.prefix).resolve() == (root / ".venv").resolve()


def enter(module: str, arguments: list[str], *, tests: bool = False) -> None:
    """Return in an environment that can run `module`, or end the process.

    The set-up commands, which are the demo and the tests, bring the checkout's
    own environment up to date and go on there, in place of this process. Other
    commands do so only where nothing is installed: they change nothing below a
    kernel that runs.
    """
    root = find_root()
    if root is None:
        return
    setting_up = tests or arguments[:1] == ["demo"]
    if not setting_up and (in_own_environment(root) or _is_installed()):
        return
    # Else each of the many processes compiles all that it imports.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    try:
        _check_python()
        build_page(root)
        python, changed = _prepare(root, tests=tests)
    except SetupError as error:
        sys.exit(f"\ncoderchat: {error}")
    if in_own_environment(root) and not changed:
        return
    _go_on(python, ["-m", module, *arguments])


def build_page(root: Path) -> None:
    """Build the page if its sources changed since the last time.

    Raises:
        SetupError: Node is missing or too old, or the build failed.
    """
    page = root / "js"
    built = root / "coderchat_jupyter" / "widgets" / "static"
    stamp = built / "sources.sha256"
    wanted = _digest(page, _page_sources(page))
    if stamp.is_file() and stamp.read_text("ascii").strip() == wanted:
        return
    npm = _npm()
    install_page_tools(page, npm)
    _say("Building the page ...")
    _run([npm, "run", "--silent", "build"], page, "The page could not be built.")
    stamp.write_text(wanted + "\n", "ascii")


def install_page_tools(page: Path, npm: str | None = None) -> None:
    """Install what `package-lock.json` names, unless it is there already."""
    lock = page / "package-lock.json"
    stamp = page / "node_modules" / ".installed.sha256"
    wanted = _digest(page, [lock])
    if stamp.is_file() and stamp.read_text("ascii").strip() == wanted:
        return
    _say("Installing what builds the page (npm) ...")
    _run(
        [npm or _npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        page,
        "npm could not install what builds the page. Is its registry reachable?",
    )
    stamp.write_text(wanted + "\n", "ascii")


def _check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        have = ".".join(map(str, sys.version_info[:3]))
        raise SetupError(
            f"Python {have} is too old: this needs 3.11 or newer. "
            "Run the command with a newer one, for example `python3.12 -m ...`."
        )


def _is_installed() -> bool:
    try:
        importlib.metadata.distribution("coderchat-jupyter")
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _npm() -> str:
    hint = (
        f"Node.js {OLDEST_NODE} or newer builds the page. Install it from your "
        "system's packages (Debian: `apt install nodejs npm`) or from nodejs.org."
    )
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        missing = "Node.js" if node is None else "npm"
        raise SetupError(f"{missing} was not found. {hint}")
    said = subprocess.run(
        [node, "--version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    number = re.match(r"v(\d+)\.", said)
    if number is None or int(number[1]) < OLDEST_NODE:
        raise SetupError(f"Node.js {said or 'of unknown version'} is too old. {hint}")
    return npm


def _prepare(root: Path, *, tests: bool) -> tuple[Path, bool]:
    """Bring `.venv` up to date: its interpreter, and whether packages changed."""
    python = _interpreter(root)
    stamp = root / ".venv" / "coderchat-ready.json"
    wanted: dict[str, object] = {
        "sources": _digest(root, [root / "pyproject.toml", root / CONSTRAINTS]),
        "checkout": str(root),
        "tests": tests,
    }
    have = _read_stamp(stamp)
    # The tests' environment can do everything; the demo does not shrink it.
    if have in (wanted, {**wanted, "tests": True}):
        return python, False
    wanted["tests"] = tests or have.get("tests", False)
    _install(root, python, tests=bool(wanted["tests"]))
    stamp.write_text(json.dumps(wanted), "utf-8")
    return python, True


def _interpreter(root: Path) -> Path:
    """The private environment's interpreter; makes the environment if need be."""
    home = root / ".venv"
    names = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    python = home.joinpath(*names)
    works = python.exists() and _succeeds([str(python), "-c", "import pip"])
    if works:
        return python
    _say(f"Making a private environment in {home.name}/ ...")
    # `--clear` would delete a directory that a person put there; only a broken
    # environment of ours may go.
    if home.exists() and not (home / "pyvenv.cfg").is_file():
        raise SetupError(f"{home} is in the way: it is not a virtual environment.")
    _run(
        [sys.executable, "-m", "venv", "--clear", str(home)],
        root,
        "Python could not make a virtual environment. On Debian and Ubuntu: "
        "`apt install python3-venv`.",
    )
    return python


def _install(root: Path, python: Path, *, tests: bool) -> None:
    import tomllib

    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    extra = project["dependency-groups"]["dev"] if tests else []
    command = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    # Byte code is made of what is imported; making all of it takes as long as the rest.
    command += ["--no-compile", "--no-input", "--progress-bar", "off"]
    command += ["--editable", f"{root}[all]", *extra]
    if (root / CONSTRAINTS).is_file():
        command += ["--constraint", str(root / CONSTRAINTS)]
    _say("Installing Python packages (some minutes the first time) ...")
    _run(
        command,
        root,
        "pip could not install what this needs. If no package index can be "
        "reached, set one as for any pip (PIP_INDEX_URL, PIP_CERT, a proxy).",
    )


def _page_sources(page: Path) -> list[Path]:
    """Every file that the page is built from."""
    files = [
        path
        for pattern in ("*.json", "*.mjs", "src/**/*")
        for path in page.glob(pattern)
        if path.is_file()
    ]
    return sorted(files)


def _digest(base: Path, paths: list[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        if path.is_file():
            total.update(f"{path.relative_to(base).as_posix()}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _read_stamp(stamp: Path) -> dict[str, object]:
    try:
        value = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _run(command: list[str], directory: Path, failed: str) -> None:
    """Run one step; while it runs, a line now and then says how far it is."""
    said: list[str] = []
    spoke = time.monotonic()
    with subprocess.Popen(
        command,
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as process:
        for line in process.stdout or ():
            said.append(line.rstrip())
            if said[-1].strip() and time.monotonic() - spoke > _SPEAKS_EVERY:
                spoke = time.monotonic()
                _say(f"  {said[-1].strip()[:76]}")
    if process.returncode:
        raise SetupError(f"{failed}\n\n{_cut(said)}")


def _cut(lines: list[str], ends: int = 14) -> str:
    """The first and the last lines: tools name the cause in either."""
    if len(lines) > 2 * ends:
        lines[ends:-ends] = ["..."]
    return "\n".join(lines)


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _go_on(python: Path, arguments: list[str]) -> NoReturn:
    command = [str(python), *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "nt":  # exec there detaches from the console
        raise SystemExit(subprocess.run(command, check=False).returncode)
    os.execv(command[0], command)
