"""What the tests of the assumptions found, in words: what fails, and what that does to a report's numbers."""

import numpy as np
import pandas as pd

from clv.doubting.first_quarter import AGES, FEWEST_RETURNS, QUARTER, YEAR, FirstQuarter
from clv.doubting.first_quarter import FEWEST as LEAST_CUSTOMERS
from clv.doubting.months import TWO_YEARS, Months
from clv.doubting.regularity import Regularity
from clv.doubting.spending import Spending
from clv.doubting.verdicts import COHORT, FAILS, FEWEST, HOLDS, MONEY, REGULARITY, SEASON, TREND
from clv.language import spoken, tell

AGAIN = 0.05  # chance under which a season is called one that comes back


def test(assumption: str) -> str:
    """Return what was tested, and how the test is called."""
    return {
        REGULARITY: tell("gaps (Wheat & Morrison 1990)"),
        SEASON: tell("months (Farrington 1995)"),
        TREND: tell("years (Farrington 1995)"),
        COHORT: tell("the same quarter, years apart"),
        MONEY: tell("ranks of single amounts"),
    }[assumption]


def regularity(found: Regularity, verdict: str) -> tuple[str, str]:
    """Return what fails, in few words, and what it means."""
    if verdict != FAILS:
        return "", _else(verdict)
    if found.k > 1:
        return tell("regular buyers"), tell(
            "Customers buy at even intervals. The model waits too long before it takes a regular buyer who "
            "is overdue for gone, and gives those who are about due too low a chance."
        )
    return tell("purchases in clumps"), tell(
        "Purchases come in clumps, with long pauses between them. The model takes a long pause for leaving "
        "too soon, and gives those whose usual gap has just passed too high a chance."
    )


def season(found: Months, month: int, verdict: str) -> tuple[str, str]:
    """Return what fails, in few words, and what it means; `month` is the one that differs most."""
    if verdict != FAILS:
        return "", _else(verdict)
    what = tell(
        "{month} has {factor:.2f} times the purchases of a mean month. The model forecasts the mean of all "
        "months: too little for strong ones, too much for weak ones.",
        month=month_name(month),
        factor=found.factors.at[month, "factor"],
    )
    if np.isnan(found.again_p):
        once = tell("It was seen for less than two years, so it may not come back.")
        return tell("uneven months"), f"{what} {once}"
    if found.again_p < AGAIN:
        return tell("a strong season"), tell("{what} It comes back from year to year.", what=what)
    return tell("uneven months"), tell(
        "{what} Years differ as much from each other, so it may not come back.", what=what
    )


def surest(factors: pd.DataFrame) -> int:
    """Return the month that is surest to be far from the others: the end of its interval is."""
    return int(np.maximum(np.log(factors["low"]), -np.log(factors["high"])).idxmax())


def month_name(month: int) -> str:
    """Return the month in words: 'November', '11月'."""
    return f"{month}月" if spoken() == "zh" else pd.Timestamp(2000, month, 1).month_name()


def ahead(factor: float, *, days: int) -> str:
    """Return what months of this strength do to a forecast of `days` days."""
    if abs(np.log(factor)) < np.log(1.05):
        return tell("The next {days} days lie in months that are near the mean together.", days=days)
    return tell(
        "The next {days} days lie in months that had {factor:.2f} times the purchases of a mean month: "
        "multiply what is forecast for them by about as much.",
        days=days,
        factor=factor,
    )


def trend(found: Months, verdict: str) -> tuple[str, str]:
    """Return what fails, in few words, and what it means."""
    if verdict != FAILS:
        return "", _else(verdict)
    if found.trend < 1:
        return tell("a falling pace"), tell(
            "Those who stay buy less often from year to year. The model takes their pace for steady: it "
            "expects too much of them, and takes some of the slowing down for leaving."
        )
    return tell("a rising pace"), tell(
        "Those who stay buy more often from year to year. The model takes their pace for steady and expects "
        "too little of them."
    )


def cohort(found: FirstQuarter, verdict: str, *, steady: bool) -> tuple[str, str]:
    """Return what fails, in few words, and what it means; `steady`: whether the pace is."""
    if verdict == FAILS and found.ratio > 1:
        return tell("older early customers"), tell(
            "Customers of the first {days} days came back more often within {age} days than those who joined "
            "a year later: many are likely older customers, whose earlier orders lie before the file. The "
            "model takes them for new and expects too much of real newcomers; an earlier export helps.",
            days=QUARTER,
            age=found.age,
        )
    if verdict == FAILS:
        return tell("early customers unlike others"), tell(
            "Customers of the first {days} days came back less often within {age} days than those who joined "
            "a year later: of newcomers the model expects too little.",
            days=QUARTER,
            age=found.age,
        )
    if not steady:
        return "", tell("A pace that changes from year to year would show here alike.")
    return "", _else(verdict)


def money(found: Spending, verdict: str) -> tuple[str, str]:
    """Return what fails, in few words, and what it means."""
    if verdict != FAILS:
        return "", _else(verdict)
    if found.r > 0:
        return tell("frequent buyers spending more"), tell(
            "The values of rare buyers are too high, those of the most frequent ones too low."
        )
    return tell("frequent buyers spending less"), tell(
        "The values of rare buyers are too low, those of the most frequent ones too high."
    )


def nothing_varies() -> str:
    """Return why nothing can be said of money and frequency."""
    return tell("Too little varies among the repeat buyers to say whether frequent buyers spend more.")


def too_few(n: int) -> str:
    """Return that too few purchase days lie between others, and how many it takes."""
    return tell(
        "{n:,} purchase days lie between a customer's first and last one; it takes {fewest}.",
        n=n,
        fewest=FEWEST,
    )


def too_short() -> str:
    """Return that a trend cannot be told from a season."""
    return tell("In less than two years ({days} days) a trend cannot be told from a season.", days=TWO_YEARS)


def no_cohort(found: FirstQuarter) -> str:
    """Return why there is nobody to compare the first quarter with."""
    if not found.age:
        return tell(
            "It takes {days} days of orders to compare with who joined in the same quarter a year later.",
            days=YEAR + QUARTER + min(AGES),
        )
    return tell(
        "Too few joined in the first {days} days, or in the same days a year later, to compare: it takes "
        "{fewest} customers in each group and {returns} repeat purchases.",
        days=QUARTER,
        fewest=LEAST_CUSTOMERS,
        returns=FEWEST_RETURNS,
    )


def _else(verdict: str) -> str:
    if verdict == HOLDS:
        return tell("No departure of a size that matters.")
    return tell("Neither a departure that matters nor its absence can be shown.")
