"""Every type of both contracts, in both directions.

What a Go server writes is read into typed fields and written back the same; what we
write is what Go would write: the same fields, left out under the same rule.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any, Final, get_args

import pytest
from pydantic import BaseModel, SecretStr, TypeAdapter

from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire._words import words_in, words_of
from coderchat_jupyter.wire.providers import with_secrets
from tests.wire.contract import EMBEDDED, Contract, How, contract, unknown_fields
from tests.wire.contract_table import ENUMS, NOT_JSON, REQUESTS, TYPES, ours

GENERATIONS: Final = ("g0", "g1")
HOWS: Final = tuple(
    pytest.param(generation, how, id=f"{generation}-{how}")
    for generation in GENERATIONS
    for how in get_args(How)
)


def sample(generation: str, name: str, tag: str, how: How) -> Any:
    """What Go writes, as far as the class is meant to hold it."""
    known = contract(generation)
    document = known.sample(name, how, tag)
    if how != "odd":
        return document
    for field in known.fields(name, tag) if name in REQUESTS else ():
        if field.go in known.enums:
            document[field.name] = known.enums[field.go][0]
    return document


def read(name: str, document: Any) -> BaseModel:
    """Decode with the class of a Go type, by the quick path alone."""
    value: BaseModel = adapter(name).validate_json(json.dumps(document))
    return value


@cache
def adapter(name: str) -> TypeAdapter[Any]:
    """What reads a Go type; made once, as it takes its time."""
    return TypeAdapter(ours(TYPES[name]))


def written(value: Any, *, only_set: bool) -> Any:
    """What leaves this machine, keys of providers included."""
    return with_secrets(encode(value, only_set=only_set))


def wire_names(kind: type[BaseModel]) -> dict[str, str]:
    """The attributes of a class by their names on the wire."""
    return {field.alias or name: name for name, field in kind.model_fields.items()}


def fits(held: Any, go: str, known: Contract) -> bool:
    """Whether a decoded value has the Python type that stands for a Go type."""
    if go == "json.RawMessage" or go.endswith("any"):
        return True
    if held is None:
        return go.startswith(("*", "uuid.Null"))
    go = go.removeprefix("*")
    if go.startswith("[]") and go != "[]byte":
        return isinstance(held, tuple) and all(fits(h, go[2:], known) for h in held)
    if go.startswith("map["):
        inner = go.partition("]")[2]
        return isinstance(held, dict) and all(
            isinstance(k, str) and fits(v, inner, known) for k, v in held.items()
        )
    scalars: dict[str, Any] = {
        "bool": bool,
        "int": int,
        "int32": int,
        "int64": int,
        "float64": float,
        "time.Time": datetime,
        "decimal.Decimal": Decimal,
    }
    if go in scalars:
        return isinstance(held, scalars[go]) and isinstance(held, bool) == (
            go == "bool"
        )
    if go in known.types or go in EMBEDDED:
        return isinstance(held, BaseModel)
    return isinstance(held, str | SecretStr)


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_go_type_has_a_class(generation: str) -> None:
    """A type that is missing is named, all at once."""
    missing = []
    for name in set(contract(generation).types) - NOT_JSON:
        try:
            ours(TYPES[name])
        except LookupError:
            missing.append(f"{name}: {TYPES.get(name)}")

    assert sorted(missing) == []


def each(generation: str, how: How) -> Iterator[tuple[str, str, Any, BaseModel]]:
    """Every type with its tag: what Go writes of it, and what we read."""
    for name, tag in contract(generation).walk():
        document = sample(generation, name, tag, how)
        yield name, tag, document, read(name, document)


@pytest.mark.parametrize(("generation", "how"), HOWS)
def test_what_go_writes_is_read_and_written_back_the_same(
    generation: str, how: How
) -> None:
    """Whatever is set, at zero or oddly spelled."""
    changed = [
        f"{name} {tag}"
        for name, tag, document, value in each(generation, how)
        if written(value, only_set=True) != document
    ]

    assert changed == []


@pytest.mark.parametrize(("generation", "how"), HOWS)
def test_every_field_of_the_contract_is_one_of_ours(generation: str, how: How) -> None:
    """A field that is merely kept as unknown is one that nobody can use."""
    unknown = [
        f"{name}{place}"
        for name, _tag, _document, value in each(generation, how)
        for place in unknown_fields(value)
    ]

    assert unknown == []


@pytest.mark.parametrize(("generation", "how"), HOWS)
def test_every_field_holds_the_python_type_of_its_go_type(
    generation: str, how: How
) -> None:
    """Times are times, prices decimals, and structs no dictionaries."""
    known = contract(generation)
    wrong: list[str] = []
    for name, tag, _document, value in each(generation, how):
        attributes = wire_names(type(value))
        for field in known.fields(name, tag):
            held = getattr(value, attributes[field.name])
            absent = field.vanishes and held is None
            old_error = (generation, name, field.name) == ("g0", "Chat", "last_error")
            if not (absent or old_error or fits(held, field.go, known)):
                wrong.append(f"{name}.{field.name}: {field.go} is {type(held)}")

    assert wrong == []


@pytest.mark.parametrize("how", ["full", "empty"])
def test_what_we_write_is_what_go_writes(how: How) -> None:
    """Fields that are always there, and those that vanish when they are empty."""
    changed = [
        f"{name} {tag}"
        for name, tag, document, value in each("g1", how)
        if written(value, only_set=False) != document
    ]

    assert changed == []


def test_what_is_made_here_has_the_fields_that_go_always_writes() -> None:
    """And of the others only those that were given."""
    known = contract("g1")
    wrong: dict[str, set[str]] = {}
    for name, tag, document, value in each("g1", "full"):
        fields = type(value).model_fields.items()
        required = {f.alias or n for n, f in fields if f.is_required()}
        made = type(value).model_validate({n: document[n] for n in required})
        always = {f.name for f in known.fields(name, tag) if not f.vanishes} | required
        always |= {"type"} if tag else set()
        if differing := always ^ set(written(made, only_set=False)):
            wrong[f"{name} {tag}"] = differing

    assert wrong == {}


@pytest.mark.parametrize("generation", GENERATIONS)
def test_every_value_of_an_enum_is_known(generation: str) -> None:
    """Those of a field by its marker, those of a tag by the class that has it."""
    known = contract(generation)
    unknown: dict[str, set[str]] = {}
    for name, tag in known.walk():
        kind: type[BaseModel] = type(read(name, known.sample(name, "full", tag)))
        attributes = wire_names(kind)
        for field in known.fields(name, tag):
            enum = field.go.removeprefix("*").removeprefix("[]").rpartition("]")[2]
            if enum not in known.enums or (tag and field.name == "type"):
                continue
            attribute = attributes[field.name]
            words = words_of(kind).get(attribute) or literals(kind, attribute)
            if lacking := set(known.enums[enum]) - words - {""}:
                unknown.setdefault(f"{name}.{field.name}", set()).update(lacking)

    assert unknown == {}


def literals(kind: type[BaseModel], attribute: str) -> frozenset[str]:
    """The values of a field that takes no others."""
    found: set[str] = set()
    todo: list[Any] = [kind.model_fields[attribute].annotation]
    while todo:
        item = todo.pop()
        if isinstance(item, str):
            found.add(item)
        todo.extend(get_args(item))
    return frozenset(found)


@pytest.mark.parametrize("enum", sorted(ENUMS))
def test_an_enum_without_a_field_is_known(enum: str) -> None:
    """Some words stand in a header or a rule, not in a body."""
    words = words_in(ours(ENUMS[enum]))

    assert words is not None
    assert words.known >= set(contract("g1").enums[enum])


@pytest.mark.parametrize("generation", GENERATIONS)
def test_no_enum_of_the_contract_is_forgotten(generation: str) -> None:
    """Each is checked by a field, a tag or the list of the others."""
    known = contract(generation)
    tagged = {"ChatMessagePartType", "ChatInputPartType", "ChatStreamEventType"}
    of_fields = {
        field.go.removeprefix("*").removeprefix("[]").rpartition("]")[2]
        for name, tag in known.walk()
        for field in known.fields(name, tag)
    }

    assert set(known.enums) - of_fields - tagged - set(ENUMS) == set()


@pytest.mark.parametrize("generation", GENERATIONS)
def test_the_text_that_we_write_is_escaped_like_gos(generation: str) -> None:
    """Three characters, and two separators of lines; the newline ends a document."""
    for name, _tag, _document, value in each(generation, "odd"):
        if name not in REQUESTS:
            text = dumps(value)

            assert not {*"<>&\n\u2028\u2029"} & {*text.decode().removesuffix("\n")}
            assert json.loads(text) == encode(value)
