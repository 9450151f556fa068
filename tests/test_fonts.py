"""Chinese in figures: characters, not boxes, where Matplotlib has no font but DejaVu and ours."""

import warnings

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font

from clv.language import catalogue
from clv.telling import fonts

CHINESE = ["金满堂", "七夕", "双11", "足金999", "翡翠", "￥1,288", "18K金·镶嵌（女款）", "囍", "鑽石"]


def ink(text: str, families: list[str]) -> np.ndarray:
    """Return the pixels of the text drawn with these families only."""
    with mpl.rc_context({"font.family": families}):
        figure = Figure(figsize=(4, 1))
        figure.text(0.05, 0.3, text, fontsize=24)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
        return np.asarray(canvas.buffer_rgba()).copy()


@pytest.fixture
def ours() -> list[str]:
    """Return the families of a machine without Chinese fonts."""
    return fonts.family()[:2]


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_is_drawn_without_a_missing_glyph(text, ours):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = ink(text, ours)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        boxes = ink(text, ["DejaVu Sans"])
    assert (drawn != boxes).any()


def test_two_characters_do_not_look_the_same(ours):
    assert (ink("金", ours) != ink("银", ours)).any()


def test_every_character_of_gb2312_is_there():
    pairs = (bytes([high, low]) for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF))
    hanzi = "".join(pair.decode("gb2312", errors="ignore") for pair in pairs)
    assert len(hanzi) == 6763
    assert not set(map(ord, hanzi)) - set(FT2Font(fonts.FILE).get_charmap())


@pytest.mark.parametrize("path", catalogue.files("zh"), ids=lambda path: path.stem)
def test_every_character_of_our_translations_is_there(path):
    told = set("".join(catalogue.entries(path).values()))
    drawn = {*FT2Font(fonts.FILE).get_charmap(), *FT2Font(font_manager.findfont(fonts.LATIN)).get_charmap()}
    assert not {letter for letter in told if letter.isprintable() and ord(letter) not in drawn}


def test_latin_letters_and_numbers_stay_in_dejavu(ours):
    assert (ink("P(alive) −0.5", ours) == ink("P(alive) −0.5", ["DejaVu Sans"])).all()


def test_the_family_survives_seaborn_when_set_last(ours):
    import seaborn as sns

    with mpl.rc_context():
        sns.set_theme()
        mpl.rcParams["font.family"] = fonts.family()
        assert mpl.rcParams["font.family"][:2] == ours


def test_asking_twice_registers_the_font_once():
    from matplotlib import font_manager

    fonts.family()
    fonts.family()
    names = [font.name for font in font_manager.fontManager.ttflist]
    assert names.count(fonts.CHINESE) == 1


def test_the_licence_travels_with_the_font_and_its_reserved_name_does_not():
    licence = fonts.FILE.with_name("OFL.txt").read_text(encoding="utf-8")
    assert "Copyright 2014-2021 Adobe" in licence
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "Source" not in fonts.CHINESE
    assert fonts.FILE.stat().st_size < 2_800_000
