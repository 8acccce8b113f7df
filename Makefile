.DEFAULT_GOAL := help
# The faster one of the machine's interpreters, unless it is named.
PYTHON ?= $(shell sh deploy/choose_python.sh)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
STATE ?= .parterre
T ?=

.PHONY: help run demo test verify bench soak rules reset token setup lint types arch check-proto proto breaking unit rpc integration e2e faults lock

help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9 -]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Start the whole suite on this machine, and say what to try next
	@$(BIN)/python -m deploy.local run --state $(STATE)

demo: setup ## Sell tickets through the public calls and tell the story
	@$(BIN)/python -m deploy.demo --state $(STATE)

test: lint types arch check-proto ## Everything that CI runs: style, types, imports, contracts, all tests
	$(BIN)/pytest -n 2 --dist loadgroup $(T)

verify: setup ## Check the invariants on the running suite, one line each
	@$(BIN)/python -m deploy.verify --state $(STATE)

bench: setup ## Measure the suite against the bare echo of this machine
	@$(BIN)/python -m tests.load.bench; paths=$$?; $(BIN)/python -m tests.load.programme_load && exit $$paths

soak: setup ## Run the full counts of the acceptance lines; SEED=n replays
	@$(BIN)/python -m tests.load.soak $(if $(SEED),--seed $(SEED))

rules: setup ## Show which tests prove which rule of the terms
	@$(BIN)/python -m tests.rules

reset: setup ## Wipe the state of the local suite
	@$(BIN)/python -m deploy.local reset --state $(STATE)

token: setup ## Mint a token: make token ROLE=account, or a staff role with CINEMAS=1818,1806 or CINEMAS='*'
	@$(BIN)/python -m deploy.local token $(ROLE) --state $(STATE) $(if $(CINEMAS),--cinemas '$(CINEMAS)') $(if $(SUBJECT),--subject $(SUBJECT))

setup: $(READY) ## Make the virtual environment from the lock (done by the others as needed)

$(READY): requirements.lock pyproject.toml
	@python=$(PYTHON); $$python -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Parterre needs Python 3.11 or newer; name one with PYTHON=python3.11")' && \
	  echo "Installing what the lock names into $(VENV) ..." && $$python -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

lint: setup ## Check style: ruff, buf
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	cd protos && ../$(BIN)/buf lint && ../$(BIN)/buf format -d --exit-code

types: setup ## Check types
	$(BIN)/mypy services deploy tests

arch: setup ## Check which way imports point
	$(BIN)/lint-imports

check-proto: proto breaking ## Check that the generated code is the contracts' and that none of them breaks
	@test -z "$$(git status --porcelain protos/gen)" || { git status --short protos/gen; echo "protos/gen is not what the contracts generate: commit it"; exit 1; }

proto: setup ## Regenerate protos/gen from protos/
	@rm -rf $(VENV)/gen && mkdir -p $(VENV)/gen
	@cd protos && out=../$(VENV)/gen && PATH="$(CURDIR)/$(BIN):$$PATH" python -m grpc_tools.protoc -I . -I third_party \
	  --python_out=$$out --mypy_out=quiet:$$out --grpc_python_out=$$out --mypy_grpc_out=quiet:$$out \
	  $$(find cinema -name '*.proto' | sort) buf/validate/validate.proto
	@diff -rq -x __pycache__ $(VENV)/gen protos/gen >/dev/null 2>&1 || { rm -rf protos/gen && cp -r $(VENV)/gen protos/gen; }

breaking: setup ## Check the contracts against those of protos/BASELINE
	@if git cat-file -e "$$(cat protos/BASELINE)^{commit}" 2>/dev/null; then \
	  cd protos && ../$(BIN)/buf breaking --against "../.git#ref=$$(cat BASELINE),subdir=protos"; \
	elif test "$$(git rev-parse --is-shallow-repository)" = true; then \
	  echo "This clone is shallow and lacks the baseline commit; breaking changes are not checked."; \
	else echo "protos/BASELINE names a commit that this repository does not have."; exit 1; fi

unit rpc integration e2e faults: setup ## Run one kind of test; T=booking for one service
	$(BIN)/pytest -n 2 --dist loadgroup tests/$@/$(T)

lock: setup ## Resolve the dependencies of pyproject.toml into requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --all-extras --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" --quiet pyproject.toml -o requirements.lock
