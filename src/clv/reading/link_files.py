"""Link files → which keys a shop says are one person's: one row per key, in either of two forms.

    person, kind, value [, source]                         all rows of one person are one
    customer_id, same_as [, source, same_as_source]        pairs of customer ids as the orders have them

`source` says from which of the shop's exports an id is; it may stay empty where only one has such an id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from clv import sources, tables
from clv.errors import InputError
from clv.language import tell
from clv.reading import extra_cells, extra_columns, extra_files, keys
from clv.reading.columns import KEYS
from clv.reading.exports import Export, find
from clv.reading.extra_columns import Manner
from clv.reading.extra_files import Gathered
from clv.sources import Headers, KeyKind

CUSTOMER = "customer_id"
LINKS = pa.DataFrameSchema(
    {
        "person": pa.Column("int64", description="rows with one number are one person"),
        "kind": pa.Column(str, description="a kind of key, or customer_id"),
        "value": pa.Column(str, description="the key, cleaned; hidden wherever it is kept"),
        "source": pa.Column(str, nullable=True, description="the export that it is from; missing: whichever"),
        "row": pa.Column("int64", description="the row of the files, numbered"),
    },
    name="links",
    strict=True,
    coerce=True,
)
_PERSONS: dict[str, Headers] = {
    "person": ("人", "客户", "同一人"),
    "kind": ("类型", "种类"),
    "value": ("值", "号码"),
    "source": ("来源", "平台"),
}
_PAIRS: dict[str, Headers] = {
    CUSTOMER: ("客户编号", "会员号"),
    "same_as": ("等同于", "同"),
    "source": ("来源", "平台"),
    "same_as_source": ("等同来源", "等同平台"),
}
_KINDS: dict[str, Headers] = dict.fromkeys((CUSTOMER, *KEYS), ()) | {
    CUSTOMER: ("客户编号", "id"),
    "phone": ("mobile", "手机", "手机号", "买家手机号"),
    "email": ("e-mail", "邮箱"),
    "nick": ("昵称", "会员名", "旺旺", "买家会员名"),
    "member_id": ("会员号", "会员卡号"),
    "buyer_open_uid": ("open_uid",),
}


@dataclass(frozen=True, eq=False)
class LinksRead:
    """LINKS of a shop's link files, raw until hidden, and sentences on what was found in them."""

    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def nothing() -> LinksRead:
    """Return the links of a shop that names no such file."""
    return LinksRead(tables.check(pd.DataFrame(columns=list(LINKS.columns)), LINKS))


def read(paths: str | Path | Iterable[str | Path], *, known: Sequence[str]) -> LinksRead:
    """Read link files of either form.

    Parameters
    ----------
    paths
        Files or globs, CSV or Excel.
    known
        The names of the shop's exports, one of which a cell of `source` must be.

    Returns
    -------
    The LINKS, equal rows once. Rows with a masked, virtual or empty value name nobody and are left out, as
    are those whose person has no other row; both are counted in a note.

    Raises
    ------
    InputError
        A file or a column is not what it should be, or a kind or a source is not known.
    """
    parts = [_read(path, known) for path in find(paths, what="links")]
    rows = pd.concat([part.assign(file=at) for at, part in enumerate(parts)], ignore_index=True)
    rows["row"] = range(len(rows))
    alone = ~rows["person"].isna() & ~rows.duplicated(["person"], keep=False)
    left = rows[rows["value"].notna() & rows["person"].notna()]
    left = left.drop_duplicates(["person", "kind", "value", "source"])
    left = left[left.duplicated("person", keep=False)]
    table = left.assign(person=pd.factorize(left["person"], sort=True)[0])[list(LINKS.columns)]
    return LinksRead(tables.check(table.reset_index(drop=True), LINKS), _notes(rows, left, alone))


def _notes(rows: pd.DataFrame, left: pd.DataFrame, alone: pd.Series) -> tuple[str, ...]:
    nobody = rows["value"].isna() | rows["person"].isna()
    said = [
        (nobody.sum(), "name nobody (the cell is empty, masked or a virtual number)"),
        ((alone & ~nobody).sum(), "are alone: their person has no other row"),
    ]
    return tuple(
        tell("{count:,} of {rows:,} rows of the link file {what}.", count=count, rows=len(rows), what=what)
        for count, what in said
        if count
    )


def _read(path: Path, known: Sequence[str]) -> pd.DataFrame:
    """Return person (text), kind, value and source of one file, every row of it."""
    export = extra_files.read(path, what="links")
    in_pairs = "same_as" in extra_columns.titles(export, _PAIRS)
    found = _gathered(export, _PAIRS if in_pairs else _PERSONS)
    rows = _of_pairs(found) if in_pairs else found.rows
    for name in chain(["source"], ["same_as_source"] if in_pairs else []):
        _refuse_strange(found, name, known)
    if in_pairs:
        return rows
    kind = extra_cells.words(found, "kind", _KINDS)
    extra_cells.filled(found, "kind")
    return rows[["person", "source"]].assign(kind=kind, value=_cleaned(rows["value"], kind))


def _gathered(export: Export, wanted: dict[str, Headers]) -> Gathered:
    need = [name for name in wanted if not name.endswith("source")]
    titles = extra_columns.checked(export, wanted, need, Manner())
    rows = export.table[list(titles.values())].set_axis(list(titles), axis=1).reindex(columns=list(wanted))
    text = {name: rows[name].astype("str") for name in wanted}
    rows = pd.DataFrame(text).assign(file=0, row=export.table.index).reset_index(drop=True)
    return Gathered(rows, (export.name,), (frozenset(titles),), export.notes)


def _of_pairs(found: Gathered) -> pd.DataFrame:
    """Return two rows for each pair, with a person of its own; shared ids join pairs later."""
    sides = [(CUSTOMER, "source"), ("same_as", "same_as_source")]
    both = [
        pd.DataFrame(
            {
                "person": found.names[0] + " " + found.rows["row"].astype("str"),
                "source": found.rows[source],
                "kind": CUSTOMER,
                "value": _cleaned(found.rows[name], pd.Series(CUSTOMER, found.rows.index, dtype="str")),
            }
        )
        for name, source in sides
    ]
    return pd.concat(both)


def _cleaned(value: pd.Series, kind: pd.Series) -> pd.Series:
    """Return values as the orders' keys and customer ids are written."""
    csv = sources.load("csv")
    parts = []
    for name, rows in kind.groupby(kind).groups.items():
        text = value[rows]
        if name == CUSTOMER:  # of whatever kind: a mail address, a phone with its country, or an id
            parts += [keys.cleaned(text[at], of, csv) for of, at in _looks_like(text).items()]
        else:
            parts.append(keys.cleaned(text, name, csv))
    return pd.concat(parts).reindex(value.index) if parts else value


def _looks_like(text: pd.Series) -> dict[KeyKind, pd.Series]:
    mail = text.str.contains("@", regex=False).eq(other=True)
    phone = text.str.contains(r"^(?:\+|00)86|^1\d{2}[ -]\d{4}[ -]\d{4}$").eq(other=True)
    return {"email": mail, "phone": phone & ~mail, "member_id": ~phone & ~mail}


def _refuse_strange(found: Gathered, column: str, known: Sequence[str]) -> None:
    named = found.rows[column]
    strange = named.notna() & ~named.isin(known)
    if strange.any():
        raise InputError(
            tell(
                "{column} names an export that this shop has not in {strange:,} of {named:,} rows, "
                "{first}; write {known}, or leave it empty.",
                column=column,
                strange=strange.sum(),
                named=len(named),
                first=found.first(strange),
                known=" or ".join(known),
            )
        )
