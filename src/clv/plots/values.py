"""Figures of the question "What is each customer worth, and who will buy again?"."""

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.customers import paired_bars

_LABEL = 0.2  # of the axes' width, for a label in the scatter
_NAMED = 6  # points with a label in the scatter; more would overlap
_TICKS = 12


def holdout_tracking(
    table: pd.DataFrame, *, calibration_end: float | pd.Timestamp, ax: Axes | None = None
) -> Axes:
    """Draw the repeat purchases of all customers over time: what happened, and what the model said.

    `table`: day (number or date), actual, expected, expected_low, expected_high, all cumulative.
    `calibration_end`: the last day that the model was fitted on, in the unit of `day`.
    """
    with style.canvas(ax, height=3.6) as ax:
        day = table["day"]
        ax.fill_between(
            day, table["expected_low"], table["expected_high"], color=style.ORANGE, alpha=0.22, lw=0
        )
        model = tell("model (shaded: 90 % band)")
        ax.plot(day, table["expected"], color=style.ORANGE, ls=(0, (5, 2)), label=model)
        ax.plot(day, table["actual"], color=style.BLUE, label=tell("what happened"))
        ax.axvline(calibration_end, color=style.MUTED, lw=1)
        seen, hidden = tell("the model saw"), tell("the model did not see")
        for words, side, shift in ((seen, "right", -6), (hidden, "left", 6)):
            ax.annotate(
                words,
                (calibration_end, 0.02),
                (shift, 0),
                xycoords=("data", "axes fraction"),
                textcoords="offset points",
                ha=side,
                color=style.MUTED,
            )
        style.count_axis(ax.yaxis)
        if pd.api.types.is_numeric_dtype(day):
            style.count_axis(ax.xaxis)
            ax.set_xlabel(tell("Day of observation"))
        else:
            style.date_axis(ax.xaxis)
            first, last = (style.day(pd.Timestamp(day.iloc[at])) for at in (0, -1))
            ax.set_xlabel(tell("{low} to {high}", low=first, high=last))
        ax.set(ylabel=tell("Repeat purchases so far"), xlim=(day.iloc[0], day.iloc[-1]), ylim=(0, None))
        ax.grid(axis="y")
        style.title(ax, tell("Does the model foresee the purchases it has not seen?"), note=" ")
        style.key(ax)
    return ax


