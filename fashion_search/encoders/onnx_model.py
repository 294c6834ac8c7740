"""``onnx:FILE``: any network as an ONNX file; a file beside it says how pictures are prepared."""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.base import RESERVED, Encoder, EncoderSpec, Fingerprint
from fashion_search.encoders.preparation import Preparation
from fashion_search.encoders.published import unit
from fashion_search.encoders.running import session
from fashion_search.encoders.weights import FOLDER_VARIABLE, sha256_of
from fashion_search.errors import MissingPackageError, NotAtHandError, UnknownNameError, WeightsError, in_a_line
from fashion_search.home import user_path

PREFIX = "onnx:"
_DECLARATION = "preprocessor_config.json"


def by_name(name: str) -> EncoderSpec | None:
    """The method ``onnx:FILE``; None where the name has another form.

    Raises:
        UnknownNameError: the path has a character that separates parts of a method's name.
    """
    if not name.startswith(PREFIX) or name == PREFIX:
        return None
    if set(name) & set(RESERVED):
        raise refused(name)
    title = f"{Path(name.removeprefix(PREFIX)).stem} (ONNX)"
    return EncoderSpec(
        name=name,
        title=title,
        summary=f"Compares what the network in {Path(name).name} sees in two pictures.",
        dim=0,
        fingerprint=lambda: _fingerprint(name),
        load=lambda: OnnxEncoder(name),
        origin="a file of yours",
    )


def has_sign_in_path(name: str) -> bool:
    """Whether a sign that stands between the parts of a name is one of the path's own: a separator follows it."""
    return re.match(rf"{PREFIX}.*[{re.escape(RESERVED)}].*[/\\]", name) is not None


def refused(name: str) -> UnknownNameError:
    """What is said of a path that cannot be part of a name."""
    return UnknownNameError(
        f"{name!r}: {' '.join(RESERVED)} cannot be part of a method's name. Rename the file or its folder."
    )


def path_of(name: str) -> Path:
    """The file of a method: in the folder of weights, where one is set and has it, else where the name says.

    Raises:
        WeightsError: there is no such file.
    """
    given = name.removeprefix(PREFIX)
    folder = os.environ.get(FOLDER_VARIABLE)
    places = [*([user_path(folder) / given] if folder else []), user_path(given)]
    for place in places:
        if place.is_file():
            return place
    raise NotAtHandError(f"There is no ONNX file {' nor '.join(map(str, dict.fromkeys(places)))}.")


def full_name(name: str) -> str:
    """The same name with the whole path, unless the folder of weights has the file: valid from any folder."""
    if not name.startswith(PREFIX) or name == PREFIX:
        return name
    given = name.removeprefix(PREFIX)
    folder = os.environ.get(FOLDER_VARIABLE)
    return name if folder and (user_path(folder) / given).is_file() else f"{PREFIX}{user_path(given)}"


def _declared(path: Path) -> tuple[Preparation, str]:
    """How pictures are prepared, and the output that is the vector, empty where there is but one.

    Raises:
        WeightsError: nothing says it.
    """
    for file in (path.with_suffix(".json"), path.with_name(_DECLARATION)):
        if file.is_file():
            try:
                declared = json.loads(file.read_text("utf-8"))
            except (OSError, ValueError) as error:
                raise WeightsError(f"{file} cannot be read as JSON ({error}).") from error
            if not isinstance(declared, Mapping):
                raise WeightsError(f"{file} is not a JSON object.")
            return Preparation.of_json(declared, str(file)), str(declared.get("output", ""))
    raise WeightsError(
        f"Nothing says how pictures are prepared for {path.name}: put the model's {_DECLARATION} beside it, or a "
        f'{path.with_suffix(".json").name} such as {{"size": {{"height": 224, "width": 224}}, "resample": 2, '
        '"image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225]}.'
    )


def _sha256(path: Path) -> str:
    """Of the file, and of its weights where they are in a file beside it."""
    beside = [file for file in (Path(f"{path}.data"), Path(f"{path}_data")) if file.is_file()]
    digests = [sha256_of(file) for file in (path, *beside)]
    return digests[0] if not beside else hashlib.sha256("".join(digests).encode()).hexdigest()


