"""The figures: what is drawn is what the table says, nothing is missing, cut off or set for others."""

import ast
import logging
import re

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes

from clv import plots
from clv.language import speaking
from clv.plots import style
from every_figure import InBothLanguages, beyond_the_page
from language_texts import PACKAGE

CHINESE = "等待买家付款，交易关闭的足金999古法传承手镯（含工费）"


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def months(n: int, *, whole: bool = True) -> pd.DataFrame:
    month = pd.date_range("2024-07-01", periods=n, freq="MS")
    new, returning = np.linspace(100, 200, n), np.linspace(10, 300, n)
    frame = pd.DataFrame({"month": month, "orders": 5, "new_money": new, "returning_money": returning})
    frame = frame.assign(unnamed_money=0.0, refunded=1.0, refund_share=0.02, whole=True)
    frame.loc[n - 1, "whole"] = whole
    return frame.assign(money=new + returning)


def waterfall(reasons: dict[str, float], *, money_in: float = 1000.0) -> pd.DataFrame:
    rows, at = [("In the export", "total", money_in, 0.0, money_in)], money_in
    for reason, lost in reasons.items():
        rows.append((reason, "loss", lost, at, at - lost))
        at -= lost
    rows.append(("Kept by the shop", "total", at, 0.0, at))
    frame = pd.DataFrame(rows, columns=["step", "kind", "money", "start", "end"])
    return frame.assign(rows=1, orders=1, share=frame["money"] / money_in)


def hours(columns: int) -> pd.DataFrame:
    index = pd.Index(["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"])
    counts = pd.DataFrame(1, index=index, columns=range(columns))
    counts.iloc[6, columns - 1] = 5
    return counts


def retention(cohorts: int, *, share: float = 0.2, freq: str = "M") -> pd.DataFrame:
    rows = [
        (pd.Period("2024-07", freq) + i, 1000 + i, after, 1.0 if after == 0 else share)
        for i in range(cohorts)
        for after in range(cohorts - i)
    ]
    return pd.DataFrame(rows, columns=["cohort", "customers", "after", "share"])


def second_order(days: int, *, top: float = 0.3) -> pd.DataFrame:
    share = np.linspace(0, top, days + 1)
    frame = pd.DataFrame(
        {"day": np.arange(days + 1), "at_risk": 1234, "returned": int(top > 0), "share": share}
    )
    return frame.assign(low=share * 0.9, high=np.minimum(share * 1.1 + 0.01, 1))


def windows(shares: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "window": ["active", "silent", "sleeping", "lost"],
            "from_day": [0, 91, 181, 271],
            "to_day": pd.array([90, 180, 270, pd.NA], dtype="Int64"),
            "customers": [int(share * 1000) for share in shares],
            "customer_share": shares,
            "spend_share": shares[::-1],
        }
    )


def ladder(steps: int, *, share: float | None = None) -> pd.DataFrame:
    rows = []
    for i, step in enumerate(["1", "2", "3", "4+"][:steps]):
        for j, days in enumerate((30, 90, 180, 365)):
            rows.append((step, 1000 // (i + 1), days, 0.1 * (i + 1) + 0.05 * j if share is None else share))
    frame = pd.DataFrame(rows, columns=["step", "customers", "days", "share"])
    return frame.assign(low=frame["share"] * 0.9, high=frame["share"] * 1.1)


def curve(n: int) -> pd.DataFrame:
    x = np.linspace(0, 1, n + 1)
    return pd.DataFrame({"customer_share": x, "spend_share": 1 - (1 - x) ** 2})


def tracking() -> pd.DataFrame:
    day = np.arange(1, 101)
    frame = pd.DataFrame({"day": day, "actual": day * 2, "expected": day * 2.1})
    return frame.assign(expected_low=frame["expected"] * 0.9, expected_high=frame["expected"] * 1.1)


def calibration(n: int) -> pd.DataFrame:
    frame = pd.DataFrame(
        {"group": [str(i) for i in range(n)], "customers": 500, "actual": np.arange(n) * 1.0}
    )
    frame["expected"] = frame["actual"] + 0.1
    return frame.assign(low=frame["expected"] * 0.8, high=frame["expected"] * 1.2)


def matrix(rows: int, columns: int) -> pd.DataFrame:
    cells = np.linspace(0, 1, rows * columns).reshape(rows, columns)
    return pd.DataFrame(cells, index=range(rows), columns=np.arange(columns) * 14)


def bands() -> pd.DataFrame:
    frame = pd.DataFrame(
        {"band": ["under 0.02", "0.02 to 0.05", "0.05 to 0.1"], "customers": [700, 200, 100]}
    )
    return frame.assign(customer_share=[0.7, 0.2, 0.1], purchase_share=[0.1, 0.3, 0.6])


def deciles(**more: object) -> pd.DataFrame:
    frame = pd.DataFrame({"decile": range(1, 11), "clv": np.geomspace(9000, 10, 10)})
    return frame.assign(
        low=frame["clv"] * 0.8, high=frame["clv"] * 1.3, share=frame["clv"] / frame["clv"].sum(), **more
    )


def p_buy() -> pd.DataFrame:
    frame = pd.DataFrame(
        {"predicted": [0.02, 0.1, 0.4], "observed": [0.03, 0.09, 0.5], "customers": [900, 90, 9]}
    )
    return frame.assign(low=frame["observed"] * 0.5, high=frame["observed"] * 1.4)


def people(n: int, *, slipping: int) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"p_alive": rng.random(n), "value": rng.gamma(1, 500, n) + 1})
    frame["slipping"] = frame["value"].rank(ascending=False) <= slipping
    return frame.set_index(pd.Index([f"c_{i:012x}" for i in range(n)], name="customer_id"))


