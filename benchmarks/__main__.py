"""``python -m benchmarks [NAME …]``: start, interaction, search, crowd, evaluation, pages, build,
memory, upload, upload-memory, training, encoding, in-shop, index, index-million.

Each figure is the median of pairs: baseline and program take turns, so that what else the machine does
meets both. With ``../shared`` all but the start are measured on the real data, else on the demo
catalog.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import crowd as sessions
from benchmarks import evaluating, indexing, learning, processes, street, uploading
from benchmarks.browser import PAGES, ROOT, SETTLED, BareRerun, Server, browser

REAL_DATA = ROOT / "../shared/data/fashion-product-images-small.zip"
SOURCE = "demo" if not REAL_DATA.exists() else str(REAL_DATA.resolve())
CATALOG = "demo" if SOURCE == "demo" else "fashion-product-images-small"
PICTURE = ".fs-picture img"


def pairs(baseline: Callable[[], float], ours: Callable[[], float], n: int) -> dict[str, float]:
    """Median seconds of both, in turns, and the median of the pairwise ratios."""
    times = [(baseline(), ours()) for _ in range(n)]
    return {
        "baseline_s": round(statistics.median(first for first, _ in times), 4),
        "ours_s": round(statistics.median(second for _, second in times), 4),
        "ratio": round(statistics.median(second / first for first, second in times), 3),
        "pairs": n,
    }


def start(home: Path, n: int) -> dict[str, Any]:
    """From the command to the first result on screen, against an empty Streamlit page."""
    with browser() as chromium:

        def load(page: Path, selector: str) -> float:
            with Server(page, home) as server:
                server.wait()
                tab = chromium.new_page()
                tab.goto(server.url)
                tab.wait_for_selector(selector)
                tab.locator(selector).first.evaluate("element => element.decode?.()")  # a picture is on screen
                seconds = time.perf_counter() - server.started
                tab.close()
            return seconds

        empty = partial(load, PAGES / "empty.py", "text=ready")
        app = partial(load, ROOT / "app.py", "[class*=st-key-results-] " + PICTURE)
        result = pairs(empty, app, n)
        result["torch_at_once_ratio"] = pairs(empty, partial(load, PAGES / "torch_at_once.py", "text=ready"), 3)[
            "ratio"
        ]
    return result


def interaction(home: Path, n: int) -> dict[str, Any]:
    """From a click to three methods' rows drawn (one per group), plain and re-ranked, against a bare rerun."""
    reranked = ",".join(f"{method}~balanced" for method in ("fashion", "resnet18", "histogram"))
    return {
        "plain": _interaction(home, n, ""),
        "reranked": _interaction(home, n, f"&methods={reranked}"),
    }


def _interaction(home: Path, n: int, methods: str) -> dict[str, Any]:
    with browser() as chromium, Server(PAGES / "rerun.py", home) as bare, Server(ROOT / "app.py", home) as app:
        bare.wait()
        app.wait()
        click_bare, app_tab = BareRerun(chromium.new_page(), bare.url), chromium.new_page()
        app_tab.goto(f"{app.url}/?catalog={CATALOG}&protocol=one-per-group{methods}")
        app_tab.wait_for_selector("[class*=st-key-results-resnet18] " + PICTURE)
        app_tab.wait_for_selector(SETTLED)

        def click_random() -> float:
            before = app_tab.locator(".st-key-query .fs-note").inner_text()
            started = time.perf_counter()
            app_tab.locator(".st-key-random button:visible").click()
            app_tab.wait_for_function(
                "before => document.querySelector('.st-key-query .fs-note')?.innerText !== before", arg=before
            )
            app_tab.wait_for_selector(SETTLED)
            return time.perf_counter() - started

        for _ in range(3):
            click_bare(), click_random()
        return pairs(click_bare, click_random, n)


def search(home: Path, n: int) -> dict[str, Any]:
    """One catalog query over the whole gallery, each method; milliseconds, and against the bare product."""
    import numpy as np

    from fashion_search.catalog import Protocol, draw_split
    from fashion_search.store import open_store

    store = open_store(CATALOG)
    split = draw_split(store.catalog, Protocol.ONE_PER_GROUP)
    result: dict[str, Any] = {"gallery": int(split.gallery.sum())}
    for method in store.methods:
        library = store.library(method)
        vectors = np.asarray(library.vectors)

        def product(row: int = int(split.queries[0]), vectors: Any = vectors) -> float:
            started = time.perf_counter()
            np.argsort(-(vectors @ vectors[row]))
            return time.perf_counter() - started

        def ours(library: Any = library) -> float:
            started = time.perf_counter()
            library.search(split.queries[:1], len(store.catalog.items), split.gallery)
            return time.perf_counter() - started

        result[method] = pairs(product, ours, 20 * n)
    return result


