"""Whether a table keeps its contract, and whether text is a day: said in one sentence where not."""

from datetime import date

import pandas as pd
import pandera.pandas as pa
import pyarrow
from pandera.errors import SchemaErrors

from clv.errors import InputError
from clv.language import tell
from clv.tables.columns import YEARS

# What reading a damaged table raises: what describes the columns of Parquet may be anything.
UNREADABLE = (OSError, ValueError, TypeError, LookupError, AttributeError, pyarrow.ArrowException)


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
        raise InputError(tell("{value!r} is not a date; write it as 2026-06-30.", value=value)) from None
    if found.year not in YEARS:
        raise InputError(
            tell("the year {year} is no year of a shop; write the day as 2026-06-30.", year=found.year)
        )
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
        return tell(
            "the {contract} table {verb} {failure_case!r}.",
            contract=contract.name,
            verb=verb,
            failure_case=first["failure_case"],
        )
    if first["schema_context"] == "DataFrameSchema":
        rows = failures.loc[failures["check"] == rule, "index"].nunique()
        return tell(
            "the {contract} table breaks the rule '{rule}' in {rows} row(s).",
            contract=contract.name,
            rule=rule,
            rows=rows,
        )
    rows = (failures["check"] == rule) & (failures["column"] == first["column"])
    if rule.startswith("coerce_dtype('datetime"):
        return tell(
            "{contract}.{column} holds no time, or one in no year of a shop, in {rows} row(s); write it as "
            "2026-06-30 18:05.",
            contract=contract.name,
            column=first["column"],
            rows=rows.sum(),
        )
    if rule == "field_uniqueness":
        return tell(
            "{contract}.{column} should name each once, but {rows} row(s) share one with another row; keep "
            "one row of each.",
            contract=contract.name,
            column=first["column"],
            rows=rows.sum(),
        )
    return tell(
        "{contract}.{column} breaks the rule {rule} in {rows} row(s).",
        contract=contract.name,
        column=first["column"],
        rule=rule,
        rows=rows.sum(),
    )
