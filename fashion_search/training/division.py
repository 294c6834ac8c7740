"""Which pictures of a source a run may train on, which it is validated by, and which it may never see."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fashion_search.catalog import Catalog
from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, VALIDATION, Row, Source
from fashion_search.encoders.architecture import Architecture
from fashion_search.errors import ImageError, SourceError, TrainingError

VALIDATION_SHARE = 0.06
"""Of the pictures that are not evaluated; in whole style groups."""

LARGEST_HELD_OUT = 3
"""Validation groups have at most this many times the pictures of the largest evaluated group, so that figures over
them resemble those that count."""

LEAST_PRODUCTS = 5
"""Products that are held out at least, where products are: one or two would tell nothing wrong from right."""

PRODUCT = "product"
"""The column that a product is, beside the grouping columns."""


@dataclass(frozen=True)
class Picture:
    """One picture that may be trained or validated on, with the identity of its file."""

    row: Row
    digest: str
    checksum: str

    @property
    def name(self) -> str:
        """The product's name as it is compared: case and outer blanks do not count."""
        return self.row.name.strip().casefold()


@dataclass(frozen=True)
class Division:
    """Which pictures a run trains on, and which it holds out for validation.

    ``left_out`` counts pictures that are neither, by reason. ``fingerprint`` is a SHA-256 over both parts
    and the evaluated pictures: runs that share it saw the same. ``seed`` is that of the draw. ``by_product``: pictures
    of one product, not of one style group, are right for each other in validation. ``notes``: sentences on what was
    seen, of a data set that has parts of its own.
    """

    training: tuple[Picture, ...]
    validation: tuple[Picture, ...]
    left_out: dict[str, int]
    fingerprint: str
    seed: int
    by_product: bool = False
    notes: tuple[str, ...] = ()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Those of training, then those of validation: the order of the pixels."""
        return self.training + self.validation

    def validated_labels(self, columns: tuple[str, ...]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """What must agree in validation: the columns, and their values of each validation picture."""
        if not self.by_product or PRODUCT in columns:
            return columns, [one.row.labels for one in self.validation]
        return (*columns, PRODUCT), [(*one.row.labels, one.row.product) for one in self.validation]


def label_columns(pictures: Sequence[Picture], columns: Sequence[str]) -> list[int]:
    """The places of the grouping columns that tell more than which product it is; of all where none does."""
    of_products = [
        place for place in range(len(columns)) if all(one.row.product == one.row.labels[place] for one in pictures)
    ]
    return [place for place in range(len(columns)) if place not in of_products] or list(range(len(columns)))


@dataclass(frozen=True)
class Candidates:
    """The pictures of a source by what they may be used for, before one is read.

    ``shown``: what may not be seen, nor anything nearly equal to it. ``left_out``: pictures of none of the three.
    """

    training: list[Picture]
    validation: list[Picture]
    shown: list[Picture]
    left_out: dict[str, int]
    by_product: bool = False
    notes: tuple[str, ...] = field(default=())


def divide(source: Source, evaluated: Catalog, seed: int, share: float) -> Candidates:
    """Divide a source's pictures, by its own parts where it has some.

    Without parts, nothing of an evaluated style group is used, and whole style groups of the others are held out for
    validation. With parts, training sees the training part and is validated by the validation part, or, where that
    holds less than two groups of two, by whole groups that are held out of the training part; the query and gallery
    parts are never seen, whatever their labels. Groups are products then, where each picture has one.

    Args:
        source: all pictures.
        evaluated: the catalog that figures are made of.
        seed: of the draw of validation groups.
        share: of the usable pictures that are held out for validation.

    Raises:
        TrainingError: nothing is left to train or validate on.
    """
    if any(row.part for row in source.rows):
        return _by_parts(source, evaluated, seed, share)
    groups = {item.labels for item in evaluated.items}
    digests = {item.digest for item in evaluated.items}
    ids = {item.id for item in evaluated.items}
    usable: list[Picture] = []
    shown: list[Picture] = []
    same_file = 0
    for picture in _identified(source, source.rows):
        if picture.row.labels in groups or picture.row.id in ids:
            shown.append(picture)
        elif picture.digest in digests:
            same_file += 1
        else:
            usable.append(picture)
    if not usable:
        raise TrainingError(
            f"All {len(source.rows):,} pictures belong to style groups that are evaluated, and training must not see "
            "those. Build the catalog with narrower bounds (--smallest, --largest), so that other groups are left."
        )
    largest = LARGEST_HELD_OUT * max(len(group.rows) for group in evaluated.groups)
    held_out = _validation_groups([one.row.labels for one in usable], largest, seed, share)
    return Candidates(
        [one for one in usable if one.row.labels not in held_out],
        [one for one in usable if one.row.labels in held_out],
        shown,
        {_SAME_FILE: same_file},
    )


_SAME_FILE = "same file as an evaluated picture"


def _identified(source: Source, rows: Iterable[Row]) -> Iterable[Picture]:
    for row in rows:
        try:
            yield Picture(row, *source.tree.identity(row.image))
        except (ImageError, SourceError):
            continue


def _by_parts(source: Source, evaluated: Catalog, seed: int, share: float) -> Candidates:
    learns_catalog = source.searched == TRAINING  # its queries are of another part
    ids = set() if learns_catalog else {item.id for item in evaluated.items}
    parts: dict[str, list[Picture]] = {TRAINING: [], VALIDATION: []}
    shown: list[Picture] = []
    left_out: Counter[str] = Counter()
    for picture in _identified(source, source.rows):
        if picture.row.part in (QUERY, GALLERY) or picture.row.id in ids:
            shown.append(picture)
        elif picture.row.part in parts:
            parts[picture.row.part].append(picture)
        else:
            left_out["of no part of the data set"] += 1
    digests = {one.digest for one in shown}
    for part, pictures in parts.items():
        parts[part] = [one for one in pictures if one.digest not in digests]
        left_out[_SAME_FILE] += len(pictures) - len(parts[part])
    training, validation = parts[TRAINING], parts[VALIDATION]
    if not training:
        raise TrainingError(
            f"{source.path}: the data set is divided into parts, and its training part holds no picture to learn from."
        )
    by_product = all(one.row.product for one in [*training, *validation])

    def group_of(picture: Picture) -> tuple[str, ...]:
        return (picture.row.product,) if by_product else picture.row.labels

    what = "products" if by_product else "style groups"
    sizes = Counter(map(group_of, validation))
    how = "was validated on its validation part"
    if sum(size > 1 for size in sizes.values()) < 2:
        if validation:
            left_out["validation part, which has too few to validate by"] += len(validation)
        groups = [group_of(one) for one in training]
        _refuse_too_few(source, groups, what)
        held_out = _validation_groups(groups, len(groups), seed, share, LEAST_PRODUCTS if by_product else 1)
        validation = [one for one in training if group_of(one) in held_out]
        training = [one for one in training if group_of(one) not in held_out]
        how = f"held out whole {what} of it for validation"
    notes = [
        f"The data set has parts of its own: this run learned from the training part and {how}. It saw no picture of "
        "the query and gallery parts, nor a near-duplicate of one."
    ]
    if learns_catalog:
        notes.append(
            "The catalog is that training part: figures of its own items are better than they would be on new ones; "
            "those of the query part are not."
        )
    return Candidates(training, validation, shown, dict(left_out), by_product, tuple(notes))


def _refuse_too_few(source: Source, groups: Sequence[tuple[str, ...]], what: str) -> None:
    sizes = Counter(groups)
    several = sum(size > 1 for size in sizes.values())
    if not several or len(sizes) < 3:
        raise TrainingError(
            f"{source.path}: no {what} can be held out for validation. The training part has {len(sizes):,}, of which "
            f"{several:,} have two pictures or more; one such is needed, and two others to learn from."
        )


def _validation_groups(
    labels: list[tuple[str, ...]], largest: int, seed: int, share: float, least: int = 1
) -> set[tuple[str, ...]]:
    """Whole groups of 2 to ``largest`` pictures, drawn by seed until they hold ``share`` of all; ``least`` at least."""
    sizes = Counter(labels)
    eligible = sorted(group for group, size in sizes.items() if 2 <= size <= largest and all(group))
    if not eligible or len(sizes) < 3:
        raise TrainingError(
            f"No style group can be held out for validation: of the {len(sizes):,} groups that are not evaluated "
            f"{len(eligible):,} have 2 to {largest:,} pictures, and two groups must stay for training. Group by fewer "
            "columns, or build the catalog with narrower bounds (--smallest, --largest)."
        )
    random.Random(f"{seed}/validation").shuffle(eligible)
    held_out: set[tuple[str, ...]] = set()
    count = 0
    for group in eligible[: len(sizes) - 2]:
        if len(held_out) >= least and count + sizes[group] > share * len(labels):
            break
        held_out.add(group)
        count += sizes[group]
    return held_out


def division_fingerprint(
    training: Sequence[Picture], validation: Sequence[Picture], evaluated: Catalog, architecture: Architecture
) -> str:
    """SHA-256 over the pictures of both parts, those that are evaluated, and the size that pictures are read at."""

    def plain(pictures: Sequence[Picture]) -> list[Any]:
        return [
            [one.row.id, one.digest, one.row.labels, sorted(one.row.attributes.items())]
            + ([one.row.product] if one.row.product else [])
            for one in pictures
        ]

    size = [architecture.height, architecture.width]
    text = json.dumps([plain(training), plain(validation), evaluated.fingerprint, size], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
