# make demo      set up and render the first film
# make test      set up, lint, check types, run the core tests
# make test-all  the slower tests too, and the property tests on examples of their own
# make fuzz      files, targets and losses that chance makes up, by the thousand; part of test-all
# make pages     check and lint what pages run, and open pages in a browser; part of test-all
# make sweeps    sweeps and maps that are killed, or done by a cluster; part of test-all
# make studio    the studio, served and in a browser; part of test-all
# make docs      build the site into docs/_build/html, three films in it; docs-all has all of them
# make core      the core tests alone; with VENV=.venv-3.13 PYTHON=python3.13, on that Python
# make lowest    a film with the lowest versions that pyproject.toml allows
# make readme    make the README's pictures anew
# make notebooks make docs/notebooks.md and its pictures anew

PYTHON ?= python3
VENV ?= .venv
CONSTRAINTS ?= constraints.txt
SEED := $(shell date +%s)
CHANCE := --hypothesis-profile=random --hypothesis-seed=$(SEED)
BIN := $(VENV)/bin
# What every film needs is compiled once, by a short one.
FIRST := scenes/rings_2_2.py -q l --seconds 0.2 --no-cache
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint $(CONSTRAINTS)

# Megabytes as measured.
ifeq ($(shell uname),Linux)
TORCH := several gigabytes with CUDA: docs/installing.md says how to take 190 MB without
else
TORCH := up to 200 MB
endif

SPHINX = $(BIN)/python -m sphinx --fail-on-warning --quiet -b html docs docs/_build/html && \
    echo docs/_build/html/index.html

.PHONY: demo test lint core pages studio sweeps slow fuzz test-all films lowest readme notebooks docs docs-all docs-test clean

demo: $(VENV)/installed
	@$(BIN)/nnanim render scenes/rings_3_2.py

test: lint core

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

core: $(VENV)/installed-dev
	$(BIN)/pytest -n auto -m "not slow"

test-all: test pages studio sweeps slow fuzz docs-test

pages: $(VENV)/installed-pages node_modules
	PATH="$(abspath $(BIN)):$$PATH" npm run check
	$(BIN)/pytest -n auto -m "pages and not docs"

studio: $(VENV)/installed-pages
	$(BIN)/pytest -n auto -m studio

sweeps: $(VENV)/installed-sweeps
	$(BIN)/pytest -n auto -m sweeps

slow: $(VENV)/installed-frameworks $(VENV)/installed-pages
	$(BIN)/pytest -n auto -m "slow and not fuzz and not pages and not studio and not sweeps and not docs"
	$(BIN)/pytest -n auto -m "hypothesis and not fuzz" $(CHANCE)

fuzz: $(VENV)/installed-dev
	$(BIN)/pytest -n auto -m fuzz $(CHANCE)

films: $(VENV)/installed
	$(BIN)/python -m tests.films > $(VENV)/films.sha256

lowest: .venv-lowest/constraints.txt
	$(MAKE) .venv-lowest/installed VENV=.venv-lowest CONSTRAINTS=$<
	.venv-lowest/bin/nnanim render scenes/rings_2_2.py -q l -o .venv-lowest/film.mp4

.venv-lowest/constraints.txt: pyproject.toml
	mkdir -p $(@D)
	sed -n 's/^    "\(.*\)>=\(.*\)",$$/\1==\2/p' $< > $@

readme: $(VENV)/installed-pages
	$(BIN)/python -m docs.readme

notebooks: $(VENV)/installed-dev
	$(BIN)/python docs/notebooks.py

# Three samples, and what the last commit changed.
FILMED = $(SAMPLES) $(shell git diff --name-only --diff-filter=d HEAD~1 -- 'scenes/*.py' 2> /dev/null)
SAMPLES = scenes/rings_3_2.py scenes/radial_3.py scenes/morph_spirals.py

docs: $(VENV)/installed-docs
	@mkdir -p docs/_build/extra
	$(BIN)/nnanim gallery $(sort $(FILMED)) -o docs/_build/extra/gallery
	$(SPHINX)

docs-all: $(VENV)/installed-docs
	@mkdir -p docs/_build/extra
	$(BIN)/nnanim gallery scenes -o docs/_build/extra/gallery
	$(SPHINX)

docs-test: docs $(VENV)/installed-pages node_modules
	$(BIN)/pytest -n auto -m docs

clean:
	rm -rf .venv .venv-* node_modules docs/_build docs/scenes docs/scenes.md

$(VENV)/installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --disable-pip-version-check install --quiet --upgrade "pip>=25.1"
	@echo "downloading what is not in $(VENV) yet: numba, ffmpeg and others, 170 MB" >&2
	@$(BIN)/python -c "import importlib.util as u; exit(bool(u.find_spec('torch')))" && \
	    echo "and PyTorch, $(TORCH)" >&2 || true
	$(PIP) --editable .
	-@$(BIN)/nnanim render $(FIRST) -o $(VENV)/first.mp4 -o $(VENV)/first.gif > /dev/null
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(PIP) --group dev
	@touch $@

$(VENV)/installed-pages: $(VENV)/installed-dev
	$(PIP) --group pages
	@touch $@

node_modules: package-lock.json $(VENV)/installed-pages
	PATH="$(abspath $(BIN)):$$PATH" npm ci --no-fund --no-audit
	@touch $@

$(VENV)/installed-docs: $(VENV)/installed-dev
	$(PIP) --group docs
	@touch $@

$(VENV)/installed-sweeps: $(VENV)/installed-dev
	$(PIP) --group sweeps
	@touch $@

$(VENV)/installed-frameworks: $(VENV)/installed-dev
	$(PIP) --group frameworks
	@touch $@
