# `make demo` and `make test` do all the set-up. They need Python 3.11 or newer (with venv and pip)
# and make; uv does the installing where it is present. `make demo PYTHON=python3.12` chooses the
# Python, VENV=… where the environment goes. What is up to date is not done again.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null)

ifeq ($(UV),)
  NEW_VENV = $(PYTHON) -m venv $(VENV)
  INSTALL  = $(BIN)/python -m pip install --quiet --disable-pip-version-check
else
  NEW_VENV = $(UV) venv --quiet --allow-existing --python $(PYTHON) $(VENV)
  INSTALL  = $(UV) pip install --quiet --python $(BIN)/python
endif

# A file a worker: one session fixture serves all tests of a file. Three workers on CI's two cores: they often
# wait for a browser or another process.
PYTEST := $(BIN)/python -m pytest --numprocesses 3 --dist loadfile

.PHONY: demo test test-slow test-qgis check format coverage bench bench-map lock clean distclean
.DELETE_ON_ERROR:

demo: $(VENV)/.for-run  ## plan Qingdao on the embedded pack
	$(BIN)/siting run qingdao --out $(CURDIR)/out/qingdao --overwrite

test: $(VENV)/.for-test  ## the suite; 8 minutes are the aim
	$(PYTEST) -m "not slow and not nightly"

test-slow: $(VENV)/.for-test  ## proofs, several cities, large rasters; 5 = there are none
	$(PYTEST) -m "slow and not nightly" || [ $$? -eq 5 ]

test-qgis: $(VENV)/.for-test  ## at night: the GeoPackage in QGIS itself, installed where missing and run as root
	@/usr/bin/python3 -c 'import qgis.core' 2>/dev/null || [ "$$(id -u)" != 0 ] || { apt-get update -q && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends qgis python3-qgis; }
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest tests/qgis -m nightly

check: $(VENV)/.for-test  ## format, lint, types, import contracts, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

format: $(VENV)/.for-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

coverage: $(VENV)/.for-test  ## branch coverage of the fast suite
	$(PYTEST) -m "not slow and not nightly" --cov --cov-report=term-missing

bench: $(VENV)/.for-bench  ## every benchmarks/bench_*.py, peers in the same run
	@for script in benchmarks/bench_*.py; do \
	  [ ! -e "$$script" ] || $(BIN)/python "$$script" || exit 1; \
	done

bench-map: $(VENV)/.for-bench  ## the map page: size, opening, panning, weights; folium's own way beside it
	$(BIN)/python benchmarks/bench_map.py

lock: $(VENV)/.for-test  ## pin the newest versions that pyproject.toml allows
	$(INSTALL) uv
	$(BIN)/python .ci/lock.py

clean:  ## everything that was built or planned, not the environment
	rm -rf out build dist maps/_assets .coverage htmlcov .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	rm -f $(VENV)/.for-*

distclean: clean
	rm -rf $(VENV)

# The lock has a part for running, one for testing and one for benchmarks; each needs those before it.
$(VENV)/.for-run: requirements.lock pyproject.toml build_assets.py maps/web/package-lock.json | $(BIN)/python
	@echo "Installing into $(VENV), about a minute the first time"
	@sed '/^# == for testing/,$$d' requirements.lock > $(VENV)/for-run.txt
	$(INSTALL) --require-hashes -r $(VENV)/for-run.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.for-test: $(VENV)/.for-run
	@sed '/^# == for benchmarks/,$$d' requirements.lock > $(VENV)/for-test.txt
	$(INSTALL) --require-hashes -r $(VENV)/for-test.txt
	@touch $@

$(VENV)/.for-bench: $(VENV)/.for-test
	$(INSTALL) --require-hashes -r requirements.lock
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(0 if v >= (3, 11) else "Python 3.11 or newer is needed and $(PYTHON) is %d.%d; name another: make PYTHON=python3.12" % v[:2])'
	$(NEW_VENV)
