"""Building a catalog's libraries: incremental, resumable, and never in the way of who reads the previous ones."""

import contextlib
import dataclasses
import datetime
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, Excluded, Item, slug
from fashion_search.catalog.demo import DEMO, DEMO_SOURCE, DEMO_STORE, DEMO_TITLE
from fashion_search.catalog.source import UNREADABLE, Options, Source
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import DEFAULT_METHODS, Encoder, EncoderSpec, Fingerprint, encoder_spec
from fashion_search.errors import FashionSearchError, ImageError, SourceError, StoreError, WeightsError
from fashion_search.home import home, user_path
from fashion_search.images import open_image, to_webp
from fashion_search.journal import Journal
from fashion_search.status import LOCK, Progress, Request, Status, fail_start, write_status
from fashion_search.store import (
    MANIFEST,
    LibraryEntry,
    Manifest,
    Store,
    read_manifest,
    write_array,
    write_excluded,
    write_items,
    write_manifest,
)

_BATCH = 32  # images; the most that an interrupted build loses
_AHEAD = 3  # batches that are read while one is encoded
READERS = 4  # threads; decoding releases the interpreter lock
_UNFINISHED = "unfinished"
_STATUS_EVERY = 0.5  # s


@dataclass(frozen=True)
class Summary:
    """What a build did. ``problems`` names the methods that could not be built, and why."""

    name: str
    folder: Path
    manifest: Manifest
    decoded: int
    encoded: dict[str, int]
    problems: dict[str, str]
    notes: tuple[str, ...]
    seconds: float
    n_bytes: int


Then = Callable[[Summary, Callable[[Progress], None]], dict[str, str]]


@dataclass
class _Target:
    """One thing made of every picture: the thumbnails, or a method's vectors. Payloads are keyed by digest."""

    name: str
    journal: Journal
    known: dict[str, bytes]
    spec: EncoderSpec | None = None
    fingerprint: Fingerprint | None = None
    encoder: Encoder | None = None
    seconds: float = 0.0
    made: int = 0

    def lacks(self, digest: str) -> bool:
        return digest not in self.known and digest not in self.journal.entries

    def payload(self, digest: str) -> bytes:
        return self.known.get(digest) or self.journal.entries[digest]


@dataclass(frozen=True)
class _Decoded:
    """One picture, read once and prepared for every target that lacks it."""

    item: Item
    thumbnail: bytes | None
    prepared: dict[str, NDArray[Any]] = field(default_factory=dict)


def build(
    source_path: str | Path,
    *,
    name: str | None = None,
    options: Options | None = None,
    methods: Sequence[str] = DEFAULT_METHODS,
    replace: bool = False,
    folder: Path | None = None,
    report: Callable[[Progress], None] = lambda progress: None,
    robustness: bool = False,
    then: Then = lambda summary, report: {},
) -> Summary:
    """Make or bring up to date a catalog's libraries.

    Only pictures whose digest is new are encoded. Libraries of other methods that the catalog already has
    are brought up to date too. The previous state stays in use until the new one is complete.

    Args:
        source_path: what ``catalog.sources.open_source`` reads.
        name: the catalog's name in commands and links; by default from the path.
        options: grouping columns and bounds.
        methods: names from ``ENCODERS``; of a combined one the parts are built.
        replace: allow a catalog of this name to be replaced by one from another source.
        folder: where to build, by default below ``home()``.
        report: called with the progress, at most a few times per second.
        robustness: noted in the request, so that the same build can be asked for again.
        then: what belongs to the build once its libraries are there, such as evaluating them: called with what was
            built and with where to report its own progress; gives what could not be done, and why, by method. The
            build is done when it is.

    Raises:
        SourceError, UnknownNameError, WeightsError (only if no method is left), StoreError (cannot be written).
    """
    specs = {part: encoder_spec(part) for method in methods for part in encoder_spec(method).parts}
    is_demo = str(source_path) == DEMO
    path = DEMO_SOURCE if is_demo else user_path(source_path)
    title = DEMO_TITLE if is_demo else path.name.removesuffix(".zip").removesuffix(".csv")
    name = catalog_name(source_path, name)
    folder = folder or home() / name
    if name == DEMO and not is_demo:
        raise SourceError("The name “demo” belongs to the embedded catalog. Choose another (--name).")
    try:
        source = open_source(source_path, options)
        request = Request(
            DEMO if is_demo else str(source.path), name, tuple(methods), options or Options(), replace, robustness
        )
        _refuse_other_source(folder, request)
    except FashionSearchError as error:
        fail_start(folder, str(error))
        raise
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(source.tree), _locked(folder, report):
            _refuse_other_source(folder, request)  # another process may have built it while this one waited
            try:
                both = _with_status(folder, request, report)
                summary = _Builder(folder, source, title, request).run(specs, both)
                summary = dataclasses.replace(summary, problems=summary.problems | then(summary, both))
            except Exception as error:  # a person's Ctrl-C leaves it running but unlocked: interrupted
                reason = str(error) if isinstance(error, (FashionSearchError, OSError)) else type(error).__name__
                write_status(folder, Status("failed", request, message=reason))
                raise
            write_status(folder, Status("done", request, message="; ".join(summary.problems.values())))
            return summary
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror or error}. What was done so far is kept; make room or "
            "permission and start the same build again."
        ) from error


