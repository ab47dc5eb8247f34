"""`CostExplorer` in a real notebook: what its chats cost, drawn and in numbers."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open, Shoot

LOAD = "%load_ext coderchat_jupyter"

COSTS = "from coderchat_jupyter import CostExplorer\nCostExplorer()"
FRAME = "from coderchat_jupyter import costs_frame\ncosts_frame()"


def test_the_cost_of_an_answer_is_drawn_and_stands_in_the_frame(
    open_notebook: Open, shoot: Shoot
) -> None:
    """A chart alone cannot be checked; a number can."""
    cells = [LOAD, "%%chat -o one\nHello", "one.wait().status", COSTS, FRAME]
    notebook = open_notebook(cells, kernel="scripted")

    for index in range(len(cells)):
        notebook.run(index)

    costs = notebook.output(3).locator(".cc-costs")
    expect(costs.locator("svg.cc-chart")).to_be_visible()
    expect(costs.locator("rect[data-model]").first).to_be_visible()
    expect(notebook.output(4).locator("table")).to_contain_text("scripted")
    shoot(notebook, costs, "costs")
    costs.get_by_role("button", name="Show as table").click()
    expect(costs.get_by_role("table").first).to_be_visible()
    shoot(notebook, costs, "costs-table")


def test_no_cost_yet_is_said_and_not_drawn(open_notebook: Open, shoot: Shoot) -> None:
    """An empty chart would look like a broken one."""
    notebook = open_notebook([LOAD, COSTS], kernel="scripted")

    notebook.run(0)
    notebook.run(1)

    costs = notebook.output(1).locator(".cc-costs")
    expect(costs).to_contain_text("No cost yet")
    shoot(notebook, costs, "costs-empty")
