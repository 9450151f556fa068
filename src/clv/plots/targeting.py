"""The figure of rules that say who comes first: what contacting only the first customers would have won."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from clv.language import tell
from clv.plots import style
from clv.plots.effects import Ends, plain_axis, short, told, writer

BY_LOT = "by lot"
_RULE = 36  # columns of a rule's name; what is longer is cut
_MOST = 6  # rules besides 'by lot'
_LINE = 0.18  # inches from one line of words to the next
_READ = 0.3  # of the customers; the same for all, so that no rule is read where luck has it in front
_LOT = (style.MUTED, (0, (4, 3)), ".")
_STROKES = (  # colour, dashes, marker: each alone tells the lines apart
    (style.BLUE, "-", "o"),
    (style.ORANGE, (0, (5, 2)), "s"),
    (style.INK, (0, (1.2, 1.2)), "D"),
    (style.SKY, (0, (6, 2, 1.5, 2)), "^"),
    (style.GREY, (0, (8, 1.5)), "v"),
    (style.ORANGE, (0, (3, 1, 1, 1, 1, 1)), "P"),
)
Stroke = tuple[str, str | tuple[float, tuple[float, ...]], str]
Floats = NDArray[np.float64]


def qini(
    curves: pd.DataFrame,
    *,
    ends: pd.DataFrame | None = None,
    per: int = 100,
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what contacting only the first customers of each rule would have won.

    `curves`: rule, depth (0 to 1), gain (per assigned customer), low, high (95 %), as `targeting.curves`
    makes it; the first rule has its band, six are drawn, and 'by lot', dashed. `ends`: index rule; qini, low,
    high (won beyond lot, per assigned customer), as `targeting.table` makes it, to stand below the names.
    `per`: customers that the axis counts by. `currency`: of gains in money ("" if unknown); None for buyers.
    """
    curves = curves.dropna(subset=["gain"])
    rules = [rule for rule in curves["rule"].unique() if rule != BY_LOT][:_MOST]
    lines = curves.pivot(index="depth", columns="rule", values="gain").interpolate("index") * per
    strokes = dict(zip(rules, _STROKES, strict=False)) | ({BY_LOT: _LOT} if BY_LOT in lines else {})
    beyond = {} if ends is None else ends[["qini", "low", "high"]].mul(per).T.to_dict("list")
    question, size = tell("Who should have been contacted first?"), 1 + len(strokes) + len(beyond)
    with style.canvas(ax, height=3.6 + _LINE * size if rules else 2) as ax:
        if not rules:
            style.title(ax, question)
            words = tell("No rule was judged, so nothing can be said about who should come first.")
            style.nothing(ax, words)
            return ax
        band = curves[curves["rule"] == rules[0]]
        shade = {"color": style.BLUE, "alpha": 0.13, "lw": 0}
        ax.fill_between(band["depth"], band["low"] * per, band["high"] * per, **shade)
        for rule, (colour, dashes, _) in strokes.items():
            ax.plot(lines[rule], color=colour, ls=dashes, lw=1.2 if rule == BY_LOT else 1.8)
        ax.axhline(0, color=style.GREY, lw=0.8, zorder=0)
        reach = ax.get_ylim()
        _name_lines(ax, lines[[*strokes]], strokes, beyond, currency=currency)
        style.percent_axis(ax.xaxis)
        _won_axis(ax, reach, currency=currency)
        ax.set(xlim=(0, 1.01), xlabel=tell("Part of the customers contacted, best first"))
        ax.set_ylabel(_won(per, money=currency is not None))
        ax.grid()
        note = tell("shaded: 95 % interval of the first rule, {rule}", rule=_rule(rules[0]))
        style.title(ax, question, note=note)
    return ax


def _won(per: int, *, money: bool) -> str:
    return tell("Money won per {n:,} customers" if money else "Buyers won per {n:,} customers", n=per)


def _won_axis(ax: Axes, reach: tuple[float, float], *, currency: str | None) -> None:
    """Count what was won, within the reach of the lines and not beside the words."""
    if currency is None:
        plain_axis(ax.yaxis)
    else:
        style.money_axis(ax.yaxis, currency=currency)
    ticks = ax.yaxis.get_major_locator().tick_values(*reach)
    ax.set_yticks([tick for tick in ticks if reach[0] <= tick <= reach[1]])


def _name_lines(
    ax: Axes,
    lines: pd.DataFrame,
    strokes: Mapping[str, Stroke],
    beyond: Mapping[str, Ends],
    *,
    currency: str | None,
) -> None:
    """Mark the lines where many have parted, and name them from there where no line runs."""
    part = lines.index[np.abs(lines.index - _READ).argmin()]
    won = lines.loc[part].sort_values(ascending=False, kind="stable")
    said, x = _said(won, beyond, currency=currency), part + 0.12
    heights = _free(ax, lines.loc[x - 0.04 :], [words.count("\n") + 1 for words in ["", *said]])
    ax.axvline(part, color=style.MUTED, lw=0.8)
    first = tell("Won with the first {share} contacted:", share=style.percent(part, digits=0))
    ax.text(x, heights[0], first, color=style.MUTED, va="center", bbox=style.HALO)
    for rule, words, y in zip(won.index, said, heights[1:], strict=True):
        colour, dashes, marker = strokes[rule]
        ax.plot([part, x], [won[rule], y], color=colour, lw=0.6, alpha=0.7)
        ax.plot([x, x + 0.06], [y, y], color=colour, ls=dashes)
        dots = {"marker": marker, "markersize": 6.5, "markeredgecolor": style.PAPER, "ls": ""}
        ax.plot([part, x + 0.03], [won[rule], y], color=colour, **dots)
        ax.text(x + 0.07, y, words, va="center", fontsize=8.5, bbox=style.HALO)


def _said(won: pd.Series, beyond: Mapping[str, Ends], *, currency: str | None) -> list[str]:
    """Return what is said of each rule: what it won and its name, and below, what it won beyond lot."""
    words = writer(np.ptp(won), currency=currency)
    finer = writer(np.median([high - low for _, low, high in beyond.values()] or [0]), currency=currency)
    found = []
    for rule, value in won.items():
        found.append(f"{words(value)}  {_rule(rule)}")
        if rule in beyond and rule != BY_LOT:
            found[-1] += "\n" + tell("beyond lot, on average: {won}", won=told(beyond[rule], finer))
    return found


def _rule(name: str) -> str:
    return short(style.word(name, of="rule"), _RULE)


def _free(ax: Axes, lines: pd.DataFrame, rows: Sequence[int]) -> Floats:
    """Make room below the lines, or above where that takes less, and return heights for `rows` of words.

    `lines`: what is drawn where the words shall stand. `rows`: lines of words in each entry, from the top.
    """
    (low, high), lines = ax.get_ylim(), lines.to_numpy()
    share = min((sum(rows) + 0.5) * _LINE / (ax.bbox.height / ax.figure.dpi), 0.75)
    below = min(low, (np.nanmin(lines) - share * high) / (1 - share))
    above = max(high, (np.nanmax(lines) - share * low) / (1 - share))
    low, high, top = (below, high, share) if low - below <= above - high else (low, above, 1)
    ax.set_ylim(low, high)
    middles = np.cumsum(rows) - np.array(rows) / 2 + 0.25
    return low + (high - low) * (top - share * middles / (sum(rows) + 0.5))
