# The same on every machine: find a Python, let it make .venv, run the target in there.
# GNU make 3.81, which macOS has, is enough.

PYTHONS := .venv/bin/python python3.13 python3.12 python3.11 python3 python
RANGE := $(shell sed -n 's/^requires-python *= *"\(.*\)".*/\1/p' pyproject.toml)
IN_RANGE := import re, sys; low, high = [[int(n) for n in v.split(".")] for v in re.findall("[0-9.]+", "$(RANGE)")]; \
	sys.exit(not low <= list(sys.version_info[:2]) < high)

export UV_PYTHON_DOWNLOADS := never

.PHONY: help env lab test run build bench data train lock
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F '|' '{ printf "%-11s %s\n", $$1, $$2 }'

env: ## make .venv with the versions in requirements.lock; ARGS=tracking adds that extra
lab: ## open the course in JupyterLab
test: ## run every test, over every notebook, too
run: ## execute every notebook, with time and memory
build: ## make notebooks, exercises, solutions and tables from lessons/
bench: ## measure speed, as ratios against peers
data: ## generate the datasets again, from their seeds
train: ## train the shipped models of a lesson again; ARGS=15 names it
lock: ## write requirements.lock; ARGS=--upgrade takes newer versions

env lab test run build bench data train lock:
	@for python in $(PYTHONS) "$$(uv python find '$(RANGE)' 2>/dev/null)"; do \
		if "$$python" -c '$(IN_RANGE)' >/dev/null 2>&1; then \
			exec "$$python" -m hepml_course.environment $@ $(ARGS); \
		fi; \
	done; \
	echo 'The course needs Python $(RANGE), and there is none on the PATH: install one, then try again.' >&2; exit 1
