"""The ledger: what was added stays, whatever happens to its writers; what was tampered with is refused."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from clv import ledger, whole_files
from clv.errors import InputError, SettingError

CELL = {
    "offer": "coupon", "channel": "sms", "kind": "coupon", "segment": "沉睡", "sent": 913, "sent_bought": 41,
    "control": 228, "control_bought": 7,
}  # fmt: skip
GIVEN = {
    "campaign": "spring", "sent_on": "2026-03-12", "stops_on": "2026-05-10",
    "recorded_at": "2026-05-11T09:00:00+08:00", "cells": [CELL], "verdict": "earned", "profit": 1234.5,
    "profit_low": 10.25, "profit_high": 2458.75, "currency": "CNY",
}  # fmt: skip


def result(**changed: object) -> ledger.Result:
    return ledger.Result.model_validate({**GIVEN, **changed})


def content(one: ledger.Result) -> dict:
    return one.model_dump(exclude={"seal"})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "ledger.jsonl"


@pytest.fixture
def four(path: Path) -> Path:
    for n, name in enumerate(["winter", "spring", "summer", "autumn"]):
        assert ledger.append(path, result(campaign=name, profit=100.0 + n, profit_low=1.0, profit_high=900.0))
    return path


# What is added is there -------------------------------------------------------------------------------------

WORDS = st.text(max_size=12)
COUNTS = st.integers(0, 10**9)
CELLS = st.builds(
    lambda offer, channel, kind, segment, sizes: {
        **CELL, "offer": offer, "channel": channel, "kind": kind, "segment": segment, "sent": max(sizes[:2]),
        "sent_bought": min(sizes[:2]), "control": max(sizes[2:]), "control_bought": min(sizes[2:]),
    },
    WORDS, WORDS, WORDS, WORDS, st.tuples(COUNTS, COUNTS, COUNTS, COUNTS),
)  # fmt: skip
RESULTS = st.builds(
    lambda campaign, verdict, money, cells: result(
        campaign=campaign, verdict=verdict, profit=money[1], profit_low=money[0], profit_high=money[2],
        cells=cells,
    ),
    WORDS.filter(len), WORDS, st.lists(st.floats(-1e12, 1e12), min_size=3, max_size=3).map(sorted),
    st.lists(CELLS, min_size=1, max_size=3, unique_by=lambda c: (c["offer"], c["channel"], c["segment"])),
)  # fmt: skip


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(results=st.lists(RESULTS, min_size=1, max_size=4))
def test_what_is_added_comes_back_to_the_last_digit(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("ledger") / "ledger.jsonl"
    for one in results:
        ledger.append(path, one)
    last = {one.campaign: content(one) for one in results}
    assert [content(one) for one in ledger.read(path)] == list(last.values())


def test_a_ledger_that_is_not_there_yet_has_no_results(path):
    assert ledger.read(path) == []
    assert not path.parent.exists()


def test_lines_that_stand_never_change_and_none_is_half_written(path):
    before = b""
    for n in range(12):
        ledger.append(path, result(campaign=f"c{n % 5}", profit=100.0 + n))
        now = path.read_bytes()
        assert now.startswith(before) and now.endswith(b"\n") and now.count(b"\n") == n + 1
        before = now
    assert b"\r" not in before


def test_the_same_result_twice_adds_nothing(four):
    before = four.read_bytes()
    again = ledger.read(four)[1]
    assert not ledger.append(four, again.model_copy(update={"recorded_at": "2026-09-01T00:00:00+00:00"}))
    assert four.read_bytes() == before


def test_a_corrected_result_supersedes_and_the_old_one_stays_readable(four):
    better = result(campaign="spring", profit=99.0, profit_low=1.0, profit_high=900.0)
    assert ledger.append(four, better)
    assert [one.campaign for one in ledger.read(four)] == ["winter", "spring", "summer", "autumn"]
    assert ledger.read(four)[1].profit == 99.0
    profits = [json.loads(line)["profit"] for line in four.read_text("utf-8").splitlines()]
    assert profits == [100.0, 101.0, 102.0, 103.0, 99.0]
    assert ledger.append(four, result(campaign="spring", profit=101.0, profit_low=1.0, profit_high=900.0))
    assert ledger.read(four)[1].profit == 101.0  # corrected back again


def test_the_table_of_cells_has_one_row_per_cell_and_conserves_customers(path):
    more = [CELL, {**CELL, "segment": "", "sent": 5, "sent_bought": 5}]
    ledger.append(path, result(cells=more))
    ledger.append(path, result(campaign="june", sent_on="2026-05-01"))
    table = ledger.cells(ledger.read(path))
    assert list(table) == [*ledger.CELLS, "sent_on"]
    assert len(table) == 3
    assert table["sent"].sum() == 913 + 5 + 913 and table["control_bought"].sum() == 21
    assert table["sent_on"].dtype == "datetime64[ns]"
    assert table.query("campaign == 'june'")["sent_on"].tolist() == [pd.Timestamp("2026-05-01")]
    assert list(ledger.cells([])) == list(table) and ledger.cells([]).empty


# What was tampered with is refused, with its line, and nothing is added to it -------------------------------


def refused(path: Path, changed: bytes, number: int) -> str:
    """Read and append to a changed ledger; both say so in one sentence, and it stays as it was."""
    path.write_bytes(changed)
    for use in (lambda: ledger.read(path), lambda: ledger.append(path, result(campaign="new"))):
        with pytest.raises(InputError) as caught:
            use()
        said = str(caught.value)
        assert f"line {number} of the ledger ledger.jsonl" in said and "\n" not in said
        assert path.read_bytes() == changed
    assert [one.name for one in path.parent.iterdir() if one.name != ".ledger.jsonl.lock"] == [path.name]
    return said


def test_one_changed_digit_or_letter_anywhere_is_noticed_in_its_line(four):
    good = four.read_bytes()
    for at, byte in list(enumerate(good))[::3]:
        four.write_bytes(good[:at] + bytes([byte ^ 1]) + good[at + 1 :])
        number = good[:at].count(b"\n") + 1
        with pytest.raises(InputError, match=f"^line {number} of the ledger ledger"):
            ledger.read(four)
    said = refused(four, good.replace(b"913", b"914", 1), 1)
    assert said.endswith("lost or put elsewhere; take back the copy that you keep of it.")


@pytest.mark.parametrize("line", [0, 1, 2, 3])
def test_any_other_change_of_a_line_is_noticed_in_it(four, line):
    lines = four.read_bytes().splitlines(keepends=True)
    for old, new in ((b"CNY", b"USD"), (b'"profit": 10', b'"profit":  10'), (b"earned", b"lost")):
        changed = [one.replace(old, new) if at == line else one for at, one in enumerate(lines)]
        assert changed != lines
        refused(four, b"".join(changed), line + 1)


def test_a_line_that_is_lost_moved_doubled_or_foreign_is_noticed_where_it_is(four):
    a, b, c, d = four.read_bytes().splitlines(keepends=True)
    for changed, number in (
        ([b, c, d], 1),
        ([a, c, d], 2),
        ([a, b, d], 3),
        ([a, c, b, d], 2),
        ([b, a, c, d], 1),
        ([a, a, b, c, d], 2),
        ([a, b, c, d, d], 5),
        ([a, b"\n", b, c, d], 2),
        ([a, b, c, d, b"\n"], 5),
        ([a, b"customer,arm\n", b, c, d], 2),
        ([a, b, c, d, b'{"kind": "order", "campaign": "x"}\n'], 5),
        ([a, b, c, d, b'"words"\n'], 5),
        ([a, b, c, d, b"[" * 50_000 + b"\n"], 5),
        ([a, b, c, d, b"\xff\xfe\n"], 5),
    ):
        refused(four, b"".join(changed), number)


def test_the_line_of_another_ledger_is_not_taken(four, tmp_path):
    other = tmp_path / "other.jsonl"
    ledger.append(other, result(campaign="theirs"))
    refused(four, four.read_bytes() + other.read_bytes(), 5)


def test_a_last_line_that_was_cut_short_is_noticed(four):
    good = four.read_bytes()
    start = good.rindex(b"\n", 0, -1) + 1
    for end in (start + 1, start + 40, len(good) - 20, len(good) - 3, len(good) - 2, len(good) - 1):
        refused(four, good[:end], 4)


@pytest.mark.parametrize("lines", [1, 4])
def test_an_editor_that_saved_it_its_own_way_is_noticed(four, lines):
    good = b"".join(four.read_bytes().splitlines(keepends=True)[:lines])
    refused(four, b"\xef\xbb\xbf" + good, 1)
    refused(four, good.replace(b"\n", b"\r\n"), 1)
    refused(four, good.replace(b"\n", b"\r"), 1)
    refused(four, good[:-1] + b"\r\n", lines)
    refused(four, good.decode().encode("utf-16"), 1)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"profit": 100.0', b'"profit": NaN', "is damaged"),
        (b'"profit": 100.0', b'"profit": Infinity', "is damaged"),
        (b'"sent": 913', b'"sent": -1', "cells.0.sent is -1"),
        (b'"sent": 913', b'"sent": 40', "more customers bought than there were"),
        (b'"currency"', b'"curency"', "unknown key 'curency'; did you mean 'currency'?"),
        (b'"offer"', b'"customer_id"', "unknown key 'cells.0.customer_id'"),
        (b'"campaign": "winter", ', b"", "the key 'campaign' is missing"),
        (b'"2026-03-12"', b'"12 March"', "sent_on is '12 March'; it should be a day"),
    ],
)
def test_a_line_that_says_what_none_can_say_is_told_by_its_key(four, old, new, words):
    assert words in refused(four, four.read_bytes().replace(old, new, 1), 1)


# What cannot be a result is none ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"cells": []}, "cells"),
        ({"cells": [{**CELL, "control_bought": 229}]}, "more customers bought than there were"),
        ({"cells": [{**CELL, "control": -1, "control_bought": 0}]}, "greater than or equal to 0"),
        ({"cells": [{**CELL, "sent": 913.0}]}, "integer"),
        ({"cells": [CELL, {**CELL, "sent": 5, "sent_bought": 0}]}, "same offer, channel and segment"),
        ({"cells": [{**CELL, "customers": ["a"]}]}, "customers"),
        ({"customer_id": "7"}, "customer_id"),
        ({"campaign": ""}, "campaign"),
        ({"kind": "order"}, "'result'"),
        ({"sent_on": ""}, "sent_on"),
        ({"sent_on": "2026-02-30"}, "day of the calendar"),
        ({"sent_on": "1013-07-01"}, "day of the years 1900 to 2200"),  # before the first that pandas knows
        ({"stops_on": "2201-01-01"}, "day of the years 1900 to 2200"),
        ({"stops_on": "2026-03-11"}, "stops_on 2026-03-11 lies before sent_on 2026-03-12"),
        ({"recorded_at": "2026-05-11"}, "time with its offset"),
        ({"recorded_at": "0001-05-11T09:30:00+08:00"}, "day of the years 1900 to 2200"),
        ({"recorded_at": "1899-12-31T23:59:59+08:00"}, "day of the years 1900 to 2200"),
        ({"recorded_at": "9999-05-11T09:30:00+08:00"}, "day of the years 1900 to 2200"),
        ({"profit": float("nan")}, "finite"),
        ({"profit_high": float("inf")}, "finite"),
        ({"profit_low": None}, "both be there"),
        ({"profit_low": 2500.0}, "low end first"),
    ],
)
def test_what_cannot_have_come_of_a_campaign_is_no_result(changed, words):
    with pytest.raises(ValidationError, match=words):
        result(**changed)


def test_a_campaign_of_which_nothing_can_be_said_is_kept_for_its_counts(path):
    ledger.append(path, result(profit_low=None, profit_high=None, verdict="cannot tell"))
    assert ledger.read(path)[0].profit_low is None


def test_nobody_can_be_named_in_it(path):
    """Every field is a name of a campaign's part, a day, a count or money; a line has these and no others."""
    fields = {*ledger.Result.model_fields, *ledger.Cell.model_fields}
    assert fields == {
        "kind", "campaign", "sent_on", "stops_on", "recorded_at", "cells", "verdict", "profit", "profit_low",
        "profit_high", "currency", "seal", "offer", "channel", "segment", "sent", "sent_bought", "control",
        "control_bought",
    }  # fmt: skip
    ledger.append(path, result())
    line = json.loads(path.read_bytes())
    assert {*line, *line["cells"][0]} == fields


