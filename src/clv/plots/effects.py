"""How effects are written and drawn, and the figure of the effect in each segment."""

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import MaxNLocator

from clv.language import tell
from clv.plots import style
from clv.plots.offers import DASHED, beside, counted, few_digits, row_ticks
from clv.plots.segments import row_height

SURE = "95\u00a0%"  # intervals of what was measured
ALL = "all"
_NAME = 30  # columns of a segment's name in one line
_BEYOND = 0.6  # of the reach of the steadied intervals, that the others may run beyond it
_STEADIED, _ALONE = ["pooled", "pooled_low", "pooled_high"], ["difference", "low", "high"]
_LOOKS = ("D", style.BLUE, True), ("o", style.MUTED, False)  # steadied by all segments, and alone
Ends = tuple[float, float, float]


def decimals(width: float) -> int:
    """Return the decimals that leave two digits of an interval of this width."""
    return int(np.clip(1 - np.floor(np.log10(width)), 0, 4)) if width > 0 else 2


def signed(number: float, *, digits: int) -> str:
    """Write a number always with its sign.

    >>> signed(0.681, digits=2), signed(-2, digits=1), signed(-1e-9, digits=1)
    ('+0.68', '−2.0', '0.0')
    """
    number = round(number, digits)
    return style.minus(f"{number:+.{digits}f}") if number else f"{0:.{digits}f}"


def short(name: str, width: int) -> str:
    """Return what of a name fits into one line of `width` columns."""
    first, *rest = style.wrap(name, width).split("\n")
    return first + "…" * bool(rest)


def plain_axis(axis: Axis) -> None:
    """Let an axis count in few round steps, with a true minus."""
    axis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    style.ticks(axis, lambda value: style.minus(f"{value:.3g}"))


def interval(
    ax: Axes, y: float, ends: Ends, *, marker: str, colour: str, bold: bool, across: bool = True
) -> None:
    """Draw a value with its interval (value, low, high): bold and filled, or faint and hollow."""
    value, low, high = ends
    line = {"color": colour, "lw": 3 if bold else 1.4, "alpha": 1 if bold else 0.6, "solid_capstyle": "butt"}
    dot = {"color": colour if bold else style.PAPER, "markersize": 7.5 if bold else 5.5}
    edge = {"marker": marker, "markeredgecolor": colour, "markeredgewidth": 1.4}
    for x, look in (([low, high], line), ([value], dot | edge)):
        ax.plot(*((x, [y] * len(x)) if across else ([y] * len(x), x)), **look)


def writer(width: float, *, currency: str | None) -> Callable[[float], str]:
    """Return what writes a number: money, or where that is None, as fine as an interval of `width` allows."""
    if currency is None:
        return partial(signed, digits=decimals(width))
    return partial(few_digits, currency=currency)


def told(ends: Ends, words: Callable[[float], str], *, gap: str = " ") -> str:
    """Write a value (value, low, high) and, after `gap`, its interval, as far as they are known."""
    value, low, high = ends
    if pd.isna(value):
        return tell("cannot be told")
    if pd.isna(low) or pd.isna(high):
        return words(value)
    ends = {"low": words(low), "high": words(high)}
    if gap == "\n":
        return words(value) + gap + tell("({low} to {high})", **ends)
    return tell("{value} ({low} to {high})", value=words(value), **ends)


