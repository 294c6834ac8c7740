"""Building a catalog's libraries: incremental, resumable, and never in the way of who reads the previous ones."""
