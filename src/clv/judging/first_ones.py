"""The first customers of each rule: what a contact added among them, and what contacting them is worth."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import norm

from clv.errors import SettingError
from clv.judging.campaigns import BAND, BY_LOT, Uplift, first, judged, uplift
from clv.judging.sums import Floats
from clv.language import tell


def uplift_at(
    outcome: ArrayLike,
    sent: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    depths: Sequence[float] = (0.1, 0.2, 0.3, 0.5),
    chance: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return what a contact added among the first customers of each rule.

    Where the depth cuts through customers with equal scores, each of them counts for the part that is taken,
    so that the uplift times the depth is the gain of `clv.targeting.curves`.

    Parameters
    ----------
    depths
        Shares of the customers, above 0 and up to 1.

    Returns
    -------
    One row per rule and depth: rule; depth; customers (that many, of both arms); uplift (difference of means,
    outcome per customer contacted), low, high (Welch 1947, Biometrika 34:28). uplift is nan where an arm has
    fewer than 2 customers there, low and high also where nothing varies.

    Raises
    ------
    InputError, SettingError
        As for `clv.targeting.curves`; a depth is out of range.
    """
    seen, ranked = judged(outcome, sent, scores, chance)
    for depth in depths:
        _check_share(depth, "a depth")
    rows = []
    for rule, one in ranked.items():
        for depth in depths:
            found = uplift(seen, first(one, depth))
            low, high = found.interval
            row = {"rule": rule, "depth": depth, "customers": round(depth * len(seen.sent))}
            rows.append(row | {"uplift": found.size, "low": low, "high": high})
    return pd.DataFrame(rows)


def policy_values(
    outcome: ArrayLike,
    sent: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    share: float,
    cost: float,
    chance: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return what contacting the first `share` by each rule is worth, beside contacting nobody.

    By inverse propensity (Hitsch, Misra & Zhang 2024, QME 22:115): customers count who by lot got what the
    rule would have given them. Weights are divided by their sum in each arm (Hájek 1971), so the value is the
    gain of `clv.targeting.curves` less the cost. Lot is not drawn: its value is exactly `share` times what
    contacting everybody is worth.

    Parameters
    ----------
    outcome
        Money per customer, in the unit of `cost`: margin, not turnover.
    share
        Part of the customers contacted, above 0 and up to 1.
    cost
        Money per contact.

    Returns
    -------
    Index rule, the best first; money per assigned customer: value, error (standard error, of who came into
    which arm), low, high; difference (to the same share by lot), difference_error, difference_low,
    difference_high, from the same customers. nan where an arm has fewer than 2 among the first.

    Raises
    ------
    InputError, SettingError
        As for `clv.targeting.curves`; the share is out of range, or the cost is not a number of 0 or more.
    """
    seen, ranked = judged(outcome, sent, scores, chance)
    _check_share(share, "share")
    if not 0 <= cost < np.inf:
        raise SettingError(tell("cost is {cost}; give the money that a contact costs, 0 or more.", cost=cost))
    found = {rule: uplift(seen, first(one, share)) for rule, one in ranked.items()}
    rows = {rule: _value(one, found[BY_LOT], share, cost) for rule, one in found.items()}
    worth = pd.DataFrame(rows).T.rename_axis("rule")
    return worth.sort_values("value", ascending=False, kind="stable")


def _value(found: Uplift, lot: Uplift, share: float, cost: float) -> dict[str, float]:
    value = _with_error("value", share * (found.size - cost), share * found.pulls)
    beyond = share * (found.size - lot.size), share * (found.pulls - lot.pulls)
    return value | _with_error("difference", *beyond, prefix="difference_")


def _with_error(name: str, value: float, pulls: Floats, *, prefix: str = "") -> dict[str, float]:
    error = np.linalg.norm(pulls)
    low, high = value + norm.ppf(BAND) * error
    return {name: value, f"{prefix}error": error, f"{prefix}low": low, f"{prefix}high": high}


def _check_share(share: float, name: str) -> None:
    if not 0 < share <= 1:
        raise SettingError(
            tell(
                "{name} is {share}; it should lie above 0 and be at most 1, such as 0.3.",
                name=name,
                share=share,
            )
        )
