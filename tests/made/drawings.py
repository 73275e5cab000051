"""Drawings (SVG)."""

HUNDRED: str = 'width="100" height="100" viewBox="0 0 100 100"'
RED: str = '<rect width="100" height="100" fill="#ff0000"/>'


def svg(body: str, attributes: str = HUNDRED) -> bytes:
    """Return a drawing as a file."""
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {attributes}>{body}</svg>".encode()


def chart(number: int = 0, *, points: int = 400) -> str:
    """Return the body of a usual figure, 600 by 400: axes, ticks, three curves, a legend with words."""
    ticks = "".join(
        f'<path d="M{x} 360 v6" stroke="#000"/><text x="{x}" y="380" font-size="11">{x}</text>'
        for x in range(60, 580, 40)
    )
    curves = "".join(
        f'<g clip-path="url(#area)"><path class="c{curve}" d="M'
        + " L".join(
            f"{60 + point * 520 / points:.2f} {100 + abs((point * (curve + 3) + number * 11) % 300 - 150):.2f}"
            for point in range(points)
        )
        + '"/></g>'
        for curve in range(3)
    )
    return (
        "<style>.c0{fill:none;stroke:#d00} .c1{fill:none;stroke:#0a0} .c2{fill:none;stroke:#00d;opacity:.6}</style>"
        '<defs><clipPath id="area"><rect x="60" y="20" width="520" height="340"/></clipPath></defs>'
        '<rect width="600" height="400" fill="#fff"/><path d="M60 20 V360 H580" fill="none" stroke="#000"/>'
        f'{ticks}{curves}<text x="300" y="16" font-size="14">Figure {number}</text>'
    )


def inside(depth: int) -> str:
    """Return groups, each of which uses the next one twice: 2 to the power of `depth` shapes."""
    steps = "".join(
        f'<g id="s{step}"><use xlink:href="#s{step + 1}"/><use xlink:href="#s{step + 1}" x="1"/></g>'
        for step in range(depth)
    )
    return f'<defs>{steps}<g id="s{depth}">{RED}</g></defs><use xlink:href="#s0"/>'
