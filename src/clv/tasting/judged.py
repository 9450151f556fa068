"""The verdict on the rules along one axis."""

from dataclasses import dataclass
from datetime import date

import pandas as pd


@dataclass(frozen=True, eq=False)
class Judged:
    """How the rules foretold held-out orders along an axis, and what follows from it.

    Attributes
    ----------
    axis, until, bands
        What was judged, on which last day, with how many price bands.
    rule
        The rule that is used: the simplest that none beats beyond noise.
    rules, pairs
        See `tasting.scores.compare`; empty where nothing could be judged.
    threshold
        Chance to be the favourite from which a preference is called sure; infinite where none is.
    groups, calibration
        See `tasting.sureness`; empty where nothing could be judged.
    said
        Which rule is used and why; how the threshold was found. Sentences.
    """

    axis: str
    until: date
    bands: int
    rule: str
    rules: pd.DataFrame
    pairs: pd.DataFrame
    threshold: float
    groups: pd.DataFrame
    calibration: pd.DataFrame
    said: tuple[str, ...]
