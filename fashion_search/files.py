"""Files that survive a crash: written atomically, named by checksum, verified when read back."""

import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

from fashion_search.errors import StoreError

FileEntry = dict[str, str]  # "file" and "sha256"

_verified: set[tuple[Path, str]] = set()


def sha256(path: Path) -> str:
    """SHA-256 of a file's content, as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checksum_of(content: Any) -> str:
    """SHA-256 of what a JSON file says, in whatever order and layout it says it."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def stem_of(name: str) -> str:
    """A part of a file's name for a method of this name: itself where that can be one, else recognisable and unique."""
    safe = re.sub(r"[^A-Za-z0-9._~+@=-]", "_", name)[:80]
    return name if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def write_atomically(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let ``write`` fill a temporary file beside ``path``, then put it in place in one step.

    A crash or a full disk leaves the previous file as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")  # with the permissions a new file has here
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
    unnamed = folder / f".{stem}{suffix}.{os.getpid()}"
    write_atomically(unnamed, write)
    digest = sha256(unnamed)
    path = folder / f"{stem}-{digest[:16]}{suffix}"
    if path.is_file() and sha256(path) == digest:
        unnamed.unlink()  # Windows refuses to replace what another process has mapped
    else:
        unnamed.replace(path)
    return {"file": path.name, "sha256": digest}


def verified(folder: Path, entry: dict[str, str]) -> Path:
    """The path of a file that a manifest names, after comparing its checksum once per process.

    Raises:
        StoreError: the file is missing, or its content is not what the manifest says.
    """
    path = folder / entry["file"]
    if path.parent != folder:
        raise StoreError(f"{folder} names a file outside its own folder: {entry['file']!r}. Build it again.")
    key = (path, entry["sha256"])
    if key not in _verified:
        try:
            found = sha256(path)
        except OSError as error:
            raise StoreError(f"{path} cannot be read ({error.strerror}). Build the catalog again.") from error
        if found != entry["sha256"]:
            raise StoreError(f"{path} is damaged: its checksum is not the manifest's. Build the catalog again.")
        _verified.add(key)
    return path
