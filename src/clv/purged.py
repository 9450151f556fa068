"""Who asked to be forgotten: kept as keyed hashes, so that nobody comes back with the next export.

    CONFIGURATION/clv/purged/<shop>    beside the secret; only its owner can read it
    of 0f3a… 77b0…                     what stands for the secret, and a seal of all lines below, made with it
    2026-11-29 9c41…                   a day, and the hash of one of a customer's ids or keys

A line that is wrong or gone would let somebody come back: such a list is refused as a whole. No id, no
pseudonym and no name stands in it: without the secret nobody can tell whom it is about.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pandas as pd
import platformdirs
from filelock import FileLock

from clv import pseudonyms, tables, whole_files
from clv.errors import SettingError
from clv.extras import ExtraRead
from clv.language import tell
from clv.merging import kinds
from clv.orders import OrdersRead
from clv.reading.extra_files import PSEUDONYM
from clv.reading.typed_rows import NO_BUYER

REASON = "purged at the customer's request"
_OF = "of "
_LINE = re.compile(r"\d{4}-\d\d-\d\d [0-9a-f]{64}")


@dataclass(frozen=True)
class Purged:
    """The hashes of a shop's purged customers; false where there are none."""

    shop_id: str
    hashes: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def hold(self, ids: pd.Series) -> pd.Series:
        """Return whether each id, key or pseudonym is a purged customer's; what is missing is nobody's."""
        secret = pseudonyms.local_secret()
        called = pd.Series(names(ids.dropna().unique()))
        theirs = called.index[[_hash(name, self.shop_id, secret) in self.hashes for name in called]]
        return ids.isin(theirs)


def names(ids: Iterable[str]) -> dict[str, str]:
    """Return the pseudonym of each id or key, by these; of a pseudonym itself."""
    given = pd.Series(list(ids), dtype="str")
    called = pseudonyms.pseudonym(given, secret=pseudonyms.local_secret())
    return dict(zip(given, called.mask(given.str.fullmatch(PSEUDONYM), given), strict=True))


def path(shop_id: str) -> Path:
    """Return where a shop's list stands, there yet or not."""
    return Path(platformdirs.user_config_dir("clv")) / "purged" / shop_id


def of(shop_id: str) -> Purged:
    """Return who was purged from a shop.

    Raises
    ------
    SettingError
        The list cannot be read or is damaged, or was made with another secret: then nobody of it would be
        recognised.
    """
    return Purged(shop_id, frozenset(line.rpartition(" ")[2] for line in _lines(shop_id)))


def mark(shop_id: str) -> str:
    """Return what stands for a shop's list in what is built from its orders; empty without one."""
    return " ".join(sorted(of(shop_id).hashes))


def add(shop_id: str, called: Iterable[str]) -> int:
    """Add the hashes of pseudonyms; return how many are new. Nothing is written where none is.

    Raises
    ------
    SettingError
        As `of`, or the list cannot be written.
    """
    secret = pseudonyms.local_secret()
    wanted = {_hash(name, shop_id, secret) for name in called}
    if wanted <= of(shop_id).hashes:
        return 0
    with _alone(path(shop_id)) as place:
        before = _lines(shop_id)  # once more: somebody may have added to it since
        new = sorted(wanted - of(shop_id).hashes)
        lines = [*before, *(f"{date.today().isoformat()} {one}" for one in new)]
        text = "\n".join([_head(shop_id, lines, secret), *lines]) + "\n"
        whole_files.write_whole(place, text, mode=whole_files.OWNER_ONLY, lasting=True)
    return len(new)


def of_orders(found: OrdersRead, purged: Purged) -> OrdersRead:
    """Return what was read without purged customers; their money is a loss of its own, to the cent.

    Whose id is not in the list, and who carries a purged customer's strong key, is that customer.
    """
    if not purged:
        return found
    strong = found.keys[found.keys["kind"].isin(kinds.STRONG)]
    by_key = strong.loc[purged.hold(strong["value"]), "order_id"]
    orders = found.orders
    gone = purged.hold(orders["customer_id"]) | orders["order_id"].isin(by_key)
    left, numbers = orders[~gone].reset_index(drop=True), orders.loc[gone, "order_id"]
    beside = {name: getattr(found, name) for name in ("lines", "terms", "keys")}
    has_customers = bool(left["customer_id"].notna().any())
    return replace(
        found,
        orders=left,
        returns=found.returns[~purged.hold(found.returns["customer_id"])].reset_index(drop=True),
        losses=_losses(found.losses, orders[gone]),
        has_customers=has_customers,
        why_no_customers=None if has_customers else found.why_no_customers or REASON,
        **{name: f[~f["order_id"].isin(numbers)].reset_index(drop=True) for name, f in beside.items()},
    )


def of_extra(found: ExtraRead, purged: Purged) -> ExtraRead:
    """Return members, contacts, campaigns, points or visits without purged customers."""
    if not purged:
        return found
    if found.table.index.name == "customer_id":
        return replace(found, table=found.table[~purged.hold(found.table.index.to_series()).to_numpy()])
    return replace(found, table=found.table[~purged.hold(found.table["customer_id"])].reset_index(drop=True))


def _losses(losses: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    if gone.empty:
        return losses
    counted = {"rows": len(gone), "orders": len(gone), "money": gone["amount"].sum()}
    theirs = pd.DataFrame({"stage": "read", "reason": REASON, **counted}, index=[0])
    nameless = losses["stage"] == "customers"
    parts = [losses[~nameless], theirs, _nameless(losses[nameless], gone[gone["customer_id"].isna()])]
    return tables.check(pd.concat([part for part in parts if len(part)], ignore_index=True), tables.LOSSES)


def _nameless(losses: pd.DataFrame, gone: pd.DataFrame) -> pd.DataFrame:
    """Return the losses of orders without a buyer, less those that a key told; for what reason is unknown."""
    if gone.empty:
        return losses
    orders = int(losses["orders"].sum()) - len(gone)
    told = {
        "stage": "customers",
        "reason": losses["reason"].iloc[0] if len(losses) == 1 else NO_BUYER,
        "rows": max(int(losses["rows"].sum()) - len(gone), orders),
        "orders": orders,
        "money": losses["money"].sum() - gone["amount"].sum(),
    }
    return pd.DataFrame(told, index=range(min(orders, 1)))


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
    if first != _head(shop_id, rest, secret) and not (
        first == _OF + _of_secret(secret) and _is_unsealed(rest)
    ):
        raise SettingError(
            tell(
                "the list of purged customers {path} is damaged, so some of them would come back; "
                "take back a copy of it.",
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


def _hash(name: str, shop_id: str, secret: bytes) -> str:
    return hmac.digest(secret, f"purged\0{shop_id}\0{name}".encode(), hashlib.sha256).hex()


def _of_secret(secret: bytes) -> str:
    return hmac.digest(secret, b"purged", hashlib.sha256).hex()[:24]


def _head(shop_id: str, lines: list[str], secret: bytes) -> str:
    """Return the first line of a list: of which secret it is, and a seal of the shop and the lines."""
    seal = hmac.digest(secret, "\n".join(["purged list", shop_id, *lines]).encode(), hashlib.sha256).hex()
    return f"{_OF}{_of_secret(secret)} {seal}"
