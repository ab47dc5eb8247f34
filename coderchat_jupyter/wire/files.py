"""Files of a chat: what may be sent, what came back, and the limits of both."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from pydantic import Field

from coderchat_jupyter.wire._base import WireModel
from coderchat_jupyter.wire._media import MEDIA_TYPES
from coderchat_jupyter.wire._values import Moment
from coderchat_jupyter.wire._words import Words
from coderchat_jupyter.wire.ids import FileId
from coderchat_jupyter.wire.messages import FileInput

__all__ = [
    "MAX_FILES_PER_CHAT",
    "MAX_FILE_BYTES",
    "FileDownloadUrl",
    "MediaType",
    "UploadedFile",
]

MAX_FILE_BYTES: Final = 10_485_760
"""The server's cap on one file (10 MiB); one byte more is refused with 413."""

MAX_FILES_PER_CHAT: Final = 50
"""Files that one chat may link (20 before v2.34). More are sent, but not listed."""

MediaType: TypeAlias = Annotated[str, Words(*MEDIA_TYPES)]
"""What a server stores (upstream `ChatAttachmentMediaType`)."""


class UploadedFile(WireModel):
    """A file that the server has stored (upstream `UploadChatFileResponse`).

    Give it as a piece of `content` when a chat is made or a message is sent. Until
    then it belongs to no chat, and the server may remove it after some days.
    """

    id: FileId

    @property
    def input_part(self) -> FileInput:
        """The part of a message that shows this file to the model."""
        return FileInput(file_id=self.id)


class FileDownloadUrl(WireModel):
    """An address that gives a file to whoever has it, for a while (after v2.36).

    `sha256` is in hexadecimal, `size_bytes` in bytes.
    """

    # Whoever reads it may fetch the file.
    url: str = Field(default="", repr=False)
    expires_at: Moment | None = None
    sha256: str = ""
    size_bytes: int = 0
    name: str = ""
    mime_type: MediaType = ""
