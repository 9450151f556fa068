"""Gift orders: who they count for. The buyer whom an export names may be the one who was given something."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from clv.language import tell

LEFT_OUT = "gift: left out of customers"
RECIPIENT = "gift: the buyer named is its recipient"


@dataclass(frozen=True, eq=False)
class Gifts:
    """What becomes of gift orders.

    Attributes
    ----------
    how
        'keep': they count for the buyer named, where that is not the recipient. 'leave out': an order, but
        nobody's. 'to giver': as 'keep', but for the giver where one is known.
    givers
        Customer ids by order number, as the orders write both; for 'to giver'.
    """

    how: Literal["keep", "leave out", "to giver"] = "keep"
    givers: pd.Series | None = None


KEEP = Gifts()


def notes(rows: pd.DataFrame, gifts: Gifts) -> tuple[str, ...]:
    """Return a note on givers who are told of orders that are no gifts here.

    Parameters
    ----------
    rows
        order_id and is_gift per row of the export.
    """
    if gifts.givers is None:
        return ()
    there = set(rows.loc[rows["is_gift"], "order_id"])
    strange = int((~gifts.givers.index.isin(there)).sum())
    said = tell(
        "{strange:,} of {givers:,} givers are told of orders that are no gifts in this export.",
        strange=strange,
        givers=len(gifts.givers),
    )
    return (said,) if strange else ()


def buyer(
    customer_id: pd.Series,
    why: pd.Series,
    *,
    is_gift: pd.Series,
    order_id: pd.Series,
    recipient: bool,
    gifts: Gifts,
) -> dict[str, pd.Series]:
    """Return `customer_id` and `no_buyer` (why it is missing) with the gift orders settled, row by row.

    Parameters
    ----------
    customer_id, why
        The buyer named, and why there is none.
    recipient
        True where the platform names the one who was given the gift as its buyer.
    """
    hidden = is_gift & (recipient or gifts.how == "leave out")
    reason = LEFT_OUT if gifts.how == "leave out" else RECIPIENT
    named = customer_id.mask(hidden)
    if gifts.how == "to giver" and gifts.givers is not None:
        giver = order_id.map(gifts.givers).astype("str").where(is_gift)
        named = giver.fillna(named)
    told = hidden & customer_id.notna()  # who was named by nobody is nobody's for that reason
    return {"customer_id": named, "no_buyer": why.mask(told, reason).astype("str").where(named.isna())}
