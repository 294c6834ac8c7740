"""Methods whose vectors were made elsewhere and imported: a name and a title, but no encoder.

Each is a small file of this machine, ``methods/NAME.json``; its vectors are a library of each catalog that they were
imported into. Catalogs are searched and judged by it as by any other method; a picture from outside cannot be encoded.
"""

import json
import re
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Never

from fashion_search.encoders.base import EncoderSpec
from fashion_search.encoders.own import method_files, methods_folder
from fashion_search.errors import NoEncoderError, WeightsError
from fashion_search.files import checksum_of, write_atomically
from fashion_search.typed import Checked, read

SUFFIX = ".json"
IMPORTED = "imported vectors"
"""What stands for the preparation of pictures in the fingerprint of such a library."""

_FORMAT = 1
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_COLOURS = ("#7a5c9e", "#b0623a", "#3f7f6b", "#94742f", "#5b7fa6")  # in the order of names


@dataclass(frozen=True)
class ImportedMethod:
    """What is known of an imported method: ``file``, whose vectors were the last, and when that was, ISO 8601, UTC."""

    name: str
    title: str
    file: str
    imported: str


class _Content(Checked, frozen=True):
    name: str
    title: str
    file: str
    imported: str


def is_name(name: str) -> bool:
    """Whether a method can be called so: letters, digits, and - _ . between them; other names have a meaning."""
    return _NAME.fullmatch(name) is not None


def path_of(name: str) -> Path:
    """The file of an imported method."""
    return methods_folder() / f"{name}{SUFFIX}"


def write(method: ImportedMethod) -> None:
    """Make a method known on this machine, or replace what is known of it.

    Raises:
        OSError: the folder cannot be written.
    """
    content = asdict(method)
    outer = {"format": _FORMAT, "checksum": checksum_of(content), "content": content}
    text = json.dumps(outer, indent=1, ensure_ascii=False) + "\n"
    write_atomically(path_of(method.name), lambda file: file.write(text.encode()))


def forget(name: str) -> None:
    """Make a method unknown; what was imported of it into catalogs is left there.

    Raises:
        OSError: its file cannot be deleted.
    """
    path_of(name).unlink(missing_ok=True)


def read_method(path: Path) -> ImportedMethod:
    """What a file says of an imported method.

    Raises:
        WeightsError: it is not there, damaged, or of another method.
    """
    try:
        status = path.stat()
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    return _read(path, status.st_size, status.st_mtime_ns)


def known(name: str) -> ImportedMethod | None:
    """What is known of an imported method; None where nothing is, or its file is damaged."""
    try:
        return read_method(path_of(name))
    except WeightsError:
        return None


@lru_cache(maxsize=64)
def _read(path: Path, size: int, modified: int) -> ImportedMethod:
    again = "Import the vectors again."
    try:
        outer = json.loads(path.read_bytes())
        if outer["format"] != _FORMAT:
            raise WeightsError(f"{path} has format {outer['format']!r}; this version reads {_FORMAT}. {again}")
        if outer["checksum"] != checksum_of(outer["content"]):
            raise WeightsError(f"{path} is damaged: its checksum does not match its content. {again}")
        content = read(outer["content"], _Content, WeightsError)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(f"{path} is damaged ({type(error).__name__}). {again}") from error
    if content.name != path.name.removesuffix(SUFFIX):
        raise WeightsError(f"{path} holds the method “{content.name}”. Rename it to {content.name}{SUFFIX}.")
    return ImportedMethod(content.name, content.title, content.file, content.imported)


def spec_of(method: ImportedMethod, colour: str = _COLOURS[0]) -> EncoderSpec:
    """An imported method as pages and commands list it."""

    def refuse() -> Never:
        raise NoEncoderError(
            f"“{method.title}” was imported as vectors ({method.file}): there is no encoder for it, so pictures from "
            "outside cannot be searched by it."
        )

    return EncoderSpec(
        name=method.name,
        title=method.title,
        summary=f"Compares by vectors that were made elsewhere and imported from {method.file}.",
        dim=0,
        fingerprint=refuse,
        load=refuse,
        colour=colour,
        family="imported",
        origin=f"imported from {method.file} on {method.imported[:10]}",
        encodes=False,
    )


def how_to_import(method: str, title: str, catalog: str) -> str:
    """What to do where a catalog, by its name, lacks the vectors of an imported method, which nothing can build."""
    return (
        f"“{catalog}” has no imported vectors of {title} for all of its items. Import them: fashion-search "
        f"import-vectors {catalog} FILE --name {method}"
    )


def found() -> tuple[dict[str, EncoderSpec], dict[str, str]]:
    """The imported methods of this machine by name, and the files in their folder that are none, with the reason."""
    specs: dict[str, EncoderSpec] = {}
    paths, problems = method_files(SUFFIX)
    for path in paths:
        try:
            method = read_method(path)
        except WeightsError as error:
            problems[path.name] = str(error)
        else:
            specs[method.name] = spec_of(method, _COLOURS[len(specs) % len(_COLOURS)])
    return specs, problems
