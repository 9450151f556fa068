"""What a contact pays: every customer × offer × channel against doing nothing.

For one customer and one option, with the chance to buy p0 without and p1 with the offer, an order of B of
which the margin m is the shop's, and G given away on a redeemed order:

    pays = won (m (1 - f) B - r1 G) - lost m B - anyway r0 G - contact - told - u V

    won = (p1 - p0)+, lost = (p0 - p1)+, anyway = min(p0, p1); logit p1 = logit p0 + shift

`f` is the part of the purchases won that only come earlier, r1 and r0 how often those won and those who
would have come anyway redeem (r0 less where the offer holds for a part of the window), u V the cost of an
opt-out. With a positive shift and G = d B this is the usual closed form of incremental profit; here G follows
the whole distribution of orders, and the shift is believed to be normal. One order counts for each buyer.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit

from clv.errors import SettingError
from clv.language import tell
from clv.offering.baskets import Baskets, Floats
from clv.offering.options import Option

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(21)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_FARTHEST = 12.0  # a shift of the log-odds beyond which nobody is left to be won


@dataclass(frozen=True, eq=False)
class People:
    """The customers that an offer may go to, all arrays in the order of `customers`.

    Attributes
    ----------
    customers
        A CUSTOMERS table.
    p0
        Chance of at least one order within the window if nothing is sent.
    baskets
        What an order of each may come to.
    reach_value
        Money that a customer who opts out takes along.
    segment
        Names of their segments.
    """

    customers: pd.DataFrame
    p0: Floats
    baskets: Baskets
    reach_value: Floats
    segment: NDArray

    def __len__(self) -> int:
        return len(self.p0)

    def of_rows(self, rows: NDArray) -> "People":
        """Return some of them."""
        return People(
            self.customers.iloc[rows],
            self.p0[rows],
            self.baskets.of_rows(rows),
            self.reach_value[rows],
            self.segment[rows],
        )


@dataclass(frozen=True, eq=False)
class Worth:
    """What each option is expected to pay, and to use of the budget (customers × options, money)."""

    value: Floats
    cost: Floats


def worth(people: People, options: Sequence[Option], *, margin: float) -> Worth:
    """Return what each option pays for each customer, averaged over what is believed of its uplift.

    Parameters
    ----------
    margin
        Gross margin after the platform's commission, above 0 and at most 1.

    Raises
    ------
    SettingError
        The margin is out of range.
    """
    _check_margin(margin)
    columns = [_expected(people, option, margin=margin) for option in options]
    value, cost = (np.column_stack(part) for part in zip(*columns, strict=True))
    return Worth(value, cost)


def pays(people: People, option: Option, *, shift: Floats | float, margin: float) -> Floats:
    """Return what the option pays for each customer at one shift of the log-odds (money)."""
    return _pays(people, option, moved(people.p0, shift), option.given(people.baskets), margin=margin)


def moved(p0: Floats, shift: Floats | float) -> tuple[Floats, Floats, Floats]:
    """Return the chances to be won, to be lost, and to buy anyway, at a shift of the log-odds."""
    p1 = expit(logit(p0) + shift)
    return np.maximum(p1 - p0, 0), np.maximum(p0 - p1, 0), np.minimum(p0, p1)


def break_even(people: People, option: Option, *, margin: float) -> float:
    """Return the buyers won per contact from which the option pays for these customers; inf if never.

    Where all customers are alike this is (p0 r0 G + contact + u V) / (m (1 - f) B - r1 G).
    """
    shift = break_even_shift(people, option, margin=margin)
    if np.isinf(shift):
        return float("inf")
    return float(moved(people.p0, shift)[0].mean()) if shift else 0.0


def break_even_shift(people: People, option: Option, *, margin: float) -> float:
    """Return the shift of the log-odds from which the option pays for these customers; inf if never."""
    given = option.given(people.baskets)

    def total(shift: float) -> float:
        return float(_pays(people, option, moved(people.p0, shift), given, margin=margin).sum())

    if total(0.0) >= 0:
        return 0.0
    if total(_FARTHEST) <= 0:
        return float("inf")
    return float(brentq(total, 0.0, _FARTHEST))


def check_can_pay(people: People, options: Sequence[Option], *, margin: float) -> None:
    """Say which offer gives away more than an order leaves, so that it loses on every purchase that it wins.

    Raises
    ------
    SettingError
        There is one.
    """
    _check_margin(margin)
    order = people.baskets.mean.sum()
    for option in options:
        given = option.given(people.baskets).sum() * option.offer.redeemed_by_new / order
        left = margin * (1 - option.offer.pull_forward)
        if given >= left:
            raise SettingError(
                tell(
                    "the offer {offer!r} can never pay: it gives away {given:.0%} of an order, and after "
                    "commission and purchases that only come earlier {left:.0%} is left; lower it or ask for "
                    "a larger order.",
                    offer=option.offer.name,
                    given=given,
                    left=left,
                )
            )


def _pays(
    people: People,
    option: Option,
    chances: tuple[Floats, Floats, Floats],
    given: Floats,
    *,
    margin: float,
) -> Floats:
    won, lost, anyway = chances
    offer, order = option.offer, people.baskets.mean
    per_won = margin * (1 - offer.pull_forward) * order - offer.redeemed_by_new * given
    fixed = option.via.cost + option.told + option.via.opt_out * people.reach_value
    return won * per_won - lost * margin * order - anyway * option.anyway * given - fixed


def _expected(people: People, option: Option, *, margin: float) -> tuple[Floats, Floats]:
    """Return value and use of the budget; both are linear in the chances, so these alone are averaged."""
    mean, sd = option.believed(people.segment)
    won, lost, anyway = (np.zeros(len(people)) for _ in range(3))
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        for total, part in zip((won, lost, anyway), moved(people.p0, mean + sd * node), strict=True):
            total += weight * part
    given = option.given(people.baskets)
    redeemed = won * option.offer.redeemed_by_new + anyway * option.anyway
    value = _pays(people, option, (won, lost, anyway), given, margin=margin)
    return value, redeemed * given + option.via.cost + option.told


def _check_margin(margin: float) -> None:
    if not 0 < margin <= 1:
        raise SettingError(
            tell(
                "the margin is {margin!r}; it is the part of the money that is left, in (0, 1].",
                margin=margin,
            )
        )
