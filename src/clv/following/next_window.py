"""Each customer's chance to buy in the next window of a festival."""

from datetime import date

import pandas as pd

from clv import customers, models, purchase_days
from clv.errors import NoAnswerError
from clv.following import festival_chance, windows
from clv.following.lists_tried import MODEL
from clv.language import tell


def chances(orders: pd.DataFrame, known: pd.DataFrame, *, festival: str, until: date) -> pd.DataFrame:
    """Return one row per customer, the likeliest first; see `clv.gift_buyers.chances`."""
    last = pd.Timestamp(until)
    coming = known[(known["name_zh"] == festival) & (known["from"] > last)].sort_values("from")
    if coming.empty:
        raise NoAnswerError(
            tell(
                "no window of {festival} opens after {until}; add it to the festivals' file.",
                festival=festival,
                until=until,
            )
        )
    window, people = coming.iloc[0], customers.summarise(orders, until=until)
    days = purchase_days.from_orders(orders, until=until)
    model = models.fit_by_name(MODEL, people).model
    seen = windows.seen(known, first=days["day"].min(), last=last)
    past = next((one for one in seen if one.name == festival), None)
    own = pd.DataFrame({"factor": 1.0, "years": 0}, index=people.index)
    own = own if past is None else festival_chance.own(past, days)[["factor", "years"]]
    factor = 1.0 if past is None else windows.factor(past, days["day"])
    ahead = (float((window["from"] - last).days - 1), float((window["to"] - last).days))
    chance = festival_chance.chance(people, model, ahead=ahead, factor=factor, own=own["factor"])
    found = chance.to_frame().join(own).assign(opens=window["from"], closes=window["to"])
    return found.sort_values("chance", ascending=False, kind="stable")
