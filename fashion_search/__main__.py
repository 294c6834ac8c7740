"""The command line: ``python -m fashion_search build | fetch | search | evaluate | report | train | list``."""

import argparse
import io
import json
import math
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from fashion_search import __version__
from fashion_search.build import build
from fashion_search.catalog import Protocol, Split, draw_split
from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.fetch import DATASETS, fetch
from fashion_search.catalog.source import Options
from fashion_search.encoders import DEFAULT_METHODS, ENCODERS, Encoder, encoder_spec
from fashion_search.encoders.trained import found as trained_encoders
from fashion_search.errors import (
    FashionSearchError,
    ForeignVectorsError,
    ImageError,
    RecipeError,
    UnknownNameError,
    WeightsError,
)
from fashion_search.evaluation import projection, robustness, saved, seen
from fashion_search.evaluation.measures import MEASURES
from fashion_search.evaluation.rankings import DEPTH, Rankings, rank
from fashion_search.evaluation.report import write_report
from fashion_search.evaluation.robustness import QUERIES
from fashion_search.evaluation.scores import PAPER, PAPER_K, SEEDS, figures, grouped, is_papers_data, seed_scores
from fashion_search.evaluation.statistics import compare
from fashion_search.evaluation.verdicts import NO_VERDICTS, Applied, apply, open_verdicts
from fashion_search.evaluation.words import number, rounded, sentence
from fashion_search.home import home, user_path
from fashion_search.images import MAX_BYTES, open_image
from fashion_search.library import Hits, Library
from fashion_search.status import Progress
from fashion_search.store import Store, catalog_names, open_store
from fashion_search.training.recipe import open_recipe, recipe_names
from fashion_search.training.run import Run
from fashion_search.training.runner import PRECISIONS, Listener, Plan, run_name, train

_MOST_K = 1000  # of evaluate: memory grows with queries times k


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
    built.add_argument(
        "--quick", action="store_true", help="leave evaluation and maps to the pages, which make them when first asked"
    )
    built.add_argument(
        "--robustness",
        action="store_true",
        help=f"also measure every method with {QUERIES:,} altered queries: cut off, turned, on another ground …",
    )
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
        "Print Table 1 for a catalog: every measure at k with its interval, chance and ceiling.",
        "evaluate --catalog demo",
    )
    _add_catalog(judged)
    _add_methods(judged, "all that are built")
    judged.add_argument("-k", type=_at_least(1, _MOST_K), default=5, help="rank at which they are taken (default: 5)")
    _add_protocol(judged, default=None)
    judged.add_argument(
        "--seeds",
        type=_at_least(2),
        metavar="N",
        help=f"one per group: mean and deviation over N splits (such as {SEEDS})",
    )
    _add_verdicts(judged)

    reported = command(
        "report",
        _report,
        "Write an evaluation as one HTML file that opens offline and prints.",
        "report --catalog demo --out report.html",
    )
    _add_catalog(reported)
    _add_methods(reported, "all that are built")
    reported.add_argument("-k", type=_at_least(1, DEPTH), default=5, help=f"results looked at, to {DEPTH} (default: 5)")
    _add_protocol(reported)
    _add_verdicts(reported)
    reported.add_argument("--out", metavar="FILE", help="where to write it (default: CATALOG-report.html, here)")

    trained = command(
        "train",
        _train,
        "Train an encoder on what a catalog leaves out, so that no evaluated style group is seen. The same command "
        "goes on where a run was stopped.",
        "train kaggle-small --recipe fashion",
    )
    trained.add_argument("catalog", help="a built catalog; its source is what is trained on")
    trained.add_argument(
        "--recipe", default="fashion", help=f"one of {', '.join(recipe_names())}, or a .toml file (default: fashion)"
    )
    trained.add_argument("--name", help="of the run and its method; by default from recipe and catalog")
    trained.add_argument("--seed", type=_at_least(0), default=0, help="of weights, order and validation groups")
    trained.add_argument("--epochs", type=_at_least(1), metavar="N", help="instead of the recipe's")
    trained.add_argument("--limit", type=_at_least(1), default=0, metavar="N", help="most pictures to train on")
    trained.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="another value for a field of the recipe"
    )
    trained.add_argument("--precision", choices=PRECISIONS, default=PRECISIONS[0], help="half is bfloat16")
    trained.add_argument("--threads", type=_at_least(1), default=0, metavar="N", help="default: all processors")
    trained.add_argument("--restart", action="store_true", help="begin a run of this name anew")
    trained.add_argument(
        "--no-final", action="store_true", help="do not look at the evaluated groups: for choices between recipes"
    )

    command("list", _list, "List the catalogs that are built, and the methods.", "list --json")
    return parser


