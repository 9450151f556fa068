"""How forecasts of points did at earlier days, and what may be said of it; `checking` makes them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t as student

from clv.language import tell

EXPIRED, BALANCE = "expired", "balance"  # what is forecast
RULES = {
    EXPIRED: {
        "all_time": "'as large a part of what is due as has expired of all points so far'",
        "last_time": "'the same part as in the quarter before'",
    },
    BALANCE: {"as_today": "'as many as today'", "same_change": "'the same change as in the quarter before'"},
}
FORECAST = "the forecast"
SHORT = {
    "forecast": FORECAST,
    "all_time": "as ever so far",
    "last_time": "as in the quarter before",
    "as_today": "as many as today",
    "same_change": "the same change again",
}
FEWEST = 3  # earlier days, before one is called better than another
_FORECAST = {EXPIRED: "forecast of what expires", BALANCE: "forecast of what customers hold"}


@dataclass(frozen=True, eq=False)
class Check:
    """Forecasts of the past beside what came.

    Attributes
    ----------
    expiry
        One row per day in the past: made_on, due, expired (what came), forecast, low, high, all_time,
        last_time (what the simple rules said; missing where they had nothing to go by).
    balance
        One row per day in the past: made_on, balance (what came), forecast, as_today, same_change.
    """

    expiry: pd.DataFrame
    balance: pd.DataFrame

    @property
    def errors(self) -> pd.DataFrame:
        """Mean errors: what, rule (FORECAST first), times (earlier days), error (|said - came| / came)."""
        rows = []
        for what in RULES:
            apart = self._apart(what)
            rows += [(what, SHORT[rule], len(apart), apart[rule].mean()) for rule in apart]
        return pd.DataFrame(rows, columns=["what", "rule", "times", "error"])

    @property
    def inside(self) -> float:
        """Part of the intervals of `expiry` that held what came; missing without any."""
        held = self.expiry["expired"].between(self.expiry["low"], self.expiry["high"])
        return float(held.mean()) if len(held) else np.nan

    def better(self, what: str) -> bool | None:
        """Return whether the forecast is nearer than the best simple rule (False: farther).

        None where the difference may be chance: the 90 % interval of the mean of the paired errors holds 0.
        """
        apart = self._apart(what)
        if len(apart) < FEWEST:
            return None
        won = apart[self._best(apart)] - apart["forecast"]
        half = float(student.ppf(0.95, len(won) - 1) * won.std(ddof=1) / np.sqrt(len(won)))
        if abs(won.mean()) <= half:
            return None
        return bool(won.mean() > 0)

    def says(self, what: str) -> str:
        """Return how the forecast did beside the simple rules, in a sentence."""
        apart = self._apart(what)
        if apart.empty:
            return tell("No {forecast} of the past can be checked yet.", forecast=_FORECAST[what])
        best, mean = self._best(apart), apart.mean()
        verdict = {
            True: "it is worth having",
            False: "the simple rule is better",
            None: "which is better cannot be told",
        }
        held = (
            tell(" Its intervals held what came {inside:.0%} of the time.", inside=self.inside)
            if what == EXPIRED
            else ""
        )
        return tell(
            "Made at {apart} earlier days, a {forecast} would have been wrong by {forecast2:.1%} on "
            "average, and {rules} by {mean:.1%}: {verdict}.{held}",
            apart=len(apart),
            forecast=_FORECAST[what],
            forecast2=mean["forecast"],
            rules=RULES[what][best],
            mean=mean[best],
            verdict=verdict[self.better(what)],
            held=held,
        )

    def _apart(self, what: str) -> pd.DataFrame:
        """Return the errors of each rule, by day in the past for which all have something to go by."""
        table = self.expiry if what == EXPIRED else self.balance
        rules = ["forecast", *RULES[what]]
        known = table[table[what] > 0].dropna(subset=rules)
        return known[rules].sub(known[what], axis=0).abs().div(known[what], axis=0)

    def _best(self, apart: pd.DataFrame) -> str:
        return str(apart.drop(columns="forecast").mean().idxmin())
