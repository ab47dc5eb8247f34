"""One JupyterLab for all browser tests, cut off from the user's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.error import URLError

__all__ = ["Lab", "run_lab"]

_STARTS_WITHIN: Final = 90.0

_SETTINGS: Final = {
    # A popup about news would cover part of the page.
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
    # Off-screen cells would have no DOM to look at.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    # Only what a test saves on purpose is saved.
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


@dataclass(frozen=True, slots=True)
class Lab:
    """A running JupyterLab."""

    url: str
    root: Path
    """Where its notebooks lie."""

    data: Path
    """Where its kernels are described."""

    def add_kernel(self, name: str, environment: dict[str, str]) -> None:
        """Describe a Python kernel that starts with these variables set."""
        folder = self.data / "kernels" / name
        folder.mkdir(parents=True, exist_ok=True)
        connection = ("-f", "{connection_file}")
        spec = {
            "argv": [sys.executable, "-m", "ipykernel_launcher", *connection],
            "display_name": f"Python ({name})",
            "language": "python",
            "env": environment,
        }
        (folder / "kernel.json").write_text(json.dumps(spec), "utf-8")


@contextmanager
def run_lab(place: Path, own: dict[str, str]) -> Iterator[Lab]:
    """Start JupyterLab on a free port; end it and its kernels at the end.

    Its kernels see the variables of `own`.
    """
    folders = {
        "JUPYTER_CONFIG_DIR": place / "config",
        "JUPYTER_DATA_DIR": place / "data",
        "JUPYTER_RUNTIME_DIR": place / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": place / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": place / "workspaces",
        "IPYTHONDIR": place / "ipython",
    }
    root = place / "notebooks"
    for folder in (root, *folders.values()):
        folder.mkdir(parents=True, mode=0o700)
    for name, value in _SETTINGS.items():
        path = folders["JUPYTERLAB_SETTINGS_DIR"] / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value), "utf-8")
    apart = {name: str(path) for name, path in folders.items()}
    environment = {**os.environ, **apart, **own}
    log = place / "jupyterlab.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            _command(root),
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = _address(process, folders["JUPYTER_RUNTIME_DIR"], log)
        yield Lab(url=url, root=root, data=folders["JUPYTER_DATA_DIR"])
    finally:
        process.send_signal(signal.SIGTERM)  # it ends its kernels first
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(root: Path) -> list[str]:
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": "0",
        "ServerApp.root_dir": str(root),
        "ServerApp.open_browser": "False",
        "ServerApp.disable_check_xsrf": "True",
        "IdentityProvider.token": "",
        "LabApp.expose_app_in_browser": "True",
        "LabApp.news_url": "",
    }
    words = [f"--{name}={value}" for name, value in options.items()]
    return [sys.executable, "-m", "jupyterlab", "--allow-root", *words]


def _address(process: subprocess.Popen[bytes], runtime: Path, log: Path) -> str:
    """Wait until the server said where it is, and answers there."""
    told = runtime / f"jpserver-{process.pid}.json"
    until = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        # The file may be there and not be whole yet.
        with suppress(OSError, ValueError, KeyError, URLError):
            port = json.loads(told.read_text("utf-8"))["port"]
            url = f"http://127.0.0.1:{port}"
            with urllib.request.urlopen(f"{url}/api", timeout=5):  # noqa: S310
                return url
        time.sleep(0.05)
    tail = "\n".join(log.read_text("utf-8", "replace").splitlines()[-20:])
    raise AssertionError(f"JupyterLab did not start:\n{tail}")
