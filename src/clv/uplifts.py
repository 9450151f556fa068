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

from clv.errors import InputError
from clv.evidence import COUNTS
from clv.language import tell
from clv.offering.baskets import Floats
from clv.offering.contract import Uplift
from clv.offering.options import Option
from clv.told import together

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


def learn(counted: pd.DataFrame, *, prior: Uplift) -> Learned:
    """Return what one offer's counts teach, starting from a prior.

    Parameters
    ----------
    counted
        As `evidence.counts` gives them: campaign, segment, sent, sent_bought, control, control_bought.

    Raises
    ------
    InputError
        One of the arms is empty.
    """
    sent, control = (int(counted[arm].sum()) for arm in ("sent", "control"))
    if not sent or not control:
        raise InputError(
            tell(
                "a past campaign sent to {sent:,} customers and left {control:,} alone; both arms are "
                "needed.",
                sent=sent,
                control=control,
            )
        )
    seen = _likelihoods(counted)
    means, posterior = _mean_and_scatter(seen, prior)
    segments = {name: _of_segment(name, seen, means, posterior) for name in seen if name}
    return Learned(_of_any(posterior), segments, sent, control)


def updated(options: Sequence[Option], counted: pd.DataFrame) -> tuple[list[Option], list[str]]:
    """Return the options with what past campaigns taught of them, and a sentence for each one changed.

    What is believed of an option starts from its prior. Results of other offers of its kind, or of the same
    by another channel, move it first: it is to them as a segment that nobody saw. Then its own results count,
    by segment. Segments that no campaign saw keep what was declared of them.

    Parameters
    ----------
    counted
        As `evidence.gathered` gives them.
    """
    found, said = [], []
    for option in options:
        own = _both_arms(counted, _is_own(option, counted))
        like = _both_arms(counted, ~_is_own(option, counted) & counted["kind"].eq(option.offer.kind))
        if own.empty and like.empty:
            found.append(option)
            continue
        belief = option.uplift if like.empty else _of_its_kind(option.uplift, like)
        learned = None if own.empty else learn(own, prior=belief)
        by_segment = {**option.by_segment, **(learned.by_segment if learned else {})}
        now = learned.uplift if learned else belief
        opinion = option.name if learned else option.opinion  # what its kind taught holds for all channels
        found.append(replace(option, uplift=now, by_segment=by_segment, opinion=opinion))
        said.append(_sentence(option, now, own, like))
    return found, said


def _is_own(option: Option, counted: pd.DataFrame) -> pd.Series:
    return counted["offer"].eq(option.offer.name) & counted["channel"].eq(option.channel)


def _of_its_kind(prior: Uplift, like: pd.DataFrame) -> Uplift:
    """Return what is believed of an offer that nobody sent, from others of its kind.

    Each offer and channel may differ from the rest, and is one witness however many segments it went to. What
    is believed of this one holds how far it may lie from its kind, so less is believed to be open about the
    kind itself: the two add up to the prior.
    """
    within = like["campaign"] + " " + like["segment"]
    apart = like.assign(segment=like["offer"] + " " + like["channel"], campaign=within)
    of_kind = max(prior.sd**2 - SCATTER**2, (prior.sd / 2) ** 2)
    kind = Uplift(mean=prior.mean, sd=float(np.sqrt(of_kind)))
    scatter = float(np.sqrt(prior.sd**2 - of_kind))
    _, posterior = _mean_and_scatter(_likelihoods(apart), kind, scatter=scatter)
    return _of_any(posterior)


def _both_arms(counted: pd.DataFrame, which: pd.Series) -> pd.DataFrame:
    """Return the rows of campaigns in which both arms have somebody."""
    mine = counted[which]
    sizes = mine.groupby("campaign")[["sent", "control"]].sum()
    return mine[mine["campaign"].isin(sizes.index[(sizes > 0).all(axis=1)])]


def _likelihoods(counted: pd.DataFrame) -> dict[str, Floats]:
    """Return by segment the log-likelihood of each shift; campaigns are compared within themselves."""
    cells = counted.groupby(["segment", "campaign"])[COUNTS].sum()
    found: dict[str, Floats] = {}
    for (segment, _), cell in cells.iterrows():
        both, sent = int(cell["sent_bought"]), int(cell["sent"])
        bought, n = both + int(cell["control_bought"]), sent + int(cell["control"])
        found[segment] = found.get(segment, 0.0) + _cell(both, sent, bought, n)
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


def _mean_and_scatter(
    seen: dict[str, Floats], prior: Uplift, *, scatter: float = SCATTER
) -> tuple[Floats, Floats]:
    """Return by scatter and mean: each segment's log-likelihood, and the joint posterior (adds up to 1)."""
    means = np.array([[_smoothed(one, by) for one in seen.values()] for by in _SCATTERS])
    believed = norm.logpdf(_GRID, prior.mean, prior.sd)
    scatters = halfnorm.logpdf(_SCATTERS, scale=scatter) + np.log(np.gradient(_SCATTERS))
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


def _sentence(option: Option, now: Uplift, own: pd.DataFrame, like: pd.DataFrame) -> str:
    low, high = (np.exp(now.mean + side * 1.645 * now.sd) for side in (-1, 1))
    parts = [_source(own, "of its own")] if len(own) else []
    parts += [_source(like, "of its kind, by other offers or channels")] if len(like) else []
    return tell(
        "{option}: learned from {parts}. The odds to buy are believed to be {exp:.2f} times as "
        "high [{low:.2f}, {high:.2f}]; before, {exp2:.2f} times.",
        option=tell("{offer} by {channel}", offer=option.offer.name, channel=option.channel),
        parts=together(parts),
        exp=np.exp(now.mean),
        low=low,
        high=high,
        exp2=np.exp(option.uplift.mean),
    )


def _source(counted: pd.DataFrame, whose: str) -> str:
    campaigns, last = counted["campaign"].nunique(), counted["sent_on"].max()
    many, the_last = (
        (tell("{campaigns:,} campaigns", campaigns=campaigns), "the last ")
        if campaigns > 1
        else ("one campaign", "")
    )
    day = "" if pd.isna(last) else tell(", {the_last}sent on {last:%Y-%m-%d}", the_last=the_last, last=last)
    return tell(
        "{many} {whose} ({sent:,} customers who were sent it, {control:,} who were left alone{day})",
        many=many,
        whose=whose,
        sent=counted["sent"].sum(),
        control=counted["control"].sum(),
        day=day,
    )
