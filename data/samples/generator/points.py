"""The points of members: what they earned, used and lost, ending with the points that members.csv names.

Points of purchases are valid to the end of the twelfth month after, those of check-ins and shares to the end
of the third. What is used is taken from the points that expire first. Purchases are those of the orders. As
members.csv came first, the ledger is led to its points: who has fewer than the last year earned uses the rest
bit by bit, and once more at the end; who has more gets lapsed points back within the last ten months, valid
until the day that members.csv names.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from generator import calendar, csvfile, people
from generator.members import Shape

CHECKS_IN, SHARES, A_MONTH = 0.25, 0.10, 0.8  # parts of the members, and how often they do so
CHECK_IN, SHARE = 5, 20  # points
USES = 0.7  # chance that who uses points does so at a purchase
SMALLEST = 20  # points that anybody uses at once
LOTTERY = 0.15  # part of the uses that are lots
HANDS, BY_HAND = 10, 50  # members who got points by hand, and how many
BUSY, BUSY_DAYS = 2, 150  # shares a day, and for how long, of the one member who overdid it
AT_END, BACK = 240, 300  # last days in which points are used to come out right, or given back
LOST = pd.Timedelta(minutes=5)  # after midnight, when the platform writes down what expired
DUPLICATES, BELOW_0, TOO_EARLY, NO_NUMBER = 6, 2, 1, 1
_DAY = pd.Timedelta(days=1)
_END = calendar.LAST_DAY + _DAY
_FAR = pd.Timestamp("2099-12-31")  # the last day of points that never expire

OURS = {
    "customer_id": "customer_id", "at": "at", "kind": "kind", "points": "points", "reason": "reason",
    "expires_on": "expires_on",
}  # fmt: skip
YOUZAN = {
    "customer_id": "客户手机号", "at": "变动时间", "kind": "变动类型", "points": "变动积分",
    "reason": "变动原因", "expires_on": "过期时间",
}  # fmt: skip
KINDS = {"earned": "获得", "used": "使用", "expired": "过期", "adjusted": "调整"}
REASONS = {
    "purchase": "购物", "check-in": "签到", "share": "分享", "paid with": "抵现", "gift": "兑换礼品",
    "lottery": "抽奖", "expired": "积分过期", "by hand": "客服补偿", "given back": "积分恢复",
}  # fmt: skip


@dataclass
class _Account:
    """One member's points while they are drawn: what is there, by last day, and the rows so far."""

    customer: int
    there: list[tuple[pd.Timestamp, int]] = field(default_factory=list)
    rows: list[tuple] = field(default_factory=list)

    def balance(self) -> int:
        return sum(points for _, points in self.there)

    def expire(self, now: pd.Timestamp) -> None:
        """Let points expire whose last day is over, in one row a day."""
        over = [one for one in self.there if one[0] + _DAY <= now]
        self.there = self.there[len(over) :]
        for last in dict.fromkeys(last for last, _ in over):
            points = sum(points for day, points in over if day == last)
            self.rows.append((self.customer, last + _DAY + LOST, "expired", points, "expired", pd.NaT))

    def earn(self, now: pd.Timestamp, points: int, reason: str, last: pd.Timestamp) -> None:
        self.there = sorted([*self.there, (last, points)])
        kind = "adjusted" if reason == "by hand" else "earned"
        named = pd.NaT if reason == "by hand" else last
        self.rows.append((self.customer, now, kind, points, reason, named))

    def use(self, now: pd.Timestamp, points: int, reason: str) -> None:
        left, wanted = [], points
        for last, there in self.there:
            taken = min(there, wanted)
            wanted -= taken
            left += [(last, there - taken)] if there > taken else []
        self.there = left
        self.rows.append((self.customer, now, "used", points - wanted, reason, pd.NaT))


