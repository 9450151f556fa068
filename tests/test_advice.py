"""Advice: the simplest within one standard error, the price of staying; the tables behind the pictures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import shops_simulated
from clv import advice, arena, iso_value, migration, origins, rfm, schemes, segment_map
from clv.errors import InputError, SettingError
from clv.known import Known

NAMES = ["value", "kmeans", "ten-segments", "spend", "windows"]


def comparison(gini: list[float], error: list[float], *, money: list[float] | None = None, low: float = 0.1):
    """A comparison as the arena makes it, of five schemes with given figures."""
    rng = np.random.default_rng(5)
    declared = [schemes.load(name) for name in NAMES]
    money = money or [1000 * g for g in gini]
    table = pd.DataFrame(
        {
            "name": [one.name.en for one in declared],
            "effort": [one.effort[1] for one in declared],
            "program": [one.effort[0] for one in declared],
            "gini": gini,
            "gini_low": low,
            "difference": np.array(gini) - max(gini),
            "standard_error": error,
            "money": money,
            "reached": np.array(money) / 2000,
            "reached_low": 0.3,
            "reached_high": 0.5,
        },
        index=pd.Index(NAMES, name="scheme"),
    ).sort_values("gini", ascending=False, kind="stable")
    noise = rng.normal(0, 1, (500, 1)) + rng.normal(0, 10, (500, 5))
    moved = rng.normal(0, 0.05 if low < 0 else 0.005, (500, 5))
    draws = {
        "money": pd.DataFrame(np.array(money) + noise, columns=NAMES),
        "gini": pd.DataFrame(np.array(gini) + moved, columns=NAMES),
    }
    return arena.Comparison(
        90,
        0.2,
        [],
        {one.id: [] for one in declared},
        table,
        pd.DataFrame(),
        draws,
        {"ladder": "too few of them."},
    )


def test_the_simplest_within_one_standard_error_is_taken():
    one = comparison([0.66, 0.655, 0.65, 0.64, 0.50], [0, 0.01, 0.02, 0.03, 0.01])
    found = advice.advise(one, today="windows")
    assert found.as_good == ["value", "kmeans", "ten-segments", "spend"]
    assert (found.best, found.scheme) == ("value", "spend")
    assert (
        "simplest of 4 schemes within one standard error of the best" in found.why
        and "Use Past spend alone." in found.why
    )


def test_by_hand_comes_before_by_program():
    one = comparison([0.66, 0.655, 0.65, 0.50, 0.50], [0, 0.01, 0.02, 0.01, 0.01])
    assert advice.advise(one, today="windows").scheme == "ten-segments"


def test_a_clear_winner_is_called_one():
    one = comparison([0.66, 0.60, 0.60, 0.60, 0.50], [0, 0.01, 0.01, 0.01, 0.01])
    found = advice.advise(one, today="windows")
    assert (found.scheme, found.as_good) == ("value", ["value"])
    assert "further than any other scheme" in found.why


def test_the_price_of_staying_is_the_money_reached_less():
    one = comparison([0.66, 0.60, 0.60, 0.60, 0.50], [0, 0.01, 0.01, 0.01, 0.01])
    found = advice.advise(one, today="windows", margin=0.25, lift=0.1, currency="CNY")
    price = found.price
    assert price["money"] == pytest.approx(160)
    assert price["money_low"] < 160 < price["money_high"]
    assert price["money_high"] - price["money_low"] == pytest.approx(2 * 1.645 * 10 * np.sqrt(2), rel=0.15)
    assert price["profit"] == pytest.approx(160 * 0.25 * 0.1)
    assert price["points"] == pytest.approx(0.08)
    assert "160 CNY less" in found.staying and "4.00 CNY of profit" in found.staying


def test_todays_scheme_may_be_the_one():
    one = comparison([0.66, 0.60, 0.60, 0.60, 0.655], [0, 0.01, 0.01, 0.01, 0.01])
    found = advice.advise(one, today="windows")
    assert found.scheme == "windows" and found.price["money"] == 0
    assert "stay with it" in found.staying
    as_good = advice.advise(comparison([0.66, 0.659, 0.6, 0.6, 0.5], [0, 0.01, 0, 0, 0]), today="value")
    assert as_good.scheme == "value"
    good = comparison([0.66, 0.65, 0.65, 0.65, 0.5], [0, 0.02, 0.02, 0.02, 0])
    assert "as good as far as these orders can tell" in advice.advise(good, today="ten-segments").staying


def test_at_a_small_budget_todays_scheme_may_reach_more():
    """The Gini looks at all customers, a campaign only at the first: then the two are told apart in words."""
    one = comparison([0.66, 0.6, 0.6, 0.6, 0.5], [0, 0.01, 0.01, 0.01, 0.01], money=[400, 390, 390, 390, 700])
    found = advice.advise(one, today="windows")
    assert found.scheme == "value" and found.price["money_high"] < 0
    assert "stay with your scheme of today" in found.staying and "300 more" in found.staying
    assert found.at_budget == "windows" and "Recency windows 90/180/270 does better" in found.why


def test_the_best_of_many_is_held_to_what_luck_gives_the_best_of_many():
    """Each scheme alone would pass at 5 %, the best of five blind ones passes far more often: not here."""
    rng, passed = np.random.default_rng(9), 0
    for _ in range(200):
        one = comparison([0.0] * 5, [0.05] * 5, low=-0.1)
        gini = rng.normal(0, 0.05, 5)
        one.table["gini"] = pd.Series(gini, index=NAMES)
        one.draws["gini"][NAMES] = gini + rng.normal(0, 0.05, (500, 5))
        ranked = one.table.sort_values("gini", ascending=False)
        passed += advice.advise(replace(one, table=ranked), today="windows").sorts
    assert passed / 200 == pytest.approx(0.05, abs=0.04)


def test_it_says_when_it_cannot_tell():
    one = comparison([0.66, 0.6, 0.6, 0.6, 0.5], [0, 0.01, 0.01, 0.01, 0.01], money=[500, 400, 400, 400, 499])
    assert "cannot tell: the difference lies between" in advice.advise(one, today="windows").staying
    blind = advice.advise(comparison([0.05] * 5, [0.04] * 5, low=-0.02), today="windows")
    assert not blind.sorts
    assert "better than chance" in blind.why and "Use" not in blind.why


def test_profit_is_lift_times_margin_times_money_less_contacts(monkeypatch):
    one = comparison([0.66, 0.60, 0.60, 0.60, 0.50], [0, 0.01, 0.01, 0.01, 0.01])
    monkeypatch.setattr(arena.Comparison, "customers", property(lambda _: 3000.0))
    found = advice.profits(one, margin=0.25, lift=0.1, contact_cost=0.05)
    assert (found["contacts"] == 600).all()
    assert found.at["value", "profit"] == pytest.approx(660 * 0.025 - 30)
    assert ((found["profit_low"] < found["profit"]) & (found["profit"] < found["profit_high"])).all()
    assert list(found.index) == list(one.table.index)


def test_todays_scheme_must_have_taken_part():
    one = comparison([0.66, 0.60, 0.60, 0.60, 0.50], [0, 0.01, 0.01, 0.01, 0.01])
    with pytest.raises(SettingError, match="did you mean 'windows'"):
        advice.advise(one, today="window")
    with pytest.raises(SettingError, match="'ladder' could not take part: too few of them"):
        advice.advise(one, today="ladder")


# The tables behind the pictures ----------------------------------------


@pytest.fixture(scope="module")
def judged() -> arena.Comparison:
    orders = shops_simulated.orders(1200, rng=np.random.default_rng(3))
    field = [schemes.load(name) for name in ("eight-mean", "hughes", "windows")]
    return arena.compare(
        orders, field, until="2026-06-30", horizon=90, count=2, draws=20, rng=np.random.default_rng(1)
    )


@pytest.mark.parametrize("name", ["eight-mean", "hughes", "windows"])
def test_a_segment_map_loses_nobody_and_no_money(judged, name, rng):
    day, said = judged.origins[0], judged.foresights[name][0]
    found = segment_map.segment_map(day, said, rng=rng, draws=50)
    assert found["customers"].sum() == len(day.later)
    for column in ("customer_share", "spend_share", "next_share"):
        assert found[column].sum() == pytest.approx(1)
    assert (found["customers"] * found["next_spend"]).sum() == pytest.approx(day.later["spend"].sum())
    assert len(found) <= segment_map.MOST
    assert ((found["low"] <= found["next_spend"]) & (found["next_spend"] <= found["high"])).all()
    assert found["segment_zh"].notna().all()
    if name == "hughes":
        assert found["segment"].iloc[-1] == segment_map.REST
    else:
        assert found["next_spend"].is_monotonic_decreasing
    if name == "eight-mean":
        bits = found.set_index("segment")["bits"]
        assert bits["Important value"] == "R1F1M1" and bits["General to win back"] == "R0F0M0"


def test_bits_of_a_window_are_dots_where_it_holds_both(judged, rng):
    found = segment_map.segment_map(judged.origins[0], judged.foresights["windows"][0], rng=rng)
    assert "R1F·M·" in set(found["bits"])


def test_migration_loses_nobody(judged):
    first, second = judged.origins[1].known, judged.origins[0].known
    scheme = schemes.load("eight-mean")
    before, after = (rfm.labels(rfm.learn(scheme, known), known) for known in (first, second))
    counts = migration.matrix(before, after)
    assert counts.to_numpy().sum() == len(after)
    assert (
        counts.drop(index=migration.NEW, errors="ignore").sum(axis=1).to_dict()
        == before[before.isin(counts.index)]
        .astype(str)
        .value_counts()
        .reindex(counts.index.drop(migration.NEW, errors="ignore"), fill_value=0)
        .to_dict()
    )
    diagonal = sum(counts.at[name, name] for name in counts.index.intersection(counts.columns))
    assert migration.kept_share(before, after) == pytest.approx(diagonal / len(before))
    assert migration.kept_share(before, before) == 1


def test_many_segments_become_few_in_a_matrix(judged):
    known = judged.origins[0].known
    labels = rfm.labels(rfm.learn(schemes.load("hughes"), known), known)
    counts = migration.matrix(labels, labels)
    assert counts.shape == (migration.MOST, migration.MOST)
    assert counts.to_numpy().sum() == len(labels)
    assert counts.index[-1] == migration.REST


def test_a_customer_once_known_stays_known():
    before = pd.Series(["a", "b"], index=["x", "y"])
    with pytest.raises(InputError, match=r"1 customer\(s\) of the first day are missing"):
        migration.matrix(before, before.iloc[:1])
    counts = migration.matrix(before.iloc[:1], before)
    assert counts.at[migration.NEW, "b"] == 1 and counts.at["a", "a"] == 1


def test_iso_value_falls_with_silence_and_bends_back(cdnow_orders):
    known = origins.today(cdnow_orders, until="1998-01-01", horizon=90)
    found = iso_value.surface(known)
    assert (found.surface.diff(axis=1).stack().dropna() < 0).all()  # longer silence, less value
    often, seldom = found.surface.iloc[-1], found.surface.iloc[0]
    assert often.iloc[0] > seldom.iloc[0]  # just bought: the more often the better
    late = often.dropna().index[-1]
    assert often[late] < seldom[late]  # long silent: the other way round (Fader, Hardie & Lee 2005)
    assert found.curves == sorted(found.curves)
    low, high = np.nanmin(found.surface), np.nanmax(found.surface)
    assert all(low < curve < high for curve in found.curves)
    assert found.customers["purchases"].between(2, found.surface.index.max()).all()


def test_iso_value_is_what_the_model_says(cdnow_orders):
    known = origins.today(cdnow_orders, until="1998-01-01", horizon=90)
    found = iso_value.surface(known)
    silence = int(found.surface.columns[10])
    one = pd.DataFrame({"frequency": [3], "recency": [found.age - silence], "T": [found.age]})
    money = known.spend_fit.model.expected_spend(known.customers).mean()
    expected = known.fit.model.expected_purchases(one, days=90).iloc[0] * money
    assert found.surface.at[4, silence] == pytest.approx(expected)


def test_given_fits_are_used_as_they_are(cdnow_orders):
    known = origins.today(cdnow_orders, until="1998-01-01", horizon=90)
    other = Known(known.customers.head(500), horizon=90, given=(known.fit, known.spend_fit))
    assert np.array_equal(other.p_buy, known.p_buy[:500])


def test_where_nobody_leaves_the_lines_do_not_bend_back(cdnow_orders):
    known = origins.today(cdnow_orders, until="1998-01-01", horizon=90)
    assert iso_value.surface(known).bends_back
    staying = origins.today(cdnow_orders, until="1998-01-01", horizon=90, model="nbd")
    assert not iso_value.surface(staying).bends_back
