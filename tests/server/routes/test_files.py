"""Files: what is stored, what is refused, who may read, and what a chat lists."""

from __future__ import annotations

from email.message import Message
from typing import Any, Final

import httpx
import pytest

from coderchat_jupyter.client import Client
from coderchat_jupyter.errors import InvalidRequestError
from coderchat_jupyter.server.providers._protocol import FileContent, TextContent
from coderchat_jupyter.wire.files import MAX_FILE_BYTES
from coderchat_jupyter.wire.ids import ChatId, FileId
from tests.server.world import Person, World

URL: Final = "/api/experimental/chats/files"
UNKNOWN: Final = "11111111-1111-4111-8111-111111111111"
PNG: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)


async def upload(
    person: Person, data: bytes, kind: str, name: str = "a.txt", **params: str
) -> httpx.Response:
    headers = {"Content-Type": kind} if kind else {}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return await person.http.post(
        URL,
        content=data,
        headers=headers,
        params=params or {"organization": person.organization},
    )


async def stored(person: Person, data: bytes = b"text", name: str = "a.txt") -> str:
    answer = await upload(person, data, "", name)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def create(person: Person, *files: str) -> httpx.Response:
    body = {
        "organization_id": person.organization,
        "content": [{"type": "file", "file_id": file} for file in files],
    }
    return await person.call("POST", "/chats", body)


TAKEN: Final = [
    (b"hello file", "text/plain", "a.txt", "text/plain"),
    (b"a,b\n1,2\n", "text/csv", "t.csv", "text/csv"),
    (PNG, "image/png", "p.png", "image/png"),
    (b'{"a":1}', "text/plain", "x.json", "application/json"),
    (b"plain", "application/octet-stream", "o.txt", "text/plain"),
    (b"", "text/plain", "e.txt", "text/plain"),
    (b"# hi", "text/plain", "r.md", "text/markdown"),
    (b"%PDF-1.7", "", "r.pdf", "application/pdf"),
]


async def test_a_file_comes_back_as_the_type_it_really_is(admin: Person) -> None:
    """Each line but the last is in the record of a deployment."""
    for data, declared, name, kept in TAKEN:
        answer = await upload(admin, data, declared, name)
        file = await admin.http.get(f"{URL}/{answer.json()['id']}")

        assert (answer.status_code, list(answer.json())) == (201, ["id"])
        assert (file.status_code, file.content) == (200, data)
        assert file.headers["content-type"] == kept
        assert file.headers["content-length"] == str(len(data))
        shown = "attachment" if kept == "application/pdf" else "inline"
        assert file.headers["content-disposition"] == f"{shown}; filename={name}"
        assert file.headers["cache-control"] == "private, max-age=31536000, immutable"
        assert file.headers["x-content-type-options"] == "nosniff"


NAMES: Final = [
    ('attachment; filename="größe 数.txt"'.encode(), "größe 数.txt"),
    (b"attachment; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt", "größe.txt"),
    (b"attachment; filename=\"old.txt\"; filename*=utf-8''n%C3%B6.txt", "nö.txt"),
    (b'attachment; filename="n\xf6.txt"', "n\ufffd.txt"),
    (b"form-data; filename=plain.txt", "plain.txt"),
]


async def test_a_name_beyond_ascii_comes_back_whole(admin: Person) -> None:
    """Sent raw, or as RFC 6266 has it; told as Go writes it."""
    for header, name in NAMES:
        answer = await admin.http.post(
            URL,
            content=b"x",
            headers=[(b"content-disposition", header)],
            params={"organization": admin.organization},
        )
        file = await admin.http.get(f"{URL}/{answer.json()['id']}")

        message = Message()
        message["content-disposition"] = file.headers["content-disposition"]
        assert message.get_filename() == name
        assert file.headers["content-disposition"].isascii()


@pytest.mark.parametrize("kind", ["text/plain; charset=utf-8", "Text/Plain;"])
async def test_parameters_of_a_type_do_not_matter(admin: Person, kind: str) -> None:
    assert (await upload(admin, b"x", kind)).status_code == 201


@pytest.mark.parametrize("kind", ["text/plain; charset", "text/plain;;", "text"])
async def test_a_type_that_cannot_be_read_is_refused(admin: Person, kind: str) -> None:
    assert (await upload(admin, b"x", kind)).status_code == 400


REFUSED: Final = [
    ("svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png", "x.svg"),
    ("mismatch", b"hello", "image/png", "x.png"),
    ("zip", b"PK\x03\x04aaaa", "application/zip", "x.zip"),
    ("hidden zip", b"PK\x03\x04aaaa", "text/plain", "x.txt"),
    ("no name", b"x", "text/plain", ""),
    ("no name left", b"x", "text/plain", "\x7f "),
]


async def test_a_file_that_is_refused_says_why(admin: Person) -> None:
    """With message and detail, as recorded."""
    for why, data, declared, name in REFUSED:
        answer = await upload(admin, data, declared, name)

        keys = sorted(answer.json())
        assert (answer.status_code, keys) == (400, ["detail", "message"]), why


async def test_a_file_needs_a_home_of_its_owner(admin: Person) -> None:
    """The answer to none has a message and nothing else; a foreign one is forbidden."""
    for params in ({"other": "1"}, {"organization": ""}, {"organization": "x"}):
        answer = await upload(admin, b"x", "text/plain", **params)

        assert (answer.status_code, list(answer.json())) == (400, ["message"])

    foreign = await upload(admin, b"x", "text/plain", organization=UNKNOWN)
    assert foreign.status_code == 403


