"""In: a `ModelCall`. Out: a stream of items, or one `ProviderError`.

May import: `wire`, `errors`, `config`; vendors' libraries only on first use.
Tests: tests/server/providers.
"""
