"""What stands for the rows of a table, so that what was made of them is made again when one cell changes.

The database makes a number of 60 bits from the text of each row and adds these up, and counts the rows: one
pass over the table, one row as the answer, and the same whatever order the rows lie in. An export's bytes are
read for the same purpose. Cheaper signs (the last day, counters of the server) miss a refund that somebody
enters for an old order.
"""

from clv.databases import statements
from clv.databases.opening import opened
from clv.declaring.addresses import Address


def of(address: Address) -> str:
    """Return what stands for the columns and the rows of a table.

    Raises
    ------
    InputError
        As `opened` does.
    """
    with opened(address) as table:
        hashed = statements.with_hash(table, address)
        # a sum of numbers of 60 bits needs more than 64
        added = hashed[statements.HASH].cast("decimal(38, 0)").sum().cast("string")
        found = hashed.aggregate(rows=hashed.count(), added=added).to_pandas()
        return f"{found.at[0, 'rows']} {found.at[0, 'added']} {', '.join(table.columns)}"
