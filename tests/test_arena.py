"""The arena: laws of the measures, no look ahead, intervals that cover, the winner where it is known."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

import shops_simulated
from clv import arena, foresight, gains, holdout, origins, own_windows, schemes
from clv.errors import NoAnswerError, SettingError
from clv.judging import measures, resampling
from clv.judging.sums import order

UNTIL, HORIZON = "2026-06-30", 90
SOME = (
    "windows",
    "ladder",
    "eight-mean",
    "hughes",
    "kmeans",
    "spend",
    "p-buy",
    "value",
    "iso-value",
    "windows-own",
)


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    return shops_simulated.orders(2500, rng=np.random.default_rng(7))


def compared(orders: pd.DataFrame, names: tuple[str, ...] = SOME, **more: object) -> arena.Comparison:
    settings = {"until": UNTIL, "horizon": HORIZON, "draws": 40, "rng": np.random.default_rng(1)}
    field = [schemes.load("windows-own" if name == "own-too" else name) for name in names]
    field = [one.model_copy(update={"id": name}) for one, name in zip(field, names, strict=True)]
    return arena.compare(orders, field, **(settings | more))


@pytest.fixture(scope="module")
def comparison(orders) -> arena.Comparison:
    return compared(orders)


# Laws of the measures ----------------------------------------


def curve(score: np.ndarray, spend: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ranked = order(score)
    return measures.gain(ranked.sums(np.ones(len(spend))), ranked.sums(spend))


def test_a_gain_curve_does_not_depend_on_the_order_of_equals(rng):
    score, spend = rng.integers(0, 6, 400).astype(float), rng.gamma(0.3, 50, 400)
    mixed = rng.permutation(400)
    for ours, theirs in zip(curve(score, spend), curve(score[mixed], spend[mixed]), strict=True):
        assert ours == pytest.approx(theirs)
    # ties averaged: what random orders of the equal ones give on average
    broken = [measures.gini(*curve(score + 1e-6 * rng.random(400), spend)) for _ in range(400)]
    assert measures.gini(*curve(score, spend)) == pytest.approx(np.mean(broken), abs=4 * np.std(broken) / 20)


def test_gini_of_a_blind_a_perfect_and_a_reversed_order(rng):
    spend = rng.gamma(0.5, 100, 500)
    assert measures.gini(*curve(np.zeros(500), spend)) == pytest.approx(0)
    best = measures.gini(*curve(spend, spend))
    rising = np.sort(spend)
    textbook = 2 * (np.arange(1, 501) * rising).sum() / (500 * rising.sum()) - 501 / 500
    assert best == pytest.approx(textbook)
    assert measures.gini(*curve(-spend, spend)) == pytest.approx(-best)
    assert all(measures.gini(*curve(rng.random(500), spend)) < best for _ in range(20))


def test_captured_is_what_the_first_so_many_bring():
    score, spend = np.arange(10.0), np.array([0, 0, 0, 0, 0, 0, 0, 10.0, 30.0, 60.0])
    x, y = curve(score, spend)
    assert [measures.captured(x, y, share) for share in (0.1, 0.2, 0.25)] == pytest.approx([0.6, 0.9, 0.95])


def test_auc_is_the_judges_of_the_models(rng):
    score, bought = rng.integers(0, 9, 300).astype(float), (rng.random(300) < 0.3).astype(float)
    ranked = order(score)
    ours = measures.auc(ranked.sums(np.ones(300)), ranked.sums(bought))
    assert ours == pytest.approx(holdout.auc(pd.Series(score), pd.Series(bought))[0])


def test_the_other_measures_are_the_textbooks(rng):
    a, b = rng.integers(0, 5, 200).astype(float), rng.gamma(1, 1, 200).round(1)
    assert measures.spearman(a, b) == pytest.approx(spearmanr(a, b).statistic)
    groups = [b[a == level] for level in np.unique(a)]
    between = sum(len(g) * (g.mean() - b.mean()) ** 2 for g in groups)
    assert measures.variance_explained(a.astype(int), b) == pytest.approx(
        between / ((b - b.mean()) ** 2).sum()
    )
    happened = (rng.random(200) < 0.4).astype(float)
    chance = rng.random(200)
    assert measures.log_losses(chance, happened).mean() == pytest.approx(
        -np.log(np.where(happened > 0, chance, 1 - chance)).mean()
    )


@pytest.mark.parametrize("stretch", [0.5, 1.0, 2.0])
def test_the_calibration_slope_finds_how_bold_the_chances_were(stretch, rng):
    logits = rng.normal(-1.5, 1.0, 60_000)
    happened = (rng.random(60_000) < 1 / (1 + np.exp(-logits))).astype(float)
    said = 1 / (1 + np.exp(-stretch * logits))
    assert measures.calibration_slope(said, happened) == pytest.approx(1 / stretch, rel=0.03)


def test_coarse_orders_change_nothing_that_is_seen(rng):
    score, spend = rng.normal(size=20_000), rng.gamma(0.2, 100, 20_000)
    fine = order(score)
    assert fine.coarse().count == 2000
    ones = np.ones(20_000)
    ginis = [measures.gini(*measures.gain(o.sums(ones), o.sums(spend))) for o in (fine, fine.coarse())]
    assert ginis[0] == pytest.approx(ginis[1], abs=1e-5)


def test_sums_of_several_draws_are_the_sums_of_each(rng):
    ranked, columns = order(rng.integers(0, 7, 50).astype(float)), rng.random((50, 3))
    rows = np.arange(10, 40)
    for sums, part in ((ranked.sums(columns), columns), (ranked.sums(columns[rows], rows), columns[rows])):
        assert sums.sum(axis=0) == pytest.approx(part.sum(axis=0))
    assert ranked.sums(columns)[:, 1] == pytest.approx(ranked.sums(columns[:, 1]))


# The protocol ----------------------------------------


def test_origins_lie_one_horizon_apart_and_nothing_is_lost_between_them(orders):
    days = origins.rolling(orders, until=UNTIL, horizon=HORIZON, count=3)
    assert [str(one.day) for one in days] == ["2026-04-01", "2026-01-01", "2025-10-03"]
    assert [str(one.before.day) for one in days] == ["2026-01-01", "2025-10-03", "2025-07-05"]
    for one in (*days, days[-1].before):
        first, last = pd.Timestamp(one.day), pd.Timestamp(one.day) + pd.Timedelta(days=HORIZON)
        known = orders[orders["paid_at"] <= first]["customer_id"].unique()
        between = orders[(orders["paid_at"] > first) & (orders["paid_at"] <= last)]
        mine = between[between["customer_id"].isin(known)]
        assert len(one.later) == len(known)
        assert one.later["spend"].sum() == pytest.approx(mine["amount"].sum())
        assert one.later["purchases"].sum() == mine.groupby(["customer_id", "paid_at"]).ngroups
        assert (one.known.waits["day"] <= first).all()


def future_matters(orders: pd.DataFrame, name: str) -> bool:
    """Return whether what a scheme says on its latest day changes when only what came after it is changed."""
    day = pd.Timestamp("2026-04-01")
    later = orders["paid_at"] > day
    # the future is handed round: each customer gets another one's, and the money changes too
    names = np.sort(orders["customer_id"].unique())
    others = orders["customer_id"].map(dict(zip(names, np.roll(names, 977), strict=True)))
    other = orders.assign(
        amount=orders["amount"].where(~later, orders["amount"] * 7 + 13),
        customer_id=orders["customer_id"].where(~later, others),
    )
    said = []
    for table in (orders, other):
        days = origins.rolling(table, until=UNTIL, horizon=HORIZON, count=1)
        found, _ = arena._foresights([schemes.load(name)], days, lambda *_: None)
        said.append(found[name][0])
    return not all(
        np.array_equal(getattr(said[0], field), getattr(said[1], field))
        for field in ("segment", "by_value", "by_chance", "chance")
    )


@pytest.mark.parametrize("name", schemes.names())
def test_no_scheme_looks_ahead(orders, name):
    assert not future_matters(orders, name)


def test_the_check_on_looking_ahead_catches_planted_leaks(orders, monkeypatch):
    """Three leaks: customers, waits and outcomes of a later day."""
    honest = origins.customers.summarise

    def peeking(table: pd.DataFrame, *, until: object) -> pd.DataFrame:
        return honest(table, until=UNTIL if str(until) == "2026-04-01" else until)

    with monkeypatch.context() as leak:
        leak.setattr(origins.customers, "summarise", peeking)
        assert future_matters(orders, "spend")
        assert future_matters(orders, "eight-mean")
    with monkeypatch.context() as leak:
        leak.setattr(origins.purchase_days, "as_of", lambda days, until: days)
        assert future_matters(orders, "windows-own")
    with monkeypatch.context() as leak:
        real = origins._later
        leak.setattr(
            origins,
            "_later",
            lambda days, day, horizon, known: real(days, day, 2 * horizon, known),
        )
        assert future_matters(orders, "windows")


def test_the_check_catches_cells_ordered_by_what_is_to_be_foreseen(orders, monkeypatch):
    """The leak planted in the arena's own wiring: the judged outcome stands in for the earlier one."""
    real = arena._foresights

    def leaking(field, days, told):
        ahead = [
            replace(day, before=replace(day.before, later=day.later.reindex(day.before.later.index)))
            for day in days
        ]
        return real(field, ahead, told)

    monkeypatch.setattr(arena, "_foresights", leaking)
    assert future_matters(orders, "windows")
    assert future_matters(orders, "hughes")


