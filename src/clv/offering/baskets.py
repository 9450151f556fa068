"""What one order of each customer may come to: the whole distribution, not its mean alone.

Given x amounts of mean z, the Gamma-Gamma model's next amount is (v + x z) times a beta prime with shapes p
and q + p x (a gamma amount over a gamma rate; Fader & Hardie 2013). Coupons with a minimum need its tail.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import betainc

from clv.money.gammagamma import GammaGamma

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Baskets:
    """Each customer's next order: `scale` (money) times a beta prime with shapes `p` and `q`.

    Attributes
    ----------
    p
        One number for all.
    q, scale
        One number per customer; q > 1, so that the mean is finite.
    """

    p: float
    q: Floats
    scale: Floats

    @classmethod
    def of(cls, model: GammaGamma, customers: pd.DataFrame) -> "Baskets":
        """Return the orders to come of the customers of a CUSTOMERS table, as a money model sees them."""
        x = customers["frequency"].to_numpy(dtype=float)
        spent = x * customers["monetary_value"].to_numpy(dtype=float)
        return cls(model.p, model.q + model.p * x, model.v + spent)

    def __len__(self) -> int:
        return len(self.q)

    def of_rows(self, rows: NDArray) -> "Baskets":
        """Return the orders of some of the customers."""
        return Baskets(self.p, self.q[rows], self.scale[rows])

    @property
    def mean(self) -> Floats:
        """Mean order (money)."""
        return self.scale * self.p / (self.q - 1)

    def chance_from(self, least: float) -> Floats:
        """Return P(order >= least)."""
        return 1 - betainc(self.p, self.q, least / (least + self.scale))

    def mean_from(self, least: float) -> Floats:
        """Return E(order; order >= least): orders below count as nothing (money)."""
        return self.mean * (1 - betainc(self.p + 1, self.q - 1, least / (least + self.scale)))

    def drawn(self, rows: NDArray, *, rng: np.random.Generator) -> Floats:
        """Return one drawn order of each of the customers in `rows` (a row may stand more than once)."""
        rate = rng.standard_gamma(self.q[rows])
        return self.scale[rows] * rng.standard_gamma(self.p, len(rows)) / rate
