"""Text that a spreadsheet would run as a formula gets an apostrophe in CSV, and loses it when it is read.

What spreadsheets skip at the beginning of a cell, and what they take for a formula after it: OWASP, CSV
injection; CWE-1236. Tabs and other control characters at the very beginning count by themselves.
"""

import re

_SKIPPED = r"[\s\x00-\x1f\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\u3000\ufeff]*"
FORMULA = re.compile(rf"[\x00-\x1f\x7f-\x9f]|{_SKIPPED}[=+\-@＝＋－＠﹦﹢﹣﹫]")


def neutralised(text: str) -> str:
    """Return the text with an apostrophe in front where a spreadsheet would run it as a formula.

    A formula that has apostrophes in front already gets one more: two texts stay two, and each comes back.

    >>> neutralised("=1+1"), neutralised("'=1+1"), neutralised("50 - 10")
    ("'=1+1", "''=1+1", '50 - 10')
    """
    return f"'{text}" if FORMULA.match(text.lstrip("'")) else text


def as_it_was(text: str) -> str:
    """Return what a cell had before it was neutralised.

    >>> as_it_was("'=1+1"), as_it_was("''=1+1"), as_it_was("'tis")
    ('=1+1', "'=1+1", "'tis")
    """
    return text[1:] if text.startswith("'") and FORMULA.match(text.lstrip("'")) else text
