"""Exports with damage of every kind: a clerk's account comes out to the cent, or one sentence.

What is tried are the targets of `fuzz`, by Hypothesis here and by Atheris in `make fuzz`.
CLV_FUZZ_EXAMPLES=2000 tries so many cases of each.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz import cells, ledgers, run, sheets, whole_files
from test_fuzz_handed import changed

EXAMPLES = int(os.environ.get("CLV_FUZZ_EXAMPLES", "0"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def profile(examples):
    told = {"deadline": None, "suppress_health_check": SLOW, "derandomize": not EXAMPLES, "database": None}
    return settings(max_examples=EXAMPLES or examples, **told)


exports = st.binary(min_size=80, max_size=1_500)
lines = st.lists(
    st.text(max_size=20) | st.from_regex(r"[-+(]?[¥$￥]?[0-9]{1,3}([, ][0-9]{3})*[.]?[0-9]*[元)]?")
)


def written(texts):
    return "\n".join(texts).encode("utf-8", "replace")


def few_and_many(few, many):
    return pytest.mark.parametrize("examples", [few, pytest.param(many, marks=pytest.mark.slow)])


def holds(target, examples, inputs):
    def check(data):
        target(data)

    profile(examples)(given(inputs)(check))()


@few_and_many(5, 50)
def test_a_clerks_account_of_an_export_comes_out_to_the_cent(examples):
    holds(whole_files.ledger, examples, exports)


@few_and_many(1, 12)
def test_the_order_of_rows_the_number_of_files_and_their_format_mean_nothing(examples):
    holds(whole_files.same_whole, examples, exports)


@few_and_many(12, 120)
def test_an_export_with_other_bytes_in_it_balances_or_is_refused_in_one_sentence(examples):
    holds(whole_files.damaged, examples, exports)


@pytest.mark.parametrize("target", ["others", "points", "items", "blanks"])
@few_and_many(2, 20)
def test_the_other_tables_of_a_shop_keep_what_they_say(target, examples):
    holds(run.targets()[target].check, examples, exports)


@pytest.mark.parametrize("target", ["any_bytes", "raw_excel", "raw_old_excel", "raw_parquet"])
def test_any_bytes_are_refused_in_one_sentence(target):
    holds(run.targets()[target].check, 40, st.binary(max_size=300))


@pytest.mark.parametrize("target", ["raw_excel", "raw_parquet", "workbook_parts"])
def test_a_sound_file_with_other_bytes_in_it_is_read_or_refused_in_one_sentence(target):
    holds(cells.TARGETS[target], 60, st.sampled_from(cells.SEEDS[target]).flatmap(changed))


def test_no_seed_is_longer_than_a_case_may_be(tmp_path):
    """Else libFuzzer would cut it off, and nobody would notice that nothing sound is tried any more."""
    asked = run._asked(["x", "--longest", "100"])
    for length in (10, 5_000):
        told = run._told(run.Target("x", len, [b"x" * length]), asked, tmp_path)
        (longest,) = [int(one.split("=")[1]) for one in told if one.startswith("-max_len")]
        assert longest >= max(length, 100)


@pytest.mark.parametrize("target", ["money", "moments", "date_formats", "ids", "headers"])
def test_each_cell_means_what_a_person_reads(target):
    holds(cells.TARGETS[target], 8, lines.map(written))


@pytest.mark.parametrize("target", ["encodings", "csv_rows", "raw"])
def test_no_byte_of_a_text_and_no_row_of_it_goes_away(target):
    holds(cells.TARGETS[target], 60, st.binary(max_size=400) | lines.map(written))


@pytest.mark.parametrize("name", sorted(run.targets()))
def test_every_target_passes_its_own_seeds(name):
    target = run.targets()[name]
    for seed in list(run._made(target.seeds))[:2]:
        target.check(seed)


def test_one_cent_in_one_cell_is_enough_to_differ_from_the_clerks_account():
    made = ledgers.made(bytes([ledgers.PLATFORMS.index("clean"), 0]))
    account, table = ledgers.reckoned(made), made.table()
    whole_files.agrees(whole_files.read([("x.csv", sheets.FORMS["utf-8.csv"](table))], "clean"), account, 1)
    paid = table[0].index("amount")
    table[1][paid] = f"{float(table[1][paid]) + 0.01:.2f}"
    other = whole_files.read([("x.csv", sheets.FORMS["utf-8.csv"](table))], "clean")
    with pytest.raises(AssertionError):
        whole_files.agrees(other, account, 1)


def test_a_campaign_counts_its_cases_keeps_the_input_of_a_failure_and_counts_a_place_once(tmp_path, capsys):
    def fails(data):
        if data.startswith(b"x"):
            raise KeyError(data)
        return {"rows": 2}

    tally, target = run.Tally(), run.Target("mine", fails)
    for data in (b"a", b"xa", b"xb", b"b"):
        run.once(target, data, tally, tmp_path)
    assert (tally.cases, tally.held["rows"]) == (4, 4)
    assert len(tally.failures) == 1
    kept = Path(tmp_path, "failures", *tally.failures.values())
    assert kept.read_bytes() == b"xa"
    assert "--replay" in capsys.readouterr().out
    with pytest.raises(KeyError):
        run.replayed(target, [kept])
