"""Make clvSansSC.otf: the Chinese of Noto Sans CJK SC, renamed, without what a figure never uses.

    python src/clv/telling/fonts/make_subset.py .../NotoSansCJK-Regular.ttc

Run by hand when the source font or the list of characters changes; the result is committed.
"""

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

FAMILY = "clv Sans SC"
TARGET = Path(__file__).with_name("clvSansSC.otf")
LAYOUT_TABLES = ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
# In shop and brand names, and on jewellery, but not in GB2312: newer simplified forms, some traditional ones.
EXTRA = "¥￥€£©®™–—•−≈≤≥✓" + "玥珺璟琇瑄琬玙玹珮翀昇堃喆镕濛旻晞祎頔囍" + "滿鳳謝麟寶鑽飾銀鑲鏈環墜龍億萬瑪瑙"


def gb2312() -> set[str]:
    """Return every character of GB2312: 6,763 hanzi, punctuation, full-width forms, kana and symbols."""
    pairs = (bytes([high, low]) for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF))
    return set("".join(pair.decode("gb2312", errors="ignore") for pair in pairs))


def subsetted(source: Path) -> TTFont:
    """Return the SC face with our characters only: no hints, no layout, nothing for vertical text."""
    fonts = TTCollection(str(source)).fonts
    face = next(font for font in fonts if font["name"].getDebugName(1) == "Noto Sans CJK SC")
    face.recalcTimestamp = False
    options = subset.Options(hinting=False, layout_features=[], name_IDs=[0, 7, 8, 9, 13, 14])
    options.drop_tables += LAYOUT_TABLES
    maker = subset.Subsetter(options)
    maker.populate(text="".join(map(chr, range(32, 127))) + "".join(gb2312()) + EXTRA)
    maker.subset(face)
    return face


def renamed(font: TTFont) -> TTFont:
    """Give the font our own name, as clause 3 of its licence asks of a modified version."""
    postscript = TARGET.stem + "-Regular"
    words = {1: FAMILY, 2: "Regular", 3: postscript, 4: FAMILY, 6: postscript}
    for number, word in words.items():
        font["name"].setName(word, number, 3, 1, 0x409)
    cff = font["CFF "].cff
    cff.fontNames = [postscript]
    cff.topDictIndex[0].FullName = cff.topDictIndex[0].FamilyName = FAMILY
    return font


if __name__ == "__main__":
    renamed(subsetted(Path(sys.argv[1]))).save(TARGET)
