"""Would the forecast of points have been right? Made at earlier days, from what was known then.

Two things are forecast for the next days: how many of the points that are due expire unused, and how many
points customers will hold at the end. The first is compared with what simple rules say: the part of all
points gone so far that had expired, and the part of those due that expired in the days before. The second
with 'as many as today' and 'the same change again'.
"""

import numpy as np
import pandas as pd

from clv.errors import NoAnswerError
from clv.language import tell
from clv.pointing import breakage
from clv.pointing import rates as speed
from clv.pointing.checked import Check
from clv.pointing.lots import EXPIRED, Account
from clv.pointing.rates import Rates

QUARTER = 91  # days
MOST = 8  # days in the past from which is forecast
_YEAR = 365


def held_out(
    account: Account, *, rng: np.random.Generator, days: int = QUARTER, draws: int = 200, most: int = MOST
) -> Check:
    """Return how forecasts made at earlier days did.

    Parameters
    ----------
    account
        The accounts as they stand; earlier days are seen through `Account.at`, which knows nothing later.
    days
        How far each forecast looks.

    Raises
    ------
    NoAnswerError
        The history is too short for one forecast.
    """
    first = account.lots["at"].min()
    ends = [account.until - pd.Timedelta(days=days * n) for n in range(most)]
    made = [end - pd.Timedelta(days=days) for end in ends if (end - first).days >= 3 * days]
    rows = [row for day in sorted(made) if (row := _row(account, day, days, rng, draws)) is not None]
    if not rows:
        raise NoAnswerError(
            tell(
                "the ledger covers {days:,} days, with too few uses of points before the last {days2} to "
                "check a forecast.",
                days=(account.until - first).days,
                days2=days,
            )
        )
    table = pd.DataFrame(rows)
    expiry = table[["made_on", "due", "expired", "forecast", "low", "high", "all_time", "last_time"]]
    expiry = expiry[expiry["due"] > 0].reset_index(drop=True)  # where nothing expired the forecast counts too
    balance = table[["made_on", "balance", "balance_forecast", "as_today", "same_change"]]
    balance = balance.rename(columns={"balance_forecast": "forecast"})
    return Check(expiry, balance)


def balance_in(account: Account, rates: Rates, *, days: int = QUARTER) -> float:
    """Return how many points customers should hold after some more days.

    What is there now is used at the known rates or expires; what was earned within the last year comes again
    at the same pace, valid as long.
    """
    day, end = account.until, account.until + pd.Timedelta(days=days)
    out = account.outstanding()
    return _still(rates, out, day, end) + _still(rates, _to_come(account, days), day, end)


def _row(account: Account, day: pd.Timestamp, days: int, rng: np.random.Generator, draws: int) -> dict | None:
    known, before = account.at(day), account.at(day - pd.Timedelta(days=days))
    end = day + pd.Timedelta(days=days)
    try:
        rates = speed.fit(known, rng=rng, draws=draws)
    except NoAnswerError:
        return None
    due = _due(known, end)
    said = breakage.expiring(rates, due, day=day, rng=rng) if len(due) else None
    there = known.lots["left"].sum()
    return {
        "made_on": day,
        "due": due["left"].sum(),
        "expired": _expired(account, day, end),
        "forecast": np.nan if said is None else said["expired"].iloc[0],
        "low": np.nan if said is None else said["low"].iloc[0],
        "high": np.nan if said is None else said["high"].iloc[0],
        "all_time": due["left"].sum() * share_expired(known),
        "last_time": due["left"].sum()
        * _share(_expired(known, before.until, day), _due(before, day)["left"].sum()),
        "balance": account.at(end).lots["left"].sum(),
        "balance_forecast": balance_in(known, rates, days=days),
        "as_today": there,
        "same_change": max(2 * there - before.lots["left"].sum(), 0.0),
    }


def share_expired(account: Account) -> float:
    """Return the part of all points gone so far that had expired; missing where none are gone."""
    gone = account.parts.groupby("kind")["points"].sum()
    return _share(gone.get(EXPIRED, 0.0), gone.sum())


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else np.nan


def _due(account: Account, end: pd.Timestamp) -> pd.DataFrame:
    out = account.outstanding()
    return out[out["expires_on"] <= end].reset_index(drop=True)


def _expired(account: Account, day: pd.Timestamp, end: pd.Timestamp) -> float:
    """Return how many of the points that were there at the end of `day` had expired by `end`."""
    parts = account.parts
    then = parts["kind"].eq(EXPIRED) & parts["at"].gt(day) & parts["at"].le(end)
    earned = account.lots["at"].to_numpy()[parts["lot"][then]]
    return float(parts["points"][then][earned <= day.to_datetime64()].sum())


def _still(rates: Rates, lots: pd.DataFrame, day: pd.Timestamp, end: pd.Timestamp) -> float:
    """Return how many points are neither used nor expired at the end of a later day."""
    lasting = lots[~(lots["expires_on"] <= end)].reset_index(drop=True)
    if lasting.empty:
        return 0.0
    days = (end - day).days
    return breakage.unused(rates, lasting, day=day, within=days).summed(lasting["left"].to_numpy())[0]


def _to_come(account: Account, days: int) -> pd.DataFrame:
    """Return what the last year earned, drawn together into the days to come, at the same pace."""
    past = min((account.until - account.lots["at"].min()).days + 1, _YEAR)
    lots = account.lots[account.lots["at"] > account.until - pd.Timedelta(days=past)].reset_index(drop=True)
    ago = (account.until - lots["at"]).dt.days.to_numpy()
    ahead = days - np.floor(ago * days / past)
    at = account.until + pd.to_timedelta(ahead, unit="D")
    last = at + (lots["expires_on"] - lots["at"])
    return lots.assign(at=at, expires_on=last, left=lots["points"] * days / past)
