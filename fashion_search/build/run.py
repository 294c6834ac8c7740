"""A build from its request to its libraries and their evaluations."""

import contextlib
import gc
import time
from collections.abc import Generator, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from fashion_search.build.evaluating import evaluate, evaluate_queries
from fashion_search.build.indexing import add_indexes
from fashion_search.build.journal import Journal
from fashion_search.build.libraries import sweep, sweep_temporary, write_catalog
from fashion_search.build.making import Made, Wanted, make_batches, wanted_batches
from fashion_search.build.on_ray import Pictures, check_ray, make_by_ray
from fashion_search.build.previous import Previous
from fashion_search.build.products import THUMBNAILS, Product, Thumbnails, Vectors
from fashion_search.build.progress import Progress, Report, counting
from fashion_search.build.query_sets import about_boxes, about_copies, place_of, request_to_update, source_of
from fashion_search.build.rest import forget_rest, rest_request
from fashion_search.build.status import Status, fail_start, locked, with_status, write_status
from fashion_search.catalog import Catalog, Excluded
from fashion_search.catalog.demo import DEMO, DEMO_PHOTOS, DEMO_TITLE
from fashion_search.catalog.request import Request
from fashion_search.catalog.rows import SUFFIXES
from fashion_search.catalog.source import UNREADABLE, Source
from fashion_search.costs import measure
from fashion_search.encoders import RERANKED, EncoderSpec, encoder_spec, imported, parts_of, reranked
from fashion_search.errors import (
    FashionSearchError,
    MissingPackageError,
    NoEncoderError,
    SourceError,
    StoreError,
    UnknownNameError,
    WeightsError,
)
from fashion_search.evaluation import robustness
from fashion_search.files import stem_of
from fashion_search.index import asked_index, check_available, written
from fashion_search.manifest import MANIFEST, LibraryEntry, Manifest, read_manifest, write_manifest
from fashion_search.store import open_store, query_sets
from fashion_search.store_files import write_array
from fashion_search.whole_store import REST, has_rest

_UNFINISHED = "unfinished"
_OBJECTS = 100_000  # made between two looks for cycles


@dataclass(frozen=True)
class Summary:
    """What a build did. ``problems`` names the methods that could not be built or measured, and why."""

    name: str
    folder: Path
    manifest: Manifest
    decoded: int
    encoded: dict[str, int]
    problems: dict[str, str]
    notes: tuple[str, ...]
    seconds: float = 0.0
    n_bytes: int = 0


@contextlib.contextmanager
def _seldom_collected() -> Iterator[None]:
    """Look for cycles of objects that nobody needs less often: a catalog's many rows have none, and looking takes time.

    Memory is given back all the same; what is in no cycle, which is nearly all, is given back at once.
    """
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@_seldom_collected()
def build(request: Request, report: Report = lambda progress: None, folder: Path | None = None) -> Summary:
    """Make or bring up to date a catalog's libraries, measure what they cost, and evaluate them.

    Only pictures whose digest is new are encoded. Libraries of other methods that the catalog already has
    are brought up to date too. The previous state stays in use until the new one is complete. The build is done when
    what it is asked to evaluate is evaluated; one that is stopped while it evaluates leaves its libraries in use.

    Args:
        request: what to build.
        report: called with the progress, at most a few times per second.
        folder: where to build, by default below ``home()``; only for a quick request.

    Raises:
        SourceError, UnknownNameError, WeightsError (only if no method is left), StoreError (cannot be written),
        MissingPackageError (an index that is asked for needs it, or Ray),
        ClusterError (Ray's workers cannot be used or failed; what they had made is kept).
    """
    started = time.monotonic()
    folder = folder or place_of(request)
    try:
        specs = {part: encoder_spec(part) for part in parts_of(request.methods)}
        for index, _ in map(asked_index, request.indexes):
            check_available(index)
        if request.ray:
            check_ray(request.ray)
        source = source_of(request)
        is_shipped = request.source in (DEMO, DEMO_PHOTOS)
        indexes = tuple(map(written, request.indexes))
        request = replace(request, source=request.source if is_shipped else str(source.path), indexes=indexes)
        _refuse_other_source(folder, request)
    except FashionSearchError as error:
        fail_start(folder, str(error))
        raise
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(source.tree), locked(folder, report):
            _refuse_other_source(folder, request)  # another process may have built it while this one waited
            try:
                both = with_status(folder, request, report)
                summary = _Builder(folder, source, request).run(specs, both)
                manifest, unmade, left = add_indexes(folder, request, both)
                problems = summary.problems | unmade
                has_others = folder == place_of(request) and not (request.queries_of or request.rest_of)
                problems |= _update_query_sets(request, report) if has_others else {}
                problems |= _evaluate(request, both)
                problems |= _update_rest(request, both) if has_others else {}
            except Exception as error:  # a person's Ctrl-C leaves it running but unlocked: interrupted
                reason = str(error) if isinstance(error, (FashionSearchError, OSError)) else type(error).__name__
                write_status(folder, Status("failed", request, message=reason))
                raise
            write_status(folder, Status("done", request, message="; ".join(problems.values())))
            size = sum(path.stat().st_size for file in manifest.files() if (path := folder / file).exists())
            seconds = time.monotonic() - started
            notes = (*summary.notes, *left)
            return replace(summary, manifest=manifest, problems=problems, notes=notes, seconds=seconds, n_bytes=size)
    except OSError as error:
        raise StoreError(
            f"{folder} cannot be written: {error.strerror or error}. What was done so far is kept; make room or "
            "permission and start the same build again."
        ) from error


