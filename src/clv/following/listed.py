"""What was taken off the list price of each order: from the export's own columns, or from its items."""

import numpy as np
import pandas as pd

from clv.language import tell

NOTHING = 0.005  # of the list price; less is rounding
_OVER = 0.9  # of the orders whose items must sum up to what was paid or more, to be list prices
_BELOW = 0.02  # of the orders that must have paid less, or the items carry what was paid
HELP = (
    "An order export with the list price or the discount of each order, or an item export with list prices, "
    "would tell."
)


def taken_off(
    orders: pd.DataFrame, lines: pd.DataFrame | None, terms: pd.DataFrame | None
) -> tuple[pd.Series, str]:
    """Return the share taken off each order (0 to 1, missing where unknown; as `orders`), and a sentence.

    Parameters
    ----------
    orders, lines, terms
        ORDERS, LINES and TERMS; lines and terms may be missing.
    """
    told = _of_terms(orders, terms)
    if told.notna().any():
        return told, tell(
            "The discounts of {notna:.1%} of the orders are from the order export.", notna=told.notna().mean()
        )
    paid, listed = orders["amount"] + orders["refunded"], _sums(orders, lines)
    ratio = (paid / listed).where(listed > 0)
    if ratio.notna().any():
        seen = ratio.dropna()
        if (seen < 1 - NOTHING).mean() >= _BELOW and (seen <= 1 + NOTHING).mean() >= _OVER:
            share = f"{ratio.notna().mean():.1%}"
            said = tell(
                "The discounts of {share} of the orders are from the list prices of their items.", share=share
            )
            return (1 - ratio).clip(lower=0.0), said
        why = "the items add up to what was paid, so they carry no list prices"
    else:
        why = "no item with a price stands beside the orders"
    unknown = pd.Series(np.nan, index=orders.index)
    return unknown, tell(
        "What was taken off cannot be known: the order export does not say it, and {why}. {help}",
        why=why,
        help=HELP,
    )


def _of_terms(orders: pd.DataFrame, terms: pd.DataFrame | None) -> pd.Series:
    if terms is None:
        return pd.Series(np.nan, index=orders.index)
    mine = terms.set_index("order_id").reindex(orders["order_id"]).set_axis(orders.index)
    paid, listed, off = orders["amount"] + orders["refunded"], mine["list_amount"], mine["discount"]
    off = off.fillna((listed - paid).clip(lower=0.0))
    whole = listed.fillna(paid + off)
    return (off / whole.where(whole > 0)).clip(0.0, 1.0)


def _sums(orders: pd.DataFrame, lines: pd.DataFrame | None) -> pd.Series:
    """Return the sum of each order's lines; missing where it is twice what was paid, and so on: copies."""
    if lines is None or lines.empty:
        return pd.Series(np.nan, index=orders.index)
    sums = lines.groupby("order_id")["amount"].sum().reindex(orders["order_id"]).set_axis(orders.index)
    times = sums / (orders["amount"] + orders["refunded"])
    copies = (times > 1.5) & ((times - times.round()).abs() < 1e-6)
    return sums.where(~copies)
