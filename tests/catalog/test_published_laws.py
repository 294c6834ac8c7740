"""The two laws of every reader, for the lists of published data sets that hypothesis makes up."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, VALIDATION, Source
from tests.catalog.layouts import (
    CATEGORY_COLUMNS,
    IN_SHOP_BOX_COLUMNS,
    IN_SHOP_COLUMNS,
    PAIR_COLUMNS,
    PARTITION,
    PRODUCT_COLUMNS,
    Write,
    published,
)
from tests.catalog.test_laws import KINDS, PICTURES, QUICK, opened, picture

NUMBER = st.integers(0, PICTURES)  # one more than there are pictures
IMAGE = NUMBER.map(lambda number: f"img/W/D/{number}.png")
WRITTEN = st.one_of(IMAGE, IMAGE, IMAGE, IMAGE.map(lambda name: name.replace("/", "\\")), st.just("../0.png"))
ITEM = st.sampled_from(["id_1", "id_1", "id_2", "é"])
ENDS = st.sampled_from(["\n", "\r\n", "\r", " \n", "\n\n"])
COUNT = st.sampled_from([None, None, 0, 7, 52712])
ODD = st.lists(st.sampled_from(["img/W/D/1.png", "id_1", "train", "1"]), min_size=1, max_size=6)
FILES = {f"img/W/D/{number}.png": picture(number) for number in range(PICTURES)}
Lines = list[list[str]]


def lines_of(*fields: st.SearchStrategy[str]) -> st.SearchStrategy[Lines]:
    """Lines of these fields, some with fields too few or too many."""
    line = st.tuples(*fields).map(list)
    return st.lists(st.one_of(line, line, line, line, ODD), min_size=2, max_size=10)


def list_of(columns: str, lines: Lines, count: int | None, end: str) -> bytes:
    return published(columns, [" ".join(line) for line in lines], count, end)


def whole(lines: Lines, width: int) -> Lines:
    return [[field.replace("\\", "/") for field in line] for line in lines if len(line) == width]


def shows_its_own(source: Source, row_image: str, name: str) -> bool:
    """Whether a row's picture is the one of that name."""
    return row_image == name and source.tree.read(row_image) == FILES[name]


STATUS = st.sampled_from(["train", "query", "gallery", "gallery", "test", ""])
PARTS = {"train": TRAINING, "query": QUERY, "gallery": GALLERY}


@KINDS
@QUICK
@given(lines=lines_of(WRITTEN, ITEM, STATUS), count=COUNT, end=ENDS)
def test_in_shop(write: Write, lines: Lines, count: int | None, end: str) -> None:
    def check(source: Source) -> None:
        assert (source.kind, source.n_rows) == ("in-shop", len(lines))
        own = whole([" ".join(line).split() for line in lines], 3)
        for row in source.rows:
            assert any(
                shows_its_own(source, row.image, image)
                and (row.id, row.product, row.labels, row.part) == (image, item, ("W", item), PARTS.get(status))
                for image, item, status in own
            )

    opened(write, FILES | {PARTITION: list_of(IN_SHOP_COLUMNS, lines, count, end)}, check)


COORDINATE = st.sampled_from(["0", "1", "4", "8", "8", "9", "-1", "x"])


@KINDS
@QUICK
@given(
    lines=lines_of(IMAGE, ITEM, st.just("gallery")),
    boxes=lines_of(WRITTEN, st.just("1"), st.just("1"), *[COORDINATE] * 4),
)
def test_boxes(write: Write, lines: Lines, boxes: Lines) -> None:
    def check(source: Source) -> None:
        assert source.n_rows == len(lines)
        own = whole(boxes, 7)
        for row in source.rows:
            image, _, box = row.image.partition("#")
            assert image == row.id
            of_picture = {",".join(fields) for name, _, _, *fields in own if name == image}
            assert of_picture == {box}  # one box, and no other line's
            left, top, right, bottom = map(int, box.split(","))
            assert 0 <= left < right <= 8
            assert 0 <= top < bottom <= 8

    lists = {
        PARTITION: list_of(IN_SHOP_COLUMNS, lines, None, "\n"),
        "Anno/list_bbox_inshop.txt": list_of(IN_SHOP_BOX_COLUMNS, boxes, None, "\n"),
    }
    opened(write, FILES | lists, check, boxes=True)


