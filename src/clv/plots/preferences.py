"""Figures of preferences: which rule foretells the next order, are promises kept, what to write to whom."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import spoken, tell
from clv.plots import style
from clv.plots.effects import interval, short

_MARKS = (("o", style.BLUE), ("s", style.ORANGE), ("D", style.MUTED), ("^", style.SKY), ("v", style.INK))
_SAID = {"fontsize": 8.5, "va": "center"}
_COLUMNS = 9  # values in the matrix; the others have fewer customers
_WIDE = 6  # columns of the matrix; with more the numbers shrink
_HEADER = 1.4  # rows that the name of a group takes


def next_order_rules(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how often each rule foretold the next order, axis by axis.

    `table`: index axis, rule; hit, hit_low, hit_high (share of held-out orders, 90 %), trials, used (the rule
    that is used). The one that is used is filled.
    """
    question = tell("Which rule foretells the next order?")
    if table.empty:
        return _empty(question, tell("No order could be held out, so no rule could be judged."), ax)
    places, headers = _places(table)
    with style.canvas(ax, height=1.2 + 0.2 * places[-1]) as ax:
        for y, row in zip(places, table.itertuples(), strict=True):
            look = {"marker": "D" if row.used else "o", "colour": style.BLUE if row.used else style.MUTED}
            interval(ax, y, (row.hit, row.hit_low, row.hit_high), bold=bool(row.used), **look)
            words = style.percent(row.hit) + (tell("  used") if row.used else "")
            ax.text(1.015, y, words, transform=ax.get_yaxis_transform(), **_SAID)
        _headed(ax, headers, [_counted(axis, n) for axis, n in _first(table, "trials")])
        _rows(ax, places, [style.word(rule) for _, rule in table.index])
        ax.set_xlim(0, max(0.1, min(1.0, 1.08 * table["hit_high"].max())))
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Held-out orders that were foretold (bar: 90 % interval)"))
        ax.grid(axis="x")
        style.title(ax, question)
    return ax


