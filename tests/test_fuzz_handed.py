"""What users hand from one command to the next, damaged: refused in one sentence, or sound to the cent."""

import io
import os
import re
from collections.abc import Callable, Sequence

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clv.errors import InputError
from clv.purging.traces import Traces
from clv.reading import exports
from fuzz import handed

ASKED = int(os.environ.get("CLV_FUZZ_EXAMPLES", "0"))
CALM = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
PIECES = [
    b"", b"\x00", b"\xff", b'"', b",", b"\n", b"nan", b"inf", b"1e400", b"-5", b"20215-01-01", b"=1+1",
    "\u202e".encode(), b"0.01", b"../../x", b"send", b"control", b"null", b"[[", b"{",
]  # fmt: skip


def changed(seed: bytes) -> st.SearchStrategy[bytes]:
    """Draw a seed with one to four of its stretches replaced."""
    edit = st.tuples(st.integers(0, len(seed)), st.integers(0, 8), st.sampled_from(PIECES))

    def edited(edits):
        data = seed
        for at, length, piece in edits:
            data = data[:at] + piece + data[at + length :]
        return data

    return st.lists(edit, max_size=4).map(edited)


def try_on(target: Callable[[bytes], object], seeds: Sequence[bytes], *, most: int) -> None:
    """Try a target on changed seeds, and on any bytes up to so many."""

    @settings(max_examples=ASKED or 40, derandomize=not ASKED, **CALM)
    @given(st.sampled_from(seeds).flatmap(changed) | st.binary(max_size=most))
    def check(data):
        target(data)

    check()


@pytest.mark.parametrize("name", sorted(handed.TARGETS))
def test_what_is_handed_over_is_refused_in_one_sentence_or_sound(name):
    try_on(handed.TARGETS[name], handed.SEEDS[name], most=60)


@pytest.mark.parametrize(
    "name", ["orders_table", "customers_table", "list_to_send", "run_record", "run_history"]
)
def test_the_sound_seed_is_kept(name):
    assert handed.TARGETS[name](handed.SEEDS[name][0]) != handed.REFUSED


@pytest.mark.parametrize("more", [1, 2])
@pytest.mark.parametrize("name", ["orders_table", "customers_table", "list_to_send"])
def test_rows_with_more_cells_than_the_header_are_refused_and_not_moved_to_the_left(name, more):
    head, *rows = handed.SEEDS[name][0].splitlines()
    longer = b"\n".join([head, *(b"x," * more + row for row in rows), b""])
    assert handed.TARGETS[name](longer) == handed.REFUSED


WRONG = {
    "key": (b"numpy_type", b"nvmpy_type"),
    "kind": (b'"str"', b'"svr"'),
    "text": (b"2026-01-05", b"2026\xff01-05"),
}


def wrong_parquet(what: str) -> bytes:
    """Return a table with damage in what describes its columns, or in a text."""
    sound, wrong = WRONG[what]
    whole = handed.SEEDS["tables_parquet"][0]
    if what == "text":
        assert sound in whole
        return whole.replace(sound, wrong)
    table, made = pq.read_table(io.BytesIO(whole)), io.BytesIO()
    said = table.schema.metadata[b"pandas"]
    at = said.index(b'"columns"')
    pq.write_table(
        table.replace_schema_metadata({b"pandas": said[:at] + said[at:].replace(sound, wrong)}), made
    )
    return made.getvalue()


@pytest.mark.parametrize("what", WRONG)
def test_a_parquet_file_with_damage_in_its_words_about_columns_or_in_a_text_is_refused(what):
    assert handed.tables_parquet(wrong_parquet(what)) == handed.REFUSED


@pytest.mark.parametrize("what", ["key", "kind"])
def test_a_damaged_parquet_file_of_the_cache_may_hold_whom_one_purges(tmp_path, what):
    (tmp_path / "orders.parquet").write_bytes(wrong_parquet(what))
    anybody = Traces(re.compile("c_0123456789ab"), frozenset(), shown_raw=False)
    assert anybody.in_parquet(tmp_path / "orders.parquet")


def test_an_export_with_a_damaged_text_is_a_damaged_file(tmp_path):
    (tmp_path / "orders.parquet").write_bytes(wrong_parquet("text"))
    with pytest.raises(InputError, match=r"orders.parquet is a damaged Parquet file \(ArrowInvalid\)"):
        exports.read(tmp_path / "orders.parquet")
