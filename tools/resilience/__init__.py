"""What ``SECURITY.md`` promises, tried: each trial prints what it counted, and fails where a promise is broken."""
