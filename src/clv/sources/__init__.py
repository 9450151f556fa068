"""What the exports of each platform look like: one small declarative YAML file per platform.

A platform file says which headers carry our fields, what a row is, which words mean unpaid or closed, and who
the buyer is. It holds no code; CONTRIBUTING.md, "Adding a platform", walks through one.
"""

from functools import cache
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clv.errors import SettingError, nearest
from clv.language import tell

Headers = tuple[str, ...]
RefundIs = Literal["gross", "net", "net by contract"]
FieldName = Literal[
    "order_id", "line_id", "created_at", "paid_at", "status", "aftersale", "total", "discount", "outstanding",
    "amount", "refund", "quantity", "price", "title", "category", "sku", "channel", "currency", "gift",
    "list_amount", "taken_off", "postage", "delivered_at", "price_index",
]  # fmt: skip


KeyKind = Literal[
    "unionid", "yz_open_id", "buyer_open_uid", "member_id", "account", "phone", "email",
    "openid", "nick",
    "receiver_phone", "masked_phone", "name", "surname", "city", "address", "oaid",
]  # fmt: skip


class _Declared(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Buyer(_Declared):
    """One way to tell buyers apart, the best first in its list."""

    headers: Headers
    kind: Literal["id", "nick", "phone", "email"]


class Key(_Declared):
    """A column that says who somebody is, besides the buyer that was chosen; the best header first."""

    kind: KeyKind
    headers: Headers


class Words(_Declared):
    """Status words, whole cells, `*` stands for anything."""

    unpaid: Headers = ()
    closed: Headers = ()
    refunded: Headers = ()
    no_refund: Headers = ()


class Items(_Declared):
    """The item export beside the order export."""

    fields: dict[FieldName, Headers]
    closed: Headers = ()


class Platform(_Declared):
    """The contract of one platform file.

    Attributes
    ----------
    name, where
        What people call the export, and where in the shop's back office it is made.
    a_row_is
        'order', or 'item' where an order has one row per line item.
    money_is_of
        'order' where the money cells speak of the whole order, 'item' where each row has its own.
        A filled `line_id` column always means 'item'.
    refund_is_of
        The same for the refund cells, where an order's refund is the sum over its items.
    fields
        Our field: the headers that carry it in the versions seen so far, the best first.
    refund_is
        Whether `amount` is before refunds ('gross') or after ('net') by the platform's own words;
        used only where the file itself cannot show it. 'net by contract': after refunds, and not tested.
    channels
        What channel cells mean; the key '' is the empty cell; words not listed pass through.
    masked
        Regular expressions that a hidden buyer cell matches.
    keys
        What else tells that two orders, here or on another platform, are one customer's, or may be.
    columns_are_told
        True where the caller's column map takes the place of `fields`, `buyers` and `keys`.
    """

    name: str
    where: str
    a_row_is: Literal["order", "item"]
    money_is_of: Literal["order", "item"] = "order"
    refund_is_of: Literal["order", "item"] = "order"
    fields: dict[FieldName, Headers]
    buyers: tuple[Buyer, ...] = ()
    keys: tuple[Key, ...] = ()
    words: Words = Words()
    items: Items | None = None
    refund_is: RefundIs = "gross"
    currency: str | None = None
    channels: dict[str, str] = {}
    masked: Headers = (r"\*",)
    nobody: Headers = ()
    gift_names_recipient: bool = False
    columns_are_told: bool = False
    separator: str | None = None
    header: Headers = ()
    first_year: int = 2000
    notes: Headers = ()
    why_no_customers: str = Field(min_length=20)
    what_would_help: str = Field(min_length=20)


def names() -> list[str]:
    """Return the platforms that have a file."""
    found = (entry.name for entry in files(__name__).iterdir())
    return sorted(name.removesuffix(".yml") for name in found if name.endswith(".yml"))


@cache
def load(platform: str) -> Platform:
    """Return the declaration of a platform.

    Raises
    ------
    SettingError
        No file has that name, or the file breaks the contract.
    """
    if platform not in names():
        raise SettingError(
            tell(
                "there is no platform {platform!r}; {nearest}",
                platform=platform,
                nearest=nearest(platform, names()),
            )
        )
    text = files(__name__).joinpath(f"{platform}.yml").read_text(encoding="utf-8")
    try:
        return Platform(**yaml.safe_load(text))
    except ValidationError as error:
        first = error.errors()[0]
        at = ".".join(map(str, first["loc"]))
        raise SettingError(
            tell("sources/{platform}.yml: {at}: {msg}.", platform=platform, at=at, msg=first["msg"])
        ) from None
