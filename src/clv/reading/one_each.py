"""Several rows of one customer → one: a no beats a yes, and what the rows do not agree on is empty."""

from collections.abc import Sequence

import pandas as pd

from clv.language import tell


def one_each(rows: pd.DataFrame, *, consents: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return one row per `customer_id` (the index, sorted), and notes on the customers with differing rows.

    Parameters
    ----------
    consents
        Columns of 1.0 (agreed), 0.0 (not) or missing (the row says nothing); they come back as booleans, a
        customer about whom nothing is said as not agreed.
    """
    distinct = rows.drop_duplicates()
    by = distinct.groupby("customer_id", sort=True)
    others = [name for name in rows if name not in ("customer_id", "consent_basis", *consents)]
    differ = by[others].nunique().gt(1) if others else pd.DataFrame(index=by.size().index)
    agreed = by[list(consents)].min().eq(1.0)
    torn = (by[list(consents)].min() != by[list(consents)].max()) & by[list(consents)].count().gt(1)
    table = pd.concat([agreed, by[others].first().mask(differ)], axis=1)
    if "consent_basis" in rows:
        table["consent_basis"] = _joined(distinct)
    return table[[name for name in rows if name != "customer_id"]], _notes(by.size(), torn, differ)


def _joined(rows: pd.DataFrame) -> pd.Series:
    """Return all bases that a customer's rows name, so that none depends on the order of rows."""
    named = rows.dropna(subset="consent_basis").drop_duplicates(["customer_id", "consent_basis"])
    ordered = named.sort_values(["customer_id", "consent_basis"], kind="stable")
    several = ordered.duplicated("customer_id", keep=False)
    joined = ordered[several].groupby("customer_id")["consent_basis"].agg("; ".join)
    return pd.concat([ordered[~several].set_index("customer_id")["consent_basis"], joined])


def _notes(size: pd.Series, torn: pd.DataFrame, differ: pd.DataFrame) -> tuple[str, ...]:
    notes = []
    if size.gt(1).any():
        notes.append(
            tell(
                "{gt:,} customers have several rows that differ; they were put together.", gt=size.gt(1).sum()
            )
        )
    if torn.any(axis=None):
        notes.append(
            tell(
                "{torn:,} of them say both yes and no to a channel; the no holds.",
                torn=torn.any(axis=1).sum(),
            )
        )
    for name in differ:
        if differ[name].any():
            notes.append(
                tell(
                    "{name} differs between the rows of {differ:,} customers and is left empty.",
                    name=name,
                    differ=differ[name].sum(),
                )
            )
    return tuple(notes)
