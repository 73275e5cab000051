"""Run the JavaScript tests: `python -m tests.js NODE` (they need nothing but Node itself)."""

import subprocess
import sys
from pathlib import Path

tests = sorted(str(path) for path in Path(__file__).parent.glob("*.test.mjs"))
sys.exit(subprocess.run([sys.argv[1], "--test", *tests], check=False).returncode if tests else 0)
