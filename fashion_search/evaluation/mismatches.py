"""Why a result is wrong: which grouping columns differ from the query; and scores that forgive some of them."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fashion_search.catalog import Catalog, title
from fashion_search.catalog.relevance import label_codes
from fashion_search.errors import SourceError
from fashion_search.evaluation.rankings import Rankings

SHADES = Path(__file__).with_name("shades.txt")
_COLOUR_WORDS = ("colour", "color", "shade")


@dataclass(frozen=True)
class Mismatch:
    """A mismatch kind: a non-empty set of grouping columns that differ, the others agreeing.

    ``code`` has one bit per column, the first column's being 1.
    """

    code: int
    columns: tuple[str, ...]

    @property
    def id(self) -> str:
        """For links: ``article_type+usage``."""
        return "+".join(self.columns)

    @property
    def label(self) -> str:
        """For example ``Article type and usage``."""
        return _and([title(column) for column in self.columns])


def kinds(columns: Sequence[str]) -> list[Mismatch]:
    """All mismatch kinds of a grouping, fewest columns first: seven for three columns."""
    found = []
    for size in range(1, len(columns) + 1):
        for places in itertools.combinations(range(len(columns)), size):
            found.append(Mismatch(sum(1 << place for place in places), tuple(columns[place] for place in places)))
    return found


def mismatches(catalog: Catalog, rankings: Rankings, k: int) -> NDArray[np.intp]:
    """The mismatch code of each of the first k results, shape (q, k): 0 = relevant, -1 = no result."""
    codes = label_codes(catalog)
    rows = rankings.rows[:, :k]
    differs = codes[rows] != codes[rankings.queries][:, None]  # (q, k, C)
    found = (differs << np.arange(differs.shape[2])).sum(axis=2)
    found[rankings.relevant[:, :k]] = 0  # a pair that a person accepted may differ
    found[rows < 0] = -1
    return np.asarray(found, dtype=np.intp)


def shares(catalog: Catalog, rankings: Rankings, k: int) -> dict[int, float]:
    """Of all first k results the share with each mismatch code, 0 being the relevant ones; adds up to 1."""
    found = mismatches(catalog, rankings, k)
    codes, counts = np.unique(found[found >= 0], return_counts=True)
    total = max(int(counts.sum()), 1)
    return {int(code): count / total for code, count in zip(codes, counts.tolist(), strict=True)}


def most_frequent(columns: Sequence[str], shares: Mapping[int, float]) -> tuple[Mismatch | None, float]:
    """The mismatch kind of most wrong results by its ``shares``, and its own; None if none is wrong."""
    kind = max(kinds(columns), key=lambda one: shares.get(one.code, 0.0))
    share = shares.get(kind.code, 0.0)
    return (kind, share) if share else (None, 0.0)


@dataclass(frozen=True)
class Lenience:
    """A looser notion of a right result: ``codes`` (n, C') must be equal in every column."""

    label: str
    codes: NDArray[np.intp]


def leniences(catalog: Catalog, shades: Sequence[frozenset[str]]) -> list[Lenience]:
    """From the style group itself to its first column alone; with neighbouring shades where there is a colour."""
    codes = label_codes(catalog)
    columns = catalog.columns
    found = [Lenience(f"Same {catalog.relevant_by} (strict)", codes)]
    colour = next((place for place, name in enumerate(columns) if any(word in name for word in _COLOUR_WORDS)), None)
    if colour is not None:
        merged = codes.copy()
        merged[:, colour] = _families(catalog, colour, shades)
        found.append(Lenience("Same style group, neighbouring shades counted as one", merged))
    for size in range(len(columns) - 1, 0, -1):
        names = _and([title(column).lower() for column in columns[:size]])
        found.append(Lenience(f"Same {names}", codes[:, :size]))
    return found


def lenient_precision(lenience: Lenience, rankings: Rankings, k: int) -> NDArray[np.float64]:
    """Precision@k per query, shape (q,), of the looser notion; what is relevant anyway stays so."""
    return np.asarray(_leniently_relevant(lenience, rankings, k).mean(axis=1), dtype=np.float64)


def lenient_hit(lenience: Lenience, rankings: Rankings, k: int) -> NDArray[np.float64]:
    """Hit@k per query, shape (q,), of the looser notion."""
    return np.asarray(_leniently_relevant(lenience, rankings, k).any(axis=1), dtype=np.float64)


def _leniently_relevant(lenience: Lenience, rankings: Rankings, k: int) -> NDArray[np.bool_]:
    rows = rankings.rows[:, :k]
    same = (lenience.codes[rows] == lenience.codes[rankings.queries][:, None]).all(axis=2) & (rows >= 0)
    return np.asarray(same | rankings.relevant[:, :k], dtype=np.bool_)


def read_shades(path: Path = SHADES) -> tuple[frozenset[str], ...]:
    """The families of neighbouring shades, in lower case.

    Raises:
        SourceError: the file cannot be read, or a colour stands in two lines.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()  # editors may put a mark before it
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path} cannot be read: {error}.") from error
    families: list[frozenset[str]] = []
    known: dict[str, int] = {}
    for number, line in enumerate(lines, start=1):
        names = {name.strip().casefold() for name in line.partition("#")[0].split(",")} - {""}
        for name in names:
            if name in known:
                raise SourceError(f"{path}, line {number}: “{name}” is already in line {known[name]}; keep one.")
            known[name] = number
        if names:
            families.append(frozenset(names))
    return tuple(families)


def _families(catalog: Catalog, column: int, shades: Sequence[frozenset[str]]) -> NDArray[np.intp]:
    """Colour codes in which the shades of a family are equal, shape (n,)."""
    family_of = {name: place for place, family in enumerate(shades) for name in family}
    keys = [item.labels[column] for item in catalog.items]
    merged = [f"family {family_of[key.casefold()]}" if key.casefold() in family_of else f"colour {key}" for key in keys]
    return np.asarray(np.unique(merged, return_inverse=True)[1], dtype=np.intp)


def _and(words: Sequence[str]) -> str:
    """``Article type, base colour and usage``: all but the first in lower case."""
    words = [words[0], *(word.lower() for word in words[1:])]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
