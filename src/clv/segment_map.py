"""Who is in which segment, what they have spent, and what they spent next."""

import numpy as np
import pandas as pd

from clv import rfm
from clv.foresight import Foresight
from clv.migration import REST
from clv.origins import Origin

MOST = 16  # segments that a picture can hold; the smallest of more are put together
_BAND = (0.05, 0.95)
_COLUMNS = [
    *("segment", "segment_zh", "bits", "customers", "customer_share", "spend_share", "next_share"),
    *("next_spend", "low", "high", "bought"),
]


def segment_map(
    origin: Origin, said: Foresight, *, rng: np.random.Generator, draws: int = 200, most: int = MOST
) -> pd.DataFrame:
    """Return the segments of a day, what their customers had spent, and what they spent afterwards.

    Returns
    -------
    One row per segment that holds somebody, those who spent most per head first: segment,
    segment_zh; bits (R1F0M1; a dot where the segment holds both); customers, customer_share; spend_share (of
    all money so far); next_share (of all money in the horizon after); next_spend (per customer), low, high
    (90 %, customers drawn again); bought (share that bought). With more than `most` segments the smallest
    are one row, last.
    """
    labelled = rfm.segments(said.rule, origin.known)
    frame = pd.DataFrame(
        {
            "segment": _merged(labelled["segment"], most),
            "bits": labelled["bits"],
            "spend": origin.known.customers["total_spend"],
            "next": origin.later["spend"],
            "bought": origin.later["purchases"] > 0,
        }
    )
    groups = frame.groupby("segment")
    found = groups.agg(
        customers=("spend", "size"),
        spend_share=("spend", "sum"),
        next_share=("next", "sum"),
        next_spend=("next", "mean"),
        bought=("bought", "mean"),
    )
    found["bits"] = groups["bits"].agg(common_bits)
    found[["low", "high"]] = [_band(rows["next"].to_numpy(), rng, draws) for _, rows in groups]
    found["segment_zh"] = labelled.drop_duplicates("segment").set_index("segment")["segment_zh"]
    found["segment_zh"] = found["segment_zh"].fillna("其余分群")
    found["customer_share"] = found["customers"] / found["customers"].sum()
    for name in ("spend_share", "next_share"):
        found[name] /= found[name].sum() or 1.0
    found["rest"] = found.index == REST
    ordered = found.sort_values(["rest", "next_spend"], ascending=[True, False], kind="stable").reset_index()
    return ordered[_COLUMNS]


def common_bits(bits: pd.Series) -> str:
    """Return what the bits have in common, a dot where they differ.

    >>> common_bits(pd.Series(["R1F0M1", "R1F1M1"]))
    'R1F·M1'
    """
    different = bits.unique()
    letters = zip(*different, strict=True)
    return "".join(each[0] if len(set(each)) == 1 else "·" for each in letters)


def _merged(segment: pd.Series, most: int) -> pd.Series:
    size = segment.value_counts()
    if len(size) <= most:
        return segment
    return segment.where(segment.isin(size.index[: most - 1]), REST)


def _band(spend: np.ndarray, rng: np.random.Generator, draws: int) -> tuple[float, float]:
    """Return the 90 % interval of the mean, customers drawn again."""
    means = [spend[rng.integers(0, len(spend), len(spend))].mean() for _ in range(draws)]
    low, high = np.quantile(means, _BAND)
    return float(low), float(high)
