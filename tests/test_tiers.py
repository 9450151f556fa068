"""Tiers: rules read strictly, replays as a slow day-by-day count gives them, and laws of counting."""

from datetime import date
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from clv import audience, customers, plots, tiers
from clv.errors import InputError, NoAnswerError, SettingError
from conftest import REPO, orders_table
from every_figure import Legible

UNTIL = date(2024, 12, 31)
RULES = """
by: spend
window: {rolling_days: 365}
upgrade: at_once
downgrade: one_step
review: quarterly
tiers:
  - name: {en: member, zh: 会员}
    from: 0
  - name: {en: silver, zh: 银卡}
    from: 500
    keep: 400
    benefits: {discount: 0.1, cost_per_year: 73}
  - name: gold
    from: 2000
    benefits: {discount: 0.2, points_multiplier: 2, cost_per_order: 3}
"""


def orders(rows: list[tuple[str, str, float]]) -> pd.DataFrame:
    log = pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount"])
    return orders_table(log.assign(paid_at=pd.to_datetime(log["paid_at"])))


def shop(
    rng: np.random.Generator, *, people: int = 60, days: int = 1100, rate: float = 0.008
) -> pd.DataFrame:
    """Return orders of customers who buy at rates and amounts of their own until UNTIL."""
    often, much = rng.gamma(1, rate, people), 150 * np.exp(0.6 * rng.standard_normal(people))
    who = np.repeat(np.arange(people), 1 + rng.poisson(often * days))
    day = pd.Timestamp(UNTIL) - pd.to_timedelta(rng.integers(0, days, len(who)), unit="D")
    moment = day + pd.to_timedelta(rng.integers(0, 86_400, len(who)), unit="s")
    amount = (much[who] * np.exp(0.5 * rng.standard_normal(len(who)))).round(2)
    names = np.char.add("c", who.astype(str))
    return orders_table(pd.DataFrame({"customer_id": names, "paid_at": moment, "amount": amount}))


def rules(text: str = RULES, **changes: object) -> tiers.Membership:
    found = tiers.parse(text)
    return type(found).model_validate({n: getattr(found, n) for n in type(found).model_fields} | changes)


# What a file may say


def test_a_file_says_what_it_says(tmp_path):
    (tmp_path / "m.yml").write_text(RULES, "utf-8")
    found = tiers.load(tmp_path / "m.yml")
    assert found.labels == ["会员 member", "银卡 silver", "gold"]
    assert found.starts.tolist() == [0, 500, 2000] and found.keeps.tolist() == [0, 400, 2000]
    assert found.benefits(1) == tiers.Benefits(discount=0.1, cost_per_year=73.0)
    assert found.benefits(-1) == found.benefits(0) == tiers.Benefits()
    assert "a tier" not in tiers.said(found) and "400" in tiers.in_words(found).to_string()


