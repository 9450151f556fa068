"""What goes with coming back: published hazard ratios, planted ones, false finds, and what the levels are."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from clv import causes, festivals, hazards, plots, tables
from clv.errors import NoAnswerError
from every_figure import Legible, labels

FIRST = np.datetime64("2024-07-01")
UNTIL = "2026-06-30"
# remission weeks of 42 children, 6-MP and placebo: Freireich et al. (1963), Blood 21, 699-716
WITH = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
WITHOUT = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def test_the_published_hazard_ratio_is_found(monkeypatch):
    """Cox's regression, ties as Breslow has them: 1.509, error 0.410; a stretch for each week is that."""
    monkeypatch.setattr(hazards, "_PRIOR", 1e6)
    levels = pd.DataFrame({"arm": pd.Categorical(["6-MP"] * 21 + ["placebo"] * 21, ["6-MP", "placebo"])})
    gap, back = np.array(WITH + WITHOUT), np.array([True] * 9 + [False] * 12 + [True] * 21)
    ratio, error = hazards.fit(levels, gap, back, cuts=tuple(range(36)))
    assert ratio[0] == pytest.approx(1.509, abs=0.001)
    assert error[0] == pytest.approx(0.410, abs=0.001)


def test_one_stretch_is_events_over_days(monkeypatch):
    """Ratios of plain rates: 2 in 30 days against 1 in 40."""
    monkeypatch.setattr(hazards, "_PRIOR", 1e6)
    levels = pd.DataFrame({"x": pd.Categorical(["a", "a", "b", "b"], ["a", "b"])})
    ratio, error = hazards.fit(
        levels, np.array([15, 25, 10, 20]), np.array([True, False, True, True]), cuts=(0, 100)
    )
    assert np.exp(ratio[0]) == pytest.approx((2 / 30) / (1 / 40))
    assert error[0] == pytest.approx(np.sqrt(1 / 2 + 1 / 1))


def shop(n: int, rng: np.random.Generator, *, ratios: dict[str, dict[str, float]] | None = None) -> tuple:
    """ORDERS and TERMS of `n` customers whose second order waits an exponential time, of mean 300 days.

    The mean is divided by the ratios of the levels of refund, discount, category and channel.
    """
    ratios = ratios or {}
    drawn = {
        "category": rng.choice(["rings", "cups", "hats"], n, p=[0.5, 0.3, 0.2]),
        "channel": rng.choice(["shop", "app"], n, p=[0.7, 0.3]),
        "refund": rng.choice(["no", "yes"], n, p=[0.8, 0.2]),
        "discount": rng.choice(["none", "some"], n),
    }
    pace = np.ones(n)
    for name, levels in ratios.items():
        pace *= pd.Series(drawn[name]).map(levels).fillna(1.0).to_numpy()
    joined = rng.integers(0, 725, n)
    second = joined + 1 + rng.exponential(300 / pace).astype(int)
    both = pd.DataFrame(drawn | {"customer_id": [f"c{i}" for i in range(n)], "day": joined})
    money = rng.lognormal(5, 0.5, n).round(2)
    both = both.assign(amount=money, refunded=np.where(both["refund"] == "yes", 5.0, 0.0))
    came = second < 730
    later = both[came].assign(day=second[came], refunded=0.0)
    frame = pd.concat([both, later], ignore_index=True)
    frame["paid_at"] = FIRST + frame["day"].to_numpy().astype("m8[D]")
    frame["order_id"] = [f"o{i}" for i in range(len(frame))]
    orders = tables.check(frame.assign(is_gift=False)[list(tables.ORDERS.columns)], tables.ORDERS)
    paid = orders["amount"] + orders["refunded"]
    off = np.where(frame["discount"] == "some", paid / 4, 0.0)  # a fifth of the list price
    return orders, terms_of(orders["order_id"], discount=off, list_amount=paid + off)


def terms_of(order_id: pd.Series, **known: object) -> pd.DataFrame:
    frame = pd.DataFrame({"order_id": order_id}).assign(
        list_amount=np.nan, discount=np.nan, delivered_on=pd.NaT, price_index=np.nan
    )
    frame["delivered_on"] = frame["delivered_on"].astype("datetime64[ns]")
    return tables.check(frame.assign(**known), tables.TERMS)


def of(found: causes.Associations, factor: str, level: str) -> pd.Series:
    return found.table.set_index(["factor", "level"]).loc[(factor, level)]


