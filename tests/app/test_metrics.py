"""The Metrics page's scores, its settings, and what can be taken away from it."""

import csv
import dataclasses
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fashion_search.build.libraries import add_fused
from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.rankings import rank
from fashion_search.evaluation.scores import PAPER, Figure, figures, grouped
from fashion_search.evaluation.words import rounded
from fashion_search.manifest import read_manifest, write_manifest
from fashion_search.store import Store
from tests.app import screen, shops, truth

NAMES = {"histogram": "RGB histogram", "resnet18": "ResNet-18", "fusion": "Fusion"}
PAPERS = ["The paper’s RGB histogram", "The paper’s ResNet-18"]


def evaluated(folder: Path, method: str, protocol: Protocol, k: int, seed: int = 0) -> dict[str, Figure]:
    """A method's figures, evaluated here and now."""
    store = Store(folder)
    ranked = rank(store.library(method), draw_split(store.catalog, protocol, seed))
    return figures(ranked, grouped(store.catalog, ranked), k)


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Metrics", catalog=shops.CATALOG, **params)


def table_1(app: screen.AppTest) -> dict[str, dict[str, str]]:
    """Table 1 by its first column."""
    return {row.pop("Method"): row for row in screen.table(app, "table-1")}


@pytest.mark.parametrize(
    ("protocol", "seed", "k"),
    [(Protocol.LEAVE_ONE_OUT, 0, 5), (Protocol.ONE_PER_GROUP, 3, 5), ("leave-one-out", 0, 20)],
)
def test_table_1_is_what_an_evaluation_counts(trial: Path, protocol: str, seed: int, k: int) -> None:
    protocol = Protocol(protocol)
    rows = table_1(opened(protocol=protocol, seed=str(seed), k=str(k)))

    labels = {name: measure.label(k) for name, measure in MEASURES.items()}
    for method, name in NAMES.items():
        found = evaluated(trial, method, protocol, k, seed)
        assert rows[name] == {labels[measure]: rounded(figure.macro) for measure, figure in found.items()}
    for measure, figure in found.items():  # chance and ceiling are the same for every method
        assert float(rows["Chance"][labels[measure]]) == pytest.approx(figure.chance, abs=5.1e-5)
        assert float(rows["Ceiling"][labels[measure]]) == pytest.approx(figure.ceiling, abs=5.1e-4)


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_the_papers_three_measures_are_those_counted_by_hand(trial: Path, protocol: Protocol) -> None:
    rows = table_1(opened(protocol=protocol))
    queries = truth.drawn(trial, 0) if protocol == Protocol.ONE_PER_GROUP else None

    for method in ("histogram", "resnet18"):
        right = truth.means(truth.relevance(trial, method, queries), 5)
        for label, value in zip(("Precision@5", "Recall@5", "Hit@5"), right, strict=True):
            shown, low, high = map(float, re.findall(r"\d*\.\d+", rows[NAMES[method]][label]))
            assert shown == pytest.approx(value, abs=0.0051)
            assert low <= shown <= high


def test_chance_and_ceiling_are_those_counted_by_hand(trial: Path) -> None:
    rows = table_1(opened())
    sizes = [list(truth.labels(trial).values()).count(labels) for labels in truth.labels(trial).values()]
    n = len(sizes)

    assert float(rows["Chance"]["Precision@5"]) == pytest.approx(sum(s - 1 for s in sizes) / n / (n - 1), abs=5.1e-5)
    assert float(rows["Ceiling"]["Precision@5"]) == pytest.approx(sum(min(s - 1, 5) for s in sizes) / n / 5, abs=5.1e-4)
    assert rows["Ceiling"]["Hit@5"] == "1.000"


@pytest.mark.usefixtures("trial")
@pytest.mark.parametrize("k", [str(k) for k in KS])
def test_the_papers_figures_stand_beside_ours_at_its_k_only(k: str) -> None:
    rows = table_1(opened(k=k))

    assert list(rows) == [*NAMES.values(), "Chance", "Ceiling", *(PAPERS if k == "5" else [])]
    for name, method in zip(PAPERS if k == "5" else [], PAPER, strict=False):
        shown = [rows[name][label] for label in ("Precision@5", "Recall@5", "Hit@5")]
        assert [float(figure) for figure in shown] == list(PAPER[method].values())
        assert rows[name]["MRR"] == ""


