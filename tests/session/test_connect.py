"""Which server a notebook talks to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from coderchat_jupyter import config
from coderchat_jupyter.errors import ConfigurationError
from coderchat_jupyter.session import connect, default_client, use_client
from coderchat_jupyter.session._connect import reviver

URL = "https://coder.example.com"
TOKEN = "abcdefghij-secretsecretsecret22"


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("CODER_CONFIG_DIR", str(tmp_path / "coderv2"))
    use_client(None)
    yield
    use_client(None)


@pytest.fixture
def deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CODER_URL", URL)
    monkeypatch.setenv("CODER_SESSION_TOKEN", TOKEN)


@pytest.mark.usefixtures("deployment")
def test_the_environment_names_the_deployment() -> None:
    """And no server of our own is started."""
    client = connect()

    assert client.url == URL
    assert reviver(client) is None


def test_the_login_of_the_coder_cli_is_used(tmp_path: Path) -> None:
    """Who is logged in there has nothing to set."""
    folder = tmp_path / "coderv2"
    folder.mkdir()
    (folder / "url").write_text(URL)
    (folder / "session").write_text(TOKEN)

    assert connect().url == URL


@pytest.mark.usefixtures("deployment")
def test_arguments_win() -> None:
    """They are what the user has just written."""
    assert connect("http://other.example.com/", TOKEN).url == "http://other.example.com"


@pytest.mark.parametrize(
    ("url", "token", "words"),
    [(URL, None, "needs a token"), (None, TOKEN, "needs an address")],
)
def test_half_of_the_arguments_is_refused(
    url: str | None, token: str | None, words: str
) -> None:
    """Completing it by guessing could send a token to a stranger."""
    with pytest.raises(ConfigurationError, match=words):
        connect(url, token)


def test_half_of_a_configuration_never_starts_our_own_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The prompt would go to a place that its author did not mean."""
    monkeypatch.setenv("CODER_URL", URL)

    with pytest.raises(ConfigurationError, match="CODER_SESSION_TOKEN"):
        default_client()

    assert not config.load().runtime_dir.exists()


@pytest.mark.usefixtures("deployment")
def test_all_cells_share_one_client() -> None:
    """And its connections."""
    assert default_client() is default_client()


def test_another_deployment_in_the_environment_is_noticed(
    deployment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who corrects a mistake must not have to restart the kernel."""
    first = default_client()

    monkeypatch.setenv("CODER_URL", "https://other.example.com")

    assert default_client().url == "https://other.example.com"
    assert default_client() is not first


@pytest.mark.usefixtures("deployment")
def test_a_chosen_client_stays_chosen() -> None:
    """Whatever the environment says."""
    mine = connect("http://other.example.com", TOKEN)

    use_client(mine)

    assert default_client() is mine
    asyncio.run(mine.aclose())
