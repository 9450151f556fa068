"""What a scheme file may say: how customers are cut, and what the parts are called.

A scheme is one of four things, told apart by the one key that it must have:

segments   axes cut into levels, and names for the cells that the levels make ("every cell": each its own)
weights    axes cut into levels, the levels added up with weights, the sum cut into `bands`
clusters   so many k-means clusters of the logarithms of the axes
by         one number per customer that sorts them, cut into `bands`
"""

import re
from functools import cached_property
from math import prod
from typing import Annotated, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from clv.declaring.settings import Settings
from clv.language import tell
from clv.schemes.axes import Axis, Called, Letter, Name, Number, Words, column, word_or_list

MODEL_QUANTITIES = ("p_buy", "value", "alive_value")
ISO_VALUE = "iso-value"
_BY_HAND = 100  # numbers and cells; nobody applies more than that without a program
_KINDS = ("segments", "weights", "clusters", "by")


def _cell(cell: str) -> str:
    if not re.fullmatch(r"([0-9]|\.|\[[0-9](-[0-9])?\])+", cell):
        raise ValueError("it should be a code such as 541 or 54[1-3], with . for any level")
    for low, high in re.findall(r"\[(\d)-(\d)\]", cell):
        if low > high:
            raise ValueError(tell("[{low}-{high}] should be [{high}-{low}]", low=low, high=high))
    return cell


Cell = Annotated[str, AfterValidator(_cell)]


class Segment(Settings):
    """A segment: its names and its cells, each a code such as 54[1-3]; `.` stands for any level."""

    en: Called
    zh: Called
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
            Discriminator(word_or_list),
        ]
        | None
    ) = None
    weights: dict[Letter, Number] | None = None
    clusters: int | None = Field(None, ge=2, le=30)
    by: Literal["days_since_last", "purchases", "total_spend", "p_buy", "value", "alive_value"] | None = None
    bands: int | Literal["iso-value"] | None = None
    notes: list[str] = Field([], description="what a reader should beware of")

    @property
    def kind(self) -> str:
        """Which of the four things the scheme is: segments, weights, clusters or by."""
        return next(kind for kind in _KINDS if getattr(self, kind) is not None)

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
        """What applying it takes: whether a program must do it, and how many numbers and cells to hold."""
        if self.kind == "by":
            return self.needs_model, 1 + (self.bands == ISO_VALUE)
        if self.clusters is not None:
            return True, self.clusters * len(self.axes)
        if self.weights is not None:
            return False, sum(axis.levels - 1 for axis in self.axes.values()) + len(self.weights)
        levels = [axis.levels for axis in self.axes.values()]
        cuts = sum((n - 1) * (prod(levels[:i]) if self.nested else 1) for i, n in enumerate(levels))
        numbers = cuts + prod(levels)
        return numbers > _BY_HAND, numbers

    def with_thresholds(self, thresholds: dict[str, float]) -> "Scheme":
        """Return the scheme with other numbers on axes that are cut in two at a fixed number."""
        axes = dict(self.axes)
        for letter, number in thresholds.items():
            axes[letter] = axes[letter].model_copy(update={"at": [float(number)]})
        return self.model_copy(update={"axes": axes})

    @model_validator(mode="after")
    def _is_one_thing(self) -> "Scheme":
        problem = _problem(self) or next(
            filter(None, (_axis_problem(self, letter, axis) for letter, axis in self.axes.items())), None
        )
        if problem:
            raise ValueError(problem)
        return self


def _problem(scheme: Scheme) -> str | None:
    """Return why the keys do not go together, or None."""
    given = [kind for kind in _KINDS if getattr(scheme, kind) is not None]
    if len(given) != 1:
        return "a scheme needs exactly one of segments, weights, clusters, by"
    if (scheme.bands is not None) != (given[0] in ("weights", "by")):
        return "bands goes with weights or by, and with nothing else"
    if scheme.bands == ISO_VALUE and scheme.by != "value":
        return "bands: iso-value goes with by: value"
    if isinstance(scheme.bands, int) and not 2 <= scheme.bands <= 50:
        return "bands should be between 2 and 50"
    if given[0] == "by" and scheme.axes:
        return "by sorts by one number and takes no axes"
    if given[0] != "by" and not scheme.axes:
        return tell("{first} needs axes, such as R: {{at: [180]}}", first=given[0])
    if scheme.weights is not None and set(scheme.weights) != set(scheme.axes):
        return "weights should name the same letters as axes"
    if scheme.weights is not None and not all(0.001 <= w <= 1000 for w in scheme.weights.values()):
        return "weights should lie between 0.001 and 1000; a higher level is better on every axis"
    if scheme.nested and given[0] not in ("segments", "weights"):
        return tell("nested goes with segments or weights, not with {first}", first=given[0])
    return _same_name(scheme)


def _same_name(scheme: Scheme) -> str | None:
    """Return which name two segments, or two levels of an axis, share; or None."""
    lists = [axis.names or [] for axis in scheme.axes.values()]
    lists += [scheme.segments] if isinstance(scheme.segments, list) else []
    for named in lists:
        for words in ([one.en for one in named], [one.zh for one in named]):
            twice = next((word for word in words if words.count(word) > 1), None)
            if twice:
                return tell(
                    "two are called {twice!r}; give each a name of its own, or join their cells", twice=twice
                )
    return None


def _axis_problem(scheme: Scheme, letter: str, axis: Axis) -> str | None:
    if scheme.clusters is not None:
        return tell("axis {letter} needs no cut", letter=letter) if axis.cuts else None
    if len(axis.cuts) != 1:
        return tell("axis {letter} needs exactly one of at, parts, hazard", letter=letter)
    if axis.hazard and column(letter, axis) != "days_since_last":
        return tell("axis {letter}: only days_since_last has a hazard", letter=letter)
    if scheme.nested and not axis.parts:
        return tell("axis {letter}: nested goes with parts on every axis", letter=letter)
    return None
