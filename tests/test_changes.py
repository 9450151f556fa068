"""What changed between two runs: what moved, what is noise, who changed segment, what a page shows of it."""

from base64 import b64encode
from io import BytesIO
from itertools import pairwise

import nbformat
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image

from clv.changing import facts, figures, flows, notebooks, settings
from clv.language import speaking
from clv.telling import changes_page, changes_text
from clv.telling.changes_page import Cells, Changes, Moment, Moves, Shown
from clv.telling.facts import FACT_MIME


def fact(name, value, low=None, high=None, *, unit="", label=""):
    return {"name": name, "value": value, "unit": unit, "low": low, "high": high, "label": label}


def compared(before, now):
    return facts.compare({"n": before}, {"n": now})


def png(colour, size=(40, 20)):
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "png")
    return file.getvalue()


def drawn(name, picture, alt="what is drawn"):
    about = {"image/png": {"name": name, "alt": alt, "caption": ""}}
    data = {"image/png": b64encode(picture).decode(), "text/plain": f"figure: {alt}"}
    return new_output("display_data", data=data, metadata=about)


# Facts


@pytest.mark.parametrize(
    ("before", "now", "verdict"),
    [
        ((0.2, 0.15, 0.25), (0.3, 0.26, 0.34), facts.MOVED),
        ((0.2, 0.15, 0.31), (0.3, 0.26, 0.34), facts.WITHIN),  # the new value lies in the old interval
        ((0.2, 0.15, 0.25), (0.3, 0.19, 0.34), facts.WITHIN),  # the old one in the new interval
        ((0.2, 0.2, 0.2), (0.2001, 0.2001, 0.2001), facts.MOVED),
        ((0.2, None, None), (0.3, 0.26, 0.34), facts.OPEN),
        (("mbgnbd", None, None), ("nbd", None, None), facts.OPEN),
        ((True, None, None), (False, None, None), facts.OPEN),
    ],
)
def test_a_fact_has_moved_where_neither_value_lies_in_the_others_interval(before, now, verdict):
    found = compared([fact("a", *before)], [fact("a", *now)])
    assert list(found["verdict"]) == [verdict]


def test_what_is_the_same_is_no_difference_and_true_is_not_one():
    same = [fact("a", 0.1 + 0.2), fact("b", "x"), fact("c", True), fact("d", 0.5, 0.4, 0.6)]
    assert compared(same, [fact("a", 0.3), *same[1:]]).empty
    assert list(compared([fact("c", True)], [fact("c", 1)])["verdict"]) == []
    assert list(compared([fact("d", 0.5, 0.4, 0.6)], [fact("d", 0.5, 0.3, 0.7)])["verdict"]) == []


def test_those_that_moved_come_first_and_the_largest_steps_before_the_others():
    before = [fact("w", 1.0, 0, 3), fact("small", 10, 9, 11), fact("large", 1, 0.9, 1.1), fact("left", 1)]
    now = [fact("w", 2.0, 0, 3), fact("small", 12, 11.5, 13), fact("large", 2, 1.9, 2.1), fact("fresh", 1)]
    found = compared(before, now)
    assert list(found["name"]) == ["large", "small", "w", "fresh", "left"]
    assert list(found["verdict"][-2:]) == [facts.NEW, facts.GONE]


def test_only_notebooks_of_both_runs_are_compared():
    assert facts.compare({"a": [fact("x", 1)]}, {"b": [fact("x", 2)]}).empty


# Customers


