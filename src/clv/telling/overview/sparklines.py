"""Small pictures of a number over past runs, drawn as inline SVG: a line of the text, no file beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup, escape

WIDTH, HEIGHT, EDGE = 72, 20, 3  # of the drawing; pages scale it


@dataclass(frozen=True, slots=True)
class Point:
    """What one run said: its last day of observation, the number, and its interval where it has one."""

    day: date
    value: float
    low: float | None = None
    high: float | None = None


def svg(points: Sequence[Point], *, title: str) -> Markup:
    """Return the line through the points with the band of their intervals; empty for fewer than two.

    Parameters
    ----------
    points
        By day, each day once.
    title
        What is drawn, for readers who do not see it; a pointer that rests on the picture shows it too.
    """
    if len(points) < 2:
        return Markup()
    places = [_place(point, points) for point in points]
    line = " ".join(f"{x},{y}" for x, y, _, _ in places)
    x, y, *_ = places[-1]
    return Markup(
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(title)}</title>'
        f'{_band(places)}<polyline points="{line}"/><circle cx="{x}" cy="{y}" r="2.2"/></svg>'
    )


def _band(places: Sequence[tuple]) -> str:
    """Return the area between the intervals' ends, where every point has one."""
    if any(low is None for _, _, low, _ in places):
        return ""
    upper = [f"{x},{high}" for x, _, _, high in places]
    lower = [f"{x},{low}" for x, _, low, _ in reversed(places)]
    return f'<polygon points="{" ".join(upper + lower)}"/>'


def _place(point: Point, points: Sequence[Point]) -> tuple:
    """Return where a point stands: x by its day, and the heights of value, low and high."""
    first, last = points[0].day.toordinal(), points[-1].day.toordinal()
    x = EDGE + (WIDTH - 2 * EDGE) * (point.day.toordinal() - first) / max(last - first, 1)
    ends = (point.value, point.low, point.high)
    return (round(x, 1), *(None if end is None else _height(end, points) for end in ends))


def _height(value: float, points: Sequence[Point]) -> float:
    """Return how far below the upper edge a number stands; numbers that are all equal, in the middle."""
    every = [end for p in points for end in (p.value, p.low, p.high) if end is not None]
    lowest, highest = min(every), max(every)
    share = (value - lowest) / (highest - lowest) if highest > lowest else 0.5
    return round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * share, 1)
