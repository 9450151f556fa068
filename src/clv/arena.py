"""The arena: every scheme learns before a day and is judged by what the customers did after it.

    comparison = arena.compare(orders, schemes.field(), until=..., horizon=90, rng=rng)
    comparison.table                               # one row per scheme, best first, with 90 % intervals
    advice.advise(comparison, today="windows")     # which one to use

Protocol: rolling origins; cuts learned on the origin's customers, the order of cells one horizon earlier;
outcome = purchase days and money in the horizon after the origin; customers are redrawn for the intervals.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from clv import origins
from clv.errors import NoAnswerError, SettingError
from clv.foresight import Foresight, foresee
from clv.judging import measures, resampling
from clv.judging.resampling import RESAMPLED, Trial
from clv.judging.sums import Floats, order
from clv.known import MODEL
from clv.language import tell
from clv.origins import Origin
from clv.schemes.contract import Scheme

ACTIONABLE = 200  # customers that a segment should hold to be worth a campaign of its own
_BAND = (0.05, 0.95)
_AS_THEY_ARE = (
    "slope",
    "ratio",
    "spearman",
    "explained",
    "kept",
    "segments",
    "possible",
    "largest",
    "actionable",
)


@dataclass(frozen=True, eq=False)
class Comparison:
    """How the schemes did.

    Attributes
    ----------
    table
        One row per scheme, the best first; index `scheme` (its id); means over the origins: name; name_zh;
        effort (numbers and cells to hold); program (whether a program must apply it); gini, top_10, top_20
        (share of all later money held by the first 10 and 20 %), reached (by the first `contact_share`),
        money (that much, per horizon), auc, log_loss, brier: each with _low and _high (90 %); difference (of
        the Gini to the best, at most 0); standard_error (of that difference, on common draws); slope (of
        calibration; 1 is right), ratio (expected over actual buyers), spearman, explained (eta squared of
        log(1 + money) between segments), kept (share of customers with the same label one horizon later),
        segments (that hold somebody), possible (that there are), largest (share of the largest), actionable
        (segments of 200 and more).
    by_origin
        The same point figures for every scheme and origin (columns scheme, day, ...).
    draws
        By measure: one column per scheme, one row per draw of the customers.
    origins, foresights
        What was judged: origins, the latest first, and by scheme what it said at each of them.
    refused
        By scheme: why it could not take part.
    customers, buyers
        Mean numbers per origin.
    """

    horizon: int
    contact_share: float
    origins: list[Origin]
    foresights: Mapping[str, list[Foresight]]
    table: pd.DataFrame
    by_origin: pd.DataFrame
    draws: Mapping[str, pd.DataFrame]
    refused: Mapping[str, str]

    @property
    def customers(self) -> float:
        """Customers judged at an origin, on average."""
        return float(np.mean([len(one.later) for one in self.origins]))

    @property
    def buyers(self) -> float:
        """Customers who bought within the horizon of an origin, on average."""
        return float(np.mean([(one.later["purchases"] > 0).sum() for one in self.origins]))


def compare(
    orders: pd.DataFrame,
    schemes: Sequence[Scheme],
    *,
    until: date | str,
    horizon: int = 90,
    count: int = 3,
    contact_share: float = 0.2,
    model: str = MODEL,
    draws: int = 200,
    rng: np.random.Generator,
    told: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Comparison:
    """Return how well each scheme foresaw who would buy and spend, on orders that it had not seen.

    Parameters
    ----------
    orders
        An ORDERS table.
    schemes
        What is compared, at least two; ids must differ.
    until, horizon, count, model
        As `origins.rolling`.
    contact_share
        Share of the customers that a campaign can contact, for `reached` and `money`.
    draws
        Redrawn sets of customers behind the intervals; at least 20.
    told
        Is called with a stage in words, how much of it is done, and how much there is.

    Raises
    ------
    SettingError
        A number is out of range, ids are equal, or fewer than two schemes are given.
    NoAnswerError
        The history is too short, or no scheme could be learned from it.
    """
    _check(schemes, contact_share, draws)
    days = origins.rolling(orders, until=until, horizon=horizon, count=count, model=model)
    _check_contacts(days, contact_share)
    said, refused = _foresights(schemes, days, told)
    trials = [
        _trial(day, {name: row[at] for name, row in said.items()}, days[0]) for at, day in enumerate(days)
    ]
    drawn = resampling.redrawn(
        trials,
        customers=len(days[0].later),
        share=contact_share,
        draws=draws,
        rng=rng,
        told=_counting(told, draws),
    )
    by_measure = {m: pd.DataFrame({s: row[m] for s, row in drawn.items()}) for m in RESAMPLED}
    by_origin = _by_origin(days, said, trials, contact_share)
    table = _table(by_origin, by_measure, said)
    return Comparison(horizon, contact_share, days, said, table, by_origin, by_measure, refused)


def _check(schemes: Sequence[Scheme], contact_share: float, draws: int) -> None:
    ids = [scheme.id for scheme in schemes]
    twice = [name for name in ids if ids.count(name) > 1]
    if twice:
        raise SettingError(tell("two schemes are called {first!r}; rename one of the files.", first=twice[0]))
    if len(ids) < 2:
        raise SettingError(tell("{ids} scheme is nothing to compare; name at least two.", ids=len(ids)))
    if not 0 < contact_share < 1:
        raise SettingError(
            tell(
                "contact_share is {contact_share}; it should lie between 0 and 1, such as 0.2.",
                contact_share=contact_share,
            )
        )
    if draws < 20:
        raise SettingError(tell("draws is {draws}; an interval needs at least 20.", draws=draws))


def _check_contacts(days: Sequence[Origin], contact_share: float) -> None:
    fewest = min(len(day.later) for day in days)
    if contact_share * fewest < 1:
        raise SettingError(
            tell(
                "contact_share is {contact_share:g}, less than one of the {fewest:,} customers; give at "
                "least {fewest2:.2g}.",
                contact_share=contact_share,
                fewest=fewest,
                fewest2=1 / fewest,
            )
        )


def _counting(told: Callable[[str, int, int], None], total: int) -> Callable[[int], None]:
    done = 0

    def count(more: int) -> None:
        nonlocal done
        done += more
        told("customers redrawn", done, total)

    return count


def _foresights(
    schemes: Sequence[Scheme], days: Sequence[Origin], told: Callable[[str, int, int], None]
) -> tuple[dict[str, list[Foresight]], dict[str, str]]:
    said: dict[str, list[Foresight]] = {}
    refused: dict[str, str] = {}
    for number, scheme in enumerate(schemes, start=1):
        try:
            said[scheme.id] = [
                foresee(scheme, now=day.known, then=day.before.known, came=day.before.later) for day in days
            ]
        except NoAnswerError as refusal:
            refused[scheme.id] = str(refusal)
        told("schemes learned", number, len(schemes))
    if not said:
        raise NoAnswerError(tell("no scheme could be learned; {next}", next=next(iter(refused.values()))))
    return said, refused


def _trial(day: Origin, said: Mapping[str, Foresight], latest: Origin) -> Trial:
    spend, bought = day.later["spend"].to_numpy(), (day.later["purchases"] > 0).to_numpy(float)
    by_value = {name: order(one.by_value) for name, one in said.items()}
    return Trial(
        rows=latest.later.index.get_indexer(day.later.index),
        spend=spend,
        bought=bought,
        by_value=by_value,
        by_chance={
            name: by_value[name] if one.by_chance is one.by_value else order(one.by_chance)
            for name, one in said.items()
        },
        losses=np.hstack([_losses(one.chance, bought) for one in said.values()]),
    )


def _losses(chance: Floats, bought: Floats) -> Floats:
    return np.column_stack([measures.log_losses(chance, bought), (chance - bought) ** 2])


def _by_origin(
    days: Sequence[Origin], said: Mapping[str, list[Foresight]], trials: Sequence[Trial], share: float
) -> pd.DataFrame:
    rows = []
    for at, (day, trial) in enumerate(zip(days, trials, strict=True)):
        points = resampling.point(trial, share=share)
        for name in said:
            rest = _as_they_are(said[name][at], trial)
            rows.append({"scheme": name, "day": pd.Timestamp(day.day)} | points[name] | rest)
    return pd.DataFrame(rows)


def _as_they_are(said: Foresight, trial: Trial) -> dict[str, float]:
    """Measures that are told without an interval."""
    size = np.bincount(said.segment)
    return {
        "slope": measures.calibration_slope(said.chance, trial.bought),
        "ratio": float(said.chance.sum() / trial.bought.sum()),
        "spearman": measures.spearman(said.by_value, trial.spend),
        "explained": measures.variance_explained(said.segment, np.log1p(trial.spend)),
        "kept": said.kept,
        "segments": float((size > 0).sum()),
        "possible": float(len(said.rule.segments)),
        "largest": float(size.max() / size.sum()),
        "actionable": float((size >= ACTIONABLE).sum()),
    }


def _table(
    by_origin: pd.DataFrame, draws: Mapping[str, pd.DataFrame], said: Mapping[str, list[Foresight]]
) -> pd.DataFrame:
    mean = by_origin.drop(columns="day").groupby("scheme").mean()
    found = _names(said)
    for measure in RESAMPLED:
        low, high = (draws[measure].quantile(end) for end in _BAND)
        found[measure], found[f"{measure}_low"], found[f"{measure}_high"] = mean[measure], low, high
    best = found["gini"].idxmax()
    found["difference"] = found["gini"] - found.at[best, "gini"]
    found["standard_error"] = draws["gini"].sub(draws["gini"][best], axis=0).std()
    found = found.join(mean[list(_AS_THEY_ARE)])
    return found.sort_values("gini", ascending=False, kind="stable").rename_axis("scheme")


def _names(said: Mapping[str, list[Foresight]]) -> pd.DataFrame:
    schemes = {name: row[0].scheme for name, row in said.items()}
    return pd.DataFrame(
        {
            "name": {name: scheme.name.told for name, scheme in schemes.items()},
            "name_zh": {name: scheme.name.zh for name, scheme in schemes.items()},
            "effort": {name: scheme.effort[1] for name, scheme in schemes.items()},
            "program": {name: scheme.effort[0] for name, scheme in schemes.items()},
        }
    )
