"""Expected orders and units by category: sums that agree, truth recovered, intervals that hold what came."""

import numpy as np
import pandas as pd
import pytest

import next_orders as shop
import shops_simulated
from clv import customers, demand, models
from clv.errors import NoAnswerError, SettingError
from clv.following import ahead, bought, missed

NAMES = np.array(["rings", "bars", "pearls"])


def stocked(rng, *, customers: int = 800, own: float = 0.0, days: int = 730) -> pd.DataFrame:
    """Return orders of a shop of the models whose customers keep to one category with chance `own`."""
    ordered = shops_simulated.orders(customers, rng=rng, days=days)
    taste = dict(
        zip(
            ordered["customer_id"].unique(),
            rng.choice(3, ordered["customer_id"].nunique(), p=[0.5, 0.3, 0.2]),
            strict=True,
        )
    )
    mine = ordered["customer_id"].map(taste).to_numpy()
    any_ = rng.choice(3, len(ordered), p=[0.5, 0.3, 0.2])
    return ordered.assign(category=NAMES[np.where(rng.random(len(ordered)) < own, mine, any_)])


def test_categories_add_up_to_what_the_model_expects(rng):
    ordered = stocked(rng)
    made = demand.expected(ordered, until=shop.UNTIL, days=90, draws=40, rng=rng)
    people = customers.summarise(ordered, until=shop.UNTIL)
    model = models.fit_by_name("mbgnbd", people).model
    assert made.table["known"].sum() == pytest.approx(model.expected_purchases(people, days=90).sum())
    assert made.table["orders"].to_numpy() == pytest.approx(
        (made.table["known"] + made.table["new"]).to_numpy()
    )
    assert (made.table["orders_low"] <= made.table["orders"]).all()
    assert (made.table["orders"] <= made.table["orders_high"]).all()


def test_pieces_follow_from_the_lines(rng):
    ordered = stocked(rng, customers=300)
    single = demand.expected(
        ordered, shop.lines(ordered), until=shop.UNTIL, days=30, draws=40, rng=np.random.default_rng(1)
    )
    triple = demand.expected(
        ordered,
        shop.lines(ordered, quantity=3.0),
        until=shop.UNTIL,
        days=30,
        draws=40,
        rng=np.random.default_rng(1),
    )
    assert single.table["units"].to_numpy() == pytest.approx(single.table["orders"].to_numpy())
    columns = ["units", "units_low", "units_high"]
    assert triple.table[columns].to_numpy() == pytest.approx(3 * single.table[columns].to_numpy())


def test_tastes_decide_what_known_customers_are_expected_to_buy():
    """Only lovers of bars bought lately; without regard to taste the shop's mix would be expected of them."""
    rng = np.random.default_rng(2)
    ordered = stocked(rng, customers=1500, own=0.9)
    first = ordered.sort_values("paid_at").drop_duplicates("customer_id").set_index("customer_id")["category"]
    lovers = ordered["customer_id"].map(first) == "bars"
    kept = ordered[lovers | (ordered["paid_at"] < "2025-03-01")]
    known = demand.expected(kept, until=shop.UNTIL, days=90, draws=20, rng=rng).table["known"]
    assert known["bars"] / known.sum() > 0.6
    assert (kept["category"] == "bars").mean() < 0.5


def test_without_tastes_the_mix_of_the_shop_is_expected():
    rng = np.random.default_rng(3)
    known = demand.expected(stocked(rng, customers=2500), until=shop.UNTIL, days=90, draws=20, rng=rng).table[
        "known"
    ]
    assert (known / known.sum()).reindex(NAMES).to_numpy() == pytest.approx([0.5, 0.3, 0.2], abs=0.03)


def test_new_customers_come_as_lately_and_come_back():
    """Two new customers a day until the end, each buying pearls first."""
    rng = np.random.default_rng(4)
    who, day = np.arange(1460), np.repeat(np.arange(730), 2)
    back = rng.random(1460) < 0.3
    again = shop.table(
        [f"c{n:04d}" for n in who[back]],
        np.minimum(day[back] + rng.integers(5, 200, back.sum()), 729),
        category=["bars"] * back.sum(),
    )
    ordered = pd.concat(
        [shop.table([f"c{n:04d}" for n in who], day, category=["pearls"] * 1460), again], ignore_index=True
    )
    ordered = ordered.assign(order_id=[f"o{n}" for n in range(len(ordered))])
    made = demand.expected(ordered, until="2026-06-30", days=30, draws=20, rng=rng)
    assert made.table.at["pearls", "new"] == pytest.approx(60, rel=0.05)
    assert 0 < made.table.at["bars", "new"] < 6


