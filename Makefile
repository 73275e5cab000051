# Two commands matter: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
UV := .uv/bin/uv
UV_PACKAGE := --quiet --disable-pip-version-check uv==0.13.9
export UV_PYTHON_DOWNLOADS := never

.PHONY: run ocr test check screenshots fix lock browser clean

# Settings come from the environment; a file .env (see .env.example) is read into it first.
run: .venv/.run
	@set -a; if [ -f .env ]; then . ./.env; fi; exec $(BIN)/python -m mindory_web.embedded.up

# Text recognition for scanned books: about 230 MB more, with its models; nothing is fetched when it runs.
ocr: .venv/.run
	@if ! test -e .venv/.dev; then VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements-ocr.lock; fi
	@touch .venv/.ocr
	@echo "Text recognition is installed. Start Mindory again, then have your scanned books read again."

test: .venv/.dev browser
	@$(BIN)/python -m tests.run

check: .venv/.dev
	@$(BIN)/python -m tests.run check

browser: .venv/.dev
	@$(BIN)/python -m tests.browser

# The pictures of README and docs, taken anew from our own books.
screenshots: .venv/.dev browser
	@$(BIN)/python -m tests.e2e.pictures docs/screens

fix: .venv/.dev
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(UV)
	$(UV) pip compile --universal --generate-hashes --quiet --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile --universal --generate-hashes --quiet --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	$(UV) pip compile --universal --generate-hashes --quiet --no-header pyproject.toml --extra ocr -c requirements-dev.lock -o requirements-ocr.lock

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Mindory needs Python 3.11 or newer; this is %d.%d. Install it or say PYTHON=python3.12." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@if $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null; then $(PYTHON) -m venv .uv; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get -qq update && apt-get -qq install -y python3-venv >/dev/null; \
	then $(PYTHON) -m venv .uv; \
	elif $(PYTHON) -m pip --version >/dev/null 2>&1 && $(PYTHON) -m venv --without-pip .uv 2>/dev/null; \
	then $(PYTHON) -m pip --python .uv/bin/python install $(UV_PACKAGE); \
	elif command -v uv >/dev/null; then mkdir -p .uv/bin && ln -sf "$$(command -v uv)" $(UV); \
	else echo "Mindory needs pip or venv to install its packages: sudo apt install python3-venv" >&2; exit 1; fi
	@test -x $(UV) || .uv/bin/python -m pip install $(UV_PACKAGE)

.venv/.run: requirements.lock | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@if test -e .venv/.dev; then $(MAKE) --no-print-directory .venv/.dev; \
	elif test -e .venv/.ocr; then VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements-ocr.lock; \
	else VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements.lock; fi
	@touch $@

.venv/.dev: requirements-dev.lock | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv .uv build staticfiles
