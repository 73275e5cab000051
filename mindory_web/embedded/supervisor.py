"""Keep a list of programs running: started in order, told about and started again when they die, stopped in reverse.

One thread, no timer while nothing happens: the process sleeps until a signal comes.
"""

import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final

from mindory_web.embedded import leftovers
from mindory_web.embedded.processes import Child, Program, StartFailed, Stopped, how

ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
FIRST_DELAY: Final = 1.0  # seconds until a dead program is started again; doubled each time
LONGEST_DELAY: Final = 30.0
STEADY: Final = 60.0  # seconds a program must live for its delay to be forgotten


class Kept:
    """One program and the child that runs it now, if any."""

    def __init__(self, program: Program, child: Child, note: Path) -> None:
        self.program = program
        self.child: Child | None = child
        self.note = note
        self.delay = FIRST_DELAY
        self.begun = time.monotonic()
        self.due = 0.0


class Supervisor:
    """Starts, watches and stops. `tell` shows one sentence to the person at the terminal."""

    def __init__(self, data: Path, *, tell: Callable[[str], None]) -> None:
        self.data = data
        self.tell = tell
        self.is_wanted = True
        self._kept: list[Kept] = []
        self._bell, self._ringer = socket.socketpair()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear signals until the block ends, then stop every program in reverse order of its start."""
        for end in (self._bell, self._ringer):
            end.setblocking(False)
        before = {number: signal.signal(number, self._end) for number in ENDING}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(self._ringer.fileno(), warn_on_full_buffer=False)
        self._stack = ExitStack()
        try:
            with self._stack:
                yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._bell.close()
            self._ringer.close()

    def wait(self, *children: Child, seconds: float = 180.0) -> None:
        """Return when all of them answer."""
        for child in children:
            child.wait_ready(seconds, is_wanted=lambda: self.is_wanted)

    def spawn(self, program: Program) -> Child:
        """Start a program, and keep it running from now on."""
        if not self.is_wanted:
            raise Stopped
        child = Child(program)
        kept = Kept(program, child, leftovers.note(self.data, child))
        self._stack.callback(self._stop, kept)
        self._kept.append(kept)
        return child

    def watch(self) -> None:
        """Return when a signal asks for the end. Until then, bring back what dies."""
        while self.is_wanted:
            for kept in tuple(self._kept):
                self._look_after(kept)
            waiting = [kept.due for kept in self._kept if kept.child is None]
            patience = max(0.0, min(waiting) - time.monotonic()) if waiting else None
            if select.select([self._bell], [], [], patience)[0]:
                with suppress(BlockingIOError):
                    self._bell.recv(4096)

    def _look_after(self, kept: Kept) -> None:
        if kept.child is None:
            if time.monotonic() >= kept.due:
                self._restart(kept)
        elif (code := kept.child.process.poll()) is not None:
            if time.monotonic() - kept.begun > STEADY:
                kept.delay = FIRST_DELAY
            kept.child.stop()  # what is left of its group
            if kept.program.is_task and code == 0:
                self._kept.remove(kept)
                kept.note.unlink(missing_ok=True)
            else:
                self._put_off(kept, how(code))

    def _restart(self, kept: Kept) -> None:
        try:
            kept.child = Child(kept.program)
        except (StartFailed, OSError) as error:
            self._put_off(kept, str(error))
            return
        kept.begun = time.monotonic()
        kept.note = leftovers.note(self.data, kept.child)

    def _put_off(self, kept: Kept, why: str) -> None:
        """Forget the child and decide when the next one starts."""
        kept.child, kept.due = None, time.monotonic() + kept.delay
        kept.note.unlink(missing_ok=True)
        self.tell(
            f"The {kept.program.name} process ended ({why}); starting it again in {kept.delay:.0f} s. "
            f"See {kept.program.log}."
        )
        kept.delay = min(kept.delay * 2, LONGEST_DELAY)

    def _stop(self, kept: Kept) -> None:
        if kept.child is not None:
            kept.child.stop()
            kept.note.unlink(missing_ok=True)

    def _end(self, *_: object) -> None:
        self.is_wanted = False
