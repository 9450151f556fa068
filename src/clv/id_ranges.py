"""Orders by ranges of customer ids, ascending: each customer lies in one of them, so each can stand alone.

What is added up per customer has to be somewhere until it is done; of a range, that is less than of all.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import ibis

_AT_ONCE = 2_000_000  # orders: with 5,000,000 in three parts, the process held 0.8 GiB at most
_MOST = 8  # for every range all orders are read again
_SAMPLE = 20_000  # customer ids that the ranges are cut by


def parts(bought: ibis.Table, orders: int) -> Iterator[ibis.Table]:
    """Yield the orders by ranges; an engine that is not DuckDB sees to its memory itself and gets them whole.

    Parameters
    ----------
    bought
        Orders that name a customer.
    orders
        How many they are.
    """
    several = min(-(-orders // _AT_ONCE), _MOST)
    if several < 2 or bought.get_backend().name != "duckdb":
        yield bought
        return
    for least, beyond in pairwise((None, *cuts(bought, several, orders=orders), None)):
        part = bought if least is None else bought.filter(bought.customer_id >= least)
        yield part if beyond is None else part.filter(part.customer_id < beyond)


def cuts(bought: ibis.Table, several: int, *, orders: int) -> Sequence[str]:
    """Return the ids, ascending, that cut the orders into `several` ranges of about equally many, or fewer.

    They ascend by the rules that the engine itself compares by: else ranges could overlap. Where they lie
    changes no customer, so they are drawn without a seed, which DuckDB does on all cores.
    """
    share = min(1.0, _SAMPLE / orders)
    ids = bought.select("customer_id").sample(share).order_by("customer_id").to_pandas()
    found = (ids["customer_id"].iloc[len(ids) * number // several] for number in range(1, several))
    return list(dict.fromkeys(found))


def numbered(bought: ibis.Table, cut: Sequence[str]) -> ibis.Value:
    """Return the number of each order's range, from 0."""
    below = [(bought.customer_id < id_, number) for number, id_ in enumerate(cut)]
    return ibis.cases(*below, else_=len(cut))
