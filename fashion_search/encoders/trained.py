"""Encoders that were trained by this program: one ``.safetensors`` file each, which says all about itself.

The file holds the network's weights as ``float16``, heads that tell labels such as the colour from its unit vectors,
where it was trained to classify the path that it did so by, ``seen``: marks of the pictures it was trained on, and as
metadata its architecture and an account of its training.
Reading what a page lists needs no torch.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from fashion_search.encoders import whole
from fashion_search.encoders.account import Account
from fashion_search.encoders.architecture import BACKBONES, Architecture
from fashion_search.encoders.base import EncoderSpec, Fingerprint, Head
from fashion_search.encoders.convolutional import ConvolutionalEncoder, explain
from fashion_search.encoders.own import method_files
from fashion_search.encoders.own import methods_folder as methods_folder
from fashion_search.encoders.projection import Projection
from fashion_search.encoders.weights import sha256_of
from fashion_search.errors import WeightsError
from fashion_search.files import write_atomically
from fashion_search.home import shipped

if TYPE_CHECKING:
    import torch

SUFFIX = ".safetensors"
_FORMAT = "1"
_HEADS = "heads of unit vectors"  # metadata; an earlier version's "attributes" are of heads of something else
SHIPPED = shipped(f"assets/fashion{SUFFIX}")
_CLASSES = "classes"  # metadata of files that have a classification path
_SEEN = "seen"
_WEIGHTS_PREFIX = "network."
_HEAD_PREFIX = "head."
_CLASSIFIER_PREFIX = "classifier."
_COLOURS = ("#5d6bc4", "#93582b", "#2f8ca3", "#a3559b", "#6c7f2f")  # in the order of names


class Seen(Protocol):
    """A picture as an encoder remembers it: an item, or one that was trained on."""

    @property
    def digest(self) -> str: ...

    @property
    def checksum(self) -> str: ...


@lru_cache(maxsize=2**17)  # pages ask for those of a whole catalog at each run
def mark(digest: str) -> int:
    """A picture's digest as 63 bits."""
    return int.from_bytes(hashlib.sha256(digest.encode()).digest()[:8], "big") >> 1


def count_seen(pictures: Iterable[Seen], marks: NDArray[np.int64]) -> int:
    """How many pictures are among those that an encoder saw, by its marks.

    Marks are of digests; an encoder that an earlier version trained has marks of checksums.
    """
    own = [(mark(one.digest), mark(one.checksum)) for one in pictures]
    return int(np.isin(np.array(own, dtype=np.int64).reshape(-1, 2), marks).any(axis=1).sum())


def path_of(name: str) -> Path:
    """The file of a trained method: the one that comes with the program, or one of this machine.

    Raises:
        WeightsError: there is none of this name.
    """
    known = {SHIPPED.stem: SHIPPED} | {one: methods_folder() / f"{one}{SUFFIX}" for one in found()[0]}
    if name not in known:
        raise WeightsError(f"No method of that name was trained by this program; there are {', '.join(known)}.")
    return known[name]


def write(
    path: Path,
    account: Account,
    state: dict[str, "torch.Tensor"],
    seen: Iterable[int],
    heads: Mapping[str, Head] = MappingProxyType({}),
    classifier: Mapping[str, "torch.Tensor"] = MappingProxyType({}),
) -> None:
    """Write an encoder's file atomically.

    Args:
        path: of the file.
        account: what it says of itself.
        state: the network's weights.
        seen: marks of the pictures it was trained on.
        heads: by column, what its unit vectors tell.
        classifier: the weights of its classification path, which tells ``account.classes`` apart; without it the file
            names no classes.
    """
    named = {_WEIGHTS_PREFIX + name: value for name, value in state.items()}
    named |= {_CLASSIFIER_PREFIX + name: value for name, value in classifier.items()}
    arrays: dict[str, NDArray[Any]] = {
        name: (value.half() if value.is_floating_point() else value).contiguous().cpu().numpy()
        for name, value in named.items()
    }
    arrays[_SEEN] = np.unique(np.fromiter(seen, dtype=np.int64))
    account = account if classifier else replace(account, classes={})
    _write(path, _with_heads(account, heads, arrays), arrays)


def add_heads(path: Path, heads: Mapping[str, Head]) -> None:
    """Give an encoder's file these heads instead of those that it has; its SHA-256 becomes another.

    Raises:
        WeightsError: it is not there, damaged, or not an encoder's.
    """
    arrays = {name: array for name, array in _read_arrays(path).items() if not name.startswith(_HEAD_PREFIX)}
    _write(path, _with_heads(read_account(path), heads, arrays), arrays)


def _with_heads(account: Account, heads: Mapping[str, Head], arrays: dict[str, NDArray[Any]]) -> Account:
    """Put heads among the arrays of a file; what its account says then."""
    for place, head in enumerate(heads.values()):
        weight, bias = _head_names(place)
        arrays |= {weight: head.weight.astype(np.float16), bias: head.bias.astype(np.float16)}
    return replace(account, attributes={column: head.values for column, head in heads.items()})


