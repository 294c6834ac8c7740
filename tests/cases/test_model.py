"""What a case says, and how it is made of what a page shows."""

from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from fashion_search.cases import capture
from fashion_search.cases.model import MOST_COMMENT, Case, CaseItem
from fashion_search.catalog import Filter, Protocol, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.images import open_image
from fashion_search.search import Query, encoder_of, nearest
from fashion_search.store import Store
from tests import samples
from tests.builds import build
from tests.cases import made
from tests.conftest import FakeMethod


@pytest.mark.parametrize(
    ("rows", "headline"),
    [
        ({"A": "++-"}, "A finds 2 of 3 correct"),
        ({"A": "---", "B": "+++", "C": "+--"}, "B finds 3 of 3 correct, C 1, A 0"),
        ({"A": "+", "B": "-", "C": "-", "D": "-"}, "A finds 1 of 1 correct, D, the last of 4 methods, 0"),
        ({"A": "???"}, "What A finds for item 0"),
        ({"A": "+-", "B": "??"}, "What 2 methods find for item 0"),
        ({"A": ""}, "What A finds for item 0"),
    ],
)
def test_the_headline_says_who_finds_how_much(rows: dict[str, str], headline: str) -> None:
    assert made.of_rows(*(made.row(title, marks) for title, marks in rows.items())).headline == headline


@pytest.fixture
def pair(shop: Path, fake: FakeMethod) -> Store:
    return Store(build(shop, methods=["histogram", "fake"]).folder)


def test_a_case_holds_what_was_seen(pair: Store) -> None:
    case = made.of_item(pair, "7", "histogram", "fake", k=4)
    assert (case.shown.query.item, case.shown.query.name) == ("7", "Shirts no. 7")
    assert case.shown.query.labels == ("Shirts", "Red", "Formal")
    assert case.shown.columns == ("Article type", "Base colour", "Usage")
    split = draw_split(pair.catalog, Protocol.LEAVE_ONE_OUT)
    query = Query.of_item(pair.catalog, pair.catalog.row("7"))
    first = nearest(query, pair.library("histogram"), split.gallery)
    for row, method in zip(case.shown.rows, ("histogram", "fake"), strict=True):
        ranking = nearest(query, pair.library(method), split.gallery)
        items = [pair.catalog.items[one] for one in ranking.rows[:4]]
        assert [(one.item, one.name, one.labels) for one in row.results] == [(i.id, i.name, i.labels) for i in items]
        assert [one.rank for one in row.results] == [1, 2, 3, 4]
        assert [one.score for one in row.results] == pytest.approx(ranking.scores[:4].tolist(), abs=1e-4)
        assert [one.correct for one in row.results] == ranking.relevant[:4].tolist()
        moved = [(first.rank(one) or 0) - rank for rank, one in enumerate(ranking.rows[:4].tolist(), start=1)]
        assert [one.moved for one in row.results] == ([None] * 4 if method == "histogram" else moved)
        correct = int(ranking.relevant[:4].sum())
        rank = int(np.flatnonzero(ranking.relevant)[0]) + 1
        assert row.facts == (
            f"{correct} of 4 correct",
            "3 relevant in the gallery",
            f"first correct at rank {rank} of 14",
        )
    assert [row.title for row in case.shown.rows] == ["RGB histogram", "Fake"]
    assert case.shown.rows[1].weights == pair.methods["fake"].weights_label


def test_a_brought_picture_is_kept_small_and_has_no_badges_where_nothing_is_known(pair: Store) -> None:
    picture = samples.noise(1, (900, 1200))
    query = Query(picture=picture)
    library = pair.library("fake")
    gallery = np.ones(15, dtype=bool)
    ranking = nearest(query, library, gallery, encoder=encoder_of(library))
    shown = capture.results(pair, query, [ranking], 5, gallery)
    trust = pair.confidence(ranking, gallery, 5)
    assert trust
    assert open_image(shown.query.webp).size == (360, 480)
    assert shown.query.picture(pair) == shown.query.webp
    assert {one.correct for one in shown.rows[0].results} == {None}
    assert [one.badge for one in shown.rows[0].results] == [""] * 5
    assert (shown.rows[0].facts, shown.rows[0].confidence) == ((), f"{trust.trust} ({trust.any:.0%})")


def test_a_picture_that_is_another_one_now_is_not_shown(pair: Store) -> None:
    [result, *_] = made.of_item(pair, "7", "histogram").shown.rows[0].results
    row = pair.catalog.row(result.item)
    assert result.picture(pair) == pair.thumbnail(row)
    other = tuple(replace(item, digest="another") if item.id == result.item else item for item in pair.catalog.items)
    pair.catalog = replace(pair.catalog, items=other)
    assert result.picture(pair) is None
    assert CaseItem("gone", "Gone", (), "x").picture(pair) is None


def test_badges_and_movements_have_a_word_or_a_sign() -> None:
    [right, wrong] = made.row("A", "+-").results
    assert (right.badge, wrong.badge) == ("✓ correct", "✕ incorrect")
    moved = [msgspec.structs.replace(right, moved=places).movement for places in (None, 0, 3_000, -2)]
    assert moved == ["", "=", "▲ 3,000", "▼ 2"]


def test_conditions_name_protocol_seed_k_filter_and_verdicts(pair: Store) -> None:
    split = draw_split(pair.catalog, Protocol.ONE_PER_GROUP, 7)
    plain = capture.conditions(pair, split, 10, NO_VERDICTS)
    assert plain.sentence == (
        "shop: 15 images in 3 style groups · One query per group, split seed 7 · k = 10 · without verdicts"
    )
    applied = Applied(np.array([[0, 5]]), np.array([14]))
    only_caps = Filter.parse("article_type=Caps")
    split = draw_split(pair.catalog, Protocol.LEAVE_ONE_OUT, filter=only_caps)
    full = capture.conditions(pair, split, 10, applied)
    assert full.sentence.endswith(
        "Leave-one-out, only items whose article type is Caps · k = 10 · people’s verdicts applied (1 pair accepted, "
        "1 wrong label left out)"
    )


def test_findings_are_table_1_with_its_sentences(pair: Store) -> None:
    evaluation = Evaluation.of(pair, ["histogram", "fake"])
    shown = capture.findings(evaluation)
    assert "of its first 5 results" in shown.headline
    assert shown.columns[:2] == ("Method", "Precision@5")
    assert [line[0] for line in shown.lines] == ["RGB histogram", "Fake", "Chance", "Ceiling"]
    assert len({len(line) for line in shown.lines} | {len(shown.columns)}) == 1
    precision = evaluation.figures["histogram"]["precision"].macro
    assert shown.lines[0][1].startswith(f"{precision.value:.3f}"[1:3])
    assert shown.sentences[0].startswith("The most that is possible here is ")
    assert "RGB histogram" in shown.sentences[1]
    alone = capture.findings(Evaluation.of(pair, ["fake"]))
    assert len(alone.sentences) == 1


def test_a_comment_has_a_length_and_cases_are_compared_by_what_they_show() -> None:
    case = made.of_rows(made.row("A", "+"))
    assert case.shows_the_same(made.of_rows(made.row("A", "+"), comment="again"))
    assert not case.shows_the_same(made.of_rows(made.row("A", "-")))
    with pytest.raises(ValueError, match="comment has 2,001 characters"):
        Case("Search", case.shown, case.conditions, comment="x" * (MOST_COMMENT + 1))
