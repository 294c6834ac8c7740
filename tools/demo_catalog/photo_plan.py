"""Which customer photos there are: the garment of each, and how it was taken."""

from __future__ import annotations

from dataclasses import dataclass

from tools.demo_catalog import plan

KIN = 100  # from this number on, a garment is of the group but not of the catalog


@dataclass(frozen=True)
class Photo:
    """One photo: garment ``number`` of a style group, the way it is shown, the place and what befell the picture.

    ``again`` draws another picture of the same plan.
    """

    article: str
    colour: str
    usage: str
    number: int
    way: str
    place: str
    touches: tuple[str, ...] = ()
    again: int = 0

    @property
    def name(self) -> str:
        """The stem of its file."""
        group = f"{self.article}_{self.colour}_{self.usage}".lower().replace(" ", "_")
        return f"{group}_{self.way}".replace(" ", "_")

    @property
    def shows(self) -> str:
        """Whether it shows an item of the catalog or another garment of its style group."""
        return "relative" if self.number >= KIN else "item"

    @property
    def condition(self) -> str:
        """How it was taken, in words."""
        return ", ".join((self.way, self.place, *self.touches))

    @property
    def title(self) -> str:
        """What a page calls it."""
        thing = plan.SINGULAR.get(self.article, self.article)
        return f"{self.colour} {thing}, {self.way}".replace("T-s", "t-s").capitalize()


def _photo(group: str, number: int, taken: str, again: int = 0) -> Photo:
    """A photo by "article / colour / usage" and "way, place, touch, touch"."""
    article, colour, usage = group.split(" / ")
    way, place, *touches = taken.split(", ")
    return Photo(article, colour, usage, number, way, place, tuple(touches), again)


PHOTOS: tuple[Photo, ...] = (
    _photo("Shirts / Blue / Formal", 0, "worn, street"),
    _photo("Shirts / Blue / Casual", KIN, "worn, room, phone in the mirror"),
    _photo("Shirts / White / Formal", KIN, "folded, bed"),
    _photo("Shirts / White / Casual", 1, "hanging, room, dim"),
    _photo("Shirts / Black / Casual", 2, "worn, street, bag in front"),
    _photo("Shirts / Navy Blue / Casual", KIN, "lying, bed, askew"),
    _photo("Shirts / Red / Casual", 0, "worn, park, arm in front"),
    _photo("Tshirts / Black / Casual", 0, "worn, room, phone in the mirror, dim"),
    _photo("Tshirts / Black / Sports", KIN, "worn, park, blurred"),
    _photo("Tshirts / Blue / Casual", 3, "folded, table, another thing"),
    _photo("Tshirts / Navy Blue / Casual", KIN, "worn, street, arm in front, askew"),
    _photo("Tshirts / Green / Casual", 1, "worn, street, cropped"),
    _photo("Tshirts / Grey / Casual", KIN, "folded, bed, dim"),
    _photo("Tops / Pink / Casual", 0, "worn, room, phone in the mirror"),
    _photo("Tops / Black / Casual", KIN, "hanging, room"),
    _photo("Tops / White / Casual", 1, "worn, park, bag in front"),
    _photo("Kurtas / Maroon / Ethnic", 1, "worn, room"),
    _photo("Kurtas / Blue / Ethnic", KIN, "worn, street, blurred"),
    _photo("Kurtas / White / Ethnic", KIN, "hanging, room, askew"),
    _photo("Jackets / Black / Casual", 1, "worn, street"),
    _photo("Jackets / Brown / Casual", KIN, "lying, bed, cropped"),
    _photo("Jackets / Navy Blue / Sports", 2, "worn, park, dim"),
    _photo("Sweaters / Grey / Casual", 0, "folded, floor, another thing"),
    _photo("Sweaters / Navy Blue / Casual", KIN, "worn, room, phone in the mirror"),
    _photo("Jeans / Blue / Casual", 1, "worn, street"),
    _photo("Jeans / Navy Blue / Casual", KIN, "folded, bed"),
    _photo("Jeans / Black / Casual", KIN, "worn, room, dim"),
    _photo("Trousers / Khaki / Casual", 0, "worn, street, bag in front, blurred"),
    _photo("Track Pants / Black / Sports", 3, "worn, park, askew"),
    _photo("Capris / Navy Blue / Casual", 1, "worn, street, cropped"),
    _photo("Shorts / Black / Sports", KIN, "worn, park, askew"),
    _photo("Shorts / Navy Blue / Casual", KIN, "lying, carpet, dim"),
    _photo("Skirts / Blue / Casual", 0, "worn, street"),
    _photo("Dresses / Pink / Party", 0, "worn, room"),
    _photo("Dresses / Blue / Casual", KIN, "worn, park"),
    _photo("Dresses / Black / Party", 1, "hanging, room, dim"),
    _photo("Dresses / Black / Casual", KIN, "worn, street, bag in front"),
    _photo("Casual Shoes / White / Casual", 1, "on a foot, street"),
    _photo("Casual Shoes / Brown / Casual", KIN, "standing, floor, another thing"),
    _photo("Sports Shoes / White / Sports", KIN, "standing, floor, askew"),
    _photo("Formal Shoes / Brown / Formal", 1, "standing, floor"),
    _photo("Formal Shoes / Black / Formal", KIN, "on a foot, room, cropped"),
    _photo("Heels / Red / Casual", 1, "standing, floor"),
    _photo("Heels / Black / Party", KIN, "standing, floor, dim"),
    _photo("Sandals / Brown / Casual", 2, "standing, street, blurred"),
    _photo("Backpacks / Blue / Casual", 0, "on a back, street"),
    _photo("Backpacks / Black / Casual", KIN, "standing, floor, another thing"),
    _photo("Handbags / Red / Casual", KIN, "in a hand, street"),
    _photo("Handbags / Brown / Casual", 1, "standing, chair"),
    _photo("Handbags / Black / Casual", KIN, "standing, table, dim"),
    _photo("Wallets / Brown / Formal", 2, "in a hand, room"),
    _photo("Wallets / Black / Formal", KIN, "lying, table, another thing, askew"),
    _photo("Belts / Brown / Casual", KIN, "lying, bed"),
    _photo("Watches / Brown / Casual", KIN, "on a wrist, room"),
    _photo("Watches / Silver / Formal", 0, "on a wrist, street, blurred"),
    _photo("Sunglasses / Black / Casual", 0, "on a face, street"),
    _photo("Sunglasses / Brown / Casual", KIN, "lying, bed, another thing"),
    _photo("Caps / Red / Casual", 0, "in a hand, room"),
    _photo("Caps / Navy Blue / Sports", KIN, "lying, table, dim"),
    _photo("Ties / Maroon / Formal", 0, "over a top, room"),
    _photo("Ties / Navy Blue / Formal", KIN, "lying, bed, askew"),
    _photo("Scarves / Blue / Casual", 1, "over a top, street"),
    _photo("Scarves / Beige / Casual", KIN, "lying, floor"),
    _photo("Socks / White / Sports", KIN, "lying, carpet, another thing"),
)
