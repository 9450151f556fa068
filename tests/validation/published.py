"""Published figures beside ours, one row each. What a row is compared with stands in tests/published/."""

import csv
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

import cdnow_sample
from clv import spend
from clv.bgnbd import BGNBD
from clv.btyd.fits import Fit
from clv.btyd.model import Model
from clv.models import fit_by_name
from clv.spend import SpendFit

FOLDER = Path(__file__).parents[1] / "published"
CUT = pd.Timestamp("1997-09-30")
HOLDOUT_WEEKS = 39
PAPER = BGNBD(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee (2005), table 2
COLUMNS = ["model", "quantity", "source", "published", "ours"]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a file of published figures."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def dataset(name: str) -> Path:
    """Return where lifetimes keeps a data set (importing lifetimes would change the process's warnings)."""
    return Path(find_spec("lifetimes").origin).parent / "datasets" / name


@cache
def sample() -> pd.DataFrame:
    """Return the papers' sample of CDNOW: frequency, recency, T in weeks, purchase days of the holdout."""
    names = ["_", "customer", "date", "n", "money"]
    log = pd.read_csv(dataset("CDNOW_sample.txt"), sep=r"\s+", header=None, names=names)
    days = log.assign(date=pd.to_datetime(log["date"].astype(str), format="%Y%m%d"))
    days = days[["customer", "date"]].drop_duplicates()
    seen = days[days["date"] <= CUT].groupby("customer")["date"]
    later = days[days["date"] > CUT].groupby("customer").size()
    table = pd.DataFrame(
        {
            "frequency": seen.count() - 1,
            "recency": (seen.max() - seen.min()).dt.days / 7,
            "T": (CUT - seen.min()).dt.days / 7,
        }
    )
    return table.assign(holdout=later.reindex(table.index, fill_value=0))


@cache
def sample_fit(model: str) -> Fit:
    """Return the fit of a model to the papers' sample, in weeks."""
    return fit_by_name(model, sample())


def compared() -> pd.DataFrame:
    """Return every printed figure and ours: model, quantity, source, published (as printed), ours."""
    found = [_paper(row) for row in rows("papers.csv")]
    found += [_fitted(row) for row in rows("cdnow_sample_weeks.csv") if row["quantity"] in _FITTED]
    found += [_formula(row) for row in rows("walkthrough.csv")]
    found += _conditional()
    return pd.DataFrame(found, columns=COLUMNS)


def conditional() -> pd.DataFrame:
    """Return holdout purchases per customer by repeat purchases before: actual, and what each model expected.

    Returns
    -------
    group, customers, actual, bgnbd, mbgnbd, paretonbd (ours), walkthrough (BTYD's Pareto/NBD).
    """
    group = sample()["frequency"].clip(upper=7)
    table = sample()["holdout"].groupby(group).agg(customers="size", actual="mean")
    for name in ("bgnbd", "mbgnbd", "paretonbd"):
        ahead = sample_fit(name).model.expected_purchases(sample(), days=HOLDOUT_WEEKS)
        table[name] = ahead.groupby(group).mean()
    printed = rows("cdnow_conditional.csv")
    return table.assign(
        group=[row["group"] for row in printed], walkthrough=[float(row["paretonbd"]) for row in printed]
    )


def histogram(name: str) -> pd.DataFrame:
    """Return how many of the sample came back 0, 1, … 7 or more times, and how many were expected to."""
    weeks, people = np.unique(sample()["T"], return_counts=True)
    model = sample_fit(name).model
    expected = [people @ model.p_new_exactly(n=n, days=weeks) for n in range(7)]
    actual = sample()["frequency"].clip(upper=7).value_counts().sort_index()
    return pd.DataFrame({"actual": actual, "expected": [*expected, len(sample()) - sum(expected)]})


_FITTED = {
    "r", "alpha", "a", "b", "s", "beta", "log_likelihood", "sum_39_weeks", "mae_39_weeks", "rmse_39_weeks",
    "mean_p_alive",
}  # fmt: skip


def _fitted(row: dict[str, str]) -> tuple:
    fit, quantity = sample_fit(row["model"]), row["quantity"]
    miss = fit.model.expected_purchases(sample(), days=HOLDOUT_WEEKS) - sample()["holdout"]
    answers: dict[str, Callable[[], float]] = {
        "log_likelihood": lambda: fit.log_likelihood,
        "sum_39_weeks": lambda: (miss + sample()["holdout"]).sum(),
        "mae_39_weeks": lambda: miss.abs().mean(),
        "rmse_39_weeks": lambda: float(np.sqrt((miss**2).mean())),
        "mean_p_alive": lambda: fit.model.p_alive(sample()).mean(),
    }
    ours = fit.model.parameters[quantity] if quantity in fit.model.parameters else answers[quantity]()
    return row["model"], quantity, row["source"], row["value"], ours


def _formula(row: dict[str, str]) -> tuple:
    kind, argument = row["quantity"], row["argument"]
    if kind == "expected_spend":
        ours = _first_customers()[int(argument)]
    elif kind == "p_new":
        n, days = argument.split(" in ")
        ours = PAPER.p_new_exactly(n=int(n), days=float(days))
    elif kind == "expected_new":
        ours = sample_fit("bgnbd").model.expected_new(days=float(argument))
    else:
        ours = _of_one(sample_fit(row["model"]).model, kind, argument)
    return row["model"], f"{kind}({argument})", row["source"], row["value"], float(ours)


def _paper(row: dict[str, str]) -> tuple:
    model, quantity = row["model"], row["quantity"]
    if quantity.startswith("expected("):
        ours = _of_one(PAPER, "expected", quantity.removeprefix("expected(").rstrip(")"))
    elif model == "gammagamma":
        ours = {**spend_fit().model.parameters, "log_likelihood": spend_fit().log_likelihood}[quantity]
    else:
        return _fitted(row)
    return model, quantity, row["source"], row["value"], float(ours)


def _of_one(model: Model, kind: str, argument: str) -> float:
    numbers = [float(word) for word in argument.split()]
    one = pd.DataFrame([numbers[:3]], columns=["frequency", "recency", "T"])
    if kind == "p_alive":
        return model.p_alive(one).iloc[0]
    return model.expected_purchases(one, days=numbers[3]).iloc[0]


@cache
def _first_customers() -> dict[int, float]:
    """Return what the first customers of the note's table are expected to spend per purchase."""
    return dict(enumerate(spend_fit().model.expected_spend(_amounts().head(10)), start=1))


def _amounts() -> pd.DataFrame:
    table = pd.read_csv(dataset("cdnow_customers_summary_with_transactions.csv"))
    return table.rename(columns={"x": "frequency", "zbar": "monetary_value"})


@cache
def spend_fit() -> SpendFit:
    """Return the fit of Gamma-Gamma to the same customers' repeat purchases."""
    days = cdnow_sample.calibration()
    return spend.fit(days)


def _conditional() -> list[tuple]:
    printed = rows("cdnow_conditional.csv")
    ours = conditional()
    return [
        (model, f"{what} of {row['group']} repeats", row["source"], row[column], float(ours[column].iloc[i]))
        for i, row in enumerate(printed)
        for model, what, column in (
            ("", "customers", "customers"),
            ("", "holdout purchases", "actual"),
            ("paretonbd", "expected purchases", "paretonbd"),
        )
    ]


def same(published: str, ours: float, *, model: str) -> bool:
    """Return whether ours is the printed figure: to its last digit, or to four figures where it prints more.

    Of Pareto/NBD, to three: the searches behind the printed figures ended a little before the top, in a
    direction that hardly changes the likelihood. Half a unit and a bit is allowed, for rounded inputs, and a
    whole one for amounts expected of customers whose mean amount is printed in cents.
    """
    value, figures = float(published), 3 if model == "paretonbd" else 4
    decimals = len(published.partition(".")[2].partition("e")[0])
    exponent = int(published.partition("e")[2] or 0)
    unit = max(10.0 ** (np.floor(np.log10(abs(value))) + 1 - figures), 10.0 ** (exponent - decimals))
    return bool(abs(ours - value) <= (1.05 if model == "gammagamma" else 0.55) * unit)
