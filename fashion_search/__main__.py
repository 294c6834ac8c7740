"""The command line: ``python -m fashion_search build | fetch | search | evaluate | list``."""

import argparse
import dataclasses
import io
import json
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from fashion_search import __version__
from fashion_search.build import build
from fashion_search.catalog import Protocol, draw_split
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.fetch import DATASETS, fetch
from fashion_search.catalog.source import Options
from fashion_search.encoders import DEFAULT_METHODS, ENCODERS, Encoder, encoder_spec
from fashion_search.errors import FashionSearchError, ForeignVectorsError, ImageError, UnknownNameError, WeightsError
from fashion_search.evaluation.scores import (
    METRICS,
    PAPER,
    SEEDS,
    Scores,
    Spread,
    evaluate,
    evaluate_seeds,
    is_papers_data,
)
from fashion_search.home import home, user_path
from fashion_search.images import MAX_BYTES, open_image
from fashion_search.library import Hits, Library
from fashion_search.status import Progress
from fashion_search.store import Store, catalog_names, open_store


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 (failed; the reason is on stderr), 2 (usage)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console may lack a catalog's letters
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        result, text = options.run(options)
        if options.json:
            print(json.dumps(result, indent=1, allow_nan=False))
        else:
            print(text)
        return int(isinstance(result, dict) and not result.get("complete", True))
    except FashionSearchError as error:
        print(f"fashion_search: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "fashion_search: stopped. What was done so far is kept; the same command goes on from there.",
            file=sys.stderr,
        )
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m fashion_search", description="Image-to-image retrieval of fashion items."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable[..., tuple[Any, str]], about: str, example: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name,
            help=about,
            description=about,
            epilog=f"example:\n  python -m fashion_search {example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        added.set_defaults(run=run)
        added.add_argument("--json", action="store_true", help="print the result as JSON, for machines")
        return added

    built = command(
        "build",
        _build,
        "Build or bring up to date a catalog's libraries.",
        "build ~/Downloads/fashion-product-images-small.zip",
    )
    built.add_argument(
        "source",
        help="Kaggle's Fashion Product Images (folder or .zip), a folder with one sub-folder per group, a .csv "
        "with an image column, or the word demo",
    )
    _add_methods(built)
    built.add_argument("--name", help="the catalog's name in commands and links; by default from the path")
    built.add_argument("--group-by", nargs="+", metavar="COLUMN", help="columns whose values a style group shares")
    built.add_argument("--smallest", type=int, metavar="N", help="least images of a group (Kaggle: 4, else 2)")
    built.add_argument("--largest", type=int, metavar="N", help="most images of a group, 0 = no limit (Kaggle: 20)")
    built.add_argument("--image-column", metavar="COLUMN", help="of a .csv: the column with the pictures' paths")
    built.add_argument("--replace", action="store_true", help="replace a catalog of this name from another source")

    fetched = command(
        "fetch", _fetch, "Download Kaggle's data set (needs the package kagglehub).", "fetch --size small"
    )
    fetched.add_argument("--size", choices=list(DATASETS), default="small", help="small: 60 x 80 px; full: about 25 GB")

    found = command(
        "search",
        _search,
        "Rank a catalog's items by similarity to a picture or to one of them.",
        "search shoe.jpg -k 10",
    )
    found.add_argument("query", metavar="IMAGE|ITEM-ID", help="a picture's path, or the id of an item of the catalog")
    _add_catalog(found)
    _add_methods(found)
    found.add_argument("-k", type=_at_least(1), default=5, help="number of results (default: 5)")
    _add_protocol(found)

    judged = command(
        "evaluate",
        _evaluate,
        "Print Table 1 for a catalog: precision, recall and hit rate at k.",
        "evaluate --catalog demo",
    )
    _add_catalog(judged)
    _add_methods(judged)
    judged.add_argument("-k", type=_at_least(1), default=5, help="rank at which the metrics are taken (default: 5)")
    _add_protocol(judged, default=None)
    judged.add_argument(
        "--seeds",
        type=_at_least(2),
        metavar="N",
        help=f"one per group: mean and deviation over N splits (such as {SEEDS})",
    )

    command("list", _list, "List the catalogs that are built, and the methods.", "list --json")
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) >= least):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
        return int(text)

    return whole_number


