# `make` lists the targets. They work in .venv and touch nothing else outside this folder, except
# that `make test` installs RabbitMQ, HAProxy, nginx with nchan and Chromium when they are missing and
# it may. What is written in TypeScript goes into node_modules beside it; Node.js 20 must be there.

PYTHON ?= python3
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
DEV := $(VENV)/installed-dev
TEST := $(VENV)/installed-test
SDK := sdk/typescript
SDK_TEST := $(SDK)/node_modules/.installed
MAKE_QUIETLY := $(MAKE) --no-print-directory
# Jobs side by side print in turn where make can do that (macOS ships one that cannot).
IN_TURN := $(if $(filter output-sync,$(.FEATURES)),--output-sync=target)
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-emit-index-url --custom-compile-command "make lock" \
	pyproject.toml --group build

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help dev test check lint types pytest bench format lock schema reference pages clean
.DEFAULT_GOAL := help

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

dev: $(DEV) ## Run the scoreboard with private servers
	@$(BIN)/scoreboard dev

test: $(TEST) ## Install what the tests need, then run every check
	@tests/install-servers
	@$(MAKE_QUIETLY) check

check: $(TEST) $(SDK_TEST) ## Run everything that CI runs
	@$(MAKE_QUIETLY) --jobs=2 $(IN_TURN) lint types
	@$(MAKE_QUIETLY) pytest

lint: $(TEST) $(SDK_TEST) ## Check style, format and the layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	npm --prefix $(SDK) run --silent lint

types: $(TEST) ## Check the types
	$(BIN)/mypy
	$(BIN)/mypy examples/clicker/server.py

pytest: $(TEST) $(SDK_TEST) ## Run the tests on real servers
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

bench: $(TEST) ## Measure on this machine, beside a bare handler: half an hour
	@$(BIN)/python -m benchmarks

format: $(TEST) $(SDK_TEST) ## Format the code and repair what can be repaired
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm --prefix $(SDK) run --silent format

lock: $(BIN)/python ## Resolve the locks in requirements/ anew
	@$(BIN)/python -m pip install --quiet --quiet uv
	$(COMPILE) --extra dev --extra test --upgrade --output-file requirements/test.lock
	$(COMPILE) --extra dev --upgrade --constraint requirements/test.lock --output-file requirements/dev.lock
	$(COMPILE) --upgrade --constraint requirements/test.lock --output-file requirements/image.lock

schema: $(TEST) ## Write sql/schema.sql anew, after a change of a migration
	$(BIN)/python -m tests.ledger.schema

reference: $(TEST) $(SDK_TEST) ## Write what is made from the code or from another file
	$(BIN)/python -m tests.reference
	npm --prefix $(SDK) run --silent generate

pages: ## Build the pages that are served from their sources, with Node.js
	cd pages && npm ci --no-audit --no-fund --silent && npm run --silent build

clean: ## Remove .venv and caches, keep the data in .scoreboard
	rm -rf $(SDK)/node_modules $(SDK)/build $(SDK)/dist pages/node_modules
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find cli scoreboard sql tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: install Python 3.12"; exit 1; }
	@$(PYTHON) requirements/check-python
	@echo "Creating $(VENV)"
	@$(PYTHON) -m venv --clear $(VENV)

$(DEV): requirements/dev.lock pyproject.toml | $(BIN)/python
	$(call install,requirements/dev.lock)
	@touch $@

# The lock of the tests holds the other one: whoever has it needs no second install.
$(TEST): requirements/test.lock requirements/dev.lock pyproject.toml | $(BIN)/python
	$(call install,requirements/test.lock)
	@touch $@ $(DEV)

$(SDK_TEST): $(SDK)/package-lock.json
	@$(SDK)/scripts/install

define install
	@echo "Installing $(1)"
	@$(BIN)/python -m pip install --quiet --quiet --require-hashes --requirement $(1)
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
endef
