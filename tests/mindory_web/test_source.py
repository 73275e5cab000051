"""Everyone who uses the site can have its source, and nothing but its source."""

import io
import tarfile
from pathlib import Path

from django.test import Client
from pytest_django.fixtures import Settings

from mindory_web import source


def names_in(tar: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(tar)) as opened:
        return opened.getnames()


def test_anybody_can_download_the_source_that_is_running(client: Client, settings: Settings) -> None:
    settings.SOURCE_URL = ""

    names = names_in(client.get("/source").content)

    assert {"mindory/manage.py", "mindory/LICENSE", "mindory/books/store.py"} <= set(names)


def test_what_lies_beside_the_source_stays_private(tmp_path: Path) -> None:
    (tmp_path / "manage.py").write_text("print()")
    (tmp_path / ".env").write_text("MINDORY_SECRET_KEY=secret")
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "way-out").symlink_to("/etc/passwd")

    assert names_in(source.packed(tmp_path)) == ["mindory/manage.py", "mindory/books"]


def test_an_operator_can_point_to_where_the_source_is_published(client: Client, settings: Settings) -> None:
    settings.SOURCE_URL = "https://example.org/mindory"

    assert client.get("/source").headers["Location"] == "https://example.org/mindory"
