"""Lists of customers for a festival, tried on windows of the past: how many of those on a list bought.

On the eve of a window each rule puts the customers in order and its first k are the list. The rules see
nothing of the window.
"""

import numpy as np
import pandas as pd

from clv import customers, models
from clv.errors import ClvError
from clv.following import festival_chance, windows
from clv.following.lists_compared import Eve

CHANCE, ANYWAY = "chance of the festival", "likely to buy anyway"
LAST_YEAR, RECENCY = "bought last year first", "latest purchase first"
RULES = (CHANCE, ANYWAY, LAST_YEAR, RECENCY)
MODEL = "mbgnbd"
_FEWEST = 10  # customers on a list, or it says nothing


def eves(
    orders: pd.DataFrame, days: pd.DataFrame, known: pd.DataFrame, *, last: pd.Timestamp, k: int, most: int
) -> list[Eve]:
    """Return the latest windows that had an earlier one, with the lists of each rule; the latest first.

    Windows that share days with a later one are passed over, for the same purchases would count twice.

    Parameters
    ----------
    orders, days
        ORDERS, and their purchase days.
    known
        The festivals' table.
    last
        The last day of observation.
    k, most
        Customers on a list, at most a tenth of all; windows at most.
    """
    pairs = [
        (one.name, row)
        for one in windows.seen(known, first=days["day"].min(), last=last)
        for _, row in one.table.iloc[1:].iterrows()
    ]
    latest = _apart(sorted(pairs, key=lambda pair: (pair[1]["from"], pair[0]), reverse=True))[:most]
    found = [_eve(orders, days, known, name, row, k=k) for name, row in latest]
    return [eve for eve in found if eve is not None]


def _apart(pairs: list[tuple[str, pd.Series]]) -> list[tuple[str, pd.Series]]:
    """Return the windows without those that share days with an earlier one of the list."""
    kept: list[tuple[str, pd.Series]] = []
    for name, row in pairs:
        if all(row["to"] < other["from"] or row["from"] > other["to"] for _, other in kept):
            kept.append((name, row))
    return kept


def _eve(
    orders: pd.DataFrame, days: pd.DataFrame, known: pd.DataFrame, name: str, window: pd.Series, *, k: int
) -> Eve | None:
    """Return a window with its lists; None where too few customers stood, or no model fits them."""
    eve = window["from"] - pd.Timedelta(days=1)
    before = days[days["day"] <= eve]
    one = next(o for o in windows.seen(known, first=days["day"].min(), last=eve) if o.name == name)
    people = customers.summarise(orders, until=eve.date())
    size = min(k, len(people) // 10)
    if size < _FEWEST:
        return None
    try:
        model = models.fit_by_name(MODEL, people).model
    except ClvError:
        return None
    mine, factor = festival_chance.own(one, before), windows.factor(one, before["day"])
    ahead = (0.0, float((window["to"] - eve).days))
    chance, anyway = (
        festival_chance.chance(people, model, ahead=ahead, factor=factor, own=own)
        for own in (mine["factor"], mine["factor"] * 0 + 1)
    )
    then = before[before["day"].between(one.table["from"].iloc[-1], one.table["to"].iloc[-1])]["customer_id"]
    days_ago = people["days_since_last"].to_numpy()
    first = {CHANCE: chance, ANYWAY: anyway, LAST_YEAR: people.index.isin(then), RECENCY: -days_ago}
    # of equals those who bought last, then by their pseudonym
    lists = {rule: np.lexsort((days_ago, -np.round(first[rule] * 1.0, 9)))[:size] for rule in RULES}
    inside = days[days["day"].between(window["from"], window["to"])]["customer_id"]
    return Eve(name, window["from"], people.index.isin(inside), float(chance.sum()), lists)
