"""``kills``: works killed by SIGKILL at random moments; what was there opens, and the same command ends as if never."""

import random
import signal
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from fashion_search.evaluation.verdict_file import open_verdicts
from tools.resilience import content
from tools.resilience.trial import Outcome
from tools.resilience.works import WORKS, Homes, Work, broken_state, differences, run

_GOES_ON = 0.4  # the share of kills after which the same command is killed once more


def trial(count: int, seed: int, works: Sequence[Work] = WORKS) -> Outcome:
    """Kill until ``count`` processes were killed, the works taking turns."""
    outcome = Outcome()
    drawn = random.Random(seed)
    killed: Counter[str] = Counter()
    late = 0
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        homes = Homes(Path(folder))
        turn = 0
        while killed.total() < count:
            work = works[turn % len(works)]
            turn += 1
            home = homes.copy(work, "disturbed")
            end, before = homes.end(work), content.content_of(homes.beginning(work.begins))
            more = True
            while more:
                if not _killed(work, homes, home, drawn, outcome):
                    late += 1
                    break
                killed[work.name] += 1
                outcome.broken += broken_state(work, home, before, end)
                more = killed.total() < count and drawn.random() < _GOES_ON
            ended = run(work, homes.data, home)
            if ended.returncode and not _is_done(work, ended.stderr):
                outcome.broken.append(f"{work.name} does not go on: {ended.stderr.strip()[-300:]}")
                continue
            try:
                if differing := differences(content.content_of(home), end):
                    outcome.broken.append(f"{work.name} ends otherwise: {', '.join(differing)}")
            except Exception as error:
                outcome.broken.append(f"{work.name} ends in what does not open: {error}")
        outcome.figures = {
            "killed": killed.total(),
            **{f"killed in {name}": n for name, n in killed.items()},
            "done before the signal came": late,
            "left behind": len(content.left_behind(Path(folder) / "disturbed")),
        }
    return outcome


def _killed(work: Work, homes: Homes, home: Path, drawn: random.Random, outcome: Outcome) -> bool:
    """Begin a work and kill it at a random moment; False where it was quicker."""
    ended = run(work, homes.data, home, drawn.random() * homes.seconds[work.name])
    is_killed = ended.returncode == -signal.SIGKILL
    if work.is_said and is_killed:
        content.use_home(home)
        lost = len(ended.stdout.split()) - _kept(work)
        if lost > 0:
            outcome.broken.append(f"{work.name}: {lost} that were said to be kept are lost")
    return is_killed


def _kept(work: Work) -> int:
    from fashion_search.cases import open_cases

    catalog = work.arguments[1]
    return len(open_verdicts(catalog).all() if work.arguments[0] == "verdicts" else open_cases(catalog).all())


def _is_done(work: Work, said: str) -> bool:
    """Whether a command that fails does so because what it was asked for was done before the signal came."""
    gone = "There is no catalog", "has no method", "has no query set"
    return "is done; its method is" in said or (work.removes and any(one in said for one in gone))
