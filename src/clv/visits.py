"""Visits: what was looked at and not bought, how many come back by themselves, and who never bought yet.

What a message after so many days would add, only a test with a control group can tell; what comes of a cart
without any message is counted here, and it is the part that a coupon would only be given away on.
"""

from clv.visiting.coming_back import DELAYS, came_back
from clv.visiting.coupons import first_basket, first_chance, first_coupon
from clv.visiting.left import STRENGTH, chances, left_lying

__all__ = [
    "DELAYS", "STRENGTH", "came_back", "chances", "first_basket", "first_chance", "first_coupon",
    "left_lying",
]  # fmt: skip
