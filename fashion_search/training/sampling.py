"""Which pictures a step sees: an order per epoch that follows from seed and epoch alone."""

import numpy as np
from numpy.typing import NDArray

from fashion_search.training.recipe import Recipe


def epoch_order(groups: NDArray[np.intp], together: int, balance: float, seed: int, epoch: int) -> NDArray[np.intp]:
    """The pictures of one epoch in the order of its steps, shape (about n,), a multiple of ``together``.

    Args:
        groups: the group of each picture, shape (n,).
        together: pictures of one group that stand beside each other: one, and random others of its group. A
            group of one repeats it, which is augmented twice.
        balance: 0: the first picture of those that stand together is drawn without replacement, each with the same
            probability; 1: with replacement, each group with the same probability; and between.
        seed: of the run.
        epoch: from 0.
    """
    random = np.random.default_rng([seed, epoch])
    n = len(groups)
    sizes = np.bincount(groups)
    anchors = max(n // together, 1)
    if balance:
        chances = sizes[groups].astype(np.float64) ** -balance
        first = random.choice(n, anchors, p=chances / chances.sum())
    else:
        first = random.permutation(n)[:anchors]
    if together == 1:
        return first
    by_group = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[by_group], np.arange(groups.max() + 1))
    place = np.empty(n, dtype=np.intp)
    place[by_group] = np.arange(n)
    order = np.empty((anchors, together), dtype=np.intp)
    order[:, 0] = first
    of = groups[first]
    for column in range(1, together):
        others = np.maximum(sizes[of] - 1, 1)
        away = 1 + (random.random(anchors) * others).astype(np.intp)  # around the group's circle
        order[:, column] = by_group[starts[of] + (place[first] - starts[of] + away) % sizes[of]]
    return order.reshape(-1)


def standing_together(recipe: Recipe) -> int:
    """How many pictures that are the same stand beside each other: of an instance at least two."""
    is_paired = recipe.similarity is not None and recipe.similarity.same == "instance"
    return max(recipe.optimisation.together, 2 if is_paired else 1)


def batch_size(recipe: Recipe, n_training: int, has_no_pairs: bool = False) -> int:
    """The recipe's, or as many as there are, in whole sets of pictures that stand together.

    ``has_no_pairs``: each picture is an instance of its own, and comes twice.
    """
    together = 2 if has_no_pairs else standing_together(recipe)
    most = min(recipe.optimisation.batch, n_training * (2 if has_no_pairs else 1))
    return max(most // together * together, together)
