"""What each picture is to the losses: its values, its style group, the words of its name. It imports torch."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fashion_search.errors import TrainingError
from fashion_search.training.division import Picture, label_columns
from fashion_search.training.recipe import Classification, Recipe


@dataclass(frozen=True)
class Targets:
    """What each training picture is.

    ``values``: column → the values that there are, in the order of their codes; ``codes``: column → the value
    of each picture, shape (n,). ``groups``: style groups, shape (n,). ``positives``: equal numbers are positives for
    the similarity loss, shape (n,); None without one, and all different where each picture is an instance of its own.
    ``words``: of product names, and ``word_codes`` those that each
    name has, shape (n, ``MOST_WORDS``), -1 where it has fewer; None where they are not learned.
    """

    values: dict[str, list[str]]
    codes: dict[str, Tensor]
    groups: Tensor
    positives: Tensor | None = None
    words: tuple[str, ...] = ()
    word_codes: Tensor | None = None

    @property
    def has_no_pairs(self) -> bool:
        """Whether no two pictures are positives, so that a positive can only be a picture again."""
        return self.positives is not None and len(set(self.positives.tolist())) == len(self.positives)


def encode(values: Sequence[str]) -> tuple[list[str], Tensor]:
    """Values as codes: the distinct ones, sorted, and for each its place, shape (n,)."""
    known, codes = np.unique(np.array(values, dtype=object).astype(str), return_inverse=True)
    return [str(value) for value in known], torch.from_numpy(codes.astype(np.int64))


LEAST_NAMES = 20
"""Names that a word must be in to be learned."""

MOST_WORDS = 12
"""Words of one name that are learned, the rarest first."""


def encode_words(names: Sequence[str]) -> tuple[tuple[str, ...], Tensor]:
    """The words of names that are in ``LEAST_NAMES`` of them, and each name's as codes, shape (n, ``MOST_WORDS``).

    Words in more than half of the names say nothing. A name's places that are left over hold -1.
    """
    words_of = [sorted(set(re.findall(r"[^\W\d_]{2,}", name.casefold()))) for name in names]
    counts = Counter(word for words in words_of for word in words)
    known = sorted(word for word, n in counts.items() if LEAST_NAMES <= n <= len(names) / 2)
    code = {word: place for place, word in enumerate(known)}
    codes = torch.full((len(names), MOST_WORDS), -1)
    for row, words in enumerate(words_of):
        rarest = sorted((word for word in words if word in code), key=lambda word: (counts[word], word))[:MOST_WORDS]
        codes[row, : len(rarest)] = torch.tensor([code[word] for word in rarest], dtype=torch.int64)
    return tuple(known), codes


def find_targets(pictures: Sequence[Picture], columns: Sequence[str], recipe: Recipe) -> tuple[Targets, list[str]]:
    """What each training picture is for a recipe's losses, and what a person should know of it.

    Columns that the catalog does not have, or that have one value, are left out; where it has none of them
    its grouping columns take their place, but for one that names products.

    Args:
        pictures: those of training, in their order.
        columns: those that style groups are made of.
        recipe: its classification and similarity loss.

    Raises:
        TrainingError: there is nothing to tell pictures apart by.
    """
    notes: list[str] = []
    values: dict[str, list[str]] = {}
    codes: dict[str, Tensor] = {}
    words: tuple[str, ...] = ()
    word_codes: Tensor | None = None
    positives: Tensor | None = None
    if recipe.classification is not None:
        labels = _classified(pictures, columns, recipe.classification, notes)
        for column, of_pictures in labels.items():
            known, coded = encode(of_pictures)
            if len(known) > 1:
                values[column], codes[column] = known, coded
            else:
                notes.append(f"All training pictures have the same {column}; it is not classified.")
        if not codes and recipe.similarity is None:
            raise TrainingError(
                f"All {len(pictures):,} training pictures have the same {', '.join(labels)}; there is nothing to "
                "learn. Train on a source with more than one class."
            )
        if recipe.classification.words:
            words, word_codes = encode_words([picture.row.name for picture in pictures])
            if not words:
                word_codes = None
                notes.append("No word is in enough product names to be learned.")
        if recipe.classification.adjustment and recipe.category not in codes:
            notes.append(f"{recipe.category} is not classified; logits are adjusted for frequencies in all pictures.")
    if recipe.similarity is not None:
        positives = _positives(pictures, columns, recipe.similarity.same, recipe.category, notes)
    return Targets(values, codes, encode(_groups(pictures))[1], positives, words, word_codes), notes


def _groups(pictures: Sequence[Picture]) -> list[str]:
    return [" · ".join(picture.row.labels) for picture in pictures]


def _classified(
    pictures: Sequence[Picture], columns: Sequence[str], classification: Classification, notes: list[str]
) -> dict[str, list[str]]:
    """What each picture says in the columns that are classified."""
    known = pictures[0].row.attributes
    absent = [column for column in classification.attributes if column not in known]
    labels = {
        column: [picture.row.attributes.get(column, "") for picture in pictures]
        for column in classification.attributes
        if column in known
    } or {columns[at]: [picture.row.labels[at] for picture in pictures] for at in label_columns(pictures, columns)}
    if absent:
        notes.append(f"The catalog has no {', '.join(absent)}; what is classified: {', '.join(labels)}.")
    return labels


_PLURALS = {"category": "categories", "group": "style groups", "instance": "products"}


def _positives(
    pictures: Sequence[Picture], columns: Sequence[str], same: str, category: str, notes: list[str]
) -> Tensor:
    """Equal numbers are positives for the similarity loss, shape (n,)."""
    if same == "instance" and not any(picture.row.product for picture in pictures):
        return torch.arange(len(pictures))
    if same == "instance":
        labels = [picture.row.product or f"{place}\0" for place, picture in enumerate(pictures)]
    elif same == "group":
        labels = _groups(pictures)
    elif category in pictures[0].row.attributes:
        labels = [picture.row.attributes.get(category, "") for picture in pictures]
    else:
        labels = [picture.row.labels[0] for picture in pictures]
        notes.append(f"The catalog has no {category}; categories are its {columns[0]}.")
    known, codes = encode(labels)
    if len(known) < 2:
        of_one = "product" if same == "instance" else same
        raise TrainingError(
            f"All {len(pictures):,} training pictures are of one {of_one}; a similarity loss needs two."
        )
    single = int((torch.bincount(codes) == 1).sum())
    if single:
        notes.append(
            f"{single:,} of {len(known):,} {_PLURALS[same]} have one picture; it is compared with itself, augmented "
            "again."
        )
    return codes
