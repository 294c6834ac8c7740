"""The Methods page: quality against cost, the table of all methods, and the second paper's tables."""

from pathlib import Path

import pandas as pd
import pytest

from fashion_search.costs import Encoding, Machine, measuring
from fashion_search.costs.cost_file import Measured, read_measured, write_measured
from fashion_search.encoders import ENCODERS
from fashion_search.store import Store, open_store
from tests import more_methods, samples
from tests.app import screen
from tests.builds import build

HERE = Machine("A processor", 4, "Some system")


def measured(store: Store, milliseconds: dict[str, float]) -> None:
    """Costs as a build would have measured them: of encoding as given, of searches in fact."""
    encodings = {
        method: Encoding(
            store.library(method).fingerprint.digest,
            HERE,
            "2026-01-02T03:04:05+00:00",
            milliseconds=taken,
            per_second=1000 / taken,
            batch=32,
            peak=12.0,
            parameters=None,
        )
        for method, taken in milliseconds.items()
    }
    write_measured(store.folder, Measured(encodings, measuring.time_searches(store, measuring.searchable(store))))


@pytest.fixture
def known(trial: Path) -> Store:
    """The trial shop with costs."""
    store = open_store("trial")
    measured(store, {"histogram": 2.0, "resnet18": 50.0})
    return store


def test_every_method_is_a_point_with_its_cost_and_its_quality(known: Store) -> None:
    app = screen.opened("Methods", catalog="trial", cost="encoding")
    drawn = {one["customdata"][0][0]: one for one in screen.chart(app, "tradeoff")["data"][1:]}
    assert drawn.keys() == {"histogram", "resnet18", "fusion"}
    assert [drawn[name]["x"] for name in ("histogram", "resnet18", "fusion")] == [[2.0], [50.0], [52.0]]
    figures = screen.table(screen.opened("Metrics", catalog="trial"), "table-1")
    [row] = [row for row in figures if row["Method"] == "RGB histogram"]
    assert row["Precision@5"].startswith(f"{drawn['histogram']['y'][0]:.2f}"[1:])
    assert len({one["marker"]["symbol"] for one in drawn.values()}) == 3


def test_a_point_leads_to_the_metrics_of_its_method(known: Store) -> None:
    app = screen.opened("Methods", catalog="trial", point="resnet18", measure="map", k="10")
    assert "50.0 ms to encode a picture" in screen.text(app)
    assert "recall@10 1.000" in screen.text(app)
    [link] = screen.linked(app, "Its metrics: the queries behind MAP@10")
    assert link == {"catalog": "trial", "measure": "map", "k": "10", "cell": "resnet18.map"}
    there = screen.opened("Metrics", **link)
    assert "ResNet-18, MAP@10: the queries behind it" in screen.text(there)
    app.button(key="point-close").click().run()
    assert "point" not in screen.url(app)


def test_the_table_says_what_is_measured_and_where(known: Store, downloads: dict[str, str]) -> None:
    app = screen.opened("Methods", catalog="trial")
    [frame] = [one.value for one in app.dataframe]
    rows = {row["Method"]: row for row in frame.to_dict("records")}
    assert rows["ResNet-18"]["ms/image"] == 50.0
    assert rows["ResNet-18"]["images/s"] == 20.0
    assert rows["ResNet-18"]["Parameters"] == 11_176_512
    assert rows["ResNet-18"]["Recall@10"] == 1.0
    assert rows["ResNet-18"]["Bytes/item"] == 2048
    assert rows["ResNet-18"]["Licence"] == "BSD-3-Clause"
    assert rows["Fusion"]["ms/image"] == 52.0
    assert "A processor, 4 cores, Some system" in rows["RGB histogram"]["Machine"]
    text = downloads["trial-methods.csv"]
    assert "2026-01-02T03:04:05" in text or "Measured" in text.splitlines()[0]
    assert text.count("\n") == 1 + len(rows)


def test_before_anything_is_measured_the_page_says_what_measures_it(trial: Path) -> None:
    app = screen.opened("Methods", catalog="trial")
    assert screen.subheads(app)[0] == "What the methods cost is not known yet"
    assert not app.get("plotly_chart")
    [command] = [code.value for code in app.code]
    assert command.startswith("python -m fashion_search build ")
    assert "--name trial" in command
    assert "--quick" not in command


