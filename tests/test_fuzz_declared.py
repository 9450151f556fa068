"""What people declare, damaged in every way: one sentence or a sound answer, never a traceback, never a hang.

`CLV_FUZZ_EXAMPLES=20000 pytest tests/test_fuzz_declared.py` tries other cases, and more of them.
"""

import json
import os
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clv.declaring import strict_yaml
from fuzz import damage, declared, declared_files, values

ASKED = int(os.environ.get("CLV_FUZZ_EXAMPLES", "0"))
CALM = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}


def cases(number: int) -> settings:
    """Return the same few cases each time, or as many as are asked for, others each time."""
    return settings(max_examples=ASKED or number, derandomize=not ASKED, **CALM)


def of_yaml(target: str) -> st.SearchStrategy[bytes]:
    """Draw a damaged file of one of a target's seeds."""
    seeds = [damage.tree(strict_yaml.read(seed.decode())[0]) for seed in declared.SEEDS[target]]
    texts = st.sampled_from(seeds).flatmap(lambda seed: damage.damaged(seed, "yaml"))
    return damage.spoiled(texts.map(lambda text: text.encode("utf-8", "surrogatepass")))


def of_json(target: str) -> st.SearchStrategy[bytes]:
    seeds = [
        damage.tree(json.loads(seed)) for seed in declared_files.SEEDS[target] if seed.count(b"\n{") == 0
    ]
    texts = st.sampled_from(seeds).flatmap(lambda seed: damage.damaged(seed, "json"))
    return damage.spoiled(texts.map(lambda text: text.encode("utf-8", "surrogatepass")))


def of_pages() -> st.SearchStrategy[bytes]:
    """Draw a playbook with damaged keys over a sound page, or the other way round."""
    pages = [seed.decode().split("---\n", 2) for seed in declared.SEEDS["playbook"]]
    fronts = [damage.tree(strict_yaml.read(keys)[0]) for _, keys, _ in pages]
    bodies = [body for _, _, body in pages]
    lines = st.sampled_from(
        ["# x", "## When", "## Steps", "```", "<!--", "-->", "---", "", "~~~", "## \x00", "#"]
    )
    texts = st.sampled_from(fronts).flatmap(lambda one: damage.damaged(one, "yaml"))
    page = st.builds(
        lambda keys, body, more, at: f"---\n{keys}\n---\n{body[:at]}\n{more}\n{body[at:]}",
        texts,
        st.sampled_from(bodies),
        lines,
        st.integers(0, 3000),
    )
    return damage.spoiled(page.map(lambda text: text.encode("utf-8", "surrogatepass")))


@cases(120)
@given(of_yaml("shop_file"))
def test_a_shop_file_is_refused_in_one_sentence_or_says_the_same_when_written_again(data: bytes) -> None:
    declared.shop_file(data)


@cases(80)
@given(of_pages())
def test_a_playbook_is_refused_in_one_sentence_or_can_be_filled_and_guarded(data: bytes) -> None:
    declared.playbook(data)


@cases(150)
@given(of_yaml("scheme"))
def test_a_scheme_is_refused_in_one_sentence_or_is_a_partition(data: bytes) -> None:
    declared.scheme(data)


@cases(150)
@given(of_yaml("tier_rules"))
def test_rules_of_tiers_are_refused_in_one_sentence_or_are_a_staircase(data: bytes) -> None:
    declared.tier_rules(data)


_NAMES = st.sampled_from(
    ["03_lifetime_value.horizon_days", "05_recall_offers.playbook", "x.y", "02_customers.top", ""]
)
_VALUES = st.sampled_from([*damage.PLAIN, *damage.RAW["yaml"]]).map(damage.text)


@cases(150)
@given(st.builds(lambda *parts: "".join(parts), _NAMES, st.sampled_from(["=", "==", "", " = "]), _VALUES))
def test_a_setting_is_refused_in_one_sentence_or_is_a_parameter(line: str) -> None:
    declared.setting(line.encode("utf-8", "surrogatepass"))