@pytest.mark.parametrize("name", ["gold", "department"])
def test_the_samples_rules_are_those_of_their_members_files(name):
    found = tiers.load(REPO / "data" / "samples" / name / "membership.yml")
    assert found.lowest == 0 and found.gives_something
    assert [tier.name.zh for tier in found.tiers] == ["普通会员", "银卡", "金卡"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("from: 2000", "form: 2000", ["line 15", "unknown key 'tiers.2.form'", "did you mean 'from'?"]),
        ("by: spend", "by: spent", ["line 2", "'spend', 'orders' or 'activity'"]),
        ("by: spend\n", "", ["'by' is missing", "what counts"]),
        ("review: quarterly\n", "", ["'review' is missing", "looked at again"]),
        ("review: quarterly", "reviews: quarterly", ["line 6", "unknown key 'reviews'", "'review'?"]),
        ("from: 2000", "from: 500", ["tiers overlap", "gold begins at 500", "银卡 silver before it at 500"]),
        ("from: 2000", "from: 300", ["tiers overlap"]),
        ("keep: 400", "keep: 501", ["银卡 silver is entered at 500 and kept only at 501", "keep should not"]),
        ("from: 2000", "from: 2000\n    keep: 300", ["should not be easier to keep"]),
        ("name: gold", "name: silver", ["'silver' is two tiers' name"]),
        ("name: gold", "name: 银卡", ["'银卡' is two tiers' name"]),
        ("name: gold", "name: ''", ["line 14", "name.en", "empty"]),
        ("name: gold", "name: '  '", ["words on one line"]),
        ("name: gold", "name: {en: gold}", ["name.zh", "missing"]),
        ("name: gold", "name: 7", ["name is 7", "in quotes"]),
        ("name: gold", "name: no tier", ["'no tier' stands for other rows"]),
        ("name: gold", "name: all", ["'all' stands for other rows"]),
        ("name: gold", "name: not yet a customer", ["taken by a row of the reports"]),
        ("rolling_days: 365", "rolling_days: 365, calendar: year", ["line 3", "one of rolling_days"]),
        ("{rolling_days: 365}", "{}", ["one of rolling_days"]),
        ("{rolling_days: 365}", "{calendar: year}", ["calendar: year needs review: yearly"]),
        ("{rolling_days: 365}", "{calendar: month}", ["line 3", "'year'"]),
        ("by: spend", "by: activity", ["gold needs 2000 months", "15 at most"]),
        ("from: 500\n    keep: 400", "from: -1", ["from is -1", "greater than or equal to 0"]),
        ("discount: 0.2", "discount: 20", ["line 16", "discount is 20", "less than 1"]),
        ("discount: 0.2", "discuont: 0.2", ["'tiers.2.benefits.discuont'", "'discount'?"]),
        ("upgrade: at_once", "upgrade: now", ["'at_once' or 'at_review'"]),
        ("from: 2000", "from: .inf", ["from is '.inf'", "number"]),
        ("by: spend", "by: spend\nby: orders", ["line 3", "'by' stands twice"]),
        ("{rolling_days: 365}", "365", ["line 3", "window is 365", "such as {rolling_days: 365}"]),
        ("tiers:\n", "tiers:\n  - silver\n", ["'silver'", "keys, such as {name: silver, from: 500}"]),
        ("{discount: 0.1, cost_per_year: 73}", "0.1", ["benefits is 0.1", "such as {discount: 0.05}"]),
        (RULES, "tiers", ["begin with 'by: spend'"]),
        (RULES, "a: [", ["not valid YAML"]),
    ],
)  # fmt: skip
def test_rules_that_cannot_be_are_refused_in_one_sentence(tmp_path, old, new, words):
    assert old in RULES
    (tmp_path / "m.yml").write_text(RULES.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingError) as caught:
        tiers.load(tmp_path / "m.yml")
    said = str(caught.value)
    assert said.startswith("m.yml") and "\n" not in said
    assert [word for word in words if word not in said] == [], said


def test_counts_of_orders_are_whole():
    with pytest.raises(SettingError, match=r"2\.5 is no number of orders"):
        tiers.parse(RULES.replace("by: spend", "by: orders").replace("from: 500\n    keep: 400", "from: 2.5"))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("m.csv", b"by: spend", "end in .yml"),
        ("no.yml", None, "no file of membership"),
        ("m.yml", b"\xff\xfe\x00", "UTF-8"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SettingError, match=words):
        tiers.load(tmp_path / name)


def test_the_short_form_is_the_last_365_days_at_once_and_to_fit():
    found = tiers.of_thresholds({"gold": 8000, "silver": 3000})
    assert found.labels == ["no tier", "silver", "gold"] and found.starts.tolist() == [3000, 8000]
    assert (found.window.rolling_days, found.upgrade, found.downgrade) == (365, "at_once", "to_fit")
    with pytest.raises(SettingError, match="tiers overlap"):
        tiers.of_thresholds({"gold": 8000, "silver": 8000})


# What counts, against a slow count


def slow_amount(mine: pd.DataFrame, found: tiers.Membership, day: pd.Timestamp) -> float:
    days = mine["paid_at"].dt.normalize()
    rolling = found.window.rolling_days
    start = day - pd.Timedelta(days=rolling - 1) if rolling else pd.Timestamp(day.year, 1, 1)
    within = mine[(days >= start) & (days <= day)]
    if found.by == "spend":
        return round(float(within["amount"].sum()), 4)
    return float(len(within) if found.by == "orders" else within["paid_at"].dt.to_period("M").nunique())


FEW = """
by: {by}
window: {window}
upgrade: {upgrade}
downgrade: {downgrade}
review: {review}
valid_days: {valid}
tiers:
  - {{name: silver, from: {first}, keep: {first_keep}}}
  - {{name: gold, from: {second}, keep: {second_keep}}}
"""
STEPS = {"spend": (400, 300, 1200, 900), "orders": (3, 2, 6, 4), "activity": (2, 1, 4, 3)}
TIMES = [
    ("{rolling_days: 365}", "monthly"),
    ("{rolling_days: 100}", "quarterly"),
    ("{calendar: year}", "yearly"),
]
HOW = list(product(STEPS, TIMES, ("at_once", "at_review"), ("one_step", "to_fit", "never"), (0, 150)))


