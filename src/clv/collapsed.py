"""What a fit needs of a customers table too large to load: its distinct rows, added up where they lie."""

from dataclasses import dataclass

import ibis
import pandas as pd

MOST_AMOUNTS = 3_000_000  # customers whose amounts are fetched; more add nothing to three parameters
_HISTORY = ("frequency", "recency", "T")
_AMOUNTS = ("frequency", "monetary_value", "total_spend")
_DIGITS = 8  # of a hexadecimal hash: a share is hit to 1 in 4,000,000,000


@dataclass(frozen=True, eq=False)
class Collapsed:
    """What the fits read.

    Attributes
    ----------
    histories
        The distinct (frequency, recency, T) in days and how many `customers` have each; sorted.
    amounts
        frequency, monetary_value, total_spend (money) of all customers, or of a sample of them; sorted.
    customers
        How many customers there are.
    """

    histories: pd.DataFrame
    amounts: pd.DataFrame
    customers: int

    @property
    def sampled(self) -> bool:
        """Tell whether `amounts` are those of a sample."""
        return len(self.amounts) < self.customers


def collapse(customers: ibis.Table, *, most_amounts: int = MOST_AMOUNTS) -> Collapsed:
    """Return the distinct histories of all customers, and the amounts of about `most_amounts` of them.

    Histories are days, so even a billion customers have some millions of distinct ones. Amounts hardly
    repeat: of more customers than `most_amounts` those are taken whose ids have the lowest MD5, which is the
    same sample on every engine and has nothing to do with what anybody bought.

    Parameters
    ----------
    customers
        A CUSTOMERS table with its customer_id as a column, over any engine; each customer stands once.
    """
    grouped = customers.group_by(*_HISTORY).agg(customers=customers.count())
    histories = _sorted(grouped)
    total = int(histories["customers"].sum())
    return Collapsed(histories, _sorted(_share(customers, most_amounts / max(total, 1))), total)


def _share(customers: ibis.Table, share: float) -> ibis.Table:
    amounts = customers.select(*_AMOUNTS)
    if share >= 1:
        return amounts
    first = customers.customer_id.hexdigest("md5").substr(0, _DIGITS)
    return customers.filter(first < f"{int(share * 16**_DIGITS):0{_DIGITS}x}").select(*_AMOUNTS)


def _sorted(table: ibis.Table) -> pd.DataFrame:
    """Fetch a table, in one order on every engine: sums of floats depend on it."""
    found = table.to_pandas()
    return found.sort_values(list(found.columns), ignore_index=True)
