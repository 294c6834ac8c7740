"""How far a build is: a value that the command line draws, the status file keeps, and a page shows."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["waiting", "reading", "libraries", "indexes", "evaluation", "robustness", "costs", "rest"]
Report = Callable[["Progress"], None]


@dataclass(frozen=True)
class Progress:
    """Pictures done of those that had to be made, indexes done, or work done of what an evaluation takes, in a unit
    of its own.

    ``rate``, pictures per second, and ``seconds_left`` are 0 until known. ``method``: the title of the one that is
    indexed or evaluated, or whose cost is measured.
    """

    done: int = 0
    total: int = 0
    rate: float = 0.0
    seconds_left: float = 0.0
    stage: Stage = "reading"
    method: str = ""

    @property
    def share(self) -> float:
        """What is done, from 0 to 1."""
        return self.done / self.total if self.total else 0.0

    @property
    def title(self) -> str:
        """What is being done, for people; empty where the pictures speak for themselves."""
        titles = {
            "indexes": f"Indexing {self.method}".strip(),
            "evaluation": f"Evaluating {self.method}".strip(),
            "robustness": "Measuring robustness",
            "rest": "The rest of the shop",
            "costs": f"Measuring the cost of {self.method}".removesuffix(" of "),
        }
        return titles.get(self.stage, "")

    @property
    def time_left(self) -> str:
        """For people: ``1:26 left``; empty until known."""
        minutes, seconds = divmod(round(self.seconds_left), 60)
        return f"{minutes}:{seconds:02d} left" if self.seconds_left else ""

    @property
    def sentence(self) -> str:
        """For people: ``1,200 of 6,217 images · 58 images/s · 1:26 left``."""
        if self.stage == "waiting":
            return "Another build of this catalog is running; waiting for it."
        if not self.total:
            return self.title or "Reading the catalog."
        done = f"{self.done:,} of {self.total:,} images · {self.rate:.0f} images/s"
        if self.stage in ("indexes", "evaluation", "costs"):
            done = f"{self.share:.0%}"
        return " · ".join(part for part in (self.title, done, self.time_left) if part)


def counting(stage: Stage, report: Report) -> Callable[[int, int], None]:
    """Reports pictures done of a total as progress of a stage, with rate and time left since now."""
    started = time.monotonic()

    def count(done: int, total: int) -> None:
        rate = done / max(time.monotonic() - started, 1e-3)  # a coarse clock may not have moved yet
        report(Progress(done, total, rate, (total - done) / rate if done else 0.0, stage))

    return count
