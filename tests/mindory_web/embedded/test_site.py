"""The supervisor reads the same settings as Django, without Django."""

import subprocess
import sys
from pathlib import Path

import pytest

from mindory_web.embedded.site import BASE, Installation, own
from mindory_web.env import BadSetting, Env

ASK_DJANGO = """
from mindory_web import settings
print(settings.DATA, settings.HOST, settings.PORT, settings.WEB_PROCESSES, settings.URL, sep="\\n")
"""


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"MINDORY_HOST": "0.0.0.0", "MINDORY_PORT": "8100", "MINDORY_WEB_PROCESSES": "3"},
        {"MINDORY_HOST": "books.example.org", "MINDORY_PORT": "80"},
    ],
)
def test_both_read_the_same(tmp_path: Path, given: dict[str, str]) -> None:
    given = {**given, "MINDORY_DATA": str(tmp_path)}
    home = Installation.from_environment(Env(given))
    done = subprocess.run([sys.executable, "-c", ASK_DJANGO], env=given, cwd=BASE, check=True, capture_output=True)
    told = done.stdout.decode().splitlines()
    assert told == [str(home.data), home.host, str(home.port), str(home.web_processes), home.address]


@pytest.mark.parametrize("given", [{"MINDORY_PORT": "http"}, {"MINDORY_PORT": "0"}, {"MINDORY_WEB_PROCESSES": "none"}])
def test_a_wrong_value_is_named(given: dict[str, str]) -> None:
    with pytest.raises(BadSetting, match=next(iter(given))):
        Installation.from_environment(Env(given))


def test_the_supervisor_never_loads_django() -> None:
    question = (
        "import sys, mindory_web.embedded.up; print([n for n in ('django', 'psycopg', 'celery') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", question], cwd=BASE, check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_a_relative_data_directory_means_the_same_in_every_child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = Installation.from_environment(Env({"MINDORY_DATA": "books"}))
    assert own(home, "web", ()).environment["MINDORY_DATA"] == str(tmp_path / "books")
