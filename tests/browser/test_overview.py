"""The overview as its reader uses it: search and order by mouse and by keyboard, and no script to read it."""

import pytest

from browser import chromium, looking

LANGUAGES = ("en", "zh")
ALL = ["gold", "department", "gift", "cdnow", "pearl"]  # as in the sample shop file
RAN = ["department", "gift"]
HEADS = "#table-reports thead tr:first-child th[data-column]:visible"
MONEY = "#table-reports th[data-sort=value][data-column='0']"
BY_NAME = "#table-reports th[data-sort=name]"
BY_DAY = "#table-reports th[data-sort=until]"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=LANGUAGES)
def address(request, sites):
    return (sites[request.param] / "index.html").as_uri()


@pytest.fixture
def page(address, browser):
    with chromium.watched(browser) as seen:
        seen.page.goto(address)
        yield seen.page
        assert seen.troubles == []
        assert seen.asked_of_others() == []


def shops(page) -> list[str]:
    """Return the shops that are shown, in their order."""
    rows = page.locator("#table-reports tbody tr:visible").all()
    return [row.get_attribute("data-shop") for row in rows]


def names(page) -> list[str]:
    return [row.get_attribute("data-name") for row in page.locator("#table-reports tbody tr").all()]


def test_search_finds_a_shop_and_forgets_it_again(page):
    assert shops(page) == ALL
    page.locator("label[for=find]").click()
    page.keyboard.type("GIFT")
    assert shops(page) == ["gift"]
    assert "1" in page.locator("#found").inner_text()
    page.keyboard.press("Escape")
    assert shops(page) == ALL and not page.locator("#found").inner_text()
    page.keyboard.type("xyzzy")
    assert shops(page) == [] and page.locator("#found").inner_text()


def test_search_finds_a_notebook_by_its_name(page):
    every = page.locator(HEADS).all_inner_texts()
    wanted = page.locator(f"{HEADS} .by").last.inner_text().split("\n")[0].strip("↕ \xa0")
    page.locator("#find").fill(wanted.split(" ", 1)[1])
    assert shops(page) == ALL
    assert page.locator(HEADS).all_inner_texts() == every[-1:]


def test_the_table_is_put_in_order_by_the_mouse(page):
    page.locator(f"{BY_NAME} button").click()
    up = names(page)
    assert sorted(shops(page)) == sorted(ALL) and shops(page) != ALL
    assert page.locator(BY_NAME).get_attribute("aria-sort") == "ascending"
    page.locator(f"{BY_NAME} button").click()
    assert names(page) == up[::-1]
    assert page.locator(BY_NAME).get_attribute("aria-sort") == "descending"


def test_the_table_is_put_in_order_by_the_keyboard(page):
    page.locator("#find").focus()
    for _ in range(3):  # the frame of the table, which can be moved sideways, and its first two heads
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator(BY_DAY).get_attribute("aria-sort") == "descending"
    assert sorted(shops(page)[:2]) == RAN  # those that never ran come last
    page.locator(f"{MONEY} button").focus()
    page.keyboard.press("Space")
    assert shops(page)[0] == "gift"
    assert page.locator(BY_DAY).get_attribute("aria-sort") == "none"


def test_on_a_phone_a_list_puts_the_cards_in_order(page):
    page.set_viewport_size({"width": looking.WIDTHS[0], "height": looking.HEIGHT})
    order = page.locator("#order")
    assert order.is_visible() and not page.locator(f"{MONEY} button").is_visible()
    order.focus()
    order.select_option("value 0")
    assert shops(page)[0] == "gift"


def test_runs_before_are_drawn(page):
    spark = page.locator("tr[data-shop=gift] td[data-column='1'] .spark")
    assert spark.is_visible() and spark.locator("circle").count() >= 1


def test_without_a_script_everything_is_there_but_the_tools(address, browser):
    with chromium.watched(browser, java_script_enabled=False) as seen:
        seen.page.goto(address)
        assert shops(seen.page) == ALL
        assert not seen.page.locator(".tools").is_visible()
        assert seen.page.locator("th button").count() == 0