def heads_of(path: Path) -> Mapping[str, Head]:
    """The heads in an encoder's file, by column; none where it has none, or an earlier version's.

    Raises:
        WeightsError: the file is not there, damaged, or not an encoder's.
    """
    read_account(path)
    status = path.stat()
    return _heads_of(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _heads_of(path: Path, size: int, modified: int) -> Mapping[str, Head]:
    account, arrays = read_account(path), _read_arrays(path)
    heads = {}
    for place, (column, values) in enumerate(account.attributes.items()):
        parts = [arrays[name].astype(np.float32) for name in _head_names(place) if name in arrays]
        if [part.shape for part in parts] != [(len(values), account.dimensions), (len(values),)]:
            raise WeightsError(f"{path} does not hold the head of {column} that it describes. {_AGAIN}")
        for part in parts:
            part.flags.writeable = False
        heads[column] = Head(values, *parts)
    return MappingProxyType(heads)


def _head_names(place: int) -> tuple[str, str]:
    """What a head's arrays are called, by its attribute's place: a column's name may be anything."""
    return f"{_HEAD_PREFIX}{place}.weight", f"{_HEAD_PREFIX}{place}.bias"


def rename(path: Path, target: Path, account: Account) -> None:
    """Write what a file holds to ``target`` under another account, such as another name.

    Raises:
        WeightsError: it is not there, damaged, or not an encoder's file.
    """
    _write(target, account, _read_arrays(path))


def _write(path: Path, account: Account, arrays: dict[str, NDArray[Any]]) -> None:
    from safetensors.numpy import save

    about = {
        "format": _FORMAT,
        "name": account.name,
        "title": account.title,
        "summary": account.summary,
        "architecture": json.dumps(account.architecture.to_json()),
        "dimensions": str(account.dimensions),
        "training": json.dumps(account.training),
        _HEADS: json.dumps(account.attributes),
    } | ({_CLASSES: json.dumps(account.classes)} if account.classes else {})
    about[whole.KEY] = whole.checksum(about, whole.kinds_of(arrays))
    about["checksum"] = whole.checksum_with_numbers(about, arrays)
    data = save(arrays, about)
    write_atomically(path, lambda file: file.write(data))


def read_account(path: Path) -> Account:
    """What an encoder's file says about itself, without its weights and without torch.

    Raises:
        WeightsError: it is not there, or is not such a file.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    return _read_account(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _read_account(path: Path, size: int, modified: int) -> Account:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about, kinds = file.metadata() or {}, whole.kinds_in(file)
        if about.get("format") != _FORMAT:
            raise WeightsError(f"{path} is no encoder that this version of fashion_search reads. Train it again.")
        if not whole.is_whole(about, kinds):
            raise WeightsError(_DAMAGED.format(path))
        if whole.KEY not in about:
            _read_arrays(path)  # an earlier version's, whose only checksum is of account and numbers together
        architecture = Architecture.from_json(json.loads(about["architecture"]))
        if architecture.backbone not in BACKBONES:
            raise WeightsError(f"{path} has a backbone that is not known here: {architecture.backbone!r}.")
        training = json.loads(about["training"])
        dimensions = int(about["dimensions"])
        texts = about["name"], about["title"], about["summary"]
        told = [
            {name: tuple(values) for name, values in json.loads(about.get(what, "{}")).items()}
            for what in (_HEADS, _CLASSES)
        ]
        return Account(*texts, architecture, dimensions, training, *told)
    except (SafetensorError, OSError, KeyError, ValueError, TypeError) as error:
        raise WeightsError(f"{path} is damaged or incomplete ({type(error).__name__}). {_AGAIN}") from error


_AGAIN = "Train it again, or take the file from where it came once more."
_DAMAGED = f"{{}} is damaged: its checksum is not that of its content. {_AGAIN}"
_OTHER_NETWORK = f"does not hold the network that it describes. {_AGAIN}"


def _read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """All that a file holds besides its account, after comparing its checksum; imports no torch.

    Raises:
        WeightsError: it is not there, damaged, or not an encoder's.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            about, kinds = file.metadata() or {}, whole.kinds_in(file)
            if not whole.is_whole(about, kinds):
                raise WeightsError(_DAMAGED.format(path))
            arrays: dict[str, NDArray[Any]] = {name: file.get_tensor(name) for name in kinds}
    except (SafetensorError, OSError, TypeError) as error:  # TypeError: numbers that numpy does not have
        raise WeightsError(f"{path} is damaged or incomplete ({type(error).__name__}). {_AGAIN}") from error
    if about.get("checksum") != whole.checksum_with_numbers(about, arrays):
        raise WeightsError(_DAMAGED.format(path))
    return arrays


def seen_by(path: Path) -> NDArray[np.int64]:
    """Marks of the pictures that an encoder was trained on, ascending; for ``count_seen``.

    Raises:
        WeightsError: the file is not there, damaged, or not an encoder's.
    """
    read_account(path)
    status = path.stat()
    return _seen_by(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=16)
def _seen_by(path: Path, size: int, modified: int) -> NDArray[np.int64]:
    marks: NDArray[np.int64] = _read_arrays(path)[_SEEN]
    marks.flags.writeable = False
    return marks


def _read_version(path: Path, sha256: str) -> dict[str, NDArray[Any]]:
    """What the file with this SHA-256 holds.

    Raises:
        WeightsError: the file is not there, damaged, not an encoder's, or another by now.
    """
    arrays = _read_arrays(path)
    if sha256_of(path) != sha256:
        raise WeightsError(f"{path} was replaced while it was read. Try again.")
    return arrays


def read_state(path: Path, sha256: str) -> dict[str, "torch.Tensor"]:
    """The weights in an encoder's file that has this SHA-256, as they are stored.

    Raises:
        WeightsError: the file is not there, damaged, not an encoder's, or another by now.
    """
    return _state(_read_version(path, sha256))


def _state(arrays: dict[str, NDArray[Any]], prefix: str = _WEIGHTS_PREFIX) -> dict[str, "torch.Tensor"]:
    import torch

    return {
        name.removeprefix(prefix): torch.from_numpy(value) for name, value in arrays.items() if name.startswith(prefix)
    }


def load(path: Path, bfloat16: bool = False) -> ConvolutionalEncoder:
    """The encoder that a file holds.

    Raises:
        WeightsError: the file is not there, damaged, or not an encoder's.
    """
    fingerprint = fingerprint_of(path)
    account = read_account(path)
    arrays = _read_version(path, fingerprint.weights)  # first, as a damaged file may describe any network
    own = {name.removeprefix(_WEIGHTS_PREFIX): array for name, array in arrays.items()}
    try:
        projection = Projection.of_state(own)
    except (KeyError, ValueError) as error:
        raise WeightsError(f"{path} {_OTHER_NETWORK}") from error
    classifier = None
    if account.classes:
        from fashion_search.encoders.classifying import Classifier

        try:
            classifier = Classifier(account.classes, _state(arrays, _CLASSIFIER_PREFIX))
        except (KeyError, ValueError, RuntimeError) as error:
            raise WeightsError(f"{path} does not hold the classifier that it describes. {_AGAIN}") from error
    trunk = partial(_trunk, path, fingerprint.weights)
    return ConvolutionalEncoder(trunk, account.architecture, fingerprint, projection, classifier, bfloat16)


def _trunk(path: Path, sha256: str) -> "torch.nn.Module":
    """The network in the file with this SHA-256, up to its feature maps.

    Raises:
        WeightsError: as ``read_state``; or the file holds another network than it describes.
    """
    from fashion_search.encoders.networks import Embedder

    network = Embedder(read_account(path).architecture)
    try:
        network.load_state_dict(read_state(path, sha256))
    except RuntimeError as error:
        raise WeightsError(f"{path} {_OTHER_NETWORK}") from error
    return network.trunk.float().eval()


def fingerprint_of(path: Path) -> Fingerprint:
    """What decides the vectors of an encoder's file.

    Raises:
        WeightsError: the file is not there, or is not an encoder's.
    """
    account = read_account(path)
    return Fingerprint(account.name, account.preprocessing, sha256_of(path), path.name)


def spec_of(path: Path) -> EncoderSpec:
    """A trained encoder as a method.

    Raises:
        WeightsError: the file is not there, or is not an encoder's.
    """
    account = read_account(path)
    return EncoderSpec(
        name=account.name,
        title=account.title,
        summary=account.summary,
        dim=account.dimensions,
        fingerprint=lambda: fingerprint_of(path),
        load=lambda: load(path),
        load_bfloat16=lambda: load(path, bfloat16=True),
        explain=explain,
        seen=lambda: seen_by(path),
        heads=lambda: heads_of(path),
        classes=account.classes,
        family="trained here",
        origin="trained on this machine",
    )


def found() -> tuple[dict[str, EncoderSpec], dict[str, str]]:
    """The encoders trained on this machine by name, and the files in their folder that are none, with the reason."""
    specs: dict[str, EncoderSpec] = {}
    paths, problems = method_files(SUFFIX)
    for path in paths:
        try:
            spec = spec_of(path)
        except WeightsError as error:
            problems[path.name] = str(error)
            continue
        if spec.name == path.stem:
            specs[spec.name] = replace(spec, colour=_COLOURS[len(specs) % len(_COLOURS)])
        else:
            problems[path.name] = f"{path} holds the method “{spec.name}”. Rename it to {spec.name}{SUFFIX}."
    return specs, problems
