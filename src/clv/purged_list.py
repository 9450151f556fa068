"""The file of who asked to be forgotten: a line for each hash, below a seal of all of them.

    CONFIGURATION/clv/purged/<shop>    beside the secret; only its owner can read it
    of 0f3a… 77b0…                     what stands for the secret, and a seal of all lines below, made with it
    2026-11-29 9c41…                   a day, and the hash of one of a customer's ids or keys

A line that is wrong or gone would let somebody come back: such a list is refused as a whole.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Set
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import platformdirs
from filelock import FileLock

from clv import pseudonyms, whole_files
from clv.errors import SettingError
from clv.language import tell

_OF = "of "
_LINE = re.compile(r"\d{4}-\d\d-\d\d [0-9a-f]{64}")


def path(shop_id: str) -> Path:
    """Return where a shop's list stands, there yet or not."""
    return Path(platformdirs.user_config_dir("clv")) / "purged" / shop_id


def hashes(shop_id: str) -> frozenset[str]:
    """Return the hashes of a shop's list.

    Raises
    ------
    SettingError
        The list cannot be read or is damaged, or was made with another secret: then nobody of it would be
        recognised.
    """
    return frozenset(line.rpartition(" ")[2] for line in _lines(shop_id))


def add(shop_id: str, wanted: Set[str]) -> int:
    """Add hashes to a shop's list; return how many are new. Nothing is written where none is.

    Raises
    ------
    SettingError
        As `hashes`, or the list cannot be written.
    """
    if wanted <= hashes(shop_id):
        return 0
    with _alone(path(shop_id)) as place:
        before = _lines(shop_id)  # once more: somebody may have added to it since
        new = sorted(wanted - hashes(shop_id))
        lines = [*before, *(f"{date.today().isoformat()} {one}" for one in new)]
        text = "\n".join([head(shop_id, lines, pseudonyms.local_secret()), *lines]) + "\n"
        whole_files.write_whole(place, text, mode=whole_files.OWNER_ONLY, lasting=True)
    return len(new)


def head(shop_id: str, lines: list[str], secret: bytes) -> str:
    """Return the first line of a list: of which secret it is, and a seal of the shop and the lines."""
    seal = hmac.digest(secret, "\n".join(["purged list", shop_id, *lines]).encode(), hashlib.sha256).hex()
    return f"{_OF}{_of_secret(secret)} {seal}"


def _lines(shop_id: str) -> list[str]:
    place = path(shop_id)
    try:
        first, *rest = place.read_text("utf-8").splitlines() or [""]
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
        raise SettingError(
            tell("the list of purged customers {path} cannot be read ({why}).", path=place, why=why)
        ) from None
    secret = pseudonyms.local_secret()
    if first.startswith(_OF) and not first.startswith(_OF + _of_secret(secret)):
        raise SettingError(
            tell(
                "the list of purged customers {path} was made with another secret, so they would come back; "
                "take back the secret of then.",
                path=place,
            )
        )
    if first == head(shop_id, rest, secret):
        return rest
    while rest and not rest[-1].strip():  # an editor's, which only the seal would mind
        rest.pop()
    if not (first == _OF + _of_secret(secret) and _is_unsealed(rest)):
        raise SettingError(
            tell(
                "the list of purged customers {path} is damaged, so some of them would come back; "
                "put back a copy of it, or delete it and purge them again.",
                path=place,
            )
        )
    return rest


def _is_unsealed(lines: list[str]) -> bool:
    """Return whether these may be the lines of a list of older programs, which wrote no seal."""
    return bool(lines) and all(map(_LINE.fullmatch, lines))


@contextmanager
def _alone(place: Path) -> Iterator[Path]:
    """Hold a list for one process at a time, and say in one sentence where it cannot be written."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(place.with_name(f".{place.name}.lock"), mode=whole_files.OWNER_ONLY):
            yield place
    except OSError as error:
        raise SettingError(
            tell(
                "the list of purged customers {path} cannot be written ({why}); nothing was deleted.",
                path=place,
                why=error.strerror or type(error).__name__,
            )
        ) from None


def _of_secret(secret: bytes) -> str:
    return hmac.digest(secret, b"purged", hashlib.sha256).hex()[:24]