def segment_effects(
    table: pd.DataFrame,
    *,
    unit: Literal["points", "money"] = "points",
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what the campaign did in each segment: seen alone, and steadied by what the others show.

    `table`: index segment, the last may be 'all'; customers, difference, low, high (of the segment alone,
    95 %), pooled, pooled_low, pooled_high (steadied). `unit`: 'points' for shares of customers, 'money' for
    money per customer. Faint intervals that run far beyond the bold ones end in an arrow.
    """
    labels = [counted(row.Index, row.customers, width=_NAME, of="segment") for row in table.itertuples()]
    question = tell("For whom did it work?")
    effects = table[_STEADIED + _ALONE].astype(float) * (1 if unit == "money" else 100)
    known = effects.notna().any(axis=None)
    high = 1.5 + row_height(labels, least=0.5) * max(len(labels), 2)
    with style.canvas(ax, height=high if known else 2) as ax:
        if not known:
            style.title(ax, question)
            style.nothing(ax, tell("No segment has customers in both arms, so no effect can be told."))
            return ax
        ax.set_xlim(_view(effects))
        width = (effects["pooled_high"] - effects["pooled_low"]).fillna(effects["high"] - effects["low"])
        words = writer(width.median(), currency=(currency or "") if unit == "money" else None)
        for y, (name, row) in enumerate(effects.iterrows()):
            _segment(ax, y, row, words)
            if name == ALL and y:
                ax.axhline(y - 0.5, color=style.GREY, lw=0.8)
        ax.axvline(0, **DASHED, zorder=0)
        row_ticks(ax, labels)
        _effect_axis(ax, unit=unit, currency=currency)
        style.title(ax, question, note=" ")
        _effect_key(ax)
    return ax


def _view(effects: pd.DataFrame) -> tuple[float, float]:
    """Return the ends of the axis: all that is steadied, and of the rest what is not far beyond it."""
    steadied, alone = effects[_STEADIED].to_numpy(), effects[_ALONE].to_numpy()
    near = np.append(alone if np.isnan(steadied).all() else steadied, 0)
    low, high = np.nanmin(near), np.nanmax(near)
    beyond = _BEYOND * (high - low)
    first = max(np.nanmin([low, *alone.ravel()]), low - beyond)
    last = min(np.nanmax([high, *alone.ravel()]), high + beyond)
    room = 0.03 * max(last - first, 1e-9)
    return first - room, last + room


def _segment(ax: Axes, y: int, row: pd.Series, words: Callable[[float], str]) -> None:
    """Draw a segment's effect, steadied and alone, and say both; once where they are the same."""
    said = []
    same = np.allclose(row[_STEADIED], row[_ALONE], rtol=1e-6, atol=0)
    for place, (columns, look) in enumerate(zip((_STEADIED, _ALONE), _LOOKS, strict=True)):
        ends = tuple(row[columns])
        if pd.isna(ends[0]) or (place and same):
            continue
        _effect(ax, y if same else y + (-0.13, 0.17)[place], ends, look)
        said.append(tell("alone {effect}", effect=told(ends, words)) if place else told(ends, words))
    beside(ax, y, "\n".join(said) or tell("cannot be told"))


def _effect(ax: Axes, y: float, ends: Ends, look: tuple[str, str, bool]) -> None:
    """Draw an effect with its interval, with an arrow at each edge that it runs across."""
    marker, colour, bold = look
    interval(ax, y, ends, marker=marker, colour=colour, bold=bold)
    (first, last), (_, low, high) = ax.get_xlim(), ends
    for runs_on, edge, arrow in ((low < first, 0.012, "<"), (high > last, 0.988, ">")):
        if runs_on:
            ax.plot(edge, y, arrow, color=colour, markersize=6, transform=ax.get_yaxis_transform())


def _effect_axis(ax: Axes, *, unit: str, currency: str | None) -> None:
    if unit == "money":
        style.money_axis(ax.xaxis, currency=currency)
        what = tell("Money won per customer, against those left alone (bar: 95\u00a0% interval)")
    else:
        plain_axis(ax.xaxis)
        what = tell("Won per 100 customers (points), against those left alone (bar: 95\u00a0% interval)")
    ax.set_xlabel(what)


def _effect_key(ax: Axes) -> None:
    cut = any(line.get_marker() in ("<", ">") for line in ax.lines)
    names = tell("steadied by all segments"), tell("the segment alone")
    for name, (marker, colour, bold) in zip(names, _LOOKS, strict=True):
        face = {"markerfacecolor": colour if bold else style.PAPER, "markersize": 6}
        ax.plot([], [], color=colour, marker=marker, lw=3 if bold else 1.4, label=name, **face)
    if cut:
        ax.plot([], [], ">", color=style.MUTED, markersize=6, label=tell("runs on"))
    style.key(ax)
