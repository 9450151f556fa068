"""Figures that check a campaign: were its arms alike before, and what became of its messages."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import plain_axis, short, signed
from clv.plots.offers import DASHED, beside, row_ticks
from clv.plots.segments import row_height

_NAME = 30  # columns of a row's name in one line
_ALIKE = 0.1  # of a standard deviation; less is taken for alike (Austin 2009)
_DOTS = {True: ("o", style.BLUE), False: ("D", style.ORANGE)}
_STEPS = {"sent": style.GREY, "opened": style.SKY, "clicked": style.SKY, "replied": style.SKY}
_STEPS |= {"opted_out": style.ORANGE, "complained": style.ORANGE, "ordered": style.BLUE}
_ROWS = len(_STEPS) + 1.7  # from one channel to the next, its name among them
_WIDE = 80  # columns of a channel's name
_OFFSET = {"textcoords": "offset points", "fontsize": 8.5}


def balance(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw how the arms differed before anything was sent.

    `table`: index what is compared, in plain words; difference (mean of those to be contacted less mean of
    those left alone, in standard deviations), expected (the size that chance alone gives it).
    """
    labels = [style.wrap(style.word(name), _NAME) for name in table.index]
    question, known = tell("Were the arms alike before?"), table["difference"].dropna()
    high = 1.4 + row_height(labels, least=0.28) * max(len(labels), 3) if len(known) else 2
    with style.canvas(ax, height=high) as ax:
        if known.empty:
            style.title(ax, question)
            style.nothing(
                ax, tell("Nothing is known of the customers before, so the arms cannot be compared.")
            )
            return ax
        chance = table["expected"].fillna(0)
        for inside, (marker, colour) in _DOTS.items():
            dots = table["difference"].where((table["difference"].abs() <= _ALIKE) == inside)
            if dots.notna().any():
                words = tell("difference" if inside else "difference beyond 0.1")
                ax.plot(dots, np.arange(len(table)), marker, color=colour, markersize=7, label=words)
        ax.axvspan(
            -_ALIKE, _ALIKE, color=style.SKY, alpha=0.2, lw=0, label=tell("alike: up to 0.1"), zorder=0
        )
        bars = {"height": 0.42, "color": style.GREY, "alpha": 0.7, "label": tell("what chance alone gives")}
        ax.barh(np.arange(len(table)), 2 * chance, left=-chance, **bars)
        for y, gap in enumerate(table["difference"]):
            beside(ax, y, tell("cannot be told") if pd.isna(gap) else signed(gap, digits=2))
        ax.axvline(0, **DASHED, zorder=0)
        row_ticks(ax, labels)
        far = max(1.5 * _ALIKE, 1.08 * known.abs().max(), 1.08 * chance.max())
        ax.set_xlim(-far, far)
        plain_axis(ax.xaxis)
        ax.set_xlabel(tell("Mean of those contacted less mean of those left alone, in standard deviations"))
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def funnel(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what became of the messages of each channel, step by step.

    `table`: index channel; sent, opened, clicked, replied, opted_out, complained, ordered (messages, or the
    customers behind them; missing where the channel cannot tell). Bars are shares of what was sent.
    """
    question, known = tell("What became of the messages?"), table["sent"].fillna(0).sum() > 0
    with style.canvas(ax, height=1.4 + 0.2 * _ROWS * len(table) if known else 2) as ax:
        if not known:
            style.title(ax, question)
            style.nothing(ax, tell("No message was sent, so there is nothing to follow."))
            return ax
        shares = table[[*_STEPS]].div(table["sent"].where(table["sent"] > 0), axis=0)
        ticks = []
        for place, channel in enumerate(table.index):
            top = _ROWS * place
            ax.annotate(
                short(style.word(channel), _WIDE),
                (0, top),
                (4, 0),
                va="center",
                **_OFFSET | {"fontsize": 9.5},
            )
            for y, step in enumerate(_STEPS, start=1):
                _step(ax, top + y, step, table[step].iloc[place], shares[step].iloc[place])
                ticks.append(top + y)
        ax.set_yticks(ticks, [style.word(step.replace("_", " ")) for step in _STEPS] * len(table))
        ax.set(xlim=(0, 1.24 * max(1, shares.max().max())), ylim=(ticks[-1] + 0.6, -0.7))
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Share of what was sent"))
        note = tell("'ordered' counts everybody who did, also those who would have without a message")
        style.title(ax, question, note=note)
    return ax


def _step(ax: Axes, y: float, step: str, count: float, share: float) -> None:
    """Draw one step with its count and its share, or say what is not known."""
    words, look = f"{count:,.0f}", {"color": style.INK}
    if pd.isna(count):
        words, look = tell("not known"), {"color": style.MUTED, "style": "italic"}
    elif step != "sent" and pd.notna(share):
        words = tell("{count} ({share})", count=words, share=style.percent(share))
    end = 0 if pd.isna(share) else share
    ax.barh(y, end, height=0.72, color=_STEPS[step])
    ax.annotate(words, (end, y), (4, 0), va="center", **_OFFSET | look)
