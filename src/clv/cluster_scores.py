"""Scores worked out by a Spark cluster: the same code on every machine, the same numbers however it is cut.

A score depends on a customer's history alone, so the distinct histories are scored and the scores go back to
the customers by a join. Histories are put into blocks by a hash of their numbers, about `AT_ONCE` to a block;
how many machines there are, and which holds what, changes no block. Each block draws its futures from one and
the same seed, so all blocks use the same drawn parameters, and a history has the same interval in every run.
Intervals are read customer by customer; that blocks share random numbers makes none of them wider.

One block (up to `AT_ONCE` distinct histories) gives to the bit what `values.score` gives on one machine. With
more, the points are the same to rounding; the bounds are other draws of the same law.
"""

from functools import partial
from math import ceil
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd
import pyarrow as pa

from clv import spark_files, tables, values
from clv.btyd.fits import Fit
from clv.customers import FOR_MODELS
from clv.errors import SettingError
from clv.language import tell
from clv.models import fit_from_json
from clv.spend import SpendFit

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

AT_ONCE = 10_000  # histories of a block; with 200 draws they take some 100 MB of a worker


def score(
    customers: ibis.Table, fit: Fit, spend_fit: SpendFit | None, *, seed: int, **terms: float
) -> ibis.Table:
    """Return what the fitted models say about each customer of a table on Spark.

    Parameters
    ----------
    customers
        A CUSTOMERS table with its customer_id as a column.
    fit, spend_fit
        The models; they go to the workers as JSON.
    seed
        Of the random numbers behind the intervals.
    **terms
        days, clv_days, yearly_discount, margin, draws of `values.score`.

    Returns
    -------
    A SCORES table with its customer_id as a column, in no order; worked out when it is written or read.

    Raises
    ------
    SettingError
        There is no model of money: its stand-in would need all customers in one place.
    """
    if spend_fit is None:
        raise SettingError(tell("the model file has no model of money; fit again with `clv fit`."))
    told = partial(_scored, fit=fit.to_json(), spend=spend_fit.to_json(), seed=seed, terms=terms)
    frame = spark_files.as_frame(customers.select("customer_id", *FOR_MODELS))
    scored = _in_blocks(frame.select(*FOR_MODELS).distinct(), told)
    found = frame.join(scored, list(FOR_MODELS)).select("customer_id", *tables.SCORES.columns)
    return spark_files.as_table(customers.get_backend(), found)


def _in_blocks(histories: "DataFrame", told: partial) -> "DataFrame":
    from pyspark.sql import functions

    blocks = max(1, ceil(histories.count() / AT_ONCE))
    block = functions.pmod(functions.xxhash64(*FOR_MODELS), functions.lit(blocks))
    days = ", ".join(f"`{name}` bigint" for name in FOR_MODELS[:3])
    floats = ", ".join(f"`{name}` double" for name in ("monetary_value", *tables.SCORES.columns))
    return histories.groupBy(block.alias("block")).applyInArrow(told, f"{days}, {floats}")


def _scored(rows: pa.Table, *, fit: str, spend: str, seed: int, terms: dict[str, float]) -> pa.Table:
    """Score the histories of one block; this runs on a worker."""
    histories = rows.select(FOR_MODELS).to_pandas()
    histories.index = pd.RangeIndex(len(histories)).astype("str").rename("customer_id")
    scores = values.score(
        histories, fit_from_json(fit), SpendFit.from_json(spend), rng=np.random.default_rng(seed), **terms
    )
    return pa.Table.from_pandas(histories.join(scores), preserve_index=False)