@pytest.mark.usefixtures("trial")
def test_the_protocol_in_use_is_named_and_nothing_is_left_out_silently(trial: Path) -> None:
    images, groups = len(truth.labels(trial)), len(set(truth.labels(trial).values()))

    assert f"**Leave-one-out** · {images} queries · {images} images in {groups} style groups" in screen.text(opened())
    app = opened(protocol="one-per-group", seed="7")
    assert f"**One query per group, split seed 7** · {groups} queries" in screen.text(app)


@pytest.mark.usefixtures("trial")
def test_every_two_methods_are_compared_in_a_sentence() -> None:
    app = opened()
    said = [screen.read(one.value) for one in app.markdown if " beats " in one.value or "No difference" in one.value]

    assert len(said) == 3
    assert all("p = " in one or "p < " in one for one in said)
    assert all("Precision@5" in one for one in said)
    assert all("Recall@10" in one for one in map(screen.read, sentences(opened(measure="recall", k="10"))))


@pytest.mark.usefixtures("trial")
def test_many_methods_are_compared_in_a_matrix_and_with_the_best_in_sentences() -> None:
    app = screen.opened("Metrics", catalog="demo")  # five methods
    said = [screen.read(one) for one in sentences(app)]

    bars = [bar for bar in screen.chart(app, "bars")["data"] if bar["type"] == "bar"]
    best = max(bars, key=lambda bar: bar["y"][0])["name"]
    names_best = re.compile(rf"\b{best}\b")
    assert len(said) == 4
    assert all(names_best.search(one) for one in said)
    heights = {bar["name"]: bar["y"][0] for bar in bars}
    order = sorted(heights, key=lambda name: -heights[name])
    [frame] = [one.value for one in app.dataframe if list(one.value.columns) == ["Method", *order[1:]]]
    matrix = frame.to_dict("records")
    assert [row["Method"] for row in matrix] == order[:-1]
    for row, better in enumerate(order[:-1]):
        for column, other in enumerate(order[1:]):
            cell = matrix[row][other]
            assert bool(cell) == (column >= row)
            if cell:
                found = re.fullmatch(r"(\.\d+) \[(.+), (.+)\], p [<=] \.\d+", cell)
                assert found
                assert float(found[1]) == pytest.approx(heights[better] - heights[other], abs=0.0051)
    assert not [one for one in opened().get("download_button") if "comparisons" in one.proto.label]  # three methods


def sentences(app: screen.AppTest) -> list[str]:
    return [one.value for one in app.markdown if " beats " in one.value or "No difference" in one.value]


def test_the_chart_shows_every_method_with_its_interval(trial: Path) -> None:
    drawn = screen.chart(opened(), "bars")
    bars = {trace["name"]: trace for trace in drawn["data"] if trace["type"] == "bar"}

    assert list(bars) == list(NAMES.values())
    found = evaluated(trial, "resnet18", Protocol.LEAVE_ONE_OUT, 5)["precision"].macro
    custom = bars["ResNet-18"]["customdata"]
    assert [row[:2] for row in custom] == [["resnet18", measure] for measure in ("precision", "recall", "hit")]
    assert bars["ResNet-18"]["error_y"]["array"]
    assert found.low < found.value < found.high


def test_why_results_are_wrong_adds_up_and_is_what_the_labels_say(trial: Path) -> None:
    right = truth.labels(trial)
    results = [(query, item) for query in right for item in truth.ranking(trial, "histogram", query)[:5]]
    wrong_type = sum(right[query][0] == right[item][0] for query, item in results) / len(results)
    app = opened()

    rows = {row.pop("A result counts as right if it has the"): row for row in lenient(app)}
    assert mean(rows["Same article type"]["RGB histogram"]) == pytest.approx(wrong_type, abs=0.0051)
    strict = truth.means(truth.relevance(trial, "resnet18"), 5)[0]
    assert mean(rows["Same style group (strict)"]["ResNet-18"]) == pytest.approx(strict, abs=0.0051)


