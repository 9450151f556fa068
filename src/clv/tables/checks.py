"""Whether a table keeps its contract, and whether text is a day: said in one sentence where not."""

from datetime import date

import pandas as pd
import pandera.pandas as pa
from pandera.errors import SchemaErrors

from clv.errors import InputError


def as_day(value: object) -> date:
    """Return a day from a date, a moment, or text such as 2026-06-30.

    Raises
    ------
    InputError
        It names no day.
    """
    if isinstance(value, date) and not pd.isna(value):
        return pd.Timestamp(value).date()
    try:
        found = date.fromisoformat(str(value).strip())
    except ValueError:
        raise InputError(f"{value!r} is not a date; write it as 2026-06-30.") from None
    if not 1900 <= found.year <= 2200:
        raise InputError(f"the year {found.year} is no year of a shop; write the day as 2026-06-30.")
    return found


def check(frame: pd.DataFrame, contract: pa.DataFrameSchema) -> pd.DataFrame:
    """Return `frame` as its contract wants it, or say in one sentence what is wrong with it.

    Raises
    ------
    InputError
        Naming the table, the column, the rule, how many rows break it and the first row's number.
    """
    try:
        return contract.validate(frame, lazy=True)
    except SchemaErrors as error:
        raise InputError(_sentence(error.failure_cases, contract)) from None


def _sentence(failures: pd.DataFrame, contract: pa.DataFrameSchema) -> str:
    first = failures.iloc[0]
    rule = str(first["check"])
    if rule in ("column_in_dataframe", "column_in_schema"):
        verb = "lacks the column" if rule == "column_in_dataframe" else "has an unknown column"
        return f"the {contract.name} table {verb} {first['failure_case']!r}."
    if first["schema_context"] == "DataFrameSchema":
        rows = failures.loc[failures["check"] == rule, "index"].nunique()
        return f"the {contract.name} table breaks the rule '{rule}' in {rows} row(s)."
    rows = (failures["check"] == rule) & (failures["column"] == first["column"])
    return f"{contract.name}.{first['column']} breaks the rule {rule} in {rows.sum()} row(s)."
