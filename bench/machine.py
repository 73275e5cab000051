"""What a figure was measured on: every table of a benchmark ends with this line."""

import importlib.metadata
import os
import platform
from pathlib import Path


def machine(*packages: str) -> str:
    """Return one line: processor, cores, system, Python, and the versions of `packages`."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}; {versions}"
    )


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table, its columns aligned for a terminal."""
    lines = [columns, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(columns))]
    written = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    ]
    written.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(written)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())
