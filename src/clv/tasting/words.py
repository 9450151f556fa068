"""What the trials showed, in sentences."""

from collections.abc import Sequence

import pandas as pd

from clv.language import tell
from clv.tasting.rules import FREQUENT, LAST, POPULAR, POSTERIOR, RECENT
from clv.told import listed, together

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
    start = tell(
        "{axis}: {says} foretold {share} of {trials:,.0f} held-out orders",
        axis=axis,
        says=_SAYS[used],
        share=share,
        trials=row["trials"],
    )
    if used in _SIMPLE:
        return f"{start}. {_no_better(used, table, pairs)}"
    others = [tell("{says} {hit:.0%}", says=_SAYS[name], hit=table.at[name, "hit"]) for name in _SIMPLE]
    hits = [_SAYS[name] for name in _SIMPLE if pairs.at[(used, name), "hit_low"] > 0]
    chances = [_SAYS[name] for name in _SIMPLE if pairs.at[(used, name), "loss_high"] < 0]
    return tell(
        "{start}, {others}. In hits it is better beyond noise than {hits}, in the chances that "
        "it gives (log loss) than {chances}.",
        start=start,
        others=listed(others),
        hits=_listed(hits),
        chances=_listed(chances),
    )


def _no_better(used: str, table: pd.DataFrame, pairs: pd.DataFrame) -> str:
    apart = pairs.loc[(POSTERIOR, used)]
    noise = f"{apart['hit']:+.1%} [{apart['hit_low']:+.1%}, {apart['hit_high']:+.1%}]"
    return tell(
        "The simple rule wins: the posterior foretold {hit:.0%}, a difference of {noise}, and no "
        "rule is better beyond noise.",
        hit=table.at[POSTERIOR, "hit"],
        noise=noise,
    )


def unjudged(axis: str, why: str) -> str:
    """Return what is said of an axis that could not be judged."""
    return tell(
        "{axis}: {why} Until then all are given what the shop sells most, and nobody is called sure.",
        axis=axis,
        why=why,
    )


def _listed(names: Sequence[str]) -> str:
    return together(names) if names else tell("none of them")
