"""One axis of a scheme: the column that it cuts, and where."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from clv.declaring.settings import Settings
from clv.language import spoken, tell

# letter of an axis: the column that it cuts where the file does not say otherwise
COLUMNS = {"R": "days_since_last", "F": "purchases", "M": "total_spend", "A": "mean_purchase", "T": "T"}
LESS_IS_BETTER = ("days_since_last",)

Letter = Literal["R", "F", "M", "A", "T"]
Column = Literal["days_since_last", "purchases", "orders", "total_spend", "mean_purchase", "T"]
RESERVED = ("not yet a customer", "all other segments")  # rows of our own tables


def _printable(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("it should be words on one line, without control characters")
    return text


def _calling(text: str) -> str:
    if text in RESERVED:
        raise ValueError("this name is taken by a row of the reports; choose another")
    if text[0] in "=+-@":
        raise ValueError("it should not begin with =, +, - or @, which spreadsheets take for a formula")
    return text


Words = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_printable)]
Called = Annotated[
    str, Field(min_length=1, max_length=60), AfterValidator(_printable), AfterValidator(_calling)
]
Number = Annotated[float, Field(allow_inf_nan=False)]


def word_or_list(value: object) -> str:
    """Tell which of the two forms is meant, so that an error speaks of that one."""
    return "word" if isinstance(value, str) else "list"


def _rising(edges: list[float]) -> list[float]:
    if sorted(set(edges)) != edges:
        raise ValueError("it should be numbers in rising order, such as [90, 180, 270]")
    return edges


class Name(Settings):
    """What people call it, in English and in Chinese."""

    en: Called
    zh: Called

    @property
    def told(self) -> str:
        """The name in the language spoken now."""
        return self.zh if spoken() == "zh" else self.en


class Axis(Settings):
    """One column and how it is cut into levels; a higher level is better.

    Attributes
    ----------
    of
        The column; by the letter when left out: R days_since_last, F purchases (purchase days), M
        total_spend, A mean_purchase (money per purchase day), T days since the first purchase.
    at
        Numbers: fixed edges; an edge belongs to the better level of a column where less is better ("up to 90
        days"), and to the upper level elsewhere ("from 2 purchases on"). 'mean', 'median': two levels,
        strictly better than it or not. 'median, rounded': the median at one significant digit, then held.
        'mean score': fifths first, then two levels, better than the mean of 1 to 5 (to one decimal, as a
        dashboard shows it).
    parts
        So many equal parts by rank; customers who are equal stay together at their average rank.
    hazard
        So many windows, learned from how soon customers come back (`clv.own_windows`).
    high
        Which raw values are the high level; 'less' for days_since_last, 'more' elsewhere.
    ties
        How equal customers are treated. Only 'together' can be used; the others describe what others
        published: 'file order' splits them as they stand in the file, 'renumber' drops equal edges and
        numbers the levels that remain from 1.
    names
        Names of the levels, in the order of rising raw values.
    """

    of: Column | None = Field(None, description="the column that is cut")
    at: (
        Annotated[
            Annotated[Literal["mean", "median", "median, rounded", "mean score"], Tag("word")]
            | Annotated[
                list[Number], Field(min_length=1, max_length=8), AfterValidator(_rising), Tag("list")
            ],
            Discriminator(word_or_list),
        ]
        | None
    ) = Field(None, description="where it is cut")
    parts: int | None = Field(None, ge=2, le=9, description="into how many equal parts it is cut")
    hazard: int | None = Field(None, ge=2, le=6, description="how many windows are learned")
    high: Literal["more", "less"] | None = Field(None, description="which raw values are the high level")
    ties: Literal["together", "file order", "renumber"] = "together"
    names: list[Name] | None = Field(None, description="names of the levels, raw values rising")

    @property
    def cuts(self) -> list[object]:
        """The ways of cutting that the file gives; one in a sound axis of a cell scheme."""
        return [way for way in (self.at, self.parts, self.hazard) if way is not None]

    @property
    def levels(self) -> int:
        """How many levels the axis has."""
        if isinstance(self.at, list):
            return len(self.at) + 1
        return self.parts or self.hazard or 2

    @property
    def digits(self) -> list[str]:
        """The levels as they stand in a cell's code, the lowest first: 0 and 1 for two, else from 1."""
        return ["0", "1"] if self.levels == 2 else [str(level + 1) for level in range(self.levels)]

    @model_validator(mode="after")
    def _names_fit(self) -> "Axis":
        if self.names is not None and len(self.names) != self.levels:
            raise ValueError(
                tell(
                    "names holds {names} names for {levels} levels", names=len(self.names), levels=self.levels
                )
            )
        return self


def column(letter: str, axis: Axis) -> str:
    """Return the column that an axis cuts."""
    return axis.of or COLUMNS[letter]


def is_better_less(letter: str, axis: Axis) -> bool:
    """Return whether the smaller raw values are the higher level."""
    return (axis.high or ("less" if column(letter, axis) in LESS_IS_BETTER else "more")) == "less"


def is_reversed(letter: str, axis: Axis) -> bool:
    """Return whether the axis calls high what all take for low: long silence, few purchases, little money."""
    usual = "less" if column(letter, axis) in LESS_IS_BETTER else "more"
    return axis.high not in (None, usual) and column(letter, axis) != "T"
