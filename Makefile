# make demo      set up and render the first film
# make test      set up, lint, check types, run the core tests
# make test-all  the slower tests too

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test test-all clean

demo: .venv/installed
	@$(BIN)/nnanim render scenes/rings_2_2.py

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m "not slow"

test-all: test
	$(BIN)/pytest -n auto -m slow

clean:
	rm -rf .venv

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --upgrade "pip>=25.1"
	$(PIP) --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(PIP) --group dev
	@touch $@
