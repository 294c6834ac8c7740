"""Fit what the catalog's labels tell: ``python -m tools.fit_labels CATALOG``.

The catalog is the one that the shipped encoder was trained for. Nothing is fitted on its style groups: heads are fitted
on the encoder's training pictures, everything else on style groups that were held out from that training (``drawn``).
Written are the heads in
``assets/fashion.safetensors``, ``labels/calibration.json`` and ``docs/labels.md``; the chosen orders go by hand into
``encoders.orders``, and a test holds the two together.
"""

import argparse
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.catalog import Catalog, Item, Protocol, Split, draw_split
from fashion_search.catalog.sources import open_source
from fashion_search.encoders import ENCODERS, IS_FASHION, ORDERS, Encoder, Head, Order, trained
from fashion_search.errors import FashionSearchError
from fashion_search.evaluation import saved
from fashion_search.evaluation.alterations import ALL_TOGETHER, altered
from fashion_search.evaluation.rankings import Rankings, rank
from fashion_search.evaluation.words import number
from fashion_search.files import write_atomically
from fashion_search.home import home
from fashion_search.images import open_image
from fashion_search.labels import confidence
from fashion_search.labels.calibration import FILE, OTHERS, Calibration
from fashion_search.labels.posterior import StylePosterior
from fashion_search.labels.rerank import RerankedLibrary
from fashion_search.library import Library, blocks
from fashion_search.store import Store, open_store
from fashion_search.training.data import Data, read_data
from fashion_search.training.division import Picture
from tools.no_fashion import pictures as no_fashion

REPORT = Path(__file__).resolve().parents[1] / "docs/labels.md"
METHODS = {name: ENCODERS[name] for name in ("histogram", "resnet18", "fusion", "fashion")}
"""Those that numbers are fitted for; every other one takes those of ``OTHERS``."""

DRAWS = 6
GROUPS = 300  # style groups seen in training that stand beside the held-out ones
SMALLEST = 4  # items of a query's style group, as in the catalogs that are evaluated
K = 5
SHARES = (0.6, 0.9, 0.95, 0.97)
FIRSTS = (0.0, 0.4, 0.8, 1.2, 1.4, 1.6, 1.8, 2.0, 2.2, 2.5)
TRIED_ON = 3  # draws that orders are tried on
FASHION = 4_000  # pictures of fashion that those are told from
NO_FASHION = 1_000  # drawn pictures that are no fashion
OUTSIDE_SHARE = 0.02  # what they count for among the rows that trust is fitted on
_AT_ONCE = 128


@dataclass(frozen=True)
class Drawn:
    """A catalog drawn of pictures that nobody evaluates, about as dense as one that is evaluated.

    ``split``: its queries are of held-out style groups. ``held_out``: mask over rows, the items of those groups.
    """

    catalog: Catalog
    pictures: tuple[Picture, ...]
    split: Split
    held_out: NDArray[np.bool_]


def read(store: Store) -> Data:
    """The shipped encoder's training and validation pictures."""
    account = trained.read_account(trained.SHIPPED)
    source = open_source(store.manifest.source_path, store.manifest.options)
    with closing(source.tree):
        return read_data(source, store.catalog, account.architecture, seed=account.training["seed"])


def drawn(data: Data, store: Store, seed: int) -> Drawn:
    """The held-out style groups, and ``GROUPS`` others beside them, each cut to a size as the catalog's."""
    random = np.random.default_rng(seed)
    sizes = [len(group.rows) for group in store.catalog.groups]
    held_out, seen = (_by_group(part) for part in (data.division.validation, data.division.training))
    others = [of[: max(sizes)] for labels, of in seen.items() if len(of) >= SMALLEST and labels not in held_out]
    places = np.random.default_rng(0).permutation(len(others))[:GROUPS]  # the same in every draw: fewer to encode
    chosen: list[Picture] = []
    for of_group in [*held_out.values(), *(others[place] for place in places)]:
        size = min(int(random.choice(sizes)), len(of_group))
        chosen += [of_group[place] for place in random.permutation(len(of_group))[:size]]
    items = (Item(one.row.id, one.row.name, one.row.labels, one.row.image, one.digest, one.checksum) for one in chosen)
    catalog = Catalog("drawn", "Drawn", data.columns, tuple(items))
    split = draw_split(catalog, Protocol.LEAVE_ONE_OUT)
    is_held_out = np.array([item.labels in held_out for item in catalog.items])
    is_query = is_held_out & (np.bincount(catalog.group_of)[catalog.group_of] >= SMALLEST)
    return Drawn(catalog, tuple(chosen), replace(split, queries=np.flatnonzero(is_query)), is_held_out)


