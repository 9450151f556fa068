"""Drawn futures of a plan, each beside the same future in which nothing is sent.

In every draw the offers' uplifts and the base rates are drawn once for all, and each customer's luck once:
whether it buys, what it orders, whether it redeems or opts out. The arm that is left alone lives through the
same draw, so the difference is what the offers did and nothing else. Rival plans meet the same luck.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from clv.baseline import Baseline
from clv.errors import SettingError
from clv.language import tell
from clv.offering.baskets import Floats
from clv.offering.options import Option
from clv.offers import People

BAND = (0.05, 0.95)
Plans = Mapping[str, NDArray[np.int64]]


def simulate(
    people: People,
    options: Sequence[Option],
    plans: Plans,
    *,
    margin: float,
    draws: int,
    rng: np.random.Generator,
    baseline: Baseline | None = None,
    rows: NDArray | None = None,
) -> pd.DataFrame:
    """Return the incremental profit of each plan in each drawn future.

    Parameters
    ----------
    plans
        By name: the number of each customer's option, -1 for nothing.
    draws
        Drawn futures; at least 1.
    baseline, rows
        Where the chances come from, and the customers' rows in it: then what the past leaves open about them
        is drawn too. Without them `people.p0` is held.

    Returns
    -------
    One row per draw, one column per plan (money).
    """
    if draws < 1:
        raise SettingError(tell("draws is {draws}; a simulation needs at least 1.", draws=draws))
    opinions = [option.opinion or option.name for option in options]
    sent = [_Sent.of(people, options, chosen, margin=margin) for chosen in plans.values()]
    found = np.empty((draws, len(sent)))
    for draw in range(draws):
        p0 = people.p0 if baseline is None else baseline.drawn(rows, rng=rng)
        luck = _Luck.drawn(len(people), opinions, rng=rng)
        bought = [one.bought(p0, luck) for one in sent]
        either = np.flatnonzero(np.any([a | b for a, b in bought], axis=0))
        orders = _Orders.drawn(people, either, rng=rng)
        found[draw] = [
            one.earned(orders, with_offer[either], without[either]) - one.spent(luck)
            for one, (with_offer, without) in zip(sent, bought, strict=True)
        ]
    return pd.DataFrame(found, columns=list(plans))


def summary(profits: Floats | pd.Series) -> dict[str, float]:
    """Return mean, low and high (5 and 95 %), and the chance to earn anything at all."""
    low, high = np.quantile(profits, BAND)
    return {
        "profit": float(np.mean(profits)),
        "low": float(low),
        "high": float(high),
        "chance_positive": float(np.mean(np.asarray(profits) > 0)),
    }


class _Luck(NamedTuple):
    """What one future holds for each customer, whatever is sent; and each option's standardised uplift.

    Options of one opinion, such as one offer by several channels, are right or wrong together.
    """

    buys: Floats
    leaves: Floats
    takes: Floats
    shifts: Floats

    @classmethod
    def drawn(cls, people: int, opinions: Sequence[str], *, rng: np.random.Generator) -> "_Luck":
        names, code = np.unique(opinions, return_inverse=True)
        return cls(*rng.random((3, people)), rng.standard_normal(len(names))[code])


class _Orders(NamedTuple):
    """What those who buy (rows) order, and whether they redeem, or would have come later anyway."""

    rows: NDArray
    money: Floats
    redeems: Floats
    early: Floats

    @classmethod
    def drawn(cls, people: People, rows: NDArray, *, rng: np.random.Generator) -> "_Orders":
        return cls(rows, people.baskets.drawn(rows, rng=rng), *rng.random((2, len(rows))))


@dataclass(frozen=True, eq=False)
class _Sent:
    """A plan laid out by customer: the option of each, and the option's terms beside it."""

    options: Sequence[Option]
    margin: float
    chosen: NDArray[np.int64]
    reach_value: Floats
    mean: Floats
    sd: Floats
    terms: pd.DataFrame

    @classmethod
    def of(cls, people: People, options: Sequence[Option], chosen: NDArray, *, margin: float) -> "_Sent":
        mean, sd = np.zeros(len(people)), np.zeros(len(people))
        for number, option in enumerate(options):
            rows = np.flatnonzero(chosen == number)
            mean[rows], sd[rows] = option.believed(people.segment[rows])
        terms = pd.DataFrame(
            [_terms(option) for option in options] + [dict.fromkeys(_terms(options[0]), 0.0)]
        )
        return cls(
            options, margin, chosen, people.reach_value, mean, sd, terms.iloc[chosen].reset_index(drop=True)
        )

    def bought(self, p0: Floats, luck: _Luck) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Return who buys with the plan and who buys without it; nothing sent, nothing changed."""
        shift = self.mean + self.sd * np.append(luck.shifts, 0.0)[self.chosen]
        return luck.buys < expit(logit(p0) + shift), luck.buys < p0

    def earned(self, orders: _Orders, with_offer: NDArray, without: NDArray) -> float:
        """Return the margin of purchases won, less that of purchases lost and what was given away."""
        rows, chosen = orders.rows, self.chosen[orders.rows]
        terms = self.terms.iloc[rows]
        won, lost, anyway = with_offer & ~without, without & ~with_offer, with_offer & without
        early = orders.early < terms["pull_forward"].to_numpy()
        redeemed = won & (orders.redeems < terms["redeemed_by_new"].to_numpy())
        often = terms["anyway"].to_numpy()
        redeemed |= anyway & (orders.redeems < often)
        given = np.zeros(len(rows))
        for number in np.unique(chosen[redeemed]):
            mine = redeemed & (chosen == number)
            given[mine] = self.options[number].given_on(orders.money[mine])
        given = np.where(anyway, given * np.maximum(often, 1.0), given)  # some redeem after the window too
        margins = self.margin * orders.money * ((won & ~early).astype(float) - lost)
        return float((margins - given)[chosen >= 0].sum())

    def spent(self, luck: _Luck) -> float:
        """Return what contacts, opt-outs and services taken up cost."""
        left = self.reach_value[luck.leaves < self.terms["opt_out"].to_numpy()].sum()
        taken = self.terms["service"].to_numpy() * (luck.takes < self.terms["taken_up"].to_numpy())
        return float(self.terms["contact"].sum() + left + taken.sum())


def _terms(option: Option) -> dict[str, float]:
    offer, service = option.offer, option.offer.kind == "service"
    return {
        "contact": option.via.cost,
        "opt_out": option.via.opt_out,
        "pull_forward": offer.pull_forward,
        "redeemed_by_new": offer.redeemed_by_new,
        "anyway": option.anyway,
        "service": float(offer.cost) if service else 0.0,
        "taken_up": offer.taken_up if service else 0.0,
    }
