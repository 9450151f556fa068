"""The page of a registration: what a campaign is meant to show, settled before anything is sent."""

import pandas as pd

from clv.language import tell
from clv.telling import tables_html
from clv.telling.pages import render

_POINTS = "{:.2f}".format
_SHOWN = {"control_share": "left_alone", "smallest": "buyers", "smallest_profit": "profit"}


def html(
    settled: pd.DataFrame,
    shares: pd.DataFrame,
    lengths: pd.DataFrame,
    *,
    advice: str,
    title: str,
    shop: str,
    made_at: str,
    currency: str,
) -> str:
    """Return the page as text.

    Parameters
    ----------
    settled
        Index what, column settled: in words.
    shares
        control_share, send, control, smallest, smallest_profit, forgone: by share left alone.
    lengths
        days, p0, expected, smallest, needed: by days waited.
    advice
        What is proposed, in a sentence.
    """
    money = currency or tell("the currency of the export")
    found = [tables_html.html(settled, caption=tell("What is settled"))]
    if len(shares):
        table = shares.assign(smallest=100 * shares["smallest"])
        table = table.rename(columns=_SHOWN)[["left_alone", "send", "control", "buyers", "profit", "forgone"]]
        notes = tell(
            "buyers: smallest effect that is found with a power of 80 %, in points; profit: the same per "
            "contact, in {money}. forgone: expected profit of those left alone; what one pays for knowing.",
            money=money,
        )
        formats = {"left_alone": ".0%", "buyers": _points, "profit": ",.2f", "forgone": ",.0f"}
        found.append(
            tables_html.html(table, caption=tell("How many to leave alone"), formats=formats, notes=notes)
        )
    if len(lengths):
        names = ["p0", "expected", "smallest"]
        table = lengths.assign(**{name: 100 * lengths[name] for name in names})
        table = table.rename(columns={"p0": "buy_anyway", "expected": "won", "smallest": "smallest_effect"})
        notes = tell(
            "In points of buyers. buy anyway: without the offer. won: expected of it; after it has ended "
            "nothing is won. needed: customers, both arms, to tell what is expected. Few days miss answers, "
            "many hide them."
        )
        formats = dict.fromkeys(["buy_anyway", "won", "smallest_effect"], _points)
        found.append(
            tables_html.html(
                table, caption=tell("How long to wait"), formats=formats | {"needed": ",.0f"}, notes=notes
            )
        )
    return render(
        "registration.html.j2", tables=found, advice=advice, title=title, shop=shop, made_at=made_at
    )


def _points(value: float) -> str:
    return "∞" if value == float("inf") else _POINTS(value)
