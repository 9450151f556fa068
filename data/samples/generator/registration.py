"""What a careful shop would have written down of a campaign before it was sent. All of it is invented."""

import json
from math import sqrt
from pathlib import Path
from statistics import NormalDist

import pandas as pd

from generator.campaigns import Past

MARGIN, CONTACT = 0.30, 0.06  # of the money, 0.35 less 0.05 commission; yuan per SMS
BASKET, OFF, LARGE, LEAST = 260.0, 20.0, 0.6, 150.0  # usual order; coupon, part of the orders it holds for
ANYWAY, WON = 0.07, 0.03  # part that buys anyway while answers count; buyers won per contact
VALID, DAYS, REDEEM, EARLIER = 30, 60, 0.9, 0.1  # half the days; who buys anyway redeems; only came earlier


def write(folder: Path, past: Past, arms: pd.DataFrame, *, shop: str) -> None:
    """Write the registration of a campaign whose arms are known; the same bytes every time."""
    send, control = (int((arms["arm"] == arm).sum()) for arm in ("send", "control"))
    low, expected, high = (round(send * _profit(won), -1) for won in (0.0, WON, 2 * WON))
    shown = {
        "campaign": past.name,
        "shop": shop,
        "playbook": "",
        "registered_at": "2026-03-11T10:00:00+08:00",
        "send_on": past.day.strftime("%Y-%m-%d"),
        "stops_on": past.until.strftime("%Y-%m-%d"),
        "primary": "gross profit per assigned customer",
        "secondary": ["buyers"],
        "send": send,
        "control": control,
        "control_share": round(control / (send + control), 3),
        "expected_effect": WON,
        "smallest_effect": round(_smallest(send, control), 4),
        "smallest_profit": None,
        "expected_profit": expected,
        "expected_profit_low": low,
        "expected_profit_high": high,
        "margin": MARGIN,
        "currency": "CNY",
        "offers": [_offer(past.offer)],
        "contact_costs": {"sms": CONTACT},
    }
    text = json.dumps(shown, ensure_ascii=False, indent=1) + "\n"
    (folder / f"registration-{past.name}.json").write_bytes(text.encode())


def _offer(name: str) -> dict[str, object]:
    """Return the coupon; its uplift on the log-odds is what takes 7 buyers in 100 to 10."""
    return {
        "name": name,
        "title": {"en": "20 yuan off your next order", "zh": "20元回店券"},
        "kind": "coupon",
        "amount": OFF,
        "minimum_spend": LEAST,
        "valid_days": VALID,
        "redeemed_anyway": REDEEM,
        "uplift": {"mean": 0.4, "sd": 0.2},
    }


def _profit(won: float) -> float:
    """Return what one contact earns: orders won, less coupons for them and for those who buy anyway."""
    orders = won * (1 - EARLIER) * BASKET * MARGIN
    coupons = OFF * LARGE * (won + ANYWAY * VALID / DAYS * REDEEM)
    return orders - coupons - CONTACT


def _smallest(send: int, control: int) -> float:
    """Return the smallest effect on buyers that the arms can tell: 5 % two-sided, power 80 %."""
    z = NormalDist().inv_cdf(0.975) + NormalDist().inv_cdf(0.8)
    found = 0.0
    for _ in range(50):  # each arm has a variance of its own, which hangs on what is looked for
        after = ANYWAY + found
        found = z * sqrt(ANYWAY * (1 - ANYWAY) / control + after * (1 - after) / send)
    return found
