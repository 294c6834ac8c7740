"""The report opens without a network, on any screen, with its charts drawn."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from fashion_search.cases import open_cases
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.home import HOME_VARIABLE
from fashion_search.report import write_report
from fashion_search.store import Store
from tests.browser.conftest import LAPTOP, PHONE
from tests.cases import made


@pytest.mark.parametrize("size", [LAPTOP, PHONE])
def test_it_opens_offline_with_its_charts_drawn(
    chromium: Browser, trial: Path, tmp_path: Path, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path))
    store = Store(shutil.copytree(trial, tmp_path / trial.name))
    open_cases(store.name).add(made.of_item(store, "1030", "histogram", "resnet18", k=20, comment="x" * 300))
    open_cases(store.name).add(made.figures(9, comment="In figures."))
    evaluation = Evaluation.of(store, ["histogram", "resnet18", "fusion"])
    write_report(tmp_path / "report.html", evaluation)
    complaints: list[str] = []
    requests: list[str] = []
    context = chromium.new_context(viewport={"width": size[0], "height": size[1]}, offline=True)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    page.locator("figure .main-svg").first.wait_for()
    figures = page.locator("figure").count()
    with_marks = page.locator("figure:has(.main-svg .trace)").count()
    broken = page.evaluate("[...document.images].filter(image => !image.naturalWidth).length")
    width = page.evaluate("document.documentElement.scrollWidth")
    shown = page.locator("#cases article.collected img").count()
    comments = page.locator("#cases .comment").all_inner_texts()
    context.close()

    assert figures == with_marks >= 4
    assert broken == 0
    assert shown == 1 + 2 * 20
    assert comments == ["x" * 300, "In figures."]
    assert width == size[0]
    assert complaints == []
    assert [url for url in requests if not url.startswith(("file:", "data:", "blob:"))] == []
