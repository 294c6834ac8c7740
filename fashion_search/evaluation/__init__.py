"""How often a method is right: retrieval metrics under a protocol."""
