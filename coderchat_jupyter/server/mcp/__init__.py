"""Tools that other servers lend to chats, by the Model Context Protocol.

In: rows of `storage.mcp_servers`. Out: tools of the engine, as long as a turn lasts.
May import: `wire`, `storage`, `engine.tools`; the SDK only when a turn needs it.
Tests: `tests/server/mcp`.
"""
