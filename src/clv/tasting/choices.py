"""Orders and lines → choices: what each customer chose on each purchase day, along every axis.

Several orders or lines of a day are one choice, the one with most money: whoever orders a ring twice within
an hour has not shown twice what they like. Gift orders are left out, for their account did not choose.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clv import jewellery
from clv.errors import NoAnswerError
from clv.language import tell
from clv.tasting import brands as brand_names

AXES = ("material", "category", "brand", "price", "channel")
FEWEST_SAID = 0.2  # of the purchase days must say something on an axis, or it is not known
_DAYS = 1_000_000  # more than any day's number
_ABSENT = {
    "material": "no title names a metal or a stone; an item export with titles would help",
    "category": "neither orders nor titles say a category; an item export with categories would help",
    "brand": "no title begins with 【brand】; the parameter brands can name those that occur in titles",
    "price": "no order has a price",
    "channel": "the orders do not say through which channel; an order export with channels would help",
}


@dataclass(frozen=True, eq=False)
class Choices:
    """What customers chose.

    Attributes
    ----------
    table
        One row per customer and purchase day, by customer and day: who (number of the customer),
        customer_id, day, material, category, brand, channel (texts, missing where nothing says it), price
        (of the dearest piece), price_of (that piece's category).
    unknown
        By axis, why it cannot be known; the others are known.
    titles
        What was read of the titles that there are, line by line; see `jewellery.counted`.
    gifts
        Gift orders that were left out.
    """

    table: pd.DataFrame
    unknown: dict[str, str]
    titles: pd.DataFrame
    gifts: int

    @property
    def axes(self) -> tuple[str, ...]:
        """The axes that are known."""
        return tuple(axis for axis in AXES if axis not in self.unknown)


def of(orders: pd.DataFrame, lines: pd.DataFrame | None = None, *, brands: Sequence[str] = ()) -> Choices:
    """Return the choices of an ORDERS table, and of the LINES table beside it.

    A category that is given stands; where none is, the title's kind takes its place.

    Raises
    ------
    NoAnswerError
        No order names a customer.
    """
    named = orders[orders["customer_id"].notna()]
    if named.empty:
        raise NoAnswerError(
            tell(
                "none of {orders:,} orders names its customer, so nobody's taste can be known; export "
                "the orders with the column that says who bought.",
                orders=len(orders),
            )
        )
    own = named[~named["is_gift"].astype(bool)]
    pieces, told = _pieces(own, lines, brands)
    days = pieces.drop_duplicates("at").set_index("at")[["who", "customer_id", "day"]]
    for axis in ("material", "category", "brand", "channel"):
        days[axis] = _main(pieces, axis).reindex(days.index)
    dearest = pieces.sort_values(["at", "price"], ascending=[True, False], kind="stable")
    dearest = dearest.drop_duplicates("at").set_index("at")
    days["price"], days["price_of"] = dearest["price"], dearest["category"]
    table = days.sort_values(["who", "day"], kind="stable").reset_index(drop=True)
    return Choices(table, _unknown(table), jewellery.counted(told), len(named) - len(own))


def categorised(orders: pd.DataFrame, lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ORDERS and LINES with the kind that titles name where no category is given.

    An order's is that with most money in it. What is given stands.
    """
    kind = _called(jewellery.read(lines["title"].astype("str"))["kind"], "kind")
    told = lines.assign(category=lines["category"].astype("str").fillna(kind))
    pieces = told[_paid_for(told["order_id"], told["amount"])].rename(
        columns={"order_id": "at", "amount": "money"}
    )
    main = _main(pieces, "category")
    given = orders["category"].astype("str")
    return orders.assign(category=given.fillna(orders["order_id"].map(main).astype("str"))), told


def _pieces(
    orders: pd.DataFrame, lines: pd.DataFrame | None, brands: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per line (per order where it has none), and what their titles say.

    Lines without money are left out beside such with money: what came free was not chosen. Only where no line
    of an order has money does the order's count.
    """
    columns = ["order_id", "title", "category", "quantity", "amount"]
    empty = pd.DataFrame(columns=columns).astype({"order_id": str, "title": str, "category": str})
    kept = (empty if lines is None or lines.empty else lines[columns]).add_prefix("line_")
    rows = orders.merge(kept, how="left", left_on="order_id", right_on="line_order_id")
    rows = rows[_paid_for(rows["order_id"], rows["line_amount"])]
    titles = rows["line_title"].astype("str")
    told = jewellery.read(titles)
    money = rows["line_amount"].astype(float).where(lambda m: m > 0, np.nan).fillna(rows["amount"])
    quantity = rows["line_quantity"].astype(float).where(lambda q: q >= 1, 1.0)
    day = rows["paid_at"].dt.normalize()
    given = rows["line_category"].astype("str").fillna(rows["category"].astype("str"))
    who = pd.factorize(rows["customer_id"], sort=True)[0]
    pieces = rows[["customer_id", "channel"]].assign(
        who=who,
        day=day,
        at=pd.factorize(who * _DAYS + (day - pd.Timestamp(0)).dt.days)[0],
        money=money,
        price=money / quantity,
        category=given.fillna(_called(told["kind"], "kind")),
        material=_called(told["stone"], "stone").fillna(_called(told["metal"], "metal")),
        brand=brand_names.read(titles, brands=brands),
    )
    return pieces, told[titles.notna()]


def _paid_for(order_id: pd.Series, amount: pd.Series) -> pd.Series:
    """Return which lines have money, or are of orders in which none has."""
    paid = amount.astype(float) > 0
    return paid | ~paid.groupby(order_id).transform("any").astype(bool)


def _called(told: pd.Series, axis: str) -> pd.Series:
    """Return the words of the dictionary in both languages: 'pearl 珍珠'."""
    both = {name: f"{name} {zh}" for name, zh in jewellery.names(axis).items()}
    return told.map(both).astype("str")


def _main(pieces: pd.DataFrame, axis: str) -> pd.Series:
    """Return for each `at` the value with most money; of equals the first in the alphabet."""
    said = pieces.loc[pieces[axis].notna(), ["at", axis, "money"]]
    money = said.groupby(["at", axis], as_index=False, observed=True)["money"].sum()
    ranked = money.sort_values(["at", "money", axis], ascending=[True, False, True], kind="stable")
    return ranked.drop_duplicates("at").set_index("at")[axis]


def _unknown(table: pd.DataFrame) -> dict[str, str]:
    found = {axis: _why(table[axis], axis) for axis in AXES}
    return {axis: why for axis, why in found.items() if why}


def _why(values: pd.Series, axis: str) -> str:
    said, different = values.notna().mean(), values.nunique()
    if not said:
        return _ABSENT[axis]
    if said < FEWEST_SAID:
        return tell(
            "only {said:.1%} of the purchase days say it, and {fewest_said:.0%} are needed",
            said=said,
            fewest_said=FEWEST_SAID,
        )
    return "" if different > 1 else "all purchase days say the same, so there is nothing to prefer"