def test_a_segment_that_nobody_was_in_takes_after_its_neighbour(cdnow_orders):
    """On 1997-07-03 nobody can have been silent for 270 days; on 1997-12-31 most have been."""
    found = arena.compare(
        cdnow_orders, [schemes.load("windows"), schemes.load("spend")], until="1998-06-30", horizon=181,
        count=1, draws=20, rng=np.random.default_rng(1),
    )  # fmt: skip
    said = found.foresights["windows"][0]
    names = np.array([name.en for name in said.rule.segments])[said.segment]
    value = pd.Series(said.by_value).groupby(names).first()
    assert value["lost"] == value["sleeping"] < value["active"]
    assert found.table.at["windows", "gini"] > 0.45  # .345 where the unseen have everybody's mean
    places = said.rule.places
    means = foresight.segment_means(
        np.array([0, 0, 1]), np.array([1.0, 1.0, 4.0]), 4, places=places, shrink=1e-9
    )
    assert means == pytest.approx([1, 4, 4, 4])


def test_the_order_of_the_file_is_nothing_to_the_comparison(orders, comparison):
    shuffled = compared(orders.sample(frac=1, random_state=3).reset_index(drop=True))
    pd.testing.assert_frame_equal(shuffled.table, comparison.table, rtol=1e-9)


