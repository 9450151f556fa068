"""Every page that a batch writes, opened in a browser with the network cut off, in both languages."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from browser import chromium, looking
from sample_reports import EARLIER, NOTEBOOKS, TWICE, place

REPORTS = [f"{place(path.stem)}/{path.stem}.html" for path in NOTEBOOKS]
OVERVIEWS = ["index.html", "gift/index.html", "gift/changes.html", "gift/readiness.html"]
PAGES = [*OVERVIEWS, *REPORTS, f"gift/{EARLIER}/{TWICE}.html"]
LOOKED_AT_TWICE = {"index.html", "gift/index.html", "gift/changes.html", f"gift/{TWICE}.html"}
LANGUAGES = {"en": "en", "zh": "zh-CN"}
MOST_BYTES = 3_000_000

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Opened:
    """A page as it stands in the browser: its file, its language, the folder of all pages."""

    seen: chromium.Watched
    file: Path
    lang: str
    site: Path

    @property
    def page(self):
        return self.seen.page


@pytest.fixture(scope="module", params=[(lang, page) for lang in LANGUAGES for page in PAGES], ids="-".join)
def opened(request, sites, browser, screenshots):
    lang, name = request.param
    file = sites[lang] / name
    with chromium.watched(browser) as seen:
        seen.page.goto(file.as_uri())
        photograph(seen.page, screenshots / f"{lang}-{name.removesuffix('.html').replace('/', '-')}", name)
        yield Opened(seen, file, lang, sites[lang])


def photograph(page, stem: Path, name: str) -> None:
    """Write the page as a person sees it; some pages in the dark and on a phone as well."""
    page.screenshot(path=f"{stem}.png", full_page=True)
    if name in LOOKED_AT_TWICE:
        page.emulate_media(color_scheme="dark")
        page.screenshot(path=f"{stem}-dark.png", full_page=True)
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": looking.WIDTHS[0], "height": looking.HEIGHT})
        page.screenshot(path=f"{stem}-phone.png", full_page=True)
        page.set_viewport_size(chromium.WINDOW)


def test_a_page_stands_alone(opened):
    assert opened.seen.troubles == []
    assert opened.seen.asked_of_others() == []
    assert opened.file.stat().st_size < MOST_BYTES


def test_a_page_says_its_language_and_its_headings_are_in_order(opened):
    assert opened.page.locator("html").get_attribute("lang") == LANGUAGES[opened.lang]
    assert looking.misplaced_headings(opened.page) == []


def test_every_link_leads_somewhere_in_the_folder(opened):
    assert looking.dead_links(opened.page, opened.site) == []


def test_nothing_is_wider_than_the_window(opened):
    assert looking.overflow(opened.page) == {}


def test_nothing_keeps_anybody_out(opened):
    assert looking.barriers(opened.page) == []
    opened.page.emulate_media(color_scheme="dark")
    assert looking.barriers(opened.page, "color-contrast") == []


def test_a_page_prints_on_a4_and_nothing_is_cut(opened):
    assert looking.cut_in_print(opened.page) == []
    assert set(looking.sheets(opened.page.pdf(prefer_css_page_size=True))) == {looking.A4}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_pages_were_opened_and_the_overview_leads_to_each(sites, lang):
    written = {path.relative_to(sites[lang]).as_posix() for path in sites[lang].rglob("*.html")}
    of_the_other_shop = {f"department/{name}.html" for name in ("index", "readiness")}
    assert written == {*PAGES, *of_the_other_shop}
    assert looking.reached(sites[lang] / "index.html") == written
