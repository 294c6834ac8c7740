"""Altered queries against the catalog as it is: what is measured, what is stored, and what is said of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fashion_search.build.status import read_status
from fashion_search.cli import main
from fashion_search.encoders import PRESELECTED, encoder_spec
from fashion_search.errors import ForeignVectorsError, SourceError
from fashion_search.evaluation import alterations, robustness, saved
from fashion_search.evaluation.alterations import ALTERATIONS, altered
from fashion_search.evaluation.measures import KS, MEASURES
from fashion_search.evaluation.robustness import CLEAN, TITLES, find, headline, lines, measure, sampled
from fashion_search.evaluation.statistics import GroupedQueries
from fashion_search.images import open_image
from fashion_search.store import Store, open_store
from tests import samples
from tests.builds import build
from tests.conftest import FakeMethod

LABEL = "Precision@5"


@pytest.fixture
def store(built: Store) -> Store:
    """The sample shop: 15 items in groups of 4, 5 and 6."""
    return open_store(built.name)


def naive(store: Store, method: str, name: str) -> dict[int, list[bool]]:
    """For each query row which of its first five results are right, altered picture by altered picture."""
    encoder = encoder_spec(method).load()
    library = store.library(method)
    by_name = {one.name: one for one in ALTERATIONS}
    tree = store.tree()
    found = {}
    for row, item in enumerate(store.catalog.items):
        picture = open_image(store.original(row, tree))
        if name != CLEAN:
            picture = altered(picture, by_name[name], item.checksum)
        scores = library.vectors.astype(np.float64) @ encoder.encode([picture])[0].astype(np.float64)
        order = sorted(set(range(15)) - {row}, key=lambda other, s=scores: (-round(s[other] * 1e6), other))
        found[row] = [store.catalog.items[other].labels == item.labels for other in order[:5]]
    return found


@pytest.mark.parametrize("name", TITLES)
def test_the_figures_are_those_of_altered_pictures(store: Store, name: str) -> None:
    assert measure(store, ["histogram"]) == {}
    found = find(store, "histogram")
    assert found is not None
    right = naive(store, "histogram", name)
    assert found.queries.tolist() == list(right)
    np.testing.assert_allclose(found.of(name, "precision", 5), [np.mean(one) for one in right.values()], atol=1e-6)
    np.testing.assert_allclose(found.of(name, "hit", 5), [any(one) for one in right.values()])
    assert found.values.shape == (1 + len(ALTERATIONS), 15, len(MEASURES), len(KS))


def test_the_sample_is_the_same_everywhere_and_has_answers() -> None:
    catalog = samples.catalog([40, 1, 30, 2])
    few = sampled(catalog, 20)
    assert len(few.queries) == 20
    assert few.queries.tolist() == sorted(few.queries.tolist())
    assert few.gallery.all()
    assert set(few.queries) < set(sampled(catalog, 50).queries)
    alone = next(group.rows[0] for group in catalog.groups if len(group.rows) == 1)
    assert alone not in sampled(catalog).queries
    assert len(sampled(catalog).queries) == 72
    assert sampled(catalog, 20).queries.tolist() == few.queries.tolist()


def test_lines_hold_figure_and_share_over_style_groups(store: Store) -> None:
    measure(store, ["histogram"])
    found = find(store, "histogram")
    assert found is not None
    queries = GroupedQueries(store.catalog.group_of[found.queries])
    made = lines(found, store.catalog, "precision", 5)
    assert list(made) == list(TITLES)
    clean = found.of(CLEAN, "precision", 5)
    assert made[CLEAN].kept.value == 1
    for name, line in made.items():
        values = found.of(name, "precision", 5)
        assert line.figure.value == pytest.approx(values.mean())
        assert line.kept.value == pytest.approx(values.mean() / clean.mean())
        assert line.figure == queries.interval(values)
        assert line.kept.low <= line.kept.value <= line.kept.high


def test_the_interval_of_a_ratio_is_that_of_paired_draws() -> None:
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(30), 4)
    base = generator.random(120)
    queries = GroupedQueries(groups)
    same = queries.ratio(0.5 * base, base)
    assert (same.value, same.low, same.high) == pytest.approx((0.5, 0.5, 0.5))  # what both share cancels out
    values = generator.random(120)
    found = queries.ratio(values, base)
    drawn = np.random.default_rng(1).integers(0, 30, (4000, 30))
    sums = np.array([[of[groups == group].sum() for group in range(30)] for of in (values, base)])
    ratios = sums[0][drawn].sum(1) / sums[1][drawn].sum(1)
    assert found.value == pytest.approx(values.sum() / base.sum())
    assert (found.low, found.high) == pytest.approx(np.quantile(ratios, [0.025, 0.975]), abs=0.02)


def test_a_ratio_that_cannot_be_said() -> None:
    queries = GroupedQueries(np.array([0, 0, 1]))
    assert np.isnan(queries.ratio(np.ones(3), np.zeros(3)).value)
    alone = GroupedQueries(np.array([0, 0])).ratio(np.ones(2), np.full(2, 2.0))
    assert alone.value == 0.5
    assert np.isnan(alone.low)
    assert np.isnan(GroupedQueries(np.array([], dtype=np.intp)).ratio(np.ones(0), np.ones(0)).value)


def test_another_library_is_not_known_yet(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["fake"])
    store = open_store("shop")
    assert find(store, "fake") is None
    measure(store, ["fake"])
    first = find(store, "fake")
    assert first is not None
    assert find(store, "fake", 3) is None
    fake.version = "2"
    build(shop, methods=["fake"])
    assert find(open_store("shop"), "fake") is None


def test_other_alterations_are_measured_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    measure(store, ["histogram"])
    monkeypatch.setattr(robustness, "ALTERATIONS", ALTERATIONS[:-1])
    assert find(store, "histogram") is None


def test_a_damaged_file_is_not_there(store: Store) -> None:
    measure(store, ["histogram"])
    [path] = saved.folder_of(store.name).glob("robustness-*.npz")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert find(store, "histogram") is None
    measure(store, ["histogram"])
    assert find(store, "histogram") is not None
    assert len(list(saved.folder_of(store.name).glob("robustness-*.npz"))) == 1


def test_all_methods_see_the_same_pictures_opened_once(
    shop: Path, fake: FakeMethod, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(shop, methods=["histogram", "fake"])
    opened: list[int] = []
    really = robustness.open_image
    monkeypatch.setattr(robustness, "open_image", lambda data: opened.append(1) or really(data))
    measure(open_store("shop"), ["histogram", "fake"])
    assert len(opened) == 15


def test_a_combination_is_made_of_its_parts(shop: Path, fused: str) -> None:
    build(shop, methods=[fused])
    store = open_store("shop")
    assert measure(store, [fused]) == {}
    found = find(store, fused)
    assert found is not None
    right = naive(store, fused, "ground")
    np.testing.assert_allclose(found.of("ground", "precision", 5), [np.mean(one) for one in right.values()], atol=1e-6)
    assert find(store, "fake") is None


def test_a_method_whose_weights_are_others_is_left_out_with_its_reason(shop: Path, fake: FakeMethod) -> None:
    build(shop, methods=["histogram", "fake"])
    fake.version = "2"
    problems = measure(open_store("shop"), ["histogram", "fake"])
    assert list(problems) == ["fake"]
    assert "Build it again first" in problems["fake"]
    assert find(open_store("shop"), "histogram") is not None
    assert find(open_store("shop"), "fake") is None


def test_the_headline_names_the_best_and_the_worst() -> None:
    interval = robustness.Interval
    kept = {
        "a": robustness.Line(interval(0.2, 0, 1), interval(0.5, 0, 1)),
        "b": robustness.Line(interval(0.3, 0, 1), interval(0.85, 0, 1)),
    }
    titles = {"a": "Plain", "b": "Fine"}
    text = "With all alterations at once, Fine keeps 85% of its Precision@5"
    assert headline(kept, titles, LABEL) == f"{text}, Plain 50%"
    assert headline({"b": kept["b"]}, titles, LABEL) == text


# -- the command --------------------------------------------------------------------------------------------


def test_build_measures_on_request_and_is_done_when_it_has(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    states: list[str] = []
    really = robustness.measure

    def watched(*arguments: Any, **options: Any) -> dict[str, str]:
        found = really(*arguments, **options)
        status = read_status("shop")
        assert status is not None
        states.append(status.state)
        return found

    monkeypatch.setattr(robustness, "measure", watched)
    assert main(["build", str(shop), "--method", "histogram", "--quick"]) == 0
    assert find(open_store("shop"), "histogram") is None
    assert main(["build", str(shop), "--method", "histogram", "--quick", "--robustness"]) == 0
    assert find(open_store("shop"), "histogram") is not None
    status = read_status("shop")
    assert status is not None
    assert [*states, status.state] == ["running", "done"]
    assert "--robustness" in status.request.command
    capsys.readouterr()


def test_pictures_that_are_gone_fail_the_build_and_keep_the_libraries(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["build", str(shop), "--method", "histogram", "--quick"]) == 0

    def gone(*arguments: object) -> None:
        raise SourceError("The pictures are no longer there.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(robustness, "_encode", gone)
        assert main(["build", str(shop), "--method", "histogram", "--quick", "--robustness", "--replace"]) == 1
    assert "no longer there" in capsys.readouterr().err
    status = read_status("shop")
    assert status is not None
    assert (status.state, status.message) == ("failed", "The pictures are no longer there.")


def test_a_method_that_cannot_be_measured_is_said(
    shop: Path, fake: FakeMethod, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def foreign(library: object) -> None:
        raise ForeignVectorsError("Other weights.")

    monkeypatch.setattr(robustness, "encoder_of", foreign)
    assert main(["build", str(shop), "--method", "histogram", "--quick", "--robustness"]) == 1
    assert "Other weights." in capsys.readouterr().err
    assert open_store("shop").methods


def test_the_demo_shows_the_most_robust_method_first() -> None:
    store = open_store("demo")
    found = {method: find(store, method) for method in store.methods}
    assert all(found.values())
    together = {
        method: one.of(alterations.ALL_TOGETHER.name, "precision", 5).mean() for method, one in found.items() if one
    }
    assert tuple(sorted(PRESELECTED, key=lambda method: -together[method])) == PRESELECTED


def test_figures_of_fewer_and_of_more_queries_stand_side_by_side(store: Store) -> None:
    for most in (5, 10):
        assert measure(store, ["histogram"], most=most) == {}
    for most in (5, 10):
        found = find(store, "histogram", most)
        assert found is not None
        assert len(found.queries) == most


def test_what_was_measured_is_not_measured_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert measure(store, ["histogram"]) == {}
    monkeypatch.setattr(robustness, "_encode", lambda *arguments: pytest.fail("it was measured again"))
    assert measure(store, ["histogram"]) == {}


def test_an_order_by_keypoints_is_not_measured(store: Store) -> None:
    """The keypoints of altered queries would have to be others than those of the items."""
    assert measure(store, ["orb~matched"]) == {
        "orb~matched": "ORB, re-ranked (keypoints) is not measured with altered queries."
    }
