"""Who may be one person: the keys of orders, cleaned so that one person's are written alike everywhere.

A key that is masked, virtual or a placeholder is nobody's. What is written here is raw and stays in memory;
what is kept on disk went through `keeping.hidden`.
"""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
import pandas as pd
import pandera.pandas as pa

from clv import tables
from clv.reading import buyers
from clv.reading.cells import each_once
from clv.reading.columns import Gathered
from clv.reading.gifts import KEEP, Gifts
from clv.reading.settling import Settled
from clv.sources import KeyKind, Platform

KEYS = pa.DataFrameSchema(
    {
        "order_id": pa.Column(str, description="the order that carries the key"),
        "source": pa.Column(str, description="the export that the order is from"),
        "kind": pa.Column(str, description="what it is: phone, unionid, openid, nick, city ..."),
        "value": pa.Column(str, description="the key, cleaned; hidden wherever it is kept"),
    },
    name="keys",
    strict=True,
    coerce=True,
)

_CLEANED_AS = {"phone": "phone", "receiver_phone": "phone", "email": "email", "nick": "nick"}  # the rest: id
_PERSONAL_PHONE = r"\+\d{8,15}|[1-9]\d{9,14}"  # a landline (0571…) is a place, a short number a desk
_PLACEHOLDER = r".*(\d)\1{7}|13800138000|1?2345678901?"
_MASKED_PHONE = r"^(?:(?:\+|00)?86[ -]?)?(\d{3})\*{4}(\d{4})$"  # 186******05 keeps too little to tell anybody
_SURNAMES_OF_TWO = "欧阳|上官|司马|诸葛|夏侯|皇甫|尉迟|公孙|慕容|司徒|令狐|东方|南宫|长孙|宇文|端木|百里|呼延"
_PROVINCE = r"^.{2,8}?(?:省|自治区|特别行政区)"
_CITY = r"^(.{2,9}?(?:市|自治州|地区|盟))"


def nothing() -> pd.DataFrame:
    """Return a KEYS table without rows."""
    return tables.check(pd.DataFrame(columns=list(KEYS.columns), dtype="str"), KEYS)


def of(
    gathered: Gathered, settled: Settled, platform: Platform, *, export: str, gifts: Gifts = KEEP
) -> pd.DataFrame:
    """Return the KEYS of the kept orders, each once, by order, kind and value.

    A gift order gives none where its keys are not those of the customer it counts for: where the platform
    names the recipient, and where `gifts` gives it to somebody else or to nobody.
    """
    rows = settled.rows[settled.rows["order_id"].isin(settled.kept["order_id"])]
    if platform.gift_names_recipient or gifts.how != "keep":
        rows = rows[~rows["is_gift"].groupby(rows["order_id"]).transform("any").astype(bool)]
    rows = rows[["order_id"]].sort_values("order_id", kind="stable")
    raw = gathered.keys.reindex(rows.index)
    # orders as numbers: compared and sorted faster than their ids, and held in a tenth of the memory
    place = (rows["order_id"].ne(rows["order_id"].shift()).cumsum() - 1).to_numpy("int32")
    by_kind = defaultdict(list)
    for column in raw:
        for kind, value in _all(raw, column, platform).items():
            by_kind[kind].append(pd.DataFrame({"place": place, "value": value.array}))
    kinds = sorted(by_kind)
    if not kinds:
        return nothing()
    parts = [_each_once(by_kind.pop(kind)).assign(kind=np.int8(nth)) for nth, kind in enumerate(kinds)]
    found = pd.concat(parts, ignore_index=True).sort_values("place", kind="stable", ignore_index=True)
    del parts  # large exports: the table as it is returned is built beside the fewest others
    return _told(found, rows["order_id"].drop_duplicates(), kinds, export)


def _each_once(of_kind: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the keys of one kind, each once an order; sorted where an order has several."""
    once = pd.concat(of_kind).dropna(subset="value").drop_duplicates(["place", "value"])
    return once.sort_values(["place", "value"]) if once["place"].duplicated().any() else once


def _told(found: pd.DataFrame, ids: pd.Series, kinds: list[str], export: str) -> pd.DataFrame:
    """Return KEYS of places and kinds that are numbers so far."""
    words = pd.Series(kinds, dtype="str")
    columns = {
        "order_id": ids.array.take(found["place"]),
        "source": pd.Series([export], dtype="str").array.take(np.zeros(len(found), dtype="int8")),
        "kind": words.array.take(found["kind"]),
        "value": found["value"].array,
    }
    return tables.check(pd.DataFrame(columns, copy=False), KEYS)


def cleaned(text: pd.Series, kind: KeyKind, platform: Platform) -> pd.Series:
    """Return keys of one kind as orders write them; missing where they are nobody's."""
    plain = buyers.cleaned(text, _CLEANED_AS.get(kind, "id"), platform)
    work = _BY_KIND.get(kind)
    return plain if work is None else each_once(plain, work)


def _all(raw: pd.DataFrame, kind: str, platform: Platform) -> dict[str, pd.Series]:
    """Return a column cleaned, and what follows from it: of a phone its mask, of a name the surname."""
    found = {kind: cleaned(raw[kind], kind, platform)}
    if kind in ("phone", "receiver_phone"):
        masked = each_once(raw[kind], lambda text: _mask(text, _MASKED_PHONE))
        found["masked_phone"] = masked.fillna(
            each_once(found[kind], lambda text: _mask(text, r"^(\d{3})\d{4}(\d{4})$"))
        )
    if kind == "name":
        found["surname"] = each_once(raw["name"], _surname)
    if kind == "address" and "city" not in raw:
        found["city"] = each_once(raw["address"], _city)
    return found


def _mask(text: pd.Series, pattern: str) -> pd.Series:
    ends = text.str.extract(pattern)
    return (ends[0] + "****" + ends[1]).astype("str")


def _phone(text: pd.Series) -> pd.Series:
    real = text.str.fullmatch(_PERSONAL_PHONE) & ~text.str.fullmatch(_PLACEHOLDER).eq(other=True)
    return text.where(real.eq(other=True))


def _email(text: pd.Series) -> pd.Series:
    return text.where(text.str.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+").eq(other=True))


def _plain(text: pd.Series) -> pd.Series:
    """Return text without what one person writes now so, now so: blanks, commas, brackets, capitals."""
    bare = text.str.normalize("NFKC").str.casefold().str.replace(r"[\W_]+", "", regex=True)
    return bare.mask(bare == "")


def _surname(text: pd.Series) -> pd.Series:
    """Return the first character, or two of a surname of two; of names in Latin letters the last word."""
    chinese = text.str.extract(rf"^({_SURNAMES_OF_TWO}|[\u4e00-\u9fff])", expand=False)
    latin = text.str.extract(r"([^\W\d_]{2,})\W*$", expand=False).str.casefold()
    return chinese.fillna(latin)


def _city(text: pd.Series) -> pd.Series:
    inside = text.str.replace(r"\s+", "", regex=True).str.replace(_PROVINCE, "", regex=True)
    found = inside.str.extract(_CITY, expand=False)
    return found.str.replace(r"^(.{2})\1市$", r"\1市", regex=True)  # 上海 上海市: its own province


_BY_KIND: dict[str, Callable[[pd.Series], pd.Series]] = {
    "phone": _phone,
    "receiver_phone": _phone,
    "email": _email,
    "name": _plain,
    "address": _plain,
    "city": lambda text: _city(text).fillna(_plain(text)),
}
