"""What titles say of metal, stone, kind and grams: every word, the traps, the sample shop, real titles."""

import itertools
import sys

import numpy as np
import pandas as pd
import pytest

from clv import jewellery
from clv.tasting import brands
from conftest import REPO


def read(*titles: str | None) -> pd.DataFrame:
    return jewellery.read(pd.Series(titles, dtype="str"))


def beside(word: str) -> str:
    """Return a title with the word and a kind that makes weak words count, in the word's own script."""
    return f"{word} bracelet" if word.isascii() else f"{word} 手链"


def words(axis: str) -> list[tuple[str, str]]:
    found = jewellery._file()[axis]
    return [(name, str(w)) for name, e in found.items() for w in (*e.get("words", ()), *e.get("weak", ()))]


TITLES = {
    "金满堂足金999福牌吊坠项链（送礼盒）": ("gold", None, "necklace"),
    "18K金30分求婚钻戒": ("K gold", "diamond", "ring"),
    "Pt950铂金50分钻戒": ("platinum", "diamond", "ring"),
    "PT 950 鉑金對戒": ("platinum", None, "pair of rings"),
    "千足金轉運珠": ("gold", None, "bead"),
    "万足金 9999 投资金条 10g": ("gold", None, "bar"),
    "Ｓ９２５ 银耳钉": ("silver", None, "earrings"),
    "足金999.9 手镯": ("gold", None, "bangle"),
    "18K黄金项链": ("K gold", None, "necklace"),
    "24K黄金手镯": ("gold", None, "bangle"),
    "18K金红宝石镶钻戒指": ("K gold", "ruby", "ring"),
    "翡翠平安扣吊坠": (None, "jadeite", "pendant"),
    "和田玉手镯": (None, "nephrite", "bangle"),
    "1克拉戒指": (None, "diamond", "ring"),
    "蜜蜡手串": (None, "amber", "bracelet"),
    "14K gold mother of pearl pendant necklace": ("K gold", "mother of pearl", "necklace"),
    "K金 mother of pearl 项链": ("K gold", "mother of pearl", "necklace"),
    "Sterling silver rings": ("silver", None, "ring"),
    "Necklace with pearl pendant": (None, "pearl", "necklace"),
}
TRAPS = {
    "仿真黄金手镯 不掉色": ("base metal", None, "bangle"),
    "越南沙金项链": ("base metal", None, "necklace"),
    "合金镶钻戒指": ("base metal", None, "ring"),
    "镀18K金手镯": (None, None, "bangle"),
    "铜镀金项链": (None, None, "necklace"),
    "S925银镀金手链": ("silver", None, "bracelet"),
    "合金耳环 925银针": ("base metal", None, "earrings"),
    "金色手链": (None, None, "bracelet"),
    "金满堂手链": (None, None, "bracelet"),
    "老街足金店 手链": (None, None, "bracelet"),
    "钻石纹手镯": (None, None, "bangle"),
    "银杏叶吊坠": (None, None, "pendant"),
    "银耳莲子羹": (None, None, None),
    "珍珠奶茶": (None, None, None),
    "珍珠": (None, None, None),
    "莫桑石钻戒 1克拉": (None, "moissanite", "ring"),
    "培育钻戒": (None, "lab-grown diamond", "ring"),
    "仿真钻戒": (None, "imitation stone", "ring"),
    "足金手链 送银项链": ("gold", None, "bracelet"),
    "足金手链 赠925银项链": ("gold", None, "bracelet"),
    "珍珠耳钉 送女友": (None, "pearl", "earrings"),
    "足金项链吊坠手链": ("gold", None, None),
    "18k gold plated necklace": (None, None, "necklace"),
    "Gold tone ring": (None, None, "ring"),
    "14k gold filled ring": ("base metal", None, "ring"),
    "Bling key ring": (None, None, None),
    "Ruby glass earrings": (None, "imitation stone", "earrings"),
    "Golden spring string": (None, None, None),
    "Silver leaf earrings": (None, None, "earrings"),
}


@pytest.mark.parametrize(("title", "meant"), [*TITLES.items(), *TRAPS.items()])
def test_a_title_says_what_a_jeweller_would_read_and_no_more(title, meant):
    row = read(title).iloc[0]
    assert tuple(None if pd.isna(row[axis]) else row[axis] for axis in jewellery.AXES) == meant


@pytest.mark.parametrize("axis", ["metal", "stone"])
def test_every_word_of_the_dictionary_is_read_as_what_it_stands_under(axis):
    said = {word.replace("#", "50"): name for name, word in words(axis)}
    told = read(*map(beside, said))[axis]
    wrong = {word: got for (word, name), got in zip(said.items(), told, strict=True) if got != name}
    assert not wrong


def test_every_kind_is_read_with_a_metal_beside_it():
    said = {word.replace("#", "50"): name for name, word in words("kind")}
    told = read(*(f"925 silver {w}" if w.isascii() else f"纯银 {w}" for w in said))["kind"]
    assert {w: got for (w, name), got in zip(said.items(), told, strict=True) if got != name} == {}


def test_words_of_imitations_make_no_metal_precious():
    found = jewellery._file()["base metal"]["words"]
    told = read(*(f"足金 {w} 手链" if not w.isascii() else f"solid gold {w} bracelet" for w in found))
    assert set(told["metal"]) == {"base metal"}


def test_traps_mean_nothing():
    traps = [str(w) for entry in jewellery._file()["traps"].values() for w in entry]
    told = read(*map(beside, traps))
    assert {
        w for w, said in zip(traps, told[["metal", "stone"]].notna().any(axis=1), strict=True) if said
    } == set()


