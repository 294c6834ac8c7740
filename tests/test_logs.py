"""The log: fixed fields, a line each, nothing that ends a line or acts in a terminal, no personal data."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest

from fashion_search import logs
from fashion_search.errors import ImageError

HOSTILE = "x\n2026-01-01T00:00:00.000Z search outcome=done\r\x1b[31m\u2028\x85\x00\"'"


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    logger = logs.LOGGER
    before = logger.handlers[:], logger.level, logger.propagate
    yield
    logger.handlers[:], logger.level, logger.propagate = before


@pytest.fixture
def as_json() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(True, stream)
    return stream


@pytest.fixture
def as_text() -> io.StringIO:
    stream = io.StringIO()
    logs.configure(False, stream)
    return stream


def test_fields_are_fixed(as_json: io.StringIO) -> None:
    logs.log("search", catalog="demo", method="fashion", ms=12.345)
    logs.log("build", "cancelled")
    first, second = map(json.loads, as_json.getvalue().splitlines())
    assert list(first) == list(logs.FIELDS) == list(second)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", first.pop("time"))
    assert first == {
        "event": "search",
        "catalog": "demo",
        "method": "fashion",
        "ms": 12.3,
        "outcome": "done",
        "id": "",
    }
    assert (second["ms"], second["outcome"]) == (None, "cancelled")


def test_a_line_for_people(as_text: io.StringIO) -> None:
    logs.log("search", catalog="demo", method="fashion", ms=12.345)
    assert re.fullmatch(r"\S+Z search catalog=demo method=fashion ms=12.3 outcome=done\n", as_text.getvalue())


def test_nothing_ends_a_line_or_forges_one(as_text: io.StringIO) -> None:
    logs.log("search", HOSTILE, catalog=HOSTILE, method=HOSTILE, id=HOSTILE)
    logs.LOGGER.warning("from elsewhere %s", HOSTILE)
    for line in as_text.getvalue().split("\n")[:-1]:
        assert line.isprintable()
    assert len(as_text.getvalue().splitlines()) == 2


def test_nothing_ends_a_line_of_json(as_json: io.StringIO) -> None:
    logs.log("search", HOSTILE, catalog=HOSTILE)
    [line] = as_json.getvalue().splitlines()
    assert json.loads(line)["catalog"] == HOSTILE
    assert line.isascii()


def test_long_values_are_cut(as_json: io.StringIO) -> None:
    logs.log("search", catalog="x" * 10_000)
    assert len(as_json.getvalue()) < 500


def test_a_method_that_is_a_file_has_no_path(as_json: io.StringIO) -> None:
    logs.log("search", method="fashion+0.5*onnx:/home/anna/net.onnx@hnsw")
    assert json.loads(as_json.getvalue())["method"] == "fashion+0.5*onnx:FILE@hnsw"


def test_what_is_timed_says_how_it_ended(as_json: io.StringIO) -> None:
    with logs.timed("search", "demo", "fashion"):
        pass
    with pytest.raises(ImageError), logs.timed("upload"):
        raise ImageError("holiday.png is no picture")
    first, second = map(json.loads, as_json.getvalue().splitlines())
    assert first["ms"] >= 0
    assert (second["event"], second["outcome"]) == ("upload", "ImageError")
    assert "holiday" not in as_json.getvalue()


def failed() -> ZeroDivisionError:
    try:
        1 // 0  # noqa: B018
    except ZeroDivisionError as error:
        error.add_note(HOSTILE)
        return error
    raise AssertionError


def test_a_defect_has_one_id_and_its_traceback(as_json: io.StringIO) -> None:
    error = failed()
    id = logs.defect(error)
    assert logs.defect(error) == id
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{6}", id)
    [line] = as_json.getvalue().splitlines()
    told = json.loads(line)
    assert (told["id"], told["outcome"]) == (id, "ZeroDivisionError")
    assert "in failed" in told["traceback"]
    assert logs.defect(failed()) != id


def test_a_traceback_for_people_forges_no_line(as_text: io.StringIO) -> None:
    id = logs.defect(failed())
    first, *others = as_text.getvalue().splitlines()
    assert f"id={id}" in first
    assert others
    assert all(line.startswith("  | ") and line.isprintable() for line in others)


def test_silent_until_it_is_configured(capsys: pytest.CaptureFixture[str]) -> None:
    for handler in logs.LOGGER.handlers[:]:
        logs.LOGGER.removeHandler(handler)
    logs.LOGGER.addHandler(logging.NullHandler())
    assert not logs.is_configured()
    logs.defect(failed())
    assert capsys.readouterr() == ("", "")
