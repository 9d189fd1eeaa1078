# The commands of the README.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PARTS := pyproject.toml package.json hatch_build.py

.PHONY: up test test-services test-browser test-r lint check bench-stats bench-dedupe bench-import bench-pages bench-cbma bench-votes clean

up: $(STAMP)
	@exec $(BIN)/reviewtool up

# Kept bytecode halves the time to collect; worksteal lets no slow test end alone; two workers
# leave no core for the threads of small matrices.
test: export PYTHONDONTWRITEBYTECODE :=
test: export OPENBLAS_NUM_THREADS := 1
test: $(DEV_STAMP)
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

test-services: $(DEV_STAMP)
	@$(BIN)/python tests/services.py

test-browser: $(DEV_STAMP)
	@$(BIN)/python -m pytest -q -m browser tests || [ $$? = 5 ]

test-r: $(DEV_STAMP)
	@$(BIN)/python -m pytest -q -m r tests || [ $$? = 5 ]

lint: $(DEV_STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict reviewtool worker
	@$(BIN)/djlint --lint --quiet templates

check: lint test

bench-stats: $(DEV_STAMP)
	@$(BIN)/python tests/benchmarks/bench_stats.py

bench-dedupe: $(DEV_STAMP)
	@$(BIN)/python tests/benchmarks/bench_dedupe.py

bench-import: $(DEV_STAMP)
	@$(BIN)/python -m tests.benchmarks.bench_import

bench-pages: $(DEV_STAMP)
	@$(BIN)/python tests/benchmarks/bench_pages.py

bench-cbma: $(DEV_STAMP)
	@$(BIN)/python tests/benchmarks/bench_cbma.py

bench-votes: $(DEV_STAMP)
	@$(BIN)/python -m tests.benchmarks.bench_votes

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "reviewtool needs Python 3.11 or newer. Name one: make PYTHON=python3.12 up"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "The private environment could not be made. On Debian: apt install python3-venv"; exit 1; }

$(STAMP): $(PARTS) | $(VENV)/bin/python
	@echo "Installing (once; about two minutes)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e . || \
	  { echo "Installing failed; the lines above say why. A missing compiler: apt install build-essential"; exit 1; }
	@touch $(STAMP)

$(DEV_STAMP): $(PARTS) | $(VENV)/bin/python
	@echo "Installing with the development tools (once)."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' || \
	  { echo "Installing failed; the lines above say why. A missing compiler: apt install build-essential"; exit 1; }
	@touch $(STAMP) $(DEV_STAMP)

clean:
	@rm -rf $(VENV) dist reviewtool/static/vendor
