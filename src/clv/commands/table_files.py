"""Tables as files: CSV where the name says .csv, Parquet where it says .parquet; written whole or not."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pyarrow.parquet

from clv import formulas, tables
from clv.commands.folders import check_folder_of
from clv.errors import InputError, SettingError
from clv.language import tell
from clv.reading.cells import each_once
from clv.whole_files import OWNER_ONLY, whole

ENDINGS = (".csv", ".parquet")


def check_name(path: Path) -> None:
    """Say in one sentence when a table cannot be a file of this name.

    Raises
    ------
    SettingError
        The name ends in neither .csv nor .parquet, or its folder is not there.
    """
    if path.suffix.lower() not in ENDINGS:
        raise SettingError(
            tell("{path!r} should end in .csv or .parquet, which says how it is written.", path=path.name)
        )
    check_folder_of(path)


def read(path: Path, contract: pa.DataFrameSchema) -> pd.DataFrame:
    """Return the table in the file `path`, as its contract wants it.

    Raises
    ------
    InputError
        There is no such file, it cannot be read, or it holds another table.
    """
    check_name(path)
    try:
        frame = _read_csv(path, contract) if path.suffix.lower() == ".csv" else _read_parquet(path)
    except FileNotFoundError:
        raise InputError(
            tell(
                "there is no file {path!r} in the folder {parent!r}.", path=path.name, parent=str(path.parent)
            )
        ) from None
    except tables.UNREADABLE:
        raise InputError(
            tell(
                "{path!r} cannot be read as a table of {contract}; write it again.",
                path=path.name,
                contract=contract.name,
            )
        ) from None
    try:
        return tables.check(_with_index(frame, contract), contract)
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write `frame`, which may name customers, to `path`, whole or not at all; only its owner can read it.

    A text that a spreadsheet would run as a formula gets an apostrophe in a CSV; `read` takes it off again.
    """
    check_name(path)
    with whole(path, mode=OWNER_ONLY) as fresh:
        if path.suffix.lower() == ".csv":
            named = frame.index.name is not None
            safe = frame.reset_index() if named else frame
            safe = _each_text(safe.rename(columns=str), formulas.neutralised)
            safe.to_csv(fresh, index=False, encoding="utf-8-sig")
        else:
            frame.to_parquet(fresh)


def as_text(path: Path, *, missing: str | None = None) -> pd.DataFrame:
    """Return a CSV of ours with the texts that were written; cells that hold `missing` are missing.

    Raises
    ------
    OSError, ValueError
        It cannot be read, or a row has more cells than the header. Where the first row has, pandas would
        take the first cells for a name of the row, and every other cell would stand a column too far left.
    """
    none = [] if missing is None else [missing]
    frame = pd.read_csv(path, dtype="str", keep_default_na=False, na_values=none, encoding="utf-8-sig")
    if not isinstance(frame.index, pd.RangeIndex):
        raise ValueError("rows with more cells than the header")
    return _each_text(frame, formulas.as_it_was)


def _read_csv(path: Path, contract: pa.DataFrameSchema) -> pd.DataFrame:
    """Read all as text, then by the contract: an id 007 stays 007, a customer called NA stays there."""
    frame = as_text(path, missing="")
    kinds = {name: str(contract.columns[name].dtype) for name in contract.columns if name in frame}
    return frame.assign(**{name: _typed(frame[name], kind) for name, kind in kinds.items()})


def _read_parquet(path: Path) -> pd.DataFrame:
    table = pyarrow.parquet.read_table(path)
    table.validate(full=True)  # else damaged texts are noticed when they are looked at
    return table.to_pandas()


def _each_text(frame: pd.DataFrame, work: Callable[[str], str]) -> pd.DataFrame:
    """Return the table with `work` done on each text in it, names of columns too."""
    done = frame.copy(deep=False)
    for name in frame:
        kind = frame[name].dtype
        kind = kind.categories.dtype if isinstance(kind, pd.CategoricalDtype) else kind
        if pd.api.types.is_string_dtype(kind):
            done[name] = each_once(frame[name], _mapped(work))
    return done.rename(columns=work)


def _mapped(work: Callable[[str], str]) -> Callable[[pd.Series], pd.Series]:
    return lambda distinct: distinct.map(work, na_action="ignore").astype("str")


def _typed(text: pd.Series, kind: str) -> pd.Series:
    if kind.startswith("datetime"):
        return pd.to_datetime(text, format="ISO8601")
    if kind == "bool":
        return text.str.lower().map({"true": True, "false": False})
    return text if kind.startswith("str") else text.astype(kind)


def _index_name(contract: pa.DataFrameSchema) -> list[str]:
    return [contract.index.name] if contract.index is not None else []


def _with_index(frame: pd.DataFrame, contract: pa.DataFrameSchema) -> pd.DataFrame:
    name = _index_name(contract)
    if not name or frame.index.names == name:
        return frame
    if name[0] not in frame.columns:
        raise InputError(
            tell("the {contract} table lacks the column {first!r}.", contract=contract.name, first=name[0])
        )
    return frame.set_index(name[0])
