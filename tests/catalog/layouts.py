"""Small copies of the layouts of published data sets, as files by their names: folders and archives are made of them.

Each has a few products with several pictures, whose lists are written as the data sets' own: a count, the names of the
columns, and fields between spaces.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from tests.samples import encoded, noise, write_folder, write_zip

Files = dict[str, bytes]
Write = Callable[[Path, Files], Path]


def _zipped(path: Path, files: Files) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return write_zip(path / "made.zip", files)


WRITERS: dict[str, Write] = {"folder": lambda path, files: write_folder(path / "made", files), "zip": _zipped}

PARTITION = "Eval/list_eval_partition.txt"


def published(columns: str, lines: Sequence[str], count: int | None = None, end: str = "\n") -> bytes:
    """A list: how many lines there are (or another ``count``), the names of the columns, the lines."""
    return "".join(f"{line}{end}" for line in (str(len(lines) if count is None else count), columns, *lines)).encode()


def picture(seed: int) -> bytes:
    """A JPEG of 12 × 16 pixels that no other seed has."""
    return encoded(noise(seed), "JPEG")


IN_SHOP_COLUMNS = "image_name item_id evaluation_status"
IN_SHOP_BOX_COLUMNS = "image_name clothes_type pose_type x_1 y_1 x_2 y_2"
IN_SHOP_LINES = tuple(
    f"img/{category}/{item}/{view}.jpg {item} {status}"
    for category, item, views in (
        ("WOMEN/Dresses", "id_00000001", (("01_1_front", "train"), ("01_2_side", "train"), ("01_3_back", "train"))),
        ("MEN/Tees_Tanks", "id_00000002", (("01_1_front", "train"), ("01_3_back", "train"))),
        ("WOMEN/Dresses", "id_00000003", (("02_1_front", "query"), ("02_2_side", "gallery"), ("02_3_back", "gallery"))),
        ("MEN/Tees_Tanks", "id_00000004", (("01_1_front", "query"), ("01_3_back", "gallery"))),
        ("WOMEN/Skirts", "id_00000005", (("04_4_full", "gallery"),)),
    )
    for view, status in views
)
"""Eleven pictures of five products: five to train on, two queries, four in the gallery, one of them without a query."""


def in_shop_files(lines: Sequence[str] = IN_SHOP_LINES, images: str = "img/", root: str = "") -> Files:
    """The In-Shop benchmark below ``root``, its pictures below ``images`` (both empty, or ending in a slash)."""
    names = list(dict.fromkeys(line.split()[0] for line in lines))
    boxes = [f"{name} 1 1 2 3 10 14" for name in names]
    return {
        root + PARTITION: published(IN_SHOP_COLUMNS, lines),
        f"{root}Anno/list_bbox_inshop.txt": published(IN_SHOP_BOX_COLUMNS, boxes),
        **{root + images + name.removeprefix("img/"): picture(seed) for seed, name in enumerate(names)},
    }


def in_shop(folder: Path, lines: Sequence[str] = IN_SHOP_LINES) -> Path:
    """The In-Shop benchmark in a folder."""
    return write_folder(folder, in_shop_files(lines))
