"""In: the route table, the bodies and the wire values. Out: an OpenAPI document.

May import: `server.routes`' bodies, `wire`. It serves the document, and nothing else.
Tests: tests/server/openapi.
"""
