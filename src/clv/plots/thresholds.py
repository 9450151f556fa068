"""Figures of thresholds: do people hurry below them, do they stand out; and what a paid card has to move."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import plain_axis
from clv.plots.offers import DASHED, people

_NEAR = 1e-9
_OURS = {"fmt": "D", "color": style.BLUE, "ms": 6, "lw": 2.4}
_PLACEBO = {"width": 0.9, "color": style.GREY, "alpha": 0.5}


def approach(bands: pd.DataFrame, *, days: int, ax: Axes | None = None) -> Axes:
    """Draw whether customers order more than expected as a threshold comes near.

    `bands`: start, end (distance, as a share of the threshold; below 0 it is not reached yet), looks,
    surprise (share that ordered within `days` days beyond what the same past lets expect), low, high (90 %),
    placebo_low, placebo_high (5 and 95 % of placebo thresholds).
    """
    question, known = tell("Do people hurry as a threshold comes near?"), bands.dropna(subset="surprise")
    with style.canvas(ax, height=3.6 if len(known) else 2) as ax:
        if known.empty:
            style.title(ax, question)
            words = tell("Too few customers were seen near a threshold to say what they do there.")
            style.nothing(ax, words)
            return ax
        x, middle = np.arange(len(known)), known["surprise"].to_numpy() * 100
        floor, top = known[["placebo_low", "placebo_high"]].to_numpy().T * 100
        ax.use_sticky_edges = False  # else an interval would end at the edge of the picture
        reach = np.abs(known[["low", "high"]].to_numpy().T * 100 - middle)
        ax.bar(x, top - floor, bottom=floor, label=tell("placebo thresholds (5 to 95 %)"), **_PLACEBO)
        ax.errorbar(x, middle, yerr=reach, label=tell("the shop's thresholds (90 %)"), **_OURS)
        ax.axhline(0, **DASHED, zorder=0)
        ax.axvline((known["end"] <= _NEAR).sum() - 0.5, color=style.ORANGE, lw=1.4)
        ax.set_xticks(x, [f"{_distance(row)}\n{row.looks:,.0f}" for row in known.itertuples()])
        plain_axis(ax.yaxis)
        below = tell("Missing to the threshold, beyond the line: over it; below: looks at customers")
        ax.set_xlabel(below)
        ax.set_ylabel(tell("Order within {days} days:\npoints beyond what is expected", days=days))
        ax.grid(axis="y")
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def _distance(row: object) -> str:
    least, most = sorted((abs(row.start), abs(row.end)))
    words = style.per_cent(tell("{low:.0f} to {high:.0f}", low=least * 100, high=most * 100))
    return words if row.end <= _NEAR else tell("{distance} over", distance=words)


def placebo_thresholds(
    real: pd.DataFrame, placebo: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw what thresholds that mean something show, among many that mean nothing.

    `real`, `placebo`: threshold (money), value (share that orders beyond what neighbours do), error.
    """
    question, nothing = tell("Do the real thresholds stand out?"), real.empty or placebo.empty
    with style.canvas(ax, height=2 if nothing else 3.6) as ax:
        if nothing:
            style.title(ax, question)
            words = tell("Too few customers are near a threshold, or near others to compare it with.")
            style.nothing(ax, words)
            return ax
        _hurry(ax, placebo, s=14, color=style.GREY, label=tell("mean nothing"))
        _hurry(ax, real, s=70, color=style.ORANGE, label=tell("the shop's"))
        ax.axhline(0, **DASHED, zorder=0)
        ax.set_xscale("log")
        style.money_axis(ax.xaxis, currency=currency)
        plain_axis(ax.yaxis)
        ax.set_xlabel(style.in_currency(tell("Threshold"), currency))
        ax.set_ylabel(tell("Orders beyond what neighbours\nplace, in standard errors"))
        ax.grid(axis="y")
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def _hurry(ax: Axes, table: pd.DataFrame, **look: object) -> None:
    ax.scatter(table["threshold"], table["value"] / table["error"], **look)


def paid_card(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how many more orders a paid card would have to bring to pay for itself, by its fee.

    `table`: index fee (money); gain (customers who would gain), break_even, break_even_low, break_even_high
    (extra orders per order that comes anyway; inf where none would do).
    """
    question, rows = tell("What would a paid card have to move?"), table[np.isfinite(table["break_even"])]
    with style.canvas(ax, height=3.4 if len(rows) else 2) as ax:
        if rows.empty:
            style.title(ax, question)
            words = tell("An extra order earns less than its perks cost, so no number of them would do.")
            style.nothing(ax, words)
            return ax
        x, needed = np.arange(len(rows)), rows["break_even"].to_numpy()
        ends = rows[["break_even_low", "break_even_high"]].to_numpy().T
        ends = np.where(np.isfinite(ends), ends, needed)
        ax.errorbar(x, needed, yerr=np.abs(ends - needed), fmt="D", color=style.BLUE, ms=7, lw=3)
        for place in zip(x, needed, strict=True):
            look = {"textcoords": "offset points", "va": "center", "fontsize": 8.5}
            ax.annotate(style.percent(place[1]), place, (9, 0), **look)
        fees = [f"{style.money(fee, currency=currency)}\n{people(n)}" for fee, n in rows["gain"].items()]
        ax.set_xticks(x, fees)
        ax.set(xlim=(-0.5, len(x) - 0.3), ylim=(0, max(ends.max() * 1.12, 0.01)))
        style.percent_axis(ax.yaxis)
        ax.set_xlabel(tell("Fee, and how many customers would gain at it"))
        ax.set_ylabel(tell("Extra orders that are needed"))
        ax.grid(axis="y")
        note = tell("per order that those who gain place anyway; bar: 90 % interval of the forecasts")
        style.title(ax, question, note=note)
    return ax
