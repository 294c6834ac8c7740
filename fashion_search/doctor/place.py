"""Where the program keeps what it builds: whether it can be written, has room, and takes locks; and what is set."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from fashion_search.doctor.finding import Finding
from fashion_search.encoders.weights import FOLDER_VARIABLE
from fashion_search.errors import SettingError
from fashion_search.home import HOME_VARIABLE, home, user_path
from fashion_search.index.milvus_server import TIMEOUT_VARIABLE, TOKEN_VARIABLE
from fashion_search.index.place import PLACE_VARIABLE
from fashion_search.settings import all_settings, variable

_LITTLE = 2_000_000_000  # bytes free: a large catalog's build may end for want of room
_NONE = 200_000_000  # bytes free: nothing can be built
_OTHERS = (HOME_VARIABLE, FOLDER_VARIABLE, PLACE_VARIABLE, TOKEN_VARIABLE, TIMEOUT_VARIABLE)


def check_settings() -> Iterator[Finding]:
    """Each environment variable of the program: whether it means anything."""
    known = {one.variable: one for one in all_settings()}
    given = sorted(name for name in os.environ if name.startswith(variable("")))
    for name in given:
        if name in known:
            try:
                value = known[name].read(os.environ[name])
            except SettingError as error:
                yield Finding("wrong", str(error))
            else:
                yield Finding("fine", f"{name} is {value}: {known[name].about}.")
        elif name == FOLDER_VARIABLE and not user_path(os.environ[name]).is_dir():
            folder = os.environ[name]
            yield Finding("wrong", f"{name} is {folder!r}, which is no folder: set it to the one with the weights.")
        elif name not in _OTHERS:
            yield Finding("notice", f"{name} means nothing to this version.")
    if not known.keys() & set(given):
        yield Finding("fine", "Nothing is set by the environment; every setting has its default.")


def check_place() -> Iterator[Finding]:
    """The home, and the folder for temporary files."""
    folder = home()
    if folder.exists() and not folder.is_dir():
        yield Finding("wrong", f"{folder} is a file, not a folder: move it, or set {HOME_VARIABLE} to a folder.")
        return
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    if reason := _cannot_write(there):
        yield Finding(
            "wrong",
            f"{there} cannot be written ({reason}): grant access, or set {HOME_VARIABLE} to a folder that can be.",
        )
    elif folder.is_dir():
        yield Finding("fine", f"{folder} can be written.")
        yield from _locks(folder)
    else:
        yield Finding("fine", f"{folder} is made by the first build.")
    yield _room(there, "what is built")
    temporary = Path(tempfile.gettempdir())
    if reason := _cannot_write(temporary):
        yield Finding("wrong", f"{temporary}, for temporary files, cannot be written ({reason}): grant access there.")


def _cannot_write(folder: Path) -> str:
    """Why a file cannot be made and removed in a folder; empty where it can."""
    path = folder / f".doctor-{secrets.token_hex(4)}"
    try:
        path.write_bytes(b"written")
        path.unlink()
    except OSError as error:
        return error.strerror or str(error)
    return ""


def _locks(folder: Path) -> Iterator[Finding]:
    """Whether one who holds a lock keeps another out, which some network drives do not do."""
    path = folder / f".doctor-{secrets.token_hex(4)}.lock"
    try:
        with FileLock(path, timeout=0):
            try:
                with FileLock(path, timeout=0):
                    yield Finding(
                        "wrong",
                        f"Locks do not hold in {folder}, so two builds could meet: set {HOME_VARIABLE} to a folder on "
                        "a disk of this machine.",
                    )
            except Timeout:
                yield Finding("fine", "Locks hold there.")
    except (OSError, NotImplementedError) as error:
        yield Finding(
            "wrong",
            f"{folder} takes no locks ({error}): set {HOME_VARIABLE} to a folder on a disk of this machine.",
        )
    finally:
        path.unlink(missing_ok=True)


def _room(folder: Path, what: str) -> Finding:
    free = shutil.disk_usage(folder).free
    words = f"{free / 1e9:.1f} GB are free for {what}"
    if free < _NONE:
        return Finding("wrong", f"Only {words}, in {folder}: make room, or nothing can be built.")
    if free < _LITTLE:
        return Finding("notice", f"Only {words}, in {folder}: a build of a large catalog may need more.")
    return Finding("fine", f"{words}.")
