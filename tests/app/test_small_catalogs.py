"""Metrics and Failures of catalogs in which there is little or nothing to evaluate."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fashion_search.catalog.request import Request
from fashion_search.evaluation.verdict_file import open_verdicts
from fashion_search.ui import builds
from tests import samples
from tests.app import screen, truth
from tests.builds import build
from tests.conftest import FakeMethod

METRICS = ("scores", "breakdown", "confusion", "map", "report")
FAILURES = ("cases", "suspects", "verdicts")
VIEWS = [("Metrics", view) for view in METRICS] + [("Failures", view) for view in FAILURES]

Make = Callable[..., Path]


@pytest.fixture
def make(home: Path, tmp_path: Path, fake: FakeMethod) -> Make:
    """Builds a folder of pictures in sub-folders as a catalog of two methods."""

    def made(groups: Mapping[str, int], *methods: str) -> Path:
        name, seed = "small", 0
        for group, count in groups.items():
            for number in range(count):
                seed += 1
                picture = samples.encoded(samples.noise(seed, (40, 40)))
                samples.write_folder(tmp_path / name / group, {f"{number}.png": picture})
        build(tmp_path / name, name=name, methods=methods or ("histogram", "fake"))
        return home / name

    return made


def shown(page: str, view: str, **params: str) -> screen.AppTest:
    return screen.opened(page, catalog="small", view=view, **params)


@pytest.mark.parametrize(("page", "view"), VIEWS)
@pytest.mark.parametrize("groups", [{"a": 2, "b": 2}, {"only": 5}], ids=["one column", "one group"])
def test_little_is_enough(make: Make, groups: Mapping[str, int], page: str, view: str) -> None:
    make(groups)
    for params in ({}, {"k": "50"}, {"protocol": "one-per-group"}):  # a gallery of at most four
        app = shown(page, view, **params)
        assert screen.complaints(app) == []
        assert not app.error


def test_a_k_beyond_the_gallery_counts_what_is_there(make: Make) -> None:
    folder = make({"a": 2, "b": 3})
    [row] = [row for row in screen.table(shown("Metrics", "scores", k="10"), "table-1") if row["Method"] == "Fake"]
    precision = truth.means(truth.relevance(folder, "fake"), 10)[0]

    assert row["Precision@10"].startswith(f"{precision:.2f}".removeprefix("0"))
    assert row["Recall@10"].startswith("1.0")
    app = shown("Failures", "cases", k="10")
    assert len(screen.results(app, "histogram")) == len(screen.results(app, "fake")) == 4
    confused = screen.chart(shown("Metrics", "confusion", k="10"), "confusion")["data"]
    assert sum(point[2] for trace in confused for point in trace.get("customdata") or ()) == 5 * 4


def test_one_method_is_judged_and_a_second_is_offered(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    make({"a": 2, "b": 3}, "histogram")
    requests: list[Request] = []
    monkeypatch.setattr(builds, "start_build", requests.append)
    for page, view in VIEWS:
        app = shown(page, view)
        assert screen.complaints(app) == []
        assert not app.error
    app = shown("Failures", "cases")
    assert "has only RGB histogram so far" in screen.text(app)

    screen.ran(app.button(key="second-fake").click().run())
    assert [(request.name, request.methods) for request in requests] == [("small", ("fake",))]


@pytest.mark.parametrize(("page", "view"), VIEWS)
@pytest.mark.parametrize("protocol", ["leave-one-out", "one-per-group"])
def test_without_any_query_to_judge_that_is_explained(make: Make, page: str, view: str, protocol: str) -> None:
    folder = make({"a": 2, "b": 2})
    first = {labels: item for item, labels in reversed(list(truth.labels(folder).items()))}
    for item in first.values():
        open_verdicts("small").mark_wrong_label(item)
    app = shown(page, view, verdicts="1", protocol=protocol)

    if view == "verdicts":
        assert "2 labels marked wrong" in screen.text(app)
    elif view == "map":
        assert app.get("plotly_chart")
    else:
        assert "no query has a relevant item" in screen.text(app)
    assert not app.error
    screen.ran(app.toggle(key="verdicts").set_value(False).run())
    assert "no query has a relevant item" not in screen.text(app)


def test_a_map_of_very_few_items_can_be_made(make: Make) -> None:
    make({"a": 2})
    app = shown("Metrics", "map", kind="tsne")
    for method in ("histogram", "fake"):
        screen.ran(app.button(key=f"tsne-{method}").click().run())

    assert len(app.get("plotly_chart")) == 2


@pytest.fixture
def blank(home: Path, tmp_path: Path, fake: FakeMethod) -> Path:
    """A shop in which one group has no usage, and one has signs of its own."""
    groups = {("Shirts", "Blue", ""): 5, ("Shirts", "Red", "Formal"): 4, ("Caps→Hats", "any", "Formal"): 4}
    samples.write_folder(tmp_path / "blank", samples.shop_files(samples.lines(groups)))
    build(tmp_path / "blank", name="blank", methods=["histogram", "fake"])
    return home / "blank"


@pytest.mark.usefixtures("blank")
def test_items_with_a_blank_label_are_left_out_and_counted() -> None:
    app = screen.opened("Catalog", catalog="blank")
    assert app.dataframe[0].value.to_dict("records") == [{"Reason": "blank label: usage", "Rows": 5}]
    assert {metric.label: metric.value for metric in app.metric}["Images"] == "8"


@pytest.mark.usefixtures("blank")
def test_a_label_may_hold_any_sign() -> None:
    app = screen.opened("Metrics", catalog="blank", view="confusion", cell="Caps→Hats→Caps→Hats", k="10")
    assert screen.complaints(app) == []
    assert screen.linked(app, "Search")


@pytest.fixture
def unlabelled(home: Path, tmp_path: Path, fake: FakeMethod) -> Path:
    """Five pictures in a folder without sub-folders."""
    files = {f"{number}.png": samples.encoded(samples.noise(number, (40, 40))) for number in range(5)}
    build(samples.write_folder(tmp_path / "loose", files), name="loose", methods=["histogram", "fake"])
    return home / "loose"


@pytest.mark.usefixtures("unlabelled")
def test_without_labels_a_catalog_is_searched() -> None:
    app = screen.opened(catalog="loose", methods="histogram,fake")
    assert screen.complaints(app) == []
    cards = screen.results(app, "histogram")
    assert len(cards) == 4
    assert {card.badge for card in cards} == {""}
    app.button(key="pick").click()
    screen.ran(app.run())

    app = screen.opened(catalog="loose", protocol="one-per-group")
    assert "have no labels, so it can be searched but not evaluated" in screen.text(app)


@pytest.mark.usefixtures("unlabelled")
def test_without_labels_other_pages_say_that_nothing_is_evaluated() -> None:
    for page, view in VIEWS:
        app = screen.opened(page, catalog="loose", view=view)
        assert "have no labels, so it can be searched but not evaluated" in screen.text(app)
        assert not app.error
    app = screen.opened("Catalog", catalog="loose")
    assert not app.error
    assert "There are no labels: this catalog can be searched, but not evaluated." in screen.text(app)
    assert not screen.opened("Training", catalog="loose").error
