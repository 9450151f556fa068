"""A campaign handed over: its lists, its call sheets, and the plan as a file for programs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from clv import pseudonyms, shop_campaign
from clv.decision import Decision
from clv.offering import options as offering
from clv.offering import words
from clv.offering.words import Language
from clv.parameters import RecallOffers
from clv.playbooks import Playbook
from clv.recalling import asked, said, sendlist
from clv.recalling.campaign import Campaign
from clv.sending import lists
from clv.shop import Shop
from clv.telling import call_sheets
from clv.telling.pages import write_whole
from clv.whole_files import OWNER_ONLY

LISTS, PLAN_FILE, SHEETS = "lists", "plan.json", "call-sheets.html"


def check(playbook: Playbook, shop: Shop, parameters: RecallOffers, language: Language) -> list[str]:
    """Return what should be known of the messages before anything is worked out.

    Raises
    ------
    SettingError
        A channel has no message, or one that may not be sent; the day of sending lies in the past.
    """
    terms = shop_campaign.terms(shop, parameters)
    basket = asked.usual_order(shop.orders(), until=terms.until)
    options = offering.options(playbook, basket=basket)
    return said.check(playbook, options, language, shop=shop.sign, currency=shop.currency)


def write(
    campaign: Campaign,
    playbook: Playbook,
    shop: Shop,
    parameters: RecallOffers,
    *,
    language: Language,
    folder: Path,
) -> list[Path]:
    """Write the lists of a campaign into a folder of their own, and return their paths."""
    name = shop_campaign.name(shop, playbook, parameters)
    table = sendlist.rows(
        campaign,
        name=name,
        shop=shop.sign,
        currency=shop.currency,
        language=language,
        secret=pseudonyms.local_secret(),
        members=shop.members(),
    )
    paths = lists.write(table, folder)
    calls = table[(table["channel"] == "phone") & (table["arm"] == "send")]
    if len(calls):
        paths.append(_sheets(campaign, calls, playbook, shop, language=language, folder=folder))
    return paths


def _sheets(
    campaign: Campaign,
    calls: pd.DataFrame,
    playbook: Playbook,
    shop: Shop,
    *,
    language: Language,
    folder: Path,
) -> Path:
    """Write one page for each customer to call, those first from whom most is expected."""
    place = campaign.people.customers.index.get_indexer(calls["customer_id"])
    worth = campaign.worth.value[place, campaign.chosen[place]]
    ranked = calls.iloc[np.argsort(-worth, kind="stable")]
    pages = call_sheets.html(
        ranked,
        title=getattr(playbook.question, language),
        shop=shop.name,
        history=_history(shop, ranked["customer_id"]),
        language=language,
    )
    path = folder / SHEETS
    write_whole(path, pages, mode=OWNER_ONLY)
    return path


def _history(shop: Shop, ids: pd.Series) -> dict[str, pd.DataFrame]:
    """Return each customer's purchases for call sheets; an order is called after its first product."""
    orders = shop.orders()
    bought = orders[orders["customer_id"].isin(ids)]
    titles = shop.lines().dropna(subset="title").drop_duplicates("order_id").set_index("order_id")["title"]
    history = pd.DataFrame(
        {
            "day": bought["paid_at"],
            "title": bought["order_id"].map(titles),
            "category": bought["category"],
            "money": bought["amount"].map(lambda money: f"{money:,.2f} {shop.currency}".strip()),
        }
    )
    return dict(iter(history.groupby(bought["customer_id"])))


def plan_of(
    campaign: Campaign,
    playbook: Playbook,
    shop: Shop,
    parameters: RecallOffers,
    *,
    decision: Decision,
    facts: Mapping[str, Any],
    language: Language,
) -> dict[str, Any]:
    """Return the plan as JSON can say it: what was declared, found and decided; nobody's id."""
    terms = campaign.terms
    return {
        "playbook": playbook.name,
        "title": playbook.title,
        "shop": shop.id,
        "campaign": shop_campaign.name(shop, playbook, parameters),
        "until": terms.until.isoformat(),
        "send_on": terms.send_on.isoformat(),
        "answers_until": terms.last_day.isoformat(),
        "currency": shop.currency,
        "language": language,
        "parameters": parameters.model_dump(mode="json", exclude={"shop_file"}),
        "usual_order": campaign.basket,
        "options": [
            _option(campaign, number, language, shop.currency) for number in range(len(campaign.options))
        ],
        "audience": campaign.audience.steps.to_dict("records"),
        "left_out": campaign.reachable.reasons.to_dict("records"),
        "control_share": playbook.control_share,
        "limits": {
            "budget": terms.budget,
            "calls": terms.calls,
            "least": dict(campaign.limits.least),
            "most": dict(campaign.limits.most),
        },
        "prices": {
            "budget": campaign.choice.budget_price,
            "call": campaign.choice.call_price,
            "segments": campaign.choice.segment_prices,
        },
        "gap": campaign.choice.gap,
        "decision": {"word": decision.word, "sentence": decision.sentence, "by": playbook.decide},
        "facts": dict(facts),
        "notes": list(campaign.notes),
    }


def save_plan(plan: Mapping[str, Any], path: Path) -> None:
    """Write the plan's file, whole or not at all."""
    write_whole(path, json.dumps(plan, ensure_ascii=False, indent=1) + "\n", mode=OWNER_ONLY)


def _option(campaign: Campaign, number: int, language: Language, currency: str) -> dict[str, Any]:
    option = campaign.options[number]
    mine = campaign.chosen == number
    value = campaign.worth.value[:, number]
    return {
        "offer": option.offer.name,
        "channel": option.channel,
        "kind": option.offer.kind,
        "words": words.offer(option.offer, language, currency=currency),
        "uplift": {"mean": option.uplift.mean, "sd": option.uplift.sd},
        "may_get": int(campaign.allowed[:, number].sum()),
        "send": int((mine & campaign.sent).sum()),
        "control": int((mine & ~campaign.sent).sum()),
        "expected_profit": float(value[mine & campaign.sent].sum()),
    }