def _refuse_other_source(folder: Path, request: Request) -> None:
    shipped = query_sets(open_store(request.queries_of)).get(request.name, ()) if request.queries_of else ()
    there = next((place for place in (folder, *shipped) if (place / MANIFEST).is_file()), None)
    if request.replace or there is None:
        return
    try:
        previous = read_manifest(there)
    except StoreError:
        return  # damaged: what it was cannot be known, and building is what mends it
    if previous.part_of:
        raise SourceError(previous.about_part, "name", "replace")
    if previous.source_path != request.source:
        what = "query set" if request.queries_of else "catalog"
        raise SourceError(
            f"The {what} “{request.name}” was built from {previous.source_path}. Choose another name, or replace it.",
            "name",
            "replace",
        )


def _update_query_sets(request: Request, report: Report) -> dict[str, str]:
    """Encode the catalog's query sets by what is new; returns what could not be, and why, by method or query set."""
    problems: dict[str, str] = {}
    store = open_store(request.name)
    for name in query_sets(store):
        try:
            if wanted := request_to_update(store, name):
                problems |= build(replace(wanted, quick=True, ray=request.ray), report).problems
        except FashionSearchError as error:
            problems[name] = f"The query set “{name}” was not brought up to date: {error}"
    return problems


def _update_rest(request: Request, report: Report) -> dict[str, str]:
    """Encode what the catalog leaves out for size, if that is asked for or was before; returns what could not be."""
    store = open_store(request.name)
    if not (request.all_items or has_rest(store)):
        return {}
    if (wanted := rest_request(store)) is None:
        forget_rest(store.name)
        return {}
    try:
        problems = build(replace(wanted, ray=request.ray), lambda now: report(replace(now, stage="rest"))).problems
    except FashionSearchError as error:
        return {REST: f"The rest of the shop was not brought up to date: {error}"}
    return {f"{method}, {REST}": f"The rest of the shop: {reason}" for method, reason in problems.items()}


def _evaluate(request: Request, report: Report) -> dict[str, str]:
    """What of it is asked for; returns what could not be measured, and why, by method."""
    if request.quick and not request.robustness:
        return {}
    if request.queries_of:
        evaluate_queries(open_store(request.queries_of), request.name, report)
        return {}
    store = open_store(request.name)
    is_labelled = bool(store.catalog.columns)  # else there is nothing to evaluate by
    if not request.quick:
        if is_labelled:
            evaluate(store, report)
        measure(store, lambda done, total, title: report(Progress(done, total, stage="costs", method=title)))
    if not request.robustness or not is_labelled:
        return {}
    encoding = [method for method in store.methods if encoder_spec(method).encodes]  # pictures are altered and encoded
    reranked_ones = [reranked(method, order) for method in encoding for order in RERANKED]
    return robustness.measure(store, [*encoding, *reranked_ones], report=counting("robustness", report))


