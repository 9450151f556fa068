"""Iso-value curves: which customers are worth the same, by silence and by number of purchases.

Fader, Hardie & Lee (2005), J. Marketing Research 42, 415-430, figure 3: for customers of one age, the
expected value as a surface over recency and frequency, and the lines on which it is equal. They bend back:
of two customers who have been silent equally long, the one who used to come more often may be worth less.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv.known import Known
from clv.segmenting.rankings import round_amounts

_COLUMNS = 61
_LEAST = 0.02  # of the largest value; below it no line is drawn
_WIDTH = 0.15  # customers count as of one age when theirs lies so near, relatively, to the age of the surface


@dataclass(frozen=True, eq=False)
class IsoValue:
    """The surface and the customers that it is drawn for.

    Attributes
    ----------
    surface
        Wide: index purchases (purchase days, from 2), columns days since the last purchase; expected money
        within the horizon; missing where no customer can be.
    curves
        Amounts of the curves, rising.
    customers
        Repeat buyers of nearly this age: purchases, days_since_last.
    age
        Days since the first purchase that the surface is made for.
    """

    surface: pd.DataFrame
    curves: list[float]
    customers: pd.DataFrame
    age: int

    @property
    def bends_back(self) -> bool:
        """Whether somewhere more purchases mean less value: not where the model sees nobody leave."""
        return bool((self.surface.diff() < 0).any(axis=None))


def surface(known: Known, *, most: int = 15) -> IsoValue:
    """Return the expected value by silence and purchases, for the middle age of the repeat buyers.

    Parameters
    ----------
    most
        Purchases up to which the surface reaches.

    Raises
    ------
    NoAnswerError
        The models cannot be fitted to these customers.
    """
    again = known.customers[known.customers["frequency"] > 0]
    age = int(again["T"].median())
    near = again[(again["T"] - age).abs() <= _WIDTH * age]
    top = int(np.clip(near["frequency"].quantile(0.995), 3, most - 1))
    grid = _grid(known, age=age, top=top)
    points = pd.DataFrame({"purchases": near["frequency"] + 1, "days_since_last": near["days_since_last"]})
    curves = round_amounts(_worth_a_line(grid))
    return IsoValue(grid, curves, points[points["purchases"] <= top + 1], age)


def _worth_a_line(grid: pd.DataFrame) -> np.ndarray:
    """Return the amounts among which lines are chosen: near nothing, lines crowd and say nothing."""
    values = grid.to_numpy().ravel()
    return values[values > _LEAST * np.nanmax(values)]


def _grid(known: Known, *, age: int, top: int) -> pd.DataFrame:
    silence = np.unique(np.linspace(0, age - 1, _COLUMNS).round()).astype(int)
    index = pd.MultiIndex.from_product([range(1, top + 1), silence], names=["frequency", "silence"])
    cells = index.to_frame(index=False)
    cells = cells.assign(recency=age - cells["silence"], T=age)
    cells = cells[cells["recency"] >= cells["frequency"]]  # so many purchase days need so many days
    # everybody spends the shop's mean per purchase here, so that only timing tells customers apart
    money = known.spend_fit.model.expected_spend(known.customers).mean()
    value = known.fit.model.expected_purchases(cells, days=known.horizon) * money
    wide = cells.assign(value=value, purchases=cells["frequency"] + 1)
    return wide.pivot(index="purchases", columns="silence", values="value")