def test_planted_ratios_are_found_with_their_intervals_and_nothing_else():
    """Refund 0.6, app 1.5, hats 0.7, of 8,000 customers of whom half have not had the time to come back."""
    rng = np.random.default_rng(5)
    truth = {"refund": {"yes": 0.6}, "channel": {"app": 1.5}, "category": {"hats": 0.7}}
    orders, terms = shop(8000, rng, ratios=truth)
    found = causes.associations(orders, until=UNTIL, terms=terms)
    assert of(found, "part paid back", "yes")["ratio"] == pytest.approx(0.6, rel=0.12)
    assert of(found, "channel", "app")["ratio"] == pytest.approx(1.5, rel=0.12)
    assert of(found, "category", "hats")["ratio"] == pytest.approx(0.7, rel=0.12)
    assert of(found, "part paid back", "yes")["said"] == "less often"
    assert of(found, "channel", "app")["said"] == "more often"
    assert of(found, "category", "cups")["said"] == causes.CANNOT_TELL
    assert of(found, "discount", "10 to 30 %")["said"] == causes.CANNOT_TELL
    assert "part paid back, yes (less often)" in found.sentence
    assert found.customers <= 8000 and found.came_back < found.customers


def test_intervals_hold_the_truth_nine_times_in_ten_with_many_open_waits():
    rng, held = np.random.default_rng(6), []
    for _ in range(60):
        orders, terms = shop(600, rng, ratios={"refund": {"yes": 0.6}, "channel": {"app": 1.5}})
        found = causes.associations(orders, until=UNTIL, terms=terms)
        for factor, level, truth in (
            ("part paid back", "yes", 0.6),
            ("channel", "app", 1.5),
            ("category", "cups", 1),
        ):
            row = of(found, factor, level)
            held.append(row["low"] <= truth <= row["high"])
    assert np.mean(held) == pytest.approx(0.9, abs=0.06)


def test_a_factor_that_goes_with_another_is_not_taken_for_it(rng):
    """Coupons are given in the app, whose customers come back more often anyway."""
    orders, terms = shop(8000, rng, ratios={"channel": {"app": 2.0}})
    app = orders.set_index("order_id")["channel"].reindex(terms["order_id"]) == "app"
    given = (app.to_numpy() & (rng.random(len(terms)) < 0.8)) | (rng.random(len(terms)) < 0.1)
    terms = terms.assign(discount=np.where(given, 0.2 * terms["list_amount"], 0.0))
    both = causes.associations(orders, until=UNTIL, terms=terms)
    alone = causes.associations(orders.assign(channel=None), until=UNTIL, terms=terms)
    assert of(alone, "discount", "10 to 30 %")["said"] == "more often"
    row = of(both, "discount", "10 to 30 %")
    assert row["low"] < 1 < row["high"] and of(both, "channel", "app")["ratio"] == pytest.approx(2, rel=0.15)


def test_where_nothing_matters_little_is_found():
    """Ten looks at each of 60 shops: at most one shop in ten should have a find."""
    rng, finds = np.random.default_rng(7), 0
    for _ in range(60):
        orders, terms = shop(500, rng)
        table = causes.associations(orders, until=UNTIL, terms=terms).table
        finds += (table["said"] != causes.CANNOT_TELL).any()
    assert finds / 60 < 0.1 + 2.5 * np.sqrt(0.1 * 0.9 / 60)


def test_nothing_that_came_after_the_first_order_is_looked_at(rng):
    orders, terms = shop(1500, rng)
    later = orders["customer_id"].duplicated()
    other = orders.assign(
        amount=orders["amount"].where(~later, 1e6),
        refunded=orders["refunded"].where(~later, 9.0),
        category=orders["category"].where(~later, "cups"),
    )
    one, two = (causes.associations(o, until=UNTIL, terms=terms).table for o in (orders, other))
    pd.testing.assert_frame_equal(one, two)
    mixed = causes.associations(orders.sample(frac=1, random_state=2), until=UNTIL, terms=terms).table
    pd.testing.assert_frame_equal(one, mixed)


def test_levels_are_those_of_the_terms_and_the_calendar(rng):
    orders, _ = shop(1200, rng)
    paid = orders["paid_at"].dt.normalize()
    days = np.resize([1, 4, 8, 20], len(orders))
    share = np.resize([0.0, 0.05, 0.2, 0.5], len(orders))
    off = orders["amount"] * share / (1 - share)
    terms = terms_of(orders["order_id"], discount=off, delivered_on=paid + pd.to_timedelta(days, unit="D"))
    # without refunds the list price is what was paid and what was taken off
    table = causes.associations(orders.assign(refunded=0.0), until=UNTIL, terms=terms).table
    first = orders.drop_duplicates("customer_id")
    alike = table[table["factor"] == "discount"].set_index("level")
    assert set(alike.index) == {"up to 10 %", "10 to 30 %", "over 30 %"}
    assert set(alike["compared_with"]) == {"none"}
    assert set(table.loc[table["factor"] == "delivery", "level"]) | set(
        table.loc[table["factor"] == "delivery", "compared_with"]
    ) == {"up to 2 days", "3 to 5 days", "6 to 10 days", "over 10 days"}
    window = pd.DataFrame({"from": [pd.Timestamp("2025-01-01")], "to": [pd.Timestamp("2025-06-30")]})
    known = causes.associations(
        orders, until=UNTIL, known=window.assign(name_zh="x", name="x", day=window["to"])
    )
    seen = first["paid_at"].between("2025-01-01", "2025-06-30 23:59") & (first["paid_at"] < UNTIL)
    assert of(known, "festival's window", "yes")["customers"] == seen.sum()