def test_the_order_of_the_file_is_nothing_to_what_customers_spent(cdnow_orders):
    """To the last bit: equal customers must be equal numbers, or an edge may fall between them."""
    known = [
        origins.today(table, until="1998-01-01", horizon=90)
        for table in (cdnow_orders, cdnow_orders.sample(frac=1, random_state=2))
    ]
    for column in ("total_spend", "monetary_value"):
        assert (known[0].customers[column] == known[1].customers[column]).all()
    assert np.array_equal(known[0].value, known[1].value)
    cents = np.round(known[0].column("total_spend"), 2)
    assert len(np.unique(cents)) == len(known[0].distinct("total_spend")[0])


def test_the_table_says_what_the_foresights_did(comparison):
    one = comparison.by_origin.query("scheme == 'ladder'").iloc[0]
    said, came = comparison.foresights["ladder"][0], comparison.origins[0].later
    assert one["gini"] == pytest.approx(measures.gini(*curve(said.by_value, came["spend"].to_numpy())))
    means = comparison.by_origin.drop(columns="day").groupby("scheme").mean()
    for column in ("gini", "auc", "log_loss", "kept", "money", "explained"):
        assert comparison.table[column].to_dict() == pytest.approx(means[column].to_dict())
    table = comparison.table
    assert table["gini"].is_monotonic_decreasing
    assert table["difference"].iloc[0] == 0 and (table["difference"] <= 0).all()
    for name in resampling.RESAMPLED:
        assert (table[f"{name}_low"] <= table[name]).all() and (table[name] <= table[f"{name}_high"]).all()
    for name in SOME:
        assert 0 <= table.at[name, "kept"] <= 1
        assert table.at[name, "segments"] >= 2


