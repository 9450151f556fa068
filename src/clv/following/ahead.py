"""What customers will buy, category by category: what is known on a day, and what it makes one expect.

    known customers: expected purchases × own taste        new customers: the recent rate × what new ones buy

A customer's taste is drawn towards the shop's mix by the weight that makes all customers' counts most likely
(Dirichlet-multinomial; Minka 2000, Estimating a Dirichlet distribution).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaln

from clv.btyd.fits import Fit

RECENT = 90  # days that tell how many new customers come, and what they buy
_YEAR = 365
_WEIGHTS = np.logspace(-1, 4, 51)
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Basis:
    """What is known at the end of a day.

    Attributes
    ----------
    items
        The categories.
    people
        CUSTOMERS table.
    fit
        The model of purchases.
    rows, columns, own
        Tastes that customers showed: place in `people`, place in `items`, and by how much the customer's
        share of the item exceeds what the shop's mix gives everybody.
    rest
        Weight of the shop's mix in each customer's taste.
    mix
        Shop's share of each item.
    per_day
        Items on a purchase day.
    new_rate, new_seen, new_mix
        New customers per day, lately; how many were seen; what they bought, per new customer.
    units, units_sd
        Pieces of an item on a purchase day that holds it: mean and standard deviation, of the last year.
    """

    items: pd.Index
    people: pd.DataFrame
    fit: Fit
    rows: NDArray[np.int64]
    columns: NDArray[np.int64]
    own: Floats
    rest: Floats
    mix: Floats
    per_day: float
    new_rate: float
    new_seen: int
    new_mix: Floats
    units: Floats
    units_sd: Floats

    def of_purchases(self, purchases: Floats) -> Floats:
        """Return the purchase days with each item that so many purchases of each customer make."""
        shown = np.bincount(self.columns, weights=self.own * purchases[self.rows], minlength=len(self.items))
        return self.per_day * (shown + self.mix * (self.rest @ purchases))

    def new_customers(self, days: int) -> Floats:
        """Return the purchase days with each item of customers who are still to come, later ones too."""
        left = np.arange(days - 1, -1, -1, dtype=float)
        later = float(np.sum(self.fit.model.expected_new(days=left)))
        return self.new_rate * (days * self.new_mix + later * self.per_day * self.mix)


def basis(holds: pd.DataFrame, people: pd.DataFrame, fit: Fit, *, last: pd.Timestamp) -> Basis:
    """Return what is known at the end of a day.

    Parameters
    ----------
    holds
        customer_id, day, item, units: one row per purchase day and item; later days are passed over.
    people, fit
        CUSTOMERS at that day, and the model fitted on them.
    """
    seen = holds[holds["day"] <= last]
    counts = seen.groupby(["customer_id", "item"], observed=True).size()
    items = pd.Index(sorted(seen["item"].unique()), name="item")
    rows = people.index.get_indexer(counts.index.get_level_values("customer_id"))
    columns = items.get_indexer(counts.index.get_level_values("item"))
    n = counts.to_numpy(float)
    mix = np.bincount(columns, weights=n, minlength=len(items)) / max(n.sum(), 1.0)
    total = np.bincount(rows, weights=n, minlength=len(people))
    s = _weight(columns, n, total, mix)
    purchases = float((people["frequency"] + 1).sum())
    new_seen, new_mix, new_rate = _new(seen, people, items, last)
    units, units_sd = _units(seen, items, last)
    return Basis(
        items=items, people=people, fit=fit, rows=rows, columns=columns, own=n / (total[rows] + s),
        rest=s / (total + s), mix=mix, per_day=float(n.sum()) / purchases, new_rate=new_rate,
        new_seen=new_seen, new_mix=new_mix, units=units, units_sd=units_sd,
    )  # fmt: skip


def _weight(columns: NDArray[np.int64], n: Floats, total: Floats, mix: Floats) -> float:
    """Return the weight of the mix under which these counts are most likely."""
    pairs, times = np.unique(np.column_stack([columns, n]), axis=0, return_counts=True)
    sizes, customers = np.unique(total, return_counts=True)
    log = []
    for s in _WEIGHTS:
        prior = s * mix[pairs[:, 0].astype(int)]
        rows = (gammaln(pairs[:, 1] + prior) - gammaln(prior)) @ times
        log.append(rows + (gammaln(s) - gammaln(sizes + s)) @ customers)
    return float(_WEIGHTS[np.argmax(log)])


def _new(
    seen: pd.DataFrame, people: pd.DataFrame, items: pd.Index, last: pd.Timestamp
) -> tuple[int, Floats, float]:
    """Return how many new customers came lately, what they bought each, and how many come per day."""
    since = last - pd.Timedelta(days=RECENT)
    start = max(since, people["first_order"].min() - pd.Timedelta(days=1))
    joined = people["first_order"] > start
    when = people["first_order"].reindex(seen["customer_id"]).to_numpy()
    first = seen[(seen["day"].to_numpy() == when) & (seen["day"] > start).to_numpy()]
    bought = first["item"].value_counts().reindex(items, fill_value=0).to_numpy(float)
    length = max((last - start).days, 1)
    return int(joined.sum()), bought / max(joined.sum(), 1), float(joined.sum() / length)


def _units(seen: pd.DataFrame, items: pd.Index, last: pd.Timestamp) -> tuple[Floats, Floats]:
    late = seen[seen["day"] > last - pd.Timedelta(days=_YEAR)].groupby("item")["units"]
    mean, sd = late.mean().reindex(items), late.std(ddof=1).reindex(items)
    return mean.fillna(1.0).to_numpy(float), sd.fillna(0.0).to_numpy(float)


def drawn(
    now: Basis, days: int, *, spread: tuple[float, float], draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return drawn orders and units of each item (columns) in the next days, one row per drawn future.

    Parameters
    ----------
    spread
        How far periods differ (log): all items together, and each for itself; see `missed.spread`.
    """
    new, seen, rows = now.new_customers(days), now.new_seen * now.new_mix, []
    for model in now.fit.draws(draws, rng=rng):
        alive, people = model.survivors(now.people, rng=rng)
        purchases = np.zeros(len(now.people))
        purchases[alive] = model.purchases_of(people, days=days, rng=rng).to_numpy()
        joined = rng.gamma(seen + 0.5) / np.maximum(seen, 0.5)
        rows.append(now.of_purchases(purchases) + new * joined)
    whole, own = (rng.standard_normal((draws, n)) for n in (1, len(now.items)))
    orders = rng.poisson(np.array(rows) * np.exp(spread[0] * whole + spread[1] * own)).astype(float)
    noise = rng.standard_normal(orders.shape) * now.units_sd * np.sqrt(orders)
    return orders, np.maximum(orders * now.units + noise, 0.0)
