# `make` alone says what there is. Every target sets up .venv first if that is needed, and only then.

BIN := .venv/bin
READY := .venv/.ready
UNFINISHED := .venv/.unfinished
PIP := $(BIN)/python -m pip -qq --disable-pip-version-check

# Given on the command line, these two reach the build: make book PROFILE=draft DATA=sample
GIVEN := $(if $(findstring command,$(origin PROFILE)),CNNBOOK_PROFILE='$(PROFILE)') \
         $(if $(findstring command,$(origin DATA)),CNNBOOK_DATA='$(DATA)')

# What somebody gave under this name on the command line; never what happens to be in the environment.
ASKED = $(if $(findstring command,$(origin $(1))),'$($(1))')

# Tests run in this many processes; what they share, a book above all, stays in one: tests/conftest.py.
PROCESSES ?= 2
PARALLEL = -n $(PROCESSES) --dist loadgroup --no-loadscope-reorder

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install book release check test tests lint typecheck layout bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY) ## set up .venv from requirements.lock: the other targets do this themselves
	@echo ".venv is up to date."

book: $(READY) ## build the book; PROFILE=draft|book|paper, DATA=full|sample|a folder with the IDX files
	@$(GIVEN) $(BIN)/jupyter-book build -q -W --keep-going .

release: $(READY) ## release what `make book` built; VERSION=1.0 to be sure, SITE=a folder of all versions
	@$(BIN)/cnnbook release $(call ASKED,VERSION) $(if $(call ASKED,SITE),--site $(call ASKED,SITE))

check: $(READY) ## while writing: style, types, the tests that build and train nothing; two minutes on two cores
	@$(MAKE) --no-print-directory -j 3 lint typecheck tests MARKED='-m "not book and not trains"'

test: $(READY) ## every check: style, types, all tests, a whole book; PROCESSES=0 runs tests in one process
	@$(MAKE) --no-print-directory -j 3 lint typecheck tests

tests: $(READY)
	@$(GIVEN) $(BIN)/python -m pytest $(PARALLEL) $(MARKED)

lint: $(READY) ## ruff: rules and format
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

typecheck: $(READY) ## basedpyright
	@$(BIN)/basedpyright

layout: $(READY) ## after a module was moved or added: the layout in CONTRIBUTING.md, the sections of the API pages
	@$(BIN)/python tools/layout.py --write

bench: $(READY) ## measure beside Keras and PyTorch; PART=speed|ten|accuracy|inference|climb|memory|profile|publishing|building, on a card many-networks|group-size; TRIAL=yes
	@$(GIVEN) $(BIN)/python bench/measure.py $(call ASKED,PART) $(if $(call ASKED,TRIAL),--trial)

lock: $(READY) ## solve the requirements anew and write requirements.lock
	@$(BIN)/uv pip compile pyproject.toml --quiet --extra dev --universal --fork-strategy fewest \
	  --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -o requirements.lock

clean: ## remove what was built (.venv, the store of results and releases stay)
	@if [ -d _build ]; then find _build -mindepth 1 -maxdepth 1 ! -name release -exec rm -rf {} +; fi

# A set-up that was interrupted is begun anew; one that is out of date is brought up to date.
$(READY): requirements.lock pyproject.toml
	@rm -f $(READY)
	@if [ -e $(UNFINISHED) ]; then echo "The last set-up was interrupted: beginning again."; rm -rf .venv; fi
	@if ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
	  rm -rf .venv; \
	  python=$$($(FIND_PYTHON)) || exit 1; \
	  echo "Making .venv with $$($$python --version) and installing what requirements.lock lists:"; \
	  echo "several hundred MB to fetch, a few minutes, once."; \
	  mkdir .venv && touch $(UNFINISHED) && $$python -m venv .venv; \
	fi
	@touch $(UNFINISHED)
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps --no-build-isolation -e .
	@rm -f $(UNFINISHED)
	@touch $(READY)

# Prints the first Python that will do; or says what is wrong and how to mend it.
define FIND_PYTHON
without_venv=; for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue; \
  $$python -c 'import venv, ensurepip' >/dev/null 2>&1 && { echo $$python; exit 0; }; \
  without_venv=$$python; \
done; \
if [ "$$without_venv" ]; then \
  echo "$$without_venv lacks its venv module. On Debian or Ubuntu: sudo apt install $$(basename $$without_venv)-venv" >&2; \
else \
  echo "Python 3.11 or newer is needed and was not found ($(or $(PYTHON),python3)); make PYTHON=/path/to/python book" >&2; \
fi; exit 1
endef
