"""What a catalog is built from and with, as one value: a manifest says it of itself, a build is asked for by it."""

import shlex
from dataclasses import dataclass, field
from pathlib import Path

from fashion_search.catalog.demo import DEMO
from fashion_search.catalog.model import slug
from fashion_search.catalog.source import Options
from fashion_search.errors import SourceError
from fashion_search.home import user_path


@dataclass(frozen=True)
class Request:
    """What a build was asked for: enough to ask for it again.

    ``source`` is a path or the word ``demo``, ``name`` the catalog's in commands and links (see ``catalog_name``),
    ``methods`` are names from ``ENCODERS``; of a combined one the parts are built. ``replace`` allows a catalog of
    this name to be replaced by one from another source. ``indexes`` are names from ``INDEXES``, with the place
    of one that is kept elsewhere (``index.place``): each of the methods is searched by each of them, too.
    ``quick`` leaves evaluation and maps to the pages; ``robustness`` also measures every method with altered queries.
    ``queries_of``: the catalog that this is a query set of; empty where it is a catalog. ``all_items``: what the
    catalog leaves out for the size of its style group can be searched too; ``rest_of``: the catalog that this is that
    rest of; else empty. ``ray``: whose workers encode pictures, an address or ``local``; empty: none.

    Raises:
        SourceError: the name is none, or belongs to the demo.
    """

    source: str
    name: str
    methods: tuple[str, ...]
    options: Options = field(default_factory=Options)
    replace: bool = False
    robustness: bool = False
    quick: bool = False
    indexes: tuple[str, ...] = ()
    queries_of: str = ""
    all_items: bool = False
    rest_of: str = ""
    ray: str = ""

    def __post_init__(self) -> None:
        if self.name.removesuffix("-") != (name := _folder_name(self.name)):  # a long one may be cut there
            raise SourceError(f"{self.name!r} cannot name a catalog; {name!r} can.")
        if self.name == DEMO and self.source != DEMO and not self.queries_of:
            raise SourceError("The name “demo” belongs to the embedded catalog. Choose another.", "name")

    @property
    def command(self) -> str:
        """What a person types for it."""
        options = self.options
        words = ["queries", self.queries_of, self.source] if self.queries_of else ["build", self.source]
        for method in self.methods:
            words += ["--method", method]
        for index in self.indexes:
            words += ["--index", index]
        words += ["--name", self.name]
        for flag, number in (("--smallest", options.smallest), ("--largest", options.largest)):
            words += [] if number is None else [flag, str(number)]
        words += [] if options.image_column is None else ["--image-column", options.image_column]
        words += [] if options.encoding is None else ["--encoding", options.encoding]
        words += ["--boxes"] if options.boxes else []
        words += [f"--{flag}" for flag in ("replace", "robustness", "quick") if getattr(self, flag)]
        words += ["--all-items"] if self.all_items or self.rest_of else []
        words += ["--group-by", *options.group_by] if options.group_by else []
        if self.ray:
            words += ["--ray"] if self.ray == "local" else ["--ray", self.ray]
        return f"python -m fashion_search {shlex.join(words)}"


TAKEN = ("methods", "networks", "training", "verdicts", "lost+found")  # beside the catalogs; the last is a disk's own


def catalog_name(source: str | Path, name: str | None = None) -> str:
    """The name under which a source is built: the one given, else from its path.

    Raises:
        SourceError: nothing usable as a folder's name is left, or it is that of a folder of the program's own.
    """
    chosen = _folder_name(name if name is not None else user_path(source).name.split(".")[0])
    if chosen in TAKEN:
        raise SourceError(
            f"The name “{chosen}” is taken: the program keeps its own {chosen} there. Choose another.", "name"
        )
    return chosen


def _folder_name(text: str) -> str:
    chosen = slug(text)
    if not chosen:
        raise SourceError("The catalog needs a name with letters or digits: choose one.", "name")
    return chosen.replace("_", "-")[:80]
