"""Two ways in which a hair decides: equals who are cut apart in the file, and a mean score at the turn."""

import numpy as np

from clv.known import Floats, Known
from clv.language import tell
from clv.linting.fault import Fault, listed, quantity
from clv.schemes.axes import Axis, column
from clv.schemes.contract import Scheme
from clv.segmenting import cuts
from clv.segmenting.rule import Ints

HALF = 0.05  # a mean score is rounded to one decimal
SHARP = 0.02  # how near to where the rounding turns; the mean may drift that far from month to month


def faults(scheme: Scheme, known: Known) -> list[Fault]:
    """Return what a hair decides on these customers."""
    axes = scheme.axes.items()
    return [*_by_file(scheme, known), *(f for letter, axis in axes for f in _knife_edge(letter, axis, known))]


def _by_file(scheme: Scheme, known: Known) -> list[Fault]:
    """Return one fault where sorting and cutting would put equal customers into different parts."""
    told = []
    for letter, axis in scheme.axes.items():
        if not (axis.parts and axis.ties == "file order"):
            continue
        split = _split(known.column(column(letter, axis)), axis.parts)
        if split:
            told.append(f"{split:,} by {quantity(letter, axis)}")
    if not told:
        return []
    sentence = tell(
        "of {customers:,} customers, so many are equal to others on the other side of a cut, "
        "where only the file's order tells them apart: {told}. Use ties: together.",
        customers=len(known.customers),
        told=listed(told),
    )
    return [Fault("ties", sentence)]


def _split(values: Floats, parts: int) -> int:
    """Return how many customers have a value that lies in more than one of the equal parts."""
    _, counts = np.unique(values, return_counts=True)
    last = np.cumsum(counts)
    first, n = last - counts + 1, len(values)
    return int(counts[_part(first, parts, n) != _part(last, parts, n)].sum())


def _part(rank: Ints, parts: int, n: int) -> Ints:
    return -(-parts * rank // n)  # rounded up, in whole numbers


def _knife_edge(letter: str, axis: Axis, known: Known) -> list[Fault]:
    """Return a fault where the mean score is about to be rounded up to, or down from, a whole score."""
    if axis.at != "mean score":
        return []
    values = cuts.turned(known, letter, axis)
    distinct, counts = np.unique(values, return_counts=True)
    score = 1 + cuts.level(values, cuts.parts(distinct, counts, 5))
    mean = score.mean()
    whole = round(mean + HALF)
    if abs(mean + HALF - whole) > SHARP:
        return []
    share = 100 * (score == whole).mean()
    sentence = tell(
        "axis {letter}: the mean score is {mean:.3f}; it is rounded to {whole} from {whole2:.2f} "
        "on, and there the {share:.1f} % of customers with score {whole} change sides. Cut at "
        "the mean itself, or at fixed numbers.",
        letter=letter,
        mean=mean,
        whole=whole,
        whole2=whole - HALF,
        share=share,
    )
    return [Fault("knife edge", sentence)]
