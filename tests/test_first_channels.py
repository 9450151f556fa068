"""Channels by the customers whom they brought: hands, coverage with late joiners, what chance looks like."""

import numpy as np
import pandas as pd
import pytest

from clv import first_channels, money_by_age, tables
from clv.errors import NoAnswerError

FIRST = np.datetime64("2024-07-01")
UNTIL = "2026-06-30"


def orders_of(rows: list[tuple]) -> pd.DataFrame:
    """ORDERS from (customer, time, amount, channel)."""
    frame = pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount", "channel"])
    frame["paid_at"] = pd.to_datetime(frame["paid_at"])
    frame["order_id"] = [f"o{i}" for i in range(len(frame))]
    frame = frame.assign(refunded=0.0, category=None, is_gift=False)
    return tables.check(frame[list(tables.ORDERS.columns)], tables.ORDERS)


def shop(
    rng: np.random.Generator, *, rates: dict[str, float], sizes: dict[str, int], money: float = 100.0
) -> pd.DataFrame:
    """Customers who join evenly over two years and then come at a rate per year; money is gamma (shape 2)."""
    names = np.repeat(list(sizes), list(sizes.values()))
    n, rate = len(names), np.array([rates[name] for name in names])
    joined = rng.integers(0, 730, n)
    more = rng.poisson(rate * (730 - joined) / 365)
    who = np.concatenate([np.arange(n), np.repeat(np.arange(n), more)])
    later = joined[who[n:]] + 1 + (rng.random(more.sum()) * (729 - joined[who[n:]])).astype(int)
    day = np.concatenate([joined, later])
    known = day < 730
    frame = pd.DataFrame({"customer_id": who.astype(str), "day": day, "channel": names[who]})[known]
    frame = frame.assign(amount=rng.gamma(2, money / 2, known.sum()).round(2) + 0.01)
    frame["paid_at"] = FIRST + frame["day"].to_numpy().astype("m8[D]")
    return orders_of(list(frame[["customer_id", "paid_at", "amount", "channel"]].itertuples(index=False)))


# Mean money by age


def test_without_late_joiners_it_is_the_plain_mean_with_its_plain_error(rng):
    money = rng.gamma(1, 50, 400)
    who, age = np.arange(400) % 100, np.repeat([0, 10, 40, 90], 100)
    value, error = money_by_age.mean(who, age, money, followed=np.full(100, 365), days=90)
    each = np.bincount(who, weights=money)
    assert value == pytest.approx(each.mean())
    assert error == pytest.approx(each.std() / np.sqrt(100))


def test_by_hand_with_one_who_joined_late():
    """A and b bring 10 at once, a 30 on day 5; b was followed for 3 days: 10 + 30 / 1."""
    found = money_by_age.mean(
        np.array([0, 1, 0]),
        np.array([0, 0, 5]),
        np.array([10.0, 10.0, 30.0]),
        followed=np.array([9, 3]),
        days=7,
    )
    assert found[0] == pytest.approx(40.0)
    # an age beyond which nothing is asked changes nothing
    same = money_by_age.mean(
        np.array([0, 1]), np.array([0, 0]), np.array([10.0, 10.0]), followed=np.array([9, 3]), days=3
    )
    assert same == pytest.approx((10.0, 0.0))


@pytest.mark.slow
def test_the_interval_holds_the_truth_nine_times_in_ten_and_late_joiners_do_not_bend_it():
    """First order 100, then 2 orders of 100 a year: 300 in a year, as seen in 150 small shops."""
    rng, held, values = np.random.default_rng(3), [], []
    for _ in range(150):
        found = first_channels.compare(shop(rng, rates={"a": 2.0}, sizes={"a": 200}), until=UNTIL)
        row = found.table.loc["all"]
        values.append(row["value"])
        held.append(row["value_low"] <= 300 <= row["value_high"])
    assert found.days == 365
    assert np.mean(values) == pytest.approx(300, rel=0.01)
    assert np.mean(held) == pytest.approx(0.9, abs=0.065)


# Channels


def test_channels_that_do_not_differ_are_seldom_told_apart():
    """Five channels alike, 80 shops: Cochran's test speaks up in 1 of 20; hardly a channel stands out."""
    rng, differ, told = np.random.default_rng(4), 0, 0
    sizes = {"a": 200, "b": 120, "c": 60, "d": 40, "e": 30}
    for _ in range(80):
        found = first_channels.compare(shop(rng, rates=dict.fromkeys(sizes, 1.0), sizes=sizes), until=UNTIL)
        differ += found.value_differs < first_channels.SURE
        told += found.table["said"].isin(["more", "less"]).any()
    assert differ / 80 < 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / 80)
    assert told / 80 < 0.2


