"""The Failures page: outcomes, filters, and one case after the other."""

import math
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from fashion_search.encoders.weights import FOLDER_VARIABLE
from tests import samples
from tests.app import screen, shops, truth
from tests.builds import build

COLUMNS = ("article_type", "base_colour", "usage")
PAIR = ("histogram", "resnet18")


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Failures", catalog=shops.CATALOG, **params)


@dataclass(frozen=True)
class Case:
    """A query, worked out by hand: correct results of both methods, their first correct ranks, and the mismatches."""

    query: str
    labels: tuple[str, ...]
    correct: tuple[int, int]
    first: tuple[int, int]
    kinds: frozenset[str]

    @property
    def outcome(self) -> str:
        return {(True, True): "both", (True, False): "only-first", (False, True): "only-second"}.get(
            (self.correct[0] > 0, self.correct[1] > 0), "neither"
        )

    @property
    def gap(self) -> int:
        return abs(self.correct[0] - self.correct[1])


def cases_by_hand(folder: Path, k: int = 5, queries: set[str] | None = None) -> list[Case]:
    """Every case, the most telling first."""
    right = truth.labels(folder)
    found = []
    for query in right if queries is None else sorted(queries, key=list(right).index):
        kinds: set[str] = set()
        correct, first = [], []
        for method in PAIR:
            ranked = truth.ranking(folder, method, query, queries or frozenset())
            relevant = [rank for rank, item in enumerate(ranked, start=1) if right[item] == right[query]]
            correct.append(sum(rank <= k for rank in relevant))
            first.append(relevant[0])
            for item in ranked[:k]:
                pairs = zip(COLUMNS, right[item], right[query], strict=True)
                kinds.add("+".join(column for column, one, other in pairs if one != other))
        found.append(Case(query, right[query], (correct[0], correct[1]), (first[0], first[1]), frozenset(kinds - {""})))
    rows = {item: row for row, item in enumerate(right)}
    return sorted(found, key=lambda case: (-case.gap, -abs(math.log(case.first[0] / case.first[1])), rows[case.query]))


def counts(app: screen.AppTest) -> dict[str, int]:
    """The bars of the picture: outcome → queries."""
    chart = screen.chart(app, "outcomes")
    [bars] = chart["data"]
    figures = [text.partition("<b>")[2] for text in chart["layout"]["yaxis"]["ticktext"]]
    shown = [int(figure.split(" ")[0].replace(",", "")) for figure in figures]
    return {custom[0]: count for custom, count in zip(bars["customdata"], shown, strict=True)}


def n_cases(app: screen.AppTest) -> int:
    """How many cases the page says pass the filters."""
    [line] = [text.value for text in app.markdown if "**Case " in text.value]
    return int(line.split(" of ")[1].split("*")[0].replace(",", ""))


def sequence(app: screen.AppTest, at_most: int = 6) -> list[str]:
    """The queries of the page's cases, by the Next button."""
    found = [screen.query_id(app)]
    while not app.button(key="next").disabled and len(found) < at_most:
        screen.ran(app.button(key="next").click().run())
        found.append(screen.query_id(app))
    return found


@pytest.mark.parametrize(("protocol", "k"), [("leave-one-out", 5), ("leave-one-out", 1), ("one-per-group", 5)])
def test_outcomes_are_those_counted_by_hand(trial: Path, protocol: str, k: int) -> None:
    queries = truth.drawn(trial, 0) if protocol == "one-per-group" else None
    expected = cases_by_hand(trial, k, queries)
    app = opened(protocol=protocol, k=str(k))

    outcomes = Counter(case.outcome for case in expected)
    assert counts(app) == {name: outcomes[name] for name in ("both", "only-first", "only-second", "neither")}
    assert n_cases(app) == len(expected)
    finding = screen.subheads(app)[0]
    assert f"ResNet-18 hits in {outcomes['only-second'] / len(expected):.0%}" in finding


def test_swapping_the_methods_swaps_the_outcomes(trial: Path) -> None:
    there, back = counts(opened()), counts(opened(a="resnet18", b="histogram"))

    assert (there["only-first"], there["only-second"]) == (back["only-second"], back["only-first"])
    assert (there["both"], there["neither"]) == (back["both"], back["neither"])


def test_the_most_telling_case_comes_first_and_next_and_previous_turn(trial: Path) -> None:
    expected = [case.query for case in cases_by_hand(trial)]
    app = opened()
    assert app.button(key="previous").disabled
    assert sequence(app, 5) == expected[:5]
    assert screen.url(app) == {"catalog": shops.CATALOG, "case": expected[4]}

    screen.ran(app.button(key="previous").click().run())
    assert screen.query_id(app) == expected[3]
    last = opened(case=expected[-1])
    assert last.button(key="next").disabled
    assert f"Case {len(expected)} of {len(expected)}" in screen.text(last)


