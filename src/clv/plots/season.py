"""Figures of the season: weeks with their festivals, how far these stand out, and whether that helps."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from clv.language import label, spoken, tell
from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import DASHED, beside, row_ticks
from clv.plots.segments import row_height

_KINDS = (
    ("returning", "returning customers", style.BLUE),
    ("new", "new customers", style.SKY),
    ("unnamed", "buyer not named", style.GREY),
)
_ROWS = (1.08, 1.17)  # heights of festivals' names, in tallest weeks
_COLUMNS = 118  # of a name's letters fit side by side into the width of a figure
_APART = 3  # columns between two names
_FARTHEST = 8.0  # times ordinary days; the axis goes no farther
_TICKS = (0.125, 0.25, 0.5, 1, 2, 4, 8)
_WHO = {
    "returning": ("returning customers", style.BLUE, -0.16),
    "new": ("new customers", style.ORANGE, 0.16),
}


def festival_weeks(
    table: pd.DataFrame,
    windows: pd.DataFrame,
    *,
    what: Literal["orders", "money"] = "orders",
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw orders or money by week, the windows of festivals shaded, the busiest named where there is room.

    `table`: week, new_…, returning_…, unnamed_… (orders or money), whole. `windows`: name_zh, name (English),
    day, from, to.
    """
    with style.canvas(ax, height=3.8) as ax:
        base, middle = np.zeros(len(table)), table["week"] + pd.Timedelta(days=3.5)
        for kind, words, colour in _KINDS:
            column = table[f"{kind}_{what}"].to_numpy(dtype=float)
            if column.any():
                look = {"width": 6.2, "color": colour, "lw": 0, "zorder": 2}
                ax.bar(middle, column, bottom=base, label=tell(words), **look)
                base = base + column
        first, last = table["week"].iloc[0], table["week"].iloc[-1] + pd.Timedelta(days=7)
        near = windows[(windows["to"] >= first) & (windows["from"] < last)].sort_values("day")
        for start, end in zip(near["from"], near["to"], strict=True):
            ax.axvspan(start, end, color=style.ORANGE, alpha=0.13, lw=0, zorder=0)
        top = max(base.max(), 1.0)
        named = _names(ax, _busiest_first(near, table["week"], base), first, last, top=top)
        ax.set(xlim=(first - (last - first) * 0.025, last), ylim=(0, top * (1.25 if len(near) else 1.06)))
        _week_axes(ax, what=what, currency=currency)
        ax.set_xlabel(_bands(len(near), named=named) + _not_over(whole=table["whole"].iloc[-1]))
        orders, money = tell("When is more bought?"), tell("When does more money come in?")
        style.title(ax, money if what == "money" else orders, note=" ")
        style.key(ax)
    return ax


def _busiest_first(windows: pd.DataFrame, weeks: pd.Series, total: np.ndarray) -> pd.DataFrame:
    """Return the windows by how high the weeks stand in them, those of one festival together."""
    ends = weeks + pd.Timedelta(days=7)
    highest = [
        total[((weeks <= end) & (ends > start)).to_numpy()].max(initial=0)
        for start, end in zip(windows["from"], windows["to"], strict=True)
    ]
    height = (
        pd.Series(highest, index=windows.index, dtype=float).groupby(windows["name_zh"]).transform("mean")
    )
    return windows.loc[height.sort_values(ascending=False, kind="stable").index]


def _names(ax: Axes, windows: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp, *, top: float) -> int:
    """Write festivals' names at their days, the first ones where there is room; return how many found it."""
    taken: list[tuple[float, float, float, int]] = []  # from, to and day, in columns, and the row
    for row in windows.itertuples():
        name = row.name_zh if spoken() == "zh" else row.name
        half = style.columns(name) / 2
        day = min(max((row.day - first) / (last - first), 0), 1) * _COLUMNS
        centre = min(max(day, half), _COLUMNS - half)
        ends = (centre - half, centre + half, day)
        place = next((at for at in range(len(_ROWS)) if _is_free((*ends, at), taken)), None)
        if place is not None:
            taken.append((*ends, place))
            at, x = (first + (last - first) * (columns / _COLUMNS) for columns in (day, centre))
            ax.plot([at, at], [top * 1.02, top * (_ROWS[place] - 0.01)], color=style.GREY, lw=0.8)
            ax.text(x, top * _ROWS[place], name, ha="center", fontsize=7.5, color=style.MUTED)
    return len(taken)


def _is_free(mine: tuple[float, float, float, int], taken: Sequence[tuple[float, float, float, int]]) -> bool:
    """Whether a name keeps clear of the others, and of the lines that lead to those above it."""
    low, high, day, row = mine
    for start, end, other, place in taken:
        lowest, highest = (start, end) if place <= row else (other, other)
        left, right = (low, high) if row <= place else (day, day)
        gap = _APART if row == place else 1
        if left < highest + gap and lowest < right + gap:
            return False
    return True


def _week_axes(ax: Axes, *, what: str, currency: str | None) -> None:
    style.date_axis(ax.xaxis)
    if what == "money":
        style.money_axis(ax.yaxis, currency=currency)
        ax.set_ylabel(style.in_currency(tell("Money kept per week"), currency))
    else:
        style.count_axis(ax.yaxis)
        ax.set_ylabel(tell("Orders per week"))
    ax.grid(axis="y")


def _bands(windows: int, *, named: int) -> str:
    if not windows:
        return tell("No festival is known in these weeks")
    if named < windows:
        return tell("Shaded: windows of festivals, those of the busiest weeks named")
    return tell("Shaded: windows of festivals")


def _not_over(*, whole: bool) -> str:
    return "" if whole else tell("; the last week is not over")


