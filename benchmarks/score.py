"""How long it takes to say what each customer is worth, beside lifetimes, and whether it is the same number.

    python benchmarks/score.py                            # 1,000,000 customers; writes its section
    python benchmarks/score.py intervals cdnow 200000     # one of them, printed

Ours and lifetimes use the same fitted parameters and take turns in one fresh process, one thread; the least
seconds of CPU of each count. The intervals have a process of their own and all cores.
"""

import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from results import answer, fresh, peak, seconds, section, table, timed, times
from simulated_customers import customers

from clv import bgnbd, spend, values
from clv.btyd.fits import Fit
from clv.money.discount import discounted_purchases
from clv.spend import SpendFit

N = 1_000_000
MONTHS = np.arange(30, 361, 30)
MONTHLY = 0.01  # lifetimes' own discount rate


def run(n: int) -> None:
    parts = [_against_lifetimes(shop, n) for shop in ("jewellery", "cdnow")]
    section("Score", "\n\n".join([INTRODUCTION.format(n=n), *parts, DEFINITIONS, _intervals(n)]))


def _against_lifetimes(shop: str, n: int) -> str:
    found = fresh(__file__, "values", shop, n)
    if found is None:
        return f"### {shop}\n\nfailed"
    rows = [
        [what, seconds(ours), seconds(theirs), times(theirs, ours), "-" if apart is None else f"{apart:.0e}"]
        for what, ours, theirs, apart in found["rows"]
    ]
    columns = ("", "clv", "lifetimes", "faster", "largest relative difference")
    said = f"Both CLV together: {found['ours']:,.0f} by `clv`, {found['theirs']:,.0f} by lifetimes."
    return f"### {shop}, {n:,} customers\n\n{table(columns, rows)}\n\n{said}"


def _intervals(n: int) -> str:
    rows = []
    for shop in ("jewellery", "cdnow"):
        found = fresh(__file__, "intervals", shop, n, threads=1)
        rows.append(
            [f"{shop}, {n:,}", *["failed"] * 6]
            if found is None
            else [
                f"{shop}, {n:,}",
                f"{found['histories']:,}",
                seconds(found["points"]),
                seconds(found["wall"]),
                seconds(found["cpu"]),
                f"{found['before']:.2f} GiB",
                f"{found['peak']:.2f} GiB",
            ]
        )
    columns = (
        "shop, customers",
        "distinct histories",
        "`values.expected`",
        "`values.score`, wall",
        "CPU",
        "memory before",
        "peak",
    )
    return INTERVALS + table(columns, rows)


def measure(shop: str, n: int) -> dict[str, object]:
    people = customers(n, shop)
    fit, money = bgnbd.fit(people), spend.fit(people)
    rows, clv = [], {}
    for what, (ours, theirs) in _questions(people, fit, money).items():
        (mine, taken) = timed(ours, times=5)
        (other, took) = timed(theirs, times=2) if theirs else (None, None)
        same = "monthly" in what or (theirs is not None and "CLV" not in what)
        apart = float(np.nanmax(np.abs(np.asarray(mine) / np.asarray(other) - 1))) if same else None
        rows.append([what, taken.cpu, took and took.cpu, apart])
        if "CLV" in what:
            clv[what] = float(mine.sum()), float(np.nansum(other))
    ours, theirs = next(iter(clv.values()))
    return {"rows": rows, "ours": ours, "theirs": theirs}


def _questions(
    people: pd.DataFrame, fit: Fit, money: SpendFit
) -> dict[str, tuple[Callable, Callable | None]]:
    model, peer, payer = fit.model, fit.to_lifetimes(people), money.to_lifetimes()
    x, t_x, T, z = (people[name] for name in ("frequency", "recency", "T", "monetary_value"))

    def theirs() -> pd.Series:
        return payer.customer_lifetime_value(peer, x, t_x, T, z, time=12, discount_rate=MONTHLY, freq="D")

    def monthly() -> pd.Series:
        path = model.expected_path(people, days=[0, *MONTHS]).to_numpy()
        return money.model.expected_spend(people) * (np.diff(path) @ (1 + MONTHLY) ** -(MONTHS / 30))

    def daily() -> pd.Series:
        pays = money.model.expected_spend(people)
        yearly = (1 + MONTHLY) ** (365 / 30) - 1
        return pays * discounted_purchases(model, people, end=365, yearly_discount=yearly)

    return {
        "CLV of 12 months": (daily, theirs),
        "CLV as a monthly sum": (monthly, theirs),
        "expected purchases, 365 days": (
            lambda: model.expected_purchases(people, days=365),
            lambda: peer.conditional_expected_number_of_purchases_up_to_time(365, x, t_x, T),
        ),
        "P(alive)": (
            lambda: model.p_alive(people),
            lambda: peer.conditional_probability_alive(x, t_x, T),
        ),
        "expected spend": (
            lambda: money.model.expected_spend(people),
            lambda: payer.conditional_expected_average_profit(x, z),
        ),
        **{
            f"P(buys within {days} days)": (lambda days=days: model.p_buy(people, days=days), None)
            for days in (30, 90, 365)
        },
    }


def measure_intervals(shop: str, n: int) -> dict[str, object]:
    people = customers(n, shop)
    fit, money, before = bgnbd.fit(people), spend.fit(people), peak()
    _, points = timed(lambda: values.expected(people, fit, money), times=3)
    scores, taken = timed(
        lambda: values.score(people, fit, money, rng=np.random.default_rng(1), draws=200), times=1
    )
    assert len(scores) == n
    return {
        "histories": len(people.drop_duplicates()),
        "points": points.cpu,
        "wall": taken.wall,
        "cpu": taken.cpu,
        "before": before,
    }


INTRODUCTION = """Seconds of CPU for {n:,} customers, with the parameters that were fitted to them."""
DEFINITIONS = """Where the definitions agree, so do the numbers. The CLV of `clv` is another: it discounts
continuously, each purchase from its own moment, over 365 days, where lifetimes takes twelve months of 30 days
and discounts each from its end. Its monthly sum, made of our expected purchases, is in the second row of each
table. lifetimes has no P(buys) of a customer under BG/NBD."""
INTERVALS = """### With 90 % intervals of all six values, 200 drawn futures

All cores. A third of the CPU goes to drawing rates and drop-outs, a third to purchases and their amounts,
most of the rest to NumPy between them. Customers of the same history and mean amount share their draws, so
buyers who came once cost next to nothing. `values.expected` gives the same values without intervals.

"""

if __name__ == "__main__":
    warnings.simplefilter("ignore")
    match sys.argv[1:]:
        case []:
            run(N)
        case ["values", shop, n]:
            answer(**measure(shop, int(n)))
        case ["intervals", shop, n]:
            answer(**measure_intervals(shop, int(n)))
        case [n]:
            run(int(n))
