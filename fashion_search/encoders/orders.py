"""Re-ranked methods: another method's vectors, their results ordered by the catalog's labels too (``labels.rerank``).

``MATCHED`` orders by keypoints instead of labels, and methods of local features alone (``matching``).

Such a method is named ``METHOD~ORDER``, for example ``fashion~balanced``; ``METHOD`` alone orders by similarity.
"""

from dataclasses import dataclass, replace

from fashion_search.encoders.base import MARK, EncoderSpec, base_method, tinted
from fashion_search.encoders.indexes import index_name, not_both
from fashion_search.errors import UnknownNameError

MOST_VARIED = 9  # items of a style group under the order "varied"


@dataclass(frozen=True)
class Order:
    """How results are ordered.

    By labels a result scores ``(1 - share) · cosine + share · temperature · log P``, where P is how probable its style
    group is for the query; by keypoints ``(1 - share) · cosine + share · matched``, where ``matched`` is the share of
    the query's keypoints that have a match. ``first`` is added to log P for the most similar item of each style group,
    so that several groups come up. Where ``most`` is not 0, at most so many items of a style group stand before all
    others.
    """

    name: str
    title: str
    summary: str
    share: float
    first: float = 0.0
    most: int = 0
    tint: float = 0.0  # of the method's colour in charts: towards white, or below 0 towards black
    counted: str = "Labels"  # what has the share


_LIGHT = Order("light", "a little", "Mostly by similarity, the probable labels a little.", 0.6, 1.4, tint=0.2)
_BALANCED = Order(
    "balanced", "balanced", "As many right results as possible, and at least one of them.", 0.9, 1.4, tint=0.4
)
_STRONG = Order("strong", "strongly", "Mostly items of the most probable style groups.", 0.9, 0.8, tint=-0.2)
_STYLE = Order("style", "same style", "Items of the most probable style group first.", 0.97, tint=-0.4)
_VARIED = Order("varied", "varied", "The best item of each of the most probable style groups.", 0.95, most=1, tint=0.65)

SLIDER = ("light", "balanced", "strong", "style")
"""From similar to same style; what comes before the first of them is the order by similarity alone."""

RERANKED = ("balanced", "style", "varied")
"""What a command's ``--rerank`` takes, and what is measured under alterations."""

ORDERS = {order.name: order for order in (_LIGHT, _BALANCED, _STRONG, _STYLE, _VARIED)}
"""The orders by labels. Their numbers were chosen on held-out style groups: ``docs/labels.md``."""


MATCHED = Order(
    "matched",
    "keypoints",
    "The most similar items by how many of the query's keypoints match theirs.",
    0.5,
    tint=0.5,
    counted="Matches",
)
"""The order by matching keypoints; its share was chosen on held-out style groups: ``docs/local-features.md``."""


def order_of(method: str) -> Order:
    """The order in a re-ranked method's name; ``varied-2`` to ``varied-9`` are ``varied`` with more items of a group.

    Raises:
        UnknownNameError: there is no such order.
    """
    name = order_name(method)
    if name in ORDERS:
        return ORDERS[name]
    if name == MATCHED.name:
        return MATCHED
    stem, _, most = name.partition("-")
    if stem != _VARIED.name or most not in {str(number) for number in range(2, MOST_VARIED + 1)}:
        raise UnknownNameError(f"{method!r} names no order of results. The orders are {', '.join(ORDERS)}.")
    summary = f"The {most} best items of each of the most probable style groups."
    return replace(_VARIED, name=name, title=f"varied, {most} a group", summary=summary, most=int(most))


def reranked(method: str, order: str) -> str:
    """The name of a method under an order; under none it is the method itself.

    Raises:
        UnknownNameError: it is searched by an index, whose results cannot be re-ranked.
    """
    if order and index_name(method):
        raise not_both(f"{method}{MARK}{order}")
    return f"{base_method(method)}{MARK}{order}" if order else base_method(method)


def order_name(method: str) -> str:
    """The order in a method's name; empty where it orders by similarity."""
    return method.partition(MARK)[2]


def can_order(spec: EncoderSpec, order: str) -> bool:
    """Whether a method's results can stand in an order, an empty one for similarity."""
    return order != MATCHED.name or (spec.family == "local features" and not spec.combines)


def reranked_spec(spec: EncoderSpec, order: Order) -> EncoderSpec:
    """A method as pages list it under an order; what encodes pictures stays the same.

    Raises:
        UnknownNameError: the order is by keypoints, and the method has none.
    """
    if not can_order(spec, order.name):
        raise UnknownNameError(f"{spec.title} has no keypoints to order results by; methods of local features have.")
    return replace(
        spec,
        name=reranked(spec.name, order.name),
        title=f"{spec.title}, re-ranked ({order.title})",
        summary=f"{order.summary} {order.counted} count {order.share:.0%}, similarity {1 - order.share:.0%}.",
        colour=tinted(spec.colour, order.tint),
    )
