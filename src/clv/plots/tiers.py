"""Figures of tiers: how many hold them, what they bring and cost, who moved, what moving them would do."""

from datetime import date

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import segments, style
from clv.plots.offers import DASHED, beside, counted, row_ticks

_BARS = (
    ("customers", "share", style.GREY),
    ("their money in the last year", "spend_share", style.SKY),
    ("what their benefits cost", "cost_share", style.BLUE),
)
_NAME = 22  # columns of a tier's name in one line
_PALE = 0.4
_ABOVE = {"textcoords": "offset points", "ha": "center", "fontsize": 8.5}


def tier_sizes(sizes: pd.DataFrame, *, whole: pd.Series, ax: Axes | None = None) -> Axes:
    """Draw how many customers held each tier at every review.

    `sizes`: index day, a column per tier that has to be earned, lowest first (customers). `whole`: same
    index, whether all of the time that counts had been seen by then; before it bars are pale.
    """
    question, empty = tell("How many hold a tier?"), sizes.empty or sizes.shape[1] == 0
    with style.canvas(ax, height=2 if empty else 3.6) as ax:
        style.title(ax, question, note=" ")
        if empty:
            style.title(ax, question)
            words = tell("No review has come yet, so nobody has been given or lost a tier at one.")
            style.nothing(ax, words)
            return ax
        top = _stacked(ax, sizes, whole.to_numpy())
        for x in (len(sizes) - 1 - back for back in style.few(sizes.index, most=8)):
            ax.annotate(f"{top[x]:,.0f}", (x, top[x]), (0, 3), **_ABOVE)
        at = sorted(len(sizes) - 1 - back for back in style.few(sizes.index, most=12))
        ax.set_xticks(at, [style.period(pd.Period(sizes.index[x], "M")) for x in at])
        ax.set(xlim=(-0.6, len(sizes) - 0.4), ylim=(0, max(top.max(), 1) * 1.1))
        style.count_axis(ax.yaxis)
        below = tell("Review at the end of the month")
        pale = tell("{words} (pale: not all that counts had been seen)", words=below)
        ax.set(xlabel=below if whole.all() else pale, ylabel=tell("Customers who held it"))
        ax.grid(axis="y")
        style.key(ax)
    return ax


def _stacked(ax: Axes, sizes: pd.DataFrame, whole: np.ndarray) -> np.ndarray:
    """Draw the tiers on each other, the lowest at the bottom; return how high the bars are."""
    top = np.zeros(len(sizes))
    for name, colour in zip(sizes, style.ramp(sizes.shape[1]), strict=True):
        look = {"color": [(*colour[:3], 1.0 if seen else _PALE) for seen in whole], "width": 0.86}
        ax.bar(np.arange(len(sizes)), sizes[name], bottom=top, **look)
        ax.bar(0, 0, color=colour, label=style.word(name, of="tier"))  # for the key, which would else be pale
        top = top + sizes[name].to_numpy()
    return top


def tier_shares(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw each tier's share of the customers, of their money and of what benefits cost.

    `table`: index tier, lowest first; customers, share, spend, spend_share, cost (money of the last year).
    """
    whole = table["cost"].sum()
    table = table.assign(cost_share=table["cost"] / whole if whole > 0 else np.nan)
    labels = [counted(name, n, width=_NAME, of="tier") for name, n in table["customers"].items()]
    high = 1.4 + segments.row_height(labels, least=0.6) * max(len(table), 2)
    with style.canvas(ax, height=high) as ax:
        for place, (name, column, colour) in enumerate(_BARS):
            if table[column].notna().any():
                where = np.arange(len(table)) + 0.27 * (place - 1)
                drawn = ax.barh(where, table[column].fillna(0), height=0.25, color=colour, label=tell(name))
                words = [style.percent(share) for share in table[column].fillna(0)]
                ax.bar_label(drawn, words, padding=2, fontsize=7.5)
        for y, row in enumerate(table.itertuples()):
            brought = tell("bring {money}", money=style.money(row.spend, currency=currency))
            cost = tell("cost {money}", money=style.money(row.cost, currency=currency))
            beside(ax, y, f"{brought}\n{cost}" if whole > 0 else brought)
        row_ticks(ax, labels)
        ax.set_xlim(0, max(table[[column for _, column, _ in _BARS]].max().max(), 0.01) * 1.13)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Share of all"))
        style.title(ax, tell("What do the tiers bring, and what do they cost?"), note=" ")
        style.key(ax)
    return ax


def tier_migration(
    counts: pd.DataFrame, *, before: date | None = None, after: date | None = None, ax: Axes | None = None
) -> Axes:
    """Draw where the members of each tier went between two reviews.

    `counts`: customers, a row per tier before and, last, those who joined since; a column per tier after.
    Without rows it says that two reviews are needed.
    """
    question = tell("Who rose, stayed and fell?")
    if not counts.empty:
        ax = segments.migration(counts, ax=ax)
    with style.canvas(ax, height=2) as ax:
        note = tell("share of each row, of 100 %; framed: the same tier as before")
        style.title(ax, question, note="" if counts.empty else note)
        if counts.empty:
            words = tell("Two reviews with a whole window before them are needed to see who moved.")
            style.nothing(ax, words)
            return ax
        for text in ax.texts[:1]:  # the note of the figure that this one builds on
            text.remove()
        ax.set_xlabel(tell("Tier on {day}", day=style.day(after)))
        ax.set_ylabel(tell("Tier on {day}", day=style.day(before)))
    return ax


def threshold_scales(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what the benefits would cost if all thresholds were multiplied.

    `table`: index factor (1: as they are); members, cost, change, change_low, change_high (money of a year,
    against today).
    """
    today = table["cost"] - table["change"]
    low, high = today + table["change_low"], today + table["change_high"]
    with style.canvas(ax, height=3.6) as ax:
        ax.fill_between(table.index, low, high, color=style.BLUE, alpha=0.16, lw=0)
        ax.plot(table.index, table["cost"], color=style.BLUE, marker="o", ms=5)
        ax.axvline(1, **DASHED, zorder=0)
        for factor, row in table.iterrows():
            ax.annotate(f"{row['members']:,.0f}", (factor, row["cost"]), (0, 9), bbox=style.HALO, **_ABOVE)
        room = 0.06 * (table.index.max() - table.index.min())
        ax.set(xlim=(table.index.min() - room, table.index.max() + room))
        ax.set(ylim=(0, 1.15 * max(high.max(), 1e-9)))
        ax.set_xticks(table.index, [_moved(factor) for factor in table.index])
        style.money_axis(ax.yaxis, currency=currency)
        ax.set_xlabel(tell("All thresholds"))
        ax.set_ylabel(style.in_currency(tell("Cost of the benefits in a year"), currency))
        ax.grid(axis="y")
        style.title(ax, tell("What if the thresholds moved?"), note=_scaled())
    return ax


def _scaled() -> str:
    return tell("numbers: customers with a tier; shaded: 90 % interval of the change; buying held as it was")


def _moved(factor: float) -> str:
    change = style.per_cent(style.minus(f"{(factor - 1) * 100:+.0f}"))
    return tell("as now") if factor == 1 else change
