"""Programs that belong to the repository, not to the app."""
