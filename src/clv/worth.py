"""What a shop owner reads off the values: tenths of the customers, two lists, the map of P(alive)."""

import numpy as np
import pandas as pd

from clv import models, values
from clv.btyd.fits import Fit
from clv.language import tell
from clv.money.discount import discounted_purchases
from clv.spend import SpendFit

NO_DISCOUNT = 1e-9  # a rate so small that money counts in full within any holdout


def tenths(
    customers: pd.DataFrame,
    fit: Fit,
    spend_fit: SpendFit,
    *,
    days: int,
    yearly_discount: float = NO_DISCOUNT,
    margin: float = 1.0,
    rng: np.random.Generator,
    actual: pd.Series | None = None,
) -> pd.DataFrame:
    """Return the value of the next `days` days by tenth of the customers, most valuable first.

    Customers of equal value stay together, so a tenth may hold more or less than its share, or nobody.

    Parameters
    ----------
    actual
        Money that each customer did bring in these days, where that is known (a holdout).

    Returns
    -------
    decile (1 = most valuable), customers, clv, low, high (means per customer, 90 % band), share (of all
    value), and `actual` (mean per customer) where given.
    """
    terms = {"clv_days": days, "yearly_discount": yearly_discount, "margin": margin}
    bought = discounted_purchases(fit.model, customers, end=days, yearly_discount=yearly_discount)
    decile = _decile(bought * spend_fit.model.expected_spend(customers))
    found = values.total(customers, fit, spend_fit, groups=decile, rng=rng, **terms)
    per_head = found[["clv", "clv_low", "clv_high"]].div(found["customers"], axis=0)
    table = per_head.set_axis(["clv", "low", "high"], axis=1).assign(
        customers=found["customers"], share=found["clv"] / (found["clv"].sum() or 1.0)
    )
    if actual is not None:
        table["actual"] = actual.groupby(decile).mean()
    names = ["customers", "clv", "low", "high", "share", *(["actual"] if actual is not None else [])]
    return table[names].rename_axis("decile").reset_index()


def most_valuable(customers: pd.DataFrame, scores: pd.DataFrame, *, top: int) -> pd.DataFrame:
    """Return the `top` customers by expected value: what they did, and what is expected of them."""
    best = scores.sort_values("clv", ascending=False, kind="stable").head(top)
    past = customers.loc[best.index, ["total_spend", "last_order"]]
    return past.join(best[["p_alive", "p_buy", "clv", "clv_high"]])


def slipping_away(customers: pd.DataFrame, scores: pd.DataFrame, *, top: int) -> pd.DataFrame:
    """Return the `top` repeat buyers who are more likely gone than not, by what they are worth if not.

    `at_stake` is the value if the customer is still one, clv / P(alive), less the value as it stands.

    Returns
    -------
    Index customer_id: orders, total_spend, last_order, days_since_last, p_alive, at_stake; most first.
    """
    mine = scores.loc[(customers["frequency"] > 0) & scores["p_alive"].between(0.05, 0.5, inclusive="left")]
    at_stake = (mine["clv"] / mine["p_alive"] - mine["clv"]).rename("at_stake")
    listed = at_stake.sort_values(ascending=False, kind="stable").head(top)
    past = customers.loc[listed.index, ["orders", "total_spend", "last_order", "days_since_last"]]
    return past.assign(p_alive=mine["p_alive"], at_stake=listed)


def at_risk(customers: pd.DataFrame, scores: pd.DataFrame, *, listed: pd.Index) -> pd.DataFrame:
    """Return every repeat buyer for the picture of those who slip away.

    Returns
    -------
    Index customer_id: p_alive; value (what the customer is worth if still one, clv / P(alive)); slipping (is
    in the list `listed`).
    """
    mine = scores[(customers["frequency"] > 0) & (scores["p_alive"] > 0)]
    found = pd.DataFrame({"p_alive": mine["p_alive"], "value": mine["clv"] / mine["p_alive"]})
    return found.assign(slipping=found.index.isin(listed))


def parameters(fit: Fit) -> pd.DataFrame:
    """Return the fitted parameters for reading: parameter, value, low, high (90 %; missing: without bound).

    By profile likelihood: in small shops, and on the edge of a limiting model, a standard error would promise
    more than the data hold.
    """
    ends = models.intervals(fit).replace([0.0, np.inf], np.nan)
    return (
        ends.assign(value=fit.model.parameters)[["value", "low", "high"]]
        .rename_axis("parameter")
        .reset_index()
    )


def one_timer_warning(customers: pd.DataFrame, fit: Fit) -> str | None:
    """Return what to beware of where the model takes every one-time buyer for a customer still; else None."""
    once = customers[customers["frequency"] == 0]
    if once.empty or (fit.model.p_alive(once) < 1).any():
        return None
    return tell(
        "{title} cannot see a one-time buyer leave: all {once:,} of them count as customers for "
        "certain, however long ago they bought. Read P(alive) for repeat buyers only. The chance "
        "to buy and the value within the horizon are as good as the hidden days showed; later "
        "value is not.",
        title=fit.model.title,
        once=len(once),
    )


def alive_map(customers: pd.DataFrame, fit: Fit, *, columns: int = 40, most: int = 12) -> pd.DataFrame:
    """Return P(alive) of customers who joined at the start, by repeat purchase days and age at the last one.

    Returns
    -------
    Wide: index frequency (0 to `most`), columns recency (days); missing where no customer can be.
    """
    T = int(customers["T"].max())
    recency = np.unique(np.linspace(0, T, columns).round()).astype(int)
    frequency = np.arange(min(int(customers["frequency"].max()), most) + 1)
    grid = pd.MultiIndex.from_product([frequency, recency], names=["frequency", "recency"]).to_frame(
        index=False
    )
    possible = grid[(grid["frequency"] > 0) == (grid["recency"] > 0)].assign(T=T)
    alive = fit.model.p_alive(possible)
    return possible.assign(p_alive=alive).pivot(index="frequency", columns="recency", values="p_alive")


def _decile(clv: pd.Series) -> pd.Series:
    place = clv.rank(method="average", ascending=False, pct=True)
    return np.ceil(place * 10).clip(1, 10).astype(int).rename("decile")
