"""Every scheme is a partition that only the customers decide; files and kept rules say what is wrong."""

import json
import re
from collections import Counter
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clv import customers as make
from clv import purchase_days, rfm, schemes, tables
from clv.errors import InputError, NoAnswerError, SettingError
from clv.known import Known
from clv.schemes import cells
from clv.schemes.axes import column, is_better_less
from clv.schemes.contract import Scheme

SHIPPED = [schemes.load(name) for name in schemes.names()]
TWO_LEVELS = ["eight-fixed", "eight-mean", "eight-median", "eight-scores", "recall-four"]
every_scheme = pytest.mark.parametrize("scheme", SHIPPED, ids=lambda scheme: scheme.id)
QUICK = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
UNTIL = pd.Timestamp("2026-06-30")


def is_learned_from_customers_alone(scheme: Scheme) -> bool:
    waits = any(axis.hazard for axis in scheme.axes.values())
    return not (scheme.needs_model or waits or scheme.clusters)


PLAIN = [scheme for scheme in SHIPPED if is_learned_from_customers_alone(scheme)]


def shop(rows: list[dict]) -> pd.DataFrame:
    """Return a CUSTOMERS table from frequency, recency, T, total_spend, orders."""
    found = pd.DataFrame(rows)
    found["days_since_last"] = found["T"] - found["recency"]
    found["monetary_value"] = (found["total_spend"] / (found["frequency"] + 1)).where(
        found["frequency"] > 0, 0.0
    )
    found["first_order"] = UNTIL - pd.to_timedelta(found["T"], unit="D")
    found["last_order"] = UNTIL - pd.to_timedelta(found["days_since_last"], unit="D")
    found["category"] = found["channel"] = None
    found.index = pd.Index([f"c{n:03}" for n in range(len(found))], name="customer_id")
    return tables.check(found[list(tables.CUSTOMERS.columns)], tables.CUSTOMERS)


amounts = st.sampled_from([0.01, 9.99, 50.0, 1e9]) | st.floats(0.01, 1e9, allow_nan=False)
ages = st.sampled_from([0, 1, 90, 180, 181, 365, 5000]) | st.integers(0, 5000)


@st.composite
def customer(draw):
    T = draw(ages)
    frequency = min(draw(st.sampled_from([0, 0, 0, 1, 1, 2, 5]) | st.integers(0, 400)), T)
    recency = draw(st.sampled_from([frequency, T]) | st.integers(frequency, T)) if frequency else 0
    orders = frequency + 1 + draw(st.sampled_from([0, 0, 1, 30]))
    return {
        "T": T,
        "frequency": frequency,
        "recency": recency,
        "orders": orders,
        "total_spend": draw(amounts),
    }


@st.composite
def shops(draw):
    """A few to sixty customers, many of them equal."""
    kinds = draw(st.lists(customer(), min_size=1, max_size=20))
    copies = draw(st.lists(st.sampled_from(kinds), max_size=40))
    return shop([*kinds, *copies])


def labels(scheme: Scheme, customers: pd.DataFrame) -> pd.DataFrame:
    """Return names and codes as a rule places the customers it was learned from."""
    known = Known(customers)
    rule = rfm.learn(scheme, known)
    placed = rule.place(known)
    assert placed.segment.min() >= 0
    assert placed.code.min() >= 0
    return pd.DataFrame(
        {
            "segment": [rule.segments[number].en for number in placed.segment],
            "code": [rule.codes[number] for number in placed.code],
            "score": np.nan if placed.score is None else placed.score,
        },
        index=customers.index,
    )


def levels(codes: pd.Series) -> pd.DataFrame:
    """Return one column per letter of codes such as R5F2M4."""
    return pd.DataFrame([dict(re.findall(r"([A-Z])(\d)", code)) for code in codes], index=codes.index).astype(
        int
    )


# --- a partition -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", [s for s in SHIPPED if isinstance(s.segments, list)], ids=lambda s: s.id)
def test_every_code_has_exactly_one_segment_and_every_segment_a_code(scheme: Scheme) -> None:
    claims = cells.claims(scheme)
    assert len(claims) == np.prod([axis.levels for axis in scheme.axes.values()])
    assert {len(mine) for mine in claims.values()} == {1}
    assert {mine[0].en for mine in claims.values()} == {segment.en for segment in scheme.segments}
    assert cells.strangers(scheme) == []


@QUICK
@given(shops(), st.randoms(use_true_random=False))
def test_everybody_has_one_existing_segment_whatever_the_order_of_the_file(customers, random) -> None:
    shuffled = customers.loc[random.sample(list(customers.index), len(customers))]
    for scheme in PLAIN:
        found, again = labels(scheme, customers), labels(scheme, shuffled)
        pd.testing.assert_frame_equal(again.loc[found.index], found, check_exact=True, obj=scheme.id)


