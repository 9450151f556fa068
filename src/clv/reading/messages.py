"""Rows of messages, with columns of answers → one row per event.

Whatever came of a message counts, even of one that is said to have failed; only to have been sent does not.
"""

import pandas as pd

from clv.language import tell
from clv.reading import extra_cells, extra_headers
from clv.reading.extra_columns import Manner
from clv.reading.extra_files import Gathered

_COLUMNS = {  # of each answer: when it came, or whether it did
    event: [when, event]
    for event, when in zip(extra_headers.ANSWERED, extra_headers.ANSWERED_AT, strict=True)
}
_ANSWERS = [*extra_headers.ANSWERED_AT, *extra_headers.ANSWERED]


def events(found: Gathered, manner: Manner) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return `at` and `event` of everything that happened, by the row of its message, and notes.

    Raises
    ------
    InputError
        A cell is neither a time nor yes nor no, a status is not known, or a message has no time of sending.
    SettingError
        The time zone or date format is wrong.
    """
    failed = extra_cells.words(found, "status", extra_headers.DELIVERY).eq("failed")
    meant = found.rows[_ANSWERS].apply(extra_cells.meaning, meanings=extra_headers.YES_OR_NO)
    times = _times(found, meant, manner)
    answers = pd.DataFrame({event: times[both].bfill(axis=1).iloc[:, 0] for event, both in _COLUMNS.items()})
    yes = pd.DataFrame({event: meant[both].eq("yes").any(axis=1) for event, both in _COLUMNS.items()})
    untimed = yes & answers.isna()
    extra_cells.filled(found, "sent_at", where=~failed | untimed.any(axis=1))
    happened = {"sent": times["sent_at"].mask(failed)}
    happened |= {event: at.mask(untimed[event], times["sent_at"]) for event, at in answers.items()}
    parts = [pd.DataFrame({"at": at, "event": event}).dropna() for event, at in happened.items()]
    return pd.concat(parts), _notes(found, failed)


def _times(found: Gathered, meant: pd.DataFrame, manner: Manner) -> pd.DataFrame:
    """Return the times in each column, all read in one go, so that day and month are told apart for all."""
    text = found.rows[["sent_at", *_ANSWERS]].mask(meant.notna().assign(sent_at=False))
    files = ", ".join(found.names[:3])
    filled = pd.concat({name: text[name].dropna() for name in text})
    read = extra_cells.moments_of(filled, manner, what=tell("times in {files}", files=files))
    times = read.unstack(level=0).reindex(index=text.index, columns=text.columns).astype("datetime64[ns]")
    for name in text:
        more = "" if name == "sent_at" else ", or yes or no"
        bad = text[name].notna() & times[name].isna()
        extra_cells.refuse(found, name, bad, tell("write a time such as 2026-06-30 19:05{more}", more=more))
    return times


def _notes(found: Gathered, failed: pd.Series) -> tuple[str, ...]:
    files = ", ".join(found.names[:3])
    said = tell(
        "{failed:,} of {failed2:,} messages of {files} failed and count as not sent.",
        failed=failed.sum(),
        failed2=len(failed),
        files=files,
    )
    return (said,) if failed.any() else ()
