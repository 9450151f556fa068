"""A plan on the field's e-mail test: uplifts learned on one random half, the plan judged on the other.

    python tests/hillstrom_plan.py hillstrom.csv.gz     # the table of ten splits

64,000 customers of a mail-order shop got the men's mail, the women's or none, drawn by lot (Hillstrom 2008).
So any plan can be judged on customers who by chance got what it would have sent them (inverse propensities).
"""

import sys

import numpy as np
import pandas as pd

from clv import evidence, offers, plan, uplifts
from clv.arms import CONTROL, SEND
from clv.offering.baskets import Baskets
from clv.offering.channels import Channel
from clv.offering.contract import Offer, Uplift
from clv.offering.options import Option

MAILS = {"mens": "Mens E-Mail", "womens": "Womens E-Mail"}
NONE = "No E-Mail"
MARGIN, CONTACT = 0.3, 0.01
PRIOR = Uplift(mean=0.2, sd=0.3)
BANDS = [0, 3, 6, 9, 12]  # months since the last purchase
ANSWERS = {NONE: 21306, "Mens E-Mail": 21307, "Womens E-Mail": 21387}


def judged(told: pd.DataFrame, *, share: float, seed: int) -> pd.DataFrame:
    """Return for the plan and simple rules, mailing `share` of the other half: profit per customer and error.

    Columns: profit, error (of the profit, money per customer of the judged half), mens, womens (share
    mailed), expected (of the plan, before it was judged).
    """
    rng = np.random.default_rng(seed)
    half = rng.random(len(told)) < 0.5
    learned, other = told[half], told[~half].reset_index(drop=True)
    options = [_option(name, learned) for name in MAILS]
    worth = offers.worth(_people(learned, other), options, margin=MARGIN)
    n, most = len(other), int(share * len(other))
    everything = plan.Options(worth.value, worth.cost, np.ones((n, 2), bool), np.zeros(2, bool), tuple(MAILS))
    choice = plan.choose(everything, plan.Limits(budget=CONTACT * most))
    lot, own_line = rng.permutation(n), np.where(other["womens"] == 1, 1, 0)
    rules = {
        "plan": choice.option,
        "men's mail by lot": _first(lot, most, np.zeros(n, int)),
        "women's mail by lot": _first(lot, most, np.ones(n, int)),
        "men's mail, most lapsed first": _first(_falling(other["recency"]), most, np.zeros(n, int)),
        "men's mail, highest past spend first": _first(_falling(other["history"]), most, np.zeros(n, int)),
        "mail of their own line by lot": _first(lot, most, own_line),
    }
    table = pd.DataFrame({name: _value(other, chosen) for name, chosen in rules.items()}).T
    return table.assign(expected=pd.Series({"plan": choice.profit / n}))


def _option(name: str, learned: pd.DataFrame) -> Option:
    both = learned[learned["treatment"].isin([MAILS[name], NONE])]
    arms = pd.DataFrame(
        {
            "arm": np.where(both["treatment"] == NONE, CONTROL, SEND),
            "bought": both["conversion"] == 1,
            "segment": _lines(both),
        }
    )
    found = uplifts.learn(evidence.counts(arms), prior=PRIOR)
    made = Offer(name=name, kind="notice", uplift=found.uplift, pull_forward=0.0)
    via = Channel(
        cost=CONTACT, send_from="10:00", send_to="20:00", allowed=("08:00", "21:00"), caps=[], opt_out=0
    )
    return Option(made, "email", via, found.uplift, found.by_segment)


def _people(learned: pd.DataFrame, other: pd.DataFrame) -> offers.People:
    """Chances by months since the last purchase, orders by quarters of past spend; from the learned half."""
    control = learned[learned["treatment"] == NONE]
    seen = control.groupby(pd.cut(control["recency"], BANDS), observed=True)["conversion"].agg(
        ["sum", "size"]
    )
    rate = (seen["sum"] + 20 * control["conversion"].mean()) / (seen["size"] + 20)
    p0 = pd.cut(other["recency"], BANDS).map(rate).astype(float).to_numpy()
    n, buyers = len(other), learned[learned["conversion"] == 1]
    quarters = np.quantile(learned["history"], [0.25, 0.5, 0.75])
    spent = buyers.groupby(np.searchsorted(quarters, buyers["history"]))["spend"].agg(["sum", "size"])
    order = (spent["sum"] + 20 * buyers["spend"].mean()) / (spent["size"] + 20)
    mine = order.reindex(np.searchsorted(quarters, other["history"])).to_numpy()
    baskets = Baskets(1e9, np.full(n, 1e9 + 1), mine)
    return offers.People(other, p0, baskets, np.zeros(n), _lines(other))


def _lines(told: pd.DataFrame) -> np.ndarray:
    both = (told["mens"] == 1) & (told["womens"] == 1)
    return np.select([both, told["mens"] == 1], ["both lines", "men's line"], "women's line")


def _falling(column: pd.Series) -> np.ndarray:
    return np.argsort(-column.to_numpy(), kind="stable")


def _first(order: np.ndarray, most: int, option: np.ndarray) -> np.ndarray:
    found = np.full(len(order), -1)
    found[order[:most]] = option[order[:most]]
    return found


def _value(other: pd.DataFrame, chosen: np.ndarray) -> dict[str, float]:
    """Return the profit beyond mailing nobody, per customer."""
    would_get = np.array([NONE, *MAILS.values()])[chosen + 1]
    chance = pd.Series(would_get).map(ANSWERS).to_numpy() / sum(ANSWERS.values())
    earned = MARGIN * other["spend"].to_numpy()
    got = (other["treatment"] == would_get).to_numpy()
    control = (other["treatment"] == NONE).to_numpy() / (ANSWERS[NONE] / sum(ANSWERS.values()))
    value = (earned - CONTACT * (chosen >= 0)) * got / chance - earned * control
    error = value.std() / np.sqrt(len(value))
    return {
        "profit": value.mean(),
        "error": error,
        "mens": (chosen == 0).mean(),
        "womens": (chosen == 1).mean(),
    }


if __name__ == "__main__":
    told = pd.read_csv(sys.argv[1])
    for share in (1.0, 0.5):
        splits = [judged(told, share=share, seed=seed) for seed in range(10)]
        print(f"mailing {share:.0%} of the judged half, means of ten splits")  # noqa: T201
        print(sum(splits).div(len(splits)).loc[splits[0].index].round(4).to_string())  # noqa: T201
