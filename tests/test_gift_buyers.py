"""Gifts and festivals: words, calendars by hand, no custom where there is none, custom that is found."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import next_orders as shop
import shops_simulated
from clv import gift_buyers, plots, purchase_days
from clv.errors import NoAnswerError
from clv.following import festival_chance, gift_words, lists_compared, windows
from clv.following.lists_tried import ANYWAY, CHANCE, LAST_YEAR, RECENCY
from every_figure import Legible, said


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def festival(*years: int, name: str = "七夕", month: int = 8, length: int = 14) -> pd.DataFrame:
    first = [pd.Timestamp(year, month, 10) for year in years]
    last = [day + pd.Timedelta(days=length - 1) for day in first]
    return pd.DataFrame({"name_zh": name, "name": "Qixi", "day": last, "from": first, "to": last})


QIXI = festival(2024, 2025, 2026)


def with_custom(rng, *, customers: int, keepers: int) -> pd.DataFrame:
    """Return a shop of the models, and `keepers` who buy in every window and seldom else."""
    ordered = shops_simulated.orders(customers, rng=rng)
    kept = [
        shop.table([f"k{n:04d}" for n in range(keepers)], rng.integers(42, 50, keepers) + year, amount=90.0)
        for year in (0, 365)
    ]
    more = shop.table([f"k{n:04d}" for n in range(keepers)], rng.integers(120, 400, keepers), amount=90.0)
    found = pd.concat([ordered, *kept, more[: keepers // 3]], ignore_index=True)
    return found.assign(order_id=[f"o{n}" for n in range(len(found))])


# Gifts


@pytest.mark.parametrize(
    ("text", "is_gift"),
    [
        ("足金999手链 送女友", True), ("节日糕点礼盒", True), ("珍珠耳钉礼盒装", True), ("生日礼物", True),
        ("福牌吊坠项链（送礼盒）", False), ("手镯 赠礼盒", False), ("足金戒指", False), ("Gift set", True),
        ("SET OF 3 GIFT BAGS", True), ("ring with free gift", False), ("giftware", False), (None, False),
    ],
)  # fmt: skip
def test_words_name_a_gift_and_a_box_that_comes_with_it_does_not(text, is_gift):
    assert gift_words.named(pd.Series([text], dtype="str")).tolist() == [is_gift]


def test_gifts_are_those_that_the_export_or_the_words_name():
    ordered = shop.orders(
        [("a", 0, "礼盒", 1.0), ("a", 1, "rings", 1.0), ("b", 2, "rings", 1.0), (None, 3, "礼盒", 1.0)]
    )
    ordered.loc[3, "customer_id"] = None
    ordered.loc[2, "is_gift"] = True
    told = shop.lines(ordered, title=["plain", "送老婆 戒指", "plain", "plain"])
    found = gift_buyers.gift_orders(ordered, told)
    assert found[["flagged", "worded", "gift"]].to_numpy().tolist() == [
        [False, True, True], [False, True, True], [True, False, True],
    ]  # fmt: skip
    assert gift_buyers.gift_share(found)[0] == 1.0


def test_who_mostly_buys_gifts_is_found_where_customers_differ():
    rng = np.random.default_rng(1)
    who = np.repeat(np.arange(600), 5)
    gift = rng.random(3000) < np.repeat(np.where(np.arange(600) < 150, 0.95, 0.03), 5)
    found = pd.DataFrame({"customer_id": who, "gift": gift})
    says = gift_buyers.gift_customers(found)["says"]
    assert (says[:150] == gift_buyers.GIFTS).mean() > 0.9 and (says[150:] == gift_buyers.OWN).mean() > 0.9
    alike = gift_buyers.gift_customers(found.assign(gift=rng.random(3000) < 0.27))["says"]
    assert (alike == gift_buyers.OPEN).all()


# Calendars


def test_windows_count_whole_and_days_around_them_are_as_long():
    seen = windows.seen(QIXI, first=pd.Timestamp("2024-08-11"), last=pd.Timestamp("2026-08-30"))
    assert (
        len(seen) == 1 and len(seen[0].table) == 2
    )  # the window that was open on the first day is no window
    days = pd.Series(pd.date_range("2025-07-20", "2025-09-10"))
    inside, around = days[seen[0].holds(days)], days[seen[0].around(days)]
    assert (inside.min(), inside.max(), len(inside)) == (
        pd.Timestamp("2025-08-10"),
        pd.Timestamp("2025-08-23"),
        14,
    )
    assert (around.min(), around.max(), len(around)) == (
        pd.Timestamp("2025-08-03"),
        pd.Timestamp("2025-08-30"),
        14,
    )


def test_what_chance_makes_of_a_customers_days_is_that_of_a_hand():
    """a: first day, 2 days, one of them in the window; of the shop's 10 days 4 lie in the window."""
    rows = [("a", 0), ("a", 45), *((f"b{n}", 44) for n in range(3)), *((f"c{n}", 90) for n in range(5))]
    days = purchase_days.from_orders(shop.orders(rows, columns="customer_id day"), until="2025-01-01")
    one = windows.seen(QIXI, first=days["day"].min(), last=pd.Timestamp("2024-12-31"))[0]
    found = windows.years(one, days)
    assert found.loc["a"].tolist() == pytest.approx([2, 1, 1, 1 - 0.6**2])
    assert found.loc["b0"].tolist() == pytest.approx([1, 1, 1, 4 / 9])  # of the days since b0 came
    assert found.loc["c0"].tolist() == pytest.approx([1, 0, 0, 0.0])


