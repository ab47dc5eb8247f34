"""Calls on files: send one, fetch one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import httpx
from pydantic import TypeAdapter

from coderchat_jupyter.client import _failures
from coderchat_jupyter.client._downloads import DownloadedFile, fetch, read_all, save
from coderchat_jupyter.client._http import Http
from coderchat_jupyter.client._refusals import not_readable
from coderchat_jupyter.client._uploads import Progress, Source, pieces_of, prepare
from coderchat_jupyter.client.resources.users import Users
from coderchat_jupyter.errors import CoderChatError, ProtocolError
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire._disposition import content_disposition
from coderchat_jupyter.wire._media import plain_type
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.files import FileDownloadUrl, UploadedFile
from coderchat_jupyter.wire.ids import FileId, OrganizationId

__all__ = ["Files"]

MAX_DOWNLOAD_BYTES: Final = 64 << 20
"""What a download may hold unless told otherwise: agents keep recordings, too."""

_UPLOADED: Final = TypeAdapter(UploadedFile)


class Files:
    """Files of chats. A server takes some uploads a minute (12), then BusyError."""

    def __init__(self, http: Http, users: Users) -> None:
        self._http = http
        self._users = users

    async def upload(
        self,
        source: Source,
        *,
        name: str = "",
        media_type: str = "",
        organization_id: OrganizationId | None = None,
        progress: Progress | None = None,
    ) -> UploadedFile:
        """Store a file, so that messages can show it to the model.

            table = await client.files.upload(frame, name="prices.csv")
            await client.messages.send(chat.id, ["What moved?", table])

        What the server would refuse is refused here, before anything is sent: more
        than 10 MiB, other types than JSON, PDF, GIF, JPEG, PNG, WebP, CSV, Markdown
        and plain text (which is what other text files count as), a type that the
        contents belie, no name.

        Args:
            source: A path; bytes; an open file, which is read from where it stands
                to its end and left open; or a data frame of pandas or polars, which
                becomes CSV. A pandas index is a column unless it only counts rows.
                Reading is done in a thread: do not change it meanwhile.
            name: What the file is called: bytes need one. Its ending tells kinds of
                text apart. Control characters are dropped, and more than 255 bytes.
            media_type: What it is said to be. Found out by contents and name if
                empty; `application/octet-stream` leaves it to the server.
            organization_id: Where it belongs; the caller's default if None. It has
                to be the organisation of the chat.
            progress: Called with the bytes sent so far and all of them. What it
                raises ends the upload; nothing is stored then.

        Raises:
            InvalidRequestError: The file was refused, here or by the server.
            BusyError: Too many uploads; `retry_after` may say when to go on.
            ConnectionLostError: The connection broke. The file may have been stored:
                sending it again is safe, but makes a second one.
            OSError: The source cannot be read.
            TypeError: It is nothing that can be uploaded.
            NotCoderError: Something else answers there.
        """
        file = await prepare(source, name=name, media_type=media_type)
        home = organization_id or await self._users.default_organization_id()
        try:
            async with self._http.open(
                "POST",
                routes.FILES,
                params={"organization": home},
                headers={
                    "Content-Type": file.media_type,
                    "Content-Disposition": content_disposition(file.name),
                    "Content-Length": str(len(file.data)),
                },
                content=pieces_of(file.data, progress),
            ) as answer:
                try:
                    return decode(_UPLOADED, await answer.aread(), what="UploadedFile")
                except ProtocolError as error:
                    failed: CoderChatError = _unreadable(error, answer)
        except CoderChatError as error:
            failed = error
        # Without the frames that hold the answer: it may hold anything.
        raise _failures.bare(failed)

    async def download(
        self, file_id: FileId, *, max_bytes: int = MAX_DOWNLOAD_BYTES
    ) -> DownloadedFile:
        """Fetch a file: its bytes, type and name.

        Args:
            file_id: A file of yours, or of a chat that you may read.
            max_bytes: How large it may be.

        Raises:
            NotFoundError: No such file, it is gone, or it is not for you to see.
            ProtocolError: It is larger than `max_bytes`.
        """
        return await fetch(
            self._http,
            routes.chat_file(file_id),
            lambda answer: read_all(answer, file_id, max_bytes=max_bytes),
        )

    async def save(
        self,
        file_id: FileId,
        to: str | os.PathLike[str],
        *,
        max_bytes: int = MAX_DOWNLOAD_BYTES,
    ) -> Path:
        """Fetch a file into a file of this machine, piece by piece.

        Args:
            file_id: A file of yours, or of a chat that you may read.
            to: A path, which is replaced once the whole file is there; or a folder,
                in which it gets the name it was uploaded by (no folders in it).
            max_bytes: How large it may be.

        Returns:
            Where it is now.

        Raises:
            NotFoundError: No such file, it is gone, or it is not for you to see.
            ProtocolError: It is larger than `max_bytes`.
            FileExistsError: The folder has a file of that name.
            OSError: It cannot be written.
        """
        return await fetch(
            self._http,
            routes.chat_file(file_id),
            lambda answer: save(answer, file_id, to, max_bytes=max_bytes),
        )

    async def download_url(self, file_id: FileId) -> FileDownloadUrl:
        """An address that gives a file to whoever has it, for a while (after v2.36).

        Raises:
            NotFoundError: No such file, or it is not for you to see.
            UnsupportedError: The server is older: use `download`.
        """
        found: FileDownloadUrl = await self._http.send(
            "POST", routes.chat_file_url(file_id), returns=FileDownloadUrl
        )
        return found


def _unreadable(error: ProtocolError, answer: httpx.Response) -> CoderChatError:
    """What to say of a receipt that is none."""
    # Another type is not told: a hostile server may say the token there.
    if plain_type(answer.headers.get("Content-Type", "")) != "text/html":
        return error
    return not_readable(
        error,
        address=f"{answer.url.scheme}://{answer.url.netloc.decode()}",
        status=answer.status_code,
        content_type="text/html",
    )
