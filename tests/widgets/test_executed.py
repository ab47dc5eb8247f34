"""Costs and models in a notebook that a program executes: a real kernel, no page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from coderchat_jupyter._demo import kernel_settings
from tests.kernels._server import ChatServer, run_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with run_server(tmp_path_factory.mktemp("server")) as running:
        yield running


def execute(place: Path, *cells: str) -> list[dict[str, str]]:
    """Run the cells in a kernel; what each shows at last, by media type."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells]
    )
    where = {"metadata": {"path": str(place)}}
    with kernel_settings() as settings:
        client = NotebookClient(notebook, timeout=60, resources=where, config=settings)
        client.execute()
    return [
        next((o["data"] for o in cell.outputs if "data" in o), {})
        for cell in notebook.cells
    ]


def test_costs_are_as_of_the_end_of_the_notebook(
    tmp_path: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also in a cell that stood before the chats; and models are listed."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    # A kernel is a process of its own: what it ends with is seen from its cells.
    settled = (
        "import time\n"
        "ends = time.monotonic() + 30\n"
        "while costs.present().totals.requests < 1 and time.monotonic() < ends:\n"
        "    time.sleep(0.05)"
    )

    shown = execute(
        tmp_path,
        "%load_ext coderchat_jupyter\nfrom coderchat_jupyter import *",
        "costs = CostExplorer()\ncosts",
        "ModelConfigEditor()",
        "%%chat -o reply\nHello",
        "reply.wait().status",
        settled,
        "costs_frame()",
        "costs.close()",
    )

    assert shown[1]["text/plain"].startswith("Unpriced; 1 request")
    assert "data:image/svg+xml;base64," in shown[1]["text/html"]
    assert "Scripted  Scripted  default" in shown[2]["text/plain"]
    assert "Scripted" in shown[6]["text/html"]
    assert server.token not in str(shown)
