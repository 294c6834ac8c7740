"""What a method costs, put together from what was measured of it or of its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fashion_search.catalog.demo import DEMO, DEMO_STORE
from fashion_search.costs.cost_file import Encoding, Measured, Searching, read_measured
from fashion_search.costs.encoding import added
from fashion_search.encoders import Fingerprint, base_method, encoder_spec
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
        bytes_per_item: of vectors, or of the index that is searched.
        searching: what ``search`` was measured on, and when.
    """

    method: str
    dimensions: int | None = None
    parameters: int | None = None
    encoding: Encoding | None = None
    search: float | None = None
    recall: float = 1.0
    bytes_per_item: float | None = None
    searching: Searching | None = None

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
        measured = [one for one in (self.encoding, self.searching) if one]
        return "; ".join(dict.fromkeys(one.machine.title for one in measured))

    @property
    def measured(self) -> str:
        """When, the later of both, ISO 8601, UTC; empty if neither."""
        return max((one.measured for one in (self.encoding, self.searching) if one), default="")

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


def _cost(store: Store, method: str, measured: Measured, made_by: Mapping[str, Fingerprint]) -> Cost:
    spec = encoder_spec(method)
    searching = _searching(store, method, measured, made_by)
    encoding = _encoding(method, measured, made_by)
    parameters = spec.parameters
    if parameters is None and encoding:
        parameters = encoding.parameters
    return Cost(
        method,
        searching.dimensions if searching else spec.dim or None,
        parameters,
        encoding,
        searching.milliseconds if searching else None,
        1.0,
        searching.bytes_per_item if searching else None,
        searching,
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
