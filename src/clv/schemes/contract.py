"""What a scheme file may say: how customers are cut, and what the parts are called.

A scheme is one of four things, told apart by the one key that it must have:

segments   axes cut into levels, and names for the cells that the levels make ("every cell": each its own)
weights    axes cut into levels, the levels added up with weights, the sum cut into `bands`
clusters   so many k-means clusters of the logarithms of the axes
by         one number per customer that sorts them, cut into `bands`
"""

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from clv.declaring.settings import Settings

# letter of an axis: the column that it cuts where the file does not say otherwise
COLUMNS = {"R": "days_since_last", "F": "purchases", "M": "total_spend", "A": "mean_purchase", "T": "T"}
LESS_IS_BETTER = ("days_since_last",)
MODEL_QUANTITIES = ("p_buy", "value", "alive_value")
ISO_VALUE = "iso-value"

Letter = Literal["R", "F", "M", "A", "T"]
Column = Literal["days_since_last", "purchases", "orders", "total_spend", "mean_purchase", "T"]
Words = Annotated[str, Field(min_length=1, max_length=200)]
Number = Annotated[float, Field(allow_inf_nan=False)]


def _word_or_list(value: object) -> str:
    """Tell which of the two forms is meant, so that an error speaks of that one."""
    return "word" if isinstance(value, str) else "list"


def _cell(cell: str) -> str:
    if not re.fullmatch(r"([0-9]|\.|\[[0-9](-[0-9])?\])+", cell):
        raise ValueError("it should be a code such as 541 or 54[1-3], with . for any level")
    for low, high in re.findall(r"\[(\d)-(\d)\]", cell):
        if low > high:
            raise ValueError(f"[{low}-{high}] should be [{high}-{low}]")
    return cell


def _rising(edges: list[float]) -> list[float]:
    if sorted(set(edges)) != edges:
        raise ValueError("it should be numbers in rising order, such as [90, 180, 270]")
    return edges


class Name(Settings):
    """What people call it, in English and in Chinese."""

    en: Words
    zh: Words


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
            Discriminator(_word_or_list),
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
            raise ValueError(f"names holds {len(self.names)} names for {self.levels} levels")
        return self


Cell = Annotated[str, AfterValidator(_cell)]


class Segment(Settings):
    """A segment: its names and its cells, each a code such as 54[1-3]; `.` stands for any level."""

    en: Words
    zh: Words
    cells: Annotated[list[Cell], Field(min_length=1)]
    added: bool = Field(
        default=False, description="not in the source; added here so that nobody is left over"
    )


class Scheme(Settings):
    """The contract of one scheme file; `id` is the file's name."""

    id: str
    name: Name
    source: Words = Field(description="where it comes from")
    rule: Words = Field(description="how it works, in one sentence")
    axes: dict[Letter, Axis] = Field({}, max_length=4)
    nested: bool = Field(default=False, description="each axis is cut inside the cells of those before it")
    segments: (
        Annotated[
            Annotated[Literal["every cell"], Tag("word")] | Annotated[list[Segment], Tag("list")],
            Discriminator(_word_or_list),
        ]
        | None
    ) = None
    weights: dict[Letter, Number] | None = None
    clusters: int | None = Field(None, ge=2, le=30)
    by: Literal["days_since_last", "purchases", "total_spend", "p_buy", "value", "alive_value"] | None = None
    bands: int | Literal["iso-value"] | None = None
    notes: list[str] = Field([], description="what a reader should beware of")

    @property
    def kind(self) -> Literal["segments", "weights", "clusters", "by"]:
        """Which of the four things the scheme is."""
        return next(
            kind for kind in ("segments", "weights", "clusters", "by") if getattr(self, kind) is not None
        )

    @property
    def needs_model(self) -> bool:
        """Whether a fitted model is asked."""
        return self.by in MODEL_QUANTITIES

    @property
    def is_held(self) -> bool:
        """Whether what was learned once is used as it is on later days, so that labels mean the same."""
        rounded = any(axis.at == "median, rounded" for axis in self.axes.values())
        return self.clusters is not None or self.bands == ISO_VALUE or rounded

    @cached_property
    def effort(self) -> tuple[bool, int]:
        """What applying it takes: whether a program must do it, and how many numbers and names to hold."""
        if self.kind == "by":
            return self.needs_model, 1 + (self.bands == ISO_VALUE)
        if self.clusters is not None:
            return True, self.clusters * len(self.axes)
        if self.weights is not None:
            return False, sum(axis.levels - 1 for axis in self.axes.values()) + len(self.weights)
        cells = [axis.levels for axis in self.axes.values()]
        named = len(self.segments) if isinstance(self.segments, list) else _product(cells)
        cuts = sum((n - 1) * (_product(cells[:i]) if self.nested else 1) for i, n in enumerate(cells))
        return False, cuts + named

    def with_thresholds(self, thresholds: dict[str, float]) -> "Scheme":
        """Return the scheme with other numbers on axes that are cut in two at a fixed number."""
        axes = dict(self.axes)
        for letter, number in thresholds.items():
            axes[letter] = axes[letter].model_copy(update={"at": [float(number)]})
        return self.model_copy(update={"axes": axes})

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Scheme":
        given = [k for k in ("segments", "weights", "clusters", "by") if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError("a scheme needs exactly one of segments, weights, clusters, by")
        if (self.bands is not None) != (given[0] in ("weights", "by")):
            raise ValueError("bands goes with weights or by, and with nothing else")
        if self.bands == ISO_VALUE and self.by != "value":
            raise ValueError("bands: iso-value goes with by: value")
        if isinstance(self.bands, int) and not 2 <= self.bands <= 50:
            raise ValueError("bands should be between 2 and 50")
        if (given[0] == "by") == bool(self.axes):
            raise ValueError("axes goes with segments, weights and clusters, not with by")
        if self.weights is not None and set(self.weights) != set(self.axes):
            raise ValueError("weights should name the same letters as axes")
        wanted = 0 if given[0] == "clusters" else 1
        for letter, axis in self.axes.items():
            if len(axis.cuts) != wanted:
                raise ValueError(
                    f"axis {letter} needs {'exactly one of at, parts, hazard' if wanted else 'no cut'}"
                )
            if axis.hazard and (axis.of or COLUMNS[letter]) != "days_since_last":
                raise ValueError(f"axis {letter}: only days_since_last has a hazard")
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


def _product(numbers: list[int]) -> int:
    found = 1
    for number in numbers:
        found *= number
    return found
