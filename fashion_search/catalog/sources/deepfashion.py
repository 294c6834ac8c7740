"""DeepFashion's benchmarks In-Shop, Consumer-to-Shop, and Category and Attribute Prediction, as they are published.

The layouts are those of the data sets' own README files, which MMFashion's documents repeat (docs/dataset/*.md of
open-mmlab/mmfashion).
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from fashion_search.catalog.cropped import open_cropped
from fashion_search.catalog.model import Excluded
from fashion_search.catalog.source import GALLERY, QUERY, TRAINING, VALIDATION, Options, Place, Reader, Source
from fashion_search.catalog.sources.published import (
    DataSet,
    Entry,
    Listed,
    as_path,
    columns_of,
    is_table,
    read_list,
    read_source,
    refuse_list,
)
from fashion_search.catalog.text import as_words
from fashion_search.catalog.tree import FileTree
from fashion_search.errors import SourceError

PARTITION = "list_eval_partition.txt"
_LABELS = "list_category_img.txt"
_HOME = "https://mmlab.ie.cuhk.edu.hk/projects/DeepFashion"
_OF_IN_SHOP = ("image_name", "item_id", "evaluation_status")
_OF_PAIRS = ("image_pair_name_1", "image_pair_name_2", "item_id", "evaluation_status")
_OF_LABELS = ("image_name", "category_label")
_OF_CATEGORY = ("image_name", "evaluation_status")
_TRAIN_VAL_TEST = {"train": TRAINING, "val": VALIDATION, "test": QUERY}
_OF_PAIR = (  # column, whose picture it names, status → part
    ("image_pair_name_1", "consumer", _TRAIN_VAL_TEST),
    ("image_pair_name_2", "shop", {"train": TRAINING, "val": GALLERY, "test": GALLERY}),
)
_OTHERWISE = "an earlier pair says otherwise of it"
_CATEGORY_TYPES = {"1": "upper body", "2": "lower body", "3": "full body"}
_FOLDERS = ("img/", "Img/img/")

IN_SHOP_DATA = DataSet(
    "in-shop",
    "DeepFashion’s In-Shop benchmark",
    f"{_HOME}/InShopRetrieval.html",
    "img.zip",
    ("category", "product"),
    ("category", "product"),
    ("in_shop", "inshop"),
    prefix="img/",
    folders=(*_FOLDERS, "img_highres/", "Img/img_highres/"),
    boxes="list_bbox_inshop.txt",
    boxed_folders=_FOLDERS,
)
CONSUMER_TO_SHOP_DATA = DataSet(
    "consumer-to-shop",
    "DeepFashion’s Consumer-to-Shop benchmark",
    f"{_HOME}/Consumer2ShopRetrieval.html",
    "img.zip",
    ("category", "product", "taken_by"),
    ("category", "product"),
    ("consumer_to_shop", "consumer2shop"),
    prefix="img/",
    folders=_FOLDERS,
    boxes="list_bbox_consumer2shop.txt",
    boxed_folders=_FOLDERS,
)
CATEGORY_DATA = DataSet(
    "category-prediction",
    "DeepFashion’s Category and Attribute Prediction benchmark",
    f"{_HOME}/AttributePrediction.html",
    "img.zip",
    ("category", "category_type"),
    ("category",),
    ("category_and_attribute", "attributeprediction"),
    searched=TRAINING,
    prefix="img/",
    folders=_FOLDERS,
    boxes="list_bbox.txt",
    boxed_folders=_FOLDERS,
)
_MARKS = {  # what tells a data set whose partition is missing
    "in-shop": ("list_bbox_inshop.txt", "list_item_inshop.txt", "list_description_inshop.json"),
    "consumer-to-shop": ("list_bbox_consumer2shop.txt", "list_item_consumer2shop.txt"),
    "category-prediction": (_LABELS,),
}


def _which(place: Place) -> str:
    """The kind of data set that lies at a place: by the columns of its partition, else by its other lists."""
    tree = place.tree
    found = tree.named(PARTITION, *(name for names in _MARKS.values() for name in names))
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
    found = tree.named(PARTITION)
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
    partition = read_list(IN_SHOP_DATA, place.tree, name, _OF_IN_SHOP, options.encoding)
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


def _read_consumer_to_shop(place: Place, options: Options) -> Source:
    """Lines are pairs of a consumer's and a shop's picture of one item; each picture is one row, however many it is in.

    Consumers' test pictures are the queries, and the shop's of validation and test the gallery, as the data set's
    README has it. The rest is for training and validation.

    Raises:
        SourceError: a list or all pictures are missing.
    """
    refuse_list(place.path, CONSUMER_TO_SHOP_DATA)
    name, root = _partition(CONSUMER_TO_SHOP_DATA, place.tree)
    pairs = read_list(CONSUMER_TO_SHOP_DATA, place.tree, name, _OF_PAIRS, options.encoding)
    listed = Listed([], pairs.left_out, [])
    said: dict[str, tuple[str, str, str]] = {}  # picture → what the first pair that it is in says of it
    for line in pairs.lines:
        item_id, status = line.values["item_id"], line.values["evaluation_status"]
        for column, taken_by, parts in _OF_PAIR:
            image, says = as_path(line.values[column]), (item_id, status, taken_by)
            if said.get(image) == says:
                continue
            title, values = _values(image, item_id)
            if image in said:
                listed.excluded.append(Excluded(image, title, (), _OTHERWISE))
            elif status not in parts:
                listed.excluded.append(Excluded(image, title, (), _status_problem(parts)))
            else:
                values["taken_by"] = taken_by
                listed.entries.append(Entry(image, title, values, parts[status], item_id))
            said.setdefault(image, says)
    listed.notes.extend(pairs.remarks(len(said)))
    return read_source(CONSUMER_TO_SHOP_DATA, place, root, listed, options, name)


def _read_category_prediction(place: Place, options: Options) -> Source:
    """Training pictures are the catalog, grouped by category; test pictures are its queries.

    Raises:
        SourceError: a list or all pictures are missing.
    """
    refuse_list(place.path, CATEGORY_DATA)
    tree = place.tree
    name, root = _partition(CATEGORY_DATA, tree)
    partition = read_list(CATEGORY_DATA, tree, name, _OF_CATEGORY, options.encoding)
    labels = read_list(CATEGORY_DATA, tree, _needed(tree, root, _LABELS), _OF_LABELS, options.encoding)
    categories = _categories(tree, labels.name.removesuffix(_LABELS), options.encoding)
    notes = [*partition.remarks(), *labels.remarks()]
    listed = Listed([], [*partition.left_out, *labels.left_out], notes)
    label_of: dict[str, str] = {}  # empty for a picture with two
    for line in labels.lines:
        image, label = as_path(line.values["image_name"]), line.values["category_label"]
        label_of[image] = label if label_of.get(image, label) == label else ""
    divided = set()
    for line in partition.lines:
        image, status = as_path(line.values["image_name"]), line.values["evaluation_status"]
        divided.add(image)
        title = as_words(image.rpartition("/")[0].rpartition("/")[2])
        values, reason = _labelled(label_of.get(image), categories, labels.name)
        if status not in _TRAIN_VAL_TEST:
            reason = _status_problem(_TRAIN_VAL_TEST)
        if reason:
            listed.excluded.append(Excluded(image, title, (), reason))
        else:
            listed.entries.append(Entry(image, title, values, _TRAIN_VAL_TEST[status]))
    listed.excluded.extend(Excluded(image, "", (), f"not in {name}") for image in label_of if image not in divided)
    return read_source(CATEGORY_DATA, place, root, listed, options, name)


def _needed(tree: FileTree, root: str, file: str) -> str:
    """The list of this name below the root, outermost first.

    Raises:
        SourceError: there is none.
    """
    found = next((name for name in tree.named(file) if name.startswith(root)), None)
    if found is None:
        raise SourceError(
            f"{tree.path} has no {file}, which says what pictures show. Get it from {CATEGORY_DATA.page}."
        )
    return found


def _categories(tree: FileTree, folder: str, encoding: str | None) -> dict[str, dict[str, str]]:
    """Number of a category, which is that of its line → what is said of its pictures.

    Raises:
        SourceError: a line cannot be read, so that the numbers are not to be trusted.
    """
    name = _needed(tree, folder, "list_category_cloth.txt")
    names = read_list(CATEGORY_DATA, tree, name, ("category_name", "category_type"), encoding)
    if names.damaged or names.remarks():
        wrong = names.damaged[0].id if names.damaged else "its first line"
        raise SourceError(
            f"{tree.path}: {names.name} is damaged ({wrong}), and categories are numbered by its lines. Get it again "
            f"from {CATEGORY_DATA.page}."
        )
    return {
        str(number): {
            "category": line.values["category_name"],
            "category_type": _CATEGORY_TYPES.get(line.values["category_type"], line.values["category_type"]),
        }
        for number, line in enumerate(names.lines, start=1)
    }


def _labelled(label: str | None, categories: Mapping[str, dict[str, str]], file: str) -> tuple[Mapping[str, str], str]:
    """What a picture shows, by the number of its category; and why that cannot be told, else empty."""
    if label is None:
        return {}, f"no category in {file}"
    if not label:
        return {}, f"two categories in {file}"
    return categories.get(label, {}), "" if label in categories else "category is none of list_category_cloth.txt"


IN_SHOP = Reader(IN_SHOP_DATA.kind, _recognises(IN_SHOP_DATA.kind), _read_in_shop, open_cropped, has_boxes=True)
CONSUMER_TO_SHOP = Reader(
    CONSUMER_TO_SHOP_DATA.kind,
    _recognises(CONSUMER_TO_SHOP_DATA.kind),
    _read_consumer_to_shop,
    open_cropped,
    has_boxes=True,
)
CATEGORY_PREDICTION = Reader(
    CATEGORY_DATA.kind, _recognises(CATEGORY_DATA.kind), _read_category_prediction, open_cropped, has_boxes=True
)
