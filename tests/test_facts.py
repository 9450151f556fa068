"""What a notebook says: facts keep their numbers, figures their description, and no value becomes markup."""

import json
import struct
from base64 import b64decode

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbconvert.filters import markdown2html
from nbformat.v4 import new_code_cell, new_notebook, new_output

from clv.errors import ClvError
from clv.language import speaking
from clv.telling import facts, pictures, wording


@pytest.fixture
def told(monkeypatch):
    """Return the list that every display call lands in, as notebook outputs."""
    outputs = []

    def display(data, *, raw, metadata=None):
        assert raw
        json.dumps(data)
        outputs.append(new_output("display_data", data=data, metadata=metadata or {}))

    monkeypatch.setattr(facts, "display", display)
    return outputs


def notebook(outputs):
    nb = new_notebook(cells=[new_code_cell(outputs=outputs)])
    nbformat.validate(nb)
    return nb


def test_a_fact_comes_back_as_it_was_recorded(told):
    facts.record("repeat_rate", 27.04, unit="%", low=25, high=np.float64(29), label="came back")
    facts.record("customers", np.int64(4012))
    facts.record("model", "MBG/NBD")
    facts.record("has_limit", np.True_)
    expected = {
        "name": "repeat_rate",
        "value": 27.04,
        "unit": "%",
        "low": 25,
        "high": 29.0,
        "label": "came back",
    }
    rate, *others = facts.collect(notebook(told))
    assert rate == expected
    assert [fact["value"] for fact in others] == [4012, "MBG/NBD", True]
    assert [type(fact["value"]) for fact in others] == [int, str, bool]


def test_the_eye_sees_one_line_with_unit_and_interval(told):
    facts.record("repeat_rate", 27, unit="%", low=25, high=29)
    facts.record("clv_total", 1234567.8, unit="CNY", label="worth of all customers")
    assert [output["data"]["text/plain"] for output in told] == [
        "repeat rate: 27 % [25, 29]",
        "worth of all customers: 1,234,568 CNY",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.00749, "share", "0.7 %"),
        (0.0004, "share", "0.04 %"),
        (0.7, "share", "70 %"),
        (1.234567, "orders", "1.23 orders"),
        (-12.345, "days", "−12.3 days"),
        (1234.5, "", "1,234"),
        (0.0, "%", "0 %"),
        (True, "", "yes"),
    ],
)
def test_numbers_are_written_with_the_figures_that_people_need(value, unit, said, told):
    facts.record("x", value, unit=unit)
    assert told[0]["data"]["text/plain"] == f"x: {said}"


def test_a_share_is_kept_as_a_part_of_one_and_read_as_per_cent(told):
    facts.record("rate", 0.273, unit="share", low=0.25, high=0.29, label="of the customers came back")
    assert told[0]["data"]["text/plain"] == "of the customers came back: 27.3 % [25, 29]"
    assert told[0]["data"][facts.FACT_MIME]["value"] == 0.273
    with pytest.raises(ClvError, match="share"):
        facts.record("rate", "a third", unit="share")


def test_a_fact_is_read_in_the_reader_s_language_and_kept_for_programs_as_it_is(told):
    with speaking("zh"):
        facts.record("rate", 0.273, unit="share", low=0.25, high=0.29, label="More numbers")
        facts.record("money", -1234.5, unit="CNY")
        facts.record("gap", 3, unit="days")
        facts.record("has_limit", value=True)
    assert [output["data"]["text/plain"] for output in told] == [
        "更多数字：27.3% [25, 29]",
        "金额：−1,234 元",
        "gap：3 天",
        "has limit：是",
    ]
    assert [fact["unit"] for fact in facts.collect(notebook(told))] == ["share", "CNY", "days", ""]


def test_the_last_of_a_name_wins(told):
    facts.record("n", 1)
    facts.record("n", 2)
    assert [fact["value"] for fact in facts.collect(notebook(told))] == [2]


