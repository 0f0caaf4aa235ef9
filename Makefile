# Every target is one line that calls a standard tool or course_lib.teach; `make` alone lists them.
# PYTHON=python3.12 names the Python that .venv is made from; for PyTorch's small CPU wheels put
# PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu before the command.
PYTHON ?= python3

BIN := .venv/bin
TEACH := $(BIN)/python -m course_lib.teach
PIP_INSTALL := $(BIN)/python -m pip install -c constraints.txt
# Two workers of one thread each; what shares fixtures stays together (tests/conftest.py).
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadgroup

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup lab doctor submit reset progress check test test-all lint notebooks bundle grade class bench claims

help:
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: .venv/.student  ## make .venv and install the course into it

lab: setup  ## copy new labs into work/ and open JupyterLab
	$(TEACH) lab

doctor: setup  ## what is wrong with this machine and how to mend it [LECTURE=01: demos too]
	$(TEACH) doctor $(if $(LECTURE),--lecture $(LECTURE))

submit: setup  ## write the hand-in file of LAB=lab01_rl_nas [MINUTES=yes: tell how long it took]
	$(TEACH) submit $(LAB) $(if $(MINUTES),--with-minutes)

reset: setup  ## bring back one exercise: LAB=lab01_rl_nas EXERCISE=decode
	$(TEACH) reset $(LAB) $(EXERCISE)

progress: setup  ## what you have attempted and passed so far
	$(TEACH) progress

check: lint  ## the two-minute part of the tests, before every commit
	$(PYTEST) -m "not slow and not browser and not notebooks"

test: lint  ## style, types, layers, drift, laws; notebooks and grading where something changed
	$(TEACH) build --check
	$(PYTEST)

test-all: export COURSE_TEST_ALL = 1
test-all: test  ## the same, and what is proven is executed again too

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

notebooks: setup  ## build every notebook from its source
	$(TEACH) build

bundle: setup  ## the student's zip, without answers
	$(TEACH) bundle

grade: setup  ## grade the submissions of LAB=lab01_rl_nas [DASK=tcp://host:8786: on its workers]
	$(TEACH) grade $(LAB) $(if $(DASK),--dask $(DASK))

class: .venv/.dev  ## make up 200 hand-ins of LAB=lab01_rl_nas, grade them and compare every score
	$(BIN)/python -m tests.classes $(LAB)

bench: .venv/.dev  ## measure speed and memory against peers
	$(BIN)/python -m bench

claims: .venv/.dev  ## test the deck's claims on our own runs
	$(BIN)/python -m claims

.venv/.student: .venv/bin/python pyproject.toml constraints.txt
	$(PIP_INSTALL) -e .
	@touch $@

.venv/.dev: .venv/.student
	$(PIP_INSTALL) -e ".[dev]"
	@touch $@

.venv/bin/python:
	@{ $(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" && $(PYTHON) -m venv .venv; } || { rm -rf .venv; echo "The course needs Python 3.11 or newer with venv, and $(PYTHON) is not that. If another Python is: make PYTHON=python3.12 $(MAKECMDGOALS). On Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
