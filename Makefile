# make demo      set up and render the first film
# make test      set up, lint, check types, run the core tests
# make test-all  the slower tests too
# make readme    make the README's pictures anew
# make notebooks make docs/notebooks.md and its pictures anew

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt

.PHONY: demo test test-all readme notebooks clean

demo: .venv/installed
	@$(BIN)/nnanim render scenes/rings_2_2.py

test: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest -n auto -m "not slow"

test-all: test .venv/installed-frameworks
	$(BIN)/pytest -n auto -m slow

readme: .venv/installed
	$(BIN)/nnanim render scenes/rings_3_2.py -o renders/rings_3_2.readme.gif
	for name in jagged_activations embedding_width_2 radial_3 sine_thresholds rings_compare; do \
	    $(BIN)/nnanim still scenes/$$name.py -r 1280x720 -o renders/$$name.readme.png; done
	$(BIN)/nnanim still docs/datasets.py -r 1200x2700 --bare -o renders/datasets.readme.png

notebooks: .venv/installed
	$(BIN)/python docs/notebooks.py

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

.venv/installed-frameworks: .venv/installed-dev
	$(PIP) --group frameworks
	@touch $@