def draw(shape: Shape, members: pd.DataFrame, bought: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return every change: customer (number), at, kind, points, reason, expires_on, by time.

    `members`: as `members.draw` returns them. `bought`: customer, paid_at, value of every purchase.
    """
    earned = _earned(shape, members, bought, rng)
    columns = ["at", "points", "reason", "expires_on"]
    by_customer = dict(iter(earned.set_index("customer")[columns].groupby(level=0)))
    named = members.set_index("customer")[["points", "points_expire_on"]]
    rows = []
    for customer, (points, last) in zip(named.index, named.itertuples(index=False), strict=True):
        if customer in by_customer:
            history = list(by_customer[customer].itertuples(index=False, name=None))
            rows += _lived(customer, history, points, last, rng).rows
    columns = ["customer", "at", "kind", "points", "reason", "expires_on"]
    found = pd.DataFrame(rows, columns=columns)
    found = found[found["points"] > 0]
    return found.sort_values(["at", "customer"], kind="stable", ignore_index=True)


def _earned(
    shape: Shape, members: pd.DataFrame, bought: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Return what members earn: customer, at, points, reason, expires_on, by time."""
    buyers = members[members["customer"].isin(bought["customer"])]
    own = bought[bought["customer"].isin(buyers["customer"])]
    points = (own["value"] * shape.points_per_yuan).round().astype(int).clip(lower=1)
    of_orders = {"customer": own["customer"], "at": own["paid_at"], "points": points, "reason": "purchase"}
    parts = [pd.DataFrame(of_orders)]
    for reason, share, each in (("check-in", CHECKS_IN, CHECK_IN), ("share", SHARES, SHARE)):
        some = buyers[rng.random(len(buyers)) < share]
        days = (_END - some["since"]).dt.days.to_numpy()
        times = rng.poisson(A_MONTH * days / 30)
        parts.append(_at_random(some["customer"].repeat(times), days.repeat(times), each, reason, rng))
    busy = buyers["customer"].sample(1, random_state=rng).repeat(BUSY * BUSY_DAYS)
    parts.append(_at_random(busy, np.full(len(busy), BUSY_DAYS), SHARE, "share", rng))
    lucky = buyers["customer"].sample(HANDS, random_state=rng)
    parts.append(_at_random(lucky, np.full(HANDS, 300), BY_HAND, "by hand", rng))
    found = pd.concat(parts).sort_values(["at", "customer"], kind="stable", ignore_index=True)
    months = np.where(found["reason"] == "purchase", 12, 3)
    last = (found["at"].dt.to_period("M") + months).dt.end_time.dt.normalize()
    return found.assign(expires_on=last.mask(found["reason"] == "by hand", _FAR))


def _at_random(
    who: pd.Series, days: np.ndarray, points: int, reason: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return gifts of points at random moments of each customer's last `days`."""
    seconds = (rng.random(len(who)) * days * 86400).astype(int) + 1
    at = _END - pd.to_timedelta(seconds, unit="s").as_unit("s")
    return pd.DataFrame({"customer": who.to_numpy(), "at": at, "points": points, "reason": reason})


def _lived(customer: int, history: list[tuple], points: int, last: str, rng: np.random.Generator) -> _Account:
    """Return a member's account that ends with so many points.

    At purchases some use the part of what is there that leads nearest to them, from above; what is still too
    much is used at a moment after the last purchase, and what is too little was given back at one.
    """
    lots = rng.random(len(history))
    part = _largest(lambda part: _run(customer, history, part, lots).balance() >= points, 1.0, steps=9)
    bought = max(at for at, _, reason, _ in history if reason == "purchase")
    more = _run(customer, history, part, lots).balance() - points
    first = max(bought, _END - pd.Timedelta(days=AT_END if more > 0 else BACK))
    at = (first + (_END - first) * rng.random()).floor("s")
    reason = "lottery" if rng.random() < LOTTERY else "gift"
    if more < 0:
        return _run(customer, history, part, lots, (at, -more, "given back", pd.Timestamp(last)))
    for when in (at, max(history[-1][0], at) + pd.Timedelta(seconds=1)):
        account = _led_to(points, (customer, history, part, lots), when, reason)
        if account.balance() == points:
            break
    return account


def _led_to(points: int, life: tuple, when: pd.Timestamp, reason: str) -> _Account:
    """Return the account in which points are used at a moment, and at least so many are left at the end."""
    use = _most(lambda count: _run(*life, (when, count, reason, None)).balance() >= points)
    return _run(*life, (when, use, reason, None))


def _run(
    customer: int, history: list[tuple], part: float, lots: np.ndarray, extra: tuple | None = None
) -> _Account:
    """Return the account after all that was earned, with a part used at purchases, and one change more."""
    account = _Account(customer)
    lot_of = dict(zip(history, lots, strict=True))
    events = history if extra is None else sorted([*history, extra], key=lambda one: one[0])
    for event in events:
        at, points, reason, last = event
        account.expire(at)
        if last is None:
            account.use(at, points, reason)
            continue
        used = int(account.balance() * part)
        if reason == "purchase" and used >= SMALLEST and lot_of[event] < USES:
            account.use(at - pd.Timedelta(minutes=1), used, "paid with")
        account.earn(at, points, reason, last)
    account.expire(_END)
    return account


def _largest(holds: Callable[[float], bool], most: float, *, steps: int) -> float:
    """Return the largest number from 0 to `most`, to 2 ** -steps of it, for which something holds."""
    low, high = 0.0, most
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _most(holds: Callable[[int], bool]) -> int:
    """Return the largest whole number below 2 ** 16 for which something holds."""
    found = 0
    for bit in (1 << n for n in reversed(range(16))):
        found += bit if holds(found + bit) else 0
    return found


def write(folder: Path, shape: Shape, rows: pd.DataFrame, rng: np.random.Generator, *, signed: bool) -> None:
    """Write points.csv with some dirt; `signed` as Youzan words it, else our headers, no rows of expiry."""
    rows = rows if signed else rows[rows["kind"] != "expired"].reset_index(drop=True)
    minus = np.where(rows["kind"].isin(["used", "expired"]), "-", "+") if signed else ""
    cells = pd.DataFrame(
        {
            "customer_id": shape.ids(rows["customer"]),
            "at": csvfile.stamps(rows["at"]),
            "kind": rows["kind"],
            "points": pd.Series(minus, index=rows.index, dtype=object) + rows["points"].astype(str),
            "reason": rows["reason"],
            "expires_on": rows["expires_on"].dt.strftime("%Y-%m-%d").fillna(""),
        }
    ).astype(object)
    cells = _with_dirt(cells, rng)
    if signed:
        cells = cells.assign(kind=cells["kind"].map(KINDS), reason=cells["reason"].map(REASONS))
    headers = YOUZAN if signed else OURS
    csvfile.write(
        cells.rename(columns=headers), [*headers.values()], folder / "points.csv", encoding=shape.encoding
    )


def _with_dirt(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add rows that stand twice, and rows that cannot be right beside the one that is."""
    earned = cells.index[(cells["kind"] == "earned") & (cells["expires_on"] != "")]
    twice = people.some(DUPLICATES, cells.index, rng)
    below, early, odd = (people.some(count, earned, rng) for count in (BELOW_0, TOO_EARLY, NO_NUMBER))
    wrong = [
        cells.loc[below].assign(points="-30", reason="share"),
        cells.loc[early].assign(expires_on="2023-12-31"),
        cells.loc[odd].assign(points="一百"),
    ]
    return pd.concat([cells, cells.loc[twice], *wrong]).sort_index(kind="stable")
