"""Maximum likelihood with several starts, named limits and a spread: one search for all models."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from clv.btyd.charts import ALIKE, Chart, Face
from clv.btyd.fits import Fit
from clv.btyd.histories import Array, History, collapse
from clv.btyd.model import Model
from clv.btyd.newton import Climber, Peak, Surface
from clv.btyd.spread import spread_around
from clv.errors import NoAnswerError
from clv.language import tell

MakeSurface = Callable[[History, Array], Surface]

_FEW_ROWS = 6000  # more distinct rows than this: the starts are sorted out on every k-th of them
_UNNOTICED = 0.01  # log-likelihood by which a limiting model may fall short and still be the answer
_NEAR = 2.0  # a second optimum within this log-likelihood is worth a word
_WIDE = 1.0  # standard error of a coordinate (a logarithm) from which limits are tried
_FEW_RETURNERS = 10


def fit(
    customers: pd.DataFrame, kind: type[Model], make_surface: MakeSurface, *, rough: MakeSurface | None = None
) -> Fit:
    """Return the maximum-likelihood fit of the model `kind`.

    Parameters
    ----------
    customers
        `frequency`, `recency` and `T` of each customer; or the distinct rows of these, with a column
        `customers` that says how many have each. Both ways give the same fit.
    rough
        Makes a cheaper surface that sorts out the starts and tells how wide the top is; every peak is
        climbed on the exact one.

    Raises
    ------
    InputError
        A history breaks a rule, or `customers` holds no whole number from 1 on.
    NoAnswerError
        Fewer than two customers, or nobody ever came back.
    """
    with np.errstate(over="ignore", under="ignore"):  # far from the top a likelihood may be 0 or infinite
        return _fitted(customers, kind, make_surface, rough)


def _fitted(
    customers: pd.DataFrame, kind: type[Model], make_surface: MakeSurface, rough: MakeSurface | None
) -> Fit:
    rows, counts = collapse(customers)
    _refuse_hopeless(rows, counts, kind.title)
    chart: Chart = kind.chart
    low, high = chart.box(rows, counts)
    climber = Climber(_in_chart(make_surface(rows, counts), chart), low, high)
    peaks = _peaks(climber, chart, rows, counts, rough or (make_surface if _thin(counts) > 1 else None))
    best, face = _simplest(climber, chart, peaks[0])
    slopes, top = climber, best
    if rough is not None:
        slopes = climber._replace(surface=_in_chart(rough(rows, counts), chart))
        top = best._replace(height=slopes.surface(best.point)[0])
    spread, covariance = spread_around(slopes, top)
    model = kind(*map(float, np.exp(chart.logs(best.point))))
    names = list(model.parameters)
    jacobian = chart.jacobian(best.point)
    return Fit(
        name=kind.name,
        model=model,
        log_likelihood=float(best.height),
        covariance=pd.DataFrame(jacobian @ covariance @ jacobian.T, index=names, columns=names),
        limit=_sentence(face, best, model),
        warnings=_warnings(rows, counts, peaks, best, chart, names),
        n_customers=int(counts.sum()),
        spread=spread,
        rows=rows,
        counts=counts,
    )


def _refuse_hopeless(rows: History, counts: Array, title: str) -> None:
    n = f"{counts.sum():,.0f}"
    if counts.sum() < 2:
        raise NoAnswerError(
            tell(
                "{title} needs at least two customers to learn how customers differ, not {n}; use a "
                "longer or larger export.",
                title=title,
                n=n,
            )
        )
    if not rows.T.any():
        raise NoAnswerError(
            tell(
                "all {n} customers bought for the first time on the last day of observation, so nothing "
                "was observed after it; use a later last day.",
                n=n,
            )
        )
    if not rows.x.any():
        raise NoAnswerError(
            tell(
                "none of the {n} customers ever came back on another day, so nothing can be learned "
                "about repeat purchases; use a longer export.",
                n=n,
            )
        )


def _in_chart(surface: Surface, chart: Chart) -> Surface:
    def seen(point: Array) -> tuple[float, Array, Array]:
        value, slope, curve = surface(chart.logs(point))
        jacobian = chart.jacobian(point)
        return value, slope @ jacobian, jacobian.T @ curve @ jacobian + chart.bend(point, slope)

    return seen


def _thin(counts: Array) -> int:
    """Return k where the starts are sorted out on every k-th row."""
    return len(counts) // (_FEW_ROWS // 2) if len(counts) > _FEW_ROWS else 1


def _peaks(
    climber: Climber, chart: Chart, rows: History, counts: Array, rough: MakeSurface | None
) -> list[Peak]:
    """Return the distinct local maxima, highest first; a `rough` surface sorts out the starts."""
    starts = chart.starts(rows, counts)
    if rough is not None:
        part = slice(None, None, _thin(counts))
        small = rough(History(*(column[part] for column in rows)), counts[part])
        thinned = climber._replace(surface=_in_chart(small, chart))
        starts = [peak.point for peak in _distinct(thinned.climb_all(starts))]
    return _distinct(climber.climb_all(starts))


def _distinct(peaks: list[Peak]) -> list[Peak]:
    found: list[Peak] = []
    for peak in sorted(peaks, key=lambda p: -p.height):
        same_place = any(np.abs(peak.point - other.point).max() < 0.05 for other in found)
        same_height = any(abs(peak.height - other.height) < 1e-3 for other in found)
        if not (same_place or same_height):
            found.append(peak)
    return found


def _simplest(climber: Climber, chart: Chart, best: Peak) -> tuple[Peak, Face | None]:
    """Return the simplest limiting model that the data cannot tell from the best point, if any."""
    free = ~best.held
    if free.all() and np.linalg.eigvalsh(-best.curvature).min() > _WIDE**-2:
        return best, None
    for face in chart.faces:
        there = climber.climb(best.point, held=face.held)
        if there.height >= best.height - _UNNOTICED:
            return there, face
    return best, None


def _sentence(face: Face | None, best: Peak, model: Model) -> str | None:
    if face is not None:
        return tell(face.sentence, leave=_leaving(model), alike=ALIKE)
    if best.held.any():
        return tell(
            "The best parameters lie at the edge of what is plausible; the data are too few to say more."
        )
    return None


def _leaving(model: Model) -> str:
    """Return the mean chance of leaving as a per cent with three digits; '' where the model has none."""
    p = model.parameters
    return f"{100 * p['a'] / (p['a'] + p['b']):.3g} %" if "a" in p else ""


def _warnings(
    rows: History, counts: Array, peaks: list[Peak], best: Peak, chart: Chart, names: list[str]
) -> tuple[str, ...]:
    found = []
    returners = counts @ (rows.x > 0)
    if returners < _FEW_RETURNERS:
        found.append(
            tell(
                "Only {returners:.0f} of {counts:.0f} customers came back; the numbers are rough guesses.",
                returners=returners,
                counts=counts.sum(),
            )
        )
    found += [
        tell("A second set of parameters explains the data nearly as well (")
        + ", ".join(f"{n} {v:.3g}" for n, v in zip(names, np.exp(chart.logs(peak.point)), strict=True))
        + tell("; log-likelihood {height:.2f} lower).", height=best.height - peak.height)
        for peak in peaks[1:]
        if best.height - peak.height < _NEAR
    ]
    if not best.converged:
        found.append(tell("The search for the best parameters stopped before it had converged."))
    return tuple(found)
