"""Who is in which segment on the last day of a run, kept so that a later run can say who moved.

OUT/<shop>/segments.parquet    one row per customer, under a pseudonym; for its owner's eyes alone (mode 0600)

Kept beside the records and moved with them. A shop that names no customers has none.
"""

import hashlib
import logging
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from clv import parameters, pseudonyms, recency, rfm, schemes, whole_files
from clv.errors import InputError, NoAnswerError
from clv.keeping import fingerprints
from clv.known import Known
from clv.language import speaking, tell
from clv.notebook_contracts.customers import Customers
from clv.parameters import RfmSchemes
from clv.purchase_days import from_orders
from clv.running import earlier
from clv.running.memory import Warned
from clv.running.plan import Task
from clv.shop import Shop

FILE = "segments.parquet"
COLUMNS = ("window", "segment", "segment_zh", "spend")
_KINDS = {"customer": "str", **dict.fromkeys(COLUMNS, "str"), "spend": "float64"}
SCHEME = "eight-mean"  # where the shop's scheme of today is the windows themselves
_WINDOWS = "windows"
_log = logging.getLogger(__name__)


def write_all(out: Path, todo: Iterable[Task], warned: Warned) -> None:
    """Keep the segments of the shops of a batch; where that fails there are none, and one warning."""
    todo, failed = list(todo), {}
    shops = {task.shop.id: (task.shop, task.lang) for task in todo if isinstance(task.shop, Shop)}
    for shop, lang in shops.values():
        try:
            with speaking(lang):  # in which the orders are kept already
                write(out / shop.id, shop, *_parameters(shop, todo))
        except (NoAnswerError, InputError):  # nobody to be in a segment, or no orders: the records tell
            _give_way(out / shop.id, shop.last_day)
        except Exception as error:  # a comparison less; never a batch less
            _log.debug("%s: no segments kept", shop.id, exc_info=True)
            _give_way(out / shop.id, shop.last_day)
            failed[shop.id] = error
        finally:
            shop.forget()
    if failed:
        warned(
            tell(
                "who is in which segment could not be kept for {n} shop{s}, the first is {first} ({why}); "
                "nobody's move will be told.",
                n=len(failed),
                s="s" if len(failed) > 1 else "",
                first=next(iter(failed)),
                why=type(next(iter(failed.values()))).__name__,
            )
        )


def write(folder: Path, shop: Shop, windows: list[int], asked: RfmSchemes) -> None:
    """Keep the segments of one shop, unless the same are kept already; those of an earlier day move aside."""
    path, before = folder / FILE, read(folder)
    made_from = fingerprints.of_values(
        shop.fingerprint(), windows, asked.model_dump(mode="json", exclude={"lang"})
    )
    if before is not None and before.attrs["made_from"] == made_from:
        (folder / before.attrs["until"] / FILE).unlink(missing_ok=True)  # where a batch was killed before
        return
    found = table(shop, windows, asked)
    found.attrs["made_from"] = made_from
    _give_way(folder, found.attrs["until"])
    folder.mkdir(parents=True, exist_ok=True)
    _write(path, found)
    (folder / found.attrs["until"] / FILE).unlink(missing_ok=True)


def table(shop: Shop, windows: list[int], asked: RfmSchemes) -> pd.DataFrame:
    """Return the segments of a shop's customers on its last day.

    Returns
    -------
    Index customer (pseudonym): window (a name of `recency.NAMES`), segment, segment_zh, spend (so far). Its
    attrs say until, currency, windows, scheme (its name, by language).
    """
    customers = shop.customers()
    if customers.empty:
        raise NoAnswerError(tell("there is no customer to put into a segment."))
    scheme = schemes.find(schemes.field(thresholds=asked.thresholds, own=shop.schemes()), _today(asked))
    waits = from_orders(shop.orders_at_todays_prices(), until=shop.until)
    known = Known(customers, horizon=asked.horizon_days, waits=waits, model=asked.model)
    placed = rfm.segments(rfm.learn(scheme, known), known)
    edges = [-1, *windows, float("inf")]
    found = pd.DataFrame(
        {
            "window": pd.cut(customers["days_since_last"], edges, labels=list(recency.NAMES)).astype("str"),
            "segment": placed["segment"].astype("str"),
            "segment_zh": placed["segment_zh"].astype("str"),
            "spend": customers["total_spend"].astype(float),
        }
    )
    found.index = pd.Index(_hidden(shop, found.index), name="customer")
    found.attrs = {"until": shop.until.isoformat(), "currency": shop.currency, "windows": list(windows)}
    found.attrs["scheme"] = {"en": scheme.name.en, "zh": scheme.name.zh}
    return found


def read(folder: Path) -> pd.DataFrame | None:
    """Return the segments kept in a folder; None where there are none that can be read."""
    try:
        found = pd.read_parquet(folder / FILE)
        told = {"until", "currency", "windows", "scheme", "made_from", "seal"} <= found.attrs.keys()
        whole = told and _kinds(found) == _KINDS and found.attrs["seal"] == _seal(found)
    except Exception:  # what describes a damaged file's columns may be anything
        return None
    return found if whole else None


def content(found: pd.DataFrame) -> bytes:
    """Return segments as their file holds them."""
    sealed = found.copy(deep=False)
    sealed.attrs = {**found.attrs, "seal": _seal(found)}
    return sealed.to_parquet()


def _give_way(folder: Path, until: str) -> None:
    """Move segments of another day to the runs of that day; take those of this one away."""
    before = read(folder)
    if before is not None and before.attrs["until"] != until:
        earlier.keep_beside(folder / FILE, before.attrs["until"])
    (folder / FILE).unlink(missing_ok=True)


def _kinds(found: pd.DataFrame) -> dict[str, str]:
    """Return what is in the index and in each column; the seal holds for a text and for its bytes alike."""
    return {found.index.name: str(found.index.dtype), **found.dtypes.astype(str)}


def _today(asked: RfmSchemes) -> str:
    return SCHEME if asked.today == _WINDOWS else asked.today


def _hidden(shop: Shop, ids: pd.Index) -> pd.Series | pd.Index:
    """Return pseudonyms, also of a shop whose reports show ids as they are."""
    if shop.file.entry(shop.id).customer_ids == "pseudonyms":
        return ids
    return pseudonyms.pseudonym(ids.to_series(), secret=pseudonyms.local_secret()).to_numpy()


def _write(path: Path, found: pd.DataFrame) -> None:
    """Write the file in one step, readable by its owner only."""
    found.attrs["seal"] = _seal(found)
    with whole_files.whole(path, mode=whole_files.OWNER_ONLY) as fresh:
        found.to_parquet(fresh)


def _seal(found: pd.DataFrame) -> str:
    """Return what stands for every row and for what is said of them."""
    rows = pd.util.hash_pandas_object(found).to_numpy().tobytes()
    said = {name: part for name, part in found.attrs.items() if name != "seal"}
    return fingerprints.of_values(hashlib.sha256(rows).hexdigest(), [found.index.name, *found], said)


def _parameters(shop: Shop, todo: Iterable[Task]) -> tuple[list[int], RfmSchemes]:
    """Return what the shop's notebooks are told of windows and schemes: by this run, else the shop file."""
    given = {type(task.parameters): task.parameters for task in todo if task.shop is shop}
    said = shop.file.entry(shop.id).notebooks
    of_customers, of_schemes = (
        given.get(one) or parameters.build(one, said.get(one.name, {})) for one in (Customers, RfmSchemes)
    )
    return of_customers.windows, of_schemes
