"""Calls on how long a deployment keeps what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire.routes import setting
from coderchat_jupyter.wire.settings import (
    AutoArchiveDays,
    DebugRetentionDays,
    RetentionDays,
    WorkspaceTTL,
)

__all__ = ["TimeSettings"]

_MILLISECOND: Final = timedelta(milliseconds=1)


class TimeSettings:
    """How long things are kept. Reading is for everybody, changing for admins.

    A number of days is between 0, which is never, and 3650.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def workspace_ttl(self) -> WorkspaceTTL:
        """How long a chat's workspace runs on, in milliseconds; 0 is for ever.

        Raises:
            AuthenticationError: The token is not accepted.
        """
        found: WorkspaceTTL = await self._get("workspace-ttl", WorkspaceTTL)
        return found

    async def set_workspace_ttl(self, ttl: timedelta | int) -> None:
        """Change how long a chat's workspace runs on.

        Args:
            ttl: Milliseconds, or a length of time: 0 for ever, otherwise between a
                minute and 30 days.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: It is too short or too long.
        """
        ms = ttl // _MILLISECOND if isinstance(ttl, timedelta) else ttl
        await self._put("workspace-ttl", WorkspaceTTL(workspace_ttl_ms=ms))

    async def retention_days(self) -> RetentionDays:
        """After how many days archived chats are deleted, 30 unless changed.

        Raises:
            UnsupportedError: The server is older than v2.33.
        """
        found: RetentionDays = await self._get("retention-days", RetentionDays)
        return found

    async def set_retention_days(self, days: int) -> None:
        """Change after how many days archived chats are deleted.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The number is out of range.
            UnsupportedError: The server is older than v2.33.
        """
        await self._put("retention-days", RetentionDays(retention_days=days))

    async def debug_retention_days(self) -> DebugRetentionDays:
        """After how many days detailed records are deleted, 30 unless changed.

        Raises:
            UnsupportedError: The server is older than v2.34.
        """
        found: DebugRetentionDays = await self._get(
            "debug-retention-days", DebugRetentionDays
        )
        return found

    async def set_debug_retention_days(self, days: int) -> None:
        """Change after how many days detailed records are deleted.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The number is out of range.
            UnsupportedError: The server is older than v2.34.
        """
        body = DebugRetentionDays(debug_retention_days=days)
        await self._put("debug-retention-days", body)

    async def auto_archive_days(self) -> AutoArchiveDays:
        """After how many days without a message a chat is archived, 0 unless changed.

        Raises:
            UnsupportedError: The server is older than v2.33.
        """
        found: AutoArchiveDays = await self._get("auto-archive-days", AutoArchiveDays)
        return found

    async def set_auto_archive_days(self, days: int) -> None:
        """Change after how many days without a message a chat is archived.

        Raises:
            ForbiddenError: You are no admin.
            InvalidRequestError: The number is out of range.
            UnsupportedError: The server is older than v2.33.
        """
        await self._put("auto-archive-days", AutoArchiveDays(auto_archive_days=days))

    async def _get(self, name: str, kind: type[Any]) -> Any:
        return await self._http.get(setting(name), returns=kind)

    async def _put(self, name: str, body: Any) -> None:
        await self._http.send("PUT", setting(name), body)