def reranking(home: Path, n: int) -> dict[str, Any]:
    """One catalog query under each order, against those by similarity."""
    import numpy as np

    from fashion_search.encoders import ORDERS, reranked
    from fashion_search.search import Query, nearest
    from fashion_search.store import open_store

    store = open_store(CATALOG)
    gallery = np.ones(len(store.catalog.items), dtype=bool)
    query = Query.of_item(store.catalog, 0)

    def searched(method: str) -> Any:
        library = store.library(method)
        nearest(query, library, gallery)

        def search() -> float:
            started = time.perf_counter()
            nearest(query, library, gallery)
            return time.perf_counter() - started

        return search

    return {
        reranked(method, order): pairs(searched(method), searched(reranked(method, order)), 20 * n)
        for method in store.methods
        for order in ORDERS
    }


def build(home: Path, n: int) -> dict[str, Any]:
    """A whole build with ResNet-18, from files to a verified library, against the plain loop over ready tensors."""
    import numpy as np
    import torch
    from torchvision.models import resnet18

    from fashion_search.build.run import build as build_catalog
    from fashion_search.catalog.request import Request
    from fashion_search.catalog.sources import open_source
    from fashion_search.encoders import ENCODERS
    from fashion_search.encoders.architecture import DEVIATION, MEAN, PRETRAINED
    from fashion_search.images import open_image

    images = 640
    source = open_source(SOURCE)
    catalog, _ = source.catalog("bench", "bench")
    items = catalog.items[:images]
    encoder: Any = ENCODERS["resnet18"].load()
    plain = resnet18()
    plain.load_state_dict(PRETRAINED["resnet18"].load()[0])
    plain.fc = torch.nn.Identity()
    plain.eval()
    originals = [source.tree.read_image(item.image) for item in items]
    pixels = np.stack([encoder.prepare(open_image(data)) for data in originals])
    tensors = torch.from_numpy(pixels).permute(0, 3, 1, 2).contiguous().float().div_(255)
    tensors = (tensors - torch.tensor(MEAN).view(1, 3, 1, 1)) / torch.tensor(DEVIATION).view(1, 3, 1, 1)
    vectors: list[Any] = []

    def loop() -> float:
        started = time.perf_counter()
        with torch.inference_mode():
            vectors[:] = [plain(batch) for batch in tensors.split(32)]  # type: ignore[no-untyped-call]
        return time.perf_counter() - started

    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder, "pictures", "group")
        pictures.mkdir(parents=True)
        for number, data in enumerate(originals):
            (pictures / f"{number}.jpg").write_bytes(data)
        request = Request(str(pictures.parent), "pictures", ("resnet18",), quick=True)
        targets = iter(range(n))

        def ours() -> float:
            """All of a build: reading, thumbnails, encoding, writing, verifying."""
            started = time.perf_counter()
            build_catalog(request, folder=Path(folder, f"built-{next(targets)}"))
            return time.perf_counter() - started

        result = pairs(loop, ours, n)
    result["speed_ratio"] = round(1 / result.pop("ratio"), 3)
    result["images"] = len(items)
    result["images_per_s"] = round(len(items) / result["ours_s"], 1)
    unit = torch.nn.functional.normalize(torch.cat(vectors)).numpy()
    result["least_cosine_with_plain_loop"] = round(float((unit * encoder.embed(pixels)).sum(axis=1).min()), 6)
    return result