FIGURES = {
    "waterfall": lambda ax: plots.money_waterfall(waterfall({"unpaid": 300.0, "closed": 50.0}), ax=ax),
    "waterfall without losses": lambda ax: plots.money_waterfall(waterfall({}), currency="CNY", ax=ax),
    "waterfall without money": lambda ax: plots.money_waterfall(
        waterfall({}, money_in=0.0).assign(share=np.nan), ax=ax
    ),
    "waterfall in Chinese": lambda ax: plots.money_waterfall(
        waterfall({CHINESE: 300.0}), currency="CNY", ax=ax
    ),
    "months": lambda ax: plots.orders_by_month(months(24), currency="CNY", ax=ax),
    "one month": lambda ax: plots.orders_by_month(months(1, whole=False), ax=ax),
    "refunds": lambda ax: plots.refunds_by_month(months(13), ax=ax),
    "no refunds": lambda ax: plots.refunds_by_month(months(2).assign(refund_share=np.nan), ax=ax),
    "hours": lambda ax: plots.order_hours(hours(24), ax=ax),
    "days only": lambda ax: plots.order_hours(hours(1), ax=ax),
    "cohorts": lambda ax: plots.cohort_retention(retention(25), ax=ax),
    "cohorts that never return": lambda ax: plots.cohort_retention(retention(5, share=0.0), ax=ax),
    "one cohort": lambda ax: plots.cohort_retention(retention(1), ax=ax),
    "quarters": lambda ax: plots.cohort_retention(retention(9, freq="Q"), ax=ax),
    "second order": lambda ax: plots.second_order_curve(second_order(700), ax=ax),
    "second order, few days": lambda ax: plots.second_order_curve(second_order(12, top=1.0), ax=ax),
    "second order, nobody": lambda ax: plots.second_order_curve(second_order(400, top=0.0), ax=ax),
    "second order, no rows": lambda ax: plots.second_order_curve(second_order(9).iloc[:0], ax=ax),
    "windows": lambda ax: plots.recency_windows(windows([0.2, 0.1, 0.1, 0.6]), ax=ax),
    "one window": lambda ax: plots.recency_windows(windows([0.0, 0.0, 0.0, 1.0]), ax=ax),
    "ladder": lambda ax: plots.ladder(ladder(4), ax=ax),
    "one step": lambda ax: plots.ladder(ladder(1, share=0.0), ax=ax),
    "ladder without shares": lambda ax: plots.ladder(ladder(2, share=np.nan), ax=ax),
    "concentration": lambda ax: plots.concentration(curve(400), ax=ax),
    "one customer": lambda ax: plots.concentration(curve(1), ax=ax),
    "gaps": lambda ax: plots.repeat_gaps(pd.DataFrame({"gap": np.arange(1, 400)}), ax=ax),
    "one gap": lambda ax: plots.repeat_gaps(pd.DataFrame({"gap": [1]}), ax=ax),
    "no gaps": lambda ax: plots.repeat_gaps(pd.DataFrame({"gap": []}), ax=ax),
    "tracking": lambda ax: plots.holdout_tracking(tracking(), calibration_end=70, ax=ax),
    "calibration": lambda ax: plots.calibration(calibration(8), ax=ax),
    "calibration, one group": lambda ax: plots.calibration(calibration(1), ax=ax),
    "p alive": lambda ax: plots.p_alive_matrix(matrix(20, 40), ax=ax),
    "p alive, one cell": lambda ax: plots.p_alive_matrix(matrix(1, 1), ax=ax),
    "expected": lambda ax: plots.expected_purchases(bands(), days=90, ax=ax),
    "deciles": lambda ax: plots.clv_deciles(deciles(actual=500.0), currency="CNY", ax=ax),
    "deciles of nothing": lambda ax: plots.clv_deciles(
        deciles().assign(clv=0.0, low=0.0, high=0.0, share=0.0), ax=ax
    ),
    "p buy": lambda ax: plots.p_buy_calibration(p_buy(), days=90, ax=ax),
    "slipping": lambda ax: plots.slipping_away(people(800, slipping=40), currency="CNY", ax=ax),
    "nobody slipping": lambda ax: plots.slipping_away(people(30, slipping=0), ax=ax),
}


