"""An import from files to a method that is evaluated: all is checked before anything is written."""

import datetime
import hashlib
from dataclasses import dataclass

import numpy as np

from fashion_search.build.evaluating import evaluate
from fashion_search.build.libraries import add_library, made_of
from fashion_search.build.progress import Report
from fashion_search.costs import measure_searches
from fashion_search.encoders import Fingerprint, all_methods, imported
from fashion_search.encoders.imported import IMPORTED, ImportedMethod
from fashion_search.errors import StoreError, VectorsError
from fashion_search.importing.fitting import Fitted, fit
from fashion_search.importing.parts import begun_part, is_part, make_part, part_name, refuse_taken, remove_part
from fashion_search.importing.reading import Given
from fashion_search.store import Store, open_store

_LONGEST_TITLE = 80


@dataclass(frozen=True)
class Wanted:
    """What vectors are to become.

    Attributes:
        catalog: the name of the one whose items they are of.
        method: its name.
        title: for people; the name where it is empty.
        replace: may take the place of vectors imported under this name before.
        subset: the name of a new catalog of the items that have vectors; empty where all must have one.
    """

    catalog: str
    method: str
    title: str = ""
    replace: bool = False
    subset: str = ""


@dataclass(frozen=True)
class Imported:
    """What an import did. ``part_of``: the name of the whole, where ``catalog`` was made as a part of it."""

    catalog: str
    method: ImportedMethod
    fingerprint: Fingerprint
    dimensions: int
    fitted: Fitted
    part_of: str = ""

    @property
    def sentence(self) -> str:
        """For people."""
        n = len(self.fitted.rows)
        scaled, unused = self.fitted.scaled, self.fitted.unused
        notes = [f"{scaled:,} were scaled to unit length"] if scaled else []
        notes += [f"{unused:,} more are of rows that the catalog leaves out"] if unused else []
        said = f" ({'; '.join(notes)})" if notes else ""
        where = f"{self.catalog}, a new catalog of the {n:,} items that have one" if self.part_of else self.catalog
        return f"{self.method.title}: {n:,} vectors of {self.dimensions:,} dimensions{said}, a method of {where}."


def import_vectors(given: Given, wanted: Wanted) -> Imported:
    """Make a method of vectors. Nothing is written unless all of it can be.

    Raises:
        VectorsError: the name cannot be the method's, or the vectors do not fit (``fit``).
        UnknownNameError, StoreError: there is no such catalog, or it is being built, of an earlier version, or cannot
            be written.
    """
    store = open_store(wanted.catalog)
    if store.manifest.advice:
        raise StoreError(store.manifest.advice)
    title = " ".join(wanted.title.split())[:_LONGEST_TITLE]
    name = part_name(wanted.subset) if wanted.subset else ""
    if name and not is_part(name, store):
        refuse_taken(name)
    fitted = fit(given, store, bool(name))
    digest = hashlib.sha256(fitted.vectors.tobytes()).hexdigest()
    begun = begun_part(store, fitted.rows, name) if name else None
    if name and begun is None:
        refuse_taken(name)
    _check_name(begun or store, wanted, digest)
    known = imported.known(wanted.method)
    method = ImportedMethod(
        wanted.method,
        title or (known.title if known else wanted.method),
        given.file,
        datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    )
    fingerprint = Fingerprint(method.name, IMPORTED, digest, given.file)
    if name:
        store = begun or make_part(store, fitted.rows, name)
    try:
        _write(store, method, fingerprint, fitted)
    except BaseException:
        if name and begun is None:
            remove_part(name)
        raise
    whole = wanted.catalog if name else ""
    return Imported(store.name, method, fingerprint, fitted.vectors.shape[1], fitted, whole)


def _write(store: Store, method: ImportedMethod, fingerprint: Fingerprint, fitted: Fitted) -> None:
    before = imported.known(method.name)

    def make_known() -> None:
        imported.write(method)

    try:
        add_library(store.catalog, fingerprint, np.ascontiguousarray(fitted.vectors), make_known)
    except BaseException:
        if before is None and method.name not in open_store(store.name).manifest.libraries:
            imported.forget(method.name)
        raise


def evaluate_imported(done: Imported, report: Report) -> None:
    """Evaluate what was imported and what fuses it, of a new part all, and measure its searches.

    What else the catalog has is left to builds and pages, as it may take long.
    """
    store = open_store(done.catalog)
    if store.catalog.columns:
        name = done.method.name
        evaluate(store, report, None if done.part_of else [name, *made_of(store, name)])
    measure_searches(store, store.methods if done.part_of else [done.method.name, *made_of(store, done.method.name)])


def _check_name(store: Store, wanted: Wanted, digest: str) -> None:
    """Raises ``VectorsError`` where the method cannot be called so.

    ``digest``: of the vectors; the same ones may be imported again, as after an import that was killed at its end.
    """
    name = wanted.method
    if not imported.is_name(name):
        raise VectorsError(
            f"{name!r} cannot name a method: write letters, digits, and - _ . between them, at most 60; the signs "
            ": + * ~ @ and commas have a meaning in the names of methods.",
            "name",
        )
    alike = [spec for spec in all_methods().values() if spec.name.casefold() == name.casefold()]
    for spec in alike:  # files of names that differ in case alone are one file on some systems
        if spec.family != "imported" or spec.name != name:
            raise VectorsError(f"There is a method {spec.name!r} already ({spec.title}). Choose another name.", "name")
    title = " ".join(wanted.title.split())[:_LONGEST_TITLE] or name
    same = [spec for spec in all_methods().values() if spec.title.casefold() == title.casefold() and spec.name != name]
    if same:  # tables and charts tell methods apart by their titles
        raise VectorsError(f"The method {same[0].name!r} has the title {same[0].title!r}. Choose another.", "title")
    there = store.manifest.libraries.get(name)
    has = there is not None or name in store.manifest.incomplete
    is_same = there is not None and there.fingerprint.weights == digest
    if has and not is_same and not wanted.replace:
        raise VectorsError(
            f"“{store.manifest.title}” has imported vectors of {name!r} already. Choose another name, or replace them.",
            "name",
            "replace",
        )
