# Every target sets up its own environment; none has to come first.
.PHONY: demo test check bench soak models lock clean
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
TORCH := $(VENV)/.torch
SOAK := results/runs/soak
VLLM := $(VENV)-vllm
MODELS := results/runs/models

ifndef CODEEFF_DATA
ifneq ($(wildcard ../shared/data),)
export CODEEFF_DATA := $(abspath ../shared/data)
endif
endif

# A benchmark in five minutes: real completions where CODEEFF_DATA has them, our own tasks elsewhere.
demo: $(READY)
	$(BIN)/codeeff demo

test: $(READY) $(TORCH)
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
	$(BIN)/python tests/bench/counting.py

# What takes too long for the tests. Of the sandbox: ten thousand executions through one warm pool, a fifth of them
# hostile; a run on docker killed twenty times; three clean rounds of the attacks in a row on every engine; every count of
# every reference of `core`, twenty times in ten places. Of real data: whether pairs keep their order (ENAMEL=CHECKOUT has
# q-rz/enamel's own evaluator rank them too), whether eff@1 repeats, whether counts agree with published labels, whether
# published programs are judged as published (EVALPLUS=PYTHON has EvalPlus judge them beside us), COFFE's efficient@1.
# Each step is done once and goes on where it was stopped (`timeout 600 make soak` again and again does it all);
# `rm -r $(SOAK)` to begin anew.
SOAKED := executions kills attacks3 counts ranking repeats labels published coffe agreement
soak: $(SOAKED:%=$(SOAK)/%)

$(SOAK)/executions: | $(READY)
	PYTHONPATH=tests $(BIN)/python tests/soak/soak.py --out $(SOAK)
	touch $@

$(SOAK)/kills: | $(SOAK)/executions
	CI=true CODEEFF_DOCKER_KILLS=20 $(BIN)/python -m pytest tests/e2e/test_kill.py -k docker
	touch $@

$(SOAK)/attacks1: | $(SOAK)/kills
$(SOAK)/attacks2: | $(SOAK)/attacks1
$(SOAK)/attacks3: | $(SOAK)/attacks2
$(SOAK)/attacks%:
	CI=true $(BIN)/python -m pytest tests/contract/test_adversarial.py -n 2 || { rm -f $(SOAK)/attacks*; exit 1; }
	touch $@

$(SOAK)/counts: | $(SOAK)/attacks3
	PYTHONPATH=tests $(BIN)/python tests/soak/counting.py --out $(SOAK)
	touch $@

$(SOAK)/ranking: | $(SOAK)/counts
	PYTHONPATH=tests $(BIN)/python tests/soak/ranking.py --out $(SOAK) $(if $(ENAMEL),--enamel $(ENAMEL))
	touch $@

$(SOAK)/repeats: | $(SOAK)/ranking
	PYTHONPATH=tests $(BIN)/python tests/soak/enamel_repeats.py --out $(SOAK) --quantity instructions
	PYTHONPATH=tests $(BIN)/python tests/soak/enamel_repeats.py --out $(SOAK) --quantity cpu_time
	touch $@

$(SOAK)/labels: | $(SOAK)/repeats
	PYTHONPATH=tests $(BIN)/python tests/soak/evalperf_labels.py --out $(SOAK)
	touch $@

$(SOAK)/published: | $(SOAK)/labels
	PYTHONPATH=tests $(BIN)/python tests/soak/published.py --data "$(CODEEFF_DATA)"
	touch $@

$(SOAK)/coffe: | $(SOAK)/published
	PYTHONPATH=tests $(BIN)/python tests/soak/coffe_efficient.py --out $(SOAK)/coffe-run
	touch $@

$(SOAK)/agreement: | $(SOAK)/coffe
	$(if $(EVALPLUS),PYTHONPATH=tests $(BIN)/python tests/soak/evalplus_agreement.py --out $(SOAK) --evalplus $(EVALPLUS))
	touch $@

# SmolLM2-135M-Instruct writes for `core` through vLLM, through transformers and through vLLM's server; ahead of it the
# tests of local models, on vLLM too. In an environment of its own, of 3.5 GB, on the CPU.
models: $(VLLM)/.ready
	$(ON_CPU) $(VLLM)/bin/python -m pytest -p no:xdist -W default tests/unit/generators/test_local_models.py
	$(ON_CPU) $(VLLM)/bin/python tests/models/smollm2.py --out $(MODELS)

# vLLM within the process, which starts five times as fast, and 2 GB for what it keeps of prompts.
ON_CPU := VLLM_ENABLE_V1_MULTIPROCESSING=0 VLLM_CPU_KVCACHE_SPACE=2

$(VLLM)/.ready: pyproject.toml .ci/vllm
	$(PYTHON) -m venv $(VLLM)
	.ci/vllm $(VLLM)/bin/python
	touch $@

# Pin what CI installs.
lock: $(READY)
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --extra dev --no-header pyproject.toml -o .ci/requirements.txt

clean:
	rm -rf $(VENV) $(VLLM) dist build .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml .ci/requirements.txt .ci/bubblewrap
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --disable-pip-version-check -r .ci/requirements.txt
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	.ci/bubblewrap $(BIN)/python
	touch $(READY)

$(TORCH): .ci/torch | $(READY)
	.ci/torch $(BIN)/python
	touch $(TORCH)
