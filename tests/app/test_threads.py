"""The app bounds the threads of its own searches, whoever starts it."""

import os
import subprocess
import sys

import pytest

from tests.app import screen

OPENED = """
from streamlit.testing.v1 import AppTest
from threadpoolctl import threadpool_info
threads = lambda: {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}
import numpy
print(threads())
assert not AppTest.from_file("app.py", default_timeout=90).run().exception
print(threads())
"""


@pytest.mark.slow
def test_a_page_leaves_one_thread_to_each_product() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    environment["OPENBLAS_NUM_THREADS"] = "3"  # however it was started
    command = [sys.executable, "-c", OPENED]
    done = subprocess.run(command, cwd=screen.ROOT, env=environment, capture_output=True, text=True, check=True)
    before, after = done.stdout.split()
    assert before != "{1}"
    assert after == "{1}"
