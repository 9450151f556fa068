"""Figures of segments: who is in which, who moved where, who is worth the same, when customers cool off."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from clv.language import spoken, tell
from clv.plots import style

_NEW = "not yet a customer"  # as `migration.matrix` calls those who joined since
_APART = 0.35  # rows between them and the others
_MOST = 14  # segments; the numbers of more do not fit into their cells
_COUNTED = 8  # columns that leave room for the count beside the per cent
_LEVEL = 7  # columns whose names stand level; more are slanted
_STEP = 0.13  # of the axes, between words that would lie on each other
_BAND = {"color": style.ORANGE, "lw": 3, "alpha": 0.55}
_CELLS = 45  # across, in which customers are counted for the size of a dot


def segment_map(
    table: pd.DataFrame, *, horizon: int, currency: str | None = None, ax: Axes | None = None
) -> Axes:
    """Draw who is in which segment, what they had spent and what they spent in the `horizon` days after.

    `table`: segment, bits, customers, customer_share, spend_share (of all money so far), next_share (of all
    money in the horizon after), next_spend (per customer), low, high (90 %), as `segment_map.segment_map`
    makes it, with segment_zh for readers of Chinese.
    """
    bars = (
        (tell("upper: customers"), "customer_share", style.GREY),
        (tell("middle: money so far"), "spend_share", style.SKY),
        (tell("lower: money next {days:,} days", days=horizon), "next_share", style.BLUE),
    )
    labels = [_label(row) for row in table.itertuples()]
    with style.canvas(ax, height=1.3 + row_height(labels, least=0.47) * len(table)) as ax:
        for place, (name, column, colour) in enumerate(bars):
            where = np.arange(len(table)) + 0.27 * (place - 1)
            drawn = ax.barh(where, table[column], height=0.25, color=colour, label=name)
            ax.bar_label(drawn, [style.percent(share) for share in table[column]], padding=2, fontsize=7)
        for y, row in enumerate(table.itertuples()):
            beside = {"transform": ax.get_yaxis_transform(), "va": "center_baseline", "fontsize": 8.5}
            ax.text(1.01, y, _a_head(row, currency=currency), **beside)
        ax.set_yticks(np.arange(len(table)), labels)
        ax.set_ylim(len(table) - 0.45, -0.55)
        ax.set_xlim(0, max(table[[column for _, column, _ in bars]].max().max(), 0.01) * 1.13)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel(_of_all(horizon))
        ax.grid(axis="x")
        style.title(ax, tell("Who is where, and what did they spend next?"), note=" ")
        style.key(ax)
    return ax


def _of_all(horizon: int) -> str:
    return tell(
        "Share of all (at the right: spent per head in the next {days:,} days, with its 90 % interval)",
        days=horizon,
    )


def _label(row: object) -> str:
    name = _segment(row.segment)
    if spoken() == "zh" and name == row.segment:
        name = getattr(row, "segment_zh", name)
    return f"{style.wrap(name, 24)}  {row.bits}\n{_people(row.customers)}"


def _a_head(row: object, *, currency: str | None) -> str:
    mean, low, high = (
        style.money(row.next_spend, currency=currency),
        style.money(row.low),
        style.money(row.high),
    )
    return tell("{mean} a head [{low}, {high}]", mean=mean, low=low, high=high)


def migration(
    counts: pd.DataFrame,
    *,
    bits: Mapping[str, str] | None = None,
    horizon: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw where the customers of each segment went.

    `counts`: customers; one row per segment of the first day and, last, 'not yet a customer' where some
    joined since; one column per segment of the second day, as `migration.matrix` makes it.
    `bits`: by segment, what stands beside its name (R1F0M1).
    `horizon`: days between the two, where the words should say so.
    """
    names = {name: _with_bits(name, bits or {}) for name in [*counts.index, *counts.columns]}
    labels = [f"{style.wrap(names[name], 26)}\n{_people(n)}" for name, n in counts.sum(axis=1).items()]
    many = max(counts.shape)
    with style.canvas(ax, height=2 if many > _MOST else 1.5 + row_height(labels, least=0.4) * many) as ax:
        note = tell("share of each row, of 100 %; framed: the same segment as before")
        style.title(ax, tell("Where did the customers of each segment go?"), note=note)
        if counts.empty or many > _MOST:
            style.nothing(ax, tell("{many} segments are too many for a picture; see the table.", many=many))
            return ax
        rows = np.arange(len(counts)) + _APART * (counts.index == _NEW)
        for y, (_, row) in zip(rows, counts.iterrows(), strict=True):
            _moved(ax, y, row)
        ax.set_yticks(rows + 0.5, labels)
        _across(ax, [names[name] for name in counts.columns])
        ax.set(xlim=(0, counts.shape[1]), ylim=(rows[-1] + 1, 0))
        later = tell("Segment {days:,} days later", days=horizon) if horizon else tell("Segment afterwards")
        ax.set(xlabel=later, ylabel=tell("Segment before"))
        ax.spines[:].set_visible(False)
    return ax


