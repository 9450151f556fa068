"""Figures of next orders: what follows what, which first purchases bring customers back, full price."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from clv.language import tell
from clv.plots import style
from clv.plots.effects import interval
from clv.plots.offers import DASHED, beside, row_ticks

_MOST = 10  # categories across a heat map, and products with a name in a scatter
_NAME = 22  # columns of a name in one line
_FLAT = 7  # columns that leave room for names that stand level
_FOUND = {"more often": "▲", "less often": "▼"}
_COLOURS = {"more than the shop": style.BLUE, "less than the shop": style.ORANGE}
_SIDES = ((0.012, "left", 0.0), (-0.012, "right", 0.0), (0.0, "center", 0.06), (0.0, "center", -0.06))


def transitions(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw what followed each category of a first purchase.

    `table`: before, after (names); n, of (counts), share (n / of), found ('more often', 'less often' where it
    surely differs from the shop's mix), the largest categories first, as `next_category.first_to_second`
    makes it. The ten largest are drawn.
    """
    rows, columns = (list(table[name].drop_duplicates()[:_MOST]) for name in ("before", "after"))
    with style.canvas(ax, height=2.0 + 0.46 * len(rows) if rows else 2) as ax:
        if not rows:
            style.title(ax, tell("What comes after a first purchase?"))
            style.nothing(ax, tell("No two purchases of a known category follow each other."))
            return ax
        note = tell("share of each row; ▲ ▼ framed: more or less often than the shop's mix, beyond chance")
        style.title(ax, tell("What comes after a first purchase?"), note=note)
        cells = table[table["before"].isin(rows) & table["after"].isin(columns)]
        for cell in cells.itertuples():
            _cell(ax, columns.index(cell.after), rows.index(cell.before), cell, roomy=len(columns) <= _FLAT)
        sizes = table.drop_duplicates("before").set_index("before")["of"]
        ax.set_yticks(
            np.arange(len(rows)) + 0.5,
            [tell("{name} ({n:,})", name=_short(name), n=sizes[name]) for name in rows],
        )
        _names_below(ax, columns)
        ax.set(xlim=(0, len(columns)), ylim=(len(rows), 0), xlabel=tell("Category of the second purchase"))
        ax.set_ylabel(tell("Category of the first (customers)"))
        ax.spines[:].set_visible(False)
    return ax


def _cell(ax: Axes, x: int, y: int, cell: object, *, roomy: bool) -> None:
    colour = style.shades()(min(cell.share / 0.6, 1.0))
    ax.add_patch(Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=style.FAINT, lw=0.5))
    mark = _FOUND.get(cell.found, "")
    if mark:
        ax.add_patch(Rectangle((x + 0.03, y + 0.06), 0.94, 0.88, fill=False, ec=style.ORANGE, lw=1.4))
    ink = style.PAPER if cell.share > 0.33 else style.INK
    words = f"{style.percent(cell.share, digits=0)} {mark}".strip()
    ax.text(x + 0.5, y + 0.5, words, ha="center", va="center", color=ink, fontsize=8 if roomy else 7)


