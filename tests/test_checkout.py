"""The set-up of a bare checkout: what it asks for, and what it leaves alone."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent

_NODE = '#!/bin/sh\necho "v20.1.0"\n'
_OLD_NODE = '#!/bin/sh\necho "v18.20.0"\n'

# Does what our npm scripts do, as far as the set-up can see, and notes the call.
_NPM = """#!/bin/sh
echo "$@" >> calls
case "$1" in
  ci) mkdir -p node_modules ;;
  *) mkdir -p ../coderchat_jupyter/widgets/static ;;
esac
"""

_BROKEN_NPM = "#!/bin/sh\necho 'error: the registry is on fire'\nexit 1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of nothing but what the set-up looks at."""
    root = tmp_path / "checkout"
    (root / "coderchat_jupyter").mkdir(parents=True)
    (root / "js" / "src").mkdir(parents=True)
    shutil.copy(ROOT / "coderchat_jupyter/_checkout.py", root / "coderchat_jupyter")
    (root / "pyproject.toml").write_text("", "utf-8")
    for name in ("package.json", "package-lock.json", "src/page.ts"):
        (root / "js" / name).write_text("{}", "utf-8")
    return root


def _setup(root: Path) -> ModuleType:
    """The set-up code, as it stands in that checkout."""
    path = root / "coderchat_jupyter" / "_checkout.py"
    spec = importlib.util.spec_from_file_location("checkout_under_test", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _tools(place: Path, monkeypatch: pytest.MonkeyPatch, **scripts: str) -> None:
    """Make these the only programs besides the system's."""
    place.mkdir(exist_ok=True)
    for name, text in scripts.items():
        (place / name).write_text(text, "utf-8")
        (place / name).chmod(0o755)
    # The shell and `mkdir` come from here; Node must not.
    needed = place / "system"
    needed.mkdir(exist_ok=True)
    for name in ("sh", "mkdir"):
        found = shutil.which(name)
        assert found is not None
        if not (needed / name).exists():
            (needed / name).symlink_to(found)
    monkeypatch.setenv("PATH", f"{place}:{needed}")


def test_the_page_is_built_once_and_again_when_its_sources_change(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second start must be quick, and never show yesterday's page."""
    _tools(tmp_path / "bin", monkeypatch, node=_NODE, npm=_NPM)
    setup = _setup(checkout)
    calls = checkout / "js" / "calls"

    setup.build_page(checkout)
    setup.build_page(checkout)
    first = calls.read_text("utf-8").splitlines()
    (checkout / "js/src/page.ts").write_text("changed", "utf-8")
    setup.build_page(checkout)
    second = calls.read_text("utf-8").splitlines()

    assert [line.split()[0] for line in first] == ["ci", "run"]
    assert [line.split()[0] for line in second] == ["ci", "run", "run"]


def test_a_changed_lock_installs_the_tools_again(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pull may bring other versions of what builds the page."""
    _tools(tmp_path / "bin", monkeypatch, node=_NODE, npm=_NPM)
    setup = _setup(checkout)

    setup.build_page(checkout)
    (checkout / "js/package-lock.json").write_text("changed", "utf-8")
    setup.build_page(checkout)

    calls = (checkout / "js" / "calls").read_text("utf-8").splitlines()
    assert [line.split()[0] for line in calls] == ["ci", "run", "ci", "run"]


@pytest.mark.parametrize(
    ("scripts", "words"),
    [
        pytest.param({}, "Node.js was not found", id="no Node"),
        pytest.param({"node": _NODE}, "npm was not found", id="no npm"),
        pytest.param(
            {"node": _OLD_NODE, "npm": _NPM}, "Node.js v18.20.0 is too old", id="old"
        ),
        pytest.param(
            {"node": _NODE, "npm": _BROKEN_NPM}, "the registry is on fire", id="broken"
        ),
    ],
)
def test_what_is_missing_for_the_page_is_named(
    scripts: dict[str, str],
    words: str,
    checkout: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who has only Python gets a sentence, not a trace."""
    _tools(tmp_path / "bin", monkeypatch, **scripts)
    setup = _setup(checkout)

    with pytest.raises(setup.SetupError, match=words):
        setup.build_page(checkout)


def test_a_folder_that_is_no_environment_is_not_touched(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Making the environment clears the folder; it must be one of ours."""
    _tools(tmp_path / "bin", monkeypatch, node=_NODE, npm=_NPM)
    precious = checkout / ".venv" / "notes.txt"
    precious.parent.mkdir()
    precious.write_text("mine", "utf-8")
    setup = _setup(checkout)

    with pytest.raises(SystemExit) as ended:
        setup.enter("coderchat_jupyter", ["demo"])

    assert "is in the way" in str(ended.value)
    assert precious.read_text("utf-8") == "mine"


def test_what_is_compiled_once_may_be_kept(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The tests start hundreds of processes; each would compile all it imports."""
    _tools(tmp_path / "bin", monkeypatch, node=_NODE, npm=_NPM)
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    (checkout / ".venv").mkdir()

    with pytest.raises(SystemExit):
        _setup(checkout).enter("tests", [], tests=True)

    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_an_installed_wheel_is_never_set_up(checkout: Path) -> None:
    """Without a checkout around it there is nothing to prepare."""
    (checkout / "pyproject.toml").unlink()

    assert _setup(checkout).find_root() is None
    assert _setup(checkout).enter("coderchat_jupyter", ["demo"]) is None


def test_the_set_up_needs_nothing_but_the_standard_library() -> None:
    """It runs before anything is installed."""
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); "
        "import coderchat_jupyter.__main__, tests.__main__"
    )

    # -S leaves out everything that is installed.
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert done.returncode == 0
