"""How our figures look: one width, one theme, few colours that colour-blind people tell apart, plain numbers.

Nothing is set at import or for others: `canvas` holds the theme only while a figure is drawn, and leaves what
matplotlib decides later (ticks) with the same fonts.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from clv.language import speaking, spoken, tell
from clv.plots.written import (
    count,
    day,
    minus,
    money,
    month,
    month_name,
    per_cent,
    percent,
    period,
    year,
)
from clv.telling import fonts, table_words

__all__ = [  # what is written comes from clv.plots.written, for all figures
    "count",
    "day",
    "minus",
    "money",
    "month",
    "month_name",
    "per_cent",
    "percent",
    "period",
    "year",
]

INK, MUTED, FAINT, PAPER = "#1f2a37", "#667180", "#dde2e8", "#ffffff"
BLUE, SKY, ORANGE, GREY = "#0b66a8", "#8fc1e3", "#d1670c", "#b4bcc6"  # blue against orange: safe for all eyes
HALO = {"facecolor": "#ffffffc0", "edgecolor": "none", "pad": 1}  # behind words that cross a line
WIDTH = 7.6  # inches; 760 pixels of a report's page
# a Chinese character, or letters up to a blank or to Chinese, with the marks that may not stand alone
_PIECES = re.compile(r"[（《「【]*(?:[⺀-\U0010ffff]|[^\s⺀-\U0010ffff]+)[，。；：！？、）》」】]*\s*")
_STEPS = ["#e6eff8", "#bcd8ee", "#6fa9d6", "#2a76b8", "#0b4677"]


def theme() -> dict[str, object]:
    """Return matplotlib's settings for our figures, seaborn's theme included."""
    return {
        **sns.axes_style("white"),
        **sns.plotting_context("paper"),
        "font.family": fonts.family(),
        "font.size": 9,
        "text.color": INK,
        "text.parse_math": False,  # a product called "$5 to $9" is no formula
        "axes.titlesize": 11.5,
        "axes.titlelocation": "left",
        "axes.titlepad": 10,
        "axes.labelsize": 9,
        "axes.labelcolor": MUTED,
        "axes.edgecolor": GREY,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "axes.unicode_minus": True,
        "grid.color": FAINT,
        "grid.linewidth": 0.7,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "legend.fontsize": 8.5,
        "legend.frameon": False,
        "figure.facecolor": PAPER,
        "axes.facecolor": PAPER,
        "lines.linewidth": 1.8,
        "patch.edgecolor": PAPER,
    }


@contextmanager
def canvas(ax: Axes | None, *, height: float) -> Iterator[Axes]:
    """Give the axes to draw on (a new figure, `height` inches high, when None) while our theme holds."""
    with mpl.rc_context(theme()):
        if ax is None:
            _, ax = plt.subplots(figsize=(WIDTH, height), layout="constrained")
        else:
            ax.tick_params(labelsize=8.5, labelcolor=INK, color=GREY, labelfontfamily=fonts.family())
        ax.tick_params(axis="x", pad=5)  # Chinese is taller: the words below keep clear of those at the left
        yield ax
        # ticks that matplotlib adds later, when our theme no longer holds, take these
        ax.tick_params(labelfontfamily=fonts.family(), length=0)
        for text in ax.findobj(Text):
            text.set_parse_math(False)


def word(text: object, *, of: str = "") -> str:
    """Return a word of ours that a table holds, in the reader's language; `of`: the column it stands in."""
    return table_words.cell(str(text), column=of)


def title(ax: Axes, words: str, *, note: str = "", pad: float | None = None) -> None:
    """Put the title at the left, and under it, smaller, what a reader needs to know; both already told."""
    ax.set_title(words, loc="left", pad=pad or (24 if note else 10), **_title_look())
    if note:
        ax.annotate(
            note,
            (0, 1),
            (0, 8),
            xycoords="axes fraction",
            textcoords="offset points",
            color=MUTED,
            fontsize=8.5,
        )


def _title_look() -> dict[str, object]:
    if spoken() == "en":
        return {"fontfamily": fonts.LATIN, "fontweight": "bold"}
    # our small Chinese font has no bold: a thin outline makes one
    return {"fontsize": 12.5, "path_effects": [Stroke(linewidth=0.45, foreground=INK), Normal()]}


