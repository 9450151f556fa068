"""Figures as pictures: crisp on a dense screen, light enough for a page that is mailed."""

import warnings
from io import BytesIO
from typing import Any

from clv.errors import SettingError
from clv.language import tell

SCREEN_DPI, PIXELS_PER_POINT = 100, 2
COLOURS = 256  # what a palette holds; our figures have few colours, and many shades at the edges of letters


def png(ax_or_fig: Any, name: str) -> tuple[bytes, dict[str, int]]:
    """Return the picture and its size on the page (CSS pixels); the figure is closed.

    Raises
    ------
    SettingError
        There is no Matplotlib figure.
    """
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    part = getattr(ax_or_fig, "figure", None)
    figure = getattr(part, "figure", None)  # of a subfigure, the whole
    if not isinstance(figure, Figure):
        kind = type(ax_or_fig).__name__
        raise SettingError(
            tell("Figure {name!r} is a {kind}; pass Matplotlib Axes or Figure.", name=name, kind=kind)
        )
    file = BytesIO()
    dpi = SCREEN_DPI * PIXELS_PER_POINT
    with warnings.catch_warnings():  # a customer's emoji may be a box; the warning would name our folders
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from")
        figure.savefig(file, format="png", dpi=dpi, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    sides = (int.from_bytes(file.getvalue()[at : at + 4]) // PIXELS_PER_POINT for at in (16, 20))  # IHDR
    return file.getvalue(), dict(zip(("width", "height"), sides, strict=True))


def light(picture: bytes) -> bytes:
    """Return the PNG with at most 256 colours, a third of the size; the same bytes each time."""
    from PIL import Image

    with Image.open(BytesIO(picture)) as image:
        whole = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    file = BytesIO()
    few = whole.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(file, "PNG")
    return min(file.getvalue(), picture, key=len)
