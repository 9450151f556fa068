"""Any labeller put to the test: does the file's order decide, are equals split, is anybody left over?"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from clv import tables
from clv.errors import InputError
from clv.language import tell
from clv.linting.fault import Fault

Label = Callable[[pd.DataFrame], pd.Series]
_SHUFFLES = 3
_MISSING = "\0missing"
_SHOWN = ("days_since_last", "frequency", "total_spend")


def faults(label: Label, customers: pd.DataFrame, *, rng: np.random.Generator) -> list[Fault]:
    """Return what is wrong with the labels that a function gives to the customers of a day.

    Raises
    ------
    InputError
        The table breaks its contract, or the function gives back something else than one label per customer.
    """
    table = tables.check(customers, tables.CUSTOMERS)
    labels = _labels(label, table)
    return [*_by_file(label, table, labels, rng), *_split(table, labels), *_gap(table, labels)]


def _labels(label: Label, customers: pd.DataFrame) -> pd.Series:
    """Return the labels as text by customer; by place where the function drops the index."""
    given = label(customers.copy())
    if np.ndim(given) != 1:
        raise InputError(
            tell("the labeller gave no list of labels; let it return a Series with one for each customer.")
        )
    found = pd.Series(given)
    if found.index.is_unique and found.index.isin(customers.index).all():
        found = found.reindex(customers.index)
    elif len(found) != len(customers):
        raise InputError(
            tell(
                "the labeller gave {found:,} labels to {customers:,} customers; give one to each.",
                found=len(found),
                customers=len(customers),
            )
        )
    text = found.astype(object).where(found.notna(), _MISSING).map(str)
    return pd.Series(text.where(text.str.strip() != "", _MISSING).to_numpy(), index=customers.index)


def _by_file(
    label: Label, customers: pd.DataFrame, labels: pd.Series, rng: np.random.Generator
) -> list[Fault]:
    n = len(customers)
    orders = [np.arange(n)[::-1], *(rng.permutation(n) for _ in range(_SHUFFLES))]
    other = [_labels(label, customers.iloc[order]).reindex(labels.index) for order in orders]
    changed = np.any([one.to_numpy() != labels.to_numpy() for one in other], axis=0)
    if not changed.any():
        return []
    first = int(changed.argmax())
    instead = next(one.iloc[first] for one in other if one.iloc[first] != labels.iloc[first])
    sentence = tell(
        "{changed:,} of {n:,} customers get another label when the rows stand in another order, "
        "the first {said}. Let a label depend on the customer alone.",
        changed=changed.sum(),
        n=n,
        said=_said([labels.iloc[first], instead], customers),
    )
    return [Fault("file order", sentence)]


def _split(customers: pd.DataFrame, labels: pd.Series) -> list[Fault]:
    """Return one fault where customers are equal in every column and not in their label."""
    group = customers.groupby(list(customers.columns), dropna=False, sort=False).ngroup().to_numpy()
    differ = labels.groupby(group).transform("nunique") > 1
    if not differ.any():
        return []
    first = int(differ.to_numpy().argmax())
    theirs = labels[group == group[first]].drop_duplicates().head(2)
    sentence = tell(
        "{differ:,} of {customers:,} customers are equal to others in every column and labelled "
        "otherwise; those with {values} are {said}. Keep equal customers together.",
        differ=differ.sum(),
        customers=len(customers),
        values=_values(customers, first),
        said=_said(theirs, customers),
    )
    return [Fault("split", sentence)]


def _gap(customers: pd.DataFrame, labels: pd.Series) -> list[Fault]:
    missing = (labels == _MISSING).to_numpy()
    if not missing.any():
        return []
    sentence = tell(
        "{missing:,} of {customers:,} customers get no label, the first with {values}. Give everybody one.",
        missing=missing.sum(),
        customers=len(customers),
        values=_values(customers, int(missing.argmax())),
    )
    return [Fault("gap", sentence)]


def _values(customers: pd.DataFrame, place: int) -> str:
    """Return what a customer did: an example that names nobody."""
    like = customers.iloc[place]
    return ", ".join(f"{name.replace('_', ' ')} {like[name]:,.10g}" for name in _SHOWN)


def _said(labels: Iterable[str], customers: pd.DataFrame) -> str:
    """Return labels for a sentence; one that is a customer's id is not shown."""
    shown = (one if one not in customers.index else "(an id)" for one in labels)
    return " or ".join("without a label" if one == _MISSING else f"'{one}'" for one in shown)
