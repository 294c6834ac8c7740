from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fashion_search.encoders import ENCODERS, ColourMatch, FusedMatch, encoder_spec
from fashion_search.encoders.fusion import WEIGHT, colours, combined, fuse
from fashion_search.encoders.histogram import HistogramEncoder
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import UnknownNameError, WeightsError
from tests.conftest import FakeMethod
from tests.samples import noise

RED, GREEN, WHITE = (255, 0, 0), (0, 255, 0), (255, 255, 255)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> Image.Image:
    image = Image.new("RGB", (224, 224), left)
    image.paste(right, (112, 0, 224, 224))
    return image


def colours_of(*images: Image.Image) -> np.ndarray:
    return colours(HistogramEncoder().encode(images))


def test_worked_example_of_colours() -> None:
    """Half red, half green against all red: √(½ · 1)."""
    first, second = colours_of(halves(RED, GREEN), Image.new("RGB", (9, 9), RED))
    assert float(first @ second) == pytest.approx(0.5**0.5)


def test_white_does_not_count() -> None:
    on_white, alone, nothing = colours_of(halves(RED, WHITE), Image.new("RGB", (9, 9), RED), halves(WHITE, WHITE))
    np.testing.assert_allclose(on_white, alone, atol=1e-7)
    np.testing.assert_array_equal(nothing, np.zeros(511))


def test_only_the_bin_of_white_is_left_out() -> None:
    almost_white = (223, 255, 255)
    [vector] = colours_of(Image.new("RGB", (9, 9), almost_white))
    assert np.linalg.norm(vector) == pytest.approx(1)


def test_worked_example_of_a_fusion() -> None:
    """Networks' vectors at right angles, the same colours: w² / (1 + w²)."""
    network = np.eye(2, dtype=np.float32)
    red = HistogramEncoder().encode([Image.new("RGB", (9, 9), RED)] * 2)
    first, second = fuse(network, red, 0.5)
    assert float(first @ second) == pytest.approx(0.25 / 1.25)


def test_a_weight_of_0_and_a_white_picture_leave_the_network_alone() -> None:
    network = np.eye(2, dtype=np.float32)
    histograms = HistogramEncoder().encode([noise(1), Image.new("RGB", (9, 9), WHITE)])
    np.testing.assert_array_equal(fuse(network, histograms, 0)[:, :2], network)
    np.testing.assert_array_equal(fuse(network, histograms, 0.5)[1, :2], network[1])


def test_the_fingerprint_tells_weight_network_and_weights_apart(fake: FakeMethod) -> None:
    def digest(weight: float) -> str:
        return combined("fused", "Fused", "Both.", fake.spec(), weight).fingerprint().digest

    digests = [digest(0.5), digest(0.6)]
    fake.version = "2"
    digests.append(digest(0.5))
    assert len(set(digests)) == 3
    assert digest(0.5) == digests[2]


def test_figures_are_labelled_with_the_weights_of_the_network(
    random_weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    ours, networks = ENCODERS["fusion"].fingerprint(), ENCODERS["resnet18"].fingerprint()
    assert ours.weights_label == networks.weights_label
    assert not ours.matches(networks)


def test_without_weights_it_says_what_the_network_says(no_network: None) -> None:
    for reason in (ENCODERS["fusion"].fingerprint, ENCODERS["fusion"].load):
        with pytest.raises(WeightsError, match=r"resnet18.*resnet18-f37072fd\.pth"):
            reason()
    with pytest.raises(WeightsError) as refused:
        ENCODERS["fusion"].fingerprint()
    assert refused.value.can_download


@pytest.mark.parametrize(
    ("images", "n_coloured"),
    [
        ((halves(RED, GREEN), halves(RED, WHITE)), 2),
        ((halves(RED, GREEN), halves(WHITE, WHITE)), 1),
        ((halves(WHITE, WHITE), halves(WHITE, WHITE)), 0),
    ],
)
def test_the_explanation_takes_the_score_apart(
    random_weights: Path, monkeypatch: pytest.MonkeyPatch, images: tuple[Image.Image, Image.Image], n_coloured: int
) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(random_weights))
    spec = ENCODERS["fusion"]
    encoder = spec.load()
    assert spec.explain is not None
    match = spec.explain(encoder, *images)
    assert isinstance(match, FusedMatch)
    first, second = encoder.encode(images)
    assert match.score == pytest.approx(float(first @ second), abs=1e-5)
    (network, regions), (_, shared) = match.parts
    assert network == "ResNet-18"
    assert regions.score + shared.score == pytest.approx(match.score, abs=1e-6)
    alone, others = ENCODERS["resnet18"].load().encode(images)
    assert regions.score == pytest.approx(float(alone @ others) / (1 + WEIGHT**2) ** (n_coloured / 2), abs=1e-5)
    assert isinstance(shared, ColourMatch)
    assert shared.colours == ((((240, 16, 16), pytest.approx(1)),) if n_coloured == 2 else ())