class _Builder:
    """One build, under the lock."""

    def __init__(self, folder: Path, source: Source, request: Request):
        self.folder = folder
        self.source = source
        self.request = request
        self.notes: list[str] = []
        self.problems: dict[str, str] = {}
        self._before: Previous

    def run(self, specs: Mapping[str, EncoderSpec], report: Report) -> Summary:
        """Make the libraries; ``seconds`` and ``n_bytes`` are left to the caller."""
        report(Progress())
        sweep_temporary(self.folder)
        catalog, excluded = self._catalog()
        previous = Previous(self.folder, catalog)
        self._before = previous
        thumbnails = Thumbnails(self._journal(THUMBNAILS), previous.thumbnails)
        methods = self._methods(specs, catalog, previous)
        if not methods and not (specs.keys() & previous.carried.keys()):
            raise WeightsError(next(iter(self.problems.values())))
        unreadable, decoded = self._make(catalog, {THUMBNAILS: thumbnails, **methods}, report)
        if unreadable:
            catalog, excluded = self._catalog(unreadable)
        manifest = self._write(catalog, excluded, thumbnails, methods)
        self._sweep(manifest.files() | previous.files)
        return Summary(
            self.request.name,
            self.folder,
            manifest,
            decoded,
            {method: vectors.made for method, vectors in methods.items()},
            self.problems,
            (*previous.notes, *self.notes),
        )

    def _catalog(self, unreadable: Sequence[Excluded] = ()) -> tuple[Catalog, list[Excluded]]:
        path = self.source.path
        title = path.stem if path.suffix.lower() in (".zip", *SUFFIXES) else path.name
        title = DEMO_TITLE if self.request.source == DEMO else title
        return self.source.catalog(self.request.name, title, unreadable)

    def _journal(self, name: str) -> Journal:
        return Journal(self.folder / _UNFINISHED / f"{name}.bin")

    def _methods(self, specs: Mapping[str, EncoderSpec], catalog: Catalog, previous: Previous) -> dict[str, Vectors]:
        """Of the methods asked for, and of those that the catalog has."""
        made = {}
        for method in dict.fromkeys([*specs, *previous.methods]):
            if method in previous.carried:
                continue
            try:
                spec = encoder_spec(method)
                if not spec.encodes:
                    raise NoEncoderError(imported.how_to_import(method, spec.title, self.request.name))
                vectors = self._vectors(spec, previous, asked=method in specs)
                if lacking := sum(vectors.lacks(item.digest) for item in catalog.items):
                    vectors.load_for(lacking)
                made[method] = vectors
            except FashionSearchError as error:
                self.problems[method] = str(error)
                self._keep_for_later(method, previous)
        return made

    def _vectors(self, spec: EncoderSpec, previous: Previous, asked: bool) -> Vectors:
        """A method that is complete needs no weights, and keeps its own where it was not asked for."""
        encoder = None
        fingerprint = previous.maker_of_all(spec.name)
        if asked or fingerprint is None:
            try:
                fingerprint = spec.fingerprint()
            except (WeightsError, MissingPackageError, UnknownNameError):  # not here, or no longer
                if fingerprint is None:
                    encoder = spec.load()  # downloads what the fingerprint is made of
                    fingerprint = encoder.fingerprint
        journal = self._journal(f"{stem_of(spec.name)}-{fingerprint.digest[:16]}")
        return Vectors(spec, fingerprint, encoder, journal, previous.vectors(fingerprint))

    def _keep_for_later(self, method: str, previous: Previous) -> None:
        """Save the vectors of a library that this build cannot complete, so that a later one need not make them."""
        for entry in previous.entries(method):
            journal = self._journal(f"{stem_of(method)}-{entry.fingerprint.digest[:16]}")
            known = previous.vectors(entry.fingerprint)
            journal.add({digest: vector for digest, vector in known.items() if digest not in journal.entries})

    def _make(self, catalog: Catalog, products: Mapping[str, Product], report: Report) -> tuple[list[Excluded], int]:
        """Read each picture that some product lacks once, and make what is lacking, batch by batch."""
        batches = wanted_batches(catalog.items, products)
        total = sum(map(len, batches))
        unreadable: set[str] = set()
        count = counting("libraries", report)
        done = 0
        with contextlib.closing(self._made(batches, products)) as all_made:
            for made in all_made:
                unreadable.update(made.unreadable)
                for name, payloads in made.payloads.items():
                    products[name].keep(payloads, made.seconds[name])
                done += made.count
                count(done, total)
        return [
            Excluded(item.id, item.name, item.labels, UNREADABLE) for item in catalog.items if item.digest in unreadable
        ], done

    def _made(self, batches: Sequence[Sequence[Wanted]], products: Mapping[str, Product]) -> Generator[Made]:
        """What is made of the batches: in this process, or by Ray's workers where they are asked for."""
        lacking = {name for batch in batches for wanted in batch for name in wanted.products}
        makers = {name: products[name].maker for name in products if name in lacking}
        if self.request.ray and batches:
            pictures = Pictures(self.source.kind, self.request.source)
            yield from make_by_ray(self.request.ray, batches, pictures, makers)
        else:
            yield from make_batches(batches, self.source.tree.read_image, makers)

    def _write(
        self, catalog: Catalog, excluded: list[Excluded], thumbnails: Thumbnails, methods: Mapping[str, Vectors]
    ) -> Manifest:
        """Write the new files beside the old ones, then the manifest that names them."""
        folder = self.folder
        pictures = [thumbnails.of(item.digest) for item in catalog.items]
        libraries: dict[str, LibraryEntry] = {}
        incomplete = {}
        for method, one in self._before.carried.items():
            if problem := one.problem(catalog):
                self.problems[method] = problem
                incomplete[method] = one.kept(folder)
            else:
                libraries[method] = one.library(catalog, folder)
        for method, vectors in methods.items():
            data = b"".join(vectors.of(item.digest) for item in catalog.items)
            array = np.frombuffer(data, dtype=np.float32).reshape(len(catalog.items), vectors.spec.dim or -1)
            entry = write_array(folder, stem_of(method), array)
            libraries[method] = LibraryEntry(vectors.fingerprint, entry, round(vectors.seconds, 2))
        manifest = Manifest(
            name=catalog.name,
            title=catalog.title,
            source_kind=self.source.kind,
            source_path=self.request.source,
            options=self.request.options,
            columns=catalog.columns,
            n_rows=self.source.n_rows,
            **write_catalog(folder, catalog, excluded, pictures),
            libraries=libraries,
            notes=self._notes(catalog, pictures),
            queries_of=self.request.queries_of,
            rest_of=self.request.rest_of,
            combined=self._combined(libraries.keys() | incomplete.keys()),
            incomplete=incomplete,
            indexes=self._before.indexes,
        )
        write_manifest(folder, manifest)
        return manifest

    def _notes(self, catalog: Catalog, pictures: list[bytes]) -> tuple[str, ...]:
        """What whoever builds this should know."""
        if not self.request.queries_of:
            return self.source.remarks(catalog)
        store = open_store(self.request.queries_of)
        cropped = about_boxes(store, self.request.options)
        return (*self.source.notes, *cropped, *about_copies(store, catalog, pictures))

    def _combined(self, known: Set[str]) -> tuple[str, ...]:
        """The methods made of others that were asked for, now or before, and whose parts are here."""
        asked = [encoder_spec(method) for method in self.request.methods]
        names = dict.fromkeys([*self._before.combined, *(spec.name for spec in asked if spec.combines)])
        known = known | self._before.shipped
        return tuple(name for name in names if known >= set(encoder_spec(name).parts))

    def _sweep(self, keep: set[str]) -> None:
        """Remove what no longer belongs to the folder; ``keep`` names the files of its new and its last state."""
        for path in (self.folder / _UNFINISHED).glob("*"):
            if not path.name.startswith(tuple(f"{stem_of(method)}-" for method in self.problems)):
                path.unlink()
        with contextlib.suppress(OSError):  # what is kept for later is still in it
            (self.folder / _UNFINISHED).rmdir()
        self.notes += [f"{name} is still in use and was left." for name in sweep(self.folder, keep)]
