"""Paths of the API, whatever stands in the place of an id."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from coderchat_jupyter.wire import routes

MAKERS = [
    maker
    for name, maker in inspect.getmembers(routes, inspect.isfunction)
    if name in routes.__all__
]
ID = "6f1d0c7e-3b52-4a9e-8d11-0123456789ab"


def made(maker: Callable[..., str], name: str) -> str:
    """A path with the same name in each of its holes; numbers are 7."""
    hints = inspect.get_annotations(maker, eval_str=True)
    parameters = inspect.signature(maker).parameters
    holes: dict[str, Any] = {
        one: 7 if hints[one] is int else name
        for one in parameters
        if parameters[one].kind is not inspect.Parameter.VAR_POSITIONAL
    }
    if maker in (routes.action, routes.setting):
        # Ours, and never somebody's.
        holes["name"] = "fixed"
    more = [name] if len(holes) < len(parameters) else []
    return maker(*holes.values(), *more)


@pytest.mark.parametrize("maker", MAKERS, ids=lambda maker: maker.__name__)
@pytest.mark.parametrize(
    "name",
    ["../../v2/users/me", "..", ".", "a?x=1", "a#b", "a/b", "a\nb", "é", "\ud800"],
)
def test_an_id_is_one_step_of_a_path(maker: Callable[..., str], name: str) -> None:
    """One that comes from elsewhere leads to no other call, and adds no query."""
    url = httpx.URL("http://x" + made(maker, name))

    plain = httpx.URL("http://x" + made(maker, ID))
    assert len(url.raw_path.split(b"/")) == len(plain.raw_path.split(b"/"))
    assert not url.query
    assert not url.fragment


def test_an_id_as_it_should_be_stands_in_the_path_as_it_is() -> None:
    """Servers and proxies see what the Go client writes."""
    assert all(
        ID in made(maker, ID) for maker in MAKERS if inspect.signature(maker).parameters
    )
