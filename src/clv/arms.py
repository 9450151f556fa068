"""Arms: who of a campaign is contacted and who is left alone, so that it can be told what the campaign did.

A keyed hash of campaign and customer decides, within each stratum. No list need be kept: the same customers,
campaign and secret give the same arms again, in any order of rows. Another campaign's arms have nothing to do
with them, and without the secret nobody can guess or choose them.
"""

import hmac
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clv.errors import InputError, SettingError
from clv.language import tell

SEND, CONTROL = "send", "control"
_DIGITS = 9  # that share × customers is rounded to, so that 0.1 × 30 is 3


def split(
    customer_ids: pd.Index | pd.Series, *, strata: pd.Series, share: float, campaign: str, secret: bytes
) -> pd.Series:
    """Return 'send' or 'control' per customer.

    Of every stratum with two customers or more, share × customers are control, rounded up, but never all. A
    customer alone in a stratum is control with a chance of `share`.

    Parameters
    ----------
    customer_ids
        Who, each once.
    strata
        Stratum of each customer, indexed by customer: segment and value band, say.
    share
        Part that is left alone, between 0 and 1.
    campaign
        Its name; another name gives other arms.
    secret
        What nobody outside the shop knows.

    Returns
    -------
    Indexed by customer in the order given.

    Raises
    ------
    SettingError
        The share does not lie between 0 and 1; the campaign or the secret is empty.
    InputError
        A customer occurs twice or has no id or no stratum.
    """
    if not 0 < share < 1:
        raise SettingError(
            tell(
                "the control share is {share}; it should lie between 0 and 1, neither included.", share=share
            )
        )
    if not campaign or not secret:
        raise SettingError(
            tell("a campaign's arms need a name of the campaign and a secret; one of them is empty.")
        )
    ids = pd.Index(customer_ids, name="customer_id")
    stratum = _strata_of(ids, strata)
    frame = pd.DataFrame({"stratum": stratum, "id": ids, "hash": _hashes(ids, campaign, secret)})
    groups = frame.sort_values(["hash", "id"]).groupby("stratum")
    place = groups.cumcount().reindex(frame.index)
    size = groups["id"].transform("size").reindex(frame.index)
    least = (size * share).round(_DIGITS).map(math.ceil).clip(upper=size - 1)
    alone = (size == 1) & (frame["hash"] / 2**64 < share)
    return pd.Series(np.where((place < least) | alone, CONTROL, SEND), index=ids, name="arm", dtype="str")


def _strata_of(ids: pd.Index, strata: pd.Series) -> np.ndarray:
    twice = int(ids.duplicated().sum() + strata.index.duplicated().sum())
    missing = int(ids.isna().sum())
    if twice or missing:
        raise InputError(
            tell(
                "of the campaign's {ids:,} customers {missing:,} have no id and {twice:,} stand twice; "
                "give each once, with one stratum.",
                ids=len(ids),
                missing=missing,
                twice=twice,
            )
        )
    found = strata.reindex(ids)
    if found.isna().any():
        raise InputError(
            tell(
                "{isna:,} of the campaign's {ids:,} customers have no stratum; give each one, indexed by "
                "customer.",
                isna=int(found.isna().sum()),
                ids=len(ids),
            )
        )
    return found.astype("str").to_numpy()


def _hashes(ids: pd.Index, campaign: str, secret: bytes) -> np.ndarray:
    """Return the first 64 bits of each customer's HMAC-SHA256; 'arm' sets it apart from other uses."""
    found = (hmac.digest(secret, f"arm|{campaign}|{one}".encode(), "sha256")[:8] for one in ids)
    return np.fromiter((int.from_bytes(one, "big") for one in found), dtype=np.uint64, count=len(ids))


def balance(
    arms: pd.Series,
    *,
    customers: pd.DataFrame,
    columns: Sequence[str] = ("total_spend", "orders", "days_since_last", "T"),
) -> pd.DataFrame:
    """Return how far the two arms differ before anything was sent.

    Parameters
    ----------
    arms
        'send' or 'control' per customer.
    customers
        A CUSTOMERS table, or any with these columns of numbers, indexed by customer.

    Returns
    -------
    Index column; send, control (means); difference: that of the means in standard deviations, the mean of
    both variances under the root (Austin 2009, Statistics in Medicine 28:3083). Beyond 0.1 is usually called
    a lack of balance; by chance alone about sqrt(1/send + 1/control) is to be expected. nan where an arm has
    fewer than two customers.

    Raises
    ------
    InputError
        Customers of the arms, or a column, are missing in the table.
    """
    lacking = [name for name in columns if name not in customers]
    unknown = int((~arms.index.isin(customers.index)).sum())
    if lacking or unknown:
        what = (
            tell("the column {first!r}", first=lacking[0])
            if lacking
            else tell("{unknown:,} customer(s) of the arms", unknown=unknown)
        )
        raise InputError(
            tell("the customers table lacks {what}; use the table that the arms were made of.", what=what)
        )
    groups = customers.loc[arms.index, list(columns)].astype(float).groupby(arms.to_numpy())
    means, variances = groups.mean().T, groups.var().T
    found = means.reindex(columns=[SEND, CONTROL])
    gap = found[SEND] - found[CONTROL]
    spread = np.sqrt(variances.reindex(columns=[SEND, CONTROL]).mean(axis=1, skipna=False))
    scaled = (gap / spread.where(spread != 0)).where((gap != 0) | spread.isna(), 0.0)
    return found.assign(difference=scaled).rename_axis(index="column", columns=None)
