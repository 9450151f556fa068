"""What `clv.stores` found, as tables and figures show it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from clv.comparing import words
from clv.comparing.differences import Comparison
from clv.comparing.store import Store
from clv.comparing.tabled import LATEST
from clv.language import tell
from clv.told import together

DAYS_APART = 31  # between last days, from which shops are of other times
GROUPS = {
    "How many": ("orders", "new_customers"),
    "How much money": ("money", "average_order"),
    "Who comes back": ("second_order", "active"),
    "Old and new": ("returning_share", "one_time"),
    "What the money stands on": ("refund", "gini", "known"),
}
_LONGER = 1.25  # times as many days seen, from which customers are of another age
_MOST_NAMED = 0.5  # share of orders that name the buyer, under which the others may be the most
_ALONE = ["value", "low", "high"]
_COMPARED = ["pooled", "pooled_low", "pooled_high", "rank_low", "rank_high"]


def shops(table: pd.DataFrame, stores: Mapping[str, Store]) -> pd.DataFrame:
    """Return which shops are compared and which days count, by their names."""
    mine = table[table["window"] == LATEST].drop_duplicates("shop")
    names = [stores[shop].name for shop in mine["shop"]]
    currencies = [stores[shop].currency or "not known" for shop in mine["shop"]]
    columns = {
        "id": mine["shop"],
        "from": mine["first_day"],
        "until": mine["last_day"],
        "seen_whole": mine["whole"],
    }
    found = pd.DataFrame(columns).assign(currency=currencies)
    return found.set_axis(pd.Index(names, name="shop"))


def wide(
    table: pd.DataFrame, stores: Mapping[str, Store], keys: Sequence[str], said: Mapping[str, str]
) -> pd.DataFrame:
    """Return facts of the latest days as text: index shop, one column per key, named by `said`."""
    mine = table[(table["window"] == LATEST) & table["fact"].isin(keys)]
    cells = [
        words.told(row.fact, row.value, row.low, row.high, currency=stores[row.shop].currency)
        for row in mine.itertuples()
    ]
    found = mine.assign(cell=cells).pivot(index="shop", columns="fact", values="cell")
    found = found.reindex(index=list(stores), columns=list(keys)).rename(columns=dict(said))
    names = pd.Index([stores[shop].name for shop in found.index], name="shop")
    return found.set_axis(names).rename_axis(columns=None)


def forest(
    table: pd.DataFrame, stores: Mapping[str, Store], found: Comparison, fact: str
) -> tuple[pd.DataFrame, float | None]:
    """Return one fact of all shops, as `plots.store_forest` takes it, and where another shop would lie.

    Highest first; pooled and its ends are missing where the fact was not compared; said holds the fact and
    the places that the shop may have.
    """
    mine = table[(table["window"] == LATEST) & (table["fact"] == fact)].set_index("shop")
    compared = found.shops[found.shops["fact"] == fact].set_index("shop")
    rows = mine[_ALONE].join(compared[_COMPARED], how="left").astype(float)
    rows = rows.sort_values(["pooled", "value"], ascending=False, kind="stable")
    rows["said"] = [
        _said(fact, row, len(compared), currency=stores[row.Index].currency) for row in rows.itertuples()
    ]
    rows.index = pd.Index([stores[shop].name for shop in rows.index], name="shop")
    return rows, float(found.facts.at[fact, "chain"]) if fact in found.facts.index else None


def _said(fact: str, row: Any, shops: int, *, currency: str) -> str:
    """Return the fact in words, and which place the shop may have."""
    if pd.isna(row.value):
        return "cannot be told"
    value = words.told(fact, row.value, row.low, row.high, currency=currency)
    if pd.isna(row.rank_low):
        return value
    low, high = int(row.rank_low), int(row.rank_high)
    return tell(
        "{value}\nplace {low}{part} of {shops}",
        value=value,
        low=low,
        part=f" to {high}" if high > low else "",
        shops=shops,
    )


def lanes(table: pd.DataFrame, stores: Mapping[str, Store], fact: str) -> pd.DataFrame:
    """Return one fact by quarter, as `plots.store_quarters` takes it."""
    mine = table[(table["window"] != LATEST) & (table["fact"] == fact)]
    names = mine["shop"].map({shop: store.name for shop, store in stores.items()})
    said = [
        words.told(fact, row.value, row.low, row.high, currency=stores[row.shop].currency)
        for row in mine.itertuples()
    ]
    found = mine.assign(shop=names, quarter=mine["window"], said=said)
    return found[["shop", "quarter", "whole", *_ALONE, "said"]]


def changed(found: pd.DataFrame, stores: Mapping[str, Store], said: Mapping[str, str]) -> pd.DataFrame:
    """Return changes between quarters as text: shop (id), fact, quarters, now, change."""
    cells = [
        {
            "shop": row.shop,
            "fact": said[row.fact],
            "quarters": f"{row.quarter_before} → {row.quarter}",
            "now": words.told(row.fact, row.now, np.nan, np.nan, currency=stores[row.shop].currency),
            "change": words.difference(row.fact, row.difference, row.low, row.high),
        }
        for row in found.itertuples()
    ]
    return pd.DataFrame(cells, columns=["shop", "fact", "quarters", "now", "change"])


def moved(found: pd.DataFrame, said: Mapping[str, str]) -> pd.DataFrame:
    """Return what changed since the last run as text: shop (id), fact, before_and_now, change."""
    cells = [
        {
            "shop": row.shop,
            "fact": said.get(row.fact) or row.name,
            "before_and_now": words.moved(row.before, row.now, row.unit),
            "change": words.change(row.difference, row.low, row.high, row.unit),
        }
        for row in found.itertuples(index=False)
    ]
    return pd.DataFrame(cells, columns=["shop", "fact", "before_and_now", "change"])


def not_alike(table: pd.DataFrame, stores: Mapping[str, Store]) -> list[str]:
    """Return what makes shops hard to compare: other days, days not seen, other currencies."""
    mine = table[table["window"] == LATEST].drop_duplicates("shop")
    ends = mine["last_day"]
    said = [words.money_sentence({shop: store.currency for shop, store in stores.items()})]
    if (ends.max() - ends.min()).days > DAYS_APART:
        said.append(
            tell(
                "The shops' last days lie between {ends} and {ends2}: a difference may be one of the "
                "times, not of the shops.",
                ends=ends.min().date(),
                ends2=ends.max().date(),
            )
        )
    days = {shop: (s.until - s.first).days for shop, s in stores.items()}
    least, most = min(days, key=days.get), max(days, key=days.get)
    if days[most] > _LONGER * days[least]:
        said.append(
            tell(
                "{name} has been seen for {days:,} days, {name2} for {days2:,}: where less was seen more "
                "customers look new, so shares of all customers so far and of returning money differ.",
                name=stores[least].name,
                days=days[least],
                name2=stores[most].name,
                days2=days[most],
            )
        )
    said += _few_named(table, stores)
    short = [stores[shop].name for shop in mine.loc[~mine["whole"], "shop"]]
    if short:
        said.append(
            tell("Of {listed} less was seen than the days that were asked for.", listed=together(short))
        )
    return [one for one in said if one]


def _few_named(table: pd.DataFrame, stores: Mapping[str, Store]) -> list[str]:
    """Return of which shops too few orders name the buyer to speak of all customers."""
    rows = table[(table["window"] == LATEST) & (table["fact"] == "known")]
    rows = rows[rows["value"] < _MOST_NAMED]
    names = [f"{stores[row.shop].name} ({row.value:.0%})".replace("%", " %") for row in rows.itertuples()]
    return [words.few_named(names)] if names else []


def headline(found: Comparison, said: Mapping[str, str]) -> str:
    """Return in how many facts shops can be told apart, and in which they cannot."""
    return words.headline(found, said)


def standings(found: Comparison, stores: Mapping[str, Store], said: Mapping[str, str]) -> list[str]:
    """Return, a sentence for each fact that was compared, which shops stand above which."""
    names = {shop: store.name for shop, store in stores.items()}
    return [words.standing(found, fact, words=said[fact], names=names) for fact in found.facts.index]


def tests(found: Comparison, said: Mapping[str, str]) -> pd.DataFrame:
    """Return whether each fact differs between shops: index fact; shops, by_chance, differ, another_shop."""
    facts = found.facts
    another = [words.told(row.Index, row.chain, row.chain_low, row.chain_high) for row in facts.itertuples()]
    by_chance = facts["p_value"].map(lambda p: "<0.1 %" if p < 0.001 else f"{p:.1%}".replace("%", " %"))
    table = pd.DataFrame({"shops": facts["shops"], "by_chance": by_chance, "differ": facts["differ"]})
    return table.assign(another_shop=another).set_axis(
        pd.Index([said[key] for key in facts.index], name="fact")
    )


def pairs(found: Comparison, said: Mapping[str, str]) -> pd.DataFrame:
    """Return the pairs that can be told apart as text, the clearest first: fact, shop, is_above, by."""
    rows = found.pairs[found.pairs["apart"]]
    clear = rows["difference"] / (rows["difference"] - rows["low"])
    rows = rows.loc[clear.sort_values(ascending=False, kind="stable").index]
    cells = [
        {
            "fact": said[row.fact],
            "shop": row.shop,
            "is_above": row.other,
            "by": words.difference(row.fact, row.difference, row.low, row.high),
        }
        for row in rows.itertuples()
    ]
    return pd.DataFrame(cells, columns=["fact", "shop", "is_above", "by"])
