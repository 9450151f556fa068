"""What a playbook may declare about a campaign: its audience, its offers, its channels, its control group."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from clv.declaring.settings import Settings
from clv.errors import nearest
from clv.language import tell
from clv.offering.channels import CHANNELS, Channel, ChannelChange, Share

Positive = Annotated[float, Field(gt=0, le=1e9)]
OF_BASKET = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*of\s+basket\s*")


def _money(text: str) -> str:
    if not OF_BASKET.fullmatch(text) or not 0 < float(OF_BASKET.fullmatch(text)[1]) <= 10_000:
        raise ValueError('it should be an amount such as 200, or a part of the usual order: "8 % of basket"')
    return text


# An amount in the shop's currency, or a part of the shop's usual order ("8 % of basket").
Money = Positive | Annotated[str, AfterValidator(_money)]

# What an audience may be chosen by: what it means, and which file of the shop it needs.
FIELDS: dict[str, str] = {
    "days_since_last": "days since the last purchase",
    "orders": "orders so far",
    "purchases": "purchase days so far",
    "total_spend": "money of all orders",
    "mean_purchase": "money per purchase day",
    "spend_rank": "place by total spend: 0 the best customer, 1 the last",
    "age_days": "days since the first purchase",
    "p_alive": "chance of still being a customer, as the model says",
    "festival_buyer": "bought around one of these festivals in an earlier year",
    "category": "category with most money",
    "channel": "where most money was spent",
    "to_next_tier": "money that is missing to the next tier",
    "tier": "tier in the members file",
    "points": "points in the members file",
    "days_to_points_expiry": "days until points expire (members file)",
    "days_to_birthday": "days until the next birthday (members file)",
    "consent_sms": "agreed to messages by SMS (members file)",
    "consent_wecom": "agreed to messages by WeCom (members file)",
    "consent_phone": "agreed to calls (members file)",
    "consent_email": "agreed to e-mail (members file)",
}
WORDS = ("festival_buyer", "category", "channel", "tier")
MONEY = ("total_spend", "mean_purchase", "to_next_tier")


class Text(Settings):
    """The same words in English and Chinese."""

    en: str = Field(min_length=1, description="the words in English")
    zh: str = Field(min_length=1, description="the words in Chinese")


class Bounds(Settings):
    """From `min` to `max`, both included; one of them may be left out."""

    min: float | str | None = Field(None, description="the least")
    max: float | str | None = Field(None, description="the most")

    @model_validator(mode="after")
    def _ordered(self) -> "Bounds":
        if self.min is None and self.max is None:
            raise ValueError("it should have min, max or both")
        for end in (self.min, self.max):
            if isinstance(end, str):
                _money(end)
        if isinstance(self.min, float) and isinstance(self.max, float) and self.min > self.max:
            raise ValueError(
                tell(
                    "min {min:g} lies above max {max:g}; nobody can be in between", min=self.min, max=self.max
                )
            )
        return self


class Uplift(Settings):
    """Normal distribution of the shift that a contact gives to the log-odds of buying within the window.

    Where few buy, 0.2 is about 20 % more buyers.
    """

    mean: float = Field(ge=-3, le=3, description="its mean")
    sd: float = Field(gt=0, le=3, description="its standard deviation")


class Offer(Settings):
    """One thing that can be offered.

    percent: `share` off an order. coupon: `amount` off. gift: something that costs the shop `cost`, with an
    order. points: they cost `cost` if they are used, of which `used` are. service: costs `cost` for each who
    takes it up (`taken_up`), with an order or without. notice: nothing is given, only said.
    """

    name: str = Field(pattern="^[a-z0-9][a-z0-9-]*$", max_length=40, description="its name: a-z, 0-9, -")
    title: Text | None = Field(None, description="what customers and reports call it")
    kind: Literal["percent", "coupon", "gift", "points", "service", "notice"] = Field(
        description="what kind of offer it is"
    )
    share: float | None = Field(None, gt=0, lt=1, description="percent: the part of the order that is given")
    at_most: Money | None = Field(None, description="percent: the most that is given")
    amount: Money | None = Field(None, description="coupon: the money that is taken off")
    cost: Money | None = Field(None, description="gift, points, service: what one costs the shop")
    used: Share = Field(1.0, description="points: the part of them that is ever used")
    taken_up: Share = Field(0.1, description="service: the part of those told who take it up")
    minimum_spend: Money | None = Field(None, description="the order from which it holds")
    valid_days: int = Field(14, ge=1, le=365, description="days that it holds")
    redeemed_by_new: Share = Field(1.0, description="part of the buyers won who redeem it")
    redeemed_anyway: Share = Field(
        1.0, description="part of those who buy anyway while it holds who redeem it"
    )
    pull_forward: float = Field(
        0.1, ge=0, lt=1, description="part of the purchases won that only come earlier"
    )
    uplift: Uplift = Field(description="how it moves the chance to buy, before anything was tested")
    uplift_by_channel: dict[str, Uplift] = Field({}, description="the same where a channel differs")
    uplift_by_segment: dict[str, Uplift] = Field({}, description="the same where a segment differs")
    messages: dict[str, Text] = Field({}, description="what is said of it, where that differs, by channel")

    @model_validator(mode="after")
    def _whole(self) -> "Offer":
        needed = {"percent": "share", "coupon": "amount", "gift": "cost", "points": "cost", "service": "cost"}
        own = needed.get(self.kind)
        for name in ("share", "amount", "cost"):
            given = getattr(self, name) is not None
            if given != (name == own):
                verb = (
                    tell("lacks {name!r}", name=name) if name == own else tell("takes no {name!r}", name=name)
                )
                raise ValueError(
                    tell(
                        "the offer {self!r} is a {kind} and {verb}", self=self.name, kind=self.kind, verb=verb
                    )
                )
        if self.at_most is not None and self.kind != "percent":
            raise ValueError(
                tell("the offer {self!r} is a {kind} and takes no 'at_most'", self=self.name, kind=self.kind)
            )
        for channel in (*self.uplift_by_channel, *self.messages):
            if channel not in CHANNELS:
                raise ValueError(
                    tell(
                        "there is no channel {channel!r}; {nearest}",
                        channel=channel,
                        nearest=nearest(channel, CHANNELS),
                    )
                )
        return self

    @property
    def words(self) -> Text:
        """What people call it."""
        return self.title or Text(en=self.name, zh=self.name)


class Limit(Settings):
    """The least and the most customers of a segment that the plan may choose."""

    min: int = Field(0, ge=0, description="the least")
    max: int | None = Field(None, ge=0, description="the most")


def _changes(value: Any) -> Any:
    names = isinstance(value, list) and all(isinstance(name, str) for name in value)
    return {name: {} for name in value} if names else value


Condition = Bounds | bool | list[str]


class Declared(Settings):
    """A campaign as somebody declares it; amounts may still be parts of the usual order."""

    audience: dict[str, Condition] = Field(min_length=1, description="who it is for")
    offers: list[Offer] = Field(min_length=1, max_length=12, description="what may be offered")
    channels: Annotated[dict[str, ChannelChange], BeforeValidator(_changes)] = Field(
        min_length=1, description="how people may be reached"
    )
    control_share: float = Field(0.2, gt=0, lt=1, description="part that is left alone, to compare with")
    tiers: dict[str, Money] = Field({}, description="tiers by the money of the last year, lowest first")
    limits: dict[str, Limit] = Field({}, description="least and most customers by segment")
    same_offer: bool = Field(False, description="everybody of a segment gets the same offer")  # noqa: FBT003
    messages: dict[str, Text] = Field({}, description="what is said, by channel")

    @model_validator(mode="after")
    def _known_names(self) -> "Declared":
        for name, condition in self.audience.items():
            _check_condition(name, condition)
        for what, given in (("channels", self.channels), ("messages", self.messages)):
            for name in given:
                if name not in CHANNELS:
                    raise ValueError(
                        tell(
                            "{what} names {name!r}; {nearest}",
                            what=what,
                            name=name,
                            nearest=nearest(name, CHANNELS),
                        )
                    )
        names = [offer.name for offer in self.offers]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(
                tell("two offers are called {twice!r}; give each a name of its own", twice=twice)
            )
        for name in self.channels:
            self.channel(name)
        return self

    def channel(self, name: str) -> Channel:
        """Return a channel with the playbook's changes."""
        change = {k: v for k, v in dict(self.channels[name]).items() if v is not None}
        return Channel.model_validate({**dict(CHANNELS[name]), **change})


def _check_condition(name: str, condition: Condition) -> None:
    if name not in FIELDS:
        raise ValueError(tell("audience names {name!r}; {nearest}", name=name, nearest=nearest(name, FIELDS)))
    kind = bool if name.startswith("consent_") else list if name in WORDS else Bounds
    if not isinstance(condition, kind):
        form = {bool: "true", list: "a list of words", Bounds: "min, max or both"}[kind]
        raise ValueError(
            tell(
                "the audience's {name!r} ({fields}) should be {form}",
                name=name,
                fields=FIELDS[name],
                form=form,
            )
        )
    ends = [condition.min, condition.max] if isinstance(condition, Bounds) else []
    if name not in MONEY and any(isinstance(end, str) for end in ends):
        raise ValueError(tell("the audience's {name!r} is no money; give a number", name=name))
