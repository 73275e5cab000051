# Two commands matter: `make run` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
UV := .uv/bin/uv
export UV_PYTHON_DOWNLOADS := never

.PHONY: run test check fix lock messages vendor clean browser unit e2e

run: .venv/.run
	@exec $(BIN)/python manage.py up

test: .venv/.dev browser
	@$(BIN)/python -m tests.run

check: .venv/.dev
	@$(BIN)/python -m tests.run check

browser: .venv/.dev
	@$(BIN)/python -m tests.browser

fix: .venv/.dev
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock: $(UV)
	$(UV) pip compile --universal --generate-hashes --quiet --no-header pyproject.toml -o requirements.lock
	$(UV) pip compile --universal --generate-hashes --quiet --no-header pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit("Mindory needs Python 3.11 or newer; this is %d.%d. Install it or say PYTHON=python3.12." % sys.version_info[:2] if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9

.venv/.run: requirements.lock | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@test -e .venv/.dev || VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements.lock
	@touch $@

.venv/.dev: requirements-dev.lock | $(UV)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) .venv
	@VIRTUAL_ENV=.venv $(UV) pip sync --quiet --require-hashes requirements-dev.lock
	@touch $@

clean:
	rm -rf .venv .uv build staticfiles
