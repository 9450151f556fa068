"""Where the money comes from, whether it falls, who is high-value, the key numbers: hands, laws, chance."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import shops_simulated
from clv import alarm, bridge, festivals, high_value, kpi_words, kpis, monthly, plots, tables
from clv.errors import NoAnswerError
from every_figure import Legible, labels, said

DAY = pd.Timedelta(days=1)


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def orders_of(rows: list[tuple], **more: object) -> pd.DataFrame:
    """ORDERS from (customer, time, amount); customer None is nobody."""
    frame = pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount"])
    frame["paid_at"] = pd.to_datetime(frame["paid_at"])
    frame["order_id"] = [f"o{i}" for i in range(len(frame))]
    frame = frame.assign(refunded=0.0, category=None, channel=None, is_gift=False).assign(**more)
    return tables.check(frame[list(tables.ORDERS.columns)], tables.ORDERS)


def no_lines() -> pd.DataFrame:
    kinds = {"order_id": "str", "title": "str", "category": "str", "sku": "str"}
    frame = pd.DataFrame(columns=list(tables.LINES.columns)).astype(
        kinds | {"quantity": float, "amount": float}
    )
    return tables.check(frame, tables.LINES)


# The leaky bucket

BUCKET = [
    ("ann", "2026-01-02", 10.0),
    ("ann", "2026-01-30", 5.0),  # new all the same: her first month
    ("bob", "2026-01-05", 40.0),
    (None, "2026-01-06", 7.0),
    ("ann", "2026-02-10", 25.0),
    ("cid", "2026-02-11", 50.0),
    ("bob", "2026-03-05", 60.0),  # came back after a month without
    ("cid", "2026-03-06", 30.0),
    (None, "2026-03-07", 2.0),
]


class TestBridge:
    def test_by_hand(self):
        found = bridge.parts(orders_of(BUCKET), until="2026-03-31").set_index("period")
        assert [str(period) for period in found.index] == ["2026-01", "2026-02", "2026-03"]
        assert found["money"].tolist() == [62, 75, 92]
        assert found["new"].tolist() == [55, 50, 0]
        assert found["returning"].tolist() == [0, 25, 30]
        assert found["reactivated"].tolist() == [0, 0, 60]
        assert found["unnamed"].tolist() == [7, 0, 2]
        assert found["lost"].tolist()[1:] == [40, 25]
        assert found["more"].tolist()[1:] == [10, -20]
        assert found["unnamed_more"].tolist()[1:] == [-7, 2]
        assert found["leak"].tolist()[1:] == pytest.approx([40 / 55, 25 / 75])
        assert found["customers"].tolist() == [2, 2, 2]
        assert found["new_customers"].tolist() == [2, 1, 0]
        assert found["lost_customers"].tolist()[1:] == [1, 1]
        assert found["whole"].tolist() == [True, True, True]

    @settings(max_examples=25, deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["a", "b", "c", "d", None]), st.integers(0, 500), st.integers(1, 10_000_000)
            ),
            min_size=1, max_size=40,
        )
    )  # fmt: skip
    def test_the_parts_add_up_to_the_cent(self, rows):
        first = pd.Timestamp("2025-01-01")
        made = orders_of([(who, first + day * DAY, cents / 100) for who, day, cents in rows])
        for freq in ("M", "Q", "Y"):
            found = bridge.parts(made, period=freq)
            assert found["money"].sum() == pytest.approx(made["amount"].sum(), abs=0.004)
            assert (found[list(bridge.PARTS)].sum(axis=1) - found["money"]).abs().max() < 0.004
            later = found.iloc[1:]
            came = (
                later["before"] + later["new"] + later["reactivated"] + later["more"] + later["unnamed_more"]
            )
            assert (came - later["lost"] - later["money"]).abs().max() < 0.004 or len(later) == 0
            assert later["before"].tolist() == found["money"].tolist()[:-1]
            assert (found["lost"].dropna() >= 0).all()

    def test_the_order_of_the_rows_changes_nothing(self, rng):
        made = shops_simulated.orders(300, rng=rng)
        pd.testing.assert_frame_equal(bridge.parts(made), bridge.parts(made.sample(frac=1, random_state=3)))

    def test_what_is_lost_and_what_is_kept_are_all_there_was(self, rng):
        made = shops_simulated.orders(300, rng=rng)
        found = bridge.parts(made, period="M")
        kept = (found["before"] - found["lost"] - found["unnamed"].shift()).iloc[1:]
        assert (kept > -0.004).all()
        assert (found["returning"].iloc[1:] - found["more"].iloc[1:] - kept).abs().max() < 0.004

    def test_the_leak_varies_as_its_interval_says(self, rng):
        """120 shops drawn from one: the spread of their leaks is that of the 90 % interval."""
        made = shops_simulated.orders(500, rng=rng)
        row = bridge.parts(made, period="Q").iloc[5]
        rows, leaks = list(made.groupby("customer_id").indices.values()), []
        for _ in range(120):
            drawn = [rows[at] for at in rng.integers(0, len(rows), len(rows))]
            who = np.repeat(np.arange(len(rows)), [len(one) for one in drawn]).astype(str)
            again = made.iloc[np.concatenate(drawn)].assign(
                customer_id=who, order_id=np.arange(len(who)).astype(str)
            )
            leaks.append(bridge.parts(again, period="Q").set_index("period").at[row["period"], "leak"])
        width = np.diff(np.quantile(leaks, [0.05, 0.95]))[0]
        assert row["leak_high"] - row["leak_low"] == pytest.approx(width, rel=0.25)

    @pytest.mark.parametrize(
        ("last", "freq"), [("2026-02-28", "M"), ("2026-03-31", "Q"), ("2031-04-01", "Y")]
    )
    def test_long_histories_get_longer_periods(self, last, freq):
        found = bridge.parts(orders_of([("a", "2025-01-01", 1.0), ("b", last, 1.0)]))
        assert found["period"].iloc[0].freqstr[0] == freq

    def test_periods_that_were_not_seen_in_full_are_marked_and_not_compared(self):
        rows = [("a", "2026-01-20", 1.0), ("a", "2026-02-01", 1.0), ("a", "2026-03-01", 1.0)]
        found = bridge.parts(orders_of(rows), until="2026-03-15")
        assert found["whole"].tolist() == [False, True, False]
        assert bridge.latest(found) is None
        assert str(bridge.latest(bridge.parts(orders_of(BUCKET), until="2026-04-02"))["period"]) == "2026-03"
        assert (
            bridge.latest(bridge.parts(orders_of(BUCKET), until="2026-06-02")) is None
        )  # closed since April

    def test_no_orders_are_refused(self):
        with pytest.raises(NoAnswerError, match="no orders to describe up to 2020-01-01"):
            bridge.parts(orders_of(BUCKET), until="2020-01-01")


# The alarm


class TestMonthlyNumbers:
    ROWS = (
        ("ann", "2026-01-03", 10.0),
        ("ann", "2026-01-03", 20.0),
        ("bob", "2026-01-31", 30.0),
        ("ann", "2026-04-03", 40.0),  # day 90 after her first
        ("bob", "2026-05-02", 50.0),  # day 91 after his first
        (None, "2026-05-31", 70.0),
    )

    def test_by_hand(self):
        found = monthly.numbers(orders_of(list(self.ROWS)), until="2026-05-31").set_index(["number", "month"])
        value = found["value"].unstack("month")
        assert value.loc["orders"].tolist() == [3, 0, 0, 1, 2]
        assert value.loc["buyers"].tolist() == [2, 0, 0, 1, 1]
        assert value.loc["average"].dropna().tolist() == [20, 40, 60]
        # ann's 90th day is 3 April and she came on it; bob's is 1 May and he came on the next
        assert value.loc["second_order"].tolist()[3:] == [1.0, 0.0]
        assert value.loc["second_order"].isna().tolist()[:3] == [True] * 3

    def test_months_not_seen_in_full_are_left_out(self):
        found = monthly.numbers(orders_of(list(self.ROWS)), until="2026-05-30")
        assert str(found["month"].max()) == "2026-04"
        late = monthly.numbers(orders_of(list(self.ROWS)[2:]), until="2026-05-31")
        assert str(late["month"].min()) == "2026-02"

    def test_orders_of_nobody_have_no_buyers(self):
        found = monthly.numbers(orders_of([(None, "2026-01-01", 5.0), (None, "2026-03-01", 6.0)]))
        assert found["number"].unique().tolist() == ["orders", "average"]


def shop_by_months(
    n: int,
    rng: np.random.Generator,
    *,
    size: float,
    season: float = 0.0,
    growth: float = 0.0,
    fall: float = 0.0,
) -> pd.DataFrame:
    """Return `monthly.numbers` of a shop whose months scatter by 8 %; the last three fall by `fall`."""
    months, t = pd.period_range("2024-07", periods=n, freq="M", name="month"), np.arange(n)
    level = size * (1 + season * np.cos(2 * np.pi * (t - 12 * rng.random()) / 12))
    level = level * np.exp(growth * t / 12 + 0.08 * rng.normal(size=n))
    level[-3:] *= 1 - fall
    count = rng.poisson(level)
    joined = np.where(t < 3, 0, rng.poisson(0.6 * level))
    back = rng.binomial(joined, 1 / (1 + np.exp(1.4 - 0.08 * rng.normal(size=n))))
    amounts = [rng.lognormal(5, 0.8, k) * np.exp(0.05 * rng.normal()) for k in count]
    money = pd.DataFrame(
        {"size": count, "mean": [a.mean() for a in amounts], "std": [a.std() for a in amounts]}
    )
    return pd.concat(
        [
            monthly._counts("orders", pd.Series(count, months)),
            monthly._counts("buyers", pd.Series(rng.binomial(count, 0.93), months)),
            monthly._shares("second_order", pd.DataFrame({"n": joined, "k": back}, months)),
            monthly._means("average", money.set_index(months)),
        ],
        ignore_index=True,
    )


def qn_of_rows(x: np.ndarray) -> np.ndarray:
    return np.array([alarm.qn(row) for row in x])


class TestAlarm:
    def test_the_scatter_is_that_of_normal_values_and_half_of_them_may_be_out_of_the_ordinary(self, rng):
        x = rng.normal(size=(2000, 24))
        assert np.mean(qn_of_rows(x)) == pytest.approx(1, abs=0.02)
        assert np.mean(qn_of_rows(x[:, :11])) == pytest.approx(1, abs=0.03)
        x[:, :10] += 1e6
        assert np.median(qn_of_rows(x)) < 6

    def test_the_scatter_of_nine_numbers_is_that_of_a_hand(self):
        """1, 2, 4, ..., 256: the 10th smallest of the 36 distances, as 10 = 5 over 2."""
        x = 2.0 ** np.arange(9)
        tenth = sorted(abs(a - b) for i, a in enumerate(x) for b in x[:i])[9]
        assert alarm.qn(x) == pytest.approx(2.2219 * 9 / 10.4 * tenth)

    @pytest.mark.parametrize(("learned", "look"), [(9, 3), (11, 1), (15, 3), (20, 1)])
    def test_one_look_in_a_hundred_falls_below(self, learned, look, rng):
        x, now = rng.normal(size=(8000, learned)), rng.normal(size=(200, 8000)) / np.sqrt(look)
        below = now < np.median(x, axis=1) - alarm.width(learned, look=look) * qn_of_rows(x)
        assert below.mean() == pytest.approx(0.01, abs=0.002)

    @pytest.mark.parametrize(
        ("months", "look"), [(24, {"season": 0.4}), (18, {"season": 0.4}), (36, {"growth": 0.3})]
    )
    def test_quiet_shops_raise_no_more_alarms_than_is_said(self, months, look):
        rng, raised = np.random.default_rng(months), 0
        for _ in range(80):
            found = alarm.watch(shop_by_months(months, rng, size=100, **look))
            raised += alarm.LOWER in alarm.verdicts(found).values()
        against = "a year before" if months >= 24 else "the months before"
        often = alarm.FALSE_ALARMS[against]
        assert raised / 80 < often + 2.5 * np.sqrt(often * (1 - often) / 80)

    def test_a_deep_fall_is_seen_and_a_season_is_none(self, rng):
        seen = [alarm.watch(shop_by_months(36, rng, size=300, season=0.4, fall=0.5)) for _ in range(20)]
        assert np.mean([alarm.verdicts(one)["orders"] == alarm.LOWER for one in seen]) > 0.9
        assert seen[0].set_index(["number", "looked_at"]).at[("orders", 1), "against"] == "a year before"

    def test_a_rise_is_no_alarm(self, rng):
        found = alarm.watch(shop_by_months(36, rng, size=300, fall=-1.0))
        assert alarm.verdicts(found)["orders"] == alarm.HIGHER
        assert alarm.sentence(found).startswith("No alarm")

    def test_limits_enclose_what_was_expected_and_are_told_in_the_numbers_own_unit(self, rng):
        found = alarm.watch(shop_by_months(36, rng, size=300))
        assert (found["low"] < found["expected"]).all() and (found["expected"] < found["high"]).all()
        share = found[found["number"] == "second_order"]
        assert share[["low", "high"]].to_numpy().min() > 0 and share[["low", "high"]].to_numpy().max() < 1
        usual = found["value"].between(found["low"], found["high"])
        assert (usual == (found["verdict"] == "as usual")).all()

    def test_under_twelve_months_nothing_can_be_told(self, rng):
        found = alarm.watch(shop_by_months(11, rng, size=300))
        assert set(found["verdict"]) == {alarm.CANNOT_TELL} and found["low"].isna().all()
        assert alarm.sentence(found).startswith("Cannot tell: that needs 12 whole months")
        assert alarm.lanes(shop_by_months(11, rng, size=300)).empty
        assert (alarm.in_words(found)["usual"] == "–").all()

    def test_a_shop_without_a_whole_month_cannot_be_watched(self):
        made = orders_of([("a", "2026-01-05", 1.0), ("b", "2026-01-17", 1.0)])
        found = alarm.watch(monthly.numbers(made))
        assert found["number"].unique().tolist() == list(alarm.NUMBERS)
        assert set(alarm.verdicts(found).values()) == {alarm.CANNOT_TELL}
        assert alarm.in_words(found)["value"].tolist() == ["–"] * 8
        assert alarm.moved(found["month"].iloc[0], festivals.table()) == []

    def test_counts_of_one_order_a_day_or_a_thousand_are_watched_alike(self):
        """A shop without any scatter of its own: the limit is that of the Poisson counts, never nothing."""
        months = pd.period_range("2024-01", periods=14, freq="M", name="month")
        days = months.days_in_month.to_numpy()
        found = alarm.watch(monthly._counts("orders", pd.Series(days * 10, months)))
        one = found[found["looked_at"] == 1].iloc[0]
        assert one["verdict"] == "as usual"
        assert one["expected"] - one["low"] == pytest.approx(
            2.33 * np.sqrt(one["expected"] * (1 + np.pi / 26)), rel=0.08
        )

    def test_a_festival_that_moved_is_named(self):
        moved = alarm.moved(pd.Period("2026-02", "M"), festivals.table())
        assert "春节" in moved and "情人节" not in moved


# High-value customers


class TestHighValue:
    @staticmethod
    def shop() -> tuple[pd.DataFrame, pd.DataFrame]:
        """30 customers, a ring each at 1 to 30; the last also 4 cheap cups; cups cost 1 to 30."""
        rows = [(f"c{n:02d}", "2026-05-01", float(n)) for n in range(1, 31)]
        made = orders_of(rows)
        lines = [(f"o{n - 1}", "ring", "rings", None, 1.0, float(n)) for n in range(1, 31)]
        cups = [("o0", "cup", "cups", None, 2.0, 2.0 * n) for n in range(1, 31)]
        cheap = [("o29", "cup", "cups", None, 4.0, 4.0)] * 4
        frame = pd.DataFrame(lines + cups + cheap, columns=list(tables.LINES.columns))
        return made, tables.check(frame, tables.LINES)

    def test_by_hand(self):
        made, lines = self.shop()
        found = high_value.members(made, lines, until="2026-06-30")
        assert found.index[found["top"]].tolist() == ["c30", "c29", "c28"]
        # three quarters of the rings cost up to 22.75; a cup at 1 apiece is not dear
        assert found.loc[["c30", "c29", "c23", "c22"], "dear_share"].tolist() == [0.2, 1.0, 1.0, 0.0]
        assert found["group"].value_counts().to_dict() == {
            "all others": 27,
            "high-value": 2,
            "much money only": 1,
        }

    def test_without_lines_orders_stand_for_them(self):
        made, _ = self.shop()
        found = high_value.members(made, no_lines(), until="2026-06-30")
        assert found.loc[["c30", "c29", "c23", "c22"], "dear_share"].tolist() == [1.0, 1.0, 1.0, 0.0]

    def test_every_buyer_of_the_time_is_in_one_group_with_all_the_money(self, rng):
        made = shops_simulated.orders(500, rng=rng)
        found = high_value.members(made, no_lines(), until="2026-06-30")
        recent = made[made["paid_at"] > pd.Timestamp("2025-06-30")]
        assert len(found) == recent["customer_id"].nunique()
        assert found["spend"].sum() == pytest.approx(recent["amount"].sum())
        assert found["top"].mean() == pytest.approx(0.1, abs=0.005)
        assert set(found["group"]) <= set(high_value.GROUPS)

    def test_what_becomes_of_them_is_counted_in_the_second_time_only(self):
        """Ten in each time; c9 and c8 buy the dearest both times, the others in the first only."""
        rows = [(f"c{n}", "2026-03-01", 10.0 + n) for n in range(10)]
        rows += [("c9", "2026-05-15", 90.0), ("c1", "2026-05-16", 1.0), ("new", "2026-06-29", 1.0)]
        found = high_value.stability(orders_of(rows), no_lines(), until="2026-06-30")
        assert found.days == 61
        best = found.table.loc["high-value"]
        assert best[["customers", "spend", "bought_again", "stayed", "next_spend"]].tolist() == [
            1,
            19,
            1,
            1,
            90,
        ]
        others = found.table.loc["all others"]
        assert others["customers"] == 9 and others["bought_again"] == pytest.approx(1 / 9)
        assert others["next_spend"] == pytest.approx(1 / 9) and others["stayed"] == 0
        assert 0 == others["stayed_low"] < others["stayed_high"] < 0.3

    def test_a_short_history_and_a_closed_shop_get_a_sentence(self):
        one = orders_of([("a", "2026-06-01", 1.0)])
        assert "30 days is too short" in high_value.stability(one, no_lines(), until="2026-06-30").why_not
        closed = high_value.stability(one, no_lines(), until="2029-06-30")
        assert closed.table.empty and closed.why_not.startswith("Nobody bought in the 365 days")
        assert high_value.members(one, no_lines(), until="2029-06-30").empty

    def test_members_are_told_apart_as_of_their_last_day(self):
        made, lines = self.shop()
        more = pd.concat([made, orders_of([("c01", "2026-07-05", 1e6)]).assign(order_id="late")])
        early = high_value.members(more, lines, until="2026-06-30")
        pd.testing.assert_frame_equal(early, high_value.members(made, lines, until="2026-06-30"))


# Key numbers


class TestKpis:
    ROWS = (
        ("ann", "2025-01-10", 10.0),
        ("ann", "2026-01-05", 30.0),  # in the 90 days before the last 90: active then, and again now
        ("ann", "2026-06-01", 50.0),
        ("bob", "2026-01-15", 20.0),  # active then, silent since
        ("cid", "2026-06-20", 60.0),
        ("cid", "2026-06-21", 40.0),
        (None, "2026-06-22", 100.0),
    )

    def found(self, **more: object) -> pd.DataFrame:
        made = orders_of(list(self.ROWS)).assign(refunded=[0, 0, 0, 0, 0, 0, 100.0])
        return kpis.table(made, until="2026-06-30", **more).set_index("number")

    def test_by_hand(self):
        value = self.found()["value"]
        assert value["repeat buyers"] == pytest.approx(2 / 3)  # ann, cid of ann, bob, cid
        assert value["new buyers"] == pytest.approx(2 / 3)  # bob, cid
        assert value["orders per buyer"] == pytest.approx(5 / 3)
        assert value["average order"] == pytest.approx(300 / 6)
        assert value["churn"] == pytest.approx(1 / 2)
        assert value["stickiness"] == pytest.approx((30 + 50 + 40) / 200)
        assert value["refund share"] == pytest.approx(100 / 400)

    def test_every_number_has_both_names_a_formula_and_a_rising_interval(self, cdnow_orders):
        found = kpis.table(cdnow_orders, until="1998-06-30")
        assert found["number"].is_unique and (found["formula"].str.len() > 20).all()
        assert found["number_zh"].str.fullmatch(r"[\u4e00-\u9fff]+").all()
        known = found.dropna(subset="low")
        assert (known["low"] <= known["value"]).all() and (known["value"] <= known["high"]).all()
        assert len(known) == 9

    def test_what_needs_visits_says_so_and_is_told_with_them(self):
        without = self.found()
        assert without["value"].isna().sum() == 5  # repurchase three times: too few customers to say
        assert "needs a file of visits" in without.at["visitors who buy", "formula"]
        assert "traffic report" in without.at["bounce rate", "formula"]
        seen = [
            ("ann", "2026-05-30", "viewed"),
            ("bob", "2026-05-30", "viewed"),
            ("dan", "2026-05-30", "viewed"),
        ]
        visits = pd.DataFrame(seen, columns=["customer_id", "at", "kind"]).assign(sku=None, category=None)
        visits = tables.check(visits.assign(at=pd.to_datetime(visits["at"])), tables.VISITS)
        assert self.found(visited=visits).at["visitors who buy", "value"] == pytest.approx(1 / 3)

    def test_cohorts_hold_every_customer_and_young_ones_have_no_rate(self, cdnow_orders):
        found = kpis.by_cohort(cdnow_orders, until="1998-06-30")
        assert found["customers"].sum() == cdnow_orders["customer_id"].nunique()
        assert found["within_90"].iloc[0] == pytest.approx(0.293, abs=5e-4)
        assert pd.isna(found["within_90"].iloc[-1])
        told = kpi_words.cohorts(found)
        assert told["within_90_days"].tolist()[0].replace("\u00a0", " ") == "29.3 % (28.8 to 29.8)"
        assert told["within_90_days"].tolist()[-1] == ""

    def test_words_are_written_in_the_numbers_unit(self):
        told = kpi_words.numbers(self.found().reset_index()).set_index("number")["value"]
        assert told["average order 客单价"].startswith("50.00 (")
        assert told["bounce rate 跳失率"] == "cannot be told"
        assert told["refund share 退款率"].replace("\u00a0", " ") == "25.0 %"


# Figures


def lanes(numbers: int) -> pd.DataFrame:
    made = shop_by_months(18, np.random.default_rng(1), size=300, fall=0.6)
    found = alarm.lanes(made)
    return found[found["number"].isin(list(alarm.NUMBERS)[:numbers])]


def channels(n: int) -> pd.DataFrame:
    names = [*["微信小程序", "线下门店", "a shop with quite a long name"][:n], "all"]
    value = np.linspace(500, 700, n + 1)
    frame = pd.DataFrame({"customers": 1200, "value": value, "value_alone": value * 1.05}, index=names)
    frame = frame.assign(value_low=value * 0.9, value_high=value * 1.1, said="cannot be told apart")
    frame.loc["all", "said"] = ""
    return frame.rename_axis("channel")


def decline(ax: object, numbers: int = 4) -> plt.Axes:
    said_of = dict.fromkeys(alarm.NUMBERS, "as usual") | {"orders": "lower"}
    return plots.decline_alarm(lanes(numbers), verdicts=said_of, names=alarm.NUMBERS, ax=ax)


FIGURES = {
    "bridge": lambda ax: plots.money_bridge(
        bridge.parts(orders_of(BUCKET), until="2026-04-02"), currency="CNY", ax=ax
    ),
    "one period": lambda ax: plots.money_bridge(
        bridge.parts(orders_of(BUCKET[:1]), until="2026-01-31"), ax=ax
    ),
    "alarm": decline,
    "alarm of nothing": lambda ax: decline(ax, 0),
    "channels": lambda ax: plots.channel_values(channels(3), days=365, currency="CNY", ax=ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    pass


def test_the_bridge_stands_on_what_was_brought_and_hangs_what_was_lost():
    table = bridge.parts(orders_of(BUCKET), until="2026-04-02")
    ax = plots.money_bridge(table)
    heights = {bars.get_label(): [bar.get_height() for bar in bars] for bars in ax.containers}
    assert heights["new"] == [55, 50, 0, 0]
    assert heights["lost: did not buy again"] == pytest.approx([0, -40, -25, -90])
    tops = [bar.get_y() + bar.get_height() for bar in ax.containers[-2]]
    assert tops == pytest.approx(table["money"].tolist())
    assert ax.get_xlabel() == "Month (pale: not seen in full)"


def test_a_month_below_its_lane_is_told_by_its_colour():
    ax = decline(None)
    colours = ax.collections[1].get_facecolor()  # of the first lane: the band, then the months
    assert len({tuple(colour) for colour in colours}) == 2
    assert said(ax)[0] == "lower" and labels(ax.yaxis)[0] == "orders"
