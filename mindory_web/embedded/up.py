"""`make run`: everything Mindory needs on one machine, started in order and stopped in reverse.

`python -m mindory_web.embedded.up`, or `manage.py up`. Never loads Django: this process stays for as long as
Mindory runs and should cost next to nothing.
"""

import errno
import socket
import sys
from contextlib import suppress

from mindory_web.embedded import claim, leftovers, postgres, redis, site, stamp
from mindory_web.embedded.processes import Child, StartFailed, Stopped, run_to_end
from mindory_web.embedded.site import Installation
from mindory_web.embedded.supervisor import Supervisor


def main() -> None:
    """Run until a signal comes. What cannot work is told in one sentence, with exit code 1."""
    home = Installation.from_environment()
    try:
        with claim.claimed(home.data, who=f"answers at {home.address}"):
            for name in leftovers.end(home.data):
                tell(f"Ended the {name} process that an earlier start had left behind.")
            run(home)
    except StartFailed as error:
        sys.exit(f"Mindory cannot start. {error}")
    except KeyboardInterrupt:  # before the first program was started
        sys.exit(130)
    except OSError as error:
        sys.exit(f"Mindory cannot start. {claim.sentence(error, home.data)}")


def run(home: Installation) -> None:
    """Start everything, serve until a signal comes, stop everything."""
    supervisor = Supervisor(home.data, tell=tell)
    with listen(home) as door, supervisor.listening(), suppress(Stopped):
        stores = start_stores(home, supervisor)
        link = prepare(home, supervisor, stores)
        if not home.embedder:
            supervisor.spawn(site.embedder(home))
        webs = [supervisor.spawn(site.web(home, door, number)) for number in range(1, home.web_processes + 1)]
        supervisor.wait(*stores, *webs)
        for program in site.workers(home):
            supervisor.spawn(program)
        tell(f"Mindory is ready at {home.address}   (Ctrl-C stops it)")
        if not home.embedder and not home.is_embedding_elsewhere:
            supervisor.spawn(site.model(home))
        if link := setup_link(home) if link is None else link:
            tell(f"First visit: make the admin's account at {link}")
        supervisor.watch()
        tell("Stopping ...")


def start_stores(home: Installation, supervisor: Supervisor) -> list[Child]:
    """Start Postgres and Redis, unless the settings name servers; they may not answer yet."""
    stores = []
    if not home.database_url:
        postgres.prepare(home.data)
        stores.append(supervisor.spawn(postgres.program(home.data)))
    if not home.redis_url:
        stores.append(supervisor.spawn(redis.program(home.data)))
    return stores


def prepare(home: Installation, supervisor: Supervisor, stores: list[Child]) -> str | None:
    """Bring database and static files up to this version, and return what `setup_link` returns.

    A short-lived child does it, and only when something has changed since it was done last; None if nothing has.
    """
    if not home.database_url and stamp.is_kept(home.data, "prepared", stamp.fingerprint(home.data)):
        return None
    supervisor.wait(*stores)
    program = site.own(home, "prepare", ("manage.py", "prepare"))
    code, printed = run_to_end(program)
    if not supervisor.is_wanted:
        raise Stopped
    if code:
        told = program.log.read_text(errors="replace").strip().splitlines()
        raise StartFailed(told[-1].removeprefix("CommandError: ") if told else "The database could not be prepared.")
    stamp.keep(home.data, "prepared", stamp.fingerprint(home.data))
    return _link(home, printed)


def setup_link(home: Installation) -> str:
    """Return a new one-time link for the first admin, nothing when there is one. Asked until there is one."""
    if not home.database_url and stamp.is_kept(home.data, "has_admin", _cluster(home)):
        return ""
    code, printed = run_to_end(site.own(home, "setup link", ("manage.py", "setup_link")))
    return _link(home, printed) if code == 0 else ""


def _link(home: Installation, printed: str) -> str:
    """Find the link in what a command printed; without one there is an admin, so the next start need not ask."""
    link = next((word for word in printed.split() if "/setup/?token=" in word), "")
    if not link:
        stamp.keep(home.data, "has_admin", _cluster(home))
    return link


def _cluster(home: Installation) -> str:
    return "\n".join(stamp.cluster(home.data))


def listen(home: Installation) -> socket.socket:
    """Return the listening socket. Browsers that come during the start wait; nobody is refused at a restart."""
    try:
        family = socket.getaddrinfo(home.host, home.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        door = socket.socket(family[0], socket.SOCK_STREAM)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(family[4])
        door.listen(2048)
    except socket.gaierror as error:
        raise StartFailed(f"MINDORY_HOST={home.host!r} is not an address of this machine.") from error
    except OSError as error:
        raise StartFailed(_no_door(home, error)) from error
    return door


def tell(sentence: str) -> None:
    """Show a sentence. The terminal may be gone already."""
    with suppress(OSError):
        print(sentence, flush=True)


def _no_door(home: Installation, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {home.port} on {home.host} is in use by another program: stop that one, "
            f"or choose another port, for example MINDORY_PORT={home.port % 65535 + 1}."
        )
    if error.errno == errno.EACCES:
        return f"Port {home.port} is open to root only: choose one above 1023 with MINDORY_PORT."
    return f"Mindory cannot listen on {home.host} ({error.strerror}): set MINDORY_HOST to an address of this machine."


if __name__ == "__main__":
    main()
