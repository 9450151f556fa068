"""Published figures on CDNOW, to four significant figures: parameters, errors, likelihoods, holdout sums.

Time is in weeks (days / 7) as in the papers, calibration to 1997-09-30, holdout 39 weeks.
"""

import csv
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv.bgnbd import BGNBD
from clv.btyd.fits import Fit
from clv.btyd.histories import History, collapse
from clv.btyd.model import Model
from clv.btyd.pareto_surface import Surface
from clv.models import MODELS, fit_by_name
from clv.paretonbd import ParetoNBD

PUBLISHED = Path(__file__).parent / "published"
CUT = pd.Timestamp("1997-09-30")


def published(name: str) -> list[dict[str, str]]:
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figures(name: str, model: str) -> dict[str, str]:
    return {row["quantity"]: row["value"] for row in published(name) if row["model"] == model}


def same_to_four_figures(found: float, printed: str) -> bool:
    """Half a unit (and a bit, for rounded inputs) of the fourth figure, or of the last one printed."""
    value = float(printed)
    decimals = len(printed.partition(".")[2])
    unit = max(10.0 ** (np.floor(np.log10(abs(value))) - 3), 10.0**-decimals)
    return abs(found - value) <= 0.55 * unit


@cache
def dataset(name: str) -> Path:
    # Not importlib.resources: importing lifetimes changes the process's warnings.
    return Path(find_spec("lifetimes").origin).parent / "datasets" / name


@cache
def weeks(name: str) -> pd.DataFrame:
    """Return frequency, recency, T in weeks and the purchase days of the holdout, one row per customer."""
    columns = ["customer", "date"] if name == "CDNOW_master.txt" else ["_", "customer", "date"]
    skip = name == "CDNOW_master.txt"
    log = pd.read_csv(
        dataset(name), sep=r"\s+", header=None, names=[*columns, "n", "money"], skiprows=int(skip)
    )
    days = log.assign(date=pd.to_datetime(log["date"].astype(str), format="%Y%m%d"))
    days = days[["customer", "date"]].drop_duplicates()
    seen = days[days["date"] <= CUT].groupby("customer")["date"]
    later = days[(days["date"] > CUT) & (days["date"] <= CUT + pd.Timedelta(days=39 * 7))]
    table = pd.DataFrame(
        {
            "frequency": seen.count() - 1,
            "recency": (seen.max() - seen.min()).dt.days / 7,
            "T": (CUT - seen.min()).dt.days / 7,
        }
    )
    return table.assign(holdout=later.groupby("customer").size().reindex(table.index, fill_value=0))


@cache
def sample_fit(model: str) -> Fit:
    return fit_by_name(model, weeks("CDNOW_sample.txt"))


def answers(fit: Fit, model: Model, customers: pd.DataFrame) -> dict[str, float]:
    ahead = model.expected_purchases(customers, days=39)
    error = ahead - customers["holdout"]
    return {
        **model.parameters,
        **{f"se_{name}": value for name, value in fit.standard_errors.items()},
        "log_likelihood": fit.log_likelihood,
        "sum_39_weeks": ahead.sum(),
        "mae_39_weeks": error.abs().mean(),
        "rmse_39_weeks": float(np.sqrt((error**2).mean())),
        "mean_p_alive": model.p_alive(customers).mean(),
        "new_customer_52_weeks_first_included": 1 + model.expected_new(days=52),
    }


def test_the_sample_is_the_papers() -> None:
    customers = weeks("CDNOW_sample.txt")
    assert len(customers) == 2357
    assert customers["holdout"].sum() == 1882


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "nbd"])
def test_the_cdnow_sample_gives_the_published_figures(model: str) -> None:
    fit = sample_fit(model)
    found = answers(fit, fit.model, weeks("CDNOW_sample.txt"))
    wrong = {
        name: (found[name], printed)
        for name, printed in figures("cdnow_sample_weeks.csv", model).items()
        if not same_to_four_figures(found[name], printed)
    }
    assert not wrong
    assert fit.limit is None
    assert fit.warnings == ()


