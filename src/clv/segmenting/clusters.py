"""k-means on the logarithms of the axes, with centroids that are learned once and then held."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.cluster.vq import kmeans, vq

from clv.errors import NoAnswerError
from clv.known import Floats, Known
from clv.language import tell
from clv.schemes.axes import Name
from clv.schemes.contract import Scheme
from clv.segmenting import cuts
from clv.segmenting.rule import Ints, Placed, Rule

_LEARNED_ON = 10_000  # customers; centroids hardly move with more
_FAR = 1e6  # of a logarithm in units of its spread; no customer stands there
_STARTS = 10
_SEED = 20260630  # the same customers give the same centroids


@dataclass(frozen=True, eq=False)
class ClusterRule(Rule):
    """Mean and spread that the logarithms are measured in, and the centroids, the best customers' first."""

    mean: list[float]
    spread: list[float]
    centroids: list[list[float]]

    def __post_init__(self) -> None:
        axes, found = len(self.scheme.axes), len(self.centroids)  # k-means may find fewer than were asked for
        given = [np.array(each, dtype=float) for each in (self.mean, self.spread, self.centroids)]
        if not all(np.isfinite(each).all() and (np.abs(each) < _FAR).all() for each in given):
            raise ValueError("a number is none")
        if not (given[1] > 0).all():
            raise ValueError("a spread is not above 0")
        shapes = [each.shape for each in given]
        if shapes != [(axes,), (axes,), (found, axes)] or not 0 < found <= self.scheme.clusters:
            raise ValueError("means, spreads and centroids do not fit the scheme")

    @cached_property
    def segments(self) -> list[Name]:
        """The clusters, the nearest, most frequent and richest centroid first."""
        return [Name(en=f"cluster {i + 1}", zh=f"第{i + 1}群") for i in range(len(self.centroids))]

    @cached_property
    def codes(self) -> list[str]:
        """The numbers of the clusters."""
        return [f"C{i + 1}" for i in range(len(self.centroids))]

    def place(self, known: Known) -> Placed:
        """Return the cluster whose centroid is nearest."""
        mean, spread, centroids = map(np.array, (self.mean, self.spread, self.centroids))
        nearest = _nearest((_logs(self.scheme, known) - mean) / spread, centroids)
        return Placed(nearest, nearest)

    def numbers(self) -> dict[str, Any]:
        """Return mean, spread and centroids."""
        return {"mean": self.mean, "spread": self.spread, "centroids": self.centroids}


def learn(scheme: Scheme, known: Known) -> ClusterRule:
    """Return the rule with its centroids learned from the customers of a day.

    Raises
    ------
    NoAnswerError
        There are fewer different customers than clusters.
    """
    # sorted: where customers stand in the file is nothing to the centroids
    logs = _logs(scheme, known)
    logs = logs[np.lexsort(logs.T)]
    mean, spread = logs.mean(axis=0), logs.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    points = (logs - mean) / spread
    points = points[:: max(len(points) // _LEARNED_ON, 1)]
    different = len(np.unique(points, axis=0))
    if different < scheme.clusters:
        raise NoAnswerError(
            tell(
                "{clusters} clusters need as many different customers; there are {different}. Ask for "
                "fewer clusters.",
                clusters=scheme.clusters,
                different=different,
            )
        )
    centroids, _ = kmeans(points, scheme.clusters, iter=_STARTS, rng=np.random.default_rng(_SEED))
    best_first = np.argsort(-centroids.sum(axis=1), kind="stable")
    return ClusterRule(scheme, mean.tolist(), spread.tolist(), centroids[best_first].tolist())


def _logs(scheme: Scheme, known: Known) -> Floats:
    """Return the logarithms of the axes, turned so that more is better (columns)."""
    logs = []
    for letter, axis in scheme.axes.items():
        values = cuts.turned(known, letter, axis)
        logs.append(np.sign(values) * np.log1p(np.abs(values)))
    return np.column_stack(logs)


def _nearest(points: Floats, centroids: Floats) -> Ints:
    return vq(points, centroids, check_finite=False)[0].astype(np.int64)
