"""Words that make a product a gift: 礼盒, 送女友, gift set. Not 送礼盒, a box that comes with it."""

import re

import pandas as pd

_TO = (
    "女友|女朋友|男友|男朋友|老婆|老公|妻子|丈夫|妈妈|母亲|妈|爸爸|父亲|爸|长辈|婆婆|奶奶|闺蜜|朋友|恋人|爱人|情人|对象|"
    "老师|宝宝|孩子|客户|人"
)
_FOR = "生日|情人节|新年|结婚|周年|节日"
_ZH = rf"(?<![送赠含带配附])礼盒|礼物|礼品|伴手礼|回礼|(?:{_FOR})礼|(?:送|赠){{1,2}}(?:{_TO})"
_EN = r"(?<!free )\bgift(?:s|ed|box|set|wrap)?\b(?! with purchase)"
_PATTERN = re.compile(f"{_ZH}|{_EN}", re.IGNORECASE)


def named(texts: pd.Series) -> pd.Series:
    """Return whether each text names a gift; False where it is missing.

    >>> named(pd.Series(["足金吊坠 送女友", "福牌项链（送礼盒）", "Gift set, four scents", None])).tolist()
    [True, False, True, False]
    """
    found = {text: bool(_PATTERN.search(text)) for text in texts.dropna().unique()}
    return texts.map(found).eq(other=True)
