"""A case in the browser: added with a comment beside the query, found under Metrics, saved as PowerPoint."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pptx import Presentation

from fashion_search.cases import CaseList
from tests.app import shops
from tests.browser.conftest import LAPTOP, PHONE, Server, keep, settle


@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_a_case_is_added_listed_and_saved(
    server: Server, open_page: Callable[..., Page], tmp_path: Path, size: tuple[int, int]
) -> None:
    kept = CaseList(server.home / shops.CATALOG / "cases.json")
    kept.path.unlink(missing_ok=True)
    page = open_page(server.url(catalog=shops.CATALOG, query="1030"), size)
    page.get_by_role("button", name="Add to the report").click()
    box = page.get_by_test_id("stPopoverBody")
    box.get_by_role("textbox").fill("Mind the first row.")
    box.get_by_role("button", name="Add", exact=True).click()

    expect(page.get_by_test_id("stToast")).to_contain_text("case 1 of the report")
    expect(page.get_by_role("button", name="Add to the report · 1")).to_be_visible()
    expect(box).to_have_count(0)  # it closes
    page.get_by_role("button", name="Add to the report · 1").click()
    expect(box.get_by_role("textbox")).to_have_value("")
    assert [case.comment for case in kept.all()] == ["Mind the first row."]

    box.get_by_role("link", name="All cases").click()
    expect(page.get_by_role("heading", name="1 case in the report")).to_be_visible()
    settle(page)
    keep(page, f"cases-{size[0]}")
    assert page.evaluate("document.documentElement.scrollWidth") == size[0]
    with page.expect_download() as download:
        page.get_by_role("button", name="PowerPoint").click()
    download.value.save_as(tmp_path / "cases.pptx")
    _, slide = Presentation(str(tmp_path / "cases.pptx")).slides
    assert slide.shapes.title.text_frame.text == kept.all()[0].headline

    page.get_by_role("textbox", name="Comment").fill("Mind both rows.")
    page.get_by_role("textbox", name="Comment").blur()
    settle(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("heading", name="0 cases in the report")).to_be_visible()
    assert kept.all() == ()
