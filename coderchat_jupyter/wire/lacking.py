"""Which calls came and went with which release, and what to use in their place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from coderchat_jupyter.wire.generations import Generation

__all__ = ["Endpoint", "endpoint_of", "is_always_experimental", "replacement"]

_FIRST: Final = (0, 0)
_NEVER: Final = (99, 0)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A call that not every release has.

    Attributes:
        methods: Which HTTP methods, separated by blanks; empty for all.
        path: Below the chat tree, `{}` for a part that varies; a `*` at the end
            takes in whatever follows.
        since: The first release that has it.
        until: The first release that lacks it again.
        before: What older releases have in its place.
        after: What newer releases have in its place.
        is_sure: The releases are known for certain, so that a call need not be tried.
    """

    methods: str
    path: str
    since: tuple[int, int] = _FIRST
    until: tuple[int, int] = _NEVER
    before: str = ""
    after: str = ""
    is_sure: bool = True

    def is_in(self, generation: Generation) -> bool:
        """Whether a release has it."""
        return self.since <= generation.since < self.until

    def matches(self, method: str, path: str) -> bool:
        """Whether a call is this one."""
        if self.methods and method not in self.methods.split():
            return False
        pattern = re.escape(self.path).replace(r"\{\}", "[^/]+")
        pattern = pattern.removesuffix(r"\*") + (".*" if self.path[-1] == "*" else "")
        return re.fullmatch(pattern, path) is not None


_CHAT_CHANGE: Final = "PATCH /chats/{chat} with `archived`"
_PROVIDERS: Final = "/api/v2/ai/providers (client.providers)"
_KEYS: Final = "/users/{user}/ai-provider-keys (client.keys)"
_CHAT_COST: Final = "GET /chats/{chat}/cost (client.costs.chat)"
_GATEWAY: Final = "the budgets of the AI gateway"
_ORG_MODELS: Final = "/api/v2/organizations/{organization}/chats/models"
_ORG_OVERRIDES: Final = "/api/v2/organizations/{organization}/chats/model-overrides"
_OWN_OVERRIDES: Final = (
    "/api/v2/organizations/{organization}/members/{user}/chats/model-overrides"
)
_CONFIG: Final = "/chats/config/"

