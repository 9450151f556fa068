"""What a paid card gives, who would gain from it, and one drawn future of those who would."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv.btyd.fits import Fit
from clv.btyd.model import Model
from clv.errors import SettingError
from clv.language import tell
from clv.money.gammagamma import GammaGamma
from clv.spend import SpendFit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Perks:
    """What a card gives.

    Attributes
    ----------
    discount
        Share of the price.
    postage
        Money that an order saves the customer, and costs the shop.
    gift, gift_worth
        What a gift for every member costs, and what it is worth to the customer; as much where None.
    days
        For which the card is valid.
    """

    discount: float = 0.0
    postage: float = 0.0
    gift: float = 0.0
    gift_worth: float | None = None
    days: int = 365

    def __post_init__(self) -> None:
        money = {"postage": self.postage, "gift": self.gift, "gift_worth": self.worth}
        wrong = next((name for name, value in money.items() if not 0 <= value < 1e12), None)
        if wrong or not 0 <= self.discount < 1 or not 1 <= self.days <= 3650:
            name = wrong or ("days" if 0 <= self.discount < 1 else "discount")
            raise SettingError(
                tell(
                    "the card's {name} is {getattr:g}; give a possible amount.",
                    name=name,
                    getattr=getattr(self, name),
                )
            )
        if not (self.discount or self.postage or self.worth):
            raise SettingError(tell("the card gives nothing; name a discount, free postage or a gift."))

    @property
    def worth(self) -> float:
        """What the gift is worth to the customer."""
        return self.gift if self.gift_worth is None else self.gift_worth

    def on_order(self, basket: Floats | pd.Series) -> Floats | pd.Series:
        """Return what an order of this size is let off."""
        return self.postage + self.discount * basket


def benefits(customers: pd.DataFrame, fit: Fit, spend_fit: SpendFit, perks: Perks) -> pd.DataFrame:
    """Return what each customer would have of a card: orders, basket and benefit (money), before any fee."""
    orders = fit.model.expected_purchases(customers, days=perks.days)
    basket = spend_fit.model.expected_spend(customers)
    benefit = perks.worth + orders * perks.on_order(basket)
    return pd.DataFrame({"orders": orders, "basket": basket, "benefit": benefit}, index=customers.index)


def fee_for(found: pd.DataFrame, *, share: float) -> float:
    """Return the fee, to two figures, from which about this share of customers would gain; see `benefits`."""
    fee = float(found["benefit"].quantile(1 - share))
    digits = 1 - int(np.floor(np.log10(fee))) if fee > 0 else 0
    return round(fee, digits)


def future(
    customers: pd.DataFrame,
    model: Model,
    amounts: GammaGamma,
    perks: Perks,
    found: pd.DataFrame,
    gainers: Mapping[float, NDArray[np.bool_]],
    *,
    rng: np.random.Generator,
) -> Floats:
    """Return one drawn future by fee: what gainers do, and what those cost who will have gained.

    Parameters
    ----------
    found
        As `benefits` makes it.
    gainers
        By fee, who would gain by the forecast.

    Returns
    -------
    One row per fee: orders, money and perks of the gainers; number and perks of those who will have gained.
    """
    orders = orders_of(customers, model, perks.days, rng=rng)
    basket = amounts.expected_spend(customers).to_numpy()
    sums = np.column_stack([orders, orders * basket, orders * perks.on_order(basket)])
    had = perks.worth + orders * perks.on_order(found["basket"].to_numpy())
    return np.array(
        [
            np.r_[sums[mine].sum(axis=0), (had > fee).sum(), sums[had > fee, 2].sum()]
            for fee, mine in gainers.items()
        ]
    )


def orders_of(customers: pd.DataFrame, model: Model, days: int, *, rng: np.random.Generator) -> Floats:
    """Return one draw of each customer's orders within some days."""
    orders = np.zeros(len(customers))
    rows, going = model.survivors(customers, rng=rng)
    orders[rows] = model.purchases_of(going, days=days, rng=rng)
    return orders
