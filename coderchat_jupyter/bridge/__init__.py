"""In: states, links, models. Out: views, patches and static twins for a page.

Pure: the only word between kernel and page, as values. Intents come back the same way.
May import: `state`, `wire`, `errors`. Tests: tests/bridge, js/tests.
"""