def test_every_column_is_what_plain_pandas_makes_of_the_foresights(comparison):
    """Each figure of one scheme on one day, made again without the judging code."""
    for name in ("ladder", "value", "kmeans"):
        said, day = comparison.foresights[name][1], comparison.origins[1]
        row = comparison.by_origin.query("scheme == @name").iloc[1]
        frame = day.later.assign(value=said.by_value, chance=said.chance, segment=said.segment)
        frame["bought"] = frame["purchases"] > 0
        frame["lot"] = frame["value"].rank(method="average", ascending=False)
        everybody = frame["spend"].sum()
        tied = frame.groupby("value")["spend"].agg(["size", "sum"]).sort_index(ascending=False).cumsum()
        share = np.interp(0.2, np.r_[0, tied["size"] / len(frame)], np.r_[0, tied["sum"] / everybody])
        assert row["reached"] == pytest.approx(share)
        assert row["money"] == pytest.approx(share * everybody)
        assert row["ratio"] == pytest.approx(frame["chance"].sum() / frame["bought"].sum())
        assert row["spearman"] == pytest.approx(frame["value"].corr(frame["spend"], method="spearman"))
        losses = np.log(np.where(frame["bought"], frame["chance"], 1 - frame["chance"]))
        assert row["log_loss"] == pytest.approx(-losses.mean())
        assert row["brier"] == pytest.approx(((frame["chance"] - frame["bought"]) ** 2).mean())
        assert row["largest"] == pytest.approx(frame["segment"].value_counts(normalize=True).max())
        earlier = foresight.rfm.learn(schemes.load(name), day.before.known)
        rule = earlier if said.scheme.is_held else said.rule
        before = foresight.rfm.labels(earlier, day.before.known).astype(str)
        now = foresight.rfm.labels(rule, day.known).astype(str)
        assert row["kept"] == pytest.approx((now[before.index] == before).mean())


def test_the_chance_of_a_cell_is_the_rate_of_that_cell_before(comparison):
    said, day = comparison.foresights["ladder"][0], comparison.origins[0]
    before = day.before
    steps = before.known.customers["frequency"].clip(upper=9)
    once = before.later.loc[steps == 0, "purchases"] > 0
    everybody = (before.later["purchases"] > 0).mean()
    expected = (once.sum() + 20 * everybody) / (len(once) + 20)
    now = (day.known.customers["frequency"] == 0).to_numpy()
    assert said.chance[now] == pytest.approx(expected)


def test_customers_are_redrawn_together_at_all_origins(rng):
    """Two origins with the same customers and outcomes: each draw gives both the same figure."""
    score, spend = order(rng.normal(size=300)), rng.gamma(0.4, 100, 300)
    one = resampling.Trial(
        np.arange(300), spend, (spend > 20).astype(float), {"s": score}, {"s": score}, np.zeros((300, 2))
    )
    settings = {"customers": 300, "share": 0.2, "draws": 50}
    alone = resampling.redrawn([one], rng=np.random.default_rng(4), **settings)["s"]["gini"]
    both = resampling.redrawn([one, one], rng=np.random.default_rng(4), **settings)["s"]["gini"]
    assert both == pytest.approx(alone)
    turned = replace(one, rows=one.rows[::-1], spend=spend[::-1], bought=one.bought[::-1])
    turned = replace(turned, by_value={"s": order(-score.unit[::-1].astype(float))}, by_chance={"s": score})
    mixed = resampling.redrawn([one, turned], rng=np.random.default_rng(4), **settings)["s"]["gini"]
    assert mixed == pytest.approx(alone)


