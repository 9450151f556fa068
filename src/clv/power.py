"""Power: how many customers a campaign needs to tell what it did, and what it can tell with those it has.

Two shares of buyers are compared, two-sided, each arm with its own variance: with z the sum of the normal
quantiles of 1 - alpha / 2 and of the power, the difference d is found when

    d >= z * sqrt(p0 (1 - p0) / control + p1 (1 - p1) / send),    p1 = p0 + d

(Chow, Shao & Wang 2008, Sample Size Calculations in Clinical Research, section 4.2). Shares are of one: 0.01
is one buyer among a hundred.
"""

import math

import numpy as np
import pandas as pd
from scipy.stats import norm

from clv.errors import SettingError
from clv.language import tell


def per_arm(p0: float, p1: float, *, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return the customers that each of two equal arms needs to tell p1 from p0.

    Raises
    ------
    SettingError
        A share, the power or alpha does not lie between 0 and 1, or p1 equals p0.
    """
    _check(p0=p0, p1=p1)
    if p0 == p1:
        raise SettingError(
            tell("p0 and p1 are both {p0}; no number of customers tells equal shares apart.", p0=p0)
        )
    return math.ceil(
        in_errors(power=power, alpha=alpha) ** 2 * (_variance(p0) + _variance(p1)) / (p1 - p0) ** 2
    )


def detectable(p0: float, *, send: int, control: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the smallest effect, p1 - p0, that arms of these sizes can tell from nothing.

    inf where even a campaign after which everybody buys could not be told.

    Raises
    ------
    SettingError
        p0, the power or alpha does not lie between 0 and 1, or an arm is empty.
    """
    _check(p0=p0)
    if min(send, control) < 1:
        raise SettingError(
            tell(
                "{send} are contacted and {control} left alone; each arm needs a customer.",
                send=send,
                control=control,
            )
        )
    squared = in_errors(power=power, alpha=alpha) ** 2
    # the inequality above, squared, is quadratic in d
    a = 1 + squared / send
    b = -squared * (1 - 2 * p0) / send
    c = -squared * _variance(p0) * (1 / send + 1 / control)
    found = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a)
    return found if p0 + found <= 1 else math.inf


def share_needed(
    p0: float, expected: float, *, customers: int, power: float = 0.8, alpha: float = 0.05
) -> float | None:
    """Return the smallest control share with which this many customers show the expected effect.

    None where not even half of them left alone would do, or no rise is expected.

    Raises
    ------
    SettingError
        p0, p0 + expected, the power or alpha does not lie between 0 and 1.
    """
    _check(p0=p0, p1=p0 + expected)
    z = in_errors(power=power, alpha=alpha)
    if expected <= 0:
        return None
    # with the share x: v0 / x + v1 / (1 - x) <= room, quadratic in x
    v0, v1, room = _variance(p0), _variance(p0 + expected), customers * expected**2 / z**2
    b = v1 - v0 - room
    root = b * b - 4 * room * v0
    if root < 0 or b > 0:
        return None
    share = 2 * v0 / (-b + math.sqrt(root))
    return share if share <= 0.5 else None


def customers_needed(
    p0: float, expected: float, *, control_share: float, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Return the customers, both arms together, with which the expected effect can be told.

    Raises
    ------
    SettingError
        A share, the power or alpha does not lie between 0 and 1, or no effect is expected.
    """
    _check(p0=p0, p1=p0 + expected, control_share=control_share)
    if expected == 0:
        raise SettingError(tell("no effect is expected; no number of customers shows it."))
    spread = _variance(p0) / control_share + _variance(p0 + expected) / (1 - control_share)
    return math.ceil(in_errors(power=power, alpha=alpha) ** 2 * spread / expected**2)


def curve(p0: float, *, customers: int, power: float = 0.8, alpha: float = 0.05) -> pd.DataFrame:
    """Return the smallest effect that can be told by the share left alone, from 1 % to 50 %.

    Returns
    -------
    control_share; detectable. Shares that would leave nobody alone are left out.
    """
    shares = np.arange(1, 51) / 100
    control = np.ceil(np.round(shares * customers, 6)).astype(int)
    held = (control >= 1) & (control < customers)
    terms = {"power": power, "alpha": alpha}
    found = [detectable(p0, send=customers - n, control=n, **terms) for n in control[held].tolist()]
    return pd.DataFrame({"control_share": shares[held], "detectable": np.array(found, dtype=float)})


def verdict(
    p0: float, expected: float, *, send: int, control: int, power: float = 0.8, alpha: float = 0.05
) -> str:
    """Return in a sentence whether a campaign with these arms can tell the effect that is expected.

    Raises
    ------
    SettingError
        As in `detectable` and `customers_needed`.
    """
    terms = {"power": power, "alpha": alpha}
    if expected <= 0:
        return tell("This campaign has nothing to tell: no rise in buyers is expected.")
    least = detectable(p0, send=send, control=control, **terms)
    sees = "it can see no effect at all" if math.isinf(least) else _compared(least, expected)
    if least <= expected:
        return tell("This campaign can tell: {sees}.", sees=sees)
    total = send + control
    share = share_needed(p0, expected, customers=total, **terms)
    if share is not None and share > control / total:
        return tell(
            "This campaign cannot tell: {sees}; with {ceil} % left alone it could.",
            sees=sees,
            ceil=math.ceil(share * 100),
        )
    needed = customers_needed(p0, expected, control_share=control / total, **terms)
    return tell(
        "This campaign cannot tell: {sees}; it would take {needed:,} customers.",
        sees=sees,
        needed=_round_up(needed),
    )


def _compared(least: float, expected: float) -> str:
    """Return both effects in words, with as many digits as it takes to tell them apart."""
    for digits in range(2, 7):
        words = [f"{100 * effect:#.{digits}g}".rstrip(".") for effect in (least, expected)]
        if words[0] != words[1]:
            break
    return tell(
        "the smallest effect it can see is {first} points, {words} are expected",
        first=words[0],
        words=words[1],
    )


def _round_up(number: int) -> int:
    unit = 10 ** max(len(str(number)) - 3, 0)
    return math.ceil(number / unit) * unit


def _variance(share: float) -> float:
    return share * (1 - share)


def in_errors(*, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return how many standard errors large an effect must be to be found this often, two-sided.

    Raises
    ------
    SettingError
        The power or alpha does not lie between 0 and 1, or alpha is not the lower.
    """
    _check(power=power, alpha=alpha)
    if power <= alpha:
        raise SettingError(
            tell(
                "the power is {power:g}; it should be higher than alpha, which is {alpha:g}.",
                power=power,
                alpha=alpha,
            )
        )
    return float(norm.ppf(1 - alpha / 2) + norm.ppf(power))


def _check(**shares: float) -> None:
    for name, share in shares.items():
        if not 0 < share < 1:
            raise SettingError(
                tell(
                    "{name} is {share:g}; it should lie between 0 and 1, neither included.",
                    name=name,
                    share=share,
                )
            )
