"""What a build makes of every picture: its thumbnail, and its vector under each method."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.build.journal import Journal
from fashion_search.encoders import Encoder, EncoderSpec, Fingerprint
from fashion_search.encoders.running import WORTHWHILE
from fashion_search.errors import StoreError
from fashion_search.images import FOR_THUMBNAIL, WHOLE, Enough, to_webp

THUMBNAILS = "thumbnails"
"""The name of the product that is no method's; no method has it."""


class Maker(ABC):
    """Makes a product's bytes of pictures, in any process. ``enough``: how many pixels of a picture suffice."""

    enough: Enough = WHOLE

    @abstractmethod
    def prepare(self, image: Image.Image) -> Any:
        """What ``make`` needs of a picture. Called from several threads."""

    @abstractmethod
    def make(self, prepared: Mapping[str, Any]) -> dict[str, bytes]:
        """The bytes of some pictures, at least one, given by digest as they were prepared."""


class ThumbnailMaker(Maker):
    """A small WebP of each picture."""

    enough = FOR_THUMBNAIL

    def prepare(self, image: Image.Image) -> bytes:
        return to_webp(image)

    def make(self, prepared: Mapping[str, bytes]) -> dict[str, bytes]:
        return dict(prepared)


class VectorMaker(Maker):
    """An encoder's unit vectors as float32, shape (dim,) each."""

    def __init__(self, method: str, encoder: Encoder):
        self.method = method
        self.encoder = encoder
        self.enough = encoder.enough

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        return self.encoder.prepare(image)

    def make(self, prepared: Mapping[str, NDArray[Any]]) -> dict[str, bytes]:
        """As ``Maker.make``.

        Raises:
            StoreError: the encoder gave something else than numbers.
        """
        vectors = self.encoder.embed(np.stack(list(prepared.values())))
        if not np.isfinite(vectors).all():
            raise StoreError(f"{self.method} gave vectors that are not numbers; nothing was kept of them.")
        return {digest: vector.tobytes() for digest, vector in zip(prepared, vectors, strict=True)}


class Product(ABC):
    """Bytes by the digest of their picture: ``known`` from previous states, or in the journal of this one.

    ``seconds`` were spent on those that were ``made``.
    """

    def __init__(self, journal: Journal, known: Mapping[str, bytes]):
        self.journal = journal
        self.known = known
        self.seconds = 0.0
        self.made = 0

    @property
    @abstractmethod
    def maker(self) -> Maker:
        """What makes it of pictures."""

    def lacks(self, digest: str) -> bool:
        """Whether it has still to be made of a picture."""
        return digest not in self.known and digest not in self.journal.entries

    def of(self, digest: str) -> bytes:
        """What was made of a picture."""
        return self.known.get(digest) or self.journal.entries[digest]

    def keep(self, payloads: Mapping[str, bytes], seconds: float) -> None:
        """Keep what was made of some pictures, by digest, in so many seconds; what is there already stays as it is.

        Raises:
            OSError: the disk is full or the journal cannot be written; earlier batches stay.
        """
        new = {digest: payload for digest, payload in payloads.items() if self.lacks(digest)}
        self.journal.add(new)
        self.made += len(new)
        self.seconds += seconds


class Thumbnails(Product):
    """A small WebP of each picture."""

    @property
    def maker(self) -> Maker:
        return ThumbnailMaker()


class Vectors(Product):
    """A method's unit vectors as float32, shape (dim,) each.

    ``encoder`` is None where nothing is lacking.
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

    def load(self) -> Encoder:
        """The method's encoder.

        Raises:
            WeightsError: its weights are not at hand.
        """
        self.encoder = self.encoder or self.spec.load()
        return self.encoder

    def load_for(self, pictures: int) -> None:
        """The same for so many pictures: how its network runs fastest here is found out where that pays.

        Raises:
            WeightsError: its weights are not at hand.
        """
        encoder = self.load()
        if pictures >= WORTHWHILE:
            encoder.choose_fastest()

    @property
    def maker(self) -> Maker:
        return VectorMaker(self.spec.name, self.load())
