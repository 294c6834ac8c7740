"""Reading files by name from a folder or a ZIP archive, without unpacking and without leaving it."""

import hashlib
import lzma
import os
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from fashion_search.errors import ImageError, SourceError
from fashion_search.images import MAX_BYTES

# What zipfile lets through when an archive's directory or a member is damaged.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OverflowError,
    RuntimeError,  # encrypted; NotImplementedError, an unknown compression, is one
    ValueError,
)


class Identity(NamedTuple):
    """What tells a picture's file from others.

    ``digest``: SHA-256 of its content, as 64 hexadecimal digits: pictures are equal where it is. ``checksum``: CRC-32
    and size, by which versions before format 2 of a store told pictures apart; chance alone makes two of them equal.
    """

    digest: str
    checksum: str


def identify(data: bytes) -> Identity:
    """The identity of a file with this content."""
    return Identity(hashlib.sha256(data).hexdigest(), f"{zlib.crc32(data):08x}-{len(data)}")


class FileTree(ABC):
    """Files under one root. Names use ``/`` and are relative; reading is safe from several threads."""

    path: Path

    @property
    @abstractmethod
    def names(self) -> list[str]:
        """All files."""

    @abstractmethod
    def __contains__(self, name: str) -> bool:
        """Whether there is such a file."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """A file's content.

        Raises:
            SourceError: it is no longer there, or cannot be read.
        """

    @abstractmethod
    def size(self, name: str) -> int:
        """Size in bytes."""

    def close(self) -> None:
        """Let go of the source, so that it can be moved or deleted; nothing can be read afterwards."""
        return

    def read_image(self, name: str) -> bytes:
        """Like ``read``, but refuses what no picture should be.

        Raises:
            ImageError: more than ``images.MAX_BYTES``.
        """
        if self.size(name) > MAX_BYTES:
            raise ImageError(f"{name} is larger than {MAX_BYTES // 2**20} MB.")
        return self.read(name)

    def identity(self, name: str) -> Identity:
        """What tells a picture from others, of its content as it is now.

        Raises:
            SourceError, ImageError: as ``read_image``.
        """
        return identify(self.read_image(name))


class FolderTree(FileTree):
    """A folder. Names and links that lead out of it are not followed; hidden files are passed over."""

    def __init__(self, path: Path):
        self.path = path
        self._root = path.resolve()

    @cached_property
    def names(self) -> list[str]:
        found = []
        for folder, folders, files in os.walk(self._root):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                file = Path(folder, name)
                if not name.startswith(".") and file.is_file() and (not file.is_symlink() or self._holds(file)):
                    found.append(file.relative_to(self._root).as_posix())
        return found

    def __contains__(self, name: str) -> bool:
        file = self._root / name
        try:
            return self._holds(file) and file.is_file()
        except OSError:  # for example a name longer than the system allows
            return False

    def _holds(self, file: Path) -> bool:
        try:
            return file.resolve().is_relative_to(self._root)
        except RuntimeError:  # links in a circle
            return False

    def _path(self, name: str) -> Path:
        file = self._root / name
        if not self._holds(file):
            raise SourceError(f"{name!r} leads out of {self.path}.")
        return file

    def read(self, name: str) -> bytes:
        try:
            return self._path(name).read_bytes()
        except OSError as error:
            raise SourceError(f"{self.path / name} cannot be read: {error.strerror}.") from error

    def size(self, name: str) -> int:
        try:
            return self._path(name).stat().st_size
        except OSError as error:
            raise SourceError(f"{self.path / name} cannot be read: {error.strerror}.") from error


class ZipTree(FileTree):
    """A ZIP archive, read in place. Nothing is ever extracted, so its names cannot reach the disk."""

    def __init__(self, path: Path):
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
        except _DAMAGE as error:
            raise SourceError(
                f"{path} is not a ZIP archive, or its download is incomplete. Download it again."
            ) from error
        self._entries = {entry.filename: entry for entry in self._zip.infolist() if not entry.is_dir()}
        self.path = path

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        try:
            return self._zip.read(self._entries[name])
        except KeyError:
            raise SourceError(f"{self.path} holds no {name}.") from None
        except (OSError, *_DAMAGE) as error:
            raise SourceError(f"{name} in {self.path} is damaged or encrypted ({error}).") from error

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def close(self) -> None:
        self._zip.close()


def open_tree(path: Path) -> FileTree:
    """A folder or an archive as a tree.

    Raises:
        SourceError: there is nothing at ``path``, or it is neither.
    """
    try:
        if path.is_dir():
            return FolderTree(path)
        if not path.exists():
            raise SourceError(f"There is no file or folder {path}. Check the path.")
    except OSError as error:  # no permission, or a name longer than the system allows
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    return ZipTree(path)
