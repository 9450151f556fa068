"""How long a recall plan takes, how close it comes to the bound, and what rules of thumb would have earned.

    python benchmarks/recall_plan.py            # 10,000, 100,000 and 1,000,000 customers
    python benchmarks/recall_plan.py 50000

The customers are drawn (seed 1): chance to buy in the window beta (.6, 20), baskets gamma (mean 800), margin
35 %, three offers (5 %, nothing, 12 % off) by SMS (.06) and phone (5), uplift of the log-odds normal. Limits:
budget, calls, a least or a most for each of four segments. Every size runs in a process of its own, so that
its peak of memory is its own.
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import results
from scipy.special import expit, logit

from clv import plan
from clv.plan import Limits, Options

SIZES = (10_000, 100_000, 1_000_000)
MARGIN = 0.35
SHARE, CONTACT = np.repeat([0.05, 0.0, 0.12], 2), np.tile([0.06, 5.0], 3)
UPLIFT = np.repeat([0.12, 0.04, 0.30], 2) + np.tile([0.0, 0.35], 3)


def customers(n: int) -> Options:
    rng = np.random.default_rng(1)
    p0, basket = rng.beta(0.6, 20, n)[:, None], rng.gamma(2, 400, n)[:, None]
    p1 = expit(logit(p0) + UPLIFT + rng.normal(0, 0.15, (n, 6)))
    cost = CONTACT + p1 * SHARE * basket
    allowed = rng.random((n, 6)) < 0.9
    segment = rng.choice(["gold", "silver", "new", "lost"], n, p=[0.1, 0.2, 0.3, 0.4])
    names = tuple(f"{share:.0%} off by {how}" for share in (0.05, 0, 0.12) for how in ("SMS", "phone"))
    return Options((p1 - p0) * basket * MARGIN - cost, cost, allowed, CONTACT > 1, names, segment)


def limits(n: int) -> Limits:
    least = {"gold": n // 100, "silver": n // 50, "new": n // 50, "lost": n // 50}
    most = {"gold": n // 30, "silver": n // 10, "new": n // 15, "lost": n // 20}
    return Limits(budget=n * 0.05, calls=n // 150, least=least, most=most)


def timed(work: Callable[[], plan.Plan]) -> tuple[plan.Plan, float]:
    start = time.perf_counter()
    found = work()
    return found, time.perf_counter() - start


def run(n: int) -> None:
    options, most = customers(n), limits(n)
    choice, seconds = timed(lambda: plan.choose(options, most))
    peak = results.peak()
    print(f"\n{n:,} customers, {len(options.names)} options; budget {most.budget:,.0f}, {most.calls:,} calls")
    print(f"  plan: {seconds:.1f} s, peak {peak:.2f} GiB with the customers, gap {choice.gap:.1e}")
    told = f"{(choice.option >= 0).sum():,} contacted, spent {choice.spent:,.2f}, {choice.calls:,} calls"
    earns = f"the next 1 of budget earns {choice.budget_price:.2f}, one more call {choice.call_price:.2f}"
    print(f"  {told}; {earns}")
    print(f"  profit {choice.profit:20,.0f}")
    best, seconds = timed(lambda: plan.greedy(options, most))
    print(f"  greedy {best.profit:20,.0f}  {best.profit / choice.profit:7.1%}  {seconds:.1f} s")
    for k, name in enumerate(options.names):
        all_get = plan.everybody(options, most, option=k)
        print(f"  {name:<17}{all_get.profit:10,.0f}  {all_get.profit / choice.profit:7.1%}  to everybody")


def curve(n: int = 100_000) -> None:
    options, most = customers(n), limits(n)
    start = time.perf_counter()
    plan.curve(options, most, budgets=np.linspace(0.02, 0.4, 20) * n)
    print(f"\ncurve of 20 budgets, {n:,} customers: {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    what = sys.argv[1:]
    if what == ["curve"]:
        curve()
    elif what:
        run(int(what[0]))
    else:
        results.section(
            "Recall plans", "\n\n".join(results.printed(__file__, one) for one in (*SIZES, "curve"))
        )
