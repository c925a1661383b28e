# One line of help for each command: `make` or `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
JOBS ?= 2
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo test test-all check fix docs bench messages screenshots lock

help: ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "excudit needs Python 3.11 or later; set PYTHON=/path/to/python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)

demo: $(READY) ## Publish the sample folder on the loopback sandbox (options: ARGS="…")
	$(BIN)/excudit demo $(ARGS)

test: $(READY) ## Run the tests
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal -m "not slow" $(ARGS)

test-all: $(READY) ## Run the tests and the slow suites (the whole fault matrix)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

check: $(READY) ## Lint, types, floors, sizes, docs build
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n 0 tests/house
	$(MAKE) --no-print-directory docs

fix: $(READY) ## Mend what the linter can mend, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(READY) ## Build the documentation, warnings as errors
	$(BIN)/sphinx-build -q -W --keep-going -b html docs docs/_build/html

bench: $(READY) ## Measure speed and memory as ratios in one run
	$(BIN)/python -m bench $(ARGS)

messages: $(READY) ## Collect the words of all pages for translators; compile their catalogues
	$(BIN)/python messages/extract.py

screenshots: $(READY) ## Take the pictures of the pages anew (needs Chromium)
	PYTHONPATH=tests:tests/browser $(BIN)/python docs/screenshots.py

lock: ## Rewrite requirements.lock from pyproject.toml (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-header --extra dev pyproject.toml --output-file requirements.lock
