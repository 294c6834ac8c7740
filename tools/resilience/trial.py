"""What a trial is, and what comes of it."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a trial counted, by name, and the promises that it saw broken, in sentences."""

    figures: dict[str, float | str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trial:
    """One of them. ``run`` takes how many times to try, and a seed; ``count`` is that of ``SECURITY.md``."""

    name: str
    about: str
    count: int
    run: Callable[[int, int], Outcome]
