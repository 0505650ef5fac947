"""What the landscapes of covers are made of, as SVG."""

from random import Random


def path(fill: str, *steps: str | float, opacity: float = 1) -> str:
    """A filled outline; numbers become whole pixels."""
    outline = " ".join(step if isinstance(step, str) else f"{step:.0f}" for step in steps)
    return f'<path d="{outline}" fill="{fill}"{_faded(opacity)}/>'


def line(stroke: str, width: float, *steps: str | float, opacity: float = 1) -> str:
    """An outline alone."""
    outline = " ".join(step if isinstance(step, str) else f"{step:.0f}" for step in steps)
    return f'<path d="{outline}" fill="none" stroke="{stroke}" stroke-width="{width:.0f}"{_faded(opacity)}/>'


def disc(x: float, y: float, radius: float, fill: str, opacity: float = 1) -> str:
    return f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{radius:.1f}" fill="{fill}"{_faded(opacity)}/>'


def glow(x: float, y: float, radius: float) -> str:
    """The halo of a light; the picture defines the gradient `g`."""
    return disc(x, y, radius, "url(#g)")


def bar(x: float, y: float, half: float, tall: float, fill: str, opacity: float) -> str:
    """A flat bar with round ends about `x`."""
    place = f'x="{x - half:.0f}" y="{y:.0f}" width="{2 * half:.0f}" height="{tall:.1f}" rx="{tall / 2:.1f}"'
    return f'<rect {place} fill="{fill}"{_faded(opacity)}/>'


def rock(rng: Random, width: int, height: int, level: float, swing: float, fill: str) -> str:
    """Ground with straight broken edges about `level`."""
    count = max(4, round(width / height * 9))
    step = width / count
    edge: list[str | float] = []
    for index in range(count + 1):
        y = level + rng.uniform(-swing, swing) * (1 if index % 2 else 0.35)
        edge += ["L", index * step + rng.uniform(-0.25, 0.25) * step, y]
    return path(fill, "M", -step, level, *edge, "L", width + step, level, "V", height, "H", -step, "z")


def hills(rng: Random, width: int, height: int, level: float, swing: float, fill: str) -> str:
    """Ground with a soft edge about `level`."""
    count = max(4, round(width / height * 3.2))
    step = width / count
    heights = [level + rng.uniform(-swing, swing) for _ in range(count + 1)]
    edge: list[str | float] = []
    for index in range(count):
        middle = (index + 0.5) * step
        edge += ["C", middle, heights[index], middle, heights[index + 1], (index + 1) * step, heights[index + 1]]
    return path(fill, "M", 0, heights[0], *edge, "V", height, "H0z")


def windows(rng: Random, left: float, top: float, wide: float, height: int, fill: str) -> str:
    """Lit windows of a house on a grid; most are dark."""
    step = height * 0.022
    lit: list[str | float] = []
    for row in range(1, int((height - top) / step) - 1):
        for column in range(1, int(wide / step)):
            if rng.random() < 0.16:
                lit += ["M", left + (column - 0.2) * step, top + row * step, "h", step * 0.38, "v", step * 0.5]
                lit += ["h", -step * 0.38, "z"]
    return path(fill, *lit, opacity=0.8) if lit else ""


def _faded(opacity: float) -> str:
    return "" if opacity == 1 else f' opacity="{opacity:.2f}"'
