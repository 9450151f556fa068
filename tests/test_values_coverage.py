"""The intervals hold what they promise, in a shop whose future is known.

Customers are simulated one purchase after the other, without any formula of the package: history and future
of the same person. The shop is lively, so that counts are large and 90 % can be met nearly exactly.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from clv import mbgnbd, spend, values
from clv.money.discount import daily_rate

N, DAYS, CLV_DAYS, DISCOUNT = 1500, 200, 365, 1.0
FOREVER = 15 / daily_rate(DISCOUNT)


def life(rng, age):
    """One MBG/NBD customer with Gamma-Gamma amounts: days and amounts of the repeat purchases."""
    rate, leaves = rng.gamma(3.0) / 30.0, rng.beta(1.0, 60.0)
    purchases = 0 if rng.random() < leaves else rng.geometric(leaves)
    days = np.cumsum(rng.exponential(1 / rate, purchases))
    days = days[days < age + FOREVER]
    return days, rng.gamma(5.0, size=len(days)) / (rng.gamma(4.0) / 100.0)


@pytest.fixture(scope="module")
def shop():
    rng = np.random.default_rng(11)
    delta, rows = daily_rate(DISCOUNT), []
    for _ in range(N):
        age = rng.uniform(50, 500)
        days, amounts = life(rng, age)
        before, ahead = days <= age, days - age
        worth = amounts * np.exp(-delta * ahead)
        soon, later = (ahead > 0) & (ahead <= CLV_DAYS), ahead > CLV_DAYS
        rows.append(
            {
                "frequency": before.sum(),
                "recency": days[before].max(initial=0.0),
                "T": age,
                "monetary_value": amounts[before].mean() if before.any() else 0.0,
                "purchases": ((ahead > 0) & (ahead <= DAYS)).sum(),
                "clv": worth[soon].sum(),
                "residual_value": worth[later].sum(),
                "next_purchase_days": ahead[ahead > 0].min(initial=np.inf),
            }
        )
    return pd.DataFrame(rows, index=pd.Index([f"c{i}" for i in range(N)], name="customer_id"))


@pytest.fixture(scope="module")
def scores(shop):
    return values.score(
        shop,
        mbgnbd.fit(shop),
        spend.fit(shop),
        days=DAYS,
        clv_days=CLV_DAYS,
        yearly_discount=DISCOUNT,
        rng=np.random.default_rng(12),
        draws=200,
    )


def covered(scores, truth, name, who):
    inside = (truth[name] >= scores[name + "_low"]) & (truth[name] <= scores[name + "_high"])
    return inside[who].mean()


@pytest.mark.parametrize("name", ["clv", "purchases"])
def test_intervals_of_living_customers_cover_90_percent(scores, shop, name):
    """Of those who are alive for certain: where many futures are exactly 0, 90 % can only be exceeded."""
    lively = (scores["p_alive"] > 0.97) & (scores["purchases"] > 5)
    assert lively.sum() > 400
    assert 0.88 <= covered(scores, shop, name, lively) <= 0.92


@pytest.mark.parametrize("name", ["clv", "purchases", "residual_value", "next_purchase_days"])
def test_intervals_of_everybody_cover_at_least_90_percent(scores, shop, name):
    assert covered(scores, shop, name, slice(None)) >= 0.885


def test_misses_lie_on_both_sides(scores, shop):
    lively = (scores["p_alive"] > 0.97) & (scores["purchases"] > 5)
    low = (shop["clv"] < scores["clv_low"])[lively].mean()
    high = (shop["clv"] > scores["clv_high"])[lively].mean()
    assert 0.02 <= low <= 0.08
    assert 0.02 <= high <= 0.08


def test_totals_cover_what_happened(shop):
    fit, money = mbgnbd.fit(shop), spend.fit(shop)
    terms = {"days": DAYS, "clv_days": CLV_DAYS, "yearly_discount": DISCOUNT}
    found = values.total(shop, fit, money, **terms, rng=np.random.default_rng(13), draws=100).loc["all"]
    for name in ("purchases", "clv", "residual_value"):
        assert found[name + "_low"] <= shop[name].sum() <= found[name + "_high"]
        assert found[name + "_high"] - found[name + "_low"] < 0.5 * found[name]


def test_a_chance_of_buying_comes_true_as_often_as_it_says(scores, shop):
    group = np.ceil(scores["p_buy"] * 5)
    bought = (shop["purchases"] > 0).groupby(group).agg(["mean", "size"])
    said = scores["p_buy"].groupby(group).mean()
    error = np.sqrt(said * (1 - said) / bought["size"])
    assert ((bought["mean"] - said).abs() <= 3.5 * error + 0.01).all()


def test_a_shop_whose_amounts_leave_the_spread_open_gets_sober_values():
    """All customers alike in what they spend: q may be anything, and one draw of it in two was no number."""
    rng = np.random.default_rng(14)
    x = np.array([0] * 300 + [1] * 45 + [2] * 15)
    amounts = np.where(x > 0, rng.gamma(1.2 * np.maximum(x, 1)) * 1300 / np.maximum(x, 1), 0.0)
    people = pd.DataFrame({"frequency": x, "recency": 200.0 * (x > 0), "T": 500.0, "monetary_value": amounts})
    fit = spend.fit(people)
    open_q = np.array([[0.07, 0.0, 0.0], [0.0, 86.0, 89.5], [0.0, 89.5, 93.2]])
    loose = replace(fit, covariance=pd.DataFrame(open_q, index=list("pqv"), columns=list("pqv")))
    for model in loose.draws(200, rng=rng):
        assert model.q > 1
        assert model.mean <= 3 * fit.model.mean
    people = people.rename_axis("customer_id").set_axis([f"c{n}" for n in range(len(people))])
    scores = values.score(people.rename_axis("customer_id"), mbgnbd.fit(people), loose, rng=rng, draws=99)
    assert np.isfinite(scores[["clv_low", "clv", "clv_high", "residual_value_high"]]).all(axis=None)
    assert scores["clv_high"].max() < 100 * fit.model.mean
