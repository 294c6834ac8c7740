"""A report: its figures, that it needs nothing beyond itself, what it says where there is nothing to say."""

import functools
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_search import report as reporting
from fashion_search.catalog import EVERYTHING, PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.relevance import Applied
from fashion_search.errors import StoreError, UnknownNameError
from fashion_search.evaluation import evaluation as evaluations
from fashion_search.evaluation import saved
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.evaluation.failures import Duel, Outcome
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.mismatches import kinds
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.evaluation.scores import SeedScores, figures, grouped, seed_scores
from fashion_search.evaluation.statistics import Comparison, Interval, compare
from fashion_search.evaluation.words import chance_of, count, headline, mistake, number, percent, rounded, sentence
from fashion_search.report import report, write_report
from fashion_search.store import Store, open_store
from tests import builds as building
from tests import samples
from tests.conftest import FakeMethod

MADE = datetime(2031, 4, 5, 6, 7, tzinfo=UTC)
TITLES = {"histogram": "RGB histogram", "resnet18": "ResNet-18", "fake": "Fake"}
HOSTILE = '<img src=x onerror="alert(1)"></script><script>alert(2)</script>'
TEMPLATE = Path(reporting.__file__).with_name("templates") / "report.html"


@pytest.fixture
def pair(fake: FakeMethod, shop: Path) -> Store:
    """The sample shop under two methods."""
    return Store(building.build(shop, methods=["histogram", "fake"]).folder)


def built_from(path: Path, groups: Mapping[tuple[str, str, str], int], *methods: str) -> Store:
    files = samples.shop_files(samples.lines(groups))
    return Store(building.build(samples.write_folder(path, files), methods=methods or ["histogram"]).folder)


@functools.lru_cache(maxsize=2)
def without_scripts(page: str) -> str:
    """Plotly alone has four megabytes, and a test asks many times."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)


def text_of(page: str) -> str:
    """What people read, lines and runs of space joined."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_scripts(page))).split())


def rankings_of(store: Store, method: str, protocol: Protocol = Protocol.LEAVE_ONE_OUT) -> Rankings:
    return rank(store.library(method), draw_split(store.catalog, protocol, 0))


def evaluation_of(store: Store, methods: Sequence[str], *settings: Any, **named: Any) -> Evaluation:
    return Evaluation.of(store, methods, *settings, **named)