def test_no_word_means_two_things_of_one_axis_and_weak_words_are_not_strong_too():
    for axis in jewellery.AXES:
        tight = [word.replace(" ", "") for _, word in words(axis)]
        assert len(tight) == len(set(tight))


def test_traditional_characters_are_read_as_simplified_ones():
    known = jewellery._file()["traditional"]
    back = str.maketrans({simple: old for old, simple in known.items() if len(simple) == 1})
    simple = [title for title in TITLES if not title.isascii()]
    pd.testing.assert_frame_equal(read(*simple), read(*(title.translate(back) for title in simple)))
    assert all(len(old) == len(new) == 1 and old != new for old, new in known.items())


def test_metal_and_stone_are_told_apart_whatever_stands_first():
    told = [read(f"{a}{b}戒指").iloc[0] for a, b in itertools.permutations(["18K金", "红宝石"])]
    assert [(row["metal"], row["stone"]) for row in told] == [("K gold", "ruby")] * 2


@pytest.mark.parametrize(
    ("title", "grams"),
    [
        ("足金手镯 克重：0.48克", 0.48), ("足金项链 3.5g", 3.5), ("Gold bar 10 grams", 10.0),
        ("金条10G 10克", 10.0), ("1克拉钻戒", np.nan), ("足金 3g 或 5g", np.nan),
        ("iPhone 5gs", np.nan), ("18K金戒指", np.nan), ("足金摆件 1,000克", 1000.0), ("足金3.5g手镯", 3.5),
        ("手链,5克", 5.0), ("足金手链3-5克", np.nan), ("足金手链 3～5g", np.nan), ("足金 0克工费", np.nan),
        ("5G手机", np.nan), ("5G 手机 10克", 10.0),
    ],
)  # fmt: skip
def test_grams_are_read_where_one_weight_is_written(title, grams):
    np.testing.assert_equal(read(title)["grams"].iloc[0], grams)


def test_what_is_in_no_known_language_is_counted_and_not_guessed():
    told = read(
        "золотое кольцо S925", "18金 のリング", "반지", "999", "", None, "足金戒指", "Wooden puzzle", "手链"
    )
    assert list(told["language"].isna()) == [True, False, True, True, True, True, False, False, False]
    assert told.loc[told["language"].isna(), list(jewellery.AXES)].isna().all(axis=None)
    counted = jewellery.counted(told).set_index("titles")["count"]
    assert counted.to_dict() == {
        "say a metal or a stone": 1, "say only a kind": 1, "have none of our words": 2,
        "are in no known language": 5,
    }  # fmt: skip
    assert counted.sum() == len(told)


def test_rows_keep_their_place_and_tell_nothing_of_each_other(rng):
    titles = pd.Series([*TITLES, *TRAPS, None], dtype="str")
    told = jewellery.read(titles)
    order = rng.permutation(len(titles))
    pd.testing.assert_frame_equal(jewellery.read(titles.iloc[order]), told.iloc[order])


def test_the_sample_jewellers_titles_say_their_categories():
    sys.path.insert(0, str(REPO / "data" / "samples"))
    from generator.gold import CATALOGUE

    told = jewellery.read(CATALOGUE["title"])
    gold = CATALOGUE["category"].str.contains("足金|金条")
    assert (told.loc[gold, "metal"] == "gold").all() and not (told.loc[~gold, "metal"] == "gold").any()
    expected = {
        "K金": ("metal", "K gold"), "铂金对戒": ("metal", "platinum"), "钻戒": ("stone", "diamond"),
        "珍珠": ("stone", "pearl"), "翡翠": ("stone", "jadeite"), "足金项链": ("kind", "necklace"),
        "足金戒指": ("kind", "ring"), "足金手镯": ("kind", "bangle"), "金条": ("kind", "bar"),
    }  # fmt: skip
    for category, (axis, name) in expected.items():
        assert set(told.loc[CATALOGUE["category"] == category, axis]) == {name}
    assert set(CATALOGUE["category"]) == set(expected)


def test_toys_and_gifts_of_real_shops_are_no_gold(shared_data):
    toys = pd.read_csv(shared_data / "taobao_toys" / "Items_orders.csv.gz", dtype="str")["标题"]
    assert jewellery.read(toys)["metal"].isna().all()
    gifts = pd.read_csv(shared_data / "uci_online_retail" / "online_retail.csv.gz", dtype="str")[
        "Description"
    ]
    told = jewellery.read(gifts.drop_duplicates())
    assert set(told["metal"].dropna()) <= {"base metal"}
    assert told["kind"].eq("necklace").sum() > 50


def test_brands_stand_between_brackets_at_the_beginning():
    titles = [
        "【周大福】足金手链",
        "[CHJ] 项链",
        "【包邮】足金",
        "足金【周大福】",
        "【618大促】手链",
        "手链",
        None,
    ]
    assert list(brands.read(pd.Series(titles, dtype="str")).fillna("")) == [
        "周大福",
        "CHJ",
        "",
        "",
        "",
        "",
        "",
    ]


def test_brands_of_a_list_count_wherever_they_stand_the_longest_first():
    titles = pd.Series(["新款周大福传承足金", "周大福 手链", "Ring by ＣＨＪ", "老凤祥", None], dtype="str")
    found = brands.read(titles, brands=["周大福", "周大福传承", "chj"])
    assert list(found.fillna("")) == ["周大福传承", "周大福", "chj", "", ""]
