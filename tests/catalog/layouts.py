"""Small copies of the layouts of published data sets, as files by their names: folders and archives are made of them.

Each has a few products with several pictures, whose lists are written as the data sets' own: a count, the names of the
columns, and fields between spaces.
"""

from collections.abc import Callable, Mapping, Sequence
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


PAIR_COLUMNS = "image_pair_name_1 image_pair_name_2 item_id evaluation_status"
PAIR_LINES = tuple(
    f"img/{category}/{item}/comsumer_{consumer:02}.jpg img/{category}/{item}/shop_{shop:02}.jpg {item} {status}"
    for category, item, consumers, shops, status in (
        ("DRESSES/Dress", "id_00000001", 2, 1, "train"),
        ("TOPS/T_Shirt", "id_00000002", 1, 2, "val"),
        ("DRESSES/Dress", "id_00000003", 2, 2, "test"),
        ("TOPS/T_Shirt", "id_00000004", 1, 1, "test"),
    )
    for consumer in range(1, consumers + 1)
    for shop in range(1, shops + 1)
)
"""Nine pairs of twelve pictures of four items; the data set itself writes *comsumer*."""


def consumer_to_shop_files(lines: Sequence[str] = PAIR_LINES, images: str = "img/", root: str = "") -> Files:
    """The Consumer-to-Shop benchmark below ``root``, its pictures below ``images``."""
    names = list(dict.fromkeys(name for line in lines for name in line.split()[:2]))
    boxes = [f"{name} 1 {1 if 'shop' in name else 2} 2 3 10 14" for name in names]
    return {
        root + PARTITION: published(PAIR_COLUMNS, lines),
        f"{root}Anno/list_bbox_consumer2shop.txt": published(
            "image_name clothes_type source_type x_1 y_1 x_2 y_2", boxes
        ),
        **{root + images + name.removeprefix("img/"): picture(seed) for seed, name in enumerate(names)},
    }


def consumer_to_shop(folder: Path, lines: Sequence[str] = PAIR_LINES) -> Path:
    """The Consumer-to-Shop benchmark in a folder."""
    return write_folder(folder, consumer_to_shop_files(lines))


CATEGORY_COLUMNS = "image_name evaluation_status"
CATEGORIES = ("Anorak 1", "Blazer 1", "Jeans 2", "Dress 3", "Cape 3")
CATEGORY_LINES = tuple(
    f"img/{folder}/img_{number:08}.jpg {label} {status}"
    for folder, label, statuses in (
        ("Sheer_Pleated-Front_Blouse", 2, ("train", "train", "val", "test")),
        ("Distressed_Skinny_Jeans", 3, ("train", "train", "train", "test", "test")),
        ("Floral_Maxi_Dress", 4, ("train", "val", "test")),
    )
    for number, status in enumerate(statuses, start=1)
)
"""Twelve pictures of three categories, with the number of the category and the status."""


def category_files(lines: Sequence[str] = CATEGORY_LINES, images: str = "img/", root: str = "") -> Files:
    """The Category and Attribute Prediction benchmark below ``root``, its pictures below ``images``."""
    fields = [line.split() for line in lines]
    boxes = [f"{name} 2 3 10 14" for name, _, _ in fields]
    labels = [f"{name} {label}" for name, label, _ in fields]
    return {
        root + PARTITION: published(CATEGORY_COLUMNS, [f"{name} {status}" for name, _, status in fields]),
        f"{root}Anno_coarse/list_category_cloth.txt": published("category_name category_type", CATEGORIES),
        f"{root}Anno_coarse/list_category_img.txt": published("image_name category_label", labels),
        f"{root}Anno_coarse/list_bbox.txt": published("image_name x_1 y_1 x_2 y_2", boxes),
        f"{root}Anno_fine/list_category_cloth.txt": published("category_name category_type", CATEGORIES[1:]),
        **{root + images + name.removeprefix("img/"): picture(seed) for seed, (name, _, _) in enumerate(fields)},
    }


def category_prediction(folder: Path, lines: Sequence[str] = CATEGORY_LINES) -> Path:
    """The Category and Attribute Prediction benchmark in a folder."""
    return write_folder(folder, category_files(lines))


PRODUCT_COLUMNS = "image_id class_id super_class_id path"
PRODUCT_LINES = {
    "Ebay_train.txt": (
        "1 1 1 bicycle_final/111085122871_0.JPG",
        "2 1 1 bicycle_final/111085122871_1.JPG",
        "3 2 9 coffee_maker_final/111265328556_0.JPG",
    ),
    "Ebay_test.txt": (
        "4 11319 1 bicycle_final/111265328557_0.JPG",
        "5 11319 1 bicycle_final/111265328557_1.JPG",
        "6 11320 9 coffee_maker_final/111265328558_0.JPG",
        "7 11320 9 coffee_maker_final/111265328558_1.JPG",
        "8 11321 9 coffee_maker_final/111265328559_0.JPG",
    ),
}
"""Eight pictures of five products: three to train on, and five that are searched, one of them alone of its product."""


def online_products_files(root: str = "") -> Files:
    """Stanford Online Products below ``root``. Its lists begin with the names of the columns, without a count."""
    lists = {
        root + name: published(PRODUCT_COLUMNS, lines).partition(b"\n")[2] for name, lines in PRODUCT_LINES.items()
    }
    names = [line.split()[-1] for lines in PRODUCT_LINES.values() for line in lines]
    return lists | {root + name: picture(seed) for seed, name in enumerate(names)}


def online_products(folder: Path) -> Path:
    """Stanford Online Products in a folder."""
    return write_folder(folder, online_products_files())


CATEGORY_FOLDERS = {"BACKGROUND_Google": 3, "Faces": 2, "Faces_easy": 2, "ceiling_fan": 3, "ant": 2}
"""Folders of Caltech-101 and how many pictures each has; the first shows no category."""


def caltech_files(root: str = "", folders: Mapping[str, int] = CATEGORY_FOLDERS) -> Files:
    """Caltech-101 below ``root``, with an outline beside the pictures, as it comes."""
    names = [f"{name}/image_{number:04}.jpg" for name, count in folders.items() for number in range(1, count + 1)]
    pictures = {f"{root}101_ObjectCategories/{name}": picture(seed) for seed, name in enumerate(names)}
    return pictures | {f"{root}Annotations/ant/annotation_0001.mat": b"MATLAB 5.0 MAT-file"}


def caltech(folder: Path) -> Path:
    """Caltech-101 in a folder."""
    return write_folder(folder, caltech_files())
