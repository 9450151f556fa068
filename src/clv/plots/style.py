"""How our figures look: one width, one theme, few colours that colour-blind people tell apart, plain numbers.

Nothing is set at import or for others: `canvas` holds the theme only while a figure is drawn, and leaves what
matplotlib decides later (ticks) with the same fonts.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import matplotlib as mpl
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from clv.telling import fonts

INK, MUTED, FAINT, PAPER = "#1f2a37", "#667180", "#dde2e8", "#ffffff"
BLUE, SKY, ORANGE, GREY = "#0b66a8", "#8fc1e3", "#d1670c", "#b4bcc6"  # blue against orange: safe for all eyes
HALO = {"facecolor": "#ffffffc0", "edgecolor": "none", "pad": 1}  # behind words that cross a line
WIDTH = 7.6  # inches; 760 pixels of a report's page
_STEPS = ["#e6eff8", "#bcd8ee", "#6fa9d6", "#2a76b8", "#0b4677"]
_SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "HKD": "HK$", "JPY": "JP¥", "TWD": "NT$"}


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
        yield ax
        # ticks that matplotlib adds later, when our theme no longer holds, take these
        ax.tick_params(labelfontfamily=fonts.family(), length=0)
        for text in ax.findobj(Text):
            text.set_parse_math(False)


def title(ax: Axes, words: str, *, note: str = "") -> None:
    """Put the title at the left, and under it, smaller, what a reader needs to know."""
    # the small Chinese font has no bold; titles are our own words and need none
    ax.set_title(words, loc="left", pad=24 if note else 10, fontfamily=fonts.LATIN, fontweight="bold")
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


def money(value: float, *, currency: str | None = None) -> str:
    """Write money short: ¥1.2M, −$340, CHF 12k; the bare number where no currency is known.

    >>> money(1234567, currency="CNY"), money(-340.4, currency="USD"), money(0.5)
    ('¥1.23M', '−$340', '0.5')
    """
    sign, size = "−" if value < 0 else "", abs(value)
    for unit, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if size >= unit * 0.9995:
            number = f"{size / unit:.3g}{letter}" if size < 999.5 * unit else f"{size / unit:,.0f}{letter}"
            break
    else:
        number = f"{size:.3g}"
    return sign + _symbol(currency) + number


def _symbol(currency: str | None) -> str:
    return _SYMBOLS.get(currency, f"{currency} ") if currency else ""


def in_currency(words: str, currency: str | None) -> str:
    """Return an axis label with the currency as its unit, where one is known."""
    return f"{words} ({currency})" if currency else words


def percent(value: float, *, digits: int | None = None) -> str:
    """Write a share as per cent; one decimal below 10 % unless `digits` says otherwise.

    >>> [percent(share).replace("\u00a0", " ") for share in (0.1234, 0.0567, 1, 0, 0.0001)]
    ['12 %', '5.7 %', '100 %', '0 %', '<0.1 %']
    """
    if digits is None and 0 < abs(value) < 0.0005:
        return "<0.1\u00a0%"
    if digits is None:
        digits = 0 if value == 0 or abs(value) >= 0.0995 else 1
    return f"{value * 100:.{digits}f}\u00a0%"


def money_axis(axis: mpl.axis.Axis, *, currency: str | None) -> None:
    """Let an axis count money, in few round steps."""
    if axis.get_scale() == "log":
        low, high = axis.get_view_interval()
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1e4 * low else (1,), numticks=20))
        axis.set_minor_locator(NullLocator())
    else:
        axis.set_major_locator(MaxNLocator(5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: money(value, currency=currency)))


def percent_axis(axis: mpl.axis.Axis) -> None:
    """Let an axis count shares in per cent."""
    axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:.3g}\u00a0%"))


def count_axis(axis: mpl.axis.Axis) -> None:
    """Let an axis count things: whole numbers, thousands apart."""
    axis.set_major_locator(MaxNLocator(6, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}".replace("-", "−")))


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
    word = ""
    for letter in text:
        if ord(letter) >= 0x2E80:
            yield from ([word] if word else [])
            word = ""
            yield letter
        elif letter in " \n\t":
            yield word + " "
            word = ""
        else:
            word += letter
    if word:
        yield word


def few(labels: Sequence[str], *, most: int) -> list[int]:
    """Return the positions of at most `most` evenly spaced labels, the first among them."""
    return list(range(0, len(labels), -(-len(labels) // most) if len(labels) else 1))
