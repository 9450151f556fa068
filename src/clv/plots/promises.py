"""Figures of promises held against the past: lists for a festival, and who was due."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import beside, row_ticks
from clv.plots.segments import row_height

_NAME = 24  # columns of a name in one line


def festival_check(rules: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many of those on each rule's list bought in the window that was to come.

    `rules`: index rule; listed, hits (customers), precision, low, high (90 %), as `gift_buyers.check`
    makes it.
    """
    question = tell("Which list found those who bought at the festival?")
    return _shares(rules, question=question, value="precision", labels=_listed(rules), ax=ax)


def _listed(rules: pd.DataFrame) -> list[str]:
    return [
        tell("{name}\n{hits:,} of {listed:,}", name=_named(row.Index), hits=row.hits, listed=row.listed)
        for row in rules.itertuples()
    ]


def _named(name: str) -> str:
    return style.wrap(style.word(name), _NAME)


def _shares(
    table: pd.DataFrame, *, question: str, value: str, labels: Sequence[str], ax: Axes | None
) -> Axes:
    with style.canvas(ax, height=1.4 + row_height(labels, least=0.42) * max(len(labels), 2)) as ax:
        if table.empty or table[value].isna().all():
            style.title(ax, question)
            style.nothing(ax, tell("There is no past window on whose eve a list can be made."))
            return ax
        best = table[value].idxmax()
        for y, (name, row) in enumerate(table.iterrows()):
            ends = (row[value], row["low"], row["high"])
            interval(ax, y, ends, marker="o", colour=style.BLUE, bold=name == best)
            beside(ax, y, style.percent(row[value]))
        row_ticks(ax, labels)
        ax.set_xlim(0, table["high"].max() * 1.08)
        style.percent_axis(ax.xaxis)
        ax.grid(axis="x")
        ax.set_xlabel(tell("Share of those on the list who bought in the window (bar: 90 %)"))
        note = tell("lists as they would have been made on the eves of past windows")
        style.title(ax, question, note=note)
    return ax


def due_calibration(table: pd.DataFrame, *, within: int, ax: Axes | None = None) -> Axes:
    """Draw what was promised on days of the past, beside what happened.

    `table`: index group; customers, promised (mean chance to buy within `within` days), happened (share that
    bought), low, high (90 %), as `due.check` makes it.
    """
    question = tell("Did those buy who were due within {days:,} days?", days=within)
    labels = [
        tell("{name}\n{n:,} asked", name=_named(row.Index), n=row.customers) for row in table.itertuples()
    ]
    with style.canvas(ax, height=1.5 + row_height(labels, least=0.42) * max(len(labels), 2)) as ax:
        if table.empty:
            style.title(ax, question)
            style.nothing(ax, tell("The history is too short to ask the past."))
            return ax
        for y, row in enumerate(table.itertuples()):
            ends = (row.happened, row.low, row.high)
            interval(ax, y, ends, marker="o", colour=style.BLUE, bold=True)
            ax.plot(row.promised, y, "|", color=style.ORANGE, markersize=17, markeredgewidth=2.4)
            said, came = style.percent(row.promised), style.percent(row.happened)
            beside(ax, y, tell("{said} said, {came} came", said=said, came=came))
        row_ticks(ax, labels)
        ax.set_xlim(0, max(table["high"].max(), table["promised"].max()) * 1.06)
        style.percent_axis(ax.xaxis)
        ax.grid(axis="x")
        ax.set_xlabel(
            tell("Share that bought within {days:,} days (dot, bar: 90 %); stroke: promised", days=within)
        )
        style.title(ax, question, note=tell("asked on past days, with what was known then"))
    return ax
