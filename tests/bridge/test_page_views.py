"""What the page's tests and pictures are made from is what a kernel would send."""

from __future__ import annotations

from tests.bridge.page_views import FOLDER, cost_views, editor_views, text


def test_the_page_is_tested_with_real_views_of_costs() -> None:
    """Written again by `python -m tests.bridge.page_views`."""
    assert (FOLDER / "cost-views.json").read_text("utf-8") == text(cost_views())


def test_the_page_is_tested_with_real_views_of_the_editor() -> None:
    """Written again by `python -m tests.bridge.page_views`."""
    assert (FOLDER / "editor-views.json").read_text("utf-8") == text(editor_views())
