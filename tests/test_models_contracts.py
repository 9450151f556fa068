"""The promises around a fit: JSON, lifetimes' objects, names, settings, draws."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

from clv.bgnbd import BGNBD
from clv.errors import ClvError, InputError, SettingError
from clv.models import MODELS, fit_by_name, fit_from_json

every_name = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    found = BGNBD(0.24, 31.0, 0.79, 2.43).simulate(600, T=rng.integers(1, 731, 600), rng=rng)
    days = found.assign(recency=np.ceil(found["recency"]).astype(int), T=found["T"].astype(int))
    return days.set_index(pd.Index([f"c_{n:03}" for n in range(600)], name="customer_id"))


@every_name
def test_a_fit_survives_json(name: str, people: pd.DataFrame) -> None:
    fit = fit_by_name(name, people)
    again = fit_from_json(fit.to_json())
    assert again.model == fit.model
    assert (again.name, again.limit, again.warnings) == (fit.name, fit.limit, fit.warnings)
    assert (again.n_customers, again.log_likelihood) == (600, fit.log_likelihood)
    pd.testing.assert_frame_equal(again.covariance, fit.covariance)
    pd.testing.assert_series_equal(again.standard_errors, fit.standard_errors)
    mine, theirs = (f.draws(5, rng=np.random.default_rng(1)) for f in (fit, again))
    assert mine == theirs
    assert "c_" not in fit.to_json()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda d: d.pop("parameters"), "damaged"),
        (lambda d: d.update(version=99), "version 99"),
        (lambda d: d.update(format="other"), "not a fitted model"),
        (lambda d: d.update(name="bgnb"), "did you mean 'bgnbd'"),
        (lambda d: d["parameters"].update(r=-1), "r > 0"),
        (lambda d: d["parameters"].pop("r"), "damaged"),
        (lambda d: d["spread"].update(up=[1.0]), "damaged"),
        (lambda d: d.update(covariance=[[1]]), "damaged"),
        (lambda d: d.update(parameters=[1, 2, 3, 4]), "damaged"),
    ],
)
def test_a_damaged_file_gets_one_sentence(change, says: str, people: pd.DataFrame) -> None:
    found = json.loads(fit_by_name("bgnbd", people).to_json())
    change(found)
    with pytest.raises(ClvError, match=says) as caught:
        fit_from_json(json.dumps(found))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "x,y\n1,2"])
def test_other_files_are_not_fits(text: str) -> None:
    with pytest.raises(InputError):
        fit_from_json(text)


def test_an_unknown_model_gets_the_nearest_name(people: pd.DataFrame) -> None:
    with pytest.raises(SettingError, match="did you mean 'mbgnbd'"):
        fit_by_name("mbgndb", people)


@pytest.mark.parametrize("wrong", [-1, np.nan, np.inf, "soon", None])
def test_a_wrong_horizon_is_refused(wrong: object, people: pd.DataFrame) -> None:
    model = BGNBD(0.24, 31.0, 0.79, 2.43)
    for ask in (model.expected_purchases, model.p_buy):
        with pytest.raises(SettingError, match="days"):
            ask(people, days=wrong)
    with pytest.raises(SettingError, match="n is"):
        model.p_exactly(people, n=1.5, days=30)


@pytest.mark.parametrize("wrong", [0, -1, np.nan, np.inf, "1"])
def test_a_model_needs_positive_parameters(wrong: object) -> None:
    with pytest.raises(SettingError, match="alpha > 0"):
        BGNBD(r=0.2, alpha=wrong, a=1.0, b=1.0)


@every_name
def test_nothing_that_was_given_is_changed(name: str, people: pd.DataFrame) -> None:
    before, state = people.copy(), np.random.get_state()[1].copy()  # noqa: NPY002 - is the global one untouched?
    fit = fit_by_name(name, people)
    fit.model.individuals(people, rng=np.random.default_rng(0))
    pd.testing.assert_frame_equal(people, before)
    assert (np.random.get_state()[1] == state).all()  # noqa: NPY002


@every_name
def test_an_empty_table_gets_empty_answers(name: str, people: pd.DataFrame) -> None:
    model, none = fit_by_name(name, people).model, people.iloc[:0]
    for found in (model.p_alive(none), model.expected_purchases(none, days=90), model.p_buy(none, days=9)):
        assert len(found) == 0
    assert len(model.individuals(none, rng=np.random.default_rng(0))) == 0
    assert len(model.p_exactly(none, n=0, days=9)) == 0


LIFETIMES = ["bgnbd", "mbgnbd", "paretonbd"]


@pytest.mark.parametrize("name", LIFETIMES)
def test_the_lifetimes_object_says_the_same(name: str, people: pd.DataFrame) -> None:
    fit = fit_by_name(name, people)
    fitter = fit.to_lifetimes(people)
    x, t_x, T = (people[c] for c in ("frequency", "recency", "T"))
    ahead, alive = fit.model.expected_purchases(people, days=90), fit.model.p_alive(people)
    assert fitter.data.index.equals(people.index)
    np.testing.assert_allclose(fitter.predict(90, x, t_x, T), ahead, rtol=1e-6)
    np.testing.assert_allclose(fitter.conditional_probability_alive(x, t_x, T), alive, rtol=1e-6)
    np.testing.assert_allclose(
        fitter.expected_number_of_purchases_up_to_time(90), fit.model.expected_new(days=90), rtol=1e-9
    )
    np.testing.assert_allclose(fitter.summary["coef"], list(fit.model.parameters.values()))
    np.testing.assert_allclose(fitter.summary["se(coef)"], fit.standard_errors)
    assert "fitted with 600 subjects" in repr(fitter)
    assert len(fitter.generate_new_data(600)) == 600


@pytest.mark.parametrize("name", LIFETIMES)
def test_lifetimes_own_fit_ends_at_ours(name: str, people: pd.DataFrame) -> None:
    """Never above our likelihood, and the attributes that it keeps of a fit mean the same."""
    fit = fit_by_name(name, people)
    ours = fit.to_lifetimes()
    x, t_x, T = (people[c] for c in ("frequency", "recency", "T"))
    options = {"initial_params": np.ones(4), "tol": 1e-10} if name == "paretonbd" else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = type(ours)().fit(x, t_x, T, **options)
    assert theirs._scale == ours._scale
    assert ours._negative_log_likelihood_ == pytest.approx(theirs._negative_log_likelihood_, rel=1e-6)
    assert ours._negative_log_likelihood_ <= theirs._negative_log_likelihood_ + 1e-9
    np.testing.assert_allclose(theirs.params_, ours.params_, rtol=2e-3)
    assert len(ours.data) == len(people)


@pytest.mark.parametrize("n", [0, 3])
def test_paretos_conditional_counts_are_lifetimes(n: int, people: pd.DataFrame) -> None:
    fit = fit_by_name("paretonbd", people)
    few = people[people["frequency"] < 8].head(60)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = fit.to_lifetimes(people).conditional_probability_of_n_purchases_up_to_time(
            n, 90, few["frequency"].to_numpy(), few["recency"].to_numpy(), few["T"].to_numpy()
        )
    np.testing.assert_allclose(fit.model.p_exactly(few, n=n, days=90), theirs, rtol=1e-6, atol=1e-9)


def test_handing_over_leaves_the_process_as_it_was(people: pd.DataFrame) -> None:
    before = list(warnings.filters)
    fit = fit_by_name("bgnbd", people)
    fit.to_lifetimes()
    assert warnings.filters == before


def test_lifetimes_has_no_nbd(people: pd.DataFrame) -> None:
    with pytest.raises(SettingError, match="no NBD model"):
        fit_by_name("nbd", people).to_lifetimes()


def test_a_fit_from_a_file_takes_its_data_with_it_or_does_without(people: pd.DataFrame) -> None:
    again = fit_from_json(fit_by_name("bgnbd", people).to_json())
    assert not hasattr(again.to_lifetimes(), "data")
    assert len(again.to_lifetimes(people).data) == 600
