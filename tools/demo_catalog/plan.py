"""The items of the demo catalog: which groups there are, and each item's row of ``styles.csv``."""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

import numpy as np

HEADER = (
    "id",
    "gender",
    "masterCategory",
    "subCategory",
    "articleType",
    "baseColour",
    "season",
    "year",
    "usage",
    "productDisplayName",
)

TAXONOMY: dict[str, tuple[str, str]] = {
    "Shirts": ("Apparel", "Topwear"),
    "Tshirts": ("Apparel", "Topwear"),
    "Tops": ("Apparel", "Topwear"),
    "Kurtas": ("Apparel", "Topwear"),
    "Jackets": ("Apparel", "Topwear"),
    "Sweaters": ("Apparel", "Topwear"),
    "Jeans": ("Apparel", "Bottomwear"),
    "Trousers": ("Apparel", "Bottomwear"),
    "Track Pants": ("Apparel", "Bottomwear"),
    "Capris": ("Apparel", "Bottomwear"),
    "Shorts": ("Apparel", "Bottomwear"),
    "Skirts": ("Apparel", "Bottomwear"),
    "Dresses": ("Apparel", "Dress"),
    "Casual Shoes": ("Footwear", "Shoes"),
    "Sports Shoes": ("Footwear", "Shoes"),
    "Formal Shoes": ("Footwear", "Shoes"),
    "Heels": ("Footwear", "Shoes"),
    "Sandals": ("Footwear", "Sandal"),
    "Backpacks": ("Accessories", "Bags"),
    "Handbags": ("Accessories", "Bags"),
    "Wallets": ("Accessories", "Wallets"),
    "Belts": ("Accessories", "Belts"),
    "Watches": ("Accessories", "Watches"),
    "Sunglasses": ("Accessories", "Eyewear"),
    "Caps": ("Accessories", "Headwear"),
    "Ties": ("Accessories", "Ties"),
    "Scarves": ("Accessories", "Scarves"),
    "Socks": ("Accessories", "Socks"),
}

# Article type: (base colour, usage, gender, items).  Colours are shared by many types, and some types have
# the same colour under two usages, so that neither colour nor shape alone finds a group.
GROUPS: dict[str, tuple[tuple[str, str, str, int], ...]] = {
    "Shirts": (
        ("Blue", "Formal", "Men", 7),
        ("Blue", "Casual", "Men", 8),
        ("White", "Formal", "Men", 6),
        ("White", "Casual", "Men", 5),
        ("Black", "Casual", "Men", 6),
        ("Navy Blue", "Casual", "Men", 6),
        ("Red", "Casual", "Men", 4),
    ),
    "Tshirts": (
        ("Black", "Casual", "Men", 7),
        ("Black", "Sports", "Men", 5),
        ("Blue", "Casual", "Men", 7),
        ("Blue", "Sports", "Men", 5),
        ("Navy Blue", "Casual", "Men", 6),
        ("White", "Casual", "Women", 6),
        ("Grey", "Casual", "Men", 6),
        ("Green", "Casual", "Men", 4),
    ),
    "Tops": (
        ("Black", "Casual", "Women", 6),
        ("White", "Casual", "Women", 5),
        ("Pink", "Casual", "Women", 5),
    ),
    "Kurtas": (
        ("White", "Ethnic", "Men", 5),
        ("Blue", "Ethnic", "Women", 5),
        ("Maroon", "Ethnic", "Women", 5),
    ),
    "Jackets": (
        ("Black", "Casual", "Men", 6),
        ("Brown", "Casual", "Men", 5),
        ("Navy Blue", "Sports", "Men", 5),
    ),
    "Sweaters": (("Grey", "Casual", "Men", 5), ("Navy Blue", "Casual", "Men", 5)),
    "Jeans": (
        ("Blue", "Casual", "Men", 8),
        ("Navy Blue", "Casual", "Men", 5),
        ("Black", "Casual", "Women", 6),
    ),
    "Trousers": (("Black", "Formal", "Men", 5), ("Grey", "Formal", "Men", 5), ("Khaki", "Casual", "Men", 5)),
    "Track Pants": (
        ("Black", "Sports", "Men", 6),
        ("Navy Blue", "Sports", "Men", 5),
        ("Grey", "Sports", "Men", 5),
    ),
    "Capris": (("Navy Blue", "Casual", "Women", 5), ("Black", "Casual", "Women", 5)),
    "Shorts": (("Navy Blue", "Casual", "Men", 4), ("Black", "Sports", "Men", 5)),
    "Skirts": (("Black", "Casual", "Women", 5), ("Blue", "Casual", "Women", 4)),
    "Dresses": (
        ("Black", "Party", "Women", 5),
        ("Black", "Casual", "Women", 5),
        ("Blue", "Casual", "Women", 5),
        ("Pink", "Party", "Women", 4),
    ),
    "Casual Shoes": (
        ("Black", "Casual", "Men", 6),
        ("Brown", "Casual", "Men", 6),
        ("White", "Casual", "Men", 5),
        ("Blue", "Casual", "Men", 4),
    ),
    "Sports Shoes": (
        ("Black", "Sports", "Men", 5),
        ("White", "Sports", "Men", 6),
        ("Grey", "Sports", "Men", 4),
    ),
    "Formal Shoes": (("Black", "Formal", "Men", 6), ("Brown", "Formal", "Men", 5)),
    "Heels": (
        ("Black", "Casual", "Women", 6),
        ("Black", "Party", "Women", 4),
        ("Gold", "Party", "Women", 4),
        ("Red", "Casual", "Women", 4),
    ),
    "Sandals": (("Brown", "Casual", "Men", 6), ("Black", "Casual", "Men", 5), ("Tan", "Casual", "Women", 4)),
    "Backpacks": (
        ("Brown", "Casual", "Unisex", 4),
        ("Black", "Casual", "Unisex", 7),
        ("Blue", "Casual", "Unisex", 5),
    ),
    "Handbags": (
        ("Black", "Casual", "Women", 7),
        ("Brown", "Casual", "Women", 7),
        ("Beige", "Casual", "Women", 4),
        ("Red", "Casual", "Women", 4),
    ),
    "Wallets": (("Black", "Formal", "Men", 6), ("Black", "Casual", "Men", 4), ("Brown", "Formal", "Men", 6)),
    "Belts": (("Black", "Formal", "Men", 5), ("Brown", "Casual", "Men", 5), ("Black", "Casual", "Men", 4)),
    "Watches": (
        ("Black", "Casual", "Men", 6),
        ("Brown", "Casual", "Men", 5),
        ("Silver", "Formal", "Men", 5),
        ("Black", "Sports", "Men", 4),
    ),
    "Sunglasses": (("Black", "Casual", "Unisex", 6), ("Brown", "Casual", "Unisex", 5)),
    "Caps": (("Black", "Casual", "Men", 4), ("Navy Blue", "Sports", "Men", 4), ("Red", "Casual", "Men", 4)),
    "Ties": (("Navy Blue", "Formal", "Men", 5), ("Maroon", "Formal", "Men", 4)),
    "Scarves": (("Blue", "Casual", "Women", 4), ("Beige", "Casual", "Women", 4)),
    "Socks": (("Black", "Casual", "Men", 4), ("White", "Sports", "Men", 4)),
}

