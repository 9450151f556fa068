"""What a plan's profit depends on: one input at a time moved to its low and its high end (the tornado)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

from clv.baseline import Baseline
from clv.offering.baskets import Baskets
from clv.offering.options import Option
from clv.offers import People, pays, worth

LOW, HIGH = 0.05, 0.95
_MARGIN, _BASKET, _REDEEMED, _EARLY, _COST = 0.2, 0.1, 0.3, 0.1, 0.5  # how far the others are moved

Profit = Callable[..., float]


def tornado(
    people: People,
    options: Sequence[Option],
    chosen: NDArray,
    *,
    margin: float,
    baseline: Baseline,
    rows: NDArray,
) -> pd.DataFrame:
    """Return the plan's expected profit at both ends of each input, all others at their middle.

    The uplift and the base rate move between their 5 and 95 % ends, for all offers together; the margin by a
    fifth, the order by a tenth, contact costs and opt-outs by half, the redemption by those who would have
    bought anyway and the part that only comes earlier by the points shown.

    Parameters
    ----------
    chosen
        Number of each customer's option, -1 for nothing.
    baseline, rows
        Where the chances come from, and the customers' rows in it.

    Returns
    -------
    what, low_at, high_at (text), profit_low, profit_high (money); widest first.
    """

    def profit(people: People = people, options: Sequence[Option] = options, **moved: float) -> float:
        return _profit(people, options, chosen, **{"margin": margin, **moved})

    ends = [
        _uplift(profit, people, options, chosen),
        _ends("Chance to buy without an offer", profit, *_chances(people, baseline, rows)),
        (
            "Margin after commission",
            *(f"{margin * (1 + m):.0%}" for m in (-_MARGIN, _MARGIN)),
            *(profit(margin=min(margin * (1 + m), 1.0)) for m in (-_MARGIN, _MARGIN)),
        ),
        (
            "Size of an order",
            *(f"{m:+.0%}" for m in (-_BASKET, _BASKET)),
            *(profit(people=_scaled(people, 1 + m)) for m in (-_BASKET, _BASKET)),
        ),
        *_of_offers(profit, options, chosen),
    ]
    names = ["what", "low_at", "high_at", "profit_low", "profit_high"]
    table = pd.DataFrame(ends, columns=names)
    order = (table["profit_high"] - table["profit_low"]).abs().sort_values(ascending=False, kind="stable")
    return table.loc[order.index].reset_index(drop=True)


def _profit(
    people: People, options: Sequence[Option], chosen: NDArray, *, margin: float, at: float | None = None
) -> float:
    """Return the plan's profit: expected, or with every shift `at` standard deviations from its mean."""
    total = 0.0
    for number, option in enumerate(options):
        mine = people.of_rows(np.flatnonzero(chosen == number))
        if at is None:
            total += worth(mine, [option], margin=margin).value.sum()
        else:
            mean, sd = option.believed(mine.segment)
            total += pays(mine, option, shift=mean + at * sd, margin=margin).sum()
    return float(total)


def _uplift(profit: Profit, people: People, options: Sequence[Option], chosen: NDArray) -> tuple:
    sent = [
        (option.believed(people.segment[chosen == number]), int((chosen == number).sum()))
        for number, option in enumerate(options)
    ]
    reach = [norm.ppf(end) for end in (LOW, HIGH)]
    people_sent = sum(n for _, n in sent) or 1
    shifts = [sum((mean + at * sd).sum() for (mean, sd), _ in sent) / people_sent for at in reach]
    return (
        "Uplift of the offers",
        *(f"odds × {np.exp(shift):.2f}" for shift in shifts),
        *(profit(at=at) for at in reach),
    )


def _chances(people: People, baseline: Baseline, rows: NDArray) -> list[People]:
    return [replace(people, p0=baseline.at(end)[rows]) for end in (LOW, HIGH)]


def _ends(what: str, profit: Profit, low: People, high: People) -> tuple:
    return (
        what,
        *(f"{side.p0.mean():.1%}" for side in (low, high)),
        *(profit(people=side) for side in (low, high)),
    )


def _scaled(people: People, factor: float) -> People:
    baskets = people.baskets
    return replace(people, baskets=Baskets(baskets.p, baskets.q, baskets.scale * factor))


def _of_offers(profit: Profit, options: Sequence[Option], chosen: NDArray) -> list[tuple]:
    """Return the rows of what is declared with the offers themselves."""
    return [
        _moved("Redeemed by those who buy anyway", profit, options, chosen, "redeemed_anyway", _REDEEMED),
        _moved("Purchases that only come earlier", profit, options, chosen, "pull_forward", _EARLY),
        _contacts("Cost of a contact", profit, options, "cost"),
        _contacts("Opt-outs", profit, options, "opt_out"),
    ]


def _moved(
    what: str, profit: Profit, options: Sequence[Option], chosen: NDArray, name: str, by: float
) -> tuple:
    def with_all(shift: float) -> list[Option]:
        return [
            replace(
                o,
                offer=o.offer.model_copy(update={name: float(np.clip(getattr(o.offer, name) + shift, 0, 1))}),
            )
            for o in options
        ]

    used = [getattr(o.offer, name) for number, o in enumerate(options) if (chosen == number).any()] or [0.0]
    ends = [float(np.clip(np.mean(used) + shift, 0, 1)) for shift in (-by, by)]
    return (what, *(f"{end:.0%}" for end in ends), *(profit(options=with_all(shift)) for shift in (-by, by)))


def _contacts(what: str, profit: Profit, options: Sequence[Option], name: str) -> tuple:
    def with_all(factor: float) -> list[Option]:
        return [
            replace(o, via=o.via.model_copy(update={name: min(getattr(o.via, name) * factor, 1e9)}))
            for o in options
        ]

    ends = (1 - _COST, 1 + _COST)
    return (what, *(f"{end - 1:+.0%}" for end in ends), *(profit(options=with_all(end)) for end in ends))
