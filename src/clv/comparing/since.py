"""What changed since the last run: facts that moved by more than their intervals allow, and the rest.

Two intervals give one of the difference by adding the squares of their halves that face each other (MOVER;
Zou & Donner 2008, Statistics in Medicine 27:1693). It takes the two runs for independent. They share most of
their orders, so it is too wide rather than too narrow: what is called moved has moved.
"""

import numpy as np
import pandas as pd

MOVED, NOISE, UNSURE = "moved", "noise", "no interval"
SINCE = [
    *("shop", "notebook", "name", "label", "unit", "before", "now", "difference", "low", "high", "verdict"),
    *("until_before", "until_now", "at_before"),
]
_RUN = ["shop", "notebook"]
_OF_SHOPS = "_all"  # `history.ALL`: its facts are called area.SHOP.fact
_FACT = ["name", "value", "low", "high"]


def moved(history: pd.DataFrame, *, now: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return how the facts of each notebook's latest run differ from those of the last different one before.

    Parameters
    ----------
    history
        As `history.read` gives it.
    now
        Facts of a run that is not in it yet, with the same columns.

    Returns
    -------
    One row per fact that is not the same, most surely moved first: shop, notebook, name, label, unit;
    before, now; difference, low, high (90 %; missing without intervals); verdict (MOVED, NOISE, or UNSURE
    where a fact has no interval); until_before, until_now (last days); at_before (when the earlier run was).
    """
    if now is not None and len(now):
        history = pd.concat([history, now.assign(line=np.iinfo(np.int64).max)], ignore_index=True)
    if history.empty:
        return pd.DataFrame(columns=SINCE)
    runs_of = history.groupby([*_RUN, _about(history)], sort=False)
    pairs = [pair for _, runs in runs_of if len(pair := _two_last(runs))]
    if not pairs:
        return pd.DataFrame(columns=SINCE)
    return _judged(pd.concat(pairs, ignore_index=True))


def _about(history: pd.DataFrame) -> pd.Series:
    """Return the shop that each fact of a run of all shops is about: not every run looks at the same ones."""
    about = history["name"].str.extract(r"^[^.]+\.([^.]+)\.", expand=False)
    return about.where(history["shop"] == _OF_SHOPS).fillna("").rename("about")


def _two_last(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the facts of a notebook's last run beside those of the last one that said something else."""
    by_line = dict(list(runs.groupby("line", sort=True)))
    *earlier, last = by_line.values()
    before = next((one for one in reversed(earlier) if _told(one) != _told(last)), None)
    if before is None:
        return runs.iloc[:0]
    both = before.merge(last, on=[*_RUN, "name"], suffixes=("_before", "_now"))
    same = [a == b for a, b in zip(both["value_before"], both["value_now"], strict=True)]
    return both[~np.array(same, dtype=bool)]


def _told(facts: pd.DataFrame) -> list[tuple]:
    return list(facts[_FACT].astype(object).where(facts[_FACT].notna(), None).itertuples(index=False))


def _judged(both: pd.DataFrame) -> pd.DataFrame:
    before, now = (pd.to_numeric(both[f"value_{when}"], errors="coerce") for when in ("before", "now"))
    difference = now - before
    down = np.hypot(now - both["low_now"], both["high_before"] - before)
    up = np.hypot(both["high_now"] - now, before - both["low_before"])
    low, high = difference - down, difference + up
    verdict = np.select([low.isna() | high.isna(), (low > 0) | (high < 0)], [UNSURE, MOVED], NOISE)
    towards = np.where(difference > 0, down, up)
    sure = (difference.abs() / towards).fillna(-1.0)  # in halves of the interval
    found = both.assign(
        label=both["label_now"], unit=both["unit_now"], before=both["value_before"], now=both["value_now"],
        difference=difference, low=low, high=high, verdict=verdict, sure=sure,
    )  # fmt: skip
    return found.sort_values("sure", ascending=False, kind="stable")[SINCE].reset_index(drop=True)
