"""``python -m fashion_search.costs CATALOG METHOD``: measure what encoding takes, alone in this process."""

import sys

from fashion_search.costs.encoding import print_measured

if __name__ == "__main__":
    print_measured(*sys.argv[1:3])
