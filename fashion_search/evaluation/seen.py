"""Whether a method was trained on items of the catalog that it is evaluated on: then its figures are too good."""

from collections.abc import Iterable

from fashion_search.catalog import Catalog
from fashion_search.encoders import all_methods, encoder_spec
from fashion_search.encoders.trained import count_seen
from fashion_search.errors import WeightsError
from fashion_search.evaluation.words import count


def seen_items(catalog: Catalog, method: str) -> int:
    """How many of a catalog's pictures a method was trained on, or its epoch chosen by."""
    spec = all_methods().get(method)
    if spec is None or spec.seen is None:
        return 0
    return count_seen(catalog.items, spec.seen())


def warnings(catalog: Catalog, methods: Iterable[str]) -> list[str]:
    """One sentence per method that has seen items of the catalog, or of which that cannot be told."""
    found = []
    for method in methods:
        try:
            seen = seen_items(catalog, method)
        except WeightsError as error:
            found.append(
                f"Whether {encoder_spec(method).title} was trained on pictures of this catalog is unknown: {error}"
            )
            continue
        if seen:
            found.append(
                f"{encoder_spec(method).title} was trained on {count(seen, 'picture', 'pictures')} of the "
                f"{len(catalog.items):,} here: its figures are better than they would be on new items."
            )
    return found
