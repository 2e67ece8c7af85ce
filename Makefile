# Every target of the project.  `make help` lists them.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps
CORE   := $(VENV)/.core-stamp
DEV    := $(VENV)/.dev-stamp

BEGAN  := $(shell date +%s)

.DEFAULT_GOAL := help
.PHONY: help system demo stories test test-long check fix bench lock clean .venv core

help:  ## this list
	@grep -hE '^[a-z.-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z.-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

.venv: $(DEV)  ## the virtual environment, with all that the tests need

core: $(CORE)  ## the virtual environment, with only what the server needs

$(CORE): requirements/core.txt requirements/build.txt
	@scripts/check-python $(PYTHON)
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements/build.txt -r requirements/core.txt
	@$(BIN)/python -m pip --disable-pip-version-check --quiet install --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(DEV): $(CORE) requirements/dev.txt
	@$(PIP) -r requirements/dev.txt
	@touch $@

system:  ## the Debian packages that tests need: installs them when root, else says how
	@scripts/system-packages strace curl jq node=nodejs unshare=util-linux
	@scripts/browser

demo: $(CORE)  ## start a server with a few devices and events, and say what to ask it
	@exec $(BIN)/gatebook demo --began $(BEGAN)

stories: $(CORE)  ## play the README for three users in a clean folder, and put the times into docs/benchmarks.md
	@$(BIN)/python scripts/stories --write

test: system check  ## what every change must pass: style, types, arrows, and all tests but the long ones
	@$(BIN)/python -m pytest -m "not long" -n 2 --dist worksteal

test-long: system $(DEV)  ## the tests that take minutes
	@$(BIN)/python -m pytest -m long --timeout 7200

check: $(DEV)  ## style, types and arrows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

fix: $(DEV)  ## put right what a tool can put right
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV)  ## measure, each number beside its limit
	@$(BIN)/python -m benchmarks

lock: $(CORE)  ## choose the newest allowed dependencies, with hashes
	@PYTHON=$(BIN)/python scripts/lock

clean:  ## remove everything that can be made again
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .schemathesis .demo .bench build dist
	@find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
