"""The losses of a recipe over a batch, by name. It imports torch, and the package of a similarity loss where one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import torch
from torch import Tensor, nn

from fashion_search.encoders.autoencoder import Decoder
from fashion_search.encoders.classifying import RELAXATION, feature_relaxation
from fashion_search.training.recipe import Classification, Distillation, Recipe
from fashion_search.training.similarity import LOSSES
from fashion_search.training.targets import Targets


def words_loss(log_shares: Tensor, codes: Tensor) -> Tensor:
    """Cross-entropy towards the equal share of the words of a name; names without any do not count.

    Mahajan et al., *Exploring the Limits of Weakly Supervised Pretraining*, 2018, §2.2.

    Args:
        log_shares: shape (n, words).
        codes: -1 where a name has fewer, shape (n, most words).
    """
    there = codes >= 0
    per_name = (log_shares.gather(1, codes.clamp(min=0)) * there).sum(1) / there.sum(1).clamp(min=1)
    return -per_name.sum() / there.any(1).sum().clamp(min=1)


def soft_labels(values: Sequence[str], recipe: Classification, families: Sequence[frozenset[str]]) -> Tensor:
    """For each value the distribution that a picture of it is trained towards, shape (values, values).

    ``smoothing`` is spread over all values; ``shades`` over the other colours of its family, or kept by the
    value where it has none. Rows add up to 1.
    """
    n = len(values)
    table = torch.full((n, n), recipe.smoothing / n)
    family_of = {name: family for family in families for name in family}
    for place, value in enumerate(values):
        family = family_of.get(value.casefold(), frozenset())
        neighbours = [other for other, name in enumerate(values) if other != place and name.casefold() in family]
        table[place, place] += 1 - recipe.smoothing - (recipe.shades if neighbours else 0)
        for other in neighbours:
            table[place, other] += recipe.shades / len(neighbours)
    return table


RARE = 20
"""Pictures with the shares of the whole catalog that are added to each category's own before its shares are taken."""


def log_shares_within(codes: Tensor, n_values: int, categories: Tensor, n_categories: int) -> Tensor:
    """The logarithm of each value's share among the pictures of a category, shape (categories, values).

    Args:
        codes: the value of each picture, shape (n,); each occurs.
        n_values: how many there are.
        categories: the category of each picture, shape (n,).
        n_categories: how many there are.
    """
    counts = torch.bincount(categories * n_values + codes, minlength=n_categories * n_values)
    counts = counts.view(n_categories, n_values).float()
    overall = counts.sum(0) / len(codes)
    return ((counts + RARE * overall) / (counts.sum(1, keepdim=True) + RARE)).log()


@dataclass(frozen=True)
class Batch:
    """What the pictures of a batch are.

    ``codes``: column → values, shape (n,). ``positives``: equal numbers are positives, shape (n,). ``word_codes``: of
    the names' words, shape (n, most words). ``taught``: the teachers' vectors of the pictures as they are, unit
    vectors, shape (n, dimensions). ``pixels``: as they were augmented, values 0 to 255, shape (n, 3, h, w).
    """

    codes: dict[str, Tensor]
    positives: Tensor | None = None
    word_codes: Tensor | None = None
    taught: Tensor | None = None
    pixels: Tensor | None = None

    @classmethod
    def of(
        cls, rows: Tensor, targets: Targets, taught: Tensor | None, device: torch.device, pixels: Tensor | None = None
    ) -> Self:
        """The batch of some training pictures, by their places."""

        def chosen(values: Tensor | None) -> Tensor | None:
            return None if values is None else values[rows].to(device)

        codes = {column: values[rows].to(device) for column, values in targets.codes.items()}
        return cls(codes, chosen(targets.positives), chosen(targets.word_codes), chosen(taught), pixels)


