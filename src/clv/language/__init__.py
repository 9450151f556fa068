"""Every text that a person reads, in the language of the reader.

    tell("{rows:,} rows were left out.", rows=3)    → the sentence in the language that is spoken now
    label("days_since_last")                        → a word of our tables in that language, else as it is
    speak("zh")                                     → from now on, in this process (a kernel, a command)
    with speaking("zh"): …                          → here only (a page that a batch writes in a thread)

The English stands in the code, where it is read together with what it says; every other language in one
folder of catalogues (`zh/*.po`, the format of GNU gettext, which translators' tools read). A text that a
catalogue does not have comes in English; a test finds those. A translation may order and format its
placeholders as it likes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from string import Formatter
from typing import Any, Literal, get_args

from clv.language import catalogue, numbered

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
_QUOTED = 200  # characters of a text that a sentence quotes
_QUOTED_PATH = 1000  # one that is cut could not be copied

_process: Language = "en"
_here: ContextVar[Language | None] = ContextVar("clv_language", default=None)


def spoken() -> Language:
    """Return the language of texts that are told now."""
    return _here.get() or _process


def speak(language: str) -> None:
    """Tell everything from now on in this language: a kernel's, a command's, of one reader each.

    Raises
    ------
    ValueError
        We do not speak it.
    """
    global _process
    _process = checked(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Tell everything in this language until the block ends, in this thread only."""
    before = _here.set(checked(language))
    try:
        yield
    finally:
        _here.reset(before)


def checked(language: str) -> Language:
    """Return the language if we speak it; else a ValueError."""
    if language not in LANGUAGES:
        raise ValueError(f"there is no language {language!r}; known: {', '.join(LANGUAGES)}")
    return language


def tell(text: str, /, **values: Any) -> str:
    """Return the text in the language spoken now, with `{name:format}` replaced as str.format does.

    Text among the values is told as `label` does, unless its format says that it is none of ours: `{shop:s}`.
    Days without a format come as 2026-06-30, in Chinese as 2026年6月30日. Of a long text that is quoted,
    `{name!r}`, the beginning is told.

    >>> tell("{rows:,} rows were left out.", rows=1234)
    '1,234 rows were left out.'
    """
    found = translated(text)
    return fill(found, values) if values else found


def translated(text: str) -> str:
    """Return the text or template in the language spoken now; in English where the catalogue lacks it."""
    return catalogue.sentences(spoken()).get(text, text)


def label(word: str) -> str:
    """Return a word of ours in the language spoken now; any other comes back as it is.

    Words of tables come first; one with numbers in it may stand there without them: "within {0} days".
    """
    words = catalogue.labels(spoken())
    return words.get(word) or numbered.told(word, words) or translated(word)


def fill(template: str, values: Mapping[str, Any], *, escape: Callable[[str], str] = str) -> str:
    """Return the template with its placeholders replaced, each value escaped after formatting."""
    return _Filled(escape).vformat(template, (), values)


class _Filled(Formatter):
    def __init__(self, escape: Callable[[str], str]) -> None:
        self._escape = escape

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        if conversion == "r" and isinstance(value, str):
            longest = _QUOTED_PATH if {"/", "\\"} & set(value) else _QUOTED
            value = value if len(value) <= longest else f"{value[:longest]}…"
        return super().convert_field(value, conversion)

    def format_field(self, value: Any, format_spec: str) -> str:
        return self._escape(_written(value, format_spec))


def _written(value: Any, format_spec: str) -> str:
    if spoken() == "zh" and not format_spec:
        if isinstance(value, str):
            return label(value)
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, date):  # moments are days too
            return f"{value.year}年{value.month}月{value.day}日"
    return format(value, format_spec)
