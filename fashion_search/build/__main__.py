"""A build as a process of its own: its request as JSON on standard input. ``status`` tells how it goes."""

import sys

import msgspec

from fashion_search.build.run import build
from fashion_search.catalog.request import Request
from fashion_search.errors import FashionSearchError


def main() -> int:
    """Build; returns the exit code: 0, or 1 with the reason on stderr."""
    try:
        build(msgspec.json.decode(sys.stdin.buffer.read(), type=Request))
    except FashionSearchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
