"""The papers' one-in-ten sample of CDNOW (2,357 customers), free orders included, split on a day."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

CUT = pd.Timestamp("1997-09-30")
HOLDOUT_DAYS = 273


@cache
def purchase_days() -> pd.DataFrame:
    folder = Path(find_spec("lifetimes").submodule_search_locations[0]) / "datasets"
    names = ["master", "customer_id", "date", "quantity", "amount"]
    log = pd.read_csv(folder / "CDNOW_sample.txt", sep=r"\s+", names=names, dtype={"customer_id": str})
    days = log.assign(day=pd.to_datetime(log["date"].astype(str), format="%Y%m%d"))
    return days.groupby(["customer_id", "day"], as_index=False)["amount"].sum()


def calibration() -> pd.DataFrame:
    """frequency, recency, T (days), monetary_value, total_spend up to `CUT`."""
    known = purchase_days()[lambda d: d["day"] <= CUT]
    each = known.groupby("customer_id")
    first, last, money = each["day"].min(), each["day"].max(), each["amount"].sum()
    repeats = each.size() - 1
    return pd.DataFrame(
        {
            "frequency": repeats,
            "recency": (last - first).dt.days,
            "T": (CUT - first).dt.days,
            "monetary_value": np.where(
                repeats > 0, (money - each["amount"].first()) / repeats.clip(lower=1), 0.0
            ),
            "total_spend": money,
        }
    )


def holdout() -> pd.Series:
    """Purchase days after `CUT` of the customers known then."""
    later = purchase_days()[lambda d: d["day"] > CUT]
    return later.groupby("customer_id").size().reindex(calibration().index, fill_value=0)
