"""The season: planted heights are found, shops without one have none, a clock counts only where it helps."""

import importlib
import sys
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

import shops_simulated
from clv import baseline, clocks, festivals, origins, purchase_days, season
from clv.clocks import Season
from clv.known import Known
from clv.origins import Origin
from clv.season import Clock
from clv.seasons import days, pooling, scores
from conftest import REPO, orders_table

UNTIL = date(2026, 6, 30)
FIRST = pd.Timestamp("2024-07-01")
WINDOW = 60
KNOWN = festivals.table()


def shop(
    n: int, *, seed: int, effects: dict[str, float] | None = None, known: pd.DataFrame = KNOWN
) -> pd.DataFrame:
    """Return orders of MBG/NBD customers whose time runs faster in the windows of `effects` (logarithms)."""
    orders = shops_simulated.orders(n, rng=np.random.default_rng(seed))
    if not effects:
        return orders
    count = Clock(pd.Series(effects), known).weights(FIRST, UNTIL)
    ends = (count / count.mean()).cumsum().to_numpy()
    at = (orders["paid_at"] - FIRST).dt.days + 0.5  # simulated in days that all count alike
    day = np.searchsorted(ends, at).clip(0, len(ends) - 1)
    return orders.assign(paid_at=(FIRST + pd.to_timedelta(day, unit="D")).astype("datetime64[ns]"))


STRONG = {"双11": 1.2, "春节": 1.0, "七夕": 1.2, "520": 1.0, "618": 0.8, "中秋": -0.5, "三八": 0.8}


def stood_on(bought: pd.DataFrame, day: date) -> Known:
    """Return what was known on a day, without the database: for many small shops."""
    waits = purchase_days.as_of(bought, until=day)
    seen = waits.groupby("customer_id")["day"].agg(["size", "min", "max"])
    table = pd.DataFrame(
        {"first_order": seen["min"], "last_order": seen["max"], "frequency": seen["size"] - 1}
    )
    table["recency"] = (seen["max"] - seen["min"]).dt.days
    table["T"] = (pd.Timestamp(day) - seen["min"]).dt.days
    return Known(table.assign(days_since_last=table["T"] - table["recency"]), WINDOW, waits)


def chosen(orders: pd.DataFrame, known: pd.DataFrame | None = None) -> Season:
    """Return the season as `baseline` chooses it."""
    bought = purchase_days.from_orders(orders, until=UNTIL)
    past = []
    for back in range(1, 11):
        day = UNTIL - timedelta(days=back * WINDOW)
        then, ends = stood_on(bought, day), pd.Timestamp(day) + pd.Timedelta(days=WINDOW)
        after = bought[(bought["day"] > pd.Timestamp(day)) & (bought["day"] <= ends)]
        later = after.groupby("customer_id").size().reindex(then.customers.index, fill_value=0)
        past.append(Origin(day, then, later.rename("purchases").to_frame(), None))
    starts = UNTIL + timedelta(days=1)
    today = stood_on(bought, UNTIL)
    return clocks.choose(past, today, until=UNTIL, starts=starts, window=WINDOW, known=known).season


def judged(orders: pd.DataFrame) -> Season:
    today = origins.today(orders, until=UNTIL, horizon=WINDOW)
    starts = UNTIL + timedelta(days=1)
    return baseline.baseline(orders, today, until=UNTIL, window=WINDOW, starts=starts).season


# The index -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calendar():
    """The calendar that the samples are made by, without leaving its folder on the path."""
    sys.path.insert(0, str(REPO / "data" / "samples"))
    try:
        return importlib.import_module("generator.calendar")
    finally:
        sys.path.pop(0)


HEIGHTS = {"七夕": 3.0, "双11": 4.0, "双12": 1.5, "春节": 1.6, "情人节": 4.0, "520": 4.5, "618": 2.0}


