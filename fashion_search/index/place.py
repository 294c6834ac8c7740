"""Where an index is kept that is not here: as people write it, and as it is kept in mind."""

import os
from urllib.parse import SplitResult, urlsplit

from fashion_search.encoders import INDEXES, Index, index_of, indexed
from fashion_search.errors import EngineError
from fashion_search.home import user_path

PLACE_VARIABLE = "FASHION_SEARCH_INDEX"
FILE_SUFFIX = ".db"
_PORT = 19530  # Milvus's own
_HOW = (
    "Write --index milvus:http://HOST:PORT for a server, --index milvus:FILE.db for a file; or name it once for all, "
    f"as in {PLACE_VARIABLE}=milvus://HOST:PORT."
)


def asked_index(text: str) -> tuple[Index, str]:
    """An index as people ask for it, ``hnsw`` or ``milvus:URL``, and its place; empty where it is none that has one.

    Where no place is given, it is the one that ``FASHION_SEARCH_INDEX`` names.

    Raises:
        UnknownNameError: there is no such index.
        EngineError: it needs a place and has none; or has one that makes no sense.
    """
    name, _, place = text.partition(":")
    index = index_of(indexed("", name))
    if not index.is_elsewhere:
        if place:
            raise EngineError(f"{index.title} is kept with the catalog and takes no place: write --index {name}.")
        return index, ""
    if not place:
        usual, _, place = os.environ.get(PLACE_VARIABLE, "").partition(":")
        if usual not in ("", name):
            raise EngineError(f"{PLACE_VARIABLE} names the index {usual!r}; it can name {_elsewhere()}. {_HOW}")
    if not place.strip("/ "):
        raise EngineError(f"{index.title} needs to be told where it is. {_HOW}")
    return index, place_of(place)


def written(text: str) -> str:
    """The same in one word, its place included.

    Raises:
        UnknownNameError, EngineError: as ``asked_index``.
    """
    return with_place(*asked_index(text))


def with_place(index: Index, place: str) -> str:
    """An index and its place, as they are asked for."""
    return f"{index.name}:{place}" if place else index.name


def place_of(text: str) -> str:
    """A place in the one form in which it is kept: ``http://HOST:PORT``, maybe with a database, or a file's full path.

    Raises:
        EngineError: it is neither, or has a password in it.
    """
    if text.startswith("//"):
        text = f"http:{text}"
    if "://" in text:
        return _url(text)
    path = str(user_path(text))
    if not path.endswith(FILE_SUFFIX):
        raise EngineError(f"{text!r} is neither a URL nor a file whose name ends with {FILE_SUFFIX}. {_HOW}")
    return path


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        has_password, host, port = "@" in parts.netloc, _host(parts), parts.port
    except ValueError as error:
        raise EngineError(f"The place of the index is no URL ({error}). {_HOW}") from error
    if has_password or parts.query or parts.fragment:
        raise EngineError(
            "The URL of an index is kept with the catalog, so that no user, password or token may stand in it: set "
            "FASHION_SEARCH_MILVUS_TOKEN to USER:PASSWORD, or to the token, instead."
        )
    database = parts.path.strip("/")
    if parts.scheme not in ("http", "https") or not host or "/" in database:
        raise EngineError(f"{text!r} is no URL of a Milvus server. {_HOW}")
    port = port or (443 if parts.scheme == "https" else _PORT)
    return f"{parts.scheme}://{host}:{port}{'/' if database else ''}{database}"


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    return f"[{host}]" if ":" in host else host


def _elsewhere() -> str:
    return " or ".join(name for name, index in INDEXES.items() if index.is_elsewhere)
