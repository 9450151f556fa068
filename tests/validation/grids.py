"""The tables of docs/validation.md, in Markdown, from the kept ones."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from validation.recovery import YEAR

MODELS = {
    "bgnbd": "BG/NBD",
    "mbgnbd": "MBG/NBD",
    "paretonbd": "Pareto/NBD",
    "gammagamma": "Gamma-Gamma",
    "nbd": "NBD",
}
PARAMETERS = {
    "bgnbd": ("r", "alpha", "a", "b"),
    "mbgnbd": ("r", "alpha", "a", "b"),
    "paretonbd": ("r", "alpha", "s", "beta"),
    "gammagamma": ("p", "q", "v"),
}
CELL = ["model", "shop", "customers"]
FOUR = ["r (p)", "alpha (q)", "a, s (v)", "b, beta"]


def name(model: object) -> str:
    """Return a model's title."""
    return MODELS.get(str(model), "the data")


def share(value: float) -> str:
    """Return a share in per cent."""
    return f"{value:.1%}"


def papers(printed: pd.DataFrame) -> str:
    """Show published figures beside ours."""
    rows = [
        [name(row.model), row.quantity, row.source, row.published, f"{row.ours:.7g}", _difference(row)]
        for row in printed.itertuples()
    ]
    return _grid(["model", "quantity", "source", "published", "ours", "difference"], rows)


def _difference(row: object) -> str:
    return f"{row.ours / float(row.published) - 1:+.3%}"


def conditional(table: pd.DataFrame) -> str:
    """Show purchases of the hidden half by repeat purchases before."""
    columns = ["actual", "bgnbd", "mbgnbd", "paretonbd", "walkthrough"]
    rows = [
        [row["group"], f"{row['customers']:,}", *(f"{row[column]:.3f}" for column in columns)]
        for _, row in table.iterrows()
    ]
    heads = [
        "repeats before",
        "customers",
        "came",
        "BG/NBD",
        "MBG/NBD",
        "Pareto/NBD",
        "Pareto/NBD, published",
    ]
    return _grid(heads, rows)


def histogram(table: pd.DataFrame) -> str:
    """Show how many customers came back how often."""
    first = table[table["model"] == "bgnbd"]
    rows = [["came", *(f"{value:,.0f}" for value in first["actual"]), ""]]
    for model, each in table.groupby("model", sort=False):
        off = ((each["actual"] - each["expected"]) ** 2 / each["expected"]).sum()
        rows.append([name(model), *(f"{value:,.1f}" for value in each["expected"]), f"{off:.2f}"])
    return _grid(["", *first["group"], "chi-squared, 3 d.f."], rows)


def replications(table: pd.DataFrame) -> str:
    """Say how many shops of each size were simulated."""
    said = table.groupby(["model", "customers"], sort=False)["replications"].max()
    words = [f"{name(model)} {times:,} of {size:,} customers" for (model, size), times in said.items()]
    return f"Replications: {'; '.join(words)}."


def coverage(table: pd.DataFrame) -> str:
    """Show how often intervals of parameters held the truth."""
    rows = []
    for model, shop, size, cell in _cells(table):
        said = [_both(cell.loc[one], model) for one in PARAMETERS[model]]
        rows.append([name(model), shop, size, f"{cell['at_limit'].iloc[0]:.0%}", *_filled(said)])
    return _grid(
        ["model", "shop", "customers", "at a limit", "r (p)", "alpha (q)", "a, s (v)", "b, beta"], rows
    )


def _both(row: pd.Series, model: str) -> str:
    normal = f"({share(row['covered_normal'])})"
    return normal if model == "gammagamma" else f"{share(row['covered'])} {normal}"


def biases(table: pd.DataFrame) -> str:
    """Show by how much estimates were off."""
    rows = []
    for model, shop, size, cell in _cells(table):
        said = [f"{cell.loc[one, 'median_bias']:+.1%}" for one in PARAMETERS[model]]
        rows.append([name(model), shop, size, *_filled(said), _year(cell)])
    return _grid([*CELL, *FOUR, YEAR], rows)


def _year(cell: pd.DataFrame) -> str:
    if YEAR not in cell.index:
        return ""
    row = cell.loc[YEAR]
    return f"{row['bias']:+.1%} ± {row['bias_error']:.1%}"


def year(table: pd.DataFrame) -> str:
    """Say how often the drawn intervals of a year's purchases held the truth, by model."""
    said = []
    for model, rows in table[table["quantity"] == YEAR].groupby("model", sort=False):
        held = np.average(rows["covered"], weights=rows["replications"])
        error = np.sqrt(held * (1 - held) / rows["replications"].sum())
        said.append(f"{share(held)} ± {share(error)} for {name(model)}")
    return ", ".join(said)


def _cells(table: pd.DataFrame) -> Iterator[tuple[str, str, str, pd.DataFrame]]:
    order = table["model"].map({model: i for i, model in enumerate(MODELS)})
    for (_, model, shop, size), rows in table.groupby([order, "model", "shop", "customers"]):
        yield model, shop, f"{size:,}", rows.set_index("quantity")


def _filled(cells: list[str]) -> list[str]:
    return [*cells, *[""] * (4 - len(cells))]


def bands(table: pd.DataFrame) -> str:
    """Show how often bands held what came, all shops together and from shop to shop."""
    rows = [
        [
            band,
            pooled(each, "covered"),
            pooled(each, "exact"),
            f"{share(each['exact'].min())} to {share(each['exact'].max())}",
        ]
        for band, each in table.groupby("band", sort=False)
    ]
    return _grid(["band of", "held", "exactly", "exactly, from shop to shop"], rows)


def pooled(rows: pd.DataFrame, column: str) -> str:
    """Return the mean of several shops with its Monte-Carlo error."""
    error = np.sqrt((rows[column + "_error"] ** 2).sum()) / len(rows)
    return f"{share(rows[column].mean())} ± {share(error)}"


def real(totals: pd.DataFrame) -> str:
    """Show the totals of real shops' hidden days."""
    rows = [
        [
            row.shop,
            f"{row.end}, {row.days}",
            f"{row.customers:,}",
            name(row.model),
            f"{row.actual:,.0f}",
            f"{row.expected:,.0f} ({row.low:,.0f} to {row.high:,.0f})",
            f"{row.error:+.1%}",
            f"{row.pace_error:+.1%}",
            f"{row.money_expected / row.money_actual - 1:+.1%}",
        ]
        for row in totals.itertuples()
    ]
    heads = [
        "shop",
        "known until, days hidden",
        "customers",
        "model",
        "purchases",
        "forecast (band)",
        "error",
    ]
    return _grid([*heads, "error of the pace so far", "error of the money"], rows)


def _grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)
