"""Files beside the orders (members, contacts, past campaigns) → one table of text under our column names.

Customers must meet those of the orders, so their ids are of the same kind and cleaned by the same rules.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clv import sources
from clv.errors import InputError
from clv.language import tell
from clv.reading import buyers, damaged_ids, exports, extra_columns, shown
from clv.reading.exports import Export
from clv.reading.extra_columns import Fields, Manner

PSEUDONYM = r"c_[0-9a-f]{12}"  # what a list of ours calls a customer; such a list may come back as contacts


@dataclass(frozen=True, eq=False)
class Gathered:
    """Rows of some files: `customer_id`, text columns, `file` and `row` (where it stands).

    `names` are those of the files, `present` our columns that each of them has, `notes` are for the reader.
    """

    rows: pd.DataFrame
    names: tuple[str, ...]
    present: tuple[frozenset[str], ...]
    notes: tuple[str, ...]

    def has(self, column: str) -> pd.Series:
        """Return which rows are of a file with that column."""
        return self.rows["file"].map({at: column in there for at, there in enumerate(self.present)})

    def first(self, bad: pd.Series) -> str:
        """Return the place of the first bad row, in words."""
        one = self.rows[bad].iloc[0]
        return tell("first row {row} of {names}", row=one["row"], names=self.names[one["file"]])


def gather(
    paths: str | Path | Iterable[str | Path],
    fields: Fields,
    *,
    need: Iterable[str],
    manner: Manner,
    what: str,
) -> Gathered:
    """Put files of one kind below each other; unknown columns are passed over.

    Parameters
    ----------
    fields
        Our columns, besides the customer's: further headers that mean the same, the best first.
    need
        Columns that every file must have.
    what
        What errors call such a file.

    Raises
    ------
    InputError
        A column is missing, misspelt or there twice, or no row names a customer.
    """
    found = [read(path, what=what) for path in exports.find(paths, what=what)]
    return together(found, fields, need=need, manner=manner)


def read(path: Path, *, what: str) -> Export:
    """Read one file; see `gather`."""
    return exports.read(
        path, no_rows=tell("leave `{what}:` out of the shop file until there are any.", what=what)
    )


def together(found: Sequence[Export], fields: Fields, *, need: Iterable[str], manner: Manner) -> Gathered:
    """Put files that are already read below each other; see `gather`."""
    wanted = {"customer_id": extra_columns.customer(manner), **fields}
    known = [extra_columns.checked(export, wanted, ("customer_id", *need), manner) for export in found]
    parts = [_renamed(e, t, at) for at, (e, t) in enumerate(zip(found, known, strict=True))]
    rows = pd.concat(parts, ignore_index=True).reindex(columns=[*wanted, "file", "row"])
    text = {name: rows[name].astype("str") for name in wanted}
    names = tuple(export.name for export in found)
    rows, notes = _named(shown.columns(rows.assign(**text)), names, manner)
    notes = (*(note for export in found for note in export.notes), *notes)
    return Gathered(rows, names, tuple(map(frozenset, known)), notes)


def _renamed(export: Export, titles: Mapping[str, str], at: int) -> pd.DataFrame:
    ours = {name: export.table[title] for name, title in titles.items()}
    return pd.DataFrame(ours).assign(file=at, row=export.table.index)


def _named(
    rows: pd.DataFrame, names: tuple[str, ...], manner: Manner
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows with clean ids, without those that name nobody."""
    text = rows["customer_id"]
    damaged = rows.groupby("file", sort=False)["customer_id"].transform(damaged_ids.rounded).astype(bool)
    files = ", ".join(names[:3])
    if damaged.any():
        raise InputError(
            tell(
                "Excel has rounded the customer ids of {damaged:,} rows of {files}; export again and do "
                "not open the file in Excel before.",
                damaged=damaged.sum(),
                files=files,
            )
        )
    ours = text.str.fullmatch(PSEUDONYM).eq(other=True)
    clean = buyers.cleaned(text, manner.kind, sources.load(manner.platform)).mask(ours, text)
    nobody = clean.isna()
    if nobody.all():
        raise InputError(
            tell(
                "not one of {rows:,} rows of {files} names a customer by {kind}, as the orders do; "
                "masked and empty cells name nobody.",
                rows=len(rows),
                files=files,
                kind=manner.kind,
            )
        )
    said = tell(
        "{nobody:,} of {rows:,} rows of {files} name no customer and were left out.",
        nobody=nobody.sum(),
        rows=len(rows),
        files=files,
    )
    kept = rows.assign(customer_id=clean)[~nobody].reset_index(drop=True)
    return kept, (said,) if nobody.any() else ()
