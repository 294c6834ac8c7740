"""Reading files by name from a folder or a ZIP archive, without unpacking and without leaving it."""

import errno
import hashlib
import lzma
import os
import re
import stat
import struct
import zipfile
import zlib
from abc import ABC, abstractmethod
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fashion_search.archives import TooLargeError, open_zip, read_entry, why_not_read
from fashion_search.catalog.text import cleaned
from fashion_search.errors import ImageError, SourceError
from fashion_search.files import is_there
from fashion_search.image_limits import most_bytes
from fashion_search.images import what_it_is

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

_HEAD = 1024  # bytes
_DEEPEST = 100  # folders within each other
_DRIVE = re.compile("[A-Za-z]:")
_WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods", ".numbers")
_OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


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

    @property
    @abstractmethod
    def skipped(self) -> list[tuple[str, str]]:
        """What lies under the root and is in no other list, by name, each with the reason."""

    @abstractmethod
    def head(self, name: str) -> bytes:
        """The first bytes of a file, by which its kind is told.

        Raises:
            SourceError: it is no longer there, or cannot be read.
        """

    @cached_property
    def _composed(self) -> dict[str, str | None]:
        """Cleaned name → name, None for those that several files share."""
        found: dict[str, str | None] = {}
        for name in self.names:
            found[cleaned(name)] = None if cleaned(name) in found else name
        return found

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {cleaned(name).casefold(): name for name in self.names}

    @cached_property
    def _stems(self) -> dict[str, str]:
        return {cleaned(str(PurePosixPath(name).with_suffix(""))): name for name in self.names}

    def named(self, *names: str) -> list[str]:
        """The files of these exact names in any folder, outermost first."""
        found = [name for name in self.names if name.rpartition("/")[2] in names]
        return sorted(found, key=lambda name: (name.count("/"), name))

    def find(self, name: str) -> str | None:
        """The file of a name that may be written otherwise: composed or not, with other spaces; None if there is none.

        Two files whose names differ in that alone are found by their exact names only.
        """
        return name if name in self else self._composed.get(cleaned(name))

    def nearly(self, name: str) -> str | None:
        """A file whose name differs from this one in upper and lower case, or by its suffix; None if there is none."""
        return self._folded.get(cleaned(name).casefold()) or self._stems.get(cleaned(name))

    def why_skipped(self, name: str) -> str | None:
        """Why a file, or a folder that it lies in, was skipped; None if neither was."""
        around = (name, *map(str, PurePosixPath(name).parents))
        return next((self._reasons[part] for part in around if part in self._reasons), None)

    @cached_property
    def _reasons(self) -> dict[str, str]:
        return dict(self.skipped)

    def close(self) -> None:
        """Let go of the source, so that it can be moved or deleted; nothing can be read afterwards."""
        return

    def read_image(self, name: str) -> bytes:
        """Like ``read``, but refuses what no picture should be.

        Raises:
            ImageError: more than ``image_limits.most_bytes``.
        """
        if self.size(name) > most_bytes():
            raise ImageError(f"{name} is larger than {most_bytes() // 2**20} MB.")
        return self.read(name)

    def identity(self, name: str) -> Identity:
        """What tells a picture from others, of its content as it is now.

        Raises:
            SourceError, ImageError: as ``read_image``.
        """
        return identify(self.read_image(name))


