"""A vendor's answer, wrong in one place after the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.fakes.vendor import Reply

__all__ = ["mutants"]

_WRONG: tuple[Any, ...] = (None, True, -1, 3.5, "x", [], {}, [None], {"a": None})


def mutants(reply: Reply) -> Iterator[Reply]:
    """The answer with one value of another kind, or missing, or one odd piece."""
    for index, piece in enumerate(reply.pieces):
        for wrong in _pieces(piece):
            pieces = (*reply.pieces[:index], wrong, *reply.pieces[index + 1 :])
            yield replace(reply, pieces=pieces)


def _pieces(piece: bytes) -> Iterator[bytes]:
    head, found, rest = piece.decode().partition("data: ")
    if not found or rest.startswith("[DONE"):
        return
    value = json.loads(rest)

    def written(text: str) -> bytes:
        return f"{head}data: {text}\n\n".encode()

    yield piece[: len(piece) // 2] + b"\n\n"
    yield written(json.dumps(value)).replace(b"{", b'{"half": "\xf0\x9f", ', 1)
    yield written(json.dumps(value).replace("1", "9" * 400))
    yield piece + b'event: surprise\ndata: {"type": "surprise"}\n\n'
    for wrong in _WRONG:
        yield written(json.dumps(wrong))
    for path in _paths(value):
        for wrong in _WRONG:
            yield written(json.dumps(_with(value, path, wrong)))
        yield written(json.dumps(_without(value, path)))


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        inner: Any = value.items()
    else:
        inner = enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield (*at, key)
        yield from _paths(item, (*at, key))


def _copy(value: Any, path: tuple[Any, ...]) -> tuple[Any, Any]:
    copied = place = json.loads(json.dumps(value))
    for key in path[:-1]:
        place = place[key]
    return copied, place


def _with(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    copied, place = _copy(value, path)
    place[path[-1]] = wrong
    return copied


def _without(value: Any, path: tuple[Any, ...]) -> Any:
    copied, place = _copy(value, path)
    del place[path[-1]]
    return copied
