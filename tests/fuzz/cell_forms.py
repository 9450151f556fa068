"""Money and moments as people, shops and spreadsheets write them, and what is none."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from fuzz.choices import Choices

MISSING = ["", "-", "NaN", "null", "　", "N/A", "\u200b", '=""', "'"]
NO_MONEY = [
    "12.00.00", "abc", "12,34", "1e", "=1+1", "@cmd", "+cmd|' /C calc'!A0", "12 34", "12\n34", "二十", "5)",
    "1,2345", "12元34", "¥12¥34", "5³", "①", "½", "1e400", "999999999999999999", "--5", "0x1F", "1_000", "(5",
    "inf", "true", "\u202e00.21", "12%", "1,234.5,6", "\u200b1\u200b2", "1'234", "2026-01-05", "12,5", "٫5",
]  # fmt: skip
NO_MOMENT = [
    "20215-01-01 10:00:00", "昨天", "2026-13-40", "99999", "1899-12-31", "2026/02/30", "2026-01-01 24:00:00",
    "2026/1/1 23:60", "26-01-05", "=NOW()", "12.5", "2026-01", "0000-00-00", "2026-06-30 18:05 PM", "-1",
    "2026-01-05 10:00:00+99:99", "20215", "20261301", "1e5", "2026", "9999-12-31 00:00:00", "2026\n01\n05",
]  # fmt: skip
_WIDE = {at: at + 0xFEE0 for at in range(0x21, 0x7F)}
_ARABIC = {ord(str(digit)): 0x660 + digit for digit in range(10)}


@dataclass(frozen=True)
class Money:
    """A cell of money, and the cents that it means: None where it means none."""

    text: str
    cents: int | None

    @property
    def bad(self) -> bool:
        """Whether something stands there that is no money."""
        return self.cents is None and self.text not in MISSING


def _plain(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"


def _grouped(cents: int) -> str:
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100:,}.{abs(cents) % 100:02}"


def _in_front(sign: str) -> Callable[[int], str]:
    return lambda cents: f"{'-' if cents < 0 else ''}{sign}{_grouped(abs(cents))}"


MONEY_FORMS: list[Callable[[int], str]] = [
    _plain,
    _grouped,
    _in_front("￥"),
    _in_front("¥ "),
    _in_front("RMB"),
    lambda cents: f"{_grouped(cents)}元",
    lambda cents: f"￥{_plain(cents)}",
    lambda cents: f"({_grouped(-cents)})" if cents < 0 else f"+{_plain(cents)}",
    lambda cents: _grouped(cents).replace(",", " "),
    lambda cents: _grouped(cents).replace(",", "\u00a0"),
    lambda cents: _grouped(cents).translate(_WIDE),
    lambda cents: _plain(cents).translate(_ARABIC),
    lambda cents: f'="{_plain(cents)}"',
    lambda cents: f"'{_plain(cents)}",
    lambda cents: f"\t {_plain(cents)}\u3000",
    lambda cents: f"\u202a{_plain(cents)}\u202c",
    lambda cents: f"{Decimal(cents) / 100:E}",
    lambda cents: f"000{_plain(abs(cents))}" if cents >= 0 else _plain(cents),
    lambda cents: str(cents // 100) if cents % 100 == 0 else _plain(cents) + "000",
    lambda cents: f"{_plain(cents)} CNY",
]


def _serial(at: datetime) -> str:
    days = (at - datetime(1899, 12, 30)) / timedelta(days=1)
    return f"{days:.9f}"


MOMENT_FORMS: list[Callable[[datetime], str]] = [
    lambda at: f"{at:%Y-%m-%d %H:%M:%S}",
    lambda at: f"{at.year}/{at.month}/{at.day} {at:%H:%M:%S}",
    lambda at: f"{at:%Y%m%d%H%M%S}",
    lambda at: f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}",
    lambda at: f"{at:%Y-%m-%dT%H:%M:%S}",
    lambda at: f"{at:%Y-%m-%d %H:%M:%S} +0800",
    lambda at: f"{at:%Y-%m-%d %H:%M:%S}Z",
    lambda at: f"{at:%Y-%m-%d %H:%M:%S}.000",
    lambda at: f"{at.year}.{at.month:02}.{at.day:02} {at:%H:%M:%S}",
    lambda at: f"\t{at:%Y-%m-%d %H:%M:%S} ",
    lambda at: f"{at:%Y-%m-%d %H:%M:%S}".translate(_WIDE | {0x20: 0x3000}),
    lambda at: f"{at:%Y/%m/%d %H:%M:%S}".translate(_ARABIC),
    lambda at: f'="{at:%Y-%m-%d %H:%M:%S}"',
    _serial,
]


def money(choose: Choices, cents: int) -> Money:
    """Return a cell that means so much money."""
    return Money(choose.of(MONEY_FORMS)(cents), cents)


def no_money(choose: Choices) -> Money:
    """Return a cell that means none."""
    return Money(choose.of(MISSING if choose.one_in(3) else NO_MONEY), None)


def moment(choose: Choices, at: datetime) -> str:
    """Return a cell that means a moment, to the second."""
    return choose.of(MOMENT_FORMS)(at)
