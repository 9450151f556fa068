"""Figures of the question "Which RFM scheme sees further?"."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.segments import row_height

_NAME = 40  # columns of a scheme's name in one line
_PLAIN = ("o", style.SKY)
_RECOMMENDED, _TODAY = ("D", style.BLUE), ("s", style.ORANGE)
_STROKES = (  # colour, dashes, marker: each alone tells the lines apart
    (style.BLUE, "-", "o"),
    (style.ORANGE, (0, (5, 2)), "s"),
    (style.INK, (0, (1.2, 1.2)), "D"),
    (style.SKY, (0, (6, 2, 1.5, 2)), "^"),
)


def scheme_comparison(
    table: pd.DataFrame, *, recommended: str | None, today: str | None, ax: Axes | None = None
) -> Axes:
    """Draw how well each scheme sorts the customers, best on top.

    `table`: index scheme (its id); name, gini, gini_low, gini_high (90 %), difference (of the Gini to the
    best, at most 0), standard_error (of that difference), as `Comparison.table` has it.
    `recommended`, `today`: ids of the schemes to mark; None for none.
    """
    rows = table.sort_values("gini", ascending=False, kind="stable")
    marks = [_mark(name, recommended=recommended, today=today) for name in rows.index]
    labels = [
        style.wrap(style.word(name) + mark[0], _NAME) for name, mark in zip(rows["name"], marks, strict=True)
    ]
    with style.canvas(ax, height=1.35 + row_height(labels, least=0.25) * max(len(rows), 2)) as ax:
        for y, (row, (_, marker, colour)) in enumerate(zip(rows.itertuples(), marks, strict=True)):
            _scheme(ax, y, row, marker=marker, colour=colour)
        if rows["gini_low"].min() <= 0:
            ax.axvline(0, color=style.MUTED, lw=1, ls=(0, (4, 3)))
        ax.set_yticks(np.arange(len(rows)), labels)
        ax.set_ylim(len(rows) - 0.5, -0.5)
        ax.grid(axis="x")
        ax.set_xlabel(
            tell(
                "How well the scheme sorts customers by the money they spent next\n"
                "(Gini: 0 blind, higher is better; at the right with its 90 % interval)"
            )
        )
        note = tell("bars: 90 % interval; shaded: as good as the best, as far as these orders tell")
        style.title(ax, tell("Which scheme sees further?"), note=note)
    return ax


def _mark(name: str, *, recommended: str | None, today: str | None) -> tuple[str, str, str]:
    """Return what is written after the name, the marker and its colour."""
    if name == recommended:
        both, alone = tell(" (recommended, and today's)"), tell(" (recommended)")
        return (both if name == today else alone, *_RECOMMENDED)
    return (tell(" (today's)"), *_TODAY) if name == today else ("", *_PLAIN)


def _scheme(ax: Axes, y: int, row: object, *, marker: str, colour: str) -> None:
    reach = np.clip([[row.gini - row.gini_low], [row.gini_high - row.gini]], 0, None)
    size = 5 if marker == _PLAIN[0] else 7
    ax.errorbar(row.gini, y, xerr=reach, fmt=marker, color=colour, markersize=size, elinewidth=1.6)
    if -row.difference <= row.standard_error:
        ax.axhspan(y - 0.5, y + 0.5, color=style.SKY, alpha=0.2, lw=0, zorder=0)
    words = f"{row.gini:.2f} [{row.gini_low:.2f}, {row.gini_high:.2f}]".replace("-", "−")
    ax.text(1.015, y, words, transform=ax.get_yaxis_transform(), va="center_baseline", fontsize=8.5)


def gain_curves(
    curves: pd.DataFrame,
    *,
    shown: Sequence[str],
    contact_share: float,
    names: Mapping[str, str],
    ax: Axes | None = None,
) -> Axes:
    """Draw how much of the later money a campaign reaches, by the share of the customers that it contacts.

    `curves`: index contacted (0 to 1); one column per scheme and 'best possible', as `gains.curves` makes it.
    `shown`: ids of the schemes to draw, up to four (more are not drawn). `names`: what each is called.
    """
    with style.canvas(ax, height=4.1) as ax:
        ax.plot(curves.index, curves["best possible"], color=style.GREY, lw=1)
        ax.text(1, 1.016, tell("best possible, had one known the future"), ha="right", color=style.MUTED)
        ax.plot([0, 1], [0, 1], color=style.MUTED, lw=1, ls=(0, (4, 3)))
        ax.annotate(tell("by lot"), (0.8, 0.8), (8, -12), textcoords="offset points", color=style.MUTED)
        ax.axvline(contact_share, color=style.MUTED, lw=1)
        reached = {
            name: float(np.interp(contact_share, curves.index, curves[name]))
            for name in shown[: len(_STROKES)]
        }
        for name, (colour, dashes, _) in zip(reached, _STROKES, strict=False):
            ax.plot(curves.index, curves[name], color=colour, ls=dashes)
        _reached(ax, contact_share, reached, names)
        for axis in (ax.xaxis, ax.yaxis):
            style.percent_axis(axis)
        ax.set_xlabel(tell("Share of customers contacted, in the order of the scheme"))
        ax.set_ylabel(tell("Share of all the money spent next"))
        ax.set(xlim=(0, 1.01), ylim=(-0.012, 1.06))
        ax.grid()
        question = "Contact the first {share}: how much of the money do you reach?"
        style.title(ax, tell(question, share=_plain(contact_share)))
    return ax


def _plain(share: float) -> str:
    return style.per_cent(f"{share * 100:.3g}")


def _short(name: str) -> str:
    first, *rest = style.wrap(style.word(name), _NAME).split("\n")
    return first + "…" * bool(rest)


def _reached(ax: Axes, contacted: float, reached: Mapping[str, float], names: Mapping[str, str]) -> None:
    """Label the curves where the vertical line meets them; the words lie in the empty half below 'by lot'."""
    x, y = float(np.clip(contacted + 0.2, 0.42, 0.55)), float(np.clip(contacted + 0.1, 0.32, 0.45))
    words = tell("With {share} contacted, share reached:", share=_plain(contacted))
    ax.text(x - 0.01, y, words, color=style.MUTED, bbox=style.HALO)
    marks = dict(zip(reached, _STROKES, strict=False))
    for place, name in enumerate(sorted(reached, key=reached.get, reverse=True), start=1):
        colour, dashes, marker = marks[name]
        at = y - 0.068 * place + 0.015
        ax.plot([contacted, x], [reached[name], at], color=colour, lw=0.6, alpha=0.7)
        ax.plot([x, x + 0.05], [at, at], color=colour, ls=dashes)
        dots = {"marker": marker, "markersize": 6.5, "markeredgecolor": style.PAPER, "ls": ""}
        ax.plot([contacted, x + 0.025], [reached[name], at], color=colour, **dots)
        label = f"{style.percent(reached[name])}  {_short(names[name])}"
        ax.annotate(label, (x + 0.05, at), (5, 0), textcoords="offset points", va="center", bbox=style.HALO)


def kept_labels(
    table: pd.DataFrame,
    *,
    recommended: str | None,
    today: str | None,
    horizon: int,
    ax: Axes | None = None,
) -> Axes:
    """Draw how far each scheme sees against how steady its labels are.

    `table`: index scheme (its id); name, gini, kept (share of customers with the same label `horizon` days
    later), as `Comparison.table` has it. `recommended`, `today`: ids of the schemes to mark; None for none.
    Named are these and all to which no other is superior in both.
    """
    marks = {name: _mark(name, recommended=recommended, today=today) for name in table.index}
    ranked = table.sort_values(["gini", "kept"], ascending=False, kind="stable")
    best = ranked[ranked["kept"] > ranked["kept"].cummax().shift(fill_value=-1)]
    with style.canvas(ax, height=4.3) as ax:
        ax.plot(best["kept"], best["gini"], color=style.GREY, lw=1)
        for row in table.itertuples():
            _, marker, colour = marks[row.Index]
            ax.plot(row.kept, row.gini, marker, color=colour, markersize=5 if marker == _PLAIN[0] else 7)
        named = best["name"].map(style.word) + [marks[name][0] for name in best.index]
        _name_upwards(ax, best.assign(words=named)[::-1], step=0.05 * max(np.ptp(table["gini"]), 0.01))
        for name in {recommended, today} & set(table.index.difference(best.index)):
            row, below = table.loc[name], {"textcoords": "offset points", "va": "top", "fontsize": 8}
            ax.annotate(
                style.word(row["name"]) + marks[name][0], (row["kept"], row["gini"]), (5, -5), **below
            )
        style.percent_axis(ax.xaxis)
        ax.margins(x=0.06, y=0.08)
        ax.set_xlabel(tell("Share of customers with the same label {days:,} days later", days=horizon))
        ax.set_ylabel(tell("How well the scheme sorts (Gini)"))
        ax.grid()
        note = tell("named on the line: no other scheme is at once more far-seeing and steadier")
        style.title(ax, tell("Which schemes see far and keep their labels?"), note=note)
    return ax


def _name_upwards(ax: Axes, rows: pd.DataFrame, *, step: float) -> None:
    """Name points that rise to the left, lowest first, each name at least a step above the one before."""
    free = -np.inf
    for row in rows.itertuples():
        y = max(row.gini, free)
        free = y + step
        x = row.kept + 0.012 * np.ptp(ax.get_xlim())
        ax.plot([row.kept, x], [row.gini, y], color=style.GREY, lw=0.7)
        ax.text(x, y, row.words, va="bottom", fontsize=8)
