"""Settings: the only module that reads the environment.

Which deployment a notebook talks to, first match wins:

1. `CODERCHAT_SERVER=embedded`: our own server, whatever else is set.
2. The address from `CODER_URL`, else from the file `url` of the Coder CLI's login;
   the token from `CODER_SESSION_TOKEN`, else from the file `session` beside it.
3. Neither in the environment nor in the files: our own server.

Half of an answer is never completed by guessing. An address without a token, a token
without an address and a stored token made for another address are `Incomplete`, which
says what to do; they do not fall back to our own server, because a prompt would then
go to a place that its author did not mean.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final, TypeAlias
from urllib.parse import SplitResult, urlsplit

import platformdirs
from pydantic import SecretStr

__all__ = [
    "Deployment",
    "Incomplete",
    "Notebook",
    "Settings",
    "Target",
    "load",
    "notebook_at",
]

_APP: Final = "coderchat_jupyter"

# The folder that the Coder CLI keeps its login in, on every platform.
_CLI_FOLDER: Final = "coderv2"

_OR_EMBEDDED: Final = (
    "To use the embedded server instead, set CODERCHAT_SERVER=embedded."
)


@dataclass(frozen=True, slots=True)
class Deployment:
    """A server and the token that opens it.

    Attributes:
        url: Scheme, host and path, without a slash at the end.
        token: Never shown by `repr`.
    """

    url: str
    token: SecretStr


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A deployment was named, but not so that it can be used.

    Attributes:
        reason: What is missing and what to do, fit to show to a user.
    """

    reason: str


Target: TypeAlias = Deployment | Incomplete | None
"""Where to connect to. None is our own server."""


@dataclass(frozen=True, slots=True)
class Notebook:
    """The notebook a kernel runs, as far as a server should know it.

    Attributes:
        name: File name. The folders above it stay on this machine.
        notebook_id: Tells notebooks of one name apart; made from machine and path.
    """

    name: str
    notebook_id: str

    @property
    def labels(self) -> dict[str, str]:
        """What a chat of this notebook is labelled with, and found again by."""
        return {"notebook": self.name, "notebook-id": self.notebook_id}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that comes from the environment of this process.

    Attributes:
        target: Where to connect to; None is the embedded server.
        data_dir: For what must last: database, model file. May not exist yet.
        runtime_dir: For what lives as long as a process of this machine: address and
            pid of the embedded server. Differs between machines that share a home.
        notebook: The notebook this kernel runs, where the front end tells it.
        wait: `CODERCHAT_WAIT=1`: every `%%chat` is done when its answer is, so that
            a notebook run without a screen is saved with its answers.
    """

    target: Target
    data_dir: Path
    runtime_dir: Path
    notebook: Notebook | None
    wait: bool


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings as they are now; nothing is cached and nothing is written.

    Args:
        environ: Read instead of the environment of this process.
    """
    env = os.environ if environ is None else environ
    data_dir = _folder(env, "CODERCHAT_DATA_DIR") or platformdirs.user_data_path(
        _APP, appauthor=False
    )
    # Inside the data directory and not in the system's temporary one: that is shared
    # with other users, who could have made the folder before us.
    local = data_dir / "run" / (platform.node() or "local")
    return Settings(
        target=_target(env),
        data_dir=data_dir,
        runtime_dir=_folder(env, "CODERCHAT_RUNTIME_DIR") or local,
        notebook=notebook_at(env.get("JPY_SESSION_NAME", "").strip()),
        wait=_truth(env, "CODERCHAT_WAIT"),
    )


def _target(env: Mapping[str, str]) -> Target:
    wanted = env.get("CODERCHAT_SERVER", "").strip().lower()
    if wanted == "embedded":
        return None
    if wanted:
        return Incomplete(
            f"CODERCHAT_SERVER is {wanted!r}; the only value it knows is 'embedded'."
        )
    folder = _folder(env, "CODER_CONFIG_DIR") or platformdirs.user_config_path(
        _CLI_FOLDER, appauthor=False, roaming=True
    )
    try:
        stored_url, stored_token = _read(folder / "url"), _read(folder / "session")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not text"
        return Incomplete(
            f"The login of the Coder CLI could not be read ({why}). "
            f"Run `coder login` again. {_OR_EMBEDDED}"
        )
    given_url = env.get("CODER_URL", "").strip()
    given_token = env.get("CODER_SESSION_TOKEN", "").strip()
    return _pair(given_url, given_token, stored_url, stored_token)


def _pair(
    given_url: str, given_token: str, stored_url: str, stored_token: str
) -> Target:
    """Bring an address and a token together, or say why that cannot be done."""
    url = given_url or stored_url
    named = "CODER_URL" if given_url else "`coder login`"
    if not url:
        if given_token or stored_token:
            return Incomplete(
                "There is a Coder session token but no address. Set CODER_URL to "
                f"the address of your deployment. {_OR_EMBEDDED}"
            )
        return None
    address = _split(url)
    if address is None:
        return Incomplete(
            f"The address from {named} is not usable. It must look like "
            "https://coder.example.com, without a user name or a query."
        )
    token = given_token or stored_token
    if not token:
        return Incomplete(
            f"{named} names {_clean(address)}, but there is no session token. Set "
            "CODER_SESSION_TOKEN (`coder tokens create` prints one) or run "
            f"`coder login {_clean(address)}`. {_OR_EMBEDDED}"
        )
    # A stored token is for the deployment it was made by. Any other one that is
    # named in the environment must not get to see it.
    if not given_token and given_url and not _same(address, _split(stored_url)):
        return Incomplete(
            f"CODER_URL names {_clean(address)}, but the stored login of the Coder "
            "CLI is for another deployment. Set CODER_SESSION_TOKEN or run "
            f"`coder login {_clean(address)}`. {_OR_EMBEDDED}"
        )
    # It travels in a header, where a line break would begin another header.
    if not token.isascii() or not token.isprintable() or " " in token:
        return Incomplete(
            "The Coder session token holds characters that no token has. Set "
            "CODER_SESSION_TOKEN again, without quotes or line breaks."
        )
    return Deployment(url=_clean(address), token=SecretStr(token))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises when it is not a number
    except ValueError:
        return None
    good = parts.scheme in ("http", "https") and parts.hostname
    if not good or parts.username is not None or parts.query or parts.fragment:
        return None
    return parts


def _clean(parts: SplitResult) -> str:
    return f"{parts.scheme}://{parts.netloc.lower()}{parts.path.rstrip('/')}"


def _same(one: SplitResult, other: SplitResult | None) -> bool:
    return other is not None and _clean(one) == _clean(other)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def _folder(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name, "").strip()
    return Path(value).expanduser().absolute() if value else None


def notebook_at(path: str) -> Notebook | None:
    """The notebook at a path of this machine; None when that is no notebook."""
    pure = PureWindowsPath(path) if "\\" in path else PurePosixPath(path)
    # Consoles and terminals have a session name too.
    if pure.suffix != ".ipynb":
        return None
    digest = hashlib.sha256(f"{platform.node()}:{path}".encode())
    # 256 bytes is the server's limit for the value of a label.
    name = pure.name.encode()[:256].decode(errors="ignore")
    return Notebook(name=name, notebook_id=digest.hexdigest()[:16])


def _truth(env: Mapping[str, str], name: str) -> bool:
    return env.get(name, "").strip().lower() in ("1", "true", "yes", "on")
