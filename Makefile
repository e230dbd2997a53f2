PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# Usable: at least 3.11, and with the pip that some systems leave out of a virtual environment.
USABLE := import sys, pip; sys.exit(sys.version_info < (3, 11))
RECENT := import sys; sys.exit(sys.version_info < (3, 11))

# Install a lock file when its digest is not the one installed last.
define install
@digest=$$(cksum < $(1)); \
if [ "$$(cat $(VENV)/$(1).installed 2>/dev/null)" != "$$digest" ]; then \
	echo "Installing $(1) into $(VENV): a minute the first time." >&2; \
	$(BIN)/python -m pip install -qq --disable-pip-version-check -r $(1) && echo "$$digest" > $(VENV)/$(1).installed; \
fi
endef

# On standard error it says of every nosec which of its tests it did not need; what it finds stands on the other.
BANDIT := $(BIN)/bandit --quiet --recursive --severity-level medium --configfile pyproject.toml service bench supply data

.PHONY: help run test lint shape audit licences sbom clients fuzz bench bench-compare bench-parts bench-projections bench-growth openapi promise schema keep-book release clean venv packages packages-dev

help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: packages ## start the service with its demonstration data at http://127.0.0.1:8000; Ctrl-C stops it
	@exec $(BIN)/python -m service run

# A process for each core up to four, each with a PostgreSQL of its own; a file's tests stay in one process, for what they share, and the files
# are begun in the order that tests/conftest.py gives them.
test: packages-dev ## run every test
	@PYTHONDONTWRITEBYTECODE= exec $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: packages-dev ## check style, types, security and licences
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@$(BANDIT) 2>/dev/null || $(BANDIT)
	$(BIN)/python supply/licences.py
	$(BIN)/python supply/audit.py --where-reachable

shape: packages-dev ## measure how the code is laid out, beside the goals; a fault where something asks what lies above it
	@PYTHONPATH=. $(BIN)/python supply/shape.py

audit: packages-dev ## ask whether any package is known to be vulnerable; a fault where nobody answers
	$(BIN)/python supply/audit.py

licences: packages-dev ## write what licences we ship: docs/licences.md
	$(BIN)/python supply/licences.py --write

sbom: packages-dev ## write what the service is made of, as CycloneDX: sbom.json
	$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --spec-version 1.6 --output-reproducible --validate \
		--output-format JSON --output-file sbom.json.new
	@mv sbom.json.new sbom.json

clients: packages-dev ## make the clients of openapi-generator, Python and Java, and let each call the service: minutes; needs javac
	$(call install,requirements-clients.txt)
	@exec $(BIN)/python -m pytest tests/clients/generated.py $(ARGS)

fuzz: packages-dev ## ask the whole service by chance against its contract: CASES=20000 SEED=1, some ten minutes
	@exec $(BIN)/python -m pytest tests/fuzz.py $(ARGS)

# What (c) is built of comes with bench alone; nothing else here needs it.
bench: venv ## measure the service beside its floors and its rival on seeded books: SIZES="100000 1000000 10000000", over an hour
	$(call install,requirements-bench.txt)
	@SIZES="$(SIZES)" $(BIN)/python -m bench --write

bench-compare: packages ## is this tree slower than BASE=<commit>? processor time of each question, ROUNDS=20: some ten minutes
	@test -n "$(BASE)" || { echo "Which commit? make bench-compare BASE=<commit>" >&2; exit 2; }
	@exec $(BIN)/python -m bench.compare --write --rounds $(or $(ROUNDS),20) "$(BASE)" $(ARGS)

bench-parts: packages ## measure the access log, exports and loading, each more closely: some eight minutes
	@$(BIN)/python -m bench.accesses
	@$(BIN)/python bench/exporting.py
	@$(BIN)/python bench/loading.py

bench-growth: packages ## how a book grows by a million records and as many corrections, and what vacuum and reindex give back: some minutes
	@$(BIN)/python -m bench.growth $(ARGS)

bench-projections: packages ## how often real years ended inside their projection's 80 per cent interval: half a minute
	@$(BIN)/python bench/projections.py $(ARGS)

openapi: packages ## write the contract from the code: openapi/openapi.yaml
	$(BIN)/python -m service openapi > openapi/openapi.yaml.new
	@mv openapi/openapi.yaml.new openapi/openapi.yaml

promise: openapi ## promise callers the contract as it now is: openapi/released.yaml, which only a new major version may break
	cp openapi/openapi.yaml openapi/released.yaml

schema: packages ## write the schema the migrations make, service/store/schema.sql, and list new migrations with their SHA-256
	$(BIN)/python -m service.store.migrations service/store/schema.sql

# With the oldest PostgreSQL that is supported, where this machine has it: every later one restores what that wrote.
KEPT = tests/upgrades/$(VERSION)
OLDEST = /usr/lib/postgresql/15/bin
keep-book: packages ## keep a released version for tests of upgrading from it, at its tag: VERSION=0.9.0
	@test -n "$(VERSION)" && test ! -e $(KEPT)/book.sql.gz || { echo "Say which version, once: make keep-book VERSION=0.9.0" >&2; exit 1; }
	$(if $(wildcard $(OLDEST)/postgres),PG_BINDIR=$(OLDEST)) $(BIN)/python tests/upgrades/keep_book.py $(KEPT)
	git archive --format=tar.gz --prefix=crimebook-$(VERSION)/ --output=$(KEPT)/source.tar.gz HEAD service requirements.txt pyproject.toml

release: packages ## release (python -m service release)
	@exec $(BIN)/python -m service release

clean: ## remove the virtual environment and caches; the data in .local stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@if $(BIN)/python -c '$(USABLE)' 2>/dev/null; then exit 0; fi; \
	for python in $(PYTHON) python3.11 python3.12 python3.13 python3.14; do \
		if $$python -c '$(RECENT)' 2>/dev/null; then exec $$python -m venv --clear $(VENV); fi; \
	done; \
	echo "Crimebook needs Python 3.11 or later, and $(PYTHON) is not: install it, or name one with make PYTHON=..." >&2; exit 1

packages: venv
	$(call install,requirements.txt)

packages-dev: venv
	$(call install,requirements-dev.txt)
