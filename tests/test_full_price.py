"""Full price: what was taken off, from terms or list prices or not at all, and customers who wait for it."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from scipy.stats import betabinom

import next_orders as shop
import shops_simulated
from clv import full_price, plots
from clv.following import shares
from clv.measuring import rates
from every_figure import Legible, said


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def terms(ordered: pd.DataFrame, off, *, listed=None) -> pd.DataFrame:
    return pd.DataFrame({"order_id": ordered["order_id"], "list_amount": listed, "discount": off}).assign(
        delivered_on=pd.NaT, price_index=np.nan
    )


def world(rng, *, customers: int, weight: float, share: float = 0.6, orders: int = 6) -> full_price.Read:
    """Return orders at full price with a chance of each customer's own; `weight` infinite: all alike."""
    own = (
        np.full(customers, share)
        if np.isinf(weight)
        else rng.beta(weight * share, weight * (1 - share), customers)
    )
    who = np.repeat(np.arange(customers), rng.integers(1, orders + 1, customers))
    ordered = shop.table([f"c{n:04d}" for n in who], rng.integers(0, 700, len(who)), amount=80.0)
    full = rng.random(len(who)) < own[who]
    return full_price.read(ordered, terms=terms(ordered, np.where(full, 0.0, 20.0)))


# What was taken off


def test_the_export_says_what_was_taken_off():
    ordered = shop.orders(
        [("a", 0, None, 80.0), ("b", 1, None, 100.0), ("c", 2, None, 70.0), ("d", 3, None, 5.0)]
    )
    ordered.loc[2, "refunded"] = 20.0
    found = full_price.read(
        ordered, terms=terms(ordered, [20.0, 0.0, None, None], listed=[None, 100.0, 120.0, None])
    )
    assert found.orders["off"].tolist() == pytest.approx([0.2, 0.0, 0.25])
    assert found.orders["band"].tolist() == ["10 to 20 % off", "full price", "20 to 30 % off"]
    assert found.known == 0.75 and "75.0%" in found.said


def test_list_prices_of_items_tell_where_the_export_does_not():
    ordered = shop.orders([(f"c{n}", n, None, 90.0 if n % 4 == 0 else 100.0) for n in range(40)])
    found = full_price.read(ordered, shop.lines(ordered, amount=100.0))
    assert found.known == 1.0 and (found.orders["off"] > 0).sum() == 10
    assert "list prices" in found.said


@pytest.mark.parametrize("times", [1.0, 2.0])
def test_items_that_carry_what_was_paid_tell_nothing_nor_do_copies_of_lines(times):
    ordered = shop.orders([(f"c{n}", n, None, 90.0) for n in range(40)])
    told = shop.lines(ordered)
    copies = pd.concat([told, told.head(20)]) if times > 1 else told
    found = full_price.read(ordered, copies)
    assert found.orders.empty and found.known == 0
    assert "cannot be known" in found.said and "would tell" in found.said
    assert full_price.bands(found).empty and full_price.by_customer(found).empty
    assert np.isnan(full_price.shop(found)).all() and full_price.check(found, until=shop.UNTIL).empty
    table, differ = full_price.second_orders(found, ordered, until=shop.UNTIL)
    assert table.empty and np.isnan(differ)


# Shares


def test_bands_and_shares_add_up():
    found = world(np.random.default_rng(1), customers=300, weight=2.0)
    bands = full_price.bands(found)
    assert bands["share"].sum() == bands["money_share"].sum() == pytest.approx(1.0)
    assert bands["orders"].sum() == len(found.orders) and bands.index[0] == "full price"
    assert bands.at["full price", "share"] == full_price.shop(found)[0]
    assert full_price.by_customer(found)["orders"].sum() == len(found.orders)


def test_orders_of_one_customer_are_no_independent_witnesses():
    rng, held, plain = np.random.default_rng(2), 0, 0
    for _ in range(200):
        own = rng.beta(0.6, 0.4, 60)
        n = rng.integers(1, 12, 60).astype(float)
        k = rng.binomial(n.astype(int), own).astype(float)
        _, low, high = shares.of_all(k, n)
        held += low <= 0.6 <= high
        ends = rates.wilson(k.sum(), n.sum(), level=0.9)
        plain += ends[0] <= 0.6 <= ends[1]
    assert held / 200 == pytest.approx(0.9, abs=0.06) and plain / 200 < 0.75


