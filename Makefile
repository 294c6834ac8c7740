# make run: the app with the demo catalog.  make test: all checks and tests.  make test-fast: the tests of a minute.
# make bench: speed and memory in two minutes; make bench-full: all of it.
# make lock: requirements/*.txt anew, after a change of pyproject.toml or for newer releases.
# Each sets up what it needs first: the versions of the lock, checked by their hashes; with LOCKED=no, the newest ones.

PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
INSTALLING := $(VENV)/.installing
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$p; break; }; done)

# Tests that share what is expensive stay together, and the longest begin first (tests/conftest.py).
PYTEST = $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4

LOCKED ?= yes
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: run test test-fast check bench bench-full demo lock clean
.DEFAULT_GOAL := run

run: $(VENV)/.installed
	@$(BIN)/python -m fashion_search app --port $(PORT)

test: $(VENV)/.installed-dev check
	@$(PYTEST) $(PYTEST_ARGS)

# Without a browser, training, the real data, and the few others that take seconds each.
test-fast: $(VENV)/.installed-dev
	@$(PYTEST) -m "not browser and not training and not real_data and not slow" $(PYTEST_ARGS)

check: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

bench-full: $(VENV)/.installed-dev
	@$(BIN)/python -m benchmarks --full --keep $(BENCH_ARGS)

# Draws the demo catalog and its customer photos anew and builds the libraries that are shipped with it.
demo: $(VENV)/.installed-dev
	@$(BIN)/python -m tools.demo_catalog assets/demo
	@$(BIN)/python -m tools.demo_catalog.photos assets/demo_queries
	@$(BIN)/python -m tools.ship_demo

lock: $(VENV)/.installed-dev
	@$(BIN)/python -m tools.lock
	@$(BIN)/python -m tools.licences

$(VENV)/.installed: pyproject.toml requirements/run.txt
	$(call install,.,run)

$(VENV)/.installed-dev: pyproject.toml requirements/dev.txt
	$(call install,.[dev],dev)
	@touch $(VENV)/.installed

# A marker is written last: an install that failed is tried again. One that was stopped leaves the number of its make
# behind, and perhaps half a package, which not even pip gets over: it begins anew.
define install
	@test -n "$(PYTHON)" || { echo "fashion_search needs Python 3.11 or newer, and found none. Install it from" \
		"https://www.python.org or your system's packages, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "fashion_search needs Python 3.11 or" \
		"newer; $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; exit 1; }
	@if test -e $(INSTALLING); then \
		if kill -0 $$(cat $(INSTALLING)) 2>/dev/null; then echo "Another make installs here just now. When it is done," \
			"run the same command again; if there is none, make clean before." >&2; exit 1; fi; \
		echo "The last installation was stopped: it begins anew."; rm -rf $(VENV); fi
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "The environment could not be created. On Debian" \
		"and Ubuntu: apt install python3-venv" >&2; rm -rf $(VENV); exit 1; }
	@echo $$PPID > $(INSTALLING)
	@echo "Installing what the program needs; the first time this takes a few minutes."
	@if [ "$(LOCKED)" = yes ] && $(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 15))'; then \
		$(PIP) --require-hashes --requirement requirements/$(2).txt && \
		$(PIP) --no-deps --no-build-isolation --editable .; \
		else echo "Without the lock: the newest releases."; $(PIP) --editable '$(1)'; fi || { echo "The packages could" \
		"not be installed; the reason stands above. Check the network and the free disk space (8 GB), then run the same" \
		"command again. If a package is not there for this system, LOCKED=no takes other releases." >&2; \
		rm -f $(INSTALLING); exit 1; }
	@rm -f $(INSTALLING)
	@touch $@
endef

clean:
	rm -rf $(VENV) artifacts .pytest_cache .ruff_cache .mypy_cache