def mean(shown: str) -> float:
    """A figure without its interval."""
    return float(shown.split(" ")[0])


def lenient(app: screen.AppTest) -> list[dict[str, Any]]:
    frames = [frame.value for frame in app.dataframe]
    return next(frame for frame in frames if "A result counts as right if it has the" in frame).to_dict("records")


SETTINGS: list[tuple[dict[str, str], str, object, dict[str, str]]] = [  # from an address, by a widget, to an address
    ({}, "protocol", Protocol.ONE_PER_GROUP, {"protocol": "one-per-group"}),
    ({"protocol": "one-per-group"}, "seed", 9, {"protocol": "one-per-group", "seed": "9"}),
    ({"protocol": "one-per-group", "seed": "9"}, "seed", 0, {"protocol": "one-per-group"}),
    ({}, "k", "20", {"k": "20"}),
    ({"k": "20"}, "k", "5", {}),
    ({}, "a", "fusion", {"a": "fusion", "b": "resnet18"}),
    ({}, "b", "fusion", {"a": "histogram", "b": "fusion"}),
    ({"a": "fusion", "b": "histogram"}, "a", "histogram", {"a": "histogram", "b": "fusion"}),  # they change places
    ({}, "b", "histogram", {"a": "resnet18", "b": "histogram"}),
    ({}, "verdicts", True, {"verdicts": "1"}),
]
OF_METRICS: list[tuple[dict[str, str], str, object, dict[str, str]]] = [
    ({}, "measure", "mrr", {"measure": "mrr"}),
    ({"cell": "histogram.hit", "page": "2"}, "k", "10", {"k": "10"}),
    ({"view": "breakdown", "at": "caps_blue_casual"}, "view", "scores", {}),
]


@pytest.mark.parametrize(
    ("page", "params", "setting", "value", "address"),
    [("Metrics", *one) for one in SETTINGS + OF_METRICS] + [("Failures", *one) for one in SETTINGS],
)
@pytest.mark.usefixtures("trial")
def test_a_setting_is_in_the_address_and_an_address_is_a_setting(
    page: str, params: dict[str, str], setting: str, value: object, address: dict[str, str]
) -> None:
    app = screen.opened(page, catalog=shops.CATALOG, **params)
    kinds = ("radio", "number_input", "selectbox", "toggle", "button_group")
    [widget] = [one for kind in kinds for one in app.get(kind) if one.key == setting]
    screen.ran(widget.set_value(value).run())

    assert screen.url(app) == {"catalog": shops.CATALOG} | address
    again = screen.opened(page, **screen.url(app))
    assert screen.complaints(again) == screen.complaints(app) == []
    for name in ("protocol", "k", "measure", "a", "b", "verdicts"):
        shown, same = (
            [one.value for kind in kinds for one in shown_by.get(kind) if one.key == name] for shown_by in (app, again)
        )
        assert shown == same
        if name == setting:
            assert shown == [value]
    assert screen.text(app) == screen.text(again)


@pytest.mark.usefixtures("trial")
def test_the_same_method_twice_is_taken_for_two() -> None:
    app = opened(a="resnet18", b="resnet18")

    assert {app.selectbox(key="a").value, app.selectbox(key="b").value} > {"resnet18"}


@pytest.mark.usefixtures("trial")
def test_a_cell_shows_its_queries_the_worst_first_and_each_leads_to_its_search(trial: Path) -> None:
    judged = truth.relevance(trial, "histogram")
    right = {query: sum(ranked[:5]) for query, ranked in judged.items()}
    app = opened(cell="histogram.precision")
    links = screen.linked(app, "Search")

    assert len(links) == 10
    assert [right[link["query"]] for link in links] == sorted(right.values())[:10]
    assert {link["catalog"] for link in links} == {shops.CATALOG}
    assert [link["case"] for link in screen.linked(app, "Compare")] == [link["query"] for link in links]

    screen.chosen(app, "order", "best")
    assert [right[link["query"]] for link in screen.linked(app, "Search")] == sorted(right.values())[:-11:-1]
    assert screen.url(app) == {"catalog": shops.CATALOG, "cell": "histogram.precision", "order": "best"}

    screen.ran(app.get("pagination")[0].set_value(2).run())
    assert screen.url(app)["page"] == "2"
    assert [right[link["query"]] for link in screen.linked(app, "Search")] == sorted(right.values())[-11:-21:-1]

    screen.ran(app.button(key="cell-close").click().run())
    assert screen.url(app) == {"catalog": shops.CATALOG}