def _protocol(text: str) -> Protocol:
    try:
        return Protocol(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither {' nor '.join(Protocol)}") from None


def _add_catalog(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--catalog", default=DEMO, metavar="NAME", help=f"a built catalog (default: {DEMO})")


def _add_methods(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--method",
        action="append",
        metavar="NAME",
        help=f"one of {', '.join(ENCODERS)}; may be given again (default: {' and '.join(DEFAULT_METHODS)})",
    )


def _add_protocol(parser: argparse.ArgumentParser, default: Protocol | None = Protocol.LEAVE_ONE_OUT) -> None:
    both = "default: both" if default is None else f"default: {default}"
    parser.add_argument("--protocol", type=_protocol, default=default, metavar="|".join(Protocol), help=both)
    parser.add_argument("--seed", type=_at_least(0), default=0, help="of the split under one-per-group (default: 0)")


def _methods(options: argparse.Namespace) -> list[str]:
    names = list(dict.fromkeys(options.method or DEFAULT_METHODS))
    for name in names:
        encoder_spec(name)
    return names


def _build(options: argparse.Namespace) -> tuple[Any, str]:
    summary = build(
        options.source,
        name=options.name,
        options=Options(
            tuple(options.group_by) if options.group_by else None,
            options.smallest,
            options.largest,
            options.image_column,
        ),
        methods=_methods(options),
        replace=options.replace,
        report=_ProgressBar(),
    )
    manifest = summary.manifest
    lines = [
        f"Catalog {summary.name}: {manifest.n_groups:,} style groups, {manifest.n_items:,} images "
        f"({manifest.n_items / manifest.n_groups:.2f} per group), grouped by {', '.join(manifest.columns)}.",
        f"{manifest.n_rows:,} rows read; left out:"
        if manifest.excluded_by_reason
        else f"{manifest.n_rows:,} rows read.",
        *(f"  {count:>7,}  {reason}" for reason, count in manifest.excluded_by_reason.items()),
        *(
            f"{name}: {summary.encoded.get(name, 0):,} images encoded; weights: {entry.fingerprint.weights_label}."
            for name, entry in manifest.libraries.items()
        ),
        *summary.notes,
        f"{summary.seconds:.1f} s; {summary.n_bytes / 1e6:.1f} MB in {summary.folder}",
    ]
    for method, reason in summary.problems.items():
        print(f"fashion_search: {method} was not built: {reason}", file=sys.stderr)
    result = {
        "catalog": summary.name,
        "folder": str(summary.folder),
        "rows": manifest.n_rows,
        "excluded": manifest.excluded_by_reason,
        "groups": manifest.n_groups,
        "images": manifest.n_items,
        "encoded": summary.encoded,
        "weights": {name: entry.fingerprint.weights_label for name, entry in manifest.libraries.items()},
        "complete": not summary.problems,
        "problems": summary.problems,
        "notes": summary.notes,
        "seconds": round(summary.seconds, 2),
        "bytes": summary.n_bytes,
    }
    return result, "\n".join(lines)


class _ProgressBar:
    """A bar with images/s and time left on stderr; imported and drawn only where there is something to wait for."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        if progress.waiting:
            print(progress.sentence, file=sys.stderr)
        if not progress.total:
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=progress.total, unit=" images", smoothing=0)
        self._bar.update(progress.done - self._bar.n)
        if progress.done == progress.total:
            self._bar.close()


def _fetch(options: argparse.Namespace) -> tuple[Any, str]:
    path = fetch(options.size)
    name = f"fashion-product-images-{options.size}"  # the folder is called by a version's number
    return {"path": str(path)}, f"Downloaded to {path}\nNow run: python -m fashion_search build {path} --name {name}"


def _search(options: argparse.Namespace) -> tuple[Any, str]:
    store = open_store(options.catalog)
    catalog = store.catalog
    split = draw_split(catalog, options.protocol, options.seed)
    is_item = options.query in catalog
    row = catalog.row(options.query) if is_item else -1
    image = None if is_item else _open_query(options.query, store)
    if is_item and row not in split.queries:
        raise UnknownNameError(
            f"Item {options.query} is not a query of {split.label}, but part of the gallery. "
            "Use --protocol leave-one-out."
        )
    group = catalog.groups[catalog.group_of[row]] if is_item else None
    results = {}
    problems: dict[str, str] = {}
    lines = []
    for method in _methods(options):
        try:
            library = store.library(method)
            encoder = None if image is None else _matching_encoder(library, store)
            started = time.perf_counter()
            if image is None or encoder is None:
                hits = library.search(split.queries[split.queries == row], options.k, split.gallery)
            else:
                hits = library.search_image(encoder, image, options.k, split.gallery)
            milliseconds = 1000 * (time.perf_counter() - started)
        except FashionSearchError as error:
            problems[method] = str(error)
            continue
        found = _found(store, hits, group.labels if group else None)
        results[method] = {
            "weights": library.fingerprint.weights_label,
            "milliseconds": round(milliseconds, 2),
            "hits": found,
        }
        lines += [f"{encoder_spec(method).title}, weights: {library.fingerprint.weights_label}, {milliseconds:.1f} ms"]
        for hit in found:
            mark = "" if hit["correct"] is None else "correct  " if hit["correct"] else "incorrect"
            lines.append(f"{hit['rank']:>4}  {hit['score']:.4f}  {mark}  {hit['id']:<12}  {hit['group']}")
    if not results:
        raise FashionSearchError("; ".join(problems.values()))
    for method, reason in problems.items():
        print(f"fashion_search: {method} was not searched: {reason}", file=sys.stderr)
    head = {
        "complete": not (problems and options.method),  # a method that was not asked for by name may be left out
        "problems": problems,
        "catalog": store.name,
        "query": options.query,
        "group": group.id if group else None,
        "protocol": str(options.protocol),
        "seed": options.seed,
        "methods": results,
    }
    title = f"{options.query}: {group.title}" if group else options.query
    return head, "\n".join([f"{title} in {catalog.title}, {split.label}", *lines])


def _matching_encoder(library: Library, store: Store) -> Encoder:
    """The encoder that made a library; foreign weights are refused before the network is loaded."""
    spec = encoder_spec(library.method)
    encoder = None
    try:
        at_hand = spec.fingerprint()
    except WeightsError as error:
        if not error.can_download:
            raise
        encoder = spec.load()
        at_hand = encoder.fingerprint
    if not at_hand.matches(library.fingerprint):
        raise ForeignVectorsError(
            f"The library was made with {library.fingerprint.weights_label}, at hand is {at_hand.weights_label}. Build "
            f"it again: {store.manifest.rebuild(library.method).command}"
        )
    return encoder or spec.load()


def _open_query(path: str, store: Store) -> Any:
    try:
        with user_path(path).open("rb") as file:
            return open_image(file.read(MAX_BYTES + 1))  # one more than is allowed is refused there
    except OSError as error:
        raise UnknownNameError(
            f"{path!r} is neither an item of “{store.manifest.title}” nor a file that can be read ({error.strerror})."
        ) from error
    except ImageError as error:
        raise ImageError(f"{path}: {error}") from error


def _found(store: Store, hits: Hits, labels: tuple[str, ...] | None) -> list[dict[str, Any]]:
    catalog = store.catalog
    found = []
    for rank, (row, score) in enumerate(zip(hits.rows[0], hits.scores[0], strict=True), start=1):
        if row < 0:
            break
        item = catalog.items[row]
        found.append(
            {
                "rank": rank,
                "id": item.id,
                "score": round(float(score), 6),
                "group": catalog.groups[catalog.group_of[row]].id,
                "name": item.name,
                "correct": None if labels is None else item.labels == labels,
            }
        )
    return found


def _evaluate(options: argparse.Namespace) -> tuple[Any, str]:
    store = open_store(options.catalog)
    protocols = [options.protocol] if options.protocol else list(Protocol)
    rows = []
    lines = [f"{store.manifest.title}: {store.manifest.n_groups:,} style groups, {store.manifest.n_items:,} images"]
    for protocol in protocols:
        split = draw_split(store.catalog, protocol, options.seed)
        averaged = protocol is Protocol.ONE_PER_GROUP and options.seeds
        gallery = int(split.gallery.sum()) - (protocol is Protocol.LEAVE_ONE_OUT)  # a query is not in its own
        title = f"{protocol.label}, mean and deviation of {options.seeds} splits" if averaged else split.label
        header = "".join(f"{f'{metric}@{options.k}':>18}" for metric in METRICS)
        lines += ["", f"{title}: {len(split.queries):,} queries, {gallery:,} in the gallery"]
        lines += [f"{'':<16}{header}"]
        for method in _methods(options):
            library = store.library(method)
            result: Scores | Spread
            if averaged:
                result = evaluate_seeds(library, options.k, range(options.seeds))
            else:
                result = evaluate(library, split, options.k)
            rows.append(
                {
                    "protocol": str(protocol),
                    "seed": None if averaged or protocol is Protocol.LEAVE_ONE_OUT else options.seed,
                    "method": method,
                    "weights": library.fingerprint.weights_label,
                    **dataclasses.asdict(result),
                }
            )
            lines.append(
                f"{encoder_spec(method).title:<16}"
                + _figures(result)
                + f"   weights: {library.fingerprint.weights_label}"
            )
    manifest = store.manifest
    if options.k == 5 and is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items):
        lines += ["", "The paper's Table 1 (it used the full-size images and torchvision's weights):"]
        lines += [f"{encoder_spec(method).title:<16}{_figures(scores)}" for method, scores in PAPER.items()]
    return {"catalog": store.name, "scores": rows}, "\n".join(lines)


def _figures(result: Scores | Spread) -> str:
    if isinstance(result, Scores):
        return "".join(f"{getattr(result, metric):>18.4f}" for metric in METRICS)
    pairs = [(getattr(result.mean, metric), getattr(result.deviation, metric)) for metric in METRICS]
    return "".join(f"{f'{mean:.4f} ± {deviation:.4f}':>18}" for mean, deviation in pairs)


def _list(options: argparse.Namespace) -> tuple[Any, str]:
    catalogs: list[dict[str, Any]] = []
    lines = ["Catalogs:"]
    for name in catalog_names():
        try:
            store = open_store(name)
        except FashionSearchError as error:
            catalogs.append({"name": name, "error": str(error)})
            lines.append(f"  {name:<28} {error}")
            continue
        manifest = store.manifest
        weights = {method: fingerprint.weights_label for method, fingerprint in store.methods.items()}
        catalogs.append(
            {
                "name": name,
                "title": manifest.title,
                "groups": manifest.n_groups,
                "images": manifest.n_items,
                "methods": weights,
            }
        )
        lines.append(f"  {name:<28} {manifest.n_groups:,} groups, {manifest.n_items:,} images; {', '.join(weights)}")
    methods: list[dict[str, Any]] = []
    lines += ["Methods:"]
    for spec in ENCODERS.values():
        try:
            ready, weights_label = True, spec.fingerprint().weights_label
        except FashionSearchError as error:
            ready, weights_label = False, str(error)
        methods.append({"name": spec.name, "title": spec.title, "ready": ready, "weights": weights_label})
        lines.append(f"  {spec.name:<28} {spec.summary} Weights: {weights_label}")
    lines += [f"Built catalogs are in {home()}"]
    return {"home": str(home()), "catalogs": catalogs, "methods": methods}, "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
