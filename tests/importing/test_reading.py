import io
import pickle

import numpy as np
import pytest

from fashion_search.errors import VectorsError
from fashion_search.importing import reading
from fashion_search.importing.reading import Source, read
from tests.importing.made import WRITTEN, archive, array, lines, parquet, read_as, source

IDS = ("007", "b,1", "é")
ROWS = np.array([[0.1, -2.0, 3e-8], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]], dtype=np.float32)


@pytest.mark.parametrize("how", WRITTEN)
def test_each_format_gives_the_same_ids_and_the_same_numbers(how: str) -> None:
    ids = tuple(id.replace(",", ";") for id in IDS) if how == "csv" else IDS
    made = read_as(how, ids, ROWS)
    assert made.ids == ids
    np.testing.assert_array_equal(made.vectors.astype(np.float32), ROWS)


@pytest.mark.parametrize("kind", ["float16", "float32", ">f4", "float64", "int8", "uint16", "int64"])
def test_numbers_of_any_kind(kind: str) -> None:
    rows = np.arange(6).reshape(3, 2).astype(kind)
    made = read(source("v.npy", array(rows)), source("i.txt", lines(IDS)))
    np.testing.assert_array_equal(made.vectors.astype(np.float64), rows.astype(np.float64))


def test_ids_of_whole_numbers_and_of_bytes() -> None:
    for ids in (np.array([3, 1, 2]), np.array([b"3", b"1", b"2"])):
        assert read(source("v.npy", array(ROWS)), source("i.npy", array(ids))).ids == ("3", "1", "2")
        assert read(source("v.npz", archive(vectors=ROWS, ids=ids))).ids == ("3", "1", "2")
    assert read(source("v.parquet", parquet(Id=[3, 1, 2], v=ROWS.tolist()))).ids == ("3", "1", "2")


def test_ids_with_windows_line_ends_and_a_mark_at_the_start() -> None:
    text = "\ufeff1\r\n2\r\n3".encode()
    assert read(source("v.npy", array(ROWS)), source("i.txt", text)).ids == ("1", "2", "3")


