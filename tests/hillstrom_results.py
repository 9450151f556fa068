"""The field's e-mail test measured by `experiments`: the published table beside ours, A/A splits, power.

    python tests/hillstrom_results.py hillstrom.csv.gz

64,000 customers of a mail-order shop got the men's mail, the women's or none, drawn by lot (Hillstrom 2008).
"""

import sys
from datetime import date

import numpy as np
import pandas as pd

from clv.measuring import means, rates
from clv.responses import Responses

MENS, WOMENS, NONE = "Mens E-Mail", "Womens E-Mail", "No E-Mail"
BANDS = [0, 3, 6, 9, 12]  # months since the last purchase
PRINTED = {  # difference, low, high: shares in points, spend in dollars
    (MENS, NONE, "visit"): ("7.66", "7.00", "8.32"),
    (MENS, NONE, "conversion"): ("0.681", "0.500", "0.861"),
    (MENS, NONE, "spend"): ("0.770", "0.485", "1.055"),
    (WOMENS, NONE, "visit"): ("4.52", "3.89", "5.16"),
    (WOMENS, NONE, "conversion"): ("0.311", "0.150", "0.472"),
    (WOMENS, NONE, "spend"): ("0.424", "0.169", "0.680"),
    (MENS, WOMENS, "visit"): ("3.14", "2.43", "3.84"),
    (MENS, WOMENS, "spend"): ("0.345", "0.033", "0.658"),
}


def campaign(told: pd.DataFrame, mail: str, *, against: str = NONE, bought: str = "visit") -> Responses:
    """Return one mail against another arm as a campaign: `bought` is a visit or a conversion."""
    both = told[told["treatment"].isin([mail, against])].reset_index(drop=True)
    months = pd.cut(both["recency"], BANDS, labels=["1-3", "4-6", "7-9", "10-12"])
    money = both["spend"].astype(float)
    people = pd.DataFrame(
        {
            "arm": np.where(both["treatment"] == mail, "send", "control"), "segment": months.astype(str),
            "offer": "mail", "channel": "email", "bought": both[bought].astype(float),
            "orders": both["conversion"].astype(float), "spend": money, "given": 0.0, "contact": 0.0,
            "gross": money, "profit": money, "total_spend": both["history"].astype(float),
            "orders_before": 1.0, "days_since_last": both["recency"] * 30.0, "T": 365.0,
            "category": np.where(both["womens"] == 1, "women's line", "men's line"),
        }
    )  # fmt: skip
    people.index = pd.Index([f"h{at}" for at in both.index], name="customer_id")
    answers = pd.DataFrame({"customer_id": [], "arm": [], "day": [], "amount": []})
    day = date(2008, 3, 1)
    return Responses(mail, day, date(2008, 3, 14), date(2008, 3, 14), people, answers)


def intervals(told: pd.DataFrame, mail: str, against: str, column: str) -> dict[str, means.Difference]:
    """Return Welch's interval of a column, and Newcombe's where it is a share."""
    send, control = (
        told.loc[told["treatment"] == arm, column].to_numpy(dtype=float) for arm in (mail, against)
    )
    found = {"Welch": means.welch(send, control)}
    if column != "spend":
        low, high = rates.newcombe(send.sum(), len(send), control.sum(), len(control))
        found["Newcombe"] = means.Difference(found["Welch"].value, float(low), float(high), "Newcombe")
    return found


def covered(
    values: np.ndarray, *, share: float, splits: int, rng: np.random.Generator, thinned: float = 0.0
) -> tuple[float, float]:
    """Return how often intervals of random splits hold the true difference, and how often they leave 0 out.

    Parameters
    ----------
    values
        Of customers whom nobody contacted: 0 or 1, or money.
    share
        Part of them that plays the control group.
    thinned
        Chance with which a control customer's value is set to 0, so that the true difference is
        `thinned` × the mean.
    """
    n = len(values)
    control, hit, found = int(n * share), 0, 0
    is_rate, truth = set(np.unique(values)) <= {0.0, 1.0}, thinned * values.mean()
    for _ in range(splits):
        mixed = rng.permutation(values)
        alone, send = mixed[:control] * (rng.random(control) >= thinned), mixed[control:]
        if is_rate:
            low, high = rates.newcombe(send.sum(), len(send), alone.sum(), len(alone))
        else:
            one = means.difference(send, alone, rng=rng)
            low, high = one.low, one.high
        hit += low <= truth <= high
        found += low > 0 or high < 0
    return hit / splits, found / splits


def thinning(values: np.ndarray, *, power: float = 0.8) -> float:
    """Return the thinning of a share that halves of these customers find with this power."""
    from scipy.optimize import brentq

    from clv import power as powers

    p, n = float(values.mean()), len(values) // 2

    def missing(q: float) -> float:
        return powers.per_arm(p * (1 - q), p, power=power) - n

    return float(brentq(missing, 0.01, 0.9, xtol=1e-4))


if __name__ == "__main__":
    told = pd.read_csv(sys.argv[1])
    for mail, against in ((MENS, NONE), (WOMENS, NONE), (MENS, WOMENS)):
        for column in ("visit", "conversion", "spend"):
            times = 1 if column == "spend" else 100
            printed = PRINTED.get((mail, against, column))
            if printed:
                said = "{} [{}, {}]".format(*printed)
                print(f"{mail} - {against}, {column}: +{said} published")  # noqa: T201
            for how, one in intervals(told, mail, against, column).items():
                ends = f"{times * one.value:+.3f} [{times * one.low:.3f}, {times * one.high:.3f}]"
                print(f"{mail} - {against}, {column}: {ends} {how}")  # noqa: T201
    alone = told[told["treatment"] == NONE]
    rng = np.random.default_rng(1)
    for column in ("visit", "conversion", "spend"):
        values = alone[column].to_numpy(dtype=float)
        for share in (0.5, 0.2):
            hit, _ = covered(values, share=share, splits=2000, rng=rng)
            print(f"A/A, {column}, {share:.0%} control: {hit:.1%} of 2,000 intervals hold 0")  # noqa: T201
    values = alone["visit"].to_numpy(dtype=float)
    q = thinning(values)
    hit, found = covered(values, share=0.5, splits=2000, rng=rng, thinned=q)
    print(f"thinned by {q:.3f}: found {found:.1%} (stated 80 %), truth held {hit:.1%}")  # noqa: T201
