"""Who moved where: the segments of the same customers on two days."""

import pandas as pd

from clv.errors import InputError
from clv.language import tell

NEW = "not yet a customer"
REST = "all other segments"
MOST = 12  # segments of a matrix that can still be read


def matrix(before: pd.Series, after: pd.Series, *, most: int = MOST) -> pd.DataFrame:
    """Return how many customers went from each segment of the first day to each of the second.

    Parameters
    ----------
    before, after
        Segment of each customer on the two days, indexed by customer; categories give the order.
    most
        With more segments than this the smallest of both days together become one.

    Returns
    -------
    Counts; one row per segment of the first day and one, last, for those who joined since; one column per
    segment of the second day.

    Raises
    ------
    InputError
        A customer of the first day is missing on the second: a customer once known stays known.
    """
    gone = before.index.difference(after.index)
    if len(gone):
        raise InputError(
            tell(
                "{gone} customer(s) of the first day are missing on the second; use the same orders.",
                gone=len(gone),
            )
        )
    names = _order(before, after, most)
    start = _named(before, names).reindex(after.index).fillna(NEW)
    counts = pd.crosstab(start.to_numpy(), _named(after, names).to_numpy())
    rows = [name for name in [*names, NEW] if name in counts.index]
    columns = [name for name in names if name in counts.columns]
    return counts.reindex(index=rows, columns=columns).rename_axis(index="before", columns="after")


def kept_share(before: pd.Series, after: pd.Series) -> float:
    """Return the share of the first day's customers who carry the same label on the second."""
    later = after.astype("str").reindex(before.index)
    return float((later == before.astype("str")).mean())


def _order(before: pd.Series, after: pd.Series, most: int) -> list[str]:
    """Return the segments in their order, the smallest as `REST` at the end where they are too many."""
    both = pd.concat([before.astype("str"), after.astype("str")])
    sizes = both.value_counts()
    categorical = isinstance(after.dtype, pd.CategoricalDtype)
    names = [str(name) for name in after.cat.categories] if categorical else sorted(sizes.index)
    present = [name for name in names if name in sizes.index]
    if len(present) <= most:
        return present
    large = set(sizes.index[: most - 1])
    return [*(name for name in present if name in large), REST]


def _named(labels: pd.Series, names: list[str]) -> pd.Series:
    text = labels.astype("str")
    return text.where(text.isin(names), REST)
