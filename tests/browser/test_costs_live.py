"""`CostExplorer` follows the chats of its notebook, where it stands."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open, Shoot

LOAD = "%load_ext coderchat_jupyter"
COSTS = "from coderchat_jupyter import CostExplorer\nCostExplorer()"


def test_a_turn_that_ends_brings_the_explorer_up_to_date_in_its_cell(
    open_notebook: Open, shoot: Shoot
) -> None:
    """Drawn once, the choice of its reader kept, and saved with the new figures."""
    cells = [LOAD, "%%chat -o one\nHello", "one.wait().status", COSTS]
    cells += ["%%chat -o two\nAgain", "two.wait().status"]
    notebook = open_notebook(cells, kernel="scripted")
    for index in range(4):
        notebook.run(index)
    output = notebook.output(3)
    requests = output.locator(".cc-tile").nth(1).locator(".cc-tile-figure")
    expect(requests).to_have_text("1")
    output.get_by_role("button", name="Show as table").click()

    notebook.run(4)
    notebook.run(5)

    expect(requests).to_have_text("2")
    expect(output.locator(".cc-costs")).to_have_count(1)
    expect(output.get_by_role("button", name="Show as chart")).to_be_visible()
    shoot(notebook, output.locator(".cc-costs"), "costs-live")

    notebook.save()

    assert "2 requests;" in notebook.saved()
    assert "1 request;" not in notebook.saved()