def test_a_burst_in_one_window_is_no_custom():
    rows = [("a", 45), ("a", 46), ("a", 47)] + [(f"b{n}", n % 300) for n in range(200)]
    days = purchase_days.from_orders(shop.orders(rows, columns="customer_id day"), until="2025-06-30")
    one = windows.seen(QIXI, first=days["day"].min(), last=pd.Timestamp("2025-06-30"))[0]
    assert windows.years(one, days).at["a", "years"] == 1


def test_a_festivals_factor_is_recovered_and_an_edge_tells_nothing():
    rng = np.random.default_rng(2)
    day = np.r_[rng.integers(0, 730, 20_000), rng.integers(40, 54, 400), rng.integers(405, 419, 400)]
    days = pd.Series(pd.Timestamp("2024-07-01") + pd.to_timedelta(day, unit="D"))
    one = windows.seen(QIXI, first=days.min(), last=days.max())[0]
    per_day = 20_000 / 730
    assert windows.factor(one, days) == pytest.approx((per_day + 400 / 14) / per_day, rel=0.1)
    edge = days[days >= "2024-08-10"]
    late = windows.seen(festival(2024), first=edge.min(), last=edge.max())[0]
    assert windows.factor(late, edge) == 1.0


# Custom


def test_customers_without_custom_are_not_called_festival_buyers():
    rng, named, festivals = np.random.default_rng(3), 0, 0
    for _ in range(30):
        days = purchase_days.from_orders(shops_simulated.orders(400, rng=rng), until=shop.UNTIL)
        known = pd.concat(
            [QIXI, festival(2024, 2025, name="双11", month=11), festival(2025, 2026, name="三八", month=2)]
        )
        named += gift_buyers.festival_buyers(days, known, last=shop.UNTIL)["found"].any()
        festivals += gift_buyers.festivals(days, known, last=shop.UNTIL)["found"].any()
    assert named <= 3 and festivals <= 3


def test_who_buys_at_the_festival_every_year_is_found():
    rng = np.random.default_rng(4)
    ordered = with_custom(rng, customers=900, keepers=60)
    days = purchase_days.from_orders(ordered, until=shop.UNTIL)
    found = gift_buyers.festival_buyers(days, QIXI, last=shop.UNTIL)
    keeps = found["customer_id"].str.startswith("k")
    assert found.loc[found["found"], "customer_id"].str.startswith("k").mean() > 0.85
    assert found.loc[keeps, "found"].mean() > 0.9
    row = gift_buyers.festivals(days, QIXI, last=shop.UNTIL).loc["七夕"]
    assert row["found"] and row["difference_low"] > 0 and row["then"] >= 60


def test_the_list_by_custom_wins_where_there_is_custom_and_says_so():
    rng = np.random.default_rng(5)
    ordered = with_custom(rng, customers=900, keepers=60)
    tried = gift_buyers.check(
        ordered, pd.concat([QIXI, festival(2024, name="双11", month=11)]), until="2025-10-31", k=60
    )
    assert tried.rules.at[LAST_YEAR, "precision"] > tried.rules.at[RECENCY, "precision"]
    assert tried.windows["opens"].unique().tolist() == [pd.Timestamp("2025-08-10")]
    assert tried.windows["buyers"].iloc[0] >= 60


def test_where_nobody_keeps_the_festival_the_own_factor_is_one_and_no_custom_is_claimed():
    rng, claimed = np.random.default_rng(6), 0
    for _ in range(12):
        ordered = shops_simulated.orders(500, rng=rng)
        tried = gift_buyers.check(ordered, QIXI, until="2025-12-31")
        claimed += "come back at the same festival" in tried.sentence
        assert tried.rules.at[ANYWAY, "listed"] == tried.rules.at[CHANCE, "listed"] > 10
    assert claimed <= 1
    days = purchase_days.from_orders(ordered, until=shop.UNTIL)
    one = windows.seen(QIXI, first=days["day"].min(), last=days["day"].max())[0]
    assert (festival_chance.own(one, days)["factor"] == 1.0).all()


