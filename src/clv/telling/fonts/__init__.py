"""Chinese in figures, on any machine: a small font of our own behind Matplotlib's.

Matplotlib takes each character from the first family that has it. DejaVu Sans draws Latin text and numbers,
so figures look the same everywhere; `clv Sans SC` (beside this file, see README.md) draws the Chinese.
Where the system has a full Chinese font, that one draws the rare characters which ours leaves out.
"""

from functools import cache
from pathlib import Path

LATIN = "DejaVu Sans"
CHINESE = "clv Sans SC"
FILE = Path(__file__).with_name("clvSansSC.otf")
# Full fonts that systems bring along: Linux, macOS, Windows.
SYSTEM = ("Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei")


def family() -> list[str]:
    """Return the families to give to Matplotlib's `font.family`, after making ours known to Matplotlib.

    Set it last: seaborn's `set_theme` puts its own families back.

    >>> family()[:2]
    ['DejaVu Sans', 'clv Sans SC']
    """
    return [LATIN, CHINESE, *_system_fonts_beside_ours()]


@cache
def _system_fonts_beside_ours() -> tuple[str, ...]:
    """Register our file, once: Matplotlib would list it again each time."""
    from matplotlib import font_manager

    font_manager.fontManager.addfont(FILE)
    known = {font.name for font in font_manager.fontManager.ttflist}
    return tuple(name for name in SYSTEM if name in known)
