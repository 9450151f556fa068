"""Figures of shops side by side: one fact of all of them, and one fact over the quarters."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import label, tell
from clv.plots import style
from clv.plots.effects import interval, plain_axis
from clv.plots.offers import DASHED, beside, row_ticks
from clv.plots.segments import row_height

Unit = Literal["share", "money", "number", "index"]
_NAME = 26  # columns of a shop's name in one line
_LANE = 0.76  # of a row's height that a lane of quarters takes
_LABELS = 12  # quarters that are named
_POOLED, _ALONE = ["pooled", "pooled_low", "pooled_high"], ["value", "low", "high"]


def store_forest(
    table: pd.DataFrame,
    *,
    words: str,
    unit: Unit,
    chain: float | None = None,
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw one fact of all shops: each alone, and pulled towards the others as far as it knows little.

    `table`: index shop (name), in the order of the rows; value, low, high (alone, 90 %); pooled, pooled_low,
    pooled_high (missing where it was not compared); said (words beside the row). `words`: what the fact is.
    `chain`: where another shop would be expected.
    """
    fact = _capital(words)
    question = tell("{fact}: which shops differ?", fact=fact)
    labels = [style.wrap(name, _NAME) for name in table.index]
    known = table["value"].notna().any()
    high = 1.5 + row_height(labels, least=0.5) * max(len(labels), 2)
    with style.canvas(ax, height=high if known else 2) as ax:
        if not known:
            style.title(ax, question)
            style.nothing(ax, tell("Of no shop enough is known to tell."))
            return ax
        for y, row in enumerate(table.itertuples()):
            _shop(ax, y, row)
        if chain is not None:
            ax.axvline(chain, **DASHED, zorder=0)
        row_ticks(ax, labels)
        _value_axis(ax, unit, currency)
        ax.set_xlabel(tell("{fact} (bar: 90 % interval)", fact=fact))
        style.title(ax, question, note=" ")
        _forest_key(ax, pooled=table["pooled"].notna().any(), chain=chain is not None)
    return ax


def _capital(words: str) -> str:
    told = label(words)
    return told[:1].upper() + told[1:]


def _shop(ax: Axes, y: int, row: object) -> None:
    pooled, alone = (tuple(getattr(row, name) for name in names) for names in (_POOLED, _ALONE))
    both = pd.notna(pooled[0])
    if pd.notna(alone[0]):
        place = y + 0.16 * both
        interval(ax, place, alone, marker="o", colour=style.MUTED if both else style.BLUE, bold=not both)
    if both:
        interval(ax, y - 0.12, pooled, marker="D", colour=style.BLUE, bold=True)
    beside(ax, y, label(row.said))


def _value_axis(ax: Axes, unit: Unit, currency: str | None) -> None:
    if unit == "share":
        style.percent_axis(ax.xaxis)
    elif unit == "money":
        style.money_axis(ax.xaxis, currency=currency)
    else:
        plain_axis(ax.xaxis)


def _forest_key(ax: Axes, *, pooled: bool, chain: bool) -> None:
    if pooled:
        ax.plot([], [], "D", color=style.BLUE, markersize=6, label=tell("steadied by all shops"))
    face = {"markeredgecolor": style.MUTED, "markeredgewidth": 1.4, "markersize": 5.5}
    colour = style.PAPER if pooled else style.BLUE
    ax.plot(
        [],
        [],
        "o",
        color=colour,
        **face | ({} if pooled else {"markeredgecolor": style.BLUE}),
        label=tell("the shop alone"),
    )
    if chain:
        ax.plot([], [], **DASHED, label=tell("where another shop is expected"))
    style.key(ax)


def store_quarters(
    table: pd.DataFrame, *, words: str, unit: Unit, currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw one fact by quarter, a lane for each shop.

    `table`: one row per shop and quarter: shop (name), quarter (2026Q2), whole (seen from end to end), value,
    low, high (90 %), said (words for the value). Shares are drawn on one scale; of other facts each shop has
    its own, as shops are of other sizes and currencies. Years in which no shop was seen are left out.
    """
    question = tell("{fact}: how did it go?", fact=_capital(words))
    shops = list(dict.fromkeys(table["shop"]))
    known = table["value"].notna().any()
    labels = [style.wrap(name, _NAME) for name in shops]
    with style.canvas(
        ax, height=1.6 + max(0.72, row_height(labels, least=0.72)) * len(shops) if known else 2
    ) as ax:
        if not known:
            style.title(ax, question)
            style.nothing(ax, tell("In no quarter enough is known to tell."))
            return ax
        places = _places(sorted(set(table["quarter"])))
        tops = table.groupby("shop")["high"].max() if unit != "share" else None
        for y, shop in enumerate(shops):
            top = table["high"].max() if tops is None else tops[shop]
            _lane(ax, y, table[table["shop"] == shop], places, top)
        row_ticks(ax, labels)
        ax.grid(visible=False)
        _quarter_axis(ax, places)
        style.title(ax, question, note=_lane_note(table, unit))
    return ax


def _places(quarters: Sequence[str]) -> dict[str, float]:
    """Return where each quarter stands: one step apart, two where some between are missing."""
    numbers = [pd.Period(quarter, "Q").ordinal for quarter in quarters]
    steps = np.minimum(np.diff(numbers, prepend=numbers[0]), 2)
    return dict(zip(quarters, np.cumsum(steps).astype(float), strict=True))


def _lane(ax: Axes, y: int, rows: pd.DataFrame, places: dict[str, float], top: float) -> None:
    ax.axhline(y + _LANE / 2, color=style.FAINT, lw=0.8, zorder=0)
    rows = rows[rows["value"].notna()]
    if rows.empty or not top > 0:
        beside(ax, y, tell("cannot be told"))
        return
    x = rows["quarter"].map(places).to_numpy()
    value, low, high = (y + _LANE / 2 - _LANE * rows[name].to_numpy() / top for name in _ALONE)
    ax.plot(x, value, color=style.SKY, lw=1.4, zorder=1)
    for at, row in enumerate(rows.itertuples()):
        ends = (value[at], low[at], high[at])
        interval(ax, x[at], ends, marker="o", colour=style.BLUE, bold=row.whole, across=False)
    last = rows.iloc[-1]
    beside(ax, y, tell("{quarter}:\n{said}", quarter=last["quarter"], said=last["said"]))


def _quarter_axis(ax: Axes, places: dict[str, float]) -> None:
    named = style.few(list(places), most=_LABELS)
    labels = [style.period(pd.Period(quarter, "Q")) for quarter in places]
    ax.set_xticks([list(places.values())[at] for at in named], [labels[at] for at in named])
    ax.set_xlim(-0.5, max(places.values()) + 0.5)
    ax.set_xlabel(tell("Quarter (bar: 90 % interval; hollow: not seen from end to end)"))


def _lane_note(table: pd.DataFrame, unit: Unit) -> str:
    if unit == "share":
        return tell("each lane from 0 to {highest}", highest=style.percent(table["high"].max()))
    return tell("each lane from 0 to the shop's own highest")
