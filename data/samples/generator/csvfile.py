"""Write a table of text as a platform writes it: quotes only where needed, CRLF, a chosen encoding."""

import json
from pathlib import Path

import pandas as pd


def header(name: str) -> list[str]:
    """Return the real column names of an export, blanks at their ends included (headers.json)."""
    text = Path(__file__).with_name("headers.json").read_text(encoding="utf-8")
    return json.loads(text)[name]


def write(cells: pd.DataFrame, header: list[str], path: Path, *, encoding: str) -> None:
    """Write `cells` (text, columns named as in `header`; the missing ones stay empty)."""
    blank = [""] * len(cells)
    columns = [cells[name].tolist() if name in cells else blank for name in dict.fromkeys(header)]
    by_name = dict(zip(dict.fromkeys(header), columns, strict=True))
    rows = zip(*(by_name[name] for name in header), strict=True)
    text = "\r\n".join([",".join(header), *(",".join(map(_cell, row)) for row in rows), ""])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode(encoding))


def _cell(text: str) -> str:
    """Quote where a reader needs it; ="12" stays bare, as platforms write it to keep ids from Excel."""
    bare = text[2:-1] if text.startswith('="') and text.endswith('"') else text
    if not any(sign in bare for sign in ',"\r\n'):
        return text
    return '"' + text.replace('"', '""') + '"'


def money(values: pd.Series) -> pd.Series:
    """Return amounts as text with two decimals at most."""
    return values.map(lambda v: f"{v:.2f}".removesuffix("0").removesuffix(".0") if v else "0")


def stamps(times: pd.Series) -> pd.Series:
    """Return moments as 2024-07-01 20:15:00; missing ones as nothing."""
    return times.dt.strftime("%Y-%m-%d %H:%M:%S").fillna("").astype(object)
