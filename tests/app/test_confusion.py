"""The Metrics page's confusion view: which values are returned for which, and the pairs behind a square."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

from tests.app import screen, shops, truth

COLUMNS = ("article_type", "base_colour", "usage")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, view="confusion", **params)


def by_hand(folder: Path, method: str, column: int, k: int = 5) -> Counter[tuple[str, str]]:
    """How often each value is among the first k results for each."""
    right = truth.labels(folder)
    return Counter(
        (right[query][column], right[item][column])
        for query in right
        for item in truth.ranking(folder, method, query)[:k]
    )


@pytest.mark.parametrize(("column", "method"), [(0, "resnet18"), (1, "histogram"), (2, "histogram")])
def test_squares_and_file_hold_the_counts(trial: Path, downloads: dict[str, str], column: int, method: str) -> None:
    expected = by_hand(trial, method, column)
    app = opened(of=COLUMNS[column], method=method)

    squares = [point for trace in screen.chart(app, "confusion")["data"] for point in trace.get("customdata") or ()]
    assert {(wanted, returned): count for wanted, returned, count in squares} == expected
    name = f"{shops.CATALOG}-{COLUMNS[column]}-{method}.csv"
    lines = list(csv.DictReader(io.StringIO(downloads[name])))
    assert {(line["asked for"], line["returned"]): int(line["results"]) for line in lines} == expected
    totals = Counter[str]()
    for (wanted, _), count in expected.items():
        totals[wanted] += count
    for line in lines:
        share = expected[line["asked for"], line["returned"]] / totals[line["asked for"]]
        assert float(line["share"]) == pytest.approx(share, abs=5.1e-5)


@pytest.mark.usefixtures("trial")
def test_the_cells_fill_the_chart_and_those_that_can_be_selected_are_the_coloured_ones() -> None:
    marks, cells = screen.chart(opened(), "confusion")["data"]

    assert (marks["type"], cells["type"]) == ("scatter", "heatmap")
    assert len(cells["z"]) == len(cells["x"]) == len(cells["y"])
    shares = {
        (cells["y"][row], cells["x"][column]): value**2
        for row, line in enumerate(cells["z"])
        for column, value in enumerate(line)
        if value
    }
    assert shares.keys() == {(wanted, returned) for wanted, returned, _ in marks["customdata"]}
    for (wanted, returned, _), share in zip(marks["customdata"], marks["text"], strict=True):
        assert f"{shares[wanted, returned]:.1%}" == share


def test_a_square_leads_to_its_pairs(trial: Path) -> None:
    right = truth.labels(trial)
    expected = [
        (query, rank)
        for query in right
        if right[query][0] == "Caps"
        for rank, item in enumerate(truth.ranking(trial, "histogram", query)[:5], start=1)
        if right[item][0] == "Ties"
    ]
    assert expected
    app = opened(method="histogram", cell="Caps→Ties")
    links = screen.linked(app, "Search")

    assert f"{len(expected)} result" in screen.text(app)
    best = sorted(expected, key=lambda pair: pair[1])
    assert [link["query"] for link in links] == [query for query, _ in best][:10]
    assert {link["methods"] for link in links} == {"histogram"}
    drawn = app.get_by_key("cards-confused").get("html")
    ranks = [int(one.value.split('class="fs-rank">')[1].split("<")[0]) for one in drawn]
    assert ranks == [rank for _, rank in best][:10]
    assert screen.query_id(screen.opened(**links[0])) == links[0]["query"]

    screen.ran(app.button(key="confused-close").click().run())
    assert "cell" not in screen.url(app)


@pytest.mark.usefixtures("trial")
def test_another_column_forgets_the_square_and_another_method_keeps_it() -> None:
    app = opened(cell="Caps→Ties", page="2")
    screen.chosen(app, "method", "histogram")
    assert screen.url(app) == {
        "catalog": shops.CATALOG,
        "view": "confusion",
        "cell": "Caps→Ties",
        "method": "histogram",
    }
    screen.chosen(app, "of", "usage")
    assert screen.url(app) == {"catalog": shops.CATALOG, "view": "confusion", "of": "usage", "method": "histogram"}


@pytest.mark.parametrize("cell", ["Caps", "Caps→Hats", "→", "Ties→Caps→Ties", "<b>→</b>"])
@pytest.mark.usefixtures("trial")
def test_a_square_that_is_not_there_is_said(cell: str) -> None:
    app = opened(cell=cell)

    assert screen.complaints(app) == [f"There is no cell {cell!r} here."]
    assert screen.chart(app, "confusion")["data"]