def _names_below(ax: Axes, names: Sequence[str]) -> None:
    level = len(names) <= _FLAT
    slant = {} if level else {"rotation": 45, "ha": "right", "rotation_mode": "anchor", "fontsize": 8}
    words = [
        style.wrap(style.word(name), max(68 // len(names), 6)) if level else _short(name) for name in names
    ]
    ax.set_xticks(np.arange(len(names)) + 0.5, words, **slant)


def _short(name: str) -> str:
    first, *rest = style.wrap(style.word(name), _NAME).split("\n")
    return first + "…" * bool(rest)


def gateways(table: pd.DataFrame, *, shop: float, horizon: int, ax: Axes | None = None) -> Axes:
    """Draw how many new customers each thing brought, and how many of them came back.

    `table`: index item; new (customers), back_pooled, back_pooled_low, back_pooled_high (share that bought
    again within `horizon` days, 90 %), back_found ('more than the shop', ...), as `gateways.gateways` makes
    it. `shop`: the share of the whole shop.
    """
    rows = table.dropna(subset=["back_pooled"])
    question = tell("Which first purchases bring customers who come back?")
    with style.canvas(ax, height=4.2 if len(rows) else 2) as ax:
        if rows.empty:
            style.title(ax, question)
            style.nothing(ax, tell("No category or product brought enough new customers to say anything."))
            return ax
        ax.set_xscale("log")
        for row in rows.itertuples():
            colour = _COLOURS.get(row.back_found, style.GREY)
            ends = (row.back_pooled, row.back_pooled_low, row.back_pooled_high)
            look = {"marker": "o", "colour": colour, "bold": row.back_found in _COLOURS}
            interval(ax, row.new, ends, across=False, **look)
        ax.axhline(shop, **DASHED, zorder=0)
        low, high = max(rows["back_pooled_low"].min(), 0), rows["back_pooled_high"].max()
        ax.set(xlim=(rows["new"].min() / 1.25, rows["new"].max() * 1.9), ylim=_room(low, high))
        _ticks_of_counts(ax)
        style.percent_axis(ax.yaxis)
        _name_points(ax, rows)
        ax.set_xlabel(tell("New customers whose first purchase held it"))
        ax.set_ylabel(tell("Bought again within {days:,} days", days=horizon))
        note = tell(
            "each pulled towards the others (bar: 90 %); dashed: the shop; bold: surely differs from it"
        )
        style.title(ax, question, note=note)
    return ax


def _room(low: float, high: float) -> tuple[float, float]:
    room = max(high - low, 0.02) * 0.12
    return max(low - room, 0.0), high + room


def _ticks_of_counts(ax: Axes) -> None:
    low, high = ax.get_xlim()
    steps = [n * 10**power for power in range(7) for n in (1, 2, 5)]
    seen = [step for step in steps if low <= step <= high]
    ax.set_xticks(seen, [style.count(step) for step in seen])
    ax.minorticks_off()


def _name_points(ax: Axes, rows: pd.DataFrame) -> None:
    """Name what surely differs, then what brought most, as far as the names do not lie on each other."""
    first = rows.assign(sure=rows["back_found"].isin(_COLOURS))
    taken: list[tuple[float, float, float, float]] = []
    for row in first.sort_values(["sure", "new"], ascending=False, kind="stable").head(_MOST).itertuples():
        x, y = ax.transAxes.inverted().transform(ax.transData.transform((row.new, row.back_pooled)))
        for where, box in _boxes(x, y, style.columns(_short(row.Index))):
            inside = box[0] >= 0 and box[1] <= 1 and box[2] >= 0.02 and box[3] <= 0.98
            if inside and not any(_touch(box, other) for other in taken):
                taken.append(box)
                place = {"ha": where[1], "va": "center", "transform": ax.transAxes, "fontsize": 8}
                ax.text(x + where[0], y + where[2], _short(row.Index), bbox=style.HALO, **place)
                break


def _boxes(x: float, y: float, wide: int) -> Iterator[tuple[tuple[float, str, float], tuple[float, ...]]]:
    """Yield the places beside a point that a name of so many columns may take, in parts of the axes."""
    length, height = wide * 0.0115, 0.055
    for shift, side, up in _SIDES:
        left = x + shift - length * {"left": 0, "center": 0.5, "right": 1}[side]
        yield (shift, side, up), (left, left + length, y + up - height / 2, y + up + height / 2)


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def full_price(bands: pd.DataFrame, *, back: pd.DataFrame, days: int, ax: Axes | None = None) -> Axes:
    """Draw how deep discounts were, and how many came back after a first order of each depth.

    `bands`: index band; orders, share, low, high (90 %), as `full_price.bands` makes it. `back`: index band;
    share, low, high (with a second purchase within `days` days), as `full_price.second_orders` makes it.
    """
    labels = [f"{style.word(name)}\n{_orders(n)}" for name, n in bands["orders"].items()]
    question = tell("Who pays the full price, and who comes back after a discount?")
    with style.canvas(ax, height=1.5 + 0.5 * max(len(labels), 2) if labels else 2) as ax:
        if not labels:
            style.title(ax, question)
            style.nothing(ax, tell("What was taken off the list price cannot be known from these exports."))
            return ax
        drawn = ax.barh(np.arange(len(bands)), bands["share"], height=0.5, color=style.SKY)
        ax.bar_label(drawn, [style.percent(share) for share in bands["share"]], padding=3, fontsize=8.5)
        for y, name in enumerate(bands.index):
            beside(ax, y, _came_back(back, name))
        row_ticks(ax, labels)
        ax.set_xlim(0, bands["share"].max() * 1.15)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(tell("Share of the orders"))
        note = tell(
            "at the right: bought again within {days:,} days after a first order like that (90 %)", days=days
        )
        style.title(ax, question, note=note)
    return ax


def _orders(n: int) -> str:
    return tell("{n:,} order{s}", n=n, s="" if n == 1 else "s")


def _came_back(back: pd.DataFrame, name: str) -> str:
    if name not in back.index or pd.isna(back.at[name, "share"]):
        return tell("too few to say")
    row = back.loc[name]
    share, low, high = (style.percent(row[part]) for part in ("share", "low", "high"))
    return tell("{value} ({low} to {high})", value=share, low=low, high=high)
