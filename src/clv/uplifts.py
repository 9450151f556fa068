"""What past campaigns with a control group teach about an offer's uplift.

Each segment of a campaign gives a log odds ratio, sent against left alone, and its variance (with one half
added to every count; Haldane 1956, Annals of Human Genetics 20:309-311). Segments are taken for draws around
one mean (random effects; DerSimonian & Laird 1986, Controlled Clinical Trials 7:177-188), and the mean starts
from what was believed before. So a small segment takes after the others, and much evidence outweighs belief.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from clv.errors import InputError
from clv.offering.contract import Uplift
from clv.offering.options import Option

SEND, CONTROL = "send", "control"


@dataclass(frozen=True, eq=False)
class Learned:
    """What is believed of an uplift after the evidence.

    Attributes
    ----------
    uplift
        Of a customer of any segment.
    by_segment
        Of the segments that were seen.
    sent, control
        Customers behind it.
    """

    uplift: Uplift
    by_segment: dict[str, Uplift]
    sent: int
    control: int


def outcomes(past: pd.DataFrame, orders: pd.DataFrame, *, window: int, until: pd.Timestamp) -> pd.DataFrame:
    """Return who of past campaigns bought within the window after it was sent.

    Parameters
    ----------
    past
        customer_id, campaign, offer, channel, arm, segment, sent_on: one row per customer and campaign.
    orders
        An ORDERS table.
    until
        Last day of observation; campaigns whose window goes on after it are left out.

    Returns
    -------
    The rows of `past` with `bought`.
    """
    over = past[past["sent_on"] + pd.Timedelta(days=window - 1) <= pd.Timestamp(until)].reset_index(drop=True)
    days = orders[["customer_id", "paid_at"]].dropna()
    both = over[["customer_id", "sent_on"]].reset_index().merge(days, on="customer_id")
    wait = (both["paid_at"].dt.normalize() - both["sent_on"]).dt.days
    answered = both.loc[wait.between(0, window - 1), "index"]
    return over.assign(bought=over.index.isin(answered))


def learn(outcomes: pd.DataFrame, *, prior: Uplift) -> Learned:
    """Return what one offer's outcomes teach, starting from a prior.

    Parameters
    ----------
    outcomes
        One row per customer: arm ('send' or 'control'), bought, and segment where known.

    Raises
    ------
    InputError
        An arm is neither of the two, or one of them is empty.
    """
    sent, control = (int((outcomes["arm"] == arm).sum()) for arm in (SEND, CONTROL))
    if sent + control < len(outcomes) or not sent or not control:
        raise InputError(
            f"of {len(outcomes):,} customers of a past campaign {sent:,} are 'send' and {control:,} "
            "'control'; both arms are needed, and no other word."
        )
    names = outcomes["segment"].fillna("") if "segment" in outcomes else pd.Series("", outcomes.index)
    ratios = _ratios(outcomes, names)
    spread = _between(ratios)
    weight = 1 / (ratios["variance"] + spread)
    precision = 1 / prior.sd**2 + weight.sum()
    centre = (prior.mean / prior.sd**2 + (weight * ratios["ratio"]).sum()) / precision
    segments = {name: _segment(row, centre, 1 / precision, spread) for name, row in ratios.iterrows() if name}
    return Learned(_uplift(centre, 1 / precision + spread), segments, sent, control)


def updated(options: Sequence[Option], outcomes: pd.DataFrame) -> tuple[list[Option], list[str]]:
    """Return the options with what past campaigns taught of them, and a sentence for each one changed."""
    found, said = [], []
    for option in options:
        mine = _of_option(option, outcomes)
        if (mine["arm"] == SEND).any() and (mine["arm"] == CONTROL).any():
            learned = learn(mine, prior=option.uplift)
            found.append(replace(option, uplift=learned.uplift, by_segment=learned.by_segment))
            said.append(_sentence(option, learned))
        else:
            found.append(option)
    return found, said


def _of_option(option: Option, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the customers of this offer and channel, and the control groups of their campaigns."""
    mine = (outcomes["offer"] == option.offer.name) & (outcomes["channel"] == option.channel)
    campaigns = set(outcomes.loc[mine & (outcomes["arm"] == SEND), "campaign"])
    control = (outcomes["arm"] == CONTROL) & outcomes["campaign"].isin(campaigns)
    own_control = mine | outcomes["offer"].isna() | (outcomes["offer"] == "")
    return outcomes[(mine & (outcomes["arm"] == SEND)) | (control & own_control)]


def _ratios(outcomes: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Return by segment with both arms: ratio (log odds ratio), variance."""
    bought = outcomes["bought"].astype(bool)
    counts = pd.DataFrame(
        {
            "a": (outcomes["arm"] == SEND) & bought,
            "b": (outcomes["arm"] == SEND) & ~bought,
            "c": (outcomes["arm"] == CONTROL) & bought,
            "d": (outcomes["arm"] == CONTROL) & ~bought,
        }
    )
    table = counts.groupby(names).sum().astype(float)
    table = table[(table["a"] + table["b"] > 0) & (table["c"] + table["d"] > 0)] + 0.5
    ratio = np.log(table["a"] * table["d"] / (table["b"] * table["c"]))
    return pd.DataFrame({"ratio": ratio, "variance": (1 / table).sum(axis=1)})


def _between(ratios: pd.DataFrame) -> float:
    """Return how far segments differ beyond chance (variance, DerSimonian & Laird)."""
    weight = 1 / ratios["variance"]
    mean = (weight * ratios["ratio"]).sum() / weight.sum()
    excess = (weight * (ratios["ratio"] - mean) ** 2).sum() - (len(ratios) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    return float(max(excess / scale, 0.0)) if len(ratios) > 1 else 0.0


def _segment(row: pd.Series, centre: float, doubt: float, spread: float) -> Uplift:
    """Return a segment's own uplift, drawn towards the mean of all."""
    share = spread / (spread + row["variance"])  # of the segment's own word
    mean = share * row["ratio"] + (1 - share) * centre
    return _uplift(mean, share * row["variance"] + (1 - share) ** 2 * doubt)


def _uplift(mean: float, variance: float) -> Uplift:
    return Uplift(mean=float(np.clip(mean, -3, 3)), sd=float(np.clip(np.sqrt(variance), 1e-6, 3)))


def _sentence(option: Option, learned: Learned) -> str:
    now, before = learned.uplift, option.uplift
    low, high = (np.exp(now.mean + side * 1.645 * now.sd) for side in (-1, 1))
    return (
        f"{option.name}: learned from {learned.sent:,} customers who were sent it and {learned.control:,} "
        f"who were left alone. The odds to buy are believed to be {np.exp(now.mean):.2f} times as high "
        f"[{low:.2f}, {high:.2f}]; before, {np.exp(before.mean):.2f} times."
    )