class Losses(nn.Module):
    """All losses of a recipe, with the parameters that belong to them alone."""

    def __init__(
        self, recipe: Recipe, dimensions: int, channels: int, targets: Targets, families: Sequence[frozenset[str]]
    ):
        super().__init__()
        self._classification = recipe.classification
        self._similarity = recipe.similarity
        self._distillation = recipe.distillation
        self._reconstruction = recipe.reconstruction
        self.decoder = Decoder(recipe.network.architecture) if recipe.reconstruction is not None else None
        self.columns = {column: f"c{place}" for place, column in enumerate(targets.codes)}  # names may hold dots
        self._category = recipe.category
        self.heads = nn.ModuleDict()
        self.relaxation: nn.Module | None = None
        if recipe.classification is not None:
            width = channels if recipe.classification.relaxation else dimensions
            if recipe.classification.relaxation:
                self.relaxation = feature_relaxation(channels, recipe.classification.dropout)
            for column, key in self.columns.items():
                self.heads[key] = nn.Linear(width, len(targets.values[column]))
                soft = soft_labels(
                    targets.values[column], recipe.classification, families if "colour" in column else ()
                )
                self.register_buffer(f"soft_{key}", soft, persistent=False)
                self.register_buffer(f"offsets_{key}", self._offsets(column, targets), persistent=False)
        self.words = nn.Linear(dimensions, len(targets.words)) if targets.words else None
        self.metric: nn.Module | None = None
        self._miner: Any = None
        if recipe.similarity is not None:
            assert targets.positives is not None
            n_classes = int(targets.positives.max()) + 1
            self.metric, self._miner = LOSSES[recipe.similarity.loss].make(recipe.similarity, dimensions, n_classes)

    def classifier(self) -> dict[str, Tensor]:
        """The weights of the classification path, as an encoder's file names them; none without a classification."""
        found: dict[str, Tensor] = {}
        for place, key in enumerate(self.columns.values() if self.heads else ()):
            found |= {f"{place}.{name}": value for name, value in self.heads[key].state_dict().items()}
        if self.relaxation is not None and found:
            found |= {RELAXATION + name: value for name, value in self.relaxation.state_dict().items()}
        return found

    def _offsets(self, column: str, targets: Targets) -> Tensor:
        """What logit adjustment adds in each category, shape (categories, values); one row where there are none."""
        assert self._classification is not None
        codes, n_values = targets.codes[column], len(targets.values[column])
        if self._category == column or self._category not in targets.codes:
            categories, n_categories = torch.zeros_like(codes), 1
        else:
            categories, n_categories = targets.codes[self._category], len(targets.values[self._category])
        return self._classification.adjustment * log_shares_within(codes, n_values, categories, n_categories)

    def forward(self, embeddings: Tensor, maps: Tensor, batch: Batch) -> dict[str, Tensor]:
        """Each loss of a batch by its name, already weighted: their sum is what is minimised.

        Args:
            embeddings: not of unit length, shape (n, dimensions).
            maps: the feature maps that they were pooled from, shape (n, channels, y, x).
            batch: what the pictures are.
        """
        found: dict[str, Tensor] = {}
        if self._classification is not None:
            features = embeddings
            if self.relaxation is not None:
                features = self.relaxation(maps.float()).mean((2, 3))
            for column, key in self.columns.items():
                weight = self._classification.weight * self._classification.attributes.get(column, 1.0)
                soft: Tensor = getattr(self, f"soft_{key}")
                # Logit adjustment (Menon et al., Long-Tail Learning via Logit Adjustment, 2021, equation 10), here with
                # the frequencies within a category, so that a rare combination is not unlikely for being rare.
                offsets: Tensor = getattr(self, f"offsets_{key}")
                of_category = offsets if len(offsets) == 1 else offsets[batch.codes[self._category]]
                log_shares = nn.functional.log_softmax(self.heads[key](features) + of_category, dim=1)
                found[column] = -weight * (soft[batch.codes[column]] * log_shares).sum(1).mean()
            if self.words is not None and batch.word_codes is not None:
                log_shares = nn.functional.log_softmax(self.words(embeddings), dim=1)
                found["words"] = self._classification.words * words_loss(log_shares, batch.word_codes)
        if self._similarity is not None and self.metric is not None:
            assert batch.positives is not None
            pairs = None if self._miner is None else self._miner(embeddings, batch.positives)
            found["similarity"] = self._similarity.weight * self.metric(embeddings, batch.positives, pairs)
        if self._distillation is not None and batch.taught is not None:
            found |= distillation_losses(self._distillation, embeddings, batch.taught)
        if self._reconstruction is not None and self.decoder is not None and batch.pixels is not None:
            told = self.decoder(embeddings)
            error = nn.functional.mse_loss(told, batch.pixels / 255)
            found["reconstruction"] = self._reconstruction.weight * error
        return found


def distillation_losses(distillation: Distillation, embeddings: Tensor, taught: Tensor) -> dict[str, Tensor]:
    """The distance of pictures' vectors from the teachers' vectors of them, weighted.

    ``distillation``: 1 − cosine. ``contrast``: cross-entropy of finding a picture's own taught vector among those of
    the batch (Tian et al., *Contrastive Representation Distillation*, 2020, with the batch as negatives).
    """
    unit = nn.functional.normalize(embeddings, dim=1)
    found = {"distillation": distillation.weight * (1 - (unit * taught).sum(1)).mean()}
    if distillation.contrast:
        own = torch.arange(len(unit), device=unit.device)
        cosines = unit @ taught.T / distillation.temperature
        found["contrast"] = distillation.contrast * nn.functional.cross_entropy(cosines, own)
    return found
