"""Customers who come, come back for a while, and stay away: MBG/NBD in a year with festivals.

Each customer buys at an own rate (gamma), may leave for good after every purchase, the first included (own
chance, beta), and spends around an own mean (gamma-gamma: Fader & Hardie 2013). The process runs on a clock
that festivals speed up for everybody, so the models' assumptions hold on that clock and nearly hold in days.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from generator import calendar


@dataclass(frozen=True)
class Habits:
    """How the customers of one shop behave.

    `r`, `alpha` (days): the gamma of the purchase rates; `a`, `b`: the beta of the chance to leave after a
    purchase; `p`, `q`: the shapes of gamma-gamma, with `mean_order` in yuan; `link`: how many per cent more
    a customer spends per standard deviation of the (log) rate, 0 = spend and frequency independent.
    """

    customers: int
    r: float
    alpha: float
    a: float
    b: float
    p: float
    q: float
    mean_order: float
    link: float
    seasons: Mapping[str, float]


def purchases(habits: Habits, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row per purchase: customer (a number), paid_at, value (yuan, not yet rounded)."""
    rate = rng.gamma(habits.r, 1 / habits.alpha, habits.customers)
    leaving = rng.beta(habits.a, habits.b, habits.customers)
    who, day = _visits(rate, leaving, calendar.season(habits.seasons), rng)
    scale = _spending(habits, rate, rng)
    value = rng.gamma(habits.p, 1, len(who)) * scale[who]
    found = pd.DataFrame({"customer": who, "paid_at": calendar.moments(day, rng), "value": value})
    return found.sort_values("paid_at", kind="stable", ignore_index=True)


def _visits(
    rate: np.ndarray, leaving: np.ndarray, weight: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return customer and day of every purchase; one pass of the loop is everybody's next purchase."""
    clock = np.concatenate([[0.0], np.cumsum(weight)])
    who = np.arange(len(rate))
    now = rng.uniform(0, clock[-1], len(rate))
    rounds = []
    while len(who):
        rounds.append((who, np.searchsorted(clock, now, side="right") - 1))
        stays = rng.random(len(who)) >= leaving[who]
        who, now = who[stays], now[stays]
        now = now + rng.exponential(1, len(who)) / rate[who]
        who, now = who[now < clock[-1]], now[now < clock[-1]]
    return np.concatenate([w for w, _ in rounds]), np.concatenate([d for _, d in rounds])


def _spending(habits: Habits, rate: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return each customer's gamma scale, such that the mean order over customers is `mean_order`."""
    own = (habits.q - 1) / rng.gamma(habits.q, 1, len(rate))
    log_rate = np.log(np.maximum(rate, 1e-12))
    tilt = np.exp(habits.link * (log_rate - log_rate.mean()) / log_rate.std())
    return habits.mean_order / habits.p * own * tilt / tilt.mean()
