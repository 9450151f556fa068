"""How customers are reached: what a contact costs, at which hours, how often, and how many then opt out."""

from typing import Annotated

from pydantic import Field, model_validator

from clv.declaring.settings import Settings
from clv.language import tell

Share = Annotated[float, Field(ge=0, le=1)]


class Cap(Settings):
    """At most `most` messages within `days` days."""

    days: int = Field(ge=1, le=365, description="days looked at")
    most: int = Field(ge=1, le=100, description="messages within them")


Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Channel(Settings):
    """How customers are reached: what one contact costs, when, how often, and how many then opt out."""

    cost: float = Field(ge=0, le=1e6, description="what one contact costs, in the shop's currency")
    send_from: Clock = Field(description="when sending starts, such as 19:00")
    send_to: Clock = Field(description="when sending ends")
    allowed: tuple[Clock, Clock] = Field(description="the hours outside which nobody may be disturbed")
    caps: list[Cap] = Field(description="how often one person may be reached")
    opt_out: Share = Field(description="part of those reached who then opt out")

    @model_validator(mode="after")
    def _quiet(self) -> "Channel":
        if not self.allowed[0] <= self.send_from < self.send_to <= self.allowed[1]:
            hours = f"{self.send_from} to {self.send_to}"
            raise ValueError(
                tell(
                    "sending from {hours} does not lie within {allowed}",
                    hours=hours,
                    allowed=" to ".join(self.allowed),
                )
            )
        return self


def _caps(*pairs: tuple[int, int]) -> list[Cap]:
    return [Cap(days=days, most=most) for days, most in pairs]


# Costs in yuan, hours and caps as usual in the trade; a shop replaces them by its own.
CHANNELS: dict[str, Channel] = {
    "sms": Channel(
        cost=0.06, send_from="19:00", send_to="21:00", allowed=("08:00", "21:00"),
        caps=_caps((7, 1), (30, 4)), opt_out=0.002,
    ),
    "wecom": Channel(
        cost=0.05, send_from="19:00", send_to="21:00", allowed=("08:00", "21:00"),
        caps=_caps((7, 2)), opt_out=0.002,
    ),
    "phone": Channel(
        cost=5.0, send_from="14:00", send_to="20:00", allowed=("10:00", "20:00"),
        caps=_caps((90, 1)), opt_out=0.005,
    ),
    "email": Channel(
        cost=0.01, send_from="10:00", send_to="20:00", allowed=("08:00", "21:00"),
        caps=_caps((7, 1)), opt_out=0.002,
    ),
}  # fmt: skip


class ChannelChange(Settings):
    """What a playbook changes of a channel; what it leaves out stays as in CHANNELS."""

    cost: float | None = Field(None, ge=0, le=1e6, description="what one contact costs")
    send_from: Clock | None = Field(None, description="when sending starts")
    send_to: Clock | None = Field(None, description="when sending ends")
    caps: list[Cap] | None = Field(None, description="how often one person may be reached")
    opt_out: Share | None = Field(None, description="part of those reached who then opt out")
