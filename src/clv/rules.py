"""Simple rules for whom to contact first, judged on a campaign whose arms were drawn by lot.

Each rule knows only what was known before the campaign was sent, or what the other half of it showed.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import targeting
from clv.errors import SettingError, nearest
from clv.language import tell
from clv.offering.baskets import Floats
from clv.responses import Responses
from clv.told import listed

LEARNED = "by segment, as learned on the other half"
MOST_LAPSED, HIGHEST_VALUE = "most lapsed first", "highest past spend first"
LEAST = 10  # buyers of an arm below which no order is judged
HALVES = 40  # buyers of an arm from which each half can teach the other
DEPTHS, THIN = (0.1, 0.2, 0.3, 0.5), 3  # buyers of the control group that a depth needs by lot
_CURVE = ["rule", "depth", "gain", "low", "high"]
_AREA = ["qini", "low", "high"]
_VALUE = ["value", "low", "high", "difference", "difference_low", "difference_high"]


@dataclass(frozen=True, eq=False)
class Judged:
    """What rules would have done.

    Attributes
    ----------
    curves, areas
        Of buyers, per assigned customer; see `targeting.curves` and `targeting.table`.
    depths
        Buyers won per 100 contacts among the first of each rule, with the 95 % interval: index rule, one
        column per share contacted (text); from `targeting.uplift_at`.
    values
        Profit per assigned customer, beside contacting nobody, if each rule contacted as many; see
        `targeting.policy_values`.
    sentence
        All of it in words.
    """

    curves: pd.DataFrame
    areas: pd.DataFrame
    depths: pd.DataFrame
    values: pd.DataFrame
    sentence: str


def scores(found: Responses, *, preference: str = "", rng: np.random.Generator) -> dict[str, Floats]:
    """Return each rule's scores, in the order of the campaign's customers, the highest first.

    Parameters
    ----------
    preference
        The category that the campaign was about; customers who spent most on it come first. Without one
        there is no such rule.
    rng
        Draws the halves.

    Raises
    ------
    SettingError
        Nobody prefers that category; with the nearest one.
    """
    people = found.customers
    segment = people["segment"].fillna("unknown").astype(str).to_numpy()
    rules = {}
    if len(np.unique(segment)) > 1 and min(_buyers(found)) >= HALVES:
        rules[LEARNED] = targeting.learned(people["bought"].to_numpy(), found.sent, segment, rng=rng)
    rules[MOST_LAPSED] = people["days_since_last"].to_numpy(dtype=float)
    rules[HIGHEST_VALUE] = people["total_spend"].to_numpy(dtype=float)
    if preference:
        rules[f"{preference} first"] = _prefer(people["category"], preference)
    return rules


def _prefer(category: pd.Series, preference: str) -> Floats:
    known = sorted(category.dropna().unique())
    if preference not in known:
        raise SettingError(
            tell(
                "no customer of the campaign spent most on {preference!r} before; {nearest}",
                preference=preference,
                nearest=nearest(preference, known),
            )
        )
    return category.eq(preference).to_numpy(dtype=float)


def judge(
    found: Responses, *, preference: str = "", share: float, draws: int, rng: np.random.Generator
) -> Judged:
    """Return what each rule would have done on this campaign's customers.

    Parameters
    ----------
    preference
        As for `scores`.
    share
        Part of the customers that each rule contacts, for `values`.
    draws
        Redrawn sets of customers behind the intervals of curves and areas.

    Returns
    -------
    Empty tables, and a sentence that says so, where an arm is too small.
    """
    send, control = _buyers(found)
    if min(send, control) < LEAST:
        empty = [pd.DataFrame(columns=names) for names in (_CURVE, _AREA, [], _VALUE)]
        said = tell(
            "Too few to judge any rule: {send:,} of those sent to bought, and {control:,} of those "
            "left alone; from {least} in each arm an order can be judged.",
            send=send,
            control=control,
            least=LEAST,
        )
        return Judged(*empty, said)
    rules, bought = scores(found, preference=preference, rng=rng), found.customers["bought"].to_numpy()
    state = rng.integers(2**63)  # curves and areas meet the same draws
    given = {"draws": draws}
    curves = targeting.curves(bought, found.sent, rules, rng=np.random.default_rng(state), **given)
    areas = targeting.table(bought, found.sent, rules, rng=np.random.default_rng(state), **given)
    contact = found.customers["contact"]
    before_contact = (found.customers["profit"] + contact).to_numpy()
    cost = float(contact.sum() / found.sent.sum())
    values = targeting.policy_values(before_contact, found.sent, rules, share=share, cost=cost)
    deep = tuple(depth for depth in DEPTHS if depth * control >= THIN)
    depths = _wide(targeting.uplift_at(bought, found.sent, rules, depths=deep))
    said = _sentence(areas)
    if LEARNED not in rules:
        said += tell(
            " What segments gain is not learned on one half for the other: that takes {halves} "
            "buyers in each arm, and several segments.",
            halves=HALVES,
        )
    return Judged(curves, areas[_AREA].drop(index=targeting.BY_LOT), depths, values[_VALUE], said)


def _buyers(found: Responses) -> tuple[int, int]:
    """Return the buyers of those sent something, and of those left alone."""
    send, control = found.arms("bought")
    return int(send.sum()), int(control.sum())


def _wide(uplifts: pd.DataFrame) -> pd.DataFrame:
    ends = zip(*(100 * uplifts[name] for name in ("uplift", "low", "high")), strict=True)
    said = [f"{value:.1f} [{low:.1f}, {high:.1f}]".replace("-", "−") for value, low, high in ends]
    first = uplifts["depth"].map("first {:.0%}".format).str.replace("%", " %")
    table = uplifts.assign(said=said, first=first).pivot(index="rule", columns="first", values="said")
    return table.reindex(index=uplifts["rule"].unique(), columns=first.unique()).rename_axis(columns=None)


def _sentence(areas: pd.DataFrame) -> str:
    others = areas.drop(index=targeting.BY_LOT)
    # of several rules one looks good by chance, so each has to be surer than 95 % (Bonferroni)
    sure = norm.ppf(1 - 0.025 / len(others)) / norm.ppf(0.975)
    half = sure * (others["high"] - others["low"]) / 2
    better, worse = others.index[others["qini"] > half], others.index[others["qini"] < -half]
    if not len(better) and not len(worse):
        return tell(
            "No rule is known to find movable customers better or worse than the lot, if one allows "
            "for looking at {others} of them.",
            others=len(others),
        )
    said = [tell("Better than the lot: {better}.", better=listed(better))] if len(better) else []
    said += [tell("Worse than the lot: {worse}.", worse=listed(worse))] if len(worse) else []
    return " ".join(said)
