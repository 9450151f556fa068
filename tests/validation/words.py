"""What the template of docs/validation.md is filled with, from the kept tables alone."""

import numpy as np
import pandas as pd

from validation import grids, tables
from validation.grids import YEAR, name, share
from validation.published import same

PAPERS = 15  # rows of published.csv that are the papers' own


def all_of_them() -> dict[str, str]:
    """Return every word of the template by its name."""
    return {**_published(), **_recovered(), **_banded(), **_real()}


def _published() -> dict[str, str]:
    table = tables.read("published")
    agreed = sum(same(row.published, row.ours, model=str(row.model)) for row in table.itertuples())
    further = table.iloc[PAPERS:]
    off = (further["ours"] / further["published"].astype(float) - 1).abs()
    far = further.loc[off.idxmax()]
    alive = table[table["quantity"] == "mean_p_alive"].set_index("model")["ours"]
    return {
        "agreed": str(agreed),
        "compared": str(len(table)),
        "papers": grids.papers(table.iloc[:PAPERS]),
        "further": str(len(further)),
        "far": f"{off.max():.2%}",
        "far_what": f"{name(far['model'])}, {far['quantity']}",
        "far_printed": far["published"],
        "far_ours": f"{far['ours']:.5g}",
        "conditional": grids.conditional(tables.read("conditional")),
        "histogram": grids.histogram(tables.read("histogram")),
        "mbg_alive": f"{alive['mbgnbd']:.3f}",
        "bg_alive": f"{alive['bgnbd']:.3f}",
    }


def _recovered() -> dict[str, str]:
    table = tables.read("recovery")
    mine = table[(table["quantity"] != YEAR) & (table["model"] != "gammagamma")]
    open_ends = mine[(mine["shop"] == "jewellery") & mine["quantity"].isin(["a", "b"])]["open"]
    year = table[table["quantity"] == YEAR]
    return {
        "profile_mean": share(mine["covered"].mean()),
        "profile_least": share(mine["covered"].min()),
        "profile_most": share(mine["covered"].max()),
        "normal_mean": share(mine["covered_normal"].mean()),
        "normal_least": share(mine["covered_normal"].min()),
        "replications": grids.replications(table),
        "coverage": grids.coverage(table),
        "biases": grids.biases(table),
        "open": f"{open_ends.mean():.0%}",
        "year_covered": grids.year(table),
        "year_bias": share(year["bias"].abs().max()),
        **{f"se_{times}": _chance(times) for times in (1000, 100)},
    }


def _banded() -> dict[str, str]:
    table = tables.read("bands")
    times = int(table["replications"].min())
    models = ", ".join(name(model) for model in table["model"].unique())
    customers = table[table["band"].str.startswith("a customer")]
    return {
        "cells": str(table.groupby(["model", "shop"]).ngroups),
        "bands_models": models,
        "bands_times": str(times),
        "bands_size": str(table["customers"].iloc[0]),
        "bands": grids.bands(table),
        "se_total": _chance(times),
        "exact_all_purchases": grids.pooled(table[table["band"] == "all purchases"], "exact"),
        "exact_all_money": grids.pooled(table[table["band"] == "all money"], "exact"),
        "exact_customers": grids.pooled(customers, "exact"),
    }


def _real() -> dict[str, str]:
    totals, groups, tenths = (tables.read(kept) for kept in ("totals", "by_frequency", "p_buy"))
    off = (tenths["observed"] - tenths["predicted"]).abs()
    one = groups[(groups["shop"] == "CDNOW") & (groups["group"] == "1")]
    return {
        "totals": str(len(totals)),
        "totals_inside": _inside(totals, "actual"),
        "real": grids.real(totals),
        "christmas": _came(totals, "2011-08-31"),
        "autumn": _came(totals, "1997-09-30"),
        "groups": str(len(groups)),
        "groups_inside": _inside(groups, "actual"),
        "one_low": f"{1 - (one['expected'] / one['actual']).mean():.0%}",
        "tenths": str(len(tenths)),
        "tenths_inside": _inside(tenths, "predicted"),
        "tenths_mean": share(off.mean()),
        "tenths_most": share(off.max()),
        "money": _money(totals),
        "limited": str(int(totals["limit"].notna().sum())),
    }


def _chance(times: int) -> str:
    return share(float(np.sqrt(0.9 * 0.1 / times)))


def _inside(table: pd.DataFrame, column: str) -> str:
    return str(int(((table["low"] <= table[column]) & (table[column] <= table["high"])).sum()))


def _money(totals: pd.DataFrame) -> str:
    """Say by how much money is off beyond purchases, and how frequency and amounts go together."""
    beyond = (totals["money_expected"] / totals["money_actual"]) / (totals["expected"] / totals["actual"]) - 1
    said = []
    for shop, rows in totals.groupby("shop", sort=False):
        ends = f"{rows['spearman'].min():.2f} to {rows['spearman'].max():.2f}"
        said.append(f"{shop} by {beyond[rows.index].mean():+.0%} on average (rank correlation {ends})")
    return "; ".join(said)


def _came(totals: pd.DataFrame, end: str) -> str:
    row = totals[totals["end"] == end].iloc[0]
    return f"{row['actual']:,.0f} purchases in {row['days']} days where {row['expected']:,.0f} were forecast"
