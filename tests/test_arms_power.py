"""Arms can be rebuilt and are balanced; power is the published one, and what can be told is told truly."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from clv import arms, power
from clv.errors import InputError, SettingError

SECRET = b"a secret for tests only"
IDS = pd.Index([f"c{i:04}" for i in range(3000)])
STRATA = pd.Series(np.repeat(["a", "b", "c", "d"], [2001, 900, 97, 2]), index=IDS)


def split(ids=IDS, **given) -> pd.Series:
    known = {"strata": STRATA, "share": 0.2, "campaign": "2026-07 recall", "secret": SECRET}
    return arms.split(ids, **(known | given))


def test_the_same_list_gives_the_same_arms_in_any_order(rng):
    shuffled = IDS[rng.permutation(len(IDS))]
    found = split(shuffled, strata=STRATA.sample(frac=1, random_state=1))
    assert list(found.index) == list(shuffled)
    pd.testing.assert_series_equal(found.sort_index(), split())
    pd.testing.assert_series_equal(split(pd.Series(IDS, index=range(9, 3009))), split())


@pytest.mark.parametrize("share", [0.1, 0.2, 0.5])
def test_the_share_is_held_in_every_stratum(share):
    controls = split(share=share).eq("control").groupby(STRATA).sum().to_dict()
    assert controls == {
        name: math.ceil(share * n - 1e-9) for name, n in {"a": 2001, "b": 900, "c": 97, "d": 2}.items()
    }


def test_a_share_that_rounds_badly_is_no_customer_more():
    assert 0.1 * 3 > 0.3
    ids = IDS[:30]
    assert split(ids, share=0.1).eq("control").sum() == 3


def test_some_are_always_contacted():
    assert sorted(split(IDS[-2:], share=0.9)) == ["control", "send"]


def test_who_is_alone_is_control_by_chance():
    alone = pd.Series(IDS.astype(str), index=IDS)
    controls = split(strata=alone, share=0.2).eq("control").mean()
    assert abs(controls - 0.2) < 4 * math.sqrt(0.2 * 0.8 / 3000)


@pytest.mark.parametrize("changed", [{"campaign": "2026-08 recall"}, {"secret": b"another"}])
def test_other_names_and_secrets_give_independent_arms(changed):
    both = (split().eq("control") & split(**changed).eq("control")).mean()
    assert abs(both - 0.2**2) < 4 * math.sqrt(0.04 * 0.96 / 3000)


def test_arms_are_balanced_on_what_they_were_not_made_of(rng):
    told = pd.DataFrame({"spend": rng.gamma(2, 100, 3000), "orders": rng.poisson(2, 3000)}, index=IDS)
    found = arms.balance(split(), customers=told, columns=["spend", "orders"])
    assert found["difference"].abs().max() < 4 * math.sqrt(1 / 600 + 1 / 2400)


def test_the_difference_is_that_of_the_means_in_standard_deviations():
    told = pd.DataFrame({"x": [1.0, 3, 2, 6], "same": 5.0, "fixed": [1.0, 1, 2, 2]}, index=list("abcd"))
    given = pd.Series(["send", "send", "control", "control"], index=list("abcd"))
    found = arms.balance(given, customers=told, columns=["x", "same", "fixed"])
    assert found.loc["x"].tolist() == pytest.approx([2, 4, -2 / math.sqrt((2 + 8) / 2)])
    assert found.loc["same", "difference"] == 0
    assert np.isnan(found.loc["fixed", "difference"])
    one = arms.balance(given.iloc[:3], customers=told, columns=["x"])
    assert np.isnan(one.loc["x", "difference"]) and one.loc["x", "control"] == 2


def test_nobody_is_split_into_nothing():
    assert len(split(IDS[:0])) == 0


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ({"share": 0.0}, SettingError, "control share is 0.0"),
        ({"share": 1.0}, SettingError, "neither included"),
        ({"campaign": ""}, SettingError, "one of them is empty"),
        ({"secret": b""}, SettingError, "one of them is empty"),
        ({"ids": pd.Index(["c0000", "c0000"])}, InputError, "0 have no id and 1 stand twice"),
        ({"ids": pd.Index(["c0000", None])}, InputError, "1 have no id"),
        ({"ids": pd.Index(["c0000", "new"])}, InputError, "1 of the campaign's 2 customers have no stratum"),
        ({"strata": pd.concat([STRATA, STRATA.head(3)])}, InputError, "3 stand twice"),
    ],
)
def test_what_cannot_be_split_gets_a_sentence(given, error, said):
    with pytest.raises(error, match=said):
        split(**given)


@pytest.mark.parametrize(("columns", "who"), [(["spend"], "'spend'"), (["orders"], r"2,999 customer\(s\)")])
def test_balance_of_another_table_gets_a_sentence(columns, who):
    with pytest.raises(InputError, match=who):
        arms.balance(split(), customers=pd.DataFrame({"orders": [1]}, index=IDS[:1]), columns=columns)


PUBLISHED = {
    0.005: [85_859, 39_882, 15_596, 4_671],
    0.01: [42_691, 19_824, 7_747, 2_316],
    0.02: [21_106, 9_795, 3_823, 1_139],
    0.05: [8_155, 3_778, 1_468, 432],
}


@pytest.mark.parametrize("p0", PUBLISHED)
def test_customers_per_arm_are_the_published_ones(p0):
    assert [power.per_arm(p0, p0 * (1 + rise)) for rise in (0.2, 0.3, 0.5, 1.0)] == PUBLISHED[p0]


@pytest.mark.parametrize(
    ("customers", "share", "points"),
    [
        (10_000, 0.1, (0.97, 1.63)),
        (10_000, 0.2, (0.75, 1.24)),
        (10_000, 0.5, (0.64, 1.03)),
        (50_000, 0.1, (0.42, 0.72)),
    ],
)
def test_the_smallest_effects_are_the_published_ones(customers, share, points):
    control = round(customers * share)
    found = [power.detectable(p0, send=customers - control, control=control) for p0 in (0.01, 0.03)]
    assert [round(100 * one, 2) for one in found] == list(points)


@pytest.mark.parametrize(("p0", "rise"), [(0.01, 0.004), (0.2, 0.1), (0.6, 0.3)])
def test_both_ways_of_asking_agree(p0, rise):
    n = power.per_arm(p0, p0 + rise)
    assert power.detectable(p0, send=n, control=n) <= rise < power.detectable(p0, send=n - 1, control=n - 1)
    assert abs(power.customers_needed(p0, rise, control_share=0.5) - 2 * n) <= 1


def test_what_is_detectable_is_found_four_times_in_five(rng):
    p0, send, control = 0.05, 8000, 2000
    effect = power.detectable(p0, send=send, control=control)
    a, b = rng.binomial(send, p0 + effect, 20_000) / send, rng.binomial(control, p0, 20_000) / control
    error = np.sqrt(a * (1 - a) / send + b * (1 - b) / control)
    assert (np.abs(a - b) / error > norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.02)


def test_more_customers_and_less_power_see_smaller_effects():
    def effect(**given):
        return power.detectable(0.02, **({"send": 5000, "control": 1000} | given))

    assert effect(control=2000) < effect() and effect(send=9000) < effect()
    assert effect(power=0.7) < effect() < effect(alpha=0.01)


@pytest.mark.parametrize("p0", [0.01, 0.1, 0.7])
def test_the_share_needed_is_the_smallest(p0):
    effect = 1.1 * power.detectable(p0, send=5000, control=5000)
    share = power.share_needed(p0, effect, customers=10_000)
    at = [
        power.detectable(p0, send=round(1e9 * (1 - s)) // 10**5, control=round(1e9 * s) // 10**5)
        for s in (share * 0.99, share * 1.01)
    ]
    assert at[0] > effect > at[1]
    assert power.customers_needed(p0, effect, control_share=share) in (10_000, 10_001)


def test_no_share_shows_what_half_cannot():
    half = power.detectable(0.01, send=500, control=500)
    assert power.share_needed(0.01, half * 0.8, customers=1000) is None
    assert power.share_needed(0.01, 1e-6, customers=10) is None
    assert power.share_needed(0.01, 0.0, customers=1000) is None
    falling = power.detectable(0.7, send=500, control=500)  # here less than half contacted would be best
    assert power.share_needed(0.7, falling * 0.999, customers=1000) is None


def test_no_effect_can_be_seen_by_a_handful():
    assert math.isinf(power.detectable(0.5, send=3, control=3))


def test_the_curve_falls_and_ends_at_the_halves():
    found = power.curve(0.02, customers=10_000)
    assert list(found["control_share"]) == pytest.approx(np.arange(1, 51) / 100)
    assert (np.diff(found["detectable"].iloc[:45]) < 0).all()
    assert found["detectable"].iloc[-1] == power.detectable(0.02, send=5000, control=5000)
    assert len(power.curve(0.02, customers=1)) == 0


def test_verdicts_are_sentences():
    assert power.verdict(0.01, 0.02, send=9000, control=1000) == (
        "This campaign can tell: the smallest effect it can see is 0.97 points, 2.0 are expected."
    )
    assert power.verdict(0.01, 0.007, send=9000, control=1000) == (
        "This campaign cannot tell: the smallest effect it can see is 0.97 points, 0.70 are expected; "
        "with 25 % left alone it could."
    )
    assert power.verdict(0.01, 0.004, send=9000, control=1000) == (
        "This campaign cannot tell: the smallest effect it can see is 0.97 points, 0.40 are expected; "
        "it would take 56,100 customers."
    )
    assert "0.970 are expected" in power.verdict(0.01, 0.0097, send=9000, control=1000)
    assert "no effect at all" in power.verdict(0.5, 0.3, send=3, control=3)
    assert "nothing to tell" in power.verdict(0.5, 0.0, send=3, control=3)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: power.per_arm(0.0, 0.1), "p0 is 0;"),
        (lambda: power.per_arm(0.1, 1.0), "p1 is 1;"),
        (lambda: power.per_arm(0.1, 0.1), "tells equal shares apart"),
        (lambda: power.per_arm(0.1, math.nan), "p1 is nan"),
        (lambda: power.per_arm(0.1, 0.2, power=1.0), "power is 1;"),
        (lambda: power.per_arm(0.1, 0.2, alpha=0.0), "alpha is 0;"),
        (lambda: power.per_arm(0.1, 0.2, power=0.05), "higher than alpha"),
        (lambda: power.detectable(0.1, send=9, control=0), "each arm needs a customer"),
        (lambda: power.share_needed(0.1, 0.95, customers=9), "p1 is 1.05"),
        (lambda: power.customers_needed(0.1, 0.0, control_share=0.2), "no effect is expected"),
        (lambda: power.customers_needed(0.1, 0.1, control_share=1.0), "control_share is 1;"),
    ],
)
def test_wrong_settings_get_a_sentence(call, said):
    with pytest.raises(SettingError, match=said):
        call()
