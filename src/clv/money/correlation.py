"""Do frequent buyers spend more per purchase? The money model assumes that they do not.

Ranks of means lean to yes where amounts are skewed, by 0.04 to 0.2: `doubting.spending`, which has the single
amounts, does not.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from clv.btyd.histories import Array
from clv.language import tell
from clv.money.repeats import Repeats

MINIMUM = 10  # with fewer pairs an interval says nothing


@dataclass(frozen=True)
class Correlation:
    """Frequency against mean spend of the repeat buyers; each interval covers 90 %.

    `pearson` is taken on logarithms, `spearman` on ranks; all NaN where `sentence` says that nothing varies.
    """

    pearson: float
    pearson_low: float
    pearson_high: float
    spearman: float
    spearman_low: float
    spearman_high: float
    n: int
    sentence: str


def frequency_and_spend(buyers: Repeats) -> Correlation:
    """Return how frequency and mean spend of repeat buyers go together, and what it does to the values."""
    x, z, counts = buyers
    if buyers.n < MINIMUM or np.ptp(x) == 0 or np.ptp(z) <= 1e-9 * z.max():
        sentence = tell(
            "Too little varies among the repeat buyers to say whether frequent buyers spend more."
        )
        return Correlation(*[float("nan")] * 6, buyers.n, sentence)
    pearson = _with_interval(np.log(x), np.log(z), counts, variance=1.0)
    # Fieller, Hartley & Pearson (1957)
    ranks = _with_interval(_ranks(x, counts), _ranks(z, counts), counts, variance=1.06)
    return Correlation(*pearson, *ranks, buyers.n, _sentence(*ranks))


def _ranks(values: Array, counts: Array) -> Array:
    """Return the rank of each value where `counts` customers have it; who is equal shares a rank."""
    _, place = np.unique(values, return_inverse=True)
    alike = np.bincount(place, weights=counts)
    return (np.cumsum(alike) - (alike - 1) / 2)[place]


def _with_interval(a: Array, b: Array, counts: Array, *, variance: float) -> tuple[float, float, float]:
    """Fisher's transformation: atanh(r) is nearly normal with variance 1/(n - 3)."""
    n = counts.sum()
    a, b = a - counts @ a / n, b - counts @ b / n
    r = float(np.clip((counts * a) @ b / np.sqrt(((counts * a) @ a) * ((counts * b) @ b)), -1.0, 1.0))
    centre = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    reach = norm.ppf(0.95) * np.sqrt(variance / (n - 3))
    return r, float(np.tanh(centre - reach)), float(np.tanh(centre + reach))


def _sentence(r: float, low: float, high: float) -> str:
    found = tell("(rank correlation {r:.2f}, 90 % interval {low:.2f} to {high:.2f})", r=r, low=low, high=high)
    if low > 0:
        return tell(
            "Frequent buyers also spend more per purchase {found}: the money model assumes no "
            "relation, so one-time and rare buyers are over-valued and the most frequent ones "
            "under-valued.",
            found=found,
        )
    if high < 0:
        return tell(
            "Frequent buyers spend less per purchase {found}: the money model assumes no relation, "
            "so one-time and rare buyers are under-valued and the most frequent ones over-valued.",
            found=found,
        )
    return tell(
        "No clear relation between frequency and spend per purchase {found}: as the money model assumes.",
        found=found,
    )
