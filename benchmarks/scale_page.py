"""``docs/scale.md``: tables of what the model says, and of how far it was right."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks.browser import ROOT
from benchmarks.growth import EXACT
from benchmarks.scale import CACHE, CALIBRATED, CHECKED, CHECKED_DIM, DIM, GRAPH, SCANNED, Check, Kept, design
from benchmarks.scale_model import Node, hours, most_within
from fashion_search.files import write_atomically

PAGE = ROOT / "docs/scale.md"
TEMPLATE = ROOT / "benchmarks/scale_template.md"
SIZES = (10**6, 10**8, 10**9)
NODE = Node()
CPU_IMAGES_S = 58  # ResNet-18 by ONNX Runtime, 32 pictures at once, on the two cores where the rest was measured
GPU_IMAGES_S = 2_000  # assumed
PATIENCE = 100  # ms
HNSW_COMPARED = 128 * 32  # candidates times the links of each, at most
PAGE_BYTES, PAGES_READ, PAGE_MS = 4_096, 100, 0.1  # of a search on a disk, assumed
GRAPH_BYTES = 128  # of an item of a graph on a disk, as of HNSW's lowest layer

_TITLES = {EXACT: "exact, float32", "float16": "float16", "int8": "int8", "ivf-pq": "IVF-PQ 64", GRAPH: "HNSW"}
_SIGNS = {10**6: "10⁶", 10**8: "10⁸", 10**9: "10⁹"}


def page(kept: Kept) -> str:
    """The page in Markdown."""
    return TEMPLATE.read_text("utf-8").format(**_tables(kept), **_figures(kept))


def _tables(kept: Kept) -> dict[str, str]:
    signs = tuple(_SIGNS.values())
    megabytes = ("MB predicted", "MB measured", "off by")
    return {
        "bytes_table": _table(("design", "bytes a vector", "of"), _bytes()),
        "memory_table": _table(("design", *signs), _memory()),
        "constants_table": _table(("design", "fixed, ms", "item, ns"), _constants(kept)),
        "query_table": _table(("design", *signs), _queries(kept)),
        "encoding_table": _table(("by", "images/s", *(f"{sign}, h" for sign in signs)), _encoding()),
        "ends_table": _table(("design", "by memory", "by time", "ends by"), _ends(kept)),
        "checks_table": _table(("design", "items", *megabytes, "ms predicted", "ms measured", "off by"), _checks(kept)),
        "verdict": _verdict(kept),
    }


def _figures(kept: Kept) -> dict[str, object]:
    compared = HNSW_COMPARED * 4 * DIM
    on_disk = NODE.room / 64  # items whose codes fill the memory
    return {
        "dim": DIM,
        "cores": NODE.cores,
        "memory": f"{NODE.memory / 1e9:.0f}",
        "part": f"{NODE.part:.0%}",
        "room": f"{NODE.room / 1e9:.0f}",
        "vector_bytes": f"{4 * DIM:,}",
        "cache": f"{CACHE / 1e6:.0f}",
        "bandwidth": f"{kept.bandwidth / 1e9:.1f}",
        "compared": f"{HNSW_COMPARED:,}",
        "compared_mb": f"{compared / 1e6:.1f}",
        "compared_ms": f"{1e3 * compared / kept.bandwidth:.1f}",
        "gpu_images": f"{GPU_IMAGES_S:,}",
        "patience": PATIENCE,
        "graph_nodes": _count(_nodes(GRAPH, 10**9)),
        "code_nodes": _count(_nodes("ivf-pq", 10**9)),
        "disk_bytes": f"{4 * DIM + GRAPH_BYTES:,}",
        "page_bytes": f"{PAGE_BYTES:,}",
        "pages_read": PAGES_READ,
        "page_ms": PAGE_MS,
        "disk_ms": f"{PAGES_READ * PAGE_MS:.0f}",
        "disk_items": _short(on_disk),
        "ssd_tb": f"{on_disk * PAGE_BYTES / 1e12:.1f}",
        "calibrated": ", ".join(f"{n:,}" for n in CALIBRATED),
        "checked": " and ".join(f"{n:,}" for n in CHECKED),
        "checked_dim": CHECKED_DIM,
        "conditions": "; ".join(str(kept.conditions).splitlines()),
    }


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _held(name: str) -> float:
    """Bytes of an item in memory; those of HNSW with the vector that it compares."""
    return design(name, DIM).item_bytes(DIM) + (4 * DIM if name == GRAPH else 0)


def _nodes(name: str, items: int) -> int:
    return NODE.needed(items * _held(name))


def _bytes() -> Iterable[Sequence[str]]:
    how = {
        EXACT: "4 · d",
        "float16": "2 · d",
        "int8": "d",
        "ivf-pq": "64 codes and a number of 8 bytes",
        GRAPH: "4 · d, and links: 4 · 16 · (2 + 1/15) + 12 = 144",
    }
    return ((_TITLES[name], f"{_held(name):,.0f}", how[name]) for name in _TITLES)


def _memory() -> Iterable[Sequence[str]]:
    for name, title in _TITLES.items():
        yield title, *(f"{n * _held(name) / 1e9:,.1f} GB, {_count(_nodes(name, n))}" for n in SIZES)


def _count(nodes: int) -> str:
    return f"{nodes} {'node' if nodes == 1 else 'nodes'}"


def _constants(kept: Kept) -> Iterable[Sequence[str]]:
    for name in SCANNED:
        cost = kept.cost(name, DIM)
        yield _TITLES[name], f"{cost.fixed:.3f}", f"{cost.item:.2f}"


def _queries(kept: Kept) -> Iterable[Sequence[str]]:
    for name in SCANNED:
        cells = []
        for n in SIZES:
            share = -(-n // _nodes(name, n))
            n_bytes = design(name, DIM).read_bytes(share, DIM)
            cells.append(f"{n_bytes / 1e9:,.2f} GB, {kept.ms(name, share, DIM):,.0f} ms")
        yield _TITLES[name], *cells


def _encoding() -> Iterable[Sequence[str]]:
    for title, speed in (("this machine's CPU", CPU_IMAGES_S), ("a GPU", GPU_IMAGES_S)):
        yield title, f"{speed:,}", *(f"{hours(n, speed):,.1f}" for n in SIZES)


def _ends(kept: Kept) -> Iterable[Sequence[str]]:
    for name, title in _TITLES.items():
        memory = NODE.room / _held(name)
        if name == GRAPH:
            yield title, _short(memory), "grows with log n", "memory"
            continue
        most = most_within(PATIENCE, kept.cost(name, DIM), design(name, DIM), DIM, kept.bandwidth, CACHE)
        yield title, _short(memory), _short(most), "memory" if memory < most else "time"


def _short(items: float) -> str:
    return f"{items / 1e6:,.1f} million"


def _checks(kept: Kept) -> Iterable[Sequence[str]]:
    for one in sorted(kept.checks, key=lambda one: list(_TITLES).index(one.design)):
        predicted = design(one.design, CHECKED_DIM).n_bytes(one.items, CHECKED_DIM)
        size = f"{predicted / 1e6:,.2f}", f"{one.n_bytes / 1e6:,.2f}", f"{off(predicted, one.n_bytes):+.1%}"
        time = ("", "", "")
        if one.ms is not None:
            taken = kept.ms(one.design, one.items, CHECKED_DIM)
            time = f"{taken:.2f}", f"{one.ms:.2f}", f"{off(taken, one.ms):+.0%}"
        yield _TITLES[one.design].removesuffix(" 64"), f"{one.items:,}", *size, *time


def off(predicted: float, measured: float) -> float:
    """How far a prediction is from what was measured, as a part of it."""
    return predicted / measured - 1


def missed(kept: Kept) -> list[Check]:
    """What was predicted more than a quarter wrong."""
    wrong = []
    for one in kept.checks:
        errors = [off(design(one.design, CHECKED_DIM).n_bytes(one.items, CHECKED_DIM), one.n_bytes)]
        if one.ms is not None:
            errors.append(off(kept.ms(one.design, one.items, CHECKED_DIM), one.ms))
        if max(map(abs, errors)) > 0.25:
            wrong.append(one)
    return wrong


def _verdict(kept: Kept) -> str:
    wrong = missed(kept)
    if not wrong:
        return "In this run all are within 25 %."
    named = ", ".join(f"{_TITLES[one.design].removesuffix(' 64')} at {one.items:,}" for one in wrong)
    return f"All others are within 25 %; **these are not: {named}**."


def write_page(kept: Kept, path: Path = PAGE) -> None:
    """Write it, in one step."""
    text = page(kept)
    write_atomically(path, lambda file: file.write(text.encode()))
