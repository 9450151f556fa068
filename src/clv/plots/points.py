"""Figures of points: what is held, when it expires, whether that was foreseen, and buying around it."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval, plain_axis, signed
from clv.plots.offers import DASHED, beside, row_ticks
from clv.plots.segments import row_height

_MOST = 14  # labels of months side by side


def points_balance(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what was earned, used and expired by month, and the balance at its end.

    `table`: month, earned, adjusted, beyond, used, expired, balance, whole; one row per month, as
    `pointing.balances.by_month` makes it.
    """
    question = tell("How many points do customers hold, and where do they go?")
    with style.canvas(ax, height=3.6) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, tell("Nobody holds points."))
            return ax
        x, fallen = np.arange(len(table)), np.zeros(len(table))
        ax.bar(x, table["earned"], color=style.SKY, width=0.8, label=tell("earned"))
        for name, colour, words in (
            ("used", style.BLUE, tell("used")),
            ("expired", style.ORANGE, tell("expired unused")),
        ):
            ax.bar(x, -table[name], bottom=-fallen, color=colour, width=0.8, label=words)
            fallen = fallen + table[name].to_numpy()
        ax.plot(x, table["balance"], color=style.INK, label=tell("held at the month's end"))
        ax.axhline(0, color=style.GREY, lw=0.8)
        _months(ax, [f"{month:%Y-%m}" for month in table["month"]])
        style.count_axis(ax.yaxis)
        last = style.month(table["month"].iloc[-1])
        more = "" if table["whole"].iloc[-1] else tell("; {month} is not over", month=last)
        more += tell("; changes by hand are not drawn") if table["adjusted"].any() else ""
        ax.set(ylabel=tell("Points"), xlabel=tell("Month{more}", more=more))
        ax.grid(axis="y")
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def expiry_curve(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the points held by the month in which they expire, and how many of them will be unused.

    `table`: index month ('2026-07', 'later', 'never'); points, money, expired, low, high (90 %), as
    `pointing.liability.expiry_curve` makes it.
    """
    question = tell("When do the points that customers hold expire?")
    with style.canvas(ax, height=3.4) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, tell("Nobody holds points."))
            return ax
        x, unused = np.arange(len(table)), table["expired"].to_numpy(dtype=float)
        reach = np.clip([unused - table["low"], table["high"] - unused], 0, None)
        ax.bar(
            x, unused, color=style.ORANGE, width=0.75, label=tell("expected to expire unused (line: 90 %)")
        )
        used = table["points"] - unused
        ax.bar(x, used, bottom=unused, color=style.SKY, width=0.75, label=tell("expected to be used"))
        ax.errorbar(x, unused, yerr=reach, fmt="none", ecolor=style.INK, capsize=3, lw=1)
        _months(ax, list(table.index))
        style.count_axis(ax.yaxis)
        worth = style.money(float(table["money"].sum()), currency=currency)
        when = tell("Month of the last day on which they can be used; all are worth {worth}", worth=worth)
        ax.set(ylabel=tell("Points"), xlabel=when)
        ax.grid(axis="y")
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def breakage_check(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many points expired in each quarter, and what had been forecast before it began.

    `table`: made_on, expired, forecast, low, high (90 %), all_time, last_time; one row per day in the past,
    as `pointing.checking.held_out` makes it.
    """
    question = tell("Was it foreseen how many points would expire?")
    with style.canvas(ax, height=3.4 if len(table) else 2) as ax:
        if table.empty:
            style.title(ax, question)
            said = tell("No points that were due have expired yet, so no forecast can be checked.")
            style.nothing(ax, said)
            return ax
        x, said = np.arange(len(table)), table["forecast"].to_numpy(dtype=float)
        reach = np.clip([said - table["low"], table["high"] - said], 0, None)
        ax.bar(x, table["expired"], color=style.SKY, width=0.7, label=tell("what expired"))
        look = {"fmt": "D", "color": style.ORANGE, "capsize": 3, "markersize": 5}
        ax.errorbar(x - 0.12, said, yerr=reach, label=tell("forecast (90 %)"), **look)
        simple = {"ls": "", "color": style.INK, "markersize": 6}
        ax.plot(x + 0.06, table["all_time"], marker="x", label=tell("as ever so far"), **simple)
        ax.plot(x + 0.2, table["last_time"], marker="+", label=tell("as the quarter before"), **simple)
        # in Chinese a day is wide, so the year has its own line
        ax.set_xticks(x, [style.day(day).replace("年", "年\n") for day in table["made_on"]])
        ax.set_xlim(-0.6, max(len(table), 4) - 0.4)
        ax.set_ylim(bottom=0)
        style.count_axis(ax.yaxis)
        ax.set_ylabel(tell("Points that expired unused"))
        ax.set_xlabel(tell("Day of the forecast, of the 91 days after it"))
        ax.grid(axis="y")
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def buying_around_expiry(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many more holders buy than others like them, where points expire soon and where only later.

    `table`: later (0: in thirty days; else a placebo, days later), holders, difference, low, high (90 %;
    missing where too few), as `pointing.around.expiry` makes it.
    """
    question = tell("Do customers buy more before their points expire?")
    labels = [_distance(row.later, row.holders) for row in table.itertuples()]
    known = table["difference"].notna().any()
    with style.canvas(ax, height=1.5 + row_height(labels, least=0.36) * len(labels) if known else 2) as ax:
        if not known:
            style.title(ax, question)
            said = tell("Too few customers held points that were about to expire to compare them.")
            style.nothing(ax, said)
            return ax
        for y, row in enumerate(table.itertuples()):
            ends = tuple(100 * end for end in (row.difference, row.low, row.high))
            if pd.isna(row.difference):
                beside(ax, y, tell("too few"))
                continue
            real = row.later == 0
            colour = style.BLUE if real else style.MUTED
            interval(ax, y, ends, marker="D" if real else "o", colour=colour, bold=real)
            beside(ax, y, signed(ends[0], digits=1))
        ax.axvline(0, **DASHED, zorder=0)
        row_ticks(ax, labels)
        plain_axis(ax.xaxis)
        ax.set_xlabel(tell("More buyers within 30 days than among holders like them, in 100 (bar: 90 %)"))
        style.title(ax, question, note=tell("where points expire only later, nothing should show"))
    return ax


def _distance(later: int, holders: float) -> str:
    words = tell("points expire in 30 days") if later == 0 else tell("only {days} days later", days=later)
    return tell("{words}\n{times:,.0f} times", words=words, times=holders)


def _months(ax: Axes, names: list[str]) -> None:
    """Name the months ('2026-07' or a word), the year under each first month of a year that is named."""
    shown = style.few(names, most=_MOST)
    labels, last = [], ""
    for at in shown:
        year, _, month = names[at].partition("-")
        if not month:  # 'later' and 'never' stand among the months
            labels.append(style.word(year, of="month"))
            continue
        name = style.month_name(date(int(year), int(month), 1))
        labels.append(name if year == last else f"{name}\n{style.year(int(year))}")
        last = year
    ax.set_xticks(shown, labels)
    middle, half = (len(names) - 1) / 2, max(len(names), 8) / 2
    ax.set_xlim(middle - half, middle + half)
