"""Figures of what is believed of offers: do they pay, on which baseline, and will a test tell."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.segments import row_height

_NAME = 28  # columns of an option's name in one line
_MOST = 16  # options; the others earn less than all of these
_FAR = 2.5  # times the widest interval; a break-even beyond is only pointed at
_PAYS, _NOT = ("D", style.BLUE), ("o", style.PAPER)
_BREAK_EVEN = {"color": style.ORANGE, "ls": "", "markersize": 15, "markeredgewidth": 2.6}
DASHED = {"color": style.MUTED, "lw": 1, "ls": (0, (4, 3))}


def people(number: int) -> str:
    """Return a number of customers in words."""
    return tell("{n:,.0f} customer{s}", n=number, s="" if number == 1 else "s")


def counted(name: object, number: int, *, width: int, of: str = "") -> str:
    """Return a row's name in lines of so many columns, its customers below; `of`: see `style.word`."""
    return f"{style.wrap(style.word(name, of=of), width)}\n{people(number)}"


def beside(ax: Axes, y: float, words: str) -> None:
    """Write words at the right of a row, outside the axes."""
    ax.text(1.015, y, words, transform=ax.get_yaxis_transform(), va="center", fontsize=8.5)


def few_digits(value: float, *, currency: str | None) -> str:
    """Return money in words, no finer than hundredths."""
    return style.money(round(value, 2), currency=currency)


