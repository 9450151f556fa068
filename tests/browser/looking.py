"""What can be measured on an open page: its width, headings, links, barriers, and how it prints."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from bs4 import BeautifulSoup, SoupStrainer

if TYPE_CHECKING:
    from playwright.sync_api import Page

WIDTHS = (360, 768, 1440)
HEIGHT = 900
A4 = (595, 842)  # points
PRINTED = {"width": 673, "height": 994}  # A4 within the margins of the style sheet, at 96 dots an inch
LEVELS = "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(one => +one.tagName[1])"
LINKS = "() => [...document.querySelectorAll('[href]')].map(one => one.getAttribute('href'))"
IS_WIDE = "() => document.scrollingElement.scrollWidth > innerWidth"
TOO_WIDE = """() => [...document.querySelectorAll('body *')]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .map(one => one.outerHTML.slice(0, 90)).slice(0, 3)"""
TALL = """(most) => [...document.querySelectorAll('figure')]
  .filter(one => one.getBoundingClientRect().height > most).map(one => one.outerHTML.slice(-200))"""


def overflow(page: "Page", widths: tuple[int, ...] = WIDTHS) -> dict[int, list[str]]:
    """Return, by width of the window, what stands out of it where the page must be moved sideways."""
    found = {}
    for width in widths:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        if page.evaluate(IS_WIDE):
            found[width] = page.evaluate(TOO_WIDE)
    page.set_viewport_size({"width": WIDTHS[-1], "height": HEIGHT})
    return found


def misplaced_headings(page: "Page") -> list[str]:
    """Return what is wrong with the levels of headings: one h1, and first; none left out on the way down."""
    levels = page.evaluate(LEVELS)
    wrong = [] if levels[:1] == [1] and levels.count(1) == 1 else [f"levels {levels}"]
    return wrong + [f"h{one}, then h{then}" for one, then in pairwise(levels) if then > one + 1]


def dead_links(page: "Page", site: Path) -> list[str]:
    """Return the links that lead nowhere, or out of the folder."""
    here = Path(url2pathname(urlsplit(page.url).path))
    return [link for link in dict.fromkeys(page.evaluate(LINKS)) if not _leads(link, here, site)]


def _leads(link: str, here: Path, site: Path) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return False
    there = (here.parent / unquote(parts.path)).resolve() if parts.path else here.resolve()
    if not there.is_file() or not there.is_relative_to(site.resolve()):
        return False
    return not parts.fragment or unquote(parts.fragment) in _anchors(there)


@cache
def _anchors(path: Path) -> set[str]:
    found = BeautifulSoup(path.read_text("utf-8"), "html.parser", parse_only=SoupStrainer(id=True))
    return {one["id"] for one in found.find_all(id=True)}


def barriers(page: "Page", *rules: str) -> list[str]:
    """Return what axe-core calls serious or critical, by all its rules or some; each with its first place."""
    from axe_playwright_python.sync_playwright import Axe

    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = Axe().run(page, options=options).response["violations"]
    return [_told(one) for one in found if one["impact"] in ("serious", "critical")]


def _told(violation: dict) -> str:
    nodes = violation["nodes"]
    return f"{violation['id']}, {len(nodes)} times: {nodes[0]['html'][:200]} {nodes[0]['failureSummary']}"


def cut_in_print(page: "Page") -> list[str]:
    """Return what does not fit on a printed page: what is wider, and figures that are taller."""
    page.emulate_media(media="print", color_scheme="light")
    page.set_viewport_size(PRINTED)
    wide = page.evaluate(TOO_WIDE) if page.evaluate(IS_WIDE) else []
    found = wide + page.evaluate(TALL, PRINTED["height"])
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": WIDTHS[-1], "height": HEIGHT})
    return found


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """Return the sizes of a PDF's pages in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


def reached(start: Path) -> set[str]:
    """Return the pages that links lead to from a page, itself included, relative to its folder."""
    found, open_ones = set(), [start.resolve()]
    while open_ones:
        page = open_ones.pop()
        found.add(page)
        links = BeautifulSoup(page.read_text("utf-8"), "html.parser").select("a[href]")
        paths = {(page.parent / unquote(urlsplit(one["href"]).path)).resolve() for one in links}
        open_ones += [path for path in paths - found - set(open_ones) if path.suffix == ".html"]
    return {page.relative_to(start.resolve().parent).as_posix() for page in found}
