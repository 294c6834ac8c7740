"""What a check says of one thing."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """How it stands: fine, worth a notice (all works without), or wrong; and how to mend it, in a sentence or two."""

    state: Literal["fine", "notice", "wrong"]
    sentence: str