def test_what_comes_in_the_window_is_not_looked_at(rng):
    """Every purchase in the last window is moved to one customer: all lists stay what they were."""
    ordered = shops_simulated.orders(500, rng=rng)
    inside = ordered["paid_at"].between("2025-08-10", "2025-08-24")
    other = ordered.assign(customer_id=ordered["customer_id"].where(~inside, "c000000"))
    first = ordered.loc[~inside, "customer_id"].isin(ordered.loc[inside, "customer_id"]).any()
    one, two = (gift_buyers.check(table, QIXI, until="2025-12-31").windows for table in (ordered, other))
    assert first and (one["hits"] != two["hits"]).any()
    pd.testing.assert_series_equal(one["expected"], two["expected"])


def test_chances_of_the_next_window_promise_as_many_buyers_as_come():
    promised = came = 0.0
    for seed in range(6):
        ordered = shops_simulated.orders(1500, rng=np.random.default_rng(100 + seed))
        known = ordered[ordered["paid_at"] < "2025-07-01"]
        table = gift_buyers.chances(known, QIXI, festival="七夕", until="2025-06-30")
        assert table["chance"].between(0, 1).all() and table["chance"].is_monotonic_decreasing
        inside = ordered.loc[ordered["paid_at"].between("2025-08-10", "2025-08-24"), "customer_id"]
        promised, came = promised + table["chance"].sum(), came + table.index.isin(inside).sum()
    assert came > 150 and promised == pytest.approx(came, rel=0.2)


def test_a_festival_without_a_coming_window_is_refused_and_short_histories_cannot_be_judged(rng):
    ordered = shops_simulated.orders(100, rng=rng)
    with pytest.raises(NoAnswerError, match="no window of 七夕 opens after"):
        gift_buyers.chances(ordered, festival(2024), festival="七夕", until=shop.UNTIL)
    tried = gift_buyers.check(ordered, festival(2024), until=shop.UNTIL)
    assert tried.windows.empty and "No festival can be judged" in tried.sentence
    assert gift_buyers.festivals(purchase_days.from_orders(ordered), festival(2024), last=shop.UNTIL).empty


def test_lists_are_compared_by_those_who_are_on_one_only():
    bought = np.array([True, True, False, False, True])
    eve = lists_compared.Eve(
        "x",
        pd.Timestamp("2025-01-01"),
        bought,
        2.5,
        {"ours": np.array([0, 1, 2]), "theirs": np.array([0, 2, 3])},
    )
    row = lists_compared.together([eve, eve], ours="ours").loc["theirs"]
    assert (row["listed"], row["hits"]) == (6, 2) and row["better"] == pytest.approx(1 / 3)
    assert row["better_low"] < row["better"] <= row["better_high"] <= 1 / 3 + 1e-9
    same = lists_compared.together(
        [eve._replace(lists={"ours": np.array([0]), "theirs": np.array([0])})], ours="ours"
    )
    assert same.loc["theirs", ["better", "better_low", "better_high"]].tolist() == [0.0, 0.0, 0.0]


# Real orders


def test_the_gift_shop_before_christmas(shared_data):
    """UCI Online Retail: 100 on each list, made on 20 November 2011; how many bought by 9 December."""
    log = pd.read_csv(shared_data / "uci_online_retail" / "online_retail.csv.gz", dtype={"CustomerID": str})
    log = log[log["CustomerID"].notna() & (log["Quantity"] > 0) & (log["UnitPrice"] > 0)]
    money = (
        (log["Quantity"] * log["UnitPrice"]).groupby([log["CustomerID"], log["InvoiceDate"].str[:10]]).sum()
    )
    flat = money.rename("amount").reset_index()
    day = (pd.to_datetime(flat["InvoiceDate"]) - shop.FIRST).dt.days
    ordered = shop.table(flat["CustomerID"], day, amount=flat["amount"])
    known = pd.concat(
        [festival(2010, name="圣诞", month=12, length=11), festival(2011, name="圣诞", month=12)]
    )
    known = known.assign(
        **{
            "from": pd.to_datetime(["2010-12-01", "2011-11-21"]),
            "to": pd.to_datetime(["2010-12-20", "2011-12-09"]),
        }
    )
    rules = gift_buyers.check(ordered, known, until="2011-12-09").rules
    assert rules["precision"].round(2).to_dict() == {
        CHANCE: 0.91,
        ANYWAY: 0.91,
        LAST_YEAR: 0.59,
        RECENCY: 0.33,
    }


# The figure


def drawn(n: int) -> pd.DataFrame:
    hits = np.arange(n) * 20
    table = pd.DataFrame(
        {"listed": 100, "hits": hits, "precision": hits / 100},
        index=[f"rule with a long name {i}" for i in range(n)],
    )
    return table.assign(
        low=lambda t: (t["precision"] - 0.05).clip(lower=0), high=lambda t: t["precision"] + 0.06
    )


@pytest.mark.parametrize("n", [2, 4])
class TestFestivalCheck(Legible):
    @pytest.fixture
    def draw(self, n):
        return lambda ax: plots.festival_check(drawn(n), ax=ax)


def test_the_figure_says_where_there_was_no_window():
    assert "no past window" in said(plots.festival_check(drawn(2).iloc[:0]))[-1]