@pytest.mark.parametrize(
    "value", [None, np.nan, np.inf, -np.inf, [1], {"a": 1}, 1j, np.datetime64("2026-06-30")]
)
def test_what_is_not_a_finite_value_is_refused_in_one_sentence(value, told):
    with pytest.raises(ClvError, match="cannot be recorded"):
        facts.record("x", value)
    assert told == []


@pytest.mark.parametrize(("low", "high"), [(1, None), (None, 1), (2, 1), (np.nan, 1), ("a", "b")])
def test_half_an_interval_or_an_upside_down_one_is_refused(low, high, told):
    with pytest.raises(ClvError, match=r"interval|recorded"):
        facts.record("x", 1, low=low, high=high)


def test_a_figure_is_crisp_described_and_closed(told):
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.plot([1, 2])
    facts.show(ax, name="line", alt="One line, rising.", caption="It rises.")
    about = told[0]["metadata"]["image/png"]
    png = b64decode(told[0]["data"]["image/png"])
    assert struct.unpack(">II", png[16:24]) == pytest.approx((2 * about["width"], 2 * about["height"]), abs=1)
    assert about["width"] == pytest.approx(400, abs=40)
    assert (about["name"], about["alt"], about["caption"]) == ("line", "One line, rising.", "It rises.")
    assert not plt.fignum_exists(figure.number)
    assert facts.figure_names(notebook(told)) == ["line"]


def test_a_sign_that_no_font_has_is_drawn_as_a_box_without_a_word(told):
    _, ax = plt.subplots()
    ax.set_title("\x01 \U0001f9ff")
    facts.show(ax, name="odd", alt="An odd title.")
    assert len(told) == 1


def test_the_same_figure_gives_the_same_bytes(told):
    for _ in range(2):
        _, ax = plt.subplots()
        ax.plot([1, 2])
        facts.show(ax, name="line", alt="One line.")
    assert told[0] == told[1]


def test_a_light_picture_looks_the_same_and_weighs_little_more_than_half():
    from io import BytesIO

    import matplotlib.image as images

    _, ax = plt.subplots()
    ax.imshow(np.arange(100).reshape(10, 10))
    ax.set_title("A title with soft edges")
    drawn = pictures.drawn(ax, "x")
    heavy, light = pictures.full(drawn), pictures.light(drawn)
    before, after = (images.imread(BytesIO(png))[..., :3] for png in (heavy, light))
    assert len(light) < 0.6 * len(heavy)
    assert before.shape == after.shape
    assert np.abs(before - after).mean() < 0.002
    assert light == pictures.light(drawn)


@pytest.mark.parametrize("sticks_out", [False, True])
def test_a_picture_is_what_savefig_draws_in_a_tight_box(sticks_out):
    from io import BytesIO

    import matplotlib.image as images

    def figure():
        made, ax = plt.subplots(facecolor="#eeeeff")
        ax.bar(["a", "b"], [1, 2])
        if sticks_out:
            ax.text(1.3, 1.1, "far out", transform=ax.transAxes)
        return made

    file = BytesIO()
    figure().savefig(file, format="png", dpi=pictures.DPI, bbox_inches="tight", pad_inches=pictures.MARGIN)
    wanted = images.imread(BytesIO(file.getvalue()))[..., :3]
    found = np.asarray(pictures.drawn(figure(), "x")) / 255
    assert np.abs(np.subtract(wanted.shape, found.shape)).max() < 3
    height, width = np.minimum(wanted.shape, found.shape)[:2]
    assert np.abs(wanted[:height, :width] - found[:height, :width]).mean() < 0.008  # half a pixel apart


@pytest.mark.parametrize("alt", ["", "   ", None])
def test_a_figure_without_a_description_is_refused(alt, told):
    with pytest.raises(ClvError, match="alternative text"):
        facts.show(plt.figure(), name="line", alt=alt)
    plt.close("all")
    with pytest.raises(ClvError, match="Matplotlib"):
        facts.show([1, 2], name="line", alt="A list.")


