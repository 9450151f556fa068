"""Contact files → one row per event: who, by which channel, when, what, in which campaign.

A file has one row per event, as the table itself, or one per message, as the platforms that send export it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from clv import tables
from clv.errors import InputError, SettingError, nearest
from clv.language import tell
from clv.reading import exports, extra_cells, extra_columns, extra_files, extra_headers, messages
from clv.reading.exports import Export
from clv.reading.extra_columns import Manner
from clv.reading.extra_files import Gathered

Paths = str | Path | Iterable[str | Path]
_Noted = tuple[pd.DataFrame, tuple[str, ...]]
_WHAT = "contacts"
_FORMS = {
    "event": (extra_headers.CONTACTS, ("at", "event")),
    "message": (extra_headers.MESSAGES, ("sent_at",)),
}
_TO_TELL = ("event", "sent_at", *extra_headers.ANSWERED_AT, *extra_headers.ANSWERED)


def read(paths: Paths | Mapping[str, Paths], *, manner: Manner) -> _Noted:
    """Return the columns of CONTACTS as the files have them, in no order, and notes.

    Parameters
    ----------
    paths
        Files or globs, or such of each channel.

    Raises
    ------
    SettingError
        There is no such channel.
    InputError
        A file is named for two channels or is of neither form, or a column or cell is not what it should be.
    """
    files = [(extra_files.read(path, what=_WHAT), channel) for path, channel in _named(paths).items()]
    by_form: dict[str, list[tuple[Export, str | None]]] = {}
    for export, channel in files:
        by_form.setdefault(_form(export), []).append((export, channel))
    parts = [_of_form(form, mine, manner) for form, mine in by_form.items()]
    rows = pd.concat([table for table, _ in parts], ignore_index=True)
    return rows, tuple(note for _, notes in parts for note in notes)


def _named(paths: Paths | Mapping[str, Paths]) -> dict[Path, str | None]:
    """Return the files, each with the channel for which it is named, None where with none."""
    if not isinstance(paths, Mapping):
        return dict.fromkeys(exports.find(paths, what=_WHAT))
    found: dict[Path, str | None] = {}
    for channel, given in paths.items():
        if channel not in tables.CHANNELS:
            raise SettingError(
                tell(
                    "there is no channel {channel!r}; {nearest}",
                    channel=channel,
                    nearest=nearest(channel, tables.CHANNELS),
                )
            )
        for path in map(Path.resolve, exports.find(given, what=f"{_WHAT}.{channel}")):
            if path in found and found[path] != channel:
                raise InputError(
                    tell(
                        "{path} is named for {found} and for {channel}; keep one.",
                        path=path.name,
                        found=found[path],
                        channel=channel,
                    )
                )
            found[path] = channel
    return found


def _form(export: Export) -> str:
    """Tell a file of events from one of messages.

    Raises
    ------
    InputError
        It is neither, or could be both, so that an opt-out might be passed over.
    """
    there = extra_columns.titles(export, extra_headers.CONTACTS | extra_headers.MESSAGES)
    told = [name for name in _TO_TELL if name in there]
    if told[:1] == ["event"] and len(told) > 1:
        raise InputError(
            tell(
                "{export} has the column {event!r}, of one row per event, and {there!r}, of one row per "
                "message; take out the one that does not belong there.",
                export=export.name,
                event=there["event"],
                there=there[told[1]],
            )
        )
    if "event" not in there and "sent_at" in there:
        return "message"
    if not {"event", "at"} <= there.keys():
        raise _of_neither(export, there)
    return "event"


def _of_neither(export: Export, there: Mapping[str, str]) -> InputError:
    wanted = extra_headers.CONTACTS | extra_headers.MESSAGES
    extra_columns.refuse_misspelt(export, there, wanted)
    lacking = [extra_columns.called(name, wanted[name]) for name in ("at", "event") if name not in there]
    return InputError(
        tell(
            "{export} has no column {lacking}, as one row per event needs, and no {called}, as one "
            "row per message needs.",
            export=export.name,
            lacking=" and no ".join(lacking),
            called=extra_columns.called("sent_at", wanted["sent_at"]),
        )
    )


def _of_form(form: str, files: Sequence[tuple[Export, str | None]], manner: Manner) -> _Noted:
    """Return the events of files of one form."""
    fields, need = _FORMS[form]
    named = [channel for _, channel in files]
    keyed = [_with_channel(export, channel) for export, channel in files]
    found = extra_files.together(keyed, fields, need=("channel", *need), manner=manner)
    who = found.rows[["customer_id", "campaign"]].assign(
        channel=_channel(found, named),
        runs_until=extra_cells.moment(found, "runs_until", manner).dt.normalize(),
    )
    happened, notes = messages.events(found, manner) if form == "message" else (_events(found, manner), ())
    return who.join(happened, how="inner")[[*tables.CONTACTS.columns]], (*found.notes, *notes)


def _with_channel(export: Export, channel: str | None) -> Export:
    """Return the file with a column that says its channel, where it was named for one."""
    if channel is None:
        return export
    title = extra_columns.titles(export, {"channel": extra_headers.CONTACTS["channel"]}).get("channel")
    said = export.table[title].fillna(channel) if title else channel
    return replace(export, table=export.table.assign(**{title or "channel": said}))


def _channel(found: Gathered, named: Sequence[str | None]) -> pd.Series:
    extra_cells.filled(found, "channel")
    said = extra_cells.words(found, "channel", extra_headers.CHANNELS)
    expected = found.rows["file"].map(dict(enumerate(named)))
    extra_cells.refuse(
        found,
        "channel",
        expected.notna() & expected.ne(said),
        "correct it, or name the file for its own channel",
        verb="is not the one for which the file is named",
    )
    return said


def _events(found: Gathered, manner: Manner) -> pd.DataFrame:
    for name in ("at", "event"):
        extra_cells.filled(found, name)
    event = extra_cells.words(found, "event", extra_headers.EVENTS)
    return pd.DataFrame({"at": extra_cells.moment(found, "at", manner), "event": event})
