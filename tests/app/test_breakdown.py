"""The Metrics page's breakdown: figures by style group and by column, and the queries behind each."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from tests.app import screen, shops, truth

COLUMNS = ("article_type", "base_colour", "usage")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="breakdown", **params)


def parts(app: screen.AppTest) -> dict[str, dict[str, Any]]:
    return {name(row): row for row in screen.table(app, "parts")}


def name(row: dict[str, Any]) -> Any:
    """What a line is about: its first column, whose head is that of the breakdown."""
    return next(iter(row.values()))


def by_hand(folder: Path, method: str, column: int | None) -> dict[str, tuple[int, float]]:
    """Value → number of queries and mean Precision@5, leave-one-out."""
    found: dict[str, list[float]] = {}
    right = truth.labels(folder)
    for query, ranked in truth.relevance(folder, method).items():
        value = " · ".join(right[query]) if column is None else right[query][column]
        found.setdefault(value, []).append(sum(ranked[:5]) / 5)
    return {value: (len(scores), sum(scores) / len(scores)) for value, scores in found.items()}


@pytest.mark.parametrize("by", ["", *COLUMNS])
def test_figures_of_parts_are_leave_one_out_and_small_parts_are_marked(trial: Path, by: str) -> None:
    column = COLUMNS.index(by) if by else None
    histogram, resnet = (by_hand(trial, method, column) for method in ("histogram", "resnet18"))
    params = {"by": by} if by else {}

    for protocol in ("leave-one-out", "one-per-group"):
        found = parts(opened(protocol=protocol, **params))
        assert found.keys() == histogram.keys()
        for value, row in found.items():
            queries, score = histogram[value]
            assert (row["Queries"], row["Images"]) == (queries, queries)
            assert row["RGB histogram"] == pytest.approx(score, abs=5.1e-5)
            assert row["ResNet-18"] == pytest.approx(resnet[value][1], abs=5.1e-5)
            assert row["ResNet-18 − RGB histogram"] == pytest.approx(resnet[value][1] - score, abs=5.1e-5)
            assert row["Note"].startswith("few") == (queries < 10)


@pytest.mark.parametrize(
    ("sort", "key"),
    [
        ("gap", lambda row: (row["Note"] != "", -abs(row["ResNet-18 − RGB histogram"]))),  # those of few queries last
        ("images", lambda row: -row["Images"]),
        ("best", lambda row: (row["Note"] != "", -row["ResNet-18"])),
        ("worst", lambda row: (row["Note"] != "", row["ResNet-18"])),
        ("value", lambda row: name(row)),
    ],
)
@pytest.mark.usefixtures("trial")
def test_parts_are_sorted(sort: str, key: "object") -> None:
    app = opened()
    if sort != "gap":  # the order that the view opens with
        screen.ran(app.selectbox(key="sort").set_value(sort).run())
        assert screen.url(app) == {"catalog": shops.CATALOG, "view": "breakdown", "sort": sort}
    rows = screen.table(app, "parts")

    assert callable(key)
    order = [key(row) for row in rows]
    assert order == sorted(order)


@pytest.mark.usefixtures("trial")
def test_words_keep_the_parts_that_have_them_all() -> None:
    app = opened()
    screen.ran(app.text_input(key="words").set_value("BLUE ca").run())

    assert set(parts(app)) == {f"{kind} · Blue · Casual" for kind in shops.TYPES}
    assert screen.url(app)["words"] == "BLUE ca"
    assert parts(opened(words="BLUE ca")) == parts(app)
    screen.ran(app.text_input(key="words").set_value("purple").run())
    assert "Nothing matches" in screen.text(app)
    screen.ran(app.text_input(key="words").set_value("").run())
    assert len(parts(app)) == 15
    assert "words" not in screen.url(app)


def test_a_selected_part_shows_its_queries_which_lead_to_their_search(trial: Path) -> None:
    right = truth.labels(trial)
    app = opened(at="caps_blue_casual", protocol="one-per-group", k="10")
    links = screen.linked(app, "Search")

    assert {link["query"] for link in links} == {item for item, one in right.items() if one[:2] == ("Caps", "Blue")}
    for link in links:  # leave-one-out, like the figures: any item can be a query
        assert {name: value for name, value in link.items() if name != "query"} == {
            "catalog": shops.CATALOG,
            "methods": "histogram,resnet18",  # the two that are compared, whatever else is built
            "k": "10",
        }
        assert screen.query_id(screen.opened(**link)) == link["query"]
    gaps = {
        query: abs(
            sum(truth.relevance(trial, "resnet18", of=[query])[query][:10])
            - sum(truth.relevance(trial, "histogram", of=[query])[query][:10])
        )
        for query in (link["query"] for link in links)
    }
    assert list(gaps.values()) == sorted(gaps.values(), reverse=True)


@pytest.mark.usefixtures("trial")
def test_the_case_of_a_query_behind_a_part_is_found_whatever_the_protocol() -> None:
    app = opened(at="caps_blue_casual", protocol="one-per-group")

    for link in screen.linked(app, "Compare"):
        case = screen.opened("Failures", **link)
        assert screen.complaints(case) == []
        assert screen.query_id(case) == link["case"]


@pytest.mark.usefixtures("trial")
def test_another_breakdown_forgets_the_selection() -> None:
    app = opened(at="caps_blue_casual", page="2")
    screen.chosen(app, "by", "usage")

    assert screen.url(app) == {"catalog": shops.CATALOG, "view": "breakdown", "by": "usage"}
    assert not screen.linked(app, "Search")


@pytest.mark.usefixtures("trial")
def test_the_table_can_be_taken_away(downloads: dict[str, str]) -> None:
    rows = screen.table(opened(by="article_type"), "parts")

    lines = list(csv.DictReader(io.StringIO(downloads[f"{shops.CATALOG}-by-article_type.csv"])))
    assert [name(line) for line in lines] == [name(row) for row in rows]
    assert [float(line["Fusion"]) for line in lines] == [row["Fusion"] for row in rows]
