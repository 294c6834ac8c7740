"""Changing which libraries a built catalog has, without building it: under the build's lock, the manifest last."""

import contextlib
import datetime
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fashion_search.build.status import alone
from fashion_search.catalog import Catalog, Excluded
from fashion_search.catalog.demo import DEMO
from fashion_search.encoders import Fingerprint, base_method, encoder_spec, is_method
from fashion_search.encoders.imported import IMPORTED
from fashion_search.errors import StoreError, UnknownNameError
from fashion_search.files import FileEntry, forget_abandoned, stem_of, verified
from fashion_search.home import home
from fashion_search.manifest import MANIFEST, LibraryEntry, Manifest, write_manifest
from fashion_search.store import Store, open_store
from fashion_search.store_files import write_array, write_excluded, write_items

_TEMPORARY = (".*.npy.*", ".*.csv.*", f".{MANIFEST}.*")  # what builds write under their lock; others write other files
_WRITTEN = ("*.npy", "*.csv", *_TEMPORARY)


def sweep(folder: Path, keep: Iterable[str]) -> list[str]:
    """Delete the files of a catalog that belong to none of its states; returns those that could not be deleted.

    ``keep`` names the files that stay.
    """
    kept = set(keep)
    left = []
    forget_abandoned(folder)
    forget_abandoned(folder / "evaluations")
    for path in (path for pattern in _WRITTEN for path in folder.glob(pattern)):
        if path.name not in kept:
            try:
                path.unlink()
            except OSError:  # Windows refuses while another process has it mapped; the next build tries again
                left.append(path.name)
    return left


def sweep_temporary(folder: Path) -> None:
    """Delete what a build that was killed left half written, so that the next one has its room."""
    for path in (path for pattern in _TEMPORARY for path in folder.glob(pattern)):
        path.unlink(missing_ok=True)


def write_catalog(
    folder: Path, catalog: Catalog, excluded: Sequence[Excluded], pictures: Sequence[bytes]
) -> dict[str, Any]:
    """Write what a catalog's folder holds besides libraries; returns what its manifest says of that, by field.

    Args:
        folder: the catalog's.
        catalog: the items.
        excluded: what it leaves out.
        pictures: the thumbnails, in the order of its rows.
    """
    ends = np.cumsum([len(picture) for picture in pictures], dtype=np.int64)
    return {
        "n_items": len(catalog.items),
        "n_groups": len(catalog.groups),
        "excluded_by_reason": dict(Counter(row.reason for row in excluded).most_common()),
        "catalog_fingerprint": catalog.fingerprint,
        "items": write_items(folder, catalog),
        "excluded": write_excluded(folder, excluded, catalog.columns),
        "thumbnails": write_array(folder, "thumbnails", np.frombuffer(b"".join(pictures), dtype=np.uint8)),
        "thumbnail_ends": write_array(folder, "thumbnail-ends", ends),
        "built": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }


def add_library(
    catalog: Catalog, fingerprint: Fingerprint, vectors: NDArray[np.float32], before: Callable[[], None]
) -> None:
    """Give a built catalog the library of a method, or another one instead of it.

    Args:
        catalog: that the vectors are of.
        fingerprint: of the library; it names the method.
        vectors: unit vectors in the order of the catalog's rows, shape (n, dim).
        before: called when the vectors are written, before the manifest names them.

    Raises:
        StoreError: the catalog is being built, is another by now, or cannot be written.
    """

    def change(manifest: Manifest, folder: Path) -> Manifest:
        if manifest.catalog_fingerprint != catalog.fingerprint:
            raise StoreError(f"“{manifest.title}” was built anew in the meantime. Try again.")
        entry = LibraryEntry(fingerprint, write_array(folder, stem_of(fingerprint.method), vectors), 0.0)
        before()
        incomplete = {name: one for name, one in manifest.incomplete.items() if name != fingerprint.method}
        return replace(manifest, libraries=manifest.libraries | {fingerprint.method: entry}, incomplete=incomplete)

    _change(catalog.name, change)


