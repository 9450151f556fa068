"""Bytes of an Excel file → rows of text cells, of its first filled sheet."""

import io
import zipfile

import pandas as pd
import python_calamine

from clv.errors import InputError
from clv.language import tell
from clv.reading import sheet_bounds
from clv.reading.typed_cells import cell

_Sheet = tuple[str, int, list[list[object]]]


def read(content: bytes, name: str, *, is_zip: bool) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the cells as text, numbered as the rows of the sheet are (from 0), and notes.

    Raises
    ------
    InputError
        The file is no workbook, damaged, locked by a password, or holds more than a file of its size can.
    """
    if is_zip:
        _refuse_other_zip(content, name)
        sheet_bounds.check(content, name)
    sheets = _sheets(content, name)
    filled = [sheet for sheet in sheets if sheet[2]]
    if not filled:
        raise InputError(tell("{name} has no filled sheet; export it again.", name=name))
    title, first, rows = filled[0]
    raw = pd.DataFrame([[cell(value) for value in row] for row in rows], dtype="str")
    raw.index = pd.RangeIndex(first, first + len(raw))
    others = tell(
        "{name}: only the first filled sheet of {filled} was read, {title!r}.",
        name=name,
        filled=len(filled),
        title=title,
    )
    return raw, (others,) if len(filled) > 1 else ()


def _sheets(content: bytes, name: str) -> list[_Sheet]:
    """Return the title, the first row and the rows of each sheet."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [(title, book.get_sheet_by_name(title)) for title in book.sheet_names]
        return [(title, (sheet.start or (0, 0))[0], sheet.to_python()) for title, sheet in sheets]
    except python_calamine.PasswordError:
        raise InputError(
            tell("{name} is locked by a password; open it and save it without one.", name=name)
        ) from None
    except (python_calamine.CalamineError, OSError, ValueError):
        raise _unreadable(name) from None
    except BaseException as error:  # a panic of the library in Rust is no Exception, and has no public name
        if type(error).__name__ != "PanicException":
            raise
        raise _unreadable(name) from None


def _unreadable(name: str) -> InputError:
    return InputError(
        tell("{name} cannot be read as an Excel file; save it as .xlsx or .csv again.", name=name)
    )


def _refuse_other_zip(content: bytes, name: str) -> None:
    try:
        inside = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except sheet_bounds.DAMAGED:
        raise InputError(
            tell("{name} is a damaged Excel or zip file; copy or export it again.", name=name)
        ) from None
    if any(entry.flag_bits & 1 for entry in inside):
        raise InputError(
            tell("{name} is a zip file with a password; unpack it first and name the file inside.", name=name)
        )
    names = {entry.filename for entry in inside}
    if "content.xml" in names:
        raise InputError(tell("{name} is an OpenDocument sheet; save it as .xlsx or .csv.", name=name))
    if not any(inner.startswith("xl/") for inner in names):
        raise InputError(tell("{name} is a zip file; unpack it first and name the file inside.", name=name))
