"""Words that say where a customer stands: gone or here, new or loyal, big or small; English and Chinese.

Each saying rules out one end of one axis, and only that end. Somebody called lost may have bought a while or
long ago, but is not among those who bought last. Whether the middle of an axis is well named is taste, not
fault: the eleven-segment map calls 311 and 422 new customers, which is bold and contradicts nothing.
"""

import re
from dataclasses import dataclass
from typing import Literal

# What turns a word round: "not active", "potential loyalist", "more than one purchase"; 未流失, 潜在忠诚.
_TURNS = ("not", "never", "no longer", "less", "formerly", "previously", "once", "potential", "than")
_UNTURNED = "".join(rf"(?<!\b{word} )" for word in _TURNS) + r"\b"
_UNTURNED_ZH = "(?<![不未非无防曾])(?<!潜在)"
_NEW, _NEW_ZH = r"new(?:comers?)?\b", "新(?:客|会员|用户|买家|增)|^新$"
_NO_MORE, _NO_MORE_ZH = "(?! or | to )", "(?!以上|及|或|至)"


@dataclass(frozen=True)
class Saying:
    """What some words say about an axis.

    Attributes
    ----------
    pattern
        The words, to be looked for in a name that `plain` has cleaned.
    columns
        The columns that they speak of.
    never
        The end of the axis that they cannot stand for: the 'best' level or the 'worst'.
    name_says, cells_say
        The two halves of the contradiction.
    """

    pattern: re.Pattern[str]
    columns: tuple[str, ...]
    never: Literal["best", "worst"]
    name_says: str
    cells_say: str

    def is_in(self, *names: str) -> bool:
        """Return whether one of the names has such a word."""
        return any(self.pattern.search(plain(name)) for name in names)


def plain(name: str) -> str:
    """Return a name in small letters, with single blanks, and without what stands in brackets.

    >>> plain("At_Risk (old  map)")
    'at risk'
    """
    outside = re.sub(r"[(（\[【][^)）\]】]*[)）\]】]", " ", name)
    return " ".join(re.sub(r"[\s_‐-]+", " ", outside).casefold().split())


def _words(en: str, zh: str) -> re.Pattern[str]:
    return re.compile(f"{_UNTURNED}(?:{en})|{_UNTURNED_ZH}(?:{zh})")


_SILENCE = ("days_since_last",)
_TIMES = ("purchases", "orders")
_MONEY = ("total_spend", "mean_purchase")

SAYINGS = (
    Saying(
        _words(
            r"inactive\b|not active|no longer active|lost\b|asleep|sleep(?:ing|ers?|y)?\b|hibernat|dormant"
            r"|silent|churn|lapsed|gone\b|at risk|win ?back|call back|recall|reactivat",
            "不活跃|流失|沉睡|睡眠|休眠|沉默|唤回|唤醒|召回",
        ),
        _SILENCE, "best", "they have stayed away", "those who bought most recently",
    ),
    Saying(
        _words(rf"active\b|recent|current\b|champion|{_NEW}", f"活跃|近期|冠军|{_NEW_ZH}"),
        _SILENCE, "worst", "they were here lately", "those who have been silent longest",
    ),
    Saying(
        _words(
            rf"{_NEW}|first time|one time|bought once|(?:one|single) (?:purchase|order)\b{_NO_MORE}",
            rf"{_NEW_ZH}|首购|首单|一次性|单次|(?<!\d)1次{_NO_MORE_ZH}|购买一次{_NO_MORE_ZH}",
        ),
        _TIMES, "best", "they have hardly bought yet", "those who bought most often",
    ),
    Saying(
        _words(
            r"champion|loyal|repeat|frequent|regulars?\b",
            "冠军|忠诚|忠实|(?<![待促])复购|回头客|常客|高频",
        ),
        _TIMES, "worst", "they buy again and again", "those who bought least often",
    ),
    Saying(
        _words(r"low (?:value|spend)|small spend", "低价值|低消费"),
        _MONEY, "best", "they spend little", "those who spent most",
    ),
    Saying(
        _words(r"champion|high (?:value|spend)|(?:top|big) spend", "冠军|高价值|高消费|大客户"),
        _MONEY, "worst", "they spend much", "those who spent least",
    ),
)  # fmt: skip