def add_fused(name: str, method: str) -> None:
    """List a method that fuses two of a catalog's; nothing is encoded for it.

    Raises:
        UnknownNameError: it is no such method, or the catalog lacks a part of it.
        StoreError: the catalog is being built, or cannot be written.
    """
    spec = encoder_spec(method)
    if spec.combines is None:
        raise UnknownNameError(f"{method!r} does not fuse two methods: write A+W*B.")
    parts, method = spec.parts, spec.name
    known = open_store(name).methods
    if lacking := [part for part in parts if part not in known]:
        raise UnknownNameError(f"The catalog {name!r} has no library of {', '.join(map(repr, lacking))} to fuse.")

    def change(manifest: Manifest, folder: Path) -> Manifest:
        return replace(manifest, combined=tuple(dict.fromkeys([*manifest.combined, method])))

    _change(name, change)


def removable(store: Store) -> list[str]:
    """The methods that can be taken from a catalog: what was imported or fused, and of others all but the last."""
    own = store.manifest if store.folder == home() / store.name else None
    if own is None:
        return []
    encoded = [method for method, entry in own.libraries.items() if not is_imported(entry.fingerprint)]
    kept = encoded if len(encoded) < 2 and store.name != DEMO else []
    return [method for method in (*own.libraries, *own.incomplete, *own.combined) if method not in kept]


def refuse_to_drop(store: Store, method: str) -> None:
    """Raises ``UnknownNameError`` where a catalog does not have a method as its own, or nothing else encodes it."""
    if method in removable(store):
        return
    if method in store.methods:
        raise UnknownNameError(
            f"{method!r} comes with the program, or is the last method that “{store.name}” is encoded by: it stays."
        )
    raise UnknownNameError(f"“{store.name}” has no method {method!r}.")


def made_of(store: Store, method: str) -> list[str]:
    """The methods that were asked for here and fuse a method."""
    known = [one for one in store.combined if is_method(one) and one != method]
    return [one for one in known if method in encoder_spec(one).parts]


def is_imported(fingerprint: Fingerprint) -> bool:
    """Whether a library was imported as vectors."""
    return fingerprint.preprocessing == IMPORTED


def drop_library(name: str, method: str) -> None:
    """Take a method from a catalog, with what fuses it; its vectors and evaluations are deleted.

    Raises:
        UnknownNameError: the catalog does not have it as its own, or nothing else encodes it.
        StoreError: the catalog is being built, or cannot be written.
    """
    store = open_store(name)
    refuse_to_drop(store, method)
    gone = {method, *made_of(store, method)}

    def change(manifest: Manifest, folder: Path) -> Manifest:
        return replace(
            manifest,
            libraries={one: entry for one, entry in manifest.libraries.items() if one not in gone},
            incomplete={one: entry for one, entry in manifest.incomplete.items() if one not in gone},
            combined=tuple(one for one in manifest.combined if one not in gone),
            indexes={one: entry for one, entry in manifest.indexes.items() if base_method(one) not in gone},
        )

    def change_all(manifest: Manifest, folder: Path) -> Manifest:
        for path in (one for method in gone for one in folder.glob(f"evaluations/*-{stem_of(method)}[-~@]*.npz")):
            with contextlib.suppress(OSError):  # before the manifest: who is stopped here can go on
                path.unlink()
        return change(manifest, folder)

    _change(name, change_all, keeps_last=False)


def _change(name: str, change: Callable[[Manifest, Path], Manifest], keeps_last: bool = True) -> None:
    """Replace a catalog's manifest by another. ``keeps_last``: the last state's files stay for who is reading them."""
    folder = home() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with alone(folder):
            store = open_store(name)
            if store.manifest.advice:
                raise StoreError(store.manifest.advice)
            before = store.manifest if store.folder == folder else _own_state(store, folder)
            after = change(before, folder)
            if name == DEMO and not (after.libraries or after.incomplete or after.combined):
                (folder / MANIFEST).unlink(missing_ok=True)  # nothing of its own: it is as it was shipped
                sweep(folder, ())
                return
            write_manifest(folder, after)
            sweep(folder, after.files() | (before.files() if keeps_last else set()))
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}.") from error


def _own_state(shipped: Store, folder: Path) -> Manifest:
    """The shipped demo as a state in ``folder``, without libraries: those are still read from where they are."""

    def copied(entry: FileEntry) -> FileEntry:
        source = verified(shipped.folder, entry)
        shutil.copyfile(source, folder / source.name)
        return entry

    manifest = shipped.manifest
    return replace(
        manifest,
        items=copied(manifest.items),
        excluded=copied(manifest.excluded),
        thumbnails=copied(manifest.thumbnails),
        thumbnail_ends=copied(manifest.thumbnail_ends),
        libraries={},
        combined=(),
    )
