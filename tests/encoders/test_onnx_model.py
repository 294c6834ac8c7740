import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from fashion_search.encoders import encoder_spec
from fashion_search.encoders.onnx_model import full_name
from fashion_search.encoders.published import unit
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import MissingPackageError, WeightsError
from tests.samples import noise

IMAGES = [noise(seed, (60, 80)) for seed in range(3)]
DECLARED = {
    "size": {"height": 4, "width": 5},
    "resample": 2,
    "image_mean": [0.5, 0.25, 0.125],
    "image_std": [0.5, 0.25, 0.125],
}
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a network whose vector is its flattened input; returns the method's name."""

    def write(
        batch: Any = "n",
        shape: tuple[Any, ...] = (3, 4, 5),
        kind: int = TensorProto.FLOAT,
        outputs: tuple[str, ...] = ("vector",),
        declared: Any = DECLARED,
    ) -> str:
        nodes = [helper.make_node("Flatten", ["pixels"], [name]) for name in outputs]
        graph = helper.make_graph(
            nodes,
            "flat",
            [helper.make_tensor_value_info("pixels", kind, [batch, *shape])],
            [helper.make_tensor_value_info(name, kind, [batch, None]) for name in outputs],
        )
        path = tmp_path / "flat.onnx"
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
        if declared is not None:
            (tmp_path / "flat.json").write_text(json.dumps(declared))
        return f"onnx:{path}"

    return write


def expected() -> Any:
    """The vectors of the images: their pixels, normalised, channel by channel."""
    small = np.stack([np.asarray(image.resize((5, 4), 2), dtype=np.float32) / 255 for image in IMAGES])
    mean = np.array([0.5, 0.25, 0.125], dtype=np.float32)
    return unit(((small - mean) / mean).transpose(0, 3, 1, 2).reshape(3, -1))


@pytest.mark.parametrize("batch", ["n", 1, 2, 3, 7])
def test_pictures_become_the_networks_output(write: Write, batch: Any) -> None:
    spec = encoder_spec(write(batch))
    encoder = spec.load()
    np.testing.assert_allclose(encoder.encode(IMAGES), expected(), atol=1e-6)
    assert encoder.fingerprint == spec.fingerprint()


def test_channels_may_come_last_and_pixels_be_bytes(write: Write) -> None:
    last = encoder_spec(write(shape=(4, 5, 3))).load().encode(IMAGES)
    assert last.shape == (3, 60)
    assert not np.allclose(last, expected())
    np.testing.assert_allclose(np.sort(last), np.sort(expected()), atol=1e-6)
    raw = encoder_spec(write(kind=TensorProto.UINT8)).load().encode(IMAGES[:1])
    assert (raw >= 0).all()


def test_how_pictures_are_prepared_may_stand_in_hugging_faces_file(write: Write, tmp_path: Path) -> None:
    name = write(declared=None)
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(DECLARED))
    np.testing.assert_allclose(encoder_spec(name).load().encode(IMAGES), expected(), atol=1e-6)


def test_without_a_declaration_it_is_asked_for(write: Write) -> None:
    name = write(declared=None)
    for act in (encoder_spec(name).fingerprint, encoder_spec(name).load):
        with pytest.raises(WeightsError, match=r"Nothing says how pictures are prepared for flat\.onnx: put .*\.json"):
            act()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"shape": (3, 9, 9)}, r"takes pictures of 9 × 9 px, but they would be prepared as 5 × 4"),
        ({"shape": (1, 4, 5)}, r"it must take one picture"),
        ({"kind": TensorProto.INT64}, r"takes tensor\(int64\); known are tensor\(float\)"),
        ({"outputs": ("a", "b")}, r'must be said beside it: add "output": "NAME"'),
        ({"declared": [1]}, r"is not a JSON object"),
        ({"declared": {"size": 3}}, r"does not say how pictures are prepared"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(write: Write, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(WeightsError, match=said):
        encoder_spec(write(**settings)).load()


def test_one_of_several_outputs_is_chosen(write: Write) -> None:
    name = write(outputs=("a", "b"), declared=DECLARED | {"output": "b"})
    np.testing.assert_allclose(encoder_spec(name).load().encode(IMAGES), expected(), atol=1e-6)
    assert encoder_spec(name).fingerprint().preprocessing.startswith("ONNX b; ")


def test_what_is_no_network(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"no network")
    (tmp_path / "x.json").write_text(json.dumps(DECLARED))
    with pytest.raises(WeightsError, match="is not an ONNX network that runs here") as caught:
        encoder_spec(f"onnx:{tmp_path / 'x.onnx'}").load()
    assert "\n" not in str(caught.value)
    (tmp_path / "x.json").write_text("{")
    with pytest.raises(WeightsError, match="cannot be read as JSON"):
        encoder_spec(f"onnx:{tmp_path / 'x.onnx'}").load()


def test_a_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    with pytest.raises(WeightsError, match=rf"There is no ONNX file {tmp_path}/x\.onnx nor .*x\.onnx\."):
        encoder_spec("onnx:x.onnx").fingerprint()


def test_the_folder_of_weights_comes_first(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write()
    monkeypatch.setenv(FOLDER_VARIABLE, str(tmp_path))
    assert full_name("onnx:flat.onnx") == "onnx:flat.onnx"
    np.testing.assert_allclose(encoder_spec("onnx:flat.onnx").load().encode(IMAGES), expected(), atol=1e-6)
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.chdir(tmp_path)
    assert full_name("onnx:flat.onnx") == f"onnx:{tmp_path / 'flat.onnx'}"
    assert full_name("fashion") == "fashion"


def test_weights_beside_the_file_count_too(write: Write, tmp_path: Path) -> None:
    name = write()
    before = encoder_spec(name).fingerprint()
    (tmp_path / "flat.onnx.data").write_bytes(b"weights")
    assert not encoder_spec(name).fingerprint().matches(before)


def test_onnxruntime_is_asked_for_where_it_is_missing(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    name = write()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPackageError, match="pip install onnxruntime"):
        encoder_spec(name).load()


def test_a_whole_path_with_a_tilde_is_no_order(tmp_path: Path) -> None:
    from fashion_search.errors import UnknownNameError

    for path in (f"{tmp_path}/a,b.onnx", "/data/a@b/net.onnx", "C:/Users/FOO~1/net.onnx", "/a~b/net.onnx@hnsw"):
        with pytest.raises(UnknownNameError, match="cannot be part of a method's name"):
            encoder_spec(f"onnx:{path}")
    assert encoder_spec("onnx:/data/net.onnx~balanced").title.endswith("re-ranked (balanced)")
    assert full_name("onnx:~/net.onnx") == f"onnx:{Path.home() / 'net.onnx'}"


def test_nothing_of_it_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys; from fashion_search.encoders import encoder_spec; encoder_spec('onnx:x.onnx'); "
        "assert 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
