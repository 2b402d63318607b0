# GovShare: what people run. `make help` lists it. Needs make and Python 3.11, 3.12 or 3.13; the rest comes into .venv.

PYTHON ?= python3
PORT ?= 4566
STACK ?= ministack
ENVIRONMENT ?= staging
ARCHITECTURE ?= arm64

# Lambda's runtime has these, beside its boto3; a layer's newer botocore would shadow the one that boto3 was made for.
IN_RUNTIME := botocore urllib3 python-dateutil six

BIN := .venv/bin
READY := .venv/.ready
INTEROP := tests/interop/node
PYTEST := $(BIN)/python -m pytest
UV_VERSION := $(shell awk '/^name = "uv"$$/ { getline; gsub(/version = |"/, ""); print }' uv.lock)
SAM := SAM_CLI_TELEMETRY=0 ARCHITECTURE=$(ARCHITECTURE) $(BIN)/uvx --python $(BIN)/python --from aws-sam-cli==1.170.0 sam

export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := true
unexport PYTHONPATH VIRTUAL_ENV

.DEFAULT_GOAL := help
.PHONY: up down demo check test test-e2e coverage test-long bench build deploy golden help

up: $(READY)  ## start the stack on this machine (PORT=4566, STACK=ministack or localstack)
	@$(BIN)/python -m infra.local up --port $(PORT) --stack $(STACK)

down:  ## stop it and leave nothing behind but .venv
	@test ! -x $(BIN)/python || $(BIN)/python -m infra.local down

demo: $(READY)  ## play one story over the HTTP API of the running stack
	@$(BIN)/python -m tools.demo

check: $(READY)  ## lint, types, imports, templates, and the promises between files
	$(BIN)/ruff check && $(BIN)/ruff format --check && $(BIN)/mypy && $(BIN)/lint-imports && $(BIN)/cfn-lint infra/data.yaml template.yaml
	$(PYTEST) -q tests/repository tests/contract

test: $(READY)  ## unit, integration and end-to-end tests, on an emulator of their own
	$(PYTEST) --quiet --numprocesses 2 --dist loadfile tests/unit tests/integration tests/e2e

test-e2e: $(READY)  ## end-to-end tests against AWS_ENDPOINT_URL
	$(PYTEST) tests/e2e

coverage: $(READY)  ## which lines of services/ the tests in memory reach; at least 90 % of the branches
	$(PYTEST) --quiet --numprocesses 2 --dist loadfile --cov --cov-report=term:skip-covered --cov-fail-under=90 tests/unit tests/integration

test-long: $(READY)  ## the same rules with many more examples, and a flood of events through dying functions
	$(PYTEST) tests/unit tests/integration tests/long --hypothesis-profile=long

bench: $(READY)  ## measure, and write docs/benchmarks.md
	$(PYTEST) -s tests/bench

build: $(READY) infra/dependencies/requirements.txt  ## the artifact for AWS, under .aws-sam (ARCHITECTURE=arm64 or x86_64)
	$(SAM) build --parameter-overrides Architecture=$(ARCHITECTURE)

deploy: build  ## deploy to AWS with your own credentials (ENVIRONMENT=staging or production)
	$(SAM) deploy --config-env $(ENVIRONMENT)

golden: $(READY)  ## rewrite the committed public contracts; review the diff
	GOLDEN=rewrite $(PYTEST) -q tests/contract

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

infra/dependencies/requirements.txt: uv.lock | $(READY)
	@$(BIN)/uv export --quiet --frozen --no-dev --no-emit-project --no-header $(IN_RUNTIME:%=--no-emit-package %) --output-file $@

$(READY): pyproject.toml uv.lock $(INTEROP)/package-lock.json
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { echo "GovShare needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1 | tail -1). Name another: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) came without venv. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@echo "making .venv from uv.lock"
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	@! command -v npm >/dev/null || npm ci --silent --no-audit --no-fund --ignore-scripts --prefix $(INTEROP) || echo "npm could not install $(INTEROP); its verifier will not be asked" >&2
	@$(BIN)/uv sync --quiet --frozen --python $(BIN)/python && touch $@
