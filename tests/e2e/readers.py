"""Who is in a story, and the books on their shelf: made through the doors of the site, without drawing a page.

The first reader of a stack is its admin, as the link in the terminal has it; the admin invites the others.
"""

import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import redis
from playwright.sync_api import APIResponse, BrowserContext

from mindory_web.embedded import places
from tests.e2e.stack import Stack

PASSWORD: Final = "a long walk by the river"
BOOK_SECONDS: Final = 300


def enter(context: BrowserContext, stack: Stack) -> None:
    """Sign a new reader in: ada, who makes herself the admin of a new stack, or one more whom the admin invites."""
    if stack.host is None:
        set_up(context, stack)
    else:
        stack.guests += 1
        sign_up(context, stack, f"reader{stack.guests}")


def set_up(context: BrowserContext, stack: Stack, name: str = "ada") -> None:
    """Make the admin of a new stack, and sign them in."""
    context.request.get(stack.setup)
    token = stack.setup.partition("token=")[2]
    about = {"token": token, "username": name, "email": f"{name}@example.org", "password": PASSWORD}
    _send(context, stack, "setup/", about)
    stack.host = context.storage_state()


def sign_up(context: BrowserContext, stack: Stack, name: str) -> None:
    """Let the admin of a stack invite a reader, make their account, and sign them in."""
    assert context.browser
    admin = context.browser.new_context(storage_state=stack.host)
    email = f"{name}@example.org"
    page = _send(admin, stack, "settings/invitations/", {"email": email}).text()
    admin.close()
    found = re.search(r"/invitation/[^<\s]+", page)
    assert found, page
    _forget_attempts(stack)
    context.request.get(stack.url + found.group())
    _send(context, stack, "account/signup/", {"username": name, "email": email, "password1": PASSWORD})


def shelve(context: BrowserContext, stack: Stack, books: Mapping[str, bytes]) -> dict[str, int]:
    """Add books, by their file names, and return their numbers once all can be read and asked."""
    numbers = {name: _upload(context, stack, name, body) for name, body in books.items()}
    wait_until_ready(context, stack)
    return numbers


def wait_until_ready(context: BrowserContext, stack: Stack) -> None:
    """Return when all books of this reader can be read and asked."""
    deadline = time.monotonic() + BOOK_SECONDS
    while waiting := [book for book in _books(context, stack) if book["state"] != "ready"]:
        assert all(book["state"] != "failed" for book in waiting), waiting
        assert time.monotonic() < deadline, waiting
        time.sleep(0.2)


def _forget_attempts(stack: Stack) -> None:
    """Let any number of readers sign up: in a run more do from this address than an hour allows."""
    with redis.Redis.from_url(places.redis_url(Path(stack.environment["MINDORY_DATA"]))) as client:
        for key in client.scan_iter("*allauth:rl:*"):
            client.delete(key)


def _books(context: BrowserContext, stack: Stack) -> list[dict[str, Any]]:
    return list(context.request.get(f"{stack.url}/api/v1/books").json()["items"])


def token(context: BrowserContext, stack: Stack) -> dict[str, str]:
    """Return the headers without which the site changes nothing."""
    cookies = {str(cookie.get("name")): str(cookie.get("value")) for cookie in context.cookies(stack.url)}
    return {"X-CSRFToken": cookies["csrftoken"], "Origin": stack.url}


def _upload(context: BrowserContext, stack: Stack, name: str, body: bytes) -> int:
    file: Any = {"name": name, "mimeType": "application/octet-stream", "buffer": body}
    answer = context.request.post(
        f"{stack.url}/api/v1/books", multipart={"file": file}, headers=token(context, stack), timeout=60_000
    )
    assert answer.ok, answer.text()
    return int(answer.json()["id"])


def _send(context: BrowserContext, stack: Stack, path: str, form: dict[str, Any]) -> APIResponse:
    if not any(cookie.get("name") == "csrftoken" for cookie in context.cookies(stack.url)):
        context.request.get(f"{stack.url}/account/login/")
    answer = context.request.post(f"{stack.url}/{path}", form=form, headers=token(context, stack), timeout=60_000)
    assert answer.ok, answer.text()
    return answer
