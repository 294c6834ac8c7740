"""Opening any source by its path: the one place that knows which kinds there are."""

from pathlib import Path

from fashion_search.catalog import kaggle, own
from fashion_search.catalog.demo import DEMO, DEMO_SOURCE
from fashion_search.catalog.source import Options, Source
from fashion_search.catalog.tree import FolderTree, open_tree


def open_source(path: str | Path, options: Options | None = None) -> Source:
    """Read the rows of a catalog's source; pictures are opened later.

    Args:
        path: Kaggle's archive or folder, a folder of one's own, a ``.csv`` file, or the word ``demo``.
        options: grouping columns and bounds; by default those of the kind of source.

    Raises:
        SourceError: it is none of these; the message says what is wrong with it.
    """
    options = options or Options()
    path = DEMO_SOURCE if str(path) == DEMO else Path(path).expanduser().absolute()
    if path.suffix.lower() == ".csv" and path.is_file() and path.name != kaggle.TABLE:
        return own.read_csv(path, options)
    if path.name == kaggle.TABLE and path.is_file():
        path = path.parent
    tree = open_tree(path)
    if isinstance(tree, FolderTree) and not kaggle.tables(tree):
        return own.read_folder(path, tree, options)
    return kaggle.read(path, tree, options)
