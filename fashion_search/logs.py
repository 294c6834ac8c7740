"""The log: a line for each search, upload, build, other long work, refusal and defect, under Python's ``logging``.

Lines have fixed fields (``FIELDS``) and no personal data: no names of files, no digests of pictures, no addresses, no
free text. Only the traceback of a defect may quote what it was given. Nothing in a field can end a line or forge one.
"""

import contextlib
import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

NAME = "fashion_search"
LOGGER = logging.getLogger(NAME)
LOGGER.addHandler(logging.NullHandler())  # silent until ``configure``, also where a program imports the package
FIELDS = ("time", "event", "catalog", "method", "ms", "outcome", "id")
"""Of each line. ``outcome``: done, cancelled, or the name of the error; ``id``: of a defect, which the page says."""

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none looks like another
_LONGEST = 200  # characters of a value
_PLAIN = re.compile(r"[A-Za-z0-9_.:~@+*,()-]+")
_OF_FILE = re.compile(r"onnx:[^@~+*,]*")  # a method that is a file is named by its path
_ID = "_fashion_search_id"


def log(
    event: str,
    outcome: str = "done",
    *,
    catalog: str = "",
    method: str = "",
    ms: float | None = None,
    id: str = "",
    error: BaseException | None = None,
) -> None:
    """Write a line; a defect's has its traceback too."""
    level = logging.ERROR if id else logging.INFO if outcome in ("done", "cancelled") else logging.WARNING
    if LOGGER.isEnabledFor(level):
        fields = {
            "event": event,
            "catalog": catalog,
            "method": _OF_FILE.sub("onnx:FILE", method),
            "ms": None if ms is None else round(ms, 1),
            "outcome": outcome,
            "id": id,
        }
        LOGGER.log(level, event, extra={"fields": fields, "error": error})


@contextlib.contextmanager
def timed(event: str, catalog: str = "", method: str = "") -> Iterator[None]:
    """Write a line of what the block does and how long it took; an error that leaves it is the outcome."""
    started = time.perf_counter()
    outcome = "done"
    try:
        yield
    except Exception as error:  # the page says one of ours, and logs a defect with its traceback
        outcome = type(error).__name__
        raise
    finally:
        log(event, outcome, catalog=catalog, method=method, ms=1000 * (time.perf_counter() - started))


def refusal(error: Exception, catalog: str = "", method: str = "") -> None:
    """Write that something was asked for and not begun; the error's kind says why."""
    log("refusal", type(error).__name__, catalog=catalog, method=method)


def defect(
    error: BaseException, event: str = "page", *, catalog: str = "", method: str = "", ms: float | None = None
) -> str:
    """Write an error that nobody foresaw, with its traceback; returns its id, the same where it is met again."""
    known = getattr(error, _ID, "")
    if known:
        return str(known)
    id = "".join(secrets.choice(_LETTERS) for _ in range(6))
    with contextlib.suppress(AttributeError):  # one that takes no attribute is written anew where it is met again
        setattr(error, _ID, id)
    log(event, type(error).__name__, catalog=catalog, method=method, ms=ms, id=id, error=error)
    return id


class _Lines(logging.Formatter):
    """A record as one line; the lines of a traceback begin so that none is taken for another record."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {"time": _time_of(record), **_fields_of(record)}
        words = [f"{name}={_quoted(value)}" for name, value in fields.items() if value not in ("", None)]
        line = " ".join(words).replace("time=", "", 1).replace("event=", "", 1)
        return "\n".join([line, *(f"  | {_harmless(one)}" for one in _traceback_of(record).splitlines())])


class _Json(logging.Formatter):
    """A record as a JSON object in a line, with ``FIELDS``, and ``traceback`` where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        fields = {"time": _time_of(record), **_fields_of(record)}
        told = _traceback_of(record)
        return json.dumps(fields | ({"traceback": told} if told else {}))


def _time_of(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """The fields but the time, in their order; of a record from elsewhere its text is the outcome."""
    given: dict[str, Any] = getattr(record, "fields", None) or {"event": "message", "outcome": record.getMessage()}
    fields = {name: given.get(name, "") for name in FIELDS[1:]} | {"ms": given.get("ms")}
    return {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in fields.items()}


def _traceback_of(record: logging.LogRecord) -> str:
    error: BaseException | None = getattr(record, "error", None) or (record.exc_info[1] if record.exc_info else None)
    return "".join(traceback.format_exception(error)) if error is not None else ""


def _quoted(value: object) -> str:
    text = str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text)


def _harmless(text: str) -> str:
    """Without signs that a terminal obeys, or that end a line somewhere."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


class _Stderr(logging.StreamHandler[TextIO]):
    """Whatever stderr is when a line is written: who replaces it for a while may close theirs afterwards."""

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


def configure(as_json: bool, stream: TextIO | None = None) -> None:
    """Write the log to a stream, by default stderr, from now on; what was configured before is replaced."""
    for handler in LOGGER.handlers[:]:
        LOGGER.removeHandler(handler)
    handler = logging.StreamHandler(stream) if stream else _Stderr()
    handler.setFormatter(_Json() if as_json else _Lines())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False


def is_configured() -> bool:
    """Whether the log is written somewhere."""
    return any(not isinstance(handler, logging.NullHandler) for handler in LOGGER.handlers)
