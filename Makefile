# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXTRAS := ner,dask,sql,tables,frames,posts,feeds,serve,notebooks,interactive,languages,docs,dev

.DEFAULT_GOAL := help
.PHONY: help install demo test explore lint types docs site clean

help:  ## Show what can be made.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

install: $(VENV)/.installed  ## Create .venv and install the library with what its tests need.

$(VENV)/.installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "relatedness needs Python 3.11 or newer; name one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip -c constraints.txt
	$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@

demo: install  ## Build the bundled sample archive and show related lists.
	$(BIN)/relatedness demo

test: install  ## Run the tests that need no more than a few minutes.
	$(BIN)/python -m pytest -n auto --dist worksteal -m 'not slow'

explore: install  ## Try new examples in the property tests; a find is worth an issue.
	RELATEDNESS_EXPLORE=1 $(BIN)/python -m pytest -m 'not slow' tests/ranking tests/index tests/sources tests/topics tests/test_events.py tests/test_config.py

lint: install  ## Check style.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install  ## Check types.
	$(BIN)/mypy

docs: install  ## Run everything that the documentation shows, and write the outputs back. Needs Chromium.
	$(BIN)/python tests/pages.py --update
	$(BIN)/python notebooks/run.py --update
	$(BIN)/python notebooks/pictures/make.py

site: install  ## Build the documentation into build/site; a warning is an error.
	$(BIN)/python notebooks/site/build.py build/site

clean:  ## Remove what the other targets made.
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
