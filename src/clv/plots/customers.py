"""Figures of the question "Who are the customers, and who is slipping away?"."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.offers import people

_BARS = 40  # of a histogram, at most
_SHOWN = 0.99  # of all gaps; a few very long ones would squeeze the rest


def recency_windows(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the shares of customers and of money in each recency window.

    `table`: window, from_day, to_day, customers, customer_share, spend_share, as `recency.windows` makes it.
    """
    labels = [_window(row) for row in table.itertuples()]
    customers, money = tell("share of customers"), tell("share of all money")
    shares = {customers: table["customer_share"], money: table["spend_share"]}
    with style.canvas(ax, height=3.3) as ax:
        paired_bars(ax, labels, shares)
        ax.set(xlabel=tell("Days since the last purchase"), ylabel=tell("Share"))
        style.title(ax, tell("Who bought lately, and who is slipping away?"), note=" ")
        style.key(ax)
    return ax


def _window(row: object) -> str:
    return "\n".join([style.word(row.window, of="segment"), _days(row), people(row.customers)])


def _days(row: object) -> str:
    if pd.isna(row.to_day):
        return tell("from day {first:,}", first=row.from_day)
    if row.from_day == 0:
        return tell("up to {last} days", last=row.to_day)
    return tell("{first} to {last} days", first=row.from_day, last=row.to_day)


def paired_bars(ax: Axes, labels: Sequence[str], shares: dict[str, pd.Series]) -> None:
    """Draw two bars of shares side by side for every label, each with its number."""
    for shift, colour, (name, values) in zip(
        (-0.2, 0.2), (style.SKY, style.BLUE), shares.items(), strict=True
    ):
        bars = ax.bar(np.arange(len(labels)) + shift, values.fillna(0), width=0.38, color=colour, label=name)
        ax.bar_label(bars, [style.percent(value) for value in values.fillna(0)], padding=2, fontsize=8)
    ax.set_xticks(np.arange(len(labels)), labels)
    style.percent_axis(ax.yaxis)
    ax.set_ylim(0, max(*(values.max() for values in shares.values()), 0.01) * 1.12)
    ax.grid(axis="y")


