"""The 24 months of the samples, the festivals in them, and how much more is bought around each."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

FIRST_DAY, LAST_DAY = pd.Timestamp("2024-07-01"), pd.Timestamp("2026-06-30")
DAYS = pd.date_range(FIRST_DAY, LAST_DAY)
WEEKEND = 1.15
HOURS = np.array([2, 1, 1, 1, 1, 1, 2, 3, 5, 7, 9, 9, 8, 8, 8, 8, 7, 7, 8, 10, 13, 14, 12, 6], dtype=float)

# name: (days in the 24 months, days of build-up, the festival's own day included)
FESTIVALS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "七夕": (("2024-08-10", "2025-08-29"), 9),
    "中秋": (("2024-09-17", "2025-10-06"), 8),
    "双11": (("2024-11-11", "2025-11-11"), 11),
    "双12": (("2024-12-12", "2025-12-12"), 4),
    "圣诞": (("2024-12-25", "2025-12-25"), 16),
    "春节": (("2025-01-29", "2026-02-17"), 20),
    "情人节": (("2025-02-14", "2026-02-14"), 7),
    "三八": (("2025-03-08", "2026-03-08"), 5),
    "母亲节": (("2025-05-11", "2026-05-10"), 7),
    "520": (("2025-05-20", "2026-05-20"), 7),
    "618": (("2025-06-18", "2026-06-18"), 14),
}


def season(heights: Mapping[str, float]) -> np.ndarray:
    """Return one weight per day (mean 1): `heights` says how far a festival's own day stands out.

    A festival builds up linearly over its days and is over the day after; an ordinary weekday weighs 1
    before everything is scaled to mean 1.
    """
    weight = np.where(DAYS.day_of_week >= 5, WEEKEND, 1.0)
    for name, height in heights.items():
        days, build_up = FESTIVALS[name]
        for day in days:
            before = (pd.Timestamp(day) - DAYS).days.to_numpy()
            rising = (before >= 0) & (before < build_up)
            weight = weight + np.where(rising, height * (1 - before / build_up), 0.0)
    return weight / weight.mean()


def moments(days: np.ndarray, rng: np.random.Generator) -> pd.Series:
    """Return a moment within each day (numbered from FIRST_DAY), most of them at 20-22 h."""
    hours = rng.choice(24, size=len(days), p=HOURS / HOURS.sum())
    seconds = rng.integers(0, 3600, size=len(days))
    stamps = FIRST_DAY + pd.to_timedelta(days * 86400 + hours * 3600 + seconds, unit="s")
    return pd.Series(stamps).dt.as_unit("s")
