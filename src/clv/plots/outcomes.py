"""Figures of how sure the profit of a plan is: its spread over drawn futures, and what it hangs on."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import gaussian_kde

from clv.language import tell
from clv.plots import style
from clv.plots.offers import DASHED, beside, row_ticks
from clv.plots.segments import row_height
from clv.telling import table_words

_AT = 16  # columns of an input's value in one line
_LETTER = 0.0145  # of the axes' width, that a column of an input's value takes
_OURS = "this plan"
_TALL = 0.78  # of a row, that the most frequent profit takes


def profit_spread(
    draws: Sequence[float] | np.ndarray,
    *,
    others: Mapping[str, Sequence[float] | np.ndarray] | None = None,
    means: Sequence[float] | None = None,
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how the profit that a plan adds spreads over the drawn futures, beside rival plans.

    `draws`: money, one per future; missing ones are left out. `others`: the same by name of the rival.
    `means`: what each is expected to earn, the plan first, where that is known better than from the draws.
    """
    every = {_OURS: draws, **(others or {})}
    kept = {name: _finite(values) for name, values in every.items()}
    kept = {name: values for name, values in kept.items() if len(values)}
    question = tell("What may the plan earn, and how often does it lose?")
    with style.canvas(ax, height=1.35 + 0.8 * max(len(kept), 2) if _OURS in kept else 2) as ax:
        if _OURS not in kept:
            style.title(ax, question)
            style.nothing(ax, tell("No future was drawn, so nothing can be said about the profit."))
            return ax
        known = dict(zip(every, means if means is not None else [None] * len(every), strict=True))
        for y, (name, values) in enumerate(kept.items()):
            mean = values.mean() if known[name] is None else float(known[name])
            _hill(ax, y, values, mean=mean, colour=style.BLUE if name == _OURS else style.MUTED)
            beside(ax, y - 0.35, _earned(values, mean=mean, currency=currency))
        ax.axvline(0, color=style.INK, lw=1, ls=(0, (4, 3)))
        ends = np.array(
            [0.0, *np.concatenate([np.quantile(values, (0.002, 0.998)) for values in kept.values()])]
        )
        room = 0.03 * max(np.ptp(ends), 1e-9)
        ax.set(xlim=(ends.min() - room, ends.max() + room), ylim=(len(kept) - 0.85, -1))
        ax.set_yticks(np.arange(len(kept)) - 0.35, [style.wrap(style.word(name), 20) for name in kept])
        style.money_axis(ax.xaxis, currency=currency)
        ax.set_xlabel(tell("Profit that the plan adds, against leaving all alone (dashed: 0)"))
        ax.grid(axis="x")
        style.title(ax, question, note=tell("dark: 5 to 95 % of the futures; upright line: mean"))
    return ax


def _finite(values: Sequence[float] | np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=float).ravel()
    return values[np.isfinite(values)]


def _hill(ax: Axes, y: float, values: np.ndarray, *, mean: float, colour: str) -> None:
    """Draw how often each profit comes, upwards from `y`; a bare line where all futures are the same."""
    ax.plot([values.min(), values.max()], [y, y], color=colour, lw=0.8)
    if np.ptp(values) <= 1e-9 * max(abs(mean), 1e-9):
        ax.plot([mean, mean], [y, y - _TALL], color=colour, lw=3)
        return
    low, high = np.quantile(values, (0.05, 0.95))
    x = np.union1d(np.linspace(values.min(), values.max(), 300), [low, mean, high])
    density = gaussian_kde(values)(x)
    top = y - _TALL * density / density.max()
    ax.fill_between(x, y, top, color=colour, alpha=0.18, lw=0)
    ax.fill_between(x, y, top, where=(x >= low) & (x <= high), color=colour, alpha=0.55, lw=0)
    ax.plot(x, top, color=colour, lw=1)
    ax.plot([mean, mean], [y, np.interp(mean, x, top)], color=style.INK, lw=1.8)


