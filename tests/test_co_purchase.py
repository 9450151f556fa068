"""Bought together: counts by hand, chance as it is, no pairs of keen buyers alone, planted pairs found."""

import numpy as np
import pandas as pd
import pytest

import next_orders as shop
from clv import co_purchase
from clv.errors import SettingError
from clv.following import bought


def baskets(rng, *, customers: int, mix: np.ndarray) -> pd.DataFrame:
    """Return things drawn from one mix by customers of whom some buy once and some fifty times."""
    times = 1 + rng.negative_binomial(0.5, 0.12, customers)
    who = np.repeat(np.arange(customers), times)
    item = rng.choice(len(mix), len(who), p=mix)
    return pd.DataFrame({"customer_id": who.astype(str), "item": np.char.add("p", item.astype(str))})


def together(found: pd.DataFrame, one: str, other: str, *, part: float, rng) -> pd.DataFrame:
    """Let `part` of those who have `one` buy `other` too."""
    has = found.loc[found["item"] == one, "customer_id"].unique()
    more = has[rng.random(len(has)) < part]
    return pd.concat([found, pd.DataFrame({"customer_id": more, "item": other})], ignore_index=True)


# What was in the orders


def test_a_product_is_its_sku_under_the_usual_title():
    ordered = shop.orders([(f"c{n}", n, "gold", 10.0) for n in range(6)])
    told = shop.lines(
        ordered, sku=["1", "1", "1", "2", "2", None], title=["A", "A", "A new", "B", "B", "loose"]
    )
    found = bought.of_orders(ordered, told, item="product")
    assert found["item"].tolist() == ["A", "A", "A", "B", "B", "loose"]
    same = bought.of_orders(ordered, told.assign(title="A"), item="product")
    assert same["item"].tolist() == ["A · 1"] * 3 + ["A · 2"] * 2 + ["A"]


def test_pieces_and_money_of_an_order_are_added_up_and_nobody_is_passed_over():
    ordered = shop.orders([("a", 0, "gold", 10.0), ("a", 5, "gold", 4.0)])
    nobody = shop.orders([("x", 1, "gold", 3.0)]).assign(order_id="o9", customer_id=None)
    told = shop.lines(ordered)
    told = pd.concat([told, told.iloc[[0]], told.iloc[[0]].assign(category=None), shop.lines(nobody)])
    found = bought.of_orders(pd.concat([ordered, nobody]), told, item="category")
    assert found["units"].tolist() == [2.0, 1.0] and found["amount"].tolist() == [20.0, 4.0]
    of_orders = bought.of_orders(ordered, told.assign(category=None), item="category")
    assert of_orders["item"].tolist() == ["gold", "gold"] and of_orders["units"].tolist() == [1.0, 1.0]
    with pytest.raises(SettingError, match="'category' or 'product'"):
        bought.of_orders(ordered, item="brand")


# Counts


def test_support_and_confidence_are_those_of_a_hand():
    """a and b together 30 times, a alone 20, b alone 10, c with a 10, d alone 30: of 100 baskets."""
    held = ["ab"] * 30 + ["a"] * 20 + ["b"] * 10 + ["ac"] * 10 + ["d"] * 30
    rows = [(str(at), item) for at, items in enumerate(held) for item in items]
    found = co_purchase.pairs(pd.DataFrame(rows, columns=["order_id", "item"]), by="order_id", least=10)
    assert (found.baskets, found.looked_at, len(found.table)) == (100, 6, 2)
    row = found.table.set_index(["one", "other"]).loc[("a", "b")]
    assert row["baskets"] == 30 and row["support"] == pytest.approx(0.3)
    assert row["other_after_one"] == pytest.approx(30 / 60) and row["one_after_other"] == pytest.approx(
        30 / 40
    )


def test_chance_gives_every_thing_as_many_pairs_as_it_has():
    """The margins of quasi-independence, in baskets of one size."""
    rng = np.random.default_rng(1)
    drawn = [rng.choice(8, 3, replace=False, p=np.arange(1, 9) / 36) for _ in range(900)]
    rows = [(str(at), f"p{item}") for at, items in enumerate(drawn) for item in items]
    table = co_purchase.pairs(pd.DataFrame(rows, columns=["order_id", "item"]), by="order_id", least=2).table
    assert len(table) == 28
    sides = [table.groupby(side)[["baskets", "expected"]].sum() for side in ("one", "other")]
    sums = sides[0].add(sides[1], fill_value=0)
    assert sums["expected"].to_numpy() == pytest.approx(sums["baskets"].to_numpy(), rel=1e-6)


def test_pairs_of_things_drawn_two_by_two_are_expected_as_often_as_they_come():
    mix = np.array([0.4, 0.3, 0.2, 0.1])
    chance = np.outer(mix, mix) * (1 - np.eye(4))
    rows, at = [], 0
    for one in range(4):
        for other in range(one + 1, 4):
            for _ in range(round(20000 * chance[one, other])):
                rows += [(str(at), f"p{one}"), (str(at), f"p{other}")]
                at += 1
    table = co_purchase.pairs(pd.DataFrame(rows, columns=["order_id", "item"]), by="order_id").table
    assert table["lift"].to_numpy() == pytest.approx(1.0, abs=1e-6) and not table["found"].any()


