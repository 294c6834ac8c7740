from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from fashion_search.catalog import PROTOCOLS, Protocol, draw_split
from fashion_search.catalog.demo import DEMO
from fashion_search.encoders import ENCODERS, Head
from fashion_search.errors import UnlabelledError
from fashion_search.labels import posterior as module
from fashion_search.labels.calibration import OTHERS, Calibration, calibration_of, calibrations
from fashion_search.labels.posterior import StylePosterior, nearness_of
from fashion_search.library import Library
from fashion_search.store import open_store
from tests.labels.shop import CALIBRATION, posterior, relabelled, shop
from tools.fit_labels import METHODS

LIBRARY = shop()
EVERYTHING = np.ones(40, dtype=bool)


def naive(row: int, gallery: np.ndarray, temperature: float) -> np.ndarray:
    """P(style group | query) by the formula, item by item."""
    catalog, vectors = LIBRARY.catalog, LIBRARY.vectors.astype(np.float64)
    sums = np.zeros(len(catalog.groups))
    for other in range(len(vectors)):
        if gallery[other] and other != row:
            sums[catalog.group_of[other]] += np.exp(vectors[row] @ vectors[other] / temperature)
    powers = sums**CALIBRATION.votes
    return powers / powers.sum()


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_it_is_the_formula(protocol: Protocol) -> None:
    split, made = draw_split(LIBRARY.catalog, protocol), posterior(LIBRARY)
    for row in split.queries.tolist():
        found = made.of_query(LIBRARY.vectors[row], row, split.gallery)
        np.testing.assert_allclose(found, naive(row, split.gallery, made.temperature), rtol=1e-9)