def memory(home: Path, n: int) -> dict[str, Any]:
    """Peak resident memory of a whole build and of the running app, MB."""
    code = (
        "import sys, time; from fashion_search.build.run import build; t = time.perf_counter();"
        "from fashion_search.catalog.request import Request; from fashion_search.encoders import DEFAULT_METHODS;"
        "s = build(Request(sys.argv[1], 'bench', DEFAULT_METHODS, quick=True));"
        "print(s.manifest.n_items, round(time.perf_counter() - t, 1))"
    )
    with tempfile.TemporaryDirectory() as folder:
        (images, seconds), peak = processes.run(code, SOURCE, home=Path(folder))
    with browser() as chromium, Server(ROOT / "app.py", home) as app:
        app.wait()
        tab = chromium.new_page()
        tab.goto(f"{app.url}/?catalog={CATALOG}")
        tab.wait_for_selector("[class*=st-key-results-resnet18] " + PICTURE)
        shown = app.memory()[1]
    with browser() as chromium, Server(PAGES / "empty.py", home) as empty:
        empty.wait()
        tab = chromium.new_page()
        tab.goto(empty.url)
        tab.wait_for_selector("text=ready")
        baseline = empty.memory()[1]
    return {
        "build_images": int(images),
        "build_peak_mb": round(peak / 2**20),
        "build_s": float(seconds),
        "app_peak_mb": round(shown / 2**20),
        "empty_page_peak_mb": round(baseline / 2**20),
    }


def pages(home: Path, n: int) -> dict[str, Any]:
    """The Metrics, Methods and Failures pages with the stored evaluation, against a bare Streamlit rerun."""
    return evaluating.pages(home, n, CATALOG, pairs)


def evaluation(home: Path, n: int) -> dict[str, Any]:
    """Ranking every query of a catalog, against the matrix products alone."""
    return evaluating.evaluation(home, n, CATALOG, pairs)


def upload(home: Path, n: int) -> dict[str, Any]:
    """From a dropped photo to drawn results, against a bare Streamlit rerun."""
    return uploading.upload(home, n, CATALOG, pairs)


def upload_memory(home: Path, n: int) -> dict[str, Any]:
    """What 50 uploads of 48 megapixels do to the app's memory, against ten of them."""
    return uploading.upload_memory(home, CATALOG)


def crowd(home: Path, n: int) -> dict[str, Any]:
    """Many sessions that search at once, with one BLAS thread per search against all."""
    return sessions.crowd(n, CATALOG, pairs)


def training(home: Path, n: int) -> dict[str, Any]:
    """Training images/s against a plain PyTorch loop, memory, and what the shipped encoder took."""
    return learning.training(home, n, SOURCE, pairs)


def encoding(home: Path, n: int) -> dict[str, Any]:
    """Images/s of the shipped encoder against ResNet-18's."""
    return learning.encoding(n, SOURCE, pairs)


def in_shop(home: Path, n: int) -> dict[str, Any]:
    """A query set of In-Shop's size, against its matrix products alone."""
    return street.in_shop(home, n, pairs)


def index(home: Path, n: int) -> dict[str, Any]:
    """A search under HNSW against one that compares every item, on vectors of 128 numbers in clusters."""
    return indexing.hnsw(n, 50_000, pairs)


def index_million(home: Path, n: int) -> dict[str, Any]:
    """The same for as many vectors as an index is for; building it takes a quarter of an hour."""
    return indexing.hnsw(n, 1_000_000, pairs)


BENCHMARKS = {
    "start": start,
    "interaction": interaction,
    "search": search,
    "reranking": reranking,
    "crowd": crowd,
    "evaluation": evaluation,
    "pages": pages,
    "build": build,
    "memory": memory,
    "upload": upload,
    "upload-memory": upload_memory,
    "training": training,
    "encoding": encoding,
    "in-shop": in_shop,
    "index": index,
    "index-million": index_million,
}
LONG = ("index-million",)
"""Run where they are named."""


def main() -> None:
    """Run the benchmarks that were named, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; by default all but {', '.join(LONG)}"
    )
    parser.add_argument("-n", type=int, default=5, help="pairs per figure (default: 5)")
    parser.add_argument("--home", type=Path, help="built catalogs to measure on; by default they are built first")
    options = parser.parse_args()
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    names = options.names or [name for name in BENCHMARKS if name not in LONG]
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}; source: {CATALOG}")
    with tempfile.TemporaryDirectory() as folder:
        home = options.home or Path(folder)
        os.environ["FASHION_SEARCH_HOME"] = str(home)
        needs_catalog = {
            "interaction",
            "search",
            "reranking",
            "crowd",
            "evaluation",
            "pages",
            "memory",
            "upload",
            "upload-memory",
        } & set(names)
        if CATALOG != "demo" and needs_catalog and options.home is None:
            subprocess.run([sys.executable, "-m", "fashion_search", "build", SOURCE], cwd=ROOT, check=True)
        for name in names:
            print(f"{name}: {json.dumps(BENCHMARKS[name](home, options.n))}", flush=True)


if __name__ == "__main__":
    main()
