"""What the trials showed, in sentences."""

from collections.abc import Sequence

import pandas as pd

from clv.tasting.rules import FREQUENT, LAST, POPULAR, POSTERIOR, RECENT

_SAYS = {
    POPULAR: "what the shop sells most",
    LAST: "what the customer chose last",
    FREQUENT: "what the customer chose most often",
    POSTERIOR: "the posterior",
    RECENT: "the posterior in which older choices fade",
}
_SIMPLE = (POPULAR, LAST, FREQUENT)


def verdict(axis: str, used: str, table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    """Return which rule is used along an axis, and what the others would have given; see `scores.compare`."""
    row = table.loc[used]
    share = f"{row['hit']:.0%} [{row['hit_low']:.0%}, {row['hit_high']:.0%}]"
    start = f"{axis}: {_SAYS[used]} foretold {share} of {row['trials']:,.0f} held-out orders"
    if used in _SIMPLE:
        return f"{start}. {_no_better(used, table, pairs)}"
    others = [f"{_SAYS[name]} {table.at[name, 'hit']:.0%}" for name in _SIMPLE]
    hits = [_SAYS[name] for name in _SIMPLE if pairs.at[(used, name), "hit_low"] > 0]
    chances = [_SAYS[name] for name in _SIMPLE if pairs.at[(used, name), "loss_high"] < 0]
    return (
        f"{start}, {', '.join(others)}. In hits it is better beyond noise than {_listed(hits)}, in the "
        f"chances that it gives (log loss) than {_listed(chances)}."
    )


def _no_better(used: str, table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    apart = pairs.loc[(POSTERIOR, used)]
    noise = f"{apart['hit']:+.1%} [{apart['hit_low']:+.1%}, {apart['hit_high']:+.1%}]"
    return (
        f"The simple rule wins: the posterior foretold {table.at[POSTERIOR, 'hit']:.0%}, a difference of "
        f"{noise}, and no rule is better beyond noise."
    )


def unjudged(axis: str, why: str) -> str:
    """Return what is said of an axis that could not be judged."""
    return f"{axis}: {why} Until then all are given what the shop sells most, and nobody is called sure."


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "none of them"
