"""What the catalog's labels tell: what a query probably is, in which order its results stand, how far to trust them."""
