# Ringbook: `make` prints what there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
PAPER := PROOF.md
VENV := .venv
BIN := $(VENV)/bin
LOCKFLAGS := --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links --quiet

.PHONY: help
help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-12s %s\n", $$1, $$2}'

$(VENV)/.base: requirements/base.txt pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/base.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.base requirements/dev.txt
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.PHONY: setup
setup: $(VENV)/.dev ## .venv with everything for work on Ringbook

.PHONY: lock
lock: ## pin the newest allowed packages again (needs uv)
	uv pip compile pyproject.toml --extra postgres --group build $(LOCKFLAGS) --upgrade -o requirements/base.txt
	uv pip compile pyproject.toml --extra mysql --extra postgres --extra s3 --group build --group dev --group s3-server \
		$(LOCKFLAGS) --upgrade -o requirements/dev.txt

.PHONY: demo
demo: $(VENV)/.base ## Ringbook on http://127.0.0.1:8080 with a PBX that keeps calling (PBX=asterisk: a real one)
ifeq ($(PBX),asterisk)
	@test "$$(id -u)" = 0 || { echo "make demo PBX=asterisk runs a real Asterisk and needs root"; exit 1; }
	@$(MAKE) --no-print-directory lab
	@PYTHONPATH=tests $(BIN)/ringbook demo --pbx asterisk
else
	@$(BIN)/ringbook demo
endif

.PHONY: lab
lab: $(VENV)/.dev ## what the tests need beside Python: packages, Chromium, the Asterisk folders (root)
	@PYTHONPATH=tests $(BIN)/python -m lab.install

.PHONY: format
format: $(VENV)/.dev ## put the code in its usual form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

.PHONY: catalogues
catalogues: $(VENV)/.dev ## bring the languages' texts (web/locales) up to date, and say which are missing
	PYTHONPATH=tests $(BIN)/python -m fixtures.catalogues

.PHONY: lint
lint: $(VENV)/.dev ## rules, types, contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests without database, browser or Asterisk (the link's talk to a fake one); `make test` runs all.
FAST := tests/pbx_bridge tests/recordings tests/storage/rules tests/web/listening \
	tests/web/test_logs.py tests/web/test_catalogues.py tests/web/test_page_list.py tests/web/test_marked_texts.py \
	tests/test_architecture.py

.PHONY: check
check: lint ## lint and the tests without database, browser or Asterisk
	$(BIN)/pytest -q -n 2 -m "not asterisk and not browser and not postgres and not prove and not root" $(FAST)

# What plays on an Asterisk waits most of its time, so it runs beside what computes.
.PHONY: test
test: lab lint ## everything, on real Asterisks, PostgreSQL and Chromium (root)
	@mkdir -p var; run="$(BIN)/pytest -n 2 --dist loadgroup --failed-to=var/failed"; \
	$$run-pbx.txt -m "asterisk and not prove" $(T) > var/test-pbx.log 2>&1 & pbx=$$!; \
	trap "kill $$pbx 2> /dev/null" EXIT; \
	$$run.txt -m "not asterisk and not prove" $(T); rest=$$?; \
	wait $$pbx; pbx=$$?; cat var/test-pbx.log; \
	case $$rest$$pbx in 00|05|50) ;; *) $(BIN)/python tests/second_looks.py var/failed.txt var/failed-pbx.txt;; esac

.PHONY: prove
prove: lab ## the long proofs, with N, failures and bounds, written to PROOF.md (T=path: a part, PAPER=file: elsewhere)
	@test -n "$(T)" || rm -f var/proofs.json  # all of it is proved anew; a part replaces its part
	@export RINGBOOK_PROVE=1; prove="$(BIN)/pytest -q --proof=$(PAPER) $(T)"; \
	$$prove -m "(bar or prove) and waits" & waits=$$!; \
	$$prove -n 2 --dist loadgroup -m "(bar or prove) and not alone and not waits"; side=$$?; \
	wait $$waits; waits=$$?; \
	$$prove -m "(bar or prove) and alone"; alone=$$?; \
	for code in $$side $$waits $$alone; do test $$code = 0 -o $$code = 5 || exit 1; done; \
	test $$side$$waits$$alone != 555

.PHONY: bench
bench: $(VENV)/.dev ## speed, each figure beside a floor measured in the same run
	$(BIN)/python -m bench

.PHONY: screenshots
screenshots: $(VENV)/.dev ## pictures of the running program for the docs
	PYTHONPATH=tests $(BIN)/python -m fixtures.screenshots docs/images
