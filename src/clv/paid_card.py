"""A paid membership card: who would gain from buying it, and what it would have to move to pay for itself.

Whoever orders often gains most from free postage or a discount, so a card sells itself to those who would
have come anyway: their perks are given away, and the fee has to bring that back. Where only those buy it who
gain, and perks cost the shop what they are worth to the customer, the fees never do; what a card earns must
come from orders that would not have come, or from gifts that cost less than they are worth.

Who would gain is reckoned from the model's forecast of each customer's orders. How many of them would buy the
card nobody can know from orders: adoption is a range that is assumed, and the extra orders that are needed do
not depend on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clv import mbgnbd, spend, tables
from clv.btyd.fits import Fit
from clv.errors import InputError, NoAnswerError, SettingError
from clv.language import label, tell
from clv.spend import SpendFit
from clv.split import split
from clv.tiering import card
from clv.tiering.card import Floats, Perks, benefits, fee_for

__all__ = [
    "ADOPTION", "Check", "PaidCard", "Perks", "benefits", "check", "fee_for", "sentence", "told", "what_if",
]  # fmt: skip

ADOPTION = (0.1, 0.3, 0.6)  # of those who would gain: least, middle, most
_ENDS = (0.05, 0.95)
_BEFORE = 0.5  # of the card's days, that must have been seen before a check on hidden orders


@dataclass(frozen=True, eq=False)
class PaidCard:
    """What a card would do at several fees.

    Attributes
    ----------
    table
        Index fee. gain (customers who would gain), share (of all); orders (expected of each within the card's
        days), times (as many as all customers on average); takers (at the middle adoption), fees, given
        (perks on orders that come anyway), gifts (money at the middle adoption); profit, profit_low,
        profit_high (money, if nobody orders more: drawn futures and the whole range of adoption, 5 to 95 %);
        foresight (money, profit if those bought it who will gain, as though they knew); break_even,
        break_even_low, break_even_high (extra orders per order that comes anyway; inf where none would do).
    customers
        Expected orders, basket (money) and benefit (money within the card's days) of each customer.
    perks, adoption
        What was asked.
    """

    table: pd.DataFrame
    customers: pd.DataFrame
    perks: Perks
    adoption: tuple[float, float, float]


@dataclass(frozen=True)
class Check:
    """Those who would have gained one card ago: what they were expected to order, and what they did."""

    on: date
    customers: int
    expected: float
    low: float
    high: float
    ordered: int


def what_if(
    customers: pd.DataFrame,
    fit: Fit,
    spend_fit: SpendFit,
    *,
    perks: Perks,
    fees: Sequence[float],
    margin: float,
    rng: np.random.Generator,
    adoption: tuple[float, float, float] = ADOPTION,
    draws: int = 100,
) -> PaidCard:
    """Return what a card would do at several fees.

    Parameters
    ----------
    customers
        A CUSTOMERS table.
    fit, spend_fit
        Fits of the purchases and of the amounts.
    fees
        Money that the card costs.
    margin
        Share of the money of an order that is the shop's, before perks.
    adoption
        Least, middle and most of those who would gain who buy it.
    draws
        Drawn futures behind the intervals; at least 20.

    Raises
    ------
    SettingError
        A fee, the margin, the adoption or the number of draws is out of range.
    NoAnswerError
        Nobody would gain at any of the fees.
    """
    _check(fees, margin, adoption, draws)
    found = benefits(customers, fit, spend_fit, perks)
    gainers = {float(fee): (found["benefit"] > fee).to_numpy() for fee in sorted(fees)}
    if not any(mine.any() for mine in gainers.values()):
        raise NoAnswerError(
            tell("nobody would gain from the card at {fees:g}; ask for a lower fee.", fees=min(fees))
        )
    pairs = zip(fit.draws(draws, rng=rng), spend_fit.draws(draws, rng=rng), strict=True)
    drawn = np.array([card.future(customers, *pair, perks, found, gainers, rng=rng) for pair in pairs])
    terms = {"shares": rng.uniform(adoption[0], adoption[2], draws), "middle": adoption[1]}
    terms |= {"perks": perks, "margin": margin}
    rows = {
        fee: _row(found, mine, fee=fee, drawn=drawn[:, at], **terms)
        for at, (fee, mine) in enumerate(gainers.items())
    }
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("fee")
    return PaidCard(table.astype({"gain": "int64"}), found, perks, tuple(adoption))


def told(
    customers: pd.DataFrame,
    *,
    perks: Perks,
    fee: float,
    margin: float,
    adoption: Sequence[float],
    rng: np.random.Generator,
) -> tuple[PaidCard | None, float, str]:
    """Return what a card would do, its fee, and why nothing can be said where nothing can.

    Parameters
    ----------
    customers
        A CUSTOMERS table; MBG/NBD and the spend model are fitted on it.
    fee
        0: the fee at which one in twenty would gain; fees around it are compared.
    perks, margin, adoption, rng
        As `what_if`.
    """
    try:
        fit, amounts = mbgnbd.fit(customers), spend.fit(customers)
        fee = fee or fee_for(benefits(customers, fit, amounts, perks), share=0.05)
        fees = [fee * step for step in (0.5, 0.75, 1, 1.5, 2)]
        return (
            what_if(
                customers, fit, amounts, perks=perks, fees=fees, margin=margin, adoption=adoption, rng=rng
            ),
            fee,
            "",
        )
    except (NoAnswerError, InputError) as error:
        return None, fee, tell("Nothing can be said of a paid card: {error}", error=error)


def sentence(found: PaidCard, *, fee: float, currency: str = "") -> str:
    """Return what a card at one of the fees would do, in plain words."""
    row, (least, _, most) = found.table.loc[fee], found.adoption
    money = f" {label(currency)}" if currency else ""
    text = tell(
        "At a fee of {fee:,.4g}{money}, {gain:,.0f} customers would gain from the card; they "
        "order {times:.1f} times as often as all. If {least:.0%} to {most:.0%} of them take it "
        "and nobody orders more, the shop earns {profit_low:+,.0f} to {profit_high:+,.0f}{money}",
        fee=fee,
        money=money,
        gain=row["gain"],
        times=row["times"],
        least=least,
        most=most,
        profit_low=row["profit_low"],
        profit_high=row["profit_high"],
    )
    if not np.isfinite(row["break_even"]):
        return tell(
            "{text}; an extra order earns less than its perks cost, so the card cannot pay.", text=text
        )
    if row["break_even"] == 0:
        return tell("{text}; it pays without an extra order.", text=text)
    low, high = (f"{row[f'break_even_{end}']:.0%}" for end in ("low", "high"))
    ends = tell("{low} to {high}", low=low, high=high)
    return tell(
        "{text}; it pays from {break_even:.0%} more orders of theirs on ({ends}).",
        text=text,
        break_even=row["break_even"],
        ends=ends,
    )


def _check(fees: Sequence[float], margin: float, adoption: Sequence[float], draws: int) -> None:
    if not len(fees) or not all(0 < fee < 1e12 for fee in fees):
        raise SettingError(tell("fees is {fees}; give amounts above 0.", fees=list(fees)))
    if not 0 < margin <= 1:
        raise SettingError(tell("margin is {margin:g}; give a share above 0 and up to 1.", margin=margin))
    if len(adoption) != 3 or not 0 < adoption[0] <= adoption[1] <= adoption[2] <= 1:
        raise SettingError(
            tell("adoption is {adoption}; give the least, middle and most, up to 1.", adoption=list(adoption))
        )
    if draws < 20:
        raise SettingError(tell("draws is {draws}; an interval needs at least 20.", draws=draws))


def _row(
    found: pd.DataFrame,
    mine: NDArray[np.bool_],
    *,
    fee: float,
    drawn: Floats,
    shares: Floats,
    middle: float,
    perks: Perks,
    margin: float,
) -> dict[str, float]:
    """Return the row of one fee; what is drawn is of all gainers, of whom a share takes the card."""
    gain, paid = int(mine.sum()), fee - perks.gift
    theirs = found[mine]
    given = float((theirs["orders"] * perks.on_order(theirs["basket"])).sum())
    profits = shares * (gain * paid - drawn[:, 2])
    low, high = np.quantile(profits, _ENDS)
    needed = _needed(drawn[:, 2] - gain * paid, margin * drawn[:, 1] - drawn[:, 2])
    worth = margin * float((theirs["orders"] * theirs["basket"]).sum()) - given
    (need,) = _needed(np.array([given - gain * paid]), np.array([worth]))
    return {
        "gain": gain, "share": float(mine.mean()), "orders": float(theirs["orders"].mean()),
        "times": float(theirs["orders"].mean() / found["orders"].mean()), "takers": middle * gain,
        "fees": middle * gain * fee, "given": middle * given, "gifts": middle * gain * perks.gift,
        "profit": middle * (gain * paid - given), "profit_low": float(low), "profit_high": float(high),
        "foresight": middle * float((drawn[:, 3] * paid - drawn[:, 4]).mean()),
        "break_even": float(need),
        "break_even_low": float(np.quantile(needed, _ENDS[0], method="lower")),
        "break_even_high": float(np.quantile(needed, _ENDS[1], method="higher")),
    }  # fmt: skip


def _needed(lost: Floats, worth: Floats) -> Floats:
    """Return the extra orders per order that comes anyway that bring back what is lost; inf if none would."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(lost <= 0, 0.0, np.where(worth > 0, lost / worth, np.inf))


def check(
    orders: pd.DataFrame,
    *,
    perks: Perks,
    fee: float,
    until: date | str,
    rng: np.random.Generator,
    draws: int = 200,
) -> Check | None:
    """Return whether those who would have gained one card ago ordered as expected, on orders hidden since.

    Parameters
    ----------
    orders
        An ORDERS table.
    fee
        The card's.

    Returns
    -------
    The check (purchase days, 90 % interval); None where the history before is too short, or nobody would have
    gained.
    """
    last, first = pd.Timestamp(tables.as_day(until)), orders["paid_at"].min().normalize()
    if (last - first).days < (1 + _BEFORE) * perks.days:
        return None
    past = split(orders, until=until, days=perks.days)
    try:
        fit, amounts = mbgnbd.fit(past.calibration), spend.fit(past.calibration)
    except NoAnswerError:
        return None
    found = benefits(past.calibration, fit, amounts, perks)
    mine = found["benefit"] > fee
    if not mine.any():
        return None
    theirs, models = past.calibration[mine], fit.draws(draws, rng=rng)
    drawn = [card.orders_of(theirs, model, perks.days, rng=rng).sum() for model in models]
    low, high = np.quantile(drawn, _ENDS)
    return Check(
        past.until - timedelta(days=perks.days), int(mine.sum()), float(found.loc[mine, "orders"].sum()),
        float(low), float(high), int(past.later.loc[mine, "purchases"].sum()),
    )  # fmt: skip
