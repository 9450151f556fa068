"""What a campaign is worked out from: the shop's tables, and what it can spend and earns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import pandas as pd

from clv.known import MODEL
from clv.ledger import Result


@dataclass(frozen=True, eq=False)
class Tables:
    """What the shop knows: ORDERS; where it has them MEMBERS, CONTACTS, RETURNS, past campaigns, etc."""

    orders: pd.DataFrame
    members: pd.DataFrame | None = None
    contacts: pd.DataFrame | None = None
    returns: pd.DataFrame | None = None
    past: pd.DataFrame | None = None
    tiers: Mapping[str, float] = field(default_factory=dict)
    ledger: Sequence[Result] = ()
    doubtful: Sequence[str] = ()  # past campaigns whose lists are not those that were registered
    festivals: pd.DataFrame | None = None  # windows, the shop's own among them; None: the kit's


@dataclass(frozen=True)
class Terms:
    """What the shop can spend and earns.

    Attributes
    ----------
    until, send_on
        Last day of observation; day of sending.
    window
        Days within which an order counts as an answer.
    budget, calls
        Money for contacts and what is given away; calls that the team can make. None: no bound.
    margin
        Gross margin after the platform's commission.
    contact_costs
        What one contact costs by channel, where it differs from the kit's.
    rest_days
        Days of peace after an order.
    model
        The model of purchases behind the chance to buy.
    currency
        What money is in; for words only.
    """

    until: date
    send_on: date
    window: int = 60
    budget: float | None = None
    calls: int | None = None
    margin: float = 0.3
    contact_costs: Mapping[str, float] = field(default_factory=dict)
    rest_days: int = 14
    model: str = MODEL
    currency: str = ""

    @property
    def last_day(self) -> date:
        """The last day on which an order counts as an answer."""
        return self.send_on + timedelta(days=self.window - 1)
