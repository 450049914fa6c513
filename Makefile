# Everything runs in .venv, which is made on first use. Needs Python 3.10 or later and make.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

MARKS := $(if $(ONLINE),,not online)$(if $(ONLINE)$(SLOW),, and )$(if $(SLOW),,not slow)
COVERED := tests/test_vetting.py tests/model tests/checks

.PHONY: demo test lint format bench clean $(COVERED)

demo: $(READY)        ## a real guarded install, and a refusal, to look at
	$(BIN)/python -m tests.lab.demo

# The verdict path is covered in full, every branch; then every test that needs no network but loopback.
# ONLINE=1 adds those that need the configured index, SLOW=1 those with poetry, pdm, pipx, nox and build backends.
test: $(READY)        ## all tests
	$(BIN)/coverage erase
	$(MAKE) --jobs=2 $(COVERED)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=100
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "$(MARKS)" $(COVERED:%=--ignore=%)

$(COVERED): $(READY)
	$(BIN)/coverage run -m pytest -q $@

lint: $(READY)        ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)      ## let ruff mend what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# DATA is a folder with positives.csv, benign.csv and universe.txt.gz, for names and for the trust score;
# PROVENANCE one with provenance documents and their index.json; ARCHIVES are wheels and sdists;
# WHEELS is a folder of wheels that nothing may be held against. Sixty projects are fetched from the configured
# index (500 MB); CACHE is a folder in which they stay for the next time.
bench: $(READY)       ## every benchmark, with its figures
	$(BIN)/python -m benchmarks.guarded
	$(BIN)/python -m benchmarks.uv_sync
	$(BIN)/python -m benchmarks.check
	$(BIN)/python -m benchmarks.import_guard
	$(BIN)/python -m benchmarks.advisories
	$(BIN)/python -m benchmarks.names $(DATA)
	$(BIN)/python -m benchmarks.provenance $(PROVENANCE)
	$(BIN)/python -m benchmarks.archive $(ARCHIVES)
	$(BIN)/python -m benchmarks.contents $(WHEELS)
	$(BIN)/python -m benchmarks.false_alarms $(if $(CACHE),--cache $(CACHE))
	$(BIN)/python -m benchmarks.fuzz_metadata
	$(BIN)/python -m benchmarks.score --names $(DATA)

$(READY): pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip>=26.2"
	$(BIN)/python -m pip install --quiet --editable . --group test --group lint
	touch $@

clean:
	rm -rf .venv .coverage .coverage.* .pytest_cache .mypy_cache .ruff_cache