def test_a_catalog_without_labels_has_costs_alone(tmp_path: Path, shop: Path) -> None:
    pictures = {path.name: path.read_bytes() for path in (shop / "images").iterdir()}
    build(samples.write_folder(tmp_path / "loose", pictures), methods=["histogram"])
    measured(open_store("loose"), {"histogram": 2.0})
    app = screen.opened("Methods", catalog="loose")
    [frame] = [one.value for one in app.dataframe]
    assert frame["ms/image"].tolist() == [2.0]
    assert "there are costs alone" in screen.text(app)
    assert not app.get("plotly_chart")


def test_what_is_not_drawn_is_said_with_its_reason(known: Store) -> None:
    kept = read_measured(known.folder)
    problem = Encoding(known.library("resnet18").fingerprint.digest, HERE, "now", "No weights at hand.")
    write_measured(known.folder, Measured(kept.encodings | {"resnet18": problem}, kept.searches))
    app = screen.opened("Methods", catalog="trial", cost="search")
    assert len(screen.chart(app, "tradeoff")["data"]) == 4
    app = screen.opened("Methods", catalog="trial")
    assert "ResNet-18, Fusion: encoding not measured. No weights at hand." in screen.text(app)


def test_twenty_methods_are_sorted_filtered_by_family_and_told_apart(
    shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, spec in more_methods.specs().items():
        monkeypatch.setitem(ENCODERS, name, spec)
    build(shop, methods=["histogram", *more_methods.NAMES])
    store = open_store("shop")
    measured(store, {name: 1.0 + place for place, name in enumerate(["histogram", *more_methods.NAMES])})
    app = screen.opened("Methods", catalog="shop", cost="encoding")
    marks = screen.chart(app, "tradeoff")["data"][1:]
    assert len(marks) == 21
    assert len({mark["marker"]["symbol"] for mark in marks}) == 21
    assert not app.warning
    app = screen.opened("Methods", catalog="shop", cost="encoding", family="CNN,nonsense")
    family = [name for name, spec in more_methods.specs().items() if spec.family == "CNN"]
    assert [mark["customdata"][0][0] for mark in screen.chart(app, "tradeoff")["data"][1:]] == family
    assert screen.complaints(app) == ["There is no method of the family “nonsense” here; the link is shown without it."]
    frame: pd.DataFrame = app.dataframe[0].value
    assert sorted(frame["Method"]) == sorted(name.capitalize() for name in family)


def test_the_second_papers_tables_are_ours_beside_its_own(known: Store) -> None:
    app = screen.opened("Methods", catalog="trial", view="tables", method="resnet18", of="base_colour", printed="6")
    methods, classes, printed = (frame.value for frame in app.dataframe)
    figures = screen.table(screen.opened("Metrics", catalog="trial"), "table-1")
    assert methods["Method"].tolist() == ["RGB histogram", "ResNet-18", "Fusion"]
    for row, text in zip(figures[:3], methods["Precision@5"].tolist(), strict=True):
        assert float(text) == pytest.approx(float(row["Precision@5"].split()[0]), abs=0.0051)
    assert methods["ms/query"].tolist()[0].startswith("2.")
    assert classes.columns[0] == "Base colour"
    assert printed.to_dict("records")[0] == {
        "As printed": "ResNet",
        "Precision": "0.41",
        "Recall": "1.00",
        "nDCG": "0.73",
        "Retrieval time, s": "0.28",
    }
    assert "it states neither k nor what counts as relevant" in screen.text(app)


def test_parent_classes_are_read_from_an_uploaded_table(known: Store, shop_folder: Path) -> None:
    app = screen.opened("Methods", catalog="trial", view="tables")
    table = (shop_folder / "styles.csv").read_bytes()
    screen.ran(app.file_uploader(key="parents").upload("styles.csv", table, "text/csv").run())
    _, parents, _, _ = (frame.value for frame in app.dataframe)
    assert parents["Parent class"].tolist() == ["Apparel"]
    assert app.selectbox(key="parents-of").value == "masterCategory"
