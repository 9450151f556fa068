"""Figures of the season: weeks with their festivals, how far these stand out, and whether that helps."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import DASHED, beside, row_ticks
from clv.plots.segments import row_height

_KINDS = (
    ("returning", "returning customers", style.BLUE),
    ("new", "new customers", style.SKY),
    ("unnamed", "buyer not named", style.GREY),
)
_ROWS = 3  # of festivals' names above each other, 0.07 of the tallest week each
_COLUMNS = 150  # of a name's letters fit side by side into the width of a figure
_FARTHEST = 8.0  # times ordinary days; the axis goes no farther
_TICKS = (0.125, 0.25, 0.5, 1, 2, 4, 8)
_WHO = {"returning": (style.BLUE, -0.16), "new": (style.ORANGE, 0.16)}


def festival_weeks(
    table: pd.DataFrame,
    windows: pd.DataFrame,
    *,
    what: Literal["orders", "money"] = "orders",
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw orders or money by week, the windows of festivals shaded and named as far as there is room.

    `table`: week, new_…, returning_…, unnamed_… (orders or money), whole. `windows`: name_zh, day, from, to.
    """
    with style.canvas(ax, height=3.8) as ax:
        base, middle = np.zeros(len(table)), table["week"] + pd.Timedelta(days=3.5)
        for kind, label, colour in _KINDS:
            column = table[f"{kind}_{what}"].to_numpy(dtype=float)
            if column.any():
                ax.bar(middle, column, bottom=base, width=6.2, color=colour, label=label, lw=0, zorder=2)
                base = base + column
        first, last = table["week"].iloc[0], table["week"].iloc[-1] + pd.Timedelta(days=7)
        near = windows[(windows["to"] >= first) & (windows["from"] < last)].sort_values("day")
        for row in near.itertuples():
            ax.axvspan(
                row[near.columns.get_loc("from") + 1], row.to, color=style.ORANGE, alpha=0.13, lw=0, zorder=0
            )
        top = max(base.max(), 1.0)
        _names(ax, near, first, last, top=top)
        ax.set(xlim=(first - (last - first) * 0.025, last), ylim=(0, top * (1.28 if len(near) else 1.06)))
        _week_axes(ax, table, shaded=bool(len(near)), what=what, currency=currency)
        title = "When is more bought?" if what == "orders" else "When does more money come in?"
        style.title(ax, title, note=" ")
        style.key(ax)
    return ax


def _names(ax: Axes, windows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, *, top: float) -> None:
    """Write each festival's name at its day, in the first row with room; without room, leave it out."""
    per_column = (last - first) / _COLUMNS
    free = [first] * _ROWS
    for row in windows.itertuples():
        half = style.columns(row.name_zh) * per_column / 2
        centre = min(max(row.day, first + half), last - half)
        place = next((at for at, end in enumerate(free) if centre - half >= end), None)
        if place is not None:
            free[place] = centre + half + per_column
            ax.text(
                centre, top * (1.2 - 0.07 * place), row.name_zh, ha="center", fontsize=7, color=style.MUTED
            )


def _week_axes(ax: Axes, table: pd.DataFrame, *, shaded: bool, what: str, currency: str | None) -> None:
    locator = AutoDateLocator(minticks=4, maxticks=10)
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    if what == "money":
        style.money_axis(ax.yaxis, currency=currency)
        ax.set_ylabel(style.in_currency("Money kept per week", currency))
    else:
        style.count_axis(ax.yaxis)
        ax.set_ylabel("Orders per week")
    last = "" if table["whole"].iloc[-1] else "; the last week is not over"
    bands = "Shaded: windows of festivals" if shaded else "No festival is known in these weeks"
    ax.set_xlabel(bands + last)
    ax.grid(axis="y")


