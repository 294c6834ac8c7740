"""Files that survive a crash: written atomically, named by checksum, verified when read back."""

import contextlib
import hashlib
import json
import os
import re
import secrets
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, BinaryIO

from fashion_search.errors import StoreError

FileEntry = dict[str, str]  # "file" and "sha256"

_CHECKSUM = "checksum"
_LEFT_FOR = 3600.0  # s after which a temporary file is nobody's
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{8}")

_verified: set[tuple[Path, str]] = set()


def is_there(path: Path) -> bool:
    """Whether there is something at a path. ``Path.exists`` says no, from Python 3.14 on, where nobody can tell.

    Raises:
        OSError: nobody can tell, for want of permission or since the name is too long.
    """
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):  # the last of a path with a null character
        return False
    return True


def listed(folder: Path) -> list[Path]:
    """What lies in a folder, by name; nothing where there is none. ``Path.glob`` finds nothing where nobody may look.

    Raises:
        StoreError: nobody may look, or it is a file.
    """
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        advice = " Give permission to read it." if isinstance(error, PermissionError) else ""
        raise StoreError(f"{folder} cannot be read: {error.strerror}.{advice}") from error


def folders_with(place: Path, pattern: str) -> list[Path]:
    """The folders in a place with such a file, and those that nobody may look into: reading one says why.

    Raises:
        StoreError: nobody may look into the place.
    """
    return [folder for folder in listed(place) if _may_have(folder, pattern)]


def _may_have(folder: Path, pattern: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(fnmatchcase(entry.name, pattern) for entry in entries)
    except PermissionError:
        return True
    except OSError:  # a file; or deleted since
        return False


def sha256(path: Path) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum_of(content: Any) -> str:
    """SHA-256 of what a JSON file says, in whatever order and layout it says it."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def with_checksum(content: dict[str, Any]) -> dict[str, Any]:
    """What a JSON file is to say, and the checksum of it."""
    return content | {_CHECKSUM: checksum_of(content)}


def without_checksum(content: Any) -> Any:
    """What a JSON file says, after comparing its checksum; an earlier version wrote none.

    Raises:
        ValueError: it says something else than was written.
    """
    if not isinstance(content, dict) or _CHECKSUM not in content:
        return content
    plain = {key: value for key, value in content.items() if key != _CHECKSUM}
    if content[_CHECKSUM] != checksum_of(plain):
        raise ValueError("its checksum does not match its content")
    return plain


def stem_of(name: str) -> str:
    """A part of a file's name for a method of this name: itself where that can be one, else recognisable and unique."""
    safe = re.sub(r"[^A-Za-z0-9._~+@=-]", "_", name)[:80]
    return name if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in place in one step.

    A crash or a full disk leaves the previous file as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = _temporary(path.parent, path.name)
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_named_by_checksum(
    folder: Path, stem: str, suffix: str, write: Callable[[BinaryIO], object]
) -> dict[str, str]:
    """Write ``<stem>-<checksum><suffix>`` into ``folder``; returns its ``file`` name and full ``sha256``."""
    unnamed = _temporary(folder, f"{stem}{suffix}")  # its own: threads may write the same at once
    try:
        write_atomically(unnamed, write)
        digest = sha256(unnamed)
        path = folder / f"{stem}-{digest[:16]}{suffix}"
        if not (path.is_file() and sha256(path) == digest):  # Windows refuses to replace what others have mapped
            unnamed.replace(path)
    finally:
        unnamed.unlink(missing_ok=True)
    return {"file": path.name, "sha256": digest}


def _temporary(folder: Path, name: str) -> Path:
    return folder / f".{name}.{secrets.token_hex(4)}"  # with the permissions a new file has here


def forget_abandoned(folder: Path) -> None:
    """Delete the temporary files in a folder that processes left which were killed, once those are surely over."""
    for path in folder.glob(".*"):
        with contextlib.suppress(OSError):
            if _TEMPORARY.fullmatch(path.name) and abs(time.time() - path.stat().st_mtime) > _LEFT_FOR:
                path.unlink()


def verified(folder: Path, entry: dict[str, str], mend: str = "Build the catalog again.") -> Path:
    """The path of a file that a manifest names, after comparing its checksum once per process.

    Raises:
        StoreError: the file is missing, or its content is not what the manifest says; it ends with ``mend``.
    """
    name, expected = entry.get("file", ""), entry.get("sha256", "")
    path = folder / name
    if path.parent != folder or not name or "\0" in name:
        raise StoreError(f"{folder} names a file outside its own folder: {name!r}. Build it again.")
    key = (path, expected)
    if key not in _verified:
        try:
            found = sha256(path)
        except OSError as error:
            raise StoreError(
                f"{path} cannot be read ({error.strerror}). Try again if it has just been replaced. Otherwise: {mend}"
            ) from error
        if found != expected:
            raise StoreError(f"{path} is damaged: its checksum is not the manifest's. {mend}")
        _verified.add(key)
    return path