def words_of(ax: Axes) -> str:
    return " | ".join(text.get_text() for text in ax.findobj(mpl.text.Text) if text.get_text())


def annotations(ax: Axes) -> list[str]:
    return [text.get_text().replace("\u00a0", " ") for text in ax.texts if text.get_text()]


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(InBothLanguages):
    def test_is_drawn_whole_and_quietly(self, draw, caplog):
        with caplog.at_level(logging.WARNING):
            ax = draw(None)
            ax.figure.canvas.draw()  # a glyph that no font has would be a warning, and so an error, here
        assert not caplog.records
        assert ax.get_title(loc="left")
        assert not ax.axison or ax.get_xlabel() or ax.get_ylabel()
        assert ax.figure.get_figwidth() == style.WIDTH
        assert not beyond_the_page(ax)


class TestOrders:
    def test_waterfall_bars_are_the_steps(self):
        ax = plots.money_waterfall(
            waterfall({"unpaid": 300.0, "no money": 0.0, "closed": 50.0}), currency="CNY"
        )
        bars = [(bar.get_x(), bar.get_width()) for bar in ax.patches]
        assert bars == [(0, 1000), (700, 300), (650, 50), (0, 650)]
        assert annotations(ax) == ["¥1k", "−¥300  ·  30 %", "−¥50  ·  5.0 %", "¥650  ·  65 %"]

    def test_chinese_reasons_are_broken_into_lines(self):
        ax = plots.money_waterfall(waterfall({CHINESE: 300.0}))
        label = ax.get_yticklabels()[1].get_text()
        assert label.replace("\n", "") == CHINESE
        assert max(style.columns(line) for line in label.split("\n")) <= 30

    def test_months_stack_returning_and_new_money(self):
        table = months(24)
        ax = plots.orders_by_month(table, currency="CNY")
        returning, new = ax.containers
        np.testing.assert_allclose([bar.get_height() for bar in returning], table["returning_money"])
        np.testing.assert_allclose([bar.get_y() + bar.get_height() for bar in new], table["money"])
        assert [text.get_text() for text in ax.get_legend().get_texts()] == [
            "returning customers",
            "new customers",
        ]
        assert ax.get_xlabel() == ""
        assert ax.get_ylabel() == "Money kept per month (CNY)"

    def test_a_month_that_is_not_over_is_named(self):
        assert plots.orders_by_month(months(3, whole=False)).get_xlabel() == "Sep 2024 (pale) is not over"

    def test_month_labels_name_each_year_once(self):
        labels = [text.get_text() for text in plots.refunds_by_month(months(24)).get_xticklabels()]
        assert labels[0] == "Jul\n2024"
        assert [label for label in labels if "\n" in label.strip()] == ["Jul\n2024", "Jan\n2025", "Jan\n2026"]

    def test_hours_are_shares_and_the_busiest_is_named(self):
        ax = plots.order_hours(hours(24))
        cells = ax.collections[0].get_array()
        assert cells.sum() == pytest.approx(1)
        assert "busiest hour: Sunday, 23:00 to 24:00" in words_of(ax)


