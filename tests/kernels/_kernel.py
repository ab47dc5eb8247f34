"""A real ipykernel, driven over its sockets; no browser and no user's settings."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from queue import Empty
from typing import Any, Final, TypeAlias

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

from coderchat_jupyter._demo import kernel_settings

__all__ = ["Kernel", "Message", "run_kernel"]

Message: TypeAlias = dict[str, Any]

PATIENCE: Final = 60.0


class Kernel:
    """Runs cells and keeps every message that the kernel publishes, in order."""

    def __init__(self, client: BlockingKernelClient, manager: KernelManager) -> None:
        self._client = client
        self._manager = manager
        self.messages: list[Message] = []

    def run(self, code: str) -> Run:
        """Run a cell until the kernel is idle again; later messages come later."""
        message_id = self._client.execute(code)
        return self._finish(message_id)

    def start(self, code: str) -> str:
        """Send a cell and do not wait."""
        return str(self._client.execute(code))

    def finish(self, message_id: str) -> Run:
        """Wait for a cell that was sent before."""
        return self._finish(message_id)

    def interrupt(self) -> None:
        """The stop button of the toolbar."""
        self._manager.interrupt_kernel()

    def ask_to_end(self) -> None:
        """What a page sends when a user shuts the kernel down."""
        message = self._client.session.msg("shutdown_request", {"restart": False})
        self._client.control_channel.send(message)

    def send_comm(self, comm_id: str, data: dict[str, Any]) -> None:
        """A page's message to a widget."""
        content = {"comm_id": comm_id, "data": {"method": "custom", "content": data}}
        message = self._client.session.msg("comm_msg", content)
        self._client.shell_channel.send(message)

    def value(self, expression: str) -> Any:
        """The value of an expression that JSON can hold."""
        run = self.run(f"import json; print('=' + json.dumps({expression}))")
        return json.loads(run.stdout.rpartition("=")[2])

    def until(self, happened: Callable[[], bool]) -> None:
        """Read on until something has happened."""
        give_up = time.monotonic() + PATIENCE
        while not happened():
            self._read()
            assert time.monotonic() < give_up, [m["msg_type"] for m in self.messages]

    def _finish(self, message_id: str) -> Run:
        def is_idle() -> bool:
            return any(
                m["msg_type"] == "status"
                and m["parent_header"].get("msg_id") == message_id
                and m["content"]["execution_state"] == "idle"
                for m in self.messages
            )

        self.until(is_idle)
        while True:
            reply = self._client.get_shell_msg(timeout=PATIENCE)
            if reply["parent_header"].get("msg_id") == message_id:
                break
        return Run(reply["content"], [m for m in self.messages if _of(m, message_id)])

    def _read(self) -> None:
        try:
            self.messages.append(self._client.get_iopub_msg(timeout=0.2))
        except Empty:
            return


class Run:
    """What came of one cell while it ran."""

    def __init__(self, reply: Message, messages: list[Message]) -> None:
        self.reply = reply
        self.messages = messages

    @property
    def status(self) -> str:
        return str(self.reply["status"])

    @property
    def stdout(self) -> str:
        return self._stream("stdout")

    @property
    def stderr(self) -> str:
        return self._stream("stderr")

    @property
    def kinds(self) -> list[str]:
        return [m["msg_type"] for m in self.messages]

    def display_id(self) -> str:
        """Of the one display that the cell made."""
        (shown,) = (m for m in self.messages if m["msg_type"] == "display_data")
        return str(shown["content"]["transient"]["display_id"])

    def _stream(self, name: str) -> str:
        return "".join(
            m["content"]["text"]
            for m in self.messages
            if m["msg_type"] == "stream" and m["content"]["name"] == name
        )


def size(message: Message) -> int:
    """Bytes of a message on the wire, its envelope included."""
    parts = ("header", "parent_header", "metadata", "content")
    text = sum(len(json.dumps(message[part], default=str)) for part in parts)
    return text + sum(len(buffer) for buffer in message.get("buffers") or ())


@contextmanager
def run_kernel(place: Path, environment: Mapping[str, str]) -> Iterator[Kernel]:
    """Start a kernel with a kernelspec of its own; end it at the end."""
    spec = place / "kernels" / "under-test"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": argv, "display_name": "under test", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(about), "utf-8")
    specs = KernelSpecManager(kernel_dirs=[str(spec.parent)])
    with kernel_settings() as settings:
        manager = KernelManager(
            kernel_name="under-test", kernel_spec_manager=specs, config=settings
        )
        with (place / "kernel.log").open("wb") as log:
            manager.start_kernel(
                cwd=str(place),
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
            )
        client = manager.client()
        # A large message that was not copied would start a thread that never ends.
        client.session.copy_threshold = 2**30
        client.start_channels()
        try:
            client.wait_for_ready(timeout=PATIENCE)
            yield Kernel(client, manager)
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()
            client.context.term()


def _of(message: Message, message_id: str) -> bool:
    return bool(message["parent_header"].get("msg_id") == message_id)
