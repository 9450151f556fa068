"""Invented names, phones, addresses, mails, ids: each given out once, each found again however it is written.

Nobody has them: what makes a value easy to find is a sign, a street or a row of digits that nothing else in
the kit or its samples uses. The programs under test know none of these marks.
"""

import re
import unicodedata
from collections.abc import Callable
from itertools import count

FULL_WIDTH = str.maketrans({chr(sign): chr(sign + 0xFEE0) for sign in range(0x21, 0x7F)})
_SURNAMES, _GIVEN = "王李张刘陈杨黄赵吴周", "衍泽晗昀菡萱睿琛玥钰"


def _phone(n: int) -> str:
    return f"1380571{n:04}"


def _card(n: int) -> str:
    return f"33010619900307{n:04}"


FORMS: dict[str, Callable[[int], str]] = {
    "phone": _phone,
    "phone with blanks": lambda n: f"138 0571 {n:04}",
    "phone with strokes": lambda n: f"138-0571-{n:04}",
    "phone with its country": lambda n: f"+86 {_phone(n)}",
    "phone in full width": lambda n: _phone(n).translate(FULL_WIDTH),
    "landline": lambda n: f"0571-8805{n:04}",
    "mail": lambda n: f"li.{n}@sekretmail.cn",
    "mail in full width": lambda n: f"li{n}@sekretmail.cn".translate(FULL_WIDTH),
    "id card": _card,
    "WeChat id": lambda n: f"wxid_sekret{n:04}",
    "WeChat name": lambda n: f"微信号：sekret{n:04}",
    "labelled name": lambda n: f"收货人：{_name(n)}",
    "polite name": lambda n: f"{_name(n)}女士",
    "address": lambda n: f"浙江省杭州市西湖区翠屏藏路{n}号2幢301室",
    "name": lambda n: _name(n),
}
OF_A_FORM = tuple(form for form in FORMS if form not in ("name", "polite name"))  # told from a word of goods
MARKS = {
    "phone": r"1380571\d{4}",
    "landline": r"05718805\d{4}",
    "mail": r"sekretmail",
    "id card": r"33010619900307",
    "WeChat": r"sekret\d{4}",
    "name": r"翀",
    "address": r"翠屏藏路",
    "Latin name": r"xavierson",
}
_MARK = re.compile("|".join(f"(?:{mark})" for mark in MARKS.values()))
_BETWEEN = re.compile(r"(?<=\w)[\s\-_.·,，()（）\u200b-\u200f\u2060\ufeff]+(?=\w)")


def _name(n: int) -> str:
    return f"{_SURNAMES[n % 10]}翀{_GIVEN[n // 10 % 10]}"


class Planter:
    """Gives out values, each once, and remembers where each went."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self.where: dict[str, str] = {}

    def __call__(self, form: str, where: str) -> str:
        """Return a new value of a form."""
        value = FORMS[form](next(self._numbers) % 10_000)
        self.where[value] = f"{where} ({form})"
        return value


def plain(text: str) -> str:
    """Return text as marks are looked for in it: no full-width forms, no capitals, nothing between signs."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold())


def found_in(text: str) -> list[str]:
    """Return what of the planted stands in a text, each once, with a few signs around it."""
    bare = plain(text)
    return sorted({bare[max(0, hit.start() - 12) : hit.end() + 4] for hit in _MARK.finditer(bare)})