def test_what_is_unknown_is_never_said_to_matter(rng):
    orders, terms = shop(3000, rng)
    came = orders["customer_id"].map(orders["customer_id"].value_counts()) > 1
    unknown = terms.assign(
        discount=terms["discount"].mask(came.to_numpy())
    )  # known only of who never returned
    table = causes.associations(orders, until=UNTIL, terms=unknown).table
    row = table[(table["factor"] == "discount") & (table["level"] == "unknown")]
    assert row["q_value"].isna().all() and (row["said"] == causes.CANNOT_TELL).all()


def test_a_level_of_which_nobody_came_back_stays_finite(rng):
    orders, _ = shop(2000, rng)
    once = orders.drop_duplicates("customer_id")
    lost = set(once["customer_id"].iloc[:40])
    rows = ~(orders["customer_id"].isin(lost) & orders["customer_id"].duplicated())
    odd = orders[rows].assign(channel=lambda o: o["channel"].where(~o["customer_id"].isin(lost), "fair"))
    row = of(causes.associations(odd, until=UNTIL), "channel", "fair")
    assert row["came_back"] == 0 and 0 < row["low"] < row["ratio"] < 0.5
    assert np.isfinite(row["high"]) and row["said"] == "less often"


def test_small_levels_are_joined_and_the_smallest_go_with_the_commonest(rng):
    orders, _ = shop(2000, rng)
    named = orders["customer_id"].str[1:].astype(int)
    odd = orders.assign(
        category=np.select([named < 10, named < 40], ["rare", "few"], orders["category"]),
        channel=np.where(named < 10, "fax", orders["channel"]),
    )
    table = causes.associations(odd, until=UNTIL).table
    assert set(table.loc[table["factor"] == "category", "level"]) == {"cups", "hats", "few"} | (
        {"all others"} & set(table["level"])
    )
    assert set(table.loc[table["factor"] == "channel", "level"]) == {"app"}


def test_too_few_returns_and_orders_all_alike_get_a_sentence(rng):
    orders, _ = shop(60, rng)
    few = causes.associations(orders.drop_duplicates("customer_id"), until=UNTIL)
    assert (
        few.sentence == "Only 0 customers came back within 365 days; 50 are needed to tell what goes with it."
    )
    assert few.table.empty and "said" in few.table
    same = shop(800, rng)[0].assign(amount=10.0, refunded=0.0, category=None, channel=None)
    nowhere = festivals.table().iloc[:0]
    alike = causes.associations(same, until=UNTIL, known=nowhere)
    assert "do not differ in anything" in alike.sentence and alike.came_back > 50
    with pytest.raises(NoAnswerError, match="no order names a customer"):
        causes.associations(same.assign(customer_id=None), until=UNTIL)


# The figure


def ratios(n: int) -> pd.DataFrame:
    rows = [
        ("price", "highest third", "middle third", 785, 1.37, 1.2, 1.56, "more often"),
        ("category", "足金999古法传承手镯（含工费）", "女装", 504, 0.6, 0.3, 1.1, "cannot tell"),
        ("delivery", "over 10 days", "up to 2 days", 30, 0.2, 0.04, 0.7, "less often"),
    ]
    columns = ["factor", "level", "compared_with", "customers", "ratio", "low", "high", "said"]
    return pd.DataFrame(rows[:n], columns=columns)


FIGURES = {
    "ratios": lambda ax: plots.return_ratios(ratios(3), ax=ax),
    "one ratio": lambda ax: plots.return_ratios(ratios(1), ax=ax),
    "no ratios": lambda ax: plots.return_ratios(ratios(0), ax=ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    pass


def test_the_figure_says_against_what_and_for_how_many():
    ax = plots.return_ratios(ratios(3))
    assert labels(ax.yaxis)[0] == "price: highest third\n(against middle third), 785 customers"
    assert ax.get_xscale() == "log"
