"""What a page must show, worked out from the files on disk without the package's own search and protocol."""

import csv
import hashlib
import json
import re
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import numpy as np


def manifest(folder: Path) -> dict[str, Any]:
    """The content of a built catalog's manifest."""
    content: dict[str, Any] = json.loads((folder / "manifest.json").read_text("utf-8"))["content"]
    return content


def items(folder: Path) -> list[dict[str, str]]:
    """The rows of a built catalog, in their order."""
    with (folder / manifest(folder)["items"]["file"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def labels(folder: Path) -> dict[str, tuple[str, ...]]:
    """Item id → its labels."""
    columns = manifest(folder)["columns"]
    return {item["id"]: tuple(item[column] for column in columns) for item in items(folder)}


def ranking(folder: Path, method: str, query: str, left_out: Set[str] = frozenset()) -> list[str]:
    """All item ids by falling cosine with the query, without itself and what is left out."""
    vectors = np.load(folder / manifest(folder)["libraries"][method]["vectors"]["file"]).astype(np.float64)
    ids = [item["id"] for item in items(folder)]
    scores = np.round(vectors @ vectors[ids.index(query)], 6)
    order = sorted(range(len(ids)), key=lambda row: (-scores[row], row))
    return [ids[row] for row in order if ids[row] != query and ids[row] not in left_out]


def drawn(folder: Path, seed: int) -> set[str]:
    """One item per style group: the one with the smallest SHA-256 of seed/group/id."""
    groups: dict[str, list[str]] = {}
    for item_id, values in labels(folder).items():
        name = "_".join(re.sub(r"[\W_]+", "_", value.casefold()).strip("_") for value in values)
        groups.setdefault(name, []).append(item_id)
    return {
        min(ids, key=lambda item_id: hashlib.sha256(f"{seed}/{name}/{item_id}".encode()).hexdigest())
        for name, ids in groups.items()
    }


def relevance(
    folder: Path, method: str, queries: Set[str] | None = None, of: Sequence[str] = ()
) -> dict[str, list[bool]]:
    """Query → for every item of its ranking whether it has the query's labels.

    With ``queries``, these are all the queries and no part of the gallery; else each item is a query once. ``of``
    are the queries wanted, by default all.
    """
    right = labels(folder)
    return {
        query: [right[item] == right[query] for item in ranking(folder, method, query, queries or frozenset())]
        for query in of or (right if queries is None else sorted(queries))
    }


def means(judged: Mapping[str, Sequence[bool]], k: int) -> tuple[float, float, float]:
    """Precision, recall and hit at k over all queries with a relevant item."""
    found = [(sum(ranked[:k]), sum(ranked)) for ranked in judged.values() if any(ranked)]
    n = len(found)
    return (
        sum(hits / k for hits, _ in found) / n,
        sum(hits / relevant for hits, relevant in found) / n,
        sum(hits > 0 for hits, _ in found) / n,
    )
