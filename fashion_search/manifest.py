"""What a built catalog's folder holds, in one file: ``manifest.json``, which is replaced last and in one step."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import msgspec

from fashion_search import __version__
from fashion_search.catalog.request import Request
from fashion_search.catalog.source import Options
from fashion_search.encoders import INDEXES, Fingerprint, base_method, index_name, index_of, indexed
from fashion_search.errors import StoreError
from fashion_search.files import FileEntry, checksum_of, write_atomically
from fashion_search.index import key_of, with_place

FORMAT = 2
EARLIER = 1  # its pictures are told apart by a checksum; there is no digest of their content
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class LibraryEntry:
    """What the manifest says of one method's vectors."""

    fingerprint: Fingerprint
    vectors: FileEntry
    seconds: float


@dataclass(frozen=True)
class IncompleteEntry:
    """Imported vectors that do not cover the catalog by now: kept for a later import or build, not searched.

    ``items`` is a CSV of each vector's item: its id, and the digest of its picture.
    """

    fingerprint: Fingerprint
    vectors: FileEntry
    items: FileEntry


@dataclass(frozen=True)
class IndexEntry:
    """What the manifest says of a method under an index; it was measured when the index was built (``index.measure``).

    ``key``: of what it was built for and how (``index.key_of``). ``file``: none where it is built when it is opened.
    ``settings``: in words. ``recall``: the share of the ten most similar items that it finds. ``milliseconds`` of a
    search by it, ``exact_milliseconds`` of one that compares every item, one thread each. ``bytes`` beside the vectors.
    ``seconds`` that building it took. ``machine``: the one that all this was measured on. ``place``: where it is kept,
    of one that is kept elsewhere (``index.place``).
    """

    key: str
    file: FileEntry | None
    settings: str
    recall: float
    milliseconds: float
    exact_milliseconds: float
    bytes: int
    seconds: float
    machine: str
    place: str = ""


@dataclass(frozen=True)
class Manifest:
    """The content of ``manifest.json``."""

    name: str
    title: str
    source_kind: str
    source_path: str  # as it was given: an absolute path, or "demo"
    options: Options
    columns: tuple[str, ...]
    n_rows: int
    n_items: int
    n_groups: int
    excluded_by_reason: dict[str, int]
    catalog_fingerprint: str
    items: FileEntry
    excluded: FileEntry
    thumbnails: FileEntry
    thumbnail_ends: FileEntry
    libraries: dict[str, LibraryEntry]
    built: str  # time, ISO 8601, UTC
    program: str = __version__
    notes: tuple[str, ...] = ()  # what the source's reader had to say
    combined: tuple[str, ...] = ()  # methods made of others that were asked for; they have no files of their own
    indexes: dict[str, IndexEntry] = field(default_factory=dict)  # by the name of the method under the index
    incomplete: dict[str, IncompleteEntry] = field(default_factory=dict)
    part_of: str = ""  # the name of the catalog whose items these are some of
    queries_of: str = ""  # the name of the catalog that these are queries of
    rest_of: str = ""  # the name of the catalog that leaves these out for the size of their style group
    format: int = FORMAT  # of the file, which says it beside its content

    @property
    def advice(self) -> str:
        """What to do about a catalog that an earlier version built; empty where there is nothing to do."""
        if self.format == FORMAT:
            return ""
        return (
            f"“{self.title}” was built by an earlier version, which can take two pictures for one. Build it again; "
            "what is sound is kept."
        )

    @property
    def about_part(self) -> str:
        """Why a catalog cannot be built that is part of another, and what to do; empty where it is none."""
        if not self.part_of:
            return ""
        return (
            f"“{self.name}” holds the items of “{self.part_of}” that have imported vectors, and cannot be built by "
            f"itself. Build “{self.part_of}” and import the vectors again with --subset and another name, or choose "
            "another name here."
        )

    def rebuild(self, *methods: str) -> Request:
        """The build that brings methods of this catalog up to date, with the options it was built with.

        Of a re-ranked method it is that of the method that it re-ranks, of one under an index that of both.
        """
        built = tuple(dict.fromkeys(map(base_method, methods)))
        under = [name for name in methods if index_name(name)]
        places = {name: self.indexes[name].place if name in self.indexes else "" for name in under}
        indexes = tuple(dict.fromkeys(with_place(index_of(name), places[name]) for name in under))
        return Request(
            self.source_path,
            self.name,
            built,
            self.options,
            indexes=indexes,
            queries_of=self.queries_of,
            rest_of=self.rest_of,
        )

    def indexes_of(self, methods: Mapping[str, Fingerprint]) -> dict[str, IndexEntry]:
        """The indexes of methods, with what makes their vectors now; of earlier vectors there are none."""
        return {
            name: self.indexes[name]
            for method, fingerprint in methods.items()
            for index in INDEXES.values()
            if (name := indexed(method, index.name)) in self.indexes
            and self.indexes[name].key == key_of(fingerprint, self.catalog_fingerprint, index)
        }

    @property
    def entries(self) -> tuple[FileEntry, ...]:
        """All files that belong to this state."""
        own = (self.items, self.excluded, self.thumbnails, self.thumbnail_ends)
        vectors = (entry.vectors for entry in self.libraries.values())
        kept = (file for entry in self.incomplete.values() for file in (entry.vectors, entry.items))
        indexes = (entry.file for entry in self.indexes.values() if entry.file)
        return (*own, *vectors, *kept, *indexes)

    def files(self) -> set[str]:
        """The names of all files that belong to this state."""
        return {entry["file"] for entry in self.entries}


def read_manifest(folder: Path) -> Manifest:
    """Read and verify a folder's manifest.

    Raises:
        StoreError: there is none, it is damaged, or it is of a format that this version does not know.
    """
    path = folder / MANIFEST
    again = "Build the catalog again."
    try:
        outer = json.loads(path.read_bytes())
        if outer["format"] not in (EARLIER, FORMAT):
            raise StoreError(f"{path} has format {outer['format']}; this version reads {EARLIER} and {FORMAT}. {again}")
        if outer["checksum"] != checksum_of(outer["content"]):
            raise StoreError(f"{path} is damaged: its checksum does not match its content. {again}")
        manifest = msgspec.convert(outer["content"] | {"format": outer["format"]}, Manifest)
        for name in (manifest.name, manifest.part_of, manifest.queries_of, manifest.rest_of, *manifest.files()):
            if _leads_elsewhere(name):
                raise ValueError(f"{name!r} leads out of its folder")
        return manifest
    except PermissionError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}). Give permission to read it.") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}). {again}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is damaged ({error}). {again}") from error


def _leads_elsewhere(name: str) -> bool:
    """Whether a name is more than that of a file or folder in its place."""
    return name in (".", "..") or bool(set(name) & set("/\\\0"))


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace a folder's manifest in one step."""
    content = asdict(manifest)
    outer = {"format": content.pop("format"), "checksum": checksum_of(content), "content": content}
    text = json.dumps(outer, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / MANIFEST, lambda file: file.write(text.encode()))
