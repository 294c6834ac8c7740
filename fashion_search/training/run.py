"""A training run on disk: what it used and how it goes, for any process to read. It imports no torch."""

import contextlib
import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from filelock import FileLock, Timeout

from fashion_search.errors import RecipeError, TrainingError
from fashion_search.files import write_atomically
from fashion_search.home import home
from fashion_search.training.recipe import Recipe, read_record

RUN = "run.json"
LOSSES = "losses.csv"
VALIDATION = "validation.csv"
LOCK = "run.lock"

Row = dict[str, float]


def runs_folder() -> Path:
    """Where the runs of this machine are."""
    return home() / "training"


@dataclass(frozen=True)
class Run:
    """Everything a run used, and where it stands.

    ``state`` is ``running``, ``done``, ``failed`` or ``stopped``. ``data`` says what it learns from: title of
    the catalog, fingerprint, counts. ``start`` says which trained method it began with: its name, the SHA-256 of its
    file and its own training; nothing where it began with none; ``teachers`` says the same of those whose vectors it
    learns. ``latest`` is the last validation, ``best`` the one
    that the encoder was taken from, ``final`` what the evaluated style groups gave, once, at the end. ``notes`` tell
    what a person should know.
    """

    name: str
    catalog: str
    recipe: Recipe
    seed: int
    limit: int
    precision: str  # "half" (bfloat16 where it helps) or "full"
    device: str
    threads: int
    data: dict[str, Any]
    versions: dict[str, str]
    started: str  # time, ISO 8601, UTC
    looks: bool = True  # at the evaluated style groups, once, at its end
    start: dict[str, Any] = field(default_factory=dict)
    teachers: tuple[dict[str, Any], ...] = ()
    state: str = "running"
    message: str = ""
    step: int = 0
    seen: int = 0  # pictures
    total: int = 0
    seconds: float = 0.0  # of training, over all processes that worked on it
    seconds_left: float = 0.0
    latest: Row = field(default_factory=dict)
    best: Row = field(default_factory=dict)
    final: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def rate(self) -> float:
        """Training pictures per second."""
        return self.seen / self.seconds if self.seconds else 0.0

    @property
    def epoch(self) -> float:
        """Epochs done, with their fraction."""
        return self.recipe.optimisation.epochs * self.seen / self.total if self.total else 0.0

    @property
    def sentence(self) -> str:
        """For people: ``epoch 3.2 of 30 · 380 images/s · 41:20 left``."""
        minutes, seconds = divmod(round(self.seconds_left), 60)
        epochs = self.recipe.optimisation.epochs
        return f"epoch {self.epoch:.1f} of {epochs} · {self.rate:.0f} images/s · {minutes}:{seconds:02d} left"

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        lists = {name: tuple(data.get(name, ())) for name in ("notes", "teachers")}
        return cls(**{**data, "recipe": read_record(data["recipe"]), **lists})


def write_run(folder: Path, run: Run) -> None:
    """Replace what a folder says of its run."""
    data = json.dumps(run.to_json(), indent=1, ensure_ascii=False).encode()
    write_atomically(folder / RUN, lambda file: file.write(data))


def read_run(folder: Path) -> Run:
    """A run as it stands; one that says it is running but whose process is gone is ``stopped``.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    path = folder / RUN
    try:
        run = Run.from_json(json.loads(path.read_bytes()))
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError, RecipeError) as error:
        raise TrainingError(
            f"{path} is damaged ({type(error).__name__}). Start the run again with --restart, or delete its folder."
        ) from error
    if run.state == "running" and not is_locked(folder):
        return replace(
            run, state="stopped", message="The process is gone. The same command goes on from its last state."
        )
    return run


def is_locked(folder: Path) -> bool:
    """Whether a living process trains here; the system releases the lock of a dead one."""
    if not (folder / LOCK).exists():
        return False
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True


def run_names() -> list[str]:
    """The runs of this machine, the newest first."""
    found = []
    for path in runs_folder().glob(f"*/{RUN}"):
        with contextlib.suppress(OSError):  # deleted since it was listed
            found.append((path.stat().st_mtime, path.parent.name))
    return [name for _, name in sorted(found, reverse=True)]


def held_names() -> list[str]:
    """Runs that a living process trains, or is about to: it has their folder before it has their record."""
    return sorted(path.parent.name for path in runs_folder().glob(f"*/{LOCK}") if is_locked(path.parent))


def write_table(path: Path, rows: Sequence[Row]) -> None:
    """Replace a CSV file; the columns are those of all rows, in their order of appearance."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    write_atomically(path, lambda file: file.write(data))


def read_table(path: Path) -> list[Row]:
    """The rows of a CSV file; empty where there is none yet.

    Raises:
        TrainingError: it holds something else.
    """
    try:
        lines = csv.DictReader(io.StringIO(path.read_text("utf-8")))
        return [{key: float(value) for key, value in line.items() if value} for line in lines]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, AttributeError, csv.Error) as error:
        raise TrainingError(f"{path} is not a table of numbers.") from error


def losses_of(name: str) -> list[Row]:
    """Means over some steps each: ``step``, ``epoch``, ``seconds``, ``rate``, ``loss`` and each loss by its name."""
    return read_table(runs_folder() / name / LOSSES)


def validations_of(name: str) -> list[Row]:
    """One row per validation: ``step``, ``epoch``, ``seconds``, and at rank 5 the figures of ``figures.figures``."""
    return read_table(runs_folder() / name / VALIDATION)
