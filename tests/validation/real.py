"""Real shops: what the models said about months that they had not seen, beside what happened."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from clv import choose, holdout, spend, values
from clv.split import Split, split
from clv.worth import NO_DISCOUNT
from conftest import orders_table
from validation.published import dataset

RETAIL = Path(__file__).parents[3] / "shared" / "data" / "uci_online_retail" / "online_retail.csv.gz"
CDNOW, GIFTS = "CDNOW", "UCI Online Retail"
CUTS = [  # the shop, the last day that a model saw, how many days were hidden
    *((CDNOW, end, 180) for end in ("1997-06-30", "1997-09-30", "1997-12-31")),
    *((GIFTS, end, 90) for end in ("2011-04-30", "2011-06-30", "2011-08-31")),
]


class Held(NamedTuple):
    """What a holdout showed: one row of totals, one per frequency, one per tenth of P(buy)."""

    totals: pd.DataFrame
    by_frequency: pd.DataFrame
    p_buy: pd.DataFrame


@cache
def orders(name: str) -> pd.DataFrame:
    """Return the orders of a shop: CDNOW's log, or the gift shop's lines with a customer and a price."""
    if name == CDNOW:
        columns = ["customer_id", "date", "quantity", "amount"]
        log = pd.read_csv(
            dataset("CDNOW_master.txt"), sep=r"\s+", dtype={"customer_id": str}, header=0, names=columns
        )
        log["paid_at"] = pd.to_datetime(log["date"].astype(str), format="%Y%m%d")
        return orders_table(log[log["amount"] > 0])
    lines = pd.read_csv(RETAIL, dtype={"CustomerID": str}, parse_dates=["InvoiceDate"])
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    lines = lines.assign(amount=lines["Quantity"] * lines["UnitPrice"])
    keys = ["CustomerID", "InvoiceNo"]
    bought = lines.groupby(keys, as_index=False).agg(amount=("amount", "sum"), paid_at=("InvoiceDate", "min"))
    return orders_table(bought.rename(columns={"CustomerID": "customer_id"}))


def held(name: str, end: str, days: int, *, seed: int) -> Held:
    """Split a shop's orders after `end`, choose a model as the report does, and see what it missed."""
    rng = np.random.default_rng(seed)
    hidden = split(orders(name), until=(pd.Timestamp(end) + pd.Timedelta(days=days)).date(), days=days)
    chosen = choose.choose(hidden.calibration, hidden.later["purchases"], days=days)
    fit = chosen.fits[chosen.name]
    at = {"shop": name, "end": end, "days": days, "model": chosen.name}
    totals = holdout.totals(hidden, fit, rng=rng)
    money = _money(hidden, fit, rng)
    row = {**at, "customers": len(hidden.calibration), "limit": fit.limit or "", **totals.to_dict(), **money}
    return Held(
        pd.DataFrame([row]),
        holdout.by_frequency(hidden, fit, rng=rng).assign(**at),
        holdout.p_buy(hidden, fit).assign(**at),
    )


def _money(hidden: Split, fit: object, rng: np.random.Generator) -> dict[str, float]:
    terms = {"days": hidden.days, "clv_days": hidden.days, "yearly_discount": NO_DISCOUNT}
    amounts = spend.fit(hidden.calibration)
    found = values.total(hidden.calibration, fit, amounts, **terms, rng=rng, draws=99)
    said = found.loc["all", ["clv", "clv_low", "clv_high"]].to_numpy(dtype=float)
    names = ("money_expected", "money_low", "money_high")
    came = {"money_actual": float(hidden.later["spend"].sum()), "spearman": amounts.correlation.spearman}
    return {**dict(zip(names, said, strict=True)), **came}
