"""A chat knows the notebook that it was made in."""

from __future__ import annotations

import httpx

from coderchat_jupyter.config import notebook_at
from tests.kernels._server import ChatServer
from tests.kernels.conftest import Start


def test_chats_are_labelled_with_the_notebook_and_found_again_by_it(
    start_kernel: Start, server: ChatServer
) -> None:
    """Its costs are those of its chats, after a restart of the kernel, too."""
    path = "/home/somebody/secret-project/analysis.ipynb"
    kernel = start_kernel(JPY_SESSION_NAME=path, **server.environment)
    kernel.run("%load_ext coderchat_jupyter")
    kernel.run("%%chat\nhello")
    kernel.run("_chat.wait();")
    notebook = notebook_at(path)
    assert notebook is not None

    headers = {"Coder-Session-Token": server.token}
    label = f"notebook-id:{notebook.notebook_id}"
    with httpx.Client(trust_env=False) as http:
        url = f"{server.url}/api/experimental/chats"
        found = http.get(url, headers=headers, params={"label": label}).json()

    assert [chat["id"] for chat in found] == [kernel.value("_chat.chat_id")]
    assert found[0]["labels"] == notebook.labels
    assert "secret-project" not in str(found[0]["labels"])
