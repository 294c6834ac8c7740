"""How far a command is, on stderr."""

import sys
from typing import Any

from fashion_search.status import Progress


class ProgressBar:
    """A bar with images/s and time left on stderr; imported and drawn only where there is something to wait for."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        if progress.waiting:
            print(progress.sentence, file=sys.stderr)
        if not progress.total:
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=progress.total, unit=" images", smoothing=0)
        self._bar.update(progress.done - self._bar.n)
        if progress.done == progress.total:
            self._bar.close()
