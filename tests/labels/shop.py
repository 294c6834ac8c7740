"""A small catalog of vectors that lean towards their labels."""

from dataclasses import replace

import numpy as np

from fashion_search.catalog import Catalog, Item
from fashion_search.encoders import Fingerprint
from fashion_search.labels.calibration import Calibration
from fashion_search.labels.posterior import StylePosterior
from fashion_search.library import Library

COLUMNS = ("article_type", "base_colour")
TYPES, COLOURS = ("Jackets", "Shirts", "Ties"), ("Black", "Blue", "Red")
CALIBRATION = Calibration(0.7, {}, (0.0, 1.0, 0.5, 0.5, 0.1), (0.0, 1.0, 0.5, 0.5, 0.1))


def shop(items: int = 40, seed: int = 0) -> Library:
    """Items of nine style groups, one of them with a single item."""
    random = np.random.default_rng(seed)
    labels = [(str(random.choice(TYPES)), str(random.choice(COLOURS))) for _ in range(items - 1)] + [("Ties", "White")]
    leaning = {value: random.normal(size=12) for value in (*TYPES, *COLOURS, "White")}
    vectors = np.stack([leaning[one] + leaning[other] + random.normal(size=12) for one, other in labels])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    made = tuple(Item(str(row), f"Item {row}", of, f"{row}.png", f"{row:064x}") for row, of in enumerate(labels))
    return Library(Catalog("shop", "Shop", COLUMNS, made), Fingerprint("resnet18", "test"), vectors.astype(np.float32))


def posterior(library: Library) -> StylePosterior:
    return StylePosterior(library, CALIBRATION)


def relabelled(library: Library, row: int, labels: tuple[str, ...]) -> Library:
    """The same library of a catalog in which one item has other labels."""
    items = list(library.catalog.items)
    items[row] = replace(items[row], labels=labels)
    return replace(library, catalog=replace(library.catalog, items=tuple(items)))
