"""How networks run: the same vectors whichever way, and what is kept of a measurement."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from fashion_search.build import products
from fashion_search.encoders import encoder_spec, running
from fashion_search.encoders.account import Account
from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.networks import Embedder, normalised
from fashion_search.encoders.running import Network, OnnxRunning, fastest, kept, opened
from fashion_search.encoders.torch_running import TorchRunning, folded
from fashion_search.encoders.trained import methods_folder, write
from fashion_search.machine import Machine
from fashion_search.store import Store
from tests.builds import build
from tests.encoders.test_networks import stir
from tests.samples import noise

PIXELS = np.stack([np.asarray(noise(seed, (24, 32))) for seed in range(5)])


def convolutions() -> nn.Module:
    torch.manual_seed(0)
    layers = (nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 6, 3, 2, 1))
    return stir(nn.Sequential(*layers)).eval()


def network(make: Any = convolutions, key: str = "ab" * 32) -> Network:
    return Network(key, 32, 24, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), make)


@pytest.fixture
def speeds(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """How long a batch takes, by way, in place of a measurement; ONNX Runtime is twice as fast."""
    seconds = {"torch": 2.0, "onnxruntime": 1.0}
    monkeypatch.setattr(running, "_seconds", lambda ways, pictures: {way: seconds[way] for way in ways})
    return seconds


def plainly(made: nn.Module, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Ten lines without any of it."""
    mean, deviation = (255 * torch.tensor(values).view(3, 1, 1) for values in ((0.4, 0.5, 0.6), (0.2, 0.3, 0.4)))
    with torch.inference_mode():
        one_by_one = [made(((torch.tensor(one).permute(2, 0, 1) - mean) / deviation)[None]) for one in pixels]
    return torch.cat(one_by_one).numpy()


