"""The Training page: runs compared, one run, and how to start another."""
