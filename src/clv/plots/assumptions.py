"""Figure of what the model does not know: the pace of each month."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval

_FARTHEST = 4.0  # times the mean month; the axis goes no farther
_TICKS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)
_LEAST = (0.7, 1.45)  # the axis shows at least this, so that a quiet year looks quiet


def pace_by_month(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how fast customers buy in each month of the year, times the mean month.

    `table`: index month (1 to 12), factor, low, high (90 %, all months together). Bold: leaves out 1.
    """
    low, high = _view(table)
    with style.canvas(ax, height=3.2) as ax:
        ax.axhline(1, color=style.MUTED, lw=1, ls=(0, (4, 3)), zorder=0)
        for month, row in table.iterrows():
            bold = row["low"] > 1 or row["high"] < 1
            ends = tuple(np.clip(row[["factor", "low", "high"]], low, high))
            interval(ax, month, ends, marker="o", colour=style.BLUE, bold=bold, across=False)
        ax.set_xlim(0.4, 12.6)
        names = [style.month_name(pd.Period(year=2000, month=month, freq="M")) for month in range(1, 13)]
        ax.set_xticks(range(1, 13), names)
        ax.set_yscale("log")
        ax.set_ylim(low, high)
        ax.yaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low <= tick <= high]))
        ax.yaxis.set_minor_locator(NullLocator())
        style.ticks(ax.yaxis, lambda value: f"{value:g}×")
        ax.set_ylabel(tell("Pace, times the mean month"))
        ax.set_xlabel(tell("Month (bars: 90 % for all months together; bold: differs beyond chance)"))
        ax.grid(axis="y")
        style.title(ax, tell("Do the same customers buy more in some months?"))
    return ax


def _view(table: pd.DataFrame) -> tuple[float, float]:
    low = max(min(table["low"].min(), _LEAST[0]), 1 / _FARTHEST)
    high = min(max(table["high"].max(), _LEAST[1]), _FARTHEST)
    return low / 1.05, high * 1.05
