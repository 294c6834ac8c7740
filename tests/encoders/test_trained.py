import json
import subprocess
import sys
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors import safe_open
from safetensors.numpy import save_file
from torch import Tensor

from fashion_search.catalog.protocol import Protocol, draw_split
from fashion_search.cli import main
from fashion_search.encoders import ENCODERS, all_methods, encoder_spec, trained
from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.base import GREY, Head
from fashion_search.encoders.convolutional import ConvolutionalEncoder, explain
from fashion_search.encoders.networks import Embedder, normalised
from fashion_search.encoders.trained import (
    SUFFIX,
    Account,
    load,
    mark,
    methods_folder,
    read_account,
    seen_by,
    spec_of,
)
from fashion_search.errors import FashionSearchError, WeightsError
from fashion_search.store import Store, open_store
from tests.builds import build
from tests.encoders.test_networks import stir
from tests.samples import noise

ROOT = Path(__file__).resolve().parents[2]
SMALL = Architecture("compact", 20, 16, 6, (4, 8), 1)
IMAGES = [noise(seed, (30 + seed, 40)) for seed in range(5)]
DIGESTS = [f"{number:08x}-12" for number in range(50)]


def network_of(architecture: Architecture) -> Embedder:
    torch.manual_seed(0)
    made = stir(Embedder(architecture))
    assert isinstance(made, Embedder)
    return made


def account_of(name: str = "mine", architecture: Architecture = SMALL, dimensions: int = 6) -> Account:
    return Account(name, "Mine", "Compares little.", architecture, dimensions, {"seed": 3, "notes": ["Größe"]})


def write(name: str = "mine", state: dict[str, Tensor] | None = None, **options: Any) -> Path:
    """A trained encoder in the methods' folder."""
    account = account_of(name, **options)
    path = methods_folder() / f"{name}{SUFFIX}"
    trained.write(path, account, state or network_of(account.architecture).state_dict(), map(mark, DIGESTS))
    return path


def flip(path: Path, place: int, bit: int = 0) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << bit
    path.write_bytes(content)


# -- what a file says ---------------------------------------------------------------------------------------


def test_round_trip() -> None:
    path = write()
    assert read_account(path) == account_of()
    assert sorted(entry.name for entry in methods_folder().iterdir()) == ["mine.safetensors"]


def test_marks_of_what_was_seen() -> None:
    marks = seen_by(write())
    assert marks.dtype == np.int64
    assert marks.tolist() == sorted(mark(digest) for digest in DIGESTS)
    assert mark("ffffffff-12") not in marks
    assert all(0 <= one < 2**63 for one in marks.tolist())


def test_an_encoder_under_another_name_computes_the_same() -> None:
    path = write()
    target = methods_folder() / f"yours{SUFFIX}"
    trained.rename(path, target, account_of("yours"))
    assert read_account(target) == account_of("yours")
    np.testing.assert_array_equal(seen_by(target), seen_by(path))
    mine, yours = (encoder_spec(name).load() for name in ("mine", "yours"))
    np.testing.assert_array_equal(mine.encode(IMAGES), yours.encode(IMAGES))
    flip(path, -3 % path.stat().st_size)
    with pytest.raises(WeightsError, match="is damaged"):
        trained.rename(path, methods_folder() / f"again{SUFFIX}", account_of("again"))


def test_weights_are_half_as_long() -> None:
    state = network_of(SMALL).state_dict()
    numbers = sum(value.numel() for value in state.values())
    assert write().stat().st_size < 2 * numbers + 8 * len(DIGESTS) + 8000


