"""Segments by their names: a playbook may use English or Chinese, the plan goes by the English ones."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from clv.errors import SettingError, nearest
from clv.language import tell
from clv.offering.contract import Limit
from clv.offering.options import Option
from clv.schemes.axes import Name


def english(name: str, segments: Sequence[Name]) -> str:
    """Return a segment's English name.

    Raises
    ------
    SettingError
        The scheme has no such segment; with the nearest.
    """
    names = {key: segment.en for segment in segments for key in (segment.en, segment.zh)}
    if name not in names:
        raise SettingError(
            tell(
                "the playbook names the segment {name!r}; {nearest}", name=name, nearest=nearest(name, names)
            )
        )
    return names[name]


def of_options(options: Sequence[Option], segments: Sequence[Name]) -> list[Option]:
    """Return the options with the uplifts of segments under their English names."""
    return [
        replace(one, by_segment={english(name, segments): up for name, up in one.by_segment.items()})
        for one in options
    ]


def of_limits(limits: Mapping[str, Limit], segments: Sequence[Name]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the least and the most customers by segment, where there is such a bound."""
    named = {english(name, segments): limit for name, limit in limits.items()}
    least = {name: limit.min for name, limit in named.items() if limit.min}
    return least, {name: limit.max for name, limit in named.items() if limit.max is not None}
