"""What a build makes of every picture: its thumbnail, and its vector under each method."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.build.journal import Journal
from fashion_search.encoders import Encoder, EncoderSpec, Fingerprint
from fashion_search.errors import StoreError
from fashion_search.images import to_webp


class Product(ABC):
    """Bytes by the digest of their picture: ``known`` from previous states, or in the journal of this one."""

    def __init__(self, journal: Journal, known: Mapping[str, bytes]):
        self.journal = journal
        self.known = known

    def lacks(self, digest: str) -> bool:
        """Whether it has still to be made of a picture."""
        return digest not in self.known and digest not in self.journal.entries

    def of(self, digest: str) -> bytes:
        """What was made of a picture."""
        return self.known.get(digest) or self.journal.entries[digest]

    @abstractmethod
    def prepare(self, image: Image.Image) -> Any:
        """What ``make`` needs of a picture. Called from several threads."""

    @abstractmethod
    def make(self, prepared: Mapping[str, Any]) -> None:
        """Make and keep it of some pictures, at least one, given by digest as they were prepared.

        Raises:
            OSError: the disk is full or the journal cannot be written; earlier batches stay.
        """


class Thumbnails(Product):
    """A small WebP of each picture."""

    def prepare(self, image: Image.Image) -> bytes:
        return to_webp(image)

    def make(self, prepared: Mapping[str, bytes]) -> None:
        self.journal.add(prepared)


class Vectors(Product):
    """A method's unit vectors as float32, shape (dim,) each, and what they took.

    ``encoder`` is None where nothing is lacking. ``seconds`` were spent on ``made`` vectors.
    """

    def __init__(
        self,
        spec: EncoderSpec,
        fingerprint: Fingerprint,
        encoder: Encoder | None,
        journal: Journal,
        known: Mapping[str, bytes],
    ):
        super().__init__(journal, known)
        self.spec = spec
        self.fingerprint = fingerprint
        self.encoder = encoder
        self.seconds = 0.0
        self.made = 0

    def load(self) -> Encoder:
        """The method's encoder.

        Raises:
            WeightsError: its weights are not at hand.
        """
        self.encoder = self.encoder or self.spec.load()
        return self.encoder

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        return self.load().prepare(image)

    def make(self, prepared: Mapping[str, NDArray[Any]]) -> None:
        started = time.monotonic()
        vectors = self.load().embed(np.stack(list(prepared.values())))
        if not np.isfinite(vectors).all():
            raise StoreError(f"{self.spec.name} gave vectors that are not numbers; nothing was kept of them.")
        self.journal.add({digest: vector.tobytes() for digest, vector in zip(prepared, vectors, strict=True)})
        self.made += len(prepared)
        self.seconds += time.monotonic() - started