def _fingerprint(name: str) -> Fingerprint:
    path = path_of(name)
    preparation, output = _declared(path)
    return Fingerprint(name, f"ONNX {output or 'output'}; {preparation}; L2", _sha256(path), path.name)


class OnnxEncoder(Encoder):
    """One output of an ONNX network, scaled to unit length.

    Raises:
        WeightsError: there is no such file, it is no network from one picture to one vector, or nothing says how
            pictures are prepared.
        MissingPackageError: onnxruntime is not installed.
    """

    def __init__(self, name: str):
        if find_spec("onnxruntime") is None:
            raise MissingPackageError("ONNX files need the package onnxruntime: pip install onnxruntime")
        path = path_of(name)
        self.preparation, output = _declared(path)
        self.fingerprint = _fingerprint(name)
        self.enough = self.preparation.enough
        try:
            self._session = session(path)
        except Exception as error:  # its own kinds, which share no base
            raise WeightsError(f"{path} is not an ONNX network that runs here ({in_a_line(error)}).") from error
        self._input = self._session.get_inputs()[0]
        self._check_input(path)
        self._output = output or self._only_vector(path)

    def _check_input(self, path: Path) -> None:
        inputs, shape = self._session.get_inputs(), self._input.shape
        if len(inputs) != 1 or len(shape) != 4 or 3 not in (shape[1], shape[3]):
            said = ", ".join(f"{one.name} {one.shape}" for one in inputs)
            raise WeightsError(f"{path} takes {said}; it must take one picture: (n, 3, height, width).")
        if self._input.type not in _TYPES:
            raise WeightsError(f"{path} takes {self._input.type}; known are {', '.join(_TYPES)}.")
        self._first = shape[1] == 3
        sides = shape[2:] if self._first else shape[1:3]
        wanted = (self.preparation.height, self.preparation.width)
        if any(isinstance(side, int) and side != one for side, one in zip(sides, wanted, strict=True)):
            raise WeightsError(
                f"{path} takes pictures of {sides[1]} × {sides[0]} px, but they would be prepared as "
                f"{wanted[1]} × {wanted[0]}. Correct the file beside it that says how."
            )

    def _only_vector(self, path: Path) -> str:
        outputs = self._session.get_outputs()
        vectors = [one.name for one in outputs if len(one.shape or ()) == 2]
        if len(vectors) == 1:
            return str(vectors[0])
        said = ", ".join(f"{one.name} {one.shape}" for one in outputs)
        raise WeightsError(
            f"{path} gives {said}; which of them is a picture's vector, (n, dim), must be said beside it: "
            'add "output": "NAME" to the file that says how pictures are prepared.'
        )

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Pixels, shape (height, width, 3), ``uint8``."""
        return self.preparation(image)

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        kind = _TYPES[self._input.type]
        pixels = prepared if kind is np.uint8 else self.preparation.normalised(prepared).astype(kind)
        if self._first:
            pixels = pixels.transpose(0, 3, 1, 2)
        batch = self._input.shape[0]
        size = batch if isinstance(batch, int) else len(pixels)
        parts = [self._run(pixels[start : start + size], size) for start in range(0, len(pixels), size)]
        return unit(np.concatenate(parts))

    def _run(self, pixels: NDArray[Any], size: int) -> NDArray[np.float32]:
        """A network of a fixed batch gets the rest of the last one filled up."""
        lacking = size - len(pixels)
        full = np.concatenate([pixels, np.repeat(pixels[-1:], lacking, axis=0)]) if lacking else pixels
        try:
            (found,) = self._session.run([self._output], {self._input.name: np.ascontiguousarray(full)})
        except Exception as error:  # its own kinds, which share no base
            raise WeightsError(f"{self.fingerprint.weights_name} could not be run ({in_a_line(error)}).") from error
        if found.ndim != 2:
            raise WeightsError(f"{self._output} of {self.fingerprint.weights_name} is {found.shape}, not (n, dim).")
        kept: NDArray[np.float32] = found[: len(pixels)].astype(np.float32)
        return kept


_TYPES: dict[str, type] = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(uint8)": np.uint8}