# Writers that meet, die or find no place --------------------------------------------------------------------

WRITER = """
import json, sys
from pathlib import Path
from clv import ledger
given = json.loads(sys.argv[2])
for n in range(int(sys.argv[4])):
    one = ledger.Result.model_validate({**given, "campaign": f"{sys.argv[3]} {n}"})
    assert ledger.append(Path(sys.argv[1]), one)
"""
KILLED = """
import json, os, random, signal, sys, time
from pathlib import Path
from clv import ledger
path, given, luck, before = Path(sys.argv[1]), json.loads(sys.argv[2]), random.Random(7), b""

def write(turn):
    for n in range(10_000):
        ledger.append(path, ledger.Result.model_validate({**given, "campaign": f"{turn} {n}"}))

for turn in range(30):
    child = os.fork()
    if not child:
        try:
            write(turn)
        finally:
            os._exit(1)
    while (path.stat().st_size if path.exists() else 0) == len(before):
        time.sleep(0.001)
    time.sleep(luck.uniform(0.005, 0.08))
    os.kill(child, signal.SIGKILL)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1]), "the writer ended by itself"
    now = path.read_bytes() if path.exists() else b""
    assert now.startswith(before) and now[-1:] in (b"", b"\\n")
    assert len(ledger.read(path)) == now.count(b"\\n")
    before = now
assert ledger.append(path, ledger.Result.model_validate(given))
print(len(ledger.read(path)))
"""


