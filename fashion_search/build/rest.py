"""What a catalog leaves out for the size of its style group: the build that encodes it, so that it can be searched."""

import contextlib
import shutil

from fashion_search.build.query_sets import encoded_by
from fashion_search.catalog.request import Request
from fashion_search.catalog.source import is_for_size
from fashion_search.store import Store
from fashion_search.whole_store import rest_folder


def rest_request(store: Store) -> Request | None:
    """The build of a catalog's rest, by all methods that encode the catalog; None where nothing is left out for size.

    A catalog is built from one source, and so is its rest: one of an earlier source is replaced.
    """
    manifest = store.manifest
    if not any(map(is_for_size, manifest.excluded_by_reason)):
        return None
    return Request(
        manifest.source_path,
        store.name,
        encoded_by(store),
        manifest.options,
        replace=True,
        quick=True,
        rest_of=store.name,
    )


def forget_rest(name: str) -> None:
    """Delete the rest of a catalog that leaves nothing out any longer, as far as that can be deleted."""
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(rest_folder(name))
