# make serve   the tutor on this machine, with the demo course (the first time takes a few minutes)
# make test    every check, as CI runs them
PYTHON ?= python3
ARGS ?=
DIOTIMA = .venv/bin/diotima

.PHONY: help serve test bench lock clean
help:
	@sed -n 's/^# //p' Makefile
	@echo "make bench   run the benchmarks and write docs/figures.md;  make lock   renew the lock files;  make clean   start afresh"

serve:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; there is no $(PYTHON) here. Debian, Ubuntu: sudo apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) .ci/environment.py requirements.lock
	@exec $(DIOTIMA) serve --demo $(ARGS)

test:
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed; there is no $(PYTHON) here. Debian, Ubuntu: sudo apt-get install python3 python3-venv"; exit 2; }
	@$(PYTHON) .ci/environment.py requirements-dev.lock
	@exec .venv/bin/python .ci/checks.py $(ARGS)

bench:
	@$(PYTHON) .ci/environment.py requirements-dev.lock
	@.venv/bin/python -m bench.figures $(ARGS)

lock:
	@$(PYTHON) .ci/environment.py requirements-dev.lock
	@command -v uv >/dev/null || { echo "make lock needs uv (https://docs.astral.sh/uv)"; exit 2; }
	uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --universal --python-version 3.11 --no-header pyproject.toml -o requirements.lock
	uv pip compile -q --generate-hashes --no-emit-index-url --no-emit-find-links --universal --python-version 3.11 --no-header --group dev pyproject.toml -o requirements-dev.lock

# Leaves data/ and the fetched models alone.
clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist tests/browser/node_modules
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
