"""How networks were found to run fastest, carried to other processes and machines, so that they run them alike."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from fashion_search.encoders.base import Encoder
from fashion_search.encoders.running import NetworkEncoder, folder, kept, path_of
from fashion_search.files import write_atomically


def kept_files(encoders: Iterable[Encoder]) -> dict[str, bytes]:
    """What is kept about the networks of some encoders: the contents of files by name, records and graphs."""
    found: dict[str, bytes] = {}
    for encoder in encoders:
        if isinstance(encoder, NetworkEncoder) and (choice := kept(encoder.network.key)) is not None:
            suffixes = (".json",) if choice.graph is None else (".onnx", ".json")  # a record follows its graph
            paths = [path_of(encoder.network.key, suffix) for suffix in suffixes]
            found |= {path.name: path.read_bytes() for path in paths}
    return found


def keep_files(files: Mapping[str, bytes]) -> None:
    """Have what another process keeps here too. On a machine of another kind it says nothing, and torch runs them.

    Raises:
        OSError: the disk is full or cannot be written.
    """
    if files:
        folder().mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder() / Path(name).name
        if not path.is_file() or path.read_bytes() != data:
            write_atomically(path, lambda file, data=data: file.write(data))  # type: ignore[misc]
