"""Gain curves: contact so many per cent of the customers, reach so much of the money that follows."""

import numpy as np
import pandas as pd

from clv.arena import Comparison
from clv.judging import measures
from clv.judging.sums import order

_POINTS = 101


def curves(comparison: Comparison) -> pd.DataFrame:
    """Return the gain curve of every scheme, the mean over the origins; ties run straight.

    Returns
    -------
    Index contacted (0 to 1); one column per scheme in the table's order, and `best possible` last:
    the curve of somebody who knew the future.
    """
    contacted = np.linspace(0, 1, _POINTS)
    found = {}
    for name in comparison.table.index:
        said = comparison.foresights[name]
        scores = [one.by_value for one in said]
        found[name] = _mean(comparison, scores, contacted)
    found["best possible"] = _mean(
        comparison, [day.later["spend"].to_numpy() for day in comparison.origins], contacted
    )
    return pd.DataFrame(found, index=pd.Index(contacted, name="contacted"))


def _mean(comparison: Comparison, scores: list[np.ndarray], contacted: np.ndarray) -> np.ndarray:
    rows = []
    for day, score in zip(comparison.origins, scores, strict=True):
        ranked = order(score)
        spend = day.later["spend"].to_numpy()
        x, y = measures.gain(ranked.sums(np.ones(len(spend))), ranked.sums(spend))
        rows.append(np.interp(contacted, x, y))
    return np.mean(rows, axis=0)
