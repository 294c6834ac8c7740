"""Where an index is kept: how people write it, and what is refused."""

from pathlib import Path

import pytest

from fashion_search.errors import EngineError, UnknownNameError
from fashion_search.index import PLACE_VARIABLE, asked_index, written


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("milvus:http://127.0.0.1:19530", "http://127.0.0.1:19530"),
        ("milvus://127.0.0.1:19530", "http://127.0.0.1:19530"),
        ("milvus://vectors.example", "http://vectors.example:19530"),
        ("milvus:https://vectors.example", "https://vectors.example:443"),
        ("milvus:http://vectors.example:19530/shop/", "http://vectors.example:19530/shop"),
        ("milvus://[::1]:19530", "http://[::1]:19530"),
        ("milvus:/data/vectors.db", "/data/vectors.db"),
    ],
)
def test_a_server_or_a_file(text: str, place: str) -> None:
    index, found = asked_index(text)
    assert (index.name, found) == ("milvus", place)
    assert written(text) == f"milvus:{place}"
    assert written(written(text)) == written(text)


def test_a_file_is_one_of_the_persons_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert asked_index("milvus:~/vectors.db")[1] == str(tmp_path / "vectors.db")
    monkeypatch.chdir(tmp_path)
    assert asked_index("milvus:vectors.db")[1] == str(tmp_path / "vectors.db")


@pytest.mark.parametrize("usual", ["milvus://h:1", "milvus:http://h:1"])
def test_the_environment_names_the_usual_place(monkeypatch: pytest.MonkeyPatch, usual: str) -> None:
    monkeypatch.setenv(PLACE_VARIABLE, usual)
    assert asked_index("milvus")[1] == "http://h:1"
    assert asked_index("milvus://other:2")[1] == "http://other:2"
    assert written("hnsw") == "hnsw"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("milvus", "needs to be told where it is"),
        ("milvus:", "needs to be told where it is"),
        ("milvus://", "needs to be told where it is"),
        ("milvus:vectors", "neither a URL nor a file"),
        ("milvus:ftp://host:1", "no URL of a Milvus server"),
        ("milvus:http://:19530", "no URL of a Milvus server"),
        ("milvus:http://host:99999", "no URL"),
        ("milvus:http://host/one/two", "no URL of a Milvus server"),
        ("milvus:http://user:secret@host:19530", "FASHION_SEARCH_MILVUS_TOKEN"),
        ("milvus://user@host", "FASHION_SEARCH_MILVUS_TOKEN"),
        ("milvus:http://host:19530?token=secret", "FASHION_SEARCH_MILVUS_TOKEN"),
        ("hnsw:http://host:19530", "kept with the catalog"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(text: str, why: str) -> None:
    with pytest.raises(EngineError, match=why) as refused:
        asked_index(text)
    assert "secret" not in str(refused.value)


def test_another_index_in_the_environment_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE_VARIABLE, "qdrant://host")
    with pytest.raises(EngineError, match="names the index 'qdrant'; it can name milvus"):
        asked_index("milvus")


def test_an_index_that_there_is_not() -> None:
    with pytest.raises(UnknownNameError, match="'@flat' names no index"):
        asked_index("flat:http://host")
