# The tasks of the repository. `make` alone lists them.
PYTHON ?= python3
BIN := .venv/bin
export TARA_HOST ?= 127.0.0.1
export TARA_PORT ?= 8080

.DEFAULT_GOAL := help
.PHONY: help run setup setup-dev browser strace check format test test-crash test-agent-kill test-agent-quiet bench agent-dist agent-zipapp agent-deb lock assets screenshots metrics-docs clean

help:  ## list the tasks
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: setup  ## install what is missing and run web, worker and agent here
	@$(BIN)/python scripts/run.py || test $$? = 130

setup:  ## make .venv, install from the locks, fetch the browser libraries
	@$(PYTHON) scripts/bootstrap.py

setup-dev:
	@$(PYTHON) scripts/bootstrap.py --dev

browser:
	@sh scripts/debian_tool.sh chromium "the browser tests" chromium chromium-browser

strace:
	@sh scripts/debian_tool.sh strace "the tests of the agent's system calls" strace

assets: setup  ## fetch the browser libraries

check: setup-dev  ## format, lint, types, imports, templates, deploy check, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --quiet --lint agents dashboard
	TARA_HTTPS=1 TARA_DATA_DIR=var/check $(BIN)/python manage.py check --deploy --fail-level WARNING
	TARA_DATA_DIR=var/check $(BIN)/python manage.py makemigrations --check --dry-run

format: setup-dev  ## write the code the way `check` wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: setup-dev browser strace  ## the whole suite, with coverage
	$(BIN)/python -m pytest -n logical --cov --cov-report=term-missing:skip-covered $(ARGS)

test-crash: setup-dev  ## kill server and worker 200 times under ingest; nothing may be lost
	CRASH_KILLS=200 $(BIN)/python -m pytest tests/test_crash.py $(ARGS)

test-agent-kill: setup-dev  ## kill -9 the agent 200 times in an outage, and 20,000 histories of its spool
	TARA_AGENT_KILLS=200 TARA_SPOOL_EXAMPLES=20000 $(BIN)/python -m pytest tests/tara_agent/test_kill.py tests/tara_agent/spool $(ARGS)

test-agent-quiet: setup-dev strace  ## watch the agent's system calls for 10 minutes: no write to disk
	TARA_STRACE_SECONDS=600 $(BIN)/python -m pytest tests/tara_agent/test_system_calls.py $(ARGS)

bench: setup-dev  ## measure this machine, beside VictoriaMetrics where it is installed
	$(BIN)/python -m benchmarks.ingest --seconds 2
	$(BIN)/python -m benchmarks.history --agents 20
	$(BIN)/python -m benchmarks.pages --agents 10 --pages 100
	$(BIN)/python -m benchmarks.soak --agents 200 --seconds 30
	$(BIN)/python -m benchmarks.agent_cost

agent-dist: setup-dev  ## make the agent's wheel and sdist in dist/, and have twine check them
	rm -f dist/tara_agent-*
	$(BIN)/python -m agent_client.packaging.dist
	test -x var/pack/bin/twine || { $(PYTHON) -m venv var/pack && var/pack/bin/pip --quiet --disable-pip-version-check install --require-hashes -r requirements-pack.txt; }
	var/pack/bin/twine check --strict dist/tara_agent-*

agent-zipapp: setup-dev  ## make the agent one file that needs Python only, in dist/
	$(BIN)/python -m agent_client.packaging.zipapp

agent-deb: setup-dev  ## make the agent's Debian package in dist/
	$(BIN)/python -m agent_client.packaging.deb

lock: setup-dev  ## make the locks anew from requirements*.in
	for name in requirements requirements-dev requirements-node requirements-agent requirements-pack; do \
	  $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-header --no-strip-extras \
	    --no-emit-index-url --no-emit-find-links --quiet $$name.in --output-file $$name.txt; \
	done

metrics-docs: setup-dev  ## write docs/METRICS.md from the catalogue
	$(BIN)/python scripts/metrics_docs.py

screenshots: setup-dev browser  ## take a picture of every page into docs/screenshots
	$(BIN)/python -m scripts.pictures

clean:  ## remove what the tasks made, but not var/
	rm -rf .venv node_modules static-root .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
