"""The field's e-mail test (Hillstrom 2008): lifts and intervals to the printed digit, A/A splits, power.

The printed intervals of conversion are Welch's on 0 and 1; ours are Newcombe's, within 0.004 points of them.
Of visits both are the same to the printed digit.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from clv import experiments
from clv.measuring import cuped, rates
from clv.responses import Responses
from hillstrom_results import BANDS, MENS, NONE, PRINTED, WOMENS, campaign, covered, intervals, thinning

ARMS = {  # customers, buyers, share of visitors, dollars a head
    NONE: (21306, 122, 0.10617, 0.653),
    MENS: (21307, 267, 0.18276, 1.423),
    WOMENS: (21387, 189, 0.15140, 1.077),
}


def effects(found: Responses) -> pd.DataFrame:
    return experiments.effects(found, rng=np.random.default_rng(1))


@pytest.fixture(scope="module")
def told(shared_data) -> pd.DataFrame:
    return pd.read_csv(shared_data / "hillstrom" / "hillstrom.csv.gz")


def test_the_arms_are_those_that_were_published(told):
    for arm, (size, buyers, visits, spend) in ARMS.items():
        mine = told[told["treatment"] == arm]
        assert (len(mine), mine["conversion"].sum()) == (size, buyers)
        assert mine["visit"].mean() == pytest.approx(visits, abs=5e-6)
        assert mine["spend"].mean() == pytest.approx(spend, abs=5e-4)


@pytest.mark.parametrize("key", PRINTED, ids=lambda key: " ".join(key))
def test_lifts_and_intervals_to_the_printed_digit(told, key):
    mail, against, column = key
    found, times = intervals(told, mail, against, column), 1 if column == "spend" else 100
    digits = len(PRINTED[key][0].split(".")[1])
    one = found["Welch"]
    assert tuple(f"{times * v:.{digits}f}" for v in (one.value, one.low, one.high)) == PRINTED[key]
    if column != "spend":
        ours = found["Newcombe"]
        assert abs(ours.low - one.low) < 4e-5 and abs(ours.high - one.high) < 4e-5
    if column == "visit":
        assert tuple(f"{100 * end:.2f}" for end in (ours.low, ours.high)) == PRINTED[key][1:]


def test_a_campaign_is_measured_as_published(told):
    """`experiments` on the men's mail: buyers by Newcombe, money by Welch, as arms are of one size."""
    table = effects(campaign(told, MENS))
    assert table["method"].to_dict() == {
        "buyers": "Newcombe", "orders": "Welch", "spend": "Welch", "profit": "Welch",
    }  # fmt: skip
    assert f"{table.at['spend', 'difference']:.3f}" == "0.770"
    assert [f"{100 * table.at['buyers', name]:.2f}" for name in ("difference", "low", "high")] == [
        "7.66", "7.00", "8.32",
    ]  # fmt: skip


def test_controls_buy_the_less_the_longer_ago_they_bought_but_uplift_does_not(told):
    """Conversions of the controls .90, .55, .34, .30 %; the women's mail adds .27, .25, .33, .41 points."""
    alone = told[told["treatment"] == NONE]
    base = alone.groupby(pd.cut(alone["recency"], BANDS), observed=True)["conversion"].mean()
    assert [f"{100 * share:.2f}" for share in base] == ["0.90", "0.55", "0.34", "0.30"]
    found = campaign(told, WOMENS, bought="conversion")
    lift = experiments.by_segment(found, effects(found), rng=np.random.default_rng(1))[0]["difference"]
    bands = ["1-3", "4-6", "7-9", "10-12"]
    assert list(100 * lift[bands]) == pytest.approx([0.27, 0.25, 0.33, 0.41], abs=0.006)


def test_uplift_hardly_moves_with_the_months_since_the_last_purchase(told):
    found = campaign(told, MENS, bought="conversion")
    table, differ = experiments.by_segment(found, effects(found), rng=np.random.default_rng(1))
    lift = {name: f"{100 * value:.2f}" for name, value in table["difference"].items()}
    assert lift == {"1-3": "0.73", "4-6": "0.50", "7-9": "0.79", "10-12": "0.67", "all": "0.68"}
    half = (table["high"] - table["low"]).drop("all") / 2
    assert half.between(0.0032, 0.0040).all()
    assert differ > 0.5
    pooled = table["pooled"].drop("all")
    assert pooled.max() - pooled.min() < 0.5 * 0.0029  # a half of the spread of the single ones


def test_what_they_bought_before_tells_whom_the_womens_mail_moves(told):
    for line, (lift, half) in {1: ("7.31", 0.90), 0: ("1.11", 0.87)}.items():
        one = intervals(told[told["womens"] == line], WOMENS, NONE, "visit")["Newcombe"]
        assert f"{100 * one.value:.2f}" == lift
        assert 100 * (one.high - one.low) / 2 == pytest.approx(half, abs=0.006)


def test_what_the_past_foretells_is_next_to_nothing(told):
    """CUPED with past spend or recency: .03 to .04 % of the variance of spend, .40 to .64 % of visits."""
    both = told[told["treatment"].isin([MENS, NONE])]
    sent = (both["treatment"] == MENS).to_numpy()
    for column, bounds in {"spend": (0.0002, 0.0005), "visit": (0.0035, 0.0070)}.items():
        for known in ("history", "recency"):
            x = both[[known]].to_numpy(dtype=float)
            _, removed = cuped.adjusted(both[column].to_numpy(dtype=float), x, sent=sent)
            assert bounds[0] <= removed <= bounds[1], (column, known)


@pytest.mark.parametrize("column", ["visit", "conversion"])
def test_intervals_of_shares_hold_nothing_in_95_of_100_splits_of_the_controls(told, column):
    """A/A exactly, over all splits in halves: how many buyers fall into one half is hypergeometric."""
    alone = told.loc[told["treatment"] == NONE, column].to_numpy()
    n, buyers = len(alone), int(alone.sum())
    assert n == 21306
    hits = np.arange(buyers + 1)
    low, high = rates.newcombe(hits, n // 2, buyers - hits, n // 2)
    held = hypergeom.pmf(hits, n, buyers, n // 2)[(low <= 0) & (high >= 0)].sum()
    assert 0.94 <= held <= 0.96


@pytest.mark.slow
@pytest.mark.parametrize(
    ("share", "splits", "least", "most"), [(0.5, 8000, 0.94, 0.96), (0.2, 600, 0.93, 0.97)]
)
def test_intervals_of_spend_hold_nothing_in_95_of_100_splits_of_the_controls(
    told, share, splits, least, most
):
    """A/A over many splits, in halves by Welch, and with a fifth as control by the bootstrap."""
    alone = told.loc[told["treatment"] == NONE, "spend"].to_numpy(dtype=float)
    held, _ = covered(alone, share=share, splits=splits, rng=np.random.default_rng(7))
    assert least <= held <= most


@pytest.mark.slow
def test_an_effect_planted_by_thinning_is_found_as_often_as_was_stated(told):
    """Visits of one half are thinned so that `power` says 80 %; 6,000 splits of the controls."""
    alone = told.loc[told["treatment"] == NONE, "visit"].to_numpy(dtype=float)
    held, found = covered(
        alone, share=0.5, splits=6000, rng=np.random.default_rng(11), thinned=thinning(alone)
    )
    assert found == pytest.approx(0.8, abs=0.0155)
    assert held == pytest.approx(0.95, abs=0.0085)
