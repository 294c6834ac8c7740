"""Build the demo's libraries into ``assets``: ``FASHION_SEARCH_WEIGHTS=… python -m tools.ship_demo``."""

from fashion_search.build.run import build
from fashion_search.build.status import clear_traces
from fashion_search.catalog.demo import DEMO, DEMO_PHOTOS, DEMO_STORE
from fashion_search.catalog.request import Request
from fashion_search.costs import measure
from fashion_search.encoders import DEMO_METHODS
from fashion_search.evaluation import projection, robustness
from fashion_search.store import QUERIES, open_store


def main() -> None:
    """Build in place; only what the manifest names is left in the folder."""
    summary = build(Request(DEMO, DEMO, DEMO_METHODS, quick=True), folder=DEMO_STORE)
    for method, reason in summary.problems.items():
        raise SystemExit(f"{method}: {reason}")
    clear_traces(DEMO_STORE)
    photos = DEMO_STORE / QUERIES / "photos"
    asked = Request(DEMO_PHOTOS, photos.name, DEMO_METHODS, quick=True, queries_of=DEMO)
    for method, reason in build(asked, folder=photos).problems.items():
        raise SystemExit(f"{photos.name}, {method}: {reason}")
    clear_traces(photos)
    store = open_store(DEMO)
    folder = DEMO_STORE / "evaluations"
    for method in store.methods:
        library = store.library(method)
        for kind in projection.KINDS:
            if projection.find([folder], library, kind) is None:
                projection.make(folder, library, kind)
    measure(store, folder=DEMO_STORE)
    for method, reason in robustness.measure(store, tuple(store.methods), folder).items():
        raise SystemExit(f"{method}: {reason}")
    for method, entry in summary.manifest.libraries.items():
        print(f"{method}: {entry.fingerprint.weights_label}")


if __name__ == "__main__":
    main()
