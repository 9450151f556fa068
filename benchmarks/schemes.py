"""How long the schemes take: scoring a million customers, and the whole comparison as customers grow.

    python benchmarks/schemes.py            # both, some two minutes on two cores
    python benchmarks/schemes.py score 200000
    python benchmarks/schemes.py compare 50000

The shop is simulated (MBG/NBD customers, gamma-gamma amounts, two years, seed 1). For one scheme the usual
way in pandas stands beside ours: `qcut` of ranks, codes as text, a dictionary from codes to names.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import results

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import shops_simulated
from clv import arena, customers, origins, rfm, schemes
from clv.known import Known
from clv.schemes import cells

UNTIL, HORIZON = "2026-06-30", 90


def orders(n: int) -> pd.DataFrame:
    return shops_simulated.orders(n, rng=np.random.default_rng(1))


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def the_usual_way(table: pd.DataFrame) -> pd.Series:
    """The eleven-segment map as tutorials have it; splits equal customers by their place in the file."""
    names = {code: mine[0].en for code, mine in cells.claims(schemes.load("eleven-segments")).items()}
    columns = (-table["days_since_last"], table["frequency"], table["total_spend"])
    scores = [pd.qcut(one.rank(method="first"), 5, labels=False) + 1 for one in columns]
    return (scores[0].astype(str) + scores[1].astype(str) + scores[2].astype(str)).map(names)


def score(n: int) -> None:
    bought = orders(n)
    known = origins.today(bought, until=UNTIL, horizon=HORIZON)
    print(
        f"\nscoring {len(known.customers):,} customers ({len(bought):,} orders): seconds to learn, to place"
    )
    total = 0.0
    for scheme in schemes.field():
        rule = []
        learn = seconds(lambda scheme=scheme, rule=rule: rule.append(rfm.learn(scheme, known)))
        place = seconds(lambda rule=rule: rule[0].place(known))
        total += learn + place
        print(f"  {scheme.id:<16} {learn:6.2f} {place:6.2f}")
    print(f"  {'all of them':<16} {total:6.2f}")
    table = customers.summarise(bought, until=UNTIL)
    fresh = Known(table)
    ours = seconds(lambda: rfm.learn(schemes.load("eleven-segments"), fresh).place(fresh))
    theirs = seconds(lambda: the_usual_way(table))
    print(f"  eleven segments alone, from the table: {ours:.2f}; the usual way in pandas: {theirs:.2f}")


def compare(*sizes: int) -> None:
    print("\nthe whole comparison: 22 schemes, 3 origins, 200 draws")
    for n in sizes:
        bought = orders(n)
        took = seconds(
            lambda bought=bought: arena.compare(
                bought, schemes.field(), until=UNTIL, horizon=HORIZON, rng=np.random.default_rng(1)
            )
        )
        print(
            f"  {n:>9,} customers, {len(bought):>9,} orders: {took:6.1f} s, {took / n * 1e5:5.1f} per 100,000"
        )


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            parts = [results.printed(__file__, "score", 1_000_000)]
            parts.append(results.printed(__file__, "compare", 25_000, 50_000, 100_000, 200_000))
            results.section("Schemes", "\n\n".join(parts))
        case ["score", size]:
            score(int(size))
        case ["compare", *sizes]:
            compare(*map(int, sizes))