def _at_least(least: int, most: int = 10**9) -> Callable[[str], int]:
    def whole_number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            upper = "" if most == 10**9 else f" and at most {most}"
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}{upper}")
        return int(text)

    return whole_number


def _protocol(text: str) -> Protocol:
    try:
        return Protocol(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is neither {' nor '.join(Protocol)}") from None


def _add_catalog(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--catalog", default=DEMO, metavar="NAME", help=f"a built catalog (default: {DEMO})")


def _add_verdicts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--verdicts", action="store_true", help="with what people said of results on the pages")


def _add_methods(parser: argparse.ArgumentParser, default: str = ", ".join(DEFAULT_METHODS)) -> None:
    parser.add_argument(
        "--method",
        action="append",
        metavar="NAME",
        help=f"one of {', '.join(ENCODERS)}; may be given again (default: {default})",
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


def _methods_of(options: argparse.Namespace, store: Store) -> list[str]:
    """Those asked for, else all that the catalog has."""
    return _methods(options) if options.method else list(store.methods)


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
        robustness=options.robustness,
        then=lambda summary, report: _evaluate_built(summary.name, options, report),
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
        *(
            f"{spec.name}: made of {' and '.join(spec.parts)}; nothing is encoded for it."
            for spec in map(encoder_spec, _methods(options))
            if spec.combines and manifest.libraries.keys() >= set(spec.parts)
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


def _evaluate_built(name: str, options: argparse.Namespace, report: Callable[[Progress], None]) -> dict[str, str]:
    """What belongs to a build once its libraries are there; returns what could not be done, and why, by method."""
    store = open_store(name)
    if not options.quick:
        _evaluate_all(store)
    if not options.robustness:
        return {}
    print("Measuring robustness", file=sys.stderr)
    return robustness.measure(store, list(store.methods), report=report)


def _evaluate_all(store: Store) -> None:
    """Evaluate and project every method now, so that the pages only read."""
    folder = saved.folder_of(store.name)
    for method in store.methods:
        print(f"Evaluating {encoder_spec(method).title}", file=sys.stderr)
        library = store.library(method)
        for protocol in Protocol:
            saved.rankings(folder, library, draw_split(store.catalog, protocol))
        saved.spread(folder, library)
        for kind in projection.KINDS:
            if projection.find((folder, *saved.shipped_with(store.name)), library, kind) is None:
                projection.make(folder, library, kind)


def _train(options: argparse.Namespace) -> tuple[Any, str]:
    settings = dict(_setting(text) for text in options.set)
    if options.epochs:
        settings["optimisation.epochs"] = str(options.epochs)
    recipe = open_recipe(options.recipe).with_settings(settings)
    plan = Plan(
        catalog=options.catalog,
        recipe=recipe,
        name=run_name(options.name, recipe, options.catalog),
        seed=options.seed,
        limit=options.limit,
        precision=options.precision,
        threads=options.threads,
        restart=options.restart,
        final=not options.no_final,
    )
    reading, teaching, building = _ProgressBar(), _ProgressBar(), _ProgressBar()
    listener = Listener(
        lambda done, total: reading(Progress(done, total)),
        lambda done, total: teaching(Progress(done, total)),
        _TrainingLines(),
        building,
    )
    run = train(plan, listener)
    data, best = run.data, run.best
    lines = [
        f"Run {run.name}: {run.recipe.title}, seed {run.seed}, {run.seconds / 60:.1f} min, {run.rate:.0f} images/s.",
        f"{data['training']:,} pictures to train on, {data['validation']:,} in {data['validation_groups']:,} style "
        f"groups to validate, {data['evaluated']['pictures']:,} evaluated and not learned from.",
        f"Best validation, epoch {best['epoch']:g}: {_three(best)}",
        *run.notes,
    ]
    if run.final:
        lines.append(f"Evaluated groups, leave-one-out, {run.final['queries']:,} queries: {_three(run.final)}")
    lines.append(f"It is the method {run.name!r} now.")
    if not run.final:
        manifest = open_store(options.catalog).manifest
        lines.append(f"To search with it: {manifest.rebuild(*manifest.libraries, run.name).command}")
    return run.to_json(), "\n".join(lines)


def _three(figures: dict[str, Any]) -> str:
    names = (("precision", "Precision@5"), ("recall", "Recall@5"), ("hit", "Hit@5"))
    return ", ".join(f"{label} {figures[name]:.4f}" for name, label in names)


def _setting(text: str) -> tuple[str, str]:
    field, equals, value = text.partition("=")
    if not equals:
        raise RecipeError(f"--set {text!r} is not FIELD=VALUE, such as optimisation.epochs=5.")
    return field.strip(), value.strip()


class _TrainingLines:
    """A line on stderr per validation, and in between the progress where a person watches."""

    def __init__(self) -> None:
        self._shown: dict[str, float] = {}

    def __call__(self, run: Run) -> None:
        if run.latest != self._shown:
            self._shown = run.latest
            print(f"\r{run.sentence} · validation: {_three(run.latest)}", file=sys.stderr)
        elif sys.stderr.isatty():
            print(f"\r{run.sentence}", end="", file=sys.stderr, flush=True)


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
    for place, (row, score) in enumerate(zip(hits.rows[0], hits.scores[0], strict=True), start=1):
        if row < 0:
            break
        item = catalog.items[row]
        found.append(
            {
                "rank": place,
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
    methods = _methods_of(options, store)
    verdicts = _verdicts(store) if options.verdicts else NO_VERDICTS
    rows: list[dict[str, Any]] = []
    lines = [f"{store.manifest.title}: {store.manifest.n_groups:,} style groups, {store.manifest.n_items:,} images"]
    if verdicts.digest:
        lines += [
            f"With verdicts: {len(verdicts.pairs):,} accepted pairs, {len(verdicts.removed):,} wrong labels left out"
        ]
    lines += seen.warnings(store.catalog, methods)
    for protocol in [options.protocol] if options.protocol else list(Protocol):
        lines += ["", *_evaluate_one(store, methods, protocol, options, verdicts, rows)]
    manifest = store.manifest
    if options.k == PAPER_K and is_papers_data(manifest.columns, manifest.n_groups, manifest.n_items):
        lines += ["", "The paper's Table 1 (it used the full-size images and torchvision's weights):"]
        for method, values in PAPER.items():
            figures_of = "".join(
                f"{f'{MEASURES[name].label(PAPER_K)} {value:.4f}':<22}" for name, value in values.items()
            )
            lines.append(f"  {encoder_spec(method).title:<16}{figures_of.rstrip()}")
    return {"catalog": store.name, "verdicts": bool(verdicts.digest), "scores": rows}, "\n".join(lines)


def _evaluate_one(
    store: Store,
    methods: list[str],
    protocol: Protocol,
    options: argparse.Namespace,
    verdicts: Applied,
    rows: list[dict[str, Any]],
) -> list[str]:
    """One protocol's table as lines; its figures are added to ``rows``."""
    split = draw_split(store.catalog, protocol, options.seed, verdicts.removed)
    ranked = {method: _rankings(store, method, split, verdicts, options.k) for method in methods}
    any_method = next(iter(ranked.values()))
    queries = grouped(store.catalog, any_method)
    left_out = f", {len(any_method.left_out):,} left out without a relevant item" if len(any_method.left_out) else ""
    gallery = f"{int(any_method.n.max()):,} items in each gallery" if len(any_method.n) else "nothing to judge"
    lines = [f"{split.label}: {len(any_method.queries):,} queries{left_out}, {gallery}"]
    for method, one in ranked.items():
        label = store.library(method).fingerprint.weights_label
        lines.append(f"  {encoder_spec(method).title}, weights: {label}")
        spread = None
        if protocol is Protocol.ONE_PER_GROUP and options.seeds:
            spread = seed_scores(store.library(method), verdicts, range(options.seeds), (options.k,))
        for name, figure in figures(one, queries, options.k).items():
            measure = MEASURES[name].label(options.k)
            line = (
                f"    {measure:<16}{rounded(figure.macro):<22}per relevant item {number(figure.micro)}   "
                f"chance {number(figure.chance, 4)}   ceiling {number(figure.ceiling)}"
            )
            row: dict[str, Any] = {
                "protocol": str(protocol),
                "seed": options.seed if protocol is Protocol.ONE_PER_GROUP else None,
                "method": method,
                "weights": label,
                "measure": name,
                "k": options.k if MEASURES[name].at_k else None,
                "queries": len(one.queries),
                "left_out": len(one.left_out),
                "value": _plain(figure.macro.value),
                "low": _plain(figure.macro.low),
                "high": _plain(figure.macro.high),
                "micro": _plain(figure.micro),
                "chance": _plain(figure.chance),
                "ceiling": _plain(figure.ceiling),
            }
            if spread is not None:
                mean, deviation = spread.mean(name, options.k), spread.deviation(name, options.k)
                line += f"   {spread.seeds} splits {number(mean, 4)} ± {number(deviation, 4)}"
                row |= {"splits": spread.seeds, "mean": _plain(mean), "deviation": _plain(deviation)}
            rows.append(row)
            lines.append(line)
    if len(any_method.first):
        medians = (f"{encoder_spec(method).title} {np.median(one.first):,.0f}" for method, one in ranked.items())
        lines.append(f"  Rank of the first correct result, median: {', '.join(medians)}")
    titles = {method: encoder_spec(method).title for method in methods}
    values = {method: MEASURES["precision"].of(one, options.k) for method, one in ranked.items()}
    label = MEASURES["precision"].label(options.k)
    lines += [f"  {sentence(comparison, titles, label)}" for comparison in compare(values, queries)]
    return lines


def _rankings(store: Store, method: str, split: Split, verdicts: Applied, k: int) -> Rankings:
    """Stored, as the pages use them; deeper ones are made for this once."""
    library = store.library(method)
    return (
        saved.rankings(saved.folder_of(store.name), library, split, verdicts)
        if k <= DEPTH
        else rank(library, split, verdicts, k)
    )


def _plain(value: float) -> float | None:
    """For JSON, which has no NaN."""
    return None if math.isnan(value) else round(value, 6)


def _verdicts(store: Store) -> Applied:
    return apply(open_verdicts(store.name).all(), store.catalog)


def _report(options: argparse.Namespace) -> tuple[Any, str]:
    store = open_store(options.catalog)
    methods = _methods_of(options, store)
    path = user_path(options.out or f"{store.name}-report.html")
    verdicts = _verdicts(store) if options.verdicts else NO_VERDICTS
    folder = saved.folder_of(store.name)
    write_report(path, store, methods, options.protocol, options.seed, options.k, verdicts, folder)
    return {"report": str(path), "bytes": path.stat().st_size}, f"{path} ({path.stat().st_size / 1e6:.1f} MB)"


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
    problems = trained_encoders()[1]
    lines += [f"  {reason}" for reason in problems.values()]
    lines += [f"Built catalogs are in {home()}"]
    return {"home": str(home()), "catalogs": catalogs, "methods": methods, "problems": problems}, "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