@pytest.mark.slow
def test_drawn_futures_hold_what_came_in_shops_without_seasons():
    """New customers come evenly for two years; on day 600 the next 60 days are drawn, without any season."""
    held, rng, day = [], np.random.default_rng(5), pd.Timestamp("2026-02-21")
    for _ in range(16):
        ordered = stocked(rng, customers=500, own=0.5, days=1460)
        holds = bought.of_orders(ordered, item="category")
        holds = holds.drop_duplicates(["customer_id", "day", "item"])
        now = demand._basis(ordered, holds, day)
        drawn, _ = ahead.drawn(now, 60, spread=(0.0, 0.0), draws=60, rng=rng)
        came = demand._came(holds, day, now.items, 60)
        low, high = np.quantile(drawn, [0.05, 0.95], axis=0)
        held += list((low <= came) & (came <= high))
    assert 0.8 <= np.mean(held) <= 0.99


def test_a_forecast_is_tried_on_the_past_and_knows_its_error(rng):
    made = demand.expected(stocked(rng), until=shop.UNTIL, days=60, draws=20, rng=rng)
    tried = made.tried
    assert tried["opens"].nunique() == 6 and len(tried) == 18
    assert made.error == pytest.approx((tried["expected"] - tried["came"]).abs().sum() / tried["came"].sum())
    assert made.before_error == pytest.approx(
        (tried["before"] - tried["came"]).abs().sum() / tried["came"].sum()
    )
    by = tried.groupby("opens")["came"].sum()
    assert (by == stocked_between(tried, by.index)).all()
    assert made.better_low < made.better < made.better_high and "missed by" in made.sentence


def stocked_between(tried: pd.DataFrame, opens: pd.Index) -> pd.Series:
    """Return what came in each period by what came before the next one."""
    before = tried.groupby("opens")["before"].sum()
    came = tried.groupby("opens")["came"].sum()
    return came.where(came.index == opens[-1], before.shift(-1))


def test_seasons_make_intervals_wider():
    tried = pd.DataFrame({"opens": np.repeat(np.arange(6), 2), "category": ["a", "b"] * 6, "expected": 100.0})
    calm = tried.assign(came=np.tile([98.0, 103.0], 6))
    seasons = tried.assign(came=np.repeat([40.0, 160.0, 70.0, 150.0, 60.0, 120.0], 2))
    assert missed.spread(calm) == pytest.approx((0.0, 0.0), abs=0.03)
    whole, own = missed.spread(seasons)
    assert whole > 0.3 and own == 0.0
    assert missed.spread(calm.iloc[:4]) == (missed.UNSEEN, missed.UNSEEN)


def test_short_histories_are_not_checked_and_without_categories_nothing_is_expected(rng):
    young = stocked(rng, customers=200, days=80)
    made = demand.expected(young, until="2024-09-18", days=30, draws=20, rng=rng)
    assert made.tried.empty and "not checked" in made.sentence and np.isnan(made.error)
    nothing = demand.expected(young.assign(category=None), until="2024-09-18", days=30, rng=rng)
    assert nothing.sentence == demand.WITHOUT and nothing.table.empty and nothing.tried.empty
    with pytest.raises(NoAnswerError, match="a forecast needs 30"):
        demand.expected(young.head(8), until="2024-09-18", days=30, rng=rng)
    with pytest.raises(SettingError, match="at least 1 day"):
        demand.expected(young, until="2024-09-18", days=0, rng=rng)


def test_customers_in_any_order_give_the_same_expectation(rng):
    ordered = stocked(rng, customers=300)
    tables = [
        demand.expected(t, until=shop.UNTIL, days=30, draws=20, rng=np.random.default_rng(1)).table["orders"]
        for t in (ordered, ordered.sample(frac=1, random_state=1))
    ]
    assert tables[0].to_numpy() == pytest.approx(tables[1].reindex(tables[0].index).to_numpy())


def test_the_weight_of_tastes_is_found_again():
    """Shares from a Dirichlet of weight 4 around the mix."""
    rng = np.random.default_rng(6)
    mix, n = np.array([0.5, 0.3, 0.2]), 3000
    counts = np.array([rng.multinomial(5, rng.dirichlet(4 * mix)) for _ in range(n)]).astype(float)
    rows, columns = np.nonzero(counts)
    found = ahead._weight(
        columns, counts[rows, columns], counts.sum(axis=1), counts.sum(axis=0) / counts.sum()
    )
    assert found == pytest.approx(4.0, rel=0.3)
