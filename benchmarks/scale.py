"""``python -m benchmarks.scale``: measures what a query costs at small sizes, predicts 10⁵ and 10⁶ items, searches
among so many, and writes ``docs/scale.md``.

``--page`` writes the page alone, from what was kept in ``scale.json``.
"""

import argparse
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.browser import ROOT
from benchmarks.conditions import Conditions, conditions
from benchmarks.growth import EXACT, search_times
from benchmarks.indexing import clustered
from benchmarks.measured import KeptFiguresError
from benchmarks.measuring import timed
from benchmarks.scale_model import Cost, Design, fitted
from benchmarks.searching import library_of
from fashion_search.files import write_atomically

FILE = ROOT / "benchmarks/scale.json"
DIM = 512  # of the page
CHECKED_DIM = 128  # of what is searched to check the model: a million fit the memory
CALIBRATED = (10_000, 15_000, 20_000, 30_000, 50_000)
CHECKED = (100_000, 1_000_000)
CODES = "ivf-pq"
GRAPH = "hnsw"
SCANNED = (EXACT, "float16", "int8", CODES)
CACHE = 16e6  # bytes: half of 32 MB, which other processes use too
_READ = 256_000_000  # bytes, far more than the cache
_TIMES = 40


@dataclass(frozen=True)
class Line:
    """The ms a query of a design with vectors of ``dim`` numbers, by items."""

    design: str
    dim: int
    measured: Mapping[int, float]

    @property
    def cost(self) -> Cost:
        """Fitted to those sizes that the cache holds; to the two smallest where it holds fewer."""
        one = design(self.design, self.dim)
        sizes = [items for items in self.measured if one.read_bytes(items, self.dim) <= CACHE]
        kept = sizes if len(sizes) > 1 else sorted(self.measured)[:2]
        return fitted({items: self.measured[items] for items in kept})


@dataclass(frozen=True)
class Check:
    """What a search among so many vectors took; ms None where only bytes were made."""

    design: str
    items: int
    n_bytes: int
    ms: float | None


@dataclass(frozen=True)
class Kept:
    """All that was measured. ``bandwidth``: bytes a second that one core reads in a product of single precision."""

    conditions: Conditions
    bandwidth: float
    lines: tuple[Line, ...]
    checks: tuple[Check, ...]

    def cost(self, design: str, dim: int) -> Cost:
        """That of a design."""
        [found] = [line.cost for line in self.lines if (line.design, line.dim) == (design, dim)]
        return found

    def ms(self, name: str, items: int, dim: int) -> float:
        """What the model says of a query among so many items."""
        return self.cost(name, dim).ms(items, design(name, dim).read_bytes(items, dim), self.bandwidth, CACHE)


def design(name: str, dim: int) -> Design:
    """The one of a name, with the settings of the program's own indexes."""
    from fashion_search.index.faiss_engines import Hnsw, IvfPq

    if name == CODES:
        return Design(name, codes=min(IvfPq.CODES, -(-dim // IvfPq.PART)))
    if name == GRAPH:
        return Design(name, links=Hnsw.LINKS)
    return Design(name, number_bytes={EXACT: 4, "float16": 2, "int8": 1}[name])


def bandwidth() -> float:
    """Of memory, bytes a second: a product of 256 MB of vectors with one, the fastest of some."""
    import numpy as np

    vectors = np.ones((_READ // (4 * DIM), DIM), dtype=np.float32)
    query = np.ones(DIM, dtype=np.float32)
    return float(vectors.nbytes / min(timed(lambda: vectors @ query) for _ in range(_TIMES)))


def under(name: str, exact: Any) -> Any:
    """A library searched by a design."""
    from fashion_search.encoders import INDEXES
    from fashion_search.index import built

    return exact if name == EXACT else built(exact, INDEXES[name])


def least_ms(library: Any) -> float:
    """A query's, the least of 30: what else the machine does only adds to it."""
    return 1000 * min(search_times(library))


def calibrated(dim: int) -> list[Line]:
    """Searches among few vectors."""
    measured: dict[str, dict[int, float]] = {name: {} for name in SCANNED}
    for items in CALIBRATED:
        exact = library_of(clustered(items, dim))
        for name in SCANNED:
            measured[name][items] = least_ms(under(name, exact))
    return [Line(name, dim, measured[name]) for name in SCANNED]


def checked() -> list[Check]:
    """Searches among many more."""
    checks = []
    for items in CHECKED:
        exact = library_of(clustered(items, CHECKED_DIM))
        for name in (*SCANNED, GRAPH) if items == CHECKED[0] else SCANNED:
            library = under(name, exact)
            n_bytes = exact.vectors.nbytes if name == EXACT else library.engine.n_bytes
            checks.append(Check(name, items, int(n_bytes), None if name == GRAPH else least_ms(library)))
            print(checks[-1], flush=True)
    return checks


def measure() -> Kept:
    """All of it, in one thread, as pages search."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        now, speeds, lines = conditions(), [bandwidth()], []
        for dim in (CHECKED_DIM, DIM):
            lines += calibrated(dim)
            speeds.append(bandwidth())  # at several moments: what else the machine does only takes from it
        print(speeds, *lines, sep="\n", flush=True)
        return Kept(now, max(speeds), tuple(lines), tuple(checked()))


def read(path: Path = FILE) -> Kept:
    """What was kept.

    Raises:
        KeptFiguresError: it is something else, or not there.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except (OSError, msgspec.DecodeError) as error:
        raise KeptFiguresError(f"{path} holds no calibration ({error}). Run python -m benchmarks.scale.") from error


def write(kept: Kept, path: Path = FILE) -> None:
    """Keep it, in one step."""
    text = msgspec.json.format(msgspec.json.encode(asdict(kept)), indent=1) + b"\n"
    write_atomically(path, lambda file: file.write(text))


def main() -> None:
    """Measure, and write the page."""
    from benchmarks.scale_page import write_page

    lines = argparse.ArgumentParser(prog="python -m benchmarks.scale", description="Write docs/scale.md.")
    lines.add_argument("--page", action="store_true", help="only the page, of what is kept")
    if not lines.parse_args().page:
        write(measure())
    write_page(read())


if __name__ == "__main__":
    main()
