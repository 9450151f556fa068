"""Schemes of cells: each axis cut into levels, and a name for every combination of levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from clv.known import Floats, Known
from clv.schemes import cells as declared
from clv.schemes.axes import Axis, Name
from clv.schemes.contract import Scheme
from clv.segmenting import cuts
from clv.segmenting.rule import Ints, Placed, Rule, check_edges

EVERYBODY = "all"  # the edges for whoever stands in a cell that nobody stood in when they were learned

# Of one axis: its edges by the cell of the axes before it; those of `EVERYBODY` are always there.
Edges = dict[str, list[float]]


@dataclass(frozen=True, eq=False)
class CellRule(Rule):
    """Edges for each axis of a scheme of cells."""

    edges: Sequence[Edges]

    def __post_init__(self) -> None:
        check_axes(self.scheme, self.edges)

    @cached_property
    def segments(self) -> list[Name]:
        """The file's segments in its order, or one for each cell, the lowest levels first."""
        listed = self.scheme.segments
        if isinstance(listed, list):
            return [Name(en=one.en, zh=one.zh) for one in listed]
        return [_cell_name(self.scheme, code) for code in declared.codes(self.scheme)]

    @cached_property
    def codes(self) -> list[str]:
        """R4F2M5 and so on, the lowest levels first."""
        return [declared.in_words(self.scheme, code) for code in declared.codes(self.scheme)]

    @property
    def places(self) -> Floats:
        """The levels of each segment, the mean of its cells."""
        digits = np.array(
            [[int(digit) for digit in code] for code in declared.codes(self.scheme)], dtype=float
        )
        size = np.bincount(self._segment_of_cell, minlength=len(self.segments))
        sums = [
            np.bincount(self._segment_of_cell, weights=column, minlength=len(size)) for column in digits.T
        ]
        return np.column_stack(sums) / size[:, None]

    def place(self, known: Known) -> Placed:
        """Return the cell of every customer and the segment that claims it."""
        cell = cell_numbers(self.scheme, self.edges, known)
        return Placed(self._segment_of_cell[cell], cell)

    def numbers(self) -> dict[str, Any]:
        """Return the edges by axis, in turned values."""
        return {"edges": list(self.edges)}

    @cached_property
    def _segment_of_cell(self) -> Ints:
        if not isinstance(self.scheme.segments, list):
            return np.arange(len(self.codes))
        place = {id(one): number for number, one in enumerate(self.scheme.segments)}
        return np.array([place[id(mine[0])] for mine in declared.claims(self.scheme).values()])


def check_axes(scheme: Scheme, edges: Sequence[Edges]) -> None:
    """Raise a ValueError unless every axis has its edges: a kept rule may have been damaged."""
    cells = 1
    for axis, mine in zip(scheme.axes.values(), edges, strict=True):
        if EVERYBODY not in mine or not {*mine} <= {EVERYBODY, *map(str, range(cells))}:
            raise ValueError("an axis has no edges, or edges inside a cell that does not exist")
        cells *= axis.levels
        for one in mine.values():
            check_edges(one, axis.levels - 1)


def learn(scheme: Scheme, known: Known) -> CellRule:
    """Return the rule with its edges learned from the customers of a day."""
    return CellRule(scheme, learn_edges(scheme, known))


def learn_edges(scheme: Scheme, known: Known) -> list[Edges]:
    """Return the edges of every axis of a scheme; where it is nested, inside the cells of the axes before."""
    found: list[Edges] = []
    cell = np.zeros(len(known.customers), dtype=np.int64)
    for letter, axis in scheme.axes.items():
        edges: Edges = {EVERYBODY: cuts.edges(known, letter, axis).tolist()}
        values = cuts.turned(known, letter, axis)
        if scheme.nested and found:
            edges |= _inside(values, cell, axis)
        found.append(edges)
        cell = cell * axis.levels + _levels(values, cell, edges)
    return found


def cell_numbers(scheme: Scheme, edges: Sequence[Edges], known: Known) -> Ints:
    """Return the number of every customer's cell, as `schemes.cells.codes` counts them."""
    cell = np.zeros(len(known.customers), dtype=np.int64)
    for (letter, axis), mine in zip(scheme.axes.items(), edges, strict=True):
        cell = cell * axis.levels + _levels(cuts.turned(known, letter, axis), cell, mine)
    return cell


def _inside(values: Floats, cell: Ints, axis: Axis) -> Edges:
    found = {}
    for parent in np.unique(cell):
        distinct, counts = np.unique(values[cell == parent], return_counts=True)
        found[str(parent)] = cuts.parts(distinct, counts, axis.levels).tolist()
    return found


def _levels(values: Floats, cell: Ints, edges: Edges) -> Ints:
    found = cuts.level(values, np.array(edges[EVERYBODY]))
    for parent in edges.keys() - {EVERYBODY}:
        inside = cell == int(parent)
        found[inside] = cuts.level(values[inside], np.array(edges[parent]))
    return found


def _cell_name(scheme: Scheme, code: str) -> Name:
    """Return the names of a cell's levels, joined; the code where the levels have none."""
    words = [
        _level_name(letter, axis, digit)
        for (letter, axis), digit in zip(scheme.axes.items(), code, strict=True)
    ]
    named = any(axis.names for axis in scheme.axes.values())
    join_en, join_zh = (", ", "·") if named else ("", "")
    return Name(en=join_en.join(word.en for word in words), zh=join_zh.join(word.zh for word in words))


def _level_name(letter: str, axis: Axis, digit: str) -> Name:
    if axis.names is None:
        return Name(en=f"{letter}{digit}", zh=f"{letter}{digit}")
    level = axis.digits.index(digit)
    rising = axis.names[::-1] if cuts.is_better_less(letter, axis) else axis.names
    return rising[level]