def _by_group(pictures: Sequence[Picture]) -> dict[tuple[str, ...], list[Picture]]:
    found: dict[tuple[str, ...], list[Picture]] = defaultdict(list)
    for picture in pictures:
        found[picture.row.labels].append(picture)
    return dict(sorted(found.items()))


# -- vectors ------------------------------------------------------------------------------------------------


def encoded(name: str, encoder: Encoder, pictures: Iterator[Image.Image], key: str, count: int) -> NDArray[np.float32]:
    """Unit vectors of pictures, from disk where they were encoded before."""
    folder = home() / "fit-labels"
    key = f"{_made_by(encoder)[:8]}{key[:8]}"
    found = saved.read(folder, name, key)
    if found is None:
        parts, batch = [], []
        for number, picture in enumerate(pictures, start=1):
            batch.append(picture)
            if len(batch) == _AT_ONCE or number == count:
                parts.append(encoder.encode(batch))
                batch = []
                print(f"\r{name}: {number:,} of {count:,}", end="", flush=True)
        print()
        saved.write(folder, name, key, {"vectors": np.concatenate(parts)})
        found = saved.read(folder, name, key)
        assert found is not None
    vectors: NDArray[np.float32] = found["vectors"]
    return vectors


def _made_by(encoder: Encoder) -> str:
    """What decides an encoder's vectors: of the shipped one its network, as its heads are what is fitted here."""
    if encoder.fingerprint.method != trained.SHIPPED.stem:
        return encoder.fingerprint.digest
    state = trained.read_state(trained.SHIPPED, encoder.fingerprint.weights)
    return hashlib.sha256(b"".join(state[name].numpy().tobytes() for name in sorted(state))).hexdigest()


