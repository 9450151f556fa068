"""What a purchase later is worth today: discounted purchases over any window, to infinity included.

Money is discounted continuously, by the day: a yearly rate d gives delta = ln(1 + d) / 365 per day, so that
one unit in a year is worth 1 / (1 + d) now. With E(t) the expected purchases within t days and
F(t) = E(t) - E(s), the discounted purchases between s and e days from now are

    exp(-delta e) F(e) + delta * (integral from s to e of exp(-delta t) F(t))

(partial integration, so that no derivative of E is needed). E is smooth in log(1 + t / scale) for any
history, and exp(-delta t) ends the integral, so Gauss-Legendre nodes there give ten digits.
"""

import numpy as np
import pandas as pd
from scipy.special import expit

from clv.btyd.histories import Array, distinct, read
from clv.btyd.model import Model, non_negative
from clv.errors import SettingError
from clv.language import tell

YEAR = 365.0
# Nodes that give ten digits, for windows that end within so many days.
_RULES = {days: np.polynomial.legendre.leggauss(n) for days, n in ((750.0, 20), (4000.0, 32), (np.inf, 64))}
_NOTHING = 40.0  # exp(-40) of a purchase: here a window without end is cut
_ROWS = 20_000  # histories at once, with up to 64 nodes each


def daily_rate(yearly_discount: float) -> float:
    """Return delta = ln(1 + yearly rate) / 365, per day.

    Raises
    ------
    SettingError
        The rate is negative or no number.
    """
    rate = float(non_negative(yearly_discount, name="yearly_discount"))
    return float(np.log1p(rate)) / YEAR


def discounted_purchases(
    model: Model, customers: pd.DataFrame, *, start: float = 0.0, end: float = np.inf, yearly_discount: float
) -> pd.Series:
    """Return each customer's expected discounted purchases between `start` and `end` days from now.

    With `end` infinite and `start` 0 this is DERT of Fader, Hardie & Lee (2005, J. Marketing Research 42).

    Raises
    ------
    SettingError
        `start` or the rate is negative, `end` lies before `start`, or a window without end is not discounted.
    """
    delta = daily_rate(yearly_discount)
    window = _window(start, end, delta)
    history = read(customers)
    (x, T), where = distinct(history.x, history.T)
    parts = [
        _if_alive(model, x[i : i + _ROWS], T[i : i + _ROWS], window, delta) for i in range(0, len(x), _ROWS)
    ]
    found = expit(model.alive_odds(history)) * np.concatenate([np.zeros(0), *parts])[where]
    return pd.Series(found, index=customers.index, name="discounted_purchases")


def _window(start: float, end: float, delta: float) -> tuple[float, float]:
    start = float(non_negative(start, name="start"))
    if np.isinf(end):
        if delta == 0:
            raise SettingError(
                tell(
                    "yearly_discount is 0, and purchases for ever then have no finite value; give a rate "
                    "above 0, for example 0.10."
                )
            )
        return start, start + _NOTHING / delta
    if not end >= start:
        raise SettingError(
            tell(
                "the window ends ({end}) before it starts ({start}); days from now are meant.",
                end=end,
                start=start,
            )
        )
    return start, float(end)


def _if_alive(model: Model, x: Array, T: Array, window: tuple[float, float], delta: float) -> Array:
    start, end = window
    nodes, weights = next(rule for days, rule in _RULES.items() if end <= days)
    scale = _time_scale(model) + T
    low, high = np.log1p(start / scale), np.log1p(end / scale)
    half = (high - low) / 2
    y = low[:, None] + half[:, None] * (1 + nodes)
    t = scale[:, None] * np.expm1(y)
    times = np.column_stack([np.full((len(x), 1), start), t, np.full((len(x), 1), end)])
    n = times.shape[1]
    path = model.purchases_if_alive(np.repeat(x, n), np.repeat(T, n), times.ravel()).reshape(times.shape)
    since = path[:, 1:] - path[:, :1]
    area = half * ((since[:, :-1] * np.exp(-delta * t) * (t + scale[:, None])) @ weights)
    return np.maximum(np.exp(-delta * end) * since[:, -1] + delta * area, 0.0)


def _time_scale(model: Model) -> float:
    """Return the days within which the expectation of a new customer bends: alpha, or a shorter beta."""
    return min(model.parameters[name] for name in ("alpha", "beta") if name in model.parameters)
