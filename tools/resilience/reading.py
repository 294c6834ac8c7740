"""Reads one source of a catalog, or one file of vectors, and says as JSON what came of it and what it cost."""

import resource
import sys
import time
from pathlib import Path

import msgspec

from fashion_search.catalog.source import Options
from fashion_search.catalog.sources import open_source
from fashion_search.errors import FashionSearchError
from fashion_search.importing.reading import Source, read


class Found(msgspec.Struct):
    """What came of it. ``cpu``: s; ``memory``: MB over what the process had before; ``bad``: what should not be."""

    items: list[str] = []
    left_out: dict[str, str] = {}
    refused: str = ""
    bad: str = ""
    cpu: float = 0
    memory: float = 0


def _peak() -> float:
    """MB; of Linux not what ``resource`` says, which includes the process that started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _read(path: Path) -> Found:
    if path.suffix in (".npz", ".npy", ".parquet") or path.name.startswith("vectors"):
        ids = path.with_name("ids.txt")
        with path.open("rb") as file, ids.open("rb") as lines:
            read(Source(path.name, file), Source(ids.name, lines) if ids.stat().st_size else None)
        return Found()
    source = open_source(path, Options(smallest=2, largest=0))
    catalog, excluded = source.catalog("tried", "Tried")
    told = {row.id: row.reason for row in excluded} | dict(source.tree.skipped)
    found = Found([item.image for item in catalog.items], told)
    if len(catalog.items) + len(excluded) != source.n_rows:
        found.bad = f"{len(catalog.items)} items and {len(excluded)} left out are not the {source.n_rows} rows"
    if len(told) > 1_000:  # of a million it is enough to know how many
        found.left_out = {"": f"{len(told)}"}
    return found


def read_path(path: Path) -> Found:
    """Read it, whatever comes of it."""
    before, started = _peak(), time.process_time()
    try:
        found = _read(path)
    except FashionSearchError as error:
        found = Found(refused=str(error))
    except BaseException as error:
        found = Found(bad=f"{type(error).__name__}: {error}")
    found.cpu, found.memory = time.process_time() - started, _peak() - before
    return found


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(read_path(Path(sys.argv[1]))))
