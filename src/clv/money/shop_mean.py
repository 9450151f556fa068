"""The stand-in where no model of amounts can be fitted: the own mean against one purchase at the shop's.

Written as a Gamma-Gamma model with q = 1 + p and v = the shop's mean, whose expected spend of a customer with
x repeat purchases of mean z is exactly `(shop's mean + x z) / (1 + x)`.
"""

import numpy as np
import pandas as pd

from clv.btyd.histories import people
from clv.errors import NoAnswerError
from clv.language import tell
from clv.money.gammagamma import Floats, GammaGamma
from clv.money.repeats import pairs

FLATTEST, STEEPEST = 0.25, 1e4  # bounds of the shape p, so that draws of amounts stay sober


def own_and_shop_mean(customers: pd.DataFrame) -> tuple[GammaGamma, Floats]:
    """Return the stand-in and the covariance of its logarithms (3 x 3; only the shop's mean is uncertain).

    The shape p comes from the relative spread of the customers' means, joined by one customer whose spread
    is 1, so that a handful of equal amounts is not taken for certainty.

    Raises
    ------
    NoAnswerError
        No customer has a purchase with an amount.
    """
    days, money, counts = _purchase_days(customers)
    mean = float(counts @ money / (counts @ days))
    far = (money / days / mean - 1) ** 2
    n = counts.sum()
    spread = float(((counts * days) @ far / (counts @ days / n) + 1) / (n + 1))
    p = float(np.clip(1 / spread, FLATTEST, STEEPEST))
    return GammaGamma(p=p, q=1 + p, v=mean), np.diag([0.0, 0.0, spread / n])


def _purchase_days(customers: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return distinct numbers and money of purchase days, and how many customers have these.

    Where the first purchase is unknown, those of the repeat days.
    """
    days, counts = customers["frequency"].to_numpy(dtype=float), people(customers)
    money = days * customers["monetary_value"].to_numpy(dtype=float)
    if "total_spend" in customers:
        days, money = days + 1, customers["total_spend"].to_numpy(dtype=float)
    known = (days > 0) & (money > 0)
    if not known.any():
        raise NoAnswerError(
            tell(
                "no customer has a purchase with an amount, so nothing can be said about money; give the "
                "customers table its total_spend."
            )
        )
    return pairs(days[known], money[known], None if counts is None else counts[known])
