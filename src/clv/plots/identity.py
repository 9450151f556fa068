"""The figure of who is one person: how many customers there are and how many come back, joined so or so."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import beside, people, row_ticks

_LEAST = 0.02  # of the axis: with a narrower view, noise would look like news


def identity_levels(table: pd.DataFrame, *, own: str, ax: Axes | None = None) -> Axes:
    """Draw the share of customers that came back at each way of joining their ids, with its interval.

    `table`: one row per level: level, way (its words), customers, repeat_rate, low, high (90 %), as
    `identity.what_if` makes it. `own`: the shop's own level, drawn bold.
    """
    known = table.dropna(subset=["repeat_rate"])
    question = tell("How many come back, if more ids are one person's?")
    with style.canvas(ax, height=3.1 if len(known) else 2) as ax:
        style.title(ax, question, note=" " if len(known) else "")
        if known.empty:
            style.nothing(ax, tell("No order names its buyer, so nobody can be joined."))
            return ax
        for y, row in enumerate(known.itertuples()):
            _row(ax, y, row, bold=row.level == own)
        row_ticks(ax, [style.word(way) for way in known["way"]])
        _view(ax, known)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Share of customers that bought on a second day (bar: 90\u00a0% interval)"))
        face = {"markersize": 6.5, "markerfacecolor": style.BLUE}
        ax.plot([], [], "o-", color=style.BLUE, lw=3, label=tell("as this shop joins"), **face)
        style.key(ax)
    return ax


def _row(ax: Axes, y: int, row: tuple, *, bold: bool) -> None:
    colour = style.BLUE if bold else style.MUTED
    interval(ax, y, (row.repeat_rate, row.low, row.high), marker="o", colour=colour, bold=bold)
    beside(ax, y, f"{people(row.customers)}\n{style.percent(row.repeat_rate, digits=1)}")


def _view(ax: Axes, table: pd.DataFrame) -> None:
    low, high = table["low"].min(), table["high"].max()
    room = max(0.06 * (high - low), (_LEAST - (high - low)) / 2)
    ax.set_xlim(np.clip([low - room, high + room], 0, 1))