def test_pareto_nbd_gives_the_published_figures_at_the_published_parameters() -> None:
    """CLVTools stopped 1e-6 of log-likelihood below the top, in a direction that moves s by .0002."""
    printed = figures("cdnow_sample_weeks.csv", "paretonbd")
    model = ParetoNBD(*(float(printed[name]) for name in ("r", "alpha", "s", "beta")))
    fit, customers = sample_fit("paretonbd"), weeks("CDNOW_sample.txt")
    found = answers(fit, model, customers) | {"log_likelihood": model.log_likelihood(customers)}
    values = np.array(list(model.parameters.values()))
    _, _, curve = Surface(*collapse(customers))(np.log(values))
    errors = values * np.sqrt(np.diag(np.linalg.inv(-curve)))
    found |= dict(zip(("se_r", "se_alpha", "se_s", "se_beta"), errors, strict=True))
    wrong = {n: (found[n], p) for n, p in printed.items() if not same_to_four_figures(found[n], p)}
    assert not wrong


def test_pareto_nbd_climbs_to_the_top_of_the_published_likelihood() -> None:
    printed, fit = figures("cdnow_sample_weeks.csv", "paretonbd"), sample_fit("paretonbd")
    customers = weeks("CDNOW_sample.txt")
    theirs = ParetoNBD(*(float(printed[name]) for name in ("r", "alpha", "s", "beta")))
    assert theirs.log_likelihood(customers) <= fit.log_likelihood < theirs.log_likelihood(customers) + 1e-4
    for name, value in theirs.parameters.items():
        assert abs(fit.model.parameters[name] - value) < 0.002 * float(printed[f"se_{name}"])
        assert abs(fit.standard_errors[name] / float(printed[f"se_{name}"]) - 1) < 0.002


@pytest.mark.parametrize("model", ["bgnbd", "mbgnbd", "paretonbd"])
def test_the_two_decimal_summary_gives_the_known_figures(model: str) -> None:
    customers = pd.read_csv(dataset("cdnow_customers_summary.csv"))
    fit = fit_by_name(model, customers)
    found = fit.model.parameters | {"log_likelihood": fit.log_likelihood}
    for name, printed in figures("cdnow_two_decimals.csv", model).items():
        assert same_to_four_figures(found[name], printed), (name, found[name], printed)


def test_the_whole_cdnow_log_gives_the_published_figures() -> None:
    customers = weeks("CDNOW_master.txt")
    fit = fit_by_name("bgnbd", customers)
    found = fit.model.parameters | {"log_likelihood": fit.log_likelihood}
    assert len(customers) == 23570
    for name, printed in figures("cdnow_master_weeks.csv", "bgnbd").items():
        assert same_to_four_figures(found[name], printed), (name, found[name], printed)


def test_formulas_give_the_published_values() -> None:
    printed = figures("formulas.csv", "bgnbd")
    paper = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    one = pd.DataFrame({"frequency": [2], "recency": [30.43], "T": [38.86]})
    note = BGNBD(r=0.25, alpha=4.0, a=0.8, b=2.5)
    rows = note.row_log_likelihood(History(np.array([0.0, 200]), np.array([0.0, 38]), np.array([40.0, 40])))
    small = BGNBD(r=0.11, alpha=2.24, a=0.31, b=0.5)
    fresh = pd.DataFrame({"frequency": [0], "recency": [0], "T": [1]})
    found = {
        "worked_example": paper.expected_purchases(one, days=39)[0],
        "log_likelihood_0_0_40": rows[0],
        "log_likelihood_200_38_40": rows[1],
        "expected_a_plus_b_below_one": small.expected_purchases(fresh, days=30)[0],
    }
    for name, value in printed.items():
        assert same_to_four_figures(found[name], value), (name, found[name], value)


def test_every_model_has_published_figures() -> None:
    assert {row["model"] for row in published("cdnow_sample_weeks.csv")} == set(MODELS)
