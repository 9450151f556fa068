"""What past campaigns with a control group teach about an offer's uplift.

Each segment of each campaign is compared within itself: given how many bought in both arms, how many of them
were among those sent tells the odds ratio (Fisher's noncentral hypergeometric likelihood; McCullagh & Nelder
1989, Generalized Linear Models, 7.3). Segments scatter around one mean by an unknown amount, and the mean
starts from what was believed before. So a small segment takes after the others, rare purchases bias nothing,
and much evidence outweighs belief.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp
from scipy.stats import halfnorm, norm

from clv.arms import CONTROL, SEND
from clv.errors import InputError
from clv.offering.baskets import Floats
from clv.offering.contract import Uplift
from clv.offering.options import Option

SCATTER = 0.2  # scale of the half-normal that is believed of how far segments differ, before anything is seen
_SCATTERS = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6])
_GRID = np.linspace(-3, 3, 401)  # shifts of the log-odds
_MANY = 200  # of each of the four counts, from which the likelihood is a normal one


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
        One row per customer: arm ('send' or 'control'), bought, and where known campaign and segment.

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
    seen = _likelihoods(outcomes)
    means, posterior = _mean_and_scatter(seen, prior)
    segments = {name: _of_segment(name, seen, means, posterior) for name in seen if name}
    return Learned(_of_any(posterior), segments, sent, control)


def updated(options: Sequence[Option], outcomes: pd.DataFrame) -> tuple[list[Option], list[str]]:
    """Return the options with what past campaigns taught of them, and a sentence for each one changed.

    Segments that no campaign saw keep what was declared of them.
    """
    found, said = [], []
    outcomes = outcomes.reset_index(drop=True)
    for option in options:
        mine = _of_option(option, outcomes)
        if (mine["arm"] == SEND).any() and (mine["arm"] == CONTROL).any():
            learned = learn(mine, prior=option.uplift)
            by_segment = {**option.by_segment, **learned.by_segment}
            found.append(replace(option, uplift=learned.uplift, by_segment=by_segment, opinion=option.name))
            said.append(_sentence(option, learned))
        else:
            found.append(option)
    return found, said


def _of_option(option: Option, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the customers of this offer and channel, and those left alone who would have got it.

    Whom a campaign left alone without naming an offer is like its others only if it had one offer.
    """
    named = outcomes["offer"].fillna("").ne("")
    mine = (outcomes["offer"] == option.offer.name) & (outcomes["channel"] == option.channel)
    sent = outcomes[(outcomes["arm"] == SEND) & named]
    ways = sent.drop_duplicates(["campaign", "offer", "channel"]).groupby("campaign").size()
    single = set(ways.index[ways == 1]) & set(sent.loc[mine.reindex(sent.index), "campaign"])
    control = outcomes["arm"].eq(CONTROL) & (mine | (~named & outcomes["campaign"].isin(single)))
    return outcomes[(mine & outcomes["arm"].eq(SEND)) | control]


def _likelihoods(outcomes: pd.DataFrame) -> dict[str, Floats]:
    """Return by segment the log-likelihood of each shift; campaigns are compared within themselves."""
    table = pd.DataFrame(
        {
            "campaign": outcomes["campaign"].fillna("") if "campaign" in outcomes else "",
            "segment": outcomes["segment"].fillna("") if "segment" in outcomes else "",
            "sent": (outcomes["arm"] == SEND).astype(int),
            "bought": outcomes["bought"].astype(int),
            "both": (outcomes["arm"] == SEND) & outcomes["bought"].astype(bool),
            "n": 1,
        }
    )
    cells = table.groupby(["segment", "campaign"])[["sent", "bought", "both", "n"]].sum()
    found: dict[str, Floats] = {}
    for (segment, _), cell in cells.iterrows():
        one = _cell(int(cell["both"]), int(cell["sent"]), int(cell["bought"]), int(cell["n"]))
        found[segment] = found.get(segment, 0.0) + one
    return found


def _cell(both: int, sent: int, bought: int, n: int) -> Floats:
    """Return the log-likelihood of `both` buyers among the `sent`, given all `bought` of `n`."""
    control = n - sent
    counts = np.array([both, sent - both, bought - both, control - bought + both], dtype=float)
    if counts.min() >= _MANY:
        a, b, c, d = counts
        return norm.logpdf(_GRID, np.log(a * d / (b * c)), np.sqrt((1 / counts).sum()))
    k = np.arange(max(0, bought - control), min(sent, bought) + 1)
    ways = (
        -gammaln(k + 1) - gammaln(sent - k + 1) - gammaln(bought - k + 1) - gammaln(control - bought + k + 1)
    )
    return both * _GRID - logsumexp(ways[:, None] + k[:, None] * _GRID, axis=0)


def _mean_and_scatter(seen: dict[str, Floats], prior: Uplift) -> tuple[Floats, Floats]:
    """Return by scatter and mean: each segment's log-likelihood, and the joint posterior (adds up to 1)."""
    means = np.array([[_smoothed(one, scatter) for one in seen.values()] for scatter in _SCATTERS])
    believed = norm.logpdf(_GRID, prior.mean, prior.sd)
    scatters = halfnorm.logpdf(_SCATTERS, scale=SCATTER) + np.log(np.gradient(_SCATTERS))
    if list(seen) == [""]:  # nobody told segments apart, so there is nothing that could scatter
        scatters = np.where(_SCATTERS == 0, 0.0, -np.inf)
    joint = means.sum(axis=1) + believed + scatters[:, None]
    return means, np.exp(joint - logsumexp(joint))


def _smoothed(likelihood: Floats, scatter: float) -> Floats:
    """Return the log-likelihood of each mean, if the segment's own shift lies around it by `scatter`."""
    if scatter == 0:
        return likelihood
    top = likelihood.max()
    found = _kernel(scatter) @ np.exp(likelihood - top)
    return np.log(np.maximum(found, 1e-300)) + top


@cache
def _kernel(scatter: float) -> Floats:
    return norm.pdf(_GRID[:, None], _GRID, scatter) * (_GRID[1] - _GRID[0])


def _of_any(posterior: Floats) -> Uplift:
    """Return what is believed of a segment that was not seen: the mean, and how far segments scatter."""
    by_mean, by_scatter = posterior.sum(axis=0), posterior.sum(axis=1)
    centre = by_mean @ _GRID
    return _uplift(centre, by_mean @ (_GRID - centre) ** 2 + by_scatter @ _SCATTERS**2)


def _of_segment(name: str, seen: dict[str, Floats], means: Floats, posterior: Floats) -> Uplift:
    """Return what is believed of a segment that was seen: its own word and the others'."""
    place = list(seen).index(name)
    others = np.log(np.maximum(posterior, 1e-300)) - means[:, place]
    parts = [_smoothed(others[n], scatter) for n, scatter in enumerate(_SCATTERS)]
    own = logsumexp(parts, axis=0) + seen[name]
    chance = np.exp(own - logsumexp(own))
    centre = chance @ _GRID
    return _uplift(centre, chance @ (_GRID - centre) ** 2)


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
