"""Figures, one function each: a finished table first, the rest by name; the Axes comes back."""

from clv.plots.checks import balance, funnel
from clv.plots.customers import concentration, ladder, recency_windows, repeat_gaps
from clv.plots.effects import segment_effects
from clv.plots.experiments import buyers_since, effect_over_days, planned_and_found
from clv.plots.offers import baseline_check, detectable, offer_chances
from clv.plots.orders import money_waterfall, order_hours, orders_by_month, refunds_by_month
from clv.plots.outcomes import profit_spread, tornado
from clv.plots.plans import fairness, profit_curve, who_gets_what
from clv.plots.returns import cohort_retention, second_order_curve
from clv.plots.schemes import gain_curves, kept_labels, scheme_comparison
from clv.plots.segments import iso_value, migration, own_windows, segment_map
from clv.plots.targeting import qini
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
    "balance",
    "baseline_check",
    "buyers_since",
    "calibration",
    "clv_deciles",
    "cohort_retention",
    "concentration",
    "detectable",
    "effect_over_days",
    "expected_purchases",
    "fairness",
    "funnel",
    "gain_curves",
    "holdout_tracking",
    "iso_value",
    "kept_labels",
    "ladder",
    "migration",
    "money_waterfall",
    "offer_chances",
    "order_hours",
    "orders_by_month",
    "own_windows",
    "p_alive_matrix",
    "p_buy_calibration",
    "planned_and_found",
    "profit_curve",
    "profit_spread",
    "qini",
    "recency_windows",
    "refunds_by_month",
    "repeat_gaps",
    "scheme_comparison",
    "second_order_curve",
    "segment_effects",
    "segment_map",
    "slipping_away",
    "tornado",
    "who_gets_what",
]
