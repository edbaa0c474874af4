# What there is to do with the course. GNU make 3.81, which macOS has, is enough.

VENV := .venv
PYTHON := $(VENV)/bin/python
HEPML := $(PYTHON) -m hepml_course
LOCK := requirements.lock
EXTRAS := test,generate,instructor
LOCKED_EXTRAS := test generate instructor site
PYTHONS := python3.13 python3.12 python3.11 python3 python

# The versions that pyproject.toml allows, such as >=3.11,<3.14.
RANGE := $(shell sed -n 's/^requires-python *= *"\(.*\)".*/\1/p' pyproject.toml)
IN_RANGE := import re, sys; low, high = [tuple(map(int, v.split("."))) for v in re.findall("[0-9.]+", "$(RANGE)")]; \
	sys.exit(not low <= sys.version_info[:2] < high)

# uv from the PATH where there is one that runs, else our own.
UV := $(shell uv --version >/dev/null 2>&1 && echo uv || echo $(VENV)/bin/uv)
INSTALL = $(UV) pip install --quiet --python $(PYTHON) --compile-bytecode --constraints $(LOCK) --build-constraints $(LOCK)
export UV_PYTHON_DOWNLOADS := never

# The stamps carry the place of the clone: where it is moved, the environment is put right.
HERE := $(shell pwd | cksum | cut -d ' ' -f 1)
READY := $(VENV)/.ready-$(HERE)
READY_TO_TEST := $(VENV)/.ready-to-test-$(HERE)

.PHONY: help env lab test run build data lock
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F '|' '{ printf "%-14s %s\n", $$1, $$2 }'

env: $(READY) ## make .venv with the versions in requirements.lock

lab: $(READY) ## open the course in JupyterLab
	@$(HEPML) lab

test: $(READY_TO_TEST) ## run every test, over every notebook, too
	@$(PYTHON) -m pytest

run: $(READY) ## execute every notebook, with time and memory
	@$(HEPML) run

build: $(READY) ## make notebooks, exercises, solutions and tables from lessons/
	@$(HEPML) build

data: $(READY_TO_TEST) ## generate the datasets again, from their seeds
	@$(HEPML) data make

lock: $(READY) ## write requirements.lock; with UPGRADE=--upgrade to newer versions
	@printf 'editables\nhatchling\nuv\n' | $(UV) pip compile --quiet --universal --generate-hashes \
		--no-emit-index-url --no-header $(UPGRADE) $(addprefix --extra ,$(LOCKED_EXTRAS)) \
		--output-file $(LOCK) pyproject.toml -

$(READY): $(PYTHON) $(filter $(VENV)/%,$(UV)) pyproject.toml $(LOCK)
	@echo 'Installing the course into $(VENV), a minute or two the first time.'
	@$(INSTALL) --editable .
	@$(PYTHON) -m ipykernel install --sys-prefix --name python3 >/dev/null
	@touch $@

$(READY_TO_TEST): $(READY)
	@echo 'Installing what tests, generation and grading need.'
	@$(INSTALL) --editable '.[$(EXTRAS)]'
	@touch $@

# Also where the Python behind it has gone away: its link then points nowhere.
$(PYTHON):
	@for python in $(PYTHONS) ""; do \
		"$$python" -c '$(IN_RANGE)' >/dev/null 2>&1 && break; \
	done; \
	[ -n "$$python" ] || python=$$($(UV) python find '$(RANGE)' 2>/dev/null) || { \
		echo 'The course needs Python $(RANGE), and there is none on the PATH: install one, then try again.' >&2; exit 1; }; \
	rm -rf $(VENV); \
	if [ $(UV) = uv ]; then uv venv --quiet --python "$$python" $(VENV); \
	else "$$python" -m venv $(VENV); fi || { rm -rf $(VENV); exit 1; }

$(VENV)/bin/uv: $(PYTHON) $(LOCK)
	@$(PYTHON) -m pip --version >/dev/null 2>&1 || $(PYTHON) -m ensurepip >/dev/null
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --constraint $(LOCK) uv
	@touch $@
