"""A Redis that says nothing is asked once, and left alone for a moment."""

import socket
import time
from collections.abc import Iterator

import pytest
import redis

from mindory_web.lib import links
from tests.faults.stack import until


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server whose connections nobody takes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        yield server


def url_of(server: socket.socket) -> str:
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def ping(url: str) -> None:
    with links.asking(url) as client:
        client.ping()


def test_a_redis_that_said_nothing_is_left_alone_for_a_moment(silent: socket.socket) -> None:
    begun = time.monotonic()
    with pytest.raises(redis.TimeoutError):
        ping(url_of(silent))
    silent.accept()[0].close()
    for _time in range(100):
        with pytest.raises(links.Resting):
            ping(url_of(silent))

    assert time.monotonic() - begun < 2 * links.PATIENCE_SECONDS
    silent.settimeout(0)
    with pytest.raises(BlockingIOError):  # nobody came again
        silent.accept()


def test_after_that_moment_it_is_asked_again(silent: socket.socket) -> None:
    with pytest.raises(redis.TimeoutError):
        ping(url_of(silent))
    silent.accept()[0].close()

    def is_asked() -> bool:
        try:
            ping(url_of(silent))
        except links.Resting:
            return False
        except redis.TimeoutError:
            return True
        return False

    until(is_asked, seconds=10, what="Redis is asked again")
    silent.accept()[0].close()


def test_a_refused_command_is_no_reason_to_leave_it_alone(settings: object) -> None:
    url = str(settings.REDIS_URL)  # type: ignore[attr-defined]
    for _time in range(2):
        with pytest.raises(redis.ResponseError), links.asking(url) as client:
            client.execute_command("NO-SUCH-COMMAND")
    ping(url)
