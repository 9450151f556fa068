"""The key numbers as people read them: one column of text for each number with its interval."""

from collections.abc import Callable

import pandas as pd

from clv.language import label, spoken

_WRITE: dict[str, Callable[[float], str]] = {
    "share": lambda value: f"{100 * value:.1f}",
    "rough share": lambda value: f"{100 * value:.0f}",
    "money": lambda value: f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.2f}",
    "orders": lambda value: f"{value:,.2f}",
}
_UNITS = dict.fromkeys(["share", "rough share"], "\u00a0%")
CANNOT = "cannot be told"


def numbers(found: pd.DataFrame) -> pd.DataFrame:
    """Return `kpis.table` as text: number, value (with its 90 % interval), formula.

    An English reader finds the Chinese name beside the English one, as shops and platforms use that.
    """
    names = found["number"].map(label)
    if spoken() == "en":
        names = names + " " + found["number_zh"]
    said = [written(row.value, row.low, row.high, unit=row.unit) for row in found.itertuples()]
    return pd.DataFrame({"number": names, "value": said, "formula": found["formula"]})


def cohorts(found: pd.DataFrame) -> pd.DataFrame:
    """Return `kpis.by_cohort` with one column of text for each horizon; cohort and customers as they are."""
    told = found[["cohort", "customers"]].copy()
    for name in [name for name in found if name.startswith("within_") and f"{name}_low" in found]:
        ends = zip(found[name], found[f"{name}_low"], found[f"{name}_high"], strict=True)
        told[f"{name}_days"] = [written(*one, unit="share") if pd.notna(one[0]) else "" for one in ends]
    return told


def written(value: float, low: float, high: float, *, unit: str) -> str:
    """Return a number with its interval, as far as they are known.

    >>> written(0.2711, 0.25, 0.3, unit="share").replace("\u00a0", " ")
    '27.1 % (25.0 to 30.0)'
    """
    if pd.isna(value):
        return CANNOT
    write = _WRITE[unit]
    ends = f" ({write(low)} to {write(high)})" if pd.notna(low) else ""
    return f"{write(value)}{_UNITS.get(unit, '')}{ends}"
