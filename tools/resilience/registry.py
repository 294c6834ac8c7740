"""All trials. Adding one is a function that gives an ``Outcome``, and an entry here."""

from tools.resilience.trial import Trial

TRIALS: tuple[Trial, ...] = ()
