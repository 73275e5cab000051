"""docker-compose.yml, .env.example and the settings say the same. No Docker is needed."""

import importlib.util
import os
import re
import secrets
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve

from mindory_web.embedded import site, web
from tests.compose import (
    ROOT,
    command,
    composed,
    environment,
    example,
    example_given,
    own_services,
    services,
)

READ = re.compile(r"""\.(?:text|flag|whole|choice|words|path)\(\s*["']([A-Z][A-Z0-9_]*)["']""")
COMPOSE_ONLY = {"POSTGRES_PASSWORD"}  # read by docker-compose.yml, not by us
PATH_IN_URL = re.compile(r"https?://localhost:\d+(/[^\s'\"]*)")


def names_read() -> set[str]:
    """Return every variable that our code reads."""
    sources = (
        path.read_text(encoding="utf-8") for top in ("mindory_web", "books") for path in (ROOT / top).rglob("*.py")
    )
    return {name for source in sources for name in READ.findall(source)}


def test_every_setting_stands_in_the_example_and_no_other() -> None:
    assert set(example()) == names_read() | COMPOSE_ONLY


def test_every_setting_of_the_example_has_a_sentence() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    for above, line in pairwise(lines):
        if re.match(r"#?[A-Z_]+=", line):
            assert re.match(r"# .*\.|#?[A-Z_]+=", above), line


def test_a_shell_and_docker_compose_read_the_example_alike() -> None:
    show = f"set -a; . {shlex.quote(str(ROOT / '.env.example'))}; env -0"
    done = subprocess.run(["sh", "-c", show], env={}, check=True, capture_output=True, text=True)
    told = dict(item.split("=", 1) for item in done.stdout.split("\0") if "=" in item)
    assert {name: told[name] for name in example_given()} == example_given()


@pytest.mark.parametrize("name", sorted(own_services()))
def test_every_variable_of_a_service_is_a_setting(name: str) -> None:
    assert set(services()[name]["environment"]) <= names_read()


def test_every_hole_in_the_file_is_a_variable_of_the_example() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", text)) <= set(example())


def test_every_process_of_make_run_has_a_service() -> None:
    assert set(own_services()) == {"prepare", "web", "ingest-worker", "reply-worker", "reaper", "embedder"}
    assert services()["web"]["deploy"]["replicas"] == 2


def test_the_commands_exist() -> None:
    words = [word for name in own_services() for word in command(name)]
    managed = re.findall(r"manage\.py (\w+)", " ".join(words))
    assert {"prepare", "prepare_model", "reply_worker", "reaper"} == set(managed)
    assert set(managed) <= set(get_commands())
    assert importlib.util.find_spec(command("embedder")[2]) is not None


def test_web_serves_our_application_with_the_limits_of_make_run() -> None:
    program, application, *options = command("web")
    assert program == "uvicorn"
    assert application.replace(":", ".") == settings.ASGI_APPLICATION
    assert f"--ws-max-size={web.LARGEST_FRAME}" in options
    assert {"--no-access-log", "--proxy-headers"} <= set(options)


def test_the_ingest_worker_is_that_of_make_run() -> None:
    said = {word for word in command("ingest-worker") if word.startswith("--")}
    assert {"--queues=mindory.ingest", "--pool=threads", "--app=mindory_web.celery"} <= said
    assert settings.CELERY_TASK_DEFAULT_QUEUE == "mindory.ingest"
    assert {word for word in site.INGEST if word.startswith("--without")} <= said


def test_health_checks_ask_addresses_that_exist() -> None:
    for name, service in services().items():
        for path in PATH_IN_URL.findall(" ".join(service.get("healthcheck", {}).get("test", []))):
            assert resolve(path).url_name == "health-ready", name
    assert {"web", "postgres", "redis", "embedder"} <= {
        name for name, one in services().items() if "healthcheck" in one
    }


def test_processes_find_each_other() -> None:
    given = environment("web", {"POSTGRES_PASSWORD": "x", "MINDORY_EMBEDDER_KEY": "y"})
    for name in ("DATABASE_URL", "REDIS_URL"):
        assert urlsplit(given[name]).hostname in services()
    host, port = given["MINDORY_EMBEDDER"].split(":")
    assert f"0.0.0.0:{port}" in command(host)
    assert f"dynamic a web {given['MINDORY_PORT']}" in composed()["configs"]["caddyfile"]["content"]
    assert f"--port={given['MINDORY_PORT']}" in command("web")


def test_the_stores_keep_what_they_are_given() -> None:
    redis = " ".join(command("redis"))
    assert "--appendonly yes" in redis
    assert "--maxmemory-policy noeviction" in redis
    version = re.search(r"pgvector:(\d+)\.(\d+)\.(\d+)-pg(\d+)", services()["postgres"]["image"])
    assert version is not None
    assert tuple(int(part) for part in version.groups()[:3]) >= (0, 8, 4)
    named = set(composed()["volumes"])
    for name in ("postgres", "redis", "web"):
        assert any(volume.split(":")[0] in named for volume in services()[name]["volumes"])


def production(**changed: str) -> dict[str, str]:
    """Return the environment of a server that followed .env.example."""
    own = {name: value or secrets.token_urlsafe(48) for name, value in example_given().items()}
    return {**environment("web", own), **changed}


def checked(environment: dict[str, str], data: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={**environment, "MINDORY_DATA": str(data), "DATABASE_URL": settings_url()},
        check=False,
        capture_output=True,
        text=True,
    )


def settings_url() -> str:
    """Return the tests' own database: checks may ask it."""
    return os.environ["DATABASE_URL"]


def test_the_production_example_passes_the_deployment_check(tmp_path: Path) -> None:
    done = checked(production(), tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_the_example_as_it_stands_is_refused(tmp_path: Path) -> None:
    done = checked(production(MINDORY_SECRET_KEY=""), tmp_path)
    assert done.returncode == 1
    assert "MINDORY_SECRET_KEY must be your own secret" in done.stderr
