"""Transcripts as facts: what a server decided, free of ids, times and races.

A transcript is a list of exchanges. Ids become names in the order they are first
seen; events of one socket are put in groups by their type, because the reference
promises no order between types. A fact is one leaf: its path and its value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.fakes.vendor_plays import FOX

__all__ = ["Difference", "differences", "facts_of", "grouped"]

Exchange = dict[str, Any]
Facts = dict[str, Any]

_ZERO: Final = "00000000-0000-0000-0000-000000000000"
_UUID: Final = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)")
_NUMBERED: Final = re.compile(r"(?<=/queue/)\d+|(?<=/messages/)\d+")
_IDS: Final = frozenset({"id", "message_id", "after_id", "before_id"})
_CLOCKED: Final = frozenset({"t", "delay_ms", "runtime_ms", "total_runtime_ms"})
_SLOW: Final = FOX * 60
_WHOLE: Final = frozenset(
    answer for n in (12, 40) for answer in (FOX * n, (FOX * n).rstrip())
)
_ASKED: Final = frozenset(
    {"request", "note", "who", "method", "path", "params", "label"}
)
_WORDING: Final = frozenset({"message", "detail", "__text__"})
_ABSENT: Final = "<absent>"


@dataclass
class _Names:
    """Stable names for what differs from run to run."""

    uuids: dict[str, str] = field(default_factory=dict)
    numbers: dict[int, str] = field(default_factory=dict)

    def of(self, value: Any, key: str = "") -> Any:
        if key in _CLOCKED:
            return "<n>"
        if isinstance(value, dict):
            return {self._text(k): self.of(v, k) for k, v in value.items()}
        if isinstance(value, list):
            return [self.of(item, key) for item in value]
        if isinstance(value, str):
            return self._text(value)
        if key in _IDS and isinstance(value, int) and not isinstance(value, bool):
            return self._number(value)
        return value

    def _text(self, value: str) -> str:
        if value not in _WHOLE:
            if len(value) > 2 and _SLOW.startswith(value):
                return "<part of the slow answer>"
            if len(value) > 400:
                return "<long text>"
        value = _UUID.sub(self._uuid, value)
        value = _NUMBERED.sub(lambda found: str(self._number(int(found[0]))), value)
        return _TIME.sub("<time>", value)

    def _uuid(self, found: re.Match[str]) -> str:
        if found[0] == _ZERO:
            return _ZERO
        return self.uuids.setdefault(found[0], f"<uuid{len(self.uuids)}>")

    def _number(self, value: int) -> int | str:
        if not 0 < value < 10**8:
            return value
        return self.numbers.setdefault(value, f"<id{len(self.numbers)}>")


def facts_of(exchanges: Iterable[Exchange]) -> Facts:
    """The facts of a raw transcript."""
    names = _Names()
    facts: Facts = {}
    for index, exchange in enumerate(exchanges):
        raw = {key: value for key, value in exchange.items() if key != "t"}
        if raw["kind"] == "ws":
            raw["events"] = grouped(raw["events"])
        named = names.of(raw)
        decided = {key: value for key, value in named.items() if key not in _ASKED}
        for path, value in _leaves(decided, f"[{index}]"):
            facts[path] = _fact(path, value)
    return facts


def _fact(path: str, value: Any) -> Any:
    """How an error is worded is the server's own affair; that it is, is a fact."""
    last = path.rpartition(".")[2].partition("[")[0]
    worded = last in _WORDING and ".response" in path and isinstance(value, str)
    return "<text>" if worded else value


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, f"{path}.{key}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    else:
        yield path, {"dict": "{}", "list": "[]"}.get(type(value).__name__, value)


def grouped(events: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Events of one socket by type, in an order that does not depend on races."""
    groups: dict[str, Any] = {}
    events = list(events)
    if events and "kind" in events[0]:
        return _watched(events)
    for event in events:
        groups.setdefault(event["type"], []).append(event)
    for kind, fold in (
        ("status", _statuses),
        ("message", _messages),
        ("message_part", _parts),
    ):
        if kind in groups:
            groups[kind] = fold(groups[kind])
    return groups


def _watched(events: list[dict[str, Any]]) -> dict[str, Any]:
    """The last state told of each chat under each kind: kinds race."""
    chats = list(dict.fromkeys(event["chat"]["id"] for event in events))
    return {
        f"{event['kind']} of chat {chats.index(event['chat']['id'])}": event
        for event in events
    }


def _statuses(events: list[dict[str, Any]]) -> list[str]:
    """Each change once: the reference tells every status twice, in two lanes."""
    told: list[str] = []
    for event in events:
        status = event["status"]["status"]
        if told[-1:] == [status]:
            continue
        told.append(status)
        if told[-4:-2] == told[-2:] and len(told) >= 4:
            del told[-2:]
    return told


def _messages(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_id = {event["message"]["id"]: event for event in events}
    return [by_id[key] for key in sorted(by_id)]


def _parts(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Neighbouring deltas of one block, joined."""
    joined: list[dict[str, Any]] = []
    for event in events:
        part = event["message_part"]["part"]
        if joined and part["type"] in ("text", "reasoning"):
            last = joined[-1]["message_part"]
            if last["part"]["type"] == part["type"]:
                text = last["part"]["text"] + part["text"]
                last = {**last, "part": {**last["part"], "text": text}}
                joined[-1] = {**joined[-1], "message_part": last}
                continue
        if joined and "args_delta" in part and "args" not in part:
            last = joined[-1]["message_part"]
            if last["part"].get("tool_call_id") == part["tool_call_id"]:
                text = last["part"].get("args_delta", "") + part["args_delta"]
                last = {**last, "part": {**last["part"], "args_delta": text}}
                joined[-1] = {**joined[-1], "message_part": last}
                continue
        joined.append(event)
    return joined


@dataclass(frozen=True)
class Difference:
    """One fact on which two transcripts do not agree."""

    path: str
    reference: Any
    ours: Any


def differences(record: dict[str, Any], ours: Facts) -> list[Difference]:
    """Where `ours` departs from a record, on paths that do not race there."""
    free, wanted = frozenset(record["free"]), record["facts"]
    found = []
    for path in sorted((wanted.keys() | ours.keys()) - free):
        pair = wanted.get(path, _ABSENT), ours.get(path, _ABSENT)
        if pair[0] != pair[1]:
            found.append(Difference(path, *pair))
    return found
