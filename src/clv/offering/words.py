"""An offer, an audience and a day in words that customers may read, in English and Chinese."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from clv.offering.contract import Bounds, Condition, Offer

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_FIELDS_ZH = {
    "days_since_last": "距上次购买天数",
    "orders": "订单数",
    "purchases": "购买天数",
    "total_spend": "累计消费",
    "mean_purchase": "平均每次消费",
    "spend_rank": "消费排名（0为首位，1为末位）",
    "age_days": "距首次购买天数",
    "p_alive": "仍是顾客的概率",
    "festival_buyer": "往年在这些节日前后购买过",
    "category": "主要品类",
    "channel": "主要渠道",
    "to_next_tier": "距下一等级所差金额",
    "tier": "会员等级",
    "points": "积分",
    "days_to_points_expiry": "距积分到期天数",
    "days_to_birthday": "距生日天数",
    "consent_sms": "同意接收短信",
    "consent_wecom": "同意企业微信联系",
    "consent_phone": "同意电话联系",
    "consent_email": "同意接收邮件",
}
_FIELDS_EN = {
    "days_since_last": "days since the last purchase",
    "spend_rank": "place by total spend (0 first, 1 last)",
    "to_next_tier": "money missing to the next tier",
    "days_to_points_expiry": "days until points expire",
    "days_to_birthday": "days to the birthday",
    "p_alive": "chance of still being a customer",
}


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
        return f"{given} an order of {currency} {least:,g} or more" if least else f"{given} an order"
    if what.kind == "percent":
        cap = f", at most {currency} {what.at_most:,g}" if what.at_most else ""
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

    >>> reason({"days_since_last": Bounds(min=181, max=270)}, "en")
    'everybody with: days since the last purchase from 181 to 270'
    """
    if language == "zh":
        rules = [f"{_FIELDS_ZH[name]}{_condition_zh(one)}" for name, one in audience.items()]
        return "符合以下条件的所有顾客：" + "；".join(rules)
    names = {name: _FIELDS_EN.get(name, name.replace("_", " ")) for name in audience}
    rules = [f"{names[name]} {_condition_en(one)}".strip() for name, one in audience.items()]
    return "everybody with: " + "; ".join(rules)


def _from(least: float | None, unit: str) -> str:
    return f"满{least:g}{unit}享" if least else ""


def _with(least: float | None, currency: str) -> str:
    return f" with an order of {currency} {least:,g} or more" if least else ""


def _condition_zh(condition: Condition) -> str:
    if isinstance(condition, Bounds):
        if condition.min is None or condition.max is None:
            return f"至少{_end(condition.min)}" if condition.max is None else f"至多{_end(condition.max)}"
        return f"{_end(condition.min)}至{_end(condition.max)}"
    return f"：{'、'.join(condition)}" if isinstance(condition, list) else ""


def _condition_en(condition: Condition) -> str:
    if isinstance(condition, Bounds):
        if condition.min is None or condition.max is None:
            end = condition.min if condition.max is None else condition.max
            return f"at {'least' if condition.max is None else 'most'} {_end(end)}"
        return f"from {_end(condition.min)} to {_end(condition.max)}"
    return ", ".join(condition) if isinstance(condition, list) else ""


def _end(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:g}"
