"""What holds of every figure: it is whole and legible, and sets nothing for others."""

import itertools
import logging

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

from clv.plots import style


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


class Legible(SetsNothing):
    def test_is_drawn_whole_and_quietly(self, draw, caplog):
        with caplog.at_level(logging.WARNING):
            ax = draw(None)
            ax.figure.canvas.draw()  # a glyph that no font has would be a warning, and so an error, here
        assert not caplog.records
        assert ax.get_title(loc="left").endswith("?")
        assert not ax.axison or (ax.get_xlabel() and (ax.get_ylabel() or labels(ax.yaxis)))
        assert ax.figure.get_figwidth() == style.WIDTH
        page = ax.figure.bbox.padded(1.5)
        for text in words_of(ax):
            box = text.get_window_extent()
            inside = page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1
            assert inside, text.get_text()

    def test_no_words_lie_on_others(self, draw):
        ax = draw(None)
        ax.figure.canvas.draw()
        level = [text for text in words_of(ax) if text.get_rotation() in (0, 90)]
        boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in level]
        touching = [
            (one, other) for (one, a), (other, b) in itertools.combinations(boxes, 2) if a.overlaps(b)
        ]
        assert not touching
