"""What each customer prefers, along five axes: material, category, brand, price, channel.

    orders, lines → choices → judge (does any taste foretell the next order?) → best → table, matrix

A rule is used because it foretold held-out orders, and only where it beat the simpler ones beyond noise. What
it cannot tell apart it calls not enough evidence.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import pandas as pd

from clv import tables
from clv.errors import NoAnswerError, SettingError, nearest
from clv.language import tell
from clv.tasting import choices as choosing
from clv.tasting import rules, scores, sureness, trials, words
from clv.tasting.choices import AXES, Choices, categorised
from clv.tasting.judged import Judged
from clv.tasting.occasions import audience, coming, matrix
from clv.tasting.overview import (
    against_of,
    in_words,
    plan_axis,
    promises_of,
    rules_of,
    values_of,
    verdicts_of,
)
from clv.tasting.rules import POPULAR, RULES
from clv.tasting.scales import price_bands
from clv.tasting.sureness import LEANING, OPEN, SURE, VERDICTS

__all__ = [
    "AXES", "LEANING", "OPEN", "POPULAR", "RULES", "SURE", "VERDICTS", "Choices", "Judged",
    "against_of", "audience", "best", "categorised", "choices", "coming", "in_words", "judge", "matrix",
    "plan_axis", "price_bands", "promises_of", "rules_of", "table", "values_of", "verdicts_of",
]  # fmt: skip


def choices(
    orders: pd.DataFrame, lines: pd.DataFrame | None = None, *, brands: Sequence[str] = ()
) -> Choices:
    """Return what customers chose, day by day, and which axes are known; see `tasting.choices.of`.

    Parameters
    ----------
    orders, lines
        ORDERS and LINES tables; lines may be missing or empty.
    brands
        The shop's own list of brands; without one, those between brackets at the beginning of titles.

    Raises
    ------
    NoAnswerError
        No order names a customer.
    SettingError
        A brand of the list is empty: it would stand in every title.
    """
    empty = sum(not brand.strip() for brand in brands)
    if empty:
        raise SettingError(
            tell(
                "{empty} of {brands} brands is an empty text; take it off the list.",
                empty=empty,
                brands=len(brands),
            )
        )
    return choosing.of(orders, lines, brands=brands)


def judge(
    chosen: Choices,
    *,
    axis: str,
    until: date | str,
    horizon: int = 120,
    origins: int = 3,
    bands: int = 3,
    sure: float = 0.8,
    draws: int = 400,
    rng: np.random.Generator,
) -> Judged:
    """Return which rule foretells the next order best along an axis, judged on held-out orders.

    On each of `origins` days, `horizon` days apart, every rule learns from what was known and foretells the
    next choice within the horizon of all who choose again. The threshold of sure is found on the earlier of
    these days and shown (`groups`) on the latest; with one day both on that.

    Parameters
    ----------
    sure
        Chance to be the customer's favourite from which a preference should be called sure.
    draws, rng
        Redrawn sets of customers behind the intervals.

    Raises
    ------
    SettingError
        There is no such axis, or horizon, origins, bands or draws is below 1.
    NoAnswerError
        The axis is not known; with the reason.
    """
    _check(chosen, axis)
    asked = {"horizon": horizon, "origins": origins, "bands": bands}
    for name, value in {**asked, "draws": draws}.items():
        if value < 1:
            raise SettingError(tell("{name} is {value}; it should be at least 1.", name=name, value=value))
    day = tables.as_day(until)
    try:
        told = trials.gather(chosen.table, axis=axis, until=pd.Timestamp(day), **asked)
    except NoAnswerError as why:
        empty = pd.DataFrame()
        said = (words.unjudged(axis, str(why)),)
        return Judged(axis, day, bands, rules.POPULAR, empty, empty, np.inf, empty, empty, said)
    table, pairs = scores.compare(told, draws=draws, rng=rng)
    used = scores.used(table, pairs)
    of_used, popular = (told[told["rule"] == name] for name in (used, rules.POPULAR))
    latest = of_used["day"] == of_used["day"].max()
    taught = of_used if latest.all() else of_used[~latest]
    threshold, how = sureness.threshold(taught, rule=used, asked=sure)
    groups = sureness.groups(
        of_used[latest], popular[(popular["day"] == popular["day"].max())], rule=used, threshold=threshold
    )
    said = (words.verdict(axis, used, table, pairs), how)
    return Judged(
        axis, day, bands, used, table, pairs, threshold, groups, sureness.calibration(of_used), said
    )


def _check(chosen: Choices, axis: str) -> None:
    if axis not in AXES:
        raise SettingError(
            tell("there is no axis {axis!r}; {nearest}.", axis=axis, nearest=nearest(axis, AXES))
        )
    if axis in chosen.unknown:
        raise NoAnswerError(
            tell("{axis} cannot be known: {unknown}.", axis=axis, unknown=chosen.unknown[axis])
        )


def best(chosen: Choices, judged: Judged) -> pd.DataFrame:
    """Return what each customer prefers along an axis, by the rule that was judged best.

    Returns
    -------
    Index customer_id; value, probability (that the next choice is it), low, high (90 %), favourite (chance
    that it is the customer's favourite), evidence (purchase days that say something), own (of these, with the
    value), verdict (sure, leaning, not enough evidence).
    """
    _check(chosen, judged.axis)
    now = trials.learned(chosen.table, axis=judged.axis, day=pd.Timestamp(judged.until), bands=judged.bands)
    rule = judged.rule if judged.rule in now.rules else rules.POPULAR
    found = now.answers(rule)
    low, high = now.ends(rule, found["place"].to_numpy())
    value = np.array(now.scale.names, dtype=object)[found["place"]]
    named = pd.DataFrame(
        {"value": pd.Series(value, dtype="str"), "probability": found["probability"].to_numpy()}
    )
    named = named.assign(low=low, high=high, **found[["favourite", "evidence", "own"]].reset_index(drop=True))
    named["verdict"] = sureness.verdicts(named, rule=rule, threshold=judged.threshold)
    ids = chosen.table.drop_duplicates("who").set_index("who")["customer_id"]
    return named.set_axis(pd.Index(ids.reindex(found.index), name="customer_id"))


def table(found: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one row per customer with what each axis says.

    Parameters
    ----------
    found
        By axis, what `best` gives.

    Returns
    -------
    Index customer_id; for each axis its value under the axis's name, {axis}_probability and {axis}_verdict.
    A customer of whom an axis says nothing has no value there, and not enough evidence.
    """
    parts = []
    for axis, one in found.items():
        names = {"value": axis, "probability": f"{axis}_probability", "verdict": f"{axis}_verdict"}
        parts.append(one[list(names)].rename(columns=names))
    wide = pd.concat(parts, axis=1).rename_axis("customer_id").sort_index()
    return wide.fillna({f"{axis}_verdict": OPEN for axis in found})
