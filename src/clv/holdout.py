"""The judge: what a model said about orders that it had not seen, beside what happened.

Every function takes a Split (history before a day, purchases after it) and a Fit made on the history alone.
The bands are predictive: parameters drawn from the fit, then each customer's future drawn from the model.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.stats import binomtest, norm

from clv.btyd.fits import Fit
from clv.language import tell
from clv.money.intervals import ends
from clv.split import Split
from clv.told import together

BAND = (0.05, 0.95)
TOP_FREQUENCY = 7
BAND_POINTS = 6
MISLED = 0.15  # an error of the total beyond which the forecasts themselves carry a warning


def tracking(
    split: Split, fit: Fit, *, rng: np.random.Generator, draws: int = 100, points: int = 40
) -> pd.DataFrame:
    """Return cumulative repeat purchases of all customers over time, as they were and as the model says.

    Up to the end of calibration the model is asked about new customers who joined when these did (Fader,
    Hardie & Lee 2005, figure 2); after it, what it expects given each history, on top of what was known.

    Returns
    -------
    day (date), actual, expected, expected_low, expected_high (90 %; missing before the end of calibration).
    """
    before, after = (
        _before(split, fit, points=points),
        _after(split, fit, rng=rng, draws=draws, points=points // 2),
    )
    found = pd.concat([before, after], ignore_index=True)
    total = split.repeats.cumsum()
    at = np.searchsorted(total.index.to_numpy(), found["day"].to_numpy(), side="right")
    found.insert(1, "actual", np.concatenate([[0], total.to_numpy()])[at])
    return found


def totals(split: Split, fit: Fit, *, rng: np.random.Generator, draws: int = 200) -> pd.Series:
    """Return the purchases of the holdout, all customers together, and the errors per customer.

    Returns
    -------
    actual; expected, low, high (90 %); error (expected / actual - 1; missing when nobody bought); mae, rmse
    (per customer); pace_error (error of "everybody goes on at the pace so far", the rule to beat).
    """
    actual = split.later["purchases"]
    expected = fit.model.expected_purchases(split.calibration, days=split.days)
    low, high = _band(_simulated(split, fit, np.zeros(len(actual), dtype=int), rng=rng, draws=draws))[0]
    miss = expected - actual
    pace = _pace(split.calibration) * split.days
    happened = actual.sum() or np.nan
    return pd.Series(
        {
            "actual": float(actual.sum()),
            "expected": expected.sum(),
            "low": low,
            "high": high,
            "error": expected.sum() / happened - 1,
            "mae": miss.abs().mean(),
            "rmse": np.sqrt((miss**2).mean()),
            "pace_error": pace.sum() / happened - 1,
        }
    )


def verdict(totals: pd.Series) -> str:
    """Return in words whether the forecast of `totals` held, and what the simple rule would have said."""
    if totals["actual"] == 0:
        return tell("Nobody bought in the hidden days, so the forecast cannot be judged.")
    held = "inside" if totals["low"] <= totals["actual"] <= totals["high"] else "outside"
    said = tell(
        "The truth lies {held} the band; the forecast was {too}. ", held=held, too=too(totals["error"])
    )
    if held == "outside":
        said += tell(
            "Something moves these customers that the model does not know, such as a season or a trend. "
        )
    if abs(totals["error"]) > MISLED:
        said += tell("Expect the forecasts below to be wrong by as much. ")
    return said + tell(
        "Letting everybody go on at their pace so far would have been {too}.", too=too(totals["pace_error"])
    )


def too(error: float) -> str:
    """Return a relative error in words: 'x % too high', 'x % too low'.

    >>> too(-0.051)
    '5.1 % too low'
    """
    if error >= 0:
        return tell("{error:.1f} % too high", error=100 * error)
    return tell("{error:.1f} % too low", error=-100 * error)


def ranking_in_words(table: pd.DataFrame, *, model: str) -> str:
    """Return what `rankings` shows about the row `model`: whether a simpler rule does as well."""
    mine = table.set_index("rule").loc[model]
    others = table[table["rule"] != model]
    equal = others[(others["high"] >= mine["low"]) & (others["auc"] > 0.5)]["rule"]
    if pd.isna(mine["auc"]):
        return tell("Everybody bought or nobody did, so no rule can be judged here.")
    if equal.empty:
        return tell("No simple rule sorts the customers as well as the model.")
    rules = together(equal)
    return tell(
        "For sorting alone, {rules} would do about as well; the model adds how many and how much.",
        rules=rules,
    )


def by_frequency(split: Split, fit: Fit, *, rng: np.random.Generator, draws: int = 200) -> pd.DataFrame:
    """Return holdout purchases per customer by repeat purchase days before: are rare buyers judged right too?

    Returns
    -------
    group ("0" … "7+"), customers, actual, expected, low, high (means per customer; 90 % band of the mean).
    """
    groups = split.calibration["frequency"].clip(upper=TOP_FREQUENCY)
    names, code = np.unique(groups, return_inverse=True)
    table = pd.DataFrame(
        {
            "actual": split.later["purchases"].groupby(groups).mean(),
            "expected": fit.model.expected_purchases(split.calibration, days=split.days)
            .groupby(groups)
            .mean(),
        }
    )
    customers = np.bincount(code)
    bands = _band(_simulated(split, fit, code, rng=rng, draws=draws)) / customers[:, None]
    labels = [f"{n}+" if n == TOP_FREQUENCY else str(n) for n in names]
    return table.assign(group=labels, customers=customers, low=bands[:, 0], high=bands[:, 1]).reset_index(
        drop=True
    )[["group", "customers", "actual", "expected", "low", "high"]]


def p_buy(split: Split, fit: Fit, *, bins: int = 10) -> pd.DataFrame:
    """Return the chance of buying in the holdout, as the model says and as it came out, by groups.

    Customers with equal chances stay in one group, so there may be fewer groups than `bins`.

    Returns
    -------
    predicted (mean), observed (share that bought), low, high (90 % Wilson), customers.
    """
    chance = fit.model.p_buy(split.calibration, days=split.days)
    group = (chance.rank(method="average", pct=True) * bins).apply(np.ceil)
    bought = split.later["purchases"] > 0
    found = pd.DataFrame({"predicted": chance, "bought": bought}).groupby(group)
    rows = found.agg(predicted=("predicted", "mean"), observed=("bought", "mean"), bought=("bought", "sum"))
    rows = rows.assign(customers=found.size()).reset_index(drop=True)
    ends = [_wilson(k, n) for k, n in zip(rows.pop("bought"), rows["customers"], strict=True)]
    low, high = np.array(ends).T
    return rows.assign(low=low, high=high)[["predicted", "observed", "low", "high", "customers"]]


def rankings(scores: Mapping[str, pd.Series], bought: pd.Series) -> pd.DataFrame:
    """Return how well each score sorts buyers before others: rule, auc, low, high (90 %); best first."""
    rows = [(name, *auc(score, bought)) for name, score in scores.items()]
    found = pd.DataFrame(rows, columns=["rule", "auc", "low", "high"])
    return found.sort_values("auc", ascending=False, kind="stable", ignore_index=True)


def auc(score: pd.Series, bought: pd.Series) -> tuple[float, float, float]:
    """Return the chance that a buyer scored higher than one who did not buy, with its 90 % interval.

    Ties count one half. The interval is that of Hanley & McNeil (1982, Radiology 143:29-36); all three are
    missing where everybody bought or nobody did.
    """
    ranks, yes = score.rank(), bought.astype(bool)
    n, m = int(yes.sum()), int((~yes).sum())
    if not n or not m:
        return np.nan, np.nan, np.nan
    area = (ranks[yes].sum() - n * (n + 1) / 2) / (n * m)
    q1, q2 = area / (2 - area), 2 * area**2 / (1 + area)
    variance = (area * (1 - area) + (n - 1) * (q1 - area**2) + (m - 1) * (q2 - area**2)) / (n * m)
    reach = norm.ppf(BAND[1]) * np.sqrt(max(variance, 0))
    return area, max(area - reach, 0), min(area + reach, 1)


def _wilson(k: int, n: int) -> tuple[float, float]:
    found = binomtest(int(k), int(n)).proportion_ci(0.90, method="wilson")
    return found.low, found.high


def _pace(customers: pd.DataFrame) -> pd.Series:
    """Repeat purchases per day so far, as a simple rule would have them."""
    return customers["frequency"] / customers["T"].clip(lower=1)


def _before(split: Split, fit: Fit, *, points: int) -> pd.DataFrame:
    """Give what new customers who joined on these days buy by each day of calibration."""
    first = split.calibration["first_order"]
    joined = first.value_counts().sort_index()
    days = pd.date_range(joined.index[0], pd.Timestamp(split.end), periods=points).normalize().unique()
    age = (days.to_numpy()[:, None] - joined.index.to_numpy()) // np.timedelta64(1, "D")
    curve = np.atleast_1d(fit.model.expected_new(days=np.arange(max(age.max(), 0) + 1, dtype=float)))
    expected = np.where(age >= 0, curve[age.clip(min=0)], 0) @ joined.to_numpy()
    return pd.DataFrame({"day": days, "expected": expected, "expected_low": np.nan, "expected_high": np.nan})


def _after(split: Split, fit: Fit, *, rng: np.random.Generator, draws: int, points: int) -> pd.DataFrame:
    known = float(split.calibration["frequency"].sum())
    horizons = np.unique(np.linspace(0, split.days, points + 1).round())
    path = fit.model.expected_path(split.calibration, days=horizons).sum().to_numpy()
    # The band is smooth: drawing it at a few horizons and joining them saves most of the work.
    drawn = np.unique(np.linspace(0, split.days, BAND_POINTS + 1).round())
    low, high = (
        np.interp(horizons, drawn, side) for side in _band(_paths(split, fit, drawn, rng=rng, draws=draws)).T
    )
    days = pd.Timestamp(split.end) + pd.to_timedelta(horizons, unit="D")
    return pd.DataFrame(
        {"day": days, "expected": known + path, "expected_low": known + low, "expected_high": known + high}
    )


def _simulated(
    split: Split, fit: Fit, groups: np.ndarray, *, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Purchases of each group (columns) in drawn futures of its customers (rows)."""
    found = []
    for model in fit.draws(draws, rng=rng):
        alive, people = model.survivors(split.calibration, rng=rng)
        bought = model.purchases_of(people, days=split.days, rng=rng).to_numpy()
        found.append(np.bincount(groups[alive], weights=bought, minlength=groups.max(initial=0) + 1))
    return np.array(found)


def _paths(
    split: Split, fit: Fit, horizons: np.ndarray, *, rng: np.random.Generator, draws: int
) -> np.ndarray:
    """Purchases of everybody within each horizon (columns) in drawn futures (rows)."""
    found = []
    for model in fit.draws(draws, rng=rng):
        _, people = model.survivors(split.calibration, rng=rng)
        found.append([model.purchases_of(people, days=days, rng=rng).sum() for days in horizons])
    return np.array(found)


def _band(simulated: np.ndarray) -> np.ndarray:
    """Return two of the sorted draws; a new one falls between them with a chance of 90 %."""
    return np.sort(simulated, axis=0)[list(ends(len(simulated)))].T