def test_the_prior_is_that_of_the_beta_binomial():
    rng = np.random.default_rng(3)
    n = rng.integers(1, 9, 900)
    k = betabinom.rvs(n, 1.8, 1.2, random_state=rng)
    found = shares.prior(k.astype(float), n.astype(float))
    assert found.differ and found.a / (found.a + found.b) == pytest.approx(0.6, abs=0.03)
    assert found.a + found.b == pytest.approx(3.0, rel=0.35)


def test_customers_who_are_alike_are_not_told_apart():
    rng, named = np.random.default_rng(4), 0
    for _ in range(40):
        said = full_price.by_customer(world(rng, customers=150, weight=np.inf))["says"]
        named += (said != full_price.OPEN).any()
    assert named <= 4


def test_who_waits_for_discounts_is_found_and_later_orders_bear_it_out():
    found = world(np.random.default_rng(5), customers=900, weight=0.6)
    says = full_price.by_customer(found)["says"]
    assert (says == full_price.WAITS).sum() > 40 and (says == full_price.FULL).sum() > 100
    assert (says[full_price.by_customer(found)["orders"] == 1] == full_price.OPEN).all()
    later = full_price.check(found, until=shop.UNTIL)
    assert later.at[full_price.FULL, "low"] > 0.8 and later.at[full_price.WAITS, "high"] < 0.3


def test_shares_of_customers_are_held_by_their_intervals():
    rng = np.random.default_rng(6)
    own = rng.beta(1.2, 0.8, 3000)
    n = rng.integers(1, 8, 3000)
    kind = pd.Series(rng.random(n.sum()) < np.repeat(own, n))
    found = shares.by_customer(kind, pd.Series(np.repeat(np.arange(3000), n)))
    held = (found["low"] <= own) & (own <= found["high"])
    assert held.mean() == pytest.approx(0.90, abs=0.02)


def test_first_discounts_that_mean_nothing_are_not_said_to_matter():
    rng, apart = np.random.default_rng(7), 0
    for _ in range(40):
        ordered = shops_simulated.orders(300, rng=rng)
        off = rng.choice([0.0, 0.08, 0.25], len(ordered)) * ordered["amount"].to_numpy()
        _, differ = full_price.second_orders(
            full_price.read(ordered, terms=terms(ordered, off)), ordered, until=shop.UNTIL
        )
        apart += differ < 0.1
    assert apart <= 8  # one in ten, give or take


def test_first_discounts_that_matter_are_seen():
    rng = np.random.default_rng(8)
    ordered = shops_simulated.orders(2500, rng=rng)
    again = ordered["customer_id"].map(ordered["customer_id"].value_counts()) > 1
    off = np.where(again, 0.0, 0.25 * (rng.random(len(ordered)) < 0.4)) * ordered["amount"]
    found = full_price.read(ordered, terms=terms(ordered, off))
    table, differ = full_price.second_orders(found, ordered, until=shop.UNTIL)
    assert differ < 1e-6 and table.at["full price", "low"] > table.at["10 to 20 % off", "high"]
    assert table["customers"].sum() == 2500


# The figure


@pytest.mark.parametrize("weight", [2.0, np.inf])
class TestFullPrice(Legible):
    @pytest.fixture
    def draw(self, weight):
        found = world(np.random.default_rng(9), customers=60, weight=weight)
        back = pd.DataFrame({"share": [0.3, np.nan], "low": [0.2, np.nan], "high": [0.4, np.nan]})
        back.index = ["full price", "10 to 20 % off"]
        return lambda ax: plots.full_price(full_price.bands(found), back=back, days=180, ax=ax)


def test_the_figure_says_where_nothing_is_known():
    nothing = pd.DataFrame(columns=["orders", "share", "low", "high"])
    assert "cannot be known" in said(plots.full_price(nothing, back=nothing, days=180))[-1].replace("\n", " ")