@KINDS
@QUICK
@given(
    lines=lines_of(WRITTEN, WRITTEN, ITEM, st.sampled_from(["train", "val", "test", "test", "query"])),
    count=COUNT,
    end=ENDS,
)
def test_consumer_to_shop(write: Write, lines: Lines, count: int | None, end: str) -> None:
    parts = [
        {"train": TRAINING, "val": VALIDATION, "test": QUERY},
        {"train": TRAINING, "val": GALLERY, "test": GALLERY},
    ]

    def check(source: Source) -> None:
        assert source.kind == "consumer-to-shop"
        own = whole(lines, 4)
        for row in source.rows:
            assert any(
                shows_its_own(source, row.image, image)
                and (row.id, row.product, row.part) == (image, item, parts[place].get(status))
                for *pair, item, status in own
                for place, image in enumerate(pair)
            )
        told = {row.id for row in source.rows} | {row.id for row in source.excluded}
        assert told >= {image for *pair, _, _ in own for image in pair}
        damaged = Counter(row.reason for row in source.excluded)["number of fields is not the header's"]
        assert damaged == len(lines) - len(own)

    opened(write, FILES | {PARTITION: list_of(PAIR_COLUMNS, lines, count, end)}, check)


@KINDS
@QUICK
@given(
    labels=lines_of(WRITTEN, st.sampled_from(["1", "2", "2", "3", "x"])),
    lines=lines_of(WRITTEN, st.sampled_from(["train", "train", "val", "test", "gallery"])),
    end=ENDS,
)
def test_category_prediction(write: Write, labels: Lines, lines: Lines, end: str) -> None:
    names = ("Anorak 1", "Dress 3")

    def check(source: Source) -> None:
        assert source.kind == "category-prediction"
        of_picture = {image: {label for name, label in whole(labels, 2) if name == image} for image in FILES}
        parts = {"train": TRAINING, "val": VALIDATION, "test": QUERY}
        for row in source.rows:
            (label,) = of_picture[row.id]  # one category, and no other line's
            assert row.labels == (names[int(label) - 1].split()[0],)
            assert any((row.id, row.part) == (image, parts.get(status)) for image, status in whole(lines, 2))
            assert shows_its_own(source, row.image, row.id)
        told = {row.id for row in source.rows} | {row.id for row in source.excluded}
        assert told >= {line[0] for line in (*whole(lines, 2), *whole(labels, 2))}

    lists = {
        PARTITION: list_of(CATEGORY_COLUMNS, lines, None, end),
        "Anno/list_category_img.txt": list_of("image_name category_label", labels, None, end),
        "Anno/list_category_cloth.txt": published("category_name category_type", names),
    }
    opened(write, FILES | lists, check)


@KINDS
@QUICK
@given(lists=st.tuples(*[lines_of(NUMBER.map(str), st.sampled_from(["1", "2"]), st.just("1"), WRITTEN)] * 2))
def test_online_products(write: Write, lists: tuple[Lines, Lines]) -> None:
    parts = {"Ebay_train.txt": TRAINING, "Ebay_test.txt": GALLERY}

    def check(source: Source) -> None:
        assert (source.kind, source.n_rows) == ("online-products", sum(map(len, lists)))
        for row in source.rows:
            assert any(
                shows_its_own(source, row.image, image)
                and (row.id, row.product, row.labels, row.part) == (image, product, ("D", product), part)
                for part, lines in zip(parts.values(), lists, strict=True)
                for _, product, _, image in whole(lines, 4)
            )

    written = {name: list_of(PRODUCT_COLUMNS, lines, None, "\n") for name, lines in zip(parts, lists, strict=True)}
    opened(write, FILES | written, check)