def report_of(store: Store, methods: Sequence[str], *settings: Any, made: datetime | None = None, **named: Any) -> str:
    return report(evaluation_of(store, methods, *settings, **named), made)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def tags(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Tags()
    parser.feed(page)
    return parser.found


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("k", [1, 5])
def test_table_1_has_the_figures_of_every_method_and_measure(pair: Store, protocol: Protocol, k: int) -> None:
    page = report_of(pair, ["histogram", "fake"], protocol, k=k, made=MADE)
    text = text_of(page)
    for method in ("histogram", "fake"):
        rankings = rankings_of(pair, method, protocol)
        found = figures(rankings, grouped(pair.catalog, rankings), k)
        assert f"{TITLES[method]} {' '.join(rounded(found[name].macro) for name in MEASURES)} micro" in text
    assert f"Ceiling {' '.join(number(figure.ceiling) for figure in found.values())}" in text
    assert f"Chance {' '.join(number(figure.chance, 4) for figure in found.values())}" in text
    for measure in MEASURES.values():
        assert measure.meaning in text


@pytest.mark.parametrize("k", [1, 7, 50])
def test_one_query_per_group_also_has_the_means_over_twenty_splits(pair: Store, k: int) -> None:
    verdicts = Applied(np.array([[0, 5]]), np.array([14]))
    text = text_of(report_of(pair, ["histogram", "fake"], Protocol.ONE_PER_GROUP, 3, k, verdicts))
    lines = re.findall(r"(?<=micro ).*?(?=Fake|Ceiling)", text.split("Table 1")[1])
    assert len(lines) == 2
    for method, line in zip(("histogram", "fake"), lines, strict=True):
        spread = seed_scores(pair.library(method), verdicts, range(20), (k,))
        told = (f"{number(spread.mean(name, k))} ± {number(spread.deviation(name, k))}" for name in MEASURES)
        assert line.split(" 20 splits ")[1].strip() == " ".join(told)
    assert "20 splits: mean ± standard deviation over the split seeds 0 to 19" in text
    kept = saved.folder_of(pair.name).glob("spread-*-judged-*.npz")
    assert len(list(kept)) == (2 if k in KS else 0)


def test_leave_one_out_has_no_means_over_splits(pair: Store) -> None:
    assert "splits" not in text_of(report_of(pair, ["histogram", "fake"]))


def test_a_mean_over_splits_that_cannot_be_taken_is_a_dash(pair: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SeedScores(np.full((20, len(MEASURES), 1), np.nan), (5,))
    monkeypatch.setattr(Evaluation, "spread", lambda *_: nothing)
    text = text_of(report_of(pair, ["fake"], Protocol.ONE_PER_GROUP))
    assert f"20 splits {' '.join('–' for _ in MEASURES)} Ceiling" in text


def test_every_two_methods_are_compared_in_a_sentence(pair: Store) -> None:
    page = report_of(pair, ["histogram", "fake"])
    rankings = {method: rankings_of(pair, method) for method in ("histogram", "fake")}
    queries = grouped(pair.catalog, rankings["fake"])
    for name in ("precision", "recall", "hit"):
        values = {method: MEASURES[name].of(one, 5) for method, one in rankings.items()}
        (comparison,) = compare(values, queries)
        assert sentence(comparison, TITLES, MEASURES[name].label(5)) in text_of(page)


def test_it_is_said_whether_trust_holds_and_reranked_methods_have_rows_of_their_own(pair: Store) -> None:
    methods = ["histogram", "histogram~style"]
    text = text_of(report_of(pair, methods))
    for method, title in zip(methods, ("RGB histogram", "RGB histogram, re-ranked (same style)"), strict=True):
        found = evaluation_of(pair, methods).reliability_of(method)
        said = found.any
        figures_of_line = (said.mean, said.share, said.error, said.auroc)
        assert f"{title} One of the first 5 is right {' '.join(map(number, figures_of_line))}" in text
        assert f"{title} Usage predicted {number(found.labels['usage'].mean)}" in text


def test_conditions_are_named(pair: Store) -> None:
    text = text_of(report_of(pair, ["histogram", "fake"], Protocol.ONE_PER_GROUP, seed=7, k=3, made=MADE))
    for fact in (
        "15 images in 3 style groups by article type, base colour, usage",
        "One query per group, split seed 7",
        "3 queries",
        "k = 3",
        "none applied",
        "2031-04-05 06:07 UTC",
        "RGB histogram: none",
    ):
        assert fact in text
    assert str(pair.folder) not in text
    assert str(Path(pair.manifest.source_path).parent) not in text


def test_verdicts_are_applied_and_counted(pair: Store) -> None:
    verdicts = Applied(np.array([[0, 5]]), np.array([14]))
    text = text_of(report_of(pair, ["histogram", "fake"], verdicts=verdicts))
    assert "1 pair counts as relevant by a person’s decision, 1 item is removed" in text
    assert "Queries 14 queries" in text


def test_rankings_are_kept(pair: Store) -> None:
    shutil.rmtree(saved.folder_of(pair.name), ignore_errors=True)
    first = report_of(pair, ["histogram", "fake"], made=MADE)
    assert len(list(saved.folder_of(pair.name).glob("rankings-*.npz"))) == 2
    again = report_of(pair, ["histogram", "fake"], made=MADE)
    assert text_of(first).split("A search takes")[0] == text_of(again).split("A search takes")[0]


def test_the_demo_shows_the_most_telling_cases_with_their_badges() -> None:
    store = open_store("demo")
    page = report_of(store, ["histogram", "resnet18"])
    text = text_of(page)
    duel = Duel(rankings_of(store, "histogram"), rankings_of(store, "resnet18"), 5)
    order = duel.most_telling
    assert f"ResNet-18 wins: {int((duel.gaps > 0).sum()):,} queries" in text
    assert f"RGB histogram wins: {count(int((duel.gaps < 0).sum()), 'query', 'queries')}" in text
    assert f"Neither has a hit: {count(int((duel.outcomes == Outcome.NEITHER).sum()), 'query', 'queries')}" in text
    cases = [case.split("</article>")[0] for case in page.split('<article class="case">')[1:]]
    assert len(cases) == 9
    asked = [re.findall(r'<div class="label"><b></b>(.*?)</div>', case) for case in cases]
    for three in (asked[:3], asked[3:6], asked[6:]):
        assert len({tuple(labels) for labels in three}) == 3, "each style group once per heading"
    most_telling = next(int(place) for place in order if duel.gaps[place] > 0)
    shown = cases[0]
    item = store.catalog.items[int(duel.queries[most_telling])]
    assert f'alt="{item.name}"' in shown
    better, worse = (int(one.relevant[most_telling, :5].sum()) for one in (duel.second, duel.first))
    assert f"{better} of 5 correct" in shown
    assert shown.count("✓ correct") == better + worse
    assert shown.count("✕ incorrect") == 10 - better - worse
    assert shown.count("data:image/webp;base64,") == 11


def test_the_papers_table_stands_beside_other_data_only_for_orientation() -> None:
    store = open_store("demo")
    text = text_of(report_of(store, ["histogram", "resnet18"]))
    assert "The paper’s Table 1 Baseline .0993 .0516 .3305" in text
    assert "AI Pipeline .2154 .1175 .5993" in text
    assert "other data (697 style groups, 6,217 images)" in text
    assert "The paper’s Table 1" not in text_of(report_of(store, ["histogram", "resnet18"], k=10))


def test_the_papers_conditions_are_named_for_its_data(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store("demo")
    monkeypatch.setattr(evaluations, "is_papers_data", lambda *_: True)
    text = text_of(report_of(store, ["histogram", "resnet18"]))
    assert "at full size and with torchvision’s weights" in text
    rankings = rankings_of(store, "histogram")
    assert "other data" not in text
    found = figures(rankings, grouped(store.catalog, rankings), 5)["precision"].macro.value
    other = rankings_of(store, "resnet18")
    gap = max(abs(found - 0.0993), abs(MEASURES["precision"].of(other, 5).mean() - 0.2154))
    assert f"{number(gap, 4)} (Precision@5)" in text


def test_a_filter_is_named_and_its_figures_are_not_held_against_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store("demo")
    monkeypatch.setattr(evaluations, "is_papers_data", lambda *_: True)
    chosen = EVERYTHING.where("article_type", ["Jackets", "Caps"], is_negated=True)
    text = text_of(report_of(store, ["histogram", "resnet18"], filter=chosen))
    n_passing = sum(item.labels[0] not in ("Jackets", "Caps") for item in store.catalog.items)
    assert f"{n_passing} of 458 images pass article_type!=Jackets,Caps ; only they may be results" in text
    assert "Leave-one-out, only items whose article type is neither Jackets nor Caps." in text
    assert f"{458 - n_passing} more without any relevant item in the gallery are left out" in text
    assert "at full size and with torchvision’s weights" not in text
    assert "The paper’s figures are for the same data, but for the whole of it." in text
    assert "leave-one-out and without verdicts or filter; only the query’s picture" in text


def test_it_is_self_contained(pair: Store) -> None:
    page = report_of(pair, ["histogram", "fake"])
    found = tags(page)
    assert "link" not in [tag for tag, _ in found]
    for tag, attributes in found:
        for name in ("src", "href", "srcset", "action", "data"):
            value = attributes.get(name)
            assert value is None or value.startswith("data:"), (tag, name)
    assert "url(" not in re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert page.count("plotly.js v") == 1
    assert "default-src 'none'" in page


def test_text_of_the_catalog_is_shown_and_never_interpreted(fake: FakeMethod, tmp_path: Path) -> None:
    lines = samples.lines({("Shirts", HOSTILE, "Casual"): 5, ("Shirts", "Red", "Formal"): 4, ("Caps", "Red", "NA"): 6})
    for line in lines:
        line[-1] = HOSTILE
    folder = samples.write_folder(tmp_path / "a<b>&c", samples.shop_files(lines))
    store = Store(building.build(folder, methods=["histogram", "fake"]).folder)
    store.manifest = replace(store.manifest, title=HOSTILE)
    page = report_of(store, ["histogram", "fake"])
    assert HOSTILE not in page
    assert "alert(1)" in text_of(page)
    assert not [attributes for _, attributes in tags(page) if "onerror" in attributes]
    assert "a<b>&c" in text_of(page)
    assert [tag for tag, _ in tags(page)].count("html") == 1


def test_nothing_but_what_plotly_made_is_html_of_its_own() -> None:
    assert re.findall(r"\{\{[^}]*\bsafe\b[^}]*\}\}", TEMPLATE.read_text("utf-8")) == [
        "{{ charts[name] | safe }}",
        "{{ plotly | safe }}",
    ]
    assert "autoescape" not in TEMPLATE.read_text("utf-8")


def test_a_column_that_looks_like_html_is_shown_in_text_and_charts(fake: FakeMethod, tmp_path: Path) -> None:
    catalog_of_two = {("Shirts", "Blue", "Casual"): 4, ("Caps", "Red", "NA"): 5}
    store = built_from(tmp_path / "columns", catalog_of_two, "histogram", "fake")
    columns = (HOSTILE, "base_colour", "usage")
    store.catalog = replace(store.catalog, columns=columns)
    store.manifest = replace(store.manifest, columns=columns, catalog_fingerprint=store.catalog.fingerprint)
    page = report_of(store, ["histogram", "fake"])
    assert "alert(2)" in text_of(page)
    assert HOSTILE.lower() not in page.lower()
    assert "</script><script>alert" not in page.lower()


def test_one_method_is_evaluated_without_comparisons(built: Store) -> None:
    text = text_of(report_of(built, ["histogram"]))
    assert "RGB histogram is the only method here, so nothing is compared" in text
    assert "beats" not in text
    assert "wins" not in text
    assert "Table 1" in text


def test_a_catalog_of_one_group_says_that_intervals_are_left_out(fake: FakeMethod, tmp_path: Path) -> None:
    store = built_from(tmp_path / "one", {("Shirts", "Blue", "Casual"): 6}, "histogram", "fake")
    for protocol in PROTOCOLS:
        text = text_of(report_of(store, ["histogram", "fake"], protocol))
        assert "a single style group" in text
        assert "[" not in text.split("Table 1")[1].split("Ceiling")[0]
        assert "could be shown" not in text


def test_without_any_relevant_item_it_says_so(pair: Store) -> None:
    everything_but_one_each = np.concatenate([group.rows[1:] for group in pair.catalog.groups])
    verdicts = Applied(np.empty((0, 2), np.intp), np.sort(everything_but_one_each))
    text = text_of(report_of(pair, ["histogram", "fake"], verdicts=verdicts))
    assert "Nothing can be evaluated here" in text
    assert "no query has a relevant item" in text
    assert "Table 1" not in text
    assert "nan" not in text.lower()


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
@pytest.mark.parametrize("sizes", [(4,), (4, 4), (4, 4, 20)])
@pytest.mark.parametrize("k", [1, 5, 50])
def test_no_figure_is_missing_in_small_catalogs(
    fake: FakeMethod, tmp_path: Path, protocol: Protocol, sizes: tuple[int, ...], k: int
) -> None:
    kinds = ("Shirts", "Caps", "Ties")
    groups = {(kinds[place], "Blue", "Casual"): size for place, size in enumerate(sizes)}
    store = built_from(tmp_path / "small", groups, "histogram", "fake")
    page = report_of(store, ["histogram", "fake"], protocol, k=k)
    assert not re.search(r"\b(nan|NaN|inf|None)\b", text_of(page))
    charts = page.split("</script>", 1)[1]
    assert "NaN" not in charts


def test_impossible_requests_are_refused(built: Store) -> None:
    for methods, k in (((), 5), (("histogram",), 0)):
        with pytest.raises(ValueError, match="at least one method"):
            report_of(built, methods, k=k)
    with pytest.raises(ValueError, match="50 results at most, not 51"):
        report_of(built, ["histogram"], k=51)
    with pytest.raises(UnknownNameError):
        report_of(built, ["resnet18"])


def test_it_is_written_and_its_folder_is_made(built: Store, tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "report.html"
    write_report(path, evaluation_of(built, ["histogram"]), made=MADE)
    assert path.read_text("utf-8").endswith("</html>\n")
    assert [entry.name for entry in path.parent.iterdir()] == ["report.html"]


def test_where_it_cannot_be_written_it_says_why(built: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr(reporting, "report", lambda *_: "page")
    for place in ("file/report.html", "file/deeper/report.html"):
        with pytest.raises(StoreError, match=r"cannot be written: .*is a file, not a folder"):
            write_report(tmp_path / place, evaluation_of(built, ["histogram"]))
    with pytest.raises(StoreError, match=r"is a folder\. Give the name of a file"):
        write_report(tmp_path / "folder", evaluation_of(built, ["histogram"]))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(reporting, "write_atomically", refuse)
    with pytest.raises(StoreError, match=r"report.html cannot be written: Permission denied\."):
        write_report(tmp_path / "report.html", evaluation_of(built, ["histogram"]))
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".html") == []


# Words


def comparison(low: float, value: float, high: float, p: float) -> Comparison:
    return Comparison("resnet18", "histogram", Interval(value, low, high), p, wins=2792, ties=2797, losses=628)


def test_a_decisive_difference_in_words() -> None:
    assert sentence(comparison(0.1087, 0.1198, 0.1314, 0.0001), TITLES, "Precision@5") == (
        "ResNet-18 beats RGB histogram by .120 Precision@5 [.109, .131]; decisive "
        "(p < .001; better for 2,792 queries, equal for 2,797, worse for 628)."
    )


def test_an_undecided_difference_in_words() -> None:
    assert sentence(comparison(-0.002, 0.003, 0.008, 0.2114), TITLES, "Hit@5") == (
        "No difference between ResNet-18 and RGB histogram in Hit@5 could be shown: .003 [−.002, .008]; p = .211; "
        "ResNet-18 is better for 2,792 queries, equal for 2,797, worse for 628."
    )


def test_nothing_to_compare_in_words() -> None:
    nothing = comparison(float("nan"), float("nan"), float("nan"), float("nan"))
    assert "no query has a relevant item" in sentence(nothing, TITLES, "Hit@5")


@pytest.mark.parametrize(
    ("interval", "expected"),
    [
        (Interval(0.2191, 0.2046, 0.2341), ".219 [.205, .234]"),
        (Interval(0.42, 0.34, 0.51), ".42 [.34, .51]"),
        (Interval(-0.0004, -0.02, 0.02), ".000 [−.020, .020]"),
        (Interval(1.0, 1.0, 1.0), "1.000 [1.000, 1.000]"),
        (Interval(float("nan"), float("nan"), float("nan")), "–"),
    ],
)
def test_figures_have_the_decimals_that_their_interval_supports(interval: Interval, expected: str) -> None:
    assert rounded(interval) == expected


def test_p_is_never_rounded_to_the_other_side_of_its_limit() -> None:
    told = [chance_of(p) for p in (0.0001, 0.001, 0.0123, 0.0498, 0.0496, 0.0501, 1.0)]
    assert told == ["p < .001", "p = .001", "p = .012", "p = .0498", "p = .0496", "p = .050", "p = 1.000"]


def test_headlines() -> None:
    clear, unclear = comparison(0.1, 0.12, 0.14, 0.0001), comparison(-0.1, 0.12, 0.14, 0.4)
    precision = {"histogram": 0.0993, "resnet18": 0.2191}
    finding = "ResNet-18 is right in 22% of its first 5 results, RGB histogram in 9.9%"
    assert headline(precision, [clear], TITLES, 5) == finding
    assert headline(precision, [unclear], TITLES, 5) == f"{finding}; no difference could be shown"
    assert headline({"histogram": 0.5}, [], TITLES, 1) == "RGB histogram is right in 50% of its first results"
    assert "Nothing can be evaluated" in headline({"histogram": float("nan")}, [], TITLES, 5)


def test_small_words() -> None:
    assert (count(1, "query", "queries"), count(2792, "query", "queries")) == ("1 query", "2,792 queries")
    assert (percent(0.2191), percent(0.0017), percent(0)) == ("22%", "0.2%", "0%")


def test_one_style_group_is_not_compared_in_words() -> None:
    nothing = Comparison("a", "b", Interval(0.1, float("nan"), float("nan")), 1.0, 3, 1, 2)
    assert sentence(nothing, {"a": "A", "b": "B"}, "Hit@5") == (
        "A and B cannot be compared in Hit@5: all queries are of one style group."
    )
    assert rounded(nothing.difference) == ".100"


def test_mistakes_in_words() -> None:
    columns = ("article_type", "base_colour")
    of_type, of_colour, of_both = kinds(columns)
    assert mistake("M", columns, of_colour, 0.364) == (
        "Where M is wrong, it is most often in the base colour alone (36% of its results)"
    )
    assert "the article type and base colour (5.0% of" in mistake("M", columns, of_both, 0.05)
    assert "the article type (" in mistake("M", columns[:1], of_type, 0.05)
    assert mistake("M", columns, None, 0) == "No result of M is wrong"


def test_the_second_papers_tables_stand_beside_its_own_figures(pair: Store) -> None:
    evaluation = Evaluation.of(pair, ["histogram", "fake"])
    page = text_of(report(evaluation, MADE))
    section = page[page.index("As the second paper tells it") :]
    for method in ("histogram", "fake"):
        found = evaluation.figures_of(method)
        for name in ("precision", "recall", "ndcg", "map"):
            assert number(found[name].macro.value) in section
    assert "As its Tables 1, 2 and 6" in section
    assert "Its Table 4: Classes, MobileNet" in section
    assert "neither k nor what counts as relevant" in section
    classes = {item.labels[0] for item in pair.catalog.items}
    assert all(name in section for name in classes)
