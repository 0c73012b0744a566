# The README's commands. `make run` and `make test` need Python 3.11 or newer and nothing else.

# The first of these that really runs: a name on the path may be a version manager's shim with nothing behind it.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --use-pep517
LOCK := $(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe \
	--no-header --no-annotate --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	--build-deps-for=editable

.PHONY: run test lint format bench bench-check faults lock clean

run: $(VENV)/.run ## run the bot; without DISCORD_TOKEN show digests, /top and /search in a browser
	@$(BIN)/python -m bot run --or-preview

test: $(VENV)/.dev ## run every test, three files at a time: much of it is waiting
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.dev ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev ## let ruff lay out the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## measure speed against floors in the same run; SIZE=3M adds a size, ONLY=ingest leaves out the others
	$(BIN)/python -m benchmarks $(if $(SIZE),--size $(SIZE)) $(if $(ONLY),--only $(ONLY))

bench-check: $(VENV)/.dev ## measure, and fail where a ratio is more than 30 % past the one in benchmarks/expected.json
	$(BIN)/python -m benchmarks --check --size $(or $(SIZE),100k) $(if $(ONLY),--only $(ONLY))

faults: $(VENV)/.dev ## prove that digests come exactly once, with the bot killed in a storm; DELIVERIES=10000 KILLS=300
	$(BIN)/python -m benchmarks.faults $(if $(DELIVERIES),--deliveries $(DELIVERIES)) $(if $(KILLS),--kills $(KILLS)) \
		$(if $(SEED),--seed $(SEED))

lock: $(VENV)/.dev ## pin the newest releases that pyproject.toml allows
	$(LOCK) --upgrade --output-file requirements.txt pyproject.toml
	$(LOCK) --upgrade --extra dev --constraint requirements.txt --output-file requirements-dev.txt pyproject.toml

clean: ## remove what can be made again
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed, and none of python3, python3.13, python3.12, python3.11 is one." >&2; exit 1)
	@echo "Making the environment in $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.txt pyproject.toml
	@$(INSTALL) --require-hashes -r requirements.txt
	@PYTHONWARNINGS=ignore $(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@$(BIN)/python -m compileall -q bot storage
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements-dev.txt
	@$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@
