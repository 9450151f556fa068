"""What changed since the earlier run of a shop: a page beside its reports, a few words for the overview.

OUT/<shop>/changes.html    the latest earlier run that is kept, against the present one
"""

import logging
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from clv import history
from clv.keeping import fingerprints
from clv.language import speaking, spoken, tell
from clv.running import earlier, sides
from clv.running.compared import compare
from clv.running.memory import Warned
from clv.running.sides import Side
from clv.shop import Shop
from clv.telling import changes_page
from clv.telling.pages import is_up_to_date, write_marked

NAME = "changes.html"
SHOWN = 5  # facts that the overview names
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Changes:
    """What the overview says of one shop: a link (empty without a page), a sentence, the facts that moved."""

    link: str
    sentence: str
    moved: list[str]


def write_all(out: Path, shops: Iterable[tuple[Shop, str]], warned: Warned) -> None:
    """Write the pages that are not up to date, each in the language beside its shop.

    What cannot be written is one page less and one warning, never a batch less.
    """
    told = {shop.id: lang for shop, lang in shops}
    told[history.ALL] = min(told.values()) if len(set(told.values())) == 1 else "en"
    for shop_id, lang in told.items():
        page = out / shop_id / NAME
        try:
            with speaking(lang):
                _write(page)
        except Exception as error:
            _log.debug("%s: no page of changes", shop_id, exc_info=True)
            with suppress(OSError):
                page.unlink(missing_ok=True)
            warned(
                tell(
                    "what changed at {shop:s} could not be written ({why}).",
                    shop=shop_id,
                    why=type(error).__name__,
                )
            )


def summaries(out: Path) -> Mapping[str, Changes]:
    """Return what changed at each shop of which an earlier run is kept, in the language spoken."""
    found = {}
    for folder in sorted(path for path in out.glob("*") if path.is_dir()):
        pair = latest(folder)
        if pair is not None:
            page = folder / NAME
            found[folder.name] = _summary(*pair, link=f"{folder.name}/{NAME}" if page.is_file() else "")
    return found


def latest(folder: Path) -> tuple[Side, Side] | None:
    """Return the latest earlier run of a shop and the present one; None where there are not both."""
    now = sides.of_folder(folder)
    if now is None:
        return None
    for day in reversed(earlier.days(folder)):
        if day < now.until:
            before = sides.of_folder(folder / day)
            if before is not None and before.records.keys() & now.records.keys():
                return before, now
    return None


def _write(page: Path) -> None:
    pair = latest(page.parent)
    if pair is None:
        page.unlink(missing_ok=True)
        return
    made_from = _made_from(*pair)
    if not is_up_to_date(page, made_from):
        write_marked(page, changes_page.html([compare(*pair)], made_from=made_from))


def _made_from(before: Side, now: Side) -> str:
    told = [
        [
            side.until,
            *((name, one["key"], one.get("made_at")) for name, one in side.records.items()),
            _segments(side),
        ]
        for side in (before, now)
    ]
    return f"{fingerprints.of_values(told, fingerprints.of_package())} {spoken()}"


def _segments(side: Side) -> str:
    return "" if side.segments is None else side.segments.attrs["made_from"]


def _summary(before: Side, now: Side, *, link: str) -> Changes:
    found = compare(before, now, whole=False)
    lines = changes_page.moved_lines(found.facts, most=SHOWN)
    said = tell(
        "{period}: {sentence}", period=changes_page.period(found), sentence=changes_page.sentence(found)
    )
    return Changes(link, said, lines)
