"""The processes of docker-compose.yml started by hand: its own commands, over TCP, on this machine."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg

from mindory_web.embedded import postgres, redis
from mindory_web.embedded.processes import Child, Program
from tests import compose
from tests.faults.stack import PATIENCE, until

ROOT: Final = compose.ROOT
TWICE: Final = ("web", "ingest-worker", "reply-worker")


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ByHand:
    """One Postgres, one Redis, and our processes: those of TWICE two times."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.ports = {name: free_port() for name in ("postgres", "redis", "embedder", "web 1", "web 2")}
        self.children: dict[str, Child] = {}
        secrets_of_mine = {name: value or secrets.token_urlsafe(48) for name, value in compose.example_given().items()}
        self.environment = {
            "PATH": os.environ["PATH"],
            **compose.environment("web", secrets_of_mine),
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.ports['postgres']}/mindory",
            "REDIS_URL": f"redis://127.0.0.1:{self.ports['redis']}/0",
            "MINDORY_DATA": str(data),
            "MINDORY_EMBEDDER": f"127.0.0.1:{self.ports['embedder']}",
            "MINDORY_URL": self.url(1),
        }

    def url(self, number: int) -> str:
        """Return the address of a web process."""
        return f"http://127.0.0.1:{self.ports[f'web {number}']}"

    # --- Starting and stopping ------------------------------------------------------------------

    def start(self) -> None:
        """Start everything in the order of depends_on."""
        self._start_stores()
        self.run(*compose.command("prepare"))
        for service in compose.own_services():
            if service != "prepare":
                for number in (1, 2) if service in TWICE else (1,):
                    name = f"{service} {number}" if service in TWICE else service
                    self._start(name, self._program(name, compose.command(service)))
        for number in (1, 2):
            until(partial(self._is_ready, number), seconds=PATIENCE, what=f"web {number} is ready")

    def run(self, *command: str) -> str:
        """Run a command to its end and return what it printed."""
        done = subprocess.run(
            self._here(list(command)), cwd=ROOT, env=self.environment, check=False, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self, name: str) -> int:
        """Ask a process to end as docker does, and return its exit code."""
        child = self.children.pop(name)
        child.process.send_signal(signal.SIGTERM)
        code = child.process.wait(float(self._service(name).get("stop_grace_period", "10s").removesuffix("s")))
        child.stop()  # what is left of its group
        return code

    def kill(self, name: str) -> None:
        """End a process and its group at once."""
        self.children.pop(name).kill()

    def tear_down(self) -> None:
        """End everything, last started first."""
        for name in reversed(list(self.children)):
            self.children.pop(name).stop()

    def _start_stores(self) -> None:
        postgres.prepare(self.data)
        program = postgres.program(self.data)
        listening = ["-c", "listen_addresses=127.0.0.1", "-p", str(self.ports["postgres"])]
        port = self.ports["postgres"]
        command = [*program.command, *listening]
        self._start("postgres", replace(program, command=command, is_ready=lambda: accepts(port)))
        with postgres_link(port) as link:
            link.execute("CREATE DATABASE mindory")
        options = [word for word in compose.command("redis")[1:] if word]
        place = ["--port", str(self.ports["redis"]), "--bind", "127.0.0.1", "--dir", str(self.data), "--save", ""]
        command = [str(redis.server()), *[o for o in options if o != "--save"], *place]
        log = self.data / "logs" / "redis.log"
        self._start(
            "redis", Program("Redis", command, log, is_ready=lambda: self._answers(self.ports["redis"]), cwd=self.data)
        )

    def _start(self, name: str, program: Program) -> None:
        self.children[name] = Child(program)
        self.children[name].wait_ready(PATIENCE)

    def _program(self, name: str, command: list[str]) -> Program:
        log = self.data / "logs" / f"{name.replace(' ', '-')}.log"
        return Program(name, self._placed(name, self._here(command)), log, environment=self.environment, cwd=ROOT)

    @staticmethod
    def _here(command: list[str]) -> list[str]:
        """Return a command of the container with the programs of this environment."""
        near = Path(sys.executable).parent
        if command[0] == "sh":
            return [*command[:-1], command[-1].replace("python ", f"{sys.executable} ")]
        return [str(near / command[0]), *command[1:]]

    def _placed(self, name: str, command: list[str]) -> list[str]:
        """Return a command that listens where this process belongs."""
        here = {"--host=0.0.0.0": "--host=127.0.0.1", "--port=8000": f"--port={self.ports.get(name, 0)}"}
        here["0.0.0.0:8100"] = f"127.0.0.1:{self.ports['embedder']}"
        here["/data"] = str(self.data)
        return [here.get(word, word) for word in command]

    @staticmethod
    def _service(name: str) -> dict[str, Any]:
        return compose.services()[name.rstrip(" 12")]

    @staticmethod
    def _answers(port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    def _is_ready(self, number: int) -> bool:
        """Ask what the health check of the compose file asks."""
        asked = " ".join(compose.services()["web"]["healthcheck"]["test"])
        path = asked.partition("localhost:8000")[2].partition("'")[0]
        try:
            with urlopen(self.url(number) + path, timeout=30) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


def accepts(port: int) -> bool:
    """Say whether the server is past its start-up."""
    asked = [str(postgres.binary("pg_isready")), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(asked, check=False).returncode == 0


def postgres_link(port: int) -> Any:
    """Return a connection to the maintenance database."""
    return psycopg.connect(host="127.0.0.1", port=port, user="postgres", dbname="postgres", autocommit=True)


class Caller:
    """A reader's program: it has a key and speaks JSON."""

    def __init__(self, site: ByHand, key: str) -> None:
        self.site = site
        self.headers = {"Authorization": f"Bearer {key}"}

    def get(self, path: str, *, web: int) -> Any:
        """Return the answer of one web process."""
        return json.loads(self.text(path, web=web))

    def text(self, path: str, *, web: int) -> str:
        """Return the answer of one web process as it came."""
        return self._sent(Request(self.site.url(web) + "/api/v1/" + path, headers=self.headers))

    def upload(self, name: str, body: bytes, *, web: int) -> Any:
        """Send a file as a browser would."""
        line = secrets.token_hex(16)
        head = f'--{line}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
        whole = head.encode() + body + f"\r\n--{line}--\r\n".encode()
        headers = {**self.headers, "Content-Type": f"multipart/form-data; boundary={line}"}
        return json.loads(self._sent(Request(self.site.url(web) + "/api/v1/books", data=whole, headers=headers)))

    @staticmethod
    def _sent(request: Request) -> str:
        try:
            with urlopen(request, timeout=PATIENCE) as answer:
                return str(answer.read().decode())
        except HTTPError as error:
            raise AssertionError(f"{error.code}: {error.read().decode()}") from error
