"""Figures of what goes with coming back, and of how well the best newcomers are found."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import DASHED, beside, people, row_ticks
from clv.plots.segments import row_height

_NEAR, _FAR = (0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3), (0.1, 0.2, 0.5, 1, 2, 5, 10)
_WIDE = 4.0  # times that the axis spans, from which fewer ticks fit
_LOOKS = {"more often": style.BLUE, "less often": style.ORANGE}


def return_ratios(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the hazard ratios of coming back, with their 90 % intervals, on a logarithmic axis.

    `table`: factor, level, compared_with, customers, ratio, low, high, said, as `causes.associations` has it.
    """
    question = tell("What goes with coming back?")
    labels = [_label(row) for row in table.itertuples()]
    high = 1.4 + row_height(labels, least=0.45) * max(len(table), 2) if labels else 2
    with style.canvas(ax, height=high) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, tell("Too few customers came back to tell what goes with it."))
            return ax
        for y, row in enumerate(table.itertuples()):
            colour = _LOOKS.get(row.said, style.MUTED)
            interval(
                ax, y, (row.ratio, row.low, row.high), marker="D", colour=colour, bold=row.said in _LOOKS
            )
            beside(ax, y, f"×\u00a0{row.ratio:.2f}\n{style.word(row.said)}")
        ax.set_xscale("log")
        first, last = min(table["low"].min(), 0.8), max(table["high"].max(), 1.25)
        ax.set_xlim(max(first, 0.05) / 1.06, min(last, 20) * 1.06)
        ax.xaxis.set_major_locator(FixedLocator(_FAR if last > _WIDE * first else _NEAR))
        ax.xaxis.set_minor_locator(NullLocator())
        ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"×\u00a0{value:g}"))
        ax.axvline(1, **DASHED, zorder=0)
        row_ticks(ax, labels)
        ax.set_xlabel(tell("Daily chance to come back, against the level in brackets (bar: 90 % interval)"))
        note = tell("of the first order; bold: beyond chance, all looks together; none is a cause")
        style.title(ax, question, note=note)
    return ax


def _label(row: object) -> str:
    factor, level, against = (style.word(one) for one in (row.factor, row.level, row.compared_with))
    first = style.wrap(tell("{key}: {what}", key=factor, what=level), 34)
    below = tell("(against {level}), {people}", level=against, people=people(row.customers))
    return f"{first}\n{below}"


def best_found(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many of the later best customers are in the tenth that each rule puts first.

    `table`: index rule; precision, precision_low, precision_high, lift, as `early_value.Check` has it.
    """
    with style.canvas(ax, height=1.2 + 0.42 * max(len(table), 2)) as ax:
        for y, (_, row) in enumerate(table.iterrows()):
            ends = tuple(row[["precision", "precision_low", "precision_high"]])
            interval(ax, y, ends, marker="D", colour=style.BLUE, bold=True)
            found = {"share": style.percent(row["precision"]), "lift": row["lift"]}
            beside(ax, y, tell("{share}: {lift:.1f} times\na blind choice", **found))
        blind = float(np.mean(table["precision"] / table["lift"]))
        ax.axvline(blind, **DASHED, zorder=0)
        row_ticks(ax, [style.wrap(style.word(name), 24) for name in table.index])
        ax.set_xlim(0, max(table["precision_high"].max() * 1.08, 2 * blind))
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(
            tell("Of the tenth put first, part of the later best (bar: 90 % interval; dashed: blind choice)")
        )
        style.title(ax, tell("Are the best customers known by their first days?"))
    return ax
