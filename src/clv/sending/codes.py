"""Codes that customers show at the till: one for each customer of a campaign, and nothing to be read back.

Eight characters of an alphabet without lookalikes (0 O, 1 I L, 2 Z, 5 S, 8 B, U V) and without vowels, so
that no code is a word, a month, or a number such as 2E34 to a spreadsheet.
"""

import hashlib
import hmac
import json

import pandas as pd

from clv.errors import InputError, SettingError
from clv.language import tell

ALPHABET = "23456789CDFGHJKMNPQRTVWXY"
LENGTH = 8


def codes(customer_ids: pd.Series, *, campaign: str, secret: bytes) -> pd.Series:
    """Return each customer's code: HMAC-SHA256 (RFC 2104) of campaign and customer, in eight characters.

    The same customer has the same code in the same campaign, whatever the order of the rows, and another in
    another campaign. There are 1.5e11 codes; where two customers of a list would share one, the later by id
    gets the next of its own.

    Parameters
    ----------
    customer_ids
        Text; an id that comes twice has one code.
    secret
        The shop's own; without it nobody can tell a code from a customer.

    Returns
    -------
    Named code, with the index of `customer_ids`.

    Raises
    ------
    InputError
        Some rows name nobody.
    SettingError
        The secret or the campaign is empty.
    """
    if not secret:
        raise SettingError(tell("the secret that codes are made with is empty; give the shop one."))
    if not campaign.strip():
        raise SettingError(tell("the campaign has no name; codes would be the same in every campaign."))
    nameless = int((customer_ids.isna() | (customer_ids.astype(str).str.strip() == "")).sum())
    if nameless:
        raise InputError(
            tell(
                "{nameless} of {customer_ids} row(s) name no customer; leave them out.",
                nameless=nameless,
                customer_ids=len(customer_ids),
            )
        )
    ids = customer_ids.astype(str)
    return ids.map(_each_its_own(sorted(ids.unique()), campaign, secret)).astype(str).rename("code")


def _each_its_own(ids: list[str], campaign: str, secret: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for customer in ids:
        attempt = 0
        while (code := _code(customer, campaign, secret, attempt)) in taken or code.isdigit():
            attempt += 1
        taken.add(code)
        found[customer] = code
    return found


def _code(customer: str, campaign: str, secret: bytes, attempt: int) -> str:
    said = json.dumps(["code", campaign, customer, attempt], ensure_ascii=False)
    number = int.from_bytes(hmac.digest(secret, said.encode("utf-8", "surrogatepass"), hashlib.sha256))
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[place])
    return "".join(letters)
