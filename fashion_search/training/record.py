"""A training run on disk: what it used and how it goes, for any process to read. It imports no torch."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec
from filelock import FileLock, Timeout
from msgspec.structs import replace

from fashion_search.errors import RecipeError, TrainingError
from fashion_search.files import folders_with, with_checksum, without_checksum, write_atomically
from fashion_search.home import home
from fashion_search.training.recipe import Recipe, read_record
from fashion_search.typed import Checked, read

RUN = "run.json"
LOSSES = "losses.csv"
VALIDATION = "validation.csv"
LOCK = "run.lock"
_MARK = "# SHA-256 of the lines above: "

Metrics = dict[str, float]
"""Numbers by their names: of one validation, or of some steps."""


def runs_folder() -> Path:
    """Where the runs of this machine are."""
    return home() / "training"


class Run(Checked, frozen=True):
    """Everything a run used, and where it stands.

    ``data`` says what it learns from: title of the catalog, fingerprint, counts. ``start`` says which trained method
    it began with: its name, the SHA-256 of its file and its own training; nothing where it began with none;
    ``teachers`` says the same of those whose vectors it learns. ``latest`` is the last validation, ``best`` the one
    that the encoder was taken from, ``final`` the metrics of the evaluated style groups, taken once, at the end.
    ``reconstructions``: of an autoencoder, what ``training.reconstructions`` drew at the best validation.
    ``notes`` tell what a person should know.
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
    start: dict[str, Any] = msgspec.field(default_factory=dict)
    teachers: tuple[dict[str, Any], ...] = ()
    state: Literal["running", "done", "failed", "stopped"] = "running"
    message: str = ""
    step: int = 0
    seen: int = 0  # pictures
    total: int = 0
    seconds: float = 0.0  # of training, over all processes that worked on it
    seconds_left: float = 0.0
    latest: Metrics = msgspec.field(default_factory=dict)
    best: Metrics = msgspec.field(default_factory=dict)
    final: dict[str, Any] = msgspec.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reconstructions: dict[str, Any] = msgspec.field(default_factory=dict)

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
        """All fields as plain data."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        return fields

    @classmethod
    def from_json(cls, data: Any) -> "Run":
        """The inverse of ``to_json``, also for what an earlier version wrote.

        Raises:
            TrainingError: a field is missing, unknown or of another type; it says which.
            RecipeError: the same of its recipe.
        """
        if isinstance(data, dict) and "recipe" in data:
            data = {**data, "recipe": read_record(data["recipe"])}
        return read(data, cls, TrainingError)


def write_run(folder: Path, run: Run) -> None:
    """Replace what a folder says of its run."""
    data = json.dumps(with_checksum(run.to_json()), indent=1, ensure_ascii=False).encode()
    write_atomically(folder / RUN, lambda file: file.write(data))


def read_run(folder: Path) -> Run:
    """A run as it stands; one that says it is running but whose process is gone is ``stopped``.

    Raises:
        TrainingError: there is none, or it is damaged.
    """
    path = folder / RUN
    try:
        run = Run.from_json(_read_whole(path))
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecipeError, TrainingError) as error:
        reason = f"{error}." if isinstance(error, ValueError) else error
        raise TrainingError(
            f"{path} is damaged: {reason} Start the run again with --restart, or delete its folder."
        ) from error
    if run.state == "running" and not is_locked(folder):
        return replace(
            run, state="stopped", message="The process is gone. The same command goes on from its last state."
        )
    return run


def _read_whole(path: Path) -> Any:
    """What a JSON file says.

    Raises:
        ValueError: it is none, or is not as it was written; the message is a clause without its full stop.
        OSError: it cannot be read.
    """
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError("it is not JSON") from error
    return without_checksum(content)


def refuse_other_run(then: Run, now: Run) -> None:
    """Let a run go on as another only if all that decides it is the same.

    Raises:
        TrainingError: recipe, seed, limit, data or precision differ; it says which.
    """
    differing = {
        "recipe": not then.recipe.trains_like(now.recipe),
        "seed": then.seed != now.seed,
        "limit": then.limit != now.limit,
        "choice of --no-final": then.looks != now.looks,
        "precision": then.precision != now.precision,
        "catalog": then.data["fingerprint"] != now.data["fingerprint"],
        "encoder to start from": then.start.get("weights") != now.start.get("weights"),
        "teacher": [teacher["weights"] for teacher in then.teachers]
        != [teacher["weights"] for teacher in now.teachers],
    }
    changed = [name for name, differs in differing.items() if differs]
    if changed:
        raise TrainingError(
            f"The run “{now.name}” was begun with another {' and another '.join(changed)}, so it cannot go on with "
            "this. Start it again (--restart), or choose another name (--name)."
        )


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
    """The runs of this machine, the newest first; those that nobody may look into last.

    Raises:
        StoreError: their folder cannot be read.
    """
    found = []
    for folder in folders_with(runs_folder(), RUN):
        try:
            found.append(((folder / RUN).stat().st_mtime, folder.name))
        except PermissionError:
            found.append((0.0, folder.name))
        except OSError:  # deleted since it was listed
            continue
    return [name for _, name in sorted(found, reverse=True)]


def held_names() -> list[str]:
    """Runs that a living process trains, or is about to: it has their folder before it has their record."""
    return sorted(path.parent.name for path in runs_folder().glob(f"*/{LOCK}") if is_locked(path.parent))


def write_table(path: Path, rows: Sequence[Metrics]) -> None:
    """Replace a CSV file; the columns are those of all rows, in their order of appearance."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    data += f"{_MARK}{hashlib.sha256(data).hexdigest()}\n".encode()
    write_atomically(path, lambda file: file.write(data))


def read_table(path: Path) -> list[Metrics]:
    """The rows of a CSV file; empty where there is none yet. An earlier version's has no last line with its checksum.

    Raises:
        TrainingError: it holds something else, or is not as it was written.
    """
    try:
        table, mark, checksum = path.read_bytes().decode().partition(_MARK)
        if mark and checksum != f"{hashlib.sha256(table.encode()).hexdigest()}\n":
            raise TrainingError(
                f"{path} is damaged: its checksum does not match its content. Delete it, or train again."
            )
        lines = csv.DictReader(io.StringIO(table))
        return [{key: float(value) for key, value in line.items() if value} for line in lines]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise TrainingError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, AttributeError, csv.Error) as error:
        raise TrainingError(f"{path} is not a table of numbers.") from error


def losses_of(name: str) -> list[Metrics]:
    """Means over some steps each: ``step``, ``epoch``, ``seconds``, ``rate``, ``loss`` and each loss by its name."""
    return read_table(runs_folder() / name / LOSSES)


def validations_of(name: str) -> list[Metrics]:
    """One row per validation: ``step``, ``epoch``, ``seconds``, and at rank 5 the metrics of ``validation.metrics``."""
    return read_table(runs_folder() / name / VALIDATION)
