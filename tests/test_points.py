"""Points: nothing gets lost, nothing looks ahead, and what is forecast is what simulations then show."""

from dataclasses import replace
from datetime import date
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from clv import plots, points
from clv.errors import InputError, NoAnswerError
from clv.pointing import (
    around,
    balances,
    breakage,
    checking,
    exposure,
    levers,
    liability,
    lots,
    rates,
    reminders,
    replay,
)
from clv.pointing import reasons as point_reasons
from conftest import orders_table
from every_figure import Legible

START = pd.Timestamp("2023-01-01")
TODAY = "2026-06-30"


def ledger(*rows: tuple, days: bool = False) -> pd.DataFrame:
    """Return a POINTS table of (customer, at, kind, points[, expires_on[, reason]])."""
    whole = [(*row, *[None] * (6 - len(row))) for row in rows]
    table = pd.DataFrame(whole, columns=["customer_id", "at", "kind", "points", "expires_on", "reason"])
    for name in ("at", "expires_on"):
        moment = START + pd.to_timedelta(table[name], unit="D") if days else pd.to_datetime(table[name])
        table[name] = moment.astype("datetime64[ns]")
    table["points"] = table["points"].astype(float)
    return table.astype({"reason": "str"})[["customer_id", "at", "kind", "points", "reason", "expires_on"]]


def random_ledger(rng: np.random.Generator, customers: int, rows: int, *, days: int = 300) -> pd.DataFrame:
    kind = rng.choice(["earned", "used", "adjusted", "expired"], rows, p=[0.55, 0.3, 0.1, 0.05])
    sign = np.where((kind == "adjusted") & (rng.random(rows) < 0.5), -1, 1)
    at = rng.integers(0, days, rows)
    last = np.where(
        (kind == "earned") & (rng.random(rows) < 0.8), at + rng.choice([0, 20, 90, 200], rows), np.nan
    )
    counts = rng.integers(1, 400, rows) * sign / rng.choice([1, 4, 100], rows)
    who = [f"c{n}" for n in rng.integers(0, customers, rows)]
    return ledger(*zip(who, at, kind, counts.round(2), last, strict=True), days=True)


# Lots: by hand, against a slow oracle, and laws


def test_the_points_that_expire_first_are_used_first():
    account = lots.of(
        ledger(
            ("a", "2026-01-01", "earned", 100, "2026-12-31"),
            ("a", "2026-02-01", "earned", 50, "2026-03-31"),
            ("a", "2026-02-02", "adjusted", 10),
            ("a", "2026-03-01", "used", 70),
            ("a", "2026-07-01", "used", 85),
        ),
        until="2026-12-30",
    )
    assert account.lots["points"].tolist() == [50, 100, 10]
    assert account.lots["left"].tolist() == [0, 0, 5]
    assert account.parts[["lot", "kind", "points"]].to_numpy().tolist() == [
        [0, "used", 50.0], [1, "used", 20.0], [1, "used", 80.0], [2, "used", 5.0],
    ]  # fmt: skip


def test_points_can_be_used_on_their_last_day_and_are_gone_at_its_end():
    rows = [("a", "2026-01-01", "earned", 100, "2026-03-31"), ("a", "2026-03-31", "used", 30)]
    before, after = (lots.of(ledger(*rows), until=day) for day in ("2026-03-30", "2026-03-31"))
    assert before.lots["left"].tolist() == [100.0]
    assert after.lots["left"].tolist() == [0.0]
    assert after.parts["points"].tolist() == [30.0, 70.0]
    late = lots.of(ledger(*rows, ("a", "2026-04-01", "used", 5)), until=TODAY)
    assert late.beyond[["kind", "points"]].to_numpy().tolist() == [["used", 5.0]]


def test_on_one_day_points_are_earned_then_taken_back_then_used():
    rows = [("used", 80), ("adjusted", -30), ("earned", 100)]
    account = lots.of(ledger(*[("a", "2026-01-01", kind, count) for kind, count in rows]), until=TODAY)
    assert account.beyond[["kind", "points"]].to_numpy().tolist() == [["used", 10.0]]


@pytest.mark.parametrize("written", ["2026-03-31", "2026-04-01", "2026-04-30"])
def test_a_row_that_says_what_expired_is_not_counted_twice(written):
    rows = [("a", "2026-01-01", "earned", 100, "2026-03-31"), ("a", written, "expired", 100)]
    account = lots.of(ledger(*rows), until=TODAY)
    assert account.parts["points"].tolist() == [100.0] and account.beyond.empty
    assert account.parts["at"].tolist() == [pd.Timestamp("2026-03-31")]


def test_what_the_ledger_lets_expire_without_a_last_day_is_gone():
    rows = [
        ("a", "2026-01-01", "earned", 100),
        ("a", "2026-03-01", "expired", 60),
        ("a", "2026-04-01", "used", 70),
    ]
    account = lots.of(ledger(*rows), until=TODAY)
    assert points.balances.in_all(account)["points"].to_dict() == {
        "beyond": 30, "earned": 100, "adjusted": 0, "used": 70, "expired": 60, "balance": 0,
    }  # fmt: skip


