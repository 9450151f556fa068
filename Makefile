# The kit sets itself up in .venv on first use; every later call finds it ready.
BIN := .venv/bin
READY := .venv/.ready
LAB := .venv/.lab
PYTEST = -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
TESTS = $(BIN)/python $(PYTEST)
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
    $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)

.DEFAULT_GOAL := help
.PHONY: help validation report test slow lab lint setup bench fuzz faults mutants coverage audit pins clean

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

report: $(READY) ## Run every notebook for every sample shop; writes runs/index.html
	$(BIN)/clv batch data/samples/shops.yml --out runs

test: $(READY) $(LAB) ## Run the checks and the quick tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(TESTS) -m "not slow"

slow: $(READY) $(LAB) ## Run the tests that run notebooks, browsers, servers, faults and long simulations
	$(TESTS) -m slow

lab: $(LAB) ## Open JupyterLab with the notebooks ready to run
	$(BIN)/jupyter lab --LabApp.news_url=None \
	    --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate $(if $(filter 0,$(shell id -u)),--allow-root) --notebook-dir . notebooks/01_orders.ipynb

lint: $(READY) ## Mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

setup: $(READY) ## Teach this clone's git to compare notebooks by cells and to commit them without outputs
	sh .ci/git_notebooks.sh $(BIN)

bench: .venv-bench/.ready ## Time the kit beside what one would use instead; writes benchmarks/results.md (an hour)
	for script in imports fit score orders databases batch schemes recall_plan; do .venv-bench/bin/python benchmarks/$$script.py; done

validation: $(READY) ## Hold the models against papers, simulated and real shops; writes docs/validation.md (half an hour)
	PYTHONPATH=tests $(BIN)/python -m validation

fuzz: $(READY) ## Fuzz what reads files, a minute a target (Linux): make fuzz TARGET=money SECONDS=600
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[fuzz]'
	PYTHONPATH=tests $(BIN)/python -m fuzz $(or $(TARGET),all) --seconds $(or $(SECONDS),60) --corpus runs/fuzz

faults: $(READY) ## Kill batches at random moments, compare what the next run makes (Linux, half an hour): make faults TIMES=100
	PYTHONPATH=tests $(BIN)/python -m faults kill --times $(or $(TIMES),100)

mutants: $(READY) ## Break the models, money, its reading and hidden days, see what the tests notice (hours): make mutants PART=2/12 ONLY=holdout.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,mutants]'
	PYTHONPATH=tests $(BIN)/python -m mutants --part $(or $(PART),1/1) $(if $(ONLY),--only $(foreach one,$(ONLY),'$(one)'))

coverage: $(READY) $(LAB) ## Lines and branches that the quick tests reach; fails below 95 %
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[coverage]'
	$(BIN)/coverage erase
	$(BIN)/coverage run $(PYTEST) -m "not slow" --ignore tests/test_stopped.py # SIGTERM, to which coverage listens itself
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=95

audit: $(READY) ## Look every pinned version up in a database of known vulnerabilities; says so where none answers
	test -x .venv-audit/bin/pip-audit || { $(PYTHON) -m venv .venv-audit && .venv-audit/bin/python -m pip install --quiet --disable-pip-version-check pip-audit; }
	$(BIN)/python .ci/audit.py .venv-audit/bin/pip-audit

pins: $(READY) ## Renew constraints.txt (with python3.11, 3.12 and 3.13 at hand)
	$(BIN)/python .ci/pin.py python3.11 python3.12 python3.13
	$(BIN)/python .ci/licences.py

clean: ## Remove the environment and the runs
	rm -rf .venv .venv-audit .venv-bench runs

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo 'clv needs Python 3.11, 3.12 or 3.13; none is on the PATH. Install one, or say: make PYTHON=/path/to/python'; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test]'
	@touch $@

$(LAB): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[lab]'
	@touch $@

# The peers are optional: without them their rows say so, so a failed installation of theirs stops nothing.
.venv-bench/.ready: pyproject.toml constraints.txt benchmarks/peers.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[postgres]'
	-.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --requirement benchmarks/peers.txt
	@touch $@