_ENDPOINTS: Final = (
    # Gone with the first releases.
    Endpoint("POST", "/chats/{}/archive", until=(2, 32), after=_CHAT_CHANGE),
    Endpoint("POST", "/chats/{}/unarchive", until=(2, 32), after=_CHAT_CHANGE),
    Endpoint(
        "GET",
        "/chats/{}/diff-status",
        until=(2, 32),
        after="`diff_status` of GET /chats/{chat}",
    ),
    Endpoint(
        "GET",
        "/chats/{}/git-changes",
        until=(2, 32),
        after="GET /chats/{chat}/diff (client.diffs.contents)",
    ),
    # New in v2.33.
    Endpoint("", _CONFIG + "plan-mode-instructions", since=(2, 33)),
    Endpoint("", _CONFIG + "debug-logging", since=(2, 33)),
    Endpoint("", _CONFIG + "user-debug-logging", since=(2, 33)),
    Endpoint("", _CONFIG + "retention-days", since=(2, 33)),
    Endpoint("", _CONFIG + "auto-archive-days", since=(2, 33)),
    Endpoint("GET", "/chats/{}/debug/runs*", since=(2, 33)),
    Endpoint("POST", "/chats/{}/tool-results", since=(2, 33)),
    Endpoint("POST", "/chats/{}/title/propose", since=(2, 33)),
    Endpoint(
        "",
        _CONFIG + "agent-model-override/{}",
        since=(2, 33),
        until=(2, 34),
        after="/chats/config/model-override/{context}",
    ),
    # New in v2.34.
    Endpoint(
        "",
        _CONFIG + "model-override/{}",
        since=(2, 34),
        until=(2, 37),
        before="/chats/config/agent-model-override/{context}",
        after=_ORG_OVERRIDES,
        is_sure=False,
    ),
    Endpoint("", _CONFIG + "personal-model-overrides", since=(2, 34)),
    Endpoint(
        "",
        _CONFIG + "user-personal-model-overrides*",
        since=(2, 34),
        until=(2, 37),
        after=_OWN_OVERRIDES,
        is_sure=False,
    ),
    Endpoint("", _CONFIG + "computer-use-provider", since=(2, 34)),
    Endpoint("", _CONFIG + "advisor", since=(2, 34)),
    Endpoint("", _CONFIG + "debug-retention-days", since=(2, 34)),
    Endpoint("", "/chats/{}/acl", since=(2, 34)),
    Endpoint("GET", "/chats/{}/prompts", since=(2, 34)),
    Endpoint(
        "",
        "/users/{}/ai-provider-keys*",
        since=(2, 34),
        before="/chats/user-provider-configs (client.keys.legacy_list)",
    ),
    Endpoint(
        "",
        "/api/v2/ai/providers*",
        since=(2, 34),
        before="/chats/providers (client.chat_providers)",
    ),
    Endpoint("", "/chats/providers*", until=(2, 34), after=_PROVIDERS),
    Endpoint("", "/chats/user-provider-configs*", until=(2, 34), after=_KEYS),
    # Changed in v2.35.
    Endpoint(
        "GET",
        "/chats/insights/pull-requests",
        until=(2, 35),
        after="`diff_status` of each chat",
    ),
    Endpoint("", _CONFIG + "desktop-enabled", until=(2, 35)),
    Endpoint("POST", "/chats/{}/reconcile-invalid", since=(2, 35)),
    Endpoint("PUT", "/chats/{}/context", since=(2, 35)),
    # Between v2.36 and v2.37, as it seems: older ones lack them for sure.
    Endpoint("POST", "/chats/{}/compact", since=(2, 36)),
    Endpoint("POST", "/chats/files/{}/download-url", since=(2, 36)),
    Endpoint("POST", "/chats/{}/clear", since=(2, 37)),
    Endpoint(
        "",
        "/api/v2/organizations/{}/chats/models*",
        since=(2, 37),
        before="/chats/model-configs",
    ),
    Endpoint(
        "GET",
        "/chats/{}/cost",
        since=(2, 36),
        before="GET /chats/cost/{user}/summary (client.costs.summary)",
    ),
    # Gone after v2.36.
    Endpoint("GET", "/chats/cost/*", until=(2, 37), after=_CHAT_COST),
    Endpoint("", "/chats/usage-limits*", until=(2, 37), after=_GATEWAY),
    Endpoint("", _CONFIG + "template-allowlist", until=(2, 37)),
    Endpoint(
        "", "/chats/model-configs*", until=(2, 37), after=_ORG_MODELS, is_sure=False
    ),
    Endpoint("GET", "/chats/models", until=(2, 37), after=_ORG_MODELS, is_sure=False),
    Endpoint(
        "POST",
        "/chats/{}/title/regenerate",
        until=(2, 38),
        after="POST /chats/{chat}/title/propose, then PATCH /chats/{chat}",
        is_sure=False,
    ),
)

# What the newest releases left behind when the tree moved to `/api/v2`.
_LEFT_BEHIND: Final = (
    _CONFIG + "computer-use-provider",
    _CONFIG + "advisor",
    "/chats/model-configs",
    "/chats/models",
    "/chats/providers",
    "/chats/user-provider-configs",
    _CONFIG + "model-override/",
    _CONFIG + "user-personal-model-overrides",
)
_DEBUG: Final = re.compile(r"/chats/[^/]+/(debug/runs|stream/desktop)(/|$)")


def endpoint_of(method: str, path: str) -> Endpoint | None:
    """What is known of a call, None if every release has it."""
    return next((e for e in _ENDPOINTS if e.matches(method, path)), None)


def is_always_experimental(path: str) -> bool:
    """A path that no release has under `/api/v2`."""
    return path.startswith(_LEFT_BEHIND) or _DEBUG.match(path) is not None


def replacement(method: str, path: str, generation: Generation) -> str:
    """What a release has in place of a call that it lacks; empty if nothing."""
    known = endpoint_of(method, path)
    if known is None:
        return ""
    return known.before if generation.since < known.since else known.after
