"""The similarity losses that a recipe can name: one entry each in ``LOSSES``. Listing them imports nothing heavy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import nn

    from fashion_search.training.recipe import Similarity

    Made = tuple[nn.Module, Any]


@dataclass(frozen=True)
class SimilarityLoss:
    """A loss between embeddings.

    ``make``: from a recipe's section, the dimensions and the number of classes, a module over (embeddings, classes,
    mined) and the miner before it, or None. ``package``: what it imports, and what ``pip`` calls that. ``per_class``:
    it has parameters for each class.
    """

    make: "Callable[[Similarity, int, int], Made]"
    package: tuple[str, str] = ("pytorch_metric_learning", "pytorch-metric-learning")
    per_class: bool = False


def _triplet(similarity: "Similarity", dimensions: int, n_classes: int) -> "Made":
    from pytorch_metric_learning import distances, losses, miners, reducers

    # Squared distances between unit vectors and the mean over the triplets, as in the paper's equation 1.
    squared = distances.LpDistance(normalize_embeddings=True, p=2, power=2)
    loss = losses.TripletMarginLoss(similarity.margin, distance=squared, reducer=reducers.MeanReducer())
    return loss, miners.TripletMarginMiner(similarity.margin, type_of_triplets="all", distance=squared)


def _contrastive(similarity: "Similarity", dimensions: int, n_classes: int) -> "Made":
    from pytorch_metric_learning import losses

    return losses.SupConLoss(similarity.temperature), None


def _proxy(similarity: "Similarity", dimensions: int, n_classes: int) -> "Made":
    from pytorch_metric_learning import losses

    return losses.NormalizedSoftmaxLoss(n_classes, dimensions, similarity.temperature), None


LOSSES = {
    "triplet": SimilarityLoss(_triplet),
    "contrastive": SimilarityLoss(_contrastive),
    "proxy": SimilarityLoss(_proxy, per_class=True),
}
"""Every loss by its name in recipes."""
