"""The parts of membership rules: a tier, what it gives, and the time over which purchases count."""

from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, create_model, model_validator

from clv.declaring.settings import Settings
from clv.language import tell
from clv.schemes.axes import Name

Positive = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]


def _both(value: object) -> object:
    if isinstance(value, str):
        return {"en": value, "zh": value}
    if not isinstance(value, dict | Name):
        raise ValueError("it should be a name in quotes, or {en: …, zh: …}")
    return value


class _Block(Settings):
    """Keys below a key; anything else is refused with an example."""

    example: ClassVar[str]

    @model_validator(mode="before")
    @classmethod
    def _has_keys(cls, value: object) -> object:
        if not isinstance(value, dict | cls):
            raise ValueError(tell("it should hold keys, such as {example}", example=cls.example))
        return value


class Benefits(_Block):
    """What a tier gives, and what that costs."""

    example = "{discount: 0.05}"

    discount: float = Field(0.0, ge=0, lt=1, description="share of the price that members are let off")
    points_multiplier: float = Field(1.0, ge=0, le=100, description="points, in multiples of the usual ones")
    cost_per_year: Positive = Field(0.0, description="money that a member costs in a year: gifts, services")
    cost_per_order: Positive = Field(0.0, description="money that an order costs: postage, wrapping")


class _Tier(_Block):
    example = "{name: silver, from: 500}"

    name: Annotated[Name, BeforeValidator(_both)] = Field(description="what the tier is called")
    keep: Positive | None = Field(None, description="what is needed at a review to keep it; as `from`")
    benefits: Benefits = Field(Benefits(), description="what the tier gives")

    @property
    def start(self) -> float:
        """The amount from which the tier is entered: `from` in the file, which Python keeps for itself."""
        return getattr(self, "from")

    @property
    def kept(self) -> float:
        """The amount that keeps the tier at a review."""
        return self.start if self.keep is None else self.keep

    @property
    def label(self) -> str:
        """The name in both languages, Chinese first; once where they are the same."""
        zh, en = self.name.zh, self.name.en
        return en if en == zh else f"{zh} {en}"


# made this way so that errors and hints speak of the key `from`, as the file does
Tier = create_model(
    "Tier",
    __base__=_Tier,
    __doc__="One tier: its name, what enters it, what keeps it, what it gives.",
    **{"from": (Positive, Field(description="what is needed to enter it"))},
)


class Window(_Block):
    """Over which time purchases count: so many days back from any day, or the calendar year."""

    example = "{rolling_days: 365}"

    rolling_days: int | None = Field(None, ge=7, le=3650, description="days for which a purchase counts")
    calendar: Literal["year"] | None = Field(None, description="purchases count until the year ends")

    @model_validator(mode="after")
    def _is_one(self) -> "Window":
        if (self.rolling_days is None) == (self.calendar is None):
            raise ValueError("window takes one of rolling_days: 365 and calendar: year")
        return self
