"""One row of the table of assumptions for what each test found: its size, how sure it is, what it means."""

import numpy as np

from clv.doubting import sentences
from clv.doubting.first_quarter import FirstQuarter
from clv.doubting.months import Months
from clv.doubting.regularity import Regularity
from clv.doubting.spending import Spending
from clv.doubting.verdicts import (
    CANNOT_TELL,
    COHORT,
    FAILS,
    MONEY,
    REGULARITY,
    SEASON,
    TREND,
    Tested,
    judged,
)
from clv.language import tell


def regularity(found: Regularity) -> Tested:
    """Return the row of purchases at random."""
    data = tell("{n:,} pairs of gaps", n=found.pairs)
    ends = (found.k, found.low, found.high)
    verdict = judged(ends, found.p_value, n=found.pairs, of=REGULARITY)
    return Tested(
        sentences.test(REGULARITY), data, *ends, found.p_value, verdict, *sentences.regularity(found, verdict)
    )


def season(found: Months | None, *, n: int) -> Tested:
    """Return the row of the season; None where too few purchase days tell of it."""
    data = tell("{n:,} purchase days", n=n)
    if found is None:
        return Tested.untold(sentences.test(SEASON), data, sentences.too_few(n))
    month = sentences.surest(found.factors)
    ends = tuple(found.factors.loc[month, ["factor", "low", "high"]])
    whole_year = len(found.factors) == 12
    widest = (ends[0], found.factors["low"].min(), found.factors["high"].max() if whole_year else np.inf)
    verdict = judged(ends, found.season_p, n=n, of=SEASON, all_of=widest)
    means = sentences.season(found, month, verdict)
    return Tested(sentences.test(SEASON), data, *ends, found.season_p, verdict, *means)


def trend(found: Months | None, *, n: int) -> Tested:
    """Return the row of the pace; None where too few purchase days tell of it."""
    data = tell("{n:,} purchase days", n=n)
    if found is None or np.isnan(found.trend):
        why = sentences.too_few(n) if found is None else sentences.too_short()
        return Tested.untold(sentences.test(TREND), data, why)
    ends = (found.trend, found.trend_low, found.trend_high)
    verdict = judged(ends, found.trend_p, n=n, of=TREND)
    return Tested(
        sentences.test(TREND), data, *ends, found.trend_p, verdict, *sentences.trend(found, verdict)
    )


def cohort(found: FirstQuarter, *, steady: bool) -> Tested:
    """Return the row of the first quarter; `steady`: whether the pace is."""
    data = tell("{n:,} newcomers", n=found.early + found.later)
    if np.isnan(found.ratio):
        return Tested.untold(sentences.test(COHORT), data, sentences.no_cohort(found))
    ends = (found.ratio, found.low, found.high)
    verdict = judged(ends, found.p_value, n=found.early + found.later, of=COHORT)
    if not steady and verdict == FAILS:
        verdict = CANNOT_TELL  # a pace that changes from year to year shows alike
    means = sentences.cohort(found, verdict, steady=steady)
    return Tested(sentences.test(COHORT), data, *ends, found.p_value, verdict, *means)


def money(found: Spending) -> Tested:
    """Return the row of money and frequency."""
    data = tell("{n:,} repeat buyers", n=found.n)
    if np.isnan(found.r):
        return Tested.untold(sentences.test(MONEY), data, sentences.nothing_varies())
    ends = (found.r, found.low, found.high)
    verdict = judged(ends, found.p_value, n=found.n, of=MONEY)
    return Tested(
        sentences.test(MONEY), data, *ends, found.p_value, verdict, *sentences.money(found, verdict)
    )
