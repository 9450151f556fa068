"""The figures of recall offers: they carry the table's numbers, whole and legible, and set nothing."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from clv import plots
from clv.plots import plans, style
from every_figure import Legible, labels, note_of, said

LONG = "一个店主自己写的非常长的名称，用来测试标签会不会被截断或者挤在一起"
ODD = "<b>gift</b> of $5 to $9, handed over with the next order in the shop"
OPTIONS = [
    "coupon-200 by sms", "coupon-200 by phone", "gift-box by sms", "gift-box by phone", "points by wecom",
    "ten-percent by sms", "service by phone", "notice by email",
]  # fmt: skip
SEGMENTS = ["sleeping, one purchase", "sleeping, two purchases", "sleeping, three or more", "silent, one"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def beliefs(n: int, *, names: list[str] = OPTIONS, break_even: list[float] | None = None) -> pd.DataFrame:
    up = np.linspace(0.012, 0.002, n)
    frame = pd.DataFrame({"label": names[:n], "uplift": up, "uplift_low": -0.2 * up, "uplift_high": 2.4 * up})
    frame["break_even"] = break_even or np.linspace(0.004, 0.014, n)
    frame["chance_positive"] = np.linspace(0.82, 0.03, n)
    frame["profit"] = np.linspace(2.84, -1.13, n)
    frame["profit_low"], frame["profit_high"] = frame["profit"] - 2.1, frame["profit"] + 2.6
    return frame.set_index(pd.Index([f"o{i}" for i in range(n)], name="option"))


def bands(n: int, *, names: list[str] | None = None) -> pd.DataFrame:
    seen = np.linspace(0.08, 0.01, n)
    frame = pd.DataFrame({"band": names or [f"{90 * i + 1} to {90 * i + 90} days" for i in range(n)]})
    frame = frame.assign(
        customers=1200, predicted=seen * 1.4, observed=seen, used=seen * 1.05, today=seen * 1.2
    )
    return frame.assign(low=seen * 0.8, high=seen * 1.25)


def half_known(table: pd.DataFrame, **known: object) -> pd.DataFrame:
    return table.iloc[:-1].reindex(table.index).fillna(known)


def swings(*ends: tuple[float, float], names: list[str] | None = None) -> pd.DataFrame:
    what = names or ["margin", "uplift of the coupon", "buyers who come anyway", "pulled forward", "basket"]
    frame = pd.DataFrame(ends, columns=["profit_low", "profit_high"], dtype=float)
    return frame.assign(what=what[: len(ends)], low_at="25 %", high_at="¥1,450")


def reach(*, top: float = 0.6, customers: int = 10_000, base: float = 0.01) -> pd.DataFrame:
    share = np.linspace(0.02, top, 40)
    least = 2.8 * np.sqrt(base / customers * (1 / share + 1 / (1 - share)))
    return pd.DataFrame({"control_share": share, "detectable": least})


def budgets(n: int = 20, *, top: float = 40_000) -> pd.DataFrame:
    budget = np.linspace(0, top, n)
    frame = pd.DataFrame({"budget": budget, "profit": 15_000 * (1 - np.exp(-budget / 12_000))})
    price = 1.25 * np.exp(-budget / 12_000)
    return frame.assign(contacted=(budget / 6).astype(int), price=price)


def rivals(*names: str) -> pd.DataFrame:
    place = np.arange(len(names))
    frame = pd.DataFrame({"label": names, "spent": 20_000 + 9_000 * place})
    return frame.assign(profit=11_200.0 - 15_000 * place)


def given(segments: list[str] = SEGMENTS, options: list[str] = OPTIONS[:3]) -> pd.DataFrame:
    rows = itertools.product(enumerate(segments), enumerate([*options, "nothing"]))
    found = [(segment, option, (i * 7 + j * 13) % 40 * 20, 10.0 * j) for (i, segment), (j, option) in rows]
    return pd.DataFrame(found, columns=["segment", "option", "customers", "profit"])


def fifths(*discount: float, names: list[str] | None = None) -> pd.DataFrame:
    n = len(discount)
    frame = pd.DataFrame({"band": names or [f"¥{100 * i} to ¥{100 * i + 100}" for i in range(n)]})
    frame = frame.assign(customers=1240, contacted=0.34, discount=discount)
    return frame.assign(basket=np.arange(n) * 100 + 50.0)


def offered(ax: Axes | None, table: pd.DataFrame, *, currency: str | None = "CNY") -> Axes:
    return plots.offer_chances(table, window=60, currency=currency, ax=ax)


def base_rates(ax: Axes | None, table: pd.DataFrame) -> Axes:
    return plots.baseline_check(table, window=60, ax=ax)


def blown(ax: Axes | None, table: pd.DataFrame, *, base: float = 12_000) -> Axes:
    return plots.tornado(table, base=base, currency="CNY", ax=ax)


def told(ax: Axes | None, table: pd.DataFrame, *, share: float = 0.2, expected: float = 0.006) -> Axes:
    return plots.detectable(table, control_share=share, expected=expected, ax=ax)


def normal(mean: float, sd: float, *, n: int = 800) -> np.ndarray:
    return np.random.default_rng(5).normal(mean, sd, n)


def spread(ax: Axes | None, draws: object, **others: object) -> Axes:
    return plots.profit_spread(draws, others=others, currency="CNY", ax=ax)


def curve(ax: Axes | None, table: pd.DataFrame, points: pd.DataFrame | None, *, at: float = 20_000) -> Axes:
    return plots.profit_curve(table, budget=at, currency="CNY", points=points, ax=ax)


def shared(ax: Axes | None, table: pd.DataFrame) -> Axes:
    return plots.who_gets_what(table, currency="CNY", ax=ax)


def fair(ax: Axes | None, table: pd.DataFrame) -> Axes:
    return plots.fairness(table, currency="CNY", ax=ax)


BOTH_WAYS = [(-4_000, 30_000), (1_000, 21_000), (16_000, 7_000), (14_000, 19_000), (12_000, 12_000)]
FIGURES = {
    "eight offers": lambda ax: offered(ax, beliefs(8)),
    "one offer": lambda ax: offered(ax, beliefs(1), currency=None),
    "very many offers": lambda ax: offered(ax, beliefs(40, names=[f"offer {i} by sms" for i in range(40)])),
    "no offers": lambda ax: offered(ax, beliefs(0)),
    "offers that never pay": lambda ax: offered(ax, beliefs(3, break_even=[0.004, 0.5, np.inf])),
    "odd offers": lambda ax: offered(ax, beliefs(3, names=[LONG, ODD, OPTIONS[0]])),
    "an offer unknown": lambda ax: offered(ax, half_known(beliefs(2), label=LONG)),
    "baseline": lambda ax: base_rates(ax, bands(5)),
    "baseline of one": lambda ax: base_rates(ax, bands(1, names=[LONG])),
    "baseline in Chinese": lambda ax: base_rates(ax, bands(3, names=[LONG, "睡眠期", ODD])),
    "baseline of nobody": lambda ax: base_rates(ax, bands(3).assign(observed=0.0, low=0.0)),
    "baseline half known": lambda ax: base_rates(ax, half_known(bands(2), band=LONG, customers=1)),
    "no baseline": lambda ax: base_rates(ax, bands(0)),
    "tornado": lambda ax: blown(ax, swings(*BOTH_WAYS)),
    "tornado of one": lambda ax: blown(ax, swings((12_000, 12_000))),
    "tornado in Chinese": lambda ax: blown(
        ax, swings(*BOTH_WAYS[:3], names=[LONG, ODD, "毛利率"]).assign(low_at=LONG, high_at=ODD)
    ),
    "tornado at a loss": lambda ax: blown(ax, swings((-90_000, -2_000), (-41_000, -39_000)), base=-40_000),
    "tornado, one unknown": lambda ax: blown(ax, swings((np.nan, 5), (9_000, 14_000))),
    "no tornado": lambda ax: blown(ax, swings()),
    "detectable": lambda ax: told(ax, reach()),
    "detectable, well": lambda ax: told(ax, reach(customers=400_000), expected=0.02),
    "detectable, much left alone": lambda ax: told(ax, reach(top=0.9), share=0.85),
    "detectable, little left alone": lambda ax: told(ax, reach(), share=0.02, expected=0.0065),
    "detectable, nothing expected": lambda ax: told(ax, reach(), expected=np.nan),
    "detectable, one share": lambda ax: told(ax, reach().iloc[[10]]),
    "not detectable": lambda ax: told(ax, reach().assign(detectable=np.inf)),
    "spread": lambda ax: spread(ax, normal(12_000, 9_000), **{OPTIONS[0]: normal(-70_000, 25_000)}),
    "spread of one": lambda ax: spread(ax, normal(12_000, 2_000)),
    "spread of equals": lambda ax: spread(ax, [5_000.0] * 40, **{LONG: [0.0] * 9, ODD: normal(1e6, 1e5)}),
    "no spread": lambda ax: spread(ax, [np.nan]),
    "curve": lambda ax: curve(ax, budgets(), rivals("greedy", "everybody gets the coupon")),
    "curve without points": lambda ax: curve(ax, budgets(), None, at=40_000),
    "curve in Chinese": lambda ax: curve(ax, budgets(), rivals(LONG, ODD, "贪心")),
    "curve of one": lambda ax: curve(ax, budgets().iloc[[10]], None),
    "curve without budget": lambda ax: curve(ax, budgets(), None, at=None),
    "no curve": lambda ax: curve(ax, budgets(0), None),
    "shares": lambda ax: shared(ax, given()),
    "shares of many": lambda ax: shared(ax, given([*SEGMENTS, LONG, ODD], [*OPTIONS, "points by sms"])),
    "shares of odd names": lambda ax: shared(ax, given([LONG, ODD], [LONG, ODD])),
    "shares of one": lambda ax: shared(ax, given(["all"], []).assign(customers=1)),
    "no shares": lambda ax: shared(ax, given([])),
    "fairness": lambda ax: fair(ax, fifths(0.09, 0.08, 0.061, 0.05, 0.042)),
    "fairness in Chinese": lambda ax: fair(ax, fifths(0.02, np.nan, 0.11, names=[LONG, "中档", ODD])),
    "fairness of one": lambda ax: fair(ax, fifths(0.05)),
    "fairness without discounts": lambda ax: fair(ax, fifths(0.0, 0.0)),
    "no fairness": lambda ax: fair(ax, fifths(np.nan)),
}  # fmt: skip


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    """Each figure here, by the checks that all figures share."""


def dots(ax: Axes, *markers: str) -> list[list[float]]:
    found = [line for line in ax.lines if line.get_marker() in markers and len(line.get_xdata())]
    return [list(point) for line in found for point in line.get_xydata()]


def keyed(ax: Axes) -> list[str]:
    return [text.get_text().replace("\u00a0", " ") for text in ax.get_legend().get_texts()]


EMPTY = {
    "no offers": "Nothing is known of any offer: there is no row with an uplift.",
    "no baseline": "There is no earlier day on which the model could be compared with what happened.",
    "no tornado": "No input was varied, so nothing can be said about what matters.",
    "not detectable": "Too few customers: no effect, however large, could be told from luck.",
    "no spread": "No future was drawn, so nothing can be said about the profit.",
    "no curve": "No budget was tried, so there is no curve.",
    "no shares": "The plan holds no customers.",
    "no fairness": "Nobody is contacted, so nobody is given a discount.",
}


@pytest.mark.parametrize(("name", "sentence"), EMPTY.items(), ids=EMPTY.keys())
def test_where_there_is_nothing_to_draw_a_sentence_says_why(name, sentence):
    ax = FIGURES[name](None)
    assert not ax.axison and not ax.lines and not ax.patches
    assert [words.replace("\n", " ") for words in said(ax)] == [sentence]


class TestOfferChances:
    def test_means_intervals_and_break_evens_are_the_table_with_the_best_on_top(self):
        table = beliefs(8)
        ax = offered(None, table.iloc[::-1])
        np.testing.assert_allclose(dots(ax, "D", "o"), np.column_stack([table["uplift"], range(8)]))
        np.testing.assert_allclose(dots(ax, "|"), np.column_stack([table["break_even"], range(8)]))
        bars = [line.get_xdata() for line in ax.lines if to_hex(line.get_color()) == style.GREY]
        np.testing.assert_allclose(bars, table[["uplift_low", "uplift_high"]])
        assert labels(ax.yaxis) == OPTIONS and ax.get_ylim()[0] > ax.get_ylim()[1]

    def test_thick_is_what_lies_beyond_break_even(self):
        table = beliefs(8)
        ax = offered(None, table)
        thick = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 6 and len(line.get_xdata())]
        pays = table[table["uplift_high"] > table["break_even"]]
        np.testing.assert_allclose(thick, pays[["break_even", "uplift_high"]])

    def test_an_offer_that_always_pays_is_thick_throughout(self):
        ax = offered(None, beliefs(1, break_even=[-0.01]))
        thick = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 6 and len(line.get_xdata())]
        np.testing.assert_allclose(thick, beliefs(1)[["uplift_low", "uplift_high"]])

    def test_those_above_break_even_differ_by_shape_too(self):
        table = beliefs(8)
        marks = [line.get_marker() for line in offered(None, table).lines if line.get_marker() in ("D", "o")]
        assert marks[:8] == ["D" if pays else "o" for pays in table["uplift"] > table["break_even"]]

    def test_chance_and_profit_are_said(self):
        words = said(offered(None, beliefs(8)))
        assert words[0] == "pays with 82 %, ¥2.84 a contact\n(¥0.74 to ¥5.44)"
        assert words[7] == "pays with 3.0 %, −¥1.13 a contact\n(−¥3.23 to ¥1.47)"
        assert words[5].startswith("pays with 26 %, ¥0 a contact")

    def test_a_far_break_even_is_pointed_at_and_stretches_nothing(self):
        ax = FIGURES["offers that never pay"](None)
        assert dots(ax, "|") == [[0.004, 0]]
        assert [y for _, y in dots(ax, ">")] == [1, 2]
        assert ax.get_xlim()[1] < 0.04 and "far off" in keyed(ax)
        assert said(ax)[1].startswith("pays with 42 %") and said(ax)[2].startswith("never pays, −¥1.13")
        assert "far off" not in keyed(offered(None, beliefs(8)))

    def test_an_offer_without_a_belief_is_told(self):
        assert said(FIGURES["an offer unknown"](None))[1] == "cannot be told"

    def test_of_very_many_the_best_are_drawn(self):
        ax = FIGURES["very many offers"](None)
        assert len(labels(ax.yaxis)) == 16
        assert ax.get_xlabel().endswith("the 16 most profitable of 40")


class TestBaselineCheck:
    def test_the_three_shares_are_the_table(self):
        table = bands(5)
        ax = base_rates(None, table)
        for marker, column in (("o", "observed"), ("s", "predicted"), ("D", "used")):
            np.testing.assert_allclose([x for x, _ in dots(ax, marker)], table[column])
        reach = [segment[:, 0] for segment in ax.containers[0].lines[2][0].get_segments()]
        np.testing.assert_allclose(reach, table[["low", "high"]])
        assert said(ax)[0] == "was 8.0 %, put right 8.4 %\ntoday's customers: 9.6 %"
        assert labels(ax.yaxis)[0] == "1 to 90 days\n1,200 customers"

    def test_what_is_unknown_is_a_question_mark(self):
        assert said(FIGURES["baseline half known"](None))[1] == "was ?, put right ?\ntoday's customers: ?"


class TestTornado:
    def test_bars_run_from_the_base_to_both_ends_the_widest_on_top(self):
        ax = blown(None, swings(*BOTH_WAYS).iloc[::-1])
        drawn = [[bar.get_x() + bar.get_width() for bar in bars] for bars in ax.containers]
        np.testing.assert_allclose(np.transpose(drawn), BOTH_WAYS)
        assert {bar.get_x() for bars in ax.containers for bar in bars} == {12_000}
        assert labels(ax.yaxis)[0] == "margin" and ax.get_ylim()[0] > ax.get_ylim()[1]

    def test_both_ends_are_named_outside_their_bars(self):
        ax = blown(None, swings(*BOTH_WAYS))
        named = [
            (text.get_text(), *text.xy, text.get_ha())
            for text in ax.texts
            if text.get_text() in ("25 %", "¥1,450")
        ]
        assert ("25 %", -4_000, 0, "right") in named and ("¥1,450", 30_000, 0, "left") in named
        assert ("25 %", 16_000, 2, "left") in named and ("¥1,450", 7_000, 2, "right") in named
        assert len(named) == 10  # fmt: skip

    def test_ends_on_one_side_lie_above_each_other(self):
        ax = blown(None, swings((14_000, 19_000), (1_000, 21_000)))
        upper, lower = (bars[1] for bars in ax.containers)
        assert upper.get_y() + upper.get_height() <= lower.get_y()
        one, other = (bars[0] for bars in ax.containers)
        assert one.get_y() == other.get_y()

    def test_zero_is_drawn_only_where_it_can_be_lost(self):
        dashed = [[line.get_xdata()[0] for line in blown(None, swings(ends)).lines if line.is_dashed()]
                  for ends in ((-4_000, 30_000), (11_000, 13_000))]  # fmt: skip
        assert dashed == [[0], []]

    def test_an_input_without_a_profit_is_left_out(self):
        assert labels(FIGURES["tornado, one unknown"](None).yaxis) == ["uplift of the coupon"]

    def test_low_and_high_differ_by_more_than_colour(self):
        low, high = (bars[0].get_hatch() for bars in blown(None, swings((1, 2))).containers)
        assert low and not high


class TestDetectable:
    def test_curve_choice_and_expectation_are_drawn(self):
        table = reach()
        ax = told(None, table.iloc[::-1])
        np.testing.assert_allclose(ax.lines[0].get_xydata(), table)
        seen = np.interp(0.2, table["control_share"], table["detectable"])
        np.testing.assert_allclose(dots(ax, "D"), [[0.2, seen]])
        assert any(list(line.get_ydata()) == [0.006, 0.006] for line in ax.lines)
        assert "expected\n0.6 points" in said(ax)

    def test_the_verdict_turns_where_the_expected_effect_is_seen(self):
        table = reach()
        seen = float(np.interp(0.2, table["control_share"], table["detectable"]))
        for expected, verdict in ((seen * 0.999, "cannot tell"), (seen * 1.001, "can tell")):
            words = "20 % left alone: sees 0.7 points or more\n"
            assert words + verdict in said(told(None, table, expected=expected))

    def test_nothing_expected_cannot_be_told(self):
        ax = FIGURES["detectable, nothing expected"](None)
        assert any(words.endswith("cannot tell") for words in said(ax))
        assert not [line for line in ax.lines if line.is_dashed()]

    def test_shares_at_which_nothing_is_seen_are_left_out(self):
        table = reach()
        table.loc[:4, "detectable"] = np.inf
        assert len(told(None, table).lines[0].get_xdata()) == 35


class TestProfitSpread:
    def test_mean_interval_and_losses_are_said(self):
        draws = np.arange(-10, 91, dtype=float) * 1_000
        ax = spread(None, draws, rival=-draws)
        assert said(ax)[0] == "mean ¥40k\n−¥5k to ¥85k\na loss in 9.9 %"
        assert said(ax)[1] == "mean −¥40k\n−¥85k to ¥5k\na loss in 89 %"
        assert labels(ax.yaxis) == ["this plan", "rival"]

    def test_dark_is_from_5_to_95_per_cent_and_the_line_is_the_mean(self):
        draws = normal(12_000, 9_000)
        ax = spread(None, draws)
        _, dark = (area.get_paths()[0].vertices[:, 0] for area in ax.collections)
        np.testing.assert_allclose([dark.min(), dark.max()], np.quantile(draws, (0.05, 0.95)))
        upright = [line.get_xdata() for line in ax.lines if to_hex(line.get_color()) == style.INK]
        assert [draws.mean()] * 2 in [list(x) for x in upright]

    def test_zero_is_always_in_sight(self):
        for mean in (-9_000, 9_000):
            low, high = spread(None, normal(mean, 100)).get_xlim()
            assert low < 0 < high

    def test_equal_futures_are_a_line(self):
        ax = spread(None, [5_000.0] * 40)
        assert said(ax)[0] == "always ¥5k" and not ax.collections
        assert [5_000, 5_000] in [list(line.get_xdata()) for line in ax.lines]

    def test_missing_draws_are_left_out(self):
        assert said(spread(None, [1.0, np.nan, 3.0, np.inf]))[0].startswith("mean ¥2\n")
        assert labels(spread(None, [1.0, 2.0], rival=[np.nan]).yaxis) == ["this plan"]


class TestProfitCurve:
    def test_curve_budget_and_rivals_are_drawn(self):
        table, points = budgets(21), rivals("greedy", "everybody gets the coupon")
        ax = curve(None, table, points)
        np.testing.assert_allclose(ax.lines[0].get_xydata(), table[["budget", "profit"]])
        np.testing.assert_allclose(dots(ax, "D"), [[20_000, table["profit"][10]]])
        np.testing.assert_allclose(dots(ax, "o", "s"), points[["spent", "profit"]])

    def test_what_the_next_money_earns_is_said(self):
        ax = curve(None, budgets(21), rivals("greedy"))
        assert keyed(ax) == [
            "budget ¥20k\n¥12.2k, 3,333 contacted\nthe next ¥1 earns ¥0.24",
            "greedy\n¥11.2k for ¥20k",
        ]
        idle = curve(None, budgets(21).assign(price=0.0), None)
        assert keyed(idle)[0].endswith("more would earn nothing")
        untold = curve(None, budgets(21).assign(price=np.nan), None)
        assert keyed(untold) == ["budget ¥20k\n¥12.2k, 3,333 contacted"]

    def test_without_a_budget_only_the_curve_is_drawn(self):
        ax = FIGURES["curve without budget"](None)
        assert ax.get_legend() is None and not dots(ax, "D")


class TestWhoGetsWhat:
    def test_parts_are_shares_of_their_segment(self):
        table = given()
        ax = shared(None, table)
        widths = np.array([[bar.get_width() for bar in bars] for bars in ax.containers])
        np.testing.assert_allclose(widths.sum(axis=0), 1)
        counts = table.pivot_table(index="segment", columns="option", values="customers", sort=False)
        order = [name.rsplit(" (", 1)[0] for name in plans._counts(table).columns]
        np.testing.assert_allclose(widths.T, counts[order].div(counts.sum(axis=1), axis=0))
        assert order[-1] == "nothing"

    def test_the_key_counts_customers_and_rows_say_their_money(self):
        table = given(["a", "b"], ["coupon"]).assign(customers=[30, 10, 0, 2_000], profit=[5, 0, 0, -1.0])
        ax = shared(None, table)
        assert keyed(ax) == ["coupon (30)", "nothing (2,010)"]
        assert labels(ax.yaxis) == ["a\n40 customers", "b\n2,000 customers"]
        assert said(ax) == ["30", "10", "2,000", "¥5", "−¥1"]

    def test_every_option_has_a_look_of_its_own(self):
        looks = plans._looks([*map(str, range(19)), "nothing"])
        assert len({(look["color"], look["hatch"]) for look in looks}) == 20
        for one, other in itertools.pairwise(looks[:-1]):
            assert one["color"] != other["color"] and one["hatch"] != other["hatch"]

    def test_the_key_is_read_line_by_line_in_the_order_of_the_bars(self):
        table = given([*SEGMENTS, LONG], [*OPTIONS[:4], ODD, "points"])
        ax = shared(None, table)
        ax.figure.canvas.draw()
        words = [(text.get_window_extent(), text.get_text()) for text in ax.get_legend().get_texts()]
        read = [text for box, text in sorted(words, key=lambda word: (-round(word[0].y0 / 8), word[0].x0))]
        assert [text.rsplit(" (", 1)[0] for text in read] == list(plans._counts(table).columns)


class TestFairness:
    def test_bars_are_the_discounts_and_the_words_their_money(self):
        ax = fair(None, fifths(0.09, 0.08, np.nan))
        assert [bar.get_width() for bar in ax.patches] == [0.09, 0.08, 0]
        assert said(ax)[:5:2] == ["9.0 %: ¥4.5 of ¥50", "8.0 %: ¥12 of ¥150", "nobody contacted"]
        assert said(ax)[1] == "34 % contacted"

    @pytest.mark.parametrize(
        ("discount", "words"),
        [
            ((0.02, 0.02, 0.09), "grows with what people are believed to pay: from 2.0 % to 9.0 %"),
            ((0.09, np.nan, 0.02), "falls with what people are believed to pay: from 9.0 % to 2.0 %"),
            ((0.05, 0.09, 0.02), "goes up and down: 5.0 % in the lowest band, 2.0 % in the highest"),
            ((0.05, 0.053, 0.051), "is about the same in all bands"),
        ],
    )
    def test_the_direction_is_said(self, discount, words):
        assert f"the discount {words}" in said(fair(None, fifths(*discount)))

    def test_one_band_has_no_direction(self):
        assert note_of(fair(None, fifths(np.nan, 0.05))) == "one band alone is given a discount"
