"""Importing vectors that were made elsewhere: reading them, fitting them to a catalog, making a method of them."""

FORMATS = ("npy", "npz", "parquet", "csv")
"""Of vectors, by the suffix of their file."""

ID_FORMATS = ("txt", "csv", "npy")
"""Of a file of ids alone."""
