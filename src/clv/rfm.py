"""Segments: a scheme learned from the customers of one day, and the segment of every customer.

    known = Known(customers)
    rule = rfm.learn(schemes.load("eight-mean"), known)      # cuts learned from these customers alone
    rfm.segments(rule, known)                                # name in two languages, code, R/F/M bits

A rule can be kept as JSON and used again next month, so that labels mean the same then.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from clv import schemes, tables
from clv.declaring import strict_json
from clv.errors import InputError, NoAnswerError, SettingError
from clv.known import Known
from clv.language import tell
from clv.schemes.axes import Axis, is_reversed
from clv.schemes.contract import Scheme
from clv.segmenting import cells, clusters, cuts, rankings, scores
from clv.segmenting.rule import Rule

VERSION = 1
_LEARN: Mapping[str, Callable[[Scheme, Known], Rule]] = {
    "segments": cells.learn,
    "weights": scores.learn,
    "clusters": clusters.learn,
    "by": rankings.learn,
}
_KINDS: Mapping[str, type[Rule]] = {
    "segments": cells.CellRule,
    "weights": scores.ScoreRule,
    "clusters": clusters.ClusterRule,
    "by": rankings.RankRule,
}
_FITS = ("fit", "spend")  # parts of a kept rule that are JSON of their own
_AT_MEAN = {letter: Axis(at="mean") for letter in "RFM"}


def learn(scheme: Scheme, known: Known) -> Rule:
    """Return the scheme with its cuts, centroids or bands learned from the customers of a day alone.

    Raises
    ------
    NoAnswerError
        The scheme needs what these customers do not carry: repeat purchases, a model, enough different
        customers.
    """
    if known.customers.empty:
        raise NoAnswerError(tell("there is no customer to learn a scheme from."))
    return _LEARN[scheme.kind](scheme, known)


def segments(rule: Rule, known: Known) -> pd.DataFrame:
    """Return every customer's segment with its bits.

    The bits R1F0M1 say whether the customer is near, frequent and rich (1) or not (0): by the scheme's own
    cut on an axis that it cuts in two, at the mean of these customers elsewhere. So a name can be read
    without trusting it.

    Returns
    -------
    A SEGMENTS table in the order of `known.customers`.
    """
    placed = rule.place(known)
    return tables.check(
        pd.DataFrame(
            {
                "segment": np.array([name.en for name in rule.segments])[placed.segment],
                "segment_zh": np.array([name.zh for name in rule.segments])[placed.segment],
                "code": np.array(rule.codes)[placed.code],
                "bits": _bits(rule, known),
                "score": np.nan if placed.score is None else placed.score,
            },
            index=known.customers.index.rename("customer_id"),
        ),
        tables.SEGMENTS,
    )


def labels(rule: Rule, known: Known) -> pd.Series:
    """Return every customer's segment as a category, the categories in the rule's order."""
    names = [name.en for name in rule.segments]
    found = pd.Categorical.from_codes(rule.place(known).segment, categories=names)
    return pd.Series(found, index=known.customers.index, name="segment")


def to_json(rule: Rule) -> str:
    """Return the rule as plain, versioned JSON without any customer in it."""
    said = {"format": "clv.rule", "version": VERSION, "scheme": rule.scheme.model_dump(mode="json")}
    return json.dumps(said | {"learned": _without_infinity(rule.numbers())}, ensure_ascii=False, indent=1)


def from_json(text: str) -> Rule:
    """Return the rule that `to_json` wrote.

    Raises
    ------
    InputError
        The text is no such rule, damaged, or of another version.
    """
    try:
        said = strict_json.read(text)
        if said["format"] != "clv.rule" or (type(said["version"]), said["version"]) != (int, VERSION):
            raise InputError(
                tell("the rule is of another version; keep it again with `clv segments --keep`.")
            )
        scheme = Scheme.model_validate(said["scheme"])
        learned = {
            name: one if name in _FITS else _with_infinity(one) for name, one in said["learned"].items()
        }
        rule = _KINDS[scheme.kind].of(scheme, learned)
        schemes.check_usable(scheme)
        _ = rule.segments, rule.codes, rule.places  # a damaged rule shows here, not at the first customer
        return rule
    except InputError:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, SettingError):
        raise InputError(
            tell("this is no rule that `clv segments --keep` wrote, or it is damaged.")
        ) from None


def _bits(rule: Rule, known: Known) -> np.ndarray:
    own = rule.edges if isinstance(rule, cells.CellRule) and not rule.scheme.nested else []
    mine = dict(zip(rule.scheme.axes, own, strict=False))
    found = np.zeros(len(known.customers), dtype=int)
    for letter, at_mean in _AT_MEAN.items():
        axis = rule.scheme.axes.get(letter)
        if letter in mine and axis.levels == 2 and not is_reversed(letter, axis):
            high = cuts.level(cuts.turned(known, letter, axis), np.array(mine[letter][cells.EVERYBODY]))
        else:
            high = cuts.level(cuts.turned(known, letter, at_mean), cuts.edges(known, letter, at_mean))
        found = found * 2 + high
    return np.array([f"R{i >> 2}F{i >> 1 & 1}M{i & 1}" for i in range(8)])[found]


def _without_infinity(value: Any) -> Any:
    """JSON knows no infinity: a level that nobody can reach has the edge null."""
    if isinstance(value, dict):
        return {key: _without_infinity(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinity(one) for one in value]
    return None if value == cuts.NEVER else value


def _with_infinity(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_infinity(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_infinity(one) for one in value]
    return cuts.NEVER if value is None else value
