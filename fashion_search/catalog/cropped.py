"""Pictures cropped to boxes, by names of their own: ``path#left,top,right,bottom``, in pixels."""

import re
from pathlib import Path

from fashion_search.catalog.tree import FileTree, open_tree
from fashion_search.images import cropped

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels; right and bottom are the first beyond it."""

_NAME = re.compile(r"(.+)#(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})")


def cropped_name(name: str, box: Box) -> str:
    """The name under which a ``CroppedTree`` gives this part of a picture."""
    return f"{name}#{','.join(map(str, box))}"


class CroppedTree(FileTree):
    """A tree that has, besides its files, every part of its pictures by name. ``names`` are those of the files."""

    def __init__(self, tree: FileTree):
        self.path = tree.path
        self.tree = tree

    def _parts(self, name: str) -> tuple[str, Box | None]:
        """The file, and the box within it; None for a file that is meant itself."""
        match = _NAME.fullmatch(name)
        if not match or name in self.tree:
            return name, None
        left, top, right, bottom = map(int, match.groups()[1:])
        return match[1], (left, top, right, bottom)

    @property
    def names(self) -> list[str]:
        return self.tree.names

    @property
    def skipped(self) -> list[tuple[str, str]]:
        return self.tree.skipped

    def __contains__(self, name: str) -> bool:
        return self._parts(name)[0] in self.tree

    def read(self, name: str) -> bytes:
        file, box = self._parts(name)
        return cropped(self.tree.read(file), box) if box else self.tree.read(file)

    def size(self, name: str) -> int:
        return self.tree.size(self._parts(name)[0])

    def head(self, name: str) -> bytes:
        return self.tree.head(self._parts(name)[0])

    def close(self) -> None:
        self.tree.close()


def open_cropped(path: Path) -> FileTree:
    """A folder or archive of which parts of pictures can be read, too.

    Raises:
        SourceError: as ``open_tree``.
    """
    return CroppedTree(open_tree(path))
