"""All axes side by side, as figures and tables take them."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from clv.language import tell
from clv.tasting.judged import Judged
from clv.tasting.rules import FREQUENT, LAST, POPULAR, POSTERIOR
from clv.tasting.sureness import OPEN, SURE, VERDICTS

_PLANNED = ("material", "category", "brand", "price")  # what a campaign can be about, the most telling first


def plan_axis(judged: Mapping[str, Judged]) -> str:
    """Return the first axis whose rule knows more than what sells most, to plan by; '' if none."""
    return next((axis for axis in _PLANNED if axis in judged and judged[axis].rule != POPULAR), "")


def rules_of(judged: Mapping[str, Judged]) -> pd.DataFrame:
    """Return how every rule did along every axis that could be judged.

    Parameters
    ----------
    judged
        By axis, what `preferences.judge` gives.

    Returns
    -------
    Index axis, rule; the columns of `preferences.Judged.rules`, and used (the rule that is used).
    """
    parts = {axis: one.rules.assign(used=one.rules.index == one.rule) for axis, one in judged.items()}
    return _together({axis: part for axis, part in parts.items() if len(part)}, "rule")


def against_of(judged: Mapping[str, Judged]) -> pd.DataFrame:
    """Return the posterior against the simple rules: index axis, than; columns of `Judged.pairs`."""
    simple = [POPULAR, LAST, FREQUENT]
    parts = {axis: one.pairs.loc[POSTERIOR].loc[simple] for axis, one in judged.items() if len(one.pairs)}
    return _together(parts, "than")


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table of `preferences.table` with one text for each axis: 'ring 戒指, 58 %, sure'."""
    axes = [name.removesuffix("_verdict") for name in table if name.endswith("_verdict")]
    rows = table.to_dict("records")
    words = {axis: [_in_words(row, axis) for row in rows] for axis in axes}
    return pd.DataFrame(words, index=table.index)


def _in_words(row: Mapping[str, Any], axis: str) -> str | None:
    if not isinstance(row[axis], str):
        return None
    return tell(
        "{value}, {per_cent:.0f}\u00a0%, {verdict}",
        value=row[axis].removeprefix(f"{axis} "),
        per_cent=100 * row[f"{axis}_probability"],
        verdict=row[f"{axis}_verdict"],
    )


def verdicts_of(judged: Mapping[str, Judged], found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how each verdict fared on held-out orders, and how many customers have it today.

    Parameters
    ----------
    found
        By axis, what `preferences.best` gives.

    Returns
    -------
    Index axis, verdict; the columns of `preferences.Judged.groups`, and customers.
    """
    parts = {}
    for axis, one in judged.items():
        today = found[axis]["verdict"].value_counts().reindex(list(VERDICTS), fill_value=0)
        groups = one.groups.reindex(list(VERDICTS)) if len(one.groups) else pd.DataFrame(index=list(VERDICTS))
        parts[axis] = groups.assign(customers=today).rename_axis("verdict")
    return _together({axis: part for axis, part in parts.items() if "hit" in part}, "verdict")


def promises_of(judged: Mapping[str, Judged]) -> pd.DataFrame:
    """Return promised and kept chances of every axis: axis, and the columns of `Judged.calibration`."""
    parts = [one.calibration.assign(axis=axis) for axis, one in judged.items() if len(one.calibration)]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["axis"])


def values_of(found: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers prefer each value: index value; sure, leaning, open; the most sure first."""
    counts = found.groupby(["value", "verdict"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(VERDICTS), fill_value=0).rename(columns={OPEN: "open"})
    return counts.sort_values([SURE, "leaning", "open"], ascending=False, kind="stable").rename_axis("value")


def _together(parts: Mapping[str, pd.DataFrame], level: str) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], []], names=["axis", level]))
    return pd.concat(parts, names=["axis", level])
