"""From pictures to what a build keeps of them, batch by batch: the same steps and batches wherever they are taken."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from fashion_search.build.products import Maker, Product
from fashion_search.catalog import Item
from fashion_search.errors import ImageError, SourceError
from fashion_search.images import Opened

BATCH = 32  # images; the most that an interrupted build loses
AHEAD = 3  # batches that are read while one is encoded
READERS = 4  # threads; decoding releases the interpreter lock


@dataclass(frozen=True)
class Wanted:
    """A picture that something has to be made of: its digest, its name in the source, and the products' names."""

    digest: str
    image: str
    products: tuple[str, ...]


@dataclass(frozen=True)
class Made:
    """What was made of a batch: bytes by product and digest, and the seconds that each product took.

    ``unreadable``: the digests of pictures that are none. ``count``: of all pictures in the batch.
    """

    count: int
    unreadable: tuple[str, ...]
    payloads: Mapping[str, Mapping[str, bytes]]
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class _Decoded:
    """One picture, read once and prepared for every product that lacks it, by the product's name."""

    digest: str
    prepared: Mapping[str, Any]


def wanted_batches(items: Sequence[Item], products: Mapping[str, Product]) -> list[Sequence[Wanted]]:
    """The pictures that some product lacks, each once, in the batches in which they are made.

    Their composition depends on what is lacking alone: a network's vectors may differ in their last digits with the
    batch that a picture is in.
    """
    pending: dict[str, Wanted] = {}
    for item in items:
        lacking = tuple(name for name, product in products.items() if product.lacks(item.digest))
        if lacking:
            pending.setdefault(item.digest, Wanted(item.digest, item.image, lacking))
    wanted = list(pending.values())
    return [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]


def make_batches(
    batches: Iterable[Sequence[Wanted]], read: Callable[[str], bytes], makers: Mapping[str, Maker]
) -> Iterator[Made]:
    """Make what is wanted of each batch in this process; the next pictures are read while one batch is encoded.

    Args:
        batches: at most a few are taken ahead of what is made.
        read: a picture's content by its name, called from several threads; may raise ``SourceError``.
        makers: by the product's name.
    """
    for batch in _read_ahead(batches, read, makers):
        decoded = [picture for picture in batch if isinstance(picture, _Decoded)]
        payloads: dict[str, dict[str, bytes]] = {}
        seconds: dict[str, float] = {}
        for name, maker in makers.items():
            prepared = {picture.digest: picture.prepared[name] for picture in decoded if name in picture.prepared}
            if prepared:
                started = time.monotonic()
                payloads[name] = maker.make(prepared)
                seconds[name] = time.monotonic() - started
        unreadable = tuple(picture.digest for picture in batch if isinstance(picture, Wanted))
        yield Made(len(batch), unreadable, payloads, seconds)


def _read_ahead(
    batches: Iterable[Sequence[Wanted]], read: Callable[[str], bytes], makers: Mapping[str, Maker]
) -> Iterator[list[_Decoded | Wanted]]:
    """Batches of decoded pictures, or what was wanted of those that are none, read while others are encoded."""

    def decode(wanted: Wanted) -> _Decoded | Wanted:
        try:
            opened = Opened(read(wanted.image))
            images = {name: opened.with_enough(makers[name].enough) for name in wanted.products}
        except (ImageError, SourceError):
            return wanted
        return _Decoded(wanted.digest, {name: makers[name].prepare(image) for name, image in images.items()})

    with ThreadPoolExecutor(READERS) as readers:
        waiting: list[list[Future[_Decoded | Wanted]]] = []
        try:
            for batch in batches:
                waiting.append([readers.submit(decode, wanted) for wanted in batch])
                if len(waiting) > AHEAD:
                    yield [future.result() for future in waiting.pop(0)]
            while waiting:
                yield [future.result() for future in waiting.pop(0)]
        finally:
            readers.shutdown(cancel_futures=True)
