"""The figures of shops side by side: they carry the table's numbers, whole and legible, and set nothing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from clv import plots
from every_figure import Legible, labels, note_of, said

LONG = "一个店主自己写的非常长的店名，用来测试标签会不会被截断或者挤在一起"
NAMES = ["Gold", LONG, "<b>$5 to $9</b>, the shop of gifts", *(f"Shop {n}" for n in range(27))]
ENDS = ["value", "low", "high", "pooled", "pooled_low", "pooled_high"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def forest(n: int, *, compared: bool = True, known: int | None = None) -> pd.DataFrame:
    value = np.linspace(0.3, 0.1, n)
    half = np.linspace(0.01, 0.08, n)
    frame = pd.DataFrame({"value": value, "low": value - half, "high": value + half}, index=NAMES[:n])
    pulled = 0.2 + (value - 0.2) / 2
    ends = {"pooled": pulled, "pooled_low": pulled - half / 2, "pooled_high": pulled + half / 2}
    frame = frame.assign(**{name: end if compared else np.nan for name, end in ends.items()})
    frame["said"] = [f"{one:.1%} (5.0–35.0)\nplace 1 to {n} of {n}" for one in value]
    if known is not None:
        frame.loc[frame.index[known:], ENDS] = np.nan
        frame.loc[frame.index[known:], "said"] = "cannot be told"
    return frame


def quarters(shops: int, n: int, *, scale: float = 1.0, first: str = "2024Q3") -> pd.DataFrame:
    rows = []
    for at, name in enumerate(NAMES[:shops]):
        for step, quarter in enumerate(pd.period_range(first, periods=n, freq="Q")):
            value = scale * (0.1 + 0.02 * step) * (1 + at)
            said = f"{value:,.2f} ({value / 2:,.2f}–{value * 2:,.2f})"
            rows.append((name, str(quarter), step > 0, value, value * 0.8, value * 1.3, said))
    return pd.DataFrame(rows, columns=["shop", "quarter", "whole", "value", "low", "high", "said"])


WORDS = {"words": "second order within 90 days", "unit": "share"}
OLD = quarters(1, 6, first="1997Q1").assign(shop="CDNOW 1997-98 (CD shop, real)")
DRAW = {
    "forest": lambda ax: plots.store_forest(forest(4), chain=0.2, **WORDS, ax=ax),
    "forest of one": lambda ax: plots.store_forest(forest(1, compared=False), **WORDS, ax=ax),
    "forest of many": lambda ax: plots.store_forest(forest(30), chain=0.2, **WORDS, ax=ax),
    "forest with gaps": lambda ax: plots.store_forest(forest(3, known=2), chain=0.25, **WORDS, ax=ax),
    "forest of nothing": lambda ax: plots.store_forest(forest(2, known=0), **WORDS, ax=ax),
    "forest of money": lambda ax: plots.store_forest(
        forest(3).assign(**forest(3)[ENDS] * 9000), words="money", unit="money", currency="CNY", ax=ax
    ),
    "quarters": lambda ax: plots.store_quarters(quarters(4, 8), **WORDS, ax=ax),
    "many quarters": lambda ax: plots.store_quarters(quarters(2, 40), **WORDS, ax=ax),
    "one quarter": lambda ax: plots.store_quarters(quarters(1, 1), **WORDS, ax=ax),
    "quarters of money": lambda ax: plots.store_quarters(
        quarters(3, 5, scale=1e7), words="money a month", unit="money", ax=ax
    ),
    "other times": lambda ax: plots.store_quarters(pd.concat([quarters(2, 8), OLD]), **WORDS, ax=ax),
    "no quarters": lambda ax: plots.store_quarters(quarters(2, 3).assign(value=np.nan), **WORDS, ax=ax),
}  # fmt: skip


class TestStores(Legible):
    @pytest.fixture(params=list(DRAW))
    def draw(self, request: pytest.FixtureRequest):
        return DRAW[request.param]


def points(ax: plt.Axes, marker: str) -> list[tuple[float, float]]:
    """Return where markers of a kind stand; those of the key hold nothing."""
    lines = [line for line in ax.lines if line.get_marker() == marker and len(line.get_xdata()) == 1]
    return [(float(line.get_xdata()[0]), float(line.get_ydata()[0])) for line in lines]


def test_a_forest_draws_each_shop_alone_and_steadied_in_the_order_of_the_table():
    table = forest(3)
    ax = plots.store_forest(table, chain=0.17, **WORDS)
    assert [x for x, _ in points(ax, "D")] == pytest.approx(table["pooled"].tolist())
    assert [x for x, _ in points(ax, "o")] == pytest.approx(table["value"].tolist())
    assert labels(ax.yaxis)[0] == "Gold"
    assert [text for text in said(ax) if "place" in text] == table["said"].tolist()
    assert any(list(line.get_xdata()) == [0.17, 0.17] for line in ax.lines)
    alone = plots.store_forest(forest(3, compared=False), **WORDS)
    assert points(alone, "D") == [] and len(points(alone, "o")) == 3


def test_lanes_share_a_scale_for_shares_and_have_their_own_for_money():
    table = quarters(2, 4)
    shares = plots.store_quarters(table, **WORDS)
    money = plots.store_quarters(table, words="money a month", unit="money")
    heights = [
        [0.38 + shop - y for _, y in points(ax, "o")[4 * shop : 4 * shop + 4]]
        for ax in (shares, money)
        for shop in (0, 1)
    ]
    assert heights[1] == pytest.approx([2 * y for y in heights[0]])
    assert heights[3] == pytest.approx(heights[2])
    assert "each lane from 0 to 42" in note_of(shares) and "own highest" in note_of(money)
    assert any(text.startswith("2025Q2:\n0.16") for text in said(shares))


def test_years_without_any_shop_take_one_step():
    ax = plots.store_quarters(pd.concat([quarters(1, 2), OLD]), **WORDS)
    assert sorted({x for x, _ in points(ax, "o")}) == [0, 1, 2, 3, 4, 5, 7, 8]
