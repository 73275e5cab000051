"""Draw the icons of the app anew from the mark: `python -m tests.e2e.icons frontend/static/icons`."""

import re
import sys
from pathlib import Path
from typing import Final

import resvg_py

MARK: Final = Path("frontend/static/art/mark.svg")
CLOTH, PAPER = "#1D5A48", "#FBFAF7"
# How large the tile is drawn, how round it is, and how much of it the mark fills. A maskable one may lose its edges.
KINDS: Final = {"any": (22.0, 0.6), "maskable": (0.0, 0.48)}
SIZES: Final = {"any": (32, 180, 192, 512), "maskable": (192, 512)}


def drawn(kind: str, size: int) -> bytes:
    """Return one icon as PNG: the mark in paper on a tile of bookcloth."""
    found = re.search(r"<g .*</g>", MARK.read_text(encoding="utf-8"))
    assert found
    mark = re.sub(r'stroke="#\w+"', f'stroke="{PAPER}"', found.group())
    round_by, share = KINDS[kind] if size != 180 else (0.0, 0.56)  # the system rounds that one itself
    scale = 100 * share / 24
    move = (100 - 24 * scale) / 2
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="{size}" height="{size}">'
        f'<rect width="100" height="100" rx="{round_by}" fill="{CLOTH}"/>'
        f'<g transform="translate({move} {move}) scale({scale})">{mark}</g></svg>'
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=svg))


def main(into: Path) -> None:
    """Write all of them."""
    into.mkdir(parents=True, exist_ok=True)
    for kind, sizes in SIZES.items():
        for size in sizes:
            (into / f"{kind}-{size}.png").write_bytes(drawn(kind, size))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
