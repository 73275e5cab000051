"""Find a browser for the end-to-end tests, or install one: `python -m tests.browser` prints its path.

An installed Chromium or Chrome first, then Debian's as root, then Playwright's own download.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
DEBIAN = ["chromium", "fonts-noto-cjk"]


def installed() -> str | None:
    """Return the path of a browser that is on this machine."""
    if named := os.environ.get("MINDORY_TEST_BROWSER"):
        return named
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    return found or (str(MAC) if MAC.exists() else None) or _playwrights_own()


def install() -> str | None:
    """Install a browser in the way this machine allows, and return its path."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN], check=False, **quiet)  # type: ignore[call-overload]
    if not installed():
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    return installed()


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright  # starts a driver: only when nothing else was found

    with sync_playwright() as driver:
        path = driver.chromium.executable_path
    return path if Path(path).exists() else None


if __name__ == "__main__":
    path = installed() or install()
    if not path:
        sys.exit("The end-to-end tests need Chromium: install it, or set MINDORY_TEST_BROWSER to its path.")
    print(f"browser: {path}")
