"""Invented people: nobody here exists. Phones begin with 1000, which no Chinese mobile number does."""

import numpy as np
import pandas as pd

_FIRST = ["云朵", "晨星", "小满", "半夏", "南风", "初雪", "橘子", "麦穗"]
_SECOND = ["很甜", "爱笑", "不困", "在路上", "喝茶", "看海", "手记", "日常"]
_PEN_NAMES = "甲乙丙丁戊己庚辛壬癸"
_LATIN = ["amber", "birch", "cedar", "dawn", "ember", "fern", "grove", "hazel"]
_CITIES = ["浙江省 杭州市", "广东省 深圳市", "上海 上海市", "江苏省 苏州市", "四川省 成都市", "湖北省 武汉市"]


def nicks(numbers: pd.Series) -> pd.Series:
    """Return an unmasked member name for each customer number; one name per number."""
    return numbers.map(lambda n: f"{_FIRST[n % 8]}{_SECOND[n // 8 % 8]}{n:04d}")


def names(numbers: pd.Series) -> pd.Series:
    """Return a receiver like 甲某: many share one, as with short names."""
    return numbers.map(lambda n: f"{_PEN_NAMES[n * 7 % 10]}某{_PEN_NAMES[n * 3 // 10 % 10]}")


def phones(numbers: pd.Series) -> pd.Series:
    """Return an impossible mobile number for each customer number; one per number."""
    return numbers.map(lambda n: f"1000{(n * 7919 + 1234567) % 10_000_000:07d}")


def addresses(numbers: pd.Series) -> pd.Series:
    """Return a real city with a street that says it is invented."""
    return numbers.map(lambda n: f"{_CITIES[n * 5 % 6]} 虚构路{n % 300 + 1}号")


def mails(numbers: pd.Series) -> pd.Series:
    """Return a mail address at example.com, the domain reserved for examples."""
    return numbers.map(lambda n: f"{_LATIN[n % 8]}{n:03d}@example.com")


def some(count: int, rows: pd.Index, rng: np.random.Generator) -> pd.Index:
    """Return `count` of the rows, in their order."""
    return rows[np.sort(rng.choice(len(rows), count, replace=False))]