def test_a_case_shows_both_rows_and_what_happened(trial: Path) -> None:
    [case] = [one for one in cases_by_hand(trial) if one.query == "1030"]
    right = truth.labels(trial)
    app = opened(case="1030")

    assert screen.query_id(app) == "1030"
    for method, correct, first in zip(PAIR, case.correct, case.first, strict=True):
        cards = screen.results(app, method)
        assert [card.item_id for card in cards] == truth.ranking(trial, method, "1030")[:5]
        assert [card.badge for card in cards] == [
            "correct" if right[card.item_id] == right["1030"] else "incorrect" for card in cards
        ]
        assert f"{correct} correct, the first at rank {first}" in screen.text(app)
        for card in cards:
            signs = [
                "=" if one == other else "≠" for one, other in zip(right[card.item_id], right["1030"], strict=True)
            ]
            assert [sign for sign, _ in card.labels] == signs
    screen.ran(app.toggle(key="missed-histogram").set_value(True).run())
    ranked = truth.ranking(trial, "histogram", "1030")
    behind = {item: rank for rank, item in enumerate(ranked, 1) if rank > 5 and right[item] == right["1030"]}
    assert {card.item_id: card.rank for card in screen.missed(app, "histogram")} == behind


@pytest.mark.usefixtures("trial")
def test_a_case_leads_to_the_same_on_the_search_page() -> None:
    app = opened(case="1030", k="10")
    [link] = screen.linked(app, "Open in Search")

    search = screen.opened(**link)
    assert screen.complaints(search) == []
    for method in PAIR:
        shown, there = screen.results(app, method), screen.results(search, method)
        assert [card.item_id for card in shown] == [card.item_id for card in there]
    first = screen.results(app, "histogram")[0].item_id
    screen.ran(app.button(key="why-histogram-0").click().run())
    [other] = screen.linked(app, "Search with this")
    assert screen.query_id(screen.opened(**other)) == other["query"] == first


@pytest.mark.parametrize(
    "filters",
    [
        {"outcome": "only-first"},
        {"outcome": "neither"},
        {"is_article_type": "Caps"},
        {"is_base_colour": "Pink"},
        {"is_usage": shops.HOSTILE_USAGE},
        {"kind": "base_colour"},
        {"kind": "article_type+base_colour+usage"},
        {"gap": "3"},
        {"group": "scarves_pink_formal"},
        {"outcome": "only-second", "is_base_colour": "Red", "kind": "base_colour", "gap": "2"},
    ],
    ids=lambda filters: "&".join(filters),
)
def test_filters_keep_the_cases_that_pass_them_all(trial: Path, filters: dict[str, str]) -> None:
    def passes(case: Case) -> bool:
        group = tuple(filters["group"].split("_")) if "group" in filters else ()
        return (
            filters.get("outcome", case.outcome) == case.outcome
            and all(filters.get(f"is_{column}", case.labels[place]) == case.labels[place]
                    for place, column in enumerate(COLUMNS))
            and ("kind" not in filters or filters["kind"] in case.kinds)
            and case.gap >= int(filters.get("gap", "0"))
            and (not group or tuple(label.lower() for label in case.labels) == group)
        )  # fmt: skip

    expected = [case.query for case in cases_by_hand(trial) if passes(case)]
    app = opened(**filters)

    assert expected
    assert screen.complaints(app) == []
    assert n_cases(app) == len(expected)
    assert sequence(app, 3) == expected[:3]
    assert counts(app) == counts(opened())  # the picture is of all queries


@pytest.mark.parametrize(
    ("widget", "value", "address"),
    [
        ("outcome", "only-second", {"outcome": "only-second"}),
        ("is_base_colour", "Blue", {"is_base_colour": "Blue"}),
        ("kind", "usage", {"kind": "usage"}),
        ("gap", 2, {"gap": "2"}),
    ],
)
@pytest.mark.usefixtures("trial")
def test_a_filter_is_in_the_address_and_forgets_the_case(widget: str, value: object, address: dict[str, str]) -> None:
    app = opened(case="1030")
    [box] = [one for kind in ("selectbox", "slider") for one in app.get(kind) if one.key == widget]
    screen.ran(box.set_value(value).run())

    assert screen.url(app) == {"catalog": shops.CATALOG} | address


@pytest.mark.usefixtures("trial")
def test_when_nothing_passes_the_filters_they_can_be_removed() -> None:
    app = opened(outcome="only-first", is_article_type="Scarves", gap="4", group="caps_blue_casual")
    assert "No query matches all of this" in screen.text(app)
    assert not screen.methods_shown(app)

    [button] = [button for button in app.button if "Remove all filters" in button.label]
    screen.ran(button.click().run())
    assert screen.url(app) == {"catalog": shops.CATALOG}
    assert screen.methods_shown(app) == list(PAIR)


