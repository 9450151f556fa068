"""Readiness: which answers a shop's files carry, and which file would unlock the others.

What the kit can answer stands in answers.yml; what a shop has is looked up in its entry and its tables.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from operator import methodcaller

import pandas as pd
import yaml

from clv.errors import ClvError, NotNowError
from clv.language import label, tell, translated
from clv.shop import Shop
from clv.told import together

_MEMBERS = "{share:.0%} of {all:,} members"
_MEMBERS_WHO_BOUGHT = "{share:.0%} of {all:,} members, {met:.0%} of whom have bought"
# what is needed: (key of the shop file, what to put there)
NEEDS = {
    "category": ("orders or items", "a column category, or the item export beside the orders"),
    "titles": ("items", "the item export beside the orders, or a column title"),
    "channel": ("orders", "a column channel: where the order was placed"),
    "discount": ("orders", "a column list_amount or taken_off: the price before anything was taken off"),
    "delivery": ("orders", "a column delivered_at: when the order arrived"),
    "gifts": ("orders", "a column gift, and gifts: leave out or to giver"),
    "consent": ("members", "consent_sms, consent_wecom, consent_phone or consent_email: yes or no"),
    "birthday": ("members", "birthday: month and day"),
    "gender": ("members", "gender: female or male; birthdays with a year give the decade"),
    "tiers": ("membership or tiers", "rules of the tiers, or their names and thresholds"),
    "tier_on_file": ("members", "tier: as the shop's system has it"),
    "points_on_file": ("members", "points and points_expire_on"),
    "points": ("points", "one row per change of points: customer_id, at, points, expires_on"),
    "visits": ("visits", "one row per visit: customer_id, at, kind, sku or category"),
    "contacts": ("contacts", "who was sent what, who opted out or complained"),
    "past_campaigns": ("past_campaigns", "the list of a campaign with its arms, as `clv play` writes it"),
    "registrations": ("registrations", "the registration that `clv play` writes beside each list"),
    "ledger": ("ledger", "one file; `clv learn` makes it"),
    "channels": ("also or links", "the exports of the shop's other systems, and who is who in them"),
    "price_index": ("price_index", "a file of days and prices, or a column price_index in the orders"),
    "festivals": ("festivals", "a file of windows: name, from, to"),
    "schemes": ("schemes", "a segmentation of your own; CONTRIBUTING.md says how"),
    "shops": ("a second shop", "another entry in the shop file"),
}


@dataclass(frozen=True)
class Answer:
    """Something the kit answers: in words, where, and which of `NEEDS` it takes."""

    answer: str
    where: str
    needs: tuple[str, ...]


@cache
def answers() -> tuple[Answer, ...]:
    """Return everything that takes more than orders with a customer in them."""
    text = (files("clv") / "answers.yml").read_text(encoding="utf-8")
    return tuple(Answer(one["answer"], one["where"], tuple(one["needs"])) for one in yaml.safe_load(text))


def table(has: Mapping[str, str]) -> pd.DataFrame:
    """Return one row per answer, those that the shop has first.

    Parameters
    ----------
    has
        What of `NEEDS` the shop has: need → how much, in words; empty where it is not there.

    Returns
    -------
    answer, where, ready (bool), with_what (words), lacking (file: what to put there; empty where ready).
    """
    rows = [_row(one, has) for one in answers()]
    found = pd.DataFrame(rows, columns=["answer", "where", "ready", "with_what", "lacking"])
    return found.sort_values("ready", ascending=False, kind="stable", ignore_index=True)


def _row(one: Answer, has: Mapping[str, str]) -> tuple[str, str, bool, str, str]:
    missing = [need for need in one.needs if not has.get(need)]
    there = [(label(need.replace("_", " ")), translated(has[need])) for need in one.needs if has.get(need)]
    lacking = [(NEEDS[need][0], tell(NEEDS[need][1])) for need in missing]  # the key as the shop file has it
    return one.answer, one.where, not missing, _listed(there), _listed(lacking)


def _listed(pairs: Iterable[tuple[str, str]]) -> str:
    return tell("; ").join(key + tell(": ") + what for key, what in pairs)


def of(shop: Shop) -> dict[str, str]:
    """Return what of `NEEDS` a shop has, and how much of it, in words; empty where it is not there.

    A file that cannot be read is told as that, in the words of its error.
    """
    return {
        **_in_orders(shop),
        **_in_members(shop),
        **{key: _rows(shop, key) for key in ("points", "visits", "contacts", "past_campaigns")},
        **_in_the_entry(shop),
    }


# how each file beside the orders is looked at: the readers of the shop, as errors are told in their words
_TRIED: dict[str, Callable[[Shop], object]] = {
    **{
        key: methodcaller(key)
        for key in (
            "members", "points", "visits", "contacts", "past_campaigns", "membership", "festivals", "schemes",
            "ledger", "links",
        )
    },
    "price_index": methodcaller("orders_at_todays_prices"),
    "registrations": methodcaller("registration", ""),
}  # fmt: skip


def unreadable(shop: Shop) -> dict[str, str]:
    """Return the files beside the orders that cannot be read, and why, in one sentence each."""
    return {key: said for key in _TRIED if (said := _wrong(shop, key))}


def _wrong(shop: Shop, key: str) -> str:
    try:
        _TRIED[key](shop)
    except NotNowError:  # nothing is wrong with the file
        raise
    except ClvError as error:
        return str(error)
    return ""


def _in_orders(shop: Shop) -> dict[str, str]:
    orders, lines, terms = shop.orders(), shop.lines(), shop.terms()
    return {
        "category": _of_orders(orders["category"].notna()),
        "titles": _of_orders(orders["order_id"].isin(lines.loc[lines["title"].notna(), "order_id"])),
        "channel": _of_orders(orders["channel"].notna()),
        "discount": _of_orders(terms["discount"].notna()),
        "delivery": _of_orders(terms["delivered_on"].notna()),
        "gifts": tell("{is_gift:,} gift orders", is_gift=int(orders["is_gift"].sum()))
        if orders["is_gift"].any()
        else "",
    }


def _in_members(shop: Shop) -> dict[str, str]:
    members = None if _wrong(shop, "members") else shop.members()
    if members is None:
        return dict.fromkeys(("consent", "birthday", "gender", "tier_on_file", "points_on_file"), "")
    met = members.index.isin(shop.orders()["customer_id"].dropna()).mean() if len(members) else 0.0
    consents = members.filter(like="consent_").drop(columns="consent_basis", errors="ignore")
    agreed = consents.fillna(value=False).any(axis=1) if len(consents.columns) else pd.Series(dtype=bool)
    said = {
        "consent": _share(agreed, _MEMBERS_WHO_BOUGHT, met=met),
        **{name: _filled(members, name) for name in ("birthday", "gender")},
        "tier_on_file": _filled(members, "tier"),
        "points_on_file": _filled(members, "points_expire_on") and _filled(members, "points"),
    }
    return said


def _filled(members: pd.DataFrame, name: str) -> str:
    return _share(members[name].notna(), _MEMBERS) if name in members else ""


def _of_orders(there: pd.Series) -> str:
    return _share(there, "{share:.0%} of {all:,} orders")


def _share(there: pd.Series, words: str, **more: float) -> str:
    if not (len(there) and there.any()):
        return ""
    return tell(words, share=there.mean(), all=len(there), **more)


def _rows(shop: Shop, key: str) -> str:
    found = None if _wrong(shop, key) else getattr(shop, key)()
    return tell("{rows:,} rows", rows=len(found)) if found is not None and len(found) else ""


def _in_the_entry(shop: Shop) -> dict[str, str]:
    entry, index = shop.file.entry(shop.id), shop.terms()["price_index"].notna()
    systems = tell("{number} systems", number=1 + len(entry.also)) if entry.also else ""
    thresholds = tell("{number} tiers", number=len(entry.tiers)) if entry.tiers else ""
    others = len(shop.file.shops)
    named = {key: "" if _wrong(shop, key) else "named" for key in _TRIED if getattr(entry, key, None)}
    linked = "a file of links" if named.get("links") else ""
    return {
        "tiers": "rules of its own" if named.get("membership") else thresholds,
        "channels": together(filter(None, [systems, linked])) if systems or linked else "",
        "price_index": named.get("price_index") or _of_orders(index),
        **{key: named.get(key, "") for key in ("registrations", "ledger", "festivals", "schemes")},
        "shops": tell("{number} shops", number=others) if others > 1 else "",
    }
