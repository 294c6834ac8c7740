"""Counts and figures on the real data set, which lies outside the repository."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from fashion_search.build import build
from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.sources import open_source
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.evaluation.scores import METRICS, SEEDS, evaluate, evaluate_seeds, is_papers_data
from fashion_search.images import open_image
from fashion_search.store import Store

SHARED = Path(__file__).resolve().parents[3] / "shared"
ARCHIVE = SHARED / "data/fashion-product-images-small.zip"
WEIGHTS = SHARED / "weights/resnet18.pth"
REQUIRED = os.environ.get("FASHION_SEARCH_REQUIRE_REAL_DATA") == "1"
BUILT = os.environ.get("FASHION_SEARCH_TEST_STORE")  # a built catalog's folder, to save the build while developing

pytestmark = pytest.mark.real_data


@pytest.fixture(scope="session", autouse=True)
def _at_hand() -> None:
    missing = [path.relative_to(SHARED).as_posix() for path in (ARCHIVE, WEIGHTS) if not path.is_file()]
    if missing:
        reason = f"the real data is not at hand: no {' and no '.join(missing)} in ../shared"
        if REQUIRED:
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if BUILT:
        yield Store(Path(BUILT))
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(FOLDER_VARIABLE, str(WEIGHTS.parent))
        summary = build(ARCHIVE, folder=tmp_path_factory.mktemp("real"), name="real")
    assert summary.problems == {}
    yield Store(summary.folder)


def test_counts(store: Store) -> None:
    manifest = store.manifest
    assert manifest.n_rows == 44_446
    assert manifest.excluded_by_reason["no image"] == 5
    assert {row.id for row in store.excluded if row.reason == "no image"} == {
        "12347",
        "39401",
        "39403",
        "39410",
        "39425",
    }
    assert (manifest.n_groups, manifest.n_items) == (697, 6_217)
    assert is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items)
    assert round(manifest.n_items / manifest.n_groups, 2) == 8.92
    assert manifest.n_items + sum(manifest.excluded_by_reason.values()) == manifest.n_rows


def test_rows_with_unquoted_commas_are_repaired() -> None:
    source = open_source(ARCHIVE)
    broken = [line for line in source.tree.read("styles.csv").decode().splitlines() if line.count(",") > 9]
    assert len(broken) == 22
    names = {row.id: row.name for row in source.rows}
    for line in broken:
        assert names[line.split(",")[0]] == line.split(",", 9)[9].strip()


def test_one_per_group_divides_as_the_paper_does(store: Store) -> None:
    split = draw_split(store.catalog, Protocol.ONE_PER_GROUP)
    assert (len(split.queries), split.gallery.sum()) == (697, 5_520)


@pytest.mark.parametrize(
    ("method", "expected"), [("histogram", (0.0993, 0.0515, 0.3352)), ("resnet18", (0.2190, 0.1179, 0.5976))]
)
def test_leave_one_out(store: Store, method: str, expected: tuple[float, float, float]) -> None:
    scores = evaluate(store.library(method), draw_split(store.catalog, Protocol.LEAVE_ONE_OUT))
    assert (scores.n_queries, scores.n_left_out) == (6_217, 0)
    assert [getattr(scores, metric) for metric in METRICS] == pytest.approx(expected, abs=0.002)


@pytest.mark.parametrize(
    ("method", "expected"), [("histogram", (0.0849, 0.0581, 0.2978)), ("resnet18", (0.1942, 0.1393, 0.5603))]
)
def test_one_per_group(store: Store, method: str, expected: tuple[float, float, float]) -> None:
    spread = evaluate_seeds(store.library(method), seeds=range(SEEDS))
    assert spread.mean.precision == pytest.approx(expected[0], abs=0.008)
    assert spread.mean.recall == pytest.approx(expected[1], abs=0.008)
    assert spread.mean.hit == pytest.approx(expected[2], abs=0.015)


def test_thumbnails_show_the_originals(store: Store) -> None:
    tree = store.tree()
    for row in range(0, len(store.catalog.items), 500):
        original = np.asarray(open_image(store.original(row, tree)), dtype=float)
        thumbnail = np.asarray(open_image(store.thumbnail(row)), dtype=float)
        assert np.abs(original - thumbnail).mean() < 6
