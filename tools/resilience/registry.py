"""All trials. Adding one is a function that gives an ``Outcome``, and an entry here."""

from tools.resilience import kills
from tools.resilience.trial import Trial

TRIALS: tuple[Trial, ...] = (
    Trial(
        "kills",
        "Works killed at random moments: what was there opens, and the same command ends alike.",
        50,
        kills.trial,
    ),
)
