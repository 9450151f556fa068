"""Figures of a plan: what more budget would earn, who gets what, and whether that is fair."""

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.offers import beside, counted, few_digits
from clv.plots.segments import row_height

_NAME = 26  # columns of a name in one line
_LINE = 82  # columns in a line of the key
_HARDLY = 0.005  # difference in discounts that nobody calls one
_COLOURS = (style.SKY, style.ORANGE, style.BLUE, style.GREY, style.MUTED)
_HATCHES = ("", "////", "....", "xxxx")  # colour and hatch: each alone tells neighbours apart
_RIVALS = (("o", style.ORANGE), ("s", style.INK), ("^", style.SKY), ("v", style.MUTED))
NOTHING = "nothing"  # the option of those left alone


def profit_curve(
    table: pd.DataFrame,
    *,
    budget: float | None,
    currency: str | None = None,
    points: pd.DataFrame | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the expected profit of the best plan for each budget, and where other rules stand.

    `table`: budget, profit (money), contacted (customers), price (what the next unit of money would earn).
    `budget`: the budget chosen, to be marked; None for none. `points`: label, spent, profit of rival rules.
    """
    rows = table.dropna(subset=["budget", "profit"]).sort_values("budget")
    question = tell("What would more budget earn?")
    with style.canvas(ax, height=3.8 if len(rows) else 2) as ax:
        if rows.empty:
            style.title(ax, question)
            style.nothing(ax, tell("No budget was tried, so there is no curve."))
            return ax
        ax.plot(rows["budget"], rows["profit"], color=style.BLUE, marker="" if len(rows) > 1 else ".")
        if budget is not None:
            _mark(ax, rows, budget, currency=currency)
        if points is not None:
            _others(ax, points, currency=currency)
        if ax.get_ylim()[0] < 0:
            ax.axhline(0, color=style.INK, lw=1, ls=(0, (4, 3)), zorder=0)
        ax.margins(y=0.08)
        style.money_axis(ax.xaxis, currency=currency)
        style.money_axis(ax.yaxis, currency=currency)
        ax.set(xlabel=tell("Budget, or what a rule spends"), ylabel=tell("Profit that the plan adds"))
        ax.grid()
        beyond = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.02), "labelspacing": 1.0, "handlelength": 1}
        if ax.get_legend_handles_labels()[0]:
            ax.legend(**beyond)
        style.title(ax, question, note=tell("line: the best plan that each budget can buy"))
    return ax


def _mark(ax: Axes, rows: pd.DataFrame, budget: float, *, currency: str | None) -> None:
    most = float(rows["budget"].max())
    at = min(budget, most)  # more than pays is marked where the line ends
    near = rows.iloc[(rows["budget"] - at).abs().to_numpy().argmin()]
    profit = float(np.interp(at, rows["budget"], rows["profit"]))
    ax.axvline(at, color=style.MUTED, lw=1)
    one, more, size = (few_digits(value, currency=currency) for value in (1, near["price"], budget))
    lines = [tell("budget {size}, more than pays" if budget > most else "budget {size}", size=size)]
    earned = style.money(profit, currency=currency)
    lines.append(tell("{profit}, {contacted:,.0f} contacted", profit=earned, contacted=near["contacted"]))
    if near["price"] > 0:
        lines.append(tell("the next {one} earns {more}", one=one, more=more))
    elif near["price"] <= 0 and budget <= most:
        lines.append(tell("more would earn nothing"))
    look = {"color": style.BLUE, "markersize": 8, "markeredgecolor": style.PAPER}
    ax.plot(at, profit, "D", label="\n".join(lines), **look)


def _others(ax: Axes, points: pd.DataFrame, *, currency: str | None) -> None:
    known = points.dropna(subset=["spent", "profit"])
    for row, (marker, colour) in zip(known.itertuples(), itertools.cycle(_RIVALS)):
        profit, spent = (style.money(value, currency=currency) for value in (row.profit, row.spent))
        name = style.wrap(style.word(row.label), _NAME)
        words = f"{name}\n" + tell("{profit} for {spent}", profit=profit, spent=spent)
        ax.plot(row.spent, row.profit, marker, color=colour, markersize=7, label=words)


def who_gets_what(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw which share of each segment gets which offer, with the number of customers.

    `table`: one row per segment and option: segment, option ('nothing' among them), customers, profit
    (expected, money, of those customers together). Segments keep their order; 'nothing' comes last.
    """
    counts = _counts(table)
    profit = table.groupby("segment", sort=False)["profit"].sum()
    sizes = counts.sum(axis=1)
    labels = [counted(name, size, width=_NAME, of="segment") for name, size in sizes.items()]
    totals = [tell("{name} ({n:,.0f})", name=name, n=size) for name, size in counts.sum().items()]
    key = _key_lines(totals)
    high = 1.2 + 0.2 * len(key) + row_height(labels, least=0.42) * max(len(labels), 2)
    with style.canvas(ax, height=high if counts.size else 2) as ax:
        if not counts.size:
            style.title(ax, tell("Who gets what?"))
            style.nothing(ax, tell("The plan holds no customers."))
            return ax
        shares = counts.div(counts.sum(axis=1), axis=0)
        for (option, share), look in zip(shares.items(), _looks(counts.columns), strict=True):
            before = shares.loc[:, :option].sum(axis=1) - share
            ax.barh(np.arange(len(shares)), share, left=before, height=0.66, **look)
            _write_in(ax, share, before, counts[option])
        for y, name in enumerate(shares.index):
            beside(ax, y, style.money(profit[name], currency=currency))
        ax.set_yticks(np.arange(len(labels)), labels)
        ax.set(xlim=(0, 1.004), ylim=(len(labels) - 0.5, -0.5))
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Share of the segment (at the right: profit that is expected of it)"))
        _key_above(ax, totals, key)
    return ax


def _counts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the customers by segment and option: the common options first, 'nothing' last."""
    wide = {"index": "segment", "columns": "option", "values": "customers", "aggfunc": "sum", "sort": False}
    counts = table[table["customers"] > 0].pivot_table(**wide).fillna(0)
    sizes = counts.sum().sort_values(ascending=False, kind="stable")
    return counts[sorted(sizes.index, key=lambda option: option == NOTHING)]


def _looks(options: Sequence[str]) -> list[dict[str, str]]:
    """Return a colour and a hatch for each option, 20 pairs before one comes again; blank for 'nothing'."""
    blank = {"color": style.PAPER, "edgecolor": style.GREY, "hatch": ""}
    pairs = zip(itertools.cycle(_COLOURS), itertools.cycle(_HATCHES), options)  # 5 and 4 share no divisor
    return [
        blank if option == NOTHING else {"color": colour, "edgecolor": style.PAPER, "hatch": hatch}
        for colour, hatch, option in pairs
    ]


def _write_in(ax: Axes, shares: pd.Series, before: pd.Series, counts: pd.Series) -> None:
    """Write the customers into the parts that have room for the number."""
    for y, (share, left, count) in enumerate(zip(shares, before, counts, strict=True)):
        words = f"{count:,.0f}"
        if share > 0.02 + 0.016 * len(words):
            look = {"ha": "center", "va": "center", "fontsize": 8, "bbox": style.HALO}
            ax.text(left + share / 2, y, words, **look)


def _key_lines(names: Sequence[str]) -> list[list[str]]:
    """Return the names in lines of equal number that fit across the figure."""
    across = max(1, int(_LINE // (6 + max(map(style.columns, names), default=1))))
    return [list(names[first : first + across]) for first in range(0, len(names), across)]


def _key_above(ax: Axes, names: Sequence[str], lines: list[list[str]]) -> None:
    """Put the key between the title and the axes, in as many lines as it needs."""
    order = [place for column in range(len(lines[0])) for place in range(column, len(names), len(lines[0]))]
    marks = {"loc": "lower left", "bbox_to_anchor": (-0.01, 0.99), "borderaxespad": 0.1, "handlelength": 1.8}
    handles = [ax.containers[place] for place in order]
    ax.legend(handles, [names[place] for place in order], ncols=len(lines[0]), columnspacing=1.4, **marks)
    style.title(ax, tell("Who gets what?"), pad=12 + 13 * len(lines))


def fairness(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the discount that people are given, by what they are believed to pay.

    `table`: one row per band, lowest first: band (words), customers, contacted (share of them), discount
    (mean share of an order given, among the contacted; missing where nobody is), basket (usual order, money).
    """
    labels = [counted(row.band, row.customers, width=_NAME) for row in table.itertuples()]
    question = tell("Do people who pay more get more, or less?")
    high = 1.4 + row_height(labels, least=0.45) * max(len(labels), 2) if labels else 2
    with style.canvas(ax, height=high) as ax:
        if table["discount"].notna().sum() == 0:
            style.title(ax, question)
            style.nothing(ax, tell("Nobody is contacted, so nobody is given a discount."))
            return ax
        y = np.arange(len(table))
        ax.barh(y, table["discount"].fillna(0), height=0.6, color=style.SKY)
        for at, row in enumerate(table.itertuples()):
            words = {"textcoords": "offset points", "va": "center", "fontsize": 8.5}
            given = 0 if pd.isna(row.discount) else row.discount
            ax.annotate(_given(row, currency=currency), (given, at), (5, 0), **words)
            beside(ax, at, tell("{share} contacted", share=style.percent(row.contacted)))
        ax.set_yticks(y, labels)
        # the words stand behind the longest bar
        ax.set(xlim=(0, max(table["discount"].max(), 0.01) * 1.75), ylim=(len(table) - 0.5, -0.5))
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Mean share of an order that is given, among those contacted"))
        ax.grid(axis="x")
        style.title(ax, question, note=_direction(table["discount"].dropna()))
    return ax


def _given(row: object, *, currency: str | None) -> str:
    if pd.isna(row.discount):
        return tell("nobody contacted")
    given, basket = (
        style.money(money, currency=currency) for money in (row.discount * row.basket, row.basket)
    )
    return tell("{share}: {given} of {basket}", share=style.percent(row.discount), given=given, basket=basket)


def _direction(discount: pd.Series) -> str:
    """Say whether the discount grows or falls from the lowest band to the highest."""
    steps, (low, high) = np.diff(discount), [style.percent(share) for share in discount.iloc[[0, -1]]]
    if len(discount) == 1:
        return tell("one band alone is given a discount")
    if np.ptp(discount) <= _HARDLY:
        return tell("the discount is about the same in all bands")
    if (steps >= -_HARDLY / 5).all():
        return tell(
            "the discount grows with what people are believed to pay: from {low} to {high}",
            low=low,
            high=high,
        )
    if (steps <= _HARDLY / 5).all():
        return tell(
            "the discount falls with what people are believed to pay: from {low} to {high}",
            low=low,
            high=high,
        )
    return tell(
        "the discount goes up and down: {low} in the lowest band, {high} in the highest", low=low, high=high
    )