def test_both_ways_give_what_the_plain_network_gives(speeds: dict[str, float]) -> None:
    expected = plainly(convolutions(), PIXELS)
    by_torch = opened(network())
    by_onnx = fastest(network(), by_torch)
    assert isinstance(by_torch, TorchRunning)
    assert isinstance(by_onnx, OnnxRunning)
    for way in (by_torch, by_onnx):
        np.testing.assert_allclose(way(PIXELS), expected, rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(way(PIXELS[:1]), expected[:1], rtol=1e-4, atol=1e-5)


def test_what_was_chosen_is_kept_and_measured_once(speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    first = fastest(network(), opened(network()))
    choice = kept(network().key)
    assert choice is not None
    assert choice.way == "onnxruntime"
    assert choice.rates["onnxruntime"] == 2 * choice.rates["torch"] > 0
    monkeypatch.setattr(running, "_measured", lambda *given: pytest.fail("measured twice"))
    again = opened(network())
    assert isinstance(again, OnnxRunning)
    assert again.parameters == first.parameters
    np.testing.assert_array_equal(again(PIXELS), first(PIXELS))
    assert fastest(network(), again) is again


@pytest.mark.parametrize("seconds", [{"onnxruntime": 2.0}, {"onnxruntime": 1.95}], ids=["as fast", "hardly faster"])
def test_torch_stays_where_the_other_way_gains_nothing(speeds: dict[str, float], seconds: dict[str, float]) -> None:
    speeds |= seconds
    assert isinstance(fastest(network(), opened(network())), TorchRunning)
    choice = kept(network().key)
    assert choice is not None
    assert (choice.way, choice.graph, choice.problem) == ("torch", None, "")
    assert not list(running.folder().glob("*.onnx"))


def test_where_torch_stays_the_network_is_not_made_again(speeds: dict[str, float]) -> None:
    speeds["onnxruntime"] = speeds["torch"]
    by_torch = opened(network())
    for _ in range(2):  # measured, and known
        assert fastest(network(), by_torch) is by_torch


@pytest.mark.parametrize("said", ["2,1", "many", ""])
def test_threads_are_those_that_the_environment_says(said: str, speeds: dict[str, float], monkeypatch: Any) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", said)
    assert isinstance(fastest(network(), opened(network())), OnnxRunning)


def test_a_single_picture_must_not_take_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(ways: Any, pictures: NDArray[np.uint8]) -> dict[str, float]:
        return {"torch": 2.0, "onnxruntime": 1.0 if len(pictures) > 1 else 3.0}

    monkeypatch.setattr(running, "_seconds", seconds)
    assert isinstance(fastest(network(), opened(network())), TorchRunning)


class Odd(nn.Module):
    """What no graph can say: it looks at the values to decide what to compute."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.mean((2, 3)) if float(pixels.sum()) > 0 else pixels.amax((2, 3))


def test_what_cannot_be_exported_is_run_by_torch_and_not_tried_again(speeds: dict[str, float]) -> None:
    odd = network(lambda: Odd().eval())
    assert isinstance(fastest(odd, opened(odd)), TorchRunning)
    choice = kept(odd.key)
    assert choice is not None
    assert choice.problem
    assert isinstance(fastest(odd, opened(odd)), TorchRunning)


@pytest.mark.parametrize(
    "wrong",
    [lambda found: found + 0.01, lambda found: 1.1 * found, np.zeros_like, lambda found: np.full_like(found, np.nan)],
)
def test_another_function_is_refused(wrong: Any, speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    right = OnnxRunning.__call__
    monkeypatch.setattr(OnnxRunning, "__call__", lambda self, pixels: wrong(right(self, pixels)))
    assert isinstance(fastest(network(), opened(network())), TorchRunning)
    choice = kept(network().key)
    assert choice is not None
    assert "other vectors" in choice.problem


def damage(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def another_way(path: Path) -> None:
    outer = json.loads(path.read_text("utf-8"))
    outer["content"]["rates"]["torch"] = 1.0
    path.write_text(json.dumps(outer), "utf-8")


def no_text(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"onnxruntime", b"onnx\xff\xff", 1))


@pytest.mark.parametrize(
    ("suffix", "harm"),
    [
        (".json", damage),
        (".json", no_text),
        (".json", another_way),
        (".json", Path.unlink),
        (".onnx", damage),
        (".onnx", Path.unlink),
    ],
)
def test_what_is_damaged_counts_as_not_there(
    suffix: str, harm: Any, speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    fastest(network(), opened(network()))
    (path,) = running.folder().glob(f"[!.]*{suffix}")
    harm(path)
    monkeypatch.setattr("fashion_search.files._verified", set())
    by_torch = opened(network())
    assert isinstance(by_torch, TorchRunning)
    assert isinstance(fastest(network(), by_torch), OnnxRunning)  # made anew


@pytest.mark.parametrize("changed", ["machine", "versions"])
def test_on_another_machine_or_with_other_packages_it_counts_for_nothing(
    changed: str, speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    fastest(network(), opened(network()))
    assert kept(network().key) is not None
    other = {"machine": lambda: Machine("Another", 2, "here"), "versions": lambda: {"torch": "0.1"}}[changed]
    monkeypatch.setattr(running, {"machine": "this_machine", "versions": "versions"}[changed], other)
    assert kept(network().key) is None


def test_without_the_packages_torch_runs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "find_spec", lambda name: None)
    assert isinstance(fastest(network(), opened(network())), TorchRunning)
    assert not running.folder().exists()


def test_no_more_is_kept_than_the_bound(speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "_KEPT", 2)
    running.folder().mkdir(parents=True)
    (running.folder() / "manifest.json").write_text("another's", "utf-8")
    os.utime(running.folder() / "manifest.json", (0, 0))
    for place, letters in enumerate(("aa", "bb", "cc")):
        one = network(key=letters * 32)
        fastest(one, opened(one))
        for path in running.folder().glob(f"{letters}*"):
            os.utime(path, (place, place))
    assert kept("aa" * 32) is None
    assert (running.folder() / "manifest.json").read_text("utf-8") == "another's"
    (running.folder() / "manifest.json").unlink()
    assert {path.name[:2] for path in running.folder().glob("[!.]*")} == {"bb", "cc"}


def test_batch_norm_is_folded_only_where_it_follows_the_convolution() -> None:
    class Before(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.convolution, self.norm = nn.Conv2d(3, 3, 3), nn.BatchNorm2d(3)

        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            found: torch.Tensor = self.convolution(self.norm(pixels))
            return found

    def norms(made: nn.Module) -> int:
        return sum(isinstance(part, nn.BatchNorm2d) for part in made.modules())

    assert norms(folded(convolutions(), network())) == 0
    assert norms(folded(stir(Before()).eval(), network())) == 1


# -- encoders -----------------------------------------------------------------------------------------------------


@pytest.fixture
def small(home: Path) -> str:
    """A small network that was trained here, with a projection, as the method ``small``."""
    architecture = Architecture("compact", 32, 24, 12, (4, 8), 1, mirrored=True)
    account = Account("small", "Small", "A test.", architecture, 12, {})
    torch.manual_seed(0)
    write(methods_folder() / "small.safetensors", account, stir(Embedder(architecture)).state_dict(), [])
    return "small"


def test_a_trained_network_gives_what_its_embedder_gives(small: str, speeds: dict[str, float]) -> None:
    encoder: Any = encoder_spec(small).load()
    torch.manual_seed(0)
    plain = stir(Embedder(encoder.architecture))
    plain.load_state_dict({name: value.half().float() for name, value in plain.state_dict().items()})  # as it is kept
    pixels = normalised(torch.from_numpy(PIXELS).permute(0, 3, 1, 2).float())
    with torch.inference_mode():
        both = (plain(pixels)[0] + plain(pixels.flip(3))[0]) / 2  # the mirror image counts as much
    expected = nn.functional.normalize(both).numpy()
    np.testing.assert_allclose(encoder.embed(PIXELS), expected, atol=1e-5)
    encoder.choose_fastest()
    assert isinstance(encoder.running, OnnxRunning)
    np.testing.assert_allclose(encoder.embed(PIXELS), expected, atol=1e-5)
    positions = encoder.position_vectors(PIXELS)
    means = positions.mean(axis=(1, 2))
    np.testing.assert_allclose(means / np.linalg.norm(means, axis=1, keepdims=True), expected, atol=1e-5)


def test_a_kept_network_encodes_without_torch(small: str, speeds: dict[str, float]) -> None:
    encoder = encoder_spec(small).load()
    encoder.choose_fastest()
    code = (
        "import sys; from fashion_search.encoders import encoder_spec; from PIL import Image; "
        "print(encoder_spec('small').load().encode([Image.new('RGB', (24, 32), 'red')])[0, :4].tolist()); "
        "assert 'torch' not in sys.modules"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    expected = encoder.encode([Image.new("RGB", (24, 32), "red")])[0, :4]
    np.testing.assert_array_equal(np.array(json.loads(ended.stdout), dtype=np.float32), expected)


def test_a_build_measures_where_there_is_much_to_encode_and_builds_alike(
    small: str, shop: Path, speeds: dict[str, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def vectors(name: str) -> NDArray[np.float32]:
        made: NDArray[np.float32] = Store(build(shop, name=name, methods=[small]).folder).library(small).vectors
        return made

    by_torch = vectors("few")
    assert not running.folder().exists()
    monkeypatch.setattr(products, "WORTHWHILE", 10)
    first = vectors("many")
    assert len(list(running.folder().glob("*.onnx"))) == 1
    monkeypatch.setattr(products, "WORTHWHILE", 10_000)
    np.testing.assert_array_equal(vectors("again"), first)  # what is kept is used whether or not much is to be done
    assert (np.sum(by_torch * first, axis=1) > running.LEAST_COSINE).all()


def test_the_fingerprint_is_the_same_whichever_way(small: str, speeds: dict[str, float]) -> None:
    encoder = encoder_spec(small).load()
    before = encoder.fingerprint
    encoder.choose_fastest()
    assert encoder_spec(small).load().fingerprint == encoder.fingerprint == before == encoder_spec(small).fingerprint()
