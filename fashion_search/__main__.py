"""``python -m fashion_search``."""

import sys

from fashion_search.cli import main

if __name__ == "__main__":
    sys.exit(main())