def test_a_head_has_its_say(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(1)
    head = Head(("Blue", "Red", "Black"), random.normal(size=(3, 12)).astype(np.float32), np.zeros(3, np.float32))
    monkeypatch.setattr(module, "_heads_of", lambda library: {"base_colour": head, "season": head})
    made = StylePosterior(LIBRARY, Calibration(0.7, {"base_colour": 0.5, "season": 3.0}))
    row = 4
    logits = LIBRARY.vectors[row].astype(np.float64) @ head.weight.T.astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum()
    of_value = dict(zip(head.values, shares, strict=True)) | {"White": 1 / 3}  # an even guess of what it does not know
    expected = naive(row, EVERYTHING, made.temperature) * [
        of_value[group.labels[1]] ** 0.5 for group in LIBRARY.catalog.groups
    ]
    found = made.of_query(LIBRARY.vectors[row], row, EVERYTHING)
    np.testing.assert_allclose(found, expected / expected.sum(), rtol=1e-6)
    assert made.by_heads


def test_a_head_of_other_values_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    head = Head(("Bleu", "Rouge"), np.ones((2, 12), np.float32), np.zeros(2, np.float32))
    monkeypatch.setattr(module, "_heads_of", lambda library: {"base_colour": head})
    made = StylePosterior(LIBRARY, Calibration(0.7, {"base_colour": 0.5}))
    assert not made.by_heads
    np.testing.assert_allclose(
        made.of_query(LIBRARY.vectors[0], 0, EVERYTHING), naive(0, EVERYTHING, made.temperature), rtol=1e-9
    )


@pytest.mark.parametrize("protocol", list(PROTOCOLS))
def test_the_querys_own_labels_are_never_looked_at(protocol: Protocol) -> None:
    split, made = draw_split(LIBRARY.catalog, protocol), posterior(LIBRARY)
    for row in split.queries.tolist():
        before = by_labels(made, row, split.gallery)
        for labels in (("Ties", "White"), ("Shirts", "Red"), ("Hats", "Green")):
            other = posterior(relabelled(LIBRARY, row, labels))
            after = by_labels(other, row, split.gallery)
            for group in before.keys() | after.keys():
                assert after.get(group, 0.0) == pytest.approx(before.get(group, 0.0), abs=1e-12)


def by_labels(made: StylePosterior, row: int, gallery: np.ndarray) -> dict[tuple[str, ...], float]:
    shares = made.of_query(made.library.vectors[row], row, gallery)
    return {group.labels: float(share) for group, share in zip(made.library.catalog.groups, shares, strict=True)}


def test_only_style_groups_of_the_gallery_are_probable() -> None:
    made = posterior(LIBRARY)
    gallery = np.array([item.labels[0] == "Shirts" for item in LIBRARY.catalog.items])
    shares = made.of_query(LIBRARY.vectors[0], 0, gallery)
    assert shares.sum() == pytest.approx(1)
    for group, share in zip(LIBRARY.catalog.groups, shares.tolist(), strict=True):
        assert (share > 0) == (group.labels[0] == "Shirts")


def test_an_empty_gallery_makes_nothing_probable() -> None:
    shares = posterior(LIBRARY).of_query(LIBRARY.vectors[0], 0, np.zeros(40, dtype=bool))
    assert not shares.any()


def test_what_a_person_said_is_nearly_certain() -> None:
    made = posterior(LIBRARY)
    shares = made.of_query(LIBRARY.vectors[0], -1, EVERYTHING, ("Ties", None))
    of_ties = [group.labels[0] == "Ties" for group in LIBRARY.catalog.groups]
    assert shares[of_ties].sum() > 0.99
    assert made.of_query(LIBRARY.vectors[0], -1, EVERYTHING)[of_ties].sum() < 0.9


def test_a_catalog_without_labels_is_refused() -> None:
    bare = relabelled(LIBRARY, 0, LIBRARY.catalog.items[0].labels)
    catalog = type(bare.catalog)("bare", "Bare", (), bare.catalog.items)
    with pytest.raises(UnlabelledError):
        StylePosterior.of(type(bare)(catalog, bare.fingerprint, bare.vectors))


def test_a_library_of_other_weights_has_the_numbers_of_a_method_without_heads() -> None:
    spec = ENCODERS["fashion"]
    vectors = np.ones((40, spec.dim), np.float32) / np.sqrt(spec.dim)
    own = Library(LIBRARY.catalog, spec.fingerprint(), vectors.astype(np.float32))
    other = replace(own, fingerprint=replace(own.fingerprint, weights="another"))
    assert StylePosterior.of(own).calibration is calibrations()["fashion"]
    assert StylePosterior.of(other).calibration is calibrations()[OTHERS]
    assert StylePosterior.of(own).fashion_logits(vectors[:1]) != 0
    assert not StylePosterior.of(other).doubts(vectors[0])
    assert StylePosterior.of(other).fashion_logits(vectors[:1]) == 0


def test_nearness_is_told_from_the_vectors_alone() -> None:
    usual, spread = nearness_of(LIBRARY.vectors)
    cosines = LIBRARY.vectors @ LIBRARY.vectors.T
    np.fill_diagonal(cosines, -np.inf)
    nearest = -np.sort(-cosines, axis=1)
    assert usual == pytest.approx(float(np.median(nearest[:, 0])))
    assert spread == pytest.approx(float(np.median(nearest[:, 0] - nearest[:, 29])))
    assert nearness_of(LIBRARY.vectors[:1]) == (1.0, 1.0)


def test_there_are_numbers_for_the_fitted_methods_and_for_every_other() -> None:
    assert set(calibrations()) == {*METHODS, OTHERS}
    for calibration in calibrations().values():
        assert calibration.votes > 0
        assert len(calibration.first) == len(calibration.any) == 5
    assert calibration_of("fashion~style") is calibrations()["fashion"]
    assert calibration_of("of-mine") is calibrations()[OTHERS]


def test_noise_is_doubted_and_hardly_any_garment_of_the_demo() -> None:
    store = open_store(DEMO)
    library, made = store.library("fashion"), store.posterior("fashion")
    pixels = np.random.default_rng(7).integers(0, 255, (120, 90, 3), dtype=np.uint8)
    noise = library.encode(ENCODERS["fashion"].load(), Image.fromarray(pixels))
    assert made.doubts(noise[0])
    assert np.mean([made.doubts(np.asarray(vector)) for vector in library.vectors]) < 0.15
