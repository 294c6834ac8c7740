"""One evaluation: what it gives agrees with the parts it is made of, and is computed once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from fashion_search.catalog import EVERYTHING, PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.relevance import NO_VERDICTS, Applied
from fashion_search.errors import UnknownNameError
from fashion_search.evaluation import evaluation as module
from fashion_search.evaluation import mismatches, saved
from fashion_search.evaluation.evaluation import Evaluation, Memo
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.rankings import DEPTH, rank
from fashion_search.evaluation.scores import figures, grouped, seed_scores
from fashion_search.evaluation.statistics import compare
from fashion_search.evaluation.table import table_1
from fashion_search.evaluation.words import digits_of, number, rounded
from fashion_search.store import Store, open_store
from tests.builds import build
from tests.conftest import FakeMethod

SAID = Applied(np.array([[0, 5]]), np.array([14]))
METHODS = ("histogram", "fake")


@pytest.fixture
def pair(shop: Path, fake: FakeMethod) -> Store:
    build(shop, methods=METHODS)
    return open_store("shop")


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("verdicts", [NO_VERDICTS, SAID], ids=["none", "verdicts"])
def test_it_is_made_of_rankings_figures_and_comparisons(pair: Store, protocol: Protocol, verdicts: Applied) -> None:
    evaluation = Evaluation.of(pair, METHODS, protocol, 3, 5, verdicts)
    split = draw_split(pair.catalog, protocol, 3, verdicts.removed)
    rankings = {method: rank(pair.library(method), split, verdicts) for method in METHODS}
    queries = grouped(pair.catalog, rankings["fake"])
    for method, one in rankings.items():
        np.testing.assert_array_equal(evaluation.rankings_of(method).rows, one.rows)
        assert evaluation.figures_of(method) == figures(one, queries, 5)
        assert evaluation.at(10).figures_of(method) == figures(one, queries, 10)
        assert evaluation.mismatches(method) == mismatches.shares(pair.catalog, one, 5)
        spread = seed_scores(pair.library(method), verdicts)
        np.testing.assert_array_equal(evaluation.spread(method).values, spread.values)
    assert set(evaluation.comparisons) == set(PAPERS)
    for name in PAPERS:
        values = {method: MEASURES[name].of(one, 5) for method, one in rankings.items()}
        assert evaluation.comparisons[name] == compare(values, queries)
    assert evaluation.best == max(METHODS, key=lambda method: evaluation.precision[method])
    assert set(evaluation.spreads) == (set(METHODS) if protocol == Protocol.ONE_PER_GROUP else set())


def test_a_k_beyond_what_is_kept_is_ranked_for_itself(pair: Store) -> None:
    deep = Evaluation.of(pair, METHODS, k=DEPTH + 10)
    assert deep.any_rankings.depth == DEPTH + 10
    names = [path.name for path in saved.folder_of(pair.name).glob("rankings-*")]
    assert deep.figures_of("fake")["recall"].macro.value == 1
    assert [path.name for path in saved.folder_of(pair.name).glob("rankings-*")] == names


def test_another_number_of_splits_is_taken_for_itself(pair: Store) -> None:
    evaluation = Evaluation.of(pair, METHODS, Protocol.ONE_PER_GROUP)
    two = evaluation.spread("fake", seeds=2)
    assert two.seeds == 2
    assert evaluation.spread("fake").seeds == 20


def test_all_of_a_filtered_evaluation_is_filtered(pair: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = EVERYTHING.where("article_type", ["Shirts"])
    monkeypatch.setattr(module, "is_papers_data", lambda *_: True)
    whole, filtered = (Evaluation.of(pair, METHODS, Protocol.ONE_PER_GROUP, filter=one) for one in (EVERYTHING, chosen))
    library = pair.library("fake")
    np.testing.assert_array_equal(
        filtered.rankings_of("fake").rows,
        rank(library, draw_split(pair.catalog, filtered.protocol, filter=chosen)).rows,
    )
    for seeds in (20, 2):
        expected = seed_scores(library, seeds=range(seeds), filter=chosen).values
        np.testing.assert_array_equal(filtered.spread("fake", seeds).values, expected)
        assert (whole.spread("fake", seeds).values != expected).any()
    assert whole.is_comparable_to_paper
    assert not filtered.is_comparable_to_paper
    assert filtered.figures_of("fake")["precision"].chance > whole.figures_of("fake")["precision"].chance


def test_everything_is_computed_once_also_for_another_k_and_other_methods(
    pair: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluation = Evaluation.of(pair, METHODS)
    before = evaluation.figures, evaluation.at(10).figures, evaluation.comparisons
    assert evaluation.is_ranked("fake")

    def fail(*arguments: object, **named: object) -> None:
        raise AssertionError("computed again")

    for name in ("rank", "figures", "compare"):
        monkeypatch.setattr(module, name, fail)
    monkeypatch.setattr(saved, "rankings", fail)
    assert (evaluation.figures, evaluation.at(10).figures, evaluation.comparisons) == before


def test_threads_that_ask_at_once_compute_once() -> None:
    memo, calls = Memo(), []

    def make() -> int:
        calls.append(1)
        return len(calls)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: memo.once("key", make), range(200)))
    assert set(found) == {1}
    assert "key" in memo
    assert "other" not in memo


def test_what_cannot_be_evaluated_is_refused(pair: Store) -> None:
    with pytest.raises(UnknownNameError, match="no library of 'resnet18'"):
        Evaluation.of(pair, ["histogram", "resnet18"])
    for methods, k in (((), 5), (METHODS, 0)):
        with pytest.raises(ValueError, match="at least one method"):
            Evaluation.of(pair, methods, k=k)


def test_table_1_holds_every_figure_as_text(pair: Store) -> None:
    evaluation = Evaluation.of(pair, METHODS, Protocol.ONE_PER_GROUP)
    rows = table_1(evaluation)
    assert [row.kind for row in rows] == ["method", "micro", "spread"] * 2 + ["ceiling", "chance", "paper", "paper"]
    for row in rows[:6]:
        figure, spread = evaluation.figures_of(row.method)["hit"], evaluation.spread(row.method)
        wanted = {
            "method": rounded(figure.macro),
            "micro": number(figure.micro, digits_of(figure.macro)),
            "spread": f"{number(spread.mean('hit', 5))} ± {number(spread.deviation('hit', 5))}",
        }
        assert " ".join(row.cells["hit"]).strip() == wanted[row.kind]
    assert rows[6].cells["hit"] == ("1.000", "")
    assert [row.cells["precision"][0] for row in rows[-2:]] == [".0993", ".2154"]
    assert [row.kind for row in table_1(evaluation.at(10))][-1] == "chance"
