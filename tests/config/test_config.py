"""Settings, read from an environment and login files made for each test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from coderchat_jupyter import config
from coderchat_jupyter.config import Deployment, Incomplete

URL = "https://coder.example.com"
TOKEN = "abcdefghij-0123456789abcdef012345"


@pytest.fixture
def login(tmp_path: Path) -> Path:
    """The Coder CLI's own login, as `coder login` leaves it."""
    folder = tmp_path / "coderv2"
    folder.mkdir()
    (folder / "url").write_text(f"{URL}\n")
    (folder / "session").write_text(TOKEN)
    return folder


def _target(folder: Path, **env: str) -> config.Target:
    return config.load({"CODER_CONFIG_DIR": str(folder), **env}).target


def test_nothing_configured_means_the_embedded_server(tmp_path: Path) -> None:
    """Nobody has to sign up for anything."""
    assert _target(tmp_path / "absent") is None


def test_address_and_token_come_from_the_environment(tmp_path: Path) -> None:
    """The two variables that Coder's own tools use."""
    found = _target(tmp_path, CODER_URL=URL, CODER_SESSION_TOKEN=TOKEN)

    assert found == Deployment(url=URL, token=SecretStr(TOKEN))


def test_address_and_token_come_from_the_login_of_the_cli(login: Path) -> None:
    """Whoever ran `coder login` has nothing left to do."""
    assert _target(login) == Deployment(url=URL, token=SecretStr(TOKEN))


def test_the_environment_wins_over_the_login_of_the_cli(login: Path) -> None:
    """A variable is set for one run, a file for all of them."""
    found = _target(
        login, CODER_URL="http://127.0.0.1:3000", CODER_SESSION_TOKEN="other"
    )

    assert found == Deployment(url="http://127.0.0.1:3000", token=SecretStr("other"))


def test_a_token_alone_goes_to_the_address_of_the_login(login: Path) -> None:
    """A token of one's own for the deployment one is logged in to."""
    found = _target(login, CODER_SESSION_TOKEN="other")

    assert found == Deployment(url=URL, token=SecretStr("other"))


@pytest.mark.parametrize("same", [URL, f"{URL}/", "https://CODER.example.com"])
def test_a_stored_token_serves_an_address_that_is_the_same(
    login: Path, same: str
) -> None:
    """A slash or a capital makes no other deployment."""
    assert _target(login, CODER_URL=same) == Deployment(URL, SecretStr(TOKEN))


@pytest.mark.parametrize(
    "other", ["https://evil.example.com", "http://coder.example.com", f"{URL}:8443"]
)
def test_a_stored_token_is_never_sent_to_another_address(
    login: Path, other: str
) -> None:
    """It would hand a login to whoever can set a variable."""
    found = _target(login, CODER_URL=other)

    assert isinstance(found, Incomplete)
    assert f"coder login {other}" in found.reason


def test_an_address_without_a_token_is_not_the_embedded_server(tmp_path: Path) -> None:
    """A prompt meant for a deployment must not go anywhere else."""
    found = _target(tmp_path, CODER_URL=URL)

    assert isinstance(found, Incomplete)
    assert "CODER_SESSION_TOKEN" in found.reason
    assert "CODERCHAT_SERVER=embedded" in found.reason


def test_a_login_that_lost_its_token_is_not_the_embedded_server(login: Path) -> None:
    """The CLI may keep the token in the system's key store, where we cannot look."""
    (login / "session").unlink()

    found = _target(login)

    assert isinstance(found, Incomplete)
    assert f"coder login {URL}" in found.reason


def test_a_token_without_an_address_says_which_variable_is_missing(
    tmp_path: Path,
) -> None:
    """Half an answer is not completed by guessing."""
    found = _target(tmp_path, CODER_SESSION_TOKEN=TOKEN)

    assert isinstance(found, Incomplete)
    assert "CODER_URL" in found.reason
    assert TOKEN not in found.reason


def test_the_embedded_server_can_be_asked_for_by_name(login: Path) -> None:
    """Trying it out must not need a log out."""
    found = _target(
        login, CODERCHAT_SERVER="Embedded", CODER_URL=URL, CODER_SESSION_TOKEN=TOKEN
    )

    assert found is None


def test_an_unknown_kind_of_server_is_named(tmp_path: Path) -> None:
    """A typing mistake must not choose a server."""
    found = _target(tmp_path, CODERCHAT_SERVER="embeded")

    assert isinstance(found, Incomplete)
    assert "'embeded'" in found.reason


