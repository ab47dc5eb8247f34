"""The conversations of the record, call for call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from secrets import token_hex
from typing import Final

from tests.conform.files import files
from tests.conform.player import PHRASE, Player, Socket, words
from tests.conform.settings import (
    config_endpoints,
    create_validation,
    model_configs,
)
from tests.conform.tools import dynamic_tool

__all__ = ["SALT", "SCENARIOS"]

SALT: Final = token_hex(4)
"""Where the record says SALT: the vendor fails once for each prompt."""

Scenario = Callable[[Player], Awaitable[None]]


async def _hello(player: Player) -> None:
    chat = await player.create("#hello say hello to the whole wide world please")
    async with player.stream(chat) as socket:
        await socket.status("waiting")
    await player.look(chat)
    newest = max(m["id"] for m in player.exchanges[-2]["response"]["messages"])
    for query in ("", f"?after_id={newest}", f"?after_id={newest - 1}"):
        async with player.stream(chat, query):
            pass
    async with player.stream(chat, f"?after_id={2**63 - 1}"):
        pass


async def _second_turn(player: Player) -> None:
    chat = await player.create("#hello one")
    await player.rest(chat)
    async with player.stream(chat) as socket:
        idle = await socket.status("waiting")
        await player.send(chat, "#think two")
        await socket.status("running", after=idle)
        await socket.status("waiting", after=idle + 1)
    await player.look(chat)
    await player.call("GET", f"/chats/{chat}/prompts")
    await player.call("GET", f"/chats/{chat}/prompts", params={"limit": 1})


async def _queue(player: Player) -> None:
    chat = await player.create("#slow first")
    async with player.stream(chat) as socket:
        await socket.part()
        queued = [
            (await player.send(chat, text))["queued_message"]["id"]
            for text in ("#hello second", "#hello third", "#hello fourth")
        ]
        await player.call("GET", f"/chats/{chat}/messages")
        for which in (queued[1], queued[1], "x"):
            await player.call("DELETE", f"/chats/{chat}/queue/{which}")
        await player.rest(chat)
    await player.look(chat)


async def _begun(player: Player, socket: Socket, chat: str) -> None:
    """Wait until an answer is well under way, and its chat has its name."""
    await socket.part()
    seen = len(socket.events)
    await socket.until(lambda: len(socket.events) > seen + 5)
    await player.named(chat, None)


async def _interrupt(player: Player) -> None:
    chat = await player.create("#slower go on")
    async with player.stream(chat) as socket:
        await _begun(player, socket, chat)
        await player.call("POST", f"/chats/{chat}/interrupt")
        await socket.status("waiting")
    await player.look(chat, None)
    await player.call("POST", f"/chats/{chat}/interrupt")


async def _archive_running(player: Player) -> None:
    chat = await player.create("#slower go on")
    async with player.stream(chat) as socket:
        await _begun(player, socket, chat)
        await player.call("PATCH", f"/chats/{chat}", {"archived": True})
        await socket.status("waiting")
    await player.look(chat, None)
    async with player.stream(chat):
        pass
    await player.call("POST", f"/chats/{chat}/interrupt")
    await player.call("POST", f"/chats/{chat}/title/regenerate")
    await player.call("PATCH", f"/chats/{chat}", {"title": "x"})


async def _edit_idle(player: Player) -> None:
    chat = await player.create("#hello one")
    await player.rest(chat)
    await player.send(chat, "#hello two")
    await player.rest(chat)
    found = (await player.call("GET", f"/chats/{chat}/messages"))["messages"]
    users = sorted(m["id"] for m in found if m["role"] == "user")
    answer = next(m["id"] for m in found if m["role"] == "assistant")
    async with player.stream(chat) as socket:
        idle = await socket.status("waiting")
        await player.call(
            "PATCH", f"/chats/{chat}/messages/{users[1]}", words("#think two again")
        )
        await socket.status("running", after=idle)
        await socket.status("waiting", after=idle + 1)
    await player.look(chat)
    for which, text in ((users[1], "gone"), (answer, "x"), (0, "x"), ("abc", "x")):
        await player.call("PATCH", f"/chats/{chat}/messages/{which}", words(text))


async def _queue_in_snapshot(player: Player) -> None:
    chat = await player.create("#slow first")
    await player.rest(chat, "running")
    async with player.stream(chat) as socket:
        await socket.part()
        for text in ("#hello second", "#hello third"):
            await player.send(chat, text)
    async with player.stream(chat) as socket:
        await socket.part()
        async with player.stream(chat, "?after_id=0"):
            pass
        await player.rest(chat)
    await player.look(chat)


async def _model_switch(player: Player) -> None:
    chat = await player.create("#hello one")
    await player.rest(chat)
    await player.send(chat, "#hello two", model_config_id=player.other_model)
    await player.rest(chat)
    await player.send(chat, "#hello three, same model")
    await player.rest(chat)
    await player.look(chat)


async def _unread(player: Player) -> None:
    mine = {"label": f"run:{SALT}"}
    chat = await player.create("#hello one", labels={"run": SALT})
    await player.rest(chat)
    await player.named(chat)
    await player.call("GET", "/chats", params=mine)
    async with player.stream(chat):
        await player.call("GET", "/chats", params=mine)
    await player.call("GET", "/chats", params=mine)
    await player.send(chat, "#hello two")
    await player.rest(chat)
    await player.named(chat)
    await player.call("GET", "/chats", params=mine)
    await player.call("GET", "/chats", params={**mine, "q": "has_unread:true"})


async def _plan_mode(player: Player) -> None:
    chat = await player.create("#ask me", plan_mode="plan")
    async with player.stream(chat) as socket:
        await socket.status("waiting", "error", "requires_action")
    await player.look(chat, PHRASE)
    await player.send(chat, "#hello Blue")
    await player.rest(chat)
    await player.send(chat, "#plan now", plan_mode="plan")
    await player.rest(chat)
    await player.look(chat)


async def _subagent(player: Player) -> None:
    async with player.listen("/chats/watch"):
        chat = await player.create("#spawnwait a helper")
        async with player.stream(chat) as socket:
            await socket.status("waiting", "error")
        await player.look(chat)
        family = await player.call("GET", f"/chats/{chat}")
        for child in (kid["id"] for kid in family["children"]):
            await player.look(child, is_root=False)
            async with player.stream(child):
                pass
            await player.call("PATCH", f"/chats/{child}", {"pin_order": 1})
            await player.send(child, "#hello to the child")
            await player.rest(child)
            await player.call("PATCH", f"/chats/{child}", {"archived": True})
        await player.call("PATCH", f"/chats/{chat}", {"archived": True})
        await player.call("GET", f"/chats/{chat}")


async def _watch(player: Player) -> None:
    async with player.listen("/chats/watch"):
        chat = await player.create("#hello watched")
        await player.rest(chat, "waiting")
        await player.named(chat)
        for change in ({"title": "Renamed"}, {"archived": True}, {"archived": False}):
            await player.call("PATCH", f"/chats/{chat}", change)


def _with_vendor(name: str) -> Scenario:
    async def play(player: Player) -> None:
        chat = await player.create(f"#{name} {SALT} please")
        async with player.stream(chat) as socket:
            await socket.status("waiting", "error")
        fails = name.startswith("err")
        await player.look(chat, None if fails else "Scripted label")

    return play


SCENARIOS: Final[dict[str, Scenario]] = {
    "archive_running": _archive_running,
    "dynamic_tool": dynamic_tool,
    "edit_idle": _edit_idle,
    "files": files,
    "config_endpoints": config_endpoints,
    "model_configs": model_configs,
    "create_validation": create_validation,
    "hello": _hello,
    "interrupt": _interrupt,
    "model_switch": _model_switch,
    "plan_mode": _plan_mode,
    "queue": _queue,
    "queue_in_snapshot": _queue_in_snapshot,
    "second_turn": _second_turn,
    "subagent": _subagent,
    "unread": _unread,
    "watch": _watch,
    **{
        f"provider_{name}": _with_vendor(name)
        for name in ("cache", "drop", "err400", "err401", "errquota", "retry429")
    },
}
