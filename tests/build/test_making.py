"""The batches in which a build's products are made."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from fashion_search.build.making import BATCH, Wanted, make_batches, wanted_batches
from fashion_search.build.products import Maker, Product, VectorMaker
from fashion_search.catalog import Item
from fashion_search.encoders import encoder_spec
from fashion_search.errors import SourceError
from fashion_search.images import WHOLE, Enough, Opened, ample, open_image
from tests.samples import encoded, noise


class Knows(Product):
    """A product that is there of some pictures."""

    def __init__(self, *digests: str):
        self.digests = digests

    def lacks(self, digest: str) -> bool:
        return digest not in self.digests

    @property
    def maker(self) -> Maker:
        raise NotImplementedError


class Means(Maker):
    def prepare(self, image: Image.Image) -> float:
        return float(np.asarray(image).mean())

    def make(self, prepared: Mapping[str, Any]) -> dict[str, bytes]:
        return {digest: f"{mean:.0f} of {len(prepared)}".encode() for digest, mean in prepared.items()}


def item(digest: str) -> Item:
    return Item(digest, "", (), f"{digest}.jpg", digest, "")


def test_each_picture_that_a_product_lacks_is_wanted_once() -> None:
    items = [item(digest) for digest in ("a", "b", "a", "c", "d")]
    products = {"first": Knows("a", "d"), "second": Knows("a", "b", "d")}
    assert wanted_batches(items, products) == [
        [Wanted("b", "b.jpg", ("first",)), Wanted("c", "c.jpg", ("first", "second"))]
    ]
    many = wanted_batches([item(str(number)) for number in range(BATCH + 1)], products)
    assert [len(batch) for batch in many] == [BATCH, 1]


def test_what_is_wanted_is_made_in_the_batches_that_were_given() -> None:
    files = {f"{name}.jpg": encoded(noise(seed), "PNG") for seed, name in enumerate("abc")}
    files["broken.jpg"] = b"no picture"

    def read(name: str) -> bytes:
        if name not in files:
            raise SourceError(f"no {name}")
        return files[name]

    both, one = ("first", "second"), ("second",)
    batches = [
        [Wanted("a", "a.jpg", both), Wanted("x", "broken.jpg", both), Wanted("b", "b.jpg", one)],
        [Wanted("y", "gone.jpg", one)],
        [Wanted("c", "c.jpg", one)],
    ]
    made = list(make_batches(batches, read, {"first": Means(), "second": Means()}))
    assert [(one.count, one.unreadable) for one in made] == [(3, ("x",)), (1, ("y",)), (1, ())]
    sizes = [
        {name: {key: value[-1:] for key, value in found.items()} for name, found in one.payloads.items()}
        for one in made
    ]
    assert sizes == [{"first": {"a": b"1"}, "second": {"a": b"2", "b": b"2"}}, {}, {"second": {"c": b"1"}}]
    assert all(one.seconds.keys() == one.payloads.keys() for one in made)


def test_pictures_are_read_a_few_batches_ahead_and_no_further() -> None:
    taken: list[int] = []

    def batches() -> Any:
        for number in range(20):
            taken.append(number)
            yield [Wanted(str(number), "a.jpg", ("first",))]

    made = make_batches(batches(), lambda name: encoded(noise(1), "PNG"), {"first": Means()})
    next(made)
    assert 2 <= len(taken) <= 5
    made.close()


def test_vectors_of_large_pictures_are_nearly_those_of_the_whole_ones() -> None:
    """Colours to a cosine of .999 and more; what looks at fine detail gets the whole picture."""
    photos = [noise(seed, (45, 60)).resize((1_800, 2_400), Image.Resampling.BICUBIC) for seed in range(3)]
    files = {f"{seed}.jpg": encoded(photo, "JPEG", quality=90) for seed, photo in enumerate(photos)}
    for method, least, looks_at in (("histogram", 0.999, (450, 600)), ("fashion", 0.999, (450, 600)), ("orb", 1, None)):
        maker = VectorMaker(method, encoder_spec(method).load())
        made = list(
            make_batches([[Wanted(name, name, ("vectors",)) for name in files]], files.__getitem__, {"vectors": maker})
        )
        vectors = [np.frombuffer(made[0].payloads["vectors"][name], dtype=np.float32) for name in files]
        whole = maker.encoder.encode([open_image(data) for data in files.values()])
        assert min(float(one @ other) for one, other in zip(vectors, whole, strict=True)) >= least - 1e-6
        assert Opened(files["0.jpg"]).with_enough(maker.enough).size == (looks_at or (1_800, 2_400))


def test_a_products_picture_does_not_depend_on_the_others() -> None:
    files = {"a.jpg": encoded(noise(1, (1_800, 2_400)), "JPEG")}
    seen: dict[str, tuple[int, int]] = {}

    class Sees(Means):
        def __init__(self, name: str, enough: Enough):
            self.name = name
            self.enough = enough

        def prepare(self, image: Image.Image) -> float:
            seen[self.name] = image.size
            return 0

    makers = {
        name: Sees(name, enough) for name, enough in (("small", ample(100)), ("large", ample(300)), ("all", WHOLE))
    }
    assert list(make_batches([[Wanted("a", "a.jpg", tuple(makers))]], files.__getitem__, makers))
    assert seen == {"small": (450, 600), "large": (900, 1_200), "all": (1_800, 2_400)}
