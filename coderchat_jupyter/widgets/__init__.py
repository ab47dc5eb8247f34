"""In: sessions, and what users do in a page. Out: views on pages, over comms.

Plumbing only: what can be said without a comm stands in `bridge`.
May import: `bridge`, `session`, `state`, `wire`, `errors`. Tests: tests/widgets.
"""
