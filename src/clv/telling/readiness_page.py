"""The page that says which answers a shop's files carry, and which file would unlock the others."""

from collections.abc import Mapping

import pandas as pd

from clv.language import tell
from clv.telling import tables_html
from clv.telling.pages import render


def html(
    table: pd.DataFrame, unreadable: Mapping[str, str], *, shop: str, until: str, made_at: str, made_from: str
) -> str:
    """Return the page as text.

    Parameters
    ----------
    table
        answer, where, ready, with_what, lacking: `clv.readiness.table`.
    unreadable
        File of the shop file: what is wrong with it.
    made_from
        What stands for the files that the page was made from; written into it.
    """
    there, lacking = table[table["ready"]], table[~table["ready"]]
    found = [
        tables_html.html(
            there[["answer", "where", "with_what"]], caption=tell("What {shop:s} can ask now", shop=shop),
            notes=tell("Beyond what orders with a customer in them always answer: 01 to 05."),
        )
    ]  # fmt: skip
    if len(lacking):
        ordered = lacking.sort_values("lacking", kind="stable")[["lacking", "answer", "where"]]
        found.append(
            tables_html.html(
                ordered.rename(columns={"lacking": "what to add"}),
                caption=tell("What one more file would answer"),
                notes=tell("what to add: the key of the shop file, and what the file should hold."),
            )
        )
    counts = {"ready": len(there), "all": len(table)}
    known = {"tables": found, "unreadable": dict(unreadable)}
    return render(
        "readiness.html.j2", shop=shop, until=until, made_at=made_at, made_from=made_from, **known, **counts
    )
