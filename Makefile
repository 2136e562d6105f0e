# Two commands start everything: `make demo` and `make test`. Both install what is missing first.
# Needs Python 3.11 or 3.12, Node.js 20+ and make.
.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
NODE := node_modules/.bin

# Ape's caches stay in the project; `ape` called by hand sees the accounts in ~/.ape as usual.
export APE_DATA_FOLDER ?= $(CURDIR)/.ape
# Ape goes wrong in a project below the temporary folder, so a clone in /tmp needs one of its own.
export TMPDIR := $(CURDIR)/.ape/tmp
# npm's Foundry tools first; on platforms that npm has none for, those on PATH.
FOUNDRY := PATH="$(CURDIR)/$(NODE):$$PATH"

.PHONY: help setup compile demo serve test test-quick soak mutants bench contracts pages pictures docs lint slither format lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install everything below this folder: .venv, node_modules, .solcx, .tools
	@scripts/setup/setup.sh

compile: setup ## compile the contracts
	@scripts/setup/compile.sh

demo: compile ## a neighbourhood shares one day of energy on a local chain
	@$(BIN)/energy-grid demo

serve: setup ## a market that runs by itself: 92 households on a local chain, an hour a minute, until Ctrl-C
	@$(BIN)/energy-grid serve

test: compile ## the whole test suite
	@$(BIN)/pytest -n 3 --dist worksteal --interface-coverage

test-quick: compile ## the unit tests of Python and of the contracts, without a node (minutes)
	@$(BIN)/pytest -n 2 --dist worksteal -m "not anvil" tests/unit/contracts tests/unit/energy_grid tests/unit/model tests/smoke

SEED ?= 2026
mutants: compile ## do the tests notice 150 random errors in contracts? (15 minutes; SEED=n draws others)
	@$(BIN)/python -m tests.mutants.run --seed $(SEED)

soak: compile ## drive each invariant for 320,000 calls, try 50,000 worlds, end each role 100 times, ask the API 100,000 times (150 minutes on two free cores); prints what it ran
	@$(BIN)/pytest -n 2 --timeout 0 --dist load --soak 320000 -rP tests/invariant tests/unit/model tests/unit/energy_grid/backend/test_indexer.py tests/integration/backend/test_indexer_faults.py
	@$(BIN)/pytest -n 0 --timeout 0 --soak 1 -rP tests/integration/test_cli_migration.py tests/integration/backend/test_ended.py tests/integration/backend/api/test_schema.py

bench: compile ## measure gas and speed beside their floors; writes docs/bench.md, store.md, analytics.md, what_if.md, forecast.md and foresight.md (half an hour)
	@$(BIN)/python -m tests.bench.run
	@$(BIN)/python -m tests.bench.store
	@$(BIN)/python -m tests.bench.analytics
	@$(BIN)/python -m tests.bench.simulating
	@$(BIN)/python -m tests.bench.scale
	@$(BIN)/python -m tests.bench.forecast
	@$(BIN)/python -m tests.bench.agent

contracts: compile ## write what the package has of the contracts: wrappers, ABIs, a recorded deployment
	@$(BIN)/python -m scripts._wrappers
	@$(BIN)/python -m scripts._local_market

pages: setup ## build what browsers load, and bring the languages' files up to what pages say
	@$(BIN)/python -m scripts._pages

pictures: setup ## take pictures of every page for the documentation (minutes); look at them
	@$(BIN)/python -m tests.pictures

docs: compile ## write what docs/ has from the sources, and build the site (site/index.html)
	@rm -rf site
	@$(BIN)/python -m scripts._docs

lint: setup ## check style, types, layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(NODE)/solhint --disc --noPoster --max-warnings 0 'contracts/**/*.sol'
	$(FOUNDRY) forge fmt --check contracts

slither: setup ## analyse the contracts for known faults (a minute)
	$(BIN)/python -m scripts._slither

format: setup ## put all sources into their format
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format
	$(FOUNDRY) forge fmt contracts

lock: setup ## renew the lock files from pyproject.toml and package.json
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra demo --extra server --extra foresight --group dev -o requirements/dev.lock pyproject.toml
	npm install --ignore-scripts --package-lock-only

clean: ## remove everything that setup and compile made
	rm -rf .venv node_modules .solcx .tools .ape .build contracts/.cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
