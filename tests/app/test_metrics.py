"""The Metrics page shows what an evaluation counts, and the paper's figures beside it."""

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from fashion_search.catalog import Protocol, draw_split
from fashion_search.evaluation.scores import PAPER, Scores, evaluate, evaluate_seeds
from fashion_search.store import Store, read_manifest, write_manifest
from tests.app import screen, shops

NAMES = {"histogram": "RGB histogram", "resnet18": "ResNet-18"}


def table(app: screen.AppTest) -> list[dict[str, Any]]:
    """Table 1 as rows."""
    rows: list[dict[str, Any]] = app.dataframe[0].value.to_dict("records")
    return rows


def figures(row: dict[str, Any]) -> list[str]:
    return [row["Precision@5"], row["Recall@5"], row["Hit@5"]]


def written(scores: Scores) -> list[str]:
    return [f"{value:.4f}" for value in (scores.precision, scores.recall, scores.hit)]


def test_figures_are_those_of_an_evaluation(trial: Path) -> None:
    rows = table(screen.opened("Metrics", catalog=shops.CATALOG))
    store = Store(trial)

    expected = []
    for protocol, setting in (
        (Protocol.LEAVE_ONE_OUT, "Leave-one-out"),
        (Protocol.ONE_PER_GROUP, "One query per group, seed 0"),
    ):
        for method, name in NAMES.items():
            scores = evaluate(store.library(method), draw_split(store.catalog, protocol, 0), 5)
            expected.append([setting, name, *written(scores), str(scores.n_queries)])
    for method, name in NAMES.items():
        spread = evaluate_seeds(store.library(method), 5)
        pairs = zip(written(spread.mean), written(spread.deviation), strict=True)
        both = [f"{mean} ± {deviation}" for mean, deviation in pairs]
        setting = "One query per group, mean ± deviation of 20 splits"
        expected.append([setting, name, *both, str(spread.mean.n_queries)])
    for method, name in NAMES.items():
        expected.append(["The paper's Table 1", name, *written(PAPER[method]), "697"])
    assert [[row["Protocol"], row["Method"], *figures(row), row["Queries"]] for row in rows] == expected


def test_every_figure_names_its_weights(trial: Path) -> None:
    label = Store(trial).methods["resnet18"].weights_label
    rows = table(screen.opened("Metrics", catalog=shops.CATALOG))

    ours = [row for row in rows if row["Protocol"] != "The paper's Table 1"]
    assert [row["Weights"] for row in ours] == ["none", label] * 3
    assert [row["Weights"] for row in rows[len(ours) :]] == ["none", "torchvision’s"]


@pytest.mark.usefixtures("trial")
def test_there_is_a_chart_of_every_figure() -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG)

    assert len(app.get("plotly_chart")) == 1
    assert [row["Method"] for row in table(app)[:2]] == ["RGB histogram", "ResNet-18"]


@pytest.mark.usefixtures("trial")
def test_other_data_than_the_papers_is_said_to_be_other_data() -> None:
    app = screen.opened("Metrics", catalog=shops.CATALOG)

    assert any("are for other data" in caption.value for caption in app.caption)
    assert not app.info


def test_the_papers_own_data_are_compared_with_the_paper(trial: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = read_manifest(trial)
    monkeypatch.setattr(
        "fashion_search.evaluation.scores._PAPER_COUNTS", (manifest.n_groups, manifest.n_items)
    )  # as if these were the paper's 697 style groups and 6,217 images
    app = screen.opened("Metrics", catalog=shops.CATALOG)

    assert len(app.info) == 1
    assert "its printed figures agree with" in app.info[0].value


def test_one_method_alone_is_a_table_too(trial: Path) -> None:
    manifest = read_manifest(trial)
    libraries = {"histogram": manifest.libraries["histogram"]}
    write_manifest(trial, dataclasses.replace(manifest, libraries=libraries))
    app = screen.opened("Metrics", catalog=shops.CATALOG)

    assert [row["Method"] for row in table(app)[:3]] == ["RGB histogram"] * 3
    assert any("of the first 5 results are right" in heading.value for heading in app.subheader)


def test_a_damaged_library_is_said(trial: Path) -> None:
    path = trial / read_manifest(trial).libraries["resnet18"].vectors["file"]
    path.write_bytes(path.read_bytes()[:-1] + b"\x7f")
    app = screen.opened("Metrics", catalog=shops.CATALOG)

    assert len(app.error) == 1
    assert "is damaged" in screen.read(app.error[0].value)
    assert app.selectbox(key="catalog").value == shops.CATALOG


@pytest.mark.usefixtures("trial")
def test_the_links_to_the_other_pages_keep_the_catalog() -> None:
    for page in ("", "Metrics", "Catalog"):
        app = screen.opened(page, catalog=shops.CATALOG)
        links = [link for link in app.sidebar.get("page_link") if link.proto.label in ("Metrics", "Catalog", "Search")]
        assert [link.proto.label for link in links] == ["Search", "Metrics", "Catalog"]
        assert all(f"catalog={shops.CATALOG}" in link.proto.query_string for link in links)
