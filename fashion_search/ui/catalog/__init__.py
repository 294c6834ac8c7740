"""The Catalog page: adding and removing catalogs and methods."""
