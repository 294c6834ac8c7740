"""Image-to-image retrieval of fashion items: build a catalog's libraries, search them, evaluate methods."""

__version__ = "0.1.0"
