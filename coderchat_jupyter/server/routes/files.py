"""Files: stored for a chat to come, and given back."""

from __future__ import annotations

import asyncio
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from coderchat_jupyter.server.failures import (
    RequestError,
    bad_request,
    forbidden,
    not_found,
)
from coderchat_jupyter.server.routes._endpoint import Call, answer, endpoint
from coderchat_jupyter.server.routes._go_json import normal_uuid
from coderchat_jupyter.server.storage import files
from coderchat_jupyter.wire._disposition import (
    content_disposition,
    name_of,
    parse_media_type,
)
from coderchat_jupyter.wire._media import (
    MEDIA_TYPES,
    OCTET_STREAM,
    is_compatible,
    stored_media_type,
    stored_name,
)
from coderchat_jupyter.wire.files import MAX_FILE_BYTES, UploadedFile
from coderchat_jupyter.wire.ids import FileId, OrganizationId

__all__ = ["fetch", "upload"]

# Read and thrown away beyond the cap, so that the client hears the answer.
_DRAINED_BYTES: Final = 64 * 2**20

# A reader of PDFs runs what is in them.
_SHOWN: Final = frozenset(MEDIA_TYPES) - {"application/pdf"}


@endpoint
async def upload(call: Call) -> Response:
    """`POST /chats/files`."""
    home = _organization(call)
    declared = _declared(call.request)
    if declared not in (*MEDIA_TYPES, OCTET_STREAM):
        raise _unsupported()
    data = await _body(call.request)
    name = stored_name(name_of(_header(call.request, "content-disposition")))
    if not name:
        raise bad_request(
            "Filename is required.",
            detail="Provide a filename in the Content-Disposition header.",
        )
    # Ten megabytes take a while to look through.
    found = await asyncio.to_thread(stored_media_type, name, data)
    if found not in MEDIA_TYPES:
        raise _unsupported()
    if not is_compatible(declared, found):
        raise bad_request(
            "File content type does not match Content-Type header.",
            detail=f'Header declared "{declared}" but file content was detected as '
            f'"{found}".',
        )
    service = call.service
    async with service.database.write() as connection:
        file_id = await files.add_file(
            connection,
            service.moves.clock(),
            owner_id=call.user.id,
            organization_id=home,
            name=name,
            media_type=found,
            data=data,
        )
    return answer(UploadedFile(id=file_id), 201)


@endpoint
async def fetch(call: Call) -> Response:
    """`GET /chats/files/{file}`."""
    try:
        file_id = FileId(normal_uuid(call.request.path_params["file"]))
    except ValueError:
        raise bad_request("Invalid file ID.") from None
    async with call.service.database.read() as connection:
        found = await files.readable_files(connection, call.user, [file_id])
        if file_id not in found:
            raise not_found()
        data = await files.file_data(connection, file_id)
    file = found[file_id]
    kind = "inline" if file.media_type in _SHOWN else "attachment"
    return Response(
        data,
        headers={
            "content-type": file.media_type,
            "content-disposition": content_disposition(file.name, kind=kind),
            "cache-control": "private, max-age=31536000, immutable",
        },
    )


def _organization(call: Call) -> OrganizationId:
    text = call.request.query_params.get("organization", "")
    if not text:
        raise bad_request("Missing organization query parameter.")
    try:
        home = OrganizationId(normal_uuid(text))
    except ValueError:
        raise bad_request("Invalid organization ID.") from None
    if home not in call.user.organization_ids:
        raise forbidden()
    return home


def _declared(request: Request) -> str:
    """The type that the upload says it has; one that cannot be read as it stands."""
    told = _header(request, "content-type") or OCTET_STREAM
    try:
        return parse_media_type(told)[0]
    except ValueError:
        return told


def _header(request: Request, name: str) -> str:
    """A header as UTF-8, which many send as it is, though HTTP knows only ASCII."""
    told = request.headers.get(name, "")
    return told.encode("latin-1").decode("utf-8", "replace")


def _unsupported() -> RequestError:
    allowed = ", ".join(MEDIA_TYPES)
    return bad_request("Unsupported file type.", detail=f"Allowed types: {allowed}.")


async def _body(request: Request) -> bytes:
    """The body, if it is not too large.

    Raises:
        RequestError: 413; 400 if the client went away in the middle.
    """
    raw = bytearray()
    size = 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size <= MAX_FILE_BYTES:
                raw += chunk
            elif size > _DRAINED_BYTES:
                break
    except ClientDisconnect:
        raise bad_request("Failed to read file.", detail="unexpected EOF") from None
    if size > MAX_FILE_BYTES:
        raise RequestError(
            413,
            "File too large.",
            detail=f"Maximum file size is {MAX_FILE_BYTES >> 20} MB.",
        )
    return bytes(raw)
