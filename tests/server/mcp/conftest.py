"""A tool server for the tests of turns."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fakes.tool_server import ToolServer, tool_server
from tests.server.mcp.lending import furnish


@pytest.fixture
async def tools() -> AsyncIterator[ToolServer]:
    async with tool_server(furnish) as running:
        yield running
