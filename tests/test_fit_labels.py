"""The tool that fits what labels tell, and that the program has what it wrote down."""

import re

import numpy as np
import pytest

from fashion_search.catalog import Protocol, draw_split
from fashion_search.encoders import ENCODERS, ORDERS
from fashion_search.evaluation.words import number
from fashion_search.labels.calibration import Calibration, calibrations
from tests.labels.shop import posterior, shop
from tools import fit_labels
from tools.fit_labels import METHODS, REPORT, Drawn, choose, fit_trust, fit_weights, measure_orders, others

TEXT = REPORT.read_text("utf-8")


def test_the_orders_are_those_that_were_chosen() -> None:
    found = re.search(
        r"Chosen: \*balanced\* \(([\d.]+), ([\d.]+)\).*\*style\* \(([\d.]+), ([\d.]+)\).*\*varied\* ([\d.]+)", TEXT
    )
    assert found
    chosen = tuple(map(float, found.groups()))
    balanced, style, varied = (ORDERS[name] for name in ("balanced", "style", "varied"))
    assert chosen == (balanced.share, balanced.first, style.share, style.first, varied.share)
    assert (balanced.most, style.most, varied.most) == (0, 0, 1)


@pytest.mark.parametrize("method", METHODS)
def test_the_weights_are_those_that_were_written_down(method: str) -> None:
    [line] = [
        line for line in TEXT.splitlines() if line.startswith(f"| {ENCODERS[method].title} | .") and "/" not in line
    ]
    calibration = calibrations()[method]
    assert line.split(" | ")[1] == number(calibration.votes)
    for column, weight in calibration.heads.items():
        assert f"{column} {number(weight)}" in line


def test_orders_are_chosen_by_their_rules() -> None:
    measured = {
        (0.0, 0.0, 0): (0.40, 0.80),
        (0.9, 0.0, 0): (0.55, 0.60),
        (0.9, 1.0, 0): (0.50, 0.79),  # loses
        (0.9, 1.2, 0): (0.48, 0.80),
        (0.9, 1.4, 0): (0.45, 0.85),
        (0.9, 0.0, 1): (0.2, 0.89),
        (0.97, 0.0, 1): (0.2, 0.90),
    }
    assert choose(measured) == {"balanced": (0.9, 1.2, 0), "style": (0.9, 0.0, 0), "varied": (0.97, 0.0, 1)}


@pytest.fixture(scope="module")
def draw() -> Drawn:
    catalog = shop(120).catalog
    split = draw_split(catalog, Protocol.LEAVE_ONE_OUT)
    is_query = np.bincount(catalog.group_of)[catalog.group_of] > 1
    queries = split.queries[is_query]
    return Drawn(catalog, (), type(split)(split.protocol, 0, queries, split.gallery), np.ones(120, dtype=bool))


def test_weights_make_the_queries_own_style_groups_probable(draw: Drawn) -> None:
    made = posterior(shop(120))
    [votes], loss = fit_weights([made], [draw])

    def naive(weight: float) -> float:
        other = type(made)(made.library, Calibration(weight))
        shares = [
            other.of_query(made.library.vectors[row], row, draw.split.gallery)[draw.catalog.group_of[row]]
            for row in draw.split.queries.tolist()
        ]
        return float(-np.log(shares).mean())

    assert loss == pytest.approx(naive(votes), abs=1e-3)
    assert naive(votes) < min(naive(votes * 0.8), naive(votes * 1.2))


def test_trust_is_higher_where_results_are_right(draw: Drawn) -> None:
    made = posterior(shop(120))
    outside = np.random.default_rng(0).normal(size=(30, 12)).astype(np.float32)
    outside /= np.linalg.norm(outside, axis=1, keepdims=True)
    first, any_of = fit_trust([made], [draw], outside)
    assert len(first) == len(any_of) == 5
    assert first[1] > 0
    assert any_of[1] > 0


def test_orders_are_measured_on_the_draws(draw: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_labels, "SHARES", (0.9,))
    monkeypatch.setattr(fit_labels, "FIRSTS", (0.0, 1.0))
    measured = measure_orders([posterior(shop(120))], [draw])
    assert set(measured) == {(0.0, 0.0, 0), (0.9, 0.0, 0), (0.9, 1.0, 0), (0.9, 0.0, 1)}
    assert measured[0.9, 0.0, 0][0] > measured[0.9, 0.0, 1][0]


def test_other_methods_get_numbers_in_the_middle() -> None:
    entries = {
        "a": Calibration(0.2, {}, (0.0, 1.0), (3.0, 0.0)),
        "b": Calibration(0.4, {"base_colour": 1.0}, (1.0, 2.0), (1.0, 1.0)),
        "c": Calibration(0.9, {}, (2.0, 6.0), (2.0, 2.0)),
    }
    assert others(entries) == Calibration(0.4, {}, (1.0, 2.0), (2.0, 1.0))
