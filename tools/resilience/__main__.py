"""``python -m tools.resilience NAME [-n COUNT] [--seed S]``: one trial; without a name, the list of them."""

import argparse
import sys
import time

from tools.resilience.registry import TRIALS


def main() -> int:
    """Run one; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tools.resilience", description=__doc__)
    parser.add_argument("name", nargs="?", choices=[one.name for one in TRIALS])
    parser.add_argument("-n", type=int, default=None, metavar="COUNT", help="how many times (default: SECURITY.md's)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.name is None:
        for one in TRIALS:
            print(f"{one.name:12} {one.about} (-n {one.count})")
        return 0
    trial = next(one for one in TRIALS if one.name == options.name)
    started = time.perf_counter()
    outcome = trial.run(trial.count if options.n is None else options.n, options.seed)
    for name, value in outcome.figures.items():
        print(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
    for sentence in outcome.broken:
        print(f"BROKEN: {sentence}", file=sys.stderr)
    print(f"{trial.name}: {'broken' if outcome.broken else 'kept'}, {time.perf_counter() - started:.0f} s")
    return int(bool(outcome.broken))


if __name__ == "__main__":
    sys.exit(main())
