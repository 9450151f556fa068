"""Customer ids → hashed numbers, as advertising platforms ask for them: phones and mail addresses only."""

import hashlib
import re
from collections.abc import Sequence

import pandas as pd

_KNOWN = {"phone": r"\+?\d{7,15}", "email": r"[^@\s]+@[^@\s]+"}  # as orders of such a kind write them
# Of another export the kind is not known: only what can be nothing else counts.
_SURE = r"1[3-9]\d{9}|\+\d{8,15}|[^@\s:]+@[^@\s]+\.[^@\s.]+"


def hashed(ids: pd.Series, *, kind: str | None, further: Sequence[str] = ()) -> pd.Series:
    """Return the SHA-256 of each phone number or mail address, in small letters, each once, sorted.

    Parameters
    ----------
    ids
        Customer ids of the orders.
    kind
        What the ids of the first export are, `OrdersRead.buyer_kind`: id, nick, phone or email.
    further
        Names of further exports, whose ids stand behind `name:`. What is no whole phone number or mail
        address there is left out, as is every id of a first export that knows customers by neither.
    """
    of = ids.str.extract(rf"^({'|'.join(map(re.escape, further))}):(.*)$") if further else None
    plain = ids if of is None else of[1].fillna(ids)
    own = pd.Series(data=True, index=ids.index) if of is None else of[0].isna()
    right = plain.str.fullmatch(_SURE) & ~own
    if kind in _KNOWN:
        right |= plain.str.fullmatch(_KNOWN[kind]) & own
    found = plain[right.astype(bool)].str.strip().str.lower().drop_duplicates()
    return found.map(lambda one: hashlib.sha256(one.encode()).hexdigest()).sort_values(ignore_index=True)
