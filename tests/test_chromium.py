"""Finding a browser for the tests, and saying what to do without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import _chromium


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    _chromium.find.cache_clear()
    yield
    _chromium.find.cache_clear()


def _program(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    path.chmod(0o755)
    return path


def test_the_named_browser_goes_before_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has several chooses."""
    mine = _program(tmp_path / "mine", "echo 'Chromium 1.2.3'")
    monkeypatch.setenv("CHROMIUM_PATH", str(mine))

    assert _chromium.find() == str(mine)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("echo 'please install the snap' >&2; exit 1", id="a stub"),
        pytest.param("echo 'Netscape 4'", id="another program"),
    ],
)
def test_a_program_that_is_no_chromium_is_refused_with_advice(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is installed over the head of someone who named a browser."""
    stub = _program(tmp_path / "chromium", text)
    monkeypatch.setenv("CHROMIUM_PATH", str(stub))

    with pytest.raises(_chromium.NoChromiumError, match="set CHROMIUM_PATH"):
        _chromium.find_or_install()
