"""What holds of every figure: it is whole and legible in both languages, and sets nothing for others."""

import ast
import itertools
import logging
import re
from functools import cache

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.text import Annotation, Text

from clv.language import speaking
from clv.plots import style
from language_texts import PACKAGE


def words_of(ax: Axes) -> list[Text]:
    """Return every text that is seen in the figure."""
    found = [*ax.findobj(Text)]
    return [text for text in found if text.get_visible() and text.get_text().strip() and _is_drawn(ax, text)]


def _is_drawn(ax: Axes, text: Text) -> bool:
    """Whether the text is no label of a tick beyond the axes or of an axis that is off."""
    if not ax.axison and text not in {*ax.texts, ax._left_title}:
        return False
    for axis, low, high in ((ax.xaxis, *sorted(ax.get_xlim())), (ax.yaxis, *sorted(ax.get_ylim()))):
        for tick in axis.get_major_ticks():
            if text in (tick.label1, tick.label2):
                return low - 1e-9 <= tick.get_loc() <= high + 1e-9
    return True


def said(ax: Axes) -> list[str]:
    return [text.get_text().replace("\u00a0", " ") for text in ax.texts if text.get_text().strip()]


def note_of(ax: Axes) -> str:
    return next(text.get_text() for text in ax.texts if isinstance(text, Annotation) and text.xy == (0, 1))


def labels(axis: mpl.axis.Axis) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


class SetsNothing:
    def test_draws_on_given_axes_and_leaves_settings_alone(self, draw):
        before = dict(mpl.rcParams)
        figure, given = plt.subplots(figsize=(7.6, 4))
        assert draw(given) is given
        assert given.figure is figure
        assert dict(mpl.rcParams) == before
        assert len(plt.get_fignums()) == 1


class InBothLanguages(SetsNothing):
    def test_chinese_is_drawn_whole_without_boxes_and_leaves_no_english(self, draw):
        with speaking("zh"):
            ax = draw(None)
        ax.figure.canvas.draw()  # a box would be a warning, and so an error, here
        assert not left_in_english(ax)
        assert not beyond_the_page(ax)
        assert not touching(ax)

    def test_every_bare_number_has_its_unit_at_the_axis(self, draw):
        ax = draw(None)
        ax.figure.canvas.draw()
        for axes in ax.figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                bare = [words for words in labels(axis) if BARE.fullmatch(words)]
                assert not axes.axison or not bare or UNIT.search(axis.get_label_text()), bare

    def test_words_on_paper_can_be_read(self, draw):
        faint = {to_hex(text.get_color()) for text in words_of(draw(None))} - {style.PAPER}
        assert {colour for colour in faint if contrast(colour) < 4.5} == set()

    def test_negative_numbers_have_a_minus(self, draw):
        ax = draw(None)
        ax.figure.canvas.draw()
        assert not [text for text in words_of(ax) if HYPHEN.search(text.get_text())]


BARE = re.compile(r"−?[\d,.]+(k|M|bn)?")
HYPHEN = re.compile(r"(^|[ (])-[¥$]?\d")
UNIT = re.compile(
    r"day|week|month|quarter|hour|customer|buyer|member|order|purchase|point|deviation|money|profit|budget"
    r"|[A-Z]{3}\b|per 100|in 100",
    re.IGNORECASE,
)


def contrast(colour: str) -> float:
    """Return how a colour stands out from white paper: 1 to 21, as WCAG 2.1 counts."""
    steps = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 1.05 / (0.2126 * steps[0] + 0.7152 * steps[1] + 0.0722 * steps[2] + 0.05)


def left_in_english(ax: Axes) -> set[str]:
    """Return what figures say in English, two words or more, that is still seen in this one."""
    seen = [text.get_text() for text in ax.figure.findobj(Text) if text.get_visible()]
    texts = {" ".join(text.split()) for text in seen}
    longer = [words for words in our_words() if words.count(" ") > 1]  # two may be in a sample's own names
    return our_words() & texts | {words for words in longer if any(words in text for text in texts)}


@cache
def our_words() -> set[str]:
    """Return every piece of text with a blank in the sources of figures, docstrings left out."""
    found = set()
    for path in (PACKAGE / "plots").glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in said]
        pieces = [re.split(r"{[^}]*}", node.value) for node in texts if isinstance(node.value, str)]
        found |= {" ".join(piece.split()) for piece in itertools.chain(*pieces)}
    return {words for words in found if re.search(r"[A-Za-z]{2,}\W* \W*[A-Za-z]{2,}", words)}


def beyond_the_page(ax: Axes) -> list[str]:
    page = ax.figure.bbox.padded(1.5)
    boxes = [(text.get_text(), text.get_window_extent()) for text in words_of(ax)]
    return [
        words
        for words, box in boxes
        if box.x0 < page.x0 or box.x1 > page.x1 or box.y0 < page.y0 or box.y1 > page.y1
    ]


def touching(ax: Axes) -> list[tuple[str, str]]:
    """Return pairs of words that lie on each other."""
    level = [text for text in words_of(ax) if text.get_rotation() in (0, 90)]
    boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in level]
    return [(one, other) for (one, a), (other, b) in itertools.combinations(boxes, 2) if a.overlaps(b)]


class Legible(InBothLanguages):
    def test_is_drawn_whole_and_quietly(self, draw, caplog):
        with caplog.at_level(logging.WARNING):
            ax = draw(None)
            ax.figure.canvas.draw()  # a glyph that no font has would be a warning, and so an error, here
        assert not caplog.records
        assert ax.get_title(loc="left").endswith("?")
        assert not ax.axison or (ax.get_xlabel() and (ax.get_ylabel() or labels(ax.yaxis)))
        assert ax.figure.get_figwidth() == style.WIDTH
        assert not beyond_the_page(ax)

    def test_no_words_lie_on_others(self, draw):
        ax = draw(None)
        ax.figure.canvas.draw()
        assert not touching(ax)
