# Every target sets up its own environment; none has to come first.
.PHONY: demo test check bench soak lock clean
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

ifndef CODEEFF_DATA
ifneq ($(wildcard ../shared/data),)
export CODEEFF_DATA := $(abspath ../shared/data)
endif
endif

# A benchmark in five minutes: real completions where CODEEFF_DATA has them, our own tasks elsewhere.
demo: $(READY)
	$(BIN)/codeeff demo

test: $(READY)
	$(BIN)/python -m pytest -n auto

# ruff, mypy --strict, the import layers, the layout.
check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_layout.py

# Ratios against a floor or a peer; never part of the tests.
bench: $(READY)
	$(BIN)/python tests/bench/judging.py

# Ten thousand executions through one warm pool, a fifth of them hostile; stopped, it goes on. A slice is in the tests.
soak: $(READY)
	PYTHONPATH=tests $(BIN)/python tests/soak/soak.py --out results/runs/soak

# Pin what CI installs.
lock: $(READY)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --no-header pyproject.toml -o .ci/requirements.txt

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml .ci/requirements.txt .ci/bubblewrap
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r .ci/requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	.ci/bubblewrap $(BIN)/python
	touch $(READY)
