"""Brands in titles: 【周大福】足金手链 is by 周大福, 【包邮】足金手链 by nobody."""

import re
import unicodedata
from collections.abc import Sequence

import pandas as pd

_FIRST = re.compile(r"^\s*[\[【〖「]\s*([^\]】〗」]{1,24}?)\s*[\]】〗」]")
_ADVERTS = re.compile(
    "新品|新款|新年|首发|上新|包邮|现货|热卖|爆款|特价|清仓|预售|定制|官方|正品|直播|专属|限量|限时|秒杀|抢购|特惠|"
    "优惠|促销|活动|礼物|礼盒|送礼|情人节|七夕|母亲节|春节|生日|会员|推荐|同款|明星|顺丰|当天|发货|满减|立减|到手|"
    r"折|赠|送|减|双11|双十一|双12|双十二|618|520|[¥￥]|\d{3,}|"
    r"\b(?:new|sale|hot|free|limited|gift|official|in stock|pre-?order)\b",
    re.IGNORECASE,
)


def read(titles: pd.Series, *, brands: Sequence[str] = ()) -> pd.Series:
    """Return the brand of each title, same index; missing where none is told.

    Parameters
    ----------
    brands
        The shop's own list. With one, only these count, wherever they stand in a title, the longest first;
        without one, what stands between brackets at the very beginning and does not advertise.
    """
    place, distinct = pd.factorize(titles)  # -1 where missing, which is the last one here
    found = [_listed(title, brands) if brands else _first(title) for title in distinct]
    return pd.Series([*found, None], dtype="str").iloc[place].set_axis(titles.index)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _listed(title: str, brands: Sequence[str]) -> str | None:
    text = _plain(title)
    longest_first = sorted(brands, key=lambda brand: (-len(brand), brand))
    return next((brand for brand in longest_first if _plain(brand) in text), None)


def _first(title: str) -> str | None:
    hit = _FIRST.match(unicodedata.normalize("NFKC", title))
    return None if hit is None or _ADVERTS.search(hit[1]) else hit[1]
