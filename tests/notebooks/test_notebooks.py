"""The notebooks themselves: stored without outputs, and they run to their end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import nbformat
import pytest

from coderchat_jupyter import _demo, config
from tests.fakes.embedded import end_server

FOLDER: Final = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS: Final = sorted(FOLDER.glob("*.ipynb"))


@pytest.fixture
def own_server(model_folder: Path) -> Iterator[None]:
    """The model for the server that a notebook starts, and the end of that server."""
    settings = config.load()
    settings.data_dir.mkdir(mode=0o700)
    (settings.data_dir / "models").symlink_to(model_folder)
    yield
    end_server(settings.runtime_dir)


def _code(path: Path) -> list[Any]:
    book = nbformat.read(path, as_version=4)
    return [cell for cell in book.cells if cell.cell_type == "code"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_stored_short_and_without_outputs(path: Path) -> None:
    """A reader starts it; what it shows is then the reader's own."""
    book = nbformat.read(path, as_version=4)

    assert len(book.cells) < 20
    assert [cell.outputs for cell in _code(path) if cell.outputs] == []
    assert [cell.execution_count for cell in _code(path) if cell.execution_count] == []


@pytest.mark.usefixtures("own_server")
@pytest.mark.timeout(400)
def test_the_first_notebook_runs_and_its_copy_holds_the_answers(tmp_path: Path) -> None:
    """Anyone can read the executed copy, without a kernel and without the package."""
    out = tmp_path / "out.ipynb"

    status = _demo.execute(FOLDER / "01_first_chat.ipynb", out)

    assert status == 0
    chats = [cell for cell in _code(out) if cell.source.startswith("%%chat")]
    assert len(chats) >= 3
    for cell in chats:
        (output,) = cell.outputs
        assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
        asked = cell.source.partition("\n")[2]
        said, _, small_print = (
            output.data["text/plain"].partition("\n\n")[2].rpartition("\n\n")
        )
        assert asked in output.data["text/plain"]
        assert said.strip()
        assert "SmolLM2" in small_print


@pytest.mark.usefixtures("own_server")
@pytest.mark.timeout(400)
def test_the_notebook_of_scripts_runs_and_its_recording_plays_again(
    tmp_path: Path,
) -> None:
    """Whoever writes a program starts from these cells."""
    out = tmp_path / "out.ipynb"

    status = _demo.execute(FOLDER / "02_from_code.ipynb", out)

    assert status == 0
    told = {
        cell.id: "".join(o.get("text", "") for o in cell.outputs) for cell in _code(out)
    }
    assert told["session"].partition("whole:")[2].strip()
    assert re.search(r"(\d+) of \1 bytes", told["file"])
    assert "'file'" in told["lists"]
    assert told["record"].endswith("True\n")