def few(by, times, upgrade, downgrade, valid) -> tiers.Membership:
    first, first_keep, second, second_keep = STEPS[by]
    return tiers.parse(
        FEW.format(
            by=by, window=times[0], review=times[1], upgrade=upgrade, downgrade=downgrade, valid=valid,
            first=first, first_keep=first_keep, second=second, second_keep=second_keep,
        )
    )  # fmt: skip


@pytest.mark.parametrize(("by", "times"), list(product(STEPS, TIMES)))
def test_amounts_and_what_expires_are_what_lies_in_the_window(by, times, rng):
    bought, found = shop(rng), few(by, times, "at_once", "to_fit", 0)
    for day in (date(2024, 2, 29), date(2024, 7, 17), UNTIL):
        stand = tiers.standing(bought, found, until=day)
        seen = bought[bought["paid_at"] < pd.Timestamp(day) + pd.Timedelta(days=1)]
        assert set(stand.index) == set(seen["customer_id"])
        for who, mine in seen.groupby("customer_id"):
            now, *later = (
                slow_amount(mine, found, pd.Timestamp(day) + pd.Timedelta(days=n)) for n in (0, 30, 90)
            )
            row = stand.loc[who, ["amount", "expires_30", "expires_90"]].astype(float)
            assert row.tolist() == pytest.approx([now, now - later[0], now - later[1]], abs=1e-6)


def slow_rank(mine: pd.DataFrame, found: tiers.Membership, until: date) -> tuple[int, pd.Timestamp]:
    """Replay one customer day by day, in plain words: rank on the last evening, and since when."""
    first = mine["paid_at"].min().normalize()
    rank, since, valid = -1, first, first - pd.Timedelta(days=1)
    starts, keeps = found.starts, found.keeps
    review = {"monthly": "is_month_end", "quarterly": "is_quarter_end", "yearly": "is_year_end"}[found.review]
    bought = set(mine["paid_at"].dt.normalize())
    for day in pd.date_range(first, until):
        if day not in bought and not getattr(day, review):
            continue
        amount = slow_amount(mine, found, day)
        fit = int((amount >= starts).sum()) - 1
        new = rank
        if day in bought and found.upgrade == "at_once":
            new = max(rank, fit)
        if new == rank and getattr(day, review):
            if fit > rank:
                new = fit
            elif rank >= 0 and day >= valid:
                if amount >= keeps[rank]:
                    valid = day + pd.Timedelta(days=found.valid_days)
                elif found.downgrade == "one_step":
                    new = rank - 1
                elif found.downgrade == "to_fit":
                    new = min(int((amount >= keeps).sum()) - 1, rank - 1)
        if new != rank:
            rank, since, valid = new, day, day + pd.Timedelta(days=found.valid_days)
    return rank, since


