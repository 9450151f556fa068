"""Errors that we did not write, without what they quote: a value in them may be somebody's name or number.

A library says what it choked on: could not convert string to float: '…'. What stays is the kind of error, the
words around what is quoted, and where in the program it happened.
"""

import re
from typing import TYPE_CHECKING, Any

from clv import errors, tables
from clv.language import tell
from clv.veils import HIDDEN, veiled

if TYPE_CHECKING:  # loading nbformat takes seconds
    from nbformat import NotebookNode

_TABLES = (tables.ORDERS, tables.LINES, tables.CUSTOMERS, tables.SCORES, tables.MEMBERS, tables.CONTACTS)
_OURS = {name for table in _TABLES for name in table.columns} | {"customer_id"}
_QUOTED = re.compile(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`\n]*)`")
_NOT_OF_A_PROGRAM = re.compile(r"[^\x00-\x7f…]+|\d{5,}")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(
    r"File |Cell In|During handling|The above exception|-{20}"
)  # where lines of the program begin
_ERROR = re.compile(r"(?:\w+\.)*(?P<name>[A-Z]\w*)(?::|\Z)")


def told(text: str) -> str:
    """Return the first line of an error without quotations, other than names of our columns, and numbers.

    >>> told("ValueError: could not convert string to float: 'Li 138'"), told("KeyError: 'paid_at'")
    ("ValueError: could not convert string to float: '…'", "KeyError: 'paid_at'")
    """
    plain = _COLOUR.sub("", text)
    first = next((line for line in plain.splitlines() if line.strip(": ")), "")
    return _NOT_OF_A_PROGRAM.sub(HIDDEN, veiled(_QUOTED.sub(_quoted, first)))


def reason(error: str) -> str:
    """Return what is to be said of an error, of which the kind comes first."""
    return no_memory() if errors.says_no_memory(error) else told(error)


def no_memory() -> str:
    """Return what to do where memory came to an end before a limit was reached."""
    return tell("there was not enough memory; close other programs, or run fewer at a time with --jobs.")


def without_values(output: "NotebookNode") -> "NotebookNode":
    """Return an output of a cell; of an error its kind, its place in the program and what may be told."""
    if output.get("output_type") == "stream" and output.get("name") == "stderr":
        return _changed(output, text=veiled(output["text"]))
    if output.get("output_type") != "error":
        return output
    ours = output["ename"] in errors.own_names()
    evalue = output["evalue"] if ours else told(output["evalue"])
    return _changed(output, evalue=evalue, traceback=[_shown("\n".join(output["traceback"]))])


def _shown(traceback: str) -> str:
    """Return the lines of a traceback that show the program, and of each error what may be told."""
    kept: list[str] = []
    of_error = False  # whose further lines are not told
    for line in _COLOUR.sub("", traceback).splitlines():
        if _PLACE.match(line):
            of_error = False
        elif found := _ERROR.match(line):
            of_error = True
            kept.append(line if found["name"] in errors.own_names() else told(line))
        if not of_error:
            kept.append(line)
    return "\n".join(kept)


def _quoted(found: re.Match[str]) -> str:
    inside = next(part for part in found.groups() if part is not None)
    return found[0] if inside in _OURS else f"{found[0][0]}{HIDDEN}{found[0][-1]}"


def _changed(output: "NotebookNode", **values: Any) -> "NotebookNode":
    changed = output.copy()
    changed.update(values)
    return changed