@QUICK
@given(shops())
def test_equal_customers_are_equal_and_a_better_customer_is_never_lower(customers) -> None:
    known = Known(customers)
    for scheme in PLAIN:
        found = labels(scheme, customers)
        if scheme.kind == "by":
            hold_in_order(
                known.column(scheme.by), found["segment"].map(band), rising=scheme.by == "days_since_last"
            )
            continue
        level = levels(found["code"])
        for letter, axis in list(scheme.axes.items())[: 1 if scheme.nested else None]:
            raw = known.column(column(letter, axis))
            hold_in_order(raw, level[letter], rising=not is_better_less(letter, axis))
        equal = customers.groupby(["days_since_last", "frequency", "total_spend"]).ngroup().to_numpy()
        assert (found["code"].groupby(equal).nunique() == 1).all(), scheme.id
        assert (found.groupby("code")["segment"].nunique() == 1).all(), scheme.id


def band(name: str) -> int:
    return int(re.findall(r"\d+", name)[0])


def hold_in_order(raw: np.ndarray, level: pd.Series, *, rising: bool) -> None:
    """Equal values have equal levels, and levels rise (or fall) with the value."""
    ends = level.groupby(raw).agg(["min", "max"])
    assert (ends["min"] == ends["max"]).all()
    steps = np.diff(ends["min"])
    assert (steps >= 0).all() if rising else (steps <= 0).all()