def catalog_name(source_path: str | Path, name: str | None = None) -> str:
    """The name under which a source is built: the one given, else from its path.

    Raises:
        SourceError: nothing usable as a folder's name is left.
    """
    chosen = slug(name if name is not None else user_path(source_path).name.split(".")[0])
    if not chosen:
        raise SourceError("The catalog needs a name with letters or digits: choose one (--name).")
    return chosen.replace("_", "-")[:80]


def _refuse_other_source(folder: Path, request: Request) -> None:
    if request.replace or not (folder / MANIFEST).is_file():
        return
    try:
        previous = read_manifest(folder).source_path
    except StoreError:
        return  # damaged: what it was cannot be known, and building is what mends it
    if previous != request.source:
        raise SourceError(
            f"The catalog “{folder.name}” was built from {previous}. Choose another name (--name), or "
            "replace it (--replace)."
        )


@contextlib.contextmanager
def _locked(folder: Path, report: Callable[[Progress], None]) -> Iterator[None]:
    """Holds the build's lock; waits for another process that builds the same catalog."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        report(Progress(0, 0, waiting=True))
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _with_status(folder: Path, request: Request, report: Callable[[Progress], None]) -> Callable[[Progress], None]:
    """Also keep the status file up to date, so that a page of any process can show the progress."""
    last = -_STATUS_EVERY

    def both(progress: Progress) -> None:
        nonlocal last
        report(progress)
        now = time.monotonic()
        if now - last >= _STATUS_EVERY:
            last = now
            write_status(folder, Status("running", request, progress))

    return both


class _Builder:
    """One build, under the lock."""

    def __init__(self, folder: Path, source: Source, title: str, request: Request):
        self.folder = folder
        self.source = source
        self.name, self.title = request.name, title
        self.request = request
        self.notes: list[str] = []
        self.problems: dict[str, str] = {}
        self.vectors_of: dict[str, dict[str, bytes]] = {}  # by the digest of the encoder's fingerprint
        self.catalog: Catalog | None = None  # once its pictures are known
        self.previous = self._open_previous()
        self.previous_files = {f for store in self.previous if store.folder == folder for f in store.manifest.files()}

    def _open_previous(self) -> list[Store]:
        """What can be reused: the folder's own last state and, for the demo, the shipped libraries."""
        stores = []
        for folder in (self.folder, *([DEMO_STORE] if self.name == DEMO and self.folder != DEMO_STORE else [])):
            if (folder / MANIFEST).is_file():
                try:
                    stores.append(Store(folder))
                except StoreError as error:
                    self.notes.append(f"The previous build is not reused: {error}")
        return stores

    def run(self, specs: dict[str, EncoderSpec], report: Callable[[Progress], None]) -> Summary:
        started = time.monotonic()
        report(Progress(0, 0))
        catalog, excluded = self.source.catalog(self.name, self.title)
        self.catalog = catalog
        thumbnails = _Target("thumbnails", self._journal("thumbnails"), self._known_thumbnails())
        targets = [thumbnails, *self._method_targets(specs, catalog)]
        if len(targets) == 1:
            raise WeightsError(next(iter(self.problems.values())))
        unreadable, decoded = self._make(catalog, targets, report)
        if unreadable:
            catalog, excluded = self.source.catalog(self.name, self.title, unreadable)
        manifest = self._write(catalog, excluded, thumbnails, targets[1:])
        self._sweep(manifest)
        return Summary(
            self.name,
            self.folder,
            manifest,
            decoded,
            {target.name: target.made for target in targets[1:]},
            self.problems,
            tuple(self.notes),
            time.monotonic() - started,
            sum((self.folder / file).stat().st_size for file in manifest.files()),
        )

    def _journal(self, name: str) -> Journal:
        return Journal(self.folder / _UNFINISHED / f"{name}.bin")

    def _known_thumbnails(self) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        for store in self.previous:
            try:
                for digest, row in self._rows(store):
                    known.setdefault(digest, store.thumbnail(row))
            except StoreError as error:
                self.notes.append(f"Thumbnails are made again: {error}")
        return known

    def _method_targets(self, specs: dict[str, EncoderSpec], catalog: Catalog) -> list[_Target]:
        """The methods asked for, and those that the catalog has and would otherwise lose."""
        kept = [m for store in self.previous[:1] if store.folder == self.folder for m in store.manifest.libraries]
        targets = []
        for method in [*specs, *(m for m in kept if m not in specs)]:
            try:
                target = self._method_target(encoder_spec(method), catalog, asked=method in specs)
                if target.encoder is None and any(target.lacks(item.digest) for item in catalog.items):
                    assert target.spec is not None
                    target.encoder = target.spec.load()
                targets.append(target)
            except FashionSearchError as error:
                self.problems[method] = str(error)
                self._keep_for_later(method)
        return targets

    def _method_target(self, spec: EncoderSpec, catalog: Catalog, asked: bool) -> _Target:
        """A method's target; one that is complete needs no weights, and keeps its own where it was not asked for."""
        encoder = None
        previous = self._made_all(spec.name, catalog)
        try:
            fingerprint = previous if previous is not None and not asked else spec.fingerprint()
        except WeightsError:
            if previous is not None:
                fingerprint = previous
            else:
                encoder = spec.load()  # downloads what the fingerprint is made of
                fingerprint = encoder.fingerprint
        journal = self._journal(f"{spec.name}-{fingerprint.digest[:16]}")
        return _Target(spec.name, journal, self._known_vectors(fingerprint), spec, fingerprint, encoder)

    def _keep_for_later(self, method: str) -> None:
        """Save the vectors of a library that this build cannot complete, so that a later one need not make them."""
        for store in self.previous:
            entry = store.manifest.libraries.get(method)
            if entry is not None:
                journal = self._journal(f"{method}-{entry.fingerprint.digest[:16]}")
                known = self._known_vectors(entry.fingerprint)
                journal.add({digest: vector for digest, vector in known.items() if digest not in journal.entries})

    def _made_all(self, method: str, catalog: Catalog) -> Fingerprint | None:
        """What made a method's previous vectors, if those cover the catalog: then its weights are not needed."""
        wanted = {item.digest for item in catalog.items}
        for store in self.previous:
            entry = store.manifest.libraries.get(method)
            if entry is not None and wanted <= self._known_vectors(entry.fingerprint).keys():
                return entry.fingerprint
        return None

    def _known_vectors(self, fingerprint: Fingerprint) -> dict[str, bytes]:
        """The vectors of previous states that an encoder made, by digest of their picture; read once."""
        if fingerprint.digest not in self.vectors_of:
            self.vectors_of[fingerprint.digest] = self._read_vectors(fingerprint)
        return self.vectors_of[fingerprint.digest]

    def _read_vectors(self, fingerprint: Fingerprint) -> dict[str, bytes]:
        known: dict[str, bytes] = {}
        for store in self.previous:
            entry = store.manifest.libraries.get(fingerprint.method)
            if entry is None or not entry.fingerprint.matches(fingerprint):
                continue
            try:
                vectors = store.library(fingerprint.method).vectors
            except StoreError as error:
                self.notes.append(f"{fingerprint.method} is encoded again: {error}")
                continue
            for digest, row in self._rows(store):
                known.setdefault(digest, vectors[row].tobytes())
        return known

    def _rows(self, store: Store) -> Iterator[tuple[str, int]]:
        """The rows of a previous state that can be reused, each with the digest of its picture."""
        assert self.catalog is not None
        for row, digest in enumerate(store.digests(self.catalog)):
            if digest is not None:
                yield digest, row

    def _make(
        self, catalog: Catalog, targets: list[_Target], report: Callable[[Progress], None]
    ) -> tuple[list[Excluded], int]:
        """Read each picture that some target lacks once, and make what is lacking, batch by batch."""
        first_of = {item.digest: item for item in reversed(catalog.items)}  # equal pictures are made once
        pending = [
            item
            for item in catalog.items
            if first_of[item.digest] is item and any(target.lacks(item.digest) for target in targets)
        ]
        unreadable: set[str] = set()
        started = time.monotonic()
        done = 0
        for batch in self._read_ahead(pending, targets):
            decoded = [one for one in batch if isinstance(one, _Decoded)]
            unreadable |= {one.digest for one in batch if isinstance(one, Item)}
            for target in targets:
                self._make_batch(target, decoded)
            done += len(batch)
            rate = done / max(time.monotonic() - started, 1e-3)  # a coarse clock may not have moved yet
            report(Progress(done, len(pending), rate, (len(pending) - done) / rate))
        return [
            Excluded(item.id, item.name, item.labels, UNREADABLE) for item in catalog.items if item.digest in unreadable
        ], done

    def _read_ahead(self, pending: list[Item], targets: list[_Target]) -> Iterator[list[_Decoded | Item]]:
        """Batches of decoded pictures (or the items whose picture is not one), read while others are encoded."""
        batches = [pending[start : start + _BATCH] for start in range(0, len(pending), _BATCH)]
        with ThreadPoolExecutor(READERS) as readers:
            waiting: list[list[Future[_Decoded | Item]]] = []
            try:
                for batch in batches:
                    waiting.append([readers.submit(self._decode, item, targets) for item in batch])
                    if len(waiting) > _AHEAD:
                        yield [future.result() for future in waiting.pop(0)]
                while waiting:
                    yield [future.result() for future in waiting.pop(0)]
            finally:
                readers.shutdown(cancel_futures=True)

    def _decode(self, item: Item, targets: list[_Target]) -> _Decoded | Item:
        try:
            image = open_image(self.source.tree.read_image(item.image))
        except (ImageError, SourceError):
            return item
        lacking = [target for target in targets if target.lacks(item.digest)]
        thumbnail = to_webp(image) if any(target.spec is None for target in lacking) else None
        return _Decoded(item, thumbnail, {t.name: t.encoder.prepare(image) for t in lacking if t.encoder})

    def _make_batch(self, target: _Target, decoded: list[_Decoded]) -> None:
        started = time.monotonic()
        payloads: dict[str, bytes] = {}
        if target.spec is None:
            payloads = {one.item.digest: one.thumbnail for one in decoded if one.thumbnail is not None}
        elif target.encoder is not None:
            lacking = [one for one in decoded if target.name in one.prepared]
            if lacking:
                vectors = target.encoder.embed(np.stack([one.prepared[target.name] for one in lacking]))
                if not np.isfinite(vectors).all():
                    raise StoreError(f"{target.name} gave vectors that are not numbers; nothing was kept of them.")
                payloads = {one.item.digest: vector.tobytes() for one, vector in zip(lacking, vectors, strict=True)}
        if payloads:
            target.journal.add(payloads)
            target.made += len(payloads)
        target.seconds += time.monotonic() - started

    def _write(
        self, catalog: Catalog, excluded: list[Excluded], thumbnails: _Target, methods: list[_Target]
    ) -> Manifest:
        """Write the new files beside the old ones, then the manifest that names them."""
        folder = self.folder
        pictures = [thumbnails.payload(item.digest) for item in catalog.items]
        ends = np.cumsum([len(picture) for picture in pictures], dtype=np.int64)
        libraries = {}
        for target in methods:
            assert target.spec is not None
            assert target.fingerprint is not None
            data = b"".join(target.payload(item.digest) for item in catalog.items)
            vectors = np.frombuffer(data, dtype=np.float32).reshape(len(catalog.items), target.spec.dim)
            entry = write_array(folder, target.name, vectors)
            libraries[target.name] = LibraryEntry(target.fingerprint, entry, round(target.seconds, 2))
        manifest = Manifest(
            name=self.name,
            title=self.title,
            source_kind=self.source.kind,
            source_path=self.request.source,
            options=self.request.options,
            columns=catalog.columns,
            n_rows=self.source.n_rows,
            n_items=len(catalog.items),
            n_groups=len(catalog.groups),
            excluded_by_reason=dict(Counter(row.reason for row in excluded).most_common()),
            catalog_fingerprint=catalog.fingerprint,
            items=write_items(folder, catalog),
            excluded=write_excluded(folder, excluded, catalog.columns),
            thumbnails=write_array(folder, "thumbnails", np.frombuffer(b"".join(pictures), dtype=np.uint8)),
            thumbnail_ends=write_array(folder, "thumbnail-ends", ends),
            libraries=libraries,
            built=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
        write_manifest(folder, manifest)
        return manifest

    def _sweep(self, manifest: Manifest) -> None:
        """Remove what no longer belongs to the folder. Who still reads an old file keeps it open."""
        for path in (self.folder / _UNFINISHED).glob("*"):
            if not path.name.startswith(tuple(f"{method}-" for method in self.problems)):
                path.unlink()
        with contextlib.suppress(OSError):  # what is kept for later is still in it
            (self.folder / _UNFINISHED).rmdir()
        keep = manifest.files() | self.previous_files  # who opened the previous state can still read on
        for pattern in ("*.npy", "*.csv", ".*.npy.*", ".*.csv.*", ".*.json.*"):
            for path in self.folder.glob(pattern):
                if path.name not in keep:
                    try:
                        path.unlink()
                    except OSError:  # Windows refuses while another process has it mapped; the next build tries again
                        self.notes.append(f"{path.name} is still in use and was left.")