_BRANDS = (
    "Northlane",
    "Aldermoor",
    "Velmora",
    "Kestrel & Fen",
    "Tarnwick",
    "Solberry",
    "Oakhurl",
    "Marivelle",
    "Pinefold",
    "Brindlow",
    "Castlewren",
    "Lumetta",
    "Ravenholt",
    "Quillane",
    "Saltmarch",
    "Ferrowind",
)

_ADJECTIVES = {
    "Casual": ("Everyday", "Relaxed", "Classic", "Weekend", "Urban", "Easy"),
    "Sports": ("Training", "Active", "Run", "Court", "Motion"),
    "Formal": ("Tailored", "Office", "Signature", "Executive", "Slim"),
    "Ethnic": ("Festive", "Handloom", "Heritage", "Embroidered"),
    "Party": ("Evening", "Glam", "Cocktail", "Gala"),
}

SINGULAR = {
    "Shirts": "Shirt",
    "Tshirts": "T-shirt",
    "Tops": "Top",
    "Kurtas": "Kurta",
    "Jackets": "Jacket",
    "Sweaters": "Sweater",
    "Skirts": "Skirt",
    "Dresses": "Dress",
    "Backpacks": "Backpack",
    "Handbags": "Handbag",
    "Wallets": "Wallet",
    "Belts": "Belt",
    "Watches": "Watch",
    "Caps": "Cap",
    "Ties": "Tie",
    "Scarves": "Scarf",
}


@dataclass(frozen=True)
class Item:
    """One row of ``styles.csv``, in the order of ``HEADER``."""

    item_id: int
    gender: str
    master_category: str
    sub_category: str
    article: str
    colour: str
    season: str
    year: int
    usage: str
    name: str

    def row(self) -> list[str]:
        """The values as text."""
        return [str(value) for value in astuple(self)]


def items() -> list[Item]:
    """Every item of the catalog, sorted by id; the same on every run."""
    taken: set[int] = set()
    found = []
    for article, groups in GROUPS.items():
        for colour, usage, gender, count in groups:
            for number in range(count):
                found.append(_item(article, colour, usage, gender, number, taken))
    return sorted(found, key=lambda item: item.item_id)


def _item(article: str, colour: str, usage: str, gender: str, number: int, taken: set[int]) -> Item:
    """The item with a free five-digit id that depends on its group and its number there."""
    digest = hashlib.sha256(f"{article}/{colour}/{usage}/{number}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "little"))
    item_id = int(rng.integers(10_000, 60_000))
    while item_id in taken:
        item_id += 1
    taken.add(item_id)
    master, sub = TAXONOMY[article]
    brand = _BRANDS[rng.integers(len(_BRANDS))]
    adjective = _ADJECTIVES[usage][rng.integers(len(_ADJECTIVES[usage]))]
    season = ("Summer", "Winter", "Fall", "Spring")[rng.integers(4)]
    name = f"{brand} {gender} {colour} {adjective} {SINGULAR.get(article, article)}"
    return Item(item_id, gender, master, sub, article, colour, season, int(rng.integers(2011, 2019)), usage, name)