class FolderTree(FileTree):
    """A folder; hidden files are passed over. Links are followed to where they stay inside it, one folder at a time."""

    def __init__(self, path: Path):
        self.path = path
        self._root = path.resolve()

    @property
    def names(self) -> list[str]:
        return self._walked[0]

    @property
    def skipped(self) -> list[tuple[str, str]]:
        return self._walked[1]

    @cached_property
    def _walked(self) -> tuple[list[str], list[tuple[str, str]]]:
        names: list[str] = []
        skipped: list[tuple[str, str]] = []
        self._walk(self._root, "", names, skipped, by_link=False)
        return names, skipped

    def _walk(self, folder: Path, under: str, names: list[str], skipped: list[tuple[str, str]], by_link: bool) -> None:
        if under.count("/") > _DEEPEST:
            skipped.append((under, f"folder lies below {_DEEPEST} others"))
            return
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            skipped.append((under or ".", f"folder cannot be read: {error.strerror}"))
            return
        folders = []
        for entry in entries:
            name = under + entry.name
            if entry.name.startswith("."):
                continue
            reason = self._why_not_followed(Path(folder, entry.name), by_link) if entry.is_symlink() else ""
            if reason:
                skipped.append((name, reason))
            elif entry.is_dir():
                folders.append(entry)
            elif entry.is_file():
                names.append(name)
            else:
                skipped.append((name, "not a file"))
        for entry in folders:
            self._walk(Path(folder, entry.name), f"{under}{entry.name}/", names, skipped, by_link or entry.is_symlink())

    def _why_not_followed(self, link: Path, by_link: bool) -> str:
        try:
            target = link.resolve(strict=True)
        except RuntimeError:
            return "link in a circle"
        except OSError as error:
            return "link in a circle" if error.errno == errno.ELOOP else "link to nothing"
        if not target.is_relative_to(self._root):
            return "link out of the folder, not followed"
        if target.is_dir() and link.parent.resolve().is_relative_to(target):
            return "link to a folder that it lies in"
        return "link within a linked folder, not followed" if by_link and target.is_dir() else ""

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

    def head(self, name: str) -> bytes:
        try:
            with self._path(name).open("rb") as file:
                return file.read(_HEAD)
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
            self._zip = open_zip(path)
        except TooLargeError as error:
            raise SourceError(f"{path} {error}. Divide it, or unpack it and give the folder.") from error
        except OSError as error:
            raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
        except _DAMAGE as error:
            raise SourceError(
                f"{path} is not a ZIP archive, or its download is incomplete. Download it again."
            ) from error
        self.path = path
        self._entries: dict[str, zipfile.ZipInfo] = {}
        self._skipped: list[tuple[str, str]] = []
        for entry in self._zip.infolist():
            name = entry.filename.replace("\\", "/")  # some programs on Windows write these
            if name.endswith("/"):
                continue
            parts = name.split("/")
            if "." in parts:  # some begin each name with ./
                parts = [part for part in parts if part != "."]
                name = "/".join(parts)
            if not name or "__MACOSX" in parts:
                continue
            if ".." in parts or not parts[0] or _DRIVE.fullmatch(parts[0]):
                self._skipped.append((name, "name leads out of the archive"))
            elif reason := why_not_read(entry):
                self._skipped.append((name, reason))
            elif not (name.startswith(".") or "/." in name):
                if name in self._entries:
                    self._skipped.append((name, "name stands twice in the archive"))
                self._entries[name] = entry

    @property
    def names(self) -> list[str]:
        return list(self._entries)

    @property
    def skipped(self) -> list[tuple[str, str]]:
        return self._skipped

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str) -> bytes:
        try:
            return read_entry(self._zip, self._entries[name])
        except KeyError:
            reason = self.why_skipped(name)
            raise SourceError(
                f"{name} in {self.path}: {reason}." if reason else f"{self.path} holds no {name}."
            ) from None
        except (OSError, *_DAMAGE) as error:
            raise SourceError(f"{name} in {self.path} is damaged or encrypted ({error}).") from error

    def size(self, name: str) -> int:
        return self._entries[name].file_size

    def head(self, name: str) -> bytes:
        try:
            return read_entry(self._zip, self._entries[name], _HEAD)
        except (OSError, *_DAMAGE) as error:
            raise SourceError(f"{name} in {self.path} is damaged or encrypted ({error}).") from error

    def close(self) -> None:
        self._zip.close()


def skipped_note(tree: FileTree) -> list[str]:
    """What lies beside pictures that a table names and cannot be named by it, as one sentence or none."""
    if not tree.skipped:
        return []
    name, reason = tree.skipped[0]
    return [f"Passed over beside the pictures: {len(tree.skipped):,}, such as {name} ({reason})."]


def refuse_device(path: Path) -> None:
    """See to it that what is there is a file, before it is opened: a pipe would be waited for.

    Raises:
        SourceError: it is something else.
        OSError: there is nothing.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise SourceError(f"{path} is neither a file nor a folder. Give the folder, ZIP or CSV file of its pictures.")


def open_tree(path: Path) -> FileTree:
    """A folder or an archive as a tree.

    Raises:
        SourceError: there is nothing at ``path``, or it is neither; the message says what it is instead.
    """
    try:
        if path.is_dir():
            return FolderTree(path)
        if not is_there(path):
            raise SourceError(f"There is no file or folder {path}. Check the path.")
        refuse_device(path)
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError as error:  # no permission, or a name longer than the system allows
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    suffix = path.suffix.lower()
    if suffix in _WORKBOOKS:
        raise SourceError(f"{path} is a spreadsheet. Save it as CSV (UTF-8), beside its pictures, and give that file.")
    if suffix in _OTHER_ARCHIVES:
        raise SourceError(f"{path} is an archive of another kind than ZIP. Unpack it and give the folder.")
    if not head.startswith(b"PK") and suffix != ".zip":
        what = what_it_is(head)
        raise SourceError(f"{path} is {what}, not a catalog. Give the folder, ZIP or CSV file of its pictures.")
    return ZipTree(path)
