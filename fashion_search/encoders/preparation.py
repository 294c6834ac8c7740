"""How a published network's pictures are prepared, as its weights declare it; without torch."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.errors import WeightsError
from fashion_search.images import Enough, ample

Fit = Literal["crop", "squash", "pad"]

_RESAMPLING = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_LARGE = 2**24  # pixels between resizing and cutting that are no burden


@dataclass(frozen=True)
class Preparation:
    """How a picture becomes the pixels that a network takes.

    ``height`` and ``width``: of the input, px. ``fit``: what becomes of a picture of another shape. ``crop``: its
    shorter side is made ``resized`` px; ``squash``: it is distorted to a square of that side; ``pad``: it is made to
    fit into one; then the middle is taken, with ``fill`` around it (red, green, blue, 0 to 255). A squashed picture
    has the size of the input where ``resized`` is 0. ``mean`` and ``deviation``: of values 0 to 1, per channel: what
    is taken away, and what the rest is divided by.
    """

    height: int
    width: int
    fit: Fit
    resized: int
    interpolation: str
    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]
    fill: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        if self.interpolation not in _RESAMPLING:
            raise WeightsError(
                f"Pictures would have to be resized by {self.interpolation!r}; known are {', '.join(_RESAMPLING)}."
            )
        if not (0 < self.height <= 4096 and 0 < self.width <= 4096 and all(self.deviation)):
            raise WeightsError(f"Pictures cannot be prepared like this: {self}.")

    def __str__(self) -> str:
        """One line, for fingerprints: all that decides the pixels."""
        whole = self.resized in (0, self.width) and self.width == self.height
        how = {
            "crop": f"shorter side {self.resized}, middle",
            "squash": "squash" if whole or not self.resized else f"squash to {self.resized}, middle",
            "pad": f"fit into {self.resized}, on {' '.join(map(str, self.fill))},",
        }
        mean, deviation = (" ".join(f"{value:.6g}" for value in values) for values in (self.mean, self.deviation))
        return f"{how[self.fit]} {self.width}x{self.height} {self.interpolation}; minus {mean} over {deviation}"

    @property
    def enough(self) -> Enough:
        """How many pixels of a picture suffice."""
        return ample(max(self.resized, self.width, self.height))

    def __call__(self, image: Image.Image) -> NDArray[np.uint8]:
        """An RGB image as pixels, shape (height, width, 3), to be ``normalised``."""
        resample = _RESAMPLING[self.interpolation]
        width, height = self._resized(image.size)
        left, top = round((width - self.width) / 2), round((height - self.height) / 2)
        if width * height > _LARGE:  # a strip would be immense before its middle is taken
            across, down = image.width / width, image.height / height
            box = (left * across, top * down, (left + self.width) * across, (top + self.height) * down)
            return np.asarray(image.resize((self.width, self.height), resample, box))
        whole = image.resize((width, height), resample)
        if left >= 0 and top >= 0:
            return np.asarray(whole.crop((left, top, left + self.width, top + self.height)))
        around = Image.new("RGB", (self.width, self.height), self.fill)
        around.paste(whole, ((self.width - width) // 2, (self.height - height) // 2))
        return np.asarray(around)

    def normalised(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Pixels, shape (…, 3), as the network takes them: ``mean`` taken away, divided by ``deviation``."""
        mean, deviation = (np.array(values, dtype=np.float32) * 255 for values in (self.mean, self.deviation))
        made: NDArray[np.float32] = (pixels.astype(np.float32) - mean) / deviation
        return made

    def _resized(self, size: tuple[int, int]) -> tuple[int, int]:
        """What a picture's width and height become before the middle is taken."""
        if self.fit == "squash":
            return (self.resized, self.resized) if self.resized else (self.width, self.height)
        if self.fit == "crop":
            width, height = (self.resized * side // min(size) for side in size)
            return width, height
        width, height = (max(round(side / (max(size) / self.resized)), 1) for side in size)
        return width, height

    # -- what libraries and files declare ---------------------------------------------------------------------

    @classmethod
    def of_torchvision(cls, preset: Any) -> Self:
        """From torchvision's ``ImageClassification`` preset."""
        (side,), (resized,) = preset.crop_size, preset.resize_size
        mean, deviation = _three(preset.mean), _three(preset.std)
        return cls(side, side, "crop", resized, preset.interpolation.value, mean, deviation)

    @classmethod
    def of_timm(cls, config: Mapping[str, Any]) -> Self:
        """From timm's data configuration (``timm.data.resolve_data_config``)."""
        _, height, width = config["input_size"]
        fit: dict[str, Fit] = {"center": "crop", "squash": "squash", "border": "pad"}
        mode = fit.get(config.get("crop_mode") or "center")
        if mode is None or height != width:
            raise WeightsError(f"timm declares a preparation that is not known here: {dict(config)}.")
        resized = math.floor(height / config["crop_pct"])
        mean, deviation = _three(config["mean"]), _three(config["std"])
        red, green, blue = (round(255 * channel) for channel in mean)
        fill = (red, green, blue) if mode == "pad" else (0, 0, 0)
        return cls(height, width, mode, resized, config["interpolation"], mean, deviation, fill)

    @classmethod
    def of_open_clip(cls, config: Mapping[str, Any]) -> Self:
        """From open_clip's ``PreprocessCfg``, as a mapping."""
        size = config["size"]
        height, width = (size, size) if isinstance(size, int) else size
        fit: dict[str, Fit] = {"shortest": "crop", "squash": "squash", "longest": "pad"}
        mean, deviation = _three(config["mean"]), _three(config["std"])
        grey = int(config.get("fill_color") or 0)
        fill = (grey, grey, grey)
        return cls(height, width, fit[config["resize_mode"]], height, config["interpolation"], mean, deviation, fill)

    @classmethod
    def of_json(cls, declared: Mapping[str, Any], name: str) -> Self:
        """From a ``preprocessor_config.json`` as Hugging Face's transformers writes it.

        Raises:
            WeightsError: something in it is missing or not known here; ``name`` is the file's.
        """
        try:
            size, crop = declared["size"], declared.get("crop_size")
            if not declared.get("do_normalize", True):
                declared = {**declared, "image_mean": [0.0] * 3, "image_std": [1.0] * 3}
            mean, deviation = _three(declared["image_mean"]), _three(declared["image_std"])
            interpolation = {0: "nearest", 1: "lanczos", 2: "bilinear", 3: "bicubic"}[declared["resample"]]
            if not math.isclose(declared.get("rescale_factor", 1 / 255), 1 / 255, rel_tol=1e-3):
                raise ValueError("a rescale_factor other than 1/255")
            if declared.get("do_center_crop", False):
                crop = crop if isinstance(crop, dict) else {"height": crop, "width": crop}
                resized = size if isinstance(size, int) else size["shortest_edge"]
                return cls(crop["height"], crop["width"], "crop", resized, interpolation, mean, deviation)
            sides = {"height": size, "width": size} if isinstance(size, int) else size
            return cls(sides["height"], sides["width"], "squash", 0, interpolation, mean, deviation)
        except (KeyError, TypeError, ValueError) as error:
            raise WeightsError(
                f"{name} does not say how pictures are prepared in a way that is known here ({error}). It needs size "
                "with height and width (or size with shortest_edge, do_center_crop and crop_size), resample, "
                "image_mean and image_std."
            ) from error


def _three(values: Any) -> tuple[float, float, float]:
    red, green, blue = (float(value) for value in values)
    return red, green, blue


IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Mean and deviation of ImageNet's pictures."""


def cropped(resized: int, interpolation: str = "bilinear", side: int = 224) -> Preparation:
    """What most ImageNet classifiers declare: the middle of a picture whose shorter side is ``resized`` px."""
    return Preparation(side, side, "crop", resized, interpolation, *IMAGENET)
