"""The collector of a server looks at what is new, not at what stays."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterator

import pytest

from coderchat_jupyter.server import _collector


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


def test_what_is_there_at_the_start_is_not_looked_at_again() -> None:
    stays = ["there"]

    _collector.begin()

    assert not any(found is stays for found in gc.get_objects())


def test_what_comes_later_is_looked_at() -> None:
    _collector.begin()

    later: list[object] = []
    later.append(later)
    del later

    assert gc.collect() > 0


def test_what_is_imported_later_is_not_looked_at_either(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _collector.begin()

    with _collector.importing():
        module = types.ModuleType("imported_later")
        monkeypatch.setitem(sys.modules, module.__name__, module)

    assert not any(found is module.__dict__ for found in gc.get_objects())


def test_the_collector_rests_until_the_last_of_several_imports_is_over() -> None:
    _collector.begin()

    with _collector.importing():
        with _collector.importing():
            rests = [gc.isenabled()]
        rests.append(gc.isenabled())

    assert rests == [False, False]
    assert gc.isenabled()


def test_a_process_that_does_more_than_serve_is_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with _collector.importing():
        monkeypatch.setitem(sys.modules, "imported_later", types.ModuleType("m"))

    assert gc.get_freeze_count() == 0
