"""The table of assumptions as people read it."""

import numpy as np
import pandas as pd

from clv.doubting.verdicts import MONEY, REGULARITY
from clv.language import tell


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return what people read of the table: assumption (index), verdict, found, by_chance, data."""
    found = [_size(name, row) for name, row in table.iterrows()]
    chance = table["p_value"].map(_chance)
    return table[["verdict"]].assign(found=found, by_chance=chance, data=table["data"])


def _size(assumption: str, row: pd.Series) -> str:
    if np.isnan(row["value"]):
        return "–"
    ends = {name: f"{row[name]:.2f}".replace("-", "−") for name in ("value", "low", "high")}
    if assumption == REGULARITY:
        return tell("k = {value} ({low} to {high})", **ends)
    if assumption == MONEY:
        return tell("{value} ({low} to {high})", **ends)
    return tell("{value}× ({low} to {high})", **ends)


def _chance(p_value: float) -> str:
    if np.isnan(p_value):
        return "–"
    return tell("{p:.1%}", p=p_value) if p_value >= 0.001 else tell("< 0.1 %")