def offer_chances(
    table: pd.DataFrame, *, window: int, currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what each offer is believed to move, against what it has to move to pay for itself.

    `table`: index option; label (words), uplift, uplift_low, uplift_high (buyers won within `window` days,
    as a share of those contacted; mean, 5 and 95 %), break_even (the same share; infinite where no uplift
    would pay), chance_positive (0 to 1), profit, profit_low, profit_high (money per contact).
    The most profitable stands on top, 16 at most; thick is the part of the interval that pays.
    """
    rows = table.sort_values("profit", ascending=False, kind="stable").head(_MOST)
    labels = [style.wrap(style.word(name), _NAME) for name in rows["label"]]
    question = tell("Which offers are believed to pay?")
    high = 1.4 + row_height(labels, least=0.42) * max(len(rows), 2) if len(rows) else 2
    with style.canvas(ax, height=high) as ax:
        if rows["uplift"].notna().sum() == 0:
            style.title(ax, question)
            style.nothing(ax, tell("Nothing is known of any offer: there is no row with an uplift."))
            return ax
        last = _last(rows)
        for y, row in enumerate(rows.itertuples()):
            _option(ax, y, row, last=last)
            beside(ax, y, _verdict(row, currency=currency))
        ax.axvline(0, **DASHED, zorder=0)
        first = min(0, rows["uplift_low"].min())
        ax.set_xlim(first - 0.03 * (last - first), last + 0.03 * (last - first))
        row_ticks(ax, labels)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(_what_is_won(window, of=len(table)))
        style.title(ax, question, note=" ")
        _offer_key(ax, far=(rows["break_even"] > last).any())
    return ax


def _what_is_won(window: int, *, of: int) -> str:
    won = tell(
        "Buyers won within {window:,} days, as a share of those contacted (bar: 5 to 95 %)", window=window
    )
    if of <= _MOST:
        return won
    return f"{won}\n" + tell("the {most} most profitable of {of}", most=_MOST, of=of)


def _last(rows: pd.DataFrame) -> float:
    """Return where the axis ends: at the last interval or break-even that is not far off."""
    reach = max(1e-4, rows["uplift_high"].max())
    near = rows["break_even"][rows["break_even"] <= _FAR * reach]
    return max(reach, near.max() if len(near) else 0)


def _option(ax: Axes, y: int, row: object, *, last: float) -> None:
    pays = row.uplift > row.break_even
    ax.plot([row.uplift_low, row.uplift_high], [y, y], color=style.GREY, lw=1.8)
    if row.uplift_high > row.break_even:
        ax.plot([max(row.uplift_low, row.break_even), row.uplift_high], [y, y], color=style.SKY, lw=6)
    marker, colour = _PAYS if pays else _NOT
    edge = {"markeredgecolor": style.BLUE if pays else style.INK, "markeredgewidth": 1.3}
    ax.plot(row.uplift, y, marker, color=colour, markersize=7, **edge)
    if row.break_even > last:
        far = _BREAK_EVEN | {"markersize": 8, "markeredgewidth": 0}
        ax.plot(0.985, y, ">", transform=ax.get_yaxis_transform(), clip_on=False, **far)
    else:
        ax.plot(row.break_even, y, "|", **_BREAK_EVEN)


def _verdict(row: object, *, currency: str | None) -> str:
    """Return the chance that the option pays, and its profit with its interval, in words."""
    if pd.isna(row.chance_positive):
        return tell("cannot be told")
    if np.isposinf(row.break_even):
        chance = tell("never pays")
    else:
        chance = tell("pays with {chance}", chance=style.percent(row.chance_positive))
    mean, low, high = (
        few_digits(value, currency=currency) for value in (row.profit, row.profit_low, row.profit_high)
    )
    return tell("{chance}, {mean} a contact\n({low} to {high})", chance=chance, mean=mean, low=low, high=high)


def _offer_key(ax: Axes, *, far: bool) -> None:
    marker, colour = _PAYS
    ax.plot([], [], marker, color=colour, markersize=6, label=tell("mean, if above break-even"))
    ax.plot([], [], _NOT[0], color=_NOT[1], markersize=6, markeredgecolor=style.INK, label=tell("if below"))
    ax.plot([], [], color=style.SKY, lw=6, label=tell("part that pays"))
    ax.plot([], [], "|", **_BREAK_EVEN | {"markersize": 10}, label=tell("break-even"))
    if far:
        ax.plot([], [], ">", color=style.ORANGE, markersize=6, label=tell("far off"))
    style.key(ax)


def row_ticks(ax: Axes, labels: Sequence[str]) -> None:
    """Name the rows, the first on top."""
    ax.set_yticks(np.arange(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.grid(axis="x")


def baseline_check(table: pd.DataFrame, *, window: int, ax: Axes | None = None) -> Axes:
    """Draw how many bought within `window` days at an earlier day: the model, what happened, what is used.

    `table`: one row per band of recency: band (words), customers, predicted (mean chance, the raw model),
    observed (share that bought), low, high (90 % of `observed`), used (mean chance when put right), today
    (mean chance of today's customers).
    """
    labels = [counted(row.band, row.customers, width=_NAME) for row in table.itertuples()]
    question = tell("Does the model know how many buy without a call?")
    with style.canvas(
        ax, height=1.4 + row_height(labels, least=0.45) * max(len(table), 2) if labels else 2
    ) as ax:
        if table["observed"].notna().sum() == 0:
            style.title(ax, question)
            never = tell("There is no earlier day on which the model could be compared with what happened.")
            style.nothing(ax, never)
            return ax
        y = np.arange(len(table))
        reach = np.clip([table["observed"] - table["low"], table["high"] - table["observed"]], 0, None)
        bar = {"ecolor": style.SKY, "elinewidth": 5, "color": style.BLUE, "markersize": 6}
        ax.errorbar(table["observed"], y, xerr=reach, fmt="o", **bar, label=tell("what happened (bar: 90 %)"))
        hollow = {"markerfacecolor": style.PAPER, "markersize": 6.5, "markeredgewidth": 1.6}
        ax.plot(table["predicted"], y - 0.2, "s", color=style.MUTED, **hollow, label=tell("the model alone"))
        ax.plot(
            table["used"],
            y + 0.2,
            "D",
            color=style.ORANGE,
            markersize=6.5,
            label=tell("the model, put right"),
        )
        for at, row in enumerate(table.itertuples()):
            beside(ax, at, _three(row))
        row_ticks(ax, labels)
        ax.set_xlim(0, max(table[["predicted", "high", "observed", "used"]].max().max(), 0.001) * 1.06)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Share that bought within {window:,} days", window=window))
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def _three(row: object) -> str:
    shares = {"was": row.observed, "used": row.used, "today": row.today}
    said = {name: "?" if pd.isna(share) else style.percent(share) for name, share in shares.items()}
    return tell("was {was}, put right {used}\ntoday's customers: {today}", **said)


def detectable(table: pd.DataFrame, *, control_share: float, expected: float, ax: Axes | None = None) -> Axes:
    """Draw the smallest effect that the campaign can tell from luck, by the share that is left alone.

    `table`: control_share (0 to 1), detectable (difference in the share that buys).
    `control_share`: the share chosen. `expected`: the effect that is expected, in the unit of `detectable`.
    """
    rows = table[np.isfinite(table["detectable"])].sort_values("control_share")
    question = tell("Will the campaign be able to tell whether it worked?")
    with style.canvas(ax, height=3.6 if len(rows) else 2) as ax:
        if rows.empty:
            style.title(ax, question)
            style.nothing(ax, tell("Too few customers: no effect, however large, could be told from luck."))
            return ax
        seen = float(np.interp(control_share, rows["control_share"], rows["detectable"]))
        top = max(2.4 * seen, 1.5 * expected if expected > 0 else 0, 1.6 * rows["detectable"].min())
        ax.plot(rows["control_share"], rows["detectable"], color=style.BLUE)
        ax.fill_between(rows["control_share"], rows["detectable"], top, color=style.SKY, alpha=0.2, lw=0)
        inside = {"transform": ax.transAxes, "ha": "center", "color": style.MUTED}
        ax.text(0.5, 0.93, tell("can be told from luck"), **inside)
        if rows["detectable"].min() > 0.22 * top:
            ax.text(0.5, 0.05, tell("looks like luck"), **inside)
        if expected > 0:
            ax.axhline(expected, color=style.ORANGE, ls=(0, (5, 2)))
            beside(ax, expected, tell("expected\n{points}", points=_points(expected)))
        _chosen(ax, control_share, seen, expected)
        last = max(rows["control_share"].max(), control_share)
        ax.set(xlim=(-0.02 * last, 1.02 * last), ylim=(0, top))
        style.percent_axis(ax.xaxis)
        style.ticks(ax.yaxis, lambda value: style.minus(f"{value * 100:.3g}"))
        ax.set(xlabel=tell("Share of the customers left alone"), ylabel=tell("Difference in buyers (points)"))
        ax.grid(axis="y")
        style.title(
            ax, question, note=tell("line: the smallest effect seen in 4 of 5 campaigns that have it")
        )
    return ax


def _chosen(ax: Axes, share: float, seen: float, expected: float) -> None:
    verdict = tell("can tell" if expected >= seen else "cannot tell")
    ax.axvline(share, color=style.MUTED, lw=1)
    ax.plot(share, seen, "D", color=style.BLUE, markersize=7, markeredgecolor=style.PAPER)
    words = tell(
        "{share} left alone: sees {points} or more\n{verdict}",
        share=style.per_cent(f"{share * 100:.3g}"),
        points=_points(seen),
        verdict=verdict,
    )
    left = share > 0.62 * ax.get_xlim()[1]  # the curve falls from the left, so the right is free
    where = {"ha": "right" if left else "left", "va": "bottom", "bbox": style.HALO}
    ax.annotate(words, (share, seen), (-8 if left else 8, 9), textcoords="offset points", **where)


def _points(value: float) -> str:
    return tell("{points} points", points=style.minus(f"{value * 100:.2g}"))
