"""Do simulated shops give their parameters back, and do the intervals hold the truth as often as they say?"""

import numpy as np
import pandas as pd

from clv import spend
from clv.btyd import profiles
from clv.btyd.fits import Fit
from clv.models import MODELS, fit_by_name, intervals
from clv.money.intervals import ends
from validation.shops import SHOPS, Shop, history, lives

SIZES = (300, 1000, 3000)
YEAR = "purchases in a year"
CHUNK = 50  # replications with random numbers of their own, so that a run can be cut short or carried on
_WHOLE = 2  # of a chunk: whole intervals are found, to see how many have no end
_DRAWN = 15  # of a chunk: the forecast for a new customer is drawn
_DRAWS = 99
_DAYS = 365.0
KEY = ["model", "shop", "customers"]


def replications(model: str) -> int:
    """Return how many shops of a size are simulated; a fit of Pareto/NBD takes twenty times as long."""
    return 100 if model == "paretonbd" else 1000


def sizes(model: str) -> tuple[int, ...]:
    """Return how many customers the shops have."""
    return (1000,) if model == "paretonbd" else SIZES


def chunk(model: str, name: str, size: int, *, seed: tuple[int, int]) -> pd.DataFrame:
    """Return a row per replication and quantity: log(found / true), and whether intervals hold the truth.

    Returns
    -------
    model, shop, customers, replication, quantity, truth, missed, normal (held by standard errors), profile
    (held by profile likelihood), open (without upper end; where looked for), at_limit.
    """
    rng = np.random.default_rng(seed)
    one = _of_amounts if model == "gammagamma" else _of_purchases
    shop = SHOPS["bgnbd" if model == "gammagamma" else model, name]
    looked = [one(shop, size, k, rng).assign(replication=k) for k in range(CHUNK)]
    return pd.concat(looked).assign(model=model, shop=name, customers=size)


def summed(looked: pd.DataFrame) -> pd.DataFrame:
    """Return one row per cell and quantity: how far off, how often covered, on how many replications."""
    found = looked.groupby([*KEY, "quantity"], sort=False)
    missed = found["missed"]
    table = pd.DataFrame(
        {
            "truth": found["truth"].first(),
            "replications": found.size(),
            "at_limit": found["at_limit"].mean(),
            "bias": missed.mean(),
            "bias_error": missed.std() / np.sqrt(missed.size()),
            "median_bias": missed.median(),
            "covered_normal": found["normal"].mean(),
            "covered": found["profile"].mean(),
            "open": found["open"].mean(),
        }
    )
    return table.reset_index()


def _of_purchases(shop: Shop, size: int, k: int, rng: np.random.Generator) -> pd.DataFrame:
    fit = _fit(shop, size, rng)
    truth = np.log(list(shop.truth.parameters.values()))
    missed = np.log(list(fit.model.parameters.values())) - truth
    opened = np.isinf(intervals(fit)["high"]).astype(float).to_numpy() if k < _WHOLE else np.nan
    found = pd.DataFrame(
        {
            "quantity": list(shop.truth.parameters),
            "truth": np.exp(truth),
            "missed": missed,
            "normal": np.abs(missed) <= profiles.REACH * np.sqrt(np.diag(fit.covariance)),
            "profile": held_by_profile(fit, truth),
            "open": opened,
        }
    ).astype({"normal": float, "profile": float})
    rows = [found, _year(fit, shop, rng)] if k < _DRAWN else [found]
    return pd.concat(rows).assign(at_limit=float(fit.limit is not None))


def _of_amounts(shop: Shop, size: int, k: int, rng: np.random.Generator) -> pd.DataFrame:
    truth = shop.amounts.parameters
    fit = spend.fit(history(lives(shop, size, horizon=0, rng=rng)))
    if fit.name != "gammagamma":  # too little to learn from: the report says so and uses means
        return pd.DataFrame()
    missed = np.log(list(fit.model.parameters.values())) - np.log(list(truth.values()))
    normal = np.abs(missed) <= profiles.REACH * np.sqrt(np.diag(fit.covariance))
    known = {"quantity": list(truth), "truth": list(truth.values()), "missed": missed}
    found = pd.DataFrame({**known, "normal": normal.astype(float), "profile": np.nan, "open": np.nan})
    return found.assign(at_limit=float(fit.limit is not None))


def _fit(shop: Shop, size: int, rng: np.random.Generator) -> Fit:
    while True:  # a shop where nobody ever came back says nothing
        customers = history(lives(shop, size, horizon=0, rng=rng))
        if customers["frequency"].any():
            return fit_by_name(shop.truth.name, customers)


def held_by_profile(fit: Fit, truth: np.ndarray) -> np.ndarray:
    """Return whether the profile interval of each parameter holds the log `truth`, by one climb for each."""
    profile = profiles.of(fit, MODELS[fit.name].surface(fit.rows, fit.counts))
    return np.array([_holds(profile, i, truth) for i in range(len(truth))])


def _holds(profile: profiles.Profile, i: int, truth: np.ndarray) -> bool:
    if profile.normal(i):
        return abs(truth[i] - profile.best.point[i]) <= profiles.REACH * profile.errors[i]
    starts = (profile.best.point, truth)  # an interval is walked to its end, and so finds the higher hill
    return any(profile.fall(i, truth[i], start)[0] <= profiles.FALL for start in starts)


def _year(fit: Fit, shop: Shop, rng: np.random.Generator) -> pd.DataFrame:
    truth, found = (model.expected_new(days=_DAYS) for model in (shop.truth, fit.model))
    drawn = np.sort([model.expected_new(days=_DAYS) for model in fit.draws(_DRAWS, rng=rng)])
    low, high = drawn[list(ends(_DRAWS))]
    row = {"quantity": YEAR, "truth": truth, "missed": np.log(found / truth), "normal": np.nan}
    return pd.DataFrame([{**row, "profile": float(low <= truth <= high), "open": np.nan}])