@pytest.mark.usefixtures("trial")
def test_the_links_behind_a_cell_keep_the_conditions() -> None:
    app = opened(cell="fusion.hit", protocol="one-per-group", seed="3", k="10", a="fusion", b="histogram")

    for link in screen.linked(app, "Search"):
        kept = {name: value for name, value in link.items() if name != "query"}
        assert kept == {
            "catalog": shops.CATALOG,
            "methods": "fusion,histogram",
            "k": "10",
            "protocol": "one-per-group",
            "seed": "3",
        }
    for link in screen.linked(app, "Compare"):
        assert {name: link[name] for name in ("protocol", "seed", "k", "a", "b")} == {
            "protocol": "one-per-group",
            "seed": "3",
            "k": "10",
            "a": "fusion",
            "b": "histogram",
        }


def test_all_figures_are_there_when_they_are_asked_for(trial: Path) -> None:
    app = opened()
    before = len(app.dataframe)
    app.session_state["all-figures"] = True  # as a click on the section does
    screen.ran(app.run())

    assert len(app.dataframe) == before + 1
    rows = app.dataframe[-1].value.to_dict("records")
    assert len(rows) == len(NAMES) * len(MEASURES)
    found = evaluated(trial, "fusion", Protocol.LEAVE_ONE_OUT, 5)["recall"]
    [shown] = [row for row in rows if (row["Method"], row["Measure"]) == ("Fusion", "Recall@5")]
    assert float(shown["Per relevant item"]) == pytest.approx(found.micro, abs=5.1e-4)
    assert shown["Lift"] == f"{found.lift:.1f} ×"


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_the_csv_of_table_1_holds_the_figures_and_their_conditions(
    trial: Path, downloads: dict[str, str], protocol: Protocol
) -> None:
    opened(protocol=protocol)
    lines = list(csv.DictReader(io.StringIO(downloads[f"{shops.CATALOG}-table-1.csv"])))

    assert len(lines) == len(NAMES) * len(MEASURES)
    assert {line["protocol"] for line in lines} == {protocol}
    assert {line["seed"] for line in lines} == {"0" if protocol == Protocol.ONE_PER_GROUP else ""}
    columns = ("mean per query", "95 % low", "95 % high", "mean per relevant item", "chance", "ceiling", "lift")
    for method in NAMES:
        found = evaluated(trial, method, protocol, 5)
        for line, figure in zip([one for one in lines if one["method"] == method], found.values(), strict=True):
            expected = (*dataclasses.astuple(figure.macro), figure.micro, figure.chance, figure.ceiling, figure.lift)
            assert [float(line[column]) for column in columns] == pytest.approx(expected)
            assert line["weights"] == Store(trial).methods[method].weights_label


@pytest.mark.usefixtures("trial")
def test_other_data_than_the_papers_is_said_to_be_other_data() -> None:
    app = opened()

    assert any("are for other data" in caption.value for caption in app.caption)
    assert "The paper describes" not in screen.text(app)