class TestCustomers:
    def test_retention_writes_per_cents_and_sizes(self):
        ax = plots.cohort_retention(retention(4, share=0.123))
        assert sum(text.get_text() == "12" for text in ax.texts) == 3 + 2 + 1
        labels = [text.get_text() for text in ax.get_yticklabels()]
        assert labels[0].startswith("2024-07") and labels[0].endswith("1,000")

    def test_second_order_marks_the_horizons_it_has(self):
        ax = plots.second_order_curve(second_order(200, top=0.4))
        assert [words.split(":")[0] for words in annotations(ax) if "days:" in words] == [
            "30 days",
            "90 days",
            "180 days",
        ]
        assert "90 days: 18 %" in annotations(ax)

    def test_windows_show_customers_beside_money(self):
        ax = plots.recency_windows(windows([0.2, 0.1, 0.1, 0.6]))
        heights = [[bar.get_height() for bar in bars] for bars in ax.containers]
        assert heights == [[0.2, 0.1, 0.1, 0.6], [0.6, 0.1, 0.1, 0.2]]
        labels = [text.get_text() for text in ax.get_xticklabels()]
        assert labels[0] == "active\nup to 90 days\n200 customers"
        assert labels[3] == "lost\nfrom day 271\n600 customers"

    def test_ladder_has_a_line_for_each_horizon(self):
        ax = plots.ladder(ladder(4))
        assert [text.get_text() for text in ax.get_legend().get_texts()] == [
            "30 days",
            "90 days",
            "180 days",
            "365 days",
        ]
        assert {"10 %", "25 %", "40 %", "55 %"} <= set(annotations(ax))

    def test_ladder_says_where_it_cannot_say(self):
        table = ladder(3)
        table.loc[table["step"] == "3", ["share", "low", "high"]] = np.nan
        assert annotations(plots.ladder(table)).count("too few to say") == 1

    def test_concentration_reads_the_curve(self):
        words = annotations(plots.concentration(curve(400)))
        assert "top 10 % bring 19 %" in words and "top 20 % bring 36 %" in words

    def test_concentration_of_few_customers_names_no_part_of_one(self):
        words = annotations(plots.concentration(curve(8)))
        assert [word for word in words if word.startswith("top")] == ["top 20 % bring 36 %"]

    def test_gaps_count_all_but_the_longest(self):
        gap = np.concatenate([np.repeat([5, 50, 90], 100), [3000]])
        ax = plots.repeat_gaps(pd.DataFrame({"gap": gap}))
        assert sum(bar.get_height() for bar in ax.patches) == 300
        assert "half within 50 days" in annotations(ax)
        assert "longest 1 % (to 3,000 days)" in words_of(ax)


class TestValues:
    def test_tracking_draws_both_lines_and_where_the_model_stopped_seeing(self):
        ax = plots.holdout_tracking(tracking(), calibration_end=70)
        lines = {line.get_label(): line for line in ax.lines}
        assert lines["what happened"].get_ydata()[-1] == 200
        assert lines["model (shaded: 90 % band)"].get_ydata()[-1] == 210
        assert any(list(line.get_xdata()) == [70, 70] for line in ax.lines)

    def test_tracking_takes_dates(self):
        table = tracking().assign(day=pd.date_range("2026-01-01", periods=100))
        ax = plots.holdout_tracking(table, calibration_end=pd.Timestamp("2026-03-01"))
        ax.figure.canvas.draw()
        assert ax.get_xticklabels()[0].get_text() == "Jan"
        assert ax.get_xlabel() == "1 Jan 2026 to 10 Apr 2026"

    def test_calibration_puts_the_model_over_what_happened(self):
        ax = plots.calibration(calibration(5))
        assert [bar.get_height() for bar in ax.patches] == [0, 1, 2, 3, 4]
        assert ax.lines[0].get_ydata() == pytest.approx([0.1, 1.1, 2.1, 3.1, 4.1])
        assert ax.get_xticklabels()[2].get_text() == "2\n500"

    def test_p_alive_has_frequent_buyers_on_top(self):
        ax = plots.p_alive_matrix(matrix(3, 4))
        assert ax.collections[0].get_array()[0].tolist() == matrix(3, 4).iloc[2].tolist()
        labels = {text.get_position()[1]: text.get_text() for text in ax.get_yticklabels()}
        assert labels == {0.5: "2", 1.5: "1", 2.5: "0"}

    def test_deciles_carry_their_shares_and_what_happened(self):
        ax = plots.clv_deciles(deciles(actual=77.0), currency="CNY")
        assert ax.patches[0].get_height() == 9000
        assert len([words for words in annotations(ax) if "%" in words]) == 10
        assert "what happened" in [text.get_text() for text in ax.get_legend().get_texts()]
        assert "what happened" not in words_of(plots.clv_deciles(deciles()))

    def test_p_buy_dots_are_the_bins(self):
        ax = plots.p_buy_calibration(p_buy(), days=90)
        dots = ax.collections[-1].get_offsets()
        np.testing.assert_allclose(dots, p_buy()[["predicted", "observed"]])

    def test_slipping_names_the_most_valuable(self):
        table = people(800, slipping=40)
        named = annotations(plots.slipping_away(table, currency="CNY"))
        best = table.loc[table["slipping"], "value"].idxmax()
        assert best in named


