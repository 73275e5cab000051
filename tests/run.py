"""What `make test` and `make check` run, in order, with one verdict at the end.

`python -m tests.run` runs all; `python -m tests.run check` the checks that need no server.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence

PYTHON = sys.executable
CHECKS: dict[str, Sequence[str]] = {
    "format": [PYTHON, "-m", "ruff", "format", "--check", "."],
    "lint": [PYTHON, "-m", "ruff", "check", "."],
    "types": [PYTHON, "-m", "mypy", "."],
    "rules": [PYTHON, "-m", "pytest", "-q", "tests/rules"],
}
# Browser tests run in a process of their own: Playwright's loop and pytest-asyncio's do not share one.
# Fault tests kill servers, and browser tests look at a whole Mindory: each file has servers of its own, or each worker.
TESTS: dict[str, Sequence[str]] = {
    "tests": [PYTHON, "-m", "pytest", "-q", "-n", "2", "-m", "not e2e and not faults", "--ignore=tests/rules"],
    "faults": [PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "faults"],
    "browser": [PYTHON, "-m", "pytest", "-q", "-n", "2", "--dist", "loadfile", "-m", "e2e"],
}


def run(steps: dict[str, Sequence[str]]) -> list[str]:
    """Run every step, whatever the others say, and return the names of those that failed."""
    failed = []
    for name, command in steps.items():
        print(f"\n=== {name}: {' '.join(command[1:])}", flush=True)
        begun = time.monotonic()
        code = subprocess.run(list(command), check=False).returncode
        print(
            f"=== {name}: {'ok' if code == 0 else f'FAILED ({code})'} in {time.monotonic() - begun:.0f} s", flush=True
        )
        if code:
            failed.append(name)
    return failed


def main() -> None:
    """Run the checks, and the tests unless only the checks were asked for."""
    steps = dict(CHECKS)
    if node := shutil.which("node"):
        steps["javascript"] = [PYTHON, "-m", "tests.js", node]
    if "check" not in sys.argv[1:]:
        steps |= TESTS
    failed = run(steps)
    sys.exit(f"failed: {', '.join(failed)}" if failed else 0)


if __name__ == "__main__":
    main()
