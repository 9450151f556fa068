"""Before a cluster gets work: every worker has the programs that we have, and sees the files that we see."""

import hashlib
import hmac
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import clv
from clv import pseudonyms, purged, purged_list
from clv.errors import ClvError, SettingError
from clv.keeping import fingerprints
from clv.language import tell
from clv.running.all_shops import AllShops
from clv.running.cluster_work import SIGN
from clv.running.plan import Task
from clv.shop_entry import Entry

if TYPE_CHECKING:
    from distributed import Client


@dataclass(frozen=True)
class Question:
    """What is asked of every worker before there is work: does it see what we see?"""

    files: tuple[str, ...]
    out: str
    sign: str
    hides: bool
    shops: tuple[str, ...] = ()


def look(asked: Question) -> dict[str, Mapping[str, str]]:
    """Return what this machine has and sees, to be compared: programs, files, the secret, the folder OUT."""
    versions = {
        "clv": f"{clv.__version__} {fingerprints.of_package()}",
        "Python": platform.python_version(),
        **fingerprints.library_versions(),
        "distributed": version("distributed"),
    }
    sign = Path(asked.out, SIGN)
    sees = sign.is_file() and sign.read_text("utf-8") == asked.sign and os.access(asked.out, os.W_OK)
    return {
        "versions": versions,
        "files": {path: _digest(Path(path)) for path in asked.files},
        "secret": {"": _answer(asked.sign)} if asked.hides else {},
        "out": {asked.out: "seen" if sees else ""},
        "purged": {shop: purged.mark(shop) for shop in asked.shops},
    }


def _digest(path: Path) -> str:
    try:
        return fingerprints.of_files([path])
    except OSError:
        return ""


def _answer(sign: str) -> str:
    """Return what only who has the same secret can answer."""
    return hmac.new(pseudonyms.local_secret(), sign.encode(), hashlib.sha256).hexdigest()


def question(todo: Sequence[Task], out: Path, sign: str) -> Question:
    """Return what workers are asked before they run `todo`; they find `sign` in the folder of the runs."""
    files = [task.shop.file.path for task in todo] + [task.notebook.absolute() for task in todo]
    entries, paths = _entries(todo), tuple(dict.fromkeys(map(str, files)))
    hides = any(entry.customer_ids == "pseudonyms" or entry.merges for entry in entries.values())
    return Question(paths, str(out.absolute()), sign, hides, tuple(entries))


def _entries(todo: Sequence[Task]) -> dict[str, Entry]:
    """Return the shops of all runs; where one hides a customer id, all machines need the same secret."""
    shops = [task.shop.shops if isinstance(task.shop, AllShops) else (task.shop,) for task in todo]
    return {one.id: one.file.entry(one.id) for some in shops for one in some}


def check(client: "Client", asked: Question) -> None:
    """Compare what all workers have and see with what we have and see.

    Raises
    ------
    SettingError
        The first thing that differs: on how many workers, and on which.
    """
    ours, theirs = look(asked), client.run(look, asked, on_error="return")
    lost = {worker: error for worker, error in theirs.items() if isinstance(error, BaseException)}
    if lost:
        raise SettingError(_sentence_of_lost(lost, len(theirs)))
    for kind, seen in ours.items():
        for what, value in seen.items():
            found = {worker: one.get(kind, {}).get(what, "") for worker, one in theirs.items()}
            other = {worker: said for worker, said in found.items() if said != value}
            if other:
                raise SettingError(_sentence(kind, what, value, other, len(theirs)))


def _sentence_of_lost(lost: Mapping[str, BaseException], workers: int) -> str:
    worker, error = next(iter(lost.items()))
    why = str(error) if isinstance(error, ClvError) else f"{type(error).__name__}: {error}"
    return tell(
        "{some:,} of {workers:,} workers cannot run clv ({worker:s}: {why:s}); install there what is "
        "installed here.",
        some=len(lost),
        workers=workers,
        worker=worker,
        why=why,
    )


def _sentence(kind: str, what: str, ours: str, other: Mapping[str, str], workers: int) -> str:
    worker, theirs = next(iter(other.items()))
    known = {"some": len(other), "workers": workers, "worker": worker, "what": what}
    if kind == "versions":
        return tell(
            "{some:,} of {workers:,} workers have another {what:s} ({worker:s}: {theirs:s}, here {ours:s}); "
            "install there what is installed here, and start them anew.",
            ours=ours,
            theirs=theirs,
            **known,
        )
    if kind == "secret":
        return tell(
            "{some:,} of {workers:,} workers have another secret for pseudonyms (first {worker:s}); give all "
            "machines the same CLV_SECRET.",
            **known,
        )
    if kind == "out":
        return tell(
            "{some:,} of {workers:,} workers cannot write to {what:s} (first {worker:s}); name a folder with "
            "--out that all machines share.",
            **known,
        )
    if kind == "purged":
        return tell(
            "{some:,} of {workers:,} workers have another list of the customers purged from {what:s} (first "
            "{worker:s}); copy {path} there.",
            path=purged_list.path(what),
            **known,
        )
    return tell(
        "{some:,} of {workers:,} workers do not see {what:s} as it is here (first {worker:s}); put shop "
        "file, exports and notebooks on a disk that all machines share, under the same path.",
        **known,
    )
