"""Gateway products: what brings in new customers, and what came of those whom it brought.

A new customer is counted with every thing of the first purchase day. What came later is how many bought again
within a time (Kaplan & Meier 1958, so that those who had no time yet count for as long as they were seen) and
how much they spent in it, of those who were seen for all of it.

Small products come out best and worst by luck. So each is pulled towards the others as far as its own
evidence is weak (`clv.measuring.pooling`), and said to differ from the shop only where products differ at all
(Cochran's Q, 1 in 10) and its pulled interval leaves out the shop's mean. In that mean a new customer counts
once for each thing of the first purchase, as in the products: who starts with many things comes back more.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv import purchase_days, survival, tables
from clv.errors import SettingError
from clv.following import came_later
from clv.language import tell
from clv.measuring import rates

LEAST = 30  # new customers whom a thing must have brought
MOST = 200  # things that are looked at, those with most new customers
_LEVEL = 0.90


@dataclass(frozen=True, eq=False)
class Gateways:
    """What brought in new customers.

    Attributes
    ----------
    table
        Index item, the most new customers first: new (customers), new_share (of all new customers), new_low,
        new_high (90 %, Wilson); pull (its share of first purchases over that of second ones), pull_low,
        pull_high (90 %); back (share that bought again within `horizon` days), back_low, back_high (90 %),
        back_pooled, back_pooled_low, back_pooled_high (after all were seen), back_found; followed (customers
        seen for `value_days`), value (their later money within these days, per customer), value_low,
        value_high (90 %, customers drawn again), value_pooled, value_pooled_low, value_pooled_high (of money
        capped at the 99th percentile), value_found. The two found: 'more than the shop', 'less than the
        shop', 'cannot tell'.
    new
        New customers of the shop whose first purchase holds something known.
    back, value
        The shop's own, as in `table`, a customer counted for each thing; missing where too few were seen.
    horizon, value_days
        Days after the first purchase.
    """

    table: pd.DataFrame
    new: int
    back: float
    value: float
    horizon: int
    value_days: int


def gateways(
    found: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    until: date | str,
    horizon: int = 180,
    value_days: int = 365,
    least: int = LEAST,
    draws: int = 400,
    rng: np.random.Generator,
) -> Gateways:
    """Return what brought in new customers, and what came of them.

    Parameters
    ----------
    found
        What `co_purchase.bought` returns: categories or products.
    orders
        The ORDERS that it was made of.
    horizon, value_days
        Days after the first purchase in which a second one, and later money, count.
    least
        New customers whom a thing must have brought; others have no row.

    Raises
    ------
    InputError, NoAnswerError
        As `purchase_days.from_orders`.
    SettingError
        A number of days is below 1, or `least` below 10.
    """
    if min(horizon, value_days) < 1 or least < survival.ENOUGH:
        raise SettingError(
            tell(
                "horizon {horizon}, value_days {value_days}, least {least}: give days from 1 and least "
                "from 10.",
                horizon=horizon,
                value_days=value_days,
                least=least,
            )
        )
    days = purchase_days.from_orders(orders, until=until)
    known = found.loc[found["day"] <= pd.Timestamp(tables.as_day(until)), ["customer_id", "day", "item"]]
    holds = known.drop_duplicates().merge(days[["customer_id", "day", "step"]], on=["customer_id", "day"])
    first = holds[holds["step"] == 1]
    people = came_later.of_new(days, first["customer_id"].unique(), within=value_days)
    sizes = first["item"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    chosen = sizes[sizes >= least].head(MOST)
    place, rows = people.index.get_indexer(first["customer_id"]), first.groupby("item").indices
    members = [place[rows[item]] for item in chosen.index]
    back, shop_back = came_later.returns(members, people, place, horizon=horizon)
    value, shop_value = came_later.money(members, people, place, draws=draws, rng=rng)
    parts = [_pull(chosen, holds, len(people)), back.set_index(chosen.index), value.set_index(chosen.index)]
    table = pd.concat(parts, axis=1).rename_axis("item")
    return Gateways(table, len(people), shop_back, shop_value, horizon, value_days)


def _pull(chosen: pd.Series, holds: pd.DataFrame, new: int) -> pd.DataFrame:
    second = holds[holds["step"] == 2]
    n, n2 = chosen.to_numpy(float), second["customer_id"].nunique()
    again = second["item"].value_counts().reindex(chosen.index, fill_value=0).to_numpy(float)
    low, high = rates.wilson(n, np.full(len(n), new), level=_LEVEL)
    # a half is added to each count: log of a ratio of shares (Katz et al. 1978, Biometrics 34:469)
    log = np.log((n + 0.5) / (new + 0.5)) - np.log((again + 0.5) / (n2 + 0.5))
    error = np.sqrt(1 / (n + 0.5) - 1 / (new + 0.5) + 1 / (again + 0.5) - 1 / (n2 + 0.5))
    reach = norm.ppf(0.5 + _LEVEL / 2) * error
    table = {"new": chosen.to_numpy(), "new_share": n / max(new, 1), "new_low": low, "new_high": high}
    table |= {"pull": np.exp(log), "pull_low": np.exp(log - reach), "pull_high": np.exp(log + reach)}
    return pd.DataFrame(table, index=chosen.index)
