"""The most memory that a process ever had, as Linux tells it."""

from pathlib import Path


def peak(status: bytes) -> int:
    """Return the peak in bytes out of a /proc/PID/status; 0 when it is not there."""
    for line in status.splitlines():
        if line.startswith(b"VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def peak_of(process: int) -> int:
    """Return the peak of a running process; 0 of one that has ended, and where the system does not tell."""
    try:
        return peak(Path(f"/proc/{process}/status").read_bytes())
    except OSError:
        return 0