def _with_bits(name: str, bits: Mapping[str, str]) -> str:
    return f"{_segment(name)}  {bits.get(name, '')}".strip()


def _segment(name: str) -> str:
    """Return a segment's name in the reader's language; that of a cell is told level by level."""
    told = style.word(name, of="segment")
    levels = {level: style.word(level, of="segment") for level in name.split(", ")}
    if told != name or any(level == word for level, word in levels.items()):
        return told
    return "·".join(levels.values())


def _people(number: int) -> str:
    return tell("{n:,.0f} customer{s}", n=number, s="" if number == 1 else "s")


def row_height(labels: Sequence[str], *, least: float) -> float:
    """Return the inches that a row needs for no two labels to touch."""
    lines = np.array([label.count("\n") + 1 for label in labels] or [1])
    neighbours = (lines[1:] + lines[:-1]) / 2 if len(lines) > 1 else lines
    return max(least, 0.08 + 0.145 * neighbours.max())


def _moved(ax: Axes, y: float, counts: pd.Series) -> None:
    """Draw one row of cells with their numbers; the cell of those who stayed framed."""
    shares = counts / max(counts.sum(), 1)
    mesh = {"cmap": style.shades(), "vmin": 0, "vmax": 1, "edgecolors": style.FAINT, "linewidth": 0.5}
    cells = shares.where(shares > 0).to_numpy(dtype=float)[None, :]
    ax.pcolormesh(np.arange(len(shares) + 1), [y, y + 1], cells, **mesh)
    for x, (name, share) in enumerate(shares.items()):
        if name == counts.name:
            ax.add_patch(Rectangle((x + 0.03, y + 0.05), 0.94, 0.9, fill=False, ec=style.ORANGE, lw=1.6))
        if share > 0:
            roomy = len(shares) <= _COUNTED
            words = style.percent(share) + (f"\n{counts[name]:,}" if roomy else "")
            look = {"color": style.PAPER if share > 0.5 else style.INK, "fontsize": 8 if roomy else 7.5}
            ax.text(x + 0.5, y + 0.5, words, ha="center", va="center", **look)


