"""How far a command is, on stderr."""

import sys
from typing import Any

from fashion_search.build.progress import Progress


class ProgressBar:
    """A bar per stage with its time left on stderr; imported and drawn only where there is something to wait for."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._stage = ""

    def __call__(self, progress: Progress) -> None:
        if progress.stage == "waiting":
            print(progress.sentence, file=sys.stderr)
        if not progress.total:
            return
        if progress.stage != self._stage:
            if self._bar is not None:
                self._bar.close()
            self._bar, self._stage = self._new(progress), progress.stage
        if progress.stage == "evaluation":
            self._bar.set_postfix_str(progress.time_left, refresh=False)
        self._bar.set_description(progress.title, refresh=False)
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)
        if progress.done == progress.total:
            self._bar.close()

    @staticmethod
    def _new(progress: Progress) -> Any:
        from tqdm import tqdm

        if progress.stage == "evaluation":  # its steps are few and unequal: what they take is known to the build
            return tqdm(total=progress.total, bar_format="{desc}{percentage:3.0f}%|{bar}|{postfix}", mininterval=0)
        unit = " indexes" if progress.stage == "indexes" else " images"
        return tqdm(total=progress.total, unit=unit, smoothing=0)
