"""Figures of the question "Can these orders be trusted?"."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style

_MONTH_LABELS = 18  # more do not fit side by side


def money_waterfall(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw how the money in the export became the money kept, one bar per reason.

    `table`: step, kind ('total' or 'loss'), money, start, end, share, as `sales.waterfall` makes it. Reasons
    without money are left out of the figure (not of the table).
    """
    shown = table[(table["kind"] == "total") | (table["money"] != 0)].reset_index(drop=True)
    labels = [style.wrap(style.word(step), 30) for step in shown["step"]]
    lines = sum(max(label.count("\n") + 1, 1.6) for label in labels)
    with style.canvas(ax, height=1.2 + 0.21 * lines) as ax:
        lost = np.where(shown["money"] > 0, style.ORANGE, style.SKY)
        colours = np.where(shown["kind"] == "total", style.BLUE, lost)
        left = shown[["start", "end"]].min(axis=1)
        ax.barh(shown.index, (shown["end"] - shown["start"]).abs(), left=left, color=colours, height=0.66)
        span = max(shown[["start", "end"]].max().max(), 0) - min(left.min(), 0)
        for y, row in shown.iterrows():
            _waterfall_label(ax, y, row, span=span or 1.0, currency=currency)
        ax.set_yticks(shown.index, labels)
        ax.invert_yaxis()
        ax.set_xlim(right=max(ax.get_xlim()[1], span * 1.02))
        style.money_axis(ax.xaxis, currency=currency)
        ax.set_xlabel(style.in_currency(tell("Money"), currency))
        ax.grid(axis="x")
        sns.despine(ax=ax, left=True)
        style.title(ax, tell("From the money in the export to the money kept"))
    return ax


def _waterfall_label(ax: Axes, y: int, row: pd.Series, *, span: float, currency: str | None) -> None:
    """Beside a bar, on the side that has room; inside it when the bar is a long total."""
    total = row["kind"] == "total"
    words = style.money(row["money"] if total else -row["money"], currency=currency)
    words = words if total or row["money"] > 0 else f"+{words}"
    if pd.notna(row["share"]) and not (total and y == 0):
        words += f"  ·  {style.percent(abs(row['share']))}"
    low, high = sorted((row["start"], row["end"]))
    if total and high - low > 0.3 * span:
        x, side, colour, shift = high, "right", style.PAPER, -6
    elif low > 0.3 * span:
        x, side, colour, shift = low, "right", style.INK, -5
    else:
        x, side, colour, shift = high, "left", style.INK, 5
    ax.annotate(words, (x, y), (shift, 0), textcoords="offset points", ha=side, va="center", color=colour)


def orders_by_month(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the money kept per month, split into new and returning customers.

    `table`: month, new_money, returning_money, unnamed_money, whole, as `sales.by_month` makes it.
    """
    with style.canvas(ax, height=3.4) as ax:
        base = np.zeros(len(table))
        for column, name, colour in (
            ("returning_money", tell("returning customers"), style.BLUE),
            ("new_money", tell("new customers"), style.SKY),
            ("unnamed_money", tell("buyer not named"), style.GREY),
        ):
            if table[column].any():
                ax.bar(np.arange(len(table)), table[column], bottom=base, color=colour, label=name, width=0.8)
                base = base + table[column].to_numpy()
        _month_ticks(ax, table["month"])
        style.money_axis(ax.yaxis, currency=currency)
        ax.set_ylabel(style.in_currency(tell("Money kept per month"), currency))
        ax.grid(axis="y")
        style.title(ax, tell("Sales by month"), note=" ")
        style.key(ax)
        if not table["whole"].iloc[-1]:
            for bars in ax.containers:
                bars[-1].set_alpha(0.55)
            last = style.month(table["month"].iloc[-1])
            ax.set_xlabel(tell("{month} (pale) is not over", month=last))
    return ax


def refunds_by_month(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of money paid back by month, among orders that were kept.

    `table`: month, refund_share, as `sales.by_month` makes it.
    """
    with style.canvas(ax, height=2.6) as ax:
        style.title(ax, tell("Partial refunds by month"), note=tell("orders paid back in full are not in it"))
        if not table["refund_share"].gt(0).any():
            style.nothing(ax, tell("Nothing was paid back of the orders that were kept."))
            return ax
        ax.bar(np.arange(len(table)), table["refund_share"].fillna(0), color=style.ORANGE, width=0.8)
        _month_ticks(ax, table["month"])
        style.percent_axis(ax.yaxis)
        ax.set_ylabel(tell("Paid back, share of money"))
        ax.grid(axis="y")
    return ax


def _month_ticks(ax: Axes, months: pd.Series) -> None:
    """Name months, and the year under each first label of a year; leave room around a few bars."""
    names = [style.month_name(month) for month in months]
    shown = style.few(names, most=_MONTH_LABELS)
    years = [months.iloc[i].year for i in shown]
    first = [i == 0 or years[i] != years[i - 1] for i in range(len(shown))]
    labels = [
        f"{names[i]}\n{style.year(year) if new else ''}"  # two lines each, so that months stand level
        for i, year, new in zip(shown, years, first, strict=True)
    ]
    ax.set_xticks(shown, labels)
    middle, half = (len(names) - 1) / 2, max(len(names), 8) / 2
    ax.set_xlim(middle - half, middle + half)


def order_hours(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw when customers order, by weekday and hour; by weekday alone where the export gives no time of day.

    `table`: 7 weekdays × hours 0 to 23 (or one column), number of orders, as `sales.by_hour` makes it.
    """
    shares = table / max(table.to_numpy().sum(), 1)
    if table.shape[1] == 1:
        return _order_weekdays(shares[table.columns[0]], ax=ax)
    with style.canvas(ax, height=2.7) as ax:
        sns.heatmap(
            shares,
            ax=ax,
            cmap=style.shades(),
            vmin=0,
            linewidths=0.6,
            cbar_kws={"label": tell("share of all orders"), "pad": 0.015, "aspect": 14},
        )
        style.percent_axis(ax.collections[0].colorbar.ax.yaxis)
        ax.collections[0].colorbar.outline.set_visible(False)
        ax.set_xticks(np.arange(0, 24, 2) + 0.5, [str(hour) for hour in range(0, 24, 2)], rotation=0)
        ax.set_yticks(np.arange(7) + 0.5, [style.word(day) for day in table.index], rotation=0)
        ax.set(xlabel=tell("Hour of the day"), ylabel="")
        weekday, hour = shares.stack().idxmax()
        busiest = tell(
            "busiest hour: {weekday}, {hour}:00 to {next}:00", weekday=weekday, hour=hour, next=hour + 1
        )
        style.title(ax, tell("When customers order"), note=busiest)
    return ax


def _order_weekdays(shares: pd.Series, *, ax: Axes | None) -> Axes:
    with style.canvas(ax, height=2.6) as ax:
        bars = ax.bar([style.word(day) for day in shares.index], shares, color=style.BLUE, width=0.7)
        ax.bar_label(bars, [style.percent(share) for share in shares], padding=2)
        style.percent_axis(ax.yaxis)
        ax.set(ylabel=tell("Share of orders"), xlabel="")
        ax.margins(y=0.15)
        ax.grid(axis="y")
        style.title(ax, tell("When customers order"), note=tell("the export gives days, no time of day"))
    return ax
