"""All trials. Adding one is a function that gives an ``Outcome``, and an entry here."""

from tools.resilience import crowd
from tools.resilience.trial import Trial

TRIALS = (
    Trial("crowd", "many visitors for ten minutes, who pick, upload, turn pages and reload", 50, crowd.crowd),
    Trial("left", "visitors who come, look once and go", 200, crowd.left),
    Trial("searches", "searches one after the other", 2_000, crowd.searches),
)
