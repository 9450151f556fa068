"""The words of a table in the reader's language: headers, and cells that are ours.

Whatever no catalogue has (a shop's product, a customer) stays as it is. Where one word means different
things, the catalogue of labels has it with the name of its column as context (a header's is "header"):
"share" is a part of something, and as a "reason" what a customer did.
"""

import re

from clv.language import label, spoken

MINUS = re.compile(r"(?<![\w.\-])-(?=[\d.])")


def header(name: str) -> str:
    """Return a column's name for people: in their language, or with blanks for underscores."""
    blank, joined = name.replace("_", " "), name.replace(" ", "_")
    forms = (f"header: {name}", name, blank, joined)
    return next((told for told in map(_found, forms) if told is not None), blank)


def cell(text: str, *, column: str) -> str:
    """Return a cell for people, if it is a word or a sentence of ours; else the text."""
    if spoken() == "en" or not text:
        return text
    by_context = f"{column}: {text}"
    told = label(by_context)
    return told if told != by_context else _found(text) or text


def minus(text: str) -> str:
    """Return a written number with a true minus, which is as wide as a plus."""
    return MINUS.sub("−", text)


def _found(text: str) -> str | None:
    """Return what a catalogue has for the text; None where it has nothing."""
    told = text if "{" in text else label(text)  # with a brace it is a template, and nobody's words
    return None if told == text else told
