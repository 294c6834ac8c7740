"""The Catalog page: adding a catalog, and its chart."""
