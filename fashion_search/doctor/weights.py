"""The weights at hand: each network that a catalog here is searched by is loaded and encodes a picture."""

from collections.abc import Iterator

from PIL import Image

from fashion_search.doctor.finding import Finding
from fashion_search.encoders import all_methods, encoder_spec, parts_of, problems
from fashion_search.errors import FashionSearchError, MissingPackageError, NotAtHandError, in_a_line
from fashion_search.store import catalog_names, open_store


def check_weights() -> Iterator[Finding]:
    """Methods of catalogs here first, then what else is at hand."""
    for reason in problems().values():
        yield Finding("wrong", reason)
    used = _used()
    for method in used:
        yield from _tried(method)
    others = [spec for spec in all_methods().values() if spec.encodes and spec.name not in used and not spec.combines]
    at_hand = []
    for spec in others:
        try:
            spec.fingerprint()
            at_hand.append(spec.name)
        except FashionSearchError as error:
            if not _is_missing(error):
                yield Finding("wrong", f"{spec.title}: {error}")
    if at_hand:
        yield Finding("fine", f"At hand for more methods: {', '.join(at_hand)}.")
    if len(at_hand) < len(others):
        count = len(others) - len(at_hand)
        yield Finding("notice", f"The weights of {count} more methods are not on this machine; no catalog needs them.")


def _used() -> list[str]:
    """The methods with an encoder of their own that some catalog is searched by."""
    found: dict[str, None] = {}
    for name in catalog_names():
        try:
            methods = list(open_store(name).methods)
        except FashionSearchError:  # the check of catalogs says so
            continue
        found |= dict.fromkeys(part for part in parts_of(methods) if encoder_spec(part).encodes)
    return list(found)


def _tried(method: str) -> Iterator[Finding]:
    """Whether a method's encoder can be loaded and encodes; nothing is downloaded."""
    spec = encoder_spec(method)
    try:
        label = spec.fingerprint().weights_label
        spec.load().encode([Image.new("RGB", (64, 64), "white")])
    except FashionSearchError as error:
        if _is_missing(error):
            yield Finding("notice", f"{spec.title} cannot encode pictures of yours. {error}")
        else:
            yield Finding("wrong", f"{spec.title}: {error}")
    except Exception as error:  # weights that are damaged inside: whatever the library that reads them raises
        reason = f"{type(error).__name__}: {in_a_line(error)}"
        yield Finding("wrong", f"{spec.title} cannot encode ({reason}). Bring its weights ({label}) again.")
    else:
        yield Finding("fine", f"{spec.title} encodes; weights: {label}.")


def _is_missing(error: FashionSearchError) -> bool:
    """Whether weights or a package are only not there, and not damaged."""
    return isinstance(error, (NotAtHandError, MissingPackageError))
