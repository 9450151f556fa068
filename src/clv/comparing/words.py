"""What is to be said of shops that were compared, in sentences."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from clv.comparing.differences import Comparison
from clv.comparing.measures import MEASURES
from clv.language import label, tell
from clv.told import together

FEW = 5  # shops whose places are told one by one


def told(fact: str, value: float, low: float, high: float, *, currency: str = "") -> str:
    """Return a fact with its interval, as fine as the interval allows.

    >>> told("active", 0.2143, 0.2018, 0.2273), told("money", 458834.3, 385422.1, 542616.0, currency="CNY")
    ('21.4 % (20.2–22.7)', '460,000 CNY (390,000–540,000)')
    """
    if not np.isfinite(value):
        return "–"
    times, end = _scale(fact, currency)
    if not (np.isfinite(low) and np.isfinite(high)):
        return f"{_number(value * times, abs(value * times))}{end}"
    wide = (high - low) * times
    value, low, high = (_number(number * times, wide) for number in (value, low, high))
    return f"{value}{end} ({low}–{high})"


def difference(fact: str, value: float, low: float, high: float) -> str:
    """Return a difference with its interval: in points, or as a part of what it is compared with.

    >>> difference("active", 0.0218, -0.001, 0.044), difference("money", 0.16, -0.22, 0.74)
    ('+2.2 points (−0.1 to +4.4)', '+16 % (−22 to +74)')
    """
    if not np.isfinite(value):
        return "–"
    end = {"share": " points", "index": ""}.get(MEASURES[fact].unit, " %")
    times = 1 if MEASURES[fact].unit == "index" else 100
    value, low, high = (_number(one * times, (high - low) * times, sign="+") for one in (value, low, high))
    return f"{value}{end} ({low} to {high})"


def moved(before: object, now: object, unit: str) -> str:
    """Return a recorded value and what became of it.

    >>> moved(0.2143, 0.25, "share"), moved(1234.5, 1300.0, "CNY"), moved("nbd", "mbgnbd", "")
    ('21.4 → 25.0 %', '1,234 → 1,300 CNY', 'nbd → mbgnbd')
    """
    end = "%" if unit == "share" else unit
    return f"{_plain_value(before, unit)} → {_plain_value(now, unit)} {end}".rstrip()


def _plain_value(value: object, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value
    value = value * 100 if unit == "share" else value
    return _number(value, min(abs(value) / 10, 10))


def change(value: float, low: float, high: float, unit: str) -> str:
    """Return the change of a recorded value, with its interval where it has one; empty for text."""
    if not np.isfinite(value):
        return ""
    times, end = (100, " points") if unit == "share" else (1, "")
    sure = np.isfinite(low) and np.isfinite(high)
    wide = (high - low) * times if sure else min(abs(value * times), 10)
    ends = [_number(one * times, wide, sign="+") for one in (value, low, high) if np.isfinite(one)]
    return f"{ends[0]}{end} ({ends[1]} to {ends[2]})" if sure else f"{ends[0]}{end}"


def headline(found: Comparison, words: Mapping[str, str]) -> str:
    """Return in how many facts shops can be told apart, and in which they cannot."""
    told_apart = set(found.pairs.loc[found.pairs["apart"], "fact"])
    yes = [words[key] for key in found.facts.index if key in told_apart]
    no = [words[key] for key in found.facts.index if key not in told_apart]
    if found.facts.empty:
        return tell("There are no two shops that know the same fact, so nothing can be compared.")
    if not yes:
        return tell(
            "Nothing tells the shops apart: in none of {no} facts is a difference more than noise.",
            no=len(no),
        )
    rest = tell("; in {no} the differences are noise", no=together(no)) if no else ""
    return tell("Some shops differ beyond noise in {yes}{rest}.", yes=together(yes), rest=rest)


def standing(found: Comparison, fact: str, *, words: str, names: Mapping[str, str]) -> str:
    """Return which shops stand above which in a fact, and which cannot be told apart.

    Parameters
    ----------
    names
        What each shop is called.
    """
    rows = found.shops[found.shops["fact"] == fact]
    apart = found.pairs[(found.pairs["fact"] == fact) & found.pairs["apart"]]
    if apart.empty:
        ends = [_plain(fact, end) for end in (rows["value"].min(), rows["value"].max())]
        noise = "no two shops can be told apart" if len(rows) > 2 else "the two shops cannot be told apart"
        return tell(
            "{words}: {noise}; {first} to {ends} is within noise.",
            words=words,
            noise=noise,
            first=ends[0],
            ends=ends[1],
        )
    said = _few(rows, apart, names) if len(rows) <= FEW else _many(rows, apart, names)
    return tell("{words}: {said}.", words=words, said=said)


def few_named(names: Sequence[str]) -> str:
    """Return what holds of shops of whose orders few name the buyer."""
    return tell(
        "Fewer than half of the orders name the buyer at {names}: new customers are the known "
        "ones alone, and what is said of customers is said of those few.",
        names=together(names),
    )


def money_sentence(currencies: Mapping[str, str]) -> str:
    """Return whether money can be compared; `currencies` by shop, empty where unknown."""
    kinds = sorted(set(currencies.values()))
    if len(currencies) == 1:
        return ""
    if kinds == [""]:
        return tell("In which currency the shops count is not known, so no money is compared, only ratios.")
    if len(kinds) == 1:
        return tell("All shops count in {first}, so the money of an order is compared too.", first=kinds[0])
    named = together([kind or "a currency that is not known" for kind in kinds])
    return tell(
        "The shops count in {named}, so no money is compared, only ratios; the parameter shops "
        "can name those of one currency.",
        named=named,
    )


def _few(rows: pd.DataFrame, apart: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return for each shop those that it stands above, shops above the same ones together."""
    above: dict[tuple[str, ...], list[str]] = {}
    for row in rows.itertuples():
        mine = set(apart.loc[apart["shop"] == row.shop, "other"])
        lower = tuple(shop for shop in rows["shop"] if shop in mine)
        if lower:
            above.setdefault(lower, []).append(f"{names[row.shop]} ({_plain(row.fact, row.value)})")
    said = [
        tell(
            "{higher} are above {lower}" if higher[1:] else "{higher} is above {lower}",
            higher=together(higher),
            lower=together([names[one] for one in lower]),
        )
        for lower, higher in above.items()
    ]
    return tell("; ").join([*said, *_rest(rows, apart)])