def calibration(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the holdout purchases per customer by purchases before: what happened, what the model said.

    `table`: group (repeat purchases before, e.g. 0, 1, ..., "7+"), customers, actual, expected, low, high
    (all means per customer; low and high are the band of `expected`).
    """
    x = np.arange(len(table))
    with style.canvas(ax, height=3.6) as ax:
        ax.bar(x, table["actual"], color=style.SKY, width=0.7, label=tell("what happened"))
        low, high = table["expected"] - table["low"], table["high"] - table["expected"]
        ax.errorbar(
            x,
            table["expected"],
            yerr=np.clip([low, high], 0, None),
            fmt="o",
            color=style.ORANGE,
            capsize=3,
            label=tell("model, with 90 % band"),
        )
        ax.set_xticks(x, [f"{row.group}\n{row.customers:,}" for row in table.itertuples()])
        ax.set_xlim(-0.6, max(len(table), 4) - 0.4)
        ax.set_xlabel(tell("Repeat purchases before (below: number of customers)"))
        ax.set_ylabel(tell("Purchases per customer afterwards"))
        ax.set_ylim(bottom=0)
        ax.grid(axis="y")
        style.title(ax, tell("Is the model right for rare and for frequent buyers?"), note=" ")
        style.key(ax)
    return ax


def p_alive_matrix(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the chance of still being a customer by repeat purchases and age at the last one.

    `table`: wide; index frequency (repeat purchases), columns recency (days from first to last purchase),
    cells P(alive) or missing.
    """
    with style.canvas(ax, height=3.6) as ax:
        sns.heatmap(
            table.sort_index(ascending=False),
            ax=ax,
            cmap=style.shades(),
            vmin=0,
            vmax=1,
            cbar_kws={"label": tell("chance of still being a customer"), "pad": 0.015, "aspect": 18},
        )
        style.percent_axis(ax.collections[0].colorbar.ax.yaxis)
        ax.collections[0].colorbar.outline.set_visible(False)
        down, across = sorted(table.index, reverse=True), list(table.columns)
        rows, places = style.few(down[::-1], most=_TICKS), style.few(across, most=_TICKS)
        ax.set_yticks(
            [len(down) - 1 - i + 0.5 for i in rows], [f"{down[::-1][i]:g}" for i in rows], rotation=0
        )
        ax.set_xticks([i + 0.5 for i in places], [f"{across[i]:g}" for i in places], rotation=0)
        ax.set_xlabel(tell("Days from the first to the last purchase"))
        ax.set_ylabel(tell("Repeat purchases"))
        note = tell("dark: very likely; top left: bought often, then went silent")
        style.title(ax, tell("Who is still a customer?"), note=note)
    return ax


def expected_purchases(table: pd.DataFrame, *, days: int, ax: Axes | None = None) -> Axes:
    """Draw the customers by the purchases expected of them, and their share of all expected purchases.

    `table`: band (words), customers, customer_share, purchase_share, as `bands.purchases` makes it.
    """
    labels = [f"{style.word(row.band, of='band')}\n{row.customers:,}" for row in table.itertuples()]
    with style.canvas(ax, height=3.3) as ax:
        shares = {
            tell("share of customers"): table["customer_share"],
            tell("share of all expected purchases"): table["purchase_share"],
        }
        paired_bars(ax, labels, shares)
        below = tell(
            "Purchases expected of one customer in {days:,} days (below: number of customers)", days=days
        )
        ax.set(xlabel=below, ylabel=tell("Share"))
        question = tell("How many purchases to expect in the next {days:,} days, and from whom?", days=days)
        style.title(ax, question, note=" ")
        style.key(ax)
    return ax


def clv_deciles(
    table: pd.DataFrame,
    *,
    title: str = "What is a customer worth?",
    currency: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the mean customer lifetime value of each tenth of the customers, with its interval.

    `table`: decile (1 = most valuable), clv, low, high (means per customer), share (of all value), and
    optionally actual (mean money per customer in the holdout).
    """
    x = np.arange(len(table))
    with style.canvas(ax, height=3.5) as ax:
        ax.bar(x, table["clv"], color=style.SKY, width=0.75, label=tell("expected"))
        bars = np.clip([table["clv"] - table["low"], table["high"] - table["clv"]], 0, None)
        look = {"fmt": "none", "ecolor": style.BLUE, "capsize": 3}
        ax.errorbar(x, table["clv"], yerr=bars, label=tell("90 % interval"), **look)
        if "actual" in table:
            ax.plot(x, table["actual"], "D", color=style.ORANGE, label=tell("what happened"))
        tops = table[table.columns.intersection(["clv", "high", "actual"])].max(axis=1)
        for at, top, share in zip(x, tops, table["share"], strict=True):
            ax.annotate(style.percent(share), (at, top), (0, 5), textcoords="offset points", ha="center")
        ax.set_xticks(x, [f"{decile}" for decile in table["decile"]])
        style.money_axis(ax.yaxis, currency=currency)
        ax.set_ylim(0, max(tops.max(), 1e-9) * 1.12)
        ax.set_xlabel(tell("Tenth of the customers, most valuable first"))
        ax.set_ylabel(style.in_currency(tell("Value per customer"), currency))
        ax.grid(axis="y")
        style.title(ax, tell("{title} (labels: share of all value)", title=title), note=" ")
        style.key(ax)
    return ax


def p_buy_calibration(table: pd.DataFrame, *, days: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw whether those given a chance of x % to buy did buy in x % of the cases.

    `table`: one row per bin of customers: predicted (mean chance), observed (share that bought), low, high
    (band of `observed`), customers.
    """
    with style.canvas(ax, height=3.8) as ax:
        top = min(max(table[["predicted", "high", "observed"]].max().max() * 1.08, 0.01), 1.03)
        ax.plot([0, top], [0, top], color=style.MUTED, lw=1, ls=(0, (4, 3)))
        bars = np.clip([table["observed"] - table["low"], table["high"] - table["observed"]], 0, None)
        ax.errorbar(
            table["predicted"], table["observed"], yerr=bars, fmt="none", ecolor=style.SKY, elinewidth=2
        )
        size = 14 + 90 * table["customers"] / max(table["customers"].max(), 1)
        ax.scatter(
            table["predicted"], table["observed"], s=size, color=style.BLUE, edgecolor=style.PAPER, zorder=3
        )
        where = (top * 0.85, top * 0.85)
        ax.annotate(tell("as foreseen"), where, (8, -10), textcoords="offset points", color=style.MUTED)
        for axis in (ax.xaxis, ax.yaxis):
            style.percent_axis(axis)
        ax.set(xlabel=_chance(days), ylabel=tell("Share that did buy"))
        ax.set(xlim=(0, top), ylim=(0, top))
        ax.grid()
        note = tell(
            "{n:,} customers in {groups} groups; large dot: many; bars: 90 % band",
            n=table["customers"].sum(),
            groups=len(table),
        )
        style.title(ax, tell("When the model says 30 %, do 30 % buy?"), note=note)
    return ax


def _chance(days: int | None) -> str:
    if days:
        return tell("Chance of buying within {days:,} days, as the model says", days=days)
    return tell("Chance of buying, as the model says")


def slipping_away(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw repeat buyers by chance of still being customers and by worth if so, those to win back in colour.

    `table`: index customer_id (a pseudonym; labels the most valuable at risk), p_alive, value (money),
    slipping (bool: in the list of those to win back), as `worth.at_risk` makes it.
    """
    others, slipping = table[~table["slipping"]], table[table["slipping"]]
    crowd = {"s": 9, "alpha": 0.45} if len(table) > 500 else {"s": 22, "alpha": 0.8}
    with style.canvas(ax, height=4.0) as ax:
        ax.scatter(others["p_alive"], others["value"], color=style.GREY, lw=0, rasterized=True, **crowd)
        ax.scatter(slipping["p_alive"], slipping["value"], s=26, color=style.ORANGE, marker="D", lw=0)
        if (table["value"] > 0).all():
            ax.set_yscale("log")
        style.money_axis(ax.yaxis, currency=currency)
        style.percent_axis(ax.xaxis)
        ax.set(xlim=(-0.02, 1.02), xlabel=tell("Chance of still being a customer"))
        ax.set_ylabel(style.in_currency(tell("Worth if still a customer"), currency))
        ax.grid()
        _name_most_valuable(ax, slipping)
        note = tell(
            "diamonds: the {listed:,} of the list; {gone:,} of {of:,} repeat buyers have likely gone",
            listed=len(slipping),
            gone=(table["p_alive"] < 0.5).sum(),
            of=len(table),
        )
        style.title(ax, tell("Which valuable customers are slipping away?"), note=note)
    return ax


def _name_most_valuable(ax: Axes, slipping: pd.DataFrame) -> None:
    """Label the most valuable points, passing over those whose label would lie on another's."""
    to_axes = (ax.transData + ax.transAxes.inverted()).transform
    taken: list[tuple[float, float]] = []  # middles of the labels
    for name, row in slipping.sort_values("value", ascending=False).iterrows():
        across, up = to_axes((row["p_alive"], row["value"]))
        side = 1 if across < 0.8 else -1
        middle = across + side * _LABEL / 2
        if len(taken) == _NAMED:
            break
        if all(abs(middle - x) > _LABEL or abs(up - y) > 0.05 for x, y in taken):
            taken.append((middle, up))
            where = {"xytext": (6 * side, 0), "ha": "left" if side > 0 else "right", "va": "center"}
            point = (row["p_alive"], row["value"])
            ax.annotate(str(name), point, textcoords="offset points", fontsize=7.5, bbox=style.HALO, **where)
