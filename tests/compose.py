"""docker-compose.yml and .env.example as the tests read them."""

import re
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).resolve().parent.parent
LINE: Final = re.compile(r"#?([A-Z][A-Z0-9_]*)=(.*)")


def composed() -> dict[str, Any]:
    """Return docker-compose.yml, its anchors resolved."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return loaded


def services() -> dict[str, dict[str, Any]]:
    """Return the services by name."""
    found: dict[str, dict[str, Any]] = composed()["services"]
    return found


def own_services() -> dict[str, dict[str, Any]]:
    """Return the services that run Mindory's own image."""
    return {name: service for name, service in services().items() if service["image"] == "mindory"}


def command(name: str) -> list[str]:
    """Return the command of a service as a list of words."""
    return [str(word) for word in services()[name]["command"]]


def example() -> dict[str, str]:
    """Return every variable of .env.example, those that are commented out too."""
    return dict(_lines(commented=True))


def example_given() -> dict[str, str]:
    """Return the variables that a copy of .env.example sets."""
    return dict(_lines(commented=False))


def _lines(*, commented: bool) -> list[tuple[str, str]]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    found = (LINE.fullmatch(line) for line in lines if commented or not line.startswith("#"))
    return [(match[1], match[2].strip('"')) for match in found if match]


def environment(name: str, given: dict[str, str]) -> dict[str, str]:
    """Return the environment of a service, with ${NAME} filled in from `given`, as docker compose does."""
    named = services()[name].get("environment", {})
    filled = {
        key: re.sub(r"\$\{(\w+)(?::\?[^}]*)?\}", lambda hole: given[hole[1]], str(text)) for key, text in named.items()
    }
    return {**given, **filled}