def ladder(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the chance of the next purchase at each step of the loyalty ladder, for several horizons.

    `table`: step, customers, days, share, low, high, as `ladder.steps` makes it. No share: left out.
    """
    steps = table.drop_duplicates("step")
    labels = [
        tell("after purchase {step}", step=row.step) + f"\n{people(row.customers)}"
        for row in steps.itertuples()
    ]
    place = {step: i for i, step in enumerate(steps["step"])}
    stated = table.assign(place=table["step"].map(place)).dropna(subset="share")
    horizons = sorted(stated["days"].unique())
    with style.canvas(ax, height=3.5) as ax:
        style.title(ax, tell("The loyalty ladder: who buys once more, within ..."), note=" ")
        if stated.empty:
            style.nothing(ax, tell("Too early to say: fewer than ten customers were seen for long enough."))
            return ax
        for i, (days, colour) in enumerate(zip(horizons, style.ramp(len(horizons)), strict=True)):
            side = {0: -1, len(horizons) - 1: 1}.get(i, 0)
            shift = (i - (len(horizons) - 1) / 2) * 0.13
            _ladder_line(ax, stated[stated["days"] == days], shift=shift, colour=colour, side=side)
        for empty in set(place.values()) - set(stated["place"]):
            ax.text(empty, 0, tell("too few to say"), ha="center", va="bottom", color=style.MUTED)
        ax.set_xticks(np.arange(len(labels)), labels)
        ax.set_xlim(-0.5, max(len(labels) - 0.5, 1.5))
        top = min(max(stated["high"].max(), 0.01) * 1.15, 1.1)
        ax.set_ylim(-0.07 * top, top)  # room for the numbers under the lowest line
        style.percent_axis(ax.yaxis)
        ax.set_ylabel(tell("Chance of a next purchase"))
        ax.grid(axis="y")
        style.key(ax)
    return ax


def _ladder_line(ax: Axes, rows: pd.DataFrame, *, shift: float, colour: tuple, side: int) -> None:
    """Draw one horizon over the steps; its numbers above (side 1), below (-1) or not written (0)."""
    x, name = rows["place"].to_numpy(dtype=float) + shift, tell("{days} days", days=rows["days"].iloc[0])
    reach = np.clip([rows["share"] - rows["low"], rows["high"] - rows["share"]], 0, None)
    ax.errorbar(x, rows["share"], yerr=reach, fmt="o-", color=colour, lw=1, elinewidth=1.6, label=name)
    # the lines rise, so there is room to the upper left and to the lower right of a point
    where = {"ha": "right", "va": "bottom"} if side > 0 else {"ha": "left", "va": "top"}
    for at, share in zip(x, rows["share"], strict=True):
        if side:
            ax.annotate(
                style.percent(share),
                (at, share),
                (-4 * side, 3 * side),
                textcoords="offset points",
                bbox=style.HALO,
                **where,
            )


def concentration(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how much of the money the best customers bring.

    `table`: customer_share and spend_share, rising from 0 to 1, as `concentration.curve` makes it.
    """
    x, y = table["customer_share"], table["spend_share"]
    with style.canvas(ax, height=3.6) as ax:
        ax.fill_between(x, x, y, color=style.SKY, alpha=0.35, lw=0)
        ax.plot(x, y, color=style.BLUE)
        ax.plot([0, 1], [0, 1], color=style.MUTED, lw=1, ls=(0, (4, 3)))
        words = tell("if all had spent the same")
        ax.annotate(words, (0.62, 0.62), (8, -12), textcoords="offset points", color=style.MUTED)
        for share in (0.01, 0.05, 0.10, 0.20):
            if share >= x.iloc[1]:  # less is not one customer
                _top(ax, share, float(np.interp(share, x, y)))
        for axis in (ax.xaxis, ax.yaxis):
            style.percent_axis(axis)
        ax.set(xlabel=tell("Share of customers, best first"), ylabel=tell("Share of all money"))
        ax.set(xlim=(0, 1.01), ylim=(0, 1.03))
        ax.grid()
        style.title(ax, tell("How much of the money do the best customers bring?"))
    return ax


def _top(ax: Axes, share: float, money: float) -> None:
    ax.plot(share, money, "o", color=style.BLUE, markeredgecolor=style.PAPER, markersize=7)
    top, brought = style.percent(share, digits=0), style.percent(money)
    words = tell("top {top} bring {brought}", top=top, brought=brought)
    ax.annotate(words, (share, money), (11, -3), textcoords="offset points", va="center", bbox=style.HALO)


def repeat_gaps(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many days pass from one purchase to the customer's next.

    `table`: gap (days), as `ladder.gaps` makes it. The longest 1 % of the gaps are not drawn.
    """
    gap, question = table["gap"], tell("How long until the next purchase?")
    with style.canvas(ax, height=3.0) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, tell("Nobody has bought on a second day yet."))
            return ax
        shown = int(np.ceil(gap.quantile(_SHOWN)))
        width = int(np.ceil(shown / _BARS / 7)) * 7 if shown > _BARS else 1
        ax.hist(gap, bins=np.arange(0.5, shown + width + 0.5, width), color=style.SKY)
        ax.axvline(gap.median(), color=style.BLUE)
        ax.annotate(
            tell("half within {days:,.0f} days", days=gap.median()),
            (gap.median(), 1),
            (6, -4),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            color=style.BLUE,
            bbox=style.HALO,
        )
        style.count_axis(ax.yaxis)
        style.count_axis(ax.xaxis)
        ax.set(xlabel=tell("Days to the next purchase"), ylabel=tell("Number of purchases"), xlim=(0, None))
        ax.grid(axis="y")
        style.title(ax, question, note=_counted(gap, width=width, cut=gap.max() > shown + width))
    return ax


def _counted(gap: pd.Series, *, width: int, cut: bool) -> str:
    each = tell("one day") if width == 1 else tell("{days} days", days=width)
    said = tell("{n:,} repeat purchases; a bar is {each}; ", n=len(gap), each=each)
    if cut:
        return said + tell("longest 1 % (to {days:,} days) and open gaps left out", days=gap.max())
    return said + tell("open gaps left out")