@QUICK
@given(shops())
def test_parts_are_by_the_average_rank_of_equals(customers) -> None:
    """The independent computation: pandas' ranks, doubled so that all is in whole numbers."""
    known = Known(customers)
    found = levels(labels(schemes.load("hughes"), customers)["code"])
    for letter, axis in schemes.load("hughes").axes.items():
        raw = pd.Series(known.column(column(letter, axis)), index=customers.index)
        rank = raw.rank(method="average", ascending=not is_better_less(letter, axis))
        twice = (2 * rank).astype(int)
        assert (found[letter] == -(-5 * twice // (2 * len(raw)))).all()


@QUICK
@given(shops())
def test_a_score_rises_with_its_levels_and_its_bands_follow_it(customers) -> None:
    for scheme in (one for one in PLAIN if one.kind == "weights"):
        found = labels(scheme, customers)
        level = levels(found["code"])
        expected = sum(level[letter] * weight for letter, weight in scheme.weights.items())
        np.testing.assert_allclose(found["score"], expected, rtol=0, atol=1e-9)
        hold_in_order(found["score"].to_numpy(), found["segment"].map(band), rising=False)


@QUICK
@given(st.integers(1, 60), st.randoms(use_true_random=False))
def test_parts_and_bands_are_of_equal_size_where_nobody_is_equal(n, random) -> None:
    silence, times, money = (random.sample(range(1, n + 1), n) for _ in range(3))
    customers = shop([row(*one) for one in zip(silence, times, money, strict=True)])
    for scheme in PLAIN:
        found = labels(scheme, customers)
        for letter, axis in ({} if scheme.nested else scheme.axes).items():
            if axis.parts:
                hold_equal_sizes(levels(found["code"])[letter], axis.parts)
        if scheme.kind == "by":
            hold_equal_sizes(found["segment"], scheme.bands)


def row(silence: int, purchases: int, money: float) -> dict:
    recency = 300 if purchases > 1 else 0
    counts = {"frequency": purchases - 1, "orders": purchases, "total_spend": money}
    return counts | {"recency": recency, "T": recency + silence}


def hold_equal_sizes(parts: pd.Series, number: int) -> None:
    sizes = [*Counter(parts).values(), *[0] * (number - parts.nunique())]
    assert len(sizes) == number
    assert max(sizes) - min(sizes) <= 1


def test_nested_cells_are_of_equal_size_where_nobody_is_equal(rng) -> None:
    n = 250
    silence, times, money = ((rng.permutation(n) + 1).tolist() for _ in range(3))
    customers = shop([row(*one) for one in zip(silence, times, money, strict=True)])
    assert set(Counter(labels(schemes.load("hughes-nested"), customers)["code"]).values()) == {2}


# --- the bits ----------------------------------------------------------------------------------------------


@QUICK
@given(shops())
def test_the_bits_say_near_often_and_much_by_the_schemes_own_cut(customers) -> None:
    known = Known(customers)
    for name in TWO_LEVELS:
        found = rfm.segments(rfm.learn(schemes.load(name), known), known)
        assert (found["bits"] == found["code"]).all(), name


def test_the_bits_are_cut_at_the_mean_where_the_scheme_says_nothing_of_two_levels(cdnow) -> None:
    at_mean = rfm.segments(rfm.learn(schemes.load("eight-mean"), cdnow), cdnow)["bits"]
    for name in ("hughes", "hughes-nested", "ladder", "windows", "kmeans", "spend", "value", "weighted"):
        assert rfm.segments(rfm.learn(schemes.load(name), cdnow), cdnow)["bits"].equals(at_mean), name


def test_fixed_edges_belong_to_the_better_side() -> None:
    ways = product((0, 90, 91, 180, 181, 270, 271), range(1, 8), (1999.99, 2000.0))
    customers = shop([row(*one) for one in ways])
    r, f, m = customers["days_since_last"], customers["frequency"] + 1, customers["total_spend"]
    eight = labels(schemes.load("eight-fixed", thresholds={"R": 90, "F": 3, "M": 2000}), customers)["code"]
    assert (
        eight == [f"R{a:d}F{b:d}M{c:d}" for a, b, c in zip(r <= 90, f >= 3, m >= 2000, strict=True)]
    ).all()
    window = labels(schemes.load("windows"), customers)["segment"]
    expected = np.select([r <= 90, r <= 180, r <= 270], ["active", "silent", "sleeping"], "lost")
    assert (window == expected).all()
    ladder = labels(schemes.load("ladder"), customers)["code"]
    assert (levels(ladder)["F"] == np.searchsorted([2, 3, 4, 6], f, side="right") + 1).all()


# --- on CDNOW, with models and windows ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def cdnow(cdnow_orders) -> Known:
    waits = purchase_days.from_orders(cdnow_orders, until="1997-12-31")
    return Known(make.summarise(cdnow_orders, until="1997-12-31"), waits=waits)


@pytest.fixture(scope="module")
def cdnow_shuffled(cdnow) -> Known:
    return Known(
        cdnow.customers.sample(frac=1, random_state=1), waits=cdnow.waits.sample(frac=1, random_state=2)
    )


@every_scheme
def test_every_scheme_works_on_cdnow_whatever_the_order_of_the_file(scheme, cdnow, cdnow_shuffled) -> None:
    rule, again = rfm.learn(scheme, cdnow), rfm.learn(scheme, cdnow_shuffled)
    assert scheme.needs_model or again.numbers() == rule.numbers()
    found, other = rfm.segments(rule, cdnow), rfm.segments(again, cdnow_shuffled).loc[cdnow.customers.index]
    named = ["segment", "segment_zh", "code", "bits"]
    pd.testing.assert_frame_equal(other[named], found[named], check_exact=True)
    # a model of money fitted on other rows first is the same to the last few bits
    np.testing.assert_allclose(other["score"], found["score"], rtol=1e-10 if scheme.needs_model else 0)
    assert set(found["segment"]) <= {name.en for name in rule.segments}
    assert set(found["segment_zh"]) <= {name.zh for name in rule.segments}
    assert dict(zip(found["segment"], found["segment_zh"], strict=True)).items() <= {
        (name.en, name.zh) for name in rule.segments
    }


@every_scheme
def test_equal_customers_of_cdnow_are_in_one_segment(scheme, cdnow) -> None:
    found = rfm.segments(rfm.learn(scheme, cdnow), cdnow)
    equal = ["days_since_last", "frequency", "T", "total_spend", "monetary_value"]
    group = cdnow.customers.groupby(equal).ngroup().to_numpy()
    assert len(np.unique(group)) < len(group) - 1000
    assert (found.groupby(group)[["segment", "code", "bits"]].nunique() == 1).all(axis=None)


@every_scheme
def test_a_segment_is_a_function_of_the_customer_alone(scheme, cdnow) -> None:
    """Placing a few customers by a rule learned from all gives what placing all gives."""
    rule = rfm.learn(scheme, cdnow)
    few = Known(cdnow.customers.iloc[::97], waits=cdnow.waits)
    if scheme.needs_model:
        fits = cdnow.fit, None if scheme.by == "p_buy" else cdnow.spend_fit
        few = Known(few.customers, given=fits)
    expected = rfm.segments(rule, cdnow).loc[few.customers.index]
    columns = ["segment", "code", "score"]
    pd.testing.assert_frame_equal(rfm.segments(rule, few)[columns], expected[columns], check_exact=True)


def test_windows_of_the_shops_own_need_its_orders(cdnow) -> None:
    with pytest.raises(NoAnswerError, match="learned from its orders, and only customers were given"):
        rfm.learn(schemes.load("windows-own"), Known(cdnow.customers))


def test_clusters_need_different_customers() -> None:
    few = shop([{"frequency": 0, "recency": 0, "T": 9, "orders": 1, "total_spend": 5.0}] * 30)
    with pytest.raises(NoAnswerError, match="8 clusters need as many different customers; there are 1"):
        rfm.learn(schemes.load("kmeans"), Known(few))


# --- rules as JSON -----------------------------------------------------------------------------------------


@every_scheme
def test_a_rule_survives_json(scheme, cdnow) -> None:
    rule = rfm.learn(scheme, cdnow)
    text = rfm.to_json(rule)
    again = rfm.from_json(text)
    assert again.numbers() == rule.numbers()
    assert again.scheme == rule.scheme
    assert rfm.to_json(again) == text
    pd.testing.assert_frame_equal(rfm.segments(again, cdnow), rfm.segments(rule, cdnow), check_exact=True)


@QUICK
@given(shops())
def test_a_rule_with_levels_that_nobody_reaches_survives_json(customers) -> None:
    known = Known(customers)
    for scheme in PLAIN:
        rule = rfm.learn(scheme, known)
        text = rfm.to_json(rule)
        assert not re.search("Infinity|NaN", text)
        again = rfm.from_json(text)
        assert again.numbers() == rule.numbers()
        assert (again.place(known).segment == rule.place(known).segment).all()


def test_all_equal_customers_leave_the_upper_levels_to_nobody_and_json_keeps_that() -> None:
    alike = Known(shop([{"frequency": 1, "recency": 5, "T": 9, "orders": 2, "total_spend": 5.0}] * 7))
    rule = rfm.learn(schemes.load("hughes"), alike)
    assert [edges["all"][-1] for edges in rule.edges] == [np.inf] * 3
    assert '"all": [\n     -4.0,\n     -4.0,\n     null,\n     null\n    ]' in rfm.to_json(rule)
    assert set(rfm.segments(rfm.from_json(rfm.to_json(rule)), alike)["code"]) == {"R3F3M3"}


DAMAGE = {
    "nothing": lambda said: "",
    "cut off": lambda said: json.dumps(said)[:-20],
    "a list": lambda said: "[]",
    "a number": lambda said: "7",
    "null": lambda said: "null",
    "another format": lambda said: json.dumps(said | {"format": "clv.model"}),
    "another version": lambda said: json.dumps(said | {"version": 2}),
    "no scheme": lambda said: json.dumps({key: said[key] for key in ("format", "version", "learned")}),
    "scheme of nothing": lambda said: json.dumps(said | {"scheme": {}}),
    "unknown key": lambda said: json.dumps(said | {"scheme": said["scheme"] | {"colour": "red"}}),
    "nothing learned": lambda said: json.dumps(said | {"learned": {}}),
    "learned a list": lambda said: json.dumps(said | {"learned": []}),
    "nested too deeply": lambda said: "[" * 100_000,
    "version true": lambda said: json.dumps(said | {"version": True}),
    "learned too much": lambda said: json.dumps(said | {"learned": said["learned"] | {"more": 1}}),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("name", ["eight-mean", "hughes", "weighted", "spend", "kmeans", "iso-value"])
def test_a_damaged_rule_is_refused(name, damage, cdnow) -> None:
    said = json.loads(rfm.to_json(rfm.learn(schemes.load(name), cdnow)))
    with pytest.raises(InputError, match="clv segments --keep"):
        rfm.from_json(damage(said))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("eight-mean", lambda said: said["scheme"]["segments"].pop()),
        ("eight-mean", lambda said: said["scheme"]["segments"][0].update(cells=["999"])),
        ("hughes", lambda said: said["scheme"]["axes"]["R"].update(high="more")),
        ("hughes", lambda said: said["scheme"]["axes"]["R"].update(ties="file order")),
        ("hughes-nested", lambda said: said["learned"]["edges"][1].update({"²": [1.0] * 4})),
        ("hughes-nested", lambda said: said["learned"]["edges"][1].update({"7": [1.0] * 4})),
        ("kmeans", lambda said: said["learned"].update(mean=[None] * 3)),
        ("kmeans", lambda said: said["learned"].update(mean=[1e308] * 3)),
        ("kmeans", lambda said: said["learned"].update(spread=[0.0] * 3)),
        ("kmeans", lambda said: said["learned"].update(spread=[-1.0] * 3)),
        ("kmeans", lambda said: said["learned"].update(centroids=[[None] * 3] * 8)),
        ("iso-value", lambda said: said["learned"].update(edges=[None])),
        ("iso-value", lambda said: said["learned"].update(edges=[-1.0])),
        ("iso-value", lambda said: said["learned"].update(edges=[float(i + 1) for i in range(1000)])),
        ("value", lambda said: said["learned"].pop("fit")),
        ("value", lambda said: said["learned"]["fit"]["parameters"].update(r=-1.0)),
        ("value", lambda said: said["learned"].update(horizon="90")),
    ],
)
def test_an_edited_rule_is_refused(name, change, cdnow) -> None:
    said = json.loads(rfm.to_json(rfm.learn(schemes.load(name), cdnow)))
    change(said)
    with pytest.raises(InputError):
        rfm.from_json(json.dumps(said))


@pytest.mark.parametrize("name", ["value", "p-buy", "alive-value", "iso-value"])
def test_a_kept_model_says_the_same_of_any_part_of_the_customers(name, cdnow) -> None:
    """Horizon and fits are kept with the bands: nothing is fitted to whoever happens to be in the file."""
    rule = rfm.learn(schemes.load(name), cdnow)
    whole = rfm.segments(rule, cdnow)
    again = rfm.from_json(rfm.to_json(rule))
    part = Known(cdnow.customers.iloc[100:117], horizon=7, model="nbd")
    found = rfm.segments(again, part)
    assert (found["segment"] == whole["segment"].iloc[100:117]).all()
    assert found["score"].to_numpy() == pytest.approx(whole["score"].iloc[100:117].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("name", [" ", "a\nb", "\u202eevil", "=cmd()", "not yet a customer", "x" * 61])
def test_a_name_that_cannot_stand_in_a_report_is_refused(name) -> None:
    said = {"en": name, "zh": "甲"}
    text = HEAD + "axes: {R: {at: [9]}}\nsegments: [" + json.dumps(said | {"cells": ["0"]}) + "]\n"
    with pytest.raises(SettingError, match=r"segments\.0\.en"):
        schemes.parse(text, id="my")


def test_the_effort_counts_cells_however_they_are_written() -> None:
    ten = schemes.load("ten-segments")
    spelled = [
        segment.model_copy(update={"cells": [c for c, mine in cells.claims(ten).items() if segment in mine]})
        for segment in ten.segments
    ]
    assert ten.model_copy(update={"segments": spelled}).effort == ten.effort == (False, 33)
    by_program = {name for name in schemes.names() if schemes.load(name).effort[0]}
    models = {"p-buy", "value", "alive-value", "iso-value"}
    assert by_program == {"hughes", "hughes-nested", "eleven-segments", "kmeans", *models}


WRONG_NUMBERS = {
    "eight-mean": [
        {"edges": "abc"},
        {"edges": []},
        {"edges": [{"all": [1.0]}] * 2},
        {"edges": [{"all": [1.0, 2.0]}] * 3},
        {"edges": [{"all": ["x"]}] * 3},
        {"edges": [{"one": [1.0]}] * 3},
        {"edges": [[1.0]] * 3},
    ],
    "hughes": [
        {"edges": [{"all": [4.0, 3.0, 2.0, 1.0]}] * 3},
        {"edges": [{"all": [1.0, 2.0, 3.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]}] * 3},
        {"edges": [{"all": [1.0, 2.0, 3.0, 4.0], "7": [1.0]}] * 3},
        {"edges": [{"all": [1.0, 2.0, 3.0, float("nan")]}] * 3},
    ],
    "weighted": [
        {"edges": [{"all": [1.0, 2.0, 3.0, 4.0]}] * 3, "band_edges": [1.0]},
        {"edges": [{"all": [1.0, 2.0, 3.0, 4.0]}] * 3, "band_edges": "abcdefghi"},
        {"edges": [], "band_edges": [1.0] * 9},
    ],
    "spend": [{"edges": [1.0]}, {"edges": ["x"] * 9}, {"edges": 5}, {"edges": [2.0] * 8 + [1.0]}],
    "iso-value": [{"edges": []}, {"edges": [2.0, 1.0]}],
    "kmeans": [
        {"mean": [0.0] * 3, "spread": [1.0] * 3, "centroids": []},
        {"mean": [0.0] * 3, "spread": [1.0] * 3, "centroids": [[0.0] * 3] * 9},
        {"mean": [0.0] * 2, "spread": [1.0] * 3, "centroids": [[0.0] * 3] * 8},
        {"mean": [0.0] * 3, "spread": "abc", "centroids": [[0.0] * 3] * 8},
        {"mean": [0.0] * 3, "spread": [1.0] * 3, "centroids": [[0.0] * 2] * 8},
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "learned"), [(name, one) for name, many in WRONG_NUMBERS.items() for one in many]
)
def test_a_rule_with_numbers_that_do_not_fit_its_scheme_is_refused(name, learned, cdnow) -> None:
    said = json.loads(rfm.to_json(rfm.learn(schemes.load(name), cdnow)))
    with pytest.raises(InputError, match="damaged"):
        rfm.from_json(json.dumps(said | {"learned": learned}))


# --- names, sources, contract ------------------------------------------------------------------------------


@every_scheme
def test_every_scheme_says_in_two_languages_what_it_is_and_where_it_comes_from(scheme, cdnow) -> None:
    segments = rfm.learn(scheme, cdnow).segments
    named = [scheme.name, *segments, *(name for axis in scheme.axes.values() for name in axis.names or [])]
    assert all(name.en.strip() and name.zh.strip() for name in named)
    assert not any(re.search(r"[\u4e00-\u9fff]", name.en) for name in named)
    assert re.search(r"[\u4e00-\u9fff]", scheme.name.zh)
    for language in ("en", "zh"):
        assert len({getattr(name, language) for name in segments}) == len(segments)
    assert len(scheme.source) > 10
    assert scheme.rule.endswith(".")


def test_names_of_schemes_are_unique_and_listed_by_effort() -> None:
    for language in ("en", "zh"):
        assert len({getattr(scheme.name, language) for scheme in SHIPPED}) == len(SHIPPED)
    assert [scheme.effort for scheme in SHIPPED] == sorted(scheme.effort for scheme in SHIPPED)
    assert {scheme.id for scheme in SHIPPED} == set(schemes.names())


CELLWISE = "segments: every cell\n"
HEAD = "name: {en: Mine, zh: 我的}\nsource: the shop\nrule: as we like it.\n"
CELLS = HEAD + "axes: {R: {at: mean}, F: {at: mean}}\nsegments:\n"
REFUSED = {
    "unknown key": (HEAD + "axs: {}\n", "my.yml, line 4: unknown key 'axs'; did you mean 'axes'?"),
    "an id of its own": (HEAD + "id: x\nby: purchases\nbands: 5\n", "line 4: unknown key 'id'"),
    "no name": ("source: s\nrule: r\nby: purchases\nbands: 5\n", "the key 'name' is missing"),
    "name in one language": (HEAD.replace(", zh: 我的", ""), "line 1: the key 'name.zh' is missing"),
    "nothing to do": (HEAD, "exactly one of segments, weights, clusters, by"),
    "two kinds at once": (
        HEAD + "axes: {R: {at: mean}}\nsegments: every cell\nclusters: 3\n",
        "exactly one of segments, weights, clusters, by",
    ),
    "unknown letter": (HEAD + "axes: {X: {at: mean}}\n", "it should be 'R', 'F', 'M', 'A' or 'T'"),
    "unknown column": (HEAD + "axes: {R: {of: age, at: mean}}\n", "axes.R.of is 'age'; it should be"),
    "two cuts": (HEAD + "axes: {R: {at: mean, parts: 5}}\n" + CELLWISE, "axis R needs exactly one of"),
    "no cut": (HEAD + "axes: {R: {}}\n" + CELLWISE, "axis R needs exactly one of at, parts, hazard"),
    "a cut for clusters": (HEAD + "axes: {R: {at: mean}}\nclusters: 3\n", "axis R needs no cut"),
    "misspelt cut": (HEAD + "axes: {R: {at: meen}}\n" + CELLWISE, "line 4: .*'meen'; it should be 'mean', "),
    "unsorted edges": (
        HEAD + "axes: {R: {at: [180, 90]}}\n" + CELLWISE,
        r"line 4: .*\[180, 90\]; it should be numbers in rising order, such as \[90, 180, 270\]",
    ),
    "equal edges": (HEAD + "axes: {R: {at: [90, 90]}}\n" + CELLWISE, "numbers in rising order"),
    "no edges": (HEAD + "axes: {R: {at: []}}\n" + CELLWISE, "it should not be empty"),
    "an endless edge": (HEAD + "axes: {R: {at: [1e999]}}\n" + CELLWISE, "line 4: 1e999 is no number"),
    "too many parts": (HEAD + "axes: {R: {parts: 10}}\n" + CELLWISE, "parts is 10; it should be less"),
    "names that do not fit": (
        HEAD + "axes: {R: {at: [9, 99], names: [{en: a, zh: 甲}, {en: b, zh: 乙}]}}\n" + CELLWISE,
        "line 4: .*names holds 2 names for 3 levels",
    ),
    "a hazard of money": (HEAD + "axes: {M: {hazard: 4}}\n" + CELLWISE, "only days_since_last has a hazard"),
    "axes with by": (HEAD + "axes: {R: {at: mean}}\nby: purchases\nbands: 5\n", "takes no axes"),
    "no axes": (HEAD + "segments: every cell\n", "segments needs axes"),
    "one name for two": (
        HEAD
        + "axes: {R: {at: [9]}}\n"
        + "segments: [{en: x, zh: a, cells: ['0']}, {en: x, zh: b, cells: ['1']}]\n",
        "two are called 'x'",
    ),
    "one name for two levels": (
        HEAD + "axes: {R: {at: [9], names: [{en: p, zh: a}, {en: q, zh: a}]}}\nsegments: every cell\n",
        "two are called 'a'",
    ),
    "weights of nothing": (HEAD + "axes: {R: {parts: 5}}\nweights: {R: 0}\nbands: 5\n", "between 0.001 and"),
    "nested without parts": (
        HEAD + "axes: {R: {parts: 5}, F: {at: [2]}}\nnested: true\nsegments: every cell\n",
        "axis F: nested goes with parts",
    ),
    "misspelt segments": (CELLS.replace("segments:", "segments: all"), "'all'; it should be 'every cell'"),
    "no segments": (CELLS + "  []\n", "leaves 4 of 4 cells without a segment, the first R0F0"),
    "a cell in letters": (
        CELLS + "  - {en: A, zh: 甲, cells: [R1F1]}\n",
        r"line 6: .*'R1F1'; it should be a code such as 541 or 54\[1-3\], with \. for any level",
    ),
    "a number as cell": (CELLS + "  - {en: A, zh: 甲, cells: [11]}\n", "line 6: .*is 11; .*put it in quotes"),
    "a falling range": (CELLS + '  - {en: A, zh: 甲, cells: ["[1-0]."]}\n', r"\[1-0\] should be \[0-1\]"),
    "no cells": (CELLS + "  - {en: A, zh: 甲, cells: []}\n", "it should not be empty"),
    "bands missing": (HEAD + "by: purchases\n", "bands goes with weights or by, and with nothing else"),
    "bands of cells": (
        HEAD + "axes: {R: {at: mean}}\nsegments: every cell\nbands: 5\n", "bands goes with weights or by",
    ),
    "one band": (HEAD + "by: purchases\nbands: 1\n", "bands should be between 2 and 50"),
    "iso-value of the past": (HEAD + "by: total_spend\nbands: iso-value\n", "iso-value goes with by: value"),
    "sorted by nothing known": (HEAD + "by: spend\nbands: 5\n", "by is 'spend'; it should be 'days_since"),
    "weights of other letters": (
        HEAD + "axes: {R: {parts: 5}}\nweights: {F: 1.0}\nbands: 5\n", "weights should name the same letters",
    ),
    "an endless weight": (
        HEAD + "axes: {R: {parts: 5}}\nweights: {R: 1e999}\nbands: 5\n",
        "line 5: 1e999 is no number",
    ),
    "a gap": (
        CELLS + '  - {en: A, zh: 甲, cells: ["1."]}\n',
        "scheme 'my' leaves 2 of 4 cells without a segment, the first R0F0; give each cell a segment",
    ),
    "an overlap": (
        CELLS + '  - {en: A, zh: 甲, cells: ["1.", "0."]}\n  - {en: B, zh: 乙, cells: [".1"]}\n',
        "scheme 'my' gives 2 of 4 cells more than one segment, the first R0F1; give each cell one",
    ),
    "a stranger": (CELLS + '  - {en: A, zh: 甲, cells: ["..", "21"]}\n', "can be in the cell '21'"),
    "a digit too many": (CELLS + '  - {en: A, zh: 甲, cells: ["..", "..."]}\n', r"in the cell '\.\.\.'"),
    "a level too many": (CELLS + '  - {en: A, zh: 甲, cells: ["[0-2]."]}\n', r"in the cell '\[0-2\]\.'"),
    "ties by the file": (
        HEAD + "axes: {R: {parts: 5}, F: {parts: 5, ties: file order}}\n" + CELLWISE,
        "scheme 'my', axis F: ties: file order would give equal customers different segments; use",
    ),
    "ties renumbered": (HEAD + "axes: {R: {parts: 5, ties: renumber}}\n" + CELLWISE, "ties: renumber would"),
    "recency reversed": (
        HEAD + "axes: {R: {at: mean, high: more}}\n" + CELLWISE,
        "scheme 'my', axis R: high: more would call the worst customers the best",
    ),
    "money reversed": (HEAD + "axes: {M: {at: mean, high: less}}\n" + CELLWISE, "axis M: high: less would"),
    "a key twice": (HEAD + "by: purchases\nby: value\nbands: 5\n", "line 5: the key 'by' stands twice"),
    "no YAML": (HEAD + "axes: {R: [\n", "my.yml, line .*not valid YAML"),
    "empty": ("", "my.yml is empty or no mapping; it should begin with 'name:'"),
    "a list": ("- a\n", "my.yml is empty or no mapping"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_a_scheme_file_that_breaks_a_rule_is_refused_in_words(text, words, tmp_path) -> None:
    path = tmp_path / "my.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=words) as caught:
        schemes.load(str(path))
    assert str(caught.value).count("\n") == 0


SOUND = {
    "cells": CELLS + '  - {en: A, zh: 甲, cells: ["1."]}\n  - {en: B, zh: 乙, cells: ["0[0-1]"]}\n',
    "every cell": HEAD + "axes: {T: {at: [30, 60]}, A: {parts: 9}}\n" + CELLWISE,
    "weights": HEAD + "axes: {R: {parts: 5}}\nweights: {R: 1}\nbands: 5\n",
    "clusters": HEAD + "axes: {R: {}, T: {}}\nclusters: 2\n",
    "by": HEAD + "by: purchases\nbands: 50\nnotes: [one, two]\n",
    "said openly": HEAD + "axes: {R: {at: mean, high: less, ties: together}, T: {at: [9], high: less}}\n"
    + CELLWISE,
}  # fmt: skip


@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_the_file_of_a_shop_is_a_scheme_like_ours(text, tmp_path, rng) -> None:
    path = tmp_path / "ours.yml"
    path.write_text("\ufeff" + text, encoding="utf-8")
    scheme = schemes.load(str(path))
    assert (scheme.id, scheme.name.zh) == ("ours", "我的")
    rows = [
        {"frequency": int(f), "recency": int(f) * 3, "T": 400, "orders": int(f) + 1, "total_spend": 10.0 + f}
        for f in rng.integers(0, 100, 80)
    ]
    known = Known(shop(rows))
    assert len(rfm.segments(rfm.learn(scheme, known), known)) == 80


def test_files_that_cannot_be_read_are_refused(tmp_path) -> None:
    with pytest.raises(SettingError, match=r"there is no scheme file 'none\.yml'; `clv schemes` lists"):
        schemes.load(str(tmp_path / "none.yml"))
    (tmp_path / "gbk.yml").write_bytes(SOUND["cells"].encode("gb18030"))
    with pytest.raises(SettingError, match=r"gbk\.yml is not UTF-8 text; save it as UTF-8"):
        schemes.load(str(tmp_path / "gbk.yml"))
    (tmp_path / "folder.yml").mkdir()
    with pytest.raises(SettingError, match=r"folder\.yml cannot be read"):
        schemes.read(tmp_path / "folder.yml")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: schemes.load("eight-men"), "there is no scheme 'eight-men'; did you mean 'eight-mean'?"),
        (lambda: schemes.load("pymc-marketing"), "'pymc-marketing' is kept as others published it"),
        (lambda: schemes.load(""), "there is no scheme ''; known: alive-value, "),
        (lambda: schemes.read_published("volcengin"), "'volcengin'; did you mean 'volcengine'?"),
        (lambda: schemes.load("eight-mean", thresholds={"R": 90}), "no fixed threshold R; eight-fixed"),
        (lambda: schemes.load("eight-fixed", thresholds={"A": 90}), "'eight-fixed' has no fixed threshold A"),
        (lambda: schemes.load("windows", thresholds={"R": 90}), "'windows' has no fixed threshold R"),
        (lambda: schemes.load("spend", thresholds={"M": 90}), "'spend' has no fixed threshold M"),
        (lambda: schemes.load("eight-fixed", thresholds={"R": 0}), "threshold R is 0; give a number above 0"),
        (lambda: schemes.load("eight-fixed", thresholds={"R": float("nan")}), "the threshold R is nan"),
        (lambda: schemes.load("eight-fixed", thresholds={"M": float("inf")}), "the threshold M is inf"),
    ],
)  # fmt: skip
def test_names_and_thresholds_that_do_not_exist_are_refused(call, words) -> None:
    with pytest.raises(SettingError, match=re.escape(words)):
        call()


def test_thresholds_change_one_scheme_and_not_the_kit() -> None:
    mine = schemes.load("eight-fixed", thresholds={"R": 90, "M": 2000})
    assert (mine.axes["R"].at, mine.axes["F"].at, mine.axes["M"].at) == ([90.0], [2.0], [2000.0])
    assert schemes.load("eight-fixed").axes["R"].at == [180.0]


@pytest.mark.parametrize("name", schemes.published())
def test_what_others_published_can_be_read(name) -> None:
    scheme = schemes.read_published(name)
    assert scheme.id == name
    assert scheme.source
