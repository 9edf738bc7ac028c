# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DELETE_ON_ERROR:
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes
CONSOLE_SOURCES := $(shell find console -type f -not -path '*/node_modules/*' -not -name '*.tsbuildinfo' 2>/dev/null)

.PHONY: help demo test system format lint types imports generated python postgres console-check browser lock clean console

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.base siyu/site/console/index.html ## sandbox + Siyu + a demo brand, results table, stays up
	@$(BIN)/siyu demo $(DEMO)

test: system lint types imports generated console-check python postgres browser ## everything CI checks

system: ## what the tests need from the machine
	@tools/system

format: $(VENV)/.dev ## rewrite the code in the house's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy siyu tests conftest.py

imports: $(VENV)/.dev
	$(BIN)/lint-imports

generated: $(VENV)/.dev console/node_modules/.ready ## OpenAPI and the console's client are what the code says
	tools/generate --check

python: $(VENV)/.dev siyu/site/console/index.html ## Python tests on SQLite
	$(BIN)/pytest -n 2 --dist loadgroup -m "not browser and not faults"
	$(BIN)/pytest -m "faults and not browser"

postgres: $(VENV)/.dev ## Python tests on PostgreSQL
	$(BIN)/pytest --postgres -n 2 --dist loadgroup -m "not browser and not faults" siyu tests/conformance tests/end_to_end

browser: $(VENV)/.dev siyu/site/console/index.html ## end to end in Chromium
	$(BIN)/pytest -n 2 --dist loadfile -m browser tests/browser

console: siyu/site/console/index.html ## build the console

console-check: console/node_modules/.ready
	tools/npm run check
	tools/npm test

siyu/site/console/index.html: console/node_modules/.ready $(CONSOLE_SOURCES)
	tools/npm run build
	@touch $@

console/node_modules/.ready: console/package-lock.json | $(VENV)/.base
	tools/npm ci --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python >= 3.11 is needed"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/.base: requirements/base.txt $(VENV)/.uv
	$(UV) -r $<
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.base
	$(UV) -r $<
	@touch $@

lock: $(VENV)/.uv ## pin every dependency again
	tools/lock

clean: ## remove everything that is made
	rm -rf $(VENV) console/node_modules siyu/site/console build *.egg-info artifacts
