"""BG/NBD (Fader, Hardie & Lee 2005): a customer may leave after each repeat purchase."""

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import pandas as pd

from clv.btyd import search
from clv.btyd.beta_geometric import BetaGeometric
from clv.btyd.beta_geometric_surface import Surface
from clv.btyd.fits import Fit


@dataclass(frozen=True)
class BGNBD(BetaGeometric):
    """Rates Gamma(r, alpha) per day, drop-out chances Beta(a, b) after each repeat purchase.

    Nobody leaves before the first repeat purchase, so P(alive) = 1 for every one-time buyer.

    Source: Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24 (2).
    """

    name: ClassVar[str] = "bgnbd"
    title: ClassVar[str] = "BG/NBD"
    first_chance: ClassVar[int] = 0


surface = partial(Surface, first_chance=BGNBD.first_chance)  # of histories and counts


def fit(customers: pd.DataFrame) -> Fit:
    """Return the maximum-likelihood BG/NBD of these customers (as `clv.btyd.search.fit` says)."""
    return search.fit(customers, BGNBD, surface)
