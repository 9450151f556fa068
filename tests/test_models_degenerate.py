"""Strange data: an answer that stays finite and names its limit, or a refusal in one sentence."""

import numpy as np
import pandas as pd
import pytest

from clv.bgnbd import BGNBD
from clv.errors import InputError, NoAnswerError
from clv.models import MODELS, fit_by_name
from clv.paretonbd import ParetoNBD
from small_shops import hold, table

every_name = pytest.mark.parametrize("name", MODELS)
ANY = BGNBD(0.24, 31.0, 0.79, 2.43)


LIMITS = {
    "bgnbd": "The data show no sign that customers ever leave",
    "mbgnbd": "The data show no sign that customers ever leave",
    "paretonbd": "The data show no sign that customers ever leave",
}


@pytest.mark.parametrize("name", LIMITS)
def test_the_shop_without_a_finite_optimum_is_named(name: str, shared_data) -> None:
    """Online Retail up to 2011-06-30: b runs to infinity, drop-out to nothing (r .744, alpha 9.05 weeks)."""
    lines = pd.read_csv(
        shared_data / "uci_online_retail" / "online_retail.csv.gz",
        usecols=["CustomerID", "Quantity", "InvoiceDate", "UnitPrice"],
        dtype={"CustomerID": str},
    )
    kept = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    days = kept.assign(day=pd.to_datetime(kept["InvoiceDate"]).dt.normalize())[["CustomerID", "day"]]
    cut = pd.Timestamp("2011-06-30")
    seen = days[days["day"] <= cut].drop_duplicates().groupby("CustomerID")["day"]
    people = table(seen.count() - 1, (seen.max() - seen.min()).dt.days, (cut - seen.min()).dt.days)
    fit = fit_by_name(name, people)
    assert fit.limit.startswith(LIMITS[name])
    assert fit.model.r == pytest.approx(0.744, abs=5e-4)
    assert fit.model.alpha / 7 == pytest.approx(9.05, abs=5e-3)
    hold(fit, people)


def test_everybody_leaving_alike_is_named(rng: np.random.Generator) -> None:
    people = BGNBD(1.0, 20.0, 3e5, 7e5).simulate(2000, T=500, rng=rng)
    fit = fit_by_name("bgnbd", people)
    assert "all have the same chance (3" in fit.limit
    assert fit.model.a / (fit.model.a + fit.model.b) == pytest.approx(0.3, abs=0.02)
    assert fit.model.a + fit.model.b == pytest.approx(1e4)
    assert fit.covariance.loc["r", "r"] > 0
    hold(fit, people)


def test_everybody_buying_alike_is_named(rng: np.random.Generator) -> None:
    people = BGNBD(1e4, 5e5, 0.8, 2.5).simulate(2000, T=500, rng=rng)
    fit = fit_by_name("bgnbd", people)
    assert fit.limit.startswith("The data show no difference in how often customers buy")
    assert fit.model.r == pytest.approx(1e3)
    assert fit.model.r / fit.model.alpha == pytest.approx(0.02, rel=0.03)


@pytest.mark.parametrize("name", ["bgnbd", "mbgnbd", "paretonbd"])
def test_nobody_leaving_is_named_and_equals_nbd(name: str, rng: np.random.Generator) -> None:
    people = table(rng.poisson(rng.gamma(0.5, 6.0, 400)) + 1, np.full(400, 300), np.full(400, 300))
    fit, nbd = fit_by_name(name, people), fit_by_name("nbd", people)
    assert "no sign that customers" in fit.limit
    assert fit.log_likelihood == pytest.approx(nbd.log_likelihood, abs=0.02)
    assert (fit.model.p_alive(people) > 0.999).all()


