"""Do the bands of the reports hold what comes? Simulation-based calibration with shops whose future is known.

Each replication draws a truth around the shop's, lets its customers live until a year from now, hides that
year from the fit, and asks the functions behind the reports for their bands.
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from clv import holdout, spend, values, worth
from clv.btyd.fits import Fit
from clv.models import fit_by_name
from clv.money.discount import daily_rate
from clv.money.intervals import Terms, one_future
from clv.spend import SpendFit
from clv.split import Split
from validation.shops import SHOPS, Shop, future, history, lives

DAYS, MONEY_DAYS, DISCOUNT = 180, 365, 0.10
TERMS = {"days": DAYS, "clv_days": MONEY_DAYS, "yearly_discount": DISCOUNT}
DRAWS = 99  # so that the rank of what came among them is one of 100
JITTER = 0.2  # spread of the logarithms of a truth's parameters from one replication to the next
CHUNK = 5  # replications with random numbers of their own
BINS = 20
BAND = (0.05, 0.95)
Array = np.ndarray


class Known(NamedTuple):
    """One replication: what was known, what was fitted, what then came."""

    customers: pd.DataFrame
    fit: Fit
    money: SpendFit
    came: pd.DataFrame


class Held(NamedTuple):
    """Where a band held what came, and the rank of what came among drawn futures (0 to 1)."""

    inside: Array
    rank: Array


def chunk(model: str, name: str, *, size: int, seed: tuple[int, int]) -> pd.DataFrame:
    """Return a row per replication and band: shares held and exactly held, and of ranks in each bin.

    Returns
    -------
    model, shop, customers, replication, band, covered (ends included), exact (rank between 5 % and 95 %), and
    bin_0 … (share of ranks).
    """
    rng = np.random.default_rng(seed)
    shop = SHOPS[model, name]
    found = [
        {"replication": k, "band": band, **_shares(held)}
        for k in range(CHUNK)
        for band, held in _one(_known(shop, size, rng), rng).items()
    ]
    return pd.DataFrame(found).assign(model=model, shop=name, customers=size)


def summed(looked: pd.DataFrame) -> pd.DataFrame:
    """Return one row per shop and band: coverage with its Monte-Carlo error, on how many replications."""
    found = looked.groupby(["model", "shop", "customers", "band"], sort=False)
    table = pd.DataFrame({"replications": found.size()})
    for name in ("covered", "exact"):
        table[name] = found[name].mean()
        table[name + "_error"] = found[name].std() / np.sqrt(found.size())
    return table.reset_index()


def ranks(looked: pd.DataFrame) -> pd.DataFrame:
    """Return the share of ranks in each bin, all shops together: band, bin, share."""
    bins = [f"bin_{k}" for k in range(BINS)]
    table = looked.groupby("band", sort=False)[bins].mean().set_axis(range(BINS), axis=1)
    return table.reset_index().melt("band", var_name="bin", value_name="share").sort_values(["band", "bin"])


def _known(shop: Shop, size: int, rng: np.random.Generator) -> Known:
    while True:  # a shop where nobody ever came back says nothing
        lived = lives(_moved(shop, rng), size, horizon=MONEY_DAYS, rng=rng)
        customers = history(lived)
        if customers["frequency"].any():
            came = future(lived, days=DAYS, money_days=MONEY_DAYS, delta=daily_rate(DISCOUNT))
            return Known(customers, fit_by_name(shop.truth.name, customers), spend.fit(customers), came)


def _moved(shop: Shop, rng: np.random.Generator) -> Shop:
    truth = shop.truth.parameters
    moved = np.array(list(truth.values())) * np.exp(JITTER * rng.standard_normal(len(truth)))
    return shop._replace(truth=type(shop.truth)(*map(float, moved)))


def futures(known: Known, rng: np.random.Generator) -> Array:
    """Return drawn futures as `values.total` draws them: draws x (purchases, money) x customers."""
    models, spends = known.fit.draws(DRAWS, rng=rng), known.money.draws(DRAWS, rng=rng)
    terms = Terms(DAYS, MONEY_DAYS, daily_rate(DISCOUNT), 1.0)
    pairs = zip(models, spends, strict=True)
    return np.array([one_future(known.customers, *pair, terms, rng=rng)[:2] for pair in pairs])


def _one(known: Known, rng: np.random.Generator) -> dict[str, Held]:
    """Ask for every band of a shop and see what it held."""
    customers, fit, money, came = known
    drawn = futures(known, rng)
    scores = values.score(customers, fit, money, **TERMS, rng=rng, draws=DRAWS)
    total = values.total(customers, fit, money, **TERMS, rng=rng, draws=DRAWS)
    later = holdout.totals(_split(known), fit, rng=rng, draws=DRAWS)
    tenths = worth.tenths(
        customers, fit, money, days=MONEY_DAYS, yearly_discount=DISCOUNT, rng=rng, actual=came["money"]
    )
    held = {}
    for i, (what, column) in enumerate({"purchases": "purchases", "money": "clv"}.items()):
        truth = came[what].to_numpy()
        held["a customer's " + what] = Held(_within(scores, column, truth), rank(drawn[:, i], truth, rng))
        sums = rank(drawn[:, i].sum(axis=1, keepdims=True), truth.sum(keepdims=True), rng)
        held["all " + what] = Held(_within(total, column, truth.sum()), sums)
        if what == "purchases":
            held["all purchases of a holdout"] = Held(_inside(later, "actual"), sums)
    held["a tenth's money"] = Held(_inside(tenths, "actual"), _tenth_ranks(drawn[:, 1], scores, came, rng))
    return held


def _split(known: Known) -> Split:
    """Dress a replication as a split in time (the path of repeats is not asked for)."""
    end = date(2024, 12, 31)
    later = known.came.rename(columns={"money": "spend"})
    return Split(known.customers, later, pd.Series(dtype=float), end, end + timedelta(days=DAYS))


def _within(table: pd.DataFrame, name: str, truth: Array) -> Array:
    return np.atleast_1d(((table[name + "_low"] <= truth) & (truth <= table[name + "_high"])).to_numpy())


def _inside(table: pd.DataFrame | pd.Series, name: str) -> Array:
    return np.atleast_1d((table["low"] <= table[name]) & (table[name] <= table["high"]))


def _tenth_ranks(paid: Array, scores: pd.DataFrame, came: pd.DataFrame, rng: np.random.Generator) -> Array:
    place = scores["clv"].rank(method="average", ascending=False, pct=True)
    names, tenth = np.unique(np.ceil(place * 10), return_inverse=True)  # as `worth.tenths` makes them
    member = np.eye(len(names))[tenth]
    return rank(paid @ member, came["money"].to_numpy() @ member, rng)


def rank(drawn: Array, truth: Array, rng: np.random.Generator) -> Array:
    """Return the place of each truth among its draws (rows), from 0 to 1; among equals it is drawn."""
    lower, equal = (drawn < truth).sum(axis=0), (drawn == truth).sum(axis=0)
    return (lower + rng.random(len(truth)) * (equal + 1)) / (len(drawn) + 1)


def _shares(held: Held) -> dict[str, float]:
    exact = (held.rank >= BAND[0]) & (held.rank <= BAND[1])
    bins = np.histogram(held.rank, BINS, (0, 1))[0] / len(held.rank)
    found = {"covered": held.inside.mean(), "exact": exact.mean()}
    return found | {f"bin_{k}": value for k, value in enumerate(bins)}
