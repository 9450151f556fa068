"""Where rules come from: a file, the short `tiers:` of a shop file, the shop's own spending, other rules."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd

from clv.declaring import strict_yaml, texts
from clv.declaring.settings import Settings, validated
from clv.errors import NoAnswerError, SettingError
from clv.language import tell
from clv.tiering import qualifying
from clv.tiering.contract import Benefits, Membership, Supposed, Tier

FILE_ENDINGS = (".yml", ".yaml")
_ROUND = np.array([1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10])  # what people like thresholds to begin with


def load(path: Path | str) -> Membership:
    """Return the rules in a file.

    Raises
    ------
    SettingError
        The file is missing, is not YAML, or says what rules cannot say; with the line.
    """
    path = Path(path)
    if path.suffix.lower() not in FILE_ENDINGS:
        raise SettingError(
            tell("{path!r} should end in .yml; it is to be a file of membership rules.", path=path.name)
        )
    try:
        text = texts.read(path)
    except FileNotFoundError:
        raise SettingError(tell("there is no file of membership rules {path!r}.", path=path.name)) from None
    except UnicodeDecodeError:
        raise SettingError(tell("{path} is not UTF-8 text; save it as UTF-8.", path=path.name)) from None
    except OSError as error:
        raise SettingError(
            tell("{path} cannot be read: {strerror}.", path=path.name, strerror=error.strerror)
        ) from None
    return parse(text, file=path.name)


def parse(text: str, *, file: str = "the rules") -> Membership:
    """Return the rules that a YAML text says; `file` is how errors call the text. Raises as `load`."""
    try:
        data, root = strict_yaml.read(text)
    except SettingError as error:
        raise SettingError(f"{file}, {error}") from None
    if not isinstance(data, dict):
        raise SettingError(
            tell("{file} is empty or no mapping; it should begin with 'by: spend'.", file=file)
        )

    def where(steps: tuple[str | int, ...]) -> str:
        lines = (strict_yaml.line(root, steps[:n]) for n in range(len(steps), 0, -1))
        line = next(filter(None, lines), None)
        return tell("{file}, line {line}", file=file, line=line) if line else file

    return validated(Membership, data, noun="key", where=where)


def of_thresholds(thresholds: Mapping[str, float]) -> Membership:
    """Return the rules that a shop file's `tiers: {name: money of the last year}` stands for.

    Money of the last 365 days; one rises at once, and at each month's end falls to what fits.

    Raises
    ------
    SettingError
        There is no tier, or two begin at the same money.
    """
    ordered = sorted(thresholds.items(), key=lambda one: one[1])
    return _made([{"name": name, "from": float(start)} for name, start in ordered])


def proposed(orders: pd.DataFrame, *, until: date | str, shares: Sequence[float] = (0.2, 0.05)) -> Membership:
    """Return rules by which about these shares of a year's buyers would hold a tier or a higher one.

    Thresholds are round numbers. It is a proposal: nothing says that these tiers earn anything.

    Parameters
    ----------
    orders
        An ORDERS table.
    shares
        Of the customers with an order in the last 365 days, largest first.

    Raises
    ------
    NoAnswerError
        Fewer than 20 customers bought in that year, or spending differs too little for so many tiers.
    SettingError
        The shares do not fall, or do not lie between 0 and 1.
    """
    if not all(0 < share < 1 for share in shares) or any(a <= b for a, b in pairwise(shares)):
        raise SettingError(
            tell("shares is {shares}; give falling parts of one, such as [0.2, 0.05].", shares=list(shares))
        )
    found = qualifying.bought(orders, until=until)
    spend = qualifying.units(found, of_thresholds({"any": 1})).on(found.until)
    spend = spend[spend > 0]
    if len(spend) < 20:
        raise NoAnswerError(
            tell(
                "{spend} customer(s) bought in the last year; tiers need at least 20 to be proposed.",
                spend=len(spend),
            )
        )
    starts = [_rounded(start) for start in np.quantile(spend, [1 - share for share in shares])]
    if any(low >= high for low, high in pairwise(starts)):
        raise NoAnswerError(tell("customers spend too much alike for so many tiers; ask for fewer."))
    return _made([{"name": f"Tier {n}", "from": start} for n, start in enumerate(starts, start=1)])


def _rounded(value: float) -> float:
    size = 10.0 ** np.floor(np.log10(value))
    return float(round(_ROUND[np.abs(_ROUND - value / size).argmin()] * size, 10))


def _made(tiers: list[dict[str, object]]) -> Membership:
    values = {
        "by": "spend",
        "window": {"rolling_days": qualifying.SHORT},
        "upgrade": "at_once",
        "downgrade": "to_fit",
        "review": "monthly",
        "tiers": tiers,
    }
    return validated(Membership, values, noun="key", where=lambda _: "tiers")


def assuming(rules: Membership, *, discount: float) -> Membership:
    """Return the rules with a discount assumed: this for the highest tier, evenly less for those below.

    A lowest tier that everybody holds is given nothing. Nobody was given these discounts, so what was paid is
    the price before them.

    Parameters
    ----------
    discount
        Share of the price, 0 up to 1.
    """
    steps = max(len(rules.tiers) - 1 - rules.lowest, 1)
    shares = [discount * (rank - rules.lowest) / steps for rank in range(len(rules.tiers))]
    return _with(rules, [{"benefits": Benefits(discount=share)} for share in shares], kind=Supposed)


def scaled(rules: Membership, *, by: float) -> Membership:
    """Return the rules with every threshold multiplied: 1.1 raises `from` and `keep` by a tenth.

    Counts of orders and months are rounded up, and moved apart where two of them fall together.

    Raises
    ------
    SettingError
        The factor is not above 0.
    """
    if not 0 < by < float("inf"):
        raise SettingError(tell("thresholds cannot be multiplied by {by!r}; give a number above 0.", by=by))
    starts, keeps = rules.starts * by, rules.keeps * by
    if rules.by != "spend":
        place = np.arange(len(starts))
        starts, keeps = (np.ceil(amounts.round(9)) for amounts in (starts, keeps))
        if rules.by == "activity":
            starts = np.minimum(starts, rules.most_months - place[::-1])
        starts = np.maximum.accumulate(starts - place) + place
        keeps = np.minimum(keeps, starts)
    moved = zip(starts.round(4).tolist(), keeps.round(4).tolist(), strict=True)
    return _with(rules, [{"from": start, "keep": keep} for start, keep in moved], kind=type(rules))


def _with(rules: Membership, changes: list[dict[str, object]], *, kind: type[Membership]) -> Membership:
    """Return the rules with each tier changed, and checked again."""
    tiers = [
        Tier.model_validate(_values(tier) | change) for tier, change in zip(rules.tiers, changes, strict=True)
    ]
    return validated(kind, _values(rules) | {"tiers": tiers}, noun="key", where=lambda _: "moved tiers")


def _values(settings: Settings) -> dict[str, object]:
    return {name: getattr(settings, name) for name in type(settings).model_fields}
