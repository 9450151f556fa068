"""An offer, an audience and a day in words that customers may read, in English and Chinese."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from clv.language import tell
from clv.offering.contract import Bounds, Condition, Offer

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

# In English {} stands for the range; in Chinese for the range with its unit. Shares are in per cent.
_RULES: dict[str, tuple[str, str, str]] = {
    "days_since_last": ("last purchase {} days ago", "距最近一次购买{}", "天"),
    "orders": ("{} orders so far", "下过{}", "单"),
    "purchases": ("{} purchases so far", "购买过{}", "次"),
    "total_spend": ("spent {} in all", "累计消费{}", "元"),
    "mean_purchase": ("{} a purchase", "平均每次消费{}", "元"),
    "spend_rank": ("among the {} % who spent most", "消费额排在前{}", "%"),
    "age_days": ("first purchase {} days ago", "距首次购买{}", "天"),
    "p_alive": ("chance of still being a customer {} %", "估计仍是顾客的可能性{}", "%"),
    "festival_buyer": ("bought around {} in an earlier year", "往年在{}前后购买过", ""),
    "category": ("buys mostly {}", "主要购买{}", ""),
    "channel": ("buys mostly by {}", "主要在{}购买", ""),
    "to_next_tier": ("{} short of the next tier", "距下一等级还差{}", "元"),
    "tier": ("tier {}", "会员等级为{}", ""),
    "points": ("{} points", "积分{}", "分"),
    "days_to_points_expiry": ("points expire in {} days", "距积分到期{}", "天"),
    "days_to_birthday": ("birthday in {} days", "距生日{}", "天"),
}
_SHARES = ("spend_rank", "p_alive")


def offer(what: Offer, language: Language, *, currency: str) -> str:
    """Return what is offered, with its amounts, as a message names it.

    >>> belief = {"mean": 0.2, "sd": 0.2}
    >>> coupon = Offer(name="c", kind="coupon", amount=200, minimum_spend=1500, uplift=belief)
    >>> offer(coupon, "zh", currency="CNY"), offer(coupon, "en", currency="CNY")
    ('满1500减200元券', 'CNY 200 off an order of CNY 1,500 or more')
    """
    least, amount = what.minimum_spend, what.amount
    if language == "zh":
        unit = "元" if currency == "CNY" else currency
        if what.kind == "coupon":
            return f"满{least:g}减{amount:g}{unit}券" if least else f"{amount:g}{unit}券"
        if what.kind == "percent":
            cap = f"，最多减{what.at_most:g}{unit}" if what.at_most else ""
            return f"{_from(least, unit)}{(1 - what.share) * 10:.3g}折{cap}"
        return f"{_from(least, unit)}{what.words.zh}"
    if what.kind == "coupon":
        given = f"{currency} {amount:,g} off".strip()
        return (
            tell(
                "{given} an order of {currency} {least:,g} or more",
                given=given,
                currency=currency,
                least=least,
            )
            if least
            else tell("{given} an order", given=given)
        )
    if what.kind == "percent":
        cap = (
            tell(", at most {currency} {at_most:,g}", currency=currency, at_most=what.at_most)
            if what.at_most
            else ""
        )
        return f"{what.share:.0%} off{_with(least, currency)}{cap}"
    return f"{what.words.en}{_with(least, currency)}"


def day(when: date, language: Language) -> str:
    """Return a day as a message writes it.

    >>> day(date(2026, 7, 14), "zh"), day(date(2026, 7, 14), "en")
    ('7月14日', '14 July')
    """
    return f"{when.month}月{when.day}日" if language == "zh" else f"{when.day} {when:%B}"


def reason(audience: Mapping[str, Condition], language: Language) -> str:
    """Return the rule by which somebody is in the audience, in plain words that may be shown.

    Amounts are in money already; consent has a column of its own.

    >>> reason({"days_since_last": Bounds(min=181, max=270)}, "en")
    'for everybody with: last purchase 181 to 270 days ago'
    """
    known = {name: one for name, one in audience.items() if name in _RULES}
    if language == "zh":
        rules = [_RULES[name][1].format(_range_zh(name, one, _RULES[name][2])) for name, one in known.items()]
        return "适用于所有符合条件的顾客：" + "；".join(rules)
    said = [_RULES[name][0].format(_range_en(name, one)) for name, one in known.items()]
    return "for everybody with: " + "; ".join(one.replace("1 orders ", "1 order ") for one in said)


def _from(least: float | None, unit: str) -> str:
    return f"满{least:g}{unit}享" if least else ""


def _with(least: float | None, currency: str) -> str:
    return (
        tell(" with an order of {currency} {least:,g} or more", currency=currency, least=least)
        if least
        else ""
    )


def _range_zh(name: str, condition: Condition, unit: str) -> str:
    if isinstance(condition, list):
        return "、".join(condition)
    low, high = _ends(name, condition)
    if low == high or (name == "spend_rank" and not condition.min):
        return f"{high}{unit}"
    if low and high:
        return f"{low}至{high}{unit}"
    return f"{low}{unit}以上" if low else f"不超过{high}{unit}"


def _range_en(name: str, condition: Condition) -> str:
    if isinstance(condition, list):
        return ", ".join(condition)
    low, high = _ends(name, condition)
    if low == high or (name == "spend_rank" and not condition.min):
        return high
    if low and high:
        return f"{low} to {high}"
    return tell("{low} or more", low=low) if low else tell("at most {high}", high=high)


def _ends(name: str, condition: Bounds) -> tuple[str, str]:
    return _end(name, condition.min), _end(name, condition.max)


def _end(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value * 100:g}" if name in _SHARES else f"{value:,g}"
