"""The figures of schemes and segments: they carry the table's numbers, whole and legible, and set nothing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from clv import plots
from clv.plots import segments, style
from every_figure import Legible, labels, note_of, said

NAMES = [
    "Expected value", "Chance to buy", "RFM score sum", "P(alive) × value", "Weighted score .3/.4/.3",
    "Iso-value bands", "Eight classes, fixed thresholds", "Eight classes, cut at the median",
    "Eight classes, cut at the mean", "k-means on log RFM", "Four classes of the recall article",
    "Eight classes, cut at the mean score", "Recency alone", "Eleven-segment map", "Windows × purchases",
    "Past spend alone", "Recency windows of the shop's own", "Recency windows 90/180/270",
    "Hughes quintiles, nested", "Hughes quintiles 5×5×5", "Ten-segment R×F map", "Loyalty ladder",
]  # fmt: skip
WINDOWS = [
    f"{window}, {orders} purchases"
    for window in ("active", "silent", "sleeping", "lost")
    for orders in ("two", "three", "four or five", "six or more")
]
CHINESE = ["重要价值", "重要发展", "重要保持", "重要挽留", "一般价值", "一般发展", "一般保持", "一般挽留"]
LONG = "一个店主自己写的非常长的名称，用来测试标签会不会被截断或者挤在一起"
NEW = "not yet a customer"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def schemes(n: int, *, names: list[str] = NAMES, low: float = 0.05) -> pd.DataFrame:
    gini = np.linspace(0.5, 0.3, n)
    frame = pd.DataFrame({"name": names[:n], "gini": gini, "gini_low": gini - low, "gini_high": gini + 0.04})
    frame["difference"], frame["standard_error"] = gini - gini[0], np.where(gini == gini[0], 0.0, 0.02)
    frame["kept"] = 0.3 + 0.6 * np.abs(np.sin(np.arange(n) * 1.7))
    return frame.set_index(pd.Index([f"s{i}" for i in range(n)], name="scheme"))


def gains(*powers: float) -> pd.DataFrame:
    x = np.linspace(0, 1, 101)
    curves = {f"s{i}": 1 - (1 - x) ** power for i, power in enumerate(powers)}
    return pd.DataFrame(
        curves | {"best possible": np.minimum(x * 10, 1)}, index=pd.Index(x, name="contacted")
    )


def groups(names: list[str], *, spend: float = 883.0) -> pd.DataFrame:
    n = len(names)
    share = np.geomspace(1, 0.02, n) / np.geomspace(1, 0.02, n).sum()
    frame = pd.DataFrame({"segment": names, "segment_zh": names, "bits": "R1F·M0", "customers": 287})
    frame = frame.assign(customer_share=share[::-1], spend_share=share, next_share=share, bought=0.1)
    next_spend = spend * share / share[0]
    return frame.assign(next_spend=next_spend, low=next_spend * 0.7, high=next_spend * 1.3)


def moves(names: list[str], *, new: bool = True) -> pd.DataFrame:
    n = len(names)
    counts = np.eye(n, dtype=int) * 800 + np.arange(n * n).reshape(n, n) % 3 * 40
    frame = pd.DataFrame(counts, index=names, columns=names)
    return pd.concat([frame, pd.DataFrame(30, index=[NEW], columns=names)]) if new else frame


def surface(top: int = 8) -> pd.DataFrame:
    purchases, silence = np.arange(2, top + 1)[:, None], np.arange(0, 400, 10)[None, :]
    value = 180.0 * purchases * np.exp(-silence * purchases / 500)
    return pd.DataFrame(value, index=purchases[:, 0], columns=silence[0]).mask(silence > 400 - 10 * purchases)


def buyers(n: int) -> pd.DataFrame:
    return pd.DataFrame({"purchases": np.arange(n) % 7 + 2, "days_since_last": np.arange(n) * 37 % 440})


def iso(
    ax: Axes | None, *, top: int = 8, customers: int = 300, curves: tuple = (50, 100, 200, 500, 1000)
) -> Axes:
    return plots.iso_value(
        surface(top), curves=curves, customers=buyers(customers), age=400, horizon=90, currency="CNY", ax=ax
    )


def chances(last: int = 560) -> pd.DataFrame:
    silence = np.arange(last + 1)
    return pd.DataFrame({"silence": silence, "chance": 0.25 * np.exp(-silence / 120), "customers": 3})


def ends(*days: int) -> pd.DataFrame:
    frame = pd.DataFrame({"to_day": np.array(days, dtype=int)})
    return frame.assign(low=frame["to_day"] * 6 // 10, high=frame["to_day"] * 15 // 10)


def compare(ax: Axes | None, table: pd.DataFrame, *, recommended: str = "s0", today: str = "s17") -> Axes:
    return plots.scheme_comparison(table, recommended=recommended, today=today, ax=ax)


def gain(ax: Axes | None, *powers: float, share: float = 0.2) -> Axes:
    names = {f"s{i}": name for i, name in enumerate([NAMES[10], NAMES[11], NAMES[17], LONG])}
    shown = [f"s{i}" for i in range(len(powers))]
    return plots.gain_curves(gains(*powers), shown=shown, contact_share=share, names=names, ax=ax)


def kept(ax: Axes | None, table: pd.DataFrame) -> Axes:
    return plots.kept_labels(table, recommended="s0", today="s17", horizon=90, ax=ax)


def windows(ax: Axes | None, *days: int, last: int = 560) -> Axes:
    return plots.own_windows(chances(last), ends=ends(*days), horizon=90, ax=ax)


FIGURES = {
    "22 schemes": lambda ax: compare(ax, schemes(22)),
    "two schemes, one blind": lambda ax: compare(ax, schemes(2, low=0.6), today="s1"),
    "one scheme": lambda ax: compare(ax, schemes(1), today="s0"),
    "schemes in Chinese": lambda ax: compare(ax, schemes(8, names=[*CHINESE[:7], LONG]), recommended="s7"),
    "gains": lambda ax: gain(ax, 4, 3, 2, 1.5),
    "equal gains": lambda ax: gain(ax, 4, 4, 4, 4),
    "gains of few": lambda ax: gain(ax, 2, share=0.05),
    "gains of half": lambda ax: gain(ax, 2, 3, share=0.5),
    "kept labels": lambda ax: kept(ax, schemes(22)),
    "kept labels of one": lambda ax: kept(ax, schemes(1)),
    "map": lambda ax: plots.segment_map(groups(WINDOWS), horizon=90, currency="CNY", ax=ax),
    "map in Chinese": lambda ax: plots.segment_map(groups([*CHINESE, LONG]), horizon=365, ax=ax),
    "map of one": lambda ax: plots.segment_map(groups(["all"], spend=0.0), horizon=90, ax=ax),
    "map of much money": lambda ax: plots.segment_map(
        groups(WINDOWS[:3], spend=1234567), horizon=90, currency="CHF", ax=ax
    ),
    "moves": lambda ax: plots.migration(moves(WINDOWS[:12]), horizon=90, ax=ax),
    "moves in Chinese": lambda ax: plots.migration(moves([*CHINESE[:5], LONG]), ax=ax),
    "moves of one": lambda ax: plots.migration(moves(["all"], new=False), ax=ax),
    "only new": lambda ax: plots.migration(moves(["all"]).iloc[1:], ax=ax),
    "too many moves": lambda ax: plots.migration(moves([f"cell {i}" for i in range(60)]), ax=ax),
    "iso-value": lambda ax: iso(ax),
    "iso-value of one row": lambda ax: iso(ax, top=2),
    "iso-value of nobody": lambda ax: iso(ax, customers=0),
    "iso-value without curves": lambda ax: iso(ax, curves=()),
    "own windows": lambda ax: windows(ax, 71, 169, 300),
    "own windows, close": lambda ax: windows(ax, 9, 40, 92, 545),
    "own windows, short history": lambda ax: windows(ax, 10, last=60),
    "no own windows": lambda ax: windows(ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    """Each figure here, by the checks that all figures share."""


class TestSchemeComparison:
    def test_dots_and_intervals_are_the_table_with_the_best_on_top(self):
        table = schemes(5)
        ax = compare(None, table.iloc[::-1], today="s3")
        dots = [bars.lines[0].get_xydata()[0] for bars in ax.containers]
        np.testing.assert_allclose(dots, np.column_stack([table["gini"], range(5)]))
        reach = [bars.lines[2][0].get_segments()[0][:, 0] for bars in ax.containers]
        np.testing.assert_allclose(reach, table[["gini_low", "gini_high"]])
        assert ax.get_ylim()[0] > ax.get_ylim()[1]
        assert said(ax)[0] == "0.50 [0.45, 0.54]"

    def test_recommended_and_todays_are_told_by_words_and_shape(self):
        ax = compare(None, schemes(5), today="s3")
        assert labels(ax.yaxis) == [
            f"{NAMES[0]} (recommended)",
            *NAMES[1:3],
            f"{NAMES[3]} (today's)",
            NAMES[4],
        ]
        assert [bars.lines[0].get_marker() for bars in ax.containers] == ["D", "o", "o", "s", "o"]

    def test_one_scheme_can_be_both(self):
        ax = compare(None, schemes(5), today="s0")
        assert labels(ax.yaxis)[0].replace("\n", " ") == f"{NAMES[0]} (recommended, and today's)"

    def test_nothing_needs_to_be_marked(self):
        ax = plots.scheme_comparison(schemes(3), recommended=None, today=None)
        assert labels(ax.yaxis) == NAMES[:3]

    def test_rows_within_one_standard_error_are_shaded(self):
        table = schemes(5)
        table["difference"], table["standard_error"] = (
            [0, -0.01, -0.02, -0.03, -0.04],
            [0, 0.02, 0.01, 0.04, 0.01],
        )
        shaded = [round(patch.get_y() + patch.get_height() / 2) for patch in compare(None, table).patches]
        assert shaded == [0, 1, 3]


class TestGainCurves:
    def test_only_the_shown_are_drawn_beside_the_best_and_the_lot(self):
        ax = plots.gain_curves(gains(4, 3, 2), shown=["s2"], contact_share=0.2, names={"s2": "two"})
        long = [line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 101]
        np.testing.assert_allclose(long, gains(4, 3, 2)[["best possible", "s2"]].T)
        assert any(list(line.get_xdata()) == [0.2, 0.2] for line in ax.lines)

    def test_what_is_reached_is_told_highest_first(self):
        ax = gain(None, 2, 4)
        reached = [words for words in said(ax) if "%  " in words]
        assert reached == [f"59 %  {NAMES[11]}", f"36 %  {NAMES[10]}"]

    def test_a_name_too_long_for_its_place_is_cut_with_dots(self):
        cut = next(words for words in said(gain(None, 4, 3, 2, 1.5)) if words.endswith("…"))
        assert LONG.startswith(cut.removeprefix("28 %  ").removesuffix("…"))

    def test_lines_differ_by_more_than_colour(self):
        ax = gain(None, 4, 3, 2, 1.5)
        drawn = [line for line in ax.lines if len(line.get_xdata()) == 101][1:]
        assert len({str(line._unscaled_dash_pattern) for line in drawn}) == 4
        assert len({line.get_marker() for line in ax.lines if line.get_marker() != "None"}) == 4

    def test_a_share_is_written_plainly(self):
        assert "first 5\u00a0%:" in gain(None, 2, share=0.05).get_title(loc="left")
        assert "first 12.5\u00a0%:" in gain(None, 2, share=0.125).get_title(loc="left")


class TestKeptLabels:
    def test_dots_are_the_table_and_the_unsurpassed_are_named(self):
        table = schemes(4).assign(gini=[0.5, 0.4, 0.45, 0.3], kept=[0.3, 0.5, 0.8, 0.8])
        ax = plots.kept_labels(table, recommended="s0", today="s3", horizon=90)
        dots = [line.get_xydata()[0] for line in ax.lines if line.get_marker() != "None"]
        np.testing.assert_allclose(dots, table[["kept", "gini"]])
        named = {f"{NAMES[0]} (recommended)", NAMES[2], f"{NAMES[3]} (today's)"}
        assert {words for words in said(ax) if words.split(" (")[0] in NAMES} == named
        assert ax.get_xlabel() == "Share of customers with the same label 90 days later"


class TestSegmentMap:
    def test_bars_are_the_shares(self):
        table = groups(WINDOWS[:5])
        ax = plots.segment_map(table, horizon=90, currency="CNY")
        widths = [[bar.get_width() for bar in bars] for bars in ax.containers]
        np.testing.assert_allclose(widths, table[["customer_share", "spend_share", "next_share"]].T)
        places = [[bar.get_y() for bar in bars] for bars in ax.containers]
        assert (np.diff(places, axis=0) > 0).all()  # upper, middle, lower, as the key says
        key = [text.get_text() for text in ax.get_legend().get_texts()]
        assert key == ["upper: customers", "middle: money so far", "lower: money next 90 days"]

    def test_names_stand_with_their_bits_and_customers(self):
        names = labels(plots.segment_map(groups([WINDOWS[2], LONG]), horizon=90).yaxis)
        assert names[0] == "active, four or five\npurchases  R1F·M0\n287 customers"
        assert names[1].replace("\n", "") == f"{LONG}  R1F·M0287 customers"
        assert max(style.columns(line.removesuffix("  R1F·M0")) for line in names[1].split("\n")) <= 24

    def test_money_a_head_has_its_interval(self):
        ax = plots.segment_map(groups(["best"]).assign(low=651.4, high=961.0), horizon=90, currency="CNY")
        assert "¥883 a head [651, 961]" in said(ax)

    def test_the_figure_grows_with_the_segments(self):
        heights = [
            plots.segment_map(groups(WINDOWS[:n]), horizon=90).figure.get_figheight() for n in (1, 8, 16)
        ]
        assert np.diff(heights).min() > 3


class TestMigration:
    def test_cells_are_shares_of_the_row_with_counts(self):
        counts = pd.DataFrame([[30, 10], [0, 5]], index=["near", "far"], columns=["near", "far"])
        ax = plots.migration(counts)
        cells = [mesh.get_array().filled(0).ravel().tolist() for mesh in ax.collections]
        assert cells == [[0.75, 0.25], [0, 1]]
        assert said(ax)[1:] == ["75 %\n30", "25 %\n10", "100 %\n5"]
        assert labels(ax.yaxis) == ["near\n40 customers", "far\n5 customers"]
        assert labels(ax.xaxis) == ["near", "far"]

    def test_those_who_stayed_are_framed_in_any_order(self):
        counts = moves(["a", "b", "c"]).iloc[:, ::-1]
        frames = [(int(patch.get_x()), int(patch.get_y())) for patch in plots.migration(counts).patches]
        assert frames == [(2, 0), (1, 1), (0, 2)]

    def test_new_customers_stand_apart(self):
        ticks = plots.migration(moves(["a", "b"])).get_yticks()
        assert ticks[1] - ticks[0] == 1 and ticks[2] - ticks[1] > 1.2

    def test_a_row_of_nobody_is_blank(self):
        ax = plots.migration(pd.DataFrame([[0, 0], [0, 5]], index=["a", "b"], columns=["a", "b"]))
        assert said(ax)[1:] == ["100 %\n5"]
        assert labels(ax.yaxis)[0] == "a\n0 customers"

    def test_many_segments_are_refused_in_words(self):
        ax = plots.migration(moves([f"cell {i}" for i in range(60)], new=False))
        assert "60 segments are too many for a picture; see the table." in said(ax)

    def test_the_day_is_named(self):
        assert plots.migration(moves(["a"]), horizon=90).get_xlabel() == "Segment 90 days later"
        assert plots.migration(moves(["a"])).get_xlabel() == "Segment afterwards"


class TestIsoValue:
    def test_lines_are_the_curves_that_the_surface_reaches(self):
        ax = iso(None, curves=(1, 50, 500, 1e6))
        found = ax.collections[-1]
        np.testing.assert_allclose(found.levels, [50, 500])
        assert {"¥50", "¥500"} <= set(said(ax))

    def test_lines_lie_where_the_surface_has_their_money(self):
        ax = iso(None, top=2, curves=(200,))
        x = ax.collections[-1].allsegs[0][0][:, 0]
        np.testing.assert_allclose(np.interp(x, surface(2).columns, surface(2).loc[2]), 200, rtol=0.01)
        assert "¥200" in said(ax)

    def test_every_customer_is_in_a_dot_the_same_each_time(self):
        customers = pd.DataFrame({"purchases": [2] * 40 + [5], "days_since_last": [100] * 40 + [300]})
        drawn = [
            plots.iso_value(surface(), curves=[], customers=customers, age=400, horizon=90).collections[0]
            for _ in range(2)
        ]
        np.testing.assert_allclose(drawn[0].get_offsets(), [[100, 2], [300, 5]])
        assert drawn[0].get_sizes()[0] > drawn[0].get_sizes()[1]
        np.testing.assert_array_equal(drawn[0].get_sizes(), drawn[1].get_sizes())

    def test_the_age_is_named_and_that_nothing_differs(self):
        assert note_of(iso(None)).startswith("first purchase some 400 days ago; lines: equal money")
        assert "hardly differs" in note_of(iso(None, curves=()))


class TestOwnWindows:
    def test_the_line_is_the_table(self):
        ax = windows(None, 71, 169, 300)
        np.testing.assert_allclose(ax.lines[0].get_xydata(), chances()[["silence", "chance"]])

    def test_ends_and_their_intervals_are_drawn_and_said(self):
        ax = windows(None, 71, 169, 300)
        xs = [list(line.get_xdata()) for line in ax.lines[1:]]
        for row in ends(71, 169, 300).itertuples():
            assert [row.to_day, row.to_day] in xs and [row.low, row.high] in xs
            assert f"day {row.to_day}\n{row.low} to {row.high}" in said(ax)

    def test_fixed_ends_are_dashed_and_only_within_the_history(self):
        ax = windows(None, 10, last=200)
        dashed = [line.get_xdata()[0] for line in ax.lines if line.is_dashed()]
        assert dashed == [90, 180]
        assert {"90", "180"} <= set(said(ax)) and "270" not in said(ax)

    def test_close_ends_are_written_above_each_other(self):
        assert segments._steps(pd.Series([9, 40, 92, 545]), near=60) == [0, 1, 2, 0]

    def test_without_own_ends_only_the_usual_are_explained(self):
        assert note_of(windows(None)) == "dashed: the usual ends"
