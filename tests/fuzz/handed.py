"""Tables, lists and records that a user hands over between commands, as bytes that anybody may have changed.

What `clv customers`, `score`, `addressees`, `purge` and the overview of runs read back: orders and customers
as CSV or Parquet, a list to be sent, a file of ids, the record of a run, the history of runs.
"""

import csv
import io
import json
import math
from decimal import Decimal, InvalidOperation
from functools import cache

import pandas as pd

from clv import history, tables
from clv.commands import cli_lists, cli_purge, table_files
from clv.errors import ClvError
from clv.running import runs
from fuzz import answers
from fuzz.declared import KEPT, REFUSED

_ORDERS = ["order_id", "customer_id", "paid_at", "amount", "refunded", "net", "channel", "category"]
_HALF_CENT = 0.005


def _read(name: str, data: bytes, contract: object) -> pd.DataFrame | None:
    try:
        return table_files.read(answers.written(name, data), contract)
    except ClvError as error:
        answers.hold(error)
        return None


def _money(data: bytes) -> Decimal | None:
    """Return the sum of the cells of `amount` as text says it; None where a cell is not a plain number."""
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    at = rows[0].index("amount")
    try:
        return sum((Decimal(row[at].strip()) for row in rows[1:] if row), Decimal(0))
    except (InvalidOperation, IndexError):
        return None


def orders_table(data: bytes) -> dict[str, int]:
    """Accepted orders hold the money that their cells say, to the cent, and a row for each of their lines."""
    found = _read("orders.csv", data, tables.ORDERS)
    if found is None:
        return REFUSED
    assert found["amount"].map(math.isfinite).all() and found["order_id"].notna().all()
    said = _money(data)
    assert said is None or abs(float(said) - found["amount"].sum()) < _HALF_CENT, (said, len(found))
    return {"files": 1, "rows": len(found)}


def customers_table(data: bytes) -> dict[str, int]:
    """Accepted customers keep the contract that models read by."""
    found = _read("customers.csv", data, tables.CUSTOMERS)
    if found is None:
        return REFUSED
    assert found["total_spend"].map(math.isfinite).all() and (found["T"] >= found["recency"]).all()
    return {"files": 1, "rows": len(found)}


def tables_parquet(data: bytes) -> dict[str, int]:
    """Bytes under the name of a Parquet table are a table or one sentence."""
    found = [_read("table.parquet", data, one) for one in (tables.ORDERS, tables.CUSTOMERS)]
    return REFUSED if all(one is None for one in found) else KEPT


def list_to_send(data: bytes) -> dict[str, int]:
    """Of a list only those are sent to who are to be: nobody of the control group, whatever else is in it."""
    path = answers.written("list.csv", data)
    try:
        found = cli_lists._to_send(path)
    except ClvError as error:
        answers.hold(error)
        return REFUSED
    rows = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    sent = rows[rows["arm"] == "send"] if "arm" in rows else rows
    sent = sent[sent["kept"] == "True"] if "kept" in sent else sent
    assert found["customer_id"].tolist() == sent["customer_id"].tolist()
    return {"files": 1, "rows": len(rows)}


def ids_to_purge(data: bytes) -> dict[str, int]:
    """A file of ids is lines, or one sentence."""
    try:
        found = cli_purge._lines(answers.written("ids.txt", data))
    except ClvError as error:
        answers.hold(error)
        return REFUSED
    assert all("\n" not in one for one in found)
    return {"files": 1, "rows": len(found)}


def run_record(data: bytes) -> dict[str, int]:
    """A record is told whole, or passed over."""
    path = answers.folder() / "records" / "gold" / "01_orders.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    found = runs.load(path)
    if found is None:
        return REFUSED
    assert {"shop", "notebook", "status", "key"} <= set(found)
    runs.everything(path.parent.parent, ["gold"])
    return KEPT


def run_history(data: bytes) -> dict[str, int]:
    """Each line is a run or is counted as damaged; what is none loses no other."""
    folder = answers.folder() / "runs" / "gold"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "history.jsonl").write_bytes(data)
    lines = [line for line in data.split(b"\n") if line.strip()]
    good = sum(history._run(line) is not None for line in lines)
    facts = history.read(folder.parent)
    assert facts["line"].nunique() <= good
    assert bool(history.damage(folder.parent)) == (good < len(lines))
    assert facts.empty or good
    return {"files": 1, "rows": len(lines)}


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=frame.index.name is not None).encode()


@cache
def _orders() -> bytes:
    made = {
        name: ["x", "y"] if str(column.dtype).startswith("str") else [1.5, 2.25]
        for name, column in tables.ORDERS.columns.items()
        if not str(column.dtype).startswith("datetime")
    }
    days = {
        name: ["2026-01-05 10:00:00", "2026-02-05 10:00:00"]
        for name, column in tables.ORDERS.columns.items()
        if str(column.dtype).startswith("datetime")
    }
    return _csv(pd.DataFrame({**made, **days})[list(tables.ORDERS.columns)])


@cache
def _customers() -> bytes:
    found = answers.customers().rename_axis("customer_id")
    return _csv(found[[name for name in tables.CUSTOMERS.columns if name in found]])


_LIST = (
    "customer_id,channel,send_on,arm,message,code\n"
    "c_1,sms,2026-07-01,send,hello,A1\nc_2,sms,2026-07-01,control,,\n"
)
_RECORD = {"shop": "gold", "notebook": "01_orders", "status": "ok", "key": "k", "ipynb": "a", "html": "b"}
_RUN = {
    "shop": "gold", "notebook": "01_orders", "at": "2026-06-30T09:30:00+08:00", "until": "2026-06-30",
    "key": "k", "facts": [],
}  # fmt: skip


@cache
def _parquet() -> bytes:
    kept = io.BytesIO()
    pd.read_csv(io.BytesIO(_orders()), dtype="str").to_parquet(kept)
    return kept.getvalue()


TARGETS = {
    "orders_table": orders_table,
    "customers_table": customers_table,
    "tables_parquet": tables_parquet,
    "list_to_send": list_to_send,
    "ids_to_purge": ids_to_purge,
    "run_record": run_record,
    "run_history": run_history,
}
SEEDS = {
    "orders_table": [_orders()],
    "customers_table": [_customers()],
    "tables_parquet": [_parquet()],
    "list_to_send": [_LIST.encode(), _LIST.replace("arm", "kept").replace(",send,", ",True,").encode()],
    "ids_to_purge": [b"13800000000\n=1+1\n"],
    "run_record": [json.dumps(_RECORD).encode()],
    "run_history": [json.dumps(_RUN).encode() + b"\n"],
}
WORDS = {
    "orders_table": [b"nan", b"inf", b"1e400", b"-0", b'"', b"\x00", b"20215-01-01", b"amount"],
    "list_to_send": [b"send", b"control", b"True", b'"', b"\x00", b"arm", b"kept"],
}
