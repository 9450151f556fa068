"""Figures as pictures: crisp on a dense screen, light enough for a page that is mailed."""

import warnings
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from clv.errors import SettingError
from clv.language import tell

if TYPE_CHECKING:  # loading these takes long, and not every report has a figure
    from matplotlib.figure import Figure
    from PIL.Image import Image

SCREEN_DPI, PIXELS_PER_POINT = 100, 2
DPI = SCREEN_DPI * PIXELS_PER_POINT
MARGIN = 0.1  # inches around what is drawn
COLOURS = 256  # what a palette holds; our figures have few colours, and many shades at the edges of letters


def drawn(ax_or_fig: Any, name: str) -> "Image":
    """Return the picture, with a margin around what is drawn; the figure is closed.

    Raises
    ------
    SettingError
        There is no Matplotlib figure.
    """
    import matplotlib.pyplot as plt

    figure = _figure(ax_or_fig, name)
    with warnings.catch_warnings():  # a customer's emoji may be a box; the warning would name our folders
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
        picture = _drawn_once(figure)
    plt.close(figure)
    return picture


def size(picture: "Image") -> dict[str, int]:
    """Return the picture's size on the page, in CSS pixels."""
    return {"width": picture.width // PIXELS_PER_POINT, "height": picture.height // PIXELS_PER_POINT}


def full(picture: "Image") -> bytes:
    """Return the picture as PNG in all its colours."""
    return _png(picture)


def light(picture: "Image") -> bytes:
    """Return the picture as PNG of at most 256 colours, a third of the size; the same bytes each time.

    The colours that most pixels have stay as they are; each other one becomes the nearest of these.
    """
    from PIL import Image

    codes = np.asarray(picture.convert("RGBX")).view("<u4")[..., 0] & 0xFFFFFF
    found, pixels = np.unique(codes, return_counts=True)
    kept = found[np.argsort(-pixels, kind="stable")[:COLOURS]]
    place = np.empty(1 << 24, dtype=np.uint8)
    place[found] = _nearest(_rgb(found), _rgb(kept))
    few = Image.fromarray(place[codes], "P")
    few.putpalette(_rgb(kept).astype(np.uint8).tobytes())
    return _png(few)


def _figure(ax_or_fig: Any, name: str) -> "Figure":
    from matplotlib.figure import Figure

    part = getattr(ax_or_fig, "figure", None)
    figure = getattr(part, "figure", None)  # of a subfigure, the whole
    if not isinstance(figure, Figure):
        kind = type(ax_or_fig).__name__
        raise SettingError(
            tell("Figure {name!r} is a {kind}; pass Matplotlib Axes or Figure.", name=name, kind=kind)
        )
    return figure


def _drawn_once(figure: "Figure") -> "Image":
    """Return what `savefig` with a tight box draws, which lays the figure out and draws it twice."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.colors import to_hex
    from PIL import Image

    figure.set_dpi(DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    used = figure.get_tightbbox(canvas.get_renderer())
    width, height = figure.get_size_inches()
    if used.x0 < 0 or used.y0 < 0 or used.x1 > width or used.y1 > height:
        return _with_what_sticks_out(figure)
    whole = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    box = used.padded(MARGIN)
    left, top, right, bottom = (
        round(DPI * side) for side in (box.x0, height - box.y1, box.x1, height - box.y0)
    )
    picture = Image.new("RGB", (right - left, bottom - top), to_hex(figure.get_facecolor()))
    picture.paste(whole, (-left, -top), mask=whole)
    return picture


def _with_what_sticks_out(figure: "Figure") -> "Image":
    from PIL import Image

    file = BytesIO()
    figure.savefig(file, format="png", dpi=DPI, bbox_inches="tight", pad_inches=MARGIN)
    with Image.open(file) as picture:
        return Image.alpha_composite(
            Image.new("RGBA", picture.size, "white"), picture.convert("RGBA")
        ).convert("RGB")


def _nearest(colours: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Return for each colour the place of the nearest among `of`, both as rows of red, green and blue."""
    apart = (of**2).sum(axis=1) - 2 * colours @ of.T  # squared distances, less what all of a row share
    return apart.argmin(axis=1)


def _rgb(codes: np.ndarray) -> np.ndarray:
    return np.stack([codes >> shift & 255 for shift in (0, 8, 16)], axis=-1).astype(float)


def _png(picture: "Image") -> bytes:
    file = BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()
