"""``search``: a catalog's items, ranked by similarity to a picture or to one of them."""

import argparse
import sys
from typing import Any

from fashion_search.catalog import Protocol, draw_split
from fashion_search.cli.command import (
    add_catalog,
    add_filter,
    add_methods,
    add_protocol,
    add_rerank,
    asked_store,
    chosen_filter,
    chosen_methods,
    chosen_orders,
)
from fashion_search.cli.numbers import at_least
from fashion_search.encoders import base_method, encoder_spec, index_name, reranked
from fashion_search.errors import FashionSearchError, ForeignVectorsError, ImageError, UnknownNameError
from fashion_search.evaluation import words
from fashion_search.home import user_path
from fashion_search.image_limits import most_bytes
from fashion_search.images import open_image
from fashion_search.labels.prediction import Predicted, predicted, sentence
from fashion_search.search import Query, Ranking, encoder_of, nearest
from fashion_search.store import Store, open_store
from fashion_search.whole_store import whole

_TOLD = 5  # values of each column in JSON


def declare(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("query", metavar="IMAGE|ITEM-ID", help="a picture's path, or the id of an item of the catalog")
    add_catalog(parser)
    add_methods(parser)
    parser.add_argument("-k", type=at_least(1), default=5, help="number of results (default: 5)")
    add_protocol(parser)
    add_filter(parser)
    add_rerank(parser)
    parser.add_argument(
        "--whole-shop",
        action="store_true",
        help="also search what the catalog leaves out for the size of its style group (build --all-items)",
    )


def run(options: argparse.Namespace) -> tuple[Any, str]:
    """What each method finds."""
    store = _asked_store(options)
    catalog = store.catalog
    split = draw_split(catalog, options.protocol, options.seed, filter=chosen_filter(options, catalog))
    by = store.plain if options.whole_shop else store  # labels are told by the catalog's own items
    everything = draw_split(by.catalog, options.protocol, options.seed).gallery  # a filter would be echoed
    is_item = options.query in catalog
    row = catalog.row(options.query) if is_item else -1
    image = None if is_item else _open_query(options.query, store)
    if is_item and row not in split.queries:
        raise UnknownNameError(
            f"Item {options.query} is not a query of {split.label}, but part of the gallery. "
            "Use --protocol leave-one-out."
        )
    query = Query(picture=image) if image is not None else Query.of_item(catalog, row)
    group = catalog.groups[catalog.group_of[row]] if is_item and catalog.groups else None
    results = {}
    problems: dict[str, str] = {}
    lines = []
    told: tuple[Predicted, ...] = ()
    is_doubtful = False
    for method in [
        reranked(one, order) if order else one
        for order in chosen_orders(options) or [""]
        for one in chosen_methods(options)
    ]:
        try:
            library = store.library(method)
            encoder = None if image is None else encoder_of(library)
            ranking = nearest(query, library, split.gallery, options.k, encoder=encoder)
        except FashionSearchError as error:
            problems[method] = str(error)
            if isinstance(error, ForeignVectorsError):
                problems[method] += f" The command: {store.manifest.rebuild(method).command}"
            continue
        weights = library.fingerprint.weights_label
        found = _found(ranking, options.k)
        trust = store.confidence(ranking, split.gallery, options.k)
        if not is_item and catalog.columns:
            posterior = by.posterior(base_method(method))
            if not told or posterior.by_heads:
                told = predicted(by.catalog, posterior.of_query(ranking.vector, -1, everything))
                is_doubtful = posterior.doubts(ranking.vector)
        results[method] = {
            "weights": weights,
            "milliseconds": round(ranking.milliseconds, 2),
            "trust": trust and {"first": round(trust.first, 4), "any": round(trust.any, 4), "says": trust.trust.value},
            "hits": found,
        } | ({"recall": store.indexed[method].recall} if index_name(method) else {})
        how = f", {words.exactness(method, store.indexed)}" if index_name(method) else ""
        said = f", {trust.trust} ({trust.any:.0%})" if trust else ""
        lines += [f"{encoder_spec(method).title}, weights: {weights}, {ranking.milliseconds:.1f} ms{how}{said}"]
        for hit in found:
            mark = "" if hit["correct"] is None else "correct  " if hit["correct"] else "incorrect"
            lines.append(
                f"{hit['rank']:>4}  {hit['score']:.4f}  {mark}  {hit['id']:<12}  {hit['group'] or ''}".rstrip()
            )
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
        "whole_shop": options.whole_shop,
        "where": str(split.filter) or None,
        "predicted": {one.column: [[value, round(p, 4)] for value, p in one.values[:_TOLD]] for one in told} or None,
        "methods": results,
    }
    if told:
        lines.insert(0, f"{'It may be no fashion; if it is' if is_doubtful else 'It looks like'}: {sentence(told)}")
    title = f"{options.query}: {group.title}" if group else options.query
    where = f"{catalog.title}, whole shop" if options.whole_shop else catalog.title
    return head, "\n".join([f"{title} in {where}, {split.label}", *lines])


def _asked_store(options: argparse.Namespace) -> Store:
    """The catalog asked for, with its query set or the rest of the shop."""
    if not options.whole_shop:
        return asked_store(options)
    if options.protocol != Protocol.LEAVE_ONE_OUT:
        raise UnknownNameError(f"The whole shop is searched under {Protocol.LEAVE_ONE_OUT}, not {options.protocol}.")
    return whole(open_store(options.catalog))


def _open_query(path: str, store: Store) -> Any:
    try:
        with user_path(path).open("rb") as file:
            return open_image(file.read(most_bytes() + 1))  # one more than is allowed is refused there
    except OSError as error:
        raise UnknownNameError(
            f"{path!r} is neither an item of “{store.manifest.title}” nor a file that can be read ({error.strerror})."
        ) from error
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


def _found(ranking: Ranking, k: int) -> list[dict[str, Any]]:
    catalog = ranking.library.catalog
    found = []
    for place, row in enumerate(ranking.rows[:k].tolist()):
        item = catalog.items[row]
        found.append(
            {
                "rank": place + 1,
                "id": item.id,
                "score": round(float(ranking.cosines[row]), 6),
                "group": catalog.groups[catalog.group_of[row]].id if catalog.groups else None,
                "name": item.name,
                "correct": None if ranking.relevant is None else bool(ranking.relevant[place]),
            }
        )
    return found
