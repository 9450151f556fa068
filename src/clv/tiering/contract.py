"""What a file of membership rules may say: what counts, over which window, how one rises, keeps and falls."""

from functools import cached_property
from itertools import pairwise
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from clv.declaring.settings import Settings
from clv.language import tell
from clv.tiering.parts import Benefits, Tier, Window

NONE = "no tier"  # what those are called who have reached none
ALL = "all"  # the last row of an overview
_SHORTEST = 28  # days of a month


class Membership(Settings):
    """The rules of a shop's tiers."""

    in_force: ClassVar[bool] = True  # whether customers were given what the tiers are said to give

    by: Literal["spend", "orders", "activity"] = Field(
        description="what counts: money, orders, or calendar months with a purchase"
    )
    window: Window = Field(description="over which time it counts")
    upgrade: Literal["at_once", "at_review"] = Field(description="when one rises")
    downgrade: Literal["one_step", "to_fit", "never"] = Field(description="how far one falls at a review")
    review: Literal["monthly", "quarterly", "yearly"] = Field(description="when tiers are looked at again")
    valid_days: int = Field(0, ge=0, le=3650, description="days for which a tier is held once it is given")
    points_back: float = Field(0.0, ge=0, lt=1, description="worth of the usual points, as a share of money")
    tiers: list[Tier] = Field(min_length=1, max_length=20, description="the tiers, lowest first")

    @cached_property
    def starts(self) -> NDArray[np.float64]:
        """Amount from which each tier is entered, lowest first."""
        return np.array([tier.start for tier in self.tiers])

    @cached_property
    def keeps(self) -> NDArray[np.float64]:
        """Amount that keeps each tier."""
        return np.array([tier.kept for tier in self.tiers])

    @property
    def lowest(self) -> int:
        """Rank of those who have reached nothing: 0 where the first tier is everybody's, -1 without one."""
        return 0 if self.tiers[0].start == 0 else -1

    @property
    def labels(self) -> list[str]:
        """Names of all ranks from `lowest` on, `NONE` first where the first tier has to be reached."""
        return [NONE] * -self.lowest + [tier.label for tier in self.tiers]

    def benefits(self, rank: int) -> Benefits:
        """Return what customers of a rank are given."""
        return self.tiers[rank].benefits if rank >= 0 else Benefits()

    @property
    def most_months(self) -> int:
        """Months that the window can touch; no tier by activity can ask for more."""
        return 12 if self.window.calendar else self.window.rolling_days // _SHORTEST + 2

    @property
    def gives_something(self) -> bool:
        """Whether any tier is declared to give anything."""
        return any(tier.benefits != Benefits() for tier in self.tiers)

    @model_validator(mode="after")
    def _goes_together(self) -> "Membership":
        problem = _names(self) or _steps(self) or _times(self)
        if problem:
            raise ValueError(problem)
        return self


class Supposed(Membership):
    """Rules with benefits that are only assumed, and that nobody was given."""

    in_force = False


def _names(rules: Membership) -> str | None:
    owner: dict[str, int] = {NONE: -1, ALL: -1}
    for at, tier in enumerate(rules.tiers):
        for name in (tier.name.en, tier.name.zh):
            if owner.setdefault(name, at) != at:
                taken = "is two tiers' name" if owner[name] >= 0 else "stands for other rows of the reports"
                return tell("{name!r} {taken}; give each tier a name of its own", name=name, taken=taken)
    return None


def _steps(rules: Membership) -> str | None:
    """Return why the amounts make no staircase, or None."""
    for below, tier in pairwise(rules.tiers):
        if tier.start <= below.start:
            return tell(
                "tiers overlap: {label} begins at {start:g}, {label2} before it at {start2:g}; list the "
                "lowest first, each from a higher amount",
                label=tier.label,
                start=tier.start,
                label2=below.label,
                start2=below.start,
            )
    for tier in rules.tiers:
        if tier.kept > tier.start:
            return tell(
                "{label} is entered at {start:g} and kept only at {kept:g}; keep should not be above from",
                label=tier.label,
                start=tier.start,
                kept=tier.kept,
            )
    for below, tier in pairwise(rules.tiers):
        if tier.kept < below.kept:
            return tell(
                "{label} is kept at {kept:g}, {label2} below it at {kept2:g}; a higher tier should not "
                "be easier to keep",
                label=tier.label,
                kept=tier.kept,
                label2=below.label,
                kept2=below.kept,
            )
    return None


def _times(rules: Membership) -> str | None:
    """Return why what counts and its times do not go together, or None."""
    if rules.window.calendar and rules.review != "yearly":
        return tell(
            "calendar: year needs review: yearly; a {review} review would see a year hardly begun",
            review=rules.review,
        )
    top = rules.tiers[-1]
    if rules.by == "activity" and top.start > rules.most_months:
        most = rules.most_months
        return tell(
            "{label} needs {start:g} months with a purchase, and the window has {most} at most",
            label=top.label,
            start=top.start,
            most=most,
        )
    uneven = next((x for x in (*rules.starts, *rules.keeps) if x != int(x)), None)
    if rules.by != "spend" and uneven is not None:
        return tell(
            "{uneven:g} is no number of {word}",
            uneven=uneven,
            word="orders" if rules.by == "orders" else "months",
        )
    return None
