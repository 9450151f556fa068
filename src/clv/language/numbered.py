"""Words with numbers in them: "within 90 days" is told as "within {0} days", whatever the number."""

import re
from collections.abc import Mapping

NUMBER = re.compile(r"(?:(?<!\w)[+−-])?\d[\d,]*(?:\.\d+)?")


def told(text: str, words: Mapping[str, str]) -> str | None:
    """Return what the words have for the text without its numbers, with these put back; None for nothing.

    >>> told("44% to 53%", {"{0}% to {1}%": "{0}% 至 {1}%"})
    '44% 至 53%'
    """
    text = text.replace("\u00a0", " ")
    numbers = NUMBER.findall(text)
    if not numbers or "{" in text:
        return None
    places = iter(range(len(numbers)))
    found = words.get(NUMBER.sub(lambda _: f"{{{next(places)}}}", text))
    return None if found is None else found.format(*numbers)
