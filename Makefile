# The commands of this project; continuous integration calls the same ones. `make help` lists them.

# Which Python to take; empty means the best at hand (scripts/make_environment.sh).
PYTHON ?=
# For the tests; `auto` goes by cores and memory (tests/support/workers.py).
WORKERS ?= auto
ARGS ?=

VENV := .venv
PY := $(VENV)/bin/python
RUNTIME_READY := $(VENV)/.runtime-ready
DEV_READY := $(VENV)/.dev-ready
NODE_READY := node_modules/.package-lock.json

# --no-input: a mirror that asks for a password must fail, not wait for ever.
PIP_INSTALL := $(PY) -m pip install --quiet --no-input --disable-pip-version-check --require-hashes
LOCK_VENV := build/lock-venv
LOCK := $(LOCK_VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z][a-z0-9-]*\):.*## \(.*\)$$/\1\t\2/p' $(firstword $(MAKEFILE_LIST)) | \
		while IFS="$$(printf '\t')" read -r target text; do printf '  make %-10s %s\n' "$$target" "$$text"; done

# --- environment

$(PY):
	@scripts/make_environment.sh "$(PYTHON)" $(VENV)

$(RUNTIME_READY): requirements/runtime.txt scripts/link_project.py | $(PY)
	@echo "Installing what the provider needs (once) ..."
	@$(PIP_INSTALL) -r requirements/runtime.txt
	@$(PY) scripts/link_project.py
	@touch $@

# dev.txt holds everything of runtime.txt at the same versions, so both are ready afterwards.
$(DEV_READY): requirements/dev.txt requirements/runtime.txt scripts/link_project.py | $(PY)
	@echo "Installing what the tests need (once) ..."
	@$(PIP_INSTALL) -r requirements/dev.txt
	@$(PY) scripts/link_project.py
	@touch $(RUNTIME_READY) $@

.PHONY: setup
setup: $(DEV_READY) ## make .venv with everything for running and testing

.PHONY: pkcs11
pkcs11: $(RUNTIME_READY) ## add what a key in a hardware security module needs (optional)
	@$(PIP_INSTALL) -r requirements/pkcs11.txt

$(NODE_READY): package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

.PHONY: node
node: $(NODE_READY) ## install the Node packages of the tests (needs npm; optional)

# --- running

.PHONY: run
run: $(RUNTIME_READY) ## serve the provider, two demo portals and a card reader on this machine
	@exec $(PY) -m demo.run $(ARGS)

.PHONY: migrate
migrate: $(RUNTIME_READY) ## bring the database of the configuration up to date
	@$(VENV)/bin/idp migrate $(ARGS)

.PHONY: seed
seed: $(RUNTIME_READY) ## fill the database of the configuration with made-up demo people
	@$(VENV)/bin/idp seed $(or $(ARGS),demo/seed.yaml)

.PHONY: pictures
pictures: $(DEV_READY) ## take the pictures of the pages anew (needs Chromium)
	@$(PY) scripts/gallery.py $(ARGS)

.PHONY: bench-legacy
bench-legacy: $(DEV_READY) ## measure matching older accounts, and with DATA=folder bringing their files in
	@$(PY) -m bench.legacy_match $(ARGS)
	@if [ -n "$(DATA)" ]; then $(PY) -m bench.legacy_import --data "$(DATA)"; fi

.PHONY: bench
bench: $(DEV_READY) ## measure the shipped configuration
	@$(PY) -m bench $(ARGS)

# --- checking

# worksteal: a page test takes a thousand times as long as a parser test, so no split made beforehand
# is even; and unlike `load` it leaves neighbours together, so that a module's fixtures are made once.
# The tests start some hundred processes of ours: each would compile every module anew without bytecode.
.PHONY: test
test: $(DEV_READY) ## run all tests
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: lint
lint: $(DEV_READY) ## check format, style, templates, spelling, layers and types
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m djlint --lint --quiet $(wildcard idp/web/templates admin/templates demo)
	$(PY) -m codespell_lib
	$(VENV)/bin/lint-imports
	$(PY) -m mypy

.PHONY: format
format: $(DEV_READY) ## put the code into its format
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

.PHONY: types
types: $(DEV_READY) ## check the types
	$(PY) -m mypy

.PHONY: layers
layers: $(DEV_READY) ## check that no floor imports upwards
	$(VENV)/bin/lint-imports

.PHONY: i18n
i18n: $(DEV_READY) ## collect the texts, update the catalogues and compile them
	@$(PY) scripts/translations.py

# --- keeping

# uv works out the versions, in an environment of its own: it is no dependency of this project.
$(LOCK_VENV)/bin/uv: | $(PY)
	@$(PY) -m venv $(LOCK_VENV)
	@$(LOCK_VENV)/bin/pip install --quiet --no-input --disable-pip-version-check uv

.PHONY: lock
lock: | $(LOCK_VENV)/bin/uv ## work out the pinned, hashed requirements anew (ARGS=--upgrade: take newer versions)
	UV_PYTHON_DOWNLOADS=never $(LOCK) -p $(PY) requirements/runtime.in -o requirements/runtime.txt $(ARGS)
	UV_PYTHON_DOWNLOADS=never $(LOCK) -p $(PY) requirements/pkcs11.in -c requirements/runtime.txt -o requirements/pkcs11.txt $(ARGS)
	UV_PYTHON_DOWNLOADS=never $(LOCK) -p $(PY) requirements/dev.in -c requirements/runtime.txt -o requirements/dev.txt $(ARGS)

.PHONY: clean
clean: ## remove the environment and everything that was built (data under var/ stays)
	rm -rf $(VENV) build node_modules .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
