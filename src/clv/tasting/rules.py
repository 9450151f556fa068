"""Rules that foretell a customer's next choice, from the simplest to the most learned.

most popular         what the shop sells most
last                 what the customer chose last, with a part of the popular rule
most frequent        what the customer chose most often, with a part of the popular rule
posterior            a Dirichlet posterior of the customer's own shares
recent posterior     the same, older choices fading with a half-life

`last` and `most frequent` name one value and no chances, for which log loss would be infinite the first
time that they fail. So they are smoothed: chance q for the value, the rest spread as the shop's shares, q
likeliest for the choices known by then.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

from clv.tasting import dirichlet, histories
from clv.tasting.histories import Floats, History, State
from clv.tasting.scales import Ints

POPULAR, LAST, FREQUENT, POSTERIOR, RECENT = RULES = (
    "most popular", "last", "most frequent", "posterior", "recent posterior",
)  # fmt: skip
HALF_LIVES = (180.0, 365.0, 730.0)
FEWEST = 10  # choices with one before, to learn from
_MOST_SURE = 0.999
_DROP = stats.chi2.ppf(0.9, 1) / 2  # of the log likelihood, at the ends of a 90 % interval


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule as learned on a day.

    Attributes
    ----------
    name
        One of RULES.
    shares
        The shop's shares of the values.
    weight
        q of `last` and `most frequent`, the concentration of the posteriors; 0 for the popular rule.
    low, high
        Ends of q (90 %, profile likelihood); else equal to the weight.
    known
        How many choices the shares come from.
    half_life
        Days after which a choice counts half; infinite where none fades.
    """

    name: str
    shares: Floats
    weight: float = 0.0
    low: float = 0.0
    high: float = 0.0
    known: int = 0
    half_life: float = np.inf

    def chances(self, state: State) -> Floats:
        """Return the chance of each value (customers × values); `state` of this rule's half-life."""
        if self.name in (POSTERIOR, RECENT):
            return dirichlet.chances(state.counts, self.shares, self.weight)
        return self._smoothed(state, self.weight)

    def ends(self, state: State, which: Ints) -> tuple[Floats, Floats]:
        """Return the 90 % bounds of the chance of the value `which` of each customer.

        Of the posteriors, how well the customer's own share is known; of the popular rule, how well the
        shop's; of the other two, how well q.
        """
        rows = np.arange(len(which))
        if self.name == POPULAR:
            hits = self.shares[which] * self.known
            return special.betaincinv(hits + 0.5, self.known - hits + 0.5, [[0.05], [0.95]])
        if self.name in (POSTERIOR, RECENT):
            return dirichlet.share_ends(self.weight * self.shares + state.counts, which)
        low, high = (self._smoothed(state, q)[rows, which] for q in (self.low, self.high))
        return np.minimum(low, high), np.maximum(low, high)

    def _smoothed(self, state: State, q: float) -> Floats:
        found = np.tile((1 - q) * self.shares, (len(state.last), 1))
        if self.name != POPULAR:
            value = state.last if self.name == LAST else state.most(self.shares)
            found[np.arange(len(value)), value] += q
        return found


def learn(history: History) -> dict[str, Rule]:
    """Return the rules by name, all learned from one history; the popular one alone if it is too short.

    The recent posterior takes the half-life under which the known choices are likeliest, of HALF_LIVES and
    none; with none it is the posterior.
    """
    counts = np.bincount(history.value, minlength=history.values) + 0.5
    shares = counts / counts.sum()
    rows, state = histories.before(history)
    found = {POPULAR: Rule(POPULAR, shares, known=len(history.value))}
    if len(rows) < FEWEST:
        return found
    chosen = history.value[rows]
    for name, value in ((LAST, state.last), (FREQUENT, state.most(shares))):
        found[name] = Rule(name, shares, *_kept(value == chosen, shares[chosen]))
    c, likely = dirichlet.concentration(state, chosen, shares)
    found |= {name: Rule(name, shares, c, c, c) for name in (POSTERIOR, RECENT)}
    for half_life in HALF_LIVES:
        _, faded = histories.before(history, half_life=half_life)
        c, so_likely = dirichlet.concentration(faded, chosen, shares)
        if so_likely > likely:
            likely, found[RECENT] = so_likely, Rule(RECENT, shares, c, c, c, half_life=half_life)
    return found


def _kept(same: np.ndarray, share: Floats) -> tuple[float, float, float]:
    """Return q, how often the named value was kept to beyond chance, and the ends of its 90 % interval."""

    def log(q: float) -> float:
        return float(np.log(q * same + (1 - q) * share).sum())

    q = float(optimize.minimize_scalar(lambda q: -log(q), bounds=(0.0, _MOST_SURE), method="bounded").x)
    least = log(q) - _DROP

    def end(far: float) -> float:
        return (
            far
            if log(far) >= least
            else float(optimize.brentq(lambda at: log(at) - least, *sorted((q, far))))
        )

    return q, end(0.0), end(_MOST_SURE)
