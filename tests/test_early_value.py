"""Newcomers who may become the best: what is learned, on whom it is checked, when the simple rule wins."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from clv import early_model, early_value, first_days, first_tenth, plots, tables
from clv.early_model import MODEL, RULE
from clv.errors import NoAnswerError
from every_figure import Legible

FIRST = np.datetime64("2024-07-01")
UNTIL = "2026-06-30"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def orders_of(frame: pd.DataFrame) -> pd.DataFrame:
    """ORDERS from customer_id, day (since FIRST) and amount; category, channel, refunded where given."""
    plain = {"refunded": 0.0, "category": None, "channel": None, "is_gift": False}
    made = pd.DataFrame(
        {name: value for name, value in plain.items() if name not in frame}, index=frame.index
    )
    made = pd.concat([frame, made], axis=1)
    made["paid_at"] = FIRST + made["day"].to_numpy().astype("m8[D]")
    made["order_id"] = [f"o{i}" for i in range(len(made))]
    return tables.check(made[list(tables.ORDERS.columns)], tables.ORDERS)


def shop(n: int, rng: np.random.Generator, *, pull: float) -> pd.DataFrame:
    """Two years of a shop in which app customers come exp(pull) times as often as the others, ever after."""
    app = rng.random(n) < 0.3
    rate = rng.gamma(0.7, 2.0, n) * np.where(app, np.exp(pull), 1.0)  # a year
    joined = rng.integers(0, 700, n)
    more = rng.poisson(rate * 2)
    who = np.concatenate([np.arange(n), np.repeat(np.arange(n), more)])
    day = np.concatenate([joined, joined[who[n:]] + 1 + (rng.random(more.sum()) * 729).astype(int)])
    money = np.exp(rng.normal(4, 0.6, n))[who] * rng.gamma(4, 0.25, len(who))
    frame = pd.DataFrame({"customer_id": who, "day": day, "amount": money.round(2) + 0.01})
    frame = frame.assign(
        customer_id=frame["customer_id"].map("c{:05d}".format), channel=np.where(app[who], "app", "web")
    )
    return orders_of(frame[frame["day"] < 730].reset_index(drop=True))


# What the first days showed


class TestFirstDays:
    ROWS = pd.DataFrame(
        [
            ("ann", 0, 10.0, "rings"), ("ann", 0, 5.0, "cups"), ("ann", 59, 30.0, "cups"),
            ("ann", 60, 100.0, "cups"), ("ann", 424, 7.0, "cups"), ("ann", 425, 1000.0, "cups"),
            ("bob", 600, 40.0, "rings"), ("cid", 700, 1.0, "rings"),
        ],
        columns=["customer_id", "day", "amount", "category"],
    )  # fmt: skip

    def test_by_hand(self):
        aged = first_days.aged(orders_of(self.ROWS), until=UNTIL)
        found = first_days.seen(aged, early_days=60)
        assert found.index.tolist() == ["ann", "bob"]  # cid's first 60 days are not over
        told = ["money", "orders", "days", "largest", "last_age", "categories"]
        assert found.loc["ann", told].tolist() == [45, 3, 2, 30, 59, 2]
        assert found["category"].tolist() == ["rings", "rings"]
        later = first_days.later(aged, early_days=60, days=365)
        assert later.to_dict() == {"ann": 107.0}  # days 60 to 424; bob was not seen for so long
        assert first_days.later(aged, early_days=60, days=60).to_dict() == {"ann": 100.0, "bob": 0.0}

    def test_the_last_day_of_the_year_decides_who_is_followed(self):
        one = orders_of(pd.DataFrame({"customer_id": ["a", "b"], "day": [0, 305], "amount": [1.0, 1.0]}))
        aged = first_days.aged(one, until=FIRST + np.timedelta64(729, "D"))  # b: ages 0 to 424
        assert first_days.later(aged, early_days=60, days=365).index.tolist() == ["a", "b"]
        aged = first_days.aged(one, until=FIRST + np.timedelta64(728, "D"))
        assert first_days.later(aged, early_days=60, days=365).index.tolist() == ["a"]

    def test_windows_hold_both_their_ends(self):
        known = pd.DataFrame({"from": ["2025-01-02", "2025-01-04"], "to": ["2025-01-03", "2025-01-08"]})
        days = pd.Series(
            pd.to_datetime(
                ["2025-01-01 23:59", "2025-01-02", "2025-01-03 23:59", "2025-01-08 10:00", "2025-01-09"],
                format="ISO8601",
            )
        )
        inside = first_days.in_window(days, known.apply(pd.to_datetime))
        assert inside.tolist() == [False, True, True, True, False]

    def test_a_discount_is_a_share_of_the_list_price(self):
        made = orders_of(
            pd.DataFrame({"customer_id": ["a", "b", "c"], "day": 0, "amount": [80.0, 80.0, 80.0]})
        )
        terms = pd.DataFrame(
            {"order_id": ["o0", "o1"], "list_amount": [160.0, np.nan], "discount": [40.0, 20.0]}
        ).assign(delivered_on=pd.NaT, price_index=np.nan)
        found = first_days.seen(first_days.aged(made, until=UNTIL), early_days=30, terms=terms)
        assert found["discount"].tolist()[:2] == [0.25, 0.2] and np.isnan(found["discount"].iloc[2])


# The model


class TestModel:
    @staticmethod
    def people(n: int, rng: np.random.Generator) -> tuple[pd.DataFrame, np.ndarray]:
        x = pd.DataFrame({"money": rng.normal(4, 0.7, n), "again": (rng.random(n) < 0.3).astype(float)})
        mean = 0.8 * np.exp(x["money"] + 1.2 * x["again"])
        return x, np.where(rng.random(n) < 0.4, rng.gamma(1, mean / 0.4), 0.0)

    def test_it_recovers_what_made_the_money(self, rng):
        x, money = self.people(40_000, rng)
        some = pd.DataFrame({"money": [4.0, 5.0, 4.0], "again": [0.0, 0.0, 1.0]})
        found = early_model.expected(x, money, some)
        assert found == pytest.approx(0.8 * np.exp([4.0, 5.0, 5.2]), rel=0.06)

    def test_the_rule_is_in_proportion_to_the_money_so_far_and_right_in_total(self, rng):
        x, money = self.people(2000, rng)
        found = early_model.expected(x, money, x, by=RULE)
        assert np.ptp(found / np.exp(x["money"].to_numpy())) < 1e-9
        weight = np.sqrt(np.exp(x["money"]))  # of the quasi-likelihood, mean ^ (2 - 1.5) / mean
        assert (money / weight).sum() == pytest.approx((found / weight).sum(), rel=1e-4)

    def test_few_customers_teach_little(self, rng):
        """What matters by exp(1.2) is believed in part with 60 customers, wholly with 40,000."""
        new = pd.DataFrame({"money": [4.0, 4.0], "again": [0.0, 1.0]})
        gaps = {60: [], 40_000: []}
        for n in [60] * 60 + [40_000]:
            few, many = early_model.expected(*self.people(n, rng), new)
            gaps[n].append(np.log(many / few))
        assert 0.1 < np.mean(gaps[60]) < 0.75 and gaps[40_000][0] == pytest.approx(1.2, abs=0.1)

    def test_money_in_another_currency_changes_only_the_money(self, rng):
        x, money = self.people(500, rng)
        other = x.assign(money=x["money"] + np.log(7))
        one, seven = early_model.expected(x, money, x), early_model.expected(other, 7 * money, other)
        assert seven == pytest.approx(7 * one, rel=1e-5)


# The first tenth


class TestFirstTenth:
    def test_by_hand(self, rng):
        """40 customers, the last four bring 10 each and the first 1: a score that finds three of the four."""
        money = np.concatenate([[1.0], np.zeros(35), [10.0] * 4])
        score = np.concatenate([[99.0], np.arange(35), [90, 91, 92, 50]])
        table, gap = first_tenth.measured({"a": score, "b": -score}, money, rng=rng, draws=50)
        assert table.loc["a", ["precision", "lift", "capture"]].tolist() == pytest.approx(
            [0.75, 7.5, 31 / 41]
        )
        assert table.loc["b", "precision"] == 0
        assert gap[0] == pytest.approx(0.75) and gap[1] <= gap[0] <= gap[2]

    def test_equal_scores_are_a_blind_choice(self, rng):
        money = rng.gamma(1, 10, 500)
        table, gap = first_tenth.measured({"a": np.ones(500), "b": np.ones(500)}, money, rng=rng, draws=50)
        assert table["lift"].tolist() == pytest.approx([1, 1]) and gap == (0, 0, 0)
        assert table["capture"].tolist() == pytest.approx([0.1, 0.1])

    def test_who_brought_nothing_is_never_among_the_best(self, rng):
        money = np.concatenate([np.ones(3), np.zeros(97)])
        table, _ = first_tenth.measured({"a": money, "b": -money}, money, rng=rng, draws=50)
        assert table.loc["a", ["precision", "lift", "capture"]].tolist() == pytest.approx([0.3, 10, 1])

    def test_the_interval_of_the_gap_is_as_wide_as_shops_differ(self):
        rng, gaps, widths = np.random.default_rng(8), [], []
        for _ in range(60):
            money = rng.gamma(0.5, 10, 600)
            scores = {"a": money * rng.gamma(2, 1, 600), "b": money * rng.gamma(1, 1, 600)}
            _, (value, low, high) = first_tenth.measured(scores, money, rng=rng, draws=100)
            gaps.append(value)
            widths.append(high - low)
        assert np.mean(widths) == pytest.approx(np.diff(np.quantile(gaps, [0.05, 0.95]))[0], rel=0.3)


# Found and checked


def test_what_tells_the_best_is_learned_and_used(rng):
    found = early_value.find(shop(6000, rng, pull=1.6), until=UNTIL, rng=rng)
    check = found.check
    assert check.chosen == MODEL and check.better[1] > 0 and found.why_not == ""
    assert check.table.at[MODEL, "capture"] > check.table.at[RULE, "capture"] + 0.02
    assert check.days == 365 and check.overlap > 300
    assert abs(check.total_error) < 0.2
    assert check.sentence.startswith("The model finds more than the simple rule, and is used")
    top = found.newcomers.head(len(found.newcomers) // 10)
    assert (top["channel"] == "app").mean() > 2 * (found.newcomers["channel"] == "app").mean()


def test_where_nothing_but_money_tells_the_simple_rule_is_used():
    """Customers alike in everything but what they pay; 12 shops: the model is taken in few of them."""
    rng, taken = np.random.default_rng(9), 0
    for _ in range(12):
        n = 900
        mean, joined, more = np.exp(rng.normal(4, 1, n)), rng.integers(0, 300, n), rng.poisson(2, n)
        who = np.concatenate([np.arange(n), np.repeat(np.arange(n), more)])
        wait = np.concatenate([np.zeros(n), rng.integers(1, 430, more.sum())]).astype(int)
        frame = pd.DataFrame({"customer_id": who.astype(str), "day": joined[who] + wait})
        frame["amount"] = mean[who] * rng.gamma(9, 1 / 9, len(who))
        check = early_value.find(orders_of(frame), until=UNTIL, rng=rng, draws=100).check
        taken += check.chosen == MODEL
    assert taken <= 3


def test_newcomers_are_those_whose_first_days_are_over_best_first(rng):
    made = shop(3000, rng, pull=0.5)
    found = early_value.find(made, until=UNTIL, early_days=60, rng=rng, draws=50)
    first = made.groupby("customer_id")["paid_at"].min().dt.normalize()
    age = (pd.Timestamp(UNTIL) - first).dt.days
    assert set(found.newcomers.index) == set(age.index[(age >= 60) & (age <= early_value.NEWCOMER_DAYS)])
    assert found.too_early == (age < 60).sum()
    assert found.newcomers["expected"].is_monotonic_decreasing
    assert (found.newcomers["expected"] > 0).all()


def test_the_check_is_on_customers_who_joined_later_and_knows_nothing_of_them(rng, monkeypatch):
    """What those who check did in their later time may change at will: the scores stay."""
    made = shop(3000, rng, pull=1.0)
    first = made.groupby("customer_id")["paid_at"].transform("min").dt.normalize()
    age = (made["paid_at"].dt.normalize() - first).dt.days
    joined = (first - pd.Timestamp(FIRST)).dt.days
    moved = made.assign(amount=made["amount"].where((age < 60) | (joined < 250), 1.0))
    seen, measured = [], first_tenth.measured
    monkeypatch.setattr(
        first_tenth, "measured", lambda one, *a, **b: seen.append(one) or measured(one, *a, **b)
    )
    for orders in (made, moved):
        check = early_value.find(orders, until=UNTIL, rng=rng, draws=20).check
        assert check.learned_from + check.checked_on == made.loc[joined <= 305, "customer_id"].nunique()
    for by in (MODEL, RULE):
        np.testing.assert_allclose(seen[0][by], seen[1][by])


def test_a_young_shop_is_ordered_by_money_and_says_why(rng):
    rows = pd.DataFrame({"customer_id": list("abcd"), "day": [0, 10, 20, 60], "amount": [1.0, 5.0, 3.0, 9.0]})
    until = FIRST + np.timedelta64(90, "D")
    found = early_value.find(orders_of(rows), until=until, early_days=60, rng=rng)
    assert found.check is None and "too few customers were followed for 150 days" in found.why_not
    assert found.newcomers.index.tolist() == ["b", "c", "a"] and found.too_early == 1
    assert found.newcomers["expected"].isna().all()
    with pytest.raises(NoAnswerError, match="no order names a customer"):
        early_value.find(orders_of(rows.assign(customer_id=None)), until=until, rng=rng)


def test_the_order_of_the_rows_changes_nothing(rng):
    made = shop(1500, rng, pull=1.0)
    one, two = (
        early_value.find(o, until=UNTIL, rng=np.random.default_rng(1), draws=50)
        for o in (made, made.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(one.newcomers, two.newcomers)
    pd.testing.assert_frame_equal(one.check.table, two.check.table)


# Real shops


def test_cdnow_the_model_finds_more_than_money_in_the_first_sixty_days(cdnow_orders):
    found = early_value.find(cdnow_orders, until="1998-06-30", rng=np.random.default_rng(1))
    table = found.check.table
    assert found.check.days == 365 and found.check.checked_on > 9000
    assert table.at[MODEL, "precision"] == pytest.approx(0.411, abs=0.01)
    assert table.at[RULE, "precision"] == pytest.approx(0.379, abs=0.01)
    assert table.at[MODEL, "capture"] == pytest.approx(0.421, abs=0.01)
    assert found.check.chosen == MODEL and abs(found.check.total_error) < 0.05


def test_online_retail_the_simple_rule_is_as_good(shared_data):
    file = shared_data / "uci_online_retail" / "online_retail.csv.gz"
    log = pd.read_csv(file, dtype={"InvoiceNo": str, "CustomerID": str})
    log = log[(log["Quantity"] > 0) & (log["UnitPrice"] > 0)].dropna(subset="CustomerID")
    log = log.assign(amount=log["Quantity"] * log["UnitPrice"], day=pd.to_datetime(log["InvoiceDate"]))
    each = log.groupby("InvoiceNo").agg(
        customer_id=("CustomerID", "first"), day=("day", "first"), amount=("amount", "sum")
    )
    each["day"] = (each["day"] - pd.Timestamp(FIRST)).dt.days
    check = early_value.find(
        orders_of(each.reset_index(drop=True)), until="2011-12-09", rng=np.random.default_rng(1)
    ).check
    assert check.days == 270 and check.chosen == RULE
    assert check.table.loc[[MODEL, RULE], "precision"].between(0.45, 0.55).all()
    assert check.better[1] < 0 < check.better[2]


# The figure

TABLE = pd.DataFrame(
    {
        "precision": [0.41, 0.38],
        "precision_low": [0.3, 0.2],
        "precision_high": [0.5, 0.45],
        "lift": [4.1, 3.8],
    },
    index=pd.Index([MODEL, RULE], name="rule"),
)


@pytest.mark.parametrize("draw", [lambda ax: plots.best_found(TABLE, ax=ax)], ids=["best found"])
class TestEveryFigure(Legible):
    pass
