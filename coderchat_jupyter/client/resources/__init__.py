"""In: arguments of one call. Out: the typed answer.

One class per noun, each built on the `Http` protocol.
May import: `wire`, `errors`, `client._http`, `client._stream`. Tests: tests/client.
"""
