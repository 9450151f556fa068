"""A report of each notebook as its reader uses it: the first screen, the code, the contents, a phone."""

import pytest

from browser import chromium, looking
from sample_reports import NOTEBOOKS, place

LANGUAGES = ("en", "zh")
PHONE = {"width": looking.WIDTHS[0], "height": looking.HEIGHT}
TOP = "one => one.getBoundingClientRect().top"
AT_THE_END = "() => Math.ceil(scrollY + innerHeight) >= document.scrollingElement.scrollHeight - 1"

pytestmark = pytest.mark.slow


@pytest.fixture(
    scope="module",
    params=[(lang, path.stem) for lang in LANGUAGES for path in NOTEBOOKS],
    ids="-".join,
)
def page(request, sites, browser):
    lang, notebook = request.param
    with chromium.watched(browser) as seen:
        seen.page.goto((sites[lang] / place(notebook) / f"{notebook}.html").as_uri())
        yield seen.page


def test_the_first_screen_has_the_answer_and_its_numbers(page):
    for one in ("h1", ".answer", ".facts"):
        box = page.locator(one).first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= chromium.WINDOW["height"], one
    assert 3 <= page.locator(".facts").first.locator("dd").count() <= 5


def test_the_first_stop_of_the_tabulator_leads_past_the_top(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"


def test_the_code_is_folded_away_and_the_switch_shows_it(page):
    code = page.locator(".code").first
    assert not code.is_visible()
    page.locator("label[for=show-code]").click()
    assert code.is_visible()
    page.locator("#show-code").focus()
    page.keyboard.press("Space")
    assert not code.is_visible()


def test_the_contents_lead_to_every_section(page):
    links = page.locator(".contents a")
    assert links.count() > 1
    for link in links.all():
        link.focus()
        page.keyboard.press("Enter")
        assert heading_is_in_sight(page, link)
    page.evaluate("scrollTo(0, 0)")
    links.last.click()
    assert heading_is_in_sight(page, links.last)
    page.evaluate("scrollTo(0, 0)")


def heading_is_in_sight(page, link) -> bool:
    """Return whether the heading that a link names is at the top, or as far up as the page's end allows."""
    heading = page.locator(f"[id='{link.get_attribute('href')[1:]}']")
    top = heading.evaluate(TOP)
    return 0 <= top < 60 or (page.evaluate(AT_THE_END) and 0 <= top < page.viewport_size["height"])


def test_on_a_phone_the_contents_fold_away(page):
    page.set_viewport_size(PHONE)
    contents = page.locator(".contents ol")
    assert not contents.is_visible()
    page.locator("label[for=show-contents]").click()
    assert contents.is_visible()
    page.locator("#show-contents").press("Space")
    assert not contents.is_visible()
    page.set_viewport_size(chromium.WINDOW)
