"""DeepFashion's benchmarks In-Shop, Consumer-to-Shop, and Category and Attribute Prediction, as they are published.

The layouts are those of the data sets' own README files, which MMFashion's documents repeat (docs/dataset/*.md of
open-mmlab/mmfashion).
"""

from collections.abc import Callable, Iterable
from pathlib import Path

from fashion_search.catalog.cropped import open_cropped
from fashion_search.catalog.model import Excluded
from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, Options, Place, Reader, Source
from fashion_search.catalog.sources.published import (
    DataSet,
    Entry,
    Listed,
    as_path,
    columns_of,
    files_named,
    is_table,
    read_list,
    read_source,
    refuse_list,
)
from fashion_search.catalog.text import as_words
from fashion_search.catalog.tree import FileTree
from fashion_search.errors import SourceError

PARTITION = "list_eval_partition.txt"
_HOME = "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion"
_OF_IN_SHOP = ("image_name", "item_id", "evaluation_status")
_FOLDERS = ("img/", "Img/img/")

IN_SHOP_DATA = DataSet(
    "in-shop",
    "DeepFashion’s In-Shop benchmark",
    f"{_HOME}/InShopRetrieval.html",
    "img.zip",
    ("category", "product"),
    ("category", "product"),
    prefix="img/",
    folders=(*_FOLDERS, "img_highres/", "Img/img_highres/"),
    boxes="list_bbox_inshop.txt",
    boxed_folders=_FOLDERS,
)
_MARKS = {  # what tells a data set whose partition is missing
    "in-shop": ("list_bbox_inshop.txt", "list_item_inshop.txt", "list_description_inshop.json"),
    "consumer-to-shop": ("list_bbox_consumer2shop.txt", "list_item_consumer2shop.txt"),
    "category-prediction": ("list_category_img.txt",),
}


def _which(place: Place) -> str:
    """The kind of data set that lies at a place: by the columns of its partition, else by its other lists."""
    tree = place.tree
    found = files_named(tree, PARTITION, *(name for names in _MARKS.values() for name in names))
    partitions = [name for name in found if name.endswith(PARTITION)]
    if partitions:
        columns = columns_of(tree, partitions[0])
        if "image_pair_name_1" in columns:
            return "consumer-to-shop"
        if "item_id" in columns:
            return "in-shop"
        if "image_name" in columns and "evaluation_status" in columns:
            return "category-prediction"
    names = {name.rpartition("/")[2] for name in found}
    marked = [kind for kind, marks in _MARKS.items() if names & set(marks)]
    return marked[0] if marked else "in-shop" if partitions else ""


def _of_list(path: Path) -> str:
    """The kind of data set that a list belongs to, by its name; empty for any other file."""
    marked = (kind for kind, marks in _MARKS.items() if path.name in marks)
    return next(marked, "in-shop" if path.name == PARTITION else "")


def _recognises(kind: str) -> Callable[[Place], bool]:
    def recognises(place: Place) -> bool:
        return (_of_list(place.path) if is_table(place) else _which(place)) == kind

    return recognises


def _partition(data_set: DataSet, tree: FileTree) -> tuple[str, str]:
    """The list that divides a data set, and the root below which all of it lies.

    Raises:
        SourceError: there is none, or there are several data sets.
    """
    found = files_named(tree, PARTITION)
    if not found:
        raise SourceError(
            f"{tree.path} has no {PARTITION}, which says what is trained on, searched with and searched in. Get it "
            f"(Eval) from {data_set.page}."
        )
    outermost = [name for name in found if name.count("/") == found[0].count("/")]
    if len(outermost) > 1:
        folders = ", ".join(root_of(name) or "." for name in outermost[:3])
        raise SourceError(f"{tree.path} holds several data sets: {folders}. Give the folder of one.")
    return found[0], root_of(found[0])


def root_of(name: str) -> str:
    """The folder that a list's own folder, such as ``Eval``, lies in: empty, or ending in a slash."""
    folders = name.split("/")[:-1]
    if folders and folders[-1].casefold() in ("eval", "anno", "anno_coarse", "anno_fine"):
        folders.pop()
    return "".join(f"{folder}/" for folder in folders)


def _category(image: str) -> str:
    """What the folders of ``img/WOMEN/Dresses/id_00000002/02_1_front.jpg`` say: ``WOMEN/Dresses``."""
    return as_words("/".join(image.removeprefix("img/").split("/")[:-2]))


def _values(image: str, item_id: str) -> tuple[str, dict[str, str]]:
    """A name for a picture of an item, and what its line says of it."""
    category = _category(image)
    return f"{category.rpartition('/')[2]} {item_id}".strip(), {"category": category, "product": item_id}


def _status_problem(known: Iterable[str]) -> str:
    return f"evaluation status is none of {', '.join(known)}"


def _read_in_shop(place: Place, options: Options) -> Source:
    """Items are products; gallery pictures are the catalog, query pictures its queries, all others are for training.

    Raises:
        SourceError: a list or all pictures are missing.
    """
    refuse_list(place.path, IN_SHOP_DATA)
    name, root = _partition(IN_SHOP_DATA, place.tree)
    partition = read_list(place.tree, name, _OF_IN_SHOP, options.encoding)
    parts = {"train": TRAINING, "query": QUERY, "gallery": GALLERY}
    listed = Listed([], partition.left_out, partition.remarks())
    for line in partition.lines:
        image, item_id, status = (
            as_path(line.values["image_name"]),
            line.values["item_id"],
            line.values["evaluation_status"],
        )
        title, values = _values(image, item_id)
        if status in parts:
            listed.entries.append(Entry(image, title, values, parts[status], item_id))
        else:
            listed.excluded.append(Excluded(image, title, (), _status_problem(parts)))
    return read_source(IN_SHOP_DATA, place, root, listed, options, name)


IN_SHOP = Reader(IN_SHOP_DATA.kind, _recognises(IN_SHOP_DATA.kind), _read_in_shop, open_cropped, has_boxes=True)
