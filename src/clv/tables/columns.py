"""What the columns of all tables are made of."""

import pandera.pandas as pa

MONEY_DIGITS = 4  # that sums of money are rounded to, so that equal sums are equal numbers
MOST_MONEY = 1e14  # nobody pays that; below it, money in whole units fits into 64 bits
MOST_OF_ALL = 9e14  # of all orders together: above, a sum in whole units would not fit into 64 bits
SANE = pa.Check.lt(MOST_MONEY)  # infinity is no money either
DAY = "datetime64[ns]"
YEARS = range(1900, 2201)  # in which shops sell
CUSTOMER_INDEX = pa.Index(str, name="customer_id", unique=True, description="who; one row each")


def column(
    dtype: object, meaning: str, *checks: pa.Check, nullable: bool = False, **rules: object
) -> pa.Column:
    """Return a column with its type, its meaning and its rules."""
    return pa.Column(dtype, list(checks), nullable=nullable, description=meaning, **rules)
