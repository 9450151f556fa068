"""The choice of a model: published holdout sums, the true model wins, ties and refusals are said."""

import numpy as np
import pandas as pd
import pytest

import cdnow_sample
from clv import choose
from clv.errors import InputError, NoAnswerError, SettingError
from clv.mbgnbd import MBGNBD


@pytest.fixture(scope="module")
def cdnow():
    return choose.choose(
        cdnow_sample.calibration(),
        cdnow_sample.holdout(),
        days=cdnow_sample.HOLDOUT_DAYS,
        names=("bgnbd", "mbgnbd", "nbd"),
    )


def shop(model, n, rng, *, days=200):
    """Histories of `n` customers and what each bought in the next `days`."""
    customers = model.simulate(n, T=rng.uniform(50, 400, n), rng=rng)
    later = model.purchases_of(model.individuals(customers, rng=rng), days=days, rng=rng)
    return customers, later


def test_cdnow_holdout_errors_are_those_of_the_published_sums(cdnow):
    """CLVTools and BTYDplus: 1653.4, 1576.7 and 2929.8 expected of 1,882 purchases."""
    error = cdnow.table.set_index("model")["total_error"]
    for name, published in (("bgnbd", 1653.4), ("mbgnbd", 1576.7), ("nbd", 2929.8)):
        assert error[name] == pytest.approx(published / 1882 - 1, abs=5e-5)


def test_the_table_is_sorted_and_the_best_is_named(cdnow):
    table = cdnow.table
    assert cdnow.name == table.at[0, "model"] == "mbgnbd"
    assert table["log_score"].is_monotonic_decreasing
    assert table.at[0, "difference"] == 0
    assert (table["difference"] <= 0).all()
    assert set(cdnow.fits) == set(table["model"])
    assert table["log_likelihood"].to_list() == [cdnow.fits[m].log_likelihood for m in table["model"]]


def test_the_log_score_is_the_mean_log_chance_of_what_happened(cdnow):
    customers, later = cdnow_sample.calibration().iloc[:60], cdnow_sample.holdout().iloc[:60]
    found = choose.choose(customers, later, days=273, names=("bgnbd",))
    model = found.fits["bgnbd"].model
    chances = [model.p_exactly(customers.loc[[who]], n=int(n), days=273).iloc[0] for who, n in later.items()]
    assert found.table.at[0, "log_score"] == pytest.approx(np.mean(np.log(chances)), rel=1e-12)


def test_the_true_model_wins_where_the_models_differ(rng):
    customers, later = shop(MBGNBD(r=2.0, alpha=20.0, a=1.0, b=2.0), 1500, rng)
    found = choose.choose(customers, later, days=200, names=("nbd", "mbgnbd"))
    assert found.name == "mbgnbd"
    assert found.table.at[1, "difference"] < -5 * found.table.at[1, "standard_error"]
    assert "cannot be told apart" not in found.sentence


def test_models_within_a_standard_error_are_called_a_tie():
    customers, later = cdnow_sample.calibration().iloc[:60], cdnow_sample.holdout().iloc[:60]
    found = choose.choose(customers, later, days=273, names=("bgnbd", "mbgnbd"))
    other = found.table.loc[1]
    assert -other["difference"] <= other["standard_error"]
    assert f"cannot be told apart from {other['title']}" in found.sentence


def test_a_narrow_win_of_bgnbd_comes_with_its_caution():
    table = pd.DataFrame(
        {
            "model": ["bgnbd", "mbgnbd"],
            "title": ["BG/NBD", "MBG/NBD"],
            "log_score": [-1.0, -1.01],
            "difference": [0.0, -0.01],
            "standard_error": [0.0, 0.02],
        }
    )
    assert "every one-time buyer for a customer still" in choose._sentence(table, {}, 100)
    clear = table.assign(standard_error=0.001)
    assert "every one-time buyer for a customer still" not in choose._sentence(clear, {}, 100)


def test_a_difference_of_next_to_nothing_is_a_tie_however_sure():
    """Models that end in the same limit differ in the eighth digit, and surely so."""
    table = pd.DataFrame(
        {
            "model": ["nbd", "mbgnbd"],
            "title": ["NBD", "MBG/NBD"],
            "log_score": [-1.0, -1.0],
            "difference": [0.0, -9e-8],
            "standard_error": [0.0, 3e-8],
        }
    )
    assert "cannot be told apart from MBG/NBD" in choose._sentence(table, {}, 100)


def test_counts_are_matched_by_customer_not_by_place(rng):
    customers, later = shop(MBGNBD(r=1.0, alpha=30.0, a=1.0, b=2.0), 200, rng)
    plain = choose.choose(customers, later, days=200, names=("mbgnbd",))
    turned = choose.choose(customers, later.iloc[::-1], days=200, names=("mbgnbd",))
    pd.testing.assert_frame_equal(plain.table, turned.table)


def test_nobody_buying_later_is_an_answer_too(rng):
    customers, later = shop(MBGNBD(r=1.0, alpha=30.0, a=1.0, b=2.0), 200, rng)
    found = choose.choose(customers, later * 0, days=200, names=("mbgnbd", "bgnbd"))
    assert found.table["total_error"].isna().all()
    assert np.isfinite(found.table["log_score"]).all()


