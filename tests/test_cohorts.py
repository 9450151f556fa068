"""Who comes back, when, and who brings the money: hand-checked frames, published figures, laws."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clv import (
    bands,
    cohorts,
    concentration,
    customers,
    ladder,
    purchase_days,
    recency,
    sales,
    second_order,
    survival,
    tables,
)
from clv.errors import InputError, NoAnswerError, SettingError

# remission weeks of 21 children on 6-MP, + = still in remission: Freireich et al. (1963), Blood 21, 699-716
WEEKS = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
RELAPSED = [True] * 9 + [False] * 12


def orders_of(rows: list[tuple]) -> pd.DataFrame:
    """ORDERS from (customer, time, amount); customer None is nobody."""
    frame = pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount"])
    frame["paid_at"] = frame["paid_at"].map(pd.Timestamp)
    frame["order_id"] = [f"o{i}" for i in range(len(frame))]
    frame = frame.assign(refunded=0.0, category=None, channel=None, is_gift=False)
    return tables.check(frame[list(tables.ORDERS.columns)], tables.ORDERS)


def customers_of(spend: list[float], *, days_since_last: list[int] | None = None) -> pd.DataFrame:
    n = len(spend)
    since = np.array(days_since_last or [0] * n)
    day = pd.Timestamp("2026-06-30") - pd.to_timedelta(since, unit="D")
    frame = pd.DataFrame(
        {
            "frequency": 0,
            "recency": 0,
            "T": since,
            "monetary_value": 0.0,
            "orders": 1,
            "total_spend": spend,
            "first_order": day,
            "last_order": day,
            "days_since_last": since,
            "category": None,
            "channel": None,
        },
        index=pd.Index([f"c{i}" for i in range(n)], name="customer_id", dtype="str"),
    )
    return tables.check(frame, tables.CUSTOMERS)


SHOP = [
    ("ann", "2026-01-05 09:00", 10.0),
    ("ann", "2026-01-05 21:00", 5.0),  # the same purchase day
    ("ann", "2026-02-04", 20.0),
    ("ann", "2026-02-05", 30.0),
    ("bob", "2026-01-31", 40.0),
    ("cid", "2026-02-10", 50.0),
    ("cid", "2026-03-31", 60.0),
    (None, "2026-02-11", 70.0),
]


def simulated(rng: np.random.Generator, *, people: int = 400, repeat: float = 0.5) -> pd.DataFrame:
    rows = []
    for who in range(people):
        day = rng.integers(0, 700)
        rows.append((f"c{who}", day))
        while rng.random() < repeat and (day := day + 1 + int(rng.exponential(90))) <= 729:
            rows.append((f"c{who}", day))
    start = pd.Timestamp("2024-07-01")
    return orders_of([(who, start + timedelta(days=int(day)), float(rng.gamma(2, 50))) for who, day in rows])


class TestPurchaseDays:
    def test_by_hand(self):
        days = purchase_days.from_orders(orders_of(SHOP), until="2026-03-31")
        assert days["customer_id"].tolist() == ["ann", "ann", "ann", "bob", "cid", "cid"]
        assert days["amount"].tolist() == [15, 20, 30, 40, 50, 60]
        assert days["step"].tolist() == [1, 2, 3, 1, 1, 2]
        assert days["gap"].tolist() == [30, 1, 54, 59, 49, 0]
        assert days["returned"].tolist() == [True, True, False, False, True, False]
        assert days["followed"].tolist() == [85, 55, 54, 59, 49, 0]

    def test_until_cuts_off_what_came_later(self):
        days = purchase_days.from_orders(orders_of(SHOP), until="2026-02-04")
        assert days[["customer_id", "gap", "returned"]].values.tolist() == [
            ["ann", 30, True],
            ["ann", 0, False],
            ["bob", 4, False],
        ]

    @pytest.mark.parametrize("until", ["yesterday", "", "2025-12-31"])
    def test_a_day_that_cannot_be_used_is_refused(self, until):
        with pytest.raises(InputError, match=r"not a date|before the first order \(2026-01-05\)"):
            purchase_days.from_orders(orders_of(SHOP), until=until)

    def test_orders_of_nobody_are_refused(self):
        with pytest.raises(NoAnswerError, match="no order names a customer"):
            purchase_days.from_orders(orders_of([(None, "2026-01-01", 1.0)]))

    @settings(max_examples=8, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 60)), min_size=1), st.randoms())
    def test_laws(self, rows, random):
        rows = [(who, pd.Timestamp("2026-01-01") + timedelta(days=day), 1.0) for who, day in rows]
        days = purchase_days.from_orders(orders_of(rows))
        assert len(days) == len(set(rows))
        assert days["amount"].sum() == len(rows)
        assert (~days["returned"]).sum() == days["customer_id"].nunique()  # one open wait a customer
        assert (days.loc[~days["returned"], "gap"] == days.loc[~days["returned"], "followed"]).all()
        assert (days.loc[days["returned"], "gap"] >= 1).all()
        random.shuffle(rows)
        pd.testing.assert_frame_equal(purchase_days.from_orders(orders_of(rows)), days)


class TestSurvival:
    def test_published_remission_times(self, monkeypatch):
        monkeypatch.setattr(survival, "LEVEL", 0.95)  # the level of the published bands
        # Kleinbaum & Klein, Survival Analysis, 6-MP group; bands as R's survfit(conf.type="log-log")
        found = 1 - survival.curve(WEEKS, RELAPSED).set_index("day")[["share", "high", "low"]]
        published = {
            6: (0.857, 0.620, 0.952),
            7: (0.807, 0.563, 0.923),
            10: (0.753, 0.503, 0.889),
            13: (0.690, 0.432, 0.849),
            16: (0.627, 0.368, 0.805),
            22: (0.538, 0.268, 0.747),
            23: (0.448, 0.188, 0.680),
        }
        for week, figures in published.items():
            assert found.loc[week].tolist() == pytest.approx(figures, abs=5.1e-4)

    def test_at_risk_and_returns_count_everybody(self):
        found = survival.curve(WEEKS, RELAPSED)
        assert found["at_risk"].iloc[0] == 21
        assert found["returned"].sum() == 9
        assert found["day"].tolist() == list(range(36))

    def test_one_wait_each_gives_greenwoods_band(self):
        waits = pd.DataFrame({"customer_id": range(21), "gap": WEEKS, "returned": RELAPSED, "followed": 40})
        whole = survival.curve(WEEKS, RELAPSED).set_index("day")
        found = survival.shares_within(waits, days=[6, 13, 30]).set_index("days")
        expected = whole.loc[[6, 13, 30], ["share", "low", "high"]]
        np.testing.assert_allclose(found[["share", "low", "high"]], expected, rtol=1e-12)

    def test_the_same_customers_waits_count_together(self):
        one = pd.DataFrame({"customer_id": range(21), "gap": WEEKS, "returned": RELAPSED, "followed": 40})
        thrice = pd.concat([one] * 3)  # nobody new, only repeated: the band must not shrink
        a, b = (survival.shares_within(waits, days=[13]) for waits in (one, thrice))
        np.testing.assert_allclose(a[["share", "low", "high"]], b[["share", "low", "high"]], rtol=1e-9)

    def test_nobody_came_back(self):
        found = survival.curve([50] * 20, [False] * 20)
        assert (found["share"] == 0).all() and (found["low"] == 0).all()
        assert found["high"].iloc[-1] == pytest.approx(1 - 0.05 ** (1 / 20))

    def test_everybody_came_back(self):
        found = survival.curve([5] * 20, [True] * 20).iloc[-1]
        assert (found["share"], found["high"]) == (1, 1)
        assert found["low"] == pytest.approx(0.05 ** (1 / 20))

    def test_the_band_covers_the_truth(self, rng):
        covered, truth = 0, 1 - np.exp(-60 / 100)
        for _ in range(200):
            gap, end = np.ceil(rng.exponential(100, 80)), rng.integers(1, 200, 80)
            waits = pd.DataFrame({"customer_id": range(80), "gap": np.minimum(gap, end).astype(int)})
            waits = waits.assign(returned=gap <= end, followed=end)
            found = survival.shares_within(waits, days=[60]).iloc[0]
            covered += found["low"] <= truth <= found["high"]
        assert 0.845 <= covered / 200 <= 0.955  # 0.90, give or take 2.6 standard errors


class TestSecondOrder:
    def test_chances_by_hand(self):
        # ten customers seen 100 days; four back after 10 days, two after 50
        rows = [(f"c{i}", "2026-01-01", 1.0) for i in range(10)]
        rows += [(f"c{i}", "2026-01-11", 1.0) for i in range(4)] + [
            (f"c{i}", "2026-02-20", 1.0) for i in (4, 5)
        ]
        found = second_order.chances(orders_of(rows), until="2026-04-11").set_index("days")
        assert found.loc[30, "share"] == pytest.approx(0.4)
        assert found.loc[90, "share"] == pytest.approx(0.6)
        assert found.loc[[180, 365], "share"].isna().all()  # nobody has been seen that long
        assert found["followed"].tolist() == [10, 10, 0, 0]

    def test_the_curve_ends_where_fewer_than_ten_were_seen(self):
        rows = [(f"c{i}", pd.Timestamp("2026-01-01") + timedelta(days=i), 1.0) for i in range(15)]
        found = second_order.curve(orders_of(rows), until="2026-01-31")
        assert found["day"].max() == 21  # the tenth came on 10 January
        assert second_order.curve(orders_of(rows[:9]), until="2026-01-31").empty

    def test_the_chances_lie_on_the_curve(self, rng):
        orders = simulated(rng)
        curve = second_order.curve(orders).set_index("day")
        for row in second_order.chances(orders).itertuples():
            assert row.share == pytest.approx(curve.loc[row.days, "share"])


class TestLadder:
    def test_steps_agree_with_each_other(self, rng):
        orders = simulated(rng)
        steps = ladder.steps(orders).drop_duplicates("step").set_index("step")
        assert steps["customers"].iloc[0] == orders["customer_id"].nunique()
        assert steps.loc["2", "customers"] == steps.loc["1", "came_back"]
        assert steps.loc["3", "customers"] == steps.loc["2", "came_back"]
        assert steps.loc["4+", "customers"] == steps.loc["3", "came_back"]
        assert steps["came_back"].sum() == len(ladder.gaps(orders))

    def test_by_hand(self):
        found = ladder.steps(orders_of(SHOP), until="2026-03-31").drop_duplicates("step").set_index("step")
        assert found["customers"].to_dict() == {"1": 3, "2": 2, "3": 1}
        assert found["came_back"].to_dict() == {"1": 2, "2": 1, "3": 0}
        assert found["median_gap"].iloc[:2].tolist() == [39.5, 1.0]
        assert found["share"].isna().all()  # fewer than ten customers: not stated

    def test_longer_is_likelier_and_within_its_band(self, rng):
        found = ladder.steps(simulated(rng)).dropna(subset="share")
        assert (found.groupby("step")["share"].diff().dropna() >= 0).all()
        assert ((found["low"] <= found["share"]) & (found["share"] <= found["high"])).all()
        assert found[["low", "high"]].stack().between(0, 1).all()

    def test_recovers_a_known_chance(self, rng):
        found = ladder.steps(simulated(rng, people=6000), until="2027-06-30").set_index(["step", "days"])
        truth = 0.5 * (1 - np.exp(-90 / 90))
        for step in ("1", "2", "3"):
            row = found.loc[(step, 90)]
            assert row["low"] - 0.02 < truth < row["high"] + 0.02

    def test_gaps_by_hand(self):
        assert ladder.gaps(orders_of(SHOP)).values.tolist() == [[1, 30], [2, 1], [1, 49]]

    def test_nobody_came_back(self):
        orders = orders_of([("a", "2026-01-01", 1.0), ("b", "2026-01-02", 1.0)])
        assert ladder.gaps(orders).empty
        assert ladder.steps(orders)["median_gap"].isna().all()


class TestRetention:
    def test_by_hand(self):
        found = cohorts.retention(orders_of(SHOP), until="2026-03-31")
        cells = found.set_index([found["cohort"].astype(str), "after"])
        assert cells["customers"].to_dict() == {
            ("2026-01", 0): 2,
            ("2026-01", 1): 2,
            ("2026-01", 2): 2,
            ("2026-02", 0): 1,
            ("2026-02", 1): 1,
        }
        assert cells["share"].tolist() == [1, 0.5, 0, 1, 1]

    def test_a_month_that_is_not_over_is_left_out(self):
        found = cohorts.retention(orders_of(SHOP), until="2026-03-30")
        assert found.groupby(found["cohort"].astype(str))["after"].max().to_dict() == {
            "2026-01": 1,
            "2026-02": 0,
        }

    def test_customers_are_conserved(self, rng):
        orders = simulated(rng)
        found = cohorts.retention(orders, until="2026-06-30")
        assert found.loc[found["after"] == 0, "customers"].sum() == orders["customer_id"].nunique()
        assert (found.loc[found["after"] == 0, "share"] == 1).all()
        pairs = orders.assign(month=orders["paid_at"].dt.to_period("M"))[["customer_id", "month"]]
        assert found["buyers"].sum() == len(pairs.drop_duplicates())

    def test_does_not_depend_on_the_order_of_rows(self, rng):
        orders = simulated(rng, people=50)
        shuffled = orders.sample(frac=1, random_state=1).reset_index(drop=True)
        pd.testing.assert_frame_equal(cohorts.retention(orders), cohorts.retention(shuffled))

    @pytest.mark.parametrize(
        ("last", "freq"), [("2026-01-31", "M"), ("2026-02-01", "Q"), ("2036-01-01", "Y")]
    )
    def test_long_histories_get_longer_periods(self, last, freq):
        found = cohorts.retention(orders_of([("a", "2024-01-01", 1.0), ("b", last, 1.0)]))
        assert found["cohort"].iloc[0].freqstr[0] == freq


class TestRecencyWindows:
    def test_boundary_days_belong_to_the_earlier_window(self):
        found = recency.windows(customers_of([1.0] * 7, days_since_last=[0, 90, 91, 180, 181, 270, 271]))
        assert found["window"].tolist() == ["active", "silent", "sleeping", "lost"]
        assert found["customers"].tolist() == [2, 2, 2, 1]
        assert found["from_day"].tolist() == [0, 91, 181, 271]
        assert found["to_day"].tolist() == [90, 180, 270, pd.NA]

    def test_conservation(self, rng):
        people = customers.summarise(simulated(rng), until="2026-06-30")
        found = recency.windows(people, windows=[30, 60, 200])
        assert found["customers"].sum() == len(people)
        assert found["spend"].sum() == pytest.approx(people["total_spend"].sum())
        assert found["customer_share"].sum() == pytest.approx(1)
        assert found["spend_share"].sum() == pytest.approx(1)

    @pytest.mark.parametrize(
        "windows", [[90, 180], [90, 90, 180], [180, 90, 270], [-1, 90, 180], [1.5, 2, 3]]
    )
    def test_other_windows_are_refused(self, windows):
        with pytest.raises(SettingError, match="three rising whole numbers"):
            recency.windows(customers_of([1.0]), windows=windows)


class TestConcentration:
    def test_by_hand(self):
        people = customers_of([10.0, 70.0, 10.0, 10.0])
        assert concentration.gini(people) == pytest.approx(0.45)
        assert concentration.curve(people)["spend_share"].tolist() == pytest.approx([0, 0.7, 0.8, 0.9, 1])
        assert concentration.top(people, shares=[0.1, 0.25, 0.5])["spend_share"].tolist() == pytest.approx(
            [0.7, 0.8]
        )

    def test_equal_spenders_are_not_concentrated(self):
        people = customers_of([5.0] * 1000)
        assert concentration.gini(people) == pytest.approx(0, abs=1e-12)
        assert concentration.top(people)["customer_share"].tolist() == [0.01, 0.05, 0.1, 0.2]
        assert concentration.top(people)["spend_share"].tolist() == pytest.approx([0.01, 0.05, 0.1, 0.2])

    def test_gini_is_the_area_between_the_curve_and_equality(self, rng):
        people = customers_of(list(rng.pareto(1.5, 3000) + 1))
        curve = concentration.curve(people)
        area = np.trapezoid(curve["spend_share"], curve["customer_share"])
        assert 2 * area - 1 == pytest.approx(concentration.gini(people), abs=1e-3)
        assert len(curve) <= 401

    def test_the_largest_do_most(self, rng):
        curve = concentration.curve(customers_of(list(rng.gamma(0.5, 100, 500) + 0.01)))
        assert curve["spend_share"].is_monotonic_increasing
        assert (curve["spend_share"] >= curve["customer_share"] - 1e-12).all()


class TestSales:
    def test_months_by_hand(self):
        found = sales.by_month(orders_of(SHOP)).set_index("month")
        assert found["orders"].tolist() == [3, 4, 1]
        assert found["new_money"].tolist() == [55, 50, 0]
        assert found["returning_money"].tolist() == [0, 50, 60]
        assert found["unnamed_money"].tolist() == [0, 70, 0]
        assert found["whole"].tolist() == [True, True, True]

    def test_money_is_conserved_and_empty_months_stay(self):
        rows = [*SHOP, ("ann", "2026-07-02", 1.0)]
        found = sales.by_month(orders_of(rows))
        assert len(found) == 7
        parts = found[["new_money", "returning_money", "unnamed_money"]].sum(axis=1)
        np.testing.assert_allclose(parts, found["money"])
        assert found["money"].sum() == sum(amount for *_, amount in rows)
        assert found["whole"].tolist() == [True] * 6 + [False]
        assert found["refund_share"].isna().tolist() == [False] * 3 + [True] * 3 + [False]

    def test_orders_of_nobody_are_unnamed_money(self):
        found = sales.by_month(orders_of([(None, "2026-01-01", 5.0), (None, "2026-01-02", 6.0)]))
        assert found[["new_money", "returning_money", "unnamed_money"]].values.tolist() == [[0, 0, 11]]

    def test_refund_share(self):
        orders = orders_of(SHOP[:2]).assign(refunded=[5.0, 0.0])
        assert sales.by_month(orders)["refund_share"].tolist() == pytest.approx([0.25])

    def test_hours_hold_every_order(self):
        found = sales.by_hour(orders_of(SHOP))
        assert found.shape == (7, 24)
        assert found.to_numpy().sum() == len(SHOP)
        assert found.loc["Monday", 9] == found.loc["Monday", 21] == 1

    def test_days_without_times_have_one_column(self):
        found = sales.by_hour(orders_of(SHOP[2:]))
        assert found.shape == (7, 1)
        assert found.to_numpy().sum() == len(SHOP) - 2

    def test_largest_orders(self):
        found = sales.largest(orders_of([(None, "2026-01-01", float(i)) for i in range(1, 101)]))
        assert found["money"].tolist() == [100, 100, 490, 955]
        assert found["money_share"].iloc[-1] == pytest.approx(955 / 5050)

    def test_no_orders_are_refused(self):
        with pytest.raises(NoAnswerError, match="no orders to describe up to 2020-01-01"):
            sales.by_month(orders_of(SHOP), until="2020-01-01")


class TestWaterfall:
    LOSSES = pd.DataFrame(
        [
            ("customers", "gift orders", 1, 1, 10.0),
            ("read", "closed", 2, 2, 30.0),
            ("read", "negative", 1, 1, -5.0),
            ("read", "unpaid", 4, 3, 200.0),
        ],
        columns=["stage", "reason", "rows", "orders", "money"],
    )

    def test_by_hand(self):
        found = sales.waterfall(self.LOSSES, money_in=1000.0)
        assert found["step"].tolist() == [
            "In the export",
            "unpaid",
            "closed",
            "negative",
            "Kept by the shop",
            "gift orders",
            "Kept, buyer known",
        ]
        assert found["end"].tolist() == [1000, 800, 770, 775, 775, 765, 765]
        assert found["share"].tolist() == pytest.approx([1, 0.2, 0.03, -0.005, 0.775, 0.01, 0.765])

    def test_every_bar_begins_where_the_last_one_ended(self):
        found = sales.waterfall(self.LOSSES, money_in=1000.0)
        lost = found[found["kind"] == "loss"]
        assert (lost["start"] == found["end"].shift()[lost.index]).all()

    def test_no_losses_and_no_money(self):
        found = sales.waterfall(self.LOSSES.iloc[:0], money_in=0.0)
        assert found["step"].tolist() == ["In the export", "Kept by the shop"]
        assert found["share"].isna().all()


class TestBands:
    @staticmethod
    def scores(purchases: list[float]) -> pd.DataFrame:
        index = pd.Index([f"c{i}" for i in range(len(purchases))], name="customer_id", dtype="str")
        frame = pd.DataFrame(0.0, index=index, columns=list(tables.SCORES.columns))
        return frame.assign(purchases=purchases)

    def test_by_hand(self):
        found = bands.purchases(self.scores([0.02, 0.03, 0.05, 0.3, 0.6]))
        assert found["band"].tolist() == [
            "0.02 to 0.05",
            "0.05 to 0.1",
            "0.1 to 0.2",
            "0.2 to 0.5",
            "0.5 to 1",
        ]
        assert found["customers"].tolist() == [2, 1, 0, 1, 1]
        assert found["purchase_share"].tolist() == pytest.approx([0.05, 0.05, 0, 0.3, 0.6])

    def test_conservation(self, rng):
        expected = list(rng.gamma(0.3, 3, 2000))
        found = bands.purchases(self.scores(expected))
        assert found["customers"].sum() == 2000
        assert found["purchases"].sum() == pytest.approx(sum(expected))


def test_the_quiet_list_holds_the_silent_and_the_sleeping_only():
    customers = pd.DataFrame(
        {
            "orders": 1,
            "total_spend": [10.0, 40.0, 30.0, 20.0, 50.0],
            "last_order": pd.Timestamp("2026-01-01"),
            "days_since_last": [90, 91, 180, 270, 271],
        },
        index=pd.Index(list("abcde"), name="customer_id"),
    )
    found = recency.quiet(customers, top=2)
    assert found["window"].to_dict() == {"b": "silent", "c": "silent"}
    assert recency.quiet(customers)["window"]["d"] == "sleeping"
    assert list(recency.quiet(customers).index) == ["b", "c", "d"]


def test_the_wide_ladder_keeps_steps_without_an_answer(cdnow_orders):
    long = ladder.steps(cdnow_orders.head(3000))
    found = ladder.wide(long)
    assert found["step"].tolist() == long["step"].unique().tolist()
    assert {"within_30", "within_365", "median_gap"} <= set(found)


def test_returns_are_later_purchase_days_within_the_time():
    orders = orders_of(
        [
            ("a", "2026-01-01", 1.0),
            ("a", "2026-03-20", 1.0),
            ("b", "2026-03-25", 1.0),
            ("b", "2026-03-31", 1.0),
        ]
    )
    assert sales.returns(orders, until="2026-03-31", days=30) == 2
    assert sales.returns(orders, until="2026-03-31", days=5) == 1
    assert sales.returns(orders, until="2026-03-31", days=1) == 1
