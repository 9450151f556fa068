"""What a shop knows at the end of a day: its customers, their waits, and what models say from them alone.

Every segmentation is learned from a `Known` and from nothing else, so what came after the day cannot leak in.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import spend
from clv.btyd.fits import Fit
from clv.models import fit_by_name
from clv.schemes.contract import MODEL_QUANTITIES
from clv.spend import SpendFit

Floats = NDArray[np.float64]
MODEL = "mbgnbd"  # BG/NBD takes every one-time buyer for a customer still


@dataclass(frozen=True, eq=False)
class Known:
    """Customers as they stand at the end of a day.

    Attributes
    ----------
    customers
        A CUSTOMERS table at that day.
    horizon
        Days ahead that the models are asked about.
    waits
        What `purchase_days.from_orders` made of the orders up to that day; None where only customers are at
        hand, and then no window can be learned from them.
    model
        Which model of purchases answers: 'mbgnbd', 'bgnbd', 'paretonbd' or 'nbd'.
    given
        Fits to be used in place of fresh ones (purchases, and money or None).
    """

    customers: pd.DataFrame
    horizon: int = 90
    waits: pd.DataFrame | None = None
    model: str = MODEL
    given: tuple[Fit, SpendFit | None] | None = None

    def column(self, name: str) -> Floats:
        """Return one number per customer: a column that schemes cut, or a quantity of the models."""
        return getattr(self, name) if name in MODEL_QUANTITIES else self._raw[name]

    def distinct(self, name: str) -> tuple[Floats, NDArray[np.int64]]:
        """Return the distinct values of a column, rising, and how many customers have each."""
        if name not in self._sorted:
            self._sorted[name] = np.unique(self.column(name), return_counts=True)
        return self._sorted[name]

    @cached_property
    def fit(self) -> Fit:
        """The model of purchases, fitted on these customers."""
        return self.given[0] if self.given else fit_by_name(self.model, self.customers)

    @cached_property
    def spend_fit(self) -> SpendFit:
        """The model of money, fitted on these customers."""
        given = self.given[1] if self.given else None
        return given or spend.fit(self.customers)

    @cached_property
    def p_buy(self) -> Floats:
        """Chance of at least one purchase within the horizon."""
        return _same_for_equals(self.fit.model.p_buy(self.customers, days=self.horizon))

    @cached_property
    def value(self) -> Floats:
        """Money to expect within the horizon: expected purchases times expected money per purchase."""
        purchases = self.fit.model.expected_purchases(self.customers, days=self.horizon)
        return _same_for_equals(purchases * self.spend_fit.model.expected_spend(self.customers))

    @cached_property
    def alive_value(self) -> Floats:
        """P(alive) times expected money per purchase."""
        alive = self.fit.model.p_alive(self.customers)
        return _same_for_equals(alive * self.spend_fit.model.expected_spend(self.customers))

    @cached_property
    def _raw(self) -> dict[str, Floats]:
        known = self.customers
        purchases = known["frequency"].to_numpy(dtype=float) + 1
        money = known["total_spend"].to_numpy(dtype=float)
        return {
            "days_since_last": known["days_since_last"].to_numpy(dtype=float),
            "purchases": purchases,
            "orders": known["orders"].to_numpy(dtype=float),
            "total_spend": money,
            "mean_purchase": money / purchases,
            "T": known["T"].to_numpy(dtype=float),
        }

    @cached_property
    def _sorted(self) -> dict[str, tuple[Floats, NDArray[np.int64]]]:
        return {}


def _same_for_equals(values: pd.Series) -> Floats:
    """Drop the last bits, which may differ between equal customers by their place in the array."""
    mantissa, exponent = np.frexp(values.to_numpy(dtype=float))
    return np.ldexp(np.round(mantissa, 12), exponent)