STRANGE = {
    "seconds": lambda people: people.assign(recency=people["recency"] * 86400, T=people["T"] * 86400),
    "years": lambda people: people.assign(recency=people["recency"] / 365, T=people["T"] / 365),
    "one very old customer": lambda people: pd.concat([people, table([0], [0], [1e6])]),
    "one very old and active": lambda people: pd.concat([people, table([5], [9e5], [1e6])]),
    "a robot": lambda people: pd.concat([people, table([1000], [499], [500])]),
    "a fast robot": lambda people: pd.concat([people, table([100_000], [499], [500])]),
    "newcomers of today": lambda people: pd.concat([people, table([0] * 500, [0] * 500, [0] * 500)]),
    "one who came back": lambda people: table([0] * 999 + [1], [0] * 999 + [50], [300] * 1000),
    "two customers": lambda people: table([1, 0], [5, 0], [9, 9]),
    "two alike": lambda people: table([1, 1], [5, 5], [9, 9]),
    "everybody gone at once": lambda people: BGNBD(1.0, 20.0, 1e4, 1e-3).simulate(
        900, T=500, rng=np.random.default_rng(2)
    ),
    "thousands of purchases each": lambda people: BGNBD(2.0, 0.1, 0.001, 30.0).simulate(
        200, T=500, rng=np.random.default_rng(2)
    ),
    "some leave, others never": lambda people: BGNBD(1.0, 20.0, 0.01, 0.02).simulate(
        900, T=500, rng=np.random.default_rng(2)
    ),
}


@every_name
@pytest.mark.parametrize("case", STRANGE)
def test_strange_data_get_a_finite_answer(name: str, case: str) -> None:
    rng = np.random.default_rng(5)
    people = STRANGE[case](ANY.simulate(500, T=rng.integers(1, 731, 500), rng=rng)).reset_index(drop=True)
    hold(fit_by_name(name, people), people)


def test_customers_of_today_change_nothing(rng: np.random.Generator) -> None:
    people = ANY.simulate(500, T=rng.integers(1, 731, 500), rng=rng)
    more = STRANGE["newcomers of today"](people)
    assert fit_by_name("bgnbd", more).model.r == pytest.approx(fit_by_name("bgnbd", people).model.r, rel=1e-6)


REFUSED = {
    "nobody": (table([], [], []), "at least two customers"),
    "one": (table([3], [5], [9]), "at least two customers"),
    "nobody came back": (table([0] * 50, [0] * 50, range(50)), "ever came back"),
    "the first day": (table([0] * 5, [0] * 5, [0] * 5), "last day of observation"),
}


@every_name
@pytest.mark.parametrize("case", REFUSED)
def test_hopeless_data_are_refused_in_one_sentence(name: str, case: str) -> None:
    people, says = REFUSED[case]
    with pytest.raises(NoAnswerError, match=says) as caught:
        fit_by_name(name, people)
    assert "\n" not in str(caught.value)


WRONG = {
    "missing": (table([1, np.nan], [2, 2], [3, 3]), "1 row.*missing.*row 2"),
    "infinite": (table([1, 1], [2, 2], [np.inf, 3]), "1 row.*infinite.*row 1"),
    "negative": (table([1, -1, -2], [2, 2, 2], [3, 3, 3]), "2 row.*negative.*row 2"),
    "broken number": (table([1, 2.7], [2, 2], [3, 3]), "1 row.*whole number.*row 2"),
    "too recent": (table([1, 1], [2, 4], [3, 3]), "1 row.*larger than T.*row 2"),
    "same-day repeat": (table([1, 1], [0, 2], [3, 3]), "1 row.*recency is 0.*row 1"),
    "recency without repeat": (table([0, 1], [1, 2], [3, 3]), "1 row.*frequency is 0.*row 1"),
    "words": (table(["one", "two"], [2, 2], [3, 3]), "must be numbers"),
    "no column": (table([1], [2], [3]).drop(columns="T"), "lacks the column 'T'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_histories_are_refused_with_their_number(case: str) -> None:
    people, says = WRONG[case]
    for ask in (lambda: fit_by_name("mbgnbd", people), lambda: ANY.p_alive(people)):
        with pytest.raises(InputError, match=says):
            ask()


def test_pareto_keeps_its_digits_where_lifetimes_turns_to_nan() -> None:
    people = table([132, 3000], [200, 700], [200, 700])
    found = ParetoNBD(0.55, 10.6, 0.61, 11.7).expected_purchases(people, days=90)
    assert np.isfinite(found).all()
    assert (found > 0).all()
