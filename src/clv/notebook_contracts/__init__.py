"""One typed contract per notebook: its parameters, and the facts and figures that it must leave behind.

`facts` and `figures` are what `clv batch` requires of a run before it calls it good, `needs` the files of
a shop without which a notebook has nothing to say; a notebook that records something new adds its name here.
One module for notebooks that ask alike; `CONTRACTS` holds all of them, in their order.
"""

from clv.notebook_contracts.base import Contract, Notebook
from clv.notebook_contracts.campaigns import CampaignResults, RecallOffers
from clv.notebook_contracts.customers import Customers, LifetimeValue, Orders
from clv.notebook_contracts.membership import Membership
from clv.notebook_contracts.preferences import Preferences
from clv.notebook_contracts.schemes import RfmSchemes
from clv.notebook_contracts.stores import Stores

__all__ = [
    "CONTRACTS", "CampaignResults", "Contract", "Customers", "LifetimeValue", "Membership",
    "Notebook", "Orders", "Preferences", "RecallOffers", "RfmSchemes", "Stores",
]  # fmt: skip

CONTRACTS: dict[str, type[Contract]] = {
    c.name: c
    for c in (
        *(Orders, Customers, LifetimeValue, RfmSchemes, RecallOffers, CampaignResults, Membership),
        *(Preferences, Stores),
    )
}
