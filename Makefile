# make lab     the notebook in JupyterLab     SOURCE=<folder> PORT=8888 NO_BROWSER=1
# make report  the notebook as one HTML file  SOURCE=<folder>
# make test    lint, types, all tests         LIVE=1 also those that start daemons (root)
PYTHON ?= python3
PORT ?= 8888
SOURCE ?=
NO_BROWSER ?=
BIN := .venv/bin
MADE := .venv/.made

.PHONY: lab report test lint types environment browser node notebook clean

environment: $(MADE)

$(MADE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "linuxhunt needs Python 3.11 or later; give one with: make PYTHON=<path>" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
	  echo "this Python cannot make environments; on Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,kqlmagic]'
	@touch $@

lab: $(MADE)
	$(BIN)/linuxhunt lab $(if $(SOURCE),'$(SOURCE)') --port $(PORT) $(if $(NO_BROWSER),--no-browser)

report: $(MADE)
	$(BIN)/linuxhunt report $(if $(SOURCE),'$(SOURCE)') -o report.html

test: $(MADE) browser node lint types
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile --ignore tests/live
	$(BIN)/python -m pytest tests/live

lint: $(MADE)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(MADE)
	$(BIN)/mypy

browser:
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null; \
	else \
	  echo "the tests need a Chromium on PATH; on Debian: apt-get install chromium" >&2; exit 1; \
	fi

node:
	@command -v node >/dev/null && command -v npm >/dev/null && exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends nodejs npm >/dev/null; \
	else \
	  echo "the tests need node and npm on PATH, for Microsoft's parser of KQL; on Debian: apt-get install npm" >&2; exit 1; \
	fi

notebook: $(MADE)
	$(BIN)/jupytext --to ipynb --update notebooks/linux_host_explorer.py

clean:
	rm -rf .venv report.html
