"""What each customer is worth: chances, purchases and money to come, each with a 90 % interval.

The values are closed forms at the fitted parameters; the intervals come from drawn futures (intervals.py) and
hold what the fit does not know, how customers differ and chance. A customer who will most likely never come
back thus has an expected value above zero and an interval from 0 to 0: both are true.
"""

import numpy as np
import pandas as pd

from clv import spend, tables
from clv.btyd.fits import Fit
from clv.btyd.histories import Array, distinct, read
from clv.btyd.model import Model, non_negative, scalar, whole
from clv.errors import InputError, SettingError
from clv.language import tell
from clv.money.discount import daily_rate, discounted_purchases
from clv.money.futures import TOO_LATE
from clv.money.gammagamma import GammaGamma
from clv.money.intervals import NAMES, Terms, ends, intervals, of_exactly, one_future
from clv.spend import SpendFit

_PEOPLE = 50_000  # customers whose futures are drawn at once for totals
_SOONEST = 1e-6  # days; a next purchase is looked for between this and TOO_LATE


def score(
    customers: pd.DataFrame,
    fit: Fit,
    spend_fit: SpendFit | None = None,
    *,
    days: float = 90,
    clv_days: float = 365,
    yearly_discount: float = 0.10,
    margin: float = 1.0,
    rng: np.random.Generator,
    draws: int = 200,
) -> pd.DataFrame:
    """Return what the fitted models say about each customer.

    Parameters
    ----------
    customers
        A CUSTOMERS table (frequency, recency, T, monetary_value at least).
    fit, spend_fit
        Fits of the purchases and of the amounts; without the latter each customer's own mean, weighed
        against one purchase at the shop's mean, stands in.
    days
        Horizon of `p_buy` and `purchases`.
    clv_days
        Horizon of `clv`; `residual_value` is all that comes after it.
    yearly_discount
        Rate above 0 at which later money counts less: money in a year is divided by 1 + rate.
    margin
        Share of the money that is the shop's to keep.
    draws
        Drawn futures behind every interval; at least 20.

    Returns
    -------
    A SCORES table; money as in `customers`, times `margin`.

    Raises
    ------
    InputError
        A column is missing or a row breaks a rule.
    SettingError
        A horizon, rate, margin or number of draws is out of range.
    """
    terms = _terms(days, clv_days, yearly_discount, margin)
    _check_draws(draws)
    amounts = _amounts(customers, spend_fit)
    values = _expected(customers, fit.model, amounts.model, terms, yearly_discount)
    bounds = intervals(customers, fit.draws(draws, rng=rng), amounts.draws(draws, rng=rng), terms, rng=rng)
    found = pd.concat([values, bounds], axis=1)
    columns = [name + end for name in NAMES for end in ("", "_low", "_high")]
    return tables.check(found[columns].rename_axis(index="customer_id"), tables.SCORES)


def expected(
    customers: pd.DataFrame,
    fit: Fit,
    spend_fit: SpendFit | None = None,
    *,
    days: float = 90,
    clv_days: float = 365,
    yearly_discount: float = 0.10,
    margin: float = 1.0,
) -> pd.DataFrame:
    """Return the values of `score` without their intervals, which take nearly all of its time.

    Parameters
    ----------
    customers, fit, spend_fit, days, clv_days, yearly_discount, margin
        As in `score`.

    Returns
    -------
    One row per customer, same index: p_alive, p_buy, purchases, clv, residual_value, next_purchase_days.

    Raises
    ------
    InputError, SettingError
        As in `score`.
    """
    terms = _terms(days, clv_days, yearly_discount, margin)
    return _expected(customers, fit.model, _amounts(customers, spend_fit).model, terms, yearly_discount)


def _expected(
    customers: pd.DataFrame, model: Model, amounts: GammaGamma, terms: Terms, yearly_discount: float
) -> pd.DataFrame:
    pays, known = terms.margin * amounts.expected_spend(customers), {"yearly_discount": yearly_discount}
    values = {
        "p_alive": model.p_alive(customers),
        "p_buy": model.p_buy(customers, days=terms.days),
        "purchases": model.expected_purchases(customers, days=terms.days),
        "clv": pays * discounted_purchases(model, customers, end=terms.clv_days, **known),
        "residual_value": pays * discounted_purchases(model, customers, start=terms.clv_days, **known),
        "next_purchase_days": next_purchase_days(model, customers),
    }
    return pd.DataFrame(values, index=customers.index)