class TestStyle:
    def test_a_price_in_a_name_is_no_formula(self):
        ax = plots.money_waterfall(waterfall({"gift $5 to $9_box": 300.0}), currency="USD")
        ax.figure.canvas.draw()
        assert ax.get_yticklabels()[1].get_text() == "gift $5 to $9_box"
        assert not ax.get_yticklabels()[1].get_parse_math()

    @pytest.mark.parametrize(
        ("value", "currency", "words"),
        [
            (0, None, "0"),
            (999, "CNY", "¥999"),
            (999.9, "CNY", "¥1k"),
            (1234567, "CNY", "¥1.23M"),
            (-12345, "USD", "−$12.3k"),
            (2.5e9, "CHF", "CHF 2.5bn"),
            (7.5e12, None, "7,500bn"),
        ],
    )
    def test_money(self, value, currency, words):
        assert style.money(value, currency=currency) == words

    @pytest.mark.parametrize(
        ("share", "words"),
        [(0, "0"), (0.0004, "<0.1"), (0.031, "3.1"), (0.0996, "10"), (0.5, "50"), (1, "100")],
    )
    def test_percent(self, share, words):
        assert style.percent(share) == f"{words}\u00a0%"

    def test_wrap_keeps_every_character(self):
        for text in (CHINESE, "one two three four", "足金 ring 999", "", "x" * 50):
            assert style.wrap(text, 10).replace("\n", "").replace(" ", "") == text.replace(" ", "")

    def test_ticks_made_later_keep_the_chinese_font(self):
        ax = plots.recency_windows(windows([0.2, 0.1, 0.1, 0.6]))
        ax.set_xticks([0, 1], [CHINESE, CHINESE])
        ax.figure.canvas.draw()
        assert ax.get_xticklabels()[0].get_fontfamily() == style.theme()["font.family"]


WORDS = re.compile(r"[a-z]{2,}\W* | \W*[a-z]{2,}")


@pytest.mark.parametrize("path", sorted((PACKAGE / "plots").glob("*.py")), ids=lambda path: path.stem)
def test_no_words_are_put_together_where_nobody_translates_them(path):
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    strings = [node for node in nodes if isinstance(node, ast.JoinedStr)]
    pieces = [part.value for node in strings for part in node.values if isinstance(part, ast.Constant)]
    assert not [piece for piece in pieces if WORDS.search(piece)]


class TestChinese:
    @pytest.mark.parametrize(
        ("value", "currency", "words"),
        [
            (0, None, "0"),
            (340.4, "USD", "$340"),
            (9876, "CNY", "¥9,876"),
            (9999, "CNY", "¥1万"),
            (1234567, "CNY", "¥123万"),
            (-12345678, "CNY", "−¥1,235万"),
            (1.2e8, None, "1.2亿"),
            (7.5e12, "CNY", "¥7.5万亿"),
        ],
    )
    def test_money_goes_by_ten_thousands(self, value, currency, words):
        with speaking("zh"):
            assert style.money(value, currency=currency) == words

    def test_shares_and_days(self):
        moment = pd.Timestamp("2026-07-01")
        with speaking("zh"):
            assert [style.percent(share) for share in (0.27, 0.031, 0.0001)] == ["27%", "3.1%", "<0.1%"]
            assert (style.month(moment), style.day(moment)) == ("2026年7月", "2026年7月1日")
            assert style.period(pd.Period("2026-07", "M")) == "7月\n2026年"
            assert style.count(120_000) == "12万" and style.count(9_500) == "9,500"
        assert (style.month(moment), style.day(moment)) == ("Jul 2026", "1 Jul 2026")

    def test_numbers_drawn_later_stay_in_the_language_of_the_figure(self):
        with speaking("zh"):
            ax = plots.orders_by_month(months(3).assign(new_money=2e6), currency="CNY")
        ax.figure.canvas.draw()
        assert "¥200万" in [label.get_text() for label in ax.get_yticklabels()]

    def test_dates_on_an_axis(self):
        with speaking("zh"), style.canvas(None, height=3) as ax:
            ax.plot(pd.date_range("2025-11-03", periods=200), np.arange(200))
            style.date_axis(ax.xaxis)
        ax.figure.canvas.draw()
        names = [label.get_text() for label in ax.get_xticklabels()]
        assert "2026年" in names and "2月" in names

    def test_a_closing_mark_never_begins_a_line(self):
        for width in range(4, 30):
            lines = style.wrap(CHINESE, width).split("\n")
            assert not [line for line in lines if line[0] in "，。；：）"]
            assert not [line for line in lines if line[-1] in "（《"]
