"""The Methods page in a browser: from a point to the metrics of its method."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, keep

Opener = Callable[..., Page]
LAPTOP = (1440, 900)


def test_a_point_is_selected_and_leads_to_the_metrics_of_its_method(server: Server, open_page: Opener) -> None:
    page = open_page(server.url("Methods", cost="bytes"), LAPTOP)
    points = page.locator(".js-plotly-plot .scatterlayer .trace .points path")
    expect(points).to_have_count(5)
    box = points.nth(3).bounding_box()  # Fashion's; Plotly lays what takes the mouse over the points
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    link = page.get_by_role("link", name=re.compile("^.*Its metrics"))
    expect(link).to_be_visible()
    assert re.search(r"[?&]point=fashion(&|$)", page.url)
    keep(page, "methods-selected")
    link.click()
    expect(page.get_by_text("Fashion, Precision@5: the queries behind it")).to_be_visible()