def total(
    customers: pd.DataFrame,
    fit: Fit,
    spend_fit: SpendFit | None = None,
    *,
    groups: pd.Series | None = None,
    days: float = 90,
    clv_days: float = 365,
    yearly_discount: float = 0.10,
    margin: float = 1.0,
    rng: np.random.Generator,
    draws: int = 200,
) -> pd.DataFrame:
    """Return expected purchases and CLV of all customers together, or of each group, with 90 % intervals.

    The parameters are drawn once for everybody, the futures for each customer alone: the first kind of doubt
    adds up over customers, the second averages out.

    Parameters
    ----------
    groups
        Name of each customer's group (a decile, a segment), same index as `customers`; None: one group.
    days, clv_days, yearly_discount, margin, draws
        As in `score`.

    Returns
    -------
    One row per group, sorted by its name: customers, purchases (within `days`), clv, residual_value, each of
    the three with _low and _high.

    Raises
    ------
    InputError, SettingError
        As in `score`; also when `groups` leaves out a customer.
    """
    terms = _terms(days, clv_days, yearly_discount, margin)
    _check_draws(draws)
    amounts = _amounts(customers, spend_fit)
    names, code = _groups(customers, groups)
    model, pays = fit.model, margin * amounts.model.expected_spend(customers)
    known = {"yearly_discount": yearly_discount}
    points = {
        "purchases": model.expected_purchases(customers, days=days),
        "clv": pays * discounted_purchases(model, customers, end=clv_days, **known),
        "residual_value": pays * discounted_purchases(model, customers, start=clv_days, **known),
    }
    pairs = zip(fit.draws(draws, rng=rng), amounts.draws(draws, rng=rng), strict=True)
    drawn = np.sort([_sums(customers, *pair, terms, code, len(names), rng=rng) for pair in pairs], axis=0)
    low, high = ends(draws)
    found = pd.DataFrame({"customers": np.bincount(code, minlength=len(names))}, index=names)
    for i, (name, values) in enumerate(points.items()):
        found[name] = np.bincount(code, weights=values, minlength=len(names))
        found[name + "_low"], found[name + "_high"] = drawn[low, i], drawn[high, i]
    return found


def p_exactly(
    customers: pd.DataFrame,
    fit: Fit,
    *,
    n: int,
    days: float,
    rng: np.random.Generator,
    draws: int = 200,
) -> pd.DataFrame:
    """Return P(exactly `n` purchase days within the next `days` days) with its 90 % interval.

    Returns
    -------
    Same index as `customers`: p, low, high.

    Raises
    ------
    InputError, SettingError
        As in `score`; also when `n` is no whole number.
    """
    _check_draws(draws)
    count, horizon = whole(n, name="n"), scalar(days, name="days")
    p = fit.model.p_exactly(customers, n=count, days=horizon)
    low, high = of_exactly(customers, fit.draws(draws, rng=rng), n=count, days=horizon, rng=rng)
    return pd.DataFrame({"p": p, "low": low, "high": high}, index=customers.index)


def next_purchase_days(model: Model, customers: pd.DataFrame) -> pd.Series:
    """Return the days until the chance of having bought again reaches one half, inf beyond ten years."""
    alive = model.p_alive(customers).to_numpy()
    x, _, T = read(customers)
    found = np.full(len(customers), np.inf)
    hopeful = np.flatnonzero(alive > 0.5)
    (x, T, alive), where = distinct(x[hopeful], T[hopeful], alive[hopeful])
    low, high = np.full(len(x), np.log(_SOONEST)), np.full(len(x), np.log(TOO_LATE))
    for _ in range(60):
        middle = (low + high) / 2
        bought = alive * model.buys_if_alive(x, T, np.exp(middle)) >= 0.5
        low, high = np.where(bought, low, middle), np.where(bought, middle, high)
    found[hopeful] = np.where(high < np.log(TOO_LATE), np.exp(high), np.inf)[where]
    return pd.Series(found, index=customers.index, name="next_purchase_days")


def _sums(
    customers: pd.DataFrame,
    model: Model,
    spend_model: GammaGamma,
    terms: Terms,
    code: Array,
    n: int,
    *,
    rng: np.random.Generator,
) -> Array:
    """One drawn future of everybody: purchases, clv, residual value (rows) of each group (columns)."""
    sums = np.zeros((3, n))
    for i in range(0, len(customers), _PEOPLE):
        part = slice(i, i + _PEOPLE)
        drawn = one_future(customers.iloc[part], model, spend_model, terms, rng=rng)
        sums += [np.bincount(code[part], weights=row, minlength=n) for row in drawn]
    return sums


def _terms(days: float, clv_days: float, yearly_discount: float, margin: float) -> Terms:
    for name, value in (("days", days), ("clv_days", clv_days), ("margin", margin)):
        if non_negative(value, name=name).ndim:
            raise SettingError(tell("{name} must be one number.", name=name))
    return Terms(float(days), float(clv_days), daily_rate(yearly_discount), float(margin))


def _check_draws(draws: int) -> None:
    if not (isinstance(draws, (int, np.integer)) and draws >= 20):
        raise SettingError(
            tell("draws is {draws!r}; an interval needs a whole number of at least 20.", draws=draws)
        )


def _amounts(customers: pd.DataFrame, spend_fit: SpendFit | None) -> SpendFit:
    if "monetary_value" not in customers:
        raise InputError(
            tell("the customers table lacks the column 'monetary_value'; `clv customers` makes it.")
        )
    return spend.stand_in(customers, "none was asked for") if spend_fit is None else spend_fit


def _groups(customers: pd.DataFrame, groups: pd.Series | None) -> tuple[pd.Index, Array]:
    if groups is None:
        return pd.Index(["all"]), np.zeros(len(customers), dtype=int)
    mine = groups.reindex(customers.index)
    if mine.isna().any():
        raise InputError(
            tell("groups names no group for {isna} customer(s); give each one.", isna=mine.isna().sum())
        )
    names, code = np.unique(mine.to_numpy(), return_inverse=True)
    return pd.Index(names, name=groups.name), code
