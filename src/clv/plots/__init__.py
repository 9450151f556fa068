"""Figures, one function each: a finished table first, the rest by name; the Axes comes back."""

from clv.plots.assumptions import pace_by_month
from clv.plots.checks import balance, funnel
from clv.plots.customers import concentration, ladder, recency_windows, repeat_gaps
from clv.plots.effects import segment_effects
from clv.plots.experiments import buyers_since, effect_over_days, planned_and_found
from clv.plots.growth import channel_values, decline_alarm, money_bridge
from clv.plots.identity import identity_levels
from clv.plots.next_orders import full_price, gateways, transitions
from clv.plots.offers import baseline_check, detectable, offer_chances
from clv.plots.orders import money_waterfall, order_hours, orders_by_month, refunds_by_month
from clv.plots.outcomes import profit_spread, tornado
from clv.plots.plans import fairness, profit_curve, who_gets_what
from clv.plots.points import breakage_check, buying_around_expiry, expiry_curve, points_balance
from clv.plots.preferences import campaign_matrix, kept_promises, next_order_rules, sure_and_unsure
from clv.plots.promises import due_calibration, festival_check
from clv.plots.ratios import best_found, return_ratios
from clv.plots.returns import cohort_retention, second_order_curve
from clv.plots.schemes import gain_curves, kept_labels, scheme_comparison
from clv.plots.season import festival_weeks, season_check, season_index
from clv.plots.segments import iso_value, migration, own_windows, segment_map
from clv.plots.stores import store_forest, store_quarters
from clv.plots.targeting import qini
from clv.plots.thresholds import approach, paid_card, placebo_thresholds
from clv.plots.tiers import threshold_scales, tier_migration, tier_shares, tier_sizes
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
    "approach",
    "balance",
    "baseline_check",
    "best_found",
    "breakage_check",
    "buyers_since",
    "buying_around_expiry",
    "calibration",
    "campaign_matrix",
    "channel_values",
    "clv_deciles",
    "cohort_retention",
    "concentration",
    "decline_alarm",
    "detectable",
    "due_calibration",
    "effect_over_days",
    "expected_purchases",
    "expiry_curve",
    "fairness",
    "festival_check",
    "festival_weeks",
    "full_price",
    "funnel",
    "gain_curves",
    "gateways",
    "holdout_tracking",
    "identity_levels",
    "iso_value",
    "kept_labels",
    "kept_promises",
    "ladder",
    "migration",
    "money_bridge",
    "money_waterfall",
    "next_order_rules",
    "offer_chances",
    "order_hours",
    "orders_by_month",
    "own_windows",
    "p_alive_matrix",
    "p_buy_calibration",
    "pace_by_month",
    "paid_card",
    "placebo_thresholds",
    "planned_and_found",
    "points_balance",
    "profit_curve",
    "profit_spread",
    "qini",
    "recency_windows",
    "refunds_by_month",
    "repeat_gaps",
    "return_ratios",
    "scheme_comparison",
    "season_check",
    "season_index",
    "second_order_curve",
    "segment_effects",
    "segment_map",
    "slipping_away",
    "store_forest",
    "store_quarters",
    "sure_and_unsure",
    "threshold_scales",
    "tier_migration",
    "tier_shares",
    "tier_sizes",
    "tornado",
    "transitions",
    "who_gets_what",
]
