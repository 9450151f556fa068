"""Who bought: choose one column that tells buyers apart, and clean it without ever merging two people.

One kind of id for the whole export: a customer known by phone here and by nick there would be two customers.
"""

from dataclasses import dataclass

import pandas as pd

from clv.language import tell
from clv.reading.cells import each_once, narrow
from clv.reading.columns import Gathered
from clv.sources import Platform

_USEFUL_SHARE = 0.5


@dataclass(frozen=True)
class Buyers:
    """`customer_id` per row (missing where unknown), `hidden` per row (named, but masked), and a sentence.

    `kind` is what the ids are: id, nick, phone or email; None where no buyer can be told from another.
    """

    customer_id: pd.Series
    hidden: pd.Series
    sentence: str
    kind: str | None = None


def choose(gathered: Gathered, platform: Platform) -> Buyers:
    """Return the buyers by the best declared column that half of the orders fill, or the fullest."""
    clean = {name: cleaned(gathered.buyers[name], kind, platform) for name, kind in gathered.kinds.items()}
    order_id = gathered.rows["order_id"] if "order_id" in gathered.present else None
    shares = {name: _share(column, order_id) for name, column in clean.items()}
    hidden = gathered.buyers.notna().any(axis=1)
    if not any(shares.values()):
        nobody = pd.Series(None, index=gathered.rows.index, dtype="str")
        return Buyers(nobody, hidden, tell("No buyer can be told from another in this export."))
    useful = [name for name, share in shares.items() if share >= _USEFUL_SHARE]
    name = useful[0] if useful else max(shares, key=lambda column: shares[column])
    chosen = clean[name]
    sentence = tell(
        "Buyers are told apart by {name!r}, filled in {shares:.1%} of the orders.",
        name=name,
        shares=shares[name],
    )
    return Buyers(chosen, hidden & chosen.isna(), sentence, gathered.kinds[name])


def _share(column: pd.Series, order_id: pd.Series | None) -> float:
    """Return the share of orders with a buyer; an order's buyer may stand on its first row only."""
    known = column.notna()
    return float(known.mean() if order_id is None else known.groupby(order_id).any().mean())


def cleaned(text: pd.Series, kind: str, platform: Platform) -> pd.Series:
    """Return ids of one kind (id, nick, phone, email) as orders write them; missing where nobody is named."""

    def work(distinct: pd.Series) -> pd.Series:
        masked = distinct.str.contains("|".join(platform.masked), regex=True, na=False)
        nobody = distinct.str.casefold().isin([word.casefold() for word in platform.nobody])
        return _BY_KIND[kind](distinct.mask(masked | nobody))

    return each_once(text, work)


def _number(text: pd.Series) -> pd.Series:
    """Let 17850.0, as a table program writes a number, be 17850."""
    return text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def _phone(text: pd.Series) -> pd.Series:
    """Keep whole phone numbers only; a virtual number (with an extension) is nobody's."""
    text = narrow(text)
    plain = _number(text).mask(text.str.contains(r"^\+?[\d ]*1\d{10}-", regex=True, na=False))
    plain = plain.str.replace(r"[\s().-]", "", regex=True).str.replace(
        r"^(\+|00)?86(?=1\d{10}$)", "", regex=True
    )
    return plain.where(plain.str.fullmatch(r"\+?\d{7,15}").fillna(value=False).astype(bool))


def _email(text: pd.Series) -> pd.Series:
    low = text.str.lower()
    return low.where(low.str.contains("@", na=False))


_BY_KIND = {"id": _number, "nick": lambda text: text, "phone": _phone, "email": _email}