def encoded_at_once(encoder: Encoder, pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
    """Unit vectors of pictures in memory."""
    starts = range(0, len(pictures), _AT_ONCE)
    return np.concatenate([encoder.encode(pictures[start : start + _AT_ONCE]) for start in starts])


def vectors_of(store: Store, data: Data, needed: Sequence[Picture]) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Method → image → vector, of the needed pictures by every one of ``METHODS`` that is no combination."""
    found = {}
    key = data.division.fingerprint
    of_needed = hashlib.sha256("/".join(one.row.image for one in needed).encode()).hexdigest()
    for name, spec in METHODS.items():
        if spec.combines:
            continue
        encoder = spec.load()
        if spec.heads:  # all of them, as heads are fitted on them
            every = data.division.pictures
            vectors = encoded(name, encoder, (Image.fromarray(one) for one in data.pixels), key, len(every))
            found[name] = {one.row.image: vector for one, vector in zip(every, vectors, strict=True)}
        else:
            source = open_source(store.manifest.source_path, store.manifest.options)
            with closing(source.tree) as tree:
                opened = (open_image(tree.read_image(one.row.image)) for one in needed)
                vectors = encoded(name, encoder, opened, of_needed, len(needed))
            found[name] = {one.row.image: vector for one, vector in zip(needed, vectors, strict=True)}
    return found


def library_of(method: str, one: Drawn, vectors: Mapping[str, Mapping[str, NDArray[np.float32]]]) -> Library:
    """A method's library of a drawn catalog."""
    spec = ENCODERS[method]
    parts = [np.stack([vectors[part][picture.row.image] for picture in one.pictures]) for part in spec.parts]
    made = spec.combines.vectors(parts) if spec.combines else parts[0]
    return Library(one.catalog, spec.fingerprint(), made)


def fit_fashion(
    encoder: Encoder, data: Data, vectors: Mapping[str, NDArray[np.float32]], others: Sequence[Image.Image]
) -> Head:
    """What tells fashion, as it is and as in a photo, from pictures of other things: logistic regression."""
    from sklearn.linear_model import LogisticRegression

    random = np.random.default_rng(0)
    rows = random.permutation(data.n_training)[:FASHION]
    every = data.division.training
    clean = np.stack([vectors[every[row].row.image] for row in rows])
    some = rows[: FASHION // 4]
    photos = [altered(Image.fromarray(data.pixels[row]), ALL_TOGETHER, every[row].checksum) for row in some]
    inputs = np.concatenate([clean, *(encoded_at_once(encoder, one) for one in (photos, others))])
    is_fashion = np.arange(len(inputs)) < len(clean) + len(photos)
    model = LogisticRegression(C=100, class_weight="balanced", max_iter=2000).fit(inputs, is_fashion)
    weight = np.concatenate([np.zeros_like(model.coef_), model.coef_]).astype(np.float32)
    return Head(("no", "yes"), weight, np.array([0, model.intercept_[0]], dtype=np.float32))


# -- fits ---------------------------------------------------------------------------------------------------


def fit_weights(posteriors: Sequence[StylePosterior], draws: Sequence[Drawn]) -> tuple[list[float], float]:
    """The weights of votes and heads under which the held-out queries' style groups are most probable, and how much.

    Returns:
        The weights, and the mean of -log P(the query's style group).
    """
    from scipy.optimize import minimize

    evidence = []
    for posterior, one in zip(posteriors, draws, strict=True):
        for inputs, truth in _inputs(posterior, one):
            evidence.append((np.maximum(np.stack(inputs), -200), truth))
    n_queries = sum(len(truth) for _, truth in evidence)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = 0.0, np.zeros(len(weights))
        for stacked, truth in evidence:
            scores = np.tensordot(weights, stacked, 1)
            scores -= scores.max(axis=1, keepdims=True)
            shares = np.exp(scores)
            shares /= shares.sum(axis=1, keepdims=True)
            places = np.arange(len(truth))
            total -= np.log(np.maximum(shares[places, truth], 1e-300)).sum()
            slope += (shares * stacked).sum(axis=(1, 2)) - stacked[:, places, truth].sum(axis=1)
        return total / n_queries, slope / n_queries

    start = np.full(len(evidence[0][0]), 0.5)
    found = minimize(loss, start, jac=True, method="L-BFGS-B")
    return [round(float(value), 3) for value in found.x], float(found.fun)


def _inputs(posterior: StylePosterior, one: Drawn) -> Iterator[tuple[list[NDArray[np.float64]], NDArray[np.intp]]]:
    """Evidence for the held-out style groups alone, and the place of each query's: what was learned favours others."""
    library = posterior.library
    is_probable = np.bincount(one.catalog.group_of[one.held_out], minlength=len(one.catalog.groups)) > 0
    truth_of = np.cumsum(is_probable) - 1
    for block in blocks(len(one.split.queries), len(library.vectors)):
        rows = one.split.queries[block]
        vectors = np.asarray(library.vectors[rows])
        inputs = posterior.evidence(vectors, library.cosines(vectors), rows, one.held_out)
        yield [of_one[:, is_probable] for of_one in inputs], truth_of[one.catalog.group_of[rows]]


def figures(libraries: Sequence[Library], draws: Sequence[Drawn]) -> tuple[float, float]:
    """Mean Precision@5 and Hit@5 over the draws' queries."""
    right = [rank(library, one.split, depth=K).relevant for library, one in zip(libraries, draws, strict=False)]
    every = np.concatenate(right)
    return float(every.mean()), float(every.any(axis=1).mean())


Setting = tuple[float, float, int]
"""Share of labels, what the first of a style group has added, and the most of one; as in ``Order``."""


def measure_orders(posteriors: Sequence[StylePosterior], draws: Sequence[Drawn]) -> dict[Setting, tuple[float, float]]:
    """(share, first, most) → Precision@5 and Hit@5; (0, 0, 0) is the order by similarity."""
    found = {}
    settings = [
        (0.0, 0.0, 0),
        *((share, first, 0) for share in SHARES for first in FIRSTS),
        *((share, 0.0, 1) for share in SHARES),
    ]
    for share, first, most in settings:
        order = Order("tried", "", "", share, first, most)
        found[share, first, most] = figures([RerankedLibrary.of(one, order) for one in posteriors], draws)
    return found


def choose(measured: Mapping[Setting, tuple[float, float]]) -> dict[str, Setting]:
    """The settings of the orders, by what they are for.

    *balanced*: the highest Precision@5 of those that lose nothing in Hit@5 against the order by similarity; *style*:
    the highest Precision@5; *varied*: the highest Hit@5 with one item of a style group.
    """
    plain_hit = measured[0.0, 0.0, 0][1]
    free = {setting: pair for setting, pair in measured.items() if not setting[2]}
    return {
        "balanced": max((one for one in free if free[one][1] >= plain_hit), key=lambda one: free[one][0]),
        "style": max(free, key=lambda one: free[one][0]),
        "varied": max((one for one in measured if one[2]), key=lambda one: measured[one][1]),
    }


# -- the trust in a row -------------------------------------------------------------------------------------


def _row_inputs(
    posterior: StylePosterior, one: Drawn, rankings: Rankings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the two regressions look at, of the rows of a ranking."""
    library, parts = posterior.library, []
    for block in blocks(len(rankings.queries), len(library.vectors)):
        rows = rankings.queries[block]
        told = posterior.of_queries(np.asarray(library.vectors[rows]), rows, one.split.gallery)
        parts.append(confidence.features(posterior, told, rankings.rows[block, :K]))
    first, any_of = (np.concatenate(one) for one in zip(*parts, strict=True))
    return first, any_of


def _outside_inputs(
    posterior: StylePosterior, one: Drawn, outside: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same of pictures from outside, in the order by similarity."""
    no_rows, gallery = np.full(len(outside), -1), one.split.gallery
    rows = posterior.library.search_vectors(outside, no_rows, K, gallery).rows
    return confidence.features(posterior, posterior.of_queries(outside, no_rows, gallery), rows)


def fit_trust(
    posteriors: Sequence[StylePosterior], draws: Sequence[Drawn], outside: NDArray[np.float32]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The weights of the two logistic regressions, on rows of every order and on pictures that are no fashion."""
    from sklearn.linear_model import LogisticRegression

    inputs: list[list[NDArray[np.float64]]] = [[], []]
    truths: list[list[NDArray[np.bool_]]] = [[], []]
    for posterior, one in zip(posteriors, draws, strict=True):
        for order in (Order("tried", "", "", 0.0), *ORDERS.values()):
            rankings = rank(RerankedLibrary.of(posterior, order), one.split, depth=K)
            right = rankings.relevant[:, 0], np.asarray(rankings.relevant.any(axis=1))
            for place, (of_rows, is_right) in enumerate(zip(_row_inputs(posterior, one, rankings), right, strict=True)):
                inputs[place].append(of_rows)
                truths[place].append(is_right)
    n_rows = sum(map(len, truths[0]))
    for place, of_rows in enumerate(_outside_inputs(posteriors[0], draws[0], outside)):
        inputs[place].append(of_rows)
        truths[place].append(np.zeros(len(of_rows), dtype=bool))
    counts = np.concatenate([np.ones(n_rows), np.full(len(outside), OUTSIDE_SHARE * n_rows / len(outside))])
    fitted = []
    for looked_at, was_right in zip(inputs, truths, strict=True):
        model = LogisticRegression(C=1e3, fit_intercept=False, max_iter=1000)
        model.fit(np.concatenate(looked_at), np.concatenate(was_right), counts)
        fitted.append(tuple(round(float(value), 3) for value in model.coef_[0]))
    return fitted[0], fitted[1]


# -- the whole ----------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit everything and write it down; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.fit_labels", description="Fit what labels tell.")
    parser.add_argument("catalog", help="the built catalog that the shipped encoder was trained for")
    options = parser.parse_args(arguments)
    try:
        fit(open_store(options.catalog))
    except FashionSearchError as error:
        print(f"fit_labels: {error}", file=sys.stderr)
        return 1
    return 0


def fit(store: Store) -> None:
    """Heads, weights, orders and trust, in this order; each is written before the next is fitted."""
    from fashion_search.training import heads

    data = read(store)
    draws = [drawn(data, store, seed) for seed in range(DRAWS)]
    needed = list({one.row.image: one for draw in draws for one in draw.pictures}.values())
    vectors = vectors_of(store, data, needed)
    pictures = [picture for _, picture in no_fashion(NO_FASHION, seed=0)]
    of_outside = {
        name: encoded(f"{name}-others", spec.load(), iter(pictures), "0" * 8, len(pictures))
        for name, spec in METHODS.items()
        if not spec.combines
    }
    outside = {
        name: spec.combines.vectors([of_outside[part] for part in spec.parts]) if spec.combines else of_outside[name]
        for name, spec in METHODS.items()
    }
    training = data.division.training
    labels = {column: [one.row.labels[place] for one in training] for place, column in enumerate(data.columns)}
    learned = np.stack([vectors["fashion"][one.row.image] for one in training])
    encoder = ENCODERS["fashion"].load()
    fitted = heads.fit(learned, labels, data.columns[0])
    fitted[IS_FASHION] = fit_fashion(encoder, data, vectors["fashion"], [one for _, one in no_fashion(NO_FASHION, 1)])
    trained.add_heads(trained.SHIPPED, fitted)
    entries: dict[str, Calibration] = {}
    posteriors: dict[str, list[StylePosterior]] = {}
    losses: dict[str, float] = {}
    for method in METHODS:
        libraries = [library_of(method, one, vectors) for one in draws]
        first_guess = Calibration(1.0, dict.fromkeys(data.columns, 1.0))
        weights, losses[method] = fit_weights([StylePosterior(one, first_guess) for one in libraries], draws)
        of_heads = dict(zip(data.columns, weights[1:], strict=False))
        posteriors[method] = [StylePosterior(one, Calibration(weights[0], of_heads)) for one in libraries]
        first, any_of = fit_trust(posteriors[method], draws, outside[method])
        entries[method] = Calibration(weights[0], of_heads, first, any_of)
        print(method, entries[method], f"{losses[method]:.3f}", flush=True)
    entries[OTHERS] = others(entries)
    write(entries)
    measured = measure_orders(posteriors["fashion"][:TRIED_ON], draws)
    by_method = {method: at_orders(posteriors[method][:TRIED_ON], draws) for method in METHODS}
    write_atomically(
        REPORT, lambda file: file.write(report(store, draws, entries, losses, measured, by_method).encode())
    )
    print(choose(measured))


def others(entries: Mapping[str, Calibration]) -> Calibration:
    """Numbers for a method that has none of its own: in the middle of those that are fitted, without heads."""
    votes = float(np.median([one.votes for one in entries.values()]))
    middle = [np.median([getattr(one, name) for one in entries.values()], axis=0) for name in ("first", "any")]
    first, any_of = (tuple(round(float(value), 3) for value in one) for one in middle)
    return Calibration(round(votes, 3), {}, first, any_of)


def write(entries: Mapping[str, Calibration]) -> None:
    """The numbers of every method, for the program."""
    text = json.dumps({name: msgspec.to_builtins(one) for name, one in entries.items()}, indent=1) + "\n"
    write_atomically(FILE, lambda file: file.write(text.encode()))


def at_orders(posteriors: Sequence[StylePosterior], draws: Sequence[Drawn]) -> dict[str, tuple[float, float]]:
    """Precision@5 and Hit@5 by similarity (an empty name) and under each order of the program."""
    found = {"": figures([one.library for one in posteriors], draws)}
    for name, order in ORDERS.items():
        found[name] = figures([RerankedLibrary.of(one, order) for one in posteriors], draws)
    return found


def report(
    store: Store,
    draws: Sequence[Drawn],
    entries: Mapping[str, Calibration],
    losses: Mapping[str, float],
    measured: Mapping[Setting, tuple[float, float]],
    by_method: Mapping[str, Mapping[str, tuple[float, float]]],
) -> str:
    """What was fitted, on what, and what was chosen, as Markdown."""
    chosen = choose(measured)
    queries = [len(one.split.queries) for one in draws]
    sizes = [len(one.catalog.items) for one in draws]
    lines = [
        "# What the catalog's labels tell",
        "",
        "Written by `tools/fit_labels.py`; do not edit.",
        "",
        f"**Data.** `{Path(store.manifest.source_path).name}` without the {store.manifest.n_groups:,} style groups "
        f"that methods are evaluated on. {DRAWS} draws of the style groups that were held out from the training of "
        f"`fashion` and {GROUPS} others, each cut to the size of an evaluated one: {min(sizes):,} to {max(sizes):,} "
        f"items each. Those of held-out groups of {SMALLEST} or more are the queries ({min(queries):,} to "
        f"{max(queries):,}), leave-one-out. {NO_FASHION:,} drawn pictures are of no fashion. Orders were tried on "
        f"{TRIED_ON} draws.",
        "",
        "**Commands.**",
        "",
        "```sh",
        f"python -m tools.fit_labels {store.name}",
        "```",
        "",
        "**P(style group | query)**: the weights under which the queries' own style groups are most probable among the "
        "held-out ones (the others are those that heads were fitted on), and the mean of -log P of those.",
        "",
        "| method | votes | heads | -log P |",
        "|---|---|---|---|",
    ]
    for method, loss in losses.items():
        heads = ", ".join(f"{column} {number(weight)}" for column, weight in entries[method].heads.items()) or "none"
        lines.append(f"| {ENCODERS[method].title} | {number(entries[method].votes)} | {heads} | {loss:.3f} |")
    lines += [
        "",
        "**Orders**: Fashion's Precision@5 / Hit@5 by the share of labels (down) and what the first item of a style "
        "group has added (across); last with one item of a style group.",
        "",
        f"| share | {' | '.join(f'{first:.1f}' for first in FIRSTS)} | one a group |",
        f"|---|{'---|' * (len(FIRSTS) + 1)}",
    ]
    for share in SHARES:
        settings = [*((share, first, 0) for first in FIRSTS), (share, 0.0, 1)]
        cells = [f"{number(measured[one][0])} / {number(measured[one][1])}" for one in settings]
        lines.append(f"| {share:.2f} | {' | '.join(cells)} |")
    plain = measured[0.0, 0.0, 0]
    lines += [
        "",
        f"By similarity: {number(plain[0])} / {number(plain[1])}. Chosen: *balanced* {chosen['balanced'][:2]}, the "
        f"highest Precision@5 of those that lose nothing in Hit@5; *style* "
        f"{chosen['style'][:2]}, the highest Precision@5; *varied* {chosen['varied'][0]}, the highest Hit@5 with one "
        "item of a style group. The stops between them lie between their numbers.",
        "",
        "**Every method** under the orders of the program, Precision@5 / Hit@5. The numbers are those that suit "
        "`fashion`; a method that is right less often loses more Hit@5 for its Precision@5.",
        "",
        f"| method | by similarity | {' | '.join(ORDERS)} |",
        f"|---|---|{'---|' * len(ORDERS)}",
    ]
    for method, of_orders in by_method.items():
        cells = [f"{number(one[0])} / {number(one[1])}" for one in of_orders.values()]
        lines.append(f"| {ENCODERS[method].title} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
