"""One customer out of everything that the kit keeps of a shop (PIPL article 47; GDPR article 17).

    found = purge.look(file, "gold", ids=["…"], folders=[Path("runs"), Path("plays")])
    purge.make(found)

The shop's own exports are never changed: `Found.exported` says which of them still hold the customer. So that
nobody comes back with the next batch, a keyed hash of each id is kept (`purged`), and is all that is kept.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from clv import purged
from clv.errors import SettingError
from clv.keeping import kept
from clv.language import speaking, tell
from clv.purging import exported, files, person, traces
from clv.purging.files import Change
from clv.purging.person import Person
from clv.purging.traces import Traces
from clv.running import holding, overview, runs
from clv.shop_files import ShopFile
from clv.telling.overview import shop_page

_LOCKS = {".play.lock": "play", ".lock": "batch"}  # in the order in which a play takes them
FOLDERS = (Path("runs"), Path("plays"), Path("lists"))


@dataclass(frozen=True)
class Found:
    """Where a customer stands.

    Attributes
    ----------
    who
        What the customer is known by; not to be shown.
    cached
        Names of what the cache keeps with the customer in it; it is made again when needed.
    changes
        What is to become of reports and lists.
    exported
        The shop's own files that hold the customer, and in how many rows; they are not changed.
    """

    file: ShopFile
    shop_id: str
    who: Person
    traces: Traces
    folders: tuple[Path, ...]
    cached: tuple[str, ...]
    changes: tuple[Change, ...]
    exported: tuple[tuple[Path, int], ...]

    @property
    def left(self) -> tuple[Path, ...]:
        """Files that hold the customer, are none of the kit's, and stay."""
        return tuple(path for change in self.changes if change.what == "left" for path in change.paths)


def look(
    file: ShopFile,
    shop_id: str,
    *,
    ids: Sequence[str] = (),
    called: Sequence[str] = (),
    folders: Sequence[Path] = FOLDERS,
) -> Found:
    """Return where a customer of a shop stands; nothing is changed.

    Parameters
    ----------
    ids, called
        Customer ids, phones or mail addresses as the exports write them, and pseudonyms: of one customer, or
        of several at once. Whatever the shop joins with them goes with them.
    folders
        Of reports and lists; those that are not there are passed over.

    Raises
    ------
    InputError
        An export is missing, or is not what the shop file says.
    SettingError
        Nobody is named, or it cannot be told who is meant.
    """
    if not any(one.strip() for one in ids) and not called:
        raise SettingError(
            tell("nobody is named; give customer ids in a file, one in a line, or --pseudonym.")
        )
    who = person.find(file, shop_id, ids=ids, called=called)
    seen = traces.of(who, shown_raw=file.entry(shop_id).customer_ids == "raw")
    there = tuple(folder for folder in folders if folder.is_dir())
    changes = _changes(file, shop_id, seen, there)
    ours = {path.resolve() for change in changes for path in change.paths}
    held = tuple((path, n) for path, n in exported.rows(file, shop_id, who) if path.resolve() not in ours)
    return Found(
        file=file,
        shop_id=shop_id,
        who=who,
        traces=seen,
        folders=there,
        cached=_cached(shop_id, seen),
        changes=changes,
        exported=held,
    )


def _changes(file: ShopFile, shop_id: str, seen: Traces, folders: Sequence[Path]) -> tuple[Change, ...]:
    own = {path.resolve() for path in exported.files(file, shop_id)}
    how = {"shop_id": shop_id, "others": set(file.shops) - {shop_id}}
    return tuple(one for folder in folders for one in files.look(folder, seen, exports=own, **how))


def _cached(shop_id: str, seen: Traces) -> tuple[str, ...]:
    return tuple(one.name for one in kept.entries(shop_id) if _is_in(one, seen))


def _again(found: Found) -> Found:
    """Look once more: a batch may have written reports since, while a person thought it over."""
    changes = _changes(found.file, found.shop_id, found.traces, found.folders)
    return replace(found, cached=_cached(found.shop_id, found.traces), changes=changes)


def make(found: Found) -> None:
    """Take the customer out: first out of what is read from now on, then out of all that is there by then.

    Stopped in between, it is done by doing it again.

    Raises
    ------
    SettingError
        A batch is at work in one of the folders, or something cannot be written.
    """
    with _alone(found.folders):
        purged.add(found.shop_id, found.who.names)
        found = _again(found)
        kept.forget(found.shop_id, found.cached)
        for change in found.changes:
            with _told(change):
                change.make(found.traces)
        for folder in _overviews(found):
            _look_again(folder, found)


def _look_again(folder: Path, found: Found) -> None:
    """Write the overview of what still stands; a shop of which nothing does has no page."""
    if all(record["shop"] != found.shop_id for record in runs.everything(folder, [found.shop_id])):
        (folder / found.shop_id / shop_page.NAME).unlink(missing_ok=True)
    with speaking(found.file.lang):
        overview.again(folder, found.file)


def _is_in(entry: Path, seen: Traces) -> bool:
    """Return whether a bundle of the cache holds the customer; one that cannot be read may."""
    try:
        words = (entry / "words.json").read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return True
    return seen.in_text(words) or any(seen.in_parquet(path) for path in sorted(entry.glob("*.parquet")))


def _overviews(found: Found) -> list[Path]:
    """Return the folders whose overview names reports that were taken away: those above the shop's own."""
    gone = [path for change in found.changes if change.what == "report" for path in change.paths]
    places = {above.parent for path in gone for above in path.parents if above.name == found.shop_id}
    return sorted(place for place in places if (place / "index.html").is_file())


@contextmanager
def _alone(folders: Sequence[Path]) -> Iterator[None]:
    """Hold every folder of a batch or a play, so that none writes a report or a list meanwhile."""
    with ExitStack() as stack:
        for folder in folders:
            for place in (folder, *sorted(path for path in folder.iterdir() if path.is_dir())):
                for lock, what in _LOCKS.items():
                    if (place / lock).exists():
                        stack.enter_context(holding.held(place, lock=lock, what=what))
        yield


@contextmanager
def _told(change: Change) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SettingError(
            tell(
                "{path} cannot be changed ({why}); the customer is in it still: make it writable, and purge "
                "again.",
                path=change.paths[0],
                why=error.strerror or type(error).__name__,
            )
        ) from None
