"""Figures, one function each: a finished table first, the rest by name; the Axes comes back."""

from clv.plots.customers import concentration, ladder, recency_windows, repeat_gaps
from clv.plots.orders import money_waterfall, order_hours, orders_by_month, refunds_by_month
from clv.plots.returns import cohort_retention, second_order_curve
from clv.plots.values import (
    calibration,
    clv_deciles,
    expected_purchases,
    holdout_tracking,
    p_alive_matrix,
    p_buy_calibration,
    slipping_away,
)

__all__ = [
    "calibration",
    "clv_deciles",
    "cohort_retention",
    "concentration",
    "expected_purchases",
    "holdout_tracking",
    "ladder",
    "money_waterfall",
    "order_hours",
    "orders_by_month",
    "p_alive_matrix",
    "p_buy_calibration",
    "recency_windows",
    "refunds_by_month",
    "repeat_gaps",
    "second_order_curve",
    "slipping_away",
]
