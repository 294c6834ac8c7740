"""Training an encoder on a catalog: recipes, the division that keeps evaluated groups apart, losses, the loop."""
