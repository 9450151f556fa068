"""The figures of a measured campaign: they carry the table's numbers, whole and legible, and set nothing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from clv import plots
from clv.plots import style
from every_figure import Legible, labels, note_of, said

LONG = "一个店主自己写的非常长的名称，用来测试标签会不会被截断或者挤在一起"
ODD = "<b>gift</b> of $5 to $9, handed over with the next order in the shop"
SEGMENTS = [
    "sleeping, one purchase", "sleeping, two purchases", LONG, ODD, "silent, one", "重要挽留客户", "一般发展",
    "lost, one purchase", "lost, two or more purchases", "active, gold members", "new", "others",
]  # fmt: skip
PLANNED, FOUND = "planned: the plan's own forecast", "found: profit beyond those left alone"
BUMPS = {
    "learned from the campaign": 0.0022, "most recent first": 0.0012, "highest past spend": 0.001,
    "bought this line before": 0.0018, "most lapsed first": -0.0012, "response model": 0.0015, "by lot": 0.0,
}  # fmt: skip
STEPS = ["sent", "opened", "clicked", "replied", "opted_out", "complained", "ordered"]


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def earned(rows: dict[str, tuple[float, float, float]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=["value", "low", "high"], dtype=float)


def arms(days: int, *, send: float = 0.0125, control: float = 0.0057, half: float = 0.0015) -> pd.DataFrame:
    day = np.arange(days)
    grown = (1 + day) / days
    frame = pd.DataFrame(index=pd.Index(day, name="day"))
    for arm, share in (("send", send), ("control", control)):
        ends = {arm: share * grown, f"{arm}_low": np.maximum(share * grown - half, 0)}
        frame = frame.assign(**ends, **{f"{arm}_high": share * grown + half})
    return frame


def stretches(n: int, *, first: float = 0.005, last: float = -0.002, half: float = 0.0012) -> pd.DataFrame:
    start = 7 * np.arange(n)
    effect = np.linspace(first, last, n)
    frame = pd.DataFrame({"first_day": start, "last_day": start + 6, "difference": effect})
    return frame.assign(low=effect - half, high=effect + half)


def segments(n: int, *, scale: float = 1.0, shift: float = 0.0, whole: bool = True) -> pd.DataFrame:
    """Return effects that are pooled within ±0.3 points, while those alone are ±0.2 to ±6 points wide."""
    alone = shift + scale * np.linspace(0.009, -0.002, n)
    half, pooled = scale * np.geomspace(0.002, 0.06, n), shift + scale * np.linspace(0.007, 0.005, n)
    frame = pd.DataFrame({"customers": np.arange(n) * 1_000 + 1, "difference": alone}, index=SEGMENTS[:n])
    frame = frame.assign(low=alone - half, high=alone + half, pooled=pooled)
    frame = frame.assign(pooled_low=pooled - 0.003 * scale, pooled_high=pooled + 0.003 * scale)
    if whole:
        middle = np.array([0.006, 0.004, 0.008]) * scale + shift
        frame.loc["all"] = [frame["customers"].sum(), *middle, *middle]
    return frame.astype({"customers": int})


def orders(bumps: dict[str, float] = BUMPS, *, end: float = 0.0068, half: float = 0.002) -> pd.DataFrame:
    depth = np.linspace(0, 1, 101)
    parts = []
    for rule, bump in bumps.items():
        gain = end * depth + 4 * bump * depth * (1 - depth)
        ends = {"low": gain - half * np.sqrt(depth), "high": gain + half * np.sqrt(depth)}
        parts.append(pd.DataFrame({"rule": rule, "depth": depth, "gain": gain, **ends}))
    return pd.concat(parts, ignore_index=True)


def areas(bumps: dict[str, float] = BUMPS) -> pd.DataFrame:
    area = 2 / 3 * pd.Series(bumps)
    return pd.DataFrame({"qini": area, "low": area - 0.0006, "high": area + 0.0006})


def messages(channels: dict[str, list[float]]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(channels, orient="index", columns=STEPS, dtype=float)


def before(*difference: float, expected: float = 0.02, names: list[str] | None = None) -> pd.DataFrame:
    what = names or [f"bought in window {i}" for i in range(len(difference))]
    return pd.DataFrame({"difference": difference, "expected": expected}, index=what, dtype=float)


def unknown(table: pd.DataFrame, row: int) -> pd.DataFrame:
    effects = table.columns.difference(["customers", "first_day", "last_day"])
    return table.assign(**{name: table[name].where(np.arange(len(table)) != row) for name in effects})


def few(*rules: str) -> dict[str, float]:
    return {rule: BUMPS[rule] for rule in rules}


def profit(ax: Axes | None, rows: dict, *, currency: str | None = "CNY") -> Axes:
    return plots.planned_and_found(earned(rows), currency=currency, ax=ax)


def since(ax: Axes | None, table: pd.DataFrame) -> Axes:
    return plots.buyers_since(table, ax=ax)


def lasting(ax: Axes | None, table: pd.DataFrame, **kwargs: str) -> Axes:
    return plots.effect_over_days(table, ax=ax, **kwargs)


def whom(ax: Axes | None, table: pd.DataFrame, **kwargs: str) -> Axes:
    return plots.segment_effects(table, ax=ax, **kwargs)


def first(ax: Axes | None, curves: pd.DataFrame, **kwargs: object) -> Axes:
    return plots.qini(curves, ax=ax, **kwargs)


def became(ax: Axes | None, channels: dict[str, list[float]]) -> Axes:
    return plots.funnel(messages(channels), ax=ax)


def alike(ax: Axes | None, table: pd.DataFrame) -> Axes:
    return plots.balance(table, ax=ax)


BOTH = {PLANNED: (42_000, -3_000, 91_000), FOUND: (12_400, -8_000, 33_000)}
THREE = {
    "sms": [12_000, np.nan, 640, 31, 84, 3, 290],
    "wecom": [3_100, 2_100, 410, 120, np.nan, 0, 160],
    "email": [9_000, 2_400, 300, np.nan, 22, np.nan, 101],
}
UNKNOWN = [np.nan] * 6
QINI = {
    "orders": lambda ax: first(ax, orders(few("learned from the campaign", "most recent first", "by lot"))),
    "orders with areas": lambda ax: first(ax, orders(), ends=areas()),
    "orders in money": lambda ax: first(
        ax, orders({rule: 2e3 * x for rule, x in BUMPS.items()}, end=3.0), per=1_000, currency="CNY"
    ),
    "orders at a loss": lambda ax: first(ax, orders(end=-0.006)),
    "orders of odd names": lambda ax: first(ax, orders({LONG: 0.001, ODD: 0.0, "by lot": 0.0})),
    "one order": lambda ax: first(ax, orders({LONG: 0.001})),
    "equal orders": lambda ax: first(ax, orders(dict.fromkeys(BUMPS, 0.0), end=0.0001), ends=areas()),
    "orders that do nothing": lambda ax: first(ax, orders({ODD: 0.0, "by lot": 0.0}, end=0.0, half=0.0)),
}
FIGURES = QINI | {
    "profit": lambda ax: profit(ax, BOTH),
    "profit, large": lambda ax: profit(ax, {FOUND: (1.24e7, 1.1e7, 1.4e7)}, currency="CHF"),
    "profit, a loss": lambda ax: profit(
        ax, {PLANNED: (-12, -30, -2), FOUND: (-400, -812, -6), f"found: {LONG}": (0, np.nan, np.nan),
             f"found: {ODD}": (np.nan,) * 3}, currency=None),
    "profit, none at all": lambda ax: profit(ax, {FOUND: (0, 0, 0)}),
    "no profit": lambda ax: profit(ax, {PLANNED: (np.nan,) * 3}),
    "buyers": lambda ax: since(ax, arms(31)),
    "buyers, nearly level": lambda ax: since(ax, arms(31, send=0.01001, control=0.01)),
    "buyers, level": lambda ax: since(ax, arms(31, send=0.01, control=0.01)),
    "buyers, fewer": lambda ax: since(ax, arms(365, send=0.30, control=0.33, half=0.02)),
    "buyers, few": lambda ax: since(ax, arms(2, send=0.0011, control=0.001, half=0.0008)),
    "buyers of one day": lambda ax: since(ax, arms(1)),
    "buyers, none": lambda ax: since(ax, arms(9, send=0, control=0, half=0.0)),
    "no days": lambda ax: since(ax, arms(3).assign(send=np.nan)),
    "lasting": lambda ax: lasting(ax, stretches(5)),
    "lasting a year": lambda ax: lasting(ax, stretches(52), measure="orders"),
    "lasting, twelve": lambda ax: lasting(ax, stretches(12, first=-0.11, last=-0.13, half=0.02)),
    "lasting two days": lambda ax: lasting(ax, stretches(2, first=1e-4, last=-5e-5, half=5e-5)),
    "lasting, one unknown": lambda ax: lasting(ax, unknown(stretches(3), 1).assign(last_day=[0, 13, 20])),
    "not lasting": lambda ax: lasting(ax, stretches(2).assign(difference=np.nan)),
    "segments": lambda ax: whom(ax, segments(5)),
    "twelve segments": lambda ax: whom(ax, segments(12)),
    "one segment": lambda ax: whom(ax, segments(1, whole=False)),
    "segments, tiny": lambda ax: whom(ax, segments(4, scale=0.02)),
    "segments, all negative": lambda ax: whom(ax, segments(6, shift=-0.05)),
    "segments in money": lambda ax: whom(ax, segments(4, scale=3e8), unit="money", currency="CHF"),
    "segments, one unknown": lambda ax: whom(ax, unknown(segments(2), 1)),
    "segments, none pooled": lambda ax: whom(ax, segments(3).assign(
        pooled=np.nan, pooled_low=np.nan, pooled_high=np.nan)),
    "no segments": lambda ax: whom(ax, segments(0, whole=False)),
    "no orders": lambda ax: first(ax, orders().iloc[:0]),
    "only by lot": lambda ax: first(ax, orders({"by lot": 0.0})),
    "messages": lambda ax: became(ax, THREE),
    "messages of one": lambda ax: became(ax, {LONG: [1, *UNKNOWN]}),
    "messages, odd": lambda ax: became(
        ax, {ODD * 2: [1_234_567, 1_300_000, 12, np.nan, 345, 0, 2_000], "none sent": [0, *UNKNOWN],
             "push": [np.nan, 5, *UNKNOWN[1:]]}),
    "no messages": lambda ax: became(ax, {"sms": [0, *UNKNOWN]}),
    "arms": lambda ax: alike(ax, before(0.012, -0.034, 0.007, -0.02, names=[*SEGMENTS[:3], "money so far"])),
    "arms unlike": lambda ax: alike(ax, before(0.012, -0.6, 0.13, np.nan)),
    "arms by one": lambda ax: alike(ax, before(-0.001, expected=0.3, names=[ODD])),
    "no arms": lambda ax: alike(ax, before(np.nan)),
}  # fmt: skip


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    """Each figure here, by the checks that all figures share."""


EMPTY = {
    "no profit": "Nothing was planned and nothing was found, so there is nothing to compare.",
    "no days": "No day since sending has been counted, so nobody can have bought yet.",
    "not lasting": "No stretch of days has been counted, so there is no effect to follow.",
    "no segments": "No segment has customers in both arms, so no effect can be told.",
    "no orders": "No rule was judged, so nothing can be said about who should come first.",
    "only by lot": "No rule was judged, so nothing can be said about who should come first.",
    "no messages": "No message was sent, so there is nothing to follow.",
    "no arms": "Nothing is known of the customers before, so the arms cannot be compared.",
}


@pytest.mark.parametrize(("name", "sentence"), EMPTY.items(), ids=EMPTY.keys())
def test_where_there_is_nothing_to_draw_a_sentence_says_why(name, sentence):
    ax = FIGURES[name](None)
    assert not ax.axison and not ax.lines and not ax.patches
    assert [words.replace("\n", " ") for words in said(ax)] == [sentence]


@pytest.mark.parametrize("name", ["buyers", "lasting", "segments", "orders"])
def test_the_interval_is_named(name):
    ax = FIGURES[name](None)
    said = f"{note_of(ax)} {ax.get_xlabel()}".replace("\u00a0", " ")
    assert "95 % interval" in said


def marked(ax: Axes, *markers: str) -> np.ndarray:
    found = [line.get_xydata() for line in ax.lines if line.get_marker() in markers and len(line.get_xdata())]
    return np.concatenate(found) if found else np.empty((0, 2))


def filled(ax: Axes, marker: str) -> list[bool]:
    lines = [line for line in ax.lines if line.get_marker() == marker and len(line.get_xdata())]
    return [to_hex(line.get_markerfacecolor()) != style.PAPER for line in lines]


def bars(ax: Axes) -> np.ndarray:
    """Return the ends of the level intervals, in the order in which they were drawn."""
    lines = [
        line for line in ax.lines if line.get_marker() == "None" and line.get_transform() == ax.transData
    ]
    return np.array([line.get_xdata() for line in lines if np.ptp(line.get_ydata()) == 0])


def keyed(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.get_legend().get_texts()]


class TestPlannedAndFound:
    def test_values_and_intervals_are_the_table_in_its_order(self):
        ax = profit(None, BOTH)
        np.testing.assert_allclose(marked(ax, "s", "D"), [[42_000, 0], [12_400, 1]])
        np.testing.assert_allclose(bars(ax), [[-3_000, 91_000], [-8_000, 33_000]])
        assert said(ax)[:2] == ["¥42k\n(−¥3k to ¥91k)", "¥12.4k\n(−¥8k to ¥33k)"]
        assert ax.get_ylim()[0] > ax.get_ylim()[1]

    def test_planned_is_hollow_and_found_is_filled(self):
        ax = profit(None, BOTH)
        assert filled(ax, "s") == [False] and filled(ax, "D") == [True]

    @pytest.mark.parametrize(
        ("found", "words"),
        [
            ((12, -8, 55), "what was planned lies within the interval of what was found"),
            ((12, 0, 41), "less was found than was planned; the two intervals overlap"),
            ((-12, -20, -4), "less was found than was planned; the two intervals do not meet"),
            ((60, 43, 77), "more was found than was planned; the two intervals overlap"),
            ((190, 92, 290), "more was found than was planned; the two intervals do not meet"),
            ((12, np.nan, np.nan), "what contacts added, beyond what had come anyway"),
        ],
    )
    def test_the_answer_is_said(self, found, words):
        assert note_of(profit(None, {PLANNED: (42, -3, 91), FOUND: found})) == words

    def test_without_a_plan_nothing_is_compared(self):
        ax = profit(None, {FOUND: (12, -8, 55)})
        assert note_of(ax) == "what contacts added, beyond what had come anyway"

    def test_zero_is_always_in_sight(self):
        for name in ("profit, large", "profit, a loss"):
            low, high = FIGURES[name](None).get_xlim()
            assert low < 0 < high

    def test_what_is_missing_is_told(self):
        assert said(FIGURES["profit, a loss"](None))[2:4] == ["0", "cannot be told"]


def steps(ax: Axes) -> list[np.ndarray]:
    return [line.get_ydata() for line in ax.lines if line.get_drawstyle() == "steps-post"]


class TestBuyersSince:
    def test_each_day_holds_its_share_until_the_next(self):
        table = arms(31)
        ax = since(None, table.iloc[::-1])
        for drawn, arm in zip(steps(ax), ("send", "control"), strict=True):
            np.testing.assert_allclose(drawn, [*table[arm], table[arm].iloc[-1]])
        assert ax.get_xlim() == (0, 31) and ax.get_ylim()[0] == 0

    def test_bands_are_the_intervals(self):
        table = arms(31)
        for area, arm in zip(since(None, table).collections, ("send", "control"), strict=True):
            corners = {(x, round(y, 9)) for x, y in area.get_paths()[0].vertices}
            for end in ("low", "high"):
                shares = [round(share, 9) for share in table[f"{arm}_{end}"]]
                assert corners.issuperset(zip(range(31), shares, strict=True))
                assert corners.issuperset(zip(range(1, 32), shares, strict=True))  # held through the day

    def test_lines_are_named_with_their_last_share_and_differ_by_more_than_colour(self):
        ax = since(None, arms(31))
        assert said(ax)[:2] == [
            "contacted 1.25 %\n(1.10 % to 1.40 %)",
            "left alone 0.57 %\n(0.42 % to 0.72 %)",
        ]
        send, control = (line for line in ax.lines if line.get_drawstyle() == "steps-post")
        assert not send.is_dashed() and control.is_dashed()

    @pytest.mark.parametrize("name", ["buyers", "buyers, nearly level", "buyers, fewer", "buyers, none"])
    def test_names_stand_outside_in_the_order_of_the_lines(self, name):
        ax = FIGURES[name](None)
        ax.figure.canvas.draw()
        names = [text for text in ax.texts if text.get_text().startswith(("contacted", "left alone"))]
        send, control = (text.get_window_extent() for text in names)
        assert min(send.x0, control.x0) > ax.get_window_extent().x1
        assert min(send.y0, control.y0) >= ax.get_window_extent().y0  # beside the ticks, not among them
        fewer = steps(ax)[0][-1] < steps(ax)[1][-1]
        assert (send.y0 < control.y0) == fewer

    @pytest.mark.parametrize(
        ("send", "words"),
        [
            (0.0125, "by the end of day 30 those contacted are 0.68 points ahead"),
            (0.0031, "by the end of day 30 those contacted are 0.26 points behind"),
            (0.00571, "by the end of day 30 the two are level"),
        ],
    )
    def test_who_is_ahead_is_said(self, send, words):
        assert note_of(since(None, arms(31, send=send))).startswith(words)

    def test_a_share_of_nothing_is_plain(self):
        assert said(since(None, arms(3, send=0.0, control=0.001)))[0] == "contacted 0 %\n(0 % to 0.15 %)"


class TestEffectOverDays:
    def test_effects_are_points_in_the_order_of_days(self):
        table = stretches(5)
        ax = lasting(None, table.iloc[::-1])
        np.testing.assert_allclose(marked(ax, "o"), np.column_stack([range(5), 100 * table["difference"]]))
        upright = [
            line.get_ydata() for line in ax.lines if list(line.get_xdata()) in [[x, x] for x in range(5)]
        ]
        np.testing.assert_allclose(upright, 100 * table[["low", "high"]])
        assert labels(ax.xaxis) == ["0–6", "7–13", "14–20", "21–27", "28–34"]
        assert said(ax)[:5] == ["+0.50", "+0.33", "+0.15", "−0.03", "−0.20"]

    def test_solid_is_what_leaves_out_zero_on_either_side(self):
        assert filled(lasting(None, stretches(5)), "o") == [True, True, True, False, True]

    def test_zero_is_drawn_and_what_is_counted_is_named(self):
        ax = lasting(None, stretches(5), measure="orders")
        assert [list(line.get_ydata()) for line in ax.lines if line.is_dashed()] == [[0, 0]]
        assert ax.get_ylabel() == "Orders won per 100 customers"

    def test_many_stretches_are_drawn_without_numbers(self):
        ax = FIGURES["lasting a year"](None)
        assert len(marked(ax, "o")) == 52 and len(labels(ax.xaxis)) <= 12 and len(said(ax)) == 1

    def test_a_stretch_unknown_is_told(self):
        ax = FIGURES["lasting, one unknown"](None)
        assert said(ax)[:3] == ["+0.50", "not\nknown", "−0.20"] and labels(ax.xaxis)[0] == "0"


class TestSegmentEffects:
    def test_steadied_is_bold_and_alone_is_hollow_in_the_order_of_the_table(self):
        table = segments(3, whole=False)
        ax = whom(None, table)
        np.testing.assert_allclose(marked(ax, "D")[:, 0], 100 * table["pooled"])
        np.testing.assert_allclose(marked(ax, "o")[:, 0], 100 * table["difference"])
        np.testing.assert_allclose(bars(ax)[::2], 100 * table[["pooled_low", "pooled_high"]])
        np.testing.assert_allclose(bars(ax)[1::2], 100 * table[["low", "high"]])
        assert filled(ax, "D") == [True] * 3 and filled(ax, "o") == [False] * 3
        above, below = marked(ax, "D")[:, 1], marked(ax, "o")[:, 1]
        assert (above < below - 0.2).all() and list(np.round(above)) == list(np.round(below)) == [0, 1, 2]
        assert labels(ax.yaxis)[0] == "sleeping, one purchase\n1 customer" and np.diff(ax.get_ylim()) < 0

    def test_both_effects_are_said(self):
        words = said(whom(None, segments(3)))
        assert words[0] == "+0.70 (+0.40 to +1.00)\nalone +0.90 (+0.70 to +1.10)"
        assert words[2] == "+0.50 (+0.20 to +0.80)\nalone −0.20 (−6.20 to +5.80)"
        in_money = said(whom(None, segments(1, scale=2e3, whole=False), unit="money", currency="CNY"))
        assert in_money[0] == "¥14 (¥8 to ¥20)\nalone ¥18 (¥14 to ¥22)"

    def test_all_stands_below_a_line_and_is_said_once(self):
        ax = whom(None, segments(3))
        assert said(ax)[3] == "+0.60 (+0.40 to +0.80)" and labels(ax.yaxis)[3] == "all\n3,003 customers"
        across = ax.get_yaxis_transform()
        assert [line.get_ydata()[0] for line in ax.lines if line.get_transform() == across
                and line.get_marker() == "None"] == [2.5]  # fmt: skip

    def test_steadied_effects_keep_their_room_and_what_runs_on_ends_in_an_arrow(self):
        table = segments(12)
        ax = whom(None, table)
        low, high = ax.get_xlim()
        reach = 100 * (table["pooled_high"].max() - min(0, table["pooled_low"].min()))
        assert low < 0 and high > 100 * table["pooled_high"].max() and high - low < 2.5 * reach
        for arrow, runs_on in (("<", 100 * table["low"] < low), (">", 100 * table["high"] > high)):
            rows = np.flatnonzero(runs_on)
            assert len(rows) and list(np.round(marked(ax, arrow)[:, 1])) == list(rows)
        assert keyed(ax)[-1] == "runs on"

    def test_what_fits_has_no_arrow(self):
        table = segments(3)
        table[["difference", "low", "high"]] = table[["pooled", "pooled_low", "pooled_high"]] + 0.001
        ax = whom(None, table)
        assert not len(marked(ax, "<", ">")) and "runs on" not in keyed(ax)

    def test_a_segment_unknown_is_told(self):
        assert said(FIGURES["segments, one unknown"](None))[1] == "cannot be told"
        assert said(FIGURES["segments, none pooled"](None))[0] == "alone +0.9 (+0.7 to +1.1)"


class TestQini:
    @pytest.mark.parametrize("name", QINI)
    def test_words_lie_where_no_line_runs(self, name):
        ax = QINI[name](None)
        ax.figure.canvas.draw()
        lines = [ax.transData.transform(line.get_xydata()) for line in ax.lines if len(line.get_xdata()) > 9]
        words = [text.get_window_extent() for text in ax.texts if text.get_transform() == ax.transData]
        assert lines and len(words) > 1
        assert not [box for box in words for line in lines if any(box.contains(*point) for point in line)]

    def test_curves_count_per_hundred_and_only_the_first_has_a_band(self):
        curves = orders()
        ax = first(None, curves)
        lines = [line.get_xydata() for line in ax.lines if len(line.get_xdata()) == 101]
        for (_, rule), drawn in zip(curves.groupby("rule", sort=False), lines, strict=True):
            np.testing.assert_allclose(drawn, np.column_stack([rule["depth"], 100 * rule["gain"]]))
        (band,) = ax.collections
        learned = curves[curves["rule"] == "learned from the campaign"]
        ends = band.get_paths()[0].vertices[:, 1]
        assert ends.max() == pytest.approx(100 * learned["high"].max())
        assert ends.min() == pytest.approx(100 * learned["low"].min())

    def test_rules_are_named_in_the_order_of_what_they_won_at_30_per_cent(self):
        words = said(first(None, orders()))
        assert words[0] == "Won with the first 30 % contacted:"
        assert words[1:-1] == [
            "+0.39  learned from the campaign", "+0.36  bought this line before", "+0.33  response model",
            "+0.30  most recent first", "+0.29  highest past spend", "+0.20  by lot",
            "+0.10  most lapsed first",
        ]  # fmt: skip

    def test_each_name_has_the_stroke_of_its_line(self):
        ax = first(None, orders())
        won = {round(line.get_ydata()[30], 9): line for line in ax.lines if len(line.get_xdata()) == 101}
        dots = [line for line in ax.lines if line.get_marker() != "None" and len(line.get_xdata()) == 2]
        assert len(dots) == len(won) == len({line.get_marker() for line in dots})
        for dot in dots:
            x, y = dot.get_xydata()[0]
            line = won[round(y, 9)]
            assert x == pytest.approx(0.3) and line.get_color() == dot.get_color()
            key = next(other for other in ax.lines if list(other.get_ydata()) == [dot.get_ydata()[1]] * 2)
            assert key._dash_pattern[1] is None or len(key._dash_pattern[1]) == len(line._dash_pattern[1])
        strokes = {(line.get_color(), str(line._dash_pattern)) for line in won.values()}
        assert len(strokes) == len(won)

    def test_by_lot_is_dashed_and_has_no_area(self):
        words = said(first(None, orders(), ends=areas()))
        assert "+0.39  learned from the campaign\nbeyond lot, on average: +0.15 (+0.09 to +0.21)" in words
        assert "+0.20  by lot" in words
        assert "+0.10  most lapsed first\nbeyond lot, on average: −0.08 (−0.14 to −0.02)" in words

    def test_money_is_said_as_money(self):
        ax = QINI["orders in money"](None)
        assert ax.get_ylabel() == "Money won per 1,000 customers"
        assert "−¥1.12k  most lapsed first" in said(ax)
        assert first(None, orders()).get_ylabel() == "Buyers won per 100 customers"

    def test_six_rules_are_drawn_and_lot(self):
        many = {f"rule {i}": i / 1e4 for i in range(9)} | {"by lot": 0.0}
        ax = first(None, orders(many))
        assert len([line for line in ax.lines if len(line.get_xdata()) == 101]) == 7
        assert not any("rule 6" in words for words in said(ax)) and any(
            "by lot" in words for words in said(ax)
        )

    def test_money_is_not_counted_beside_the_words(self):
        curves = orders()
        ticks = first(None, curves, ends=areas()).get_yticks()
        assert len(ticks) > 2 and ticks.max() <= 100 * curves["high"].max() * 1.05
        assert ticks.min() >= 100 * curves["low"].min() - 0.05


class TestFunnel:
    def test_bars_are_shares_of_what_was_sent(self):
        table = messages(THREE)
        widths = np.array([bar.get_width() for bar in became(None, THREE).patches]).reshape(3, 7)
        np.testing.assert_allclose(widths, table.div(table["sent"], axis=0).fillna(0))

    def test_counts_and_shares_are_said_and_what_the_channel_cannot_tell(self):
        ax = became(None, THREE)
        assert said(ax)[:8] == [
            "sms", "12,000", "not known", "640 (5.3 %)", "31 (0.3 %)", "84 (0.7 %)", "3 (<0.1 %)",
            "290 (2.4 %)",
        ]  # fmt: skip
        assert said(ax)[8] == "wecom" and said(ax)[14] == "0 (0 %)"
        assert labels(ax.yaxis)[:7] == [*STEPS[:4], "opted out", "complained", "ordered"]

    def test_without_a_number_sent_there_is_a_count_alone(self):
        words = said(FIGURES["messages, odd"](None))
        assert words[8:11] == ["none sent", "0", "not known"]
        assert words[16:19] == ["push", "not known", "5"]

    def test_more_opened_than_sent_stays_in_sight(self):
        ax = FIGURES["messages, odd"](None)
        assert max(bar.get_width() for bar in ax.patches) < ax.get_xlim()[1]

    def test_two_rows_of_one_channel_are_kept_apart(self):
        table = pd.concat([messages({"sms": THREE["sms"]}), messages({"sms": THREE["email"]})])
        words = said(plots.funnel(table))
        assert words[1] == "12,000" and words[9] == "9,000"


class TestBalance:
    def test_dots_are_the_differences_and_bars_what_chance_gives(self):
        table = before(0.012, -0.034, 0.007)
        table["expected"] = [0.02, 0.03, 0.04]
        ax = alike(None, table)
        np.testing.assert_allclose(marked(ax, "o"), np.column_stack([table["difference"], range(3)]))
        spans = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in ax.containers[0]]
        np.testing.assert_allclose(spans, np.column_stack([-table["expected"], table["expected"]]))
        assert said(ax)[:3] == ["+0.01", "−0.03", "+0.01"]

    def test_beyond_a_tenth_differs_by_shape(self):
        ax = FIGURES["arms unlike"](None)
        np.testing.assert_allclose(marked(ax, "D")[1:3], [[-0.6, 1], [0.13, 2]])
        assert keyed(ax)[:2] == ["difference", "difference beyond 0.1"] and said(ax)[3] == "cannot be told"
        assert keyed(FIGURES["arms"](None))[:2] == ["difference", "alike: up to 0.1"]

    def test_the_band_is_always_in_sight(self):
        for name in ("arms", "arms unlike", "arms by one"):
            low, high = FIGURES[name](None).get_xlim()
            assert low < -0.1 < 0.1 < high and low == -high
