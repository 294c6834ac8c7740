"""The Metrics page: one module per view."""
