"""Figures of who comes back: cohorts by month, and the way to the second order."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from clv.language import spoken, tell
from clv.plots import style

_MARKS = (30, 90, 180, 365)  # days that a shop plans in
_BY_PERIOD = {
    "M": {
        "question": "Of 100 new customers, how many buy in a later month?",
        "axis": "Months after the first purchase",
        "note": "left: month of the first purchase, number of customers",
    },
    "Q": {
        "question": "Of 100 new customers, how many buy in a later quarter?",
        "axis": "Quarters after the first purchase",
        "note": "left: quarter of the first purchase, number of customers",
    },
    "Y": {
        "question": "Of 100 new customers, how many buy in a later year?",
        "axis": "Years after the first purchase",
        "note": "left: year of the first purchase, number of customers",
    },
}
_ANNOTATED = 14  # cohorts and periods; beyond that the numbers shrink


def cohort_retention(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw which share of each cohort bought again in each later period.

    `table`: cohort (Period), customers, after, share, as `cohorts.retention` makes it.
    """
    words = _BY_PERIOD[table["cohort"].iloc[0].freqstr[0]]
    sizes = table.groupby("cohort")["customers"].first().map("{:,}".format)
    # numbers flush right with figure spaces, so that the cohorts stand in one column
    labels = [
        f"{_cohort(cohort)}   {size.rjust(sizes.str.len().max(), chr(0x2007))}"
        for cohort, size in sizes.items()
    ]
    shares = table.pivot(index="cohort", columns="after", values="share").drop(columns=0)
    question = tell(words["question"])
    with style.canvas(ax, height=1.5 + 0.23 * max(len(labels), 4)) as ax:
        if not shares.shape[1]:
            style.title(ax, question)
            style.nothing(ax, tell("Too early to say: no cohort has a later period behind it yet."))
            return ax
        _cells(ax, shares, labels)
        ax.set(xlabel=tell(words["axis"]), ylabel="")
        style.title(ax, question, note=tell(words["note"]))
    return ax


def _cohort(cohort: pd.Period) -> str:
    if spoken() == "en":
        return str(cohort)
    kind = cohort.freqstr[0]
    if kind == "M":
        return style.month(cohort)
    return style.year(cohort.year) + (f"Q{cohort.quarter}" if kind == "Q" else "")


def _cells(ax: Axes, shares: pd.DataFrame, labels: Sequence[str]) -> None:
    sns.heatmap(
        shares.set_axis(list(labels)),
        ax=ax,
        annot=shares.map(lambda share: "" if pd.isna(share) else f"{share * 100:.0f}"),
        fmt="",
        annot_kws={"fontsize": 8.5 if max(shares.shape) <= _ANNOTATED else 6.8},
        cmap=style.shades(),
        vmin=0,
        vmax=np.nanquantile(shares.to_numpy(), 0.98) or 0.1,  # one tiny cohort must not pale all others
        cbar=False,
        linewidths=0.6,
    )
    ax.set_yticks(np.arange(len(labels)) + 0.5, labels, rotation=0)
    ax.set_xticks(np.arange(shares.shape[1]) + 0.5, [str(after) for after in shares.columns], rotation=0)


def second_order_curve(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw the share of first-time buyers who have come back, by days since the first purchase.

    `table`: day, at_risk, returned, share, low, high, as `second_order.curve` makes it.
    """
    question = tell("How many first-time buyers come back, and how soon?")
    with style.canvas(ax, height=3.4) as ax:
        if not table["returned"].any():
            style.title(ax, question)
            nobody, few = tell("Nobody has come back yet."), tell("Fewer than ten customers: no curve.")
            style.nothing(ax, nobody if len(table) else few)
            return ax
        ax.fill_between(
            table["day"], table["low"], table["high"], step="post", color=style.SKY, alpha=0.45, lw=0
        )
        ax.step(table["day"], table["share"], where="post", color=style.BLUE)
        top = min(table["high"].max() * 1.1, 1.03)
        for row in table[table["day"].isin(_MARKS)].itertuples():
            # above the words: a mark that comes soon after another is not hidden by what is said of that
            look = {"color": style.BLUE, "markeredgecolor": style.PAPER, "markersize": 7, "zorder": 4}
            ax.plot(row.day, row.share, "o", **look)
            words = tell("{days} days: {share}", days=row.day, share=style.percent(row.share))
            below, right = row.share > 0.09 * top, row.day < 0.85 * table["day"].max()
            where = {"va": "top" if below else "bottom", "ha": "left" if right else "right"}
            shift = (6 if right else 0, (-5 if right else -14) if below else 22)
            ax.annotate(
                words, (row.day, row.share), shift, textcoords="offset points", bbox=style.HALO, **where
            )
        style.percent_axis(ax.yaxis)
        ax.set_xlabel(tell("Days since the first purchase"))
        ax.set_ylabel(tell("Came back, share of customers"))
        ax.set(xlim=(0, max(table["day"].max(), 1) * 1.04), ylim=(0, top))
        ax.grid(axis="y")
        style.title(ax, question, note=tell("{n:,} customers; shaded: 90 % band", n=table["at_risk"].iloc[0]))
    return ax
