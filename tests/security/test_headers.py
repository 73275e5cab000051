"""The security headers stand on every answer, whatever made it."""

from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from mindory_web.accounts.models import Reader
from mindory_web.lib.errors import TooMany
from tests.conftest import signed_in

EXACTLY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def streaming(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"data: 1\n\n"]), content_type="text/event-stream")


def faulty(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a fault of ours")


def refused(request: HttpRequest) -> HttpResponse:
    raise TooMany("Too many.", retry_after=7)


urlpatterns = [
    path("tests/streaming", streaming),
    path("tests/faulty", faulty),
    path("tests/refused", refused),
    path("api/tests/faulty", faulty),
    path("api/tests/refused", refused),
    path("", include("mindory_web.urls")),
]
handler400 = "mindory_web.lib.http.bad_request"
handler403 = "mindory_web.lib.http.forbidden"
handler404 = "mindory_web.lib.http.not_found"
handler500 = "mindory_web.lib.http.broken"


def policy(answer: Any) -> dict[str, set[str]]:
    header = answer.headers["Content-Security-Policy"]
    return {name: set(rest) for name, *rest in (part.split() for part in header.split(";") if part.strip())}


def check(answer: Any) -> None:
    for name, value in EXACTLY.items():
        assert answer.headers[name] == value, name
    assert "camera=()" in answer.headers["Permissions-Policy"]
    rules = policy(answer)
    assert rules["default-src"] == {"'none'"}
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == {"'none'"}
    assert rules["form-action"] == {"'self'"}
    assert rules["script-src"] == rules["style-src"] == {"'self'"}
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.fixture
def static_file(tmp_path: Path, settings: Any) -> str:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a{}")
    settings.STATIC_ROOT = tmp_path / "static"
    return "/static/a.css"


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("/account/login/", 200),
        ("/setup/", 302),
        ("/settings/", 302),
        ("/health", 200),
        ("/jsi18n/", 200),
        ("/nothing/here", 404),
        ("/api/nothing", 404),
        ("/static/nothing.css", 404),
        ("/settings/name/", 405),
        ("/tests/streaming", 200),
        ("/tests/faulty", 500),
        ("/tests/refused", 429),
        ("/api/tests/refused", 429),
        ("/account/login", 301),
    ],
)
@override_settings(ROOT_URLCONF="tests.security.test_headers")
def test_every_kind_of_answer_has_them(admin: Reader, where: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(where)

    assert answer.status_code == status
    check(answer)


def test_static_files_have_them(db: None, static_file: str, client: Client) -> None:
    answer = client.get(static_file)
    assert answer.status_code == 200
    check(answer)


def test_a_wrong_host_is_told_with_them(db: None, client: Client) -> None:
    answer = client.get("/account/login/", HTTP_HOST="evil.example")
    assert answer.status_code == 400
    check(answer)
    assert b"Traceback" not in answer.content


def test_a_form_from_elsewhere_is_refused_with_them(admin: Reader) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    answer = client.post("/settings/name/", {"first_name": "x"})
    assert answer.status_code == 403
    check(answer)


def test_the_admin_panel_is_held_to_the_same_policy(admin: Reader) -> None:
    panel = signed_in(admin).get("/admin/")
    assert panel.status_code == 200
    check(panel)


def test_pages_may_open_the_socket_of_this_site_only(db: None, client: Client, settings: Any) -> None:
    assert policy(client.get("/health"))["connect-src"] == {"'self'", *sockets(settings)}


def sockets(settings: Any) -> set[str]:
    return {origin.replace("http", "ws", 1) for origin in settings.SOCKET_ORIGINS if "[" not in origin}


@pytest.mark.parametrize(("accept", "kind"), [("text/html", "text/html"), ("application/json", "application/json")])
@override_settings(ROOT_URLCONF="tests.security.test_headers")
def test_a_person_gets_a_page_and_a_program_gets_json(db: None, accept: str, kind: str) -> None:
    client = Client(raise_request_exception=False, headers={"accept": accept})
    for where in ("/nothing/here", "/tests/faulty", "/tests/refused"):
        assert client.get(where).headers["Content-Type"].startswith(kind)
    assert client.get("/tests/refused").headers["Retry-After"] == "7"


@override_settings(ROOT_URLCONF="tests.security.test_headers")
def test_the_api_answers_faults_in_json_and_tells_nothing_of_them(db: None) -> None:
    answer = Client(raise_request_exception=False).get("/api/tests/faulty")
    assert answer.json()["error"]["code"] == "error"
    assert b"a fault of ours" not in answer.content


async def test_answers_made_before_the_middleware_have_them_too() -> None:
    from mindory_web.lib.http import Dressed

    async def bare(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 400, "headers": [(b"X-Frame-Options", b"SAMEORIGIN")]})
        await send({"type": "http.response.body", "body": b""})

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await Dressed(bare)({"type": "http"}, None, send)
    start = sent[0]
    headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
    assert headers["x-frame-options"] == "SAMEORIGIN"  # what is there stays
    assert "default-src 'none'" in headers["content-security-policy"]
    for name, value in EXACTLY.items():
        assert name == "X-Frame-Options" or headers[name.lower()] == value


def test_cookies_are_kept_from_scripts_and_from_other_sites(admin: Reader, client: Client) -> None:
    answer = client.post("/account/login/", {"login": "ada", "password": "correct horse battery"})
    cookie = answer.cookies["sessionid"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
