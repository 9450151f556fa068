"""Figures of a campaign that was measured: when people bought, what it earned, whether the effect lasts."""

from functools import partial

import pandas as pd
from matplotlib.axes import Axes

from clv.language import tell
from clv.plots import style
from clv.plots.effects import Ends, decimals, interval, plain_axis, signed, told
from clv.plots.offers import DASHED, beside, few_digits, row_ticks
from clv.plots.segments import row_height

_NAME = 30  # columns of a row's name in one line
_MOST = 12  # stretches of days with a number each; the words of more would touch
_ARMS = (("send", style.BLUE, "-"), ("control", style.MUTED, (0, (4, 1.5))))
_WORDS = 0.36  # inches that two lines of words need


def buyers_since(table: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw which share of each arm has bought by each day since sending.

    `table`: index day (0: the day of sending); send, send_low, send_high (share of those contacted who have
    bought by the end of that day, 95 %), control, control_low, control_high (of those left alone).
    """
    rows = table.dropna(subset=["send", "control"]).sort_index()
    with style.canvas(ax, height=3.8 if len(rows) else 2) as ax:
        if rows.empty:
            style.title(ax, tell("When did they buy?"))
            style.nothing(ax, tell("No day since sending has been counted, so nobody can have bought yet."))
            return ax
        held = rows.iloc[[*range(len(rows)), -1]]
        days = [*rows.index, rows.index[-1] + 1]  # each day lasts until the next, the last one too
        for arm, colour, dashes in _ARMS:
            band = held[[f"{arm}_low", f"{arm}_high"]].to_numpy().T
            ax.fill_between(days, *band, step="post", color=colour, alpha=0.16, lw=0)
            ax.plot(days, held[arm], drawstyle="steps-post", color=colour, ls=dashes)
        top = max(rows[["send", "control", "send_high", "control_high"]].max().max(), 0.0001)
        ax.set(xlim=(days[0], days[-1]), ylim=(0, 1.05 * top))
        digits = decimals(100 * (rows["send_high"] - rows["send_low"]).iloc[-1])
        _name_arms(ax, rows.iloc[-1], digits=digits)
        style.count_axis(ax.xaxis)
        style.percent_axis(ax.yaxis)
        ax.set(xlabel=tell("Days since sending"), ylabel=tell("Share that has bought"))
        ax.grid(axis="y")
        note = tell("{ahead}; shaded: 95\u00a0% interval", ahead=_ahead(rows, digits=digits))
        style.title(ax, tell("When did they buy?"), note=note)
    return ax


def _name_arms(ax: Axes, last: pd.Series, *, digits: int) -> None:
    """Name both lines at their right ends, the words apart where the lines are not."""
    (left, right), (_, top) = ax.get_xlim(), ax.get_ylim()
    room = _WORDS * top / (ax.bbox.height / ax.figure.dpi)
    middle, half = last[["send", "control"]].mean(), max(abs(last["send"] - last["control"]), room) / 2
    lower = max(middle - half, room / 2)  # the words stay above the ticks
    lowest_first = ["control", "send"] if last["send"] >= last["control"] else ["send", "control"]
    heights = dict(zip(lowest_first, (lower, max(middle + half, lower + room)), strict=True))
    for arm, colour, _ in _ARMS:
        to_words = [right, right + 0.025 * (right - left)]
        ax.plot(to_words, [last[arm], heights[arm]], color=colour, lw=0.8, clip_on=False)
        words = told(last[[arm, f"{arm}_low", f"{arm}_high"]], partial(_share, digits=digits), gap="\n")
        look = {"va": "center", "fontsize": 8.5, "transform": ax.get_yaxis_transform()}
        name = tell("contacted {share}" if arm == "send" else "left alone {share}", share=words)
        ax.text(1.03, heights[arm], name, **look)


def _share(share: float, *, digits: int) -> str:
    return style.percent(share, digits=digits if round(share * 100, digits) else 0)


def _ahead(rows: pd.DataFrame, *, digits: int) -> str:
    """Say which arm is ahead on the last day."""
    gap = round(100 * (rows["send"].iloc[-1] - rows["control"].iloc[-1]), digits)
    day, points = rows.index[-1], f"{abs(gap):.{digits}f}"
    if gap > 0:
        return tell(
            "by the end of day {day:,} those contacted are {points} points ahead", day=day, points=points
        )
    if gap < 0:
        return tell(
            "by the end of day {day:,} those contacted are {points} points behind", day=day, points=points
        )
    return tell("by the end of day {day:,} the two are level", day=day)


def planned_and_found(table: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw what the campaign was planned to earn and what was found, each with its interval.

    `table`: index what it is and how sure its interval is ("planned: the plan's forecast, 5 to 95 %",
    "found: …"), in the order drawn; value, low, high (money, the whole campaign's profit beyond what had come
    anyway). Rows that are planned are hollow; what is missing cannot be told.
    """
    labels = [style.wrap(style.word(name), _NAME) for name in table.index]
    question, known = tell("Did the campaign earn what was planned?"), table["value"].notna().any()
    high = 1.4 + row_height(labels, least=0.5) * max(len(labels), 2)
    with style.canvas(ax, height=high if known else 2) as ax:
        if not known:
            style.title(ax, question)
            style.nothing(
                ax, tell("Nothing was planned and nothing was found, so there is nothing to compare.")
            )
            return ax
        for y, (name, *ends) in enumerate(table[["value", "low", "high"]].itertuples()):
            look = ("s", style.MUTED, False) if _is(name, "planned") else ("D", style.BLUE, True)
            interval(ax, y, ends, **dict(zip(("marker", "colour", "bold"), look, strict=True)))
            beside(ax, y, told(ends, partial(few_digits, currency=currency), gap="\n"))
        ax.axvline(0, **DASHED, zorder=0)
        row_ticks(ax, labels)
        ax.margins(x=0.05)
        style.money_axis(ax.xaxis, currency=currency)
        ax.set_xlabel(tell("Profit that the campaign added (bar: its interval; dashed: 0)"))
        style.title(ax, question, note=_compared(table))
    return ax


def _is(name: object, kind: str) -> bool:
    return str(name).startswith(kind)


def _compared(table: pd.DataFrame) -> str:
    """Say how the first forecast lies to the first interval that was found."""
    rows = [table[[_is(name, kind) for name in table.index]] for kind in ("planned", "found")]
    if any(row.empty or row[["value", "low", "high"]].iloc[0].isna().any() for row in rows):
        return tell("what contacts added, beyond what had come anyway")
    planned, found = (row.iloc[0] for row in rows)
    if found["low"] <= planned["value"] <= found["high"]:
        return tell("what was planned lies within the interval of what was found")
    meet = found["low"] <= planned["high"] and planned["low"] <= found["high"]
    if found["high"] < planned["value"]:
        less = tell("less was found than was planned")
    else:
        less = tell("more was found than was planned")
    return less + tell("; the two intervals overlap" if meet else "; the two intervals do not meet")


def effect_over_days(table: pd.DataFrame, *, measure: str = "buyers", ax: Axes | None = None) -> Axes:
    """Draw what the campaign changed in each stretch of days since sending.

    `table`: first_day, last_day (0: the day of sending), difference (share of those contacted less share of
    those left alone, within the stretch), low, high (95 %). `measure`: what is counted, in the plural.
    Solid are the stretches whose interval leaves out 0.
    """
    rows = table.sort_values("first_day", kind="stable").reset_index(drop=True)
    effects = rows[["difference", "low", "high"]] * 100
    known, question = effects["difference"].notna(), tell("Does the effect last?")
    with style.canvas(ax, height=3.7 if known.any() else 2) as ax:
        if not known.any():
            style.title(ax, question)
            style.nothing(ax, tell("No stretch of days has been counted, so there is no effect to follow."))
            return ax
        digits = decimals((effects["high"] - effects["low"]).median())
        for x, ends in enumerate(effects.itertuples(index=False)):
            sure = ends.low > 0 or ends.high < 0
            interval(ax, x, ends, marker="o", colour=style.BLUE, bold=sure, across=False)
            if len(rows) <= _MOST:
                _above(ax, x, ends, digits=digits)
        ax.axhline(0, **DASHED, zorder=0)
        names = [_days(row) for row in rows.itertuples()]
        shown = style.few(names, most=_MOST)
        ax.set_xticks(shown, [names[x] for x in shown])
        ax.set_xlim(-0.6, len(rows) - 0.4)
        ax.margins(y=0.13)
        plain_axis(ax.yaxis)
        won = tell("{measure} won per 100 customers", measure=style.word(measure.capitalize()))
        ax.set(xlabel=tell("Days since sending"), ylabel=won)
        ax.grid(axis="y")
        note = tell("bar: 95\u00a0% interval, solid where it leaves out 0; below 0: fewer than if left alone")
        style.title(ax, question, note=note)
    return ax


def _above(ax: Axes, x: int, ends: Ends, *, digits: int) -> None:
    value, _, high = ends
    words = tell("not\nknown") if pd.isna(value) else signed(value, digits=digits)
    top = next((end for end in (high, value) if pd.notna(end)), 0)
    look = {"ha": "center", "va": "bottom", "fontsize": 8.5, "bbox": style.HALO}
    ax.annotate(words, (x, top), (0, 5), textcoords="offset points", **look)


def _days(row: object) -> str:
    return f"{row.first_day:.0f}" + (f"–{row.last_day:.0f}" if row.last_day > row.first_day else "")
