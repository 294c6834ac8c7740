"""The reader of tables: dialects, encodings, and lines that are damaged."""

import pytest

from fashion_search.catalog.rows import OPEN_QUOTE, OTHER_FIELDS, read_table
from fashion_search.errors import SourceError

PLAIN = [["image", "name", "kind"], ["1.png", "Parka", "coat"], ["2.png", "Fedora", "hat"]]


def rows(data: bytes, **options: str) -> list[tuple[int, list[str], str]]:
    return [(line.number, [*line.values.values()], line.problem) for line in read_table(data, "t.csv", **options).lines]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_delimiter_line_ends_and_marks_are_detected(delimiter: str, end: str, encoding: str) -> None:
    data = end.join(delimiter.join(row) for row in PLAIN).encode(encoding)
    assert rows(data) == [(2, PLAIN[1], ""), (3, PLAIN[2], "")]


def test_a_no_break_space_may_be_the_only_letter_that_is_not_ascii() -> None:
    table = read_table("image,kind\n1.png,Navy\xa0Blue\n".encode("cp1252"), "t.csv")
    assert table.lines[0].values["kind"] == "Navy\xa0Blue"
    assert "which gave, for example, “Navy\xa0Blue”" in table.notes[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_the_beginning_of_a_table_may_end_within_a_character(encoding: str) -> None:
    data = "image,kind\n1.png,红色的衣服😀\n".encode(encoding)
    for end in range(len("image,kind\n".encode(encoding)), len(data)):
        table = read_table(data[:end], "t.csv", is_whole=False)
        assert (table.columns, table.notes) == (["image", "kind"], [])


def test_excels_line_that_names_the_delimiter_is_no_header() -> None:
    assert rows(b"sep=;\nimage;kind, sort\n1.png;coat\n") == [(3, ["1.png", "coat"], "")]


def test_other_signs_within_fields_do_not_count_as_delimiters() -> None:
    data = b"image;kind\n1.png;coat, long, red\n2.png;hat, soft, blue\n"
    assert [values for _, values, _ in rows(data)] == [["1.png", "coat, long, red"], ["2.png", "hat, soft, blue"]]


def test_a_row_of_other_length_is_told_by_its_line() -> None:
    data = b"image,name,kind\n1.png,Coat, long,coat\n2.png,hat\n\n3.png,Cap,hat\n"
    assert [(number, problem) for number, _, problem in rows(data)] == [(2, OTHER_FIELDS), (3, OTHER_FIELDS), (5, "")]


def test_surplus_fields_spill_into_a_last_column_that_may_take_them() -> None:
    data = b"image,kind,name\n1.png,coat,Coat, long, red\n2.png,coat\n"
    assert rows(data, spill="name") == [
        (2, ["1.png", "coat", "Coat, long, red"], ""),
        (3, ["2.png", "coat", ""], OTHER_FIELDS),
    ]


def test_a_stray_quotation_mark_swallows_no_line() -> None:
    data = b'image,name,kind\n1.png,"Parka,coat\n2.png,Fedora,hat\n3.png,"Bowler,hat\n4.png,Cap,hat\n'
    assert rows(data) == [
        (2, ["1.png", '"Parka', "coat"], ""),
        (3, ["2.png", "Fedora", "hat"], ""),
        (4, ["3.png", '"Bowler', "hat"], ""),
        (5, ["4.png", "Cap", "hat"], ""),
    ]


def test_a_mark_that_finds_a_partner_in_another_row_is_told_and_swallows_nothing() -> None:
    data = b'image,name,kind\n1.png,"Parka,coat\n2.png,Fedora",hat\n3.png,Cap,hat\n'
    assert [(number, problem) for number, _, problem in rows(data)] == [(2, OPEN_QUOTE), (3, ""), (4, "")]


def test_a_mark_that_may_have_kept_a_delimiter_from_counting_is_told() -> None:
    data = b'image,name,kind\n1.png,"Parka, long" coat,coat\n2.png,"Acme" cap,hat\n'
    assert [(problem, values[1]) for _, values, problem in rows(data)] == [(OPEN_QUOTE, '"Parka'), ("", '"Acme" cap')]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quoted_field_goes_over_several_lines(end: str) -> None:
    data = f'name,image,kind{end}"two{end}lines, ""both""",1.png,coat{end}Cap,2.png,hat{end}'.encode()
    assert rows(data) == [(2, [f'two{end}lines, "both"', "1.png", "coat"], ""), (4, ["Cap", "2.png", "hat"], "")]


def test_a_guessed_encoding_is_said_with_an_example_and_can_be_chosen() -> None:
    data = "image,kind\n1.png,пальто\n".encode("cp1251")
    table = read_table(data, "t.csv")
    assert len(table.notes) == 1
    assert "t.csv is not in UTF-8 and was read as Windows-1252, which gave, for example, “ïàëüòî”" in table.notes[0]
    chosen = read_table(data, "t.csv", "cp1251")
    assert (chosen.lines[0].values["kind"], chosen.notes) == ("пальто", [])


def test_a_chosen_encoding_that_does_not_fit_is_refused() -> None:
    with pytest.raises(SourceError, match=r"t\.csv is not text in utf-8. Choose its encoding") as caught:
        read_table("kind\nmäßig\n".encode("cp1252"), "t.csv", "utf-8")
    assert caught.value.options == ("encoding",)