def segments(**who):
    rows = {customer: {"window": segment, "spend": spend} for customer, (segment, spend) in who.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def test_who_went_where_with_how_much_money():
    before = segments(a=("active", 10.0), b=("active", 20.0), c=("lost", 5.0), d=("lost", 1.0))
    now = segments(a=("silent", 10.0), b=("active", 50.0), c=("active", 12.0), e=("active", 3.0))
    found = flows.between(before, now, by="window")
    assert (found.known, found.moved, found.joined, found.gone) == (3, 2, 1, 1)
    rows = {(r.before, r.now): (r.customers, r.spend, r.since) for r in found.table.itertuples()}
    assert rows == {
        ("active", "silent"): (1, 10.0, 0.0),
        ("lost", "active"): (1, 12.0, 7.0),
        (flows.NEW, "active"): (1, 3.0, 3.0),
        ("lost", flows.GONE): (1, 1.0, 0.0),
    }


def test_where_nobody_moved_there_is_no_row():
    same = segments(a=("active", 10.0))
    found = flows.between(same, same, by="window")
    assert found.table.empty and found.moved == 0


# Settings


def test_parameters_files_and_versions_that_differ_are_told_once_for_all_notebooks():
    def record(until, digest, pandas):
        return {
            "parameters": {"until": until, "top": 20, "shop_file": until},
            "made_from": {"files": {"gold/a.csv": digest}, "program": {"pandas": pandas}},
        }

    before = {name: record("2026-05-31", "0" * 24, "3.0") for name in ("01", "02")}
    now = {name: record("2026-06-30", "1" * 24, "3.0") for name in ("01", "02")}
    now["02"]["made_from"]["files"]["gold/b.csv"] = "2" * 24
    found = settings.compare(before, now)
    assert found.to_dict("split")["data"] == [
        ["parameter", "until", "01, 02", "2026-05-31", "2026-06-30"],
        ["file", "gold/a.csv", "01, 02", "00000000", "11111111"],
        ["file", "gold/b.csv", "02", "", "22222222"],
    ]


def test_records_of_earlier_versions_say_nothing_of_settings():
    assert settings.compare({"01": {}}, {"01": {}}).empty


# Notebooks


def notebook(said="a", *, noise="1"):
    code = new_code_cell("x", id=f"cell{noise}", execution_count=int(noise), metadata={"papermill": noise})
    code.outputs = [
        new_output("execute_result", data={"text/plain": said}, execution_count=int(noise)),
        new_output("display_data", data={FACT_MIME: fact("n", said), "text/plain": "n"}),
    ]
    return new_notebook(cells=[new_markdown_cell("# Q", id=f"head{noise}"), code], metadata={"at": noise})


def test_ids_counts_and_metadata_are_noise():
    assert notebooks.differences(notebook(noise="1"), notebook(noise="2")) == []
    assert notebooks.told(notebook(noise="1"), notebook(noise="2")) == ""


def test_what_a_cell_says_is_told_and_facts_are_not():
    text = notebooks.told(notebook("one\ntwo"), notebook("one\nthree"))
    assert "-  two" in text and "+  three" in text
    assert "vnd.clv" not in text


def test_a_cell_that_is_new_is_told_with_what_it_says():
    more = notebook()
    more.cells.append(new_code_cell("y = 1", outputs=[new_output("stream", text="hello")]))
    assert "y = 1" in (text := notebooks.told(notebook(), more)) and "hello" in text


def test_nbdime_is_left_as_it_was():
    from nbdime import diff_notebooks

    changed = notebook()
    changed.metadata["at"] = "other"
    before = diff_notebooks(notebook(), changed)
    notebooks.differences(notebook(), changed)
    assert before and diff_notebooks(notebook(), changed) == before


def test_megabytes_go_in_as_fingerprints():
    def big(letter):
        huge = {
            "text/html": letter * 2_000_000,
            "text/plain": letter * 100_000,
            "image/png": letter * 2_000_000,
        }
        return new_notebook(cells=[new_code_cell("x", outputs=[new_output("display_data", data=huge)] * 5)])

    light = notebooks.readable(big("a"))
    assert len(nbformat.writes(light)) < 2 * notebooks.LONGEST
    assert notebooks.told(big("a"), big("b"))


def test_only_figures_that_differ_are_shown():
    before = new_notebook(
        cells=[new_code_cell("x", outputs=[drawn("a", png("red")), drawn("b", png("red"))])]
    )
    now = new_notebook(cells=[new_code_cell("x", outputs=[drawn("a", png("red")), drawn("b", png("blue"))])])
    (pair,) = figures.differing(before, now)
    assert pair.now.name == "b"
    ((old, new),) = figures.shrunk([pair], room=10_000)
    assert Image.open(BytesIO(old)).getpixel((5, 5))[0] > 200 > Image.open(BytesIO(new)).getpixel((5, 5))[0]


def test_pictures_are_made_smaller_and_left_out_before_a_page_grows_too_large():
    def noisy(seed):
        return Image.effect_noise((1400, 700), 90 + seed)

    def made(image):
        file = BytesIO()
        image.save(file, "png")
        return figures.Picture("a", "", "", file.getvalue())

    pairs = [figures.Pair(made(noisy(n)), made(noisy(n + 1))) for n in range(2)]
    (_, wide), *_ = figures.shrunk(pairs, room=10_000_000)
    (_, narrow), *_ = small = figures.shrunk(pairs, room=2 * 2 * len(wide) // 4)
    assert Image.open(BytesIO(narrow)).width < Image.open(BytesIO(wide)).width == figures.SIZES[0][0]
    assert len(small) == 2
    assert figures.shrunk(pairs, room=100) == []


# The page and the text

HOSTILE = "<script>alert(1)</script>"


def changes(**more):
    moved = [fact("a", 0.2, 0.15, 0.25, unit="share", label=f"came back {HOSTILE}"), fact("m", HOSTILE)]
    now = [fact("a", 0.3, 0.26, 0.34, unit="share", label=f"came back {HOSTILE}"), fact("m", "x")]
    steps = flows.between(segments(a=(HOSTILE, 1.0)), segments(a=("active", 2.0)), by="window").table
    given = {
        "shop": f"Gold {HOSTILE}",
        "before": Moment("2026-05-31", "2026-06-01T10:00:00+08:00"),
        "now": Moment("2026-06-30", "2026-07-01T10:00:00+08:00"),
        "facts": compared(moved, now),
        "compared": 2,
        "moves": [Moves("Windows", "1 of 1 customers changed segment.", steps)],
        "unmoved": "",
        "settings": settings.compare(
            {"n": {"parameters": {"top": HOSTILE}}}, {"n": {"parameters": {"top": 1}}}
        ),
        "pictures": [Shown("Q?", "fig", "", (HOSTILE, "now"), (b"webp1", b"webp2"))],
        "cells": [Cells("n", f"Q {HOSTILE}", f"## modified /cells/1/source:\n-  {HOSTILE}\n+  new\n   same")],
    }
    return Changes(**(given | more))


def test_a_page_shows_numbers_then_pictures_then_source_and_nothing_runs():
    page = BeautifulSoup(changes_page.html([changes()]), "html.parser")
    assert page.find(["script", "iframe", "link", "object"]) is None
    assert "default-src 'none'" in page.find("meta", {"http-equiv": "Content-Security-Policy"})["content"]
    headings = [one.get_text() for one in page.find_all("h2")]
    assert headings == [
        "Facts", "Customers who changed segment", "Parameters and inputs", "Pictures", "Cell by cell",
    ]  # fmt: skip
    assert "20 % (15 to 25)" in page.get_text() and "30 % (26 to 34)" in page.get_text()
    images = page.find_all("img")
    assert [one["alt"] for one in images] == [f"before: {HOSTILE}", "now: now"]
    assert all(one["src"].startswith("data:image/webp;base64,") for one in images)
    kinds = {"added": "+  new", "taken": f"-  {HOSTILE}"}
    assert {kind: page.select_one(f".cells .{kind}").get_text() for kind in kinds} == kinds


def test_several_shops_stand_one_after_the_other_on_one_page():
    page = BeautifulSoup(changes_page.html([changes(shop="Gold"), changes(shop="Silver")]), "html.parser")
    assert [one.get_text().split(":")[0] for one in page.find_all("h2")] == ["Gold", "Silver"]
    levels = [int(one.name[1]) for one in page.find_all(["h1", "h2", "h3", "h4", "h5"])]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_page_without_any_change_says_so():
    nothing = changes(
        facts=compared([], []), moves=[], unmoved="Not kept.", settings=settings.compare({}, {}),
        pictures=[], cells=[],
    )  # fmt: skip
    text = BeautifulSoup(changes_page.html([nothing]), "html.parser").get_text()
    for said in ("No fact moved", "Not kept.", "made from the same", "No picture differs", "No cell differs"):
        assert said in text


def test_the_same_changes_give_the_same_page():
    assert changes_page.html([changes()]) == changes_page.html([changes()])


def test_a_page_and_a_text_in_chinese():
    with speaking("zh"):
        page = changes_page.html([changes()])
        text = changes_text.text([changes()])
    assert '<html lang="zh-CN">' in page
    for said in ("2026年5月31日", "变动超出区间", "20%(15 至 25)"):
        assert said in page and said in text


def test_the_text_tells_the_same_in_the_same_order():
    text = changes_text.text([changes()])
    parts = [
        "31 May 2026 → 30 June 2026",
        "moved by more",
        "30 % (26 to 34)",
        f"{HOSTILE} → active",
        "top",
        "=== n",
    ]
    places = [text.index(part) for part in parts]
    assert places == sorted(places)


def test_a_long_difference_is_cut_and_says_so():
    long = Cells("n", "Q", "\n".join(f"+  {n}" for n in range(30_000)))
    assert "There is more" in changes_page.html([changes(cells=[long])])
    assert "more lines" in changes_text.text([changes(cells=[long])])


def test_the_index_names_the_labelled_facts_that_moved():
    found = compared(
        [fact("a", 1, 0.9, 1.1, label="orders"), fact("b", 1, 0.9, 1.1)],
        [fact("a", 2, 1.9, 2.1, label="orders"), fact("b", 2, 1.9, 2.1)],
    )
    assert changes_page.moved_lines(found, most=5) == ["orders: 1 (0.90 to 1.10) → 2 (1.90 to 2.10)"]
