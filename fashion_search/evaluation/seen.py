"""Whether a method was trained on items of the catalog that it is evaluated on: then its figures are too good."""

from collections.abc import Iterable, Sequence

from fashion_search.catalog import Catalog, Item
from fashion_search.encoders import all_methods, encoder_spec
from fashion_search.encoders.trained import count_seen
from fashion_search.errors import WeightsError
from fashion_search.evaluation.words import count


def seen_items(catalog: Catalog, method: str) -> int:
    """How many of a catalog's pictures a method was trained on, or its epoch chosen by."""
    return _count(catalog.items[: catalog.n_items], method)


def seen_queries(catalog: Catalog, method: str) -> int:
    """The same of the queries of a query set."""
    return _count(catalog.items[catalog.n_items :], method)


def _count(items: Sequence[Item], method: str) -> int:
    spec = all_methods().get(method)
    return count_seen(items, spec.seen()) if spec is not None and spec.seen is not None else 0


def warnings(catalog: Catalog, methods: Iterable[str]) -> list[str]:
    """One sentence per method that has seen items of the catalog, or of which that cannot be told."""
    found = []
    for method in methods:
        try:
            seen, asked = seen_items(catalog, method), seen_queries(catalog, method)
        except WeightsError as error:
            found.append(
                f"Whether {encoder_spec(method).title} was trained on pictures of this catalog is unknown: {error}"
            )
            continue
        trained = f"{encoder_spec(method).title} was trained on"
        if asked:
            found.append(
                f"{trained} {count(asked, 'picture', 'pictures')} of the {catalog.n_queries:,} queries: its figures "
                "are better than they would be on new ones."
            )
        elif seen and catalog.n_queries:
            found.append(
                f"{trained} {count(seen, 'picture', 'pictures')} of the {catalog.n_items:,} in the catalog, and on "
                "none of the queries: its figures are of new pictures in a catalog that it knows."
            )
        elif seen:
            found.append(
                f"{trained} {count(seen, 'picture', 'pictures')} of the {catalog.n_items:,} here: its figures are "
                "better than they would be on new items."
            )
    return found