def season_index(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how much more is bought in each festival's window than on ordinary days.

    `table`: name_zh, name, who ('returning' or 'new'), factor, low, high (90 %), told ('cannot tell' or
    not), shared (other festivals on the same days). Hollow is what cannot be told from ordinary days.
    """
    question = "Which festivals stand out?"
    names = list(dict.fromkeys(table["name_zh"]))
    one = table.drop_duplicates("name_zh").set_index("name_zh")
    labels = [_label(name, one.at[name, "name"], one.at[name, "shared"]) for name in names]
    high = 1.4 + row_height(labels, least=0.42) * max(len(names), 2) if names else 2
    with style.canvas(ax, height=high) as ax:
        if not names:
            style.title(ax, question)
            style.nothing(ax, "No festival is known in these years, or too few days are ordinary ones.")
            return ax
        for y, name in enumerate(names):
            rows = table[table["name_zh"] == name].set_index("who")
            beside(ax, y, "\n".join(_drawn(ax, y, rows.loc[who], who) for who in _WHO if who in rows.index))
        ax.axvline(1, **DASHED, zorder=0)
        row_ticks(ax, labels)
        _times_axis(ax, table)
        style.title(ax, question, note=" ")
        for who, (colour, _) in _WHO.items():
            ax.plot([], [], "o", color=colour, markersize=6, label=f"{who} customers")
        ax.plot([], [], "o", color=style.PAPER, markeredgecolor=style.MUTED, label="cannot tell")
        style.key(ax)
    return ax


def _label(name_zh: str, name: str, shared: str) -> str:
    whole = name if name.startswith(name_zh) else f"{name_zh} {name}"
    return style.wrap(whole, 30) + (f"\n{style.wrap(f'days shared with {shared}', 30)}" if shared else "")


def _drawn(ax: Axes, y: int, row: pd.Series, who: str) -> str:
    """Draw a factor with its interval and return it in words."""
    colour, shift = _WHO[who]
    ends = (row["factor"], row["low"], row["high"])
    bold = row["told"] != "cannot tell"
    interval(ax, y + shift, ends, marker="o", colour=colour, bold=bold)
    return f"{who} " + (_times(ends) if row["high"] < 100 else "cannot tell")


def _times(ends: Sequence[float]) -> str:
    value, low, high = (f"{number:.{1 if number >= 1 else 2}f}" for number in ends)
    return f"{value}× ({low} to {high})"


def _times_axis(ax: Axes, table: pd.DataFrame) -> None:
    low = max(min(table["low"].min(), 0.5), 1 / _FARTHEST) / 1.08
    high = min(max(table["high"].max(), 2.0), _FARTHEST) * 1.08
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low <= tick <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
    ax.set_xlabel("Purchases in the window, times those of ordinary days (bar: 90 %)")


def season_check(table: pd.DataFrame, *, window: int, ax: Axes | None = None) -> Axes:
    """Draw how many buyers past windows had, beside what the calendar and the festivals had foreseen.

    `table`: day (the window's first), effective_days, bought, calendar, clock (buyers), the latest first.
    """
    question = "Do festivals help to foresee who buys?"
    labels = [
        f"from {row.day:%Y-%m-%d}\ncounts as {row.effective_days:.0f} days" for row in table.itertuples()
    ]
    with style.canvas(ax, height=1.4 + 0.5 * max(len(table), 2) if labels else 2) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, "No past window has a year of orders before it, so nobody can tell.")
            return ax
        y = np.arange(len(table))
        hollow = {"markerfacecolor": style.PAPER, "markersize": 6.5, "markeredgewidth": 1.6}
        ax.plot(table["bought"].to_numpy(), y, "o", color=style.BLUE, markersize=7, label="what happened")
        ax.plot(
            table["calendar"].to_numpy(), y - 0.2, "s", color=style.MUTED, **hollow, label="by the calendar"
        )
        ax.plot(
            table["clock"].to_numpy(),
            y + 0.2,
            "D",
            color=style.ORANGE,
            markersize=6.5,
            label="with festivals",
        )
        for at, row in enumerate(table.itertuples()):
            beside(ax, at, f"{row.bought:,.0f} came\nforeseen {row.calendar:,.0f}, {row.clock:,.0f}")
        row_ticks(ax, labels)
        ax.set_xlim(0, max(table[["bought", "calendar", "clock"]].max().max(), 1) * 1.06)
        style.count_axis(ax.xaxis)
        ax.set_xlabel(f"Buyers within {window:,} days")
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax
