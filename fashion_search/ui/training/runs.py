"""What the Training page shows of runs: those of this machine as they stand, and the words for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fashion_search.charts.training import AGAINST
from fashion_search.errors import TrainingError
from fashion_search.evaluation.words import NOTHING, number
from fashion_search.training import record
from fashion_search.training.record import Metrics, Run

REFRESH = 2.0  # s between two looks at a run that goes on
SHORT = {"precision": "P@5", "recall": "R@5", "hit": "Hit@5"}
STATES = {"running": "▶ running", "done": "✓ done", "failed": "✗ failed", "stopped": "❚❚ stopped"}


@dataclass(frozen=True)
class Found:
    """The runs of this machine, those that go on first, then the newest; of damaged ones the reason.

    ``beginning``: those whose process reads pictures and has not recorded a step yet, or not again.
    """

    runs: dict[str, Run]
    damaged: dict[str, str]
    beginning: tuple[str, ...]

    @property
    def states(self) -> dict[str, str]:
        return {name: run.state for name, run in self.runs.items()} | dict.fromkeys(self.damaged, "damaged")

    @property
    def places(self) -> dict[str, int]:
        """A number per run that stays while others come: the oldest is 0."""
        oldest_first = sorted(self.runs, key=lambda name: (self.runs[name].started, name))
        return {name: place for place, name in enumerate(oldest_first)}


def find() -> Found:
    """Read all runs as they stand."""
    runs, damaged = {}, {}
    for name in record.run_names():
        try:
            runs[name] = record.read_run(record.runs_folder() / name)
        except TrainingError as error:
            damaged[name] = str(error)
    order = sorted(runs, key=lambda name: (runs[name].state == "running", runs[name].started, name), reverse=True)
    beginning = tuple(name for name in record.held_names() if name not in runs or runs[name].state != "running")
    return Found({name: runs[name] for name in order}, damaged, beginning)


def rows(name: str, file: str, read: Callable[[str], list[Metrics]]) -> tuple[list[Metrics], str]:
    """A run's table; where it is damaged none, and a sentence."""
    path = record.runs_folder() / name / file
    try:
        found = read(name)
    except TrainingError as error:
        return [], f"Of the run “{name}” a curve is missing. {error}"
    if all(set(AGAINST) <= set(row) for row in found):
        return found, ""
    return [], f"Of the run “{name}” a curve is missing. {path} lacks the columns {' and '.join(AGAINST)}."


def figure(of: Mapping[str, Any], name: str) -> str:
    """A figure of a validation or of the end; a dash where there is none."""
    value = of.get(name)
    return number(value) if isinstance(value, (int, float)) else NOTHING


def title_of(run: Run) -> str:
    """The catalog that a run learns from, as people know it."""
    return str(run.data.get("title", run.catalog))
