"""Indexes: another method's vectors, searched without comparing a query with every item (``index``).

Such a method is named ``METHOD@INDEX``, for example ``fashion@hnsw``; ``METHOD`` alone compares with every item.
"""

from dataclasses import dataclass, replace

from fashion_search.encoders.base import INDEX_MARK, MARK, EncoderSpec, base_method, tinted
from fashion_search.errors import UnknownNameError


@dataclass(frozen=True)
class Index:
    """How vectors are searched.

    ``is_exact``: it finds just what a comparison with every item finds. ``listed``: how many items it lists for a
    query at least; those are then ordered by their cosines. ``package``: what it needs beside the program's own, and
    ``install``: how pip names that. ``is_elsewhere``: it is kept by a server or in a file, whose place is to be named.
    ``tint``: of the method's colour in charts, towards white, or below 0 towards black.
    """

    name: str
    title: str
    summary: str
    is_exact: bool
    listed: int
    package: str = ""
    install: str = "faiss-cpu"
    is_elsewhere: bool = False
    tint: float = 0.0


INDEXES = {
    index.name: index
    for index in (
        Index(
            "kd-tree",
            "KD-tree",
            "A tree of boxes, by Euclidean distance, which orders unit vectors as the cosine does. Exact; quick only "
            "where vectors are short.",
            is_exact=True,
            listed=100,
            tint=-0.3,
        ),
        Index(
            "lsh",
            "LSH",
            "Locality-sensitive hashing: vectors as bits, one for each plane that has them on one side or the other.",
            is_exact=False,
            listed=400,
            package="faiss",
            tint=0.55,
        ),
        Index(
            "hnsw",
            "HNSW",
            "A graph of near neighbours in layers, walked from item to item towards the query.",
            is_exact=False,
            listed=100,
            package="faiss",
            tint=0.3,
        ),
        Index(
            "ivf-pq",
            "IVF-PQ",
            "The cells nearest to the query, their vectors in parts of a few bits each (product quantization).",
            is_exact=False,
            listed=200,
            package="faiss",
            tint=-0.5,
        ),
        Index(
            "float16",
            "float16",
            "Every item, its vector in half precision: half the memory; the nearest are compared in full precision.",
            is_exact=False,
            listed=100,
            package="faiss",
            tint=0.7,
        ),
        Index(
            "int8",
            "int8",
            "Every item, its vector in 8 bits a number: a quarter of the memory; the nearest are compared in full "
            "precision.",
            is_exact=False,
            listed=100,
            package="faiss",
            tint=-0.7,
        ),
        Index(
            "milvus",
            "Milvus",
            "A Milvus server, or a file of Milvus Lite, which has the vectors and labels too and walks such a graph; "
            "filters are applied there.",
            is_exact=False,
            listed=100,
            package="pymilvus",
            install="'fashion_search[milvus]'",
            is_elsewhere=True,
            tint=0.15,
        ),
    )
}
"""In the order in which pages list them."""


def indexed(method: str, index: str) -> str:
    """The name of a method under an index; under none it is the method itself."""
    return f"{base_method(method)}{INDEX_MARK}{index}" if index else base_method(method)


def index_name(method: str) -> str:
    """The index in a method's name; empty where every item is compared."""
    return method.partition(INDEX_MARK)[2]


def index_of(method: str) -> Index:
    """The index in a method's name.

    Raises:
        UnknownNameError: there is no such index.
    """
    name = index_name(method)
    if name not in INDEXES:
        raise UnknownNameError(f"{method!r} names no index. The indexes are {', '.join(INDEXES)}.")
    return INDEXES[name]


def not_both(name: str) -> UnknownNameError:
    """Why there is no method of a name with an index and an order by labels."""
    return UnknownNameError(
        f"{name!r} asks for an index and for re-ranking, which needs the similarity of every item. Ask for one of the "
        f"two: an index, or {base_method(name)}{MARK}ORDER."
    )


def indexed_spec(spec: EncoderSpec, index: Index) -> EncoderSpec:
    """A method as pages list it under an index; what encodes pictures stays the same."""
    return replace(
        spec,
        name=indexed(spec.name, index.name),
        title=f"{spec.title}, {index.title}",
        summary=f"{spec.summary} {index.summary}",
        colour=tinted(spec.colour, index.tint),
    )
