# The commands of this project. `make` alone lists them.

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
# The environment's own Python once it stands; else the newest one that is at hand and new enough.
PYTHON ?= $(shell for python in $(BIN)/python python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$python"; break; }; done)
NEED_PYTHON = $(if $(PYTHON),,$(error Playground needs Python 3.11 or newer, and none was found: install it, or name it with PYTHON=/path/to/python))
BOOTSTRAP = $(NEED_PYTHON)@$(PYTHON) scripts/bootstrap.py

.DEFAULT_GOAL := help
.PHONY: help run run-fake test lint format bench messages requirements clean setup setup-dev

help: ## List these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{printf "%-20s %s\n", $$1, $$2}'

setup:
	$(BOOTSTRAP) run

setup-dev:
	$(BOOTSTRAP) dev

run: setup ## Set up what is missing and serve http://127.0.0.1:8000 (PORT and HOST are honoured)
	@exec $(BIN)/python manage.py serve --prepare

run-fake: setup-dev ## The same without a model: answers come from the tests' fake OpenAI server
	@exec $(BIN)/python scripts/run_fake.py

test: setup-dev ## Every test, the browser's included; more: make test ARGS="-k stop"
	@exec $(BIN)/python scripts/run_tests.py $(ARGS)

lint: setup-dev ## Every check of style, types, imports, templates, migrations and deployment
	@exec $(BIN)/python scripts/lint.py

format: setup-dev ## Rewrite Python and templates in the project's style
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format --quiet .
	@find templates -name '*.html' -exec $(BIN)/djade --target-version 5.2 {} + || true

bench: setup-dev ## Figures, as ratios against going straight to the model server
	@exec $(BIN)/python -m bench $(ARGS)

messages: setup-dev ## Collect translatable texts into locale/ (needs GNU gettext)
	@$(BIN)/python manage.py makemessages --all --ignore '.venv/*' --no-obsolete

requirements: setup-dev ## Resolve pyproject.toml anew and pin every hash; UPGRADE=1 takes newer versions
	@$(BIN)/python scripts/compile_requirements.py $(if $(UPGRADE),--upgrade)

clean: ## Remove the virtual environment, caches and collected files; data/ stays
	@rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache staticfiles test-results
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
