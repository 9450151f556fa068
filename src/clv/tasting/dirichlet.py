"""Dirichlet-multinomial tastes: each customer's shares come from a Dirichlet around the shop's shares.

With shares s and concentration c, after counts n the next choice is value k with the chance
(c s_k + n_k) / (c + n): a posterior mean (Minka 2000, "Estimating a Dirichlet distribution"). The product of
these chances over a customer's choices, one after the other, is the Dirichlet-multinomial likelihood, and so
it is computed here; choices that fade with age then need no other formula.
"""

import numpy as np
import pandas as pd
from scipy import optimize, special

from clv.tasting.histories import Floats, State
from clv.tasting.scales import Ints

BOUNDS = (
    0.05,
    10_000.0,
)  # of the concentration: below, all keep to their first choice; above, tastes are alike
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_AT_ONCE = 20_000  # rows whose integrals are held at once


def chances(counts: Floats, shares: Floats, concentration: float) -> Floats:
    """Return the chance of each value for the next choice (customers × values)."""
    alpha = concentration * shares + counts
    return alpha / alpha.sum(axis=1, keepdims=True)


def concentration(state: State, chosen: Ints, shares: Floats) -> tuple[float, float]:
    """Return the concentration under which the choices `chosen`, made in `state`, are likeliest; and its log.

    The choices that each customer made first say nothing of it and need not be among them.
    """
    own, all_ = state.counts[np.arange(len(chosen)), chosen], state.counts.sum(axis=1)
    share = shares[chosen]

    def loss(log: float) -> float:
        c = np.exp(log)
        return -float(np.log((c * share + own) / (c + all_)).sum())

    best = optimize.minimize_scalar(loss, bounds=tuple(np.log(BOUNDS)), method="bounded")
    return float(np.exp(best.x)), -float(best.fun)


def share_ends(alpha: Floats, which: Ints) -> tuple[Floats, Floats]:
    """Return the 5 and 95 % bounds of the customer's share of the value `which`: a beta's."""
    a = alpha[np.arange(len(which)), which]
    rest = alpha.sum(axis=1) - a
    low, high = (special.betaincinv(a, np.maximum(rest, 1e-12), at) for at in (0.05, 0.95))
    return low, high


def favourite(counts: Floats, prior: Floats, which: Ints) -> Floats:
    """Return the chance that the value `which` has the largest share, of the columns of `counts`.

    Shares are gammas over their sum, so it is the chance that one gamma is the largest: the integral of the
    product of the others' distribution functions, by Gauss-Legendre over the first one's quantiles.

    Parameters
    ----------
    counts
        Customers × values; faded counts are rounded to tenths, so that customers alike are reckoned once.
    prior
        Concentration times share of each value.
    """
    frame = pd.DataFrame(counts.round(1)).assign(which=which)
    alike = frame.groupby(list(frame.columns), sort=False).ngroup().to_numpy()
    each = frame.drop_duplicates()
    alpha, value = each.drop(columns="which").to_numpy() + prior, each["which"].to_numpy()
    parts = range(0, len(value), _AT_ONCE)
    found = [_largest(alpha[at : at + _AT_ONCE], value[at : at + _AT_ONCE]) for at in parts]
    return np.concatenate(found)[alike] if found else np.zeros(0)


def _largest(alpha: Floats, which: Ints) -> Floats:
    rows = np.arange(len(which))
    u, weight = (_NODES + 1) / 2, _WEIGHTS / 2
    x = special.gammaincinv(alpha[rows, which][:, None], u)
    product = np.ones_like(x)
    for column in range(alpha.shape[1]):
        below = special.gammainc(alpha[:, column][:, None], x)
        product *= np.where((which == column)[:, None], 1.0, below)
    return (product * weight).sum(axis=1).clip(0.0, 1.0)
