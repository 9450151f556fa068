"""Rankings: customers sorted by one number, of their past or of a model, and cut into bands."""

import json
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from clv.known import Floats, Known
from clv.language import tell
from clv.models import fit_from_json
from clv.schemes.axes import LESS_IS_BETTER, Name
from clv.schemes.contract import ISO_VALUE, Scheme
from clv.segmenting import bands, cuts
from clv.segmenting.rule import Placed, Rule, check_edges
from clv.spend import SpendFit

_FARTHEST = 36_500  # days that somebody may ask a model about
MOST_CURVES = 7  # iso-value curves; more lie too close to be told apart


@dataclass(frozen=True, eq=False)
class RankRule(Rule):
    """Edges of the bands, in the number that sorts."""

    edges: list[float]
    asked: Known | None = None  # the horizon and the fits that a model-based scheme asks; kept with the rule

    def __post_init__(self) -> None:
        if self.scheme.bands == ISO_VALUE:
            check_edges(self.edges, min(max(len(self.edges), 1), MOST_CURVES))
            if not 0 < self.edges[0] <= self.edges[-1] < cuts.NEVER:
                raise ValueError("the amounts are none")
        else:
            check_edges(self.edges, self.scheme.bands - 1)
        if self.scheme.needs_model and self.asked is None:
            raise ValueError("the model is missing")

    @cached_property
    def segments(self) -> list[Name]:
        """The bands, the best first; iso-value bands by their amounts."""
        is_money = self.scheme.bands == ISO_VALUE
        return _amount_names(self.edges) if is_money else bands.names(len(self.edges) + 1)

    @cached_property
    def codes(self) -> list[str]:
        """The numbers of the bands."""
        return bands.codes(len(self.edges) + 1)

    def place(self, known: Known) -> Placed:
        """Return the band of every customer and the number that sorts them."""
        score = _score(self.scheme, self._seen(known))
        band = bands.place(score, self.edges)
        return Placed(band, band, score)

    def numbers(self) -> dict[str, Any]:
        """Return the edges of the bands; and horizon and fits, where a model is asked."""
        if self.asked is None:
            return {"edges": self.edges}
        fit, spend_fit = self.asked.fit, self.asked.spend_fit
        kept = {"fit": json.loads(fit.to_json()), "spend": json.loads(spend_fit.to_json())}
        return {"edges": self.edges, "horizon": self.asked.horizon} | kept

    @classmethod
    def of(cls, scheme: Scheme, learned: dict[str, Any]) -> "RankRule":
        """Return the rule that `numbers` was taken from."""
        if not scheme.needs_model:
            return cls(scheme, **learned)
        if learned.keys() != {"edges", "horizon", "fit", "spend"} or type(learned["horizon"]) is not int:
            raise ValueError("horizon and fits are not what they should be")
        if not 0 < learned["horizon"] <= _FARTHEST:
            raise ValueError("the horizon is none")
        fits = fit_from_json(json.dumps(learned["fit"])), SpendFit.from_json(json.dumps(learned["spend"]))
        nobody = pd.DataFrame()
        return cls(scheme, learned["edges"], Known(nobody, horizon=learned["horizon"], given=fits))

    def _seen(self, known: Known) -> Known:
        """Return the customers as the kept model sees them."""
        if self.asked is None or known is self.asked:
            return known
        fits = (self.asked.fit, self.asked.spend_fit)
        return replace(known, horizon=self.asked.horizon, given=fits)


def learn(scheme: Scheme, known: Known) -> RankRule:
    """Return the rule with its edges learned from the customers of a day.

    Raises
    ------
    NoAnswerError, InputError
        The scheme asks a model that these customers do not carry.
    """
    score = _score(scheme, known)
    is_money = scheme.bands == ISO_VALUE
    edges = round_amounts(score) if is_money else bands.learn(score, scheme.bands)
    return RankRule(scheme, edges, known if scheme.needs_model else None)


def round_amounts(value: Floats, *, most: int = MOST_CURVES) -> list[float]:
    """Return at most `most` rising round amounts (1, 2, 5, 10, ...) that the values straddle."""
    seen = value[value > 0]
    if not len(seen):
        return [1.0]
    low, high = np.quantile(seen, [0.1, 0.99])
    powers = 10.0 ** np.arange(np.floor(np.log10(low)), np.ceil(np.log10(high)) + 1)
    steps = np.sort(np.concatenate([powers, 2 * powers, 5 * powers]))
    inside = steps[(steps > low) & (steps < high)]
    if not len(inside):
        return [float(f"{np.median(seen):.1g}")]
    return inside[-most:].tolist()  # below the lowest, customers are worth too little to be told apart


def _score(scheme: Scheme, known: Known) -> Floats:
    values = known.column(scheme.by)
    return -values if scheme.by in LESS_IS_BETTER else values


def _amount_names(edges: list[float]) -> list[Name]:
    amounts = [f"{edge:,.6g}" if edge < 1e6 else f"{edge:,.0f}" for edge in edges]
    inner = [Name(en=f"{low} to {high}", zh=f"{low}至{high}") for low, high in pairwise(amounts)]
    top = Name(en=tell("{last} or more", last=amounts[-1]), zh=f"{amounts[-1]}以上")
    return [top, *inner[::-1], Name(en=f"under {amounts[0]}", zh=f"{amounts[0]}以下")]
