"""A coupon for the first order: what it has to move before it pays."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clv.errors import SettingError
from clv.language import tell
from clv.measuring import rates

LEVEL = 0.90


def first_coupon(
    *, visitors: int, p0: float, basket: float, margin: float, amounts: Sequence[float], contact: float = 0.0
) -> pd.DataFrame:
    """Return what a coupon for the first order has to move before it pays, by its amount.

    Whoever would have ordered anyway takes it too: needed = (p0 · amount + contact) / (margin · basket -
    amount), the break-even of domain arithmetic (gross profit of those won against what is given away).

    Parameters
    ----------
    visitors
        How many could be sent it.
    p0
        Their chance to order without it.
    basket, margin
        Money of a first order, and the part of it that is margin.

    Returns
    -------
    amount, needed (points of buyers that it must add; nan where no order pays for it), relative (needed /
    p0), given_away (money on those who come anyway).

    Raises
    ------
    SettingError
        A number is not what it may be: visitors, contact from 0; p0 from 0 to 1; margin above 0, to 1;
        basket and amounts above 0.
    """
    amount = np.asarray(amounts, dtype=float)
    _check(visitors=visitors, p0=p0, basket=basket, margin=margin, amounts=amount, contact=contact)
    won = margin * basket - amount
    needed = np.where(won > 0, (p0 * amount + contact) / np.where(won > 0, won, np.nan), np.nan)
    needed = np.where(needed > 1 - p0, np.nan, needed)
    return pd.DataFrame(
        {
            "amount": amount,
            "needed": needed,
            "relative": needed / p0 if p0 > 0 else np.full(len(amount), np.nan),
            "given_away": visitors * p0 * amount,
        }
    )


def _check(
    *, visitors: int, p0: float, basket: float, margin: float, amounts: np.ndarray, contact: float
) -> None:
    """Refuse numbers that mean nothing; nan lies in no range."""
    rules = {
        "visitors": (visitors, visitors >= 0, "0 or more"),
        "p0": (p0, 0 <= p0 <= 1, "a chance from 0 to 1"),
        "basket": (basket, 0 < basket < np.inf, "money above 0"),
        "margin": (margin, 0 < margin <= 1, "above 0, and 1 at most"),
        "contact": (contact, 0 <= contact < np.inf, "money, 0 or more"),
        **{f"amount {n}": (one, 0 < one < np.inf, "money above 0") for n, one in enumerate(amounts, start=1)},
    }
    for name, (value, right, wanted) in rules.items():
        if not right:
            raise SettingError(
                tell(
                    "{name} of the coupon's sum is {value:g}; it should be {wanted}.",
                    name=name,
                    value=value,
                    wanted=wanted,
                )
            )


def first_chance(checked: pd.DataFrame) -> tuple[float, float, float]:
    """Return the chance of visitors who never bought to order by themselves, with its 90 % interval.

    Parameters
    ----------
    checked
        `chances`; what happened on its later day counts. nan where nobody was seen who had never bought.
    """
    new = checked[~checked["has_bought"].astype(bool)]
    n, ordered = float(new["n"].sum()), float(new["ordered"].sum())
    low, high = rates.wilson([ordered], [n], level=LEVEL)
    return ordered / n if n else np.nan, float(low[0]), float(high[0])


def first_basket(orders: pd.DataFrame) -> float:
    """Return the money of the middle one of all first orders; nan where no order names its customer."""
    named = orders.dropna(subset="customer_id").sort_values(["paid_at", "order_id"])
    return float(named.drop_duplicates("customer_id")["amount"].median())
