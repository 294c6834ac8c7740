"""What a validation, and the last look at the evaluated style groups, keep of a ranking."""

from fashion_search.catalog import Catalog
from fashion_search.evaluation.measures import MEASURES, PAPERS
from fashion_search.evaluation.mismatches import kinds, shares
from fashion_search.evaluation.rankings import Rankings
from fashion_search.training.run import Row

RANK = 5
"""That of the paper's Table 1."""


def figures(catalog: Catalog, rankings: Rankings) -> Row:
    """Means over queries at rank 5, and the share of results that are wrong in their colour and in nothing else."""
    found = {name: float(MEASURES[name].of(rankings, RANK).mean()) for name in PAPERS}
    of_kinds = shares(catalog, rankings, RANK)
    found["colour_alone"] = sum(
        of_kinds.get(kind.code, 0.0)
        for kind in kinds(catalog.columns)
        if len(kind.columns) == 1 and "colour" in kind.columns[0]
    )
    return {name: round(value, 5) for name, value in found.items()}
