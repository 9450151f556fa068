"""The notebook about all shops of a shop file: 09."""

from pydantic import Field

from clv.notebook_contracts.base import Days, OfAllShops, Rows


class Stores(OfAllShops):
    """09_stores: how do the shops compare?"""

    name = "09_stores"
    key_facts = (
        "stores.compared",
        "stores.facts_that_differ",
        "stores.changes_beyond_noise",
        "stores.moved_since",
    )
    facts = (
        "stores.compared",
        "stores.left_out",
        "stores.facts_compared",
        "stores.facts_that_differ",
        "stores.answer",
        "stores.changes",
        "stores.changes_beyond_noise",
        "stores.moved_since",
    )
    figures = (
        "second_order",
        "returning_share",
        "active",
        "one_time",
        "refund",
        "money_over_time",
        "new_customers_over_time",
        "second_order_over_time",
    )

    window_days: Days = Field(365, description="days back from the last day that count as the latest")
    quarters: int = Field(8, ge=2, le=60, description="how many quarters are shown")
    return_days: Days = Field(90, description="days within which a second order counts")
    active_days: Days = Field(90, description="days within which an order makes a customer active")
    top: Rows = Field(20, description="how many changes the lists show")
    seed: int = Field(20260630, ge=0, description="start of the random numbers")
