"""Where things are on this machine: what comes with the program, and what is built with it."""

import os
import sys
from pathlib import Path

import platformdirs

HOME_VARIABLE = "FASHION_SEARCH_HOME"
_QUOTES = "\"'“”‘’„«»"
_PACKAGE = Path(__file__).resolve().parent


def shipped(path: str) -> Path:
    """What comes with the program beside its package, such as ``app.py`` or ``assets/demo``.

    In a checkout it lies where ``path`` says; a wheel carries it inside the package, in a folder ``shipped``.
    """
    installed = _PACKAGE / "shipped"
    return (installed if installed.is_dir() else _PACKAGE.parent) / path


def home() -> Path:
    """The folder of built catalogs: ``FASHION_SEARCH_HOME``, else the user's data folder."""
    chosen = os.environ.get(HOME_VARIABLE)
    return user_path(chosen) if chosen else platformdirs.user_data_path("fashion_search", appauthor=False).absolute()


def own_process(module: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    """How a module of this package runs in a process of its own: the command, and an environment with this home.

    Modules in the working folder are not taken for those of the program.
    """
    known = os.environ.get("PYTHONPATH")
    paths = f"{_PACKAGE.parent}{os.pathsep}{known}" if known else str(_PACKAGE.parent)
    command = [sys.executable, "-P", "-m", f"{_PACKAGE.name}.{module}", *arguments]
    return command, os.environ | {HOME_VARIABLE: str(home()), "PYTHONPATH": paths}


def user_path(text: str | Path) -> Path:
    """A path as a person types or pastes it, absolute; a ``~name`` that is nobody's home is taken as it stands.

    Quotation marks around it, which file managers copy along, are no part of it unless there is a file of such a name.
    """
    bare = str(text).strip()
    if len(bare) > 2 and bare[0] in _QUOTES and bare[-1] in _QUOTES and not os.path.lexists(text):
        text = bare[1:-1]
    try:
        return Path(text).expanduser().absolute()
    except RuntimeError:
        return Path(text).absolute()
