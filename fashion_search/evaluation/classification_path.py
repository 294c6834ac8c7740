"""What trained encoders name the queries by their classification path: measured when it is asked for, and kept.

The path starts from feature maps, not from unit vectors, so the queries' pictures are encoded once more.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable

import numpy as np

from fashion_search.catalog import Catalog
from fashion_search.encoders import encoder_spec, order_name
from fashion_search.encoders.convolutional import ConvolutionalEncoder
from fashion_search.errors import StoreError, WeightsError
from fashion_search.evaluation import saved
from fashion_search.evaluation.classification import Classification, by_classifier
from fashion_search.evaluation.evaluation import Evaluation
from fashion_search.files import stem_of
from fashion_search.images import open_image
from fashion_search.search import encoder_of

_AT_ONCE = 32  # pictures
_VERSION = 1  # of the computation: another one does not read this one's files

Report = Callable[[int, int], None]


def columns_of(method: str, catalog: Catalog) -> list[str]:
    """The catalog's columns that a method names by a classification path of its own; none of most methods."""
    if order_name(method) or len(encoder_spec(method).parts) > 1:
        return []
    return [column for column in encoder_spec(method).classes if column in catalog.columns]


def find(evaluation: Evaluation, method: str, column: str) -> Classification | None:
    """What was measured of the evaluation's queries with the weights as they are now; None where nothing was."""
    catalog = evaluation.store.catalog
    if column not in columns_of(method, catalog):
        return None
    arrays = saved.read(saved.folder_of(evaluation.store.name), _stem(evaluation, method), _key(evaluation, method))
    if arrays is None:
        return None
    queries = evaluation.any_rankings.queries
    values = encoder_spec(method).classes[column]
    probabilities = arrays[_name(method, column)][np.searchsorted(arrays["rows"], queries)]
    return by_classifier(catalog, queries, column, values, probabilities)


def measure(evaluation: Evaluation, method: str, report: Report = lambda done, total: None) -> None:
    """Classify the pictures of a query set, or of the whole catalog, by a method's classification path, and keep it.

    Args:
        evaluation: whose queries are classified.
        method: one that ``columns_of`` has columns of.
        report: called with the number of pictures done, and of all.

    Raises:
        SourceError: the pictures are no longer there.
        WeightsError: the weights are not at hand, or have no classification path.
        StoreError: what was found cannot be written.
    """
    store = evaluation.store
    encoder = encoder_of(store.library(method))
    if not isinstance(encoder, ConvolutionalEncoder):
        raise WeightsError(f"{encoder_spec(method).title} has no classification path.")
    n = store.catalog.n_items
    rows = np.arange(n, len(store.catalog.items)) if evaluation.protocol.queries else np.arange(n)
    columns = columns_of(method, store.catalog)
    found: dict[str, list[np.ndarray]] = {column: [] for column in columns}
    with contextlib.closing(store.tree()) as tree:
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE].tolist()
            told = encoder.classify([open_image(store.original(row, tree)) for row in some])
            for column in columns:
                found[column].append(told[column].probabilities)
            report(start + len(some), len(rows))
    arrays = {_name(method, column): np.concatenate(parts) for column, parts in found.items()} | {"rows": rows}
    folder = saved.folder_of(store.name)
    try:
        saved.write(folder, _stem(evaluation, method), _key(evaluation, method), arrays)
    except OSError as error:
        raise StoreError(f"What was found cannot be kept in {folder}: {error.strerror or error}.") from error


def _name(method: str, column: str) -> str:
    """Of a column's array: by its place, as columns may be called anything."""
    return f"column-{list(encoder_spec(method).classes).index(column)}"


def _stem(evaluation: Evaluation, method: str) -> str:
    queries = f"-{saved.in_names(evaluation.protocol)}" if evaluation.protocol.queries else ""
    return f"classes-{stem_of(method)}{queries}"


def _key(evaluation: Evaluation, method: str) -> str:
    library = evaluation.store.library(method)
    decides = [_VERSION, library.made_by.digest, library.catalog.fingerprint, evaluation.protocol.queries]
    return hashlib.sha256(json.dumps(decides).encode()).hexdigest()[:16]
