"""The folder of the methods of this machine: those that were trained here, and those imported as vectors."""

from pathlib import Path

from fashion_search.errors import StoreError
from fashion_search.files import listed
from fashion_search.home import home


def methods_folder() -> Path:
    """Where they are."""
    return home() / "methods"


def method_files(suffix: str) -> tuple[list[Path], dict[str, str]]:
    """The files of a suffix in their order; and why there are none where the folder cannot be read, by its name."""
    folder = methods_folder()
    try:
        files = listed(folder)
    except StoreError as error:
        return [], {folder.name: str(error)}
    return [file for file in files if file.name.endswith(suffix) and not file.name.startswith(".")], {}