def planted(calendar, n: int, *, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Return orders whose days are drawn by the sample's season, and its true factors of our windows."""
    rng = np.random.default_rng(seed)
    weight = pd.Series(calendar.season(HEIGHTS), index=calendar.DAYS)
    buyer = rng.integers(0, n, 6 * n)
    day = rng.choice(len(weight), size=6 * n, p=weight / weight.sum())
    log = pd.DataFrame({"customer_id": pd.Series(buyer).map("c{:06d}".format), "amount": 1.0})
    log["paid_at"] = (calendar.FIRST_DAY + pd.to_timedelta(day, unit="D")).astype("datetime64[ns]")
    seen = KNOWN[(KNOWN["to"] >= weight.index[0]) & (KNOWN["from"] <= weight.index[-1])]
    inside = [weight[row["from"] : row["to"]] for _, row in seen.iterrows()]
    ordinary = weight.drop(np.unique(np.concatenate([one.index for one in inside]))).mean()
    whole = seen["from"].ge(weight.index[0]) & seen["to"].le(weight.index[-1])
    factors = pd.Series([one.mean() for one in inside], index=seen["name_zh"])[whole.to_numpy()]
    return orders_table(log), factors.groupby(level=0).mean() / ordinary


def test_planted_heights_are_found_within_their_intervals(calendar):
    orders, true = planted(calendar, 2500, seed=3)
    found = season.index(orders, until=UNTIL).query("who == 'returning'").set_index("name_zh")
    true = true[found.index]
    assert (found["years"] == 2).all()
    assert found["factor"].to_numpy() == pytest.approx(true.to_numpy(), rel=0.2)
    assert true.between(found["low"], found["high"]).mean() >= 0.8
    assert (found.loc[[*HEIGHTS], "told"] == season.MORE).all()
    assert (found.loc[["国庆", "圣诞", "三八"], "told"] == season.UNTOLD).all()


def test_intervals_of_a_shop_without_season_hold_one():
    """18 festivals of 8 shops: nine in ten intervals should hold 1, whatever the customers' ages."""
    held = [season.index(shop(1500, seed=seed), until=UNTIL).query("who == 'returning'") for seed in range(8)]
    found = pd.concat(held)
    assert len(found) == 8 * 18
    assert ((found["low"] <= 1) & (found["high"] >= 1)).mean() == pytest.approx(0.9, abs=0.06)


def test_new_and_returning_customers_are_told_apart():
    """Newcomers crowd in at 双11, the customers of old do not mind it."""
    orders = shop(1500, seed=4)
    window = KNOWN[KNOWN["day"] == pd.Timestamp("2024-11-11")].iloc[0]
    span = pd.date_range(window["from"], window["to"])
    more = pd.DataFrame({"customer_id": [f"n{i}" for i in range(120)], "amount": 5.0})
    more["paid_at"] = np.resize(span, 120)
    both = pd.concat([orders, orders_table(more)], ignore_index=True).assign(
        order_id=lambda t: t.index.astype(str)
    )
    found = season.index(both, until=UNTIL).query("name_zh == '双11'").set_index("who")
    assert found.at["new", "bought"] >= 120 and found.at["new", "factor"] > 1.5
    assert found.at["returning", "told"] == season.UNTOLD


def test_one_year_cannot_tell():
    orders = shop(3000, seed=5, effects=STRONG)
    found = season.index(orders, until="2025-06-25").query("who == 'returning'")
    assert (found["years"] == 1).all() and (found["told"] == season.UNTOLD).all()
    assert (found.set_index("name_zh").at["双11", "low"]) > 1


def test_windows_that_share_their_days_are_named():
    found = season.index(shop(1500, seed=4), until=UNTIL).drop_duplicates("name_zh").set_index("name_zh")
    assert found.at["父亲节", "shared"] == "618" and found.at["双11", "shared"] == ""


def test_where_no_window_or_nobody_is_seen_there_are_no_rows():
    assert season.index(shop(300, seed=1), until=UNTIL, known=KNOWN.iloc[:0]).empty
    assert season.index(shop(3, seed=1), until=UNTIL).empty


def test_the_index_does_not_mind_the_order_of_orders_nor_the_day_after():
    orders = shop(800, seed=6, effects=STRONG)
    found = season.index(orders, until="2026-03-31")
    mixed = season.index(orders.sample(frac=1, random_state=2), until="2026-03-31")
    pd.testing.assert_frame_equal(found, mixed)
    before = season.index(orders[orders["paid_at"] <= "2026-03-31"], until="2026-03-31")
    pd.testing.assert_frame_equal(found, before)


def test_every_purchase_day_is_on_one_day_and_the_yardsticks_add_up():
    bought = purchase_days.from_orders(shop(700, seed=7), until=UNTIL)
    found = days.table(bought, until=pd.Timestamp(UNTIL))
    assert len(found) == (pd.Timestamp(UNTIL) - bought["day"].min()).days + 1
    assert found["new"].sum() == bought["customer_id"].nunique()
    assert found["returning"].sum() == len(bought) - found["new"].sum()
    for who in ("new", "returning"):
        assert found[f"usual_{who}"].sum() == pytest.approx(found[who].sum())


def test_years_that_agree_are_surer_than_years_that_do_not():
    names, noise = pd.Series(["a", "a", "b", "b"]), 0.001 * np.eye(4)
    alike = pooling.over_years(names, np.array([0.5, 0.5, 0.1, 0.1]), noise)
    apart = pooling.over_years(names, np.array([0.9, 0.1, 0.4, -0.2]), noise)
    assert alike["mean"].tolist() == pytest.approx([0.5, 0.1], abs=0.01)
    assert apart["mean"].tolist() == pytest.approx([0.5, 0.1], abs=0.05)
    assert (apart["sd"] > 2 * alike["sd"]).all()


def test_effects_are_drawn_to_none_the_more_the_less_is_known():
    def drawn(years: int, sd: float) -> float:
        names = pd.Series([*["a"] * years, *"bcdefgh"])
        seen = np.append(np.full(years, 0.6), np.zeros(7))
        return pooling.drawn_to_none(names, seen, sd**2 * np.eye(years + 7))["a"]

    assert 0 < drawn(1, 0.3) < drawn(2, 0.3) < drawn(5, 0.3) < 0.6
    assert drawn(2, 0.6) < drawn(2, 0.2) < 0.6


# Weeks ---------------------------------------------------------------------------------------------------


def test_weeks_hold_every_order_and_all_money():
    orders = shop(400, seed=8).assign(amount=2.5)
    orders.loc[orders.index[::7], "customer_id"] = None
    weeks = season.by_week(orders, until="2026-06-25")
    within = orders[orders["paid_at"] < "2026-06-26"]
    assert weeks.filter(like="_orders").to_numpy().sum() == len(within)
    assert weeks.filter(like="_money").to_numpy().sum() == pytest.approx(2.5 * len(within))
    assert weeks["unnamed_orders"].sum() == within["customer_id"].isna().sum()
    assert (weeks["week"].diff().dropna() == pd.Timedelta(days=7)).all()
    assert (weeks["week"].dt.day_name() == "Monday").all()
    assert weeks["whole"].tolist() == [True] * (len(weeks) - 1) + [False]
    first = within.dropna(subset="customer_id").groupby("customer_id")["paid_at"].transform("min")
    assert weeks["new_orders"].sum() == (within.loc[first.index, "paid_at"] == first).sum()


# The clock -----------------------------------------------------------------------------------------------

CLOCK = Clock(pd.Series(STRONG), KNOWN)


@pytest.mark.parametrize("year", [2015, 2020, 2024, 2026, 2030, 2040])
def test_a_whole_year_counts_its_days(year):
    weights = CLOCK.weights(date(year, 1, 1), date(year, 12, 31))
    assert weights.mean() == pytest.approx(1, abs=1e-12)
    assert (weights == 1).all() == (year == 2040)  # no festival is known by then


def test_days_in_a_window_count_for_its_factor_and_windows_that_overlap_for_both():
    weights = CLOCK.weights(date(2026, 1, 1), date(2026, 12, 31))
    ordinary = weights["2026-04-01"]
    assert weights["2026-11-05"] / ordinary == pytest.approx(np.exp(1.2))
    assert weights["2026-11-12"] == pytest.approx(ordinary)
    both = Clock(pd.Series({"母亲节": 0.3, "520": 0.4}), KNOWN).weights(date(2026, 5, 9), date(2026, 5, 11))
    assert both["2026-05-10"] / both["2026-05-11"] == pytest.approx(np.exp(0.3))


def test_more_days_never_count_for_less_and_parts_add_up():
    start = date(2025, 9, 1)
    counts = [CLOCK.days(start, start + timedelta(days=more)) for more in range(300)]
    assert (np.diff(counts) > 0).all()
    middle = date(2025, 12, 31)
    parts = CLOCK.days(start, middle) + CLOCK.days(date(2026, 1, 1), date(2026, 3, 1))
    assert parts == pytest.approx(CLOCK.days(start, date(2026, 3, 1)))


def test_customers_in_days_of_the_clock_keep_who_they_are():
    orders = shop(500, seed=9)
    table = origins.today(orders, until=UNTIL, horizon=WINDOW).customers
    plain = Clock(pd.Series(dtype=float), KNOWN).customers(table, until=UNTIL)
    assert np.allclose(plain[["recency", "T"]], table[["recency", "T"]])
    found = CLOCK.customers(table, until=UNTIL)
    assert (found["recency"] <= found["T"]).all() and (
        (found["recency"] > 0) == (found["frequency"] > 0)
    ).all()
    one = found.iloc[0]
    after = one["first_order"] + pd.Timedelta(days=1)
    assert one["T"] == pytest.approx(CLOCK.days(after, UNTIL))


def test_a_clock_learns_nothing_before_a_year_has_passed_and_nothing_of_the_future():
    orders = shop(900, seed=10, effects=STRONG)
    bought = purchase_days.from_orders(orders, until=UNTIL)
    early = season.learn(purchase_days.as_of(bought, until="2025-06-25"), until="2025-06-25")
    assert early.effects.empty and early.days(date(2025, 11, 1), date(2025, 11, 30)) == 30
    then = purchase_days.from_orders(orders[orders["paid_at"] <= "2025-12-31"], until="2025-12-31")
    one, other = (
        season.learn(days_of, until="2025-12-31")
        for days_of in (then, purchase_days.as_of(bought, until="2025-12-31"))
    )
    pd.testing.assert_series_equal(one.effects, other.effects)


def test_a_strong_season_is_learned_in_its_order_and_drawn_to_none():
    bought = purchase_days.from_orders(shop(4000, seed=11, effects=STRONG), until=UNTIL)
    effects = season.learn(bought, until=UNTIL).effects
    true = pd.Series(0.0, index=effects.index).add(pd.Series(STRONG), fill_value=0)
    assert np.corrcoef(effects, true)[0, 1] > 0.9
    assert 0.6 < (effects @ true) / (true @ true) < 1.05


# The clock at past windows -------------------------------------------------------------------------------


def test_a_strong_season_is_used_and_buyers_are_missed_by_less():
    found = [chosen(shop(1200, seed=seed, effects=STRONG)) for seed in range(20, 24)]
    assert sum(one.used for one in found) >= 3
    assert sum(one.clock_miss for one in found) < 0.85 * sum(one.calendar_miss for one in found)
    used = next(one for one in found if one.used)
    assert used.low > 0 and used.effective_days != WINDOW
    assert "count for more" in used.sentence and f"as {used.effective_days:.0f}" in used.sentence


@pytest.mark.slow
def test_without_season_the_calendar_counts_in_nine_of_ten_shops():
    found = [chosen(shop(400, seed=seed)) for seed in range(40, 52)]
    assert sum(one.used for one in found) <= 1
    assert all(one.effective_days == WINDOW for one in found if not one.used)
    assert any("no better beyond chance" in one.sentence for one in found)


def test_baseline_chooses_by_the_same_windows():
    orders = shop(1200, seed=20, effects=STRONG)
    one, other = judged(orders), chosen(orders)
    assert one.sentence == other.sentence and one.used
    pd.testing.assert_frame_equal(one.table, other.table)


def test_a_season_of_the_shops_own_is_used_where_the_shop_names_it(tmp_path):
    """Its sales fall into no window of ours: in March and in September."""
    rows = [
        f"店庆,{year}-{month}-01,{year}-{month}-25" for year in (2024, 2025, 2026) for month in ("03", "09")
    ]
    (tmp_path / "own.csv").write_text("\n".join(["name,from,to", *rows]), "utf-8")
    known = festivals.table(festivals.load(tmp_path / "own.csv"))
    orders = shop(1200, seed=30, effects={"店庆": 1.3}, known=known)
    found, without = chosen(orders, known), chosen(orders)
    assert found.used and found.clock_miss < 0.8 * without.clock_miss
    assert season.index(orders, until=UNTIL, known=known).set_index(["name_zh", "who"])["factor"][
        "店庆", "returning"
    ] == pytest.approx(np.exp(1.3), rel=0.2)


@pytest.mark.slow
def test_windows_are_judged_by_what_came_before_them_alone():
    """Orders after a window, whatever they are, leave its forecasts as they were."""
    orders = shop(700, seed=12, effects=STRONG)
    cut = UNTIL - timedelta(days=2 * WINDOW)
    today = origins.today(orders, until=cut, horizon=WINDOW)
    then = baseline.baseline(orders, today, until=cut, window=WINDOW, starts=cut + timedelta(days=1)).season
    later = judged(orders).table.set_index("day")
    common = then.table.set_index("day")
    assert len(common) >= 3
    pd.testing.assert_frame_equal(common, later.loc[common.index])


def test_a_shop_too_young_is_told_so():
    orders = shops_simulated.orders(600, rng=np.random.default_rng(2), days=420)
    until = date(2025, 8, 24)
    today = origins.today(orders, until=until, horizon=WINDOW)
    found = baseline.baseline(
        orders, today, until=until, window=WINDOW, starts=until + timedelta(days=1)
    ).season
    assert not found.used and "past window(s) have a year of orders before them, of 4" in found.sentence
    assert np.isnan(found.gain) and np.isnan(found.clock_miss) and found.table.empty


def test_a_better_forecast_is_better_by_both_scores():
    bought = np.array([True, False, False, True])
    sharp, blunt = np.array([0.8, 0.1, 0.2, 0.7]), np.full(4, 0.5)
    assert scores.surprise(sharp, bought) < scores.surprise(blunt, bought) == pytest.approx(np.log(2))
    assert scores.miss(pd.Series([90, 110]), pd.Series([100, 100])) == pytest.approx(
        np.sqrt((np.log(0.9) ** 2 + np.log(1.1) ** 2) / 2)
    )
    mean, low, high = scores.redrawn(np.array([0.1, 0.2, 0.3, 0.2]))
    assert low < mean < high and mean == pytest.approx(0.2)