async def test_ten_mebibytes_are_taken_and_one_byte_more_is_not(admin: Person) -> None:
    """413, with the connection read to its end so that it is heard."""
    whole = await upload(admin, b"a" * MAX_FILE_BYTES, "text/plain")
    more = await upload(admin, b"a" * (MAX_FILE_BYTES + 1), "text/plain")

    assert (whole.status_code, more.status_code) == (201, 413)
    assert set(more.json()) == {"message", "detail"}


async def test_a_file_that_is_none_has_only_a_message(admin: Person) -> None:
    """As recorded."""
    for file, status in (("x", 400), (UNKNOWN, 404)):
        answer = await admin.http.get(f"{URL}/{file}")

        assert (answer.status_code, list(answer.json())) == (status, ["message"])


async def test_a_file_is_read_by_its_owner_and_by_no_other_user(
    admin: Person, other: Person
) -> None:
    """To others it does not exist, also as a part of a message."""
    theirs = await stored(admin)
    mine = await stored(other)

    assert (await other.http.get(f"{URL}/{theirs}")).status_code == 404
    assert (await admin.http.get(f"{URL}/{mine}")).status_code == 200
    refused = await create(other, theirs)
    assert refused.status_code == 400
    assert "does not exist" in refused.json()["detail"]


async def test_a_chat_lists_the_files_of_its_messages(admin: Person) -> None:
    """In the answer that makes it and in its own, not in the list of chats."""
    file = await stored(admin, PNG, "p.png")

    made = (await create(admin, file, file)).json()
    one = (await admin.call("GET", f"/chats/{made['id']}")).json()
    [row] = (await admin.call("GET", "/chats")).json()

    [listed] = one["files"]
    assert made["files"] == one["files"]
    assert "files" not in row
    assert listed.pop("created_at")
    assert listed == {
        "id": file,
        "owner_id": admin.id,
        "organization_id": admin.organization,
        "name": "p.png",
        "mime_type": "image/png",
    }


async def test_a_part_carries_the_type_and_the_name_of_its_file(admin: Person) -> None:
    """A client can show it without fetching it."""
    chat = (await create(admin, await stored(admin, PNG, "p.png"))).json()

    page = (await admin.call("GET", f"/chats/{chat['id']}/messages")).json()

    [part] = page["messages"][-1]["content"]
    assert (part["type"], part["media_type"]) == ("file", "image/png")
    assert (part["name"], part["text"], part["file_name"]) == ("p.png", "", "")


async def test_a_chat_links_fifty_files_and_warns_of_more(admin: Person) -> None:
    """The message is stored all the same, and none of its files is linked."""
    files = [await stored(admin, b"x", f"{n}.txt") for n in range(51)]

    full = (await create(admin, *files[:50])).json()
    path = f"/chats/{full['id']}/messages"
    again = {"content": [{"type": "file", "file_id": files[0]}]}
    more = {"content": [{"type": "file", "file_id": files[50]}]}
    known = (await admin.call("POST", path, again)).json()
    warned = (await admin.call("POST", path, more)).json()

    assert len(full["files"]) == 50
    assert "warnings" not in full | known
    [warning] = warned["warnings"]
    assert "50" in warning
    one = (await admin.call("GET", f"/chats/{full['id']}")).json()
    assert len(one["files"]) == 50


async def test_our_own_client_sends_a_file_in_a_message_and_fetches_it(
    world: World, admin: Person
) -> None:
    """Text, file, text: the order of a message is the order of its parts."""
    token = admin.account.token
    told: list[tuple[int, int]] = []
    async with Client(world.url, token) as client:
        file = await client.files.upload(
            b"a,b\n1,2\n",
            name="prïces 🎉.csv",
            progress=lambda *now: told.append(now),
        )
        chat = await client.chats.create(["Look at", file, "please"])
        back = await client.files.download(file.id)
        page = await client.messages.list(ChatId(chat.id))
        with pytest.raises(InvalidRequestError, match="Invalid file ID"):
            await client.files.download(FileId("x"))

    content: list[Any] = [part.type for part in page.messages[-1].content]
    assert content == ["text", "file", "text"]
    assert (back.data, back.media_type) == (b"a,b\n1,2\n", "text/csv")
    assert back.name == "prïces 🎉.csv"
    assert [listed.name for listed in chat.files] == ["prïces 🎉.csv"]
    assert told == [(0, 8), (8, 8)]


async def test_a_model_is_shown_the_files_of_a_message(
    world: World, admin: Person
) -> None:
    """In their place between the texts, and again in the next turn."""
    file = await stored(admin, b"a,b\n1,2\n", "t.csv")
    body = {
        "organization_id": admin.organization,
        "content": [
            {"type": "text", "text": "Sum"},
            {"type": "file", "file_id": file},
        ],
    }

    chat = (await admin.call("POST", "/chats", body)).json()
    await world.puppet.asked()
    world.puppet.answer("3 and 3.")
    await admin.settled(chat["id"])
    await admin.send(chat["id"], "Sure?")
    await world.puppet.asked(2)
    world.puppet.answer("Yes.")

    table = FileContent("t.csv", "text/csv", b"a,b\n1,2\n")
    for call in world.puppet.calls:
        assert call.messages[0].parts == (TextContent("Sum"), table)
