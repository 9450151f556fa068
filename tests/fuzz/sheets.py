"""A table of text cells, written as the files that shops have."""

import csv
import gzip
import io
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

Row = Sequence[str]


def _text(rows: Sequence[Row], *, mark: str = ",", quoting: int = csv.QUOTE_MINIMAL) -> str:
    made = io.StringIO()
    csv.writer(made, delimiter=mark, quoting=quoting, lineterminator="\n").writerows(rows)
    return made.getvalue()


def _excel(rows: Sequence[Row]) -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, cell)
    return made.getvalue()


def _parquet(rows: Sequence[Row]) -> bytes:
    made = io.BytesIO()
    columns = [pa.array(list(column), type=pa.string()) for column in zip(*rows[1:], strict=True)]
    pq.write_table(pa.table(columns, names=list(rows[0])), made)
    return made.getvalue()


FORMS: dict[str, Callable[[Sequence[Row]], bytes]] = {
    "utf-8.csv": lambda rows: _text(rows).encode(),
    "bom.csv": lambda rows: _text(rows).encode("utf-8-sig"),
    "gb18030.csv": lambda rows: _text(rows).encode("gb18030"),
    "utf-16.csv": lambda rows: _text(rows, mark="\t").encode("utf-16"),
    "quoted.csv": lambda rows: _text(rows, quoting=csv.QUOTE_ALL).replace("\n", "\r\n").encode(),
    "tabs.tsv": lambda rows: _text(rows, mark="\t").encode(),
    "semicolons.csv": lambda rows: _text(rows, mark=";").encode(),
    "packed.csv.gz": lambda rows: gzip.compress(_text(rows).encode(), 1),
    "plain.parquet": _parquet,
    "plain.xlsx": _excel,
}
