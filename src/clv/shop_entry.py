"""What a shop file may say of a shop: every key, with its type and its meaning."""

import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from clv.declaring.paths import Paths, PathsOrByChannel, PathsOrTables
from clv.declaring.settings import Settings, iso_day
from clv.language import Language, tell

NAME = r"[a-z0-9][a-z0-9_-]{0,59}"
DEVICES = r"con|prn|aux|nul|(com|lpt)[0-9]"  # no folder can be called so on Windows


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("it should be a time zone such as Asia/Shanghai or Europe/London") from None
    return name


def _currency(code: str) -> str:
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("it should be three capital letters, such as CNY")
    return code


def _one_file(path: str) -> str:
    if not path or any(mark in path for mark in "*?") or path.startswith("package:"):
        raise ValueError("it should be the path of one file")
    return path


def _one_to_write(path: str) -> str:
    try:
        return _one_file(path)
    except ValueError as error:
        raise ValueError(tell("{error} that may be written, such as ledger.jsonl", error=error)) from None


OneFile = Annotated[str, AfterValidator(_one_file)]
Extra = Literal[
    "members", "contacts", "past_campaigns", "points", "visits", "links", "price_index", "gift_givers"
]


class Written(Settings):
    """How an export is written."""

    columns: dict[str, str] = Field({}, description="our field name: header in the file")
    date_format: str | None = Field(None, min_length=1, description="how the file writes times, %d/%m/%Y")
    timezone: Annotated[str, AfterValidator(_zone)] | None = Field(None, description="the shop's time zone")


class Exports(Written):
    """Exports of one system; a shop that sells by several has several."""

    platform: str = Field(
        min_length=1, description="which system wrote the export (taobao, youzan, shopify, csv)"
    )
    orders: PathsOrTables = Field(
        description="where the order export lies, relative to the shop file, or the address of a table"
    )
    items: Paths | None = Field(None, description="where the item export lies")


class Common(Written):
    """What `defaults:` may hold for all shops."""

    currency: Annotated[str, AfterValidator(_currency)] | None = Field(None, description="CNY, GBP, ...")
    until: Annotated[str, AfterValidator(iso_day)] = Field("", description="the last day of observation")
    lang: Language = Field("en", description="language of the reports: en or zh")
    customer_ids: Literal["pseudonyms", "raw"] = Field("pseudonyms", description="what reports show")
    notebooks: dict[str, dict[str, Any]] = Field({}, description="parameters of notebooks")


class Entry(Common, Exports):
    """One shop of the file."""

    name: str = Field("", description="the shop's name for people")
    sign: str = Field("", max_length=12, description="how the shop signs its messages: 【…】")
    tiers: dict[str, Annotated[float, Field(gt=0, le=1e9)]] = Field(
        {}, description="the shop's tiers: name, and the money of the last year from which it holds"
    )
    membership: OneFile | None = Field(None, description="where the rules of the shop's tiers lie")
    also: dict[str, Exports] = Field({}, description="the shop's exports of other systems, by their names")
    links: Paths | None = Field(None, description="where it stands which ids are one customer's")
    identity: Literal["none", "strong"] | None = Field(
        None, description="whether customers with one phone or id are one customer"
    )
    gifts: Literal["keep", "leave out", "to giver"] = Field(
        "keep", description="what becomes of orders that are gifts"
    )
    gift_givers: Paths | None = Field(None, description="where it stands who gave which gift")
    price_index: Paths | None = Field(None, description="where the price index (of gold) lies, by day")
    indexed: list[Annotated[str, Field(min_length=1)]] = Field(
        [], description="the categories that the price index is about; empty: all"
    )
    festivals: OneFile | None = Field(None, description="where the shop's own festival windows lie")
    points: Paths | None = Field(None, description="where the changes of points lie")
    visits: Paths | None = Field(None, description="where visits lie: what was viewed, carted, favourited")
    schemes: Paths | None = Field(None, description="where the shop's own segmentation schemes lie")
    members: Paths | None = Field(None, description="where the members lie: consents, birthdays, points")
    contacts: PathsOrByChannel | None = Field(
        None, description="where the contacts lie: messages, answers, opt-outs"
    )
    past_campaigns: Paths | None = Field(None, description="where past campaigns lie: who was in which arm")
    registrations: Paths | None = Field(None, description="where `clv play`'s registrations lie")
    ledger: Annotated[str, AfterValidator(_one_to_write)] | None = Field(
        None, description="where results of past campaigns are kept: one file, made when needed"
    )

    @property
    def merges(self) -> bool:
        """Whether customers are looked for across channels: when told, or when there is more than one."""
        return self.identity == "strong" or (self.identity is None and bool(self.also or self.links))

    @model_validator(mode="after")
    def _fits_together(self) -> "Entry":
        strange = [name for name in self.also if not re.fullmatch(NAME, name) or name == self.platform]
        if strange:
            raise ValueError(
                tell(
                    "also names {first!r}; a name may hold a-z, 0-9, _ and -, and is not the platform's",
                    first=strange[0],
                )
            )
        if self.gifts == "to giver" and not self.gift_givers:
            raise ValueError("gifts: to giver needs gift_givers, a file of who gave which order")
        return self


class Defaults(Common):
    """`defaults:`, which stand for every shop."""

    platform: str | None = Field(None, min_length=1, description="which system wrote the exports")


class File(Settings):
    """The whole shop file, its shops not looked at yet."""

    shops: dict[str, dict[str, Any] | None] = Field(min_length=1, description="the shops, by their ids")
    defaults: dict[str, Any] | None = None