def test_where_everybody_buys_the_auc_is_missing_and_nothing_warns(orders):
    ones = np.ones((5, 2))
    assert np.isnan(measures.auc(ones, ones)).all()


def test_less_than_one_contact_is_refused(orders):
    with pytest.raises(SettingError, match=r"less than one of the [\d,]+ customers; give at least"):
        compared(orders, contact_share=1e-6)


def test_gain_curves_rise_to_one_and_nobody_beats_the_future(comparison):
    curves = gains.curves(comparison)
    assert (curves.iloc[0] == 0).all() and curves.iloc[-1].to_numpy() == pytest.approx(1)
    assert (curves.diff().dropna() > -1e-12).all(axis=None)
    assert curves.le(curves["best possible"] + 1e-12, axis=0).all(axis=None)
    assert curves.loc[0.2, "spend"] == pytest.approx(comparison.table.at["spend", "top_20"], abs=1e-9)


def test_where_the_model_is_true_its_value_sees_furthest(comparison):
    """The shop was made by the model: nothing sorts better than expected value, and its chances are right."""
    table = comparison.table
    assert -table.at["value", "difference"] <= table.at["value", "standard_error"]
    assert table.at["value", "gini"] - table.at["windows", "gini"] > 0.05
    assert table.at["p-buy", "log_loss"] == table["log_loss"].min()
    assert table.at["p-buy", "ratio"] == pytest.approx(1, abs=0.12)
    assert table.at["p-buy", "slope"] == pytest.approx(1, abs=0.2)


def test_the_interval_of_the_gini_covers_the_truth():
    """300 samples of 500 customers from a population of 200,000 whose Gini is known: 90 % intervals."""
    rng = np.random.default_rng(11)
    score = rng.integers(0, 8, 200_000).astype(float)
    spend = np.where(rng.random(200_000) < 0.05 + 0.04 * score, rng.gamma(2, 50, 200_000), 0.0)
    truth = measures.gini(*curve(score, spend))
    hits = []
    for _ in range(300):
        drawn = rng.integers(0, 200_000, 500)
        mine, paid = order(score[drawn]), spend[drawn]
        trial = resampling.Trial(
            np.arange(500), paid, (paid > 0).astype(float), {"s": mine}, {"s": mine}, np.zeros((500, 2))
        )
        found = resampling.redrawn([trial], customers=500, share=0.2, draws=200, rng=rng)["s"]["gini"]
        low, high = np.quantile(found, [0.05, 0.95])
        hits.append(low <= truth <= high)
    assert np.mean(hits) == pytest.approx(0.90, abs=0.045)


def test_segment_means_are_drawn_towards_everybody(rng):
    segment, outcome = np.array([0] * 5 + [1] * 95), np.array([100.0] * 5 + [2.0] * 95)
    found = foresight.segment_means(segment, outcome, 3)
    everybody = outcome.mean()
    assert found == pytest.approx([(500 + 20 * everybody) / 25, (190 + 20 * everybody) / 115, everybody])


def test_held_rules_are_those_of_the_day_before(orders, comparison):
    for name in ("kmeans", "iso-value"):
        said, one = comparison.foresights[name][0], comparison.origins[0]
        earlier = foresight.rfm.learn(schemes.load(name), one.before.known)
        assert said.rule.numbers() == earlier.numbers()


