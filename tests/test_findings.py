"""What is said of a campaign: the right word, figures that hold in simulation, departures each told once."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from clv import departures, experiments, findings
from clv.measuring import means, ratio
from clv.registration import Registration
from clv.responses import Responses
from clv.told import money

SENT_ON, STOPS_ON = date(2026, 3, 1), date(2026, 3, 30)


def responses(
    send: np.ndarray, control: np.ndarray, *, past: np.ndarray | None = None, seen: date = STOPS_ON
) -> Responses:
    """A campaign by hand: the profit of each customer of both arms; whoever earned something bought."""
    profit = np.concatenate([send, control]).astype(float)
    n = len(profit)
    people = pd.DataFrame(
        {
            "arm": ["send"] * len(send) + ["control"] * len(control),
            "segment": "all", "offer": "coupon", "channel": "sms", "bought": (profit > 0).astype(float),
            "orders": 2.0 * (profit > 0), "spend": 4 * np.maximum(profit, 0), "given": 0.0, "contact": 0.0,
            "gross": np.maximum(profit, 0), "profit": profit,
            "total_spend": np.arange(n) % 7.0 if past is None else past,
            "orders_before": 1.0, "days_since_last": 100.0, "T": 300.0, "category": None,
        },
        index=pd.Index([f"c{k}" for k in range(n)], name="customer_id"),
    )  # fmt: skip
    answers = pd.DataFrame({"customer_id": people.index[people["bought"] > 0], "day": 0, "amount": 1.0})
    answers["arm"] = answers["customer_id"].map(people["arm"])
    return Responses("spring", SENT_ON, STOPS_ON, seen, people, answers)


def spread(n: int, mean: float, sd: float = 40.0) -> np.ndarray:
    """n customers whose mean and deviation are exactly these."""
    found = norm.ppf((np.arange(n) + 0.5) / n)
    found = np.random.default_rng(n).permutation(found)
    return mean + sd * (found - found.mean()) / found.std(ddof=1)


def registered(**changed: object) -> Registration:
    values = {
        "campaign": "spring", "shop": "s", "registered_at": "2026-02-27T10:00:00+08:00",
        "send_on": "2026-03-01", "stops_on": "2026-03-30", "send": 400, "control": 200, "control_share": 0.3,
        "expected_effect": 0.1, "expected_profit": 4000.0, "expected_profit_low": -100.0,
        "expected_profit_high": 8000.0, "margin": 0.5, "contact_costs": {"sms": 0.1},
        "offers": [{"name": "coupon", "kind": "notice", "uplift": {"mean": 0.2, "sd": 0.3}}],
    }  # fmt: skip
    return Registration.model_validate({**values, **changed})


def effects(found: Responses) -> pd.DataFrame:
    return experiments.effects(found, rng=np.random.default_rng(1))


def verdict(found: Responses, *, sizes=None, registered=None, currency: str = "CNY") -> findings.Verdict:
    return findings.verdict(found, effects(found), sizes=sizes, registered=registered, currency=currency)


# The word ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shift", "word", "words"),
    [
        (20.0, findings.EARNED, "It earned 8,000 CNY ["),
        (-20.0, findings.LOST, "It lost 8,000 CNY: [−"),
        (3.0, findings.CANNOT_TELL, "It cannot tell whether it earned or lost: 1,200 CNY [−"),
        (-3.0, findings.CANNOT_TELL, "It cannot tell whether it earned or lost: −1,200 CNY [−"),
    ],
)
def test_the_word_follows_the_interval_of_the_profit(shift, word, words):
    found = responses(spread(400, 10 + shift), spread(200, 10))
    said = verdict(found)
    assert said.word == word
    assert said.sentence.startswith(words)
    assert said.value == pytest.approx(400 * shift)
    half = 1.964 * 400 * 40 * np.sqrt(1 / 400 + 1 / 200)  # t of nearly 400 degrees of freedom
    assert (said.value - said.low, said.high - said.value) == pytest.approx((half, half), rel=0.002)
    assert f"[{money(said.low, digits=0)}, {money(said.high, digits=0)}]" in said.sentence


def test_the_word_turns_where_the_interval_leaves_nothing():
    """Just above and just below the half width: 1.96 and not 1.64 or 2.58 standard errors decide."""
    half = 1.964 * 40 * np.sqrt(1 / 400 + 1 / 200)
    for times, word in ((1.02, findings.EARNED), (0.98, findings.CANNOT_TELL), (-1.02, findings.LOST)):
        assert verdict(responses(spread(400, 10 + times * half), spread(200, 10))).word == word


def test_before_the_last_day_it_is_too_early_whatever_the_figures():
    for control in (spread(200, 10), spread(3, 10)):
        said = verdict(responses(spread(400, 90), control, seen=date(2026, 3, 29)))
        assert said.word == findings.TOO_EARLY
        assert "count until 2026-03-30 and are known until 2026-03-29" in said.sentence
    assert verdict(responses(spread(400, 90), spread(200, 10))).word == findings.EARNED


def test_arms_of_other_sizes_than_meant_cannot_be_read_whatever_the_figures():
    found = responses(spread(400, 90), spread(200, 10), seen=date(2026, 3, 15))
    wrong = findings.sizes(found, control_share=0.2)
    said = verdict(found, sizes=wrong)
    assert wrong.is_wrong and said.word == findings.UNREADABLE
    assert "400 and 200 with 20% to be left alone" in said.sentence
    fine = findings.sizes(found, control_share=0.33)
    assert not fine.is_wrong and verdict(found, sizes=fine).word == findings.TOO_EARLY


@pytest.mark.parametrize(
    ("send", "control", "words"),
    [
        (400, 3, "only 3 customers were left alone"),
        (400, 1, "only 1 customer was left alone"),
        (9, 200, "only 9 customers were sent something"),
    ],
)
def test_an_arm_of_few_tells_nothing_whatever_the_figures(send, control, words):
    alone = spread(control, 10) if control > 1 else np.array([10.0])
    said = verdict(responses(spread(send, 60), alone))
    assert said.word == findings.CANNOT_TELL
    assert said.sentence == f"It cannot tell: {words}, and any figure from so few is chance."


def test_ten_in_each_arm_are_enough_to_speak():
    assert verdict(responses(spread(10, 60), spread(10, 10))).word == findings.EARNED


def test_where_nobody_did_anything_nothing_is_told_and_no_figure_is_made_up():
    said = verdict(responses(np.zeros(400), np.zeros(200)), registered=registered())
    assert said.word == findings.CANNOT_TELL
    assert said.sentence == "It cannot tell: only 0 customers bought, and any figure from so few is chance."
    assert np.isnan(said.low) and said.needed is None


def test_what_the_past_foretold_decides_where_it_takes_off_enough():
    """Half of the variance is foretold: the narrower interval tells an effect that the plain one does not."""
    past, rest, n = spread(900, 0, 40.0), spread(901, 0, 40.0)[:900], 900
    profit = past + rest + np.where(np.arange(n) < 600, 9.0, 0.0)
    found = responses(profit[:600], profit[600:], past=past)
    table = effects(found)
    assert 0.4 < table.at["profit", "removed"] < 0.6
    assert findings.decisive(table) == pytest.approx(
        tuple(table.loc["profit", ["adjusted", "adjusted_low", "adjusted_high"]])
    )
    plain = findings.decisive(table.assign(removed=findings.CUPED_HELPS - 1e-9))
    assert plain == pytest.approx(tuple(table.loc["profit", ["difference", "low", "high"]]))
    told, untold = (
        findings.verdict(found, one, sizes=None, registered=None)
        for one in (table, table.assign(removed=0.04))
    )
    assert (told.word, untold.word) == (findings.EARNED, findings.CANNOT_TELL)
    assert told.smallest == pytest.approx(np.sqrt(1 - table.at["profit", "removed"]) * untold.smallest)


# What it would take -----------------------------------------------------------------------------------------


def found_in(effect: float, *, send: int, control: int, campaigns: int, rng: np.random.Generator) -> float:
    """The share of simulated campaigns of this effect that are called earned."""
    shell, words = responses(np.ones(send), np.ones(control)), []
    for _ in range(campaigns):
        arms = rng.normal(10 + effect, 40, send), rng.normal(10, 40, control)
        one = means.difference(*arms, rng=rng)
        row = {"difference": one.value, "low": one.low, "high": one.high, "removed": 0.0}
        table = pd.DataFrame([row], index=["profit"])
        words.append(findings.verdict(shell, table, sizes=None, registered=None).word)
    return np.mean([word == findings.EARNED for word in words])


def test_a_campaign_of_the_size_needed_finds_the_expected_effect_four_times_in_five(rng):
    expected = 10.0
    said = verdict(
        responses(spread(400, 12), spread(200, 10)), registered=registered(expected_profit=400 * expected)
    )
    assert said.word == findings.CANNOT_TELL
    control = said.needed // 3
    share = found_in(expected, send=said.needed - control, control=control, campaigns=1000, rng=rng)
    assert share == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 1000))
    assert "to tell the one expected would have taken " in said.sentence
    shown = int(said.sentence.rsplit("taken ", 1)[1].split()[0].replace(",", ""))
    assert said.needed <= shown < 1.1 * said.needed


def test_the_smallest_effect_is_found_four_times_in_five(rng):
    said = verdict(responses(spread(400, 12), spread(200, 10)))
    share = found_in(said.smallest, send=400, control=200, campaigns=1000, rng=rng)
    assert share == pytest.approx(0.8, abs=3 * np.sqrt(0.16 / 1000))
    assert f"these arms can tell is {said.smallest:,.2f} CNY per customer" in said.sentence


def test_the_size_needed_is_this_one_where_the_effect_is_the_smallest():
    """Needed and smallest are one equation: at the smallest effect these very customers are needed."""
    found = responses(spread(400, 12), spread(200, 10))
    smallest = verdict(found).smallest
    for times, needed in ((1.0, 600), (0.5, 2400), (2.0, 150)):
        said = verdict(found, registered=registered(expected_profit=400 * smallest * times))
        assert said.needed == pytest.approx(needed, abs=1)


def test_without_an_expectation_a_rise_by_a_fifth_is_looked_for_and_never_what_was_seen():
    found = responses(spread(400, 12), spread(200, 10))
    for none in (None, registered(expected_profit=0.0)):
        said = verdict(found, registered=none)
        assert said.needed == pytest.approx(600 * (said.smallest / 2.0) ** 2, abs=1)
        assert "to tell a rise by a fifth would have taken" in said.sentence
    assert verdict(responses(spread(400, 12.5), spread(200, 10))).needed == said.needed
    assert verdict(responses(spread(400, 1), spread(200, -1))).needed is None


def test_nothing_is_said_of_fewer_than_ten_buyers_and_no_loss_on_few_of_those_left_alone():
    def some(n: int, buyers: int, each: float) -> np.ndarray:
        return np.where(np.arange(n) < buyers, each, 0.0)

    few = verdict(responses(some(400, 5, 100.0), some(200, 4, 100.0)))
    assert few.sentence == "It cannot tell: only 9 customers bought, and any figure from so few is chance."
    lucky = responses(some(300, 9, 1.0) - 0.5, some(30, 4, 1000.0))
    assert verdict(lucky).word == findings.CANNOT_TELL
    many = responses(some(3000, 900, 1.0) - 0.5, some(1500, 600, 1000.0))
    assert verdict(many).word == findings.LOST


def test_arms_that_are_not_those_registered_cannot_be_read_however_few_are_missing():
    found = responses(spread(400, 90), spread(200, 10))
    assert verdict(found, registered=registered()).word == findings.EARNED
    for changed in ({"send": 401}, {"control": 199}):
        said = verdict(found, registered=registered(**changed))
        assert said.word == findings.UNREADABLE
        assert "do not add up to the list that was drawn" in said.sentence


# Sizes ------------------------------------------------------------------------------------------------------


def test_sizes_are_held_against_the_share_that_was_meant_where_somebody_said_it():
    found = responses(spread(400, 12), spread(200, 10))
    assert findings.sizes(found, control_share=0.2) == ratio.check(send=400, control=200, meant=0.2)
    assert findings.sizes(found, control_share=0.0) is None


# Tables -----------------------------------------------------------------------------------------------------


def number(text: str) -> float:
    return float(text.replace("−", "-").replace(",", "").removesuffix(" %"))


def test_the_table_shows_the_numbers_of_the_effects():
    past = spread(600, 0, 40.0)
    rest = spread(601, 10, 40.0)[:600]
    found = responses((past + rest)[:400] - 3000, (past + rest)[400:], past=past)
    table = effects(found)
    shown = findings.table(table, currency="CNY")
    times = {"buyers": 100, "orders": 100, "spend": 1, "profit": 1}
    for (name, row), (measure, numbers) in zip(shown.iterrows(), table.iterrows(), strict=False):
        assert name.startswith(measure)
        assert ("CNY" in name) == (measure in ("spend", "profit"))
        for column in ("send", "control", "difference"):
            assert number(row[column]) == pytest.approx(times[measure] * numbers[column], abs=0.0051)
        ends = [number(end) for end in row["interval"].split(" to ")]
        assert ends == pytest.approx([times[measure] * numbers[end] for end in ("low", "high")], abs=0.0051)
        assert row["how"] == numbers["method"]
    assert len(shown) == 5  # and the profit after CUPED, as it decides
    last = shown.iloc[-1]
    value, low, high = findings.decisive(table)
    assert number(last["difference"]) == pytest.approx(value, abs=0.0051)
    assert [number(end) for end in last["interval"].split(" to ")] == pytest.approx([low, high], abs=0.0051)
    assert not shown.map(lambda cell: "-" in cell or "nan" in cell).any(axis=None)


def test_the_table_has_no_line_of_cuped_where_it_does_not_help_and_no_ends_where_there_are_none():
    shown = findings.table(effects(responses(spread(400, 12), spread(200, 10))))
    assert len(shown) == 4 and "(" not in "".join(shown.index)
    nothing = findings.table(effects(responses(np.zeros(40), np.zeros(20))))
    assert nothing["interval"].tolist()[1:] == ["–"] * 3


# Beside what was registered ---------------------------------------------------------------------------------

FOUND = responses(spread(400, 12), spread(200, 10))


def test_a_campaign_as_it_was_registered_departed_from_nothing():
    assert departures.departures(FOUND, registered()) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"registered_at": "2026-03-02T00:10:00+08:00"},
            "It was registered on 2026-03-02, after the sending on 2026-03-01;",
        ),
        ({"send": 425}, "The list has 400 customers who were sent something; 425 were registered."),
        ({"control": 1199}, "The list has 200 customers who were left alone; 1,199 were registered."),
        ({"send_on": "2026-02-28"}, "The list's day of sending is 2026-03-01; 2026-02-28 was registered."),
        ({"stops_on": "2026-04-29"}, "The list's last day that counts is 2026-03-30; 2026-04-29 was"),
    ],
)
def test_each_departure_is_named_once(changed, words):
    said = departures.departures(FOUND, registered(**changed))
    assert len(said) == 1 and said[0].startswith(words)


def test_all_departures_are_named_together():
    other = registered(
        registered_at="2026-05-01T00:00:00Z", send=1, control=1, send_on="2026-02-28", stops_on="2026-04-29"
    )
    said = departures.departures(FOUND, other)
    assert len(said) == len(set(said)) == 5


def test_what_was_settled_stands_beside_what_was():
    table = departures.settled(registered(send=425, expected_effect=-0.021), FOUND)
    assert table.loc["sent something"].tolist() == ["425", "400"]
    assert table.loc["left alone"].tolist() == ["200", "200"]
    assert table.loc["last day that counts"].tolist() == ["2026-03-30", "2026-03-30"]
    won = 100 * (FOUND.arms("bought")[0].mean() - FOUND.arms("bought")[1].mean())
    expected, seen = table.loc["buyers won per 100 contacts"]
    assert expected == "−2.10" and number(seen) == pytest.approx(won, abs=0.0051)


def test_planned_and_found_are_the_money_of_the_whole_campaign():
    said = verdict(FOUND)
    table = findings.planned_and_found(said, registered())
    assert table.iloc[0].tolist() == [4000.0, -100.0, 8000.0]
    assert table.iloc[1].tolist() == [said.value, said.low, said.high]
    assert [name.split(":")[0] for name in table.index] == ["planned", "found"]
    assert len(findings.planned_and_found(said, None)) == 1
