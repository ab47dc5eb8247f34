"""Calls on sharing: who else may read a chat."""

from __future__ import annotations

from collections.abc import Mapping

from coderchat_jupyter.client._http import Http
from coderchat_jupyter.wire import routes
from coderchat_jupyter.wire.ids import ChatId, GroupId, UserId
from coderchat_jupyter.wire.sharing import AccessList, ChatRole, UpdateAccess

__all__ = ["Sharing"]


class Sharing:
    """Who may read a chat besides its owner (servers from v2.34).

    Only a chat of its own is shared; the chats of its subagents follow it.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    async def get(self, chat_id: ChatId) -> AccessList:
        """Users and groups that may read a chat. Readers may ask this too.

        Raises:
            NotFoundError: No such chat, or it is not shared with you.
            ForbiddenError: The deployment does not allow sharing.
            InvalidRequestError: It is a subagent's chat; `detail` names its root.
        """
        found: AccessList = await self._http.get(
            routes.acl(chat_id), returns=AccessList
        )
        return found

    async def update(
        self,
        chat_id: ChatId,
        *,
        users: Mapping[UserId, ChatRole] | None = None,
        groups: Mapping[GroupId, ChatRole] | None = None,
    ) -> None:
        """Let users or groups read a chat, or no longer.

        Streams that are open already go on.

        Args:
            chat_id: The chat.
            users: A role by user id: `read`, or empty to take it away. Who is not
                named keeps what they have.
            groups: The same for groups.

        Raises:
            NotFoundError: No such chat.
            ForbiddenError: You may not share it, or nobody may on this deployment.
            InvalidRequestError: Your own id, an unknown id or an unknown role; nothing
                was changed. `validations` says which of the two maps.
        """
        body = UpdateAccess(
            user_roles=dict(users or {}), group_roles=dict(groups or {})
        )
        await self._http.send("PATCH", routes.acl(chat_id), body)