@pytest.mark.parametrize(
    "bad",
    [
        "coder.example.com",
        "ftp://coder.example.com",
        "https://",
        "https://coder.example.com:port",
        "https://me:hunter2@coder.example.com",
        "https://coder.example.com?token=hunter2",
        "https://[bad",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_and_not_repeated(
    tmp_path: Path, bad: str
) -> None:
    """It may hold a password, and the sentence ends up in a notebook."""
    found = _target(tmp_path, CODER_URL=bad, CODER_SESSION_TOKEN=TOKEN)

    assert isinstance(found, Incomplete)
    assert "CODER_URL" in found.reason
    assert "hunter2" not in found.reason


@pytest.mark.parametrize("bad", ["two words", "line\nbreak", "naïve", "bell\x07"])
def test_a_token_that_no_header_can_carry_is_refused_and_not_repeated(
    tmp_path: Path, bad: str
) -> None:
    """A line break would begin another header."""
    found = _target(tmp_path, CODER_URL=URL, CODER_SESSION_TOKEN=bad)

    assert isinstance(found, Incomplete)
    assert bad not in found.reason


@pytest.mark.parametrize("name", ["url", "session"])
def test_a_login_that_is_not_text_is_reported(login: Path, name: str) -> None:
    """A damaged file is a sentence, not a traceback."""
    (login / name).write_bytes(b"\xff\xfe\x00")

    found = _target(login)

    assert isinstance(found, Incomplete)
    assert "coder login" in found.reason


def test_a_login_that_is_a_folder_is_reported(login: Path) -> None:
    """So is anything else the system refuses to read."""
    (login / "session").unlink()
    (login / "session").mkdir()

    assert isinstance(_target(login), Incomplete)


def test_no_token_is_ever_shown() -> None:
    """Settings are the first thing one prints when something does not work."""
    settings = config.load({"CODER_URL": URL, "CODER_SESSION_TOKEN": TOKEN})

    assert TOKEN not in repr(settings)
    assert TOKEN not in str(settings)
    assert isinstance(settings.target, Deployment)
    assert settings.target.token.get_secret_value() == TOKEN


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="XDG is for the rest")
def test_the_default_folder_of_the_login_is_the_one_of_the_platform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without CODER_CONFIG_DIR the CLI and we look in the same place."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "coderv2"
    folder.mkdir()
    (folder / "url").write_text(URL)
    (folder / "session").write_text(TOKEN)

    assert config.load({}).target == Deployment(URL, SecretStr(TOKEN))


def test_folders_are_taken_from_the_environment(tmp_path: Path) -> None:
    """So that a test, or a second user of one account, has its own."""
    settings = config.load(
        {
            "CODERCHAT_DATA_DIR": str(tmp_path / "data"),
            "CODERCHAT_RUNTIME_DIR": str(tmp_path / "run"),
        }
    )

    assert settings.data_dir == tmp_path / "data"
    assert settings.runtime_dir == tmp_path / "run"


def test_runtime_files_stay_inside_a_data_folder_that_was_given(tmp_path: Path) -> None:
    """Two data folders are two servers; they must not find each other's address."""
    settings = config.load({"CODERCHAT_DATA_DIR": str(tmp_path)})

    assert tmp_path in settings.runtime_dir.parents


def test_reading_settings_writes_nothing(tmp_path: Path) -> None:
    """`doctor` reads them too."""
    config.load({"CODERCHAT_DATA_DIR": str(tmp_path / "data")})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("session", "name"),
    [
        ("/home/me/secret project/analysis.ipynb", "analysis.ipynb"),
        ("C:\\Users\\me\\analysis.ipynb", "analysis.ipynb"),
    ],
)
def test_a_notebook_is_known_by_its_file_name_alone(session: str, name: str) -> None:
    """The label travels to the server; the folders of a home need not."""
    notebook = config.load({"JPY_SESSION_NAME": session}).notebook

    assert notebook is not None
    assert notebook.name == name
    assert "me" not in notebook.notebook_id


@pytest.mark.parametrize("session", ["/home/me/console-1-8f7e", ""])
def test_what_is_no_notebook_has_no_labels(session: str) -> None:
    """A console has a session name as well."""
    assert config.load({"JPY_SESSION_NAME": session}).notebook is None


def test_notebooks_of_one_name_are_told_apart() -> None:
    """Every second notebook is called Untitled."""
    one = config.load({"JPY_SESSION_NAME": "/a/Untitled.ipynb"}).notebook
    two = config.load({"JPY_SESSION_NAME": "/b/Untitled.ipynb"}).notebook
    again = config.load({"JPY_SESSION_NAME": "/a/Untitled.ipynb"}).notebook

    assert one is not None
    assert two is not None
    assert one.labels["notebook"] == two.labels["notebook"]
    assert one.labels["notebook-id"] != two.labels["notebook-id"]
    assert one == again


def test_a_name_is_cut_to_what_a_label_can_hold() -> None:
    """The server refuses the whole chat for one byte too many."""
    notebook = config.load({"JPY_SESSION_NAME": f"/{'é' * 200}.ipynb"}).notebook

    assert notebook is not None
    assert notebook.name == "é" * 128


@pytest.mark.parametrize(
    ("value", "wait"), [("1", True), ("True", True), ("0", False), ("", False)]
)
def test_waiting_is_asked_for_by_a_variable(value: str, wait: bool) -> None:
    """A run without a screen cannot add an option to every cell."""
    assert config.load({"CODERCHAT_WAIT": value}).wait is wait
