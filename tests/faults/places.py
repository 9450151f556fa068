"""Small shops with notebooks of a few lines that read them through the kit and its cache."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import shops_simulated
import tiny_notebooks
from clv import parameters

CUSTOMERS = 200
EARLIER = "2026-05-31"  # an earlier last day, of which a run stands already
SHOPS = """shops:
  gold: {platform: csv, orders: gold.csv, past_campaigns: campaigns.csv, ledger: ledger.jsonl}
  silver: {platform: csv, orders: silver.csv}
defaults: {until: 2026-06-30}
"""
_READS = """
import clv
from clv import history
shop = clv.Shop.open(shop_file, shop_id, until)
customers, orders = shop.customers(), shop.orders()
known = [float(customers["total_spend"].sum()), len(customers), len(orders), float(orders["amount"].max())]
clv.table(customers.sort_values("total_spend").tail(9).reset_index(), caption="The best customers")
"""
_READS_ALL = """
import clv
from clv import history
told = history.read(runs)
told = told[told["shop"] != history.ALL]
known = [len(told), *told["value"].head(20).astype(str)]
clv.table(told[["shop", "notebook", "until", "name"]], caption="What was said before")
"""


@dataclass(frozen=True)
class Place:
    """A folder with shops, notebooks, and room for what runs leave; each has a cache of its own."""

    folder: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Return what a command of the kit is to see; in another place it sees the same but the paths."""
        own = {name: str(self.folder / name) for name in ("cache", "temporary")}
        here = {"CLV_CACHE": own["cache"], "TMPDIR": own["temporary"], "XDG_CONFIG_HOME": own["cache"]}
        known = {"CLV_SECRET": "a secret for tests only", "CLV_LANG": "en", "PATH": "/usr/bin:/bin"}
        source = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        return {**source, **known, **here, "HOME": own["temporary"], **more}


def command(arguments: Sequence[str]) -> list[str]:
    """Return the command line of a call of the kit."""
    return [sys.executable, "-m", "clv.cli", *arguments]


def make(folder: Path) -> Place:
    """Make the shops and notebooks in a folder."""
    (folder / "temporary").mkdir(parents=True)
    (folder / "shops.yml").write_text(SHOPS, "utf-8")
    orders = {name: _orders(seed) for seed, name in enumerate(("gold", "silver"), start=7)}
    for name, bought in orders.items():
        bought[["order_id", "customer_id", "paid_at", "amount"]].to_csv(folder / f"{name}.csv", index=False)
    _campaign(orders["gold"]).to_csv(folder / "campaigns.csv", index=False)
    for name in ("01_orders", "02_customers", "09_stores"):
        _notebook(folder / "notebooks", name)
    return Place(folder)


def _orders(seed: int) -> pd.DataFrame:
    return shops_simulated.orders(CUSTOMERS, rng=np.random.default_rng(seed))


def _campaign(orders: pd.DataFrame) -> pd.DataFrame:
    """Return who was in which arm of a campaign in spring."""
    ids = np.sort(orders["customer_id"].unique())
    arms = np.where(np.arange(len(ids)) % 3 == 0, "control", "send")
    known = {"campaign": "spring", "offer": "coupon", "channel": "sms", "sent_on": "2026-03-01"}
    return pd.DataFrame({"customer_id": ids, "arm": arms, **known, "runs_until": "2026-03-30"})


def _notebook(folder: Path, name: str) -> None:
    contract = parameters.contract(name)
    facts = [tiny_notebooks.fact(one, f"known[{n} % len(known)]") for n, one in enumerate(contract.facts)]
    figures = map(tiny_notebooks.figure, contract.figures)
    reads = _READS_ALL if contract.of_all_shops else _READS
    tiny_notebooks.write(folder, contract, "\n".join([reads, *facts, *figures]))
