"""Stanford Online Products, as it is published: ``Ebay_train.txt``, ``Ebay_test.txt``, and a folder for each kind.

The lists are described by the data set's README (Song et al., *Deep Metric Learning via Lifted Structured Feature
Embedding*, CVPR 2016) and read the same way by TensorFlow Datasets and open-metric-learning.
"""

from fashion_search.catalog.source import GALLERY, TRAINING, Options, Place, Reader, Source
from fashion_search.catalog.sources.published import (
    DataSet,
    Entry,
    Listed,
    as_path,
    is_table,
    read_list,
    read_source,
    refuse_list,
)
from fashion_search.catalog.text import as_words
from fashion_search.errors import SourceError

_PARTS = {"Ebay_train.txt": TRAINING, "Ebay_test.txt": GALLERY}
_COLUMNS = ("image_id", "class_id", "super_class_id", "path")

ONLINE_PRODUCTS_DATA = DataSet(
    "online-products",
    "Stanford Online Products",
    "https://cvgl.stanford.edu/projects/lifted_struct/",
    "Stanford_Online_Products.zip",
    ("super_class", "product"),
    ("super_class", "product"),
    ("online_products",),
    smallest=2,
)


def _recognises(place: Place) -> bool:
    if is_table(place):
        return place.path.name in _PARTS
    return bool(place.tree.named(*_PARTS))


def _read(place: Place, options: Options) -> Source:
    """Classes are products of a super class, such as *bicycle*; test pictures are the catalog, the others for training.

    It has no queries of its own: each test picture is searched with, leave-one-out.

    Raises:
        SourceError: a list or all pictures are missing.
    """
    refuse_list(place.path, ONLINE_PRODUCTS_DATA)
    found = place.tree.named(*_PARTS)
    root = found[0].rpartition("/")[0]
    root += "/" if root else ""
    listed = Listed([])
    for file, part in _PARTS.items():
        if root + file not in found:
            raise SourceError(
                f"{place.path} has {found[0]} and no {root}{file} beside it; both are needed. Get it from "
                f"{ONLINE_PRODUCTS_DATA.page}."
            )
        read = read_list(ONLINE_PRODUCTS_DATA, place.tree, root + file, _COLUMNS, options.encoding)
        listed.excluded.extend(read.left_out)
        listed.notes.extend(read.remarks())
        for line in read.lines:
            image, product = as_path(line.values["path"]), line.values["class_id"]
            folder = image.rpartition("/")[0].rpartition("/")[2]
            kind = as_words(folder.removesuffix("_final")) or line.values["super_class_id"]
            values = {"super_class": kind, "product": product}
            listed.entries.append(Entry(image, f"{kind} {product}", values, part, product))
    return read_source(ONLINE_PRODUCTS_DATA, place, root, listed, options, " or ".join(_PARTS))


ONLINE_PRODUCTS = Reader(ONLINE_PRODUCTS_DATA.kind, _recognises, _read)
