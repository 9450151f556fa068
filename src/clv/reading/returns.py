"""Money paid back to named customers, from the units that were kept and from those that were left out."""

import numpy as np
import pandas as pd

from clv import tables
from clv.reading import losses, versions
from clv.reading.refunds import HALF_CENT

_NOBODYS = (versions.COPY, versions.OLDER, versions.NO_NUMBER)
_GONE = (losses.REFUNDED, losses.CLOSED_AFTER)


def of_units(units: pd.DataFrame) -> pd.DataFrame:
    """Return the RETURNS table of weighed units: one row per order, by time of payment.

    An order that was refunded, or closed after payment, without a word on how much, was paid back in whole. A
    returned line (negative money) without an order of its own to be set against stands at its own time.
    """
    paid_back = _paid_back(units)
    by = units.assign(back=paid_back)[paid_back > HALF_CENT].groupby("order_id", sort=False)
    found = pd.DataFrame({"paid_at": by["paid_at"].min(), "refunded": by["back"].sum()})
    who = units[~units["reason"].isin(_NOBODYS)].groupby("order_id", sort=False)["customer_id"].first()
    found = found.assign(customer_id=who.reindex(found.index)).dropna(subset=["customer_id", "paid_at"])
    ordered = found.sort_values(["paid_at", "customer_id", "refunded"], kind="stable")
    return tables.check(ordered[list(tables.RETURNS.columns)].reset_index(drop=True), tables.RETURNS)


def _paid_back(units: pd.DataFrame) -> pd.Series:
    """Return the money that went back with each unit; 0 where none did."""
    told = units["refunded"].where(units["refunded"] > HALF_CENT)
    whole = units["kept"].where(units["kept"] > HALF_CENT, units["gross"])
    gone, kept = units["reason"].isin(_GONE), units["reason"].isna()
    loose = units["reason"].eq(losses.NOT_POSITIVE) & (units["kept"] < 0) & ~units["tied"]
    return pd.Series(
        np.select([kept, gone, loose], [told.fillna(0.0), told.fillna(whole), -units["kept"]], 0.0),
        index=units.index,
    )
