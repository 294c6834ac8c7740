"""The Failures page: one module per view."""
