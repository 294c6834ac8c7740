"""Opening any source by its path: the one place that knows which kinds there are."""

from pathlib import Path

from fashion_search.catalog import kaggle, own
from fashion_search.catalog.demo import DEMO, DEMO_SOURCE
from fashion_search.catalog.source import Options, Source
from fashion_search.catalog.tree import FileTree, FolderTree, open_tree
from fashion_search.home import user_path


def open_source(path: str | Path, options: Options | None = None) -> Source:
    """Read the rows of a catalog's source; pictures are opened later.

    Args:
        path: Kaggle's archive or folder, a folder of one's own, a ``.csv`` file, or the word ``demo``.
        options: grouping columns and bounds; by default those of the kind of source.

    Raises:
        SourceError: it is none of these; the message says what is wrong with it.
    """
    options = options or Options()
    path = DEMO_SOURCE if str(path) == DEMO else user_path(path)
    if path.name == kaggle.TABLE:
        path = path.parent
    elif path.suffix.lower() == ".csv":
        return own.read_csv(path, options)
    tree = open_tree(path)
    if isinstance(tree, FolderTree) and not kaggle.tables(tree):
        return own.read_folder(path, tree, options)
    return kaggle.read(path, tree, options)


def open_pictures(kind: str, path: str) -> FileTree:
    """The tree that holds the pictures of a source opened before, without reading its rows again.

    Raises:
        SourceError: it is no longer there.
    """
    if path == DEMO:
        return open_tree(DEMO_SOURCE)
    return open_tree(Path(path).parent if kind == "csv" else Path(path))
