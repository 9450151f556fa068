"""The linter finds what is wrong with published schemes, every planted bug, and nothing in sound ones."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import yaml

from clv import customers as make
from clv import faults, purchase_days, rfm, schemes
from clv.errors import InputError, NoAnswerError, SettingError
from clv.known import Known
from clv.schemes import cells
from clv.schemes.contract import Scheme

SHIPPED = schemes.names()
SEVERE = {
    "gap", "overlap", "stranger", "recency reversed", "reversed", "file order", "renumbered", "unreachable",
    "contradiction",
}  # fmt: skip
PLANTINGS = 6


@pytest.fixture(scope="module")
def cdnow(cdnow_orders) -> Known:
    waits = purchase_days.from_orders(cdnow_orders, until="1997-12-31")
    return Known(make.summarise(cdnow_orders, until="1997-12-31"), waits=waits)


def of(found: list[faults.Fault], kind: str) -> faults.Fault:
    """Return the one fault of a kind."""
    mine = [fault for fault in found if fault.kind == kind]
    assert len(mine) == 1, [fault.sentence for fault in found]
    return mine[0]


def kinds(found: list[faults.Fault]) -> list[str]:
    return [fault.kind for fault in found]


def of_published(name: str) -> list[faults.Fault]:
    return faults.of_scheme(schemes.read_published(name))


# --- what is known of published schemes --------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_no_shipped_scheme_has_a_severe_fault(name) -> None:
    assert not SEVERE & set(kinds(faults.of_scheme(schemes.load(name))))


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "recall-four"])
def test_no_shipped_scheme_but_the_recall_article_has_any(name) -> None:
    assert faults.of_scheme(schemes.load(name)) == []


@pytest.mark.parametrize(("name", "gaps", "overlaps"), [("r-rfm-0.2", 36, 39), ("r-rfm-0.3", 10, 58)])
def test_the_examples_of_the_r_package_leave_gaps_and_overlap(name, gaps, overlaps) -> None:
    found = of_published(name)
    assert kinds(found) == ["gap", "overlap"]
    assert (len(of(found, "gap").cells), len(of(found, "overlap").cells)) == (gaps, overlaps)
    assert of(found, "gap").sentence.startswith(f"{gaps} of 125 cells have no segment, the first R")
    assert of(found, "overlap").sentence.startswith(f"{overlaps} of 125 cells belong to several segments")


def test_names_that_come_too_late_in_the_list_are_told() -> None:
    told = of(of_published("r-rfm-0.2"), "overlap").sentence
    late = "'New customers' (新客户), 'Promising' (有希望的客户), "
    assert f"the name, and {late}'Can't lose them' (不能失去) can never be given" in told
    assert "never" not in of(of_published("r-rfm-0.3"), "overlap").sentence


def test_pymc_marketing_calls_inactive_who_has_just_bought_and_leaves_18_cells() -> None:
    found = of_published("pymc-marketing")
    assert kinds(found) == ["gap", "renumbered", "contradiction", "contradiction"]
    assert len(of(found, "gap").cells) == 18
    at_risk, inactive = (fault for fault in found if fault.kind == "contradiction")
    assert (inactive.cells, at_risk.cells) == (["411"], ["412", "422"])
    assert inactive.sentence == (
        "'Inactive' (不活跃) says that they have stayed away, but 1 of its 7 cells holds those who bought "
        "most recently: R4F1M1. Give these cells another name."
    )


def test_the_recall_article_swaps_two_names_forgets_two_cells_and_widens_one() -> None:
    found = of_published("recall-article")
    assert kinds(found) == ["gap", "swapped names", "other meaning"]
    assert of(found, "gap").cells == ["001", "100"]
    assert "the first R0F0M1 (R far, F low, M high); " in of(found, "gap").sentence
    swap = of(found, "swapped names")
    assert swap.cells == ["011", "101"]
    assert "重要发展" in swap.sentence
    assert "重要保持" in swap.sentence
    assert of(found, "other meaning").cells == ["010", "110"]
    assert (
        "'General to keep' (一般保持), 'General value' (一般价值) there"
        in of(found, "other meaning").sentence
    )


def test_naming_the_forgotten_cells_does_not_heal_the_swap() -> None:
    found = faults.of_scheme(schemes.load("recall-four"))
    assert kinds(found) == ["swapped names", "other meaning"]
    assert of(found, "swapped names").cells == ["011", "101"]


def test_the_copied_snippet_is_reversed_and_says_who_gets_the_best_name() -> None:
    found = of_published("copied-snippet")
    assert kinds(found) == ["recency reversed"]
    assert "'Important value' (重要价值), the name of R1F1M1, goes to those who have been silent longest" in (
        found[0].sentence
    )


def test_sorting_and_cutting_lets_the_file_decide() -> None:
    assert kinds(of_published("hughes-by-file-order")) == ["file order"]
    assert "on R, F, M" in of_published("hughes-by-file-order")[0].sentence


@pytest.mark.parametrize("name", ["aliyun-273067", "volcengine"])
def test_a_dialect_with_names_of_its_own_is_no_fault(name) -> None:
    assert of_published(name) == []


def test_dialects_can_contradict_each_other_where_neither_contradicts_the_standard() -> None:
    found = faults.between(schemes.read_published("aliyun-273067"), schemes.read_published("volcengine"))
    assert kinds(found) == ["other meaning"]  # both say 'Potential', in English
    assert found[0].cells == ["000", "110"]


def test_schemes_on_other_grids_cannot_be_compared() -> None:
    with pytest.raises(SettingError, match="'eight-mean' and 'hughes' are not cut into the same levels"):
        faults.between(schemes.load("eight-mean"), schemes.load("hughes"))
    with pytest.raises(SettingError, match="'hughes' and 'eleven-segments' are not"):
        faults.between(schemes.load("hughes"), schemes.load("eleven-segments"))


PAIRS = [
    ("recall-article", "eight-mean"), ("aliyun-273067", "volcengine"), ("r-rfm-0.2", "r-rfm-0.3"),
    ("eleven-segments", "r-rfm-0.2"),
]  # fmt: skip


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_a_comparison_tells_the_same_from_both_sides(a, b) -> None:
    one, other = (
        schemes.read_published(name) if name in schemes.published() else schemes.load(name) for name in (a, b)
    )
    there, back = faults.between(one, other), faults.between(other, one)
    assert sorted((f.kind, f.cells) for f in there) == sorted((f.kind, f.cells) for f in back)
    assert there
    assert faults.between(one, one) == faults.between(other, other) == []


def test_the_table_of_dialects() -> None:
    table = faults.dialects()
    assert list(table.columns) == [
        "code", "standard en", "standard zh", "aliyun-273067 zh", "volcengine zh", "recall-article zh",
    ]  # fmt: skip
    assert list(table["code"]) == ["111", "011", "101", "001", "110", "100", "010", "000"]
    by_code = table.set_index("code")
    assert list(by_code["standard zh"]) == [
        "重要价值", "重要保持", "重要发展", "重要挽留", "一般价值", "一般发展", "一般保持", "一般挽留",
    ]  # fmt: skip
    assert by_code.at["011", "recall-article zh"] == "重要发展"
    assert by_code.at["011", "volcengine zh"] == "重要唤回"
    assert by_code.at["000", "aliyun-273067 zh"] == "潜在"
    assert by_code.index[by_code["recall-article zh"].isna()].tolist() == ["001", "100"]
    assert by_code.drop(columns="recall-article zh").notna().all(axis=None)


# --- planted bugs ------------------------------------------------------------------------------------------


def said(name: str) -> dict:
    """Return a shipped scheme as its file says it."""
    return schemes.load(name).model_dump(mode="json", exclude_none=True, exclude={"id"})


def parsed(data: dict) -> Scheme:
    return schemes.parse(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), id="planted")


def pick(data: dict, rng: np.random.Generator, among: Callable[[dict], bool] = lambda one: True) -> dict:
    """Return a random segment."""
    fitting = [one for one in data["segments"] if among(one)]
    return fitting[rng.integers(len(fitting))]


def plant_gap(rng):
    data = said("eleven-segments")
    mine = pick(data, rng, lambda one: len(one["cells"]) > 1)
    lost = mine["cells"].pop(rng.integers(len(mine["cells"])))
    return data, [lost]


def plant_overlap(rng):
    data = said("eleven-segments")
    taken = str(rng.choice(pick(data, rng)["cells"]))
    pick(data, rng, lambda one: taken not in one["cells"])["cells"].append(taken)
    return data, [taken]


def plant_stranger(rng):
    data = said("eleven-segments")
    strange = str(rng.choice(["611", "55", "5555", "0..", "[4-6]55", "..9", "5.[0-5]"]))
    alone = {"en": "Somebody", "zh": "某人", "cells": [strange]}
    data["segments"].insert(rng.integers(len(data["segments"])), alone)
    return data, [strange]


def plant_reversed_recency(rng):
    data = said(rng.choice(["eight-mean", "eight-scores", "hughes", "weighted", "ten-segments", "windows"]))
    data["axes"]["R"]["high"] = "more"
    return data, []


def plant_reversed(rng):
    data = said(rng.choice(["eight-mean", "eight-fixed", "hughes", "score-sum", "eleven-segments"]))
    data["axes"][rng.choice(["F", "M"])]["high"] = "less"
    return data, []


def plant_ties(ties):
    def plant(rng):
        data = said(rng.choice(["hughes", "eleven-segments", "weighted", "ten-segments"]))
        data["axes"][rng.choice(list(data["axes"]))]["ties"] = ties
        return data, []

    return plant


# a fixed cut beyond what a customer can be: the axis, its edges, the levels that it empties
BEYOND = [
    ("F", [1.0], "0"), ("F", [0.5], "0"), ("F", [-3.0], "0"), ("F", [2.2, 2.8], "2"), ("F", [1.0, 2.0], "1"),
    ("M", [0.0], "0"), ("M", [-5.0], "0"), ("M", [-5.0, 0.0, 10.0], "12"),
    ("R", [-1.0], "1"), ("R", [-0.5, 20.0], "3"), ("R", [30.2, 30.9], "2"),
]  # fmt: skip


def plant_unreachable(rng):
    letter, edges, empty = BEYOND[rng.integers(len(BEYOND))]
    return beyond(letter, edges, empty)


def beyond(letter, edges, empty):
    data = said("eight-fixed") | {"segments": "every cell"}
    data["axes"][letter]["at"] = edges
    place = "RFM".index(letter)
    return data, [code for code in cells.codes(parsed(data)) if code[place] in empty]


# a cell of the 125, and names that say the opposite
WRONG = {
    "533": [
        "Lost", "Almost asleep", "At_Risk", "hibernating ones", "Not active", "Dormant (2024)", "Win-back",
        "Churned",         "已流失", "沉睡客户", "睡眠", "休眠", "不活跃", "有流失风险", "待唤醒",
    ],
    "133": ["New customers", "Active", "Recent", "CHAMPIONS", "活跃客户", "新客户", "冠军"],
    "353": ["New", "One-time buyers", "Bought once", "One purchase", "新会员", "购买1次", "首购"],
    "313": ["Loyal", "Champions", "Repeat buyers", "Frequent", "忠诚客户", "复购客户", "冠军"],
    "335": ["Low value", "低价值"],
    "331": ["Big spenders", "High value", "高消费", "大客户"],
}  # fmt: skip
# the same cells, and names that only look like it
RIGHT = {
    "555": [
        "Not lost", "Never lost", "Can't lose them", "Sleepwear", "Previously lost", "More than one purchase",
        "One purchase or more", "Renewed", "News readers", "Lapse-free",
        "未流失", "非沉睡", "重要挽留", "不能失去", "防流失", "购买1次以上", "购买11次",
        "更新", "重新购买", "非新客",
    ],
    "111": [
        "Potential loyalist", "Previously active", "Radioactive", "Previously loyal",
        "潜在忠诚", "不活跃", "未复购", "待复购", "最新款偏好",
    ],
}  # fmt: skip


def plant_contradiction(rng):
    wrong = list(WRONG)[rng.integers(len(WRONG))]
    return named(WRONG[wrong][rng.integers(len(WRONG[wrong]))], wrong, "333")


def named(name: str, *own: str):
    """Return a scheme of 125 cells in which a name, in its language, has some; and the first."""
    data = said("hughes")
    rest = [code for code in cells.codes(parsed(data)) if code not in own]
    both = {"en": name, "zh": "甲"} if name.isascii() else {"en": "A", "zh": name}
    data["segments"] = [both | {"cells": list(own)}, {"en": "Others", "zh": "其他", "cells": rest}]
    return data, [own[0]]


def plant_swap(rng):
    data = said(rng.choice(["eight-mean", "eight-median", "eight-fixed", "eight-scores"]))
    one = pick(data, rng)
    other = pick(data, rng, lambda segment: segment is not one)
    language = rng.choice(["en", "zh", "both"])
    for each in ("en", "zh") if language == "both" else (language,):
        one[each], other[each] = other[each], one[each]
    for segment in (one, other):  # a dialect's trimmings do not hide it
        segment["en"] += " (ours)"
        segment["zh"] += rng.choice(["客户", "(本店)", ""])
    return data, sorted([*one["cells"], *other["cells"]])


def plant_other_meaning(rng):
    data = said("eight-mean")
    one = pick(data, rng)
    other = pick(data, rng, lambda segment: segment is not one)
    data["segments"].remove(other)
    moved = list(other["cells"])
    one["cells"] += moved
    return data, moved


PLANTED = {
    "gap": plant_gap,
    "overlap": plant_overlap,
    "stranger": plant_stranger,
    "recency reversed": plant_reversed_recency,
    "reversed": plant_reversed,
    "file order": plant_ties("file order"),
    "renumbered": plant_ties("renumber"),
    "unreachable": plant_unreachable,
    "contradiction": plant_contradiction,
    "swapped names": plant_swap,
    "other meaning": plant_other_meaning,
}


@pytest.mark.parametrize("seed", range(PLANTINGS))
@pytest.mark.parametrize("kind", PLANTED)
def test_every_planted_bug_is_found_and_nothing_else(kind, seed) -> None:
    data, concerned = PLANTED[kind](np.random.default_rng([seed, len(kind)]))
    found = faults.of_scheme(parsed(data))
    fault = of([one for one in found if one.kind == kind], kind)
    assert sorted(fault.cells) == concerned
    # a name in the wrong place may also contradict its cell; nothing else comes along
    assert set(kinds(found)) <= {
        kind,
        "contradiction" if kind in ("swapped names", "other meaning") else kind,
    }


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_bugs_are_planted_in_is_clean(name) -> None:
    found = faults.of_scheme(parsed(said(name)))
    assert found == faults.of_scheme(schemes.load(name))
    assert parsed(said(name)).model_dump(exclude={"id"}) == schemes.load(name).model_dump(exclude={"id"})


@pytest.mark.parametrize("kind", PLANTED)
def test_the_kinds_are_described(kind) -> None:
    assert faults.KINDS[kind]


@pytest.mark.parametrize(
    "at",
    [
        {"R": [0.0]}, {"R": [0.5]}, {"F": [2.0]}, {"F": [1.5]}, {"M": [0.01]}, {"R": [0.0, 1.0, 2.0]},
        {"F": [2.0, 3.0, 4.0]},
    ],
)  # fmt: skip
def test_a_cut_that_leaves_a_whole_number_on_each_side_is_no_fault(at) -> None:
    data = said("eight-fixed") | {"segments": "every cell"}
    for letter, edges in at.items():
        data["axes"][letter]["at"] = edges
    assert faults.of_scheme(parsed(data)) == []


def test_a_reversed_axis_cut_at_fixed_numbers_is_walked_from_its_other_end() -> None:
    """High: more, cut at 0 days: everybody has been silent for 0 days or more, so nobody is low."""
    data = said("eight-fixed") | {"segments": "every cell"}
    data["axes"]["R"] = {"at": [0.0], "high": "more"}
    found = of(faults.of_scheme(parsed(data)), "unreachable")
    assert found.cells == ["000", "001", "010", "011"]
    data["axes"]["R"]["at"] = [1.0]
    assert kinds(faults.of_scheme(parsed(data))) == ["recency reversed"]


@pytest.mark.parametrize(("letter", "edges", "empty"), BEYOND)
def test_every_cut_beyond_what_a_customer_can_be_is_found(letter, edges, empty) -> None:
    data, concerned = beyond(letter, edges, empty)
    found = of(faults.of_scheme(parsed(data)), "unreachable")
    assert found.cells == concerned
    assert f"axis {letter} is cut at " in found.sentence
    assert all(f"{letter}{digit}" in found.sentence for digit in empty)
    assert f"{len(concerned)} of {len(cells.codes(parsed(data)))} cells stay empty" in found.sentence


@pytest.mark.parametrize(("cell", "name"), [(cell, name) for cell, names in WRONG.items() for name in names])
def test_every_name_that_says_the_opposite_is_found(cell, name) -> None:
    data, concerned = named(name, cell, "333")
    found = of(faults.of_scheme(parsed(data)), "contradiction")
    assert found.cells == concerned
    assert name in found.sentence
    assert faults.of_scheme(parsed(named(name, "333")[0])) == []


@pytest.mark.parametrize(("cell", "name"), [(cell, name) for cell, names in RIGHT.items() for name in names])
def test_names_that_only_look_like_a_contradiction_pass(cell, name) -> None:
    assert faults.of_scheme(parsed(named(name, cell)[0])) == []


def test_names_of_levels_are_read_too() -> None:
    data = said("windows-orders")
    data["axes"]["R"]["names"].reverse()
    found = faults.of_scheme(parsed(data))
    assert kinds(found) == ["contradiction", "contradiction"]  # 'lost' is nearest, 'active' farthest
    assert {fault.sentence.split(" ")[0] for fault in found} == {"'lost'", "'active'"}
    assert [len(fault.cells) for fault in found] == [5, 5]


def test_a_name_is_read_against_all_its_cells_even_those_that_another_claims_first() -> None:
    data, _ = named("Lost", "533")
    data["segments"] = data["segments"][::-1]
    data["segments"][0]["cells"].append("533")
    assert kinds(faults.of_scheme(parsed(data))) == ["overlap", "contradiction"]


def test_near_and_far_are_told_by_the_days_and_not_by_the_level() -> None:
    data = said("eight-mean")
    data["segments"] = data["segments"][1:]
    assert "the first R1F1M1 (R near, F high, M high);" in of(faults.of_scheme(parsed(data)), "gap").sentence
    data["axes"]["R"]["high"] = "more"
    assert "the first R1F1M1 (R far, F high, M high);" in of(faults.of_scheme(parsed(data)), "gap").sentence


def test_axes_in_another_order_are_still_compared_with_the_standard() -> None:
    data = said("recall-four")
    data["axes"] = {letter: data["axes"][letter] for letter in "MFR"}
    for segment in data["segments"]:
        segment["cells"] = [cell[::-1] for cell in segment["cells"]]
    found = faults.of_scheme(parsed(data))
    assert kinds(found) == ["swapped names", "other meaning"]
    assert of(found, "swapped names").cells == ["101", "110"]
    assert of(found, "other meaning").cells == ["010", "011"]


def test_three_names_that_move_on_by_one_are_three_other_meanings_and_no_swap() -> None:
    data = said("eight-mean")
    a, b, c = data["segments"][:3]
    a["cells"], b["cells"], c["cells"] = b["cells"], c["cells"], a["cells"]
    found = faults.of_scheme(parsed(data))
    assert [fault.kind for fault in found if fault.kind != "contradiction"] == ["other meaning"] * 3


def eight(**cells_of: list[str]) -> Scheme:
    """Return a scheme on the grid of the eight classes with these cells by name."""
    data = said("eight-mean")
    data["segments"] = [{"en": name, "zh": f"甲{name}", "cells": own} for name, own in cells_of.items()]
    return parsed(data)


def test_names_that_share_a_cell_have_not_changed_places() -> None:
    ours = eight(A=["111", "011"], B=["101"], C=[".00", ".10", "001"])
    theirs = eight(A=["111", "101"], B=["011"], C=[".00", ".10", "001"])
    found = faults.between(ours, theirs)
    assert kinds(found) == [
        "other meaning"
    ]  # told once: it is one border between A and B that lies elsewhere
    assert found[0].cells == ["011", "101"]


def test_of_several_segments_the_first_in_the_list_has_the_cell() -> None:
    first = eight(A=["1.."], B=["0..", "111"])
    assert faults.between(first, eight(A=["1.."], B=["0.."])) == []
    found = of(faults.between(first, eight(A=["10.", "110"], B=["0..", "111"])), "other meaning")
    assert found.cells == ["111"]


# --- on customers ------------------------------------------------------------------------------------------


def test_premium_and_repeat_are_impossible_on_cdnow(cdnow) -> None:
    found = of(faults.on_customers(schemes.read_published("pymc-marketing"), cdnow), "ties")
    assert found.cells == [
        code for code in cells.codes(schemes.read_published("pymc-marketing")) if code[1] in "34"
    ]
    share = 100 * (cdnow.customers["orders"] == 1).mean()
    assert found.sentence == (
        f"axis F: {share:.1f} % of the customers have the same orders (1), so nobody is in F3, F4. 32 of 64 "
        "cells stay empty, and nobody can be 'Premium' (优质客户), 'Repeat' (复购客户). Cut at fixed "
        "numbers, or into fewer parts."
    )


def test_renumbered_levels_are_those_of_pandas(cdnow, rng) -> None:
    """The independent computation: qcut without its duplicate edges, numbered from 1, the best highest."""
    for _ in range(60):
        few = cdnow.customers.sample(int(rng.integers(2, 30)), random_state=int(rng.integers(1e6)))
        parts = int(rng.integers(3, 7))
        data = said("hughes")
        for axis in data["axes"].values():
            axis |= {"ties": "renumber", "parts": parts}
        free = {
            "R": nobodys(-few["days_since_last"], parts, right=False),
            "F": nobodys(few["frequency"] + 1, parts, right=True),
            "M": nobodys(few["total_spend"], parts, right=True),
        }
        found = [code for one in faults.on_customers(parsed(data), Known(few)) for code in one.cells]
        codes = cells.codes(parsed(data))
        assert found == [
            code for code in codes if any(d in free[x] for x, d in zip("RFM", code, strict=True))
        ]


def nobodys(better: pd.Series, parts: int, *, right: bool) -> set[str]:
    """Return the levels that qcut gives to nobody; columns where less is better are cut as they are."""
    raw = better if right else -better
    if raw.nunique() == 1:
        return {str(level) for level in range(2, parts + 1)}
    level, edges = pd.qcut(raw, parts, labels=False, duplicates="drop", retbins=True)
    number = level + 1 if right else len(edges) - 1 - level
    return {str(one) for one in range(1, parts + 1)} - {str(one) for one in number}


def test_the_file_would_split_equal_customers(cdnow, rng) -> None:
    """The independent computation: rank by place in the file, cut, count the values in several parts."""
    scheme = schemes.read_published("hughes-by-file-order")
    shops = [cdnow.customers.sample(int(n), random_state=int(n)) for n in rng.integers(5, 60, 40)]
    for people in (cdnow.customers, *shops):
        told = " ".join(one.sentence for one in faults.on_customers(scheme, Known(people)))
        split = in_several_parts(people["frequency"])
        assert (f"{split:,} by purchases" in told) == (split > 0)
        split = in_several_parts(people["days_since_last"])
        assert (f" {split:,} by days since last" in told) == (split > 0)
    assert in_several_parts(cdnow.customers["frequency"]) > 10_000


def in_several_parts(values: pd.Series) -> int:
    rank = values.rank(method="first").astype(int)
    return int(((-(-5 * rank // len(values))).groupby(values).transform("nunique") > 1).sum())


@pytest.mark.parametrize("name", ["hughes", "hughes-nested", "eleven-segments", "ten-segments", "weighted"])
def test_cells_that_are_said_to_stay_empty_are_empty(name, cdnow) -> None:
    scheme = schemes.load(name)
    found = of([one for one in faults.on_customers(scheme, cdnow) if one.cells], "ties")
    table = rfm.segments(rfm.learn(scheme, cdnow), cdnow)
    taken = {re.sub("[A-Z]", "", code) for code in table["code"]}
    assert not taken & set(found.cells)
    told = re.findall(r"'([^']+)' \(", found.sentence.partition("nobody can be")[2])
    assert not set(told) & set(table["segment"])
    for letter, digit in re.findall(
        r"([RFM])(\d)", found.sentence
    ):  # of each level that nobody is in, all cells
        place = list(scheme.axes).index(letter)
        assert {code for code in cells.codes(scheme) if code[place] == digit} <= set(found.cells)


def test_with_most_customers_equal_nobody_can_be_a_new_customer_of_the_ten(cdnow) -> None:
    found = of(faults.on_customers(schemes.load("ten-segments"), cdnow), "ties")
    assert (
        "nobody can be 'New customers' (新客户), 'Promising' (有希望的客户), 'Need attention'"
        in found.sentence
    )


def test_empty_bands_are_told(cdnow) -> None:
    found = [one for one in faults.on_customers(schemes.load("score-sum"), cdnow) if "band" in one.sentence]
    placed = rfm.learn(schemes.load("score-sum"), cdnow).place(cdnow)
    empty = set(range(10)) - set(placed.segment)
    assert f"nobody is in band {', '.join(str(one + 1) for one in sorted(empty))} of 10" in found[0].sentence


@pytest.mark.parametrize(
    "name",
    [
        "eight-mean", "eight-median", "eight-fixed", "windows", "windows-own", "ladder", "kmeans", "spend",
        "p-buy",
    ],
)  # fmt: skip
def test_schemes_that_ties_do_no_harm_have_no_fault_on_cdnow(name, cdnow) -> None:
    assert faults.on_customers(schemes.load(name), cdnow) == []


def test_a_rounded_median_that_nobody_exceeds_is_no_tie(cdnow) -> None:
    """A number that the shop holds: .96 is rounded to 1, which nobody reaches today."""
    cheap = Known(cdnow.customers.assign(total_spend=0.96))
    assert "R1F1M1" not in set(rfm.segments(rfm.learn(schemes.load("eight-fixed"), cheap), cheap)["code"])
    assert faults.on_customers(schemes.load("eight-fixed"), cheap) == []
    assert "total spend (0.96)" in of(faults.on_customers(schemes.load("eight-mean"), cheap), "ties").sentence


def test_a_few_customers_are_no_ties(cdnow) -> None:
    few = Known(cdnow.customers.drop_duplicates("total_spend").head(3))
    money = parsed(said("hughes") | {"axes": {"M": {"parts": 5}}})
    assert "there are only 3 customers" in of(faults.on_customers(money, few), "ties").sentence
    assert faults.on_customers(schemes.load("hughes"), Known(cdnow.customers.head(0))) == []


def test_schemes_that_need_more_than_customers_say_so(cdnow) -> None:
    with pytest.raises(NoAnswerError, match=r"repeat purchases"):
        faults.on_customers(schemes.load("value"), Known(cdnow.customers[cdnow.customers["frequency"] == 0]))


def with_purchases(customers: pd.DataFrame, counts: list[int]) -> Known:
    """Return as many customers as there are counts, with these numbers of purchases."""
    few = customers.head(len(counts))
    return Known(few.assign(frequency=np.array(counts) - 1, recency=few["T"], days_since_last=0))


@pytest.mark.parametrize(("ones", "sharp"), [(21, False), (24, True), (26, True), (30, False)])
def test_a_mean_score_near_the_turn_of_its_rounding_is_a_knife_edge(ones, sharp, cdnow) -> None:
    """The more of 100 customers bought once, the lower the mean score: 2.99, 2.96, 2.94, 2.90."""
    counts = [1] * ones + list(range(2, 102 - ones))
    score = np.ceil(5 * pd.Series(counts).rank(method="average") / 100)
    found = faults.on_customers(schemes.load("eight-scores"), with_purchases(cdnow.customers, counts))
    assert [fault.kind for fault in found if "axis F" in fault.sentence] == ["knife edge"] * sharp
    if sharp:
        told = f"the mean score is {score.mean():.3f}; it is rounded to 3 from 2.95 on, and there the "
        assert told + f"{100 * (score == 3).mean():.1f} % of customers with score 3" in found[-1].sentence


# --- any labeller ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def people(cdnow) -> pd.DataFrame:
    return cdnow.customers.sort_index().iloc[:3000]


@pytest.mark.parametrize("name", ["eleven-segments", "eight-mean", "hughes-nested", "kmeans", "spend"])
def test_our_own_schemes_pass_as_labellers(name, people, rng) -> None:
    def label(customers: pd.DataFrame) -> pd.Series:
        known = Known(customers)
        return rfm.segments(rfm.learn(schemes.load(name), known), known)["segment"]

    assert faults.of_labelling(label, people, rng=rng) == []


LABELLERS = {
    "file order": {
        "rank first": lambda t: pd.qcut(t["frequency"].rank(method="first"), 5, labels=False),
        "row number": lambda t: np.arange(len(t)) * 5 // len(t),
        "the file reversed": lambda t: t["T"].iloc[::-1].to_numpy(),
        "sorted and cut": lambda t: pd.Series(
            np.arange(len(t)) * 5 // len(t), index=t.sort_values("orders", kind="stable").index
        ),
        "the first of each kind": lambda t: t.duplicated("frequency"),
        "whoever comes first": lambda t: t["total_spend"] > t["total_spend"].iloc[0],
    },
    "split": {
        "by the id": lambda t: pd.Series(t.index.str[-1].astype(int) % 2, index=t.index),
        "rank first": lambda t: pd.qcut(t["frequency"].rank(method="first"), 5, labels=False),
    },
    "gap": {
        "missing": lambda t: t["T"].where(t["frequency"] > 0),
        "empty": lambda t: t["frequency"].map(lambda n: "repeat" if n else " "),
        "left out": lambda t: t.loc[t["frequency"] > 0, "T"],
        "beyond the last bin": lambda t: pd.cut(t["total_spend"], [0, 10, 100], labels=["low", "high"]),
        "not mapped": lambda t: t["frequency"].map({0: "one-time", 1: "second"}),
    },
}
PLANTED_LABELLERS = [(kind, name) for kind, mine in LABELLERS.items() for name in mine]


@pytest.mark.parametrize(("kind", "name"), PLANTED_LABELLERS)
def test_every_planted_labeller_is_found_out(kind, name, people, rng) -> None:
    found = faults.of_labelling(LABELLERS[kind][name], people, rng=rng)
    assert kind in kinds(found)
    if kind == "gap":
        assert kinds(found) == ["gap"]
    assert_no_id(found, people)


CLEAN = {
    "mean": lambda t: t["total_spend"] > t["total_spend"].mean(),
    "average rank": lambda t: np.ceil(t["frequency"].rank(pct=True) * 5),
    "a list": lambda t: ["all"] * len(t),
    "an array": lambda t: t["orders"].to_numpy() > 1,
    "without the index": lambda t: t["T"].reset_index(drop=True),
    "sorted": lambda t: t["total_spend"].sort_values() > 20,
    "words": lambda t: pd.cut(t["T"], [-1, 300, 9999], labels=["late", "early"]),
    "by a column that equals differ in": lambda t: t["first_order"].dt.month,
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_sound_labeller_passes(name, people, rng) -> None:
    assert faults.of_labelling(CLEAN[name], people, rng=rng) == []


def test_customers_are_counted_exactly(people, rng) -> None:
    once = people["frequency"] == 0
    found = of(faults.of_labelling(LABELLERS["gap"]["missing"], people, rng=rng), "gap")
    assert found.sentence.startswith(
        f"{once.sum():,} of 3,000 customers get no label, the first with days since"
    )
    split = of(faults.of_labelling(LABELLERS["split"]["by the id"], people, rng=rng), "split")
    equal = people.groupby(list(people.columns), dropna=False).ngroup()
    odd = pd.Series(people.index.str[-1].astype(int) % 2, index=people.index)
    assert split.sentence.startswith(
        f"{(odd.groupby(equal).transform('nunique') > 1).sum():,} of 3,000 customers"
    )


def test_a_labeller_cannot_change_the_table(people, rng) -> None:
    before = people.copy()

    def label(customers: pd.DataFrame) -> pd.Series:
        customers["total_spend"] = 0.0
        return customers["total_spend"]

    assert faults.of_labelling(label, people, rng=rng) == []
    pd.testing.assert_frame_equal(people, before)


def test_a_labeller_that_makes_equals_different_first_is_found_out(people, rng) -> None:
    def label(customers: pd.DataFrame) -> pd.Series:
        customers["total_spend"] = np.arange(len(customers)) + 1.0
        return LABELLERS["split"]["by the id"](customers)

    assert kinds(faults.of_labelling(label, people, rng=rng)) == ["split"]


@pytest.mark.parametrize("seed", range(10))
def test_two_customers_are_enough_to_see_the_file_decide(seed, people) -> None:
    found = faults.of_labelling(
        LABELLERS["file order"]["row number"], people.head(2), rng=np.random.default_rng(seed)
    )
    assert "file order" in kinds(found)
    assert "2 of 2 customers" in of(found, "file order").sentence


@pytest.mark.parametrize("label", [lambda t: "A", lambda t: t[["T"]], lambda t: None])
def test_what_gives_no_labels_is_refused(label, people, rng) -> None:
    with pytest.raises(InputError, match="the labeller gave no list of labels"):
        faults.of_labelling(label, people, rng=rng)


def test_too_few_labels_and_other_tables_are_refused(people, rng) -> None:
    with pytest.raises(InputError, match="the labeller gave 2 labels to 3,000 customers"):
        faults.of_labelling(lambda t: ["a", "b"], people, rng=rng)
    with pytest.raises(InputError, match="the customers table lacks the column 'T'"):
        faults.of_labelling(lambda t: t["frequency"], people.drop(columns="T"), rng=rng)


def test_no_sentence_names_a_customer(people, rng) -> None:
    found = faults.of_labelling(lambda t: pd.Series(t.index, index=t.index), people, rng=rng)
    assert kinds(found) == ["split"]
    assert_no_id(found, people)


def assert_no_id(found: list[faults.Fault], people: pd.DataFrame) -> None:
    words = {word for fault in found for word in re.findall(r"\w+", fault.sentence)}
    assert not words & set(people.index)


# --- sentences ---------------------------------------------------------------------------------------------


def test_every_sentence_is_one_line_with_an_end(cdnow) -> None:
    told = [fault for name in schemes.published() for fault in of_published(name)]
    told += [fault for name in SHIPPED for fault in faults.on_customers(schemes.load(name), cdnow)]
    told += faults.between(schemes.read_published("r-rfm-0.2"), schemes.read_published("r-rfm-0.3"))
    assert len(told) > 20
    for fault in told:
        assert fault.kind in faults.KINDS
        assert fault.sentence.endswith(".")
        assert "\n" not in fault.sentence
        assert isinstance(fault.cells, list)
        assert len(fault.sentence) < 600
