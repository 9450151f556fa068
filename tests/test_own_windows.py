"""Windows of the shop's own: the best of all groupings, known ends found again, the same in any order."""

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest

from clv import own_windows, purchase_days
from clv.errors import NoAnswerError

END = pd.Timestamp("2026-06-30")


def waits_from(gap: np.ndarray, returned: np.ndarray) -> pd.DataFrame:
    who = [f"c{i:06d}" for i in range(len(gap))]
    day = END - pd.to_timedelta(gap, unit="D")
    return pd.DataFrame(
        {
            "customer_id": who,
            "day": day,
            "amount": 1.0,
            "step": 1,
            "gap": gap,
            "returned": returned,
            "followed": gap,
        }
    )


def stepped(
    n: int, rng: np.random.Generator, *, ends=(40, 120), hazard=(0.02, 0.006, 0.0008)
) -> pd.DataFrame:
    """Waits with a hazard that falls at known days; observation ends after a uniform time."""
    day = np.arange(1, 601)
    rate = np.select([day <= ends[0], day <= ends[1]], hazard[:2], hazard[2])
    survival = np.concatenate([[1.0], np.cumprod(1 - rate)])
    waited = np.searchsorted(-survival, -rng.random(n), side="left")
    seen = rng.integers(1, 600, n)
    return waits_from(np.minimum(waited, seen), waited <= seen)


def test_the_grouping_is_the_best_of_all(rng):
    n = rng.integers(1, 30, 14).astype(float)
    yes = rng.binomial(n.astype(int), rng.uniform(0.05, 0.6, 14)).astype(float)
    total, came = np.concatenate([[0], np.cumsum(n)]), np.concatenate([[0], np.cumsum(yes)])

    def value(borders: tuple[int, ...]) -> float:
        pieces = [(came[b] - came[a], total[b] - total[a]) for a, b in pairwise([0, *borders, 14])]
        return sum(own_windows._log_likelihood(np.array([y]), np.array([m]))[0] for y, m in pieces)

    best = max((c for c in combinations(range(2, 13), 2) if c[1] - c[0] >= 2), key=value)
    assert tuple(own_windows._grouped(came, total, 3, 2)) == best


def test_known_ends_are_found_again(rng):
    """A hazard that falls at 40 and 120 days; the chance within 5 days falls where the hazard does."""
    found = own_windows.cuts(stepped(60_000, rng), horizon=5, windows=3)
    assert found == pytest.approx([37, 117], abs=4)  # a few days early: the horizon looks ahead


def test_the_interval_holds_the_ends_and_narrows_with_more_customers(rng):
    widths = []
    for n in (2_000, 20_000):
        table = own_windows.learned(stepped(n, rng), horizon=5, windows=3, rng=rng, draws=40)
        assert ((table["low"] <= table["to_day"]) & (table["to_day"] <= table["high"])).all()
        widths.append((table["high"] - table["low"]).sum())
    assert widths[1] < widths[0]


def test_the_chance_is_that_of_a_constant_hazard(rng):
    table = own_windows.chances(stepped(60_000, rng, hazard=(0.004, 0.004, 0.004)), horizon=30)
    expected = 1 - (1 - 0.004) ** 30
    assert table["chance"].iloc[:250].to_numpy() == pytest.approx(expected, abs=0.02)
    assert table["chance"].iloc[:250].mean() == pytest.approx(expected, abs=0.003)


def test_the_order_of_the_file_is_nothing(rng):
    waits = stepped(3_000, rng)
    mixed = waits.sample(frac=1, random_state=5).reset_index(drop=True)
    assert own_windows.cuts(mixed, horizon=30) == own_windows.cuts(waits, horizon=30)


def test_windows_rise_and_are_a_week_wide_at_least(cdnow_orders):
    waits = purchase_days.from_orders(cdnow_orders, until="1998-01-01")
    for windows in (2, 4, 6):
        ends = own_windows.cuts(waits, horizon=90, windows=windows)
        assert len(ends) == windows - 1
        assert (np.diff([-1, *ends]) >= own_windows.NARROWEST).all()


def test_too_little_to_learn_from_is_counted(rng):
    waits = stepped(300, rng)
    with pytest.raises(NoAnswerError, match=r"came back 3 time\(s\); .* at least 20"):
        own_windows.cuts(pd.concat([waits[~waits["returned"]], waits[waits["returned"]].head(3)]), horizon=30)
    short = waits_from(np.tile([3, 5], 40), np.tile([True, False], 40))
    with pytest.raises(NoAnswerError, match="Ask for fewer windows"):
        own_windows.cuts(short, horizon=30)


def test_purchase_days_as_of_a_day_are_those_of_the_orders_until_then(cdnow_orders):
    days = purchase_days.from_orders(cdnow_orders, until="1998-06-30")
    for until in ("1997-03-01", "1997-09-30", "1998-06-30"):
        pd.testing.assert_frame_equal(
            purchase_days.as_of(days, until=until), purchase_days.from_orders(cdnow_orders, until=until)
        )


def test_a_late_ripple_opens_no_window(rng):
    """A few returns after a year, from customers nearly all gone: the windows end where the cooling does."""
    waits = stepped(4_000, rng, hazard=(0.02, 0.006, 0.0002))
    ripple = waits[~waits["returned"] & waits["gap"].between(380, 420)].index[:6]
    rippled = waits.assign(returned=waits["returned"] | waits.index.isin(ripple))
    assert max(own_windows.cuts(rippled, horizon=30, windows=3)) < 200