_PIECES = [seed.decode() for seed in declared.SEEDS["message"]]
_PIECES += [word.decode() for word in declared.WORDS["message"]] + [
    p for p in damage.PLAIN if isinstance(p, str)
]


@cases(150)
@given(st.lists(st.sampled_from(_PIECES) | st.text(max_size=40), max_size=8).map("".join))
def test_any_text_of_a_message_gets_its_faults(text: str) -> None:
    declared.message(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("target", sorted(values.TARGETS))
def test_values_of_a_file_are_refused_in_one_sentence_or_sound(target: str) -> None:
    @cases(150)
    @given(st.binary(min_size=4, max_size=60))
    def hold(data: bytes) -> None:
        values.TARGETS[target](data)

    hold()


@pytest.mark.parametrize("key", ["decide: ", "cadence: ", "channels: [sms, ", "offers: [{name: a, kind: "])
def test_a_sentence_does_not_repeat_a_text_of_any_length(key: str) -> None:
    page = declared.SEEDS["playbook"][0].decode()
    ending = {"channels": "]", "offers": "}]"}.get(key.split(":")[0], "")
    (old,) = re.findall(rf"^{key.split(':')[0]}:.*\n(?:[ -].*\n)*", page, re.MULTILINE)
    assert declared.playbook(page.replace(old, f"{key}{'x' * 5000}{ending}\n").encode()) == declared.REFUSED


@pytest.mark.parametrize(
    "said",
    ["platform: X, orders: a", "platform: csv, orders: a, X: 1", "platform: csv, orders: a, indexed: X"],
)
def test_a_sentence_of_a_shop_file_quotes_the_beginning_of_a_long_text(said: str) -> None:
    data = ("shops: {gold: {" + said.replace("X", "x" * 190 if "X:" in said else "x" * 5000) + "}}").encode()
    assert declared.shop_file(data) == declared.REFUSED


@pytest.mark.parametrize("target", ["registered", "ledger_lines", "earlier_plan"])
def test_what_was_written_and_changed_is_refused_or_sound(target: str) -> None:
    _holds(target, 60)


@pytest.mark.parametrize("target", ["model", "kept_rule"])
def test_a_saved_model_or_rule_is_refused_or_answers_in_finite_numbers(target: str) -> None:
    _holds(target, 40)


@pytest.mark.slow
@pytest.mark.parametrize("target", ["model", "kept_rule"])
def test_a_saved_model_or_rule_is_refused_or_answers_in_finite_numbers_in_many_more_cases(
    target: str,
) -> None:
    _holds(target, 600)


def _holds(target: str, number: int) -> None:
    @cases(number)
    @given(of_json(target))
    def hold(data: bytes) -> None:
        declared_files.TARGETS[target](data)

    hold()


_CELLS = st.sampled_from(
    [
        "七夕",
        "",
        "2026-08-10",
        "10/08/2026",
        "20215-01-01",
        "1e400",
        "-1",
        "0",
        "nan",
        '"',
        "\x00",
        "=1+1",
        "\u202e",
        "780.5",
        "￥1,234.50",
        "9" * 400,
    ]
)
_HEADS = st.sampled_from(
    ["name,from,to,day", "名称,开始,结束", "date,index", "date,index,index", "name,from", "", "日期,金价"]
)


def _table(head: str, rows: list[list[str]]) -> bytes:
    return "\n".join([head, *map(",".join, rows)]).encode()


@cases(60)
@given(
    damage.spoiled(st.builds(_table, _HEADS, st.lists(st.lists(_CELLS, min_size=1, max_size=5), max_size=6)))
)
def test_festivals_and_price_indices_are_refused_or_sound(data: bytes) -> None:
    declared_files.festival_table(data)
    declared_files.price_table(data)