OBJECTS = np.array([{"a": 1}, 2, 3], dtype=object)
IN_ORDER = source("i.txt", lines(IDS)).content.read()
REFUSED: dict[str, tuple[str, bytes, str | None, bytes, str]] = {
    "suffix": ("v.pkl", pickle.dumps(ROWS), "i.txt", IN_ORDER, "none of the files that vectors are read from: .npy"),
    "pickled": ("v.npy", array(OBJECTS), "i.txt", IN_ORDER, "v.npy holds pickled objects, which are never read"),
    "pickled ids": ("v.npz", archive(vectors=ROWS, ids=OBJECTS), None, b"", "v.npz holds pickled objects"),
    "damaged": ("v.npy", array(ROWS)[:-3], "i.txt", IN_ORDER, "v.npy is damaged or no plain array"),
    "no array": ("v.npy", b"hello", "i.txt", IN_ORDER, "v.npy is damaged or no plain array"),
    "no archive": ("v.npz", b"hello", "i.txt", IN_ORDER, "v.npz is damaged or no .npz archive"),
    "other arrays": (
        "v.npz",
        archive(a=ROWS, b=ROWS),
        None,
        b"",
        "holds a, b; it needs the arrays “vectors” and “ids”",
    ),
    "no parquet": ("v.parquet", b"hello", None, b"", "v.parquet is damaged or no parquet file"),
    "uneven lists": ("v.parquet", parquet(id=["1", "2"], v=[[1.0], [1.0, 2.0]]), None, b"", "2 different lengths"),
    "text in lists": ("v.parquet", parquet(id=["1"], v=[["a", "b"]]), None, b"", "lists of string"),
    "text in columns": ("v.parquet", parquet(id=["1"], v=["a"], w=[1.0]), None, b"", "string in the column 'v'"),
    "lists and more": ("v.parquet", parquet(id=["1"], v=[[1.0]], w=[1.0]), None, b"", "lists in the column 'v'"),
    "text in csv": ("v.csv", b"id,a,b\n1,2,x\n", None, b"", "v.csv is no table of an “id” column"),
    "two id columns": ("v.csv", b"id,ID,a\n1,1,2\n", None, b"", "two columns of ids: 'id' and 'ID'"),
    "a column twice": ("v.csv", b"id,a,a\n1,1,2\n", None, b"", "two columns named 'a'"),
    "row numbers of pandas": ("v.csv", b",id,a\n0,1,2\n", None, b"", "looks like a table's row numbers"),
    "row numbers in parquet": (
        "v.parquet",
        parquet(id=["1"], v=[1.0], w=[2.0], __index_level_0__=[7]),
        None,
        b"",
        "the column '__index_level_0__', which looks like a table's row numbers",
    ),
    "ragged": ("v.csv", b"id,a,b\n1,2,3\n4,5\n", None, b"", "v.csv is no table"),
    "no ids": ("v.npy", array(ROWS), None, b"", "v.npy does not say which item each vector is of"),
    "ids twice": ("v.csv", b"id,a,b\n1,2,3\n", "i.txt", b"1\n", "v.csv has ids of its own, and i.txt has others"),
    "count": ("v.npy", array(ROWS), "i.txt", b"1\n2\n", "i.txt has 2 ids, v.npy 3 vectors"),
    "shape": ("v.npy", array(ROWS[0]), "i.txt", IN_ORDER, r"an array of shape \(3,\)"),
    "one number each": ("v.npy", array(ROWS[:, :1]), "i.txt", IN_ORDER, r"shape \(3, 1\)"),
    "nothing": ("v.npy", array(ROWS[:0]), "i.txt", b"", r"shape \(0, 3\)"),
    "truth values": ("v.npy", array(ROWS > 1), "i.txt", IN_ORDER, "v.npy holds bool, not numbers"),
    "fractions as ids": ("v.npy", array(ROWS), "i.npy", array(np.array([1.5, 2, 3])), "ids of float64"),
    "ids as a table": ("v.npy", array(ROWS), "i.npy", array(np.array([[1], [2], [3]])), r"ids of shape \(3, 1\)"),
    "ids of another kind": ("v.npy", array(ROWS), "i.json", b"[]", "none of the files that ids are read from: .txt"),
    "no id column": ("v.npy", array(ROWS), "i.csv", b"item\n1\n2\n3\n", "no columns named “id”"),
    "ids in Latin-1": ("v.npy", array(ROWS), "i.txt", "é\n".encode("latin-1"), "i.txt is not in UTF-8"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_read_is_refused_in_a_sentence(why: str) -> None:
    name, content, ids, of_ids, says = REFUSED[why]
    with pytest.raises(VectorsError, match=says) as refused:
        read(source(name, content), source(ids, of_ids) if ids else None)
    assert "\n" not in str(refused.value)


def test_an_array_that_claims_to_be_huge_is_refused_before_room_is_made_for_it() -> None:
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": (2**40, 512)})
    with pytest.raises(VectorsError, match=r"v.npy holds 2,097,152.0 GB; at most 4 GB are read"):
        read(source("v.npy", out.getvalue()), source("i.txt", b"1\n"))


def test_files_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.zeros((1000, 2), np.float32)
    packed = io.BytesIO()
    np.savez_compressed(packed, vectors=zeros)
    sources = [
        Source("v.npz", packed),
        source("v.parquet", parquet(a=zeros[:, 0], b=zeros[:, 1])),
        source("v.csv", b"1,2\n" * 2000),
    ]
    monkeypatch.setattr(reading, "MOST_BYTES", 7000)
    for one in sources:
        with pytest.raises(VectorsError, match="at most 0 GB are read"):
            read(one, source("i.txt", b"1\n"))


def test_a_damaged_archive_is_one_sentence_wherever_the_damage_is() -> None:
    packed = io.BytesIO()
    np.savez_compressed(packed, vectors=np.arange(600.0).reshape(100, 6), ids=np.arange(100))
    whole = packed.getvalue()
    said = []
    for place in range(30, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        try:
            read(source("v.npz", bytes(damaged)))
        except VectorsError as error:
            said.append(str(error))
    assert len(said) > 20
    assert not [one for one in said if "\n" in one]