def test_rows_in_any_order_or_twice_change_nothing():
    found = baskets(np.random.default_rng(2), customers=800, mix=np.full(6, 1 / 6))
    one = co_purchase.pairs(found, by="customer_id").table
    mixed = pd.concat([found, found.head(500)]).sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(one, co_purchase.pairs(mixed, by="customer_id").table, rtol=1e-8)


def test_a_warehouse_that_buys_everything_makes_no_pairs():
    rng = np.random.default_rng(3)
    found = baskets(rng, customers=400, mix=np.sort(rng.dirichlet(np.full(300, 0.2))))
    everything = pd.DataFrame({"customer_id": "warehouse", "item": [f"p{n}" for n in range(300)]})
    one, other = (
        co_purchase.pairs(rows, by="customer_id", least=5) for rows in (found, pd.concat([found, everything]))
    )
    both = one.table.merge(other.table, on=["one", "other"], suffixes=("", "_with"))
    assert len(both) > 20 and (both["baskets"] == both["baskets_with"]).all()
    assert other.baskets == one.baskets + 1


def test_settings_out_of_range_are_refused_and_nothing_is_an_empty_table():
    found = baskets(np.random.default_rng(4), customers=5, mix=np.array([0.5, 0.5]))
    with pytest.raises(SettingError, match="customer_id"):
        co_purchase.pairs(found, by="customer")
    with pytest.raises(SettingError, match="2 or more"):
        co_purchase.pairs(found, by="customer_id", least=1)
    nothing = co_purchase.pairs(found, by="customer_id", least=100)
    assert nothing.table.empty and nothing.looked_at == 0 and nothing.baskets == 5


# Worlds


@pytest.mark.parametrize("things", [6, 40])
def test_keen_buyers_alone_make_no_pairs(things):
    """Everybody draws from one mix; plain lift, of all customers, finds most things together."""
    rng, false, plain = np.random.default_rng(things), 0, []
    for _ in range(50):
        mix = np.sort(rng.dirichlet(np.full(things, 2.0)))[::-1]
        found = baskets(rng, customers=1500, mix=mix)
        table = co_purchase.pairs(found, by="customer_id").table
        false += table["found"].any()
        n = found.drop_duplicates()["item"].value_counts()
        lift = table["baskets"] * 1500 / (n[table["one"]].to_numpy() * n[table["other"]].to_numpy())
        plain.append(lift.median())
    assert false <= 5
    assert np.mean(plain) > 1.2


def test_a_planted_pair_is_found_and_the_others_are_not():
    rng = np.random.default_rng(7)
    mix = np.sort(rng.dirichlet(np.full(30, 3.0)))[::-1]
    found = together(baskets(rng, customers=3000, mix=mix), "p3", "p20", part=0.4, rng=rng)
    table = co_purchase.pairs(found, by="customer_id").table
    assert tuple(sorted(table.iloc[0][["one", "other"]])) == ("p20", "p3")
    assert table["found"].sum() == 1 and table.iloc[0]["low"] > 1.2


def test_lifts_of_pairs_are_held_by_their_intervals():
    """Baskets of two things, one pair three times as likely as the others make it."""
    rng, held = np.random.default_rng(8), []
    mix = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    one, other = np.triu_indices(5, 1)
    chance = mix[one] * mix[other] * np.where((one == 3) & (other == 4), 3.0, 1.0)
    true = co_purchase._weights(_margins(chance, one, other))
    lift = chance / (true[one] * true[other])
    for _ in range(120):
        n = rng.multinomial(700, chance / chance.sum())
        at = np.repeat(np.arange(10), n)
        rows = pd.DataFrame(
            {"order_id": np.tile(np.arange(700), 2).astype(str), "item": np.r_[one[at], other[at]]}
        )
        table = co_purchase.pairs(rows.assign(item="p" + rows["item"].astype(str)), by="order_id").table
        pair = [
            tuple(sorted((int(a[1]), int(b[1])))) for a, b in zip(table["one"], table["other"], strict=True)
        ]
        mine = np.array([lift[(one == a) & (other == b)][0] for a, b in pair])
        held += list((table["low"] <= mine) & (mine <= table["high"]))
    assert (
        0.90 <= np.mean(held) <= 1.0
    )  # exact for Poisson numbers, so no less; pairs given margins scatter less


def _margins(chance: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.bincount(one, weights=chance, minlength=5) + np.bincount(other, weights=chance, minlength=5)


# Real orders


def test_the_gift_shop_sells_its_teacups_together(shared_data):
    """UCI Online Retail: cups and plates of one service are bought together, far beyond keen buyers."""
    log = pd.read_csv(shared_data / "uci_online_retail" / "online_retail.csv.gz", dtype={"CustomerID": str})
    log = log[log["CustomerID"].notna() & (log["Quantity"] > 0) & (log["UnitPrice"] > 0)]
    found = log.rename(columns={"CustomerID": "customer_id", "StockCode": "item"})[["customer_id", "item"]]
    made = co_purchase.pairs(found, by="customer_id")
    first = made.table.head(10)
    names = log.drop_duplicates("StockCode").set_index("StockCode")["Description"]
    assert made.looked_at > 2_000_000 and made.table["found"].sum() > 5_000
    assert (first["low"] > 5).all() and names[first["one"]].str.contains("REGENCY").sum() >= 4
