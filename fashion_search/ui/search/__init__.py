"""The Search page: the query, uploaded pictures, and earlier queries."""
