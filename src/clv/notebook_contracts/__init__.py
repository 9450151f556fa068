"""One typed contract per notebook: its parameters, and the facts and figures that it must leave behind.

`facts` and `figures` are what `clv batch` requires of a run before it calls it good, `needs` the files of
a shop without which a notebook has nothing to say; a notebook that records something new adds its name here.
One module for notebooks that ask alike; `CONTRACTS` holds all of them, in their order.
"""

from clv.notebook_contracts.base import Notebook
from clv.notebook_contracts.campaigns import CampaignResults, RecallOffers
from clv.notebook_contracts.customers import Customers, LifetimeValue, Orders
from clv.notebook_contracts.schemes import RfmSchemes

__all__ = [
    "CONTRACTS", "CampaignResults", "Customers", "LifetimeValue", "Notebook", "Orders", "RecallOffers",
    "RfmSchemes",
]  # fmt: skip

CONTRACTS: dict[str, type[Notebook]] = {
    c.name: c for c in (Orders, Customers, LifetimeValue, RfmSchemes, RecallOffers, CampaignResults)
}
