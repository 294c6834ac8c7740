"""``search``: a catalog's items, ranked by similarity to a picture or to one of them."""

import argparse
import sys
import time
from typing import Any

from fashion_search.catalog import draw_split
from fashion_search.cli.command import Command, add_catalog, add_methods, add_protocol, at_least, chosen_methods
from fashion_search.encoders import Encoder, encoder_spec
from fashion_search.errors import FashionSearchError, ForeignVectorsError, ImageError, UnknownNameError, WeightsError
from fashion_search.home import user_path
from fashion_search.images import MAX_BYTES, open_image
from fashion_search.library import Hits, Library
from fashion_search.store import Store, open_store


def _declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", metavar="IMAGE|ITEM-ID", help="a picture's path, or the id of an item of the catalog")
    add_catalog(parser)
    add_methods(parser)
    parser.add_argument("-k", type=at_least(1), default=5, help="number of results (default: 5)")
    add_protocol(parser)


def _run(options: argparse.Namespace) -> tuple[Any, str]:
    store = open_store(options.catalog)
    catalog = store.catalog
    split = draw_split(catalog, options.protocol, options.seed)
    is_item = options.query in catalog
    row = catalog.row(options.query) if is_item else -1
    image = None if is_item else _open_query(options.query, store)
    if is_item and row not in split.queries:
        raise UnknownNameError(
            f"Item {options.query} is not a query of {split.label}, but part of the gallery. "
            "Use --protocol leave-one-out."
        )
    group = catalog.groups[catalog.group_of[row]] if is_item else None
    results = {}
    problems: dict[str, str] = {}
    lines = []
    for method in chosen_methods(options):
        try:
            library = store.library(method)
            encoder = None if image is None else _matching_encoder(library, store)
            started = time.perf_counter()
            if image is None or encoder is None:
                hits = library.search(split.queries[split.queries == row], options.k, split.gallery)
            else:
                hits = library.search_image(encoder, image, options.k, split.gallery)
            milliseconds = 1000 * (time.perf_counter() - started)
        except FashionSearchError as error:
            problems[method] = str(error)
            continue
        found = _found(store, hits, group.labels if group else None)
        results[method] = {
            "weights": library.fingerprint.weights_label,
            "milliseconds": round(milliseconds, 2),
            "hits": found,
        }
        lines += [f"{encoder_spec(method).title}, weights: {library.fingerprint.weights_label}, {milliseconds:.1f} ms"]
        for hit in found:
            mark = "" if hit["correct"] is None else "correct  " if hit["correct"] else "incorrect"
            lines.append(f"{hit['rank']:>4}  {hit['score']:.4f}  {mark}  {hit['id']:<12}  {hit['group']}")
    if not results:
        raise FashionSearchError("; ".join(problems.values()))
    for method, reason in problems.items():
        print(f"fashion_search: {method} was not searched: {reason}", file=sys.stderr)
    head = {
        "complete": not (problems and options.method),  # a method that was not asked for by name may be left out
        "problems": problems,
        "catalog": store.name,
        "query": options.query,
        "group": group.id if group else None,
        "protocol": str(options.protocol),
        "seed": options.seed,
        "methods": results,
    }
    title = f"{options.query}: {group.title}" if group else options.query
    return head, "\n".join([f"{title} in {catalog.title}, {split.label}", *lines])


def _matching_encoder(library: Library, store: Store) -> Encoder:
    """The encoder that made a library; foreign weights are refused before the network is loaded."""
    spec = encoder_spec(library.method)
    encoder = None
    try:
        at_hand = spec.fingerprint()
    except WeightsError as error:
        if not error.can_download:
            raise
        encoder = spec.load()
        at_hand = encoder.fingerprint
    if not at_hand.matches(library.fingerprint):
        raise ForeignVectorsError(
            f"The library was made with {library.fingerprint.weights_label}, at hand is {at_hand.weights_label}. Build "
            f"it again: {store.manifest.rebuild(library.method).command}"
        )
    return encoder or spec.load()


def _open_query(path: str, store: Store) -> Any:
    try:
        with user_path(path).open("rb") as file:
            return open_image(file.read(MAX_BYTES + 1))  # one more than is allowed is refused there
    except OSError as error:
        raise UnknownNameError(
            f"{path!r} is neither an item of “{store.manifest.title}” nor a file that can be read ({error.strerror})."
        ) from error
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


def _found(store: Store, hits: Hits, labels: tuple[str, ...] | None) -> list[dict[str, Any]]:
    catalog = store.catalog
    found = []
    for place, (row, score) in enumerate(zip(hits.rows[0], hits.scores[0], strict=True), start=1):
        if row < 0:
            break
        item = catalog.items[row]
        found.append(
            {
                "rank": place,
                "id": item.id,
                "score": round(float(score), 6),
                "group": catalog.groups[catalog.group_of[row]].id,
                "name": item.name,
                "correct": None if labels is None else item.labels == labels,
            }
        )
    return found


SEARCH = Command(
    "search",
    "Rank a catalog's items by similarity to a picture or to one of them.",
    "search shoe.jpg -k 10",
    _run,
    _declare,
)
