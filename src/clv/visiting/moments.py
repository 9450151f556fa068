"""Moments that can be compared: where one table is written in whole days, the others are taken as days too.

An order of 2026-06-20 without an hour would otherwise lie before every visit of that day.
"""

import pandas as pd

DAY = pd.Timedelta(days=1)


def comparable(*columns: pd.Series) -> tuple[pd.Series, ...]:
    """Return columns of moments as they are, or all as days where one of them has no time of day.

    >>> day, hour = pd.Series(pd.to_datetime(["2026-06-20"])), pd.Series(pd.to_datetime(["2026-06-20 10:00"]))
    >>> bool((comparable(hour, day)[0] == day).all())
    True
    """
    moments = tuple(column.astype("datetime64[ns]") for column in columns)
    days = tuple(column.dt.normalize() for column in moments)
    whole = (len(a) > 0 and a.eq(b).all() for a, b in zip(moments, days, strict=True))
    return days if any(whole) else moments


def days_between(moments: pd.Series, on: pd.Timestamp) -> pd.Series:
    """Return whole days from the day of each moment to a day."""
    return (on - moments.dt.normalize()).dt.days
