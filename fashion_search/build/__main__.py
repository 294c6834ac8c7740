"""A build as a process of its own: its request as JSON on standard input. ``status`` tells how it goes."""

import sys

import msgspec

from fashion_search import logs
from fashion_search.build.run import build
from fashion_search.build.status import explain_failure, obeying_switch
from fashion_search.catalog.request import Request
from fashion_search.errors import FashionSearchError
from fashion_search.settings import settings


def main() -> int:
    """Build; returns the exit code: 0, or 1 with the reason on stderr."""
    try:
        logs.configure(settings().log_json)
        request = msgspec.json.decode(sys.stdin.buffer.read(), type=Request)
        try:
            with obeying_switch(request.name), logs.timed("build", request.name, ",".join(request.methods)):
                build(request)
        except FashionSearchError:
            raise
        except Exception as error:
            explain_failure(request.name, logs.defect(error, "build", catalog=request.name))
            return 1
    except FashionSearchError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
