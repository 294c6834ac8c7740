"""All trials. Adding one is a function that gives an ``Outcome``, and an entry here."""

from tools.resilience import (
    archives,
    crowd,
    disk,
    flips,
    images,
    kills,
    log_lines,
    long_work,
    open_mode,
    payloads,
    readers,
)
from tools.resilience.trial import Trial

TRIALS = (
    Trial("images", "pictures that want to harm whoever opens them", 1_000, images.run),
    Trial("archives", "archives and folders that want to harm whoever reads them", 1_000_000, archives.run_archives),
    Trial("tables", "tables and vectors that want to harm whoever reads them", 1_024, archives.run_tables),
    Trial("kills", "work killed at random moments: what was there opens, the same command ends alike", 50, kills.trial),
    Trial("disk", "the same on a disk that becomes full (root, Linux)", 20, disk.trial),
    Trial("flips", "single bytes of each file altered, at so many places of each: noticed", 100, flips.trial),
    Trial("readers", "two builders, so many builds each, and five readers: no torn read", 20, readers.trial),
    Trial("crowd", "many visitors for ten minutes, who pick, upload, turn pages and reload", 50, crowd.crowd),
    Trial("left", "visitors who come, look once and go", 200, crowd.left),
    Trial("payloads", "texts of others that would be markup, on every page in Chromium", 23, payloads.run),
    Trial("open", "a stranger before the password: what answers, and guesses", 2_000, open_mode.run),
    Trial("searches", "searches one after the other", 2_000, crowd.searches),
    Trial("twice", "sessions that ask for the same evaluation at once, and one that is left", 50, long_work.twice),
    Trial("cancelled", "builds that are cancelled at a random moment, and go on", 20, long_work.cancelled),
    Trial("logs", "lines of the log with hostile names, in both forms", 20_000, log_lines.logged),
)