def test_channels_that_differ_are_told_apart_and_small_ones_are_steadied(rng):
    sizes, rates = {"good": 600, "bad": 600, "tiny": 15}, {"good": 3.0, "bad": 1.0, "tiny": 2.0}
    found = first_channels.compare(shop(rng, rates=rates, sizes=sizes), until=UNTIL)
    table = found.table
    assert table.index.tolist()[-1] == "all" and set(table.index[:-1]) == set(sizes)
    assert table.loc["good", ["value_low", "value_high"]].between(360, 440).all()
    assert table.loc["bad", ["value_low", "value_high"]].between(170, 230).all()
    assert table.loc[["good", "bad"], "said"].tolist() == ["more", "less"]
    assert found.value_differs < 1e-6 and found.back_differs < 1e-6
    assert "more than chance" in found.sentence
    tiny = table.loc["tiny"]
    assert tiny["followed"] < 10 and pd.isna(tiny["value_alone"])
    assert 200 < tiny["value"] < 400 and tiny["said"] == "cannot be told apart"
    assert tiny["value_high"] - tiny["value_low"] > 5 * (
        table.at["bad", "value_high"] - table.at["bad", "value_low"]
    )
    assert table["back"].between(table["back_low"], table["back_high"]).all()
    # 1 - exp(-rate): a Poisson buyer's chance to be back within a year
    assert table.at["good", "back"] == pytest.approx(1 - np.exp(-3), abs=0.03)


def test_a_customer_belongs_to_the_channel_of_the_first_order_whatever_came_later():
    rows = [(f"c{n}", "2025-01-01", 10.0, "door") for n in range(12)]
    rows += [(f"c{n}", "2025-03-01", 90.0, "app") for n in range(12)]
    rows += [("late", "2025-02-01", 10.0, "app")]
    table = first_channels.compare(orders_of(rows[::-1]), until=UNTIL).table
    assert table["customers"].to_dict() == {"door": 12, "app": 1, "all": 13}
    assert table.at["door", "value_alone"] == 100 and table.at["door", "back_alone"] == 1
    assert np.isfinite(table["value"]).all()


def test_many_channels_are_joined_and_the_rows_may_come_in_any_order(rng):
    names = [f"ch{n:02d}" for n in range(12)]
    made = shop(rng, rates=dict.fromkeys(names, 1.0), sizes=dict(zip(names, range(40, 52), strict=True)))
    found = first_channels.compare(made, until=UNTIL)
    assert len(found.table) == first_channels.MOST + 2
    assert found.table.at[first_channels.OTHERS, "customers"] == 40 + 41 + 42 + 43
    assert found.table["customers"].iloc[:-1].sum() == found.table.at["all", "customers"]
    again = first_channels.compare(made.sample(frac=1, random_state=1), until=UNTIL)
    pd.testing.assert_frame_equal(found.table, again.table)


def test_what_a_customer_may_cost_is_the_margin_of_what_it_brings(rng):
    found = first_channels.compare(shop(rng, rates={"a": 1, "b": 1}, sizes={"a": 90, "b": 90}), until=UNTIL)
    cost = first_channels.may_cost(found, margin=0.4)
    assert cost["may_cost"].tolist() == pytest.approx((0.4 * found.table["value"]).tolist())
    assert (cost["surely"] < cost["may_cost"]).all() and (cost["may_cost"] < cost["at_most"]).all()


def test_money_in_another_currency_changes_only_the_money(rng):
    made = shop(rng, rates={"a": 1, "b": 2}, sizes={"a": 90, "b": 90})
    one, seven = (
        first_channels.compare(o, until=UNTIL) for o in (made, made.assign(amount=7 * made["amount"]))
    )
    assert seven.table["value"].tolist() == pytest.approx((7 * one.table["value"]).tolist())
    assert seven.table["said"].tolist() == one.table["said"].tolist()
    assert seven.value_differs == pytest.approx(one.value_differs)


def test_one_channel_none_and_a_young_shop_each_get_a_sentence(cdnow_orders):
    rows = [(f"c{n}", "2026-01-01", 10.0, "door") for n in range(12)]
    one = first_channels.compare(orders_of(rows), until=UNTIL)
    assert one.days == 180 and not one.several
    assert one.sentence == "All customers came through one channel, so there is nothing to compare."
    assert np.isnan(one.value_differs) and one.table.at["all", "value"] == 10
    none = first_channels.compare(cdnow_orders, until="1998-06-30")
    assert "names no channel" in none.sentence and none.table.empty and not none.several
    young = first_channels.compare(orders_of(rows), until="2026-02-01")
    assert "too early" in young.sentence and first_channels.may_cost(young, margin=0.5).empty
    apart = [(f"c{n}", "2025-01-01", 10.0, f"door {n % 2}") for n in range(12)]
    few = first_channels.compare(orders_of(apart), until=UNTIL)
    assert "No channel has 10 customers" in few.sentence
    with pytest.raises(NoAnswerError, match="no order names a customer"):
        first_channels.compare(orders_of([(None, "2026-01-01", 1.0, "door")]))