def test_two_writers_at_once_lose_no_line(path):
    ask = [sys.executable, "-c", WRITER, str(path), json.dumps(GIVEN)]
    writers = [subprocess.Popen([*ask, name, "50"]) for name in ("one", "two")]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert {one.campaign for one in ledger.read(path)} == {
        f"{w} {n}" for w in ("one", "two") for n in range(50)
    }
    assert path.read_bytes().count(b"\n") == 100


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")
def test_a_writer_that_is_killed_leaves_a_whole_ledger(path):
    """Thirty writers, each killed at a random moment: whole lines, none changed, and one more fits."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(path), json.dumps(GIVEN)],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 30


def test_what_a_killed_writer_left_beside_it_disturbs_nobody(four):
    (four.parent / ".ledger.jsonl.abc123").write_bytes(four.read_bytes()[:-7])
    (four.parent / ".ledger.jsonl.lock").touch()
    assert ledger.append(four, result(campaign="new"))
    assert len(ledger.read(four)) == 5


def test_a_writer_that_waits_in_vain_says_so(four, monkeypatch):
    before = four.read_bytes()
    monkeypatch.setattr(ledger, "PATIENCE", 0.1)
    with (
        FileLock(four.parent / ".ledger.jsonl.lock"),
        pytest.raises(SettingError, match=r"^another program is writing to ledger\.jsonl; try again"),
    ):
        ledger.append(four, result(campaign="new"))
    assert four.read_bytes() == before


def test_a_folder_in_its_place_is_told(tmp_path):
    (tmp_path / "kept").mkdir()
    for call in (ledger.read, lambda path: ledger.append(path, result())):
        with pytest.raises(InputError, match=r"^the ledger kept is no ordinary file; name another in the"):
            call(tmp_path / "kept")
    assert not list(tmp_path.glob(".*.lock"))


def test_a_file_where_its_folder_should_be_is_told(tmp_path):
    (tmp_path / "kept").touch()
    with pytest.raises(SettingError, match=r"^ledger\.jsonl cannot be written \(.+\); nothing was added\.$"):
        ledger.append(tmp_path / "kept" / "ledger.jsonl", result())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_told(four):
    four.parent.chmod(0o555)
    try:
        with pytest.raises(SettingError, match=r"^ledger\.jsonl cannot be written \(.+\); nothing was added"):
            ledger.append(four, result(campaign="new"))
    finally:
        four.parent.chmod(0o755)


@pytest.mark.parametrize("step", ["mkstemp", "fsync", "chmod"])
def test_a_full_disk_adds_nothing_and_leaves_nothing(four, monkeypatch, step):
    before = four.read_bytes()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    owner = {"mkstemp": whole_files.tempfile, "fsync": whole_files.os, "chmod": Path}[step]
    monkeypatch.setattr(owner, step, full)
    with pytest.raises(
        SettingError, match=r"cannot be written \(No space left on device\); nothing was added"
    ):
        ledger.append(four, result(campaign="new"))
    monkeypatch.undo()
    assert four.read_bytes() == before
    assert {one.name for one in four.parent.iterdir()} <= {"ledger.jsonl", ".ledger.jsonl.lock"}


@pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")
def test_a_link_stays_a_link_and_a_private_ledger_private(four, tmp_path):
    link = tmp_path / "link.jsonl"
    link.symlink_to(four)
    four.chmod(0o600)
    assert ledger.append(link, result(campaign="new"))
    assert link.is_symlink() and len(ledger.read(four)) == 5
    assert four.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_read_is_told(four, monkeypatch):
    denied = SimpleNamespace(strerror="Permission denied")

    def no(_: Path) -> bytes:
        raise PermissionError(13, denied.strerror)

    monkeypatch.setattr(Path, "read_bytes", no)
    with pytest.raises(
        InputError, match=r"^the ledger ledger\.jsonl cannot be read \(Permission denied\)\.$"
    ):
        ledger.read(four)
