"""``python -m benchmarks [NAME …]``: speed and memory as ratios against a baseline that runs beside it.

By default the quick ones, on the demo catalog, in about two minutes; with ``--full`` all that are not only run by
name, on the real data where ``../shared`` holds it.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks import measured, results, table
from benchmarks.browser import ROOT
from benchmarks.conditions import conditions
from benchmarks.measured import Measured
from benchmarks.measuring import Benchmark, Setting
from benchmarks.registry import BENCHMARKS, chosen
from fashion_search.errors import FashionSearchError
from fashion_search.home import HOME_VARIABLE

REAL_DATA = ROOT / "../shared/data/fashion-product-images-small.zip"
HOME = ROOT / "artifacts/benchmarks"
_PAIRS = {False: 3, True: 7}  # of a quick run and of a full one


def parser() -> argparse.ArgumentParser:
    """The command line."""
    lines = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.partition(": ")[2])
    by_name = ", ".join(one.name for one in BENCHMARKS if one.when == "named")
    names = f"of {', '.join(one.name for one in BENCHMARKS)}; {by_name} only by name"
    lines.add_argument("names", nargs="*", metavar="NAME", help=names)
    lines.add_argument("--full", action="store_true", help="all of them, more pairs, all sizes, the real data")
    lines.add_argument(
        "--json", nargs="?", const="-", metavar="FILE", help="print JSON in place of the table, or write it to FILE"
    )
    lines.add_argument("--keep", action="store_true", help="keep the rows and write benchmarks/RESULTS.md of all kept")
    lines.add_argument("--resume", action="store_true", help="with --keep: leave out what this commit measured here")
    lines.add_argument("-n", type=int, help="pairs of a figure that takes seconds (default: 3, with --full 7)")
    lines.add_argument("--catalog", metavar="NAME", help="a built catalog to measure on, of --home")
    lines.add_argument(
        "--home", type=Path, default=HOME, help="where catalogs are kept (default: artifacts/benchmarks)"
    )
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmarks that were named, or the quick ones, or all."""
    lines = parser()
    options = lines.parse_args(arguments)
    try:
        benchmarks = chosen(options.names, options.full)
    except ValueError as error:
        lines.error(str(error))
    if options.resume and not options.keep:
        lines.error("--resume goes on with what is kept: give --keep too")
    if options.resume:
        kept, now = measured.read(results.KEPT), conditions()
        benchmarks = [one for one in benchmarks if not results.is_kept(kept, one.name, options.full, now)]
    os.environ[HOME_VARIABLE] = str(options.home.resolve())
    setting = setting_of(options)
    if setting.source != "demo" and any(one.needs_catalog for one in benchmarks):
        _build(setting)
    done, is_whole = run(benchmarks, setting, is_shown=options.json != "-", is_kept=options.keep)
    if options.json == "-":
        print(measured.as_json(done), end="")
    elif options.json:
        measured.write(Path(options.json), done)
    return 0 if is_whole else 1


def setting_of(options: argparse.Namespace) -> Setting:
    """What the benchmarks are given."""
    is_real = options.full and REAL_DATA.exists()
    source = str(REAL_DATA.resolve()) if is_real else "demo"
    catalog = options.catalog or (REAL_DATA.stem if is_real else "demo")
    return Setting(options.home.resolve(), catalog, source, options.n or _PAIRS[options.full], options.full)


def run(
    benchmarks: Iterable[Benchmark], setting: Setting, is_shown: bool, is_kept: bool = False
) -> tuple[list[Measured], bool]:
    """Run benchmarks one after the other, and print rows as they come.

    Returns:
        What was measured, and whether that is all: what a benchmark needs may be missing.
    """
    done, is_whole = [], True
    if is_shown:
        print(f"{conditions()}\n\n{table.terminal_header()}", flush=True)
    for benchmark in benchmarks:
        before, started = conditions(), time.perf_counter()
        rows = []
        if is_shown:
            print(f"{benchmark.about} ({benchmark.name})", flush=True)
        try:
            for row in benchmark.run(setting):
                rows.append(row)
                if is_shown:
                    print(table.terminal(row), flush=True)
        except FashionSearchError as error:
            print(f"{benchmark.name} was left out: {error}", file=sys.stderr)
            is_whole = False
            continue
        seconds = time.perf_counter() - started
        done.append(Measured(benchmark.name, benchmark.about, setting.is_full, seconds, before, tuple(rows)))
        if is_kept:
            measured.write(results.KEPT, results.in_order(measured.with_new(measured.read(results.KEPT), done[-1])))
            results.write_page()
    return done, is_whole


def _build(setting: Setting) -> None:
    """Build the catalog of the real data, or bring it up to date."""
    command = [sys.executable, "-m", "fashion_search", "build", setting.source, "--name", setting.catalog]
    subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
