"""The figures of the season: they carry the table's numbers, whole and legible, and set nothing."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from clv import festivals, plots
from clv.language import speaking
from clv.plots import style
from every_figure import Legible, labels, said


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def weeks(n: int, *, first: str = "2024-07-01", whole: bool = True) -> pd.DataFrame:
    week = pd.date_range(first, periods=n, freq="7D")
    frame = pd.DataFrame({"week": week, "new_orders": np.arange(n) % 7 + 3, "returning_orders": 5})
    frame = frame.assign(unnamed_orders=0, new_money=250.5, returning_money=120.0, unnamed_money=10.0)
    return frame.assign(whole=[True] * (n - 1) + [whole])


def index(names: list[tuple[str, str, str]]) -> pd.DataFrame:
    rows = [
        {
            "name_zh": zh,
            "name": en,
            "who": who,
            "shared": shared,
            "factor": 1.1 + 0.2 * at + 0.1 * (who == "new"),
        }
        for at, (zh, en, shared) in enumerate(names)
        for who in ("returning", "new")
    ]
    table = pd.DataFrame(rows).assign(low=lambda t: t["factor"] * 0.8, high=lambda t: t["factor"] * 1.3)
    return table.assign(told=np.where(table["low"] > 1, "more", "cannot tell"))


def windows_of(n: int) -> pd.DataFrame:
    days = pd.date_range("2025-11-01", periods=n, freq="-60D")
    seen = np.linspace(120, 80, n)
    frame = pd.DataFrame({"day": days, "effective_days": np.linspace(68, 52, n), "bought": seen.astype(int)})
    return frame.assign(calendar=seen * 0.8, clock=seen * 1.05)


LONG = (
    "店庆二十周年感恩回馈老客户专场活动第二季",
    "The shop's twentieth anniversary, second season",
    "618、端午、父亲节、母亲节",
)
NAMES = [("七夕", "Qixi", ""), ("520", "520 Day", ""), ("父亲节", "Father's Day", "618"), LONG]
WIDE = index([("七夕", "Qixi", "")]).assign(low=1e-9, high=1e40, told="cannot tell")
FIGURES = {
    "weeks": lambda ax: plots.festival_weeks(weeks(104), festivals.table(), currency="CNY", ax=ax),
    "money by week": lambda ax: plots.festival_weeks(
        weeks(104), festivals.table(), what="money", currency="CNY", ax=ax
    ),
    "many years": lambda ax: plots.festival_weeks(weeks(420, first="2018-01-01"), festivals.table(), ax=ax),
    "one week": lambda ax: plots.festival_weeks(weeks(1, whole=False), festivals.table(), ax=ax),
    "weeks without festivals": lambda ax: plots.festival_weeks(
        weeks(70, first="1997-01-06"), festivals.table(), ax=ax
    ),
    "no orders": lambda ax: plots.festival_weeks(
        weeks(3).assign(new_orders=0, returning_orders=0), festivals.table(), ax=ax
    ),
    "index": lambda ax: plots.season_index(index(NAMES), ax=ax),
    "index of one": lambda ax: plots.season_index(index(NAMES[:1]).iloc[:1], ax=ax),
    "index that cannot tell": lambda ax: plots.season_index(WIDE, ax=ax),
    "no index": lambda ax: plots.season_index(index(NAMES).iloc[:0], ax=ax),
    "check": lambda ax: plots.season_check(windows_of(6), window=60, ax=ax),
    "check of one": lambda ax: plots.season_check(windows_of(1), window=7, ax=ax),
    "no check": lambda ax: plots.season_check(windows_of(0), window=60, ax=ax),
}


@pytest.mark.parametrize("draw", FIGURES.values(), ids=FIGURES.keys())
class TestEveryFigure(Legible):
    """Each figure here, by the checks that all figures share."""


def test_weeks_stack_returning_and_new_customers():
    table = weeks(20)
    returning, new = plots.festival_weeks(table, festivals.table()).containers
    assert [bar.get_height() for bar in returning] == table["returning_orders"].tolist()
    tops = [bar.get_y() + bar.get_height() for bar in new]
    assert tops == (table["new_orders"] + table["returning_orders"]).tolist()


def shaded(ax: Axes) -> list[Rectangle]:
    return [one for one in ax.patches if to_hex(one.get_facecolor()) == style.ORANGE]


def test_every_window_of_the_weeks_is_shaded_and_named():
    ax = plots.festival_weeks(weeks(20), festivals.table())
    known = festivals.table()
    near = known[(known["to"] >= "2024-07-01") & (known["from"] < pd.Timestamp("2024-11-18"))]
    assert len(shaded(ax)) == len(near) == 4
    assert set(said(ax)) == set(near["name"])
    with speaking("zh"):
        ax = plots.festival_weeks(weeks(20), festivals.table())
    assert set(said(ax)) == set(near["name_zh"]) == {"七夕", "中秋", "国庆", "双11"}


def test_a_week_that_is_not_over_is_said():
    assert "not over" in plots.festival_weeks(weeks(4, whole=False), festivals.table()).get_xlabel()


def test_factors_are_written_beside_their_festival():
    ax = plots.season_index(index(NAMES))
    assert labels(ax.yaxis)[:3] == ["七夕 Qixi", "520 Day", "父亲节 Father's Day\ndays shared with 618"]
    assert said(ax)[0] == "returning 1.1× (0.88 to 1.4)\nnew 1.2× (0.96 to 1.6)"


def test_what_cannot_be_told_is_hollow():
    ax = plots.season_index(index(NAMES))
    dots = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata())]
    hollow = [to_hex(line.get_markerfacecolor()) == style.PAPER for line in dots]
    assert hollow == index(NAMES)["told"].eq("cannot tell").tolist()


def test_an_interval_without_end_is_no_number():
    assert said(plots.season_index(WIDE))[0] == "returning cannot tell\nnew cannot tell"


def test_past_windows_show_what_came_beside_both_forecasts():
    table = windows_of(3)
    ax = plots.season_check(table, window=60)
    points = {line.get_label(): list(line.get_xdata()) for line in ax.lines}
    assert points["what happened"] == table["bought"].tolist()
    assert points["by the calendar"] == table["calendar"].tolist()
    assert points["with festivals"] == table["clock"].tolist()
    assert labels(ax.yaxis)[0] == "from 1 Nov 2025\ncounts as 68 days"
    assert said(ax)[0] == "120 came\nforeseen 96, 126"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("no index", "No festival is known in these years, or too few days are ordinary ones."),
        ("no check", "No past window has a year of orders before it, so nobody can tell."),
    ],
)
def test_where_there_is_nothing_to_draw_a_sentence_says_why(name, sentence):
    ax = FIGURES[name](None)
    assert not ax.axison and not ax.lines
    assert [words.replace("\n", " ") for words in said(ax)] == [sentence]
