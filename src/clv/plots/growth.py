"""Figures of the questions "Where does the money come from, and is it growing?"."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import DASHED, beside, counted, row_ticks
from clv.plots.segments import row_height

_LABELS = 14  # periods with a label; more do not fit side by side
_PARTS = {"returning": style.BLUE, "reactivated": style.MUTED, "new": style.SKY, "unnamed": style.FAINT}
_LANE = 1.25  # of the limits that a lane shows; what lies beyond is drawn at its edge


def money_bridge(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the money of each period by who brought it and, downwards, what did not come again.

    `table`: period, new, returning, reactivated, unnamed, lost, whole, as `bridge.parts` makes it.
    """
    x, base = np.arange(len(table)), np.zeros(len(table))
    with style.canvas(ax, height=3.7) as ax:
        names = _names()
        for column, colour in _PARTS.items():
            if table[column].any():
                ax.bar(x, table[column], bottom=base, color=colour, label=names[column], width=0.8)
                base = base + table[column].to_numpy()
        lost = table["lost"].fillna(0)
        ax.bar(x, -lost, color=style.ORANGE, width=0.8, label=tell("lost: did not buy again"))
        for bars in ax.containers:
            for at in np.flatnonzero(~table["whole"]):
                bars[at].set_alpha(0.45)
        ax.axhline(0, color=style.INK, lw=0.8)
        shown = style.few(list(x), most=_LABELS)
        ax.set_xticks(shown, [style.period(table["period"].iloc[at]) for at in shown])
        middle, half = (len(x) - 1) / 2, max(len(x), 6) / 2
        ax.set_xlim(middle - half, middle + half)
        style.money_axis(ax.yaxis, currency=currency)
        ax.set_ylabel(style.in_currency(tell("Money kept"), currency))
        ax.set_xlabel(_periods(table))
        ax.grid(axis="y")
        style.title(ax, tell("Who filled the bucket, and what leaked?"), note=" ")
        style.key(ax)
    return ax


def _names() -> dict[str, str]:
    return {
        "returning": tell("bought in the period before too"),
        "reactivated": tell("came back"),
        "new": tell("new"),
        "unnamed": tell("not named"),
    }


def _periods(table: pd.DataFrame) -> str:
    """Say what a period is, and whether some were not seen in full."""
    names = {"M": tell("Month"), "Q": tell("Quarter")}
    name = names.get(table["period"].iloc[0].freqstr[0], tell("Year"))
    return name if table["whole"].all() else tell("{period} (pale: not seen in full)", period=name)


def decline_alarm(
    lanes: pd.DataFrame, *, verdicts: Mapping[str, str], names: Mapping[str, str], ax: Axes | None = None
) -> Axes:
    """Draw how far the key numbers of each month lie from what was to be expected.

    `lanes`: number, month (Period), distance (1: at the limit), latest, as `alarm.lanes` makes it.
    `verdicts`: by number, what is said of it. `names`: by number, what people call it.
    """
    numbers = list(dict.fromkeys(lanes["number"]))
    question = tell("Is anything going down?")
    with style.canvas(ax, height=1.3 + 0.62 * len(numbers) if numbers else 2) as ax:
        if not numbers:
            style.title(ax, question)
            style.nothing(ax, tell("Cannot tell: that needs at least twelve whole months."))
            return ax
        months = pd.period_range(lanes["month"].min(), lanes["month"].max(), freq="M")
        for y, number in enumerate(numbers):
            rows = lanes[lanes["number"] == number]
            _lane(ax, y, months.get_indexer(rows["month"]), rows)
            beside(ax, y, style.wrap(style.word(verdicts[number]), 18))
        ax.set_ylim(len(numbers) - 0.45, -0.55)
        ax.set_yticks(range(len(numbers)), [style.word(names[number]) for number in numbers])
        shown = style.few(list(range(len(months))), most=_LABELS)
        ax.set_xticks(shown, [style.period(months[at]) for at in shown])
        ax.set_xlim(-0.6, max(len(months), 8) - 0.4)
        ax.set_xlabel(tell("Band: where chance keeps 98 of 100 single months; large dots: the last three"))
        style.title(ax, question, note=" ")
    return ax


def _lane(ax: Axes, y: int, x: np.ndarray, rows: pd.DataFrame) -> None:
    """Draw a number's months in a lane of its own: the expected in the middle, a low month low."""
    scale = 0.4 / _LANE
    height = y - scale * rows["distance"].clip(-_LANE, _LANE).to_numpy()
    below = rows["latest"].to_numpy() & (rows["distance"] < -1).to_numpy()
    ax.fill_between([x.min() - 0.4, x.max() + 0.4], y - scale, y + scale, color=style.SKY, alpha=0.25, lw=0)
    ax.plot([x.min() - 0.4, x.max() + 0.4], [y, y], **DASHED)
    ax.plot(x, height, color=style.BLUE, lw=1)
    colours = np.where(below, style.ORANGE, style.BLUE)
    ax.scatter(x, height, s=np.where(rows["latest"], 34, 9), color=colours, zorder=3)


def channel_values(
    table: pd.DataFrame, *, days: int, currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what customers of each first channel bring within `days` days: steadied, and by itself.

    `table`: index channel, the last 'all'; customers, value, value_low, value_high, value_alone, said, as
    `first_channels.compare` makes it.
    """
    labels = [counted(row.Index, row.customers, width=24, of="channel") for row in table.itertuples()]
    with style.canvas(ax, height=1.4 + row_height(labels, least=0.45) * max(len(table), 2)) as ax:
        for y, row in enumerate(table.itertuples()):
            ends = (row.value, row.value_low, row.value_high)
            colour = style.INK if row.Index == "all" else style.BLUE
            interval(ax, y, ends, marker="D", colour=colour, bold=True)
            if row.Index != "all" and pd.notna(row.value_alone):
                ax.plot(row.value_alone, y + 0.2, "o", color=style.PAPER, markeredgecolor=style.MUTED)
            worth = style.money(row.value, currency=currency)
            beside(ax, y, f"{worth}\n{style.wrap(style.word(row.said), 15)}".strip())
        ax.axvline(table["value"].iloc[-1], **DASHED, zorder=0)
        row_ticks(ax, labels)
        style.money_axis(ax.xaxis, currency=currency)
        ax.set_xlabel(
            tell("Money per customer in the first {days:,} days (bar: 90\u00a0% interval)", days=days)
        )
        ax.plot([], [], "D-", color=style.BLUE, lw=3, markersize=6, label=tell("steadied by all channels"))
        ax.plot([], [], "o", color=style.PAPER, markeredgecolor=style.MUTED, label=tell("the channel alone"))
        style.title(ax, tell("Which channel brings customers who are worth more?"), note=" ")
        style.key(ax)
    return ax
