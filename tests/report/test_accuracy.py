"""A report on pictures from outside has top-k accuracy, beside what others have published on the same benchmark."""

from pathlib import Path

import pytest

from fashion_search.catalog import Protocol
from fashion_search.evaluation import classified
from fashion_search.evaluation.accuracy import KS, headline
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.published import OML, SOURCES, STUDY_1, STUDY_2
from fashion_search.evaluation.words import bounds, digits_of, number
from fashion_search.report import report
from fashion_search.store import Store
from tests.builds import build_categories, build_in_shop
from tests.report.test_report import MADE, text_of


@pytest.fixture
def in_shop(home: Path, tmp_path: Path) -> Store:
    """A small copy of In-Shop with its query set."""
    return build_in_shop(tmp_path / "source")


def test_top_k_accuracy_stands_beside_others_values(in_shop: Store) -> None:
    evaluation = Evaluation.of(in_shop, ["histogram"], Protocol.of_queries("test"))
    page = report(evaluation, MADE)
    text = text_of(page)
    found = evaluation.accuracy_of("histogram")
    assert headline("RGB histogram", found, 5) in text
    labels = " ".join(f"Top-{k}" for k in KS)
    head = text[text.index(labels) + len(labels) :]
    assert head.index("per product") < head.index("Chance") < head.index("Not measured here")
    chances = [number(one.chance, 4) for one in found.values()]
    assert f"Chance {' '.join(chances)}" in head
    assert "DenseNet121 OC+IS .823 .909" in head
    for source in (STUDY_1, OML):
        assert f"Not measured here: {source}" in head
        assert SOURCES[source] in text
    assert "They are of other conditions: they are of 14,218 queries" in text
    assert "Figure 3" in text
    assert 'id="chart-top-k"' in page
    assert "Published by others" in page


def test_of_a_catalogs_own_items_it_has_no_such_section(in_shop: Store) -> None:
    page = report(Evaluation.of(in_shop, ["histogram"]), MADE)
    assert 'id="chart-top-k"' not in page
    assert "Top-50" not in text_of(page)


def test_at_a_k_of_its_own_the_headline_tells_the_last(in_shop: Store) -> None:
    evaluation = Evaluation.of(in_shop, ["histogram"], Protocol.of_queries("test"), k=7)
    assert headline("RGB histogram", evaluation.accuracy_of("histogram"), 50) in text_of(report(evaluation, MADE))


def test_categories_are_classified_beside_others_values(home: Path, tmp_path: Path) -> None:
    store = build_categories(tmp_path / "source")
    evaluation = Evaluation.of(store, ["histogram"], Protocol.of_queries("test"))
    text = text_of(report(evaluation, MADE))
    [line] = classified.lines(evaluation, "category")
    assert classified.headline([line], evaluation.titles, "category") in text
    shown = [
        f"{number(one.value, digits_of(one))} {bounds(one)}".strip() for one in (*line.tops.values(), line.balanced)
    ]
    assert f"RGB histogram {line.how} 4 {' '.join(shown)}" in text
    assert f"SEResNeXt50+OC {STUDY_2} .884 .939" in text
    assert SOURCES[STUDY_2] in text
    assert classified.ABOUT not in text_of(report(Evaluation.of(store, ["histogram"]), MADE))