def _across(ax: Axes, names: Sequence[str]) -> None:
    level = len(names) <= _LEVEL
    slant = {} if level else {"rotation": 45, "ha": "right", "rotation_mode": "anchor", "fontsize": 8}
    words = [style.wrap(name, 72 // len(names) if level else 22) for name in names]
    ax.set_xticks(np.arange(len(names)) + 0.5, words, **slant)


def iso_value(
    surface: pd.DataFrame,
    *,
    curves: Sequence[float],
    customers: pd.DataFrame,
    age: int,
    horizon: int,
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the lines along which customers are expected to bring equal money within `horizon` days.

    `surface`: wide; index purchases, columns days since the last purchase, cells money or missing. `curves`:
    amounts to draw. `customers`: purchases, days_since_last. `age`: days since the first purchase of all of
    them, nearly. As `iso_value.surface` makes them.
    """
    with style.canvas(ax, height=4.1) as ax:
        low, high = surface.index.min(), surface.index.max()
        last = max(age, customers["days_since_last"].max() if len(customers) else 0)
        ax.set(xlim=(-0.02 * last, 1.02 * last), ylim=(low - 0.5, high + 0.5))  # labels need the scale
        _crowd(ax, customers, width=max(age / _CELLS, 1))
        drawn = _lines(ax, surface, curves, currency=currency)
        style.count_axis(ax.xaxis)
        ax.set_yticks(surface.index[style.few(surface.index, most=8)])
        ax.set(xlabel=tell("Days since the last purchase"), ylabel=tell("Purchases so far"))
        ax.grid()
        question = tell("Which customers are worth the same in the next {days:,} days?", days=horizon)
        style.title(ax, question, note=_read_lines(age, drawn=drawn))
    return ax


def _read_lines(age: int, *, drawn: bool) -> str:
    lines = tell("lines: equal money expected") if drawn else tell("the expected money hardly differs")
    return tell(
        "first purchase some {age:,} days ago; {lines}; dots: repeat buyers, large: many",
        age=age,
        lines=lines,
    )


def _crowd(ax: Axes, customers: pd.DataFrame, *, width: float) -> None:
    """Draw a dot for the customers of each small cell, its area by their number."""
    place = (customers["days_since_last"] // width).rename("place")
    cells = customers.groupby([place, "purchases"]).agg(
        x=("days_since_last", "mean"), n=("purchases", "size")
    )
    size = 7 + 140 * cells["n"] / max(cells["n"].max(), 25) if len(cells) else 7
    y = cells.index.get_level_values("purchases")
    ax.scatter(cells["x"], y, s=size, color=style.GREY, edgecolor=style.PAPER, lw=0.4)


def _lines(ax: Axes, surface: pd.DataFrame, curves: Sequence[float], *, currency: str | None) -> bool:
    """Draw and label the curves that the surface reaches; say whether there are any."""
    if len(surface) == 1:  # lines need more rows
        surface = pd.concat([surface.set_axis(surface.index + shift) for shift in (-0.4, 0, 0.4)])
    low, high = surface.min().min(), surface.max().max()
    levels = [amount for amount in curves if low < amount < high]
    if not levels or surface.shape[1] < 2:
        return False
    found = ax.contour(
        surface.columns, surface.index, surface, levels=levels, colors=style.ramp(len(levels)), linewidths=1.6
    )
    words = {amount: style.money(amount, currency=currency) for amount in levels}
    for text in ax.clabel(found, fmt=words, fontsize=8.5, colors=style.INK, inline=True):
        text.set_bbox(style.HALO)
    return True


def own_windows(
    chances: pd.DataFrame,
    *,
    ends: pd.DataFrame,
    fixed: Sequence[int] = (90, 180, 270),
    horizon: int,
    ax: Axes | None = None,
) -> Axes:
    """Draw the chance to come back within `horizon` days by days of silence, and where windows end.

    `chances`: silence (days), chance, as `own_windows.chances` makes it. `ends`: to_day, low, high (90 %),
    the ends of the shop's own windows, as `own_windows.learned` makes them. `fixed`: days to compare with.
    """
    last = chances["silence"].max()
    steps = _steps(ends["to_day"], near=0.11 * last)
    free = 0.85 - _STEP * max(steps, default=0)  # the words stand above, as part of the axes' height
    with style.canvas(ax, height=3.6) as ax:
        ax.plot(chances["silence"], chances["chance"], color=style.BLUE)
        for place, (row, step) in enumerate(zip(ends.itertuples(), steps, strict=True)):
            across = free - 0.025 - 0.045 * (place % 3)  # intervals overlap; each at a height of its own
            ax.plot([row.low, row.high], [across, across], transform=ax.get_xaxis_transform(), **_BAND)
            _end(ax, row, last=last, height=free + _STEP * step)
        for day in fixed:
            if day <= last:
                ax.axvline(day, color=style.MUTED, lw=1, ls=(0, (4, 3)), ymax=free)
                side = (
                    -1 if (ends["to_day"] - day).between(0, 0.07 * last).any() else 1
                )  # where there is room
                words = {"ha": "left" if side > 0 else "right", "color": style.MUTED, "bbox": style.HALO}
                ax.annotate(f"{day}", (day, 0), (4 * side, 4), textcoords="offset points", **words)
        style.percent_axis(ax.yaxis)
        style.count_axis(ax.xaxis)
        ax.set(xlim=(0, last), ylim=(0, max(chances["chance"].max(), 0.001) * 1.2 / free))
        ax.set_xlabel(tell("Days without a purchase so far"))
        ax.set_ylabel(tell("Chance to come back within {days:,} days", days=horizon))
        ax.grid(axis="y")
        own = tell("solid: ends of the shop's own windows; bar: 90 % of redrawn shops; ")
        note = (own if len(ends) else "") + tell("dashed: the usual ends")
        style.title(ax, tell("When do silent customers cool off?"), note=note)
    return ax


def _steps(days: pd.Series, *, near: float) -> list[int]:
    """Return how high the words of each end stand: one step above those of a near neighbour."""
    steps: list[int] = []
    for gap in days.diff():
        steps.append(steps[-1] + 1 if gap < near else 0)
    return steps


def _end(ax: Axes, row: object, *, last: float, height: float) -> None:
    """Draw where a window ends, up to `height` of the axes, and the words above."""
    upright = {"transform": ax.get_xaxis_transform()}
    ax.plot([row.to_day, row.to_day], [0, height], color=style.ORANGE, **upright)
    words = tell("day {day:,}\n{low:,} to {high:,}", day=row.to_day, low=row.low, high=row.high)
    x = np.clip(row.to_day, 0.055 * last, 0.945 * last)
    ax.text(x, height + 0.01, words, ha="center", va="bottom", bbox=style.HALO, **upright)
