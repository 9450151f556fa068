"""What goes with coming back, and with not: the first order and the days after it, all factors at once.

Customers who have not come back count for as long as they were seen (`hazards`). Nothing here is a cause:
customers were not dealt their discounts by lot. A ratio says who returns more or less often, all else in the
table equal, and what the table lacks may be behind it.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import false_discovery_control, norm

from clv import hazards, purchase_days, survival
from clv.first_days import in_window
from clv.language import tell
from clv.told import each

Floats = NDArray[np.float64]

ENOUGH_RETURNS = 50
FOLLOWED = 365  # days after the first purchase day that are looked at
CANNOT_TELL = "cannot tell"
FALSE_SHARE = 0.10  # of the levels that are said to matter, how many may be chance
_CUTS = (0, 7, 14, 30, 60, 90, 120, 180, 270, FOLLOWED)
_MOST, _FEW = 6, 30  # levels told apart, and customers that a level needs
_UNKNOWN, _OTHERS, _MIDDLE = "unknown", "all others", "middle third"
_PLAIN = {"price": _MIDDLE, "discount": "none", "refund": "no", "festival": "no"}  # compared with, if there
_DISCOUNTS = ((0.0, "none"), (0.1, "up to 10 %"), (0.3, "10 to 30 %"), (np.inf, "over 30 %"))
_DELIVERY = ((2, "up to 2 days"), (5, "3 to 5 days"), (10, "6 to 10 days"), (np.inf, "over 10 days"))
_FACTORS = {
    "price": "price",  # money of the order, in its category
    "discount": "discount",
    "refund": "part paid back",
    "delivery": "delivery",
    "festival": "festival's window",
    "category": "category",
    "channel": "channel",
}


_COLUMNS = ["factor", "level", "compared_with", "customers", "came_back", "ratio", "low", "high"]
_NOTHING = pd.DataFrame(columns=[*_COLUMNS, "p_value", "q_value", "said"])


@dataclass(frozen=True, eq=False)
class Associations:
    """Hazard ratios of coming back.

    Attributes
    ----------
    table
        One row per level but the one of each factor that the others are compared with: factor, level,
        compared_with, customers, came_back, ratio (daily chance to return over that of the level compared
        with, all other factors equal), low, high (90 %), p_value, q_value (Benjamini & Hochberg 1995: were
        all levels up to here said to matter, this share of them would be chance; missing for 'unknown' and
        'all others'), said ('more often', 'less often', 'cannot tell'; told only where q_value is at most
        0.10). No rows where nothing can be told.
    customers, came_back
        Of how many it speaks.
    why_not
        Why nothing can be told; empty otherwise.
    """

    table: pd.DataFrame
    customers: int
    came_back: int
    why_not: str = ""

    @property
    def sentence(self) -> str:
        """How much of it is more than chance, in words."""
        if self.why_not:
            return self.why_not
        sure = self.table[self.table["said"] != CANNOT_TELL]
        if sure.empty:
            return tell("Nothing that is known of the first order goes with coming back by more than chance.")
        names = each("{factor}, {level} ({said})", sure)
        return tell(
            "Of the first order, this goes with coming back by more than chance: {names}.", names=names
        )


def associations(
    orders: pd.DataFrame,
    *,
    until: date | str | None = None,
    terms: pd.DataFrame | None = None,
    known: pd.DataFrame | None = None,
) -> Associations:
    """Return what goes with a second purchase day within a year of the first.

    Parameters
    ----------
    orders
        An ORDERS table.
    until
        Last day of observation; the day of the last order that names a customer when None.
    terms
        A TERMS table: list_amount, discount and delivered_on by order; discount and delivery are left out
        without it.
    known
        Festivals as `festivals.table` gives them; ours when None.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    """
    waits = purchase_days.from_orders(orders, until=until).query("step == 1").set_index("customer_id")
    waits = waits[waits["followed"] > 0]
    back = (waits["returned"] & (waits["gap"] <= FOLLOWED)).to_numpy()
    if back.sum() < ENOUGH_RETURNS:
        why = tell(
            "Only {back:,} customers came back within {followed} days; {enough_returns} are needed to ",
            back=back.sum(),
            followed=FOLLOWED,
            enough_returns=ENOUGH_RETURNS,
        )
        return Associations(
            _NOTHING, len(waits), int(back.sum()), tell("{why}tell what goes with it.", why=why)
        )
    levels = _told_apart(_levels(orders, waits.index, terms, known))
    if not len(levels.columns):
        why = tell("The first orders do not differ in anything that the export tells.")
        return Associations(_NOTHING, len(waits), int(back.sum()), why)
    ratio, error = hazards.fit(levels, waits["gap"].to_numpy(), back, cuts=_CUTS)
    return Associations(_table(levels, back, ratio, error), len(waits), int(back.sum()))


def _levels(
    orders: pd.DataFrame, people: pd.Index, terms: pd.DataFrame | None, known: pd.DataFrame | None
) -> pd.DataFrame:
    """Return the level of each factor of each customer's first order, as text."""
    named = orders.dropna(subset="customer_id").sort_values("paid_at", kind="stable")
    first = named.drop_duplicates("customer_id").set_index("customer_id").reindex(people)
    category = first["category"].astype("str").where(first["category"].notna(), _UNKNOWN)
    place = first["amount"].groupby(category).rank(pct=True)
    found = {
        "price": np.select([place <= 1 / 3, place > 2 / 3], ["lowest third", "highest third"], _MIDDLE),
        "refund": np.where(first["refunded"] > 0, "yes", "no"),
        "festival": np.where(in_window(first["paid_at"], known), "yes", "no"),
        "category": category.to_numpy(),
        "channel": first["channel"].astype("str").where(first["channel"].notna(), _UNKNOWN).to_numpy(),
    }
    if terms is not None:
        found |= _of_terms(first, terms)
    return pd.DataFrame(found, index=people)[[name for name in _FACTORS if name in found]]


