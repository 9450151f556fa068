"""docs/validation.md says what its tables say, these say what was measured, and the measuring is sound."""

import numpy as np
import pandas as pd
import pytest

from clv import holdout
from conftest import REPO
from validation import calibration, page, published, real, recovery, tables
from validation.grids import YEAR
from validation.shops import EVERYDAY, JEWELLERY, MUSIC, SHOPS, future, history, lives

PICTURES = ("conditional", "coverage", "ranks", "totals", "deciles")


def test_the_page_says_what_its_tables_say():
    assert page.PAGE.read_text("utf-8") == page.text(), "write it again: python -m validation page"


@pytest.mark.parametrize("name", PICTURES)
def test_every_figure_is_there_and_small(name):
    path = REPO / "docs" / "validation" / f"{name}.png"
    assert 5_000 < path.stat().st_size < 60_000
    assert f"validation/{name}.png" in page.PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def compared():
    return published.compared()


def test_published_figures_come_out(compared):
    rows = [
        row for row in compared.itertuples() if not published.same(row.published, row.ours, model=row.model)
    ]
    assert not rows


def test_another_figure_is_not_the_published_one():
    assert not published.same("4.414", 4.416, model="bgnbd")
    assert not published.same("1.226", 1.227, model="bgnbd")
    assert not published.same("-9582.4", -9588.0, model="bgnbd")


def test_the_kept_published_figures_are_those_of_today(compared):
    kept = tables.read("published")
    assert (kept["published"] == compared["published"].to_numpy()).all()
    assert kept["ours"].to_numpy() == pytest.approx(compared["ours"].to_numpy(dtype=float), rel=1e-4)


# What was measured ------------------------------------------------------------------------------------------


def test_intervals_of_parameters_hold_what_they_promise():
    """Profile likelihood: 88 to 92 % on average, no cell further off than 3.5 Monte-Carlo errors and 5 %."""
    kept = tables.read("recovery")
    mine = kept[(kept["quantity"] != YEAR) & (kept["model"] != "gammagamma")]
    assert 0.88 <= mine["covered"].mean() <= 0.92
    error = np.sqrt(0.09 / mine["replications"])
    assert ((mine["covered"] - 0.9).abs() <= 0.05 + 3.5 * error).all()
    amounts = kept[kept["model"] == "gammagamma"]
    assert 0.88 <= amounts["covered_normal"].mean() <= 0.94


def test_what_a_new_customer_buys_is_hardly_biased():
    kept = tables.read("recovery")
    year = kept[kept["quantity"] == YEAR]
    assert (year["bias"].abs() <= 0.03 + 3.5 * year["bias_error"]).all()
    assert 0.87 <= year["covered"].mean() <= 0.93


def test_bands_hold_what_they_promise():
    kept = tables.read("bands")
    for band, rows in kept.groupby("band"):
        error = np.sqrt((rows["exact_error"] ** 2).sum()) / len(rows)
        assert abs(rows["exact"].mean() - 0.9) <= 0.02 + 3.5 * error, band
        assert rows["covered"].mean() >= 0.88 - 3.5 * error, band


# How it is measured -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", SHOPS, ids="-".join)
def test_lives_are_those_of_the_model(key, rng):
    """Lived one purchase after the other, customers buy as often as the formulas say, before and after."""
    shop = SHOPS[key]
    lived = lives(shop, 4000, horizon=180, rng=rng)
    known, came = history(lived), future(lived, days=180, money_days=180, delta=0.0)
    said = shop.truth.expected_new(days=known["T"].to_numpy())
    error = known["frequency"].std() / np.sqrt(len(known))
    assert abs(known["frequency"].mean() - said.mean()) < 4 * error
    ahead = shop.truth.expected_purchases(known, days=180)
    error = (came["purchases"] - ahead).std() / np.sqrt(len(came))
    assert abs(came["purchases"].mean() - ahead.mean()) < 4 * error
    paid = came["money"].sum() / came["purchases"].sum()
    assert paid == pytest.approx(shop.amounts.mean, rel=0.35)


def test_ranks_are_flat_where_what_comes_is_one_more_draw(rng):
    drawn, came = rng.poisson(0.7, (99, 6000)), rng.poisson(0.7, 6000)
    ranks = calibration.rank(drawn, came, rng)
    assert np.histogram(ranks, 10, (0, 1))[0] == pytest.approx(600, abs=4.5 * np.sqrt(540))
    narrow = calibration.rank(0.5 * rng.standard_normal((99, 2000)), rng.standard_normal(2000), rng)
    assert ((narrow < 0.05) | (narrow > 0.95)).mean() > 0.3


def test_a_holdout_band_of_99_draws_holds_90_places_of_100():
    """A new draw is as likely to fall into each of the 100 gaps; quantiles of the draws would hold 88."""
    low, high = holdout._band(np.arange(1.0, 100.0)[:, None])[0]
    assert (low, high) == (5, 95)


def test_a_short_run_gives_the_parameters_back():
    found = recovery.summed(recovery.chunk("bgnbd", EVERYDAY, 300, seed=(1, 0)))
    assert (found["bias"].abs() <= 0.1 + 4 * found["bias_error"]).all()
    assert (found["covered"] >= 0.9 - 4 * np.sqrt(0.09 / found["replications"])).all()


@pytest.mark.slow
def test_short_runs_of_the_other_models_too():
    cells = [("mbgnbd", JEWELLERY, 1000), ("paretonbd", EVERYDAY, 300), ("gammagamma", MUSIC, 1000)]
    found = recovery.summed(pd.concat([recovery.chunk(*cell, seed=(2, 0)) for cell in cells]))
    error = np.sqrt(0.09 / found["replications"])
    held = found["covered"].fillna(found["covered_normal"])
    assert (held >= 0.87 - 3.5 * error).all()


@pytest.mark.slow
@pytest.mark.parametrize("key", [("mbgnbd", JEWELLERY), ("bgnbd", MUSIC)], ids="-".join)
def test_a_short_calibration_is_calibrated(key):
    looked = pd.concat([calibration.chunk(*key, size=300, seed=(5, k)) for k in range(2)])
    by_band, ranks = calibration.summed(looked).set_index("band"), calibration.ranks(looked)
    for band in ("a customer's purchases", "a customer's money"):
        assert by_band.loc[band, "exact"] == pytest.approx(0.9, abs=0.03)
        assert by_band.loc[band, "covered"] >= 0.88
    assert ranks.groupby("band")["share"].sum().to_numpy() == pytest.approx(1.0)


@pytest.mark.slow
def test_the_kept_figures_of_a_real_shop_are_those_of_today(shared_data):
    assert shared_data.is_dir()
    cut = (real.GIFTS, "2011-06-30", 90)
    today = real.held(*cut, seed=tables.seed(*cut)).totals.iloc[0]
    kept = tables.read("totals").set_index(["shop", "end"]).loc[cut[:2]]
    assert today["model"] == kept["model"]
    for name in ("customers", "actual", "expected", "pace_error", "money_actual"):
        assert today[name] == pytest.approx(kept[name], rel=1e-4)
