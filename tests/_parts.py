"""The parts of `python3 -m tests`: what each runs, and the summary at the end.

Runs in the checkout's own environment. A part that fails does not stop the
next: one run shows everything there is to mend.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Final, NamedTuple

from coderchat_jupyter import _checkout
from tests import _chromium, _wheel
from tests._beside import beside, write_report
from tests._started import started

__all__ = ["main"]

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "js"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many checks of a part passed, failed and were skipped."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
        )


class _Row(NamedTuple):
    """What became of a part."""

    name: str
    outcome: Outcome
    seconds: float


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the checks, selectable by its name."""

    name: str
    what: str
    run: Callable[[list[str]], Outcome]
    is_beside: bool = False
    """It runs beside the part `python`, which leaves a core free now and then."""


def main(argv: Sequence[str]) -> int:
    """Run the named parts, or all; 0 only if nothing failed."""
    # What follows `--` goes to pytest as it is.
    words = list(argv)
    cut = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(
        prog="python3 -m tests",
        description="Runs every check; or only the parts named.",
        epilog="parts: " + "; ".join(f"{p.name} ({p.what})" for p in PARTS),
    )
    parser.add_argument("part", nargs="*", choices=[[], *(p.name for p in PARTS)])
    parser.add_argument("--report", type=Path, help=argparse.SUPPRESS)
    told = parser.parse_args(words[:cut])
    chosen = [part for part in PARTS if not told.part or part.name in told.part]
    _clean_environment()
    # Whoever ends us ends what we started, also as a job that ignores interrupts.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    rows = _run(chosen, words[cut + 1 :])
    if told.report is not None:
        write_report(
            told.report,
            [(name, astuple(outcome), seconds) for name, outcome, seconds in rows],
        )
    return _summary(rows)


def _run(chosen: Sequence[Part], extra: list[str]) -> list[_Row]:
    """Run parts one after the other, but for those that run beside `python`."""
    has_python = any(part.name == "python" for part in chosen)
    apart = [part.name for part in chosen if part.is_beside and has_python]
    rows: list[_Row] = []
    for part in chosen:
        if part.name in apart:
            continue
        with beside(apart if part.name == "python" else ()) as others:
            rows.append(_timed(part, extra))
        rows += [_Row(name, Outcome(*counts), took) for name, counts, took in others]
    return rows


def _timed(part: Part, extra: list[str]) -> _Row:
    print(f"\n=== {part.name}: {part.what}", flush=True)
    began = time.monotonic()
    try:
        outcome = part.run(extra)
    except (_checkout.SetupError, _chromium.NoChromiumError) as error:
        print(error, flush=True)
        outcome = Outcome(failed=1)
    return _Row(part.name, outcome, time.monotonic() - began)


def _summary(rows: list[_Row]) -> int:
    total = sum((row.outcome for row in rows), Outcome())
    print("\n=== summary")
    for name, outcome, seconds in rows:
        verdict = "FAILED" if outcome.failed else "ok"
        print(
            f"{name:<10} {verdict:<6} {outcome.passed:>5} passed"
            f" {outcome.failed:>4} failed {outcome.skipped:>4} skipped"
            f" {seconds:>7.1f} s"
        )
    print(f"\n{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    # No check at all is no success either.
    return 0 if total.passed and not total.failed else 1


def _lint(_: list[str]) -> Outcome:
    return _command("ruff", "check", ".") + _command("ruff", "format", "--check", ".")


def _layers(_: list[str]) -> Outcome:
    return _command("lint-imports")


def _types(_: list[str]) -> Outcome:
    return _command("mypy")


def _generated(_: list[str]) -> Outcome:
    """Regenerate; whatever changed was out of date, and now waits to be committed."""
    _checkout.install_page_tools(PAGE)
    before = _texts()
    made = _command("npm", "run", "--silent", "generate", directory=PAGE)
    after = _texts()
    changed = sorted(
        path for path in before | after if before.get(path) != after.get(path)
    )
    for path in changed:
        print(f"out of date, and written anew: {path.relative_to(ROOT)}")
    return made + (Outcome(failed=1) if changed else Outcome(passed=1))


def _texts() -> dict[Path, bytes]:
    return {
        path: path.read_bytes() for path in PAGE.rglob("src/**/*") if path.is_file()
    }


def _python(extra: list[str]) -> Outcome:
    # A file stays in one process, for what its tests share; a core for each process.
    spread = ("-n", "logical", "--maxprocesses", "4", "--dist", "loadfile")
    return _pytest("tests", "--ignore=tests/browser", *spread, *extra)


def _browser(extra: list[str]) -> Outcome:
    os.environ["CHROMIUM_PATH"] = _chromium.find_or_install()
    return _pytest("tests/browser", *extra)


def _page(_: list[str]) -> Outcome:
    _checkout.install_page_tools(PAGE)
    os.environ["CHROMIUM_PATH"] = _chromium.find_or_install()
    plain = Outcome()
    for name in ("lint", "types"):
        plain += _command("npm", "run", "--silent", name, directory=PAGE)
    return plain + _vitest()


def _vitest() -> Outcome:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "vitest.json"
        reporters = ("--reporter=default", "--reporter=json")
        done = _command(
            "npm", "test", "--", *reporters, f"--outputFile.json={report}",
            directory=PAGE,
        )  # fmt: skip
        if not report.is_file():
            return Outcome(failed=1)
        said = json.loads(report.read_text("utf-8"))
    failed = int(said["numFailedTests"])
    # An error outside of any test fails the run and counts nowhere.
    failed = failed or done.failed
    skipped = int(said["numPendingTests"]) + int(said["numTodoTests"])
    return Outcome(int(said["numPassedTests"]), failed, skipped)


def _built(_: list[str]) -> Outcome:
    return Outcome(*_wheel.check(ROOT))


def _pytest(*words: str) -> Outcome:
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "pytest.xml"
        done = _command(
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--durations=12",
            f"--junitxml={report}",
            *words,
        )
        if not report.is_file():
            return Outcome(failed=1)
        suites = ET.parse(report).getroot().iter("testsuite")  # noqa: S314
        counts = [{key: int(suite.get(key, 0)) for key in _COUNTS} for suite in suites]
    tests, failures, errors, skipped = (
        sum(count[key] for count in counts) for key in _COUNTS
    )
    failed = failures + errors or done.failed
    return Outcome(max(tests - failures - errors - skipped, 0), failed, skipped)


_COUNTS: Final = ("tests", "failures", "errors", "skipped")


def _command(*words: str, directory: Path = ROOT) -> Outcome:
    print("$", " ".join(words), flush=True)
    with started(words, directory) as process:
        returned = process.wait()
    return Outcome(failed=1) if returned else Outcome(passed=1)


def _clean_environment() -> None:
    """Nothing of the caller's deployment, proxies or notebooks reaches a test."""
    for name in list(os.environ):
        private = name.startswith(("CODER_", "CODERCHAT_", "JUPYTER", "JPY_"))
        if private or name.lower().endswith("_proxy"):
            del os.environ[name]
    # Our own tools before those of the machine.
    tools = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join([tools, os.environ.get("PATH", os.defpath)])


PARTS: Final = (
    Part("lint", "ruff", _lint),
    Part("layers", "imports go down only", _layers),
    Part("types", "mypy", _types, is_beside=True),
    Part("generated", "generated files are up to date", _generated),
    Part("python", "pytest", _python),
    Part("page", "TypeScript: biome, tsc, vitest in Chromium", _page),
    Part("browser", "JupyterLab in Chromium", _browser),
    Part(
        "wheel", "sdist and wheel, used in a clean environment", _built, is_beside=True
    ),
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
