"""Counts and figures on the real data set, which lies outside the repository."""

import numpy as np
import pytest

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.sources import open_source
from fashion_search.evaluation.failures import PAPERS_CASES, PAPERS_METHODS, Duel
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.mismatches import kinds, read_shades, shares
from fashion_search.evaluation.rankings import DEPTH
from fashion_search.evaluation.scores import SEEDS, figures, grouped, is_papers_data, seed_scores
from fashion_search.evaluation.statistics import compare
from fashion_search.images import open_image
from fashion_search.scored import SCORE_STEPS
from fashion_search.store import Store
from tests.evaluation.test_metrics import judged
from tests.real_data.conftest import ARCHIVE, Ranked


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


METHODS = pytest.mark.parametrize("method", ["histogram", "resnet18"])


@pytest.mark.parametrize(
    ("method", "expected"), [("histogram", (0.0993, 0.0515, 0.3352)), ("resnet18", (0.2190, 0.1179, 0.5976))]
)
def test_leave_one_out(store: Store, rankings: Ranked, method: str, expected: tuple[float, float, float]) -> None:
    made = rankings(method, Protocol.LEAVE_ONE_OUT)
    assert (len(made.queries), len(made.left_out)) == (6_217, 0)
    found = figures(made, grouped(store.catalog, made), 5)
    assert [found[name].macro.value for name in PAPERS] == pytest.approx(expected, abs=0.002)
    assert all(found[name].macro.low < found[name].macro.value < found[name].macro.high for name in PAPERS)


@pytest.mark.parametrize(
    ("method", "expected"), [("histogram", (0.0849, 0.0581, 0.2978)), ("resnet18", (0.1942, 0.1393, 0.5603))]
)
def test_one_per_group(store: Store, method: str, expected: tuple[float, float, float]) -> None:
    spread = seed_scores(store.library(method), ks=(5,))
    assert spread.seeds == SEEDS
    assert spread.mean("precision", 5) == pytest.approx(expected[0], abs=0.008)
    assert spread.mean("recall", 5) == pytest.approx(expected[1], abs=0.008)
    assert spread.mean("hit", 5) == pytest.approx(expected[2], abs=0.015)


@pytest.mark.parametrize(
    ("protocol", "expected"),
    [(Protocol.ONE_PER_GROUP, (0.902, 0.725, 1)), (Protocol.LEAVE_ONE_OUT, (0.954, 0.587, 1))],
)
def test_ceilings(rankings: Ranked, protocol: Protocol, expected: tuple[float, float, float]) -> None:
    made = rankings("histogram", protocol)
    assert [MEASURES[name].ceiling(made, 5).mean() for name in PAPERS] == pytest.approx(expected, abs=0.001)


@METHODS
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_measure_against_ir_measures(store: Store, rankings: Ranked, method: str, protocol: Protocol) -> None:
    """Over the whole order of the gallery, sorted here by similarity, for a sample of the queries."""
    made = rankings(method, protocol)
    split = draw_split(store.catalog, protocol)
    vectors = store.library(method).vectors.astype(np.float64)
    labels = np.array([item.labels for item in store.catalog.items])
    places = np.random.default_rng(0).choice(len(made.queries), 40, replace=False)
    gains = []
    for query in made.queries[places]:
        gallery = np.flatnonzero(split.gallery & (np.arange(len(vectors)) != query))
        order = gallery[np.argsort(-np.rint(vectors[gallery] @ vectors[query] * SCORE_STEPS), kind="stable")]
        gains.append((labels[order] == labels[query]).sum(axis=1).tolist())
    for k in (5, DEPTH):
        for name, theirs in judged(gains, 3, k).items():
            np.testing.assert_allclose(MEASURES[name].of(made, k)[places], theirs, atol=1e-9, err_msg=f"{name}@{k}")


@METHODS
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_both_methods_are_better_than_chance_and_below_the_ceiling(
    rankings: Ranked, method: str, protocol: Protocol
) -> None:
    made = rankings(method, protocol)
    for measure in MEASURES.values():
        found, ceiling = measure.of(made, 5), measure.ceiling(made, 5)
        assert (found <= ceiling + 1e-12).all()
        assert found.mean() > 1.15 * measure.chance(made, 5).mean()


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_resnet_is_decisively_better(store: Store, rankings: Ranked, protocol: Protocol) -> None:
    made = {method: rankings(method, protocol) for method in ("histogram", "resnet18")}
    queries = grouped(store.catalog, made["histogram"])
    for name in PAPERS:
        (found,) = compare({method: MEASURES[name].of(one, 5) for method, one in made.items()}, queries)
        assert (found.first, found.verdict) == ("resnet18", "decisive")


def test_what_resnets_mistakes_are(store: Store, rankings: Ranked) -> None:
    found = shares(store.catalog, rankings("resnet18", Protocol.LEAVE_ONE_OUT), 5)
    code = {kind.columns: kind.code for kind in kinds(store.catalog.columns)}
    assert found[0] == pytest.approx(0.219, abs=0.003)
    assert found[code["base_colour",]] == pytest.approx(0.364, abs=0.003)
    assert found[code["article_type", "base_colour"]] == pytest.approx(0.206, abs=0.003)
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize("group_id", PAPERS_CASES)
def test_the_papers_cases_are_there(store: Store, rankings: Ranked, group_id: str) -> None:
    duel = Duel(*(rankings(method, Protocol.LEAVE_ONE_OUT) for method in PAPERS_METHODS), 5)
    (group,) = (group for group in store.catalog.groups if group.id == group_id)
    assert PAPERS_CASES[group_id] in duel.outcomes[np.isin(duel.queries, group.rows)]


def test_the_shades_are_the_data_sets() -> None:
    """A family that names what no item has would silently do nothing."""
    colour = open_source(ARCHIVE).columns.index("base_colour")
    known = {row.labels[colour].casefold() for row in open_source(ARCHIVE).rows}
    assert {name for family in read_shades() for name in family} <= known


def test_thumbnails_show_the_originals(store: Store) -> None:
    tree = store.tree()
    for row in range(0, len(store.catalog.items), 500):
        original = np.asarray(open_image(store.original(row, tree)), dtype=float)
        thumbnail = np.asarray(open_image(store.thumbnail(row)), dtype=float)
        assert np.abs(original - thumbnail).mean() < 6