@pytest.mark.usefixtures("trial")
def test_all_style_groups_are_a_click_away_from_one() -> None:
    app = opened(group="caps_blue_casual")
    assert n_cases(app) == 4
    screen.ran(app.button(key="group-close").click().run())
    assert screen.url(app) == {"catalog": shops.CATALOG}


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"case": "99999"}, "Item 99999 is not in this catalog; another case is shown."),
        ({"group": "spaceships"}, "This catalog has no style group 'spaceships' (any more); all are shown."),
    ],
)
def test_what_is_not_there_is_said(trial: Path, params: dict[str, str], sentence: str) -> None:
    app = opened(**params)

    assert screen.complaints(app) == [sentence]
    assert n_cases(app) == len(truth.labels(trial))


def test_a_case_that_is_no_query_of_the_split_is_said(trial: Path) -> None:
    item = min(set(truth.labels(trial)) - truth.drawn(trial, 0))
    app = opened(protocol="one-per-group", case=item)

    assert screen.complaints(app) == [f"Item {item} is not a query of this split; another case is shown."]
    assert screen.query_id(app) in truth.drawn(trial, 0)


@pytest.mark.usefixtures("trial")
def test_a_case_outside_the_filters_is_shown_and_said_to_be_outside() -> None:
    app = opened(case="1030", is_article_type="Ties")

    assert screen.query_id(app) == "1030"
    assert "Not among the" in screen.text(app)
    assert app.button(key="previous").disabled
    screen.ran(app.button(key="next").click().run())
    assert "Case 1 of" in screen.text(app)


@pytest.mark.usefixtures("fake")
def test_a_group_and_a_case_that_vanished_in_a_rebuild_are_said(tmp_path: Path) -> None:
    def rebuilt(groups: dict[tuple[str, str, str], int]) -> None:
        rows = samples.lines(groups)
        samples.write_folder(tmp_path / "shop", samples.shop_files(rows))
        build(tmp_path / "shop", name="shop", methods=["histogram", "fake"])

    red, blue = ("Shirts", "Red", "Formal"), ("Caps", "Blue", "Casual")
    rebuilt({red: 4, blue: 4})
    app = screen.opened("Failures", catalog="shop", group="caps_blue_casual", case="8")
    assert screen.complaints(app) == []
    assert n_cases(app) == 4
    rebuilt({red: 6})
    screen.ran(app.run())

    assert screen.complaints(app) == [
        "This catalog has no style group 'caps_blue_casual' (any more); all are shown.",
        "Item 8 is not in this catalog; another case is shown.",
    ]
    assert screen.methods_shown(app) == ["histogram", "fake"]


@pytest.fixture(scope="module")
def papers_store(random_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalog with the paper's three style groups. Copy it to change it."""
    groups = {
        ("Backpacks", "Brown", "Casual"): 4,
        ("Wallets", "Black", "Formal"): 5,
        ("Capris", "Navy Blue", "Casual"): 4,
    }
    folder = tmp_path_factory.mktemp("papers")
    samples.write_folder(folder / "paper", samples.shop_files(samples.lines(groups)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(random_weights))
        return build(folder / "paper", name="paper", folder=folder / "built", methods=PAIR).folder


@pytest.fixture
def papers_groups(home: Path, papers_store: Path, weights: Path) -> Path:
    """A home that holds that catalog; returns its folder."""
    return Path(shutil.copytree(papers_store, home / "paper"))


@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("backpacks_brown_casual", "only-first"),
        ("wallets_black_formal", "only-second"),
        ("capris_navy_blue_casual", "neither"),
    ],
)
def test_the_papers_three_cases_are_one_click_away(papers_groups: Path, name: str, outcome: str) -> None:
    labels = {"backpacks": "Backpacks", "wallets": "Wallets", "capris": "Capris"}[name.split("_")[0]]
    of_group = [case for case in cases_by_hand(papers_groups) if case.labels[0] == labels]
    app = screen.opened("Failures", catalog="paper", a="fusion", b="histogram", k="10", is_usage="Casual", gap="2")
    screen.ran(app.button(key=f"paper-{name}").click().run())

    shows = [case.query for case in of_group if case.outcome == outcome]
    address = {"catalog": "paper", "a": "histogram", "b": "resnet18", "group": name}
    assert screen.url(app) == address | ({"case": shows[0]} if shows else {})  # the most telling one that shows it
    assert screen.query_id(app) == [*shows, of_group[0].query][0]
    assert f"**{len(shows)} of {len(of_group)}**" in screen.text(app)
    for case in of_group:
        label = app.button(key=f"paper-query-{case.query}").label
        assert label == f"{'✓' if case.query in shows else '✕'} {case.query}"
    screen.ran(app.button(key=f"paper-query-{of_group[-1].query}").click().run())
    assert screen.query_id(app) == of_group[-1].query


@pytest.mark.usefixtures("trial")
def test_a_catalog_without_the_papers_groups_says_nothing_of_them() -> None:
    assert not [button for button in opened().button if (button.key or "").startswith("paper-")]
