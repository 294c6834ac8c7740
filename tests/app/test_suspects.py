"""The Failures page's suspects: pairs that look nearly the same and are labelled differently."""

from pathlib import Path

import numpy as np
import pytest

from fashion_search.evaluation.verdict_file import open_verdicts
from tests.app import screen, shops, truth


def opened(**params: str) -> screen.AppTest:
    return screen.opened("Failures", catalog=shops.CATALOG, view="suspects", **params)


def pairs_by_hand(folder: Path, method: str, threshold: float) -> list[tuple[float, str, str]]:
    """Cosine and ids of the pairs, the closest first."""
    right = truth.labels(folder)
    ids = list(right)
    vectors = np.load(folder / truth.manifest(folder)["libraries"][method]["vectors"]["file"]).astype(np.float64)
    cosines = vectors @ vectors.T
    found = [
        (float(cosines[one, other]), ids[one], ids[other])
        for one in range(len(ids))
        for other in range(one + 1, len(ids))
        if cosines[one, other] >= threshold and right[ids[one]] != right[ids[other]]
    ]
    return sorted(found, key=lambda pair: -pair[0])


def shown(app: screen.AppTest) -> list[tuple[float, str]]:
    """Score and the two ids of each card."""
    cards = [one.value for one in app.get("html") if "fs-score" in one.value and "<style" not in one.value]
    return [
        (
            float(html.split('class="fs-score"')[1].split(">")[1].split("<")[0]),
            html.split('class="fs-note">')[1].split("<")[0],
        )
        for html in cards
    ]


@pytest.mark.parametrize("threshold", [80, 90, 98])
def test_pairs_above_the_threshold_are_listed_the_closest_first(trial: Path, threshold: int) -> None:
    expected = pairs_by_hand(trial, "histogram", threshold / 100)
    app = opened(method="histogram", threshold=str(threshold))

    assert f"{len(expected):,} pair" in screen.subheads(app)[0]
    found = shown(app)
    assert [score for score, _ in found] == pytest.approx([score for score, _, _ in expected][:10], abs=5.1e-4)
    names = {f"{one} · {other}" for score, one, other in expected if score >= expected[len(found) - 1][0] - 1e-5}
    assert {ids for _, ids in found} <= names


@pytest.mark.usefixtures("trial")
def test_the_threshold_and_the_method_are_in_the_address() -> None:
    app = opened(page="3")
    screen.ran(app.slider(key="threshold").set_value(0.9).run())
    assert screen.url(app) == {"catalog": shops.CATALOG, "view": "suspects", "threshold": "90"}
    screen.chosen(app, "method", "histogram")
    expected = {"catalog": shops.CATALOG, "view": "suspects", "threshold": "90", "method": "histogram"}
    assert screen.url(app) == expected
    assert shown(opened(threshold="90", method="histogram")) == shown(app)


@pytest.mark.usefixtures("trial")
def test_without_such_a_pair_that_is_said() -> None:
    app = opened(method="histogram", threshold="100")

    assert "0 pairs" in screen.subheads(app)[0]
    assert len(app.info) == 1


@pytest.mark.parametrize("side", [0, 1])
@pytest.mark.usefixtures("trial")
def test_one_of_a_pair_can_be_called_wrongly_labelled(side: int) -> None:
    app = opened(method="histogram", threshold="80")
    ids = shown(app)[0][1].split(" · ")
    buttons = [one for one in app.button if (one.key or "").startswith("wrong-")]
    screen.ran(buttons[side].click().run())

    assert [verdict.item for verdict in open_verdicts(shops.CATALOG).all()] == [ids[side]]
    left = shown(opened(method="histogram", threshold="80", verdicts="1"))
    assert not any(ids[side] in pair.split(" · ") for _, pair in left)


@pytest.mark.usefixtures("trial")
def test_an_accepted_pair_is_no_suspect_where_verdicts_count() -> None:
    pair = shown(opened(method="histogram", threshold="80"))[0][1]
    open_verdicts(shops.CATALOG).accept(*pair.split(" · "))

    assert pair in [one for _, one in shown(opened(method="histogram", threshold="80"))]
    assert pair not in [one for _, one in shown(opened(method="histogram", threshold="80", verdicts="1"))]
