from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.preparation import Preparation
from fashion_search.errors import WeightsError
from tests.samples import noise

SIZES = [(60, 80), (80, 60), (300, 400), (224, 224), (1000, 300), (37, 41), (1, 1)]
IMAGES = [noise(seed, size) for seed, size in enumerate(SIZES)]


def pixels(preparation: Preparation, image: Image.Image) -> NDArray[np.float32]:
    """As a library's transform gives them, shape (3, height, width)."""
    mean, deviation = (np.array(values, dtype=np.float32) for values in (preparation.mean, preparation.deviation))
    return ((preparation(image).astype(np.float32) / 255 - mean) / deviation).transpose(2, 0, 1)


def assert_as(transform: Any, preparation: Preparation) -> None:
    for image in IMAGES:
        np.testing.assert_allclose(pixels(preparation, image), transform(image).numpy(), atol=1e-5)


@pytest.mark.parametrize("name", ["vgg16", "mobilenet_v3_large", "efficientnet_b0", "vit_b_16", "inception_v3"])
def test_pictures_are_prepared_as_torchvision_does(name: str) -> None:
    import torchvision.models

    transform = torchvision.models.get_model_weights(name).DEFAULT.transforms()
    assert_as(transform, Preparation.of_torchvision(transform))


@pytest.mark.parametrize("mode", ["center", "squash", "border"])
@pytest.mark.parametrize("name", ["seresnet50", "tf_efficientnet_lite0", "vit_tiny_patch16_384"])
def test_pictures_are_prepared_as_timm_does(name: str, mode: str) -> None:
    import timm

    config = timm.data.resolve_data_config(pretrained_cfg=timm.get_pretrained_cfg(name).to_dict())
    config |= {"crop_mode": mode}
    assert_as(timm.data.create_transform(**config, is_training=False), Preparation.of_timm(config))


@pytest.mark.parametrize("mode", ["shortest", "squash", "longest"])
def test_pictures_are_prepared_as_open_clip_does(mode: str) -> None:
    from open_clip.transform import PreprocessCfg, image_transform_v2

    config = PreprocessCfg(size=224, mean=(0.5, 0.4, 0.3), std=(0.2, 0.3, 0.4), resize_mode=mode, fill_color=9)
    assert_as(image_transform_v2(config, is_train=False), Preparation.of_open_clip(asdict(config)))


def test_the_middle_of_a_strip_needs_no_immense_picture() -> None:
    preparation = Preparation(224, 224, "crop", 256, "bilinear", (0.0,) * 3, (1.0,) * 3)
    strip = Image.new("RGB", (2, 40_000), "red")  # 256 × 5,120,000 px as a whole
    strip.paste("blue", (0, 20_000, 2, 40_000))
    made = preparation(strip)
    assert made.shape == (224, 224, 3)
    np.testing.assert_array_equal(made[0, 0], [255, 0, 0])
    np.testing.assert_array_equal(made[-1, -1], [0, 0, 255])


DECLARED = {"size": {"height": 30, "width": 20}, "resample": 2, "image_mean": [0.5] * 3, "image_std": [0.25] * 3}


def test_hugging_faces_declaration_is_read() -> None:
    made = Preparation.of_json(DECLARED, "x.json")
    assert made == Preparation(30, 20, "squash", 0, "bilinear", (0.5,) * 3, (0.25,) * 3)
    cropped = {**DECLARED, "size": {"shortest_edge": 40}, "do_center_crop": True, "crop_size": 32, "resample": 3}
    assert Preparation.of_json(cropped, "x.json") == Preparation(32, 32, "crop", 40, "bicubic", (0.5,) * 3, (0.25,) * 3)
    plain = {**DECLARED, "do_normalize": False}
    assert Preparation.of_json(plain, "x.json").deviation == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": None},
        {"resample": 17},
        {"image_mean": [0.5, 0.5]},
        {"rescale_factor": 1.0},
        {"do_center_crop": True},
        {"image_std": [0, 1, 1]},
        {"size": {"height": 0, "width": 5}},
    ],
    ids=str,
)
def test_a_declaration_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(WeightsError, match=r"x\.json does not say|cannot be prepared like this"):
        Preparation.of_json({**DECLARED, **wrong}, "x.json")


def test_what_decides_the_pixels_is_in_its_text() -> None:
    one = Preparation(30, 20, "squash", 0, "bilinear", (0.5,) * 3, (0.25,) * 3)
    assert str(one) == "squash 20x30 bilinear; minus 0.5 0.5 0.5 over 0.25 0.25 0.25"
    other = Preparation(30, 20, "pad", 40, "bilinear", (0.5,) * 3, (0.25,) * 3, (1, 2, 3))
    assert str(other).startswith("fit into 40, on 1 2 3, 20x30 bilinear; ")
