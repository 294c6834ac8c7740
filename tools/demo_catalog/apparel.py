"""All apparel drawings by article type."""

from tools.demo_catalog import bottomwear, dresses, outerwear, topwear

DRAW = {**topwear.DRAW, **outerwear.DRAW, **bottomwear.DRAW, **dresses.DRAW}