def test_what_cannot_be_chosen_from_is_refused(rng):
    customers, later = shop(MBGNBD(r=1.0, alpha=30.0, a=1.0, b=2.0), 50, rng)
    with pytest.raises(InputError, match="for 1 customer"):
        choose.choose(customers, later.iloc[1:], days=200)
    with pytest.raises(InputError, match="whole number"):
        choose.choose(customers, later + 0.5, days=200)
    with pytest.raises(SettingError, match="did you mean 'bgnbd'"):
        choose.choose(customers, later, days=200, names=("bgnb",))
    with pytest.raises(SettingError, match="no model is named"):
        choose.choose(customers, later, days=200, names=())
    never = customers.assign(frequency=0, recency=0)
    with pytest.raises(NoAnswerError, match=r"^before the last 200 days, .* none of the \d+ customers ever"):
        choose.choose(never, later * 0, days=200)


def narrow(*models, differences, errors):
    titles = {"bgnbd": "BG/NBD", "mbgnbd": "MBG/NBD", "nbd": "NBD"}
    rows = {"model": models, "title": [titles[m] for m in models], "log_score": -1.25}
    return pd.DataFrame({**rows, "difference": differences, "standard_error": errors})


CAME = "BG/NBD came closest to what these 1,200 customers did in the hidden days"
CAME += " (log score -1.2500 per customer)."
TIE = " It cannot be told apart from {} here: the difference is within its standard error."
BEWARE = " Beware that BG/NBD takes every one-time buyer for a customer still; MBG/NBD does not."


@pytest.mark.parametrize(
    ("table", "refusals", "said"),
    [
        (narrow("bgnbd", differences=[0.0], errors=[0.0]), {}, CAME),
        (narrow("bgnbd", "nbd", differences=[0.0, -0.2], errors=[0.0, 0.1]), {}, CAME),
        (narrow("bgnbd", "nbd", differences=[0.0, -0.2], errors=[0.0, 0.2]), {}, CAME + TIE.format("NBD")),
        (
            narrow("bgnbd", "mbgnbd", "nbd", differences=[0.0, -1e-4, -0.3], errors=[0.0, 0.0, 0.3]),
            {},
            CAME + TIE.format("MBG/NBD and NBD") + BEWARE,
        ),
        (
            narrow("bgnbd", "mbgnbd", differences=[0.0, -1.1e-4], errors=[0.0, 0.0]),
            {"nbd": "too few", "paretonbd": "none."},
            CAME + " Not fitted: nbd (too few) Not fitted: paretonbd (none.)",
        ),
        (
            narrow("mbgnbd", "bgnbd", differences=[0.0, -0.1], errors=[0.0, 0.1]),
            {},
            CAME.replace("BG/NBD", "MBG/NBD") + TIE.format("BG/NBD"),
        ),
    ],
)
def test_what_was_chosen_is_said_whole(table, refusals, said):
    assert choose._sentence(table, refusals, 1200) == said


def test_every_column_of_the_table_is_what_it_says(cdnow):
    later, people = cdnow_sample.holdout(), cdnow_sample.calibration()
    table = cdnow.table.set_index("model")
    scores = pd.DataFrame(index=people.index)
    for name, fit in cdnow.fits.items():
        scores[name] = 0.0
        for n in later.unique():
            who = later[later == n].index
            scores.loc[who, name] = np.log(fit.model.p_exactly(people.loc[who], n=int(n), days=273))
    for name, fit in cdnow.fits.items():
        row, gap = table.loc[name], scores[name] - scores["mbgnbd"]
        assert row["title"] == fit.model.title and row["log_likelihood"] == fit.log_likelihood
        assert row["limit"] is None or row["limit"] == fit.limit or pd.isna(row["limit"])
        assert row["log_score"] == pytest.approx(scores[name].mean())
        assert row["difference"] == pytest.approx(gap.mean(), abs=1e-12)
        assert row["standard_error"] == pytest.approx(np.sqrt(gap.var(ddof=0) / len(gap)), abs=1e-12)
    assert list(cdnow.table)[-1] == "limit" and cdnow.table.index.tolist() == [0, 1, 2]
    assert "these 2,357 customers" in cdnow.sentence


def test_the_first_customer_without_a_count_is_named_by_row():
    customers, later = cdnow_sample.calibration().iloc[:5], cdnow_sample.holdout().iloc[:5].astype(float)
    for bad in (np.nan, -1.0, 0.5):
        counts = later.copy()
        counts.iloc[[2, 4]] = bad
        with pytest.raises(InputError) as refused:
            choose.choose(customers, counts, days=273)
        assert str(refused.value) == (
            "holdout_purchases has no whole number for 2 customer(s), the first in row 3; "
            "give each customer a count, 0 for none."
        )


def test_what_a_model_thought_impossible_counts_as_a_tiny_chance():
    """Ten thousand purchases in a day: the chance underflows, the score must not."""
    customers, later = cdnow_sample.calibration(), cdnow_sample.holdout().copy()
    later.iloc[0] = 10_000
    found = choose.choose(customers, later, days=1, names=("nbd",))
    assert np.isfinite(found.table.at[0, "log_score"])


def test_the_limit_of_a_fit_and_why_another_was_not_made_are_told(rng):
    half = pd.Series([0] * 64 + [1] * 32 + [2] * 16 + [3] * 8 + [4] * 4)
    people = pd.DataFrame({"frequency": half, "recency": 10.0 * half, "T": 400.0})
    found = choose.choose(people, half * 0, days=30, names=("mbgnbd",))
    assert found.table.at[0, "limit"] == found.fits["mbgnbd"].limit is not None
    with pytest.raises(SettingError, match=r"^no model is named to choose from; name for example bgnbd and"):
        choose.choose(people, half * 0, days=30, names=())
