"""The pages about a batch: the overview of all shops, and one page for each."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clv import history, parameters
from clv.language import speaking, spoken
from clv.running import changes, earlier, readying, runs
from clv.running.plan import Task
from clv.running.runs import Record
from clv.shop_entry import Entry
from clv.shop_files import ShopFile
from clv.telling.overview import page as index_page
from clv.telling.overview import shop_page

DOWNLOADS = (".xlsx", ".pdf")


def write(out: Path, todo: Sequence[Task]) -> None:
    """Write the overview of everything below `out`, and a page for each shop of the file that ever ran.

    The overview is told in the language spoken now, each shop's page in the shop's own.
    """
    entries = {shop_id: entry for task in todo for shop_id, entry in task.shop.file.shops.items()}
    _write(out, entries, now={task.shop.id: task.lang for task in todo})


def again(out: Path, file: ShopFile) -> None:
    """Write the same of what still stands below `out`, without a run."""
    _write(out, file.shops, now={})


def _write(out: Path, entries: Mapping[str, Entry], *, now: Mapping[str, str]) -> None:
    shops = {shop_id: entry.name for shop_id, entry in entries.items()}
    records = [_with_keys(record) for record in runs.everything(out, shops)]
    known = {"past": history.read(out), "kept": earlier.links(out), "made_at": runs.now()}
    languages = _languages(entries, records, now)
    changed = {lang: _changed(out, lang) for lang in {spoken(), *languages.values()}}
    pages = {}
    for shop_id, lang in languages.items():
        mine = [record for record in records if record["shop"] == shop_id]
        if mine:
            with speaking(lang):
                path = shop_page.write(
                    out, shop_id, mine, name=shops[shop_id], beside=_beside(out, mine),
                    readiness=readying.pages(out, [shop_id]).get(shop_id, ""),
                    changes=changed[lang].get(shop_id), **known,
                )  # fmt: skip
            pages[shop_id] = path.relative_to(out).as_posix()
    index_page.write(out, records, shops=shops, pages=pages, changes=changed[spoken()], **known)


def _changed(out: Path, lang: str) -> Mapping[str, changes.Changes]:
    with speaking(lang):
        return changes.summaries(out)


def _with_keys(record: Record) -> Record:
    """Return the record with its key facts; those of a run from before they were kept are its contract's."""
    contract = parameters.CONTRACTS.get(record["notebook"])
    return {"keys": list(contract.key_facts) if contract else [], **record}


def _languages(
    entries: Mapping[str, Entry], records: Sequence[Record], now: Mapping[str, str]
) -> dict[str, str]:
    """Return the language of each shop of the file: of its runs now, else of its latest, else its own."""
    own = {shop_id: entry.lang for shop_id, entry in entries.items()}
    latest = sorted(records, key=lambda one: one.get("made_at", ""))
    then = {one["shop"]: one.get("parameters", {}).get("lang") for one in latest}
    return {shop_id: now.get(shop_id) or then.get(shop_id) or lang for shop_id, lang in own.items()}


def _beside(out: Path, records: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return what stands beside each report for people to take away."""
    return {
        one["notebook"]: [
            path.relative_to(out).as_posix()
            for ending in DOWNLOADS
            if (path := (out / one["html"]).with_suffix(ending)).is_file()
        ]
        for one in records
        if one["html"]
    }
