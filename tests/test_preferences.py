"""Preferences: published formulas, laws, tastes recovered from simulation, honest abstention, real orders."""

from datetime import date

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, dirichlet_multinomial, multinomial

from clv import Shop, festivals, plots, preferences
from clv.errors import NoAnswerError, SettingError
from clv.tasting import choices as choosing
from clv.tasting import dirichlet, histories, occasions, rules, scales, scores, sureness, trials
from clv.tasting.histories import History, State
from conftest import REPO, orders_table
from every_figure import Legible, labels, said

SAMPLES = REPO / "data" / "samples" / "shops.yml"
START = pd.Timestamp("2024-07-01")
UNTIL = date(2026, 6, 30)
NAMES = np.array(["gold", "K gold", "platinum", "diamond", "pearl"])
SHARES = np.array([0.35, 0.25, 0.2, 0.12, 0.08])


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def simulated(
    n: int, *, rng: np.random.Generator, concentration: float = 2.0, sticky: float = 0.0, mean: float = 2.5
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return ORDERS of `n` customers with tastes of their own, and the tastes (customers × values).

    `sticky`: chance that an order repeats the one before, whatever the taste.
    """
    taste = rng.dirichlet(concentration * SHARES, n)
    who = np.repeat(np.arange(n), rng.geometric(1 / mean, n))
    day = np.sort(rng.integers(0, 730, len(who)))
    who = who[np.argsort(rng.random(len(who)))]
    chosen = (rng.random(len(who))[:, None] > taste[who].cumsum(axis=1)).sum(axis=1).clip(0, 4)
    last: dict[int, int] = {}
    for at, customer in enumerate(who):
        if sticky and customer in last and rng.random() < sticky:
            chosen[at] = last[customer]
        last[customer] = chosen[at]
    log = pd.DataFrame({"customer_id": pd.Series(who).map("c{:05d}".format), "category": NAMES[chosen]})
    log = log.assign(paid_at=START + pd.to_timedelta(day, unit="D"), amount=rng.gamma(3, 100, len(who)) + 1)
    return orders_table(log), taste


def judged(orders: pd.DataFrame, *, rng: np.random.Generator, **more: object) -> preferences.Judged:
    asked = {"axis": "category", "until": UNTIL, "horizon": 120, "draws": 200} | more
    return preferences.judge(preferences.choices(orders), rng=rng, **asked)


def history(*customers: str, values: int = 3) -> History:
    """Return a history of customers whose choices are letters: 'aab' chose a, a, b on three days."""
    rows = [
        (who, day, "abcdefgh".index(v)) for who, text in enumerate(customers) for day, v in enumerate(text)
    ]
    who, day, value = (np.array(column, dtype="int64") for column in zip(*rows, strict=True))
    return History(np.arange(len(customers)), who, 100 * day, value, values)


class TestPublishedFormulas:
    def test_one_choice_after_the_other_is_the_dirichlet_multinomial(self):
        alpha = np.array([0.7, 1.1, 0.4])
        past = ["aab", "abcab", "c", "bb"]
        one = history(*past)
        rows, state = histories.before(one)
        chosen, c, shares = one.value[rows], alpha.sum(), alpha / alpha.sum()
        chance = (c * shares[chosen] + state.counts[np.arange(len(rows)), chosen]) / (
            c + state.counts.sum(axis=1)
        )
        first = np.log(shares[["abc".index(text[0]) for text in past]]).sum()
        known = 0.0
        for text in past:
            counts = np.array([text.count(letter) for letter in "abc"])
            ways = multinomial.logpmf(counts, counts.sum(), [1 / 3] * 3) + counts.sum() * np.log(3)
            known += dirichlet_multinomial.logpmf(counts, alpha, counts.sum()) - ways
        assert first + np.log(chance).sum() == pytest.approx(known, abs=1e-9)

    def test_of_two_values_the_favourite_is_a_tail_of_the_beta(self):
        counts = np.array([[3.0, 1.0], [0.0, 0.0], [0.0, 7.0], [2.0, 2.0]])
        prior, which = np.array([0.4, 0.9]), np.array([0, 1, 1, 0])
        a, b = (counts + prior)[np.arange(4), which], (counts + prior)[np.arange(4), 1 - which]
        known = beta.sf(0.5, a, b)
        np.testing.assert_allclose(dirichlet.favourite(counts, prior, which), known, atol=2e-3)

    def test_of_many_values_the_favourite_is_what_draws_say(self, rng):
        prior = 2.0 * SHARES
        counts = np.array([[1, 0, 0, 0, 0], [2, 1, 0, 0, 1], [0, 0, 0, 0, 4], [0, 0, 0, 0, 0.0]])
        for row in counts:
            largest = rng.dirichlet(prior + row, 200_000).argmax(axis=1)
            found = dirichlet.favourite(np.tile(row, (5, 1)), prior, np.arange(5))
            np.testing.assert_allclose(found, np.bincount(largest, minlength=5) / 200_000, atol=0.006)
            assert found.sum() == pytest.approx(1, abs=2e-3)

    def test_the_bounds_of_a_share_are_the_betas(self):
        low, high = dirichlet.share_ends(np.array([[1.5, 2.0, 0.5]]), np.array([0]))
        np.testing.assert_allclose([low[0], high[0]], beta.ppf([0.05, 0.95], 1.5, 2.5))


class TestLaws:
    @settings(max_examples=60, deadline=None)
    @given(
        counts=st.lists(st.integers(0, 6), min_size=4, max_size=4), more=st.integers(0, 3),
        c=st.floats(0.05, 500), weights=st.lists(st.floats(0.05, 1), min_size=4, max_size=4),
    )  # fmt: skip
    def test_one_more_order_of_a_value_never_lowers_its_chance_nor_raises_another(
        self, counts, more, c, weights
    ):
        shares = np.array(weights) / sum(weights)
        before = np.array([counts], dtype=float)
        after = before + np.eye(4)[more]
        first, then = (dirichlet.chances(one, shares, c)[0] for one in (before, after))
        others = np.arange(4) != more
        assert then[more] >= first[more] and (then[others] <= first[others] + 1e-12).all()

    @pytest.mark.parametrize("rule", rules.RULES)
    def test_chances_of_every_rule_are_positive_and_sum_to_one(self, rule, rng):
        orders, _ = simulated(400, rng=rng)
        now = trials.learned(
            preferences.choices(orders).table, axis="category", day=pd.Timestamp(UNTIL), bands=3
        )
        chances = now.rules[rule].chances(now.state(rule))
        np.testing.assert_allclose(chances.sum(axis=1), 1)
        assert (chances > 0).all()

    def test_the_order_of_rows_does_not_matter(self, rng):
        orders, _ = simulated(300, rng=rng)
        mixed = orders.sample(frac=1, random_state=3).reset_index(drop=True)
        one, other = (judged(table, rng=np.random.default_rng(1)) for table in (orders, mixed))
        assert one.said == other.said
        pd.testing.assert_frame_equal(one.rules, other.rules)
        first, second = (
            preferences.best(preferences.choices(table), one).sort_index() for table in (orders, mixed)
        )
        pd.testing.assert_frame_equal(first, second)

    def test_what_comes_after_a_day_changes_nothing_that_was_learned_on_it(self, rng):
        orders, _ = simulated(300, rng=rng)
        day = pd.Timestamp("2025-12-31")
        changed = orders.assign(category=orders["category"].where(orders["paid_at"] <= day, "pearl"))
        changed["amount"] = changed["amount"].where(changed["paid_at"] <= day, 9e6)
        for axis in ("category", "price"):
            told = [
                trials.learned(preferences.choices(table).table, axis=axis, day=day, bands=3)
                for table in (orders, changed)
            ]
            pd.testing.assert_frame_equal(told[0].answers("posterior"), told[1].answers("posterior"))
            assert told[0].rules["posterior"].weight == told[1].rules["posterior"].weight

    def test_faded_counts_are_halves_after_a_half_life(self):
        one = history("ab")  # 100 days apart
        rows, state = histories.before(one, half_life=100.0)
        assert list(rows) == [1] and state.counts.tolist() == [[0.5, 0, 0]]
        on = histories.on(one, day=pd.Timestamp(0) + pd.Timedelta(days=300), half_life=100.0)
        np.testing.assert_allclose(on.counts, [[0.125, 0.25, 0]])
        plain = histories.on(one, day=pd.Timestamp(0) + pd.Timedelta(days=300))
        assert plain.counts.tolist() == [[1, 1, 0]] and list(plain.last) == [1]

    def test_what_was_known_before_each_choice_is_that_customers_alone(self, rng):
        texts = ["".join(rng.choice(list("abc"), rng.integers(1, 7))) for _ in range(50)]
        _, state = histories.before(history(*texts))
        expected = [[t[:n].count(v) for v in "abc"] for t in texts for n in range(1, len(t))]
        assert state.counts.tolist() == expected
        assert [("abc"[v]) for v in state.last] == [t[n - 1] for t in texts for n in range(1, len(t))]

    def test_the_most_frequent_value_is_on_a_tie_the_last_then_the_shops(self):
        state = State(np.array([[2.0, 2, 0], [1, 2, 0], [2, 2, 1], [0, 0, 0]]), np.array([1, 0, 2, 0]))
        assert list(state.most(np.array([0.5, 0.3, 0.2]))) == [1, 1, 0, 0]


class TestRecovery:
    def test_the_concentration_of_tastes_is_found_again(self, rng):
        for concentration in (0.5, 2.0, 8.0):
            orders, _ = simulated(4000, rng=rng, concentration=concentration, mean=3.0)
            now = trials.learned(
                preferences.choices(orders).table, axis="category", day=pd.Timestamp(UNTIL), bands=3
            )
            assert now.rules["posterior"].weight == pytest.approx(concentration, rel=0.15)

    def test_promises_are_kept_and_sure_means_sure(self, rng):
        orders, taste = simulated(6000, rng=rng, concentration=2.0, mean=3.0)
        chosen = preferences.choices(orders)
        found = judged(orders, rng=rng)
        assert found.rule == "posterior"
        line = found.calibration
        wide = (line["high"] - line["low"]) * 0.75  # beyond 90 %, for so many parts at once
        assert ((line["promised"] > line["low"] - wide) & (line["promised"] < line["high"] + wide)).all()
        assert np.polyfit(line["promised"], line["hit"], 1)[0] == pytest.approx(1, abs=0.15)
        best = preferences.best(chosen, found)
        truth = NAMES[taste[best.index.str[1:].astype(int)].argmax(axis=1)]
        right = best["value"].to_numpy() == truth
        sure = (best["verdict"] == preferences.SURE).to_numpy()
        assert sure.sum() > 300
        assert right[sure].mean() == pytest.approx(best["favourite"][sure].mean(), abs=0.03)
        assert right[sure].mean() > 0.85 > right[~sure].mean() + 0.1

    def test_ninety_per_cent_bounds_hold_the_true_share_so_often(self, rng):
        orders, taste = simulated(4000, rng=rng)
        best = preferences.best(preferences.choices(orders), judged(orders, rng=rng))
        place = pd.Index(NAMES).get_indexer(best["value"])
        share = taste[best.index.str[1:].astype(int), place]
        inside = ((best["low"] <= share) & (share <= best["high"])).mean()
        assert inside == pytest.approx(0.9, abs=0.02)

    def test_tastes_that_do_not_differ_leave_the_popular_rule_and_nobody_sure(self, rng):
        orders, _ = simulated(2000, rng=rng, concentration=5000.0)
        found = judged(orders, rng=rng)
        assert found.rule == preferences.POPULAR and found.threshold == np.inf
        best = preferences.best(preferences.choices(orders), found)
        assert set(best["verdict"]) == {preferences.OPEN} and set(best["value"]) == {"gold"}
        assert "simple rule wins" in found.said[0]

    def test_where_the_last_order_tells_all_the_last_rule_wins(self, rng):
        orders, _ = simulated(2500, rng=rng, concentration=200.0, sticky=0.7, mean=4.0)
        found = judged(orders, rng=rng)
        assert found.rule == "last"
        assert found.pairs.loc[("last", "posterior"), "loss_high"] < 0
        best = preferences.best(preferences.choices(orders), found)
        last = orders.sort_values("paid_at").groupby("customer_id")["category"].last()
        days = orders.groupby("customer_id")["paid_at"].agg(lambda t: t.is_unique)
        alone = days[days].index
        assert (best["value"].reindex(alone) == last.reindex(alone)).all()

    def test_where_tastes_turn_older_choices_fade(self, rng):
        one, _ = simulated(2500, rng=rng, concentration=0.6, mean=4.0)
        turned = dict(zip(NAMES, np.roll(NAMES, 2), strict=True))
        late = one["paid_at"] > START + pd.Timedelta(days=300)
        orders = one.assign(category=one["category"].where(~late, one["category"].map(turned)))
        now = trials.learned(
            preferences.choices(orders).table, axis="category", day=pd.Timestamp(UNTIL), bands=3
        )
        assert now.rules["recent posterior"].half_life == 180.0
        found = judged(orders, rng=rng)
        assert found.pairs.loc[("recent posterior", "posterior"), "loss_high"] < 0
        assert found.rule in ("last", "recent posterior")

    def test_how_well_a_value_is_kept_to_is_found_with_its_interval(self, rng):
        share, stays = np.full(4000, 0.2), 0.4
        same = rng.random(4000) < stays + (1 - stays) * 0.2
        q, low, high = rules._kept(same, share)
        assert low < stays < high and q == pytest.approx(stays, abs=0.03)
        assert high - low == pytest.approx(2 * 1.645 * np.sqrt(0.52 * 0.48 / 4000) / 0.8, rel=0.05)


class TestWhichRule:
    @pytest.mark.parametrize(
        ("beaten", "used"),
        [
            ([], "most popular"),
            ([("most popular", "last", "loss")], "last"),
            ([("most popular", "posterior", "hit")], "last"),
            ([(rule, "posterior", "loss") for rule in rules.RULES[:3]], "posterior"),
            ([(rule, "recent posterior", "hit") for rule in rules.RULES[:4]], "recent posterior"),
        ],
    )
    def test_the_simplest_that_none_beats_beyond_noise_is_used(self, beaten, used):
        index = pd.MultiIndex.from_tuples(
            [(a, b) for a in rules.RULES for b in rules.RULES if a != b], names=["rule", "than"]
        )
        pairs = pd.DataFrame(
            0.0, index=index, columns=["hit", "hit_low", "hit_high", "loss", "loss_low", "loss_high"]
        )
        pairs[["hit_low", "loss_low"]], pairs[["hit_high", "loss_high"]] = -0.1, 0.1
        for rule, than, measure in beaten:
            worse = {"hit": ("hit_high", -0.01), "loss": ("loss_low", 0.01)}[measure]
            pairs.loc[(rule, than), worse[0]] = worse[1]
        table = pd.DataFrame({"loss": [5.0, 4, 3, 2, 1]}, index=list(rules.RULES))
        assert scores.used(table, pairs) == used

    def test_differences_are_of_the_same_customers(self, rng):
        orders, _ = simulated(1500, rng=rng)
        told = trials.gather(
            preferences.choices(orders).table, axis="category", until=pd.Timestamp(UNTIL), horizon=120,
            origins=2, bands=3,
        )  # fmt: skip
        table, pairs = scores.compare(told, draws=300, rng=rng)
        hits = told.groupby("rule")["hit"].mean()
        assert pairs.at[("posterior", "last"), "hit"] == pytest.approx(hits["posterior"] - hits["last"])
        assert table.at["posterior", "trials"] == len(told) / len(rules.RULES)
        np.testing.assert_allclose(
            pairs.loc["last"].at["posterior", "loss_low"], -pairs.loc["posterior"].at["last", "loss_high"]
        )
        wide = table["hit_high"] - table["hit_low"]
        apart = pairs.loc["posterior"].loc["most frequent"]
        assert apart["hit_high"] - apart["hit_low"] < 0.6 * wide["posterior"]  # paired, so narrower
        share = table.at["posterior", "hit"]
        expected = 2 * 1.645 * np.sqrt(share * (1 - share) / table.at["posterior", "trials"])
        assert wide["posterior"] == pytest.approx(expected, rel=0.15)


def answered(favourite: list[float], hit: list[bool], *, probability: float = 0.6) -> pd.DataFrame:
    return pd.DataFrame({"favourite": favourite, "own": 1, "probability": probability, "hit": hit})


class TestSureness:
    def test_a_threshold_that_held_out_orders_do_not_bear_out_is_raised(self):
        kept = answered([0.96] * 40, [True] * 24 + [False] * 16)
        broken = answered([0.82] * 60, [False] * 60)
        assert sureness.threshold(kept, rule="posterior", asked=0.8)[0] == 0.8
        at, how = sureness.threshold(pd.concat([kept, broken]), rule="posterior", asked=0.8)
        assert at == 0.85 and "of 40 held-out orders they foretold 60%, with 60% promised" in how

    def test_where_no_threshold_holds_or_too_few_are_seen_nobody_is_sure(self):
        broken = answered([0.99] * 60, [False] * 60)
        assert sureness.threshold(broken, rule="posterior", asked=0.8)[0] == np.inf
        few = answered([0.9] * 19, [True] * 19)
        at, how = sureness.threshold(few, rule="posterior", asked=0.8)
        assert at == np.inf and how.startswith("only 19 customers")

    def test_nobody_is_sure_of_what_they_never_bought_or_of_what_sells_most(self):
        told = pd.DataFrame({"favourite": [0.9, 0.9, 0.6, 0.4], "own": [1, 0, 1, 1]})
        assert list(sureness.verdicts(told, rule="posterior", threshold=0.8)) == [
            "sure", "not enough evidence", "leaning", "not enough evidence",
        ]  # fmt: skip
        assert set(sureness.verdicts(told, rule="most popular", threshold=0.8)) == {"not enough evidence"}

    def test_the_threshold_is_found_on_earlier_days_than_those_that_show_how_it_fares(self, rng, monkeypatch):
        taught, shown = [], []
        find, show = sureness.threshold, sureness.groups
        monkeypatch.setattr(sureness, "threshold", lambda t, **more: taught.append(t) or find(t, **more))
        monkeypatch.setattr(sureness, "groups", lambda t, p, **more: shown.append(t) or show(t, p, **more))
        orders, _ = simulated(400, rng=rng)
        for origins in (3, 1):
            judged(orders, rng=rng, origins=origins)
        assert taught[0]["day"].nunique() == 2 and shown[0]["day"].nunique() == 1
        assert taught[0]["day"].max() < shown[0]["day"].min()
        assert set(taught[1]["day"]) == set(shown[1]["day"])

    def test_groups_and_parts_hold_every_trial_once(self, rng):
        told = answered(list(rng.random(300)), list(rng.random(300) < 0.5)).assign(
            probability=rng.random(300)
        )
        groups = sureness.groups(told, told.assign(hit=False), rule="posterior", threshold=0.8)
        assert groups["orders"].sum() == 300 and (groups["popular"] == 0).all()
        assert (groups["orders"] * groups["hit"]).sum() == pytest.approx(told["hit"].sum())
        parts = sureness.calibration(told)
        assert parts["orders"].sum() == 300 and parts["promised"].is_monotonic_increasing
        assert len(sureness.calibration(told.head(79))) == 1


def bought(*rows: tuple[str, str, float, str | None], **more: object) -> pd.DataFrame:
    log = pd.DataFrame(rows, columns=["customer_id", "paid_at", "amount", "category"])
    log["paid_at"] = pd.to_datetime(log["paid_at"])
    return orders_table(log).assign(**more)


def lines_of(*rows: tuple[str, str | None, str | None, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["order_id", "title", "category", "quantity", "amount"])
    return frame.assign(sku=None).astype({"title": "str", "category": "str", "sku": "str"})


class TestChoices:
    def test_a_day_is_one_choice_that_with_most_money(self):
        orders = bought(
            ("a", "2026-01-05 10:00", 300, "rings"), ("a", "2026-01-05 11:00", 250, "bars"),
            ("a", "2026-01-05 23:00", 100, "bars"), ("a", "2026-01-06 01:00", 10, "rings"),
        )  # fmt: skip
        table = preferences.choices(orders).table
        assert list(table["category"]) == ["bars", "rings"] and len(table) == 2
        assert list(table["price"]) == [300, 10] and list(table["price_of"]) == ["rings", "rings"]

    def test_a_category_that_is_given_stands_and_titles_fill_what_is_missing(self):
        orders = bought(*[(c, "2026-01-05", 100, None) for c in "abcd"])
        lines = lines_of(
            ("0", "足金999手镯", "Sale", 1, 100), ("1", "足金999手镯", None, 2, 100),
            ("2", "木头玩具", None, 1, 100),
        )  # fmt: skip
        table = preferences.choices(orders, lines).table
        assert list(table["category"].fillna("")) == ["Sale", "bangle 手镯", "", ""]
        assert list(table["material"].fillna("")) == ["gold 黄金", "gold 黄金", "", ""]
        assert list(table["price"]) == [100, 50, 100, 100]
        filled, told = preferences.categorised(orders, lines)
        assert list(filled["category"].fillna("")) == ["Sale", "bangle 手镯", "", ""]
        assert list(told["category"].fillna("")) == ["Sale", "bangle 手镯", ""]
        again = preferences.choices(filled, told)
        pd.testing.assert_frame_equal(again.table, table)

    def test_a_material_is_the_stone_else_the_metal_that_most_money_went_to(self):
        orders = bought(("a", "2026-01-05", 400, None), ("b", "2026-01-05", 100, None))
        lines = lines_of(
            ("0", "18K金钻戒", None, 1, 150), ("0", "18K金项链", None, 1, 120),
            ("0", "18K金手链", None, 1, 130), ("1", "18K金钻戒", None, 1, 100),
        )  # fmt: skip
        assert list(preferences.choices(orders, lines).table["material"]) == ["K gold K金", "diamond 钻石"]

    def test_what_came_free_was_not_chosen(self):
        orders = bought(("a", "2026-01-05", 400, None), ("b", "2026-01-05", 90, None))
        lines = lines_of(
            ("0", "足金999手镯", None, 1, 300), ("0", "珍珠项链", None, 1, 0.0),
            ("0", "木头玩具", None, 1, 100), ("1", "珍珠项链", None, 1, 0.0),
        )  # fmt: skip
        table = preferences.choices(orders, lines).table
        assert list(table["material"]) == ["gold 黄金", "pearl 珍珠"]  # of b no line has money
        assert list(table["price"]) == [300, 90]
        free = lines_of(("0", "木头玩具", None, 1, 400), ("0", "珍珠项链", None, 1, -5.0))
        assert preferences.choices(orders[:1], free).table["material"].isna().all()
        assert preferences.categorised(orders[:1], free)[0]["category"].isna().all()

    def test_gift_orders_and_orders_of_nobody_show_nobodys_taste(self):
        orders = bought(
            ("a", "2026-01-05", 300, "rings"), ("a", "2026-01-06", 300, "bars"), (None, "2026-01-06", 9, "x"),
            is_gift=[True, False, False],
        )  # fmt: skip
        found = preferences.choices(orders)
        assert found.gifts == 1 and list(found.table["category"]) == ["bars"]

    def test_an_axis_that_orders_do_not_show_is_refused_with_the_reason(self, rng):
        orders, _ = simulated(100, rng=rng)
        found = preferences.choices(orders)
        assert found.axes == ("category", "price") and set(found.unknown) == {"material", "brand", "channel"}
        with pytest.raises(NoAnswerError, match="brand cannot be known: no title begins with 【brand】"):
            preferences.judge(found, axis="brand", until=UNTIL, rng=rng)
        with pytest.raises(SettingError, match="there is no axis 'categry'; did you mean 'category'"):
            preferences.judge(found, axis="categry", until=UNTIL, rng=rng)
        for name in ("horizon", "origins", "bands", "draws"):
            with pytest.raises(SettingError, match=f"{name} is 0; it should be at least 1"):
                preferences.judge(found, axis="category", until=UNTIL, rng=rng, **{name: 0})
        with pytest.raises(SettingError, match="1 of 2 brands is an empty text"):
            preferences.choices(orders, brands=["周大福", " "])
        same = preferences.choices(orders.assign(channel="web", category=None))
        assert "all purchase days say the same" in same.unknown["channel"]
        rare = preferences.choices(orders.assign(channel=np.where(np.arange(len(orders)) % 10, None, "web")))
        assert "and 20% are needed" in rare.unknown["channel"]

    def test_orders_without_customers_are_refused(self, rng):
        orders, _ = simulated(20, rng=rng)
        with pytest.raises(NoAnswerError, match=r"none of .* orders names its customer"):
            preferences.choices(orders.assign(customer_id=None))

    def test_too_short_a_history_leaves_the_popular_rule_and_says_why(self, rng):
        orders, _ = simulated(30, rng=rng)
        found = judged(orders, rng=rng, horizon=5)
        assert found.rule == preferences.POPULAR and found.rules.empty
        assert "30 are needed to judge a rule" in found.said[0]
        best = preferences.best(preferences.choices(orders), found)
        assert set(best["verdict"]) == {preferences.OPEN} and best["value"].nunique() == 1


class TestTrials:
    def test_what_is_foretold_is_the_first_choice_after_the_day_and_within_the_horizon(self, rng):
        orders, _ = simulated(200, rng=rng)
        days = pd.to_datetime(["2026-03-01", "2026-03-02", "2026-03-02", "2026-04-30", "2026-05-01"])
        more = bought(*[(who, "2026-01-01", 10.0, value) for who, value in zip("abcde", NAMES, strict=True)])
        more = more.assign(customer_id=["on", "first", "first", "last", "beyond"], paid_at=days)
        more.loc[2, "paid_at"] += pd.Timedelta(days=1)
        known = more.assign(paid_at=pd.Timestamp("2025-01-01"), category="pearl").drop(index=2)
        table = preferences.choices(
            pd.concat([orders, more, known], ignore_index=True).assign(order_id=lambda o: o.index.astype(str))
        ).table
        told = trials.gather(
            table, axis="category", until=pd.Timestamp("2026-04-30"), horizon=60, origins=1, bands=3
        )
        numbers = table.drop_duplicates("customer_id").set_index("customer_id")["who"]
        tried = told[told["rule"] == "last"].set_index("who")
        here = [name for name in ("on", "first", "last", "beyond") if numbers[name] in tried.index]
        assert here == ["first", "last"]  # the day itself is known, and 61 days later is too late
        now = trials.learned(table, axis="category", day=pd.Timestamp("2026-03-01"), bands=3)
        place = now.history.customers.searchsorted(numbers["first"])
        chance = now.rules["last"].chances(now.state("last"))[place, now.scale.names.index("K gold")]
        assert tried.at[numbers["first"], "loss"] == pytest.approx(-np.log(chance))

    def test_rare_values_are_never_recommended(self, rng):
        orders, _ = simulated(500, rng=rng)
        rare = orders["customer_id"] < "c00200"
        many = pd.Series(np.arange(len(orders)) % 97).map("rare {}".format)
        orders = orders.assign(category=orders["category"].where(~rare, many))
        best = preferences.best(preferences.choices(orders), judged(orders, rng=rng))
        assert set(best["value"]) <= set(NAMES)
        only_rare = best[best.index < "c00200"]
        assert (only_rare["own"] == 0).all() and set(only_rare["verdict"]) == {preferences.OPEN}


class TestScales:
    def test_price_bands_hold_as_many_purchases_each_inside_their_category(self, rng):
        price = np.r_[rng.gamma(3, 100, 900), rng.gamma(3, 5000, 900), [1.0, 10_000.0]]
        kind = np.r_[["ring"] * 900, ["bar"] * 900, ["rare"] * 2]
        table = pd.DataFrame({"price": price, "price_of": pd.Series(kind, dtype="str")})
        scale = scales.learn(table, axis="price", bands=3)
        places = scale.places(table)
        for one in ("ring", "bar"):
            assert list(np.bincount(places[kind == one])) == [300, 300, 300]
        whole = np.searchsorted(np.quantile(price, [1 / 3, 2 / 3]), price[-2:])
        assert list(places[-2:]) == list(whole) and "rare" not in scale.edges.index
        assert list(scales.price_bands(table, bands=3).index) == ["bar", "ring", "all"]

    def test_rare_and_unheard_of_values_share_one_place_that_is_never_recommended(self):
        known = pd.DataFrame({"category": ["a"] * 120 + ["b"] * 79 + ["c"]})
        scale = scales.learn(known, axis="category", bands=3)
        assert scale.names == ("a", "b", "other") and list(scale.named) == [True, True, False]
        later = pd.DataFrame({"category": ["b", "c", "new", None]})
        assert list(scale.places(later)) == [1, 2, 2, -1]


class TestWhoWhatWhen:
    known = festivals.table()

    def test_festivals_come_while_their_day_lies_ahead(self):
        names = [
            list(occasions.coming(self.known, until=day, days=60)["name_zh"])
            for day in (date(2026, 8, 18), date(2026, 8, 19))
        ]
        assert names[0][0] == "七夕" and "七夕" not in names[1]
        first = occasions.coming(self.known, until=date(2026, 8, 10), days=60).iloc[0]
        assert first["start"] == pd.Timestamp("2026-08-11")  # the window is open already
        with pytest.raises(SettingError, match="at least 1"):
            occasions.coming(self.known, until=UNTIL, days=0)

    def test_who_bought_then_is_who_bought_within_an_earlier_window(self):
        window = self.known[(self.known["name_zh"] == "七夕") & (self.known["day"].dt.year == 2025)].iloc[0]
        day = pd.Timedelta(days=1)
        table = pd.DataFrame(
            {
                "customer_id": ["first", "last", "early", "late"],
                "day": [window["from"], window["to"], window["from"] - day, window["to"] + day],
            }
        )
        found = occasions.buyers(table, self.known, name_zh="七夕", until=UNTIL)
        assert set(found) == {"first", "last"}
        none = occasions.buyers(table, self.known, name_zh="七夕", until=(window["to"] - day).date())
        assert len(none) == 0  # a window that is still open teaches nothing

    def test_the_matrix_counts_the_audience(self, rng):
        orders, _ = simulated(1500, rng=rng)
        chosen, found = preferences.choices(orders), judged(orders, rng=rng)
        best = preferences.best(chosen, found)
        invited = preferences.audience(best, chosen.table, self.known, until=UNTIL, days=180)
        matrix = preferences.matrix(invited)
        counts = best["verdict"].value_counts()
        each = matrix.groupby("name_zh")[["sure", "leaning"]].sum()
        assert (each["sure"] == counts["sure"]).all() and (each["leaning"] == counts["leaning"]).all()
        assert (matrix["sure_then"] <= matrix["sure"]).all() and matrix["sure_then"].sum() > 0
        assert matrix["day"].is_monotonic_increasing and set(matrix["value"]) <= set(NAMES)
        order = invited[["day", "verdict", "bought_then"]].drop_duplicates().head(4)
        assert list(order["verdict"].iloc[:2]) == ["sure", "sure"] and list(
            order["bought_then"].iloc[:2]
        ) == [True, False]
        nobody = preferences.audience(
            best.assign(verdict=preferences.OPEN), chosen.table, self.known, until=UNTIL, days=180
        )
        assert preferences.matrix(nobody).empty and list(preferences.matrix(nobody)) == list(matrix)

    def test_the_table_has_one_row_for_everybody_of_whom_any_axis_says_something(self):
        one = pd.DataFrame({"value": ["gold"], "probability": [0.7], "verdict": ["sure"]}, index=["a"])
        two = pd.DataFrame({"value": ["web"], "probability": [0.6], "verdict": ["leaning"]}, index=["b"])
        table = preferences.table({"category": one, "channel": two})
        assert table.loc["a"].fillna("").to_dict() == {
            "category": "gold", "category_probability": 0.7, "category_verdict": "sure", "channel": "",
            "channel_probability": "", "channel_verdict": "not enough evidence",
        }  # fmt: skip
        assert preferences.in_words(table).at["a", "category"] == "gold, 70\u00a0%, sure"


class TestRealOrders:
    def test_jewellers_sample_prefers_as_it_was_planted(self, rng):
        """Tastes there are a Dirichlet around the shares of nine categories, with a concentration of 2.5."""
        shop = Shop.open(SAMPLES, "gold")
        orders, lines = preferences.categorised(shop.orders(), shop.lines())
        chosen = preferences.choices(orders, lines)
        assert set(chosen.unknown) == {"brand"}
        for axis in ("material", "category"):
            found = preferences.judge(chosen, axis=axis, until=shop.until, rng=rng)
            assert found.rule == "posterior"
            now = trials.learned(chosen.table, axis=axis, day=pd.Timestamp(shop.until), bands=3)
            assert now.rules["posterior"].weight == pytest.approx(2.5, rel=0.25)

    def test_a_gift_retailers_price_level_is_foretold_and_its_promises_kept(self, shared_data, rng):
        log = pd.read_csv(
            shared_data / "uci_online_retail" / "online_retail.csv.gz",
            dtype={"CustomerID": "str", "InvoiceNo": "str"},
        )
        log = log[log["CustomerID"].notna() & (log["Quantity"] > 0) & (log["UnitPrice"] > 0)]
        log = log.assign(
            amount=log["Quantity"] * log["UnitPrice"], paid_at=pd.to_datetime(log["InvoiceDate"])
        )
        bills = log.groupby("InvoiceNo").agg(
            customer_id=("CustomerID", "first"), paid_at=("paid_at", "first"), amount=("amount", "sum")
        )
        chosen = preferences.choices(orders_table(bills))
        found = preferences.judge(
            chosen, axis="price", until="2011-12-09", horizon=90, origins=2, draws=200, rng=rng
        )
        assert found.rule in ("posterior", "recent posterior")
        gain = found.pairs.loc[(found.rule, preferences.POPULAR)]
        assert gain["hit_low"] > 0.1
        assert found.groups.at["sure", "hit"] > found.groups.at["not enough evidence", "hit"] + 0.1


def ruled(axes: int = 3) -> pd.DataFrame:
    index = pd.MultiIndex.from_product([choosing.AXES[:axes], rules.RULES], names=["axis", "rule"])
    hit = np.linspace(0.2, 0.8, len(index))
    table = pd.DataFrame(
        {"hit": hit, "hit_low": hit - 0.05, "hit_high": hit + 0.04, "trials": 1234}, index=index
    )
    return table.assign(used=table.index.get_level_values("rule") == "posterior")


def promised(axes: int = 5) -> pd.DataFrame:
    rows = [
        (axis, p, p * 0.9, p * 0.8, min(p * 1.1, 1)) for axis in choosing.AXES[:axes] for p in (0.3, 0.5, 0.9)
    ]
    return pd.DataFrame(rows, columns=["axis", "promised", "hit", "low", "high"])


def grouped(axes: int = 3, *, seen: bool = True) -> pd.DataFrame:
    index = pd.MultiIndex.from_product(
        [choosing.AXES[:axes], preferences.VERDICTS], names=["axis", "verdict"]
    )
    hit = np.where(seen, np.linspace(0.7, 0.3, len(index)), np.nan)
    return pd.DataFrame(
        {"hit": hit, "low": hit - 0.1, "high": hit + 0.1, "popular": hit * 0.7, "customers": 123_456},
        index=index,
    )


def planned(values: list[str], *, festival_rows: int = 7, sure: int = 214) -> pd.DataFrame:
    coming = occasions.coming(festivals.table(), until=UNTIL, days=365).head(festival_rows)
    rows = coming.merge(pd.DataFrame({"value": values}), how="cross")
    return rows.assign(sure=sure, sure_then=sure // 7, leaning=12_177, leaning_then=581)


CHINESE = [
    "gold 黄金",
    "lab-grown diamond 培育钻石",
    "mother of pearl 贝母",
    "足金999古法传承项链手镯套装",
    "K gold K金",
]
FIGURES = {
    "three axes": lambda ax: plots.next_order_rules(ruled(), ax=ax),
    "five axes": lambda ax: plots.next_order_rules(ruled(5), ax=ax),
    "nothing judged": lambda ax: plots.next_order_rules(ruled().iloc[:0], ax=ax),
    "promises": lambda ax: plots.kept_promises(promised(), ax=ax),
    "no promise": lambda ax: plots.kept_promises(promised(0), ax=ax),
    "verdicts": lambda ax: plots.sure_and_unsure(grouped(5), ax=ax),
    "verdicts unseen": lambda ax: plots.sure_and_unsure(grouped(2, seen=False), ax=ax),
    "no verdict": lambda ax: plots.sure_and_unsure(grouped().iloc[:0], ax=ax),
    "matrix": lambda ax: plots.campaign_matrix(planned(CHINESE), ax=ax),
    "one festival": lambda ax: plots.campaign_matrix(planned(["gold 黄金"], festival_rows=1), ax=ax),
    "nobody sure": lambda ax: plots.campaign_matrix(planned(CHINESE, sure=0), ax=ax),
    "too many": lambda ax: plots.campaign_matrix(planned([f"value {n} 戒指" for n in range(12)]), ax=ax),
    "nothing planned": lambda ax: plots.campaign_matrix(planned([]), ax=ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES)
class TestEveryFigure(Legible):
    """Each figure here, by the checks that all figures share."""


def test_figures_say_what_their_tables_say():
    ax = plots.next_order_rules(ruled(2))
    assert said(ax)[3] == f"{0.2 + 0.6 * 3 / 9:.0%}  used".replace("%", " %")
    assert labels(ax.yaxis) == [*rules.RULES] * 2
    cells = said(plots.campaign_matrix(planned(CHINESE[:2], festival_rows=2)))
    assert cells.count("30 of 214\n581 of 12,177") == 4
    assert "62 %; 123,456 customers today" in said(
        plots.sure_and_unsure(grouped(1, seen=True).assign(hit=0.62))
    )