def slowly(table: pd.DataFrame, until: pd.Timestamp) -> tuple[dict, dict]:
    """Return balance and what was beyond, by customer, change by change in the plainest way."""
    balance, beyond = {}, {}
    turn = {"adjusted": 1, "used": 2, "expired": 3}
    for who, mine in table.groupby("customer_id"):
        changes = []
        for row in mine.itertuples():
            given = row.kind == "earned" or (row.kind == "adjusted" and row.points > 0)
            changes.append(
                (row.at, 0 if given else turn[row.kind], round(abs(row.points) * 100), row.expires_on)
            )
        there, beyond[who] = [], 0
        for at, kind, wanted, last in sorted(changes, key=lambda one: one[:2]):
            if kind == 0:
                there.append([pd.Timestamp.max if pd.isna(last) else last, at, wanted])
                continue
            late = pd.Timedelta(days=31 if kind == 3 else 0)
            for lot in sorted(there, key=lambda one: one[:2]):
                if lot[0] == pd.Timestamp.max or lot[0] + late >= at:
                    taken = min(lot[2], wanted)
                    lot[2], wanted = lot[2] - taken, wanted - taken
            beyond[who] += wanted / 100
        balance[who] = sum(lot[2] for lot in there if lot[0] > until) / 100
    return balance, beyond


def test_lots_are_what_the_plainest_reckoning_says(rng):
    table = random_ledger(rng, 12, 300, days=160)
    until = START + pd.Timedelta(days=150)
    account = lots.of(table, until=until)
    balance, beyond = slowly(table[table["at"] <= until], until)
    found = points.balances.of_customers(account)
    assert found["balance"].to_dict() == pytest.approx({who: balance[who] for who in found.index}, abs=1e-9)
    assert found["beyond"].to_dict() == pytest.approx({who: beyond[who] for who in found.index}, abs=1e-9)
    assert found["beyond"].gt(0).sum() > 3 and found["balance"].gt(0).sum() > 3


def test_nothing_gets_lost_for_anybody_and_nothing_is_negative(rng):
    table = random_ledger(rng, 200, 6000)
    account = lots.of(table, until=START + pd.Timedelta(days=250))
    known = table[table["at"] <= account.until]
    found = points.balances.of_customers(account)
    came, went = found[["beyond", "earned", "adjusted"]].sum(axis=1), found[["used", "expired"]].sum(axis=1)
    assert (came - went - found["balance"]).abs().max() < 1e-6
    for kind in ("earned", "adjusted", "used"):
        said = known[known["kind"] == kind].groupby("customer_id")["points"].sum()
        assert found[kind].sub(said, fill_value=0).abs().max() < 1e-6
    assert account.lots["left"].min() >= 0 and (account.parts["points"] > 0).all()
    assert account.lots["left"].le(account.lots["points"]).all()


def test_no_order_of_rows_shows_and_months_add_up_to_the_balance(rng):
    table = random_ledger(rng, 100, 2500)
    one = lots.of(table, until="2023-09-15")
    other = lots.of(table.sample(frac=1, random_state=1), until="2023-09-15")
    pd.testing.assert_frame_equal(points.balances.of_customers(one), points.balances.of_customers(other))
    months = points.balances.by_month(one)
    flows = points.balances.in_all(one)["points"]
    assert months["balance"].iloc[-1] == pytest.approx(flows["balance"])
    assert months[list(flows.index[:-1])].sum().to_dict() == pytest.approx(flows.iloc[:-1].to_dict())
    assert months["whole"].tolist() == [True] * 8 + [False]


def test_what_is_known_of_a_day_does_not_depend_on_what_came_later(rng):
    table = random_ledger(rng, 100, 2500)
    day = START + pd.Timedelta(days=150)
    then = lots.of(table, until=START + pd.Timedelta(days=299)).at(day)
    alone = lots.of(table[table["at"] <= day], until=day)
    pd.testing.assert_frame_equal(then.lots, alone.lots)
    for one, other in ((then.parts, alone.parts), (then.beyond, alone.beyond)):
        keys = ["lot", "at", "kind"] if "lot" in one else ["customer_id", "at", "kind"]
        pd.testing.assert_series_equal(one.groupby(keys)["points"].sum(), other.groupby(keys)["points"].sum())


def test_a_ledger_that_has_not_begun_or_is_none_is_refused():
    with pytest.raises(NoAnswerError, match="no row up to 2025-12-31"):
        lots.of(ledger(("a", "2026-01-01", "earned", 5)), until="2025-12-31")
    with pytest.raises(InputError, match="points"):
        lots.of(ledger(("a", "2026-01-01", "used", -5)), until=TODAY)


def test_balances_are_held_against_the_members_file():
    table = ledger(*[(who, "2026-01-01", "earned", 100) for who in "abc"])
    members = pd.DataFrame({"points": [100.4, 80, 7, np.nan]}, index=list("abde"))
    found = points.balances.against_members(lots.of(table, until=TODAY), members)
    assert found["customers"].to_dict() == {
        "agree": 1, "the ledger has more": 1, "the members file has more": 0, "only in the ledger": 1,
        "only in the members file": 1,
    }  # fmt: skip


