"""Which release a version names, and what is known of it before it is asked."""

from __future__ import annotations

import pytest

from coderchat_jupyter.wire.generations import GENERATIONS, Generation, generation_of
from coderchat_jupyter.wire.lacking import (
    endpoint_of,
    is_always_experimental,
    replacement,
)


def generation(name: str) -> Generation:
    return next(one for one in GENERATIONS if one.name == name)


@pytest.mark.parametrize(
    ("version", "name"),
    [
        ("v2.31.0", "early"),
        ("v2.32.4", "v2.32"),
        ("v2.33.9", "v2.33"),
        ("v2.34.0+5c1d8a1", "v2.34"),
        ("2.35.0", "v2.35"),
        ("v2.36.0-rc.1+5c1d8a1", "v2.36"),
        (" v2.37.2 ", "v2.37"),
        ("v2.38.0", "v2.38"),
        ("v3.0.1", "v2.38"),
    ],
)
def test_a_version_chooses_what_the_server_can_do(version: str, name: str) -> None:
    """A release that came later behaves like the newest one known."""
    assert generation_of(version).name == name


@pytest.mark.parametrize(
    "version",
    [
        "",
        "unknown",
        "v0.0.0-devel+0a1b2c3",
        "v2.34.0-devel+0a1b2c3",
        "v2",
        "2.34.0; DROP",
        "v9999999999.1",
        "v\u0662.\u0663\u0664.0",
    ],
)
def test_what_names_no_release_is_the_newest_and_nothing_is_sure(version: str) -> None:
    """A development build may be anything, and so may a text of a stranger."""
    chosen = generation_of(version)

    assert (chosen.name, chosen.is_certain) == ("newest", False)


@pytest.mark.parametrize("version", ["v2.39.0", "v3.0.0", "v2.34.0+coderchat"])
def test_nothing_is_sure_of_a_release_that_has_more_than_this_table(
    version: str,
) -> None:
    """Neither of a later one, nor of our own server."""
    assert not generation_of(version).is_certain


@pytest.mark.parametrize(
    ("name", "framing", "override_path", "names_providers", "ignores_after_id"),
    [
        ("v2.32", "envelope", "agent-model-override", True, True),
        ("v2.33", "raw", "agent-model-override", True, False),
        ("v2.34", "raw", "model-override", False, False),
        ("v2.36", "raw", "model-override", False, False),
    ],
)
def test_each_release_has_its_own_shapes(
    name: str,
    framing: str,
    override_path: str,
    names_providers: bool,
    ignores_after_id: bool,
) -> None:
    """The breaks of the protocol's table of releases."""
    one = generation(name)

    assert one.framing == framing
    assert one.override_path == override_path
    assert one.names_providers is names_providers
    assert one.ignores_after_id is ignores_after_id


@pytest.mark.parametrize(
    ("call", "first", "last"),
    [
        ("POST /chats/c1/archive", "early", "early"),
        ("GET /chats/c1/diff-status", "early", "early"),
        ("GET /chats/c1/debug/runs", "v2.33", "v2.38"),
        ("GET /chats/c1/debug/runs/r1", "v2.33", "v2.38"),
        ("POST /chats/c1/tool-results", "v2.33", "v2.38"),
        ("GET /chats/config/agent-model-override/general", "v2.33", "v2.33"),
        ("PUT /chats/config/model-override/general", "v2.34", "v2.36"),
        ("GET /chats/config/personal-model-overrides", "v2.34", "v2.38"),
        ("PATCH /chats/c1/acl", "v2.34", "v2.38"),
        ("GET /chats/c1/prompts", "v2.34", "v2.38"),
        ("PUT /users/me/ai-provider-keys/p1", "v2.34", "v2.38"),
        ("GET /api/v2/ai/providers", "v2.34", "v2.38"),
        ("PATCH /chats/providers/p1", "early", "v2.33"),
        ("GET /chats/user-provider-configs", "early", "v2.33"),
        ("GET /chats/insights/pull-requests", "early", "v2.34"),
        ("PUT /chats/config/desktop-enabled", "early", "v2.34"),
        ("POST /chats/c1/reconcile-invalid", "v2.35", "v2.38"),
        ("PUT /chats/c1/context", "v2.35", "v2.38"),
        ("POST /chats/c1/compact", "v2.36", "v2.38"),
        ("GET /chats/c1/cost", "v2.36", "v2.38"),
        ("GET /chats/cost/me/summary", "early", "v2.36"),
        ("GET /chats/cost/users", "early", "v2.36"),
        ("DELETE /chats/usage-limits/overrides/u1", "early", "v2.36"),
        ("GET /chats/config/template-allowlist", "early", "v2.36"),
    ],
)
def test_a_call_is_known_to_come_and_go(call: str, first: str, last: str) -> None:
    """Also when it names one chat, one provider or one user."""
    method, path = call.split()
    endpoint = endpoint_of(method, path)
    assert endpoint is not None

    having = [one.name for one in GENERATIONS if endpoint.is_in(one)]

    assert (having[0], having[-1]) == (first, last)


@pytest.mark.parametrize(
    "call",
    [
        "GET /chats",
        "GET /chats/c1",
        "PATCH /chats/c1",
        "GET /chats/c1/messages",
        "GET /chats/c1/diff",
        "GET /chats/config/user-prompt",
        "GET /chats/watch",
    ],
)
def test_what_every_release_has_is_never_doubted(call: str) -> None:
    """The heart of the API did not move."""
    method, path = call.split()

    assert endpoint_of(method, path) is None


@pytest.mark.parametrize(
    ("call", "name", "instead"),
    [
        ("GET /chats/providers", "v2.34", "client.providers"),
        ("GET /api/v2/ai/providers", "v2.33", "client.chat_providers"),
        ("GET /users/me/ai-provider-keys", "v2.33", "user-provider-configs"),
        ("PUT /chats/user-provider-configs/p", "v2.36", "ai-provider-keys"),
        ("GET /chats/cost/me/summary", "v2.37", "/chats/{chat}/cost"),
        ("GET /chats/c1/cost", "v2.34", "/chats/cost/{user}/summary"),
        ("POST /chats/c1/archive", "v2.34", "PATCH /chats/{chat}"),
    ],
)
def test_a_call_that_is_missing_has_a_replacement(
    call: str, name: str, instead: str
) -> None:
    """Forward for what went, backward for what had not come yet."""
    method, path = call.split()

    assert instead in replacement(method, path, generation(name))


@pytest.mark.parametrize(
    ("path", "stays"),
    [
        ("/chats/config/advisor", True),
        ("/chats/config/computer-use-provider", True),
        ("/chats/c1/debug/runs", True),
        ("/chats/model-configs/m1", True),
        ("/chats/config/system-prompt", False),
        ("/chats/c1/messages", False),
    ],
)
def test_some_paths_stayed_behind_when_the_tree_moved(path: str, stays: bool) -> None:
    """The newest releases have them only where they were."""
    assert is_always_experimental(path) is stays
