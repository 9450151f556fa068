"""How much a key tells: which join two customers, which only within one export, which never.

A   an id that a platform gives a person (unionid, yz_open_id, buyer_open_uid), a member's number, a whole
    phone, a whole mail address; an account's number within its own export
B   an openid and a whole nick: only within the export that they are of
C   a receiver's phone, a masked phone, a name, a city, an address and its hash (OAID): never, and no two
    together
"""

from types import MappingProxyType

import pandas as pd

LINK, COMBINATION = "link", "combination"
IDS = ("unionid", "yz_open_id", "buyer_open_uid", "member_id", "account")
LOGINS = ("openid", "nick")  # B
STRONG = (*IDS, "phone", "email", *LOGINS)
WITHIN_EXPORT = ("account", *LOGINS)
ONE_EACH = (*IDS, "openid")  # of these one person has one in one export; of phones, mails and nicks more
# The lower, the more it tells. A link file stands between a phone and a nick: a row may have slipped.
RANK = MappingProxyType(
    {**dict.fromkeys(IDS, 0), "phone": 1, "email": 2, LINK: 3, "openid": 4, "nick": 5, COMBINATION: 6}
)
SURE, USABLE = RANK["email"], RANK["nick"]  # the last rank of A, and the last that ever joins
# What a looser shop would take for one person; each part is C.
COMBINATIONS = (
    ("masked_phone", "surname", "city"),
    ("receiver_phone", "surname"),
    ("name", "address"),
    ("oaid",),
)
_SHOWN = len("c_") + 12  # as long as other pseudonyms


def short(hidden: pd.Series) -> pd.Series:
    """Return hidden keys as pseudonyms: what a customer is called who is known by that key alone."""
    return ("c_" + hidden.astype("str")).str[:_SHOWN].astype("str")