# Rates, breakage, liability: recovery, coverage, laws


def history(rng, customers: int, *, days: int = 1000, life: int = 365, shape: float = 0.7) -> pd.DataFrame:
    """Return what customers earn, and would like to use if they had it: each at an own rate (gamma)."""
    count = rng.poisson(days / 60, customers)
    who, at = np.repeat(np.arange(customers), count), rng.integers(0, days, count.sum())
    earned = pd.DataFrame({"who": who, "at": at, "kind": "earned", "points": rng.integers(20, 300, len(who))})
    count = rng.poisson(rng.gamma(shape, 1 / 200 / shape, customers) * days)
    who, at = np.repeat(np.arange(customers), count), rng.integers(0, days, count.sum())
    used = pd.DataFrame(
        {"who": who, "at": at, "kind": "used", "points": rng.choice([100, 300, 10_000], len(who))}
    )
    both = pd.concat([earned.assign(last=earned["at"] + life), used], ignore_index=True)
    ids, reason = "c" + both["who"].astype(str), both["kind"].map({"earned": "purchase", "used": "gift"})
    return ledger(
        *zip(ids, both["at"], both["kind"], both["points"], both["last"], reason, strict=True), days=True
    )


def observed(wanted: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger that a shop would have: nobody uses more than there is."""
    over = lots.of(wanted, until=wanted["at"].max()).beyond.groupby(["customer_id", "at"])["points"].sum()
    used = wanted[wanted["kind"] == "used"]
    each = used.groupby(["customer_id", "at", "kind", "reason"], as_index=False)["points"].sum()
    key = pd.MultiIndex.from_frame(each[["customer_id", "at"]])
    each["points"] -= over.reindex(key).fillna(0).to_numpy()
    return pd.concat([wanted[wanted["kind"] == "earned"], each[each["points"] > 0]], ignore_index=True)


@pytest.fixture(scope="module")
def known() -> tuple[pd.DataFrame, lots.Account]:
    table = observed(history(np.random.default_rng(1), 700, days=1200))
    return table, lots.of(table, until=START + pd.Timedelta(days=1199))


def test_days_fall_into_one_cell_each(rng):
    start, life = rng.uniform(0, 900, 500), rng.uniform(5, 1000, 500)
    life[:50] = np.inf
    end = np.minimum(start + rng.uniform(0, 400, 500), life)
    cells = exposure.days_in_cells(np.minimum(start, end), end, life)
    assert cells.sum(axis=1) == pytest.approx(end - np.minimum(start, end))
    assert (cells[life < 30][:, :-1] == 0).all() and (cells[np.isinf(life)][:, -1] == 0).all()


def test_a_known_rate_of_use_is_found_again(rng):
    rate, n = 0.002, 3000
    at, gone = rng.integers(0, 700, n), rng.exponential(1 / rate, n)
    rows = [(f"c{i}", at[i], "earned", 100, at[i] + 364) for i in range(n)]
    rows += [(f"c{i}", at[i] + int(gone[i]), "used", 100) for i in range(n) if gone[i] < 365]
    account = lots.of(ledger(*rows, days=True), until=START + pd.Timedelta(days=699))
    found = rates.fit(account, rng=rng)
    seen = found.table[found.table["seen"]]
    drawn = np.quantile(found.drawn[:, found.table["seen"]], [0.005, 0.995], axis=0)
    assert ((drawn[0] < rate) & (rate < drawn[1])).all() and len(seen) == 7
    out = account.outstanding()
    forecast = breakage.expiring(found, out, day=account.until, rng=rng).loc["all"]
    left = (out["expires_on"] - account.until).dt.days.to_numpy()
    truth = (out["left"] * np.exp(-rate * left)).sum()
    assert forecast["expired"] == pytest.approx(truth, rel=0.06)
    assert forecast["low"] < truth < forecast["high"]


def test_the_forecast_is_right_on_average_and_its_interval_holds_what_comes():
    held, apart = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        whole = lots.of(observed(history(rng, 150, days=1150)), until=START + pd.Timedelta(days=1149))
        day = START + pd.Timedelta(days=780)
        then = whole.at(day)
        out = then.outstanding()
        found = breakage.expiring(rates.fit(then, rng=rng, draws=200), out, day=day, rng=rng).loc["all"]
        there = whole.lots["at"].le(day).to_numpy()[whole.parts["lot"]]
        later = whole.parts[there & (whole.parts["at"] > day).to_numpy()]
        came = later.loc[later["kind"] == "expired", "points"].sum()
        held.append(found["low"] <= came <= found["high"])
        apart.append((found["expired"] - came) / found["points"])
    assert abs(np.mean(apart)) < 0.02  # of the points held; a point in six or seven is used
    assert np.mean(held) >= 0.8
    assert np.std(apart) < 0.06


def test_customers_go_together_so_few_large_ones_make_the_interval_wide(known, rng):
    table, account = known
    big = table["customer_id"].isin([f"c{n}" for n in range(7)])
    heavy = table.assign(points=table["points"].where(~big, table["points"] * 100))
    wide = lots.of(heavy, until=account.until)
    parts = []
    for one in (account, wide):
        found = breakage.expiring(rates.fit(one, rng=rng), one.outstanding(), day=one.until, rng=rng).loc[
            "all"
        ]
        parts.append((found["high"] - found["low"]) / found["points"])
    assert parts[1] > 3 * parts[0]


def test_use_that_goes_up_and_down_makes_the_interval_wide(known, rng):
    table, account = known
    steady = rates.fit(account, rng=rng)
    quarter = (account.until - table["at"]).dt.days // 91
    fewer = table["kind"].eq("used") & quarter.isin([0, 2]) & (rng.random(len(table)) < 0.6)
    uneven = lots.of(table[~fewer], until=account.until)
    found = rates.fit(uneven, rng=rng)
    assert steady.unsteady < 0.2 < 0.35 < found.unsteady < 1
    widths = []
    for one, rate in ((account, steady), (uneven, found)):
        said = breakage.expiring(rate, one.outstanding(), day=one.until, rng=rng).loc["all"]
        widths.append((said["high"] - said["low"]) / said["points"])
    assert widths[1] > 1.5 * widths[0]


def test_faster_use_and_longer_life_leave_fewer_points_to_expire(known, rng):
    _, account = known
    found, out = rates.fit(account, rng=rng), account.outstanding()
    left = out["left"].to_numpy()
    expired = [breakage.unused(found.times(by), out, day=account.until).summed(left)[0] for by in (0.5, 1, 2)]
    assert expired == sorted(expired, reverse=True)
    longer = [
        breakage.unused(found, out, day=account.until, longer=days).summed(left)[0] for days in (0, 90, 365)
    ]
    assert longer == sorted(longer, reverse=True)
    last = found.times(3.0, last_days_only=True)
    assert (last.rate != found.rate).sum() <= len(exposure.LIVES)


def test_the_curve_and_the_liability_add_up_to_the_points_held(known, rng):
    _, account = known
    found = rates.fit(account, rng=rng)
    curve = liability.expiry_curve(account, found, value=0.02, rng=rng)
    due = liability.of(account, found, value=0.02, rng=rng).loc["all"]
    held = account.lots["left"].sum()
    assert curve["points"].sum() == pytest.approx(held)
    assert due["money"] == pytest.approx(0.02 * held)
    assert due["liability"] + curve["money_lost"].sum() == pytest.approx(due["money"])
    assert due["low"] < due["liability"] < due["high"] < due["money"]
    assert due["breakage"] == pytest.approx(1 - due["liability"] / due["money"])
    assert (curve["low"] <= curve["expired"]).all() and (curve["expired"] <= curve["high"]).all()


def test_points_without_a_last_day_count_in_full(known, rng):
    table, account = known
    never = table.assign(expires_on=table["expires_on"].where(table.index % 2 == 0))
    half = lots.of(never, until=account.until)
    found = liability.of(half, rates.fit(half, rng=rng), value=1.0, rng=rng)
    assert found.loc["without", "liability"] == found.loc["without", "points"] > 0
    assert found.loc["all", "points"] == found.loc[["with a last day", "without"], "points"].sum()
    curve = liability.expiry_curve(half, rates.fit(half, rng=rng), value=1.0, rng=rng)
    assert curve.index[-1] == liability.NEVER and curve["expired"].iloc[-1] == 0


def test_too_few_users_or_no_points_are_no_ground_for_a_forecast(rng):
    rows = [(f"c{n}", "2026-01-01", "earned", 100, "2026-12-31") for n in range(60)]
    few = lots.of(ledger(*rows, *[(f"c{n}", "2026-02-01", "used", 50) for n in range(29)]), until=TODAY)
    with pytest.raises(NoAnswerError, match="29 customers used points in the last 365 days; it takes 30"):
        rates.fit(few, rng=rng)
    spent = lots.of(ledger(*rows, *[(f"c{n}", "2026-02-01", "used", 100) for n in range(60)]), until=TODAY)
    with pytest.raises(NoAnswerError, match="nobody holds points"):
        liability.of(spent, rates.fit(spent, rng=rng), value=1.0, rng=rng)


# Checked at earlier days


def test_forecasts_of_the_past_beat_the_share_that_ever_expired(known, rng):
    _, account = known
    check = checking.held_out(account, rng=rng)
    assert len(check.expiry) >= 6 and (check.expiry["made_on"] + pd.Timedelta(days=91) <= account.until).all()
    errors = check.errors.set_index(["what", "rule"])["error"]
    assert errors["expired", "the forecast"] < 0.05 < errors["expired", "as ever so far"]
    assert errors["balance", "the forecast"] < 0.05
    assert check.inside >= 0.7
    assert check.better("expired") in (True, None)
    assert "would have been wrong by" in check.says("expired")


def test_what_came_is_what_the_ledger_says(known, rng):
    _, account = known
    row = checking.held_out(account, rng=rng, most=1).expiry.iloc[-1]
    day, end = row["made_on"], row["made_on"] + pd.Timedelta(days=91)
    due = account.lots["expires_on"].between(day, end, inclusive="right") & account.lots["at"].le(day)
    parts = account.parts[due.to_numpy()[account.parts["lot"]]]
    earlier = parts.loc[parts["at"] <= day, "points"].sum()
    spent = parts.loc[parts["at"].gt(day) & parts["kind"].eq("used"), "points"].sum()
    assert row["due"] == pytest.approx(account.lots.loc[due, "points"].sum() - earlier)
    assert row["expired"] == pytest.approx(row["due"] - spent)
    assert spent > 0


@pytest.mark.parametrize(
    ("mine", "simple", "better"), [(0.01, 0.2, True), (0.2, 0.01, False), (0.1, 0.1, None)]
)
def test_one_rule_is_called_better_only_where_chance_would_not(mine, simple, better, rng):
    came = np.full(8, 1000.0)
    noise = rng.normal(0, 0.02, (3, 8))
    table = pd.DataFrame({"made_on": pd.date_range("2024-01-01", periods=8, freq="91D"), "due": 2000.0})
    said = {"forecast": mine, "all_time": 0.5, "last_time": simple}
    for row, (name, by) in enumerate(said.items()):
        table[name] = came * (1 + by + noise[row])
    table = table.assign(expired=came, low=0.0, high=2000.0)
    empty = pd.DataFrame(columns=["made_on", "balance", "forecast", "as_today", "same_change"], dtype=float)
    check = points.checking.Check(table, empty)
    assert check.better("expired") is better
    assert check.better("balance") is None and "can be checked yet" in check.says("balance")
    assert points.checking.Check(table.head(2), empty).better("expired") is None


def test_a_history_too_short_is_said(rng):
    short = lots.of(observed(history(rng, 200, days=200)), until=START + pd.Timedelta(days=199))
    with pytest.raises(NoAnswerError, match=r"the ledger covers 19\d days"):
        checking.held_out(short, rng=rng)


# Reminders


@pytest.fixture
def few() -> lots.Account:
    rows = [
        ("a", "2026-01-01", "earned", 600, "2026-07-02"),
        ("a", "2026-01-01", "earned", 50, "2026-12-31"),
        ("b", "2026-01-01", "earned", 300, "2026-07-08"),
        ("c", "2026-01-01", "earned", 90, "2026-07-31"),
        ("d", "2026-01-01", "earned", 800, "2026-08-01"),
        ("e", "2026-01-01", "earned", 900),
    ]
    return lots.of(ledger(*rows), until=TODAY)


def test_who_is_reminded_30_7_and_1_days_before(few, known, rng):
    who = {days: reminders.due(few, days=days).index.tolist() for days in (30, 7, 1, 0)}
    assert who == {30: ["a", "b", "c"], 7: ["a", "b"], 1: ["a"], 0: []}
    assert reminders.due(few, days=30, least=100).index.tolist() == ["a", "b"]
    one = reminders.due(few, days=30).loc["a"]
    assert (one["points"], one["balance"], one["days_left"]) == (600, 650, 1)
    members = pd.DataFrame({"consent_sms": [True, False], "consent_email": [False, False]}, index=["a", "b"])
    found = rates.fit(known[1], rng=rng)
    counts = reminders.counts(few, found, value=0.5, least=100, members=members)
    assert counts["customers"].to_dict() == {30: 2, 7: 2, 1: 1}
    assert counts["may_be_reached"].to_dict() == {30: 1, 7: 1, 1: 1}
    assert counts.loc[30, "money"] == 450
    assert (counts["likely_unused"] <= counts["money"]).all() and (counts["likely_unused"] > 0).all()
    assert reminders.counts(few, found, value=0.5)["may_be_reached"].isna().all()


def test_who_holds_enough_for_a_promotion(few):
    found = reminders.holders(few, least=[100, 500, 5000], value=0.01)
    assert found["customers"].to_dict() == {100: 4, 500: 3, 5000: 0}
    assert found["points"].to_dict() == {100: 2650, 500: 2350, 5000: 0}
    assert found["share"].to_dict() == {100: 0.8, 500: 0.6, 5000: 0.0}


# Buying around expiry


def buyers(rng, customers: int, *, lift: float, days: int = 900) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return points that expire on days drawn by lot, and orders; before a last day `lift` times as many."""
    rows, bought = [], []
    for n in range(customers):
        first = rng.integers(0, days - 300, 2)
        last = first + rng.integers(60, 500, 2)
        rows += [(f"c{n}", at, "earned", 200, end) for at, end in zip(first, last, strict=True)]
        usual = rng.integers(0, days, rng.poisson(days / 120))
        near = [rng.integers(end - 29, end + 1, rng.poisson(lift * 30 / 120)) for end in last]
        bought += [(f"c{n}", day) for day in np.concatenate([usual, *near]) if day < days]
    table = pd.DataFrame(bought, columns=["customer_id", "day"])
    orders = table.assign(paid_at=START + pd.to_timedelta(table["day"], unit="D"), amount=100.0)
    return ledger(*rows, days=True), orders_table(orders)


def around_expiry(seed: int, *, lift: float) -> around.Around:
    rng = np.random.default_rng(seed)
    table, orders = buyers(rng, 400, lift=lift)
    account = lots.of(table, until=START + pd.Timedelta(days=899))
    return around.expiry(account, orders, least=100, rng=rng, draws=200)


def test_people_who_buy_before_their_points_expire_are_noticed():
    found = around_expiry(1, lift=1.0)
    assert found.verdict == around.MORE
    real, *placebos = found.table.itertuples()
    truth = np.exp(-30 / 120) - np.exp(-(30 + np.arange(21, 31)) / 120).mean()
    assert real.low < truth < real.high
    assert max(abs(one.difference) for one in placebos) < real.difference


def test_where_nobody_cares_nothing_is_claimed():
    verdicts = [around_expiry(seed, lift=0.0).verdict for seed in range(6)]
    assert sum(verdict in (around.MORE, around.FEWER) for verdict in verdicts) <= 2
    assert verdicts.count(around.CANNOT) >= 3


def test_too_few_holders_are_said_to_be_too_few(few, rng):
    orders = orders_table(pd.DataFrame({"customer_id": ["a"], "paid_at": [START], "amount": [1.0]}))
    found = around.expiry(few, orders, least=100, rng=rng)
    assert found.verdict == around.TOO_FEW and "too few" in found.sentence


# Levers


def test_levers_cost_what_more_use_costs(known, rng):
    table, account = known
    found = rates.fit(account, rng=rng)
    told = replay.believed(table, account, found, longer=(90, 365), rng=rng)
    assumed = levers.Assumed(longer=(90, 365), promotion=0.2, promotion_points=300)
    held = levers.of_held(account, found, value=0.1, assumed=assumed, believed=told)
    both = held["expired"] + held["used"]
    assert both.to_numpy() == pytest.approx(account.lots["left"].sum())
    assert held["change"].to_numpy() == pytest.approx(0.1 * held["more_used"].to_numpy())
    assert (held["low"] <= held["change"]).all() and (held["change"] <= held["high"]).all()
    assert held.loc["as it is", ["change", "low", "high"]].tolist() == [0, 0, 0]
    assert (held["change"].drop("as it is") > 0).all()
    assert held.loc["valid 365 days longer", "change"] > held.loc["valid 90 days longer", "change"]
    year = levers.of_a_year(account, found, value=0.1, assumed=assumed, believed=told)
    earned = account.lots.loc[account.lots["at"] > account.until - pd.Timedelta(days=365), "points"].sum()
    assert year.loc["as it is", ["expired", "used"]].sum() == pytest.approx(earned)


def test_a_promotion_takes_the_oldest_points_of_those_who_hold_enough(few, known, rng):
    assert levers._promoted(few.outstanding(), 500).tolist() == [500.0, 0, 0, 0, 500, 500]
    found = rates.fit(known[1], rng=rng)
    none = levers.Assumed(longer=(), promotion_points=10_000)
    assert levers.of_held(few, found, value=1.0, assumed=none).loc["a promotion", "change"] == 0


def test_longer_validity_is_forecast_between_its_ends():
    """The truth, known in a simulation, lies between what the replay and what the rates say of it."""
    rng = np.random.default_rng(3)
    wanted = history(rng, 900, days=1500)
    day = START + pd.Timedelta(days=900)
    table = observed(wanted)
    then = lots.of(table[table["at"] <= day], until=day)
    found = rates.fit(then, rng=rng)
    told = replay.believed(table[table["at"] <= day], then, found, longer=(180,), rng=rng)
    assumed = levers.Assumed(longer=(180,))
    said = levers.of_held(then, found, value=1.0, assumed=assumed, believed=told).loc["valid 180 days longer"]
    held = wanted["at"].le(day) & wanted["expires_on"].gt(day)
    later = wanted.assign(
        expires_on=wanted["expires_on"].mask(held, wanted["expires_on"] + pd.Timedelta(days=180))
    )
    used = []
    for one in (later, wanted):
        account = lots.of(one, until=wanted["at"].max())
        ahead = account.parts["kind"].eq("used") & account.parts["at"].gt(day)
        used.append(account.parts.loc[ahead, "points"].sum())
    truth = used[0] - used[1]
    assert said["low"] < truth < said["high"]
    most = 2 * said["more_used"] / (1 + told[180][0])
    assert told[180][0] == pytest.approx(truth / most, abs=0.15)
    assert 0.3 < truth / most < 0.75  # so rates alone would say far too much


# Reasons


def test_where_points_come_from_and_who_earned_most_without_buying():
    rows = [(f"c{n}", "2026-01-01", "earned", 100, None, "购物") for n in range(10)]
    rows += [("c0", "2026-01-02", "earned", 20, None, "分享")] * 30
    rows += [
        ("c1", "2026-01-02", "earned", 5, None, "签到"),
        ("c2", "2026-01-03", "earned", 15, None, "签到"),
    ]
    rows += [("c1", "2026-02-01", "used", 80, None, "抵现"), ("c2", "2026-02-01", "used", 20)]
    table = ledger(*rows)
    found = points.reasons.by_reason(table).set_index(["kind", "reason"])
    assert found.loc[("earned", "购物"), ["changes", "customers", "points"]].tolist() == [10, 10, 1000]
    assert found.loc["used", "share"].to_dict() == {"抵现": 0.8, points.reasons.UNSAID: 0.2}
    assert list(found.index.get_level_values("kind").unique()) == ["earned", "used"]
    assert points.reasons.not_from_purchases(table) == pytest.approx(620 / 1620)
    top = points.reasons.top_earners(table, share=0.1)
    assert top.index.tolist() == ["c0"]
    assert top.iloc[0].tolist() == [600, 700, 30, 30, 40]
    unsaid = table.assign(reason=pd.Series(None, index=table.index, dtype="str"))
    assert np.isnan(points.reasons.not_from_purchases(unsaid)) and points.reasons.top_earners(unsaid).empty


def test_used_points_are_a_discount_on_what_was_bought(rng):
    table = ledger(
        *[(f"c{n}", "2025-01-01", "earned", 500) for n in range(50)],
        *[(f"c{n}", "2025-06-01", "used", 200) for n in range(50)],
        *[(f"c{n}", "2026-02-01", "used", 10) for n in range(25)],
    )
    bought = pd.DataFrame({"customer_id": [f"c{n}" for n in range(50)] * 2, "amount": 100.0})
    bought["paid_at"] = pd.to_datetime(["2025-03-01"] * 50 + ["2024-03-01"] * 50)  # half before the ledger
    found = points.reasons.discount(table, orders_table(bought), value=0.01, rng=rng)
    assert found.index.tolist() == ["2025", "all"]
    assert found.loc["2025", ["points_used", "money", "discount"]].tolist() == [10_000, 5000, 0.02]
    assert found.loc["2025", ["low", "high"]].tolist() == pytest.approx([0.02, 0.02])
    assert found.loc["all", "discount"] == pytest.approx(0.0205)
    assert found.loc["all", "low"] < 0.0205 < found.loc["all", "high"]


# All of it, and its figures


@pytest.fixture(scope="module")
def study(known) -> points.Study:
    table, account = known
    earned = table[table["kind"] == "earned"]
    orders = orders_table(earned.rename(columns={"at": "paid_at", "points": "amount"}))
    members = pd.DataFrame({"points": account.lots.groupby("customer_id")["left"].sum()})
    members["consent_sms"] = True
    terms = points.Terms(value=0.01, draws=100)
    rng = np.random.default_rng(1)
    return points.of(table, orders, until=account.until.date(), terms=terms, rng=rng, members=members)


def test_all_of_it_at_once(study):
    assert study.flows.at["balance", "points"] == pytest.approx(study.account.lots["left"].sum())
    assert study.agreement.startswith("0 of") and study.agreement.endswith("few enough.")
    assert study.why == "" and study.forecast is not None
    assert "too few points were seen" not in study.forecast.trust
    assert study.forecast.in_a_quarter > 0
    assert study.forecast.reminders["may_be_reached"].equals(
        study.forecast.reminders["customers"].astype("Int64")
    )


def test_where_nothing_can_be_said_it_is_said(rng):
    orders = orders_table(pd.DataFrame({"customer_id": ["a"], "paid_at": [START], "amount": [1.0]}))
    ask = {"until": date(2026, 6, 30), "terms": points.Terms(value=0.01), "rng": rng}
    assert points.told(None, orders, **ask)[1].startswith("The shop file names no ledger of points")
    later = ledger(("a", "2027-01-01", "earned", 5))
    assert "no row up to 2026-06-30" in points.told(later, orders, **ask)[1]
    found, why = points.told(ledger(("a", "2026-01-01", "earned", 5)), orders, **ask)
    assert why == "" and found is not None and found.forecast is None and "it takes 30" in found.why


def test_a_rule_of_validity_fills_in_the_last_days_that_a_ledger_lacks(rng):
    table = ledger(("a", "2026-01-01", "earned", 5), ("a", "2026-01-02", "earned", 7, "2026-03-01"),
                   ("a", "2026-01-03", "adjusted", 9))  # fmt: skip
    filled = points.with_last_day(table, days=30)["expires_on"]
    assert filled.tolist()[:2] == [pd.Timestamp("2026-01-31"), pd.Timestamp("2026-03-01")]
    assert pd.isna(filled.iloc[2])


FIGURES = {
    "balance": lambda study, ax: plots.points_balance(study.months, ax=ax),
    "no balance": lambda study, ax: plots.points_balance(study.months.iloc[:0], ax=ax),
    "curve": lambda study, ax: plots.expiry_curve(study.forecast.curve, currency="CNY", ax=ax),
    "no curve": lambda study, ax: plots.expiry_curve(study.forecast.curve.iloc[:0], ax=ax),
    "check": lambda study, ax: plots.breakage_check(study.forecast.check.expiry, ax=ax),
    "one check": lambda study, ax: plots.breakage_check(study.forecast.check.expiry.tail(1), ax=ax),
    "no check": lambda study, ax: plots.breakage_check(study.forecast.check.expiry.iloc[:0], ax=ax),
    "around": lambda study, ax: plots.buying_around_expiry(study.around.table, ax=ax),
    "nothing around": lambda study, ax: plots.buying_around_expiry(
        study.around.table.assign(difference=np.nan), ax=ax
    ),
}


class TestFigures(Legible):
    @pytest.fixture(params=list(FIGURES))
    def draw(self, request, study):
        yield lambda ax: FIGURES[request.param](study, ax)
        plt.close("all")


def test_bars_stand_where_the_table_says(study):
    curve = study.forecast.curve
    ax = plots.expiry_curve(curve)
    bars, _, rest = ax.containers[0], ax.containers[1], ax.containers[2] if len(ax.containers) > 2 else None
    assert [bar.get_height() for bar in bars] == pytest.approx(curve["expired"].tolist())
    tops = [bar.get_y() + bar.get_height() for bar in ax.containers[1]]
    assert tops == pytest.approx(curve["points"].tolist())
    assert rest is not None
    plt.close("all")


def test_a_ledger_that_only_knows_what_was_used_says_so_and_stops_nothing(rng):
    table = ledger(("a", "2025-01-05", "used", 30.0), ("b", "2025-03-05", "used", 10.0))
    when = pd.to_datetime(["2025-01-05", "2025-02-01", "2025-03-05"])
    bought = orders_table(pd.DataFrame({"customer_id": ["a", "b", "z"], "paid_at": when, "amount": 100.0}))
    study, why = points.told(table, bought, until="2025-06-30", terms=points.Terms(value=0.01), rng=rng)
    assert study is not None, why
    assert study.around.verdict == "too few"
    assert "Only 0 times" in study.around.sentence
    assert study.discount.loc["all", "points_used"] == 40.0


def test_what_strangers_use_is_no_discount_on_what_was_bought(rng):
    table = ledger(("a", "2025-01-05", "used", 100.0), ("stranger", "2025-01-06", "used", 5000.0))
    when = pd.to_datetime(["2025-01-05"])
    bought = orders_table(pd.DataFrame({"customer_id": ["a"], "paid_at": when, "amount": 100.0}))
    found = point_reasons.discount(table, bought, value=0.01, rng=rng)
    assert found.loc["all", "discount"] == pytest.approx(0.01)
    assert found[["low", "high"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("buyer", "until", "words"),
    [
        ("a", "2025-06-30", ["1 of 2 customers of the ledger are not in the orders"]),
        ("a", "2025-01-31", ["1 changes of points lie after the last day, 2025-01-31"]),
        ("z", "2025-06-30", ["Not one of the 2 customers of the ledger is in the orders"]),
    ],
)
def test_what_of_a_ledger_counts_nowhere_is_said(buyer, until, words, rng):
    table = ledger(("a", "2025-01-05", "earned", 30.0, None), ("b", "2025-03-05", "earned", 10.0, None))
    when = pd.to_datetime(["2025-01-05"])
    bought = orders_table(pd.DataFrame({"customer_id": [buyer], "paid_at": when, "amount": 100.0}))
    study = points.of(table, bought, until=until, terms=points.Terms(value=0.01), rng=rng)
    assert len(study.notes) == len(words)
    assert [word for word in words if word not in " ".join(study.notes)] == []


def test_a_ledger_and_a_members_file_without_anybody_in_common_are_not_called_alike(study):
    alone = pd.DataFrame({"points": [5.0]}, index=pd.Index(["zz"], name="customer_id"))
    members = balances.against_members(study.account, alone)
    assert "No customer stands in both" in replace(study, members=members).agreement


def test_forecasts_of_quarters_in_which_nothing_expired_count_in_the_coverage(rng):
    """From December 2024 on everybody uses everything, so what the forecast says will expire does not."""
    rows = []
    for who, k in product(range(150), range(14)):
        at = pd.Timestamp("2022-06-01") + pd.Timedelta(days=int(91 * k + rng.integers(0, 91)))
        rows.append((f"c{who}", at, "earned", 100.0, at + pd.Timedelta(days=120)))
        if at >= pd.Timestamp("2024-12-01") or rng.random() < 0.5:
            rows.append((f"c{who}", at + pd.Timedelta(days=int(rng.integers(1, 100))), "used", 100.0, None))
    account = lots.of(
        ledger(*(row for row in rows if row[1] <= pd.Timestamp("2025-11-30"))), until="2025-11-30"
    )
    check = checking.held_out(account, rng=rng)
    never = check.expiry[check.expiry["expired"] == 0]
    assert len(never) and never["low"].gt(0).any()
    held = check.expiry["expired"].between(check.expiry["low"], check.expiry["high"])
    assert check.inside == held.mean() < 1