def kept_promises(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the chance that was given to a value, and how often it was chosen.

    `table`: axis, promised, hit, low, high (90 %). On the line, promises are kept.
    """
    question = tell("Are the promised chances kept?")
    if table.empty:
        return _empty(question, tell("No order could be held out, so no promise could be checked."), ax)
    with style.canvas(ax, height=4.2) as ax:
        last = min(1.0, 1.05 * max(table["promised"].max(), table["high"].max()))
        ax.plot([0, last], [0, last], color=style.GREY, lw=1, label=tell("as promised"))
        axes = list(dict.fromkeys(table["axis"]))
        for axis, (marker, colour) in zip(axes, _MARKS, strict=False):
            rows = table[table["axis"] == axis]
            for row in rows.itertuples():
                ends = (row.hit, row.low, row.high)
                interval(ax, row.promised, ends, marker=marker, colour=colour, bold=False, across=False)
            look = {"color": style.PAPER, "markeredgecolor": colour, "markersize": 6}
            ax.plot([], [], marker, label=style.word(axis), **look)
        ax.set(xlim=(-0.02 * last, last), ylim=(-0.02 * last, last))
        for direction in (ax.xaxis, ax.yaxis):
            style.percent_axis(direction)
        ax.set_xlabel(tell("Chance that was promised"))
        ax.set_ylabel(tell("Orders that it was right for (bar: 90 %)"))
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def sure_and_unsure(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how often we were right where we said sure, leaning, or not enough evidence.

    `table`: index axis, verdict; hit, low, high (of held-out orders, 90 %; missing where there was none),
    promised, popular (hits of what the shop sells most), customers (with that verdict today).
    """
    question = tell("Is sure more often right than unsure?")
    if table.empty:
        return _empty(question, tell("No order could be held out, so no verdict could be checked."), ax)
    places, headers = _places(table)
    with style.canvas(ax, height=1.4 + 0.21 * places[-1]) as ax:
        for y, row in zip(places, table.itertuples(), strict=True):
            words = tell("{n:,.0f} customers today", n=row.customers)
            if pd.notna(row.hit):
                interval(ax, y, (row.hit, row.low, row.high), marker="D", colour=style.BLUE, bold=True)
                ax.plot(row.popular, y, "|", color=style.ORANGE, markersize=12, markeredgewidth=2.4)
                words = style.percent(row.hit) + tell("; ") + words
            ax.text(1.015, y, words, transform=ax.get_yaxis_transform(), **_SAID)
        _headed(ax, headers, [style.word(axis) for axis, _ in _first(table, "hit")])
        _rows(ax, places, [style.word(verdict) for _, verdict in table.index])
        known = table[["high", "popular"]].max(axis=None)
        ax.set_xlim(0, 1 if pd.isna(known) else max(0.1, min(1.0, 1.08 * known)))
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Held-out orders that were foretold (bar: 90 % interval)"))
        ax.plot([], [], "D-", color=style.BLUE, lw=3, label=tell("our answer"))
        ax.plot(
            [], [], "|", color=style.ORANGE, markersize=12, markeredgewidth=2.4, label=tell("what sells most")
        )
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def campaign_matrix(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how many customers like what, for each coming festival, and who of them bought at it before.

    `table`: name_zh, name, day, value, sure (customers), sure_then (of them, who bought at that festival
    before), leaning, leaning_then. Colour follows those who bought before.
    """
    question = tell("Who could be written to about what, and when?")
    if table.empty:
        return _empty(question, tell("No festival comes, or nobody's preference is known."), ax)
    values = table.groupby("value")[["sure", "leaning"]].sum().sort_values(["sure", "leaning"])[::-1]
    columns = list(values.index[:_COLUMNS])
    rows = table.drop_duplicates(["name_zh", "day"])
    counts = table.assign(then=table["sure_then"] + table["leaning_then"])
    counts = counts.set_index(["name_zh", "day", "value"])
    with style.canvas(ax, height=1.7 + 0.5 * len(rows)) as ax:
        keys = list(zip(rows["name_zh"], rows["day"], strict=True))
        grid = counts["then"].unstack("value").reindex(index=keys, columns=columns).fillna(0)
        most = max(float(grid.to_numpy().max()), 1.0)
        size = 7.5 if len(columns) <= _WIDE else 6
        ax.imshow(grid, cmap=style.shades(), vmin=0, vmax=most, aspect="auto")
        for (y, x), number in np.ndenumerate(grid.to_numpy()):
            at = (*keys[y], columns[x])
            words = _told(counts.loc[at]) if at in counts.index else "0"
            colour = style.PAPER if number > 0.55 * most else style.INK
            ax.text(x, y, words, ha="center", va="center", color=colour, fontsize=size)
        names = [f"{_festival(row)}\n{style.day(row.day)}" for row in rows.itertuples(index=False)]
        ax.set_yticks(range(len(rows)), names)
        ax.set_xticks(range(len(columns)), [_value(name) for name in columns])
        ax.tick_params(axis="x", labelsize=8)
        most = tell("Preference, the {n} most frequent", n=_COLUMNS)
        ax.set_xlabel(most if len(values) > _COLUMNS else tell("Preference"))
        note = tell(
            "customers who bought at this festival before, of all who are sure; below, of all who are leaning"
        )
        style.title(ax, question, note=note)
    return ax


def _told(row: pd.Series) -> str:
    return tell(
        "{sure_then:,.0f} of {sure:,.0f}\n{leaning_then:,.0f} of {leaning:,.0f}",
        **{name: row[name] for name in ("sure_then", "sure", "leaning_then", "leaning")},
    )


def _counted(axis: str, orders: float) -> str:
    return tell("{axis}, {n:,.0f} orders", axis=style.word(axis), n=orders)


def _festival(row: object) -> str:
    return row.name_zh if spoken() == "zh" else f"{row.name_zh} {row.name}"


def _value(name: str) -> str:
    """Return a value's name in two lines, its Chinese word, if it ends with one, in the second."""
    name = style.word(name, of="value")
    first, _, last = name.rpartition(" ")
    if first and not last.isascii() and style.columns(name) > 11:
        return f"{short(first, 11)}\n{short(last, 11)}"
    return style.wrap(short(name, 22), 11)


def _empty(question: str, sentence: str, ax: Axes | None) -> Axes:
    with style.canvas(ax, height=2) as ax:
        style.title(ax, question)
        style.nothing(ax, sentence)
    return ax


def _first(table: pd.DataFrame, column: str) -> list[tuple[str, float]]:
    """Return each axis with its first row's value of a column."""
    level = table.index.get_level_values(0)
    return list(table[column].groupby(level, sort=False).first().items())


def _places(table: pd.DataFrame) -> tuple[np.ndarray, list[float]]:
    """Return the height of every row, and of the name above each group."""
    group = pd.factorize(table.index.get_level_values(0))[0]
    places = np.arange(len(table)) + _HEADER * (group + 1)
    first = np.flatnonzero(np.r_[True, group[1:] != group[:-1]])
    return places, list(places[first] - 1)


def _headed(ax: Axes, places: Sequence[float], names: Sequence[str]) -> None:
    for y, name in zip(places, names, strict=True):
        ax.annotate(name, (0, y), (4, 0), textcoords="offset points", va="center", fontsize=9.5)


def _rows(ax: Axes, places: np.ndarray, names: Sequence[str]) -> None:
    ax.set_yticks(places, names)
    ax.set_ylim(places[-1] + 0.7, -0.4)
