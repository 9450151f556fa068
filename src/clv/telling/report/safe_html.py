"""What may stand in a page of ours: text, tables, pictures inside the page; nothing that runs or calls out.

The pages carry a Content-Security-Policy as well; this is the first line, and what it refuses stays readable.
"""

import html
import re
from dataclasses import dataclass, field

import bleach

TABLE = {"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
BLOCK = {"blockquote", "div", "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "p", "pre"}
LIST = {"dd", "dl", "dt", "li", "ol", "ul"}
INLINE = {"a", "b", "br", "code", "del", "em", "i", "img", "s", "small", "span", "strong", "sub", "sup"}
TAGS = TABLE | BLOCK | LIST | INLINE
CLASSES = {"table", "number", "notes", "words"}
PLAIN = {"alt", "width", "height", "scope", "colspan", "rowspan", "role", "tabindex", "aria-label"}
PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*\Z")
LINK = re.compile(r"(https?://|mailto:)\S*\Z")
STYLE = re.compile(r"<style\b.*?</style\s*>", re.IGNORECASE | re.DOTALL)
HEADING = re.compile(r"<h([1-6])>(.*?)</h\1>", re.DOTALL)


def clean_output(markup: str) -> str:
    """Return what a cell displayed, fit to be shown: links lose their target, other elements become text."""
    return _clean(markup, links=False)


def clean_prose(markup: str) -> str:
    """Return what an author wrote, fit to be shown: links to the web stay."""
    return _clean(markup, links=True)


def unattached(markdown: str) -> str:
    """Return Markdown that asks for no attachment: one that is not there would stop nbconvert."""
    return markdown.replace("attachment:", "attachment ")


def _clean(markup: str, *, links: bool) -> str:
    def may_stay(tag: str, name: str, value: str) -> bool:
        if name == "href":
            return links and tag == "a" and bool(LINK.match(value))
        if name == "src":
            return tag == "img" and bool(PICTURE.match(value))
        return name in PLAIN or (name == "class" and set(value.split()) <= CLASSES)

    protocols = {"http", "https", "mailto", "data"}
    return bleach.clean(STYLE.sub("", markup), tags=TAGS, attributes=may_stay, protocols=protocols)


@dataclass
class Contents:
    """The headings of a page, in order, each with its own anchor; only the title is on the first level."""

    title: str
    entries: list[dict] = field(default_factory=list)
    _level: int = 1

    def place(self, markup: str) -> str:
        """Return cleaned markup with anchors on its headings, and no level skipped; the entries grow."""
        return HEADING.sub(self._anchored, markup)

    def _anchored(self, heading: re.Match) -> str:
        words = html.unescape(bleach.clean(heading[2], tags=set(), strip=True)).strip()
        if heading[1] == "1" and not self.entries and words == self.title.strip():
            return ""
        self._level = min(max(int(heading[1]), 2), self._level + 1)
        anchor = f"s{len(self.entries) + 1}"
        self.entries.append({"level": self._level, "anchor": anchor, "words": words})
        return f'<h{self._level} id="{anchor}">{heading[2]}</h{self._level}>'
