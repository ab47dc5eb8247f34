"""Every route of the older API's chats; what it lacks is absent."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route, WebSocketRoute

from coderchat_jupyter.server.older import chats, messages, models, providers, stream
from coderchat_jupyter.server.routes import model_configs, workspaces
from coderchat_jupyter.server.routes.models import catalogue
from coderchat_jupyter.server.routes.watch import watch_without_socket
from coderchat_jupyter.wire.routes import EXPERIMENTAL

__all__ = ["older_routes"]


def older_routes() -> list[BaseRoute]:
    """What the 21 methods of the older client call, and its browser client beside."""
    root = f"{EXPERIMENTAL}/chats"
    chat = f"{root}/{{chat:chat}}"
    configs = f"{root}/model-configs"
    return [
        Route(root, chats.list_chats),
        Route(root, chats.create, methods=["POST"]),
        Route(f"{root}/models", catalogue),
        Route(f"{root}/providers", providers.list_providers),
        Route(f"{root}/providers", providers.create, methods=["POST"]),
        Route(f"{root}/providers/{{provider}}", providers.update, methods=["PATCH"]),
        Route(f"{root}/providers/{{provider}}", providers.delete, methods=["DELETE"]),
        Route(f"{root}/watch", watch_without_socket),
        WebSocketRoute(f"{root}/watch", stream.watch),
        Route(configs, models.list_configs),
        Route(configs, models.create, methods=["POST"]),
        Route(f"{configs}/{{config}}", models.update, methods=["PATCH"]),
        Route(f"{configs}/{{config}}", model_configs.delete, methods=["DELETE"]),
        Route(chat, chats.get),
        Route(f"{chat}/archive", chats.archive, methods=["POST"]),
        Route(f"{chat}/unarchive", chats.unarchive, methods=["POST"]),
        Route(f"{chat}/messages", messages.send, methods=["POST"]),
        Route(f"{chat}/messages/{{message}}", messages.edit, methods=["PATCH"]),
        Route(f"{chat}/interrupt", chats.interrupt, methods=["POST"]),
        Route(f"{chat}/diff", workspaces.diff),
        Route(f"{chat}/diff-status", chats.diff_status),
        WebSocketRoute(f"{chat}/stream", stream.stream),
    ]
