"""Which refund identity does a file obey? Tested, said, and never subtracted twice.

net    paid + refund = total: the paid column is what was kept (Taobao/Tmall)
gross  paid = total on refunded rows: refunds have not been taken off yet (Youzan, Shopify)
Where no row decides, the platform's own definition is taken and the sentence says so.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from clv.language import tell
from clv.sources import RefundIs

HALF_CENT = 0.0051
_CLEAR = 0.95


@dataclass(frozen=True)
class Identity:
    """What the refund column does to the paid column.

    Attributes
    ----------
    kind
        'net', 'gross' or 'mixed' (rows disagree; each is then judged by itself).
    fallback
        What rows that decide nothing are taken for.
    sentence
        The finding for a reader, with counts and shares.
    """

    kind: Literal["net", "gross", "mixed"]
    fallback: Literal["net", "gross"]
    sentence: str


def identify(*, total: pd.Series, amount: pd.Series, refund: pd.Series, platform_says: RefundIs) -> Identity:
    """Test the identities on paid rows; missing totals decide nothing, missing refunds are none.

    Parameters
    ----------
    total, amount, refund
        Money per paid order or line, same index; `total` is what was due after all discounts.
    """
    if platform_says == "net by contract":
        return Identity(
            "net", "net", tell("The amounts of a clean table are net of refunds, so nothing is subtracted.")
        )
    back = refund.fillna(0.0)
    votes = row_kinds(total=total, amount=amount, refund=back)
    net, gross = int((votes == "net").sum()), int((votes == "gross").sum())
    refunded, decided = int((back > HALF_CENT).sum()), net + gross
    if not refunded:
        return Identity(
            platform_says, platform_says, tell("No paid row has a refund, so nothing is subtracted.")
        )
    if not decided:
        return _by_whole_refunds(amount, back, refunded) or Identity(
            platform_says, platform_says, _undecided(refunded, platform_says)
        )
    if max(net, gross) < _CLEAR * decided:
        return Identity("mixed", platform_says, _mixed(net, gross, refunded, platform_says))
    if net >= gross:
        return Identity("net", "net", _net(total, amount, back, net, refunded))
    return Identity("gross", "gross", _gross(gross, refunded))


def _by_whole_refunds(amount: pd.Series, back: pd.Series, refunded: int) -> Identity | None:
    """Read refunds as large as the paid money as whole ones: a net file would show nothing paid there."""
    whole = int(((back > HALF_CENT) & ((amount - back).abs() < HALF_CENT)).sum())
    return Identity("gross", "gross", _whole(whole, refunded)) if whole else None


def row_kinds(*, total: pd.Series, amount: pd.Series, refund: pd.Series) -> pd.Series:
    """Return 'net', 'gross' or '' (decides nothing) per row; only rows with a refund decide anything.

    Without a total, a refund above the paid money can only mean that it is already off.
    """
    has = refund > HALF_CENT
    net = has & ((amount + refund - total).abs() < HALF_CENT)
    net |= has & total.isna() & (refund > amount + HALF_CENT)
    gross = has & ((amount - total).abs() < HALF_CENT)
    return pd.Series(np.select([net, gross], ["net", "gross"], ""), index=amount.index)


def kept(identity: Identity, *, total: pd.Series, amount: pd.Series, refund: pd.Series) -> pd.Series:
    """Return the money kept per row under the identity found."""
    back = refund.fillna(0.0)
    if identity.kind == "mixed":
        votes = row_kinds(total=total, amount=amount, refund=back).replace("", identity.fallback)
    else:
        votes = pd.Series(identity.kind, index=amount.index)
    return amount.where(votes == "net", amount - back)


def _net(total: pd.Series, amount: pd.Series, back: pd.Series, net: int, refunded: int) -> str:
    known = total.notna() & amount.notna()
    if not known.any():
        return tell(
            "The paid column is already net of refunds ({net:,} of {refunded:,} refunded rows show a "
            "refund above the paid money), so refunds are not subtracted again.",
            net=net,
            refunded=refunded,
        )
    held = ((amount + back - total).abs() < HALF_CENT)[known]
    return tell(
        "Paid + refunded = total holds in {held:.1%} of {held2:,} paid rows ({net:,} of "
        "{refunded:,} refunded ones): the paid column is already net, so refunds are not "
        "subtracted again.",
        held=held.mean(),
        held2=len(held),
        net=net,
        refunded=refunded,
    )


def _gross(gross: int, refunded: int) -> str:
    return tell(
        "Paid = total in {gross:,} of {refunded:,} refunded rows ({gross2:.1%}): refunds are not "
        "in the paid column yet, so they are subtracted once.",
        gross=gross,
        refunded=refunded,
        gross2=gross / refunded,
    )


def _whole(whole: int, refunded: int) -> str:
    return tell(
        "In {whole:,} of {refunded:,} refunded rows the refund is as large as the paid money, "
        "and nowhere larger: refunds are not in the paid column yet, so they are subtracted once.",
        whole=whole,
        refunded=refunded,
    )


_MEANS = {
    "net": "the paid column is net of refunds, so nothing is subtracted",
    "gross": "the paid column is before refunds, so they are subtracted once",
}


def _undecided(refunded: int, platform_says: str) -> str:
    return tell(
        "{refunded:,} paid rows have a refund, but no row shows whether it is off the paid "
        "column already; by the definition of this platform {means}.",
        refunded=refunded,
        means=_MEANS[platform_says],
    )


def _mixed(net: int, gross: int, refunded: int, platform_says: str) -> str:
    return tell(
        "Mixed: of {refunded:,} refunded rows {net:,} have refunds off the paid column and "
        "{gross:,} have not; each of these is read as it shows, the other {refunded2:,} as the "
        "platform defines it ({means}). Check the refund column before relying on the money.",
        refunded=refunded,
        net=net,
        gross=gross,
        refunded2=refunded - net - gross,
        means=_MEANS[platform_says],
    )
