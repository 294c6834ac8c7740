"""``python -m benchmarks.growth [--to ITEMS]``: 10³ to 10⁶ vectors against milliseconds a query and bytes.

Each point is kept in ``growth.json`` once it is measured, so a run that was stopped goes on where it was. Building HNSW
of a million takes a quarter of an hour.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.browser import ROOT, browser
from benchmarks.indexing import DIM, clustered, query_rows, recall
from benchmarks.measured import KeptFiguresError
from benchmarks.measuring import timed
from benchmarks.searching import K, library_of
from fashion_search.files import write_atomically

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as Chart

FILE = ROOT / "benchmarks/growth.json"
PICTURE = ROOT / "benchmarks/growth.png"
SIZES = (1_000, 10_000, 100_000, 1_000_000)
EXACT = "exact"
EXPLANATION = (
    f"One search for ten items, all of it, among made-up unit vectors of {DIM} numbers in clusters; the median of 30. "
    "Bytes are those of what is searched: the vectors of *exact*, an index's own of the others, which compare what "
    "they list by the vectors besides. The KD-tree ends at 100,000.\n\n![Growth](growth.png)"
)
_SEARCHES = 30
_LARGEST = {"kd-tree": 100_000}


@dataclass(frozen=True)
class Point:
    """What searching so many items took: ms of a query, bytes in all, and the recall of the first ten."""

    index: str
    items: int
    milliseconds: float
    n_bytes: int
    recall: float
    built_s: float


def read(path: Path = FILE) -> tuple[Point, ...]:
    """The points that were measured; none where there is no file.

    Raises:
        KeptFiguresError: it is something else.
    """
    if not path.exists():
        return ()
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Point, ...])
    except msgspec.DecodeError as error:
        raise KeptFiguresError(f"{path} holds no points ({error}). Remove it and measure again.") from error


def write(points: Sequence[Point], path: Path = FILE) -> None:
    """Keep points, in one step."""
    text = json.dumps([asdict(point) for point in points], indent=1) + "\n"
    write_atomically(path, lambda file: file.write(text.encode()))


def grow(most: int, path: Path = FILE) -> tuple[Point, ...]:
    """Measure the points up to so many items that are not kept yet."""
    from fashion_search.encoders import INDEXES

    points = read(path)
    names = [EXACT, *(name for name, index in INDEXES.items() if not index.is_elsewhere)]
    for items in (size for size in SIZES if size <= most):
        known = {(point.index, point.items) for point in points}
        missing = [one for one in names if (one, items) not in known and items <= _LARGEST.get(one, items)]
        if not missing:
            continue
        exact = library_of(clustered(items))
        for name in missing:
            points = (*points, measured(name, exact))
            write(points, path)
            print(points[-1], flush=True)
    return points


def measured(name: str, exact: Any) -> Point:
    """One point: an index built of these vectors, or the vectors themselves."""
    from fashion_search.encoders import INDEXES
    from fashion_search.index import built

    items = len(exact.vectors)
    made = [exact]
    seconds = 0.0 if name == EXACT else timed(lambda: made.append(built(exact, INDEXES[name])))
    library = made[-1]
    n_bytes = exact.vectors.nbytes if name == EXACT else library.engine.n_bytes
    found = 1.0 if name == EXACT else recall(exact, library)
    taken = 1000 * statistics.median(search_times(library))
    return Point(name, items, round(taken, 3), int(n_bytes), round(found, 4), round(seconds, 1))


def search_times(library: Any) -> list[float]:
    """Seconds of each of 30 searches for ten items among all of a library, once it is warm."""
    import numpy as np

    items = len(library.vectors)
    everything = np.ones(items, dtype=bool)
    rows = query_rows(items)[: _SEARCHES + 2]
    times = [timed(lambda row=row: library.search(np.array([row]), K, everything)) for row in rows]  # type: ignore[misc]
    return times[2:]  # the first two warm up


def markdown(points: Sequence[Point]) -> str:
    """The points as a table."""
    lines = ["| index | items | ms a query | MB | recall@10 | built in s |", "|---|---|---|---|---|---|"]
    for point in sorted(points, key=lambda point: (names_of(points).index(point.index), point.items)):
        cells = (point.index, f"{point.items:,}", f"{point.milliseconds:,.2f}", f"{point.n_bytes / 1e6:,.1f}")
        lines.append(f"| {' | '.join(cells)} | {point.recall:.3f} | {point.built_s:,.1f} |")
    return "\n".join(lines)


def names_of(points: Sequence[Point]) -> list[str]:
    """The indexes, in the order in which they first appear."""
    return list(dict.fromkeys(point.index for point in points))


def chart(points: Sequence[Point]) -> "Chart":
    """Milliseconds and bytes side by side, both axes logarithmic, a line and a sign an index."""
    from plotly.subplots import make_subplots

    from fashion_search.charts.style import DASHES, GRID, SIGNS, lay_out
    from fashion_search.charts.training import PALETTE

    drawn = make_subplots(1, 2, subplot_titles=("ms a query", "MB"))
    for place, name in enumerate(names_of(points)):
        own = sorted((point for point in points if point.index == name), key=lambda point: point.items)
        look = {
            "mode": "lines+markers",
            "line": {"color": PALETTE[place % len(PALETTE)], "dash": DASHES[place % len(DASHES)]},
            "marker": {"symbol": SIGNS[place % len(SIGNS)], "size": 9},
            "name": name,
            "legendgroup": name,
        }
        xs = [point.items for point in own]
        drawn.add_scatter(x=xs, y=[point.milliseconds for point in own], row=1, col=1, **look)
        drawn.add_scatter(x=xs, y=[point.n_bytes / 1e6 for point in own], row=1, col=2, showlegend=False, **look)
    lay_out(drawn, 420)
    drawn.update_layout(
        width=960, paper_bgcolor="white", plot_bgcolor="white", margin_t=40, legend={"y": -0.18, "yanchor": "top"}
    )
    drawn.update_xaxes(type="log", dtick=1, gridcolor=GRID, title="items", tickformat=",")
    drawn.update_yaxes(type="log", dtick=1, gridcolor=GRID)
    return drawn


def draw(points: Sequence[Point], path: Path = PICTURE) -> None:
    """The chart as a picture, drawn by Chromium."""
    with browser() as chromium:
        tab = chromium.new_page(viewport={"width": 980, "height": 440})
        tab.set_content(chart(points).to_html(include_plotlyjs=True))
        picture = tab.locator(".js-plotly-plot").screenshot()
    write_atomically(path, lambda file: file.write(picture))


def main() -> None:
    """Measure what is missing, draw it and write the page."""
    from benchmarks.results import write_page

    lines = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__.partition(": ")[2])
    lines.add_argument("--to", type=int, default=SIZES[-1], metavar="ITEMS", help="the most items (default: 10⁶)")
    draw(grow(lines.parse_args().to))
    write_page()


if __name__ == "__main__":
    main()
