"""A report is one calm page: nothing from data runs, nothing calls home, and people find their way in it."""

import re
import shutil
import subprocess
from base64 import b64encode
from html.parser import HTMLParser
from io import BytesIO
from itertools import pairwise

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from clv.language import speaking
from clv.telling import report, tables_html, wording
from clv.telling.downloads import Downloads
from clv.telling.facts import ANSWER_MIME, FACT_MIME
from clv.telling.tables_html import TABLE_MIME

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(2)>",
    "<svg onload=alert(3)><script>alert(4)</script></svg>",
    "[x](javascript:alert(5))",
    "![x](http://evil.example/x.png)",
    "<a href='javascript:alert(6)' onclick='alert(7)'>x</a>",
    '"><iframe src="https://evil.example"></iframe>',
    "</style></title></textarea><script>alert(8)</script>",
    "<style>@import 'http://evil.example/x.css'; body{display:none}</style>",
    "<form action=http://evil.example><input name=a></form>",
    "<math><mi//xlink:href='data:x,<script>alert(9)</script>'>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "![x](attachment:none.png)",
    "{{ 7*7 }} {% raw %} | ` * _ $x$",
]
WORDS = {
    "title": "Who comes back?",
    "shop": "金满堂",
    "until": "2026-06-30",
    "made_at": "2026-07-01T09:30:12",
    "provenance": {"clv": "0.1.0", "data": "3f9a"},
}


def fact(**keys):
    blank = {"name": "n", "value": 1, "unit": "", "low": None, "high": None, "label": ""}
    data = {FACT_MIME: blank | keys, "text/plain": "ECHO OF A FACT"}
    return new_output("display_data", data=data)


def answer(markdown):
    data = {ANSWER_MIME: {"markdown": markdown, "text": markdown}, "text/markdown": markdown}
    return new_output("display_data", data=data)


def picture(**about):
    file = BytesIO()
    Figure(figsize=(1, 1)).savefig(file, format="png")
    data = {"image/png": b64encode(file.getvalue()).decode(), "text/plain": "figure"}
    return new_output("display_data", data=data, metadata={"image/png": {"width": 50, "height": 50} | about})


def shown(kind, text):
    return new_output("display_data", data={kind: text, "text/plain": "plain"})


def error(name, sentence):
    return new_output("error", ename=name, evalue=sentence, traceback=[f"{name} in /home/someone/secret.py"])


def page(*cells, **words):
    nb = new_notebook(cells=list(cells), metadata={"language_info": {"name": "python"}})
    nbformat.validate(nb)
    return report.html(nb, **WORDS | words)


def soup(*cells, **words):
    return BeautifulSoup(page(*cells, **words), "html.parser")


def dangers(html):
    """Return everything in the page that would run, load or leave, as the strictest of readers sees it."""
    found = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            if tag in {"script", "iframe", "object", "embed", "svg", "math", "form", "base", "link", "video"}:
                found.append(tag)
            for name, value in attrs:
                target = "".join((value or "").lower().split())
                loads = name in {"src", "srcset", "data", "action", "background", "xlink:href", "poster"}
                leaves = name == "href" and not target.startswith(("#", "https://good.example"))
                if name.startswith("on") or name == "style" or leaves:
                    found.append(f"{tag} {name}={value}")
                if loads and not target.startswith("data:image/png;base64,"):
                    found.append(f"{tag} {name}={value}")
                if target == "refresh":
                    found.append(target)

    Reader().feed(html)
    (style,) = BeautifulSoup(html, "html.parser").find_all("style")
    return found + re.findall(r"@import|url\(", style.get_text())


def attack_cells(text):
    frame = pd.DataFrame({text: [text, "x"], "n": [1, 2]}, index=pd.Index([text, "y"], name=text))
    table = tables_html.html(frame, caption=text, notes=text)
    outputs = [
        fact(value=text, label=text, unit=text),
        picture(alt=text, caption=text),
        shown("text/html", table),
        shown("text/html", frame.to_html(escape=False)),
        shown("text/html", text),
        shown("text/markdown", wording.fill("said {it}", {"it": text}, escape=wording.escaped)),
        shown("text/markdown", text),
        shown("application/javascript", "alert(10)"),
        shown("image/svg+xml", "<svg onload=alert(11)></svg>"),
        new_output("stream", name="stdout", text=text),
        new_output("execute_result", data={"text/plain": text}),
    ]
    settings = new_code_cell(f"category = {text!r}  # {text}", metadata={"tags": ["parameters"]})
    return [settings, new_markdown_cell(f"## {text}"), new_code_cell(f"x = {text!r}", outputs=outputs)]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_the_frame_of_the_page_runs_loads_or_leads_away(text):
    words = {"title": text, "shop": text, "until": text, "made_at": text, "provenance": {text: text}}
    assert dangers(page(**words)) == []