def test_reading_what_a_page_lists_imports_no_torch() -> None:
    path = write()
    code = (
        "import sys; from pathlib import Path; from fashion_search.encoders import encoder_spec, trained; "
        "spec = encoder_spec('mine'); spec.fingerprint(); trained.read_account(Path(sys.argv[1])); "
        "print(spec.dim, len(trained.seen_by(Path(sys.argv[1]))), sorted({'torch', 'torchvision'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(path)]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout == "6 50 []\n"


# -- heads --------------------------------------------------------------------------------------------------


def head_of(*values: str, seed: int = 0) -> Head:
    rng = np.random.default_rng(seed)
    weight, bias = rng.normal(size=(len(values), 6)), rng.normal(size=len(values))
    return Head(values, weight.astype(np.float32), bias.astype(np.float32))


HEADS = {"base_colour": head_of("Blue", "Red", "Größe"), "a.b/c": head_of("no", "yes", seed=1)}  # odd names


def with_heads(heads: Mapping[str, Head] = HEADS) -> Path:
    """An encoder's file with heads."""
    path = methods_folder() / f"mine{SUFFIX}"
    trained.write(path, account_of(), network_of(SMALL).state_dict(), map(mark, DIGESTS), heads)
    return path


def as_earlier_version(path: Path) -> None:
    """Let a file say of its heads what an earlier version said of those of its training."""
    with safe_open(path, framework="numpy") as file:
        about = file.metadata()
    about["attributes"] = about.pop("heads of unit vectors")
    del about["account"]
    arrays = trained._read_arrays(path)
    about["checksum"] = trained.whole.checksum_with_numbers(about, arrays)
    save_file(arrays, path, about)


def same_heads(found: Mapping[str, Head], expected: Mapping[str, Head]) -> None:
    """Equal, up to the rounding to half precision."""
    assert list(found) == list(expected)
    for column, head in expected.items():
        assert found[column].values == head.values
        for part, wanted in ((found[column].weight, head.weight), (found[column].bias, head.bias)):
            assert part.dtype == np.float32
            np.testing.assert_array_equal(part, wanted.astype(np.float16))
            with pytest.raises(ValueError, match="read-only"):  # all who ask are given the same arrays
                part[:] = 0


def test_heads_come_back_with_their_values() -> None:
    path = with_heads()
    same_heads(trained.heads_of(path), HEADS)
    spec = encoder_spec("mine")
    assert spec.heads is not None
    same_heads(spec.heads(), HEADS)
    assert read_account(path).attributes == {"base_colour": ("Blue", "Red", "Größe"), "a.b/c": ("no", "yes")}


def test_an_encoder_may_have_no_heads() -> None:
    assert trained.heads_of(write()) == {}


def test_heads_of_an_earlier_version_are_none_as_they_are_of_other_vectors() -> None:
    path = with_heads()
    before = load(path).encode(IMAGES)
    as_earlier_version(path)
    assert trained.heads_of(path) == {}
    assert read_account(path) == account_of()
    np.testing.assert_array_equal(load(path).encode(IMAGES), before)
    trained.add_heads(path, {"usage": HEADS["a.b/c"]})  # in place of those
    same_heads(trained.heads_of(path), {"usage": HEADS["a.b/c"]})


def test_reading_heads_imports_no_torch() -> None:
    code = (
        "import sys; from fashion_search.encoders import encoder_spec; "
        "print(*encoder_spec('mine').heads(), 'torch' in sys.modules)"
    )
    with_heads()
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert found.stdout == "base_colour a.b/c False\n"


def test_other_heads_leave_network_marks_and_account_as_they_are() -> None:
    path = with_heads()
    state, vectors = trained._state(trained._read_arrays(path)), load(path).encode(IMAGES)
    others = {"usage": head_of("Casual", "Sports", "Formal", "Home", seed=2)}
    trained.add_heads(path, others)
    same_heads(trained.heads_of(path), others)
    now = trained._read_arrays(path)
    assert [name for name in now if name.startswith("head.")] == ["head.0.bias", "head.0.weight"]
    assert trained._state(now).keys() == state.keys()
    assert all(torch.equal(value, state[name]) for name, value in trained._state(now).items())
    np.testing.assert_array_equal(load(path).encode(IMAGES), vectors)
    assert seen_by(path).tolist() == sorted(mark(digest) for digest in DIGESTS)
    assert replace(read_account(path), attributes={}) == account_of()


def test_heads_that_cannot_be_written_leave_the_file_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    path = with_heads()
    before = path.read_bytes()

    def full(self: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        patch.setattr("os.replace", full)
        with pytest.raises(OSError, match="No space left"):
            trained.add_heads(path, {"usage": HEADS["a.b/c"]})
    assert path.read_bytes() == before
    assert list(methods_folder().iterdir()) == [path]


def test_a_damaged_file_is_given_no_heads() -> None:
    path = with_heads()
    flip(path, -3 % path.stat().st_size)
    before = path.read_bytes()
    with pytest.raises(WeightsError, match="is damaged"):
        trained.add_heads(path, HEADS)
    with pytest.raises(WeightsError, match="is damaged"):
        trained.heads_of(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("heads", [{}, {"base_colour": head_of("Blue", "Red", "Green")}], ids=["missing", "larger"])
def test_heads_that_are_not_as_described_are_damage(heads: dict[str, Head]) -> None:
    path = with_heads(heads)
    trained.rename(path, path, replace(account_of(), attributes={"base_colour": ("Blue", "Red")}))
    with pytest.raises(WeightsError, match=r"does not hold the head of base_colour that it describes\. Train"):
        trained.heads_of(path)


# -- shape --------------------------------------------------------------------------------------------------


def test_a_padded_encoder_does_not_squash() -> None:
    """A tall strip on white: padded it is what the same strip in a picture of the input's shape is."""
    padded = Architecture("compact", 20, 15, 6, (4, 8), 1, padded=True)
    path = write(architecture=padded)
    strip = Image.new("RGB", (20, 80), "white")
    strip.paste((10, 10, 60), (5, 5, 15, 75))
    framed = Image.new("RGB", (60, 80), "white")
    framed.paste(strip, (20, 0))
    one, other = load(path).encode([strip, framed])
    np.testing.assert_allclose(one, other, atol=1e-4)
    assert "pad" in trained.fingerprint_of(path).preprocessing
    squashed = load(write("squashed", architecture=replace(padded, padded=False)))
    one, other = squashed.encode([strip, framed])
    assert np.abs(one - other).max() > 0.01


@pytest.mark.parametrize("size", [(40_000, 60), (60, 40_000), (30_000, 1)])
def test_a_strip_is_not_padded_to_a_huge_square(size: tuple[int, int]) -> None:
    padded = Architecture("compact", 20, 15, 6, (4, 8), 1, padded=True)
    strip = Image.new("RGB", size, (200, 30, 30))
    tracemalloc.start()
    found = padded.prepare(strip)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.shape == (20, 15, 3)
    assert found[10, 7].tolist() == [200, 30, 30]
    assert peak < 10e6


def test_a_large_photo_is_padded_like_a_small_one() -> None:
    padded = Architecture("compact", 20, 15, 6, (4, 8), 1, padded=True)
    small = noise(3, (90, 60)).resize((180, 120))
    large = small.resize((1440, 960))
    one, other = (padded.prepare(image).astype(int) for image in (small, large))
    assert np.abs(one - other).mean() < 3


# -- what it computes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "architecture",
    [
        SMALL,
        Architecture("compact", 16, 16, 0, (4, 8), 1),
        Architecture("compact", 20, 16, 6, (4, 8), 1, mirrored=True, every_stage=True),
        Architecture("resnet18", 32, 32, 7),
        Architecture("autoencoder", 20, 16, 6, (4, 8)),
        Architecture("transformer", 20, 16, 6, (32,), 1, patch=4),
        Architecture("transformer", 20, 16, 6, (32,), 1, patch=4, ternary=True),
        Architecture("transformer", 20, 16, 0, (32,), 1, mirrored=True, patch=4),
    ],
    ids=["projected", "pooled", "mirrored, every stage", "resnet18", "autoencoder", "vit", "vit-1.58b", "vit, pooled"],
)
@torch.inference_mode()
def test_vectors_are_those_of_the_network(architecture: Architecture) -> None:
    network = network_of(architecture)
    path = write(state=network.state_dict(), architecture=architecture, dimensions=network.dimensions)
    encoder = encoder_spec("mine").load()
    found = encoder.encode(IMAGES)
    network.load_state_dict({name: value.half().float() for name, value in network.state_dict().items()})
    pixels = torch.from_numpy(np.stack([architecture.prepare(image) for image in IMAGES])).permute(0, 3, 1, 2)
    seen = normalised(pixels.float())
    maps = network(seen)[1]
    if architecture.mirrored:
        maps = (maps + network(seen.flip(3))[1].flip(3)) / 2
    expected = torch.nn.functional.normalize(network.projection(network.norm(maps.mean((2, 3))))).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert found.shape == (5, network.dimensions)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert read_account(path).dimensions == network.dimensions


def test_a_mirrored_encoder_sees_a_picture_and_its_mirror_image_alike_and_each_part_on_its_side() -> None:
    write(architecture=replace(SMALL, mirrored=True, every_stage=True))
    encoder = encoder_spec("mine").load()
    assert isinstance(encoder, ConvolutionalEncoder)
    picture = IMAGES[0].resize((16, 20))
    turned = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    np.testing.assert_allclose(encoder.encode([picture]), encoder.encode([turned]), atol=1e-5)
    vectors = encoder.position_vectors(np.stack([encoder.prepare(picture), encoder.prepare(turned)]))
    np.testing.assert_allclose(vectors[0], vectors[1][:, ::-1], atol=1e-4)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-2)


def test_a_file_that_is_replaced_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write()
    original = trained._read_arrays

    def slow(path: Path) -> Any:
        arrays = original(path)
        write(state={name: value * 2 for name, value in network_of(SMALL).state_dict().items()})
        return arrays

    monkeypatch.setattr(trained, "_read_arrays", slow)
    with pytest.raises(WeightsError, match=r"was replaced while it was read\. Try again"):
        load(path)


def test_a_batch_gives_what_single_images_give() -> None:
    write()
    encoder = encoder_spec("mine").load()
    one_by_one = np.concatenate([encoder.encode([image]) for image in IMAGES])
    np.testing.assert_allclose(encoder.encode(IMAGES * 7), np.tile(one_by_one, (7, 1)), atol=1e-6)


def test_pictures_are_prepared_to_the_size_that_was_trained() -> None:
    found = SMALL.prepare(Image.new("RGB", (100, 30), (1, 2, 3)))
    assert (found.shape, found.dtype) == ((20, 16, 3), np.uint8)
    assert (found == (1, 2, 3)).all()
    exact = noise(1, (16, 20))
    np.testing.assert_array_equal(SMALL.prepare(exact), np.asarray(exact))


@pytest.mark.parametrize("dimensions", [6, 0])
@pytest.mark.parametrize("whole", [False, True])
def test_explanations_add_up_to_the_cosine(dimensions: int, whole: bool) -> None:
    architecture = Architecture("compact", 20, 16, dimensions, (4, 8), 1, mirrored=whole, every_stage=whole)
    write(architecture=architecture, dimensions=dimensions or (12 if whole else 8))
    encoder = encoder_spec("mine").load()
    assert isinstance(encoder, ConvolutionalEncoder)
    vectors = encoder.encode(IMAGES)
    for other in range(5):
        match = explain(encoder, IMAGES[0], IMAGES[other])
        score = float(vectors[0] @ vectors[other])
        assert match.score == pytest.approx(score, abs=1e-5)
        assert match.query.shape == match.result.shape == (5, 4)
        assert match.query.sum() == pytest.approx(score, abs=1e-4)
        assert match.result.sum() == pytest.approx(score, abs=1e-4)


@pytest.mark.parametrize(
    "architecture",
    [
        Architecture("autoencoder", 20, 16, 6, (4, 8)),
        Architecture("transformer", 20, 16, 6, (32,), 1, patch=4),
        Architecture("transformer", 20, 16, 6, (32,), 1, patch=4, ternary=True),
    ],
    ids=["autoencoder", "vit", "vit-1.58b"],
)
def test_explanations_of_autoencoders_and_transformers_add_up_too(architecture: Architecture) -> None:
    write(architecture=architecture)
    encoder = encoder_spec("mine").load()
    assert isinstance(encoder, ConvolutionalEncoder)
    vectors = encoder.encode(IMAGES[:2])
    match = explain(encoder, IMAGES[0], IMAGES[1])
    score = float(vectors[0] @ vectors[1])
    assert match.score == pytest.approx(score, abs=1e-5)
    assert match.query.shape == match.result.shape == (5, 4)
    assert match.query.sum() == pytest.approx(score, abs=1e-4)
    assert match.query.std() > 1e-4  # positions differ


# -- a method like any other --------------------------------------------------------------------------------


def succeed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_file_in_the_folder_is_a_method(built: Store, shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = list(all_methods())
    assert "mine" not in before
    path = write()
    assert list(all_methods()) == [*before, "mine"]
    assert "mine" not in ENCODERS
    spec = encoder_spec("mine")
    assert (spec.title, spec.summary, spec.dim) == ("Mine", "Compares little.", 6)
    assert spec.fingerprint() == spec.load().fingerprint

    (listed,) = (one for one in succeed(capsys, "list")["methods"] if one["name"] == "mine")
    assert listed["ready"]
    assert listed["weights"].startswith("mine.safetensors (SHA-256 ")

    build(shop, methods=["mine"])
    store = open_store("shop")
    assert list(store.methods) == ["histogram", "mine"]
    library = store.library("mine")
    pictures = [Image.open(shop / f"images/{row + 1}.jpg").convert("RGB") for row in range(15)]
    np.testing.assert_allclose(library.vectors, spec.load().encode(pictures), atol=1e-5)

    hits = succeed(capsys, "search", "10", "--catalog", "shop", "--method", "mine", "-k", "14")["methods"]["mine"][
        "hits"
    ]
    row = store.catalog.row("10")
    scores = library.vectors @ library.vectors[row]
    for hit in hits:
        assert hit["score"] == pytest.approx(float(scores[store.catalog.row(hit["id"])]), abs=1e-5)
    upload = succeed(capsys, "search", str(shop / "images/10.jpg"), "--catalog", "shop", "--method", "mine", "-k", "1")
    assert upload["methods"]["mine"]["hits"][0]["id"] == "10"

    scored = succeed(capsys, "evaluate", "--catalog", "shop", "--method", "mine")["scores"]
    assert {row["method"] for row in scored} == {"mine"}
    assert draw_split(store.catalog, Protocol.LEAVE_ONE_OUT).queries.size == 15

    path.unlink()
    assert list(all_methods()) == before


def test_a_method_of_the_program_is_not_taken_over() -> None:
    before = ENCODERS["histogram"]
    write("histogram")
    assert all_methods()["histogram"] is before
    assert list(all_methods()).count("histogram") == 1


def test_methods_of_this_machine_have_colours_of_their_own() -> None:
    for name in ("mine", "yours"):
        write(name)
    colours = {spec.colour for spec in all_methods().values()} - {GREY}
    assert len(colours) == len(ENCODERS) + 2


def test_another_network_under_the_same_name_has_another_fingerprint() -> None:
    write()
    before = encoder_spec("mine").fingerprint()
    state = network_of(SMALL).state_dict()
    state["trunk.0.weight"] = state["trunk.0.weight"] * 2
    write(state=state)
    assert not encoder_spec("mine").fingerprint().matches(before)


# -- damage -------------------------------------------------------------------------------------------------


def refused_but_others_listed(path: Path, reason: str) -> None:
    """The file is no method, says why, and stands in nobody's way."""
    with pytest.raises(WeightsError, match=reason):
        read_account(path)
    for use in (load, seen_by):
        with pytest.raises(WeightsError, match=reason):
            use(path)
    specs, problems = trained.found()
    assert list(specs) == ["other"]
    assert list(problems) == [path.name]
    assert "other" in all_methods()
    assert "mine" not in all_methods()
    with pytest.raises(FashionSearchError, match="There is no method 'mine'"):
        encoder_spec("mine")


@pytest.mark.parametrize("left", [0, 4, 100, 2000, -1])
def test_a_truncated_file(left: int) -> None:
    path = write()
    write("other")
    path.write_bytes(path.read_bytes()[:left])
    refused_but_others_listed(path, r"mine\.safetensors is damaged or incomplete \(\w+\)\. Train it again")


def test_a_file_of_something_else() -> None:
    write("other")
    path = methods_folder() / f"mine{SUFFIX}"
    path.write_bytes(b"<html>please log in</html>" * 50)
    refused_but_others_listed(path, "is damaged or incomplete")


def test_weights_of_another_program() -> None:
    from safetensors.torch import save_file

    write("other")
    path = methods_folder() / f"mine{SUFFIX}"
    save_file({"weight": torch.ones(3)}, path)
    refused_but_others_listed(path, "is no encoder that this version of fashion_search reads")


def test_a_flipped_bit_is_noticed_wherever_it_is() -> None:
    path = write()
    good = path.read_bytes()
    header = int.from_bytes(good[:8], "little")
    places = np.random.default_rng(0).integers(0, len(good), 150).tolist()
    places += [*range(0, 8), *range(8, 8 + header, 37), len(good) - 1, 8 + header]
    for number, place in enumerate(places):
        path.write_bytes(good)
        flip(path, place, number % 8)
        with pytest.raises(WeightsError):
            load(path)
    path.write_bytes(good)
    load(path)


def test_a_flipped_bit_in_the_weights_says_so() -> None:
    path = write()
    flip(path, -3 % path.stat().st_size)
    with pytest.raises(WeightsError, match=r"is damaged: its checksum is not that of its content\. Train it again"):
        encoder_spec("mine").load()


def test_another_network_than_the_file_describes() -> None:
    other = Architecture("compact", 20, 16, 6, (4, 16), 1)
    path = write(state=network_of(other).state_dict())
    with pytest.raises(WeightsError, match="does not hold the network that it describes"):
        load(path)


def test_an_unknown_backbone() -> None:
    write("other")
    path = write(architecture=Architecture("vgg", 20, 16), state=network_of(SMALL).state_dict())
    refused_but_others_listed(path, "has a backbone that is not known here: 'vgg'")


def test_a_file_under_another_name() -> None:
    write().rename(methods_folder() / f"yours{SUFFIX}")
    write("other")
    specs, problems = trained.found()
    assert list(specs) == ["other"]
    assert list(problems) == ["yours.safetensors"]
    assert "holds the method “mine”. Rename it to mine.safetensors" in problems["yours.safetensors"]
    assert {"mine", "yours"}.isdisjoint(all_methods())


def test_a_file_that_is_gone() -> None:
    path = write()
    spec = spec_of(path)
    path.unlink()
    for use in (spec.fingerprint, spec.load):
        with pytest.raises(WeightsError, match="cannot be read: No such file"):
            use()
