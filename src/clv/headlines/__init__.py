"""The answer of each notebook in one sentence, for somebody who reads nothing else.

It holds the one or two numbers that matter, and says so where the orders cannot tell. What shops that are
compared have to say is in `stores_shown.headline`.
"""

from clv.headlines.campaigns import campaign, recall
from clv.headlines.customers import customers, lifetime_value, orders
from clv.headlines.groups import membership, scheme, tastes

__all__ = ["campaign", "customers", "lifetime_value", "membership", "orders", "recall", "scheme", "tastes"]
