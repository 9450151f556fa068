"""Two runs of a shop, compared: facts, customers between segments, settings, pictures, cells."""

from collections.abc import Iterator

import pandas as pd

from clv.changing import facts, figures, flows, notebooks, settings
from clv.changing.figures import Pair
from clv.language import spoken, tell
from clv.running import sides
from clv.running.sides import Side
from clv.telling.changes_page import Cells, Changes, Moment, Moves, Shown

ROOM = 1_900_000  # bytes of all pictures of a page; as text they take a third more


def compare(before: Side, now: Side, *, whole: bool = True) -> Changes:
    """Return what changed between two runs.

    Parameters
    ----------
    whole
        Whether to open the executed notebooks too, for pictures and cells.
    """
    both = [name for name in now.records if name in before.records]
    said = sides.parts(now.records, "facts")
    told = facts.compare(sides.parts(before.records, "facts"), said)
    names = {(name, fact["name"]) for name in both for fact in said[name]}
    moves, unmoved = _moves(before, now)
    opened = _opened(before, now, both) if whole else {}
    pictures, left_out = _pictures(now, opened)
    return Changes(
        shop=now.shop,
        before=Moment(before.until, before.made_at),
        now=Moment(now.until, now.made_at),
        facts=told,
        compared=len(names),
        moves=moves,
        unmoved=unmoved,
        settings=settings.compare(before.records, now.records),
        alone=sorted(before.records.keys() ^ now.records.keys()),
        pictures=pictures,
        left_out=left_out,
        cells=_cells(now, opened),
    )


def _opened(before: Side, now: Side, names: list[str]) -> dict[str, tuple]:
    """Return both executed copies of each notebook, where both can be read."""
    found = {name: (before.notebook(name), now.notebook(name)) for name in names}
    return {name: both for name, both in found.items() if None not in both}


def _pictures(now: Side, opened: dict[str, tuple]) -> tuple[list[Shown], int]:
    pairs = [(name, pair) for name, both in opened.items() for pair in figures.differing(*both)]
    small = figures.shrunk([pair for _, pair in pairs], room=ROOM)
    shown = [
        _shown(_question(now, name), pair, both) for (name, pair), both in zip(pairs, small, strict=False)
    ]
    return shown, len(pairs) - len(small)


def _shown(question: str, pair: Pair, both: tuple[bytes, bytes]) -> Shown:
    alts = pair.before.alt, pair.now.alt
    return Shown(question, pair.now.name, pair.now.caption, alts, both)


def _cells(now: Side, opened: dict[str, tuple]) -> list[Cells]:
    told = {name: notebooks.told(*both) for name, both in opened.items()}
    return [Cells(name, _question(now, name), text) for name, text in told.items() if text]


def _question(side: Side, name: str) -> str:
    return side.records[name].get("question") or name


def _moves(before: Side, now: Side) -> tuple[list[Moves], str]:
    """Return who changed segment, by windows and by a scheme, or why that cannot be told."""
    old, new = before.segments, now.segments
    if old is None or new is None:
        return [], tell("Who was in which segment was not kept on both sides.")
    if len(old) and not old.index.isin(new.index).any():
        return [], tell("The two runs name no customer alike: other shops, or pseudonyms of another secret.")
    found = [_move(old, new, "window", _windows_title(new))]
    if old.attrs["scheme"] == new.attrs["scheme"]:
        found.append(_move(old, new, "segment", new.attrs["scheme"][spoken()]))
    return found, ""


def _windows_title(table: pd.DataFrame) -> str:
    days = "/".join(map(str, table.attrs["windows"]))
    return tell("Days since the last purchase, windows {days}", days=days)


def _move(old: pd.DataFrame, new: pd.DataFrame, by: str, title: str) -> Moves:
    found = flows.between(*(_named(one, by) for one in (old, new)), by=by)
    said = tell(
        "{title}: {moved:,} of {known:,} customers changed segment, {joined:,} came new{gone}.",
        title=title,
        moved=found.moved,
        known=found.known,
        joined=found.joined,
        gone=tell(", {gone:,} are no longer in the orders", gone=found.gone) if found.gone else "",
    )
    return Moves(title, said, found.table, " ".join(_notes(new, by)))


def _notes(table: pd.DataFrame, by: str) -> Iterator[str]:
    if table.attrs["currency"]:
        yield tell("Money in {currency}.", currency=table.attrs["currency"])
    if by == "segment":
        yield tell(
            "Each day's segments are cut as that day's customers say, so that a customer may change segment "
            "because others did."
        )


def _named(table: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the table with the segments of a scheme in the language spoken."""
    if by == "segment" and spoken() == "zh":
        return table.assign(segment=table["segment_zh"])
    return table
