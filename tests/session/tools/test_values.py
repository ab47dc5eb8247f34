"""What functions give, as JSON: readable, bounded, and never a failure."""

from __future__ import annotations

import json
import math
from collections import OrderedDict, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr

from coderchat_jupyter.session.tools import _fit
from coderchat_jupyter.session.tools._fit import fit, fit_results, size
from coderchat_jupyter.session.tools._values import jsonable
from coderchat_jupyter.wire.messages import MAX_BODY_BYTES
from coderchat_jupyter.wire.tools import SubmitToolResults, ToolResult


class Mood(Enum):
    GOOD = "good"


@dataclass
class Reading:
    at: date
    value: float
    secret: str = field(default="hidden", repr=False)


class Place(BaseModel):
    name: str
    key: SecretStr = SecretStr("sk-1")


Pair = namedtuple("Pair", "left right")  # noqa: PYI024  users write it so


class Broken:
    def __str__(self) -> str:
        raise RuntimeError("no")


class Odd:
    def __str__(self) -> str:
        return "odd"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (10**400, "(a huge number)"),
        (1.5, 1.5),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("text", "text"),
        ("half \ud800 and \0", "half ? and \ufffd"),
        (b"bytes", "bytes"),
        (b"\xff\x00", {"base64": "/wA="}),
        (b"\xff" * 5000, "(5,000 bytes of binary data, not shown)"),
        (Mood.GOOD, "good"),
        ({Mood.GOOD: 1, 2: "b", None: 0}, {"good": 1, "2": "b", "None": 0}),
        (OrderedDict(b=1), {"b": 1}),
        ((1, [2]), [1, [2]]),
        ({7}, [7]),
        (range(3), [0, 1, 2]),
        (Pair(1, "r"), {"left": 1, "right": "r"}),
        (Decimal("1.50"), "1.50"),
        (datetime(2026, 11, 21, 9, 5, tzinfo=UTC), "2026-11-21T09:05:00+00:00"),
        (timedelta(hours=1), "1:00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (PurePosixPath("a/b"), "a/b"),
        (Reading(date(2026, 1, 2), 0.5), {"at": "2026-01-02", "value": 0.5}),
        (Place(name="x"), {"name": "x", "key": "**********"}),
        (Broken(), "(Broken, not shown: RuntimeError)"),
        (Odd(), "odd"),
    ],
)
def test_a_value_becomes_what_it_looks_like(value: Any, wanted: Any) -> None:
    found = jsonable(value)

    assert found == wanted
    json.dumps(found, allow_nan=False)


def test_a_frame_becomes_a_table_of_its_first_rows() -> None:
    """Columns once, missing cells as null, the index if it says something."""
    frame = pd.DataFrame(
        {"n": [1, 2], "x": [0.5, None], "at": [pd.Timestamp("2026-01-02"), pd.NaT]},
        index=pd.Index(["a", "b"], name="key"),
    )

    assert jsonable(frame) == {
        "shape": [2, 3],
        "columns": ["key", "n", "x", "at"],
        "rows": [["a", 1, 0.5, "2026-01-02T00:00:00"], ["b", 2, None, None]],
    }
    assert jsonable(frame["n"].reset_index(drop=True)) == {
        "shape": [2, 1],
        "columns": ["n"],
        "rows": [[1], [2]],
    }


def test_of_a_large_frame_the_beginning_is_shown_and_the_rest_counted() -> None:
    table = jsonable(pd.DataFrame({"n": range(5000)}))

    assert table["shape"] == [5000, 1]
    assert len(table["rows"]) == 200
    assert table["shown"] == "the first 200 of 5,000 rows"


def test_numbers_of_numpy_are_numbers() -> None:
    assert jsonable(np.float64(0.5)) == 0.5
    assert jsonable({"n": np.int64(3), "b": np.bool_(True)}) == {"n": 3, "b": True}
    assert jsonable(np.array([[1, 2]])) == {"shape": [1, 2], "values": [[1, 2]]}
    assert len(jsonable(np.zeros((1000, 1000)))["values"]) == 10_001


def test_what_holds_itself_or_never_ends_comes_to_an_end() -> None:
    itself: list[Any] = []
    itself.append(itself)

    def endless() -> Iterator[int]:
        number = 0
        while True:
            yield number
            number += 1

    assert json.dumps(jsonable(itself)).count("[") < 50
    assert len(jsonable(endless())) == 10_001
    assert size(jsonable([[list(range(1000))] * 1000] * 1000)) < 20_000_000


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=30,
    ),
    st.integers(200, 2000),
)
def test_whatever_is_cut_fits_and_stays_json(value: Any, limit: int) -> None:
    """And what fits is not touched."""
    read = jsonable(value)

    cut = fit(read, limit)

    assert size(cut) <= limit
    if size(read) <= limit:
        assert cut == read


def test_of_a_long_text_both_ends_are_kept() -> None:
    """The end of a log says what went wrong."""
    text = f"begin{'<' * 50_000}end"

    cut = fit(text, 10_000)

    assert 9_000 < size(cut) <= 10_000
    assert cut.startswith("begin<")
    assert cut.endswith("<end")
    assert "of 50,008 characters left out" in cut


def test_of_a_long_list_the_beginning_is_kept_and_the_rest_counted() -> None:
    cut = fit(list(range(10_000)), 1_000)

    assert cut[:3] == [0, 1, 2]
    assert cut[-1] == f"… [{10_000 - len(cut) + 1:,} of 10,000 items left out]"


def test_of_an_object_small_entries_are_kept_whole() -> None:
    """One huge value must not push out the others."""
    cut = fit({"log": "x" * 50_000, "status": "done", "code": 3}, 1_000)

    assert list(cut) == ["log", "status", "code"]
    assert (cut["status"], cut["code"]) == ("done", 3)
    assert "characters left out" in cut["log"]


@pytest.mark.parametrize("count", [1, 5, 250])
def test_all_results_of_a_step_fit_into_one_body(count: int) -> None:
    """However large each is; characters that are escaped count as they are sent."""
    rows = 200 if count > 100 else 3_000
    results = [
        ToolResult(tool_call_id=f"call_{n}", output={"rows": ["<&>" * 30] * rows})
        for n in range(count)
    ]

    cut = fit_results(results)

    body = size(SubmitToolResults(results=cut))
    assert body <= MAX_BODY_BYTES
    assert [each.tool_call_id for each in cut] == [f"call_{n}" for n in range(count)]
    assert body > min(MAX_BODY_BYTES // 3, count * _fit.MAX_RESULT_BYTES // 2)


def test_small_results_are_sent_as_they_are() -> None:
    results = (ToolResult(tool_call_id="a", output={"x": 1}),)

    assert fit_results(results) == results
