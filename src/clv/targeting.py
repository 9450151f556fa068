"""How well rules order customers by what a contact adds, judged on a campaign with arms drawn by lot.

    rules = {"most recent first": -days, "highest past spend": spend}
    rules["learned"] = targeting.learned(outcome, sent, segment, rng=rng)
    targeting.curves(outcome, sent, rules, rng=rng)         # what the first x of each rule add
    targeting.table(outcome, sent, rules, rng=rng)          # one number each, with its interval
    targeting.policy_values(outcome, sent, rules, share=0.3, cost=0.05)

Customers with equal scores cannot be told apart: they are contacted in random order. Everything counts by arm
as drawn, whoever opened or redeemed. Intervals are 95 %.

In all functions
    outcome
        Per assigned customer (n): what came of it, such as bought 0/1, or money.
    sent
        Per customer: True if drawn to be contacted, False if drawn to be left alone.
    scores
        By rule: one number per customer, the highest first; missing ones last, as one unit.
    chance
        With which each customer was drawn to be contacted: one number or n; the same for all when None.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from clv.errors import SettingError, nearest
from clv.judging import qini
from clv.judging.campaigns import BAND, BY_LOT, judged
from clv.judging.crossfit import by_group, learned
from clv.judging.first_ones import policy_values, uplift_at
from clv.judging.sums import Floats
from clv.language import tell

__all__ = ["BY_LOT", "by_group", "curves", "learned", "policy_values", "table", "uplift_at"]


def curves(
    outcome: ArrayLike,
    sent: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    draws: int = 400,
    rng: np.random.Generator,
    chance: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return what contacting the first customers of each rule would have added (Qini curve, Radcliffe 2007).

    Parameters
    ----------
    draws
        Redrawn sets of customers, within each arm, behind the intervals; at least 20.

    Returns
    -------
    One row per rule and depth: rule; depth (share contacted, 0 to 1 in steps of 0.01); gain (outcome per
    assigned customer: depth times the difference of means among the first), low, high. The rule 'by lot',
    last, is the straight line to the overall effect, where all curves end.

    Raises
    ------
    InputError
        Arrays differ in length or are no row of what they should hold, or an arm has fewer than 2 customers.
    SettingError
        A chance is not between 0 and 1, a rule is called 'by lot', or there are too few draws.
    """
    found, drawn = _drawn(outcome, sent, scores, draws, rng, chance)
    parts = []
    for rule, gain in found.items():
        low, high = np.quantile(drawn[rule], BAND, axis=1)
        parts.append({"rule": rule, "depth": qini.DEPTHS, "gain": gain[:, 0], "low": low, "high": high})
    return pd.concat(map(pd.DataFrame, parts), ignore_index=True)


def table(
    outcome: ArrayLike,
    sent: ArrayLike,
    scores: Mapping[str, ArrayLike],
    *,
    against: str = BY_LOT,
    draws: int = 400,
    rng: np.random.Generator,
    chance: ArrayLike | None = None,
) -> pd.DataFrame:
    """Return one number per rule: the area between its curve and the straight line of contacts by lot.

    That is what the rule adds beyond lot, per assigned customer, on average over all depths. It is neither
    doubled nor divided by the area of the best order (as in Radcliffe's Q), which nobody knows for money.

    Parameters
    ----------
    against
        The rule with which the others are compared, such as the best of the simple ones.
    draws
        As for `curves`; with an `rng` of the same state both meet the same draws.

    Returns
    -------
    Index rule, the best first; qini with low and high, above 0 where the rule beats lot; difference (of qini
    to that of `against`) with difference_low and difference_high, on common draws.

    Raises
    ------
    InputError
        As for `curves`.
    SettingError
        As for `curves`; `against` is no rule.
    """
    found, drawn = _drawn(outcome, sent, scores, draws, rng, chance)
    if against not in found:
        raise SettingError(
            tell(
                "there is no rule {against!r} to compare with; {nearest}",
                against=against,
                nearest=nearest(against, found),
            )
        )
    areas = {rule: qini.areas(drawn[rule]) for rule in found}
    points = pd.Series({rule: qini.areas(gain)[0] for rule, gain in found.items()})
    gaps = {rule: area - areas[against] for rule, area in areas.items()}
    columns = {"qini": points} | _ends(areas)
    columns |= {"difference": points - points[against]} | _ends(gaps, "difference_")
    found = pd.DataFrame(columns).rename_axis("rule")
    return found.sort_values("qini", ascending=False, kind="stable")


def _ends(draws: Mapping[str, Floats], prefix: str = "") -> dict[str, pd.Series]:
    ends = pd.DataFrame({rule: np.quantile(one, BAND) for rule, one in draws.items()})
    return {f"{prefix}low": ends.loc[0], f"{prefix}high": ends.loc[1]}


def _drawn(
    outcome: ArrayLike,
    sent: ArrayLike,
    scores: Mapping[str, ArrayLike],
    draws: int,
    rng: np.random.Generator,
    chance: ArrayLike | None,
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return each rule's curve (depths × 1) and its curves when customers are redrawn (depths × draws)."""
    if draws < 20:
        raise SettingError(tell("draws is {draws}; an interval needs at least 20.", draws=draws))
    seen, ranked = judged(outcome, sent, scores, chance)
    once = np.ones((len(seen.sent), 1))
    found = {rule: qini.gains(seen, one, once) for rule, one in ranked.items()}
    return found, qini.redrawn(seen, ranked, draws=draws, rng=rng)