# What is refused ----------------------------------------


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        (
            {"horizon": 900},
            NoAnswerError,
            r"span \d+ days, and a horizon of 900 days needs three times as many",
        ),
        ({"horizon": 300}, NoAnswerError, "at most 24"),
        ({"horizon": 0}, SettingError, "horizon is 0"),
        ({"contact_share": 1.0}, SettingError, "contact_share is 1.0"),
        ({"draws": 5}, SettingError, "draws is 5"),
        ({"names": ("windows",)}, SettingError, "1 scheme is nothing to compare"),
        ({"names": ("windows", "windows")}, SettingError, "two schemes are called 'windows'"),
    ],
)
def test_a_comparison_that_cannot_be_is_one_sentence(orders, more, error, words):
    with pytest.raises(error, match=words):
        compared(orders, **({"names": SOME} | more))


def test_too_few_customers_or_buyers_are_counted(orders):
    one = orders[orders["customer_id"] == orders["customer_id"].value_counts().index[0]]
    with pytest.raises(NoAnswerError, match=r"1 customer\(s\); a comparison of schemes needs at least 30"):
        compared(one, horizon=30)
    early = orders[orders["paid_at"] <= "2025-06-01"]
    with pytest.raises(NoAnswerError, match=r"in the 90 days after .* 0 of [\d,]+ customers bought"):
        compared(early)


def test_customers_who_are_all_alike_are_told_so():
    day = pd.to_datetime(["2025-01-01", "2025-04-01", "2025-07-01", "2025-10-01"])
    who = [f"c{i:03d}" for i in range(60)]
    rows = [(f"{c}{d}", c, d, 50.0) for c in who for d in day]
    table = pd.DataFrame(rows, columns=["order_id", "customer_id", "paid_at", "amount"]).assign(
        refunded=0.0, category=None, channel=None, is_gift=False
    )
    with pytest.raises(NoAnswerError, match="all 60 customers had the same recency, purchases and spend"):
        compared(table, until="2025-10-01", horizon=91)


def test_fewer_origins_than_asked_where_the_history_is_short(orders):
    assert len(compared(orders, count=9).origins) == 6
    assert len(compared(orders, count=3, horizon=240).origins) == 1


def test_a_scheme_that_cannot_take_part_is_named(orders, monkeypatch):
    monkeypatch.setattr(own_windows, "ENOUGH_RETURNS", 100_000)
    found = compared(orders, ("windows", "windows-own", "spend"), draws=20)
    assert set(found.table.index) == {"windows", "spend"}
    assert list(found.refused) == ["windows-own"]
    assert "need at least 100000" in found.refused["windows-own"]
    with pytest.raises(NoAnswerError, match="no scheme could be learned; customers came back"):
        compared(orders, ("windows-own", "own-too"), draws=20)


def test_the_draws_do_not_depend_on_how_many_are_held_at_once(orders, comparison, monkeypatch):
    monkeypatch.setattr(resampling, "_CELLS", 9000)
    again = compared(orders)
    pd.testing.assert_frame_equal(again.draws["gini"], comparison.draws["gini"], rtol=1e-12)


def test_progress_is_told_to_the_end(orders):
    told = []
    compared(orders, ("windows", "spend"), told=lambda *what: told.append(what))
    assert told[-1] == ("customers redrawn", 40, 40) and ("schemes learned", 2, 2) in told


def test_a_day_ends_what_is_known(orders):
    one = origins.rolling(orders, until=UNTIL, horizon=HORIZON, count=1)[0]
    assert one.known.customers["last_order"].max() <= pd.Timestamp(one.day)
    assert replace(one, later=one.later * 0).known is one.known


def test_early_days_with_too_few_customers_are_passed_over(orders):
    """A young shop: most customers joined late, so that the earliest days asked for cannot be judged."""
    joined = orders.groupby("customer_id")["paid_at"].transform("min")
    young = orders[(joined > "2025-04-01") | (orders["customer_id"] < "c000040")]
    assert len(origins.rolling(orders, until=UNTIL, horizon=60, count=9)) == 9
    days = origins.rolling(young, until=UNTIL, horizon=60, count=9)
    assert 2 <= len(days) < 9
    assert all((one.before.later["purchases"] > 0).sum() >= origins.FEWEST_BUYERS for one in days)
    assert [one.before.day for one in days[:-1]] == [one.day for one in days[1:]]