def test_nothing_in_the_cells_runs_loads_or_leads_away():
    assert dangers(page(*(cell for text in HOSTILE for cell in attack_cells(text)))) == []


@pytest.mark.parametrize("text", HOSTILE[:3])
def test_what_was_refused_is_still_shown_as_text(text):
    seen = soup(*attack_cells(text), title=text, provenance={"data": text})
    for place in ("h1", "main caption", "main tbody th", "main td", "figcaption", ".facts dt", "footer td"):
        assert seen.select_one(place).get_text() == text, place


def test_an_attack_in_the_ending_is_shown():
    html = page(new_code_cell("x", outputs=[error("NoAnswerError", HOSTILE[0])]))
    assert dangers(html) == []
    assert HOSTILE[0] in BeautifulSoup(html, "html.parser").select_one(".notice").get_text()


def test_the_policy_allows_pictures_in_the_page_and_its_own_style_only():
    policy = soup().select_one('meta[http-equiv="Content-Security-Policy"]')["content"]
    rules = dict(rule.split(maxsplit=1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "script-src": "'none'",
        "img-src": "data:",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


BOOK = [
    new_markdown_cell("# Who comes back?\n\nText with a [paper](https://good.example/p)."),
    new_code_cell(
        'shop_file = "../shops.yml"  # where the shops are\nuntil = ""  # last day\ndays = 90\nwide = True',
        metadata={"tags": ["parameters"]},
    ),
    new_code_cell(
        'shop_file = "/home/someone/secret/shops.yml"\nuntil = "2026-06-30"\nname = "\\u91d1"',
        metadata={"tags": ["injected-parameters"]},
    ),
    new_markdown_cell("## First\n\n#### Deep at once\n\n## First\n\n# A second title"),
    new_code_cell(
        "secret_call()",
        outputs=[
            fact(value=0.273, unit="share", low=0.251, high=0.294, label="came back"),
            fact(name="m", value=3),
            new_output("stream", name="stderr", text="UserWarning: /tmp/ipykernel_1/1.py"),
            new_output("execute_result", data={"text/plain": "<Axes: title={'center': 'x'}>"}),
            picture(alt="A square.", caption="It is white."),
            shown("text/markdown", "### Told\n\nby a cell"),
        ],
    ),
]


def test_one_first_level_heading_and_no_level_is_skipped():
    levels = [int(tag.name[1]) for tag in soup(*BOOK).find_all(re.compile(r"^h[1-6]$"))]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_contents_lead_to_anchors_that_exist_once():
    seen = soup(*BOOK)
    ids = [tag["id"] for tag in seen.select("[id]")]
    targets = [link["href"][1:] for link in seen.select("nav a")]
    assert len(ids) == len(set(ids))
    assert set(targets) <= set(ids)
    assert [link.get_text() for link in seen.select("nav a")] == [
        "First",
        "Deep at once",
        "First",
        "A second title",
        "Told",
    ]


def test_every_picture_is_described_and_inside_the_page():
    seen = soup(*BOOK)
    assert [image["alt"] for image in seen.select("figure img")] == ["A square."]
    assert seen.select_one("figcaption").get_text() == "It is white."
    assert all(image["src"].startswith("data:image/png;base64,") for image in seen.select("img"))
    assert soup(new_code_cell(outputs=[picture()])).img["alt"] == "A figure without a description"


def test_the_strip_holds_labelled_facts_with_unit_and_range():
    strip = soup(*BOOK).select_one(".facts")
    assert " ".join(strip.get_text(" ").split()) == "came back 27.3 % 25.1 to 29.4"


def numbers(place):
    return [" ".join(one.get_text(" ").split()) for one in place]


def test_the_first_screen_holds_question_answer_and_key_numbers_in_their_order():
    outputs = [fact(name=name, value=n, label=f"of {name}") for n, name in enumerate("abcdefg")]
    cells = [new_code_cell(outputs=[*outputs, answer("No, **never**."), answer("Yes, **2** of 3.")])]
    seen = soup(*cells, keys=["c", "a", "gone"])
    first = seen.select_one("main .first")
    assert numbers(first.select("h1, .answer")) == ["Who comes back?", "Yes, 2 of 3."]
    assert first.select_one(".answer strong").get_text() == "2"
    assert numbers(first.select(".facts dt")) == ["of c", "of a"]
    assert "No, never" not in seen.get_text()
    assert "2 of 3" not in seen.select_one(".body").get_text()
    assert numbers(seen.select(".body th[scope=row]")) == [f"of {name}" for name in "bdefg"]


def test_without_key_facts_the_first_five_stand_for_the_report():
    outputs = [fact(name=name, label=name) for name in "abcdefg"]
    seen = soup(new_code_cell(outputs=outputs))
    assert numbers(seen.select(".first dt")) == list("abcde")
    assert numbers(seen.select(".body th[scope=row]")) == list("fg")


def test_other_numbers_come_after_pictures_and_before_caveats():
    cells = [
        new_markdown_cell("## Seen"),
        new_code_cell(
            outputs=[picture(alt="A square."), fact(name="a", label="a"), fact(name="b", label="b")]
        ),
        new_markdown_cell("### More on it"),
        new_markdown_cell("## What this cannot say"),
    ]
    seen = soup(*cells, keys=["a"])
    words = numbers(seen.select(".body h2, .body h3, .body figure ~ h2"))
    assert words == ["Seen", "More on it", "More numbers", "What this cannot say"]
    assert "More numbers" in numbers(seen.select("nav a"))
    assert "More numbers" not in str(soup(*cells, keys=["a", "b"]))


def test_an_attack_in_the_answer_is_read():
    for text in HOSTILE:
        html = page(
            new_code_cell(outputs=[answer(text), fact(name="a"), fact(name="b", value=text, label=text)])
        )
        assert dangers(html) == []


def test_files_beside_the_report_are_linked_each_at_its_table():
    table = {TABLE_MIME: {"caption": "One", "notes": "", "columns": []}, "text/html": "<p>table</p>"}
    cells = [
        new_code_cell(outputs=[new_output("display_data", data=table), shown("text/html", "<p>other</p>")])
    ]
    seen = soup(*cells, downloads=Downloads("book.xlsx", ["t/01.csv"]))
    assert [link["href"] for link in seen.select("main a[download]")] == ["book.xlsx", "t/01.csv"]
    assert seen.select_one('a[href="t/01.csv"]').find_previous("p", string="table")
    assert not soup(*cells).select("a[download]")


def test_a_chinese_report_has_no_word_of_our_english_left():
    cells = [
        *BOOK[1:3],
        new_code_cell(outputs=[fact(name=n, value=True, label=n, low=1, high=2) for n in "abcdef"]),
        new_code_cell("x", outputs=[error("NoAnswerError", "没有。")]),
    ]
    words = {
        "title": "谁会再来？",
        "shop": "金满堂",
        "provenance": {"made from": "3f9a", "customer ids": "raw"},
    }
    with speaking("zh"):
        seen = soup(*cells, **words)
    assert seen.html["lang"] == "zh-CN"
    assert seen.title.get_text() == "谁会再来？ · 金满堂 · 2026年6月30日"
    assert "1 至 2" in seen.select_one(".facts").get_text()
    for one in seen.select("style, .code, table:has(thead) th[scope=row], td"):
        one.decompose()
    left = re.findall(r"[A-Za-z]{3,}(?: [A-Za-z]+)+", seen.get_text(" "))
    assert not left


def test_the_page_can_be_walked_by_keyboard_and_by_a_screen_reader():
    seen = soup(*BOOK, new_code_cell("x", outputs=[new_output("stream", name="stdout", text="printed")]))
    skip = seen.select_one("body > a.skip")
    assert skip.find_next("main")["id"] == skip["href"][1:] == "content"
    assert skip.find_previous("a") is None
    for box in seen.select("input"):
        assert seen.select_one(f"label[for={box['id']}]").get_text()
    for scrolls in seen.select(".table, .code, .printed"):
        assert scrolls["tabindex"] == "0"
        assert scrolls.get("aria-label") or seen.find(id=scrolls["aria-labelledby"]).get_text()
    for table in seen.select("table"):
        assert all(head.get("scope") for head in table.select("th"))
        assert table.select("thead th[scope=col]")
    assert [
        len(seen.select(landmark)) for landmark in ("main", "nav", "body > .report > header", "footer")
    ] == [1] * 4


TEXTS = [("ink", "soft", "mark", "bad-line", "calm-line"), ("paper", "ground", "calm", "bad")]
CODE = [("ink", "soft", "keyword", "string", "number"), ("ground",)]


@pytest.mark.parametrize(("letters", "behind"), [TEXTS, CODE])
@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out_from_what_it_stands_on(letters, behind, dark):
    style = soup().style.get_text()
    schemes = [
        dict(re.findall(r"--([\w-]+): (#\w{6});", one)) for one in re.findall(r":root \{(.*?)\}", style, re.S)
    ]
    colours = schemes[0] | (schemes[1] if dark else {})
    for letter in letters:
        for ground in behind:
            assert contrast(colours[letter], colours[ground]) >= 4.5, (letter, ground)


def contrast(one, other):
    """Return the contrast of WCAG 2.1: from 1 to 21."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_settings_stand_at_the_end_with_the_injected_values():
    rows = [
        [cell.get_text() for cell in row.select("th, td")] for row in soup(*BOOK).select("footer tbody tr")
    ]
    assert rows == [
        ["shop_file", "shops.yml", "where the shops are"],
        ["until", "2026-06-30", "last day"],
        ["days", "90", ""],
        ["wide", "yes", ""],
        ["name", "金", ""],
    ]


def test_code_is_there_but_folded_and_machinery_is_not_there():
    seen = soup(*BOOK)
    assert [code.get_text().strip() for code in seen.select(".code")] == ["secret_call()"]
    switch = seen.select_one("header input#show-code[type=checkbox]")
    assert seen.select_one(f"label[for={switch['id']}]").get_text() == "Show the code"
    text = str(seen)
    for noise in ("ECHO OF A FACT", "UserWarning", "ipykernel", "Axes", "/home/someone"):
        assert noise not in text


def test_links_of_the_author_stay_and_links_of_outputs_lose_their_target():
    cells = [new_markdown_cell("[a](https://good.example/p)"), new_code_cell()]
    cells[1].outputs = [shown("text/markdown", "[b](https://good.example/q)")]
    links = [(link.get_text(), link.get("href")) for link in soup(*cells).select("main a")]
    assert links == [
        ("a", "https://good.example/p"),
        ("b", None),
    ]


def test_a_refusal_is_a_sentence_and_the_page_ends_there():
    cells = [
        *BOOK,
        new_code_cell("stop()", outputs=[error("NoAnswerError", "No buyer is named in orders.csv.")]),
    ]
    seen = soup(*cells, new_markdown_cell("## Never reached"))
    notice = seen.select_one(".notice")
    assert "No buyer is named in orders.csv." in notice.get_text()
    assert "bad" not in notice["class"]
    assert "secret.py" not in str(seen)
    assert "Never reached" not in str(seen)


def test_a_failure_names_the_error_only():
    seen = soup(new_code_cell("stop()", outputs=[error("ValueError", "customer c_1, 13800000000")]))
    assert "ValueError" in seen.select_one(".notice.bad").get_text()
    assert "13800000000" not in str(seen)


def test_the_page_says_what_it_is_about():
    seen = soup(*BOOK)
    assert seen.html["lang"] == "en"
    assert seen.title.get_text() == "Who comes back? · 金满堂 · 30 June 2026"
    footer = " ".join(seen.footer.get_text(" ").split())
    for words in ("金满堂", "30 June 2026", "1 July 2026, 09:30", "clv 0.1.0", "data 3f9a"):
        assert words in footer


def test_the_same_notebook_gives_the_same_page_and_a_small_one():
    assert page(*BOOK) == page(*BOOK)
    assert len(page()) < 20_000


def test_the_notebook_is_left_alone(tmp_path):
    nb = new_notebook(cells=BOOK)
    before = nbformat.writes(nb)
    report.write(nb, tmp_path / "shop" / "page.html", **WORDS)
    assert nbformat.writes(nb) == before
    assert [path.name for path in (tmp_path / "shop").iterdir()] == ["page.html"]


def test_a_write_that_fails_leaves_the_old_page(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    report.write(new_notebook(cells=BOOK), path, **WORDS)
    old = path.read_bytes()
    with pytest.raises(UnicodeEncodeError):
        report.write(new_notebook(cells=BOOK), path, **WORDS | {"shop": "\ud800"})
    assert path.read_bytes() == old
    assert [one.name for one in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on PATH")
def test_a_real_browser_runs_nothing_either(tmp_path):
    """Whatever runs writes a title. Cleaning alone holds, the policy alone holds, and the trap does work."""
    cells = [cell for text in HOSTILE for cell in attack_cells(text)]
    cleaned = page(*cells).replace("alert(", "document.title=String(")
    bare = re.sub(r"<meta http-equiv=.Content-Security-Policy.*?>", "", cleaned)
    script = "<body><script>document.title='RUN'</script>"
    pages = {"cleaning": bare, "policy": cleaned.replace("<body>", script)}
    titles = {title_in_browser(html, tmp_path / name) for name, html in pages.items()}
    assert titles == {"Who comes back? · 金满堂 · 30 June 2026"}
    assert title_in_browser(bare.replace("<body>", script), tmp_path / "trap") == "RUN"


def title_in_browser(html, folder):
    folder.mkdir()
    (folder / "page.html").write_text(html, encoding="utf-8")
    options = (
        "--headless --no-sandbox --disable-gpu --disable-background-networking --virtual-time-budget=3000"
    )
    command = ["chromium", *options.split(), f"--user-data-dir={folder}/profile", "--dump-dom"]
    run = subprocess.run(
        [*command, (folder / "page.html").as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    return BeautifulSoup(run.stdout, "html.parser").title.get_text()
