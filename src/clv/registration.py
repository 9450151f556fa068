"""What a campaign was meant to show, written down before it was sent: measure, size, last day.

`clv play` writes one file per campaign beside the plan. Whoever measures the campaign later reads it, and can
no longer choose the measure, the day or the customers by what came out.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from clv.declaring import strict_json, texts
from clv.declaring.moments import Day, Finite, Time
from clv.declaring.settings import Settings, validated
from clv.errors import InputError, SettingError
from clv.language import tell
from clv.offering.contract import Offer

PROFIT, BUYERS = "gross profit per assigned customer", "buyers"
Count = Annotated[int, Field(ge=0)]


class Registration(Settings):
    """A campaign as it was meant, before anything was sent."""

    campaign: str = Field(min_length=1, description="the campaign's name, as its list has it")
    shop: str = Field(min_length=1, description="the shop's id")
    playbook: str = Field("", description="the playbook behind it")
    registered_at: Time = Field(description="when this was written")
    send_on: Day = Field(description="the day of sending")
    stops_on: Day = Field(description="the last day on which an order counts; nobody looks before")
    primary: Literal["gross profit per assigned customer"] = Field(
        PROFIT, description="the one measure that decides"
    )
    secondary: list[str] = Field([BUYERS], description="what is looked at besides")
    send: Count = Field(description="customers on the list who are sent something")
    control: Count = Field(description="customers on the list who are left alone")
    control_share: float = Field(gt=0, lt=1, description="part that was meant to be left alone")
    expected_effect: float = Field(ge=-1, le=1, description="buyers won per contact that are expected")
    smallest_effect: float | None = Field(
        None, ge=0, le=1, description="the smallest such effect that the arms can tell (5 %, power 80 %)"
    )
    smallest_profit: Annotated[Finite, Field(ge=0)] | None = Field(
        None, description="the smallest profit per contact that the arms can tell (money)"
    )
    expected_profit: Finite = Field(description="what the campaign should earn beyond doing nothing (money)")
    expected_profit_low: Finite = Field(description="its 5 % end")
    expected_profit_high: Finite = Field(description="its 95 % end")
    margin: float = Field(gt=0, le=1, description="margin after commission")
    currency: str = Field("", description="what money is in")
    offers: list[Offer] = Field(description="what is offered, amounts in money")
    contact_costs: dict[str, Annotated[Finite, Field(ge=0)]] = Field(
        description="what one contact costs, by channel"
    )

    @model_validator(mode="after")
    def _whole(self) -> "Registration":
        if self.stops_on < self.send_on:
            raise ValueError(
                tell(
                    "stops_on {stops_on} lies before send_on {send_on}",
                    stops_on=self.stops_on,
                    send_on=self.send_on,
                )
            )
        if self.expected_profit_low > self.expected_profit_high:
            raise ValueError("expected_profit_low lies above expected_profit_high; put the low end first")
        if any(isinstance(v, str) for offer in self.offers for v in _amounts(offer)):
            raise ValueError("an offer's amount is a part of the usual order; it should be money")
        return self


def _amounts(offer: Offer) -> tuple[object, ...]:
    return offer.amount, offer.cost, offer.minimum_spend, offer.at_most


def text(registration: Registration) -> str:
    """Return the file's text: JSON that says only what differs from an offer's usual terms."""
    shown = registration.model_dump(mode="json")
    shown["offers"] = [
        one.model_dump(mode="json", exclude_defaults=True, exclude={"messages"})
        for one in registration.offers
    ]
    return json.dumps(shown, ensure_ascii=False, indent=1) + "\n"


def load(path: Path | str) -> Registration:
    """Return the registration that a file holds.

    Raises
    ------
    InputError
        It cannot be read, is no JSON, or not what `clv play` writes; with what is wrong.
    """
    path = Path(path)
    try:
        data: Any = strict_json.read(texts.read(path))
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or strict_json.why(error)
        raise InputError(
            tell(
                "{path} is no registration of a campaign ({why}); `clv play` writes them.",
                path=path.name,
                why=why,
            )
        ) from None
    if not isinstance(data, dict):
        raise InputError(
            tell("{path} is no registration of a campaign; `clv play` writes them.", path=path.name)
        )
    try:
        return validated(Registration, data, noun="key", where=lambda _: path.name)
    except SettingError as error:
        raise InputError(str(error)) from None


def find(paths: Iterable[Path | str], *, campaign: str, shop: str = "") -> Registration | None:
    """Return the registration of a campaign; None where no file has it.

    Where several do, the last that was written before the sending, or on its day, counts; where all are
    later, the earliest.

    Raises
    ------
    InputError
        As `load`.
    """
    found = [one for one in map(load, paths) if one.campaign == campaign and shop in ("", one.shop)]
    if not found:
        return None
    found.sort(key=lambda one: datetime.fromisoformat(one.registered_at))
    before = [one for one in found if not is_late(one)]
    return before[-1] if before else found[0]


def is_late(registration: Registration) -> bool:
    """Return whether it was written after the day of sending, when the first answers could be known."""
    return registration.registered_at[:10] > registration.send_on