def _of_terms(first: pd.DataFrame, terms: pd.DataFrame) -> dict[str, Floats]:
    mine = terms.drop_duplicates("order_id").set_index("order_id").reindex(first["order_id"])
    paid = first["amount"].to_numpy() + first["refunded"].to_numpy()
    listed = mine["list_amount"].fillna(pd.Series(paid + mine["discount"].to_numpy(), mine.index))
    off = (mine["discount"] / listed.where(listed > 0)).to_numpy(dtype=float)
    waited = (mine["delivered_on"].to_numpy() - first["paid_at"].dt.normalize().to_numpy()).astype("m8[D]")
    days = np.where(np.isnat(waited), np.nan, waited.astype(float))
    days[days < 0] = np.nan
    return {"discount": _band(off, _DISCOUNTS), "delivery": _band(days, _DELIVERY)}


def _band(value: Floats, bands: tuple[tuple[float, str], ...]) -> NDArray[np.str_]:
    ends, names = zip(*bands, strict=True)
    found = np.array(names)[np.searchsorted(ends, np.nan_to_num(value))]
    return np.where(np.isnan(value), _UNKNOWN, found)


def _told_apart(levels: pd.DataFrame) -> pd.DataFrame:
    """Return the factors with two levels or more, small and further levels joined; the plain level first."""
    found = {}
    for name, column in levels.items():
        counts = column.value_counts()
        kept = counts.index[counts >= _FEW][:_MOST]
        joined = column.where(column.isin(kept), _OTHERS)
        counts = joined.value_counts()
        if counts.get(_OTHERS, _FEW) < _FEW:  # too few even together: they go with the commonest
            joined = joined.where(joined != _OTHERS, counts.index[0])
        order = list(joined.value_counts().index)
        plain = _PLAIN.get(name, order[0])
        if len(order) > 1:
            found[name] = pd.Categorical(joined, sorted(order, key=lambda level, plain=plain: level != plain))
    return pd.DataFrame(found, index=levels.index)


def _table(levels: pd.DataFrame, back: NDArray[np.bool_], ratio: Floats, error: Floats) -> pd.DataFrame:
    z = norm.ppf((1 + survival.LEVEL) / 2)
    rows = []
    for name in levels:
        commonest, *others = levels[name].cat.categories
        for level in others:
            here = (levels[name] == level).to_numpy()
            row = {"factor": _FACTORS[name], "level": level, "compared_with": commonest}
            rows.append(row | {"customers": int(here.sum()), "came_back": int((here & back).sum())})
    table = pd.DataFrame(rows).assign(ratio=np.exp(ratio))
    table["low"], table["high"] = np.exp(ratio - z * error), np.exp(ratio + z * error)
    table["p_value"] = 2 * norm.sf(np.abs(ratio) / error)
    told = (table["level"] != _UNKNOWN) & (table["level"] != _OTHERS)
    table["q_value"] = np.nan
    if told.any():
        table.loc[told, "q_value"] = false_discovery_control(table.loc[told, "p_value"])
    sure = table["q_value"] <= FALSE_SHARE
    words = [sure & (table["ratio"] > 1), sure & (table["ratio"] < 1)]
    return table.assign(said=np.select(words, ["more often", "less often"], CANNOT_TELL))