def nothing(ax: Axes, sentence: str) -> None:
    """Say in the middle of the empty axes why there is nothing to draw."""
    ax.set_axis_off()
    ax.text(
        0.5,
        0.5,
        wrap(sentence, 60),
        transform=ax.transAxes,
        ha="center",
        va="center",
        color=MUTED,
        fontsize=10,
    )


def key(ax: Axes, **kwargs: object) -> None:
    """Put the legend in one line above the axes, under the title."""
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(
        handles,
        labels,
        loc="lower left",
        bbox_to_anchor=(-0.01, 0.99),
        ncols=max(len(labels), 1),
        borderaxespad=0.1,
        columnspacing=1.4,
        handlelength=1.2,
        **kwargs,
    )


def in_currency(words: str, currency: str | None) -> str:
    """Return an axis label, already told, with the currency as its unit, where one is known."""
    return tell("{words} ({currency})", words=words, currency=currency) if currency else words


def ticks(axis: Axis, write: Callable[[float], str]) -> None:
    """Let an axis write its numbers so, in the language of now, though they are written when it is drawn."""
    language = spoken()

    def written(value: float, _: object) -> str:
        with speaking(language):
            return write(value)

    axis.set_major_formatter(FuncFormatter(written))


def money_axis(axis: Axis, *, currency: str | None) -> None:
    """Let an axis count money, in few round steps."""
    if axis.get_scale() == "log":
        low, high = axis.get_view_interval()
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e4 * low else (1,), numticks=20))
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_locator(MaxNLocator(4 if len(money(0, currency=currency)) > 3 else 5))
    ticks(axis, partial(money, currency=currency))


def percent_axis(axis: Axis) -> None:
    """Let an axis count shares in per cent."""
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    ticks(axis, lambda value: minus(per_cent(f"{value * 100:.3g}")))


def count_axis(axis: Axis) -> None:
    """Let an axis count things: whole numbers, thousands apart."""
    axis.set_major_locator(MaxNLocator(6, integer=True))
    ticks(axis, count)


def date_axis(axis: Axis) -> None:
    """Let an axis of dates name few of them: days, months; where a year begins, the year."""
    locator = AutoDateLocator(minticks=4, maxticks=10)
    axis.set_major_locator(locator)
    formatter = ConciseDateFormatter if spoken() == "en" else _ChineseDates
    axis.set_major_formatter(formatter(locator, show_offset=False))


class _ChineseDates(ConciseDateFormatter):
    def __init__(self, locator: AutoDateLocator, **options: bool) -> None:
        hours = ["%H:%M"] * 2 + ["%S.%f"]
        formats, first = ["%Y年", "%m月", "%d日", *hours], ["", "%Y年", "%m月", "%m月%d日", *hours[1:]]
        super().__init__(locator, formats=formats, zero_formats=first, **options)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        return [re.sub(r"(?<!\d)0(?=\d[月日])", "", name) for name in super().format_ticks(values)]


def shades() -> Colormap:
    """Return the colours of heat maps, from nearly white to deep blue."""
    return LinearSegmentedColormap.from_list("clv", _STEPS)


def ramp(number: int) -> list[tuple[float, float, float, float]]:
    """Return `number` blues from light to dark, all dark enough for a line on white."""
    return [shades()(0.42 + 0.58 * i / max(number - 1, 1)) for i in range(number)]


def wrap(text: str, width: int) -> str:
    r"""Break a text into lines of at most `width` columns; a Chinese character takes two and breaks anywhere.

    >>> wrap("足金999手链黄金吊坠", 10)
    '足金999手\n链黄金吊坠'
    """
    lines, line = [], ""
    for word in _words(str(text)):
        if line.strip() and columns(line) + columns(word.rstrip()) > width:
            lines.append(line.strip())
            line = ""
        line += word
    return "\n".join([*lines, line.strip()])


def columns(text: str) -> int:
    """Return how many columns a text takes, two for each Chinese character."""
    return sum(2 if ord(letter) >= 0x2E80 else 1 for letter in text)


def _words(text: str) -> Iterator[str]:
    """Yield what stays in one line: a word, a Chinese character; marks with what they close or open."""
    yield from (re.sub(r"\s+", " ", piece) for piece in _PIECES.findall(text))


def few(labels: Sequence[str], *, most: int) -> list[int]:
    """Return the positions of at most `most` evenly spaced labels, the first among them."""
    return list(range(0, len(labels), -(-len(labels) // most) if len(labels) else 1))