def test_a_network_that_does_not_explain_gives_a_fusion_that_does_not(fake: FakeMethod) -> None:
    assert combined("fused", "Fused", "Both.", fake.spec(), 0.5).explain is None


def test_any_two_methods_are_fused_by_name() -> None:
    """The cosine is (cos of the first + w² cos of the second) / (1 + w²)."""
    images = [noise(seed, (60, 80)) for seed in range(2)]
    spec = encoder_spec("fashion+2*efficientnet-lite0")
    assert (spec.family, spec.parts) == ("combined", ("fashion", "efficientnet-lite0"))
    assert spec.dim == ENCODERS["fashion"].dim + ENCODERS["efficientnet-lite0"].dim
    assert spec.licence == "MIT and Apache-2.0"
    encoder = spec.load()
    first, second = encoder.encode(images)
    apart = [float(np.prod(ENCODERS[part].load().encode(images), axis=0).sum()) for part in spec.parts]
    assert float(first @ second) == pytest.approx((apart[0] + 4 * apart[1]) / 5, abs=1e-5)

    match = spec.explain(encoder, *images)
    assert isinstance(match, FusedMatch)
    assert [title for title, _ in match.parts] == ["Fashion", "EfficientNet-Lite0"]
    assert match.score == pytest.approx(float(first @ second), abs=1e-4)
    assert [part.query.sum() for _, part in match.parts] == pytest.approx([part.score for _, part in match.parts])


def test_the_histogram_beside_another_method_is_its_colours() -> None:
    fused, network = encoder_spec("efficientnet-lite0+0.5*histogram"), ENCODERS["efficientnet-lite0"]
    images = [noise(seed, (60, 80)) for seed in range(2)]
    expected = fuse(network.load().encode(images), HistogramEncoder().encode(images), 0.5)
    np.testing.assert_allclose(fused.load().encode(images), expected, atol=1e-6)
    assert fused.dim == network.dim + 511


def test_a_weight_has_one_spelling() -> None:
    assert encoder_spec("fashion+.50*histogram").name == "fashion+0.5*histogram"
    assert encoder_spec("fashion+0.00001*histogram").name == "fashion+0.00001*histogram"
    assert encoder_spec("fashion+0.12345678*histogram").name == "fashion+0.123457*histogram"
    first, second = (encoder_spec(f"fashion+{weight}*histogram").fingerprint() for weight in ("0.5", "0.6"))
    assert not first.matches(second)


def test_what_an_encoder_saw_is_what_its_parts_saw() -> None:
    seen = encoder_spec("histogram+1*fashion").seen
    assert seen is not None
    np.testing.assert_array_equal(seen(), ENCODERS["fashion"].seen())
    assert encoder_spec("resnet18+1*histogram").seen is None


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fashion+0*histogram", "with W from 0.000001 to 100"),
        ("fashion+101*histogram", "with W from 0.000001 to 100"),
        ("fashion+0.0000001*histogram", "with W from 0.000001 to 100"),
        ("fashion+1*fashion", "fuses a method with itself"),
        ("fashion+1*fusion", "fuses 'fusion', which is made of others itself; fuse its parts"),
        ("fashion+1*nonsense", "There is no method 'nonsense'"),
        ("fashion+x*histogram", "There is no method"),
    ],
)
def test_a_name_that_fuses_nothing(name: str, said: str) -> None:
    with pytest.raises(UnknownNameError, match=said):
        encoder_spec(name)
