"""All trials. Adding one is a function that gives an ``Outcome``, and an entry here."""

from tools.resilience import disk, flips, kills, readers
from tools.resilience.trial import Trial

TRIALS: tuple[Trial, ...] = (
    Trial("kills", "Works killed at random moments: what was there opens, the same command ends alike.", 50, kills.trial),
    Trial("disk", "The same on a disk that becomes full (root, Linux).", 20, disk.trial),
    Trial("flips", "A byte of each file altered, of large ones at so many places: noticed.", 2000, flips.trial),
    Trial("readers", "Two builders, so many builds each, and five readers: no torn read.", 20, readers.trial),
)
