"""CUPED: what is known of customers from before the campaign, taken off what they did after it.

    adjusted = y - (x - mean x) theta,    theta from the regression of y on x within the arms

(Deng, Xu, Kohavi & Walker 2013, WSDM; with several columns an analysis of covariance). The mean difference
stays what it was on average, as the arms were drawn by lot; its spread shrinks by the part of the variance
that the past foretells. For one-time buyers that is little.
"""

import numpy as np
from numpy.typing import NDArray

from clv.errors import InputError
from clv.language import tell

Floats = NDArray[np.float64]


def adjusted(y: Floats, x: Floats, *, sent: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Return y without what x foretells, and the part of the variance of the difference that this removes.

    Each arm counts with its own variance, as a small arm makes most of it, and every column of x costs a
    degree of freedom: else a few columns would foretell a few customers by chance. Where nothing is removed,
    y comes back as it is.

    Parameters
    ----------
    y
        What each customer did (n).
    x
        What was known before (n × columns); columns in which nobody differs are passed over.
    sent
        Who is in the send arm.

    Raises
    ------
    InputError
        A value of x is missing, or x has another number of rows.
    """
    if len(x) != len(y) or np.isnan(x).any():
        raise InputError(
            tell("what was known before the campaign should have one value per customer, none missing.")
        )
    within = np.where(sent[:, None], x - x[sent].mean(axis=0), x - x[~sent].mean(axis=0))
    left = np.where(sent, y - y[sent].mean(), y - y[~sent].mean())
    scale = within.std(axis=0)
    used = scale > 1e-12 * (1 + np.abs(x).max(axis=0))
    free = len(y) - 2 - int(used.sum())
    before = _variance(left, sent)
    if not used.any() or not before or free < 1:
        return y, 0.0
    theta = np.linalg.lstsq(within[:, used] / scale[used], left, rcond=None)[0]
    after = _variance(left - within[:, used] / scale[used] @ theta, sent) * (len(y) - 2) / free
    if after >= before:
        return y, 0.0
    foretold = (x[:, used] - x[:, used].mean(axis=0)) / scale[used] @ theta
    return y - foretold, 1 - after / before


def _variance(left: Floats, sent: NDArray[np.bool_]) -> float:
    """Return the variance of the difference of the arms' means, from what is left around them."""
    return float(np.mean(left[sent] ** 2) / sent.sum() + np.mean(left[~sent] ** 2) / (~sent).sum())