def _earned(values: np.ndarray, *, mean: float, currency: str | None) -> str:
    low, mean, high = (
        style.money(value, currency=currency)
        for value in (np.quantile(values, 0.05), mean, np.quantile(values, 0.95))
    )
    if low == high:
        return tell("always {mean}", mean=mean)
    loss = (values < 0).mean()
    losses = tell("a loss in {share}", share=style.percent(loss)) if loss else tell("never a loss")
    return tell("mean {mean}\n{low} to {high}", mean=mean, low=low, high=high) + f"\n{losses}"


def tornado(table: pd.DataFrame, *, base: float, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how far the profit moves when each input takes its low and its high value, the others as assumed.

    `table`: what (words), low_at, high_at (the input's values, as words), profit_low, profit_high (money).
    `base`: the profit with all inputs as assumed. The input that matters most stands on top; rows without a
    profit are left out.
    """
    known = table.dropna(subset=["profit_low", "profit_high"])
    span = (known["profit_high"] - known["profit_low"]).abs()
    rows = known.loc[span.sort_values(ascending=False, kind="stable").index]
    labels = [style.wrap(style.word(what), 24) for what in rows["what"]]
    beyond = [[_value(at) for at in rows[column]] for column in ("low_at", "high_at")]
    high = 1.4 + row_height([*labels, *beyond[0], *beyond[1]], least=0.42) * max(len(rows), 2)
    question = tell("Which assumption matters most?")
    with style.canvas(ax, height=high if len(rows) else 2) as ax:
        if rows.empty:
            style.title(ax, question)
            style.nothing(ax, tell("No input was varied, so nothing can be said about what matters."))
            return ax
        _swings(ax, rows, beyond, base=base)
        _room(ax, rows, beyond, base=base)
        ax.axvline(base, color=style.INK, lw=1.2)
        if ax.get_xlim()[0] < 0 < ax.get_xlim()[1]:
            ax.axvline(0, **DASHED, zorder=0)
        row_ticks(ax, labels)
        style.money_axis(ax.xaxis, currency=currency)
        assumed = style.money(base, currency=currency)
        ax.set_xlabel(
            tell("Profit that the plan adds (solid line: as assumed, {base}; dashed: 0)", base=assumed)
        )
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def _value(at: str) -> str:
    return style.wrap(table_words.minus(style.word(at)), _AT)


def _swings(ax: Axes, rows: pd.DataFrame, beyond: list[list[str]], *, base: float) -> None:
    """Draw a bar to each end with the input's value; above each other where both ends lie on one side."""
    y, low, high = np.arange(len(rows)), rows["profit_low"] - base, rows["profit_high"] - base
    apart = (low * high > 0).to_numpy()
    to_low = np.where(low != 0, np.sign(low), np.where(high > 0, -1, np.where(high < 0, 1, -1)))
    to_high = np.where(high != 0, np.sign(high), -to_low)
    looks = ({"color": style.SKY, "hatch": "////"}, {"color": style.BLUE})
    names = (tell("input at its low value"), tell("input at its high value"))
    for ends, side, shift, look, name, words in zip(
        (low, high), (to_low, to_high), (-0.19, 0.19), looks, names, beyond, strict=True
    ):
        where = y + shift * apart
        ax.barh(where, ends, left=base, height=np.where(apart, 0.34, 0.6), label=name, **look)
        for at, end, to, word in zip(where, ends, side, words, strict=True):
            outward = {"textcoords": "offset points", "ha": "left" if to > 0 else "right", "va": "center"}
            ax.annotate(word, (base + end, at), (4 * to, 0), fontsize=8, bbox=style.HALO, **outward)


def _room(ax: Axes, rows: pd.DataFrame, beyond: list[list[str]], *, base: float) -> None:
    """Leave room at both sides for the words at the ends."""
    ends = np.array([*rows["profit_low"], *rows["profit_high"], base])
    wide = max(style.columns(line) for words in beyond for word in words for line in word.split("\n"))
    share = 0.03 + _LETTER * wide
    room = max(np.ptp(ends), 0.1 * abs(base), 1) * share / (1 - 2 * share)
    ax.set_xlim(ends.min() - room, ends.max() + room)