HOSTILE = [
    "<script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "a|b",
    "`code` $x^2$ \\(y\\) **bold** _it_ ~~no~~",
    "# heading\n\n- list\n> quote",
    "http://evil.example www.evil.example a@b.example <http://evil.example>",
    "&lt;b&gt; &amp;",
    "    indented code",
    "1. first",
    "[x]: javascript:alert(1)",
]


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_is_read_not_obeyed(value, told):
    facts.say("**Category** {value} sells.", value=value)
    assert html_of(told) == (["strong"], f"Category {' '.join(value.split())} sells.")


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_no_text_at_all_becomes_markup(value):
    assert read(facts.escaped(f"a {value} b")) == ([], " ".join(f"a {value} b".split()))


def html_of(told):
    return read(told[-1]["data"]["text/markdown"])


def read(markdown):
    """Return the elements inside the one paragraph (dollar signs have their own), and what a reader sees."""
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(markdown2html(markdown), "html.parser")
    inside = [tag.name for tag in soup.find_all() if tag.name not in ("p", "span")]
    assert len(soup.find_all("p")) == 1
    return inside, soup.get_text().strip()


def test_a_sentence_formats_its_values(told):
    facts.say("{share:.0%} of {n:,} came back; {worth:,.2f} CNY.", share=0.271, n=4012, worth=1234.5)
    assert told[0]["data"]["text/markdown"] == "27% of 4,012 came back; 1,234.50 CNY."


def test_sentences_figures_and_answers_come_in_the_language_spoken(told):
    with speaking("zh"):
        facts.say("{what}", what="cannot tell")
        facts.answer("orders until {day}", day="*2026*")
        _, ax = plt.subplots()
        facts.show(ax, name="line", alt="More numbers", caption="Show the code")
    about = told[2]["metadata"]["image/png"]
    assert told[0]["data"]["text/plain"] == "无法判断"
    assert facts.answered(notebook(told)).text == "订单截至 *2026*"
    assert (about["alt"], about["caption"]) == ("更多数字", "显示代码")


def test_the_last_answer_counts_and_its_values_are_read_not_obeyed(told):
    assert facts.answered(notebook(told)) is None
    facts.answer("first")
    facts.answer("**{n:,}** of {shop}", n=4012, shop="<b>")
    found = facts.answered(notebook(told))
    assert found.text == "4,012 of <b>"
    assert read(found.markdown) == (["strong"], "4,012 of <b>")
    assert told[-1]["data"]["text/markdown"] == found.markdown


@pytest.mark.parametrize(("text", "values"), [("{a}", {}), ("{a:.1f}", {"a": "x"}), ("{", {}), ("{}", {})])
def test_a_sentence_that_cannot_be_filled_is_an_error_of_ours(text, values, told):
    with pytest.raises(ClvError, match="sentence"):
        facts.say(text, **values)


@pytest.mark.slow
def test_a_real_kernel_carries_facts_figures_tables_and_sentences():
    from nbclient import NotebookClient

    source = """
from matplotlib.figure import Figure
from clv.telling import facts, tables_html
import pandas as pd
facts.record("n", 3, low=2, high=4, label="three")
figure = Figure(figsize=(2, 1)); figure.subplots().plot([1, 2])
facts.show(figure, name="line", alt="A line.")
facts.say("{x} sells", x="<b>")
tables_html.table(pd.DataFrame({"a": [1]}), caption="A table")
"""
    nb = new_notebook(cells=[new_code_cell(source)])
    NotebookClient(nb, kernel_name="python3", timeout=120).execute()
    nbformat.validate(nb)
    fact, figure, sentence, table = nb.cells[0].outputs
    assert facts.collect(nb)[0]["value"] == 3
    assert fact.data["text/plain"] == "three: 3 [2, 4]"
    assert facts.figure_names(nb) == ["line"]
    assert b64decode(figure.data["image/png"]).startswith(b"\x89PNG")
    assert sentence.data["text/markdown"] == "&#60;b&#62; sells"
    assert "<caption>" in table.data["text/html"]


def test_an_interval_never_shows_one_number_twice():
    """What is coarse enough for one end may hide that the two differ."""
    assert wording.span({"value": 100, "low": 99.6, "high": 100.4}) == "99.6 to 100.4"