def test_the_papers_own_data_are_compared_with_the_paper(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = read_manifest(trial)
    monkeypatch.setattr(
        "fashion_search.evaluation.scores._PAPER_COUNTS", (manifest.n_groups, manifest.n_items)
    )  # as if these were the paper's 697 style groups and 6,217 images
    app = opened()

    assert "its printed figures agree with" in screen.text(app)
    evidence = next(frame.value for frame in app.dataframe if "Figures" in frame.value)
    by_hand = truth.means(truth.relevance(trial, "histogram"), 5)
    ours = evidence[(evidence["Method"] == "RGB histogram") & (evidence["Figures"] == "Ours, leave-one-out")]
    shown = [float(ours[label].iloc[0]) for label in ("Precision@5", "Recall@5", "Hit@5")]
    assert shown == pytest.approx(by_hand, abs=5.1e-5)
    assert not any("are for other data" in caption.value for caption in app.caption)


def test_one_method_alone_is_a_table_too(trial: Path) -> None:
    manifest = read_manifest(trial)
    write_manifest(trial, dataclasses.replace(manifest, libraries={"histogram": manifest.libraries["histogram"]}))
    app = opened()

    assert list(table_1(app))[:3] == ["RGB histogram", "Chance", "Ceiling"]
    assert not any(box.key in ("a", "b") for box in app.selectbox)
    for view in ("breakdown", "confusion", "map", "report"):
        assert screen.complaints(opened(view=view)) == []


def test_a_damaged_library_is_said_and_the_others_are_shown(trial: Path) -> None:
    path = trial / read_manifest(trial).libraries["resnet18"].vectors["file"]
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    app = opened()

    said = [screen.read(error.value) for error in app.error]
    assert len(said) == 2  # the fusion is made of it
    assert all("is damaged" in one for one in said)
    assert app.button(key="mend-resnet18").label == "Build it again"
    assert list(table_1(app))[:2] == ["RGB histogram", "Chance"]
    assert app.selectbox(key="catalog").value == shops.CATALOG


@pytest.mark.usefixtures("trial")
def test_the_links_to_the_other_pages_keep_the_catalog() -> None:
    for page in ("", "Metrics", "Methods", "Failures", "Catalog", "Training"):
        app = screen.opened(page, catalog=shops.CATALOG)
        links = list(app.sidebar.get("page_link"))
        assert [link.proto.label for link in links] == [
            "Search",
            "Metrics",
            "Methods",
            "Failures",
            "Catalog",
            "Training",
        ]
        assert all(f"catalog={shops.CATALOG}" in link.proto.query_string for link in links)


@pytest.mark.usefixtures("trial")
def test_metrics_and_failures_are_about_the_same_settings() -> None:
    app = opened(protocol="one-per-group", seed="2", k="10", a="fusion", b="histogram", view="breakdown")
    [link] = [link.proto for link in app.sidebar.get("page_link") if link.proto.label == "Failures"]

    expected = f"catalog={shops.CATALOG}&protocol=one-per-group&seed=2&k=10&a=fusion&b=histogram"
    assert link.query_string == expected


@pytest.mark.parametrize("page", ["Metrics", "Failures"])
@pytest.mark.usefixtures("trial")
def test_what_is_stored_is_only_read(page: str, never_evaluated: Callable[[], None]) -> None:
    views = {
        "Metrics": [{}, {"cell": "fusion.hit"}, {"view": "breakdown"}, {"view": "confusion"}, {"view": "map"}],
        "Failures": [{}, {"case": "1030"}, {"view": "suspects"}],
    }[page]
    screen.opened(page, catalog=shops.CATALOG)
    screen.opened(page, catalog=shops.CATALOG, protocol="one-per-group")
    never_evaluated()

    for params in views:
        screen.opened(page, catalog=shops.CATALOG, **params)
    if page == "Metrics":
        screen.opened(page, catalog=shops.CATALOG, protocol="one-per-group")


def test_the_report_is_made_for_what_the_page_shows(trial: Path, downloads: dict[str, str]) -> None:
    app = opened(view="report", protocol="one-per-group", seed="2", k="10")
    command = "python -m fashion_search report --catalog trial --protocol one-per-group --seed 2 -k 10"
    assert app.code[0].value == command
    assert not downloads
    screen.ran(app.button(key="report-make").click().run())

    made = downloads[f"{shops.CATALOG}-report.html"]
    assert Store(trial).manifest.title in made
    assert "One query per group" in made
    assert "Precision@10" in made
    assert all(name in made for name in NAMES.values())
    assert app.code[0].value == command
    screen.ran(app.run())
    assert app.get("download_button")[0].key == "report-download"  # it is kept while nothing changes
    screen.chosen(app, "k", "5")
    assert app.button(key="report-make")


def test_a_cell_of_a_method_with_a_dot_in_its_name_shows_its_queries() -> None:
    add_fused("demo", "fashion+0.5*histogram")
    app = screen.opened("Metrics", catalog="demo", cell="fashion+0.5*histogram.precision")
    assert screen.complaints(app) == []
    assert len(screen.linked(app, "Search")) == 10
