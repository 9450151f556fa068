"""The judge is judged: published holdout figures, laws of the tables, bands that cover what they should."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv import bgnbd, holdout, split
from conftest import orders_table


@pytest.fixture(scope="module")
def sample():
    """The papers' one-in-ten sample of CDNOW (2,357 customers), split where the papers split it."""
    folder = Path(find_spec("lifetimes").submodule_search_locations[0]) / "datasets"
    names = ["master", "customer_id", "date", "quantity", "amount"]
    log = pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"customer_id": str})
    log["paid_at"] = pd.to_datetime(log["date"].astype(str), format="%Y%m%d")
    log["amount"] = log["amount"].clip(lower=0.01)  # gifts are purchases to the papers
    return split.split(orders_table(log), until="1998-06-30", days=273)


@pytest.fixture(scope="module")
def fitted(sample):
    return bgnbd.fit(sample.calibration)


def test_cdnow_comes_out_as_published(sample, fitted, rng):
    """CLVTools 0.12.1 on the same split: actual 1,882; sum of CET 1653.4, MAE .7855, RMSE 1.6080."""
    found = holdout.totals(sample, fitted, rng=rng, draws=20)
    assert len(sample.calibration) == 2357
    assert found["actual"] == 1882
    assert found["expected"] == pytest.approx(1653.4, abs=0.1)
    assert found["mae"] == pytest.approx(0.7855, abs=5e-5)
    assert found["rmse"] == pytest.approx(1.6080, abs=5e-5)
    assert found["error"] == pytest.approx(1653.4 / 1882 - 1, abs=1e-4)


def test_the_tables_add_up_to_the_total(sample, fitted, rng):
    total = holdout.totals(sample, fitted, rng=rng, draws=5)
    groups = holdout.by_frequency(sample, fitted, rng=rng, draws=20)
    assert groups["customers"].sum() == len(sample.calibration)
    for column in ("actual", "expected"):
        assert (groups[column] * groups["customers"]).sum() == pytest.approx(total[column])
    assert (groups["low"] <= groups["high"]).all()
    bins = holdout.p_buy(sample, fitted)
    assert bins["customers"].sum() == len(sample.calibration)
    assert (bins["observed"] * bins["customers"]).sum() == pytest.approx(
        (sample.later["purchases"] > 0).sum()
    )
    assert bins["predicted"].is_monotonic_increasing
    assert ((bins["low"] < bins["observed"]) & (bins["observed"] < bins["high"])).all()


def test_tracking_ends_at_what_happened_and_joins_at_the_split(sample, fitted, rng):
    path = holdout.tracking(sample, fitted, rng=rng, draws=20, points=20)
    assert path["actual"].iloc[-1] == sample.calibration["frequency"].sum() + 1882
    after = path[path["expected_low"].notna()]
    assert after["expected"].iloc[0] == sample.calibration["frequency"].sum()
    assert after["expected"].iloc[-1] - after["expected"].iloc[0] == pytest.approx(1653.4, abs=0.1)
    assert path["day"].is_monotonic_increasing
    assert path["actual"].is_monotonic_increasing
    assert (after["expected_low"] <= after["expected"] + 1e-9).all()


def test_equal_customers_stay_in_one_group(sample, fitted):
    twins = pd.concat([sample.calibration.iloc[[0]]] * 50, ignore_index=True)
    same = replace(
        sample, calibration=twins, later=pd.DataFrame({"purchases": 1, "spend": 1.0}, index=twins.index)
    )
    assert holdout.p_buy(same, fitted)["customers"].tolist() == [50]


def test_auc_counts_pairs(rng):
    score, bought = pd.Series(rng.integers(0, 5, 60)), pd.Series(rng.random(60) < 0.4)
    others = score[~bought]
    pairs = [np.mean((mine > others) + 0.5 * (mine == others)) for mine in score[bought]]
    area, low, high = holdout.auc(score, bought)
    assert area == pytest.approx(np.mean(pairs))
    assert low < area < high
    assert np.isnan(holdout.auc(score, pd.Series([True] * 60))).all()


def test_auc_intervals_are_as_wide_as_chance(rng):
    """The interval's half-width is 1.645 standard errors: compared with the spread over 400 samples."""
    drawn = []
    for _ in range(400):
        bought = pd.Series(rng.random(300) < 0.3)
        drawn.append(holdout.auc(pd.Series(rng.normal(size=300) + bought), bought))
    area, low, high = np.array(drawn).T
    assert np.mean(high - low) / 2 / 1.645 == pytest.approx(area.std(), rel=0.12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"high": 1800.0}, "outside the band"),
        ({"high": 2000.0}, "inside the band"),
        ({"actual": 0.0}, "cannot be judged"),
    ],
)
def test_the_verdict_says_what_the_band_says(sample, fitted, rng, change, said):
    total = holdout.totals(sample, fitted, rng=rng, draws=50)
    assert said in holdout.verdict(pd.Series({**total, **change}))


def test_bands_cover_nine_in_ten_when_the_model_is_true(rng):
    """Forty shops drawn from BG/NBD: the 90 % band of the total must hold about 36 (under 31: 1 in 100)."""
    truth = bgnbd.BGNBD(r=0.5, alpha=60.0, a=0.8, b=2.5)
    covered = 0
    for _ in range(40):
        customers = truth.simulate(800, T=rng.integers(30, 400, 800).astype(float), rng=rng)
        later = truth.purchases_of(truth.individuals(customers, rng=rng), days=120, rng=rng)
        hidden = split.Split(
            customers,
            later.to_frame("purchases"),
            pd.Series(dtype=int),
            pd.Timestamp("2024-01-01"),
            pd.Timestamp("2024-04-30"),
        )
        found = holdout.totals(hidden, bgnbd.fit(customers), rng=rng, draws=100)
        covered += found["low"] <= found["actual"] <= found["high"]
    assert covered >= 31


def test_rankings_are_sorted_and_read_out():
    bought = pd.Series([True] * 40 + [False] * 60)
    good = pd.Series(np.arange(100.0)[::-1])
    twin, bad = good.round(-1), pd.Series(np.tile([0.0, 1.0], 50))
    table = holdout.rankings({"bad": bad, "the model": good, "twin": twin}, bought)
    assert table["rule"].tolist() == ["the model", "twin", "bad"]
    assert "No simple rule" in holdout.ranking_in_words(table[table["rule"] != "twin"], model="the model")
    alone = holdout.rankings({"the model": good * 0.0, "twin": twin * 0.0}, bought)
    assert "No simple rule" in holdout.ranking_in_words(alone, model="the model")  # a coin is no rule
    equal = holdout.rankings({"the model": good, "twin": good, "bad": bad}, bought)
    assert "twin would do about as well" in holdout.ranking_in_words(equal, model="the model")


def test_errors_in_words_keep_their_side():
    assert holdout.too(-0.051) == "5.1 % too low"
    assert holdout.too(0.5) == "50.0 % too high"