def season_index(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how much more is bought in each festival's window than on ordinary days.

    `table`: name_zh, name, who ('returning' or 'new'), factor, low, high (90 %), told ('cannot tell' or
    not), shared (other festivals on the same days). Hollow is what cannot be told from ordinary days.
    """
    question = tell("Which festivals stand out?")
    one = table.drop_duplicates("name_zh").set_index("name_zh")
    english = one["name"].to_dict()
    labels = [_label(name, row["name"], _shared(row["shared"], english)) for name, row in one.iterrows()]
    high = 1.4 + row_height(labels, least=0.42) * max(len(one), 2) if len(one) else 2
    with style.canvas(ax, height=high) as ax:
        if one.empty:
            style.title(ax, question)
            words = tell("No festival is known in these years, or too few days are ordinary ones.")
            style.nothing(ax, words)
            return ax
        for y, name in enumerate(one.index):
            rows = table[table["name_zh"] == name].set_index("who")
            beside(ax, y, "\n".join(_drawn(ax, y, rows.loc[who], who) for who in _WHO if who in rows.index))
        ax.axvline(1, **DASHED, zorder=0)
        row_ticks(ax, labels)
        _times_axis(ax, table)
        style.title(ax, question, note=" ")
        for words, colour, _ in _WHO.values():
            ax.plot([], [], "o", color=colour, markersize=6, label=tell(words))
        ax.plot([], [], "o", color=style.PAPER, markeredgecolor=style.MUTED, label=label("cannot tell"))
        style.key(ax)
    return ax


def _label(name_zh: str, name: str, shared: str) -> str:
    both = name if name.startswith(name_zh) else f"{name_zh} {name}"
    whole = style.wrap(name_zh if spoken() == "zh" else both, 30)
    return whole + (f"\n{style.wrap(tell('days shared with {shared}', shared=shared), 30)}" if shared else "")


def _shared(names_zh: str, english: Mapping[str, str]) -> str:
    """Return names as the reader writes them; in English where the table has their names."""
    if spoken() == "zh":
        return names_zh
    return ", ".join(english.get(name, name) for name in names_zh.split("、"))


def _drawn(ax: Axes, y: int, row: pd.Series, who: str) -> str:
    """Draw a factor with its interval and return it in words."""
    _, colour, shift = _WHO[who]
    ends = (row["factor"], row["low"], row["high"])
    bold = row["told"] != "cannot tell"
    interval(ax, y + shift, ends, marker="o", colour=colour, bold=bold)
    found = _times(ends) if row["high"] < 100 else label("cannot tell")
    if who == "new":
        return tell("new {found}", found=found)
    return tell("returning {found}", found=found)


def _times(ends: Sequence[float]) -> str:
    value, low, high = (f"{number:.{1 if number >= 1 else 2}f}" for number in ends)
    return tell("{value}× ({low} to {high})", value=value, low=low, high=high)


def _times_axis(ax: Axes, table: pd.DataFrame) -> None:
    low = max(min(table["low"].min(), 0.5), 1 / _FARTHEST) / 1.08
    high = min(max(table["high"].max(), 2.0), _FARTHEST) * 1.08
    ax.set_xscale("log")
    ax.set_xlim(low, high)
    ax.xaxis.set_major_locator(FixedLocator([tick for tick in _TICKS if low <= tick <= high]))
    ax.xaxis.set_minor_locator(NullLocator())
    style.ticks(ax.xaxis, lambda value: f"{value:g}×")
    ax.set_xlabel(tell("Purchases in the window, times those of ordinary days (bar: 90 %)"))


def season_check(table: pd.DataFrame, *, window: int, ax: Axes | None = None) -> Axes:
    """Draw how many buyers past windows had, beside what the calendar and the festivals had foreseen.

    `table`: day (the window's first), effective_days, bought, calendar, clock (buyers), the latest first.
    """
    question = tell("Do festivals help to foresee who buys?")
    labels = [
        tell("from {day}\ncounts as {days:.0f} days", day=style.day(row.day), days=row.effective_days)
        for row in table.itertuples()
    ]
    with style.canvas(ax, height=1.4 + 0.5 * max(len(table), 2) if labels else 2) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, tell("No past window has a year of orders before it, so nobody can tell."))
            return ax
        for column, shift, words, look in _foresights():
            ax.plot(table[column].to_numpy(), np.arange(len(table)) + shift, ls="", label=words, **look)
        for at, row in enumerate(table.itertuples()):
            beside(ax, at, _came(row))
        row_ticks(ax, labels)
        ax.set_xlim(0, max(table[["bought", "calendar", "clock"]].max().max(), 1) * 1.06)
        style.count_axis(ax.xaxis)
        ax.set_xlabel(tell("Buyers within {window:,} days", window=window))
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def _foresights() -> list[tuple[str, float, str, dict[str, object]]]:
    """Return column, place in the row, words and look of what happened and of both forecasts."""
    hollow = {"markerfacecolor": style.PAPER, "markeredgewidth": 1.6, "markersize": 6.5}
    return [
        ("bought", 0, tell("what happened"), {"marker": "o", "color": style.BLUE, "markersize": 7}),
        ("calendar", -0.2, tell("by the calendar"), {"marker": "s", "color": style.MUTED, **hollow}),
        ("clock", 0.2, tell("with festivals"), {"marker": "D", "color": style.ORANGE, "markersize": 6.5}),
    ]


def _came(row: object) -> str:
    return tell(
        "{bought:,.0f} came\nforeseen {calendar:,.0f}, {festivals:,.0f}",
        bought=row.bought,
        calendar=row.calendar,
        festivals=row.clock,
    )
