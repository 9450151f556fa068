"""Bands: customers by the number of purchases that a model expects of them."""

from itertools import pairwise

import pandas as pd

from clv import tables
from clv.language import tell

_EDGES = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, float("inf"))


def purchases(scores: pd.DataFrame) -> pd.DataFrame:
    """Return how many customers are expected to make how many purchases, and which share of all they make.

    Parameters
    ----------
    scores
        A SCORES table; `purchases` is the expected number within its horizon.

    Returns
    -------
    One row per band from the lowest to the highest that holds somebody: band (in words; the lower
    end belongs to it); customers; customer_share; purchases (expected, of all in the band); purchase_share.
    """
    expected = tables.check(scores, tables.SCORES)["purchases"]
    band = pd.cut(expected, list(_EDGES), right=False, labels=_names())
    counts = band.value_counts().reindex(_names())
    found = pd.DataFrame({"customers": counts, "purchases": expected.groupby(band, observed=False).sum()})
    held = [i for i, count in enumerate(counts) if count]
    found = found.iloc[held[0] : held[-1] + 1] if held else found.iloc[:0]
    return pd.DataFrame(
        {
            "band": found.index.astype(str),
            "customers": found["customers"].to_numpy(),
            "customer_share": (found["customers"] / max(len(expected), 1)).to_numpy(),
            "purchases": found["purchases"].to_numpy(),
            "purchase_share": (found["purchases"] / (expected.sum() or 1.0)).to_numpy(),
        }
    )


def _names() -> list[str]:
    inner = [f"{low:g} to {high:g}" for low, high in pairwise(_EDGES[1:-1])]
    return [f"under {_EDGES[1]:g}", *inner, tell("{last:g} or more", last=_EDGES[-2])]
