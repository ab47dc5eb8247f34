"""Any value that the contracts allow goes through us unchanged.

Odd texts, any number of the Go type, times with any fraction, nulls where Go writes
them, fields left out where it may, and fields of a newer server mixed in.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from coderchat_jupyter.wire._go import dumps, encode
from coderchat_jupyter.wire._tolerant import decode
from coderchat_jupyter.wire.providers import with_secrets
from tests.wire.contract import contract
from tests.wire.contract_table import TYPES, ours
from tests.wire.go_writer import GoWriter

few = settings(max_examples=20, derandomize=True, deadline=None, database=None)


@cache
def adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(ours(TYPES[name]))


@pytest.mark.parametrize("generation", ["g0", "g1"])
@few
@given(seed=st.integers(0, 2**32))
def test_any_value_is_written_back_as_it_was_read(generation: str, seed: int) -> None:
    """A value of every type of the contract, at every throw of the dice."""
    known = contract(generation)
    server = GoWriter(known, seed)
    for name, tag in known.walk():
        document = server.document(name, tag)

        value = decode(adapter(name), json.dumps(document), what=name)

        assert with_secrets(encode(value, only_set=True)) == document, name


@pytest.mark.parametrize("generation", ["g0", "g1"])
@few
@given(seed=st.integers(0, 2**32))
def test_what_is_written_in_gos_way_reads_as_the_same_value(
    generation: str, seed: int
) -> None:
    """What Go leaves out and how it spells a price changes nothing."""
    known = contract(generation)
    server = GoWriter(known, seed)
    for name, tag in known.walk():
        document = json.dumps(server.document(name, tag))
        value = decode(adapter(name), document, what=name)

        text = dumps(with_secrets(encode(value)))

        assert decode(adapter(name), text, what=name) == value, name
