"""Orders → customers, and on to each customer's CLV: beside lifetimes, and as the orders become more.

python benchmarks/orders.py [MILLIONS ...]    sizes for the last table; 1 10 100 without any
"""

import sys
import tempfile
from functools import partial
from pathlib import Path

import results
import simulated_orders

_MILLION = 1_000_000
_BESIDE = 5 * _MILLION
_ROUNDS = 3  # one run of 3 s may lose .3 s to anything


def by_lifetimes(orders: Path):
    import pandas as pd
    from lifetimes.utils import summary_data_from_transaction_data

    log = pd.read_parquet(orders, columns=["customer_id", "paid_at", "amount"])
    return summary_data_from_transaction_data(
        log, "customer_id", "paid_at", "amount", observation_period_end=log["paid_at"].max()
    )


def clv_by_lifetimes(orders: Path):
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    summary = by_lifetimes(orders)
    bought = BetaGeoFitter().fit(summary["frequency"], summary["recency"], summary["T"])
    again = summary[summary["frequency"] > 0]
    paid = GammaGammaFitter().fit(again["frequency"], again["monetary_value"])
    return paid.customer_lifetime_value(
        bought,
        *(summary[name] for name in ("frequency", "recency", "T", "monetary_value")),
        time=12,
        freq="D",
    )


def by_us(orders: Path):
    from clv import customers

    return customers.for_models(orders)


def all_by_us(orders: Path):
    from clv import customers

    return customers.summarise(orders)


def histories_by_us(orders: Path):
    from clv import customers

    return customers.distinct_histories(orders)


def clv_by_us(orders: Path):
    from clv import bgnbd, spend
    from clv.money.discount import discounted_purchases

    summary = by_us(orders)
    bought, paid = bgnbd.fit(summary), spend.fit(summary)
    purchases = discounted_purchases(bought.model, summary, end=365, yearly_discount=0.1268)
    return purchases * paid.model.expected_spend(summary)


def written_by_us(orders: Path):
    from clv import customers_file

    with tempfile.TemporaryDirectory(dir=orders.parent) as folder:
        return range(customers_file.write(orders, Path(folder) / "customers.parquet")[0])


WORKS = {
    work.__name__: work
    for work in (by_lifetimes, clv_by_lifetimes, by_us, all_by_us, histories_by_us, clv_by_us, written_by_us)
}


PAIRS = {
    "the four columns that models read": ("by_us", "by_lifetimes"),
    "all columns of CUSTOMERS (categories, channels, days)": ("all_by_us", "by_lifetimes"),
    "straight to the distinct histories of the fit": ("histories_by_us", "by_lifetimes"),
    "on to CLV of each customer: fits and 12 months": ("clv_by_us", "clv_by_lifetimes"),
}
TEXT = """{orders:,} orders of a simulated jeweller in Parquet, ids as text of 13 digits, rows by time of
payment; each measurement in a process of its own, DuckDB within the 2,500 MB that the kit gives it, on two
threads. Beside lifetimes: the least of three runs, and the most memory of them.

{side}

{agreement}

What takes the time of the four columns, by a profile: DuckDB adds up 1.4 s and sorts by customer id
.6 s; every order's money and day are looked at in .2 s, ids that cut the ranges are drawn in .1 s, the
frame is made in .2 to .3 s, the rest is opening. Adding up alone would be 9 × lifetimes: the floor of
this way. The ranges keep memory below half of lifetimes'; CLV spends what follows in the fits and on a
value for every customer.

More orders than memory: `clv customers` from Parquet to Parquet, and the distinct histories.

{sized}
"""
AGREEMENT = """Sums over {customers:,} customers differ by a share of {apart}. The sums of CLV differ by
{clv:+.2%}: lifetimes pays at the end of twelve months of 30 days, clv on the day of the purchase, over 365
days, at the same yearly rate."""


