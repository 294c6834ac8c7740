"""Importing vectors that were made elsewhere: reading them, fitting them to a catalog, making a method of them."""
