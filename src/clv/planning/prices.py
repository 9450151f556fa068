"""Prices of budget and calls at which everybody, choosing freely, uses no more than there is.

The Lagrangian dual of the plan, with the segments' limits kept inside: a convex function of two prices, whose
minimum is the optimum of the linear programme (Geoffrion 1974, Math. Programming Study 2, 82-114; the inner
problem has whole solutions, so nothing is lost). Kelley's cutting planes (1960, J. SIAM 8, 703-712) find it:
HiGHS minimises the planes seen so far, one pass over all customers adds the plane at that point.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from clv.planning.contract import Floats
from clv.planning.problem import Problem, answer

_CLOSE = 1e-9  # of the bound: where the search for prices stops
_PLANES = 300  # more than a search has been seen to need
_RAISE = 100.0  # a ceiling that prices reach is raised by this
_HIGHEST = 1e15


@dataclass(frozen=True, eq=False)
class Plane:
    """What everybody's best choice at `prices` is worth and uses; it holds for all capacities."""

    prices: Floats
    worth: float
    use: Floats


@dataclass(frozen=True, eq=False)
class Prices:
    """The prices found.

    Attributes
    ----------
    prices
        Of budget and calls; the bound is the dual's value there.
    least
        The lowest that each of them alone can be among the best prices: what the next 1 of it earns.
    bound
        No plan earns more.
    planes
        All that were seen; a search with other capacities may start from them.
    shares
        One per plane, adding up to 1: choices at the planes, mixed so, use up what has a price.
    """

    prices: Floats
    least: Floats
    bound: float
    planes: tuple[Plane, ...]
    shares: Floats


def find(problem: Problem, *, planes: Sequence[Plane] = ()) -> Prices:
    """Return the best prices for the problem's capacities, beginning with planes that are known already."""
    search = _Search(problem, list(planes))
    shares = search.descend()
    best = search.best()
    lowest = np.array([search.lowest(k) for k in range(2)])
    known = tuple(search.planes)
    return Prices(
        best.prices, lowest, search.dual(best), known, np.pad(shares, (0, len(known) - len(shares)))
    )


class _Search:
    """The planes seen. Distances are measured from the best of them, so that digits are kept."""

    def __init__(self, problem: Problem, planes: list[Plane]) -> None:
        self.problem = problem
        self.planes = planes
        self.limited = np.isfinite(problem.capacity)
        self.capacity = np.where(self.limited, problem.capacity, 0.0)
        if not planes:
            self.look(np.zeros(2))

    def look(self, prices: Floats) -> Plane:
        found = answer(self.problem, prices)
        self.planes.append(Plane(prices, found.worth, found.use))
        return self.planes[-1]

    def dual(self, plane: Plane) -> float:
        return plane.worth + float(self.capacity @ plane.prices)

    def best(self) -> Plane:
        return min(self.planes, key=self.dual)

    def close(self) -> float:
        return max(_CLOSE * abs(self.dual(self.best())), 1e-12 * abs(self.planes[0].worth), 1e-100)

    def slopes(self) -> Floats:
        use = np.array([plane.use for plane in self.planes])
        return np.where(self.limited, self.capacity - use, 0.0)

    def heights(self, slopes: Floats, centre: Plane) -> Floats:
        """Return how high each plane lies over `centre`, from the dual's value there; at most 0."""
        away = centre.prices - np.array([plane.prices for plane in self.planes])
        return (
            np.array([self.dual(plane) for plane in self.planes])
            + (slopes * away).sum(axis=1)
            - self.dual(centre)
        )

    def descend(self) -> Floats:
        """Add planes until their minimum is the dual's; return the shares of the planes that meet there."""
        ceiling = np.where(self.limited, self.first_ceiling(), 0.0)
        width = max(abs(self.dual(self.best())), self.close())
        shares = np.ones(1)
        for _ in range(_PLANES):
            centre = self.best()
            prices, below, shares = self.lowest_point(centre, width, ceiling)
            if below > self.close() and not self.seen(prices):
                width = below
                self.look(prices)
            elif (at_top := self.limited & (prices > 0.99 * ceiling)).any() and ceiling.max() < _HIGHEST:
                ceiling = np.where(at_top, ceiling * _RAISE, ceiling)
            else:
                break
        return shares

    def first_ceiling(self) -> Floats:
        use = np.maximum(self.planes[0].use, self.capacity)
        return 10 * max(abs(self.planes[0].worth), 1.0) / np.where(use > 0, use, 1.0)

    def seen(self, prices: Floats) -> bool:
        return any(np.array_equal(plane.prices, prices) for plane in self.planes)

    def lowest_point(self, centre: Plane, width: float, ceiling: Floats) -> tuple[Floats, float, Floats]:
        """Return where the planes are lowest, how far below `centre` that is, and their shares there."""
        slopes = self.slopes()
        step = width / np.maximum(np.abs(slopes).max(axis=0), 1e-300)
        rows = np.column_stack([slopes * step / width, -np.ones(len(slopes))])
        found = linprog(
            [0, 0, 1],
            A_ub=rows,
            b_ub=-self.heights(slopes, centre) / width,
            bounds=[*zip(-centre.prices / step, (ceiling - centre.prices) / step, strict=True), (None, None)],
            method="highs",
        )
        if found.status:  # nothing lower can be told apart in floating point
            return centre.prices, 0.0, np.array([float(plane is centre) for plane in self.planes])
        prices = np.clip(centre.prices + found.x[:2] * step, 0, ceiling)
        return prices, -found.x[2] * width, -found.ineqlin.marginals

    def lowest(self, k: int) -> float:
        """Return the lowest price of the k-th capacity among all prices as good as the best."""
        if not self.limited[k] or self.best().prices[k] == 0:
            return 0.0
        found = self.best().prices
        for _ in range(_PLANES):
            prices = self.corner(k)
            if prices is None or self.seen(prices):
                break
            plane = self.look(prices)
            if self.dual(plane) <= self.dual(self.best()) + 2 * self.close():
                found = prices
                break
        return float(found[k])

    def corner(self, k: int) -> Floats | None:
        centre, width, slopes = self.best(), self.close(), self.slopes()
        step = width / np.maximum(np.abs(slopes).max(axis=0), 1e-300)
        top = [None if limited else 0.0 for limited in self.limited]
        found = linprog(
            np.eye(2)[k],
            A_ub=slopes * step / width,
            b_ub=1 - self.heights(slopes, centre) / width,
            bounds=list(zip(-centre.prices / step, top, strict=True)),
            method="highs",
        )
        return np.maximum(centre.prices + found.x * step, 0) if found.status == 0 else None