def measure(work: str, orders: str) -> None:
    """Do one piece of work in this process and answer what it took, and its sums."""
    # what is imported before is none of the work; lifetimes' own imports are
    import duckdb  # noqa: F401
    import ibis  # noqa: F401

    found, taken = results.timed(partial(WORKS[work], Path(orders)), times=1)
    results.answer(rows=len(found), cpu=taken.cpu, wall=taken.wall, sums=_sums(found))


def _sums(found) -> dict[str, float]:
    if isinstance(found, range):
        return {}
    if not hasattr(found, "columns"):
        return {"clv": float(found.sum())}
    return {name: float(value) for name, value in found.sum(numeric_only=True).items()}


def beside(orders: Path) -> tuple[str, str]:
    """Return the table of one size beside lifetimes, and how far the numbers agree."""
    works = dict.fromkeys(work for pair in PAIRS.values() for work in pair)
    rounds = [{work: _fresh(work, orders) for work in works} for _ in range(_ROUNDS)]
    took = {work: _least([each[work] for each in rounds]) for work in works}
    rows = [_row(title, took[ours], took[theirs]) for title, (ours, theirs) in PAIRS.items()]
    columns = ["from Parquet to", "lifetimes", "clv", "faster (wall)", "faster (CPU)", "peak memory"]
    return results.table(columns, rows), _agreement(took)


def _fresh(work: str, orders: Path) -> dict:
    return results.fresh(__file__, "--measure", work, orders, threads=None)


def _least(found: list[dict]) -> dict:
    """Return the run that took least on the wall, with the most memory that any of them held."""
    return min(found, key=lambda each: each["wall"]) | {"peak": max(each["peak"] for each in found)}


def _row(title: str, ours: dict, theirs: dict) -> list[str]:
    share = ours["peak"] / theirs["peak"]
    return [
        title,
        results.seconds(theirs["wall"]),
        results.seconds(ours["wall"]),
        results.times(theirs["wall"], ours["wall"]),
        results.times(theirs["cpu"], ours["cpu"]),
        f"{ours['peak']:.2f} of {theirs['peak']:.2f} GiB ({share:.0%})",
    ]


def _agreement(took: dict) -> str:
    ours, theirs = took["by_us"]["sums"], took["by_lifetimes"]["sums"]
    apart = ", ".join(f"{abs(ours[name] / theirs[name] - 1):.0e} ({name})" for name in theirs)
    clv = took["clv_by_us"]["sums"]["clv"] / took["clv_by_lifetimes"]["sums"]["clv"] - 1
    return AGREEMENT.format(customers=took["by_us"]["rows"], apart=apart, clv=clv)


def growing(folder: Path, sizes: list[int]) -> str:
    """Return the table of sizes: time and memory of both ways."""
    columns = ["orders", "customers", "written in", "per million orders", "peak memory"]
    columns += ["distinct histories", "found in", "peak memory"]
    return results.table(columns, [_grown(folder / f"{size}m.parquet", size) for size in sizes])


def _grown(orders: Path, millions: int) -> list[str]:
    n = simulated_orders.write(orders, millions * _MILLION)
    asked = ("written_by_us", "histories_by_us")
    file, rough = (_fresh(work, orders) for work in asked)
    orders.unlink()
    return [
        f"{n:,}",
        f"{file['rows']:,}",
        results.seconds(file["wall"]),
        f"{file['wall'] / n * _MILLION:.2f} s",
        f"{file['peak']:.2f} GiB",
        f"{rough['rows']:,}",
        results.seconds(rough["wall"]),
        f"{rough['peak']:.2f} GiB",
    ]


def main(sizes: list[int]) -> None:
    """Measure everything and write the section."""
    with tempfile.TemporaryDirectory() as folder:
        orders = Path(folder) / "beside.parquet"
        n = simulated_orders.write(orders, _BESIDE)
        side, agreement = beside(orders)
        orders.unlink()
        sized = growing(Path(folder), sizes)
    results.section("Orders", TEXT.format(orders=n, side=side, agreement=agreement, sized=sized))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(*sys.argv[2:])
    else:
        main([int(size) for size in sys.argv[1:]] or [1, 10, 100])
