"""The last year once more, with points that are valid longer: how much more would have been used?

Rates alone say too much: who holds old points uses those first and the newer ones later, so longer validity
only adds what somebody wanted and no longer had. So the ledger is replayed. A customer who used up all points
is taken to use up the older ones too, had they still been there; who used a part would have used the same
part; who had nothing left would not have come. What that adds, divided by what rates say of the same points
and days, is the part that the replay bears out: the least of what may be expected, as the rates say the most.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clv.pointing import exposure, lots, redrawn
from clv.pointing.lots import EXPIRED, USED, Account
from clv.pointing.rates import Rates
from clv.pointing.redrawn import Floats

YEAR = 365  # days that are replayed
MOST = 50_000  # customers that are replayed, drawn at random
FEWEST = 100  # customers whose points expired in that year, before anything is said
_EVERYTHING = 1e9
_SMALL = 0.05  # of the uses are smaller than what may be left when all is used up


def believed(
    points: pd.DataFrame,
    account: Account,
    rates: Rates,
    *,
    longer: Sequence[int],
    rng: np.random.Generator,
) -> dict[int, tuple[float, Floats]]:
    """Return for each longer validity what part rates may be believed for, and drawn ones.

    Parameters
    ----------
    points
        The POINTS table behind the account.
    longer
        Days by which points would be valid longer.

    Returns
    -------
    By days: the part, and as many drawn ones as `rates` has. Empty where too few points expired in the year.
    """
    some = _some(account, rng)
    known = points[points["customer_id"].isin(some) & (points["at"] <= account.until)]
    if _expired(account, some)["customer_id"].nunique() < FEWEST:
        return {}
    mine = lots.of(known, until=account.until)
    wanted = _wanted(known, mine)
    group = redrawn.groups_of(len(some), rng)
    weights = redrawn.weights(int(group.max()) + 1, len(rates.drawn), rng)
    before = _used(lots.of(wanted, until=account.until), some)
    found = {}
    for days in longer:
        after = _used(lots.of(_valid_longer(wanted, account.until, days), until=account.until), some)
        more = np.bincount(group, after - before)
        said = np.bincount(group, _said(_expired(account, some), rates, account.until, days, some))
        drawn = np.clip(weights @ more, 0, None) / np.maximum(weights @ said, 1e-9)
        found[days] = float(max(more.sum(), 0) / max(said.sum(), 1e-9)), drawn
    return found


def _some(account: Account, rng: np.random.Generator) -> pd.Index:
    ids = pd.Index(account.lots["customer_id"].unique())
    return ids if len(ids) <= MOST else ids[np.sort(rng.choice(len(ids), MOST, replace=False))]


def _expired(account: Account, some: pd.Index) -> pd.DataFrame:
    """Return what expired within the year: customer_id, at, life (days), points."""
    parts = account.parts
    late = parts["kind"].eq(EXPIRED) & parts["at"].gt(account.until - pd.Timedelta(days=YEAR))
    lot = account.lots.iloc[parts["lot"][late]].reset_index(drop=True)
    found = lot[["customer_id"]].assign(
        at=parts["at"][late].to_numpy(),
        life=(lot["expires_on"] - lot["at"]).dt.days + 1.0,
        points=parts["points"][late].to_numpy(),
    )
    return found[found["life"].notna() & found["customer_id"].isin(some)].reset_index(drop=True)


def _wanted(known: pd.DataFrame, account: Account) -> pd.DataFrame:
    """Return the ledger without rows of expiry, in which who used up all points wants whatever there is."""
    uses = known[known["kind"] == USED]
    small = uses.groupby(["customer_id", "at"])["points"].sum().quantile(_SMALL)
    left = _left_after_use(account)
    key = pd.MultiIndex.from_frame(known[["customer_id", "at"]])
    all_used = known["kind"].eq(USED).to_numpy() & (left.reindex(key).to_numpy() < max(small, 1.0))
    wanted = known.assign(points=known["points"].mask(all_used, _EVERYTHING))
    return wanted[wanted["kind"] != EXPIRED]


def _left_after_use(account: Account) -> pd.Series:
    """Return what was left by customer and day of use, before anything expired on that day."""
    parts, who = account.parts, account.lots["customer_id"]
    expired = parts["kind"].eq(EXPIRED).astype("int64")
    moves = pd.concat(
        [
            pd.DataFrame(
                {"customer_id": who, "at": account.lots["at"], "last": 0, "points": account.lots["points"]}
            ),
            pd.DataFrame(
                {
                    "customer_id": who.to_numpy()[parts["lot"]],
                    "at": parts["at"],
                    "last": expired,
                    "points": -parts["points"],
                }
            ),
        ]
    )
    total = moves.groupby(["customer_id", "at", "last"])["points"].sum()
    running = total.groupby(level="customer_id").cumsum()
    return running[running.index.get_level_values("last") == 0].droplevel("last")


def _valid_longer(known: pd.DataFrame, until: pd.Timestamp, days: int) -> pd.DataFrame:
    """Let what expires within the year, or later, do so later by some days."""
    late = known["expires_on"] > until - pd.Timedelta(days=YEAR)
    later = known["expires_on"] + pd.Timedelta(days=days)
    return known.assign(expires_on=known["expires_on"].mask(late, later))


def _used(account: Account, ids: pd.Index) -> Floats:
    """Return the points used within the year by each customer."""
    parts = account.parts
    late = parts["kind"].eq(USED) & parts["at"].gt(account.until - pd.Timedelta(days=YEAR))
    who = ids.get_indexer(account.lots["customer_id"])[parts["lot"][late]]
    return np.bincount(who, parts["points"][late], minlength=len(ids))


def _said(expired: pd.DataFrame, rates: Rates, until: pd.Timestamp, days: int, ids: pd.Index) -> Floats:
    """Return what rates say that each customer would have used of what expired, had it been valid longer."""
    life = expired["life"].to_numpy()
    seen = np.minimum((until - expired["at"]).dt.days.to_numpy(dtype=float), days)
    cells = exposure.days_in_cells(life, life + seen, life + days)
    rate = rates.rate.reshape(-1, exposure.BANDS)[exposure.kind_of_life(life)]
    used = expired["points"].to_numpy() * -np.expm1(-(cells * rate).sum(axis=1))
    return np.bincount(ids.get_indexer(expired["customer_id"]), used, minlength=len(ids))