@pytest.mark.parametrize(("by", "times", "upgrade", "downgrade", "valid"), HOW[:: len(HOW) // 20])
def test_a_replay_is_what_a_day_by_day_count_gives(by, times, upgrade, downgrade, valid, rng):
    bought, found = shop(rng, people=25), few(by, times, upgrade, downgrade, valid)
    stand = tiers.standing(bought, found, until=UNTIL)
    for who, mine in bought.groupby("customer_id"):
        rank, since = slow_rank(mine, found, UNTIL)
        assert (stand.at[who, "rank"], stand.at[who, "since"]) == (rank, since), who
    assert stand["rank"].nunique() > 1


def test_one_customer_by_hand():
    """Silver with the first order; 410 within a year keep it when that order counts no more, 350 do not."""
    rows = [("a", "2023-05-03", 600.0), ("a", "2024-02-01", 350.0), ("a", "2024-03-20", 60.0)]
    kept = tiers.history(orders(rows), rules(), until=UNTIL).spells
    assert kept[["tier", "why"]].to_numpy().tolist() == [["银卡 silver", "joined"]]
    lost = tiers.history(orders(rows[:2]), rules(), until=UNTIL).spells
    assert lost[["tier", "why"]].to_numpy().tolist() == [["银卡 silver", "joined"], ["会员 member", "fell"]]
    assert lost["since"].tolist() == [pd.Timestamp("2023-05-03"), pd.Timestamp("2024-06-30")]


@pytest.mark.parametrize("upgrade", ["at_once", "at_review"])
def test_rows_and_splits_of_a_file_change_nothing(upgrade, rng):
    bought = shop(rng)
    found = rules(upgrade=upgrade)
    one = tiers.standing(bought, found, until=UNTIL)
    mixed = bought.sample(frac=1, random_state=3).reset_index(drop=True)
    pd.testing.assert_frame_equal(tiers.standing(mixed, found, until=UNTIL), one)
    later = pd.concat([bought, orders([("late", "2025-03-01", 9.0)])])
    pd.testing.assert_frame_equal(tiers.standing(later, found, until=UNTIL), one)
    nobody = bought.assign(customer_id=bought["customer_id"].where(bought["amount"] < 150))
    assert len(tiers.standing(nobody, found, until=UNTIL)) < len(one)


def test_nobody_named_is_no_answer_and_a_missing_column_is_named(rng):
    bought = shop(rng)
    with pytest.raises(NoAnswerError, match="nobody has a tier"):
        tiers.standing(bought, rules(), until=date(2010, 1, 1))
    with pytest.raises(InputError, match="'paid_at'"):
        tiers.standing(bought.drop(columns="paid_at"), rules(), until=UNTIL)


# One definition of what is missing to the next tier


def test_what_is_missing_is_what_audiences_are_chosen_by(rng):
    bought, short = shop(rng), {"silver": 500.0, "gold": 2000.0}
    known = customers.summarise(bought, until=UNTIL)
    chosen = audience.choose(known, {}, on=UNTIL, orders=bought, tiers=short, also=["to_next_tier"])
    mine = tiers.standing(bought, tiers.of_thresholds(short), until=UNTIL)
    pd.testing.assert_series_equal(
        mine["to_next"], chosen.columns["to_next_tier"], check_names=False, check_index=False
    )
    assert (mine["to_next"] > 0).sum() > 20 and mine["to_next"].isna().any()


def test_what_is_missing_reaches_the_tier_and_a_cent_less_does_not(rng):
    bought, found, day = shop(rng), rules(), date(2024, 12, 30)  # no day of review, on which others fall
    stand = tiers.standing(bought, found, until=day)
    gaps = stand["to_next"][stand["to_next"] > 0.02]
    for cents, reached in ((0.0, True), (0.01, False)):
        more = orders([(who, str(day), gap - cents) for who, gap in gaps.items()])
        then = tiers.standing(pd.concat([bought, more]), found, until=day).loc[gaps.index]
        assert set(then["tier"].astype(str) == stand.loc[gaps.index, "next_tier"]) == {reached}


@pytest.mark.parametrize("valid", [0, 200])
def test_what_is_missing_to_keep_a_tier_keeps_it_and_a_cent_less_does_not(valid, rng):
    bought, found, day = shop(rng, people=200), rules(valid_days=valid), date(2024, 11, 15)
    bought = bought[bought["paid_at"] < pd.Timestamp(day) + pd.Timedelta(days=1)]
    stand = tiers.standing(bought, found, until=day)
    held = stand[stand["to_keep"] > 0]
    assert len(held) > 2 and stand.loc[stand["rank"] == 0, "to_keep"].isna().all()
    safe = stand[stand["to_keep"] == 0].index
    assert (tiers.standing(bought, found, until=UNTIL).loc[safe, "rank"] == stand.loc[safe, "rank"]).all()
    for cents, kept in ((0.0, True), (0.01, False)):
        more = orders([(who, "2024-12-31", gap - cents) for who, gap in held["to_keep"].items()])
        then = tiers.standing(pd.concat([bought, more]), found, until=UNTIL)["rank"]
        assert set(then.loc[held.index] == held["rank"]) == {kept}


# Laws of counting


@pytest.fixture(scope="module")
def past() -> tiers.History:
    return tiers.history(shop(np.random.default_rng(5), people=400), rules(points_back=0.01), until=UNTIL)


def test_everybody_is_in_one_tier_and_no_money_is_lost(past):
    table, account = tiers.overview(past), tiers.costs_of(past)
    rest = table.drop(index="all")
    for column in ("customers", "spend", "orders", "cost", "discount", "points", "orders_cost", "year_cost"):
        assert rest[column].sum() == pytest.approx(table.at["all", column])
    assert rest["share"].sum() == pytest.approx(1) and rest["spend_share"].sum() == pytest.approx(1)
    assert table.at["all", "customers"] == past.customers == len(account)
    assert (rest["low"] < rest["share"]).all() and (rest["share"] < rest["high"]).all()
    lately = past.bought.amount[past.bought.day > past.bought.until - 365].sum()
    assert table.at["all", "spend"] == pytest.approx(lately)


def test_everybody_is_in_one_cell_of_a_migration(past):
    moves = tiers.migration(past)
    before, after = past.on(moves.before), past.on(moves.after)
    assert moves.counts.to_numpy().sum() == len(after) == past.customers
    assert moves.counts.sum().to_dict() == after.value_counts().to_dict()
    assert (
        moves.counts.drop(index="not yet a customer").sum(axis=1).to_dict() == before.value_counts().to_dict()
    )
    np.testing.assert_allclose(moves.shares.sum(axis=1), 1)
    assert (moves.low <= moves.shares).all(axis=None) and (moves.shares <= moves.high).all(axis=None)
    assert (moves.before, moves.after) == (date(2023, 12, 31), UNTIL)
    held = before[before > before.cat.categories[0]]
    assert moves.kept.value == pytest.approx((after[held.index] >= held).mean())


def test_sizes_changes_and_spells_tell_one_story(past):
    sizes, changes = tiers.sizes(past), tiers.changes(past)
    assert sizes.iloc[-1].to_dict() == past.on(past.reviews[-1]).value_counts().to_dict()
    assert sizes.sum(axis=1).tolist() == changes["joined"].cumsum().tolist()
    assert changes[["rose", "fell"]].to_numpy().sum() == (past.spells["why"] != "joined").sum()
    previous, last = (past.on(day) for day in past.reviews[-2:])
    same = (last.reindex(previous.index) == previous) & (previous > previous.cat.categories[0])
    assert changes["kept"].iloc[-1] <= same.sum()
    assert changes["whole"].tolist() == [day >= past.first_whole for day in past.reviews]


def test_two_days_of_a_migration_must_be_two(past):
    with pytest.raises(InputError, match="no two days"):
        tiers.migration(past, before="2024-12-31", after="2024-06-30")
    young = tiers.history(orders([("a", "2024-06-01", 9.0)]), rules(), until=UNTIL)
    with pytest.raises(NoAnswerError, match="seen from 2025-05-31"):
        tiers.migration(young)


# What it costs


def test_benefits_cost_what_they_give():
    """a: silver from 1 March, an order of 90 (100 before the discount), 305 days as silver at 73 a year."""
    bought = orders(
        [
            ("a", "2024-03-01", 500.0),
            ("a", "2024-05-01", 90.0),
            ("b", "2024-03-01", 2000.0),
            ("b", "2024-03-01", 80.0),
            ("b", "2024-12-31", 80.0),
        ]
    )
    account = tiers.costs_of(tiers.history(bought, rules(points_back=0.01), until=UNTIL))
    a, b = account.loc["a"], account.loc["b"]
    assert (a["spend"], a["price"], a["orders"], a["discount"]) == pytest.approx((590, 600, 2, 10))
    assert a["year_cost"] == pytest.approx(73 * 305 / 365) and a["cost"] == pytest.approx(10 + 61)
    assert (b["discount"], b["points"], b["orders_cost"], b["year_cost"]) == pytest.approx((20, 0.8, 3, 0))


def test_an_assumed_discount_is_one_on_what_was_paid_as_nobody_was_given_it():
    """b holds the tier from 1 March on; 100 and 60 were the prices, of which the discount would take 30 %."""
    bought = orders([("b", "2024-03-01", 500.0), ("b", "2024-05-01", 100.0), ("b", "2024-06-01", 60.0)])
    found = tiers.chosen(None, {"silver": 400.0}, orders=bought, until=UNTIL, discount=0.3)
    past = tiers.history(bought, found.membership, until=UNTIL)
    account = tiers.costs_of(past).loc["b"]
    assert (account["price"], account["discount"]) == pytest.approx((660, 48))
    lower = tiers.what_if(past, tiers.scaled(found.membership, by=0.9))
    assert (lower.cost_before, lower.cost_after) == pytest.approx((48, 48))
    assert not tiers.scaled(found.membership, by=0.9).in_force


@pytest.mark.parametrize(
    ("change", "words"),
    [(-57.2, "57 CNY less a year"), (1200.4, "1,200 CNY more a year"), (0.3, "as much as now")],
)
def test_a_change_of_cost_is_said_without_a_sign(change, words):
    assert tiers.more_or_less(change, currency="CNY") == words


def test_the_same_rules_change_nothing(past):
    same = tiers.what_if(past, past.membership)
    assert same.movers.empty and (same.rise, same.fall, same.change.value, same.grandfathering.value) == (
        0,
        0,
        0,
        0,
    )
    assert same.cost_after == pytest.approx(tiers.costs_of(past)["cost"].sum())


def test_a_threshold_that_moves_moves_those_it_passes():
    bought = orders(
        [
            ("a", "2024-03-01", 520.0),
            ("b", "2024-03-01", 480.0),
            ("c", "2024-03-01", 900.0),
            ("d", "2024-02-01", 2100.0),
        ]
    )
    found = tiers.history(bought, rules(), until=UNTIL)
    higher, lower = (tiers.what_if(found, tiers.scaled(rules(), by=by)) for by in (1.1, 0.9))
    assert set(higher.movers.index) == {"a", "d"} and (higher.rise, higher.fall) == (0, 2)
    assert (lower.movers.index.tolist(), lower.rise, lower.fall) == (["b"], 1, 0)
    assert higher.counts.to_numpy().sum() == lower.counts.to_numpy().sum() == 4
    # a falls from silver: a tenth of 520 and 73; d from gold: a fifth and 3 against a tenth and 73
    assert higher.grandfathering.value == pytest.approx((52 + 73) + (420 + 3 - 210 - 73))
    assert higher.movers["change"].sum() == pytest.approx(-higher.grandfathering.value)
    assert higher.cost_after + 73 * (305 / 365) - 73 * 334 / 365 == pytest.approx(higher.cost_before)


def test_higher_thresholds_never_make_more_members_where_tiers_only_fit(rng):
    found = tiers.history(
        shop(rng, people=300),
        tiers.assuming(tiers.of_thresholds({"a": 300, "b": 900}), discount=0.1),
        until=UNTIL,
    )
    table = tiers.scales(found, factors=[0.5, 0.8, 1, 1.25, 2])
    assert table["members"].is_monotonic_decreasing and table["cost"].is_monotonic_decreasing
    assert table["members"].iloc[0] > table["members"].iloc[-1]
    assert table.loc[1.0, ["rise", "fall", "change", "grandfathering"]].tolist() == [0, 0, 0, 0]
    assert (table["change_low"] <= table["change"]).all() and (table["change"] <= table["change_high"]).all()


def test_other_rules_must_have_todays_tiers(past):
    with pytest.raises(SettingError, match="lack 3 of today's tiers, the first '会员 member'"):
        tiers.what_if(past, tiers.of_thresholds({"x": 10}))


def test_more_rules_may_add_a_tier(past):
    more = tiers.parse(RULES + "  - {name: diamond, from: 5000}\n")
    found = tiers.what_if(past, more)
    assert found.counts.to_numpy().sum() == past.customers and found.fall == 0
    assert found.rise == found.counts["diamond"].sum() > 0


@pytest.mark.parametrize(
    ("by", "factor", "start"), [("spend", 1.1, 550.0), ("orders", 1.1, 4.0), ("orders", 0.9, 3.0)]
)
def test_scaled_counts_stay_whole(by, factor, start):
    found = (
        tiers.of_thresholds({"a": 500}) if by == "spend" else few("orders", TIMES[0], "at_once", "to_fit", 0)
    )
    assert tiers.scaled(found, by=factor).starts[0] == start
    with pytest.raises(SettingError, match="above 0"):
        tiers.scaled(found, by=0)


def test_scaled_counts_stay_apart_and_possible():
    text = (
        "{by: activity, window: {rolling_days: 365}, upgrade: at_once, downgrade: to_fit, review: monthly, "
    )
    found = tiers.parse(text + "tiers: [{name: a, from: 4}, {name: b, from: 5}, {name: c, from: 14}]}")
    assert tiers.scaled(found, by=0.8).starts.tolist() == [4, 5, 12]
    assert tiers.scaled(found, by=3).starts.tolist() == [12, 14, 15]
    assert tiers.scaled(rules(), by=2).starts.tolist() == [0, 1000, 4000]


def test_an_assumed_discount_rises_evenly_and_leaves_everybodys_tier_without():
    three = tiers.of_thresholds({"a": 1, "b": 2, "c": 3})
    asked = [(three, 0), (three, 2), (rules(), 0), (rules(), 1), (rules(), 2)]
    shares = [tiers.assuming(found, discount=0.06).benefits(rank).discount for found, rank in asked]
    assert shares == pytest.approx([0.02, 0.06, 0, 0.03, 0.06])


def test_proposed_tiers_take_about_the_shares_asked_for(rng):
    bought = shop(rng, people=3000)
    found = tiers.proposed(bought, until=UNTIL, shares=(0.3, 0.05))
    amount = tiers.standing(bought, found, until=UNTIL)["amount"]
    reached = [(amount >= start).sum() / (amount > 0).sum() for start in found.starts]
    assert reached == pytest.approx([0.3, 0.05], rel=0.25)
    with pytest.raises(NoAnswerError, match="at least 20"):
        tiers.proposed(bought.head(10), until=UNTIL)
    with pytest.raises(NoAnswerError, match="too much alike"):
        tiers.proposed(
            bought.assign(amount=5.0).drop_duplicates("customer_id").tail(500), until=date(2024, 6, 30)
        )
    with pytest.raises(SettingError, match="falling parts"):
        tiers.proposed(bought, until=UNTIL, shares=(0.05, 0.3))


@pytest.mark.parametrize(
    ("declared", "short", "source", "notes"),
    [(True, {}, "rules", 1), (True, {"silver": 500.0}, "rules", 1), (True, {"silver": 600.0}, "rules", 2),
     (False, {"silver": 600.0}, "thresholds", 2), (False, {}, "proposal", 2)],
)  # fmt: skip
def test_a_shop_without_rules_gets_others_and_is_told(declared, short, source, notes, rng):
    found = tiers.chosen(
        rules() if declared else None, short, orders=shop(rng, people=300), until=UNTIL, discount=0.05
    )
    assert (found.source, len(found.notes), found.assumed) == (source, notes, not declared)
    assert found.membership.gives_something


# The members file


def test_the_members_file_is_held_against_the_rules():
    bought = orders(
        [
            ("a", "2024-03-01", 600.0),
            ("b", "2024-03-01", 600.0),
            ("c", "2024-03-01", 10.0),
            ("d", "2024-03-01", 10.0),
        ]
    )
    found = tiers.history(bought, tiers.of_thresholds({"silver": 500}), until=UNTIL)
    said = pd.DataFrame(
        {"tier": ["silver", "friend", "friend", None, "silver"]}, index=["a", "b", "c", "d", "stranger"]
    )
    against = tiers.agreement(found, said)
    assert (against.compared, against.differ, against.strangers) == (3, 1, ("friend",))
    assert against.table.loc["no tier"].to_dict() == {"no tier": 1, "silver": 1}
    named = tiers.agreement(tiers.history(bought, rules(), until=UNTIL), said.replace({"silver": "银卡"}))
    assert (named.compared, named.differ) == (1, 0)  # with a tier for everybody a strange name says nothing
    with pytest.raises(InputError, match="no column tier"):
        tiers.agreement(found, pd.DataFrame(index=["a"]))


# Intervals


def test_the_interval_of_a_sum_holds_what_chance_would_make_of_it():
    """500 shops of about 400 customers whose costs are skew: 90 in a hundred hold the mean."""
    rng, held, truth = np.random.default_rng(3), 0, 400 * 0.3 * np.exp(0.5)
    for _ in range(500):
        n = rng.poisson(400)
        one = tiers.total(np.where(rng.random(n) < 0.3, rng.lognormal(0, 1, n), 0.0))
        held += one.low <= truth <= one.high
    assert held / 500 == pytest.approx(0.9, abs=0.04)


def test_the_interval_of_a_share_of_money_holds_the_share():
    """300 shops of 300 customers: members are a fifth and spend five times as much, so they bring 5 / 9."""
    rng, held = np.random.default_rng(4), 0
    found = tiers.history(orders([("a", "2024-12-01", 1.0)]), tiers.of_thresholds({"x": 3}), until=UNTIL)
    assert found.customers == 1
    for _ in range(300):
        member = rng.random(300) < 0.2
        money = pd.Series(rng.gamma(2, 1, 300) * np.where(member, 5, 1))
        one = tiers._share(money, pd.Series(member))
        held += one.low <= 5 * 0.2 / (5 * 0.2 + 0.8) <= one.high
    assert held / 300 == pytest.approx(0.9, abs=0.05)


# Figures


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


LONG = "一个店主自己写的非常长的会员等级名称用来测试标签"


def sizes(n: int, names: list[str]) -> tuple[pd.DataFrame, pd.Series]:
    day = pd.date_range("2023-01-31", periods=n, freq="ME")
    table = pd.DataFrame({name: 100 * (k + 1) + 7 * np.arange(n) for k, name in enumerate(names)}, index=day)
    return table, pd.Series(np.arange(n) >= n // 3, index=day)


def of_tiers(names: list[str], *, cost: float = 900.0) -> pd.DataFrame:
    share = np.linspace(0.8, 0.05, len(names))
    return pd.DataFrame(
        {"customers": (share * 1e4).astype(int), "share": share, "spend": 1e6 * share[::-1],
         "spend_share": share[::-1], "cost": cost * share[::-1]}, index=names,
    )  # fmt: skip


def moved(names: list[str], *, joined: bool = True) -> pd.DataFrame:
    rows = [*names, "not yet a customer"][: len(names) + joined]
    counts = np.arange(len(rows) * len(names)).reshape(len(rows), -1) * 13 % 97
    return pd.DataFrame(counts, index=rows, columns=names)


def scales(factors: list[float]) -> pd.DataFrame:
    x = pd.Index(factors, name="factor")
    cost = 20_000 / np.array(factors)
    change = cost - 20_000
    table = {"members": 500 / np.array(factors), "cost": cost, "change": change}
    return pd.DataFrame(table | {"change_low": change - 800, "change_high": change + 800}, index=x)


def bands(n: int = 6, *, known: bool = True) -> pd.DataFrame:
    start = 0.15 * (np.arange(n) - 4)
    mean = np.linspace(-0.01, 0.02, n) if known else np.full(n, np.nan)
    return pd.DataFrame(
        {"start": start, "end": start + 0.15, "looks": 12_345, "surprise": mean, "low": mean - 0.01,
         "high": mean + 0.01, "placebo_low": -0.02, "placebo_high": 0.015}
    )  # fmt: skip


def at(n: int) -> pd.DataFrame:
    money = np.geomspace(50, 9000, n)
    return pd.DataFrame({"threshold": money, "value": np.sin(money) / 100, "error": 0.01}, index=range(n))


def card(needed: list[float]) -> pd.DataFrame:
    x = pd.Index(np.geomspace(10, 500, len(needed)), name="fee")
    low, high = (np.array(needed) * f for f in (0.7, 1.4))
    return pd.DataFrame(
        {"gain": 1234, "break_even": needed, "break_even_low": low, "break_even_high": high}, index=x
    )


def migrated(ax, table):
    return plots.tier_migration(table, before=date(2023, 12, 31), after=UNTIL, ax=ax)


SEVERAL = ["会员 member", "银卡 silver", "金卡 gold", "钻石卡 diamond $5_<b>"]
FIGURES = {
    "sizes": lambda ax: plots.tier_sizes(sizes(20, SEVERAL)[0], whole=sizes(20, SEVERAL)[1], ax=ax),
    "one review": lambda ax: plots.tier_sizes(sizes(1, ["a"])[0], whole=sizes(1, ["a"])[1], ax=ax),
    "no review": lambda ax: plots.tier_sizes(sizes(0, ["a"])[0], whole=sizes(0, ["a"])[1], ax=ax),
    "shares": lambda ax: plots.tier_shares(of_tiers(SEVERAL), currency="CNY", ax=ax),
    "shares, long name, no cost": lambda ax: plots.tier_shares(of_tiers([LONG, "b"], cost=0), ax=ax),
    "one tier": lambda ax: plots.tier_shares(of_tiers(["a"]), ax=ax),
    "migration": lambda ax: migrated(ax, moved(SEVERAL)),
    "migration of many": lambda ax: migrated(ax, moved([*SEVERAL, LONG], joined=False)),
    "no migration": lambda ax: plots.tier_migration(pd.DataFrame(), ax=ax),
    "scales": lambda ax: plots.threshold_scales(scales([0.8, 0.9, 1, 1.1, 1.2]), currency="CNY", ax=ax),
    "approach": lambda ax: plots.approach(bands(), days=30, ax=ax),
    "approach of nobody": lambda ax: plots.approach(bands(known=False), days=30, ax=ax),
    "placebos": lambda ax: plots.placebo_thresholds(at(3), at(150), currency="USD", ax=ax),
    "no placebos": lambda ax: plots.placebo_thresholds(at(0), at(5), ax=ax),
    "card": lambda ax: plots.paid_card(card([0.12, 0.1, 0.09, 0.05, 0.0]), currency="CNY", ax=ax),
    "card at one fee": lambda ax: plots.paid_card(card([0.1]), ax=ax),
    "card that never pays": lambda ax: plots.paid_card(card([np.inf]), ax=ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    pass


def test_figures_carry_the_numbers_of_their_tables():
    table, whole = sizes(9, ["a", "b"])
    ax = plots.tier_sizes(table, whole=whole)
    heights = [bar.get_height() for bar in ax.patches if bar.get_width() > 0.8 and bar.get_height()]
    assert sorted(heights)[-9:] == sorted(table["b"]) and len(heights) >= 18
    words = [text.get_text() for text in plots.paid_card(card([0.12, np.inf, 0.034])).texts]
    assert any("12" in word for word in words) and any("3.4" in word for word in words)
    line = plots.threshold_scales(scales([0.9, 1, 1.1])).lines[0]
    assert line.get_ydata() == pytest.approx(scales([0.9, 1, 1.1])["cost"].to_numpy())
