"""What a method costs, put together from what was measured of it or of its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.costs.cost_file import Encoding, Measured, Searching, read_measured
from fashion_search.costs.encoding import added
from fashion_search.costs.measuring import time_searches
from fashion_search.encoders import Fingerprint, base_method, encoder_spec, index_name
from fashion_search.home import home
from fashion_search.store import Store


@dataclass(frozen=True)
class Cost:
    """What a method costs on a catalog. What was not measured is None; ``problem`` says why of encoding.

    Attributes:
        method: its name, with the order or the index that it is searched by.
        dimensions: of a vector.
        parameters: numbers that were learned, 0 where none were.
        encoding: what it takes to make a vector of a picture.
        search: ms of one search for the first ten among all other items.
        recall: of the exact search's first ten, the share that is found; 1 where the search is exact.
        bytes_per_item: of vectors, and of the index beside them where one is searched.
        searched_on: the machine that ``search`` was measured on, in words.
        searched_at: when, ISO 8601, UTC; empty where only the catalog's build tells.
    """

    method: str
    dimensions: int | None = None
    parameters: int | None = None
    encoding: Encoding | None = None
    search: float | None = None
    recall: float = 1.0
    bytes_per_item: float | None = None
    searched_on: str = ""
    searched_at: str = ""

    @property
    def encode(self) -> float | None:
        """Ms from a picture to its vector."""
        return self.encoding.milliseconds if self.encoding else None

    @property
    def query(self) -> float | None:
        """Ms of a query by picture: encoding and search."""
        return None if self.encode is None or self.search is None else self.encode + self.search

    @property
    def problem(self) -> str:
        """Why nothing is known of encoding; empty where it is, or where it was never measured."""
        return self.encoding.problem if self.encoding else ""

    @property
    def machine(self) -> str:
        """What it was measured on, in words; two where encoding and search were measured apart; empty if neither."""
        encoded_on = self.encoding.machine.title if self.encoding else ""
        return "; ".join(dict.fromkeys(filter(None, (encoded_on, self.searched_on))))

    @property
    def measured(self) -> str:
        """When, the later of both, ISO 8601, UTC; empty if neither."""
        return max(self.encoding.measured if self.encoding else "", self.searched_at)

    @property
    def versions(self) -> list[str]:
        """Of the packages that encode: ``torch 2.14.1``."""
        return [f"{name} {version}" for name, version in (self.encoding.versions if self.encoding else {}).items()]

    @property
    def is_measured(self) -> bool:
        """Whether there is any time of it."""
        return self.search is not None or self.encode is not None


def costs(store: Store, methods: Iterable[str]) -> dict[str, Cost]:
    """Method → what it costs on a catalog, as far as it was measured with the vectors that are there now."""
    measured = read_measured(home() / store.name)
    if store.name == DEMO:  # it is shipped with those of another machine
        measured = measured.beside(read_measured(DEMO_STORE))
    made_by = store.methods
    return {method: _cost(store, method, measured, made_by) for method in methods}


def with_searches(store: Store, known: Mapping[str, Cost]) -> dict[str, Cost]:
    """The same, where no search was measured with one that is timed now and not kept."""
    missing = [method for method, cost in known.items() if cost.search is None]
    timed = time_searches(store, missing) if missing else {}
    return {
        method: cost
        if method not in timed
        else replace(
            cost,
            search=timed[method].milliseconds,
            searched_on=timed[method].machine.title,
            searched_at=timed[method].measured,
            dimensions=timed[method].dimensions,
            bytes_per_item=timed[method].bytes_per_item,
        )
        for method, cost in known.items()
    }


def _cost(store: Store, method: str, measured: Measured, made_by: Mapping[str, Fingerprint]) -> Cost:
    spec = encoder_spec(method)
    index = store.indexed.get(method) if index_name(method) else None
    searching = _searching(store, base_method(method) if index else method, measured, made_by)
    encoding = _encoding(method, measured, made_by)
    parameters = spec.parameters
    if parameters is None and encoding:
        parameters = encoding.parameters
    known = Cost(method, searching.dimensions if searching else spec.dim or None, parameters, encoding)
    if searching is None:
        return known
    if index is not None:
        return replace(
            known,
            search=index.milliseconds,
            recall=index.recall,
            bytes_per_item=searching.bytes_per_item + index.bytes / store.manifest.n_items,
            searched_on=index.machine,
        )
    return replace(
        known,
        search=searching.milliseconds,
        bytes_per_item=searching.bytes_per_item,
        searched_on=searching.machine.title,
        searched_at=searching.measured,
    )


def _encoding(method: str, measured: Measured, made_by: Mapping[str, Fingerprint]) -> Encoding | None:
    """Of a method made of others the sum; None where it was not measured with these vectors."""
    parts = []
    for part in encoder_spec(method).parts:
        found = measured.encodings.get(part)
        if found is None or part not in made_by or found.fingerprint != made_by[part].digest:
            return None
        parts.append(found)
    return parts[0] if len(parts) == 1 else added(parts)


def _searching(store: Store, method: str, measured: Measured, made_by: Mapping[str, Fingerprint]) -> Searching | None:
    found, own = measured.searches.get(method), made_by.get(base_method(method))
    if found is None or own is None:
        return None
    of_these = (found.fingerprint, found.catalog) == (own.digest, store.manifest.catalog_fingerprint)
    return found if of_these else None
