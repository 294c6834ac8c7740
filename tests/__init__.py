"""Tests, by the folders of the package. They run on one thread each: several at once would wait for each other.

Set here, before NumPy or torch is imported; processes that tests start inherit it.
"""

import os

for library in ("OMP", "OPENBLAS", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")
