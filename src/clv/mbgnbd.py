"""MBG/NBD (Batislam, Denizel & Filiztekin 2007): a customer may leave after any purchase, even the first."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pandas as pd

from clv.btyd import search
from clv.btyd.beta_geometric import BetaGeometric
from clv.btyd.beta_geometric_surface import Surface
from clv.btyd.fits import Fit


@dataclass(frozen=True)
class MBGNBD(BetaGeometric):
    """Rates Gamma(r, alpha) per day, drop-out chances Beta(a, b) after each purchase, the first included.

    Source: Batislam, Denizel & Filiztekin (2007), Empirical validation and comparison of models for customer
    base analysis, Int. J. of Research in Marketing 24 (3); Wagner & Hoppe (2008) for the expectation.
    """

    name: ClassVar[str] = "mbgnbd"
    title: ClassVar[str] = "MBG/NBD"
    first_chance: ClassVar[int] = 1


surface = partial(Surface, first_chance=MBGNBD.first_chance)  # of histories and counts


def fit(customers: pd.DataFrame) -> Fit:
    """Return the maximum-likelihood MBG/NBD of these customers (as `clv.btyd.search.fit` says)."""
    return search.fit(customers, MBGNBD, surface)
