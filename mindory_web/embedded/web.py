"""One web process of `make run`: uvicorn on a listening socket that the supervisor holds.

`python -m mindory_web.embedded.web FD`. (`uvicorn --fd` takes the socket for a unix one and leaves Nagle's delay on.)
"""

import socket
import sys

import uvicorn

from mindory_web.env import Env

LARGEST_FRAME = 64 * 1024  # bytes of one websocket message from a browser


def main() -> None:
    """Serve until SIGTERM; then finish what is under way for at most five seconds."""
    config = uvicorn.Config(
        "mindory_web.asgi:application",
        access_log=False,
        log_config=None,  # Django's LOGGING holds for every line
        proxy_headers=Env().flag("MINDORY_BEHIND_PROXY", default=False),
        server_header=False,
        timeout_graceful_shutdown=5,
        ws_max_size=LARGEST_FRAME,
        lifespan="off",
    )
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
