"""Shops side by side: facts that agree with every other count, intervals that hold, no luck sold as skill."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

import shops_simulated
from clv import concentration, customers, history, playbooks, sales, second_order, stores, stores_shown
from clv.comparing import differences, estimates, measures, over_time, since, words
from clv.comparing.estimates import Estimate
from clv.errors import InputError, NoAnswerError, SettingError

UNTIL = date(2026, 6, 30)
NO_RETURNS = pd.DataFrame(
    {"customer_id": pd.Series(dtype="str"), "paid_at": pd.Series(dtype="datetime64[ns]"), "refunded": 0.0}
)
RATIOS = [key for key, one in measures.MEASURES.items() if not one.of_size]


def shop(n: int, rng: np.random.Generator, *, name: str = "shop", currency: str = "CNY") -> stores.Store:
    """Return a shop that new customers enter evenly for two years, some nameless, some money paid back."""
    orders = shops_simulated.orders(2 * n, rng=rng, days=1460)
    orders = orders[orders["paid_at"] <= pd.Timestamp(UNTIL)].reset_index(drop=True)
    back = orders[rng.random(len(orders)) < 0.06]
    returns = back.assign(refunded=back["amount"] / 2)[["customer_id", "paid_at", "refunded"]]
    nameless = orders["customer_id"].mask(rng.random(len(orders)) < 0.02)
    orders = orders.assign(customer_id=nameless)
    return _holding(name, currency, orders, returns.reset_index(drop=True))


def _holding(name: str, currency: str, orders: pd.DataFrame, returns: pd.DataFrame) -> stores.Store:
    """Return a shop whose tables are at hand."""
    return stores.Store(name, currency, orders["paid_at"].min().date(), UNTIL, lambda: (orders, returns))


def latest(**shops: stores.Store) -> pd.DataFrame:
    return stores.latest(stores.facts(shops, quarters=2))


@pytest.fixture(scope="module")
def one() -> stores.Store:
    return shop(600, np.random.default_rng(1))


@pytest.fixture(scope="module")
def table(one: stores.Store) -> pd.DataFrame:
    return stores.facts({"one": one}, window_days=730, quarters=8)


# Facts: the same as every other count of the kit ------------------------------------------------------------


def test_the_facts_of_all_days_are_those_of_the_other_tables(one, table):
    found = stores.latest(table).set_index("fact")["value"]
    orders, people = one.tables()[0], customers.summarise(one.tables()[0], until=UNTIL)
    known = orders.dropna(subset="customer_id")
    months = 729 / (365.25 / 12)  # the first order came a day late
    assert found["orders"] == pytest.approx(len(orders) / months)
    assert found["money"] == pytest.approx(orders["amount"].sum() / months)
    assert found["new_customers"] == pytest.approx(len(people) / months)
    assert found["average_order"] == pytest.approx(orders["amount"].mean())
    by_month = sales.by_month(known, until=UNTIL)
    assert found["returning_share"] == pytest.approx(
        by_month["returning_money"].sum() / by_month["money"].sum()
    )
    assert found["one_time"] == pytest.approx((people["frequency"] == 0).mean())
    assert found["active"] == pytest.approx((people["days_since_last"] <= 90).mean())
    assert found["known"] == pytest.approx(len(known) / len(orders))
    assert found["gini"] == pytest.approx(concentration.gini(people), abs=0.01)  # less the bias of few
    back = one.tables()[1]["refunded"].sum()
    assert found["refund"] == pytest.approx(back / (known["amount"].sum() + back))


def test_the_second_order_is_kaplan_meiers_with_its_own_band(one, table):
    row = stores.latest(table).set_index("fact").loc["second_order"]
    wanted = second_order.chances(one.tables()[0], until=UNTIL, days=[90]).iloc[0]
    assert row[["value", "low", "high"]].tolist() == pytest.approx(wanted[["share", "low", "high"]].tolist())
    followed = wanted["followed"]
    assert 0.7 * followed < row["events"] < 1.1 * followed + 100  # as good as so many customers


def test_quarters_add_up_to_all_days(one, table):
    quarters = table[table["window"] != stores.LATEST].assign(
        months=lambda t: ((t["last_day"] - t["first_day"]).dt.days + 1) / (365.25 / 12)
    )
    for fact, wanted in [
        ("orders", len(one.tables()[0])),
        ("money", one.tables()[0]["amount"].sum()),
        ("new_customers", one.tables()[0]["customer_id"].nunique()),
    ]:
        rows = quarters[quarters["fact"] == fact]
        assert (rows["value"] * rows["months"]).sum() == pytest.approx(wanted)
    assert quarters["window"].iloc[-1] == "2026Q2"
    assert quarters.groupby("window")["whole"].first().tolist() == [False] + [True] * 7


def test_the_order_of_rows_and_the_unit_of_money_change_nothing(one, table):
    mixed = one.tables()[0].sample(frac=1, random_state=3)
    dear = mixed.assign(amount=mixed["amount"] * 10, refunded=mixed["refunded"] * 10)
    back = one.tables()[1].assign(refunded=one.tables()[1]["refunded"] * 10)
    other = stores.facts({"one": _holding("x", "CNY", dear, back)}, window_days=730, quarters=8)
    times = np.where(table["fact"].isin(["money", "average_order"]), 10, 1)
    for name in ("value", "low", "high"):
        assert other[name].to_numpy() == pytest.approx(table[name].to_numpy() * times, nan_ok=True, rel=1e-9)
    assert other["error"].to_numpy() == pytest.approx(table["error"].to_numpy(), nan_ok=True, rel=1e-6)


def test_every_fact_lies_in_its_interval(table):
    known = table.dropna(subset="value")
    assert len(known) > 80
    assert (known["low"] <= known["value"] + 1e-12).all() and (known["value"] <= known["high"] + 1e-12).all()
    shares = known[known["fact"].map(lambda key: measures.MEASURES[key].lies_in_one)]
    assert shares[["low", "high"]].stack().between(0, 1).all()


def test_customers_who_have_not_had_the_time_are_not_counted_as_lost(rng):
    """Of 400 who come back after 60 days, those of the last 50 days cannot have: the share stays 100 %."""
    first = pd.Timestamp(UNTIL) - pd.to_timedelta(np.arange(400) % 200, unit="D")
    again = first + pd.Timedelta(days=60)
    days = pd.DatetimeIndex(np.concatenate([first, again[again <= pd.Timestamp(UNTIL)]]))
    who = [f"c{n}" for n in range(400)] + [f"c{n}" for n in np.flatnonzero(again <= pd.Timestamp(UNTIL))]
    found = latest(a=plain_shop(who, days)).set_index("fact")["value"]
    assert found["second_order"] == 1
    young = latest(a=plain_shop(who[:40], days[:40] + pd.Timedelta(days=0)))
    assert np.isnan(young.set_index("fact")["value"]["second_order"])  # nobody was followed for 90 days


def plain_shop(who: list[str], days: pd.DatetimeIndex, *, amount: float = 10.0) -> stores.Store:
    orders = pd.DataFrame(
        {
            "order_id": [str(n) for n in range(len(who))], "customer_id": pd.Series(who, dtype="str"),
            "paid_at": days, "amount": amount, "refunded": 0.0, "category": None, "channel": None,
            "is_gift": False,
        }
    )  # fmt: skip
    return _holding("plain", "CNY", orders, NO_RETURNS)


def test_a_shop_without_buyers_or_refunds_says_what_it_does_not_know():
    days = pd.DatetimeIndex(pd.date_range("2026-01-01", periods=60, freq="D"))
    found = latest(a=plain_shop([None] * 60, days)).set_index("fact")["value"]
    unknown = {"returning_share", "second_order", "one_time", "active", "refund", "gini", "new_customers"}
    assert set(found.index[found.isna()]) == unknown
    assert (found["known"], found["average_order"]) == (0, 10)


def test_where_few_orders_name_the_buyer_new_customers_are_unknown_or_it_is_said():
    days = pd.DatetimeIndex(pd.date_range("2026-01-01", periods=60, freq="D"))
    first_half = {"plain": plain_shop([f"c{n}" for n in range(20)] + [None] * 40, days)}
    table = stores.facts(first_half).set_index(["window", "fact"])["value"]
    assert table["latest", "new_customers"] > 0
    assert table["2026Q2", "new_customers"] == 0 and table["2026Q2", "orders"] == 0  # no order: nobody new
    later = {"plain": plain_shop([f"c{n}" for n in range(30)] + [None] * 30, days + pd.Timedelta(days=60))}
    table = stores.facts(later).set_index(["window", "fact"])["value"]
    assert np.isnan(table["2026Q2", "new_customers"]) and table["2026Q2", "orders"] > 0
    said = stores_shown.not_alike(stores.facts(first_half), first_half)
    assert [one for one in said if one.startswith("Fewer than half")] == [
        "Fewer than half of the orders name the buyer at plain (33 %): new customers are the known ones "
        "alone, and what is said of customers is said of those few."
    ]
    assert not any("name the buyer" in one for one in stores_shown.not_alike(stores.facts(later), later))


def test_a_shop_of_one_order_and_one_without_any(rng):
    found = latest(a=plain_shop(["c"], pd.DatetimeIndex(["2026-06-30"])))
    assert found["value"].notna().sum() == 3  # orders, money, new customers
    with pytest.raises(InputError, match="plain has no order up to 2026-06-30"):
        latest(a=plain_shop(["c"], pd.DatetimeIndex(["2026-07-01"])))


# Intervals --------------------------------------------------------------------------------------------------


def ends(found: Estimate) -> tuple[float, float]:
    return found.low, found.high


def test_counts_have_garwoods_interval_and_shares_wilsons():
    """Ten events: 5.43 to 16.96; none: 0 to 3.00 (90 %; Garwood 1936)."""
    assert ends(estimates.total(np.ones(10), months=1, dispersion=1)) == pytest.approx(
        (5.425, 16.962), abs=5e-4
    )
    assert ends(estimates.total(np.ones(0), months=1, dispersion=1)) == pytest.approx((0, 2.996), abs=5e-4)
    assert estimates.total(np.ones(10), months=4, dispersion=1).high == pytest.approx(16.962 / 4, abs=5e-4)
    found = estimates.share(15 / 148, 148)
    assert found.low < 15 / 148 < found.high
    assert estimates.share(0.5, 9) == estimates.UNKNOWN


def test_a_total_of_equal_parts_is_as_sure_as_its_count(rng):
    count = estimates.total(np.ones(40), months=1, dispersion=1)
    money = estimates.total(np.full(40, 25.0), months=1, dispersion=1)
    assert (money.low, money.high) == pytest.approx((count.low * 25, count.high * 25))
    assert money.error == pytest.approx(count.error)
    spread = estimates.total(rng.gamma(0.3, 25 / 0.3, 40), months=1, dispersion=1)
    wide = estimates.total(np.ones(40), months=1, dispersion=4)
    assert min(spread.error, wide.error) > 1.5 * count.error


def test_a_share_of_sums_of_equal_parts_is_a_share_of_customers(rng):
    bought = (rng.random(500) < 0.3).astype(float)
    found = estimates.share_of_sums(bought, np.ones(500))
    assert found.value == pytest.approx(bought.mean())
    assert found.events == pytest.approx(500, rel=0.03)
    nobody = estimates.share_of_sums(np.zeros(500), np.ones(500))
    assert (nobody.value, nobody.events) == (0, 500)


def test_gini_of_few_customers_has_no_bias_to_speak_of(rng):
    """Of exponential money it is one half; of 20 customers the plain one is 0.475 on average."""
    found = [estimates.gini(rng.exponential(size=20)) for _ in range(1500)]
    assert np.mean([one.value for one in found]) == pytest.approx(0.5, abs=0.006)
    assert np.mean([one.low <= 0.5 <= one.high for one in found]) == pytest.approx(0.9, abs=0.04)
    assert estimates.gini(np.full(20, 7.0)).value == 0


def test_intervals_of_money_hold_the_truth(rng):
    """Customers of log-normal money and some orders each; 90 % with a tail that is known only roughly."""
    held = []
    for _ in range(1500):
        orders = 1.0 + rng.poisson(0.7, 60)
        money = orders * rng.lognormal(0, 0.9, 60)
        held.append(estimates.mean(money, orders))
    truth = np.exp(0.9**2 / 2)
    assert np.mean([one.low <= truth <= one.high for one in held]) == pytest.approx(0.9, abs=0.035)


def test_weeks_that_jump_widen_the_range_of_counts(rng):
    """The same number of customers, evenly, or all in every fourth week."""
    day = np.arange(364)
    even = plain_shop([f"c{n}" for n in range(364)], pd.Timestamp(UNTIL) - pd.to_timedelta(day, unit="D"))
    heaped = plain_shop(
        [f"c{n}" for n in range(364)],
        pd.Timestamp(UNTIL) - pd.to_timedelta(day // 28 * 28 + day % 7, unit="D"),
    )
    wide = [
        row["error"] for s in (even, heaped) for _, row in latest(a=s).query("fact == 'orders'").iterrows()
    ]
    assert wide[1] > 1.8 * wide[0]


# Which differences are noise --------------------------------------------------------------------------------


def drawn(truth: dict[str, np.ndarray], errors: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    """Return facts of shops as a normal chance would give them around the truth on the log-odds."""
    rows = []
    for fact, middle in truth.items():
        scaled = middle + errors * rng.standard_normal(len(errors))
        value = expit(scaled)
        events = 1 / (errors**2 * value * (1 - value))
        for n in range(len(errors)):
            found = estimates.share(float(value[n]), float(events[n]))
            rows.append((f"s{n}", fact, *vars(found).values()))
    return pd.DataFrame(rows, columns=["shop", "fact", "value", "low", "high", "scaled", "error", "events"])


FACTS = ("second_order", "one_time", "active", "refund", "known")
ERRORS = np.array([0.05, 0.1, 0.1, 0.3, 0.5, 0.6])


def test_shops_that_are_alike_are_hardly_ever_told_apart(rng):
    """All facts of a page together; a page of plain 90 % intervals would find something nearly always."""
    alike = {fact: np.full(6, -1.0) for fact in FACTS}
    pages = [differences.compare(drawn(alike, ERRORS, rng), rng=rng) for _ in range(80)]
    assert np.mean([page.pairs["apart"].any() for page in pages]) <= 0.12
    plain = np.mean(
        [(p.shops.groupby("fact")["low"].max() > p.shops.groupby("fact")["high"].min()).any() for p in pages]
    )
    assert plain > 0.5


def test_whole_shops_that_are_alike_are_hardly_ever_told_apart():
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(12):
        made = {f"s{n}": shop(n, rng) for n in (60, 200, 700)}
        page = stores.compare(latest(**made), made, rng=rng)
        found += page.pairs["apart"].any()
    assert found <= 3


def test_a_shop_that_is_better_is_found_and_the_others_stay_alike(rng):
    errors = np.array([0.06, 0.06, 0.06, 0.2])
    truth = {fact: np.full(4, -1.2) for fact in FACTS} | {"second_order": np.array([-0.8, -1.2, -1.2, -1.2])}
    pages = [differences.compare(drawn(truth, errors, rng), rng=rng) for _ in range(60)]
    apart = [page.pairs[page.pairs["apart"]] for page in pages]
    told = [set(zip(one["fact"], one["shop"], one["other"], strict=True)) for one in apart]
    true = {("second_order", "s0", "s1"), ("second_order", "s0", "s2")}
    assert np.mean([true <= one for one in told]) > 0.85
    assert np.mean([bool({t for t in one if t[:2] != ("second_order", "s0")}) for one in told]) <= 0.12


def test_a_small_lucky_shop_is_neither_first_nor_last():
    """10 of 14 came back, of the large shops one in four: it is drawn in, and may have any place."""
    rows = []
    for name, hits, n in [("a", 250, 1000), ("b", 240, 1000), ("c", 260, 1000), ("tiny", 7, 14)]:
        rows.append((name, "second_order", *vars(estimates.share(hits / n, n)).values()))
    columns = ["shop", "fact", "value", "low", "high", "scaled", "error", "events"]
    found = differences.compare(pd.DataFrame(rows, columns=columns), rng=np.random.default_rng(0))
    tiny = found.shops.set_index("shop").loc["tiny"]
    assert (tiny["rank_low"], tiny["rank_high"]) == (1, 4)
    assert tiny["pooled"] < 0.25 + 0.4 * (tiny["value"] - 0.25)
    large = found.shops.set_index("shop").loc["a"]
    assert large["pooled"] == pytest.approx(0.25, abs=0.005)
    assert found.facts.loc["second_order", "chain"] == pytest.approx(0.25, abs=0.03)


def test_the_true_places_lie_within_the_places_told(rng):
    truth = np.array([-1.6, -1.3, -1.2, -1.0, -0.7, -0.2])
    ranks = pd.Series(range(6, 0, -1), index=[f"s{n}" for n in range(6)])
    held, wide = [], []
    for _ in range(60):
        found = differences.compare(drawn({"active": truth}, ERRORS / 2, rng), rng=rng).shops.set_index(
            "shop"
        )
        mine = ranks[found.index]
        held.append(((found["rank_low"] <= mine) & (mine <= found["rank_high"])).all())
        wide.append((found["rank_high"] - found["rank_low"]).mean())
    assert np.mean(held) >= 0.88
    assert np.mean(wide) < 3.5  # of 5: something is told


def test_shops_in_other_currencies_are_compared_in_ratios_only(rng):
    made = {"a": shop(150, rng), "b": shop(150, rng, currency="USD")}
    facts = latest(**made)
    assert "average_order" not in stores.compare(facts, made, rng=rng).facts.index
    same = {"a": made["a"], "b": replace(made["b"], name="b", currency="CNY")}
    assert "average_order" in stores.compare(facts, same, rng=rng).facts.index
    assert not set(stores.compare(facts, same, rng=rng).facts.index) & {"orders", "money", "new_customers"}
    assert measures.compared({""}) == measures.compared({"CNY", ""}) == measures.compared({"CNY", "USD"})
    assert "only ratios" in stores_shown.not_alike(facts, made)[0]
    assert "CNY" in stores_shown.not_alike(facts, same)[0]


def test_one_shop_alone_is_compared_with_nobody(one, rng):
    facts = latest(a=one)
    found = stores.compare(facts, {"a": one}, rng=rng)
    assert found.facts.empty and found.shops.empty and found.pairs.empty
    assert "nothing can be compared" in stores_shown.headline(found, stores.words())
    rows, chain = stores_shown.forest(facts, {"a": one}, found, "active")
    assert chain is None and rows["pooled"].isna().all() and "place" not in rows["said"].iloc[0]


# Sentences --------------------------------------------------------------------------------------------------


def compared(
    rng: np.random.Generator, middles: list[float], *, error: float = 0.03
) -> differences.Comparison:
    return differences.compare(
        drawn({"active": np.array(middles)}, np.full(len(middles), error), rng), rng=rng
    )


def said(found: differences.Comparison) -> str:
    names = {shop: shop.upper() for shop in found.shops["shop"]}
    return words.standing(found, "active", words="bought lately", names=names)


def test_what_stands_above_what_is_said_and_what_cannot_be_told(rng):
    assert "S0" in (text := said(compared(rng, [1.0, -1, -1, -1]))) and "is above" in text
    assert text.endswith("the other 3 cannot be told apart.")
    assert said(compared(rng, [-1.0, -1, -1])).startswith("bought lately: no two shops can be told apart")
    assert said(compared(rng, [-1.0, -1])).startswith("bought lately: the two shops cannot be told apart")
    assert "noise" not in said(compared(rng, [2.0, 1, 0]))
    many = said(compared(rng, [1.0, 1, 0, 0, -1, -1, -2, -2]))
    assert "above at least half of the others: S" in many and "below at least half of the others: S" in many


# Over time --------------------------------------------------------------------------------------------------


def test_quarters_that_are_alike_hardly_ever_changed_and_a_real_change_is_found(rng):
    quarters = ["2025Q1", "2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2"]

    def page(last: float) -> pd.DataFrame:
        rows = [
            drawn(
                {"refund": np.array([last if quarter == quarters[-1] else -2.0] * 4)}, ERRORS[:4], rng
            ).assign(window=quarter, whole=True)
            for quarter in quarters
        ]
        return over_time.changes(pd.concat(rows))

    still = [page(-2.0) for _ in range(60)]
    assert np.mean([one["beyond_noise"].any() for one in still]) <= 0.15
    moved = [page(-1.3) for _ in range(20)]
    assert np.mean([one.query("shop == 's0'")["beyond_noise"].all() for one in moved]) > 0.9
    row = still[0].iloc[1]
    assert (row["quarter_before"], row["quarter"], row["against"]) == (
        "2025Q2",
        "2026Q2",
        over_time.YEAR_BEFORE,
    )
    assert row["difference"] == pytest.approx(row["now"] - row["before"])


def test_quarters_not_seen_whole_and_facts_of_all_so_far_are_not_set_against_others(table):
    found = stores.changes(table)
    assert set(found["quarter"]) <= {"2026Q1", "2026Q2"}  # a second order needs its time
    assert set(found.query("fact == 'second_order'")["quarter"]) == {"2026Q1"}
    assert "2024Q3" not in set(found["quarter_before"])
    assert not set(found["fact"]) & {"one_time", "active"}
    assert stores.changes(table[table["window"] == stores.LATEST]).empty


# Since the last run -----------------------------------------------------------------------------------------


def past(*runs: dict[str, tuple], shop: str = "one", notebook: str = "02_customers") -> pd.DataFrame:
    rows = [
        (
            shop,
            notebook,
            "2026-06-01T00:00:00+08:00",
            f"2026-0{line}-30",
            "k",
            line,
            name,
            value,
            "share",
            low,
            high,
            "",
        )
        for line, facts in enumerate(runs, start=1)
        for name, (value, low, high) in facts.items()
    ]
    return pd.DataFrame(rows, columns=list(history.COLUMNS)).astype(
        {"value": object, "low": float, "high": float}
    )


def test_the_interval_of_a_change_adds_the_halves_that_face_each_other():
    """From 0.20 [0.15, 0.26] to 0.30 [0.24, 0.35]: by hand, Zou & Donner 2008, equation 2."""
    found = since.moved(past({"x": (0.20, 0.15, 0.26)}, {"x": (0.30, 0.24, 0.35)})).iloc[0]
    assert found["difference"] == pytest.approx(0.10)
    assert found["low"] == pytest.approx(0.10 - np.hypot(0.06, 0.06))
    assert found["high"] == pytest.approx(0.10 + np.hypot(0.05, 0.05))
    assert found["verdict"] == since.MOVED
    closer = since.moved(past({"x": (0.20, 0.15, 0.26)}, {"x": (0.28, 0.22, 0.33)})).iloc[0]
    assert closer["verdict"] == since.NOISE
    back = since.moved(past({"x": (0.30, 0.24, 0.35)}, {"x": (0.20, 0.15, 0.26)})).iloc[0]
    assert (back["low"], back["high"]) == pytest.approx((-found["high"], -found["low"]))


def test_the_last_run_is_set_against_the_last_different_one(rng):
    a, b = (0.2, 0.19, 0.21), (0.3, 0.29, 0.31)
    found = since.moved(past({"x": b, "y": a}, {"x": a, "y": a}, {"x": a, "y": a}))
    assert found[["name", "before", "now", "until_before"]].to_numpy().tolist() == [
        ["x", 0.3, 0.2, "2026-01-30"]
    ]
    assert since.moved(past({"x": a})).empty and since.moved(past({"x": a}, {"x": a})).empty
    assert since.moved(past()).empty
    texts = since.moved(
        past(
            {"m": ("nbd", np.nan, np.nan), "n": (3, np.nan, np.nan)},
            {"m": ("bg", np.nan, np.nan), "n": (4, np.nan, np.nan)},
        )
    )
    assert set(texts["verdict"]) == {since.UNSURE}
    both = since.moved(past({"x": a, "z": (0.5, 0.4, 0.6)}, {"x": b, "z": (0.51, 0.41, 0.61)}))
    assert list(both["name"]) == ["x", "z"] and list(both["verdict"]) == [since.MOVED, since.NOISE]


def test_the_key_facts_of_now_are_set_against_those_that_were_recorded(one, rng):
    facts, made = latest(one=one), {"one": one}
    assert stores.since(history.read("nowhere"), facts, made).empty
    recorded = stores.as_recorded(facts, made)
    assert set(recorded["unit"]) == {"CNY", "a month", "share", ""}
    was = {row.name: (row.value, row.low, row.high) for row in recorded.itertuples()}
    assert stores.since(past(was, shop="_all", notebook="09_stores"), facts, made).empty
    was["stores.one.active"] = (0.9, 0.88, 0.92)
    was["stores.other.active"] = (0.9, 0.88, 0.92)  # a shop that is not looked at
    found = stores.since(past(was, shop="_all", notebook="09_stores"), facts, made)
    assert found[["shop", "fact", "verdict"]].to_numpy().tolist() == [["one", "active", "moved"]]
    told = stores_shown.moved(found, stores.words())
    assert told.iloc[0]["fact"] == "bought in the last 90 days" and told.iloc[0]["before_and_now"].startswith(
        "90.0 →"
    )


def test_a_run_of_fewer_shops_hides_no_change_of_the_others(one):
    """Run of a and b, then of a alone: b is set against the first, a against the second."""
    facts, made = latest(a=one, b=one), {"a": one, "b": one}
    recorded = stores.as_recorded(facts, made)
    both = {row.name: (row.value, row.low, row.high) for row in recorded.itertuples()}
    both |= {"stores.a.active": (0.8, 0.78, 0.82), "stores.b.active": (0.9, 0.88, 0.92)}
    narrow = {name: fact for name, fact in both.items() if name.startswith("stores.a.")}
    narrow |= {"stores.a.active": (0.7, 0.68, 0.72)}
    found = stores.since(past(both, narrow, shop="_all", notebook="09_stores"), facts, made)
    told = found.sort_values("shop")[["shop", "fact", "before", "until_before"]]
    assert told.to_numpy().tolist() == [
        ["a", "active", 0.7, "2026-02-30"], ["b", "active", 0.9, "2026-01-30"]
    ]  # fmt: skip


# The shops of a file ----------------------------------------------------------------------------------------

SHOPS = "shops:\n" + "".join(
    f"  {name}: {{name: {title}, platform: csv, orders: {name}.csv, currency: CNY}}\n"
    for name, title in [("gold", "Ring"), ("silver", "Ring"), ("broken", "Kaputt")]
)
ORDERS = "order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n2,a,2025-02-01,10\n3,b,2025-02-01,10\n"


@pytest.fixture
def shop_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "shops.yml").write_text(SHOPS)
    for name in ("gold", "silver"):
        (tmp_path / f"{name}.csv").write_text(ORDERS)
    (tmp_path / "broken.csv").write_text("nothing,of,ours\n1,2,3\n")
    return tmp_path / "shops.yml"


def test_a_shop_that_cannot_be_read_is_left_out_by_name(shop_file):
    opened = stores.open_all(shop_file)
    assert list(opened.stores) == ["gold", "silver"]
    assert [store.name for store in opened.stores.values()] == ["Ring (gold)", "Ring (silver)"]
    assert list(opened.left_out) == ["Kaputt"]
    assert opened.left_out["Kaputt"].endswith((".", "?"))
    assert stores.open_all(shop_file, shops=["gold"], until="2025-01-31").stores["gold"].until == date(
        2025, 1, 31
    )
    with pytest.raises(NoAnswerError, match="not one of 1 shops can be read; of Kaputt: "):
        stores.open_all(shop_file, shops=["broken"])
    with pytest.raises(SettingError, match="did you mean 'gold'"):
        stores.open_all(shop_file, shops=["gols"])


def test_a_playbook_cannot_have_it_as_a_step():
    page = (playbooks.folder() / f"{playbooks.names()[0]}.md").read_text("utf-8")
    step = page.index("05_recall_offers")
    changed = (
        page[: page.rindex("\n", 0, step) + 1]
        + "  - 09_stores: {}\n"
        + page[page.rindex("\n", 0, step) + 1 :]
    )
    with pytest.raises(SettingError, match="09_stores is about all shops, so it is no step"):
        playbooks.parse(changed, name="changed")
