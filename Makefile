# The two commands of a fresh clone are `make build` and `make test`. Both need
# Python 3.11 or newer and make; everything else comes from requirements.lock
# into .venv, and everything runs from there.

PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
# A copy of the lock file the environment was made from, written last: an install
# that was killed has none, and another lock file is another content (not another
# time, which a checkout or a copy may set to anything).
INSTALLED := $(VENV)/installed.lock

.DEFAULT_GOAL := help
.PHONY: help venv build test demo live docs bench backtest mutation lint format golden lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

venv:
	@if cmp -s requirements.lock $(INSTALLED) && $(PY) -c '' 2>/dev/null; then exit 0; fi; \
	set -e; \
	command -v "$(PYTHON)" >/dev/null || { \
	  echo "make: $(PYTHON) is not on the PATH. Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3." >&2; exit 2; }; \
	"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(PYTHON) is $$("$(PYTHON)" -V 2>&1), and Python 3.11 or newer is needed. Name one: make PYTHON=/path/to/python3." >&2; exit 2; }; \
	echo "Installing requirements.lock into $(VENV) ..."; \
	rm -rf $(VENV); \
	"$(PYTHON)" -m venv $(VENV); \
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r requirements.lock; \
	cp requirements.lock $(INSTALLED).tmp; \
	mv $(INSTALLED).tmp $(INSTALLED)

build: venv ## Generate generated/ from the catalog
	$(PY) build.py

# One process a core; the tests of a file stay in one, as they share what is slow to make. In their
# order: the slowest files are among the first.
test: lint ## Lint, type-check and run every test that needs no server
	$(PY) -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

lint: venv ## ruff check, ruff format --check, mypy --strict
	$(PY) -m ruff check
	$(PY) -m ruff format --check
	$(PY) -m mypy

format: venv ## Let ruff fix and format the sources
	$(PY) -m ruff check --fix
	$(PY) -m ruff format

demo: venv ## Run the whole stack on this machine until Ctrl-C
	$(PY) build.py demo

live: venv ## Run tests/live against the real servers that are found
	$(PY) -m pytest tests/live

# What draws the diagrams comes from npm, by its lock; the theme's own notice of MkDocs 2 is
# answered in docs/decisions/0040.
docs: venv ## Build docs/ as a site into site/; needs npm
	npm ci --prefix delivery/site --no-audit --no-fund --ignore-scripts --silent
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict

bench: venv ## Print the cost of a build and of check, as ratios measured in one run
	$(PY) tests/bench/run.py

backtest: venv ## Replay every incident and 30 quiet days against the burn alerts; takes long
	$(PY) build.py backtest --quiet-days 30

mutation: venv ## Break what ships in every way and place, and print what check and the rules' tests find
	$(PY) -m tests.delivery.checks.mutations
	$(PY) -m tests.alerts.mutants

golden: venv ## Rewrite the golden pairs in tests/golden; review the diff
	UPDATE_GOLDEN=1 $(PY) -m pytest -k golden

# The resolver runs from a folder of its own, so that the environment under test
# holds only what the lock file names. No index address is written to the file.
lock: venv ## Renew requirements.lock from pyproject.toml
	@set -e; dir=$$(mktemp -d); trap 'rm -rf "$$dir"' EXIT; \
	$(PY) -m venv "$$dir/venv"; \
	"$$dir/venv/bin/python" -m pip install --quiet --disable-pip-version-check uv; \
	"$$dir/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 --upgrade --extra dev --extra demo --extra docs \
	  --generate-hashes --no-emit-index-url --no-header --output-file "$$dir/lock" pyproject.toml; \
	{ printf '# Every package of .venv, for Python 3.11 and newer on any system, with hashes.\n'; \
	  printf '# Made from pyproject.toml. Do not edit: change that file, then run make lock.\n'; \
	  cat "$$dir/lock"; } > requirements.lock.tmp; \
	mv requirements.lock.tmp requirements.lock

clean: ## Remove .venv and every cache; generated/ stays
	rm -rf $(VENV) .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist site *.egg-info requirements.lock.tmp
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
