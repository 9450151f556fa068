"""Lists that may be handed over: for each channel a CSV and a workbook with the same rows, all of it text.

    folder / list-sms.csv, list-sms.xlsx, list-phone.csv, ...

Those who are left alone stand in the list with arm `control`, so that it can be compared later; their code,
subject and message are empty, so that nobody sends to them by mistake, and the workbook has them in grey.
"""

import csv
from collections.abc import Iterator
from contextlib import closing, contextmanager
from fnmatch import fnmatch
from pathlib import Path

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from clv import scratch, whole_files
from clv.errors import InputError, SettingError
from clv.formulas import FORMULA, neutralised
from clv.language import tell
from clv.tables import CHANNELS, SENDLIST, check

_SENT = ("code", "subject", "message")  # what the control arm does not have
# What a list folder may hold; a folder with anything else in it is somebody's, and not replaced.
OURS = ("list-*.csv", "list-*.xlsx", "call-sheets*.html", "~$list-*", ".~lock.*", ".DS_Store", "Thumbs.db")
WIDTHS = {
    "message": 70,
    "reason": 45,
    "subject": 35,
    "offer_text": 35,
    "consent_basis": 30,
    "customer_id": 20,
    "segment": 20,
}
_MOST_ROWS = 1_048_575  # of a worksheet, without its header
_BOLD, _GREY, _WRAPPED = Font(bold=True), PatternFill("solid", fgColor="FFD0D0D0"), Alignment(wrap_text=True)


def write(sendlist: pd.DataFrame, folder: Path) -> list[Path]:
    """Write one CSV and one workbook for each channel, whole or not at all, and return their paths.

    The folder is made or replaced as a whole, so that no file of an older list stays; only its owner can
    read it. Rows are sorted by day of sending, offer and customer. The CSV is UTF-8 with a mark that tells
    Excel so; a cell that a spreadsheet would run as a formula gets an apostrophe in front there, and is plain
    text in the workbook.

    Parameters
    ----------
    sendlist
        As `tables.SENDLIST` has it. Without rows the folder is left empty.

    Raises
    ------
    InputError
        The table breaks its contract, or has more rows for a channel than a worksheet.
    SettingError
        The folder holds other files, or cannot be written.
    """
    rows = _blank_control(check(sendlist, SENDLIST))[list(SENDLIST.columns)]
    rows = rows.sort_values(["send_on", "offer", "customer_id"])
    folder = folder.parent.resolve() / folder.name
    with _replaced(folder) as fresh:
        for channel in CHANNELS:
            _write_channel(rows[rows["channel"] == channel], channel, fresh)
        names = sorted(path.name for path in fresh.iterdir())
    return [folder / name for name in names]


def clear(folder: Path) -> None:
    """Take away the lists of a folder, and the folder where nothing else is in it.

    What a write that was killed left beside the folder goes too. A link is left alone: it leads elsewhere.
    """
    whole_files.sweep(folder.parent)
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.is_file() and any(fnmatch(path.name, name) for name in OURS):
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()


def write_csv(rows: pd.DataFrame, path: Path) -> None:
    """Write a table of text as one CSV, whole or not at all, as `write` does it; only its owner can read it.

    Raises
    ------
    SettingError
        It cannot be written there.
    """
    try:
        with whole_files.whole(path, mode=whole_files.OWNER_ONLY) as fresh:
            _save_csv(rows, fresh)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingError(
            tell("{path!r} cannot be written ({why}); name another file.", path=path.name, why=why)
        ) from None


def _blank_control(rows: pd.DataFrame) -> pd.DataFrame:
    left_alone = rows["arm"] == "control"
    return rows.assign(**{name: rows[name].mask(left_alone, "") for name in _SENT})


def _write_channel(rows: pd.DataFrame, channel: str, folder: Path) -> None:
    if rows.empty:
        return
    if len(rows) > _MOST_ROWS:
        raise InputError(
            tell(
                "{rows} rows for {channel} are more than a worksheet holds; split the campaign.",
                rows=len(rows),
                channel=channel,
            )
        )
    _save_csv(rows, folder / f"list-{channel}.csv")
    book = folder / f"list-{channel}.xlsx"
    _write_book(rows, channel, book)
    book.chmod(whole_files.OWNER_ONLY)


def _save_csv(rows: pd.DataFrame, path: Path) -> None:
    safe = rows.apply(lambda column: column.map(neutralised)).rename(columns=neutralised)
    # All in quotes: a spreadsheet that expects semicolons then splits no cell into two.
    safe.to_csv(path, index=False, encoding="utf-8-sig", quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    path.chmod(whole_files.OWNER_ONLY)


def _write_book(rows: pd.DataFrame, channel: str, path: Path) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(channel)
    sheet.freeze_panes = "A2"
    for place, name in enumerate(rows.columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTHS.get(name, 14)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(rows.columns))}{len(rows) + 1}"
    sheet.append([_cell(sheet, name, font=_BOLD) for name in rows.columns])
    looks = [{"alignment": _WRAPPED} if name == "message" else {} for name in rows.columns]
    for row, arm in zip(rows.itertuples(index=False), rows["arm"], strict=True):
        fill = {"fill": _GREY} if arm == "control" else {}
        sheet.append([_cell(sheet, text, **look, **fill) for text, look in zip(row, looks, strict=True)])
    book.save(path)


def _cell(sheet: WriteOnlyWorksheet, text: str, **look: object) -> WriteOnlyCell:
    """Return a cell that is text, whatever it looks like; an empty one only looks like its row."""
    said = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell = WriteOnlyCell(sheet, said or None)
    cell.data_type = "s" if said else "n"  # how a workbook says that nothing is in it
    cell.number_format = "@"
    cell.quotePrefix = bool(FORMULA.match(text))
    for name, value in look.items():
        setattr(cell, name, value)
    return cell


@contextmanager
def _replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder to fill; it takes the place of `folder` when all went well."""
    _check_ours(folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with closing(scratch.folder(scratch.NEW, place=folder.parent)) as room:
            fresh = room.path / "new"
            fresh.mkdir(mode=0o700)
            yield fresh
            _swap(folder, fresh, old=room.path / "old")
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise SettingError(
            tell(
                "the list folder {folder!r} cannot be written ({why}); choose another.",
                folder=folder.name,
                why=why,
            )
        ) from None


def _swap(folder: Path, fresh: Path, *, old: Path) -> None:
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise


def _check_ours(folder: Path) -> None:
    if folder.is_symlink():
        raise SettingError(
            tell(
                "{folder!r} is a link to elsewhere; name a folder of its own for the lists.",
                folder=folder.name,
            )
        )
    if not folder.exists():
        return
    if not folder.is_dir():
        raise SettingError(tell("{folder!r} is a file; name a folder for the lists.", folder=folder.name))
    others = [p for p in folder.iterdir() if p.is_dir() or not any(fnmatch(p.name, name) for name in OURS)]
    if others:
        raise SettingError(
            tell(
                "the folder {folder!r} holds {others} thing(s) that are no lists and would be lost; name "
                "a folder of its own for the lists.",
                folder=folder.name,
                others=len(others),
            )
        )
