"""The report's chapter of cases that people added."""

import re
from html import unescape
from pathlib import Path

import msgspec
import pytest

from fashion_search.cases import Case, open_cases
from fashion_search.cases.model import CaseItem
from fashion_search.errors import StoreError
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.images import to_webp
from fashion_search.report import report
from fashion_search.store import Store
from tests import samples
from tests.builds import build
from tests.cases import made
from tests.conftest import FakeMethod
from tests.report.test_report import HOSTILE, text_of


@pytest.fixture
def pair(shop: Path, fake: FakeMethod) -> Store:
    return Store(build(shop, methods=["histogram", "fake"]).folder)


def page_with(store: Store, *cases: Case) -> str:
    for case in cases:
        open_cases(store.name).add(case)
    return report(Evaluation.of(store, ["histogram", "fake"]))


def chapter(page: str) -> str:
    [found] = re.findall(r'<section id="cases">.*?</section>', page, re.DOTALL)
    return found


def test_without_cases_there_is_no_chapter(pair: Store) -> None:
    assert 'id="cases"' not in page_with(pair)


def test_each_case_has_its_headline_comment_rows_badges_and_conditions(pair: Store) -> None:
    case = made.of_item(pair, "7", "histogram", "fake", comment="First line.\nSecond line.")
    html = chapter(page_with(pair, case, made.figures(comment="In figures.")))
    text = text_of(html)
    assert "2 cases added to this report" in text
    assert case.headline in text
    assert "First line.\nSecond line." in unescape(html)
    assert f"{case.conditions.sentence}. Added on the Search page, {case.when}." in text
    assert "/?catalog=shop&query=7" in text
    n_correct = sum(row.n_correct for row in case.shown.rows)
    assert html.count("✓ correct") == n_correct
    assert html.count("✕ incorrect") == 10 - n_correct
    assert html.count("data:image/webp;base64,") == 11
    for row in case.shown.rows:
        assert row.confidence
        assert f"{row.title} · {row.confidence} · {' · '.join(row.facts)}" in text
        for result in row.results:
            moved = f" · {result.movement}" if result.movement else ""
            assert f"{result.score:.3f}{moved}" in text
    assert html.index("First line") < html.index("Method 1 is right in 22%") < html.index("In figures.")
    assert "<td>.119 [.205, .234]</td><td>.330</td>" in html
    assert "One beats two." in text
    assert "/Metrics?catalog=shop&k=10" in text


def test_what_is_not_known_has_no_badge_and_what_is_gone_is_said(pair: Store) -> None:
    [_, *others] = made.row("Fake", "????").results
    own = CaseItem("", "Mine", webp=to_webp(samples.noise(1)))
    case = made.of_rows(made.row("Fake", "????"))
    shown = msgspec.structs.replace(case.shown, query=own)
    html = chapter(page_with(pair, msgspec.structs.replace(case, shown=shown)))
    assert "correct" not in text_of(html)
    assert html.count("data:image/webp;base64,") == 1
    assert html.count("the catalog no longer has its picture") == 1 + len(others)
    assert "<b>≠</b>" not in html
    assert "<b>=</b>" not in html
    assert "To see it again" not in html


def test_text_of_people_and_metadata_is_never_interpreted(pair: Store) -> None:
    row = msgspec.structs.replace(made.row(HOSTILE, "+"), facts=(HOSTILE,), confidence=HOSTILE)
    case = made.of_rows(row, comment=HOSTILE)
    query = CaseItem(HOSTILE, HOSTILE, (HOSTILE,))
    case = msgspec.structs.replace(
        case, shown=msgspec.structs.replace(case.shown, query=query), link={HOSTILE: HOSTILE}
    )
    figures = made.figures(comment=HOSTILE)
    table = msgspec.structs.replace(
        figures.shown, headline=HOSTILE, sentences=(HOSTILE,), columns=(HOSTILE,), lines=((HOSTILE,),)
    )
    page = page_with(pair, case, msgspec.structs.replace(figures, shown=table))
    assert HOSTILE not in page
    assert chapter(page).count("alert(1)") >= 10


def test_a_damaged_list_is_said(pair: Store) -> None:
    open_cases("shop").add(made.figures())
    open_cases("shop").path.write_text("{")
    with pytest.raises(StoreError, match=r"cases\.json is damaged"):
        page_with(pair)
