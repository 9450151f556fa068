"""The measures themselves, on a page that has every fault: each must see its own."""

import pytest

from browser import chromium, looking

FAULTY = """<!DOCTYPE html><html lang="en"><head><title>Faults</title>
<meta http-equiv="Content-Security-Policy" content="script-src 'none'">
<style>@page { size: A5 }</style></head>
<body style="margin: 0">
<h1>One</h1><h3>Three</h3>
<p style="color: #ccc; background: #fff">too pale</p>
<div style="width: 800px; height: 2rem; background: gray"></div>
<figure style="height: 2000px"></figure>
<a href="#nowhere">a</a> <a href="other.html">b</a> <a href="https://example.com/">c</a>
<a href="faulty.html#here" id="here">d</a> <a href="../above.html">e</a>
<script>document.title = "ran"</script>
<img src="http://127.0.0.1:9/tracker.png" alt=""></body></html>"""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def faulty(browser, tmp_path_factory):
    folder = tmp_path_factory.mktemp("faults") / "site"
    folder.mkdir()
    (folder.parent / "above.html").write_text("<p id=x>out of the folder</p>", "utf-8")
    (folder / "faulty.html").write_text(FAULTY, "utf-8")
    with chromium.watched(browser) as seen:
        seen.page.goto((folder / "faulty.html").as_uri())
        yield seen, folder


def test_what_a_page_asks_and_a_broken_policy_are_seen(faulty):
    seen, _ = faulty
    assert seen.asked_of_others() == ["http://127.0.0.1:9/tracker.png"]
    assert any("Content Security Policy" in one for one in seen.troubles)
    assert seen.page.title() == "Faults"


def test_wrong_headings_and_dead_links_are_seen(faulty):
    seen, folder = faulty
    assert looking.misplaced_headings(seen.page) == ["h1, then h3"]
    dead = ["#nowhere", "other.html", "https://example.com/", "../above.html"]
    assert looking.dead_links(seen.page, folder) == dead


def test_what_is_too_wide_is_seen_where_it_is(faulty):
    assert list(looking.overflow(faulty[0].page)) == [360, 768]


def test_barriers_are_seen(faulty):
    assert any(one.startswith("color-contrast") for one in looking.barriers(faulty[0].page))


def test_what_does_not_fit_on_paper_is_seen(faulty):
    page = faulty[0].page
    assert len(looking.cut_in_print(page)) == 2
    assert looking.A4 not in looking.sheets(page.pdf(prefer_css_page_size=True))
