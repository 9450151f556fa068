"""The figures of docs/validation.md, in the look of the reports: each takes a kept table."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clv.plots import style
from clv.telling import fonts
from validation.grids import MODELS

FOLDER = Path(__file__).parents[2] / "docs" / "validation"
COLOURS = {"bgnbd": style.BLUE, "mbgnbd": style.ORANGE, "paretonbd": style.MUTED}
TARGET = (0.88, 0.92)


def save(drawn: Axes | Figure, name: str) -> None:
    """Write a figure under its name and close it."""
    figure = drawn if isinstance(drawn, Figure) else drawn.figure
    figure.savefig(
        FOLDER / f"{name}.png", dpi=100, metadata={"Software": None}, pil_kwargs={"optimize": True}
    )
    plt.close(figure)


def conditional(table: pd.DataFrame) -> Axes:
    """Draw holdout purchases per customer by repeat purchases before, as they were and as expected."""
    with style.canvas(None, height=3.1) as ax:
        x = np.arange(len(table))
        ax.bar(x, table["actual"], color=style.FAINT, width=0.72, label="what happened")
        for name, colour in COLOURS.items():
            ax.plot(x, table[name], marker="o", ms=4, color=colour, label=MODELS[name])
        ax.plot(x, table["walkthrough"], "x", ms=8, mew=1.4, color=style.INK, label="Pareto/NBD, published")
        ax.set_xticks(x, table["group"])
        ax.set_xlabel("repeat purchases in weeks 1 to 39")
        ax.set_ylabel("purchases in weeks 40 to 78")
        ax.legend(loc="upper left")
        style.title(ax, "CDNOW sample: purchases of the hidden half, per customer")
    return ax


def coverage(table: pd.DataFrame) -> Figure:
    """Draw how often intervals held the truth: by standard errors, and by profile likelihood.

    `table`: rows of recovery.csv that are parameters of purchases; one dot each.
    """
    sizes = sorted(table["customers"].unique())
    heads = {"covered_normal": "estimate ± 1.645 standard errors", "covered": "profile likelihood"}
    with _panes(1, 2, height=3.3, title="How often 90 % intervals of parameters hold the truth") as panes:
        for ax, (column, words) in zip(panes, heads.items(), strict=True):
            ax.axhspan(*TARGET, color=style.FAINT, lw=0)
            ax.axhline(0.9, color=style.GREY, lw=0.9)
            for j, (model, colour) in enumerate(COLOURS.items()):
                rows = table[table["model"] == model]
                places = rows["customers"].map(sizes.index) + 0.22 * (j - 1)
                ax.plot(places, rows[column], "o", ms=4, alpha=0.6, color=colour, label=MODELS[model])
            ax.set_xticks(range(len(sizes)), [f"{n:,}" for n in sizes])
            ax.set_xlabel("customers of the simulated shop")
            ax.set_title(words, loc="left", fontsize=9.5)
        panes[0].set_ylabel("intervals that held the truth")
        style.percent_axis(panes[0].yaxis)
        panes[1].legend(loc="lower right")
    return panes[0].figure


def ranks(table: pd.DataFrame) -> Figure:
    """Draw the rank histogram of each band (`table`: band, bin, share)."""
    with _panes(2, 3, height=3.9, title="Where what came lies among drawn futures") as panes:
        for ax, (band, each) in zip(panes, table.groupby("band"), strict=False):
            wide = 4 if band.startswith("all") else 1  # one rank a replication fills no more than a few bins
            rows = each.groupby(each["bin"] // wide, as_index=False).agg(share=("share", "sum"))
            rows["bin"] = range(len(rows))
            ax.bar(
                (rows["bin"] + 0.5) / len(rows), rows["share"] * len(rows), 0.9 / len(rows), color=style.SKY
            )
            ax.axhline(1, color=style.INK, lw=0.9)
            ax.set_title(band, loc="left", fontsize=9.5)
            ax.set_xticks([0, 0.5, 1])
        for ax in panes[table["band"].nunique() :]:
            ax.set_axis_off()
        panes[0].figure.supxlabel("rank of what came: 0 lowest, 1 highest", fontsize=9, color=style.MUTED)
        panes[0].figure.supylabel("share, of what is flat", fontsize=9, color=style.MUTED)
    return panes[0].figure


def totals(table: pd.DataFrame) -> Axes:
    """Draw each real holdout's forecast and its band, of what happened."""
    with style.canvas(None, height=1.2 + 0.36 * len(table)) as ax:
        for y, row in enumerate(table.itertuples()):
            colour = style.BLUE if row.low <= row.actual <= row.high else style.ORANGE
            band = [row.low / row.actual, row.high / row.actual]
            ax.plot(band, [y, y], color=colour, lw=3, solid_capstyle="butt")
            ax.plot(row.expected / row.actual, y, "D", ms=5, color=colour)
        ax.axvline(1, color=style.INK, lw=0.9)
        words = [f"{row.shop}, {row.days} days\nafter {row.end}" for row in table.itertuples()]
        ax.set_yticks(range(len(table)), words)
        ax.set_ylim(len(table) - 0.5, -0.5)
        style.percent_axis(ax.xaxis)
        ax.set_xlabel("forecast and its 90 % band, of the purchases that came")
        note = "orange: what came lies outside the band"
        style.title(ax, "Real shops: purchases of the hidden days", note=note)
    return ax


def deciles(table: pd.DataFrame) -> Figure:
    """Draw P(buy) as said against the share that bought, by tenths, one pane per shop."""
    shops = list(table["shop"].unique())
    shades = (style.SKY, style.BLUE, style.ORANGE)
    with _panes(1, len(shops), height=3.4, title="Real shops: does a chance to buy come true?") as panes:
        for ax, shop in zip(panes, shops, strict=True):
            ax.plot([0, 1], [0, 1], color=style.GREY, lw=0.9)
            for colour, (end, rows) in zip(shades, table[table["shop"] == shop].groupby("end"), strict=False):
                spread = [rows["observed"] - rows["low"], rows["high"] - rows["observed"]]
                look = {"fmt": "o", "ms": 4, "lw": 1, "color": colour, "label": end}
                ax.errorbar(rows["predicted"], rows["observed"], spread, **look)
            ax.set_title(shop, loc="left", fontsize=9.5)
            ax.set_xlabel("chance to buy, as said")
            ax.legend(title="known until", loc="upper left")
            style.percent_axis(ax.xaxis)
        style.percent_axis(panes[0].yaxis)
        panes[0].set_ylabel("share that bought")
    return panes[0].figure


@contextmanager
def _panes(rows: int, columns: int, *, height: float, title: str) -> Iterator[np.ndarray]:
    with mpl.rc_context(style.theme()):
        figure = plt.figure(figsize=(style.WIDTH, height), layout="constrained")
        yield np.atleast_1d(figure.subplots(rows, columns, sharex=True, sharey=True)).ravel()
        look = {"fontfamily": fonts.LATIN, "fontweight": "bold", "fontsize": 11.5}
        figure.suptitle(title, x=0.01, ha="left", **look)
