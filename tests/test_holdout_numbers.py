"""The judge of held-out orders against slow reckonings: every column, every band, every sentence whole."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import bgnbd, holdout, split
from clv.bgnbd import BGNBD
from clv.errors import NoAnswerError, SettingError
from clv.money.intervals import ends
from conftest import orders_table

TRUTH = BGNBD(r=0.9, alpha=30.0, a=0.7, b=2.5)
END, UNTIL = date(2025, 3, 31), date(2025, 6, 29)


@pytest.fixture(scope="module")
def shop() -> split.Split:
    """Two hundred customers of known days, and what they bought in the 90 days after."""
    rng = np.random.default_rng(11)
    customers = TRUTH.simulate(200, T=rng.integers(0, 300, 200).astype(float), rng=rng)
    later = TRUTH.purchases_of(TRUTH.individuals(customers, rng=rng), days=90, rng=rng)
    first = pd.Timestamp(END) - pd.to_timedelta(customers["T"], unit="D")
    days = pd.date_range("2024-07-03", UNTIL)  # some weeks after the first customer
    repeats = pd.Series(rng.integers(0, 4, len(days)), index=days, name="repeats").iloc[::3]
    return split.Split(customers.assign(first_order=first), later.to_frame("purchases"), repeats, END, UNTIL)


@pytest.fixture(scope="module")
def fit(shop: split.Split) -> bgnbd.Fit:
    return bgnbd.fit(shop.calibration)


def futures(shop: split.Split, fit: bgnbd.Fit, draws: int, days: list[float]) -> np.ndarray:
    """Purchases by draw, customer and horizon: what the bands sort."""
    rng, found = np.random.default_rng(5), []
    for model in fit.draws(draws, rng=rng):
        alive, people = model.survivors(shop.calibration, rng=rng)
        one = np.zeros((len(shop.calibration), len(days)))
        one[alive] = np.column_stack([model.purchases_of(people, days=d, rng=rng) for d in days])
        found.append(one)
    return np.array(found)


def band(simulated: np.ndarray) -> list[float]:
    low, high = ends(len(simulated))
    return [np.sort(simulated)[low], np.sort(simulated)[high]]


def test_tracking_is_the_sum_over_customers_on_every_day(shop, fit):
    found = holdout.tracking(shop, fit, rng=np.random.default_rng(5), draws=30, points=12)
    assert list(found) == ["day", "actual", "expected", "expected_low", "expected_high"]
    assert found.index.tolist() == list(range(len(found)))
    first, start = shop.calibration["first_order"], shop.calibration["first_order"].min()
    before, after = found[found["day"] <= pd.Timestamp(END)][:-1], found[found["expected_low"].notna()]
    assert before["day"].tolist() == list(pd.date_range(start, END, periods=12).normalize())
    for row in before.itertuples():
        ages = [(row.day - one).days for one in first if one <= row.day]
        assert row.expected == pytest.approx(sum(float(fit.model.expected_new(days=a)) for a in ages))
    assert before[["expected_low", "expected_high"]].isna().all(axis=None)
    horizons = np.linspace(0, 90, 7)
    assert after["day"].tolist() == [pd.Timestamp(END) + pd.Timedelta(days=d) for d in horizons]
    known = shop.calibration["frequency"].sum()
    drawn = futures(shop, fit, 30, list(horizons)).sum(axis=1)
    for at, row in enumerate(after.itertuples()):
        expected = fit.model.expected_purchases(shop.calibration, days=horizons[at]).sum() if at else 0.0
        assert row.expected == pytest.approx(known + expected)
        assert [row.expected_low, row.expected_high] == pytest.approx([known + e for e in band(drawn[:, at])])
    for row in found.itertuples():
        assert row.actual == shop.repeats[shop.repeats.index <= row.day].sum()
    # before the first repeat purchase there was none
    assert found["actual"].iloc[0] == 0


def test_the_band_is_drawn_at_few_horizons_and_joined(shop, fit):
    found = holdout.tracking(shop, fit, rng=np.random.default_rng(5), draws=10)
    after = found[found["expected_low"].notna()]
    assert len(after) == 21 and len(found) == 61
    drawn = np.linspace(0, 90, 7)
    lows = [band(one)[0] for one in futures(shop, fit, 10, list(drawn)).sum(axis=1).T]
    days = (after["day"] - pd.Timestamp(END)).dt.days
    expected = np.interp(days, drawn, lows) + shop.calibration["frequency"].sum()
    assert after["expected_low"].to_numpy() == pytest.approx(expected)


def test_customers_of_a_single_day_can_be_tracked(shop, fit):
    one = shop.calibration.assign(first_order=pd.Timestamp(END))
    found = holdout.tracking(replace(shop, calibration=one), fit, rng=np.random.default_rng(5), draws=5)
    assert found["expected"].iloc[0] == 0.0


def test_totals_are_sums_and_means_over_customers(shop, fit):
    found = holdout.totals(shop, fit, rng=np.random.default_rng(5), draws=40)
    actual = shop.later["purchases"]
    expected = fit.model.expected_purchases(shop.calibration, days=90)
    pace = sum(90 * x / max(t, 1) for x, t in shop.calibration[["frequency", "T"]].to_numpy())
    drawn = futures(shop, fit, 40, [90]).sum(axis=(1, 2))
    low, high = band(drawn)
    by_hand = {
        "actual": actual.sum(),
        "expected": expected.sum(),
        "low": low,
        "high": high,
        "error": expected.sum() / actual.sum() - 1,
        "mae": np.mean(np.abs(expected - actual)),
        "rmse": np.sqrt(np.mean((expected - actual) ** 2)),
        "pace_error": pace / actual.sum() - 1,
    }
    assert list(found.index) == list(by_hand)
    assert found.to_dict() == pytest.approx(by_hand)


def test_where_nobody_bought_the_relative_errors_are_missing(shop, fit):
    nobody = replace(shop, later=shop.later * 0)
    found = holdout.totals(nobody, fit, rng=np.random.default_rng(5), draws=5)
    assert found["actual"] == 0 and found["mae"] > 0
    assert np.isnan(found[["error", "pace_error"]].astype(float)).all()


def test_by_frequency_is_the_mean_of_each_group(shop, fit):
    found = holdout.by_frequency(shop, fit, rng=np.random.default_rng(5), draws=40).set_index("group")
    assert list(found) == ["customers", "actual", "expected", "low", "high"]
    x = shop.calibration["frequency"].astype(int)
    assert (x > 8).any() and (x == 7).any()
    drawn = futures(shop, fit, 40, [90])[:, :, 0]
    expected = fit.model.expected_purchases(shop.calibration, days=90)
    assert found.index.tolist() == ["0", "1", "2", "3", "4", "5", "6", "7+"]
    for name, row in found.iterrows():
        mine = (x >= 7) if name == "7+" else (x == int(name))
        assert row["customers"] == mine.sum()
        assert row["actual"] == pytest.approx(shop.later["purchases"][mine].mean())
        assert row["expected"] == pytest.approx(expected[mine].mean())
        assert row[["low", "high"]].tolist() == pytest.approx(band(drawn[:, mine].mean(axis=1)))


def test_chances_to_buy_are_compared_by_groups_of_customers(shop, fit):
    chance = fit.model.p_buy(shop.calibration, days=90)
    bought = shop.later["purchases"] > 0
    for bins, found in ((10, holdout.p_buy(shop, fit)), (4, holdout.p_buy(shop, fit, bins=4))):
        assert list(found) == ["predicted", "observed", "low", "high", "customers"]
        places = [np.ceil(((chance < c).sum() + ((chance == c).sum() + 1) / 2) / 200 * bins) for c in chance]
        group = pd.Series(places, index=chance.index)
        assert len(found) == group.nunique()
        for (_, mine), row in zip(group.groupby(group), found.itertuples(), strict=True):
            k, n = bought[mine.index].sum(), len(mine)
            assert (row.customers, row.observed) == (n, pytest.approx(k / n))
            assert row.predicted == pytest.approx(chance[mine.index].mean())
            z, p = 1.6448536, k / n  # Wilson 1927
            middle, reach = p + z**2 / 2 / n, z * np.sqrt(p * (1 - p) / n + z**2 / 4 / n**2)
            wilson = [(middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n)]
            assert [row.low, row.high] == pytest.approx(wilson, abs=1e-7)


def test_the_interval_of_auc_is_that_of_the_paper():
    """Hanley & McNeil 1982, formula (2), reckoned by hand for three buyers and four others."""
    score = pd.Series([5.0, 3.0, 3.0, 4.0, 3.0, 1.0, 0.0])
    bought = pd.Series([1, 1, 1, 0, 0, 0, 0])
    area = (4 + 2.5 + 2.5) / 12
    assert holdout.auc(score, bought) == pytest.approx((area, area - reach(area), min(area + reach(area), 1)))
    assert holdout.auc(-score, bought) == pytest.approx((1 - area, 0, 1 - area + reach(1 - area)))
    assert holdout.auc(pd.Series([1.0, 0.0]), pd.Series([True, False])) == (1, 1, 1)
    assert holdout.auc(pd.Series([0.0, 1.0]), pd.Series([True, False])) == (0, 0, 0)
    for everybody in (True, False):
        assert np.isnan(holdout.auc(score, pd.Series([everybody] * 7))).all()


def reach(area: float) -> float:
    """Half the width of the interval of three buyers and four others."""
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    return 1.6448536 * np.sqrt((area * (1 - area) + 2 * (q1 - area**2) + 3 * (q2 - area**2)) / 12)


def test_rankings_give_each_rule_its_area_and_ends():
    bought, good = pd.Series([1, 1, 0, 0, 1, 0]), pd.Series([9.0, 7, 8, 2, 6, 1])
    found = holdout.rankings({"poor": -good, "good": good, "same": good}, bought)
    assert list(found) == ["rule", "auc", "low", "high"]
    assert found.index.tolist() == [0, 1, 2] and found["rule"].tolist() == ["good", "same", "poor"]
    for rule, score in (("good", good), ("poor", -good)):
        assert found.set_index("rule").loc[rule].tolist() == list(holdout.auc(score, bought))


TOTALS = pd.Series({"actual": 100.0, "low": 90.0, "high": 110.0, "error": 0.05, "pace_error": -0.25})
PACE = "Letting everybody go on at their pace so far would have been 25.0 % too low."
INSIDE = "The truth lies inside the band; the forecast was 5.0 % too high. "
OUTSIDE = "The truth lies outside the band; the forecast was 5.0 % too high. "
MOVED = "Something moves these customers that the model does not know, such as a season or a trend. "
WRONG = "Expect the forecasts below to be wrong by as much. "


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, INSIDE + PACE),
        ({"low": 100.0}, INSIDE + PACE),
        ({"high": 100.0}, INSIDE + PACE),
        ({"low": 100.1}, OUTSIDE + MOVED + PACE),
        ({"high": 99.9}, OUTSIDE + MOVED + PACE),
        ({"error": 0.15}, INSIDE.replace("5.0", "15.0") + PACE),
        ({"error": 0.16}, INSIDE.replace("5.0", "16.0") + WRONG + PACE),
        ({"error": -0.2, "low": 101.0},
         OUTSIDE.replace("5.0 % too high", "20.0 % too low") + MOVED + WRONG + PACE),
        ({"actual": 0.0}, "Nobody bought in the hidden days, so the forecast cannot be judged."),
        ({"pace_error": 0.0}, INSIDE + PACE.replace("25.0 % too low", "0.0 % too high")),
        ({"actual": 1.0, "low": 0.0, "high": 2.0}, INSIDE + PACE),
    ],
)  # fmt: skip
def test_the_verdict_is_said_whole(change, said):
    assert holdout.verdict(pd.Series({**TOTALS, **change})) == said


def ranked(**rules: tuple[float, float, float]) -> pd.DataFrame:
    rows = [(name, *found) for name, found in rules.items()]
    return pd.DataFrame(rows, columns=["rule", "auc", "low", "high"])


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"pace": (0.6, 0.5, 0.69)}, "No simple rule sorts the customers as well as the model."),
        ({"pace": (0.5, 0.4, 0.9)}, "No simple rule sorts the customers as well as the model."),
        ({"pace": (0.51, 0.4, 0.7)}, "For sorting alone, pace would do about as well; "),
        ({"pace": (0.9, 0.8, 0.95)}, "For sorting alone, pace would do about as well; "),
        ({"pace": (0.9, 0.8, 0.95), "spend": (0.7, 0.6, 0.8), "bad": (0.6, 0.5, 0.6)},
         "For sorting alone, pace and spend would do about as well; "),
    ],
)  # fmt: skip
def test_a_rule_is_as_good_where_its_interval_reaches_the_models_low_end(rules, said):
    table = ranked(model=(0.8, 0.7, 0.9), **rules)
    more = "" if said.endswith(".") else "the model adds how many and how much."
    assert holdout.ranking_in_words(table, model="model") == said + more


def test_where_nobody_bought_no_rule_is_judged():
    table = ranked(model=(np.nan,) * 3, pace=(np.nan,) * 3)
    said = "Everybody bought or nobody did, so no rule can be judged here."
    assert holdout.ranking_in_words(table, model="model") == said


# The split --------------------------------------------------------------------------------------------------

BOUGHT = pd.DataFrame(
    [
        ("ann", "2026-01-01 10:00", 10.0), ("ann", "2026-01-01 23:59", 5.0), ("ann", "2026-01-07", 1.0),
        ("ann", "2026-01-08 00:00", 2.0), ("ann", "2026-01-08 09:00", 3.0), ("ann", "2026-01-09 23:59", 4.0),
        ("bob", "2026-01-07 12:00", 7.0), ("bob", "2026-01-10", 9.0),
        ("eve", "2026-01-08 12:00", 8.0), ("eve", "2026-01-09", 8.0),
        ("dan", "2026-01-02", 6.0),
    ],
    columns=["customer_id", "paid_at", "amount"],
).astype({"paid_at": "datetime64[ns]"})  # fmt: skip


def test_a_split_is_made_at_the_end_of_a_day():
    made = split.split(orders_table(BOUGHT), until="2026-01-09", days=2)
    assert (made.end, made.until, made.days) == (date(2026, 1, 7), date(2026, 1, 9), 2)
    assert sorted(made.calibration.index) == ["ann", "bob", "dan"]  # eve came after it
    assert made.later.index.equals(made.calibration.index) and list(made.later) == ["purchases", "spend"]
    assert made.later.loc["ann"].tolist() == [2, 9.0]
    assert made.later.loc["bob"].tolist() == made.later.loc["dan"].tolist() == [0, 0.0]
    assert made.later["purchases"].dtype == "int64" and made.later["spend"].dtype == float
    assert made.calibration["frequency"].to_dict() == {"ann": 1, "bob": 0, "dan": 0}
    days = [pd.Timestamp("2026-01-07"), pd.Timestamp("2026-01-08"), pd.Timestamp("2026-01-09")]
    assert made.repeats.index.tolist() == days and made.repeats.tolist() == [1, 1, 1]
    assert made.repeats.name == "repeats"


def test_any_part_of_a_history_of_eight_days_can_be_hidden():
    orders = orders_table(BOUGHT)
    assert split.split(orders, until="2026-01-09").days == 2  # a quarter of eight
    assert split.split(orders, until="2026-01-09", days=1).end == date(2026, 1, 8)
    assert split.split(orders, until="2026-01-09", days=7).end == date(2026, 1, 2)
    for days in (8, -1):
        with pytest.raises(SettingError) as refused:
            split.split(orders, until="2026-01-09", days=days)
        assert str(refused.value) == f"holdout_days must lie between 1 and 7; it is {days}."
    with pytest.raises(NoAnswerError) as short:
        split.split(orders, until="2026-01-08")
    assert str(short.value) == "the orders span 7 day(s); a check on hidden orders needs at least 8."
