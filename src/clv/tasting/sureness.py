"""When is a preference sure? Where held-out orders bear out what was promised; else nobody is called so."""

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from clv.language import tell
from clv.tasting import rules

SURE, LEANING, OPEN = VERDICTS = ("sure", "leaning", "not enough evidence")
FEWEST = 20  # customers whose next order must have been seen, before anybody is called sure
PART = 40  # trials; with fewer an interval says nothing
_STEPS = (0.85, 0.9, 0.95, 0.98)
_EVEN = 0.5


def verdicts(answers: pd.DataFrame, *, rule: str, threshold: float) -> pd.Series:
    """Return the verdict on each answer (columns favourite and own), same index.

    sure: the value is the customer's favourite with at least the chance `threshold`; leaning: with one half.
    Both only of what the customer has chosen at least once, and never by what the shop sells most.
    """
    own = (answers["own"] > 0) & (rule != rules.POPULAR)
    found = np.select(
        [own & (answers["favourite"] >= threshold), own & (answers["favourite"] >= _EVEN)],
        [SURE, LEANING],
        OPEN,
    )
    return pd.Series(found, index=answers.index, dtype="str")


def threshold(trials: pd.DataFrame, *, rule: str, asked: float) -> tuple[float, str]:
    """Return the chance from which we say sure, and in a sentence how the held-out orders bear it out.

    Of the chance asked for and some higher ones it is the first above which next orders were foretold as
    often as promised, as far as chance allows (90 %). Infinite where there is none, or too few to see.

    Parameters
    ----------
    trials
        Of one rule: favourite, own, probability, hit.
    """
    if rule == rules.POPULAR:
        return np.inf, "what the shop sells most says nothing of one customer, so nobody is called sure"
    for at in sorted({asked, *(step for step in _STEPS if step > asked)}):
        group = trials[verdicts(trials, rule=rule, threshold=at) == SURE]
        if len(group) < FEWEST:
            return np.inf, (
                tell(
                    "only {group} customers with a chance of {at:.0%} were seen to order again, and {fewest} "
                    "are needed to see whether such promises hold, so nobody is called sure",
                    group=len(group),
                    at=at,
                    fewest=FEWEST,
                )
            )
        promised, (hit, _, high) = group["probability"].mean(), hits(group)
        if promised <= high:
            said = tell(
                "of {group} held-out orders they foretold {hit:.0%}, with {promised:.0%} promised",
                group=len(group),
                hit=hit,
                promised=promised,
            )
            return at, tell("sure begins at a chance of {at:.0%}: {said}", at=at, said=said)
    return np.inf, "held-out orders were foretold less often than promised, so nobody is called sure"


def groups(trials: pd.DataFrame, popular: pd.DataFrame, *, rule: str, threshold: float) -> pd.DataFrame:
    """Return how often next orders were foretold where we say sure, leaning, or not enough evidence.

    Parameters
    ----------
    trials, popular
        The same trials of the rule that is used and of the popular one, in the same order.

    Returns
    -------
    Index verdict; orders, promised (mean chance given), hit, low, high (90 %, Wilson), popular (hits of what
    the shop sells most, for the same customers). Missing where there was no order.
    """
    verdict = verdicts(trials, rule=rule, threshold=threshold).to_numpy()
    rows = {}
    for name in VERDICTS:
        group = trials[verdict == name]
        hit, low, high = hits(group)
        sold = float(popular["hit"].to_numpy()[verdict == name].mean()) if len(group) else np.nan
        ends = {"hit": hit, "low": low, "high": high, "popular": sold}
        rows[name] = {"orders": len(group), "promised": group["probability"].mean()} | ends
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("verdict")


def calibration(trials: pd.DataFrame, *, most: int = 6) -> pd.DataFrame:
    """Return promised against kept: trials in up to `most` equal parts by the chance that was given.

    Parts have at least PART trials where there are so many.

    Returns
    -------
    orders, promised, hit, low, high (90 %, Wilson), by rising promise.
    """
    groups = int(np.clip(len(trials) // PART, 1, most))
    ranks = trials["probability"].rank(method="average", pct=True)
    part = np.ceil(ranks * groups).clip(1, groups)
    rows = []
    for _, group in trials.groupby(part.to_numpy()):
        hit, low, high = hits(group)
        promised = group["probability"].mean()
        rows.append({"orders": len(group), "promised": promised, "hit": hit, "low": low, "high": high})
    return pd.DataFrame(rows)


def hits(group: pd.DataFrame) -> tuple[float, float, float]:
    """Return the share of hits and its 90 % interval by Wilson; missing for no rows."""
    if group.empty:
        return np.nan, np.nan, np.nan
    count = int(group["hit"].sum())
    ends = binomtest(count, len(group)).proportion_ci(0.9, method="wilson")
    return count / len(group), float(ends.low), float(ends.high)
