"""What people read in a playbook: a title and six sections, always the same, always in one order."""

import re
from collections.abc import Iterator

from clv.errors import SettingError, nearest
from clv.language import tell

HEADINGS = (
    "When",
    "Why we believe it",
    "Steps",
    "How to read the answer",
    "When it misleads",
    "What to write down",
)
_HEADING = re.compile(r"(#{1,6})[ \t]+(.*?)[ \t#]*$")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def title(body: str) -> str:
    """Return the page's first heading of the first level, '' where there is none."""
    return next((text for _, level, text in _headings(body) if level == 1), "")


def sections(body: str) -> dict[str, str]:
    """Return the text under each heading of the second level, by heading."""
    lines = body.split("\n")
    starts = [(n, text) for n, level, text in _headings(body) if level == 2]
    ends = [n for n, _ in starts[1:]] + [len(lines)]
    parts = [
        (text, "\n".join(lines[n + 1 : end]).strip()) for (n, text), end in zip(starts, ends, strict=True)
    ]
    return dict(parts)


def check(body: str, *, file: str, begins: int) -> None:
    """Refuse a body without a title, or without the six sections in their order, each with text.

    Parameters
    ----------
    begins
        The line of the file on which the body begins.

    Raises
    ------
    SettingError
        The first thing that is wrong: place, heading, what to do.
    """
    found = list(_headings(body))
    given = [(n, text) for n, level, text in found if level == 2]
    if not title(body):
        raise SettingError(
            tell("{file} has no title; begin the page with '# ' and what the playbook does.", file=file)
        )
    for n, text in given:
        if text not in HEADINGS:
            raise SettingError(
                tell(
                    "{file}, line {begins}: unknown heading {text!r}; {nearest}",
                    file=file,
                    begins=begins + n,
                    text=text,
                    nearest=nearest(text, HEADINGS),
                )
            )
    names = [text for _, text in given]
    lacking = next((heading for heading in HEADINGS if heading not in names), None)
    if lacking:
        raise SettingError(
            tell(
                "{file} lacks the heading '## {lacking}'; add it, with text under it.",
                file=file,
                lacking=lacking,
            )
        )
    for (n, text), due in zip(given, HEADINGS, strict=False):
        if text != due:
            raise SettingError(
                tell(
                    "{file}, line {begins}: '## {text}' stands where '## {due}' should; the order is "
                    "{headings}.",
                    file=file,
                    begins=begins + n,
                    text=text,
                    due=due,
                    headings=", ".join(HEADINGS),
                )
            )
    _check_rest(body, given, file=file, begins=begins)


def _check_rest(body: str, given: list[tuple[int, str]], *, file: str, begins: int) -> None:
    if len(given) > len(HEADINGS):
        n, text = given[len(HEADINGS)]
        raise SettingError(
            tell(
                "{file}, line {begins}: the heading {text!r} stands twice; keep one of them.",
                file=file,
                begins=begins + n,
                text=text,
            )
        )
    parts = sections(body)
    for n, text in given:
        if not _said(parts[text]):
            raise SettingError(
                tell(
                    "{file}, line {begins}: nothing is said under '## {text}'; write it.",
                    file=file,
                    begins=begins + n,
                    text=text,
                )
            )


def _said(part: str) -> bool:
    lines = _COMMENT.sub("", part).split("\n")
    return any(re.search(r"\w", line) and not _HEADING.match(line) for line in lines)


def _headings(body: str) -> Iterator[tuple[int, int, str]]:
    """Yield line (from 0), level and text of each heading; what stands in a block of code is none."""
    fence = ""
    for n, line in enumerate(body.split("\n")):
        mark, heading = _FENCE.match(line), _HEADING.match(line)
        if mark and fence in ("", mark[1]):
            fence = "" if fence else mark[1]
        elif heading and not fence:
            yield n, len(heading[1]), heading[2].strip()