def _rest(rows: pd.DataFrame, apart: pd.DataFrame) -> list[str]:
    """Return what is to be said of the pairs that cannot be told apart, if there are any."""
    shops, pairs = len(rows), len(apart)
    if pairs == shops * (shops - 1) // 2:
        return []
    alone = [side for side in ("shop", "other") if apart[side].nunique() == 1 and pairs == shops - 1]
    return [
        tell("the other {shops:,} cannot be told apart", shops=shops - 1)
        if alone
        else tell("all other differences are noise")
    ]


def _many(rows: pd.DataFrame, apart: pd.DataFrame, names: Mapping[str, str]) -> str:
    """Return who is above or below at least half of the others."""
    half = (len(rows) - 1) / 2
    sides = [
        (tell("{side} at least half of the others", side=side), rows[rows[side] >= half])
        for side in ("above", "below")
    ]
    said = [
        tell("{words}: {shops}", words=words, shops=together([names[one] for one in who["shop"]]))
        for words, who in sides
        if len(who)
    ]
    rest = len(rows) - sum(len(who) for _, who in sides)
    said.append(
        tell("{rest:,} in between", rest=rest)
        if said
        else tell("{apart:,} pairs can be told apart, nobody stands out", apart=len(apart))
    )
    return tell("; ").join(said)


def _plain(fact: str, value: float) -> str:
    times, end = _scale(fact, "")
    return f"{_number(value * times, abs(value * times))}{end}"


def _scale(fact: str, currency: str) -> tuple[float, str]:
    """Return by what a fact is multiplied where people read it, and what follows the number."""
    unit = MEASURES[fact].unit
    return (
        (100.0, " %") if unit == "share" else (1.0, f" {label(currency)}".rstrip() if unit == "money" else "")
    )


def _number(value: float, wide: float, *, sign: str = "") -> str:
    """Write a number to about two digits of a range of this width."""
    fine = int(min(1 - np.floor(np.log10(wide)), 3)) if wide > 0 else 2
    value, digits = round(value, fine), max(fine, 0)
    number = round(value, digits) or 0.0
    return f"{number:{sign if number else ''},.{digits}f}".replace("-", "−")
