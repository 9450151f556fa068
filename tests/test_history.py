"""The history of runs: what was said stays, said once; what is damaged is passed over and stops nobody."""

import json
import os
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clv import history, parameters, shopfile
from clv.cli import main
from clv.history import Fact, Run
from clv.running import keys, plan
from clv.running.all_shops import AllShops
from clv.running.memory import Memory
from clv.shop import Shop

ROOT = Path(__file__).parents[1]
SHARE = Fact(name="customers.active_share", value=0.25, unit="share", low=0.2, high=0.3, label="are active")


def run(*facts: Fact, **changed: object) -> Run:
    given = {"shop": "gold", "notebook": "02_customers", "at": "2026-07-01T09:00:00+08:00", "key": "k"}
    return Run(facts=list(facts or [SHARE]), **{**given, "until": "2026-06-30", **changed})


def content(folder: Path, shop: str = "gold") -> bytes:
    return (folder / shop / history.FILE).read_bytes()


def test_what_is_added_is_read_back_a_row_per_fact(tmp_path: Path) -> None:
    text = Fact(name="clv.model", value="mbgnbd")
    assert history.add(tmp_path, run(SHARE, text, Fact(name="n", value=3), Fact(name="yes", value=True)))
    found = history.read(tmp_path)
    assert tuple(found.columns) == history.COLUMNS
    assert list(found["value"]) == [0.25, "mbgnbd", 3, True]
    assert [type(value) for value in found["value"]] == [float, str, int, bool]
    assert found.loc[0, ["low", "high", "unit", "label"]].tolist() == [0.2, 0.3, "share", "are active"]
    assert found["low"].isna().tolist() == [False, True, True, True]
    assert set(found["line"]) == {1} and set(found["until"]) == {"2026-06-30"}


def test_a_run_that_says_the_same_adds_nothing(tmp_path: Path) -> None:
    assert history.add(tmp_path, run())
    assert history.add(tmp_path, run(notebook="01_orders"))
    before = content(tmp_path)
    assert not history.add(tmp_path, run(at="2026-08-01T09:00:00+08:00", key="another"))
    assert not history.add(
        tmp_path, run(SHARE.model_copy(update={"label": "的客户活跃"}), notebook="02_customers")
    )
    assert content(tmp_path) == before
    assert history.add(tmp_path, run(until="2026-07-31"))
    assert history.add(tmp_path, run(SHARE.model_copy(update={"high": 0.31}), until="2026-07-31"))
    assert history.add(tmp_path, run())  # the same as once before, but not as the last time
    assert content(tmp_path).startswith(before)
    assert content(tmp_path).count(b"\n") == 5


def test_shops_have_histories_of_their_own_and_are_read_together(tmp_path: Path) -> None:
    for shop in ("silver", "gold", history.ALL):
        history.add(tmp_path, run(shop=shop))
    assert list(history.read(tmp_path)["shop"]) == [history.ALL, "gold", "silver"]
    assert history.read(tmp_path / "nowhere").empty
    assert tuple(history.read(tmp_path / "nowhere").columns) == history.COLUMNS


WHOLE = st.integers(-history.LARGEST, history.LARGEST)
VALUES = st.booleans() | WHOLE | st.floats(allow_nan=False, allow_infinity=False) | st.text()


@given(value=VALUES, label=st.text(), name=st.text(min_size=1))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_takes_one_line(tmp_path: Path, value: object, label: str, name: str) -> None:
    (tmp_path / "gold" / history.FILE).unlink(missing_ok=True)  # of the example before
    fact = Fact(name=name, value=value, label=label)
    assert history.add(tmp_path, run(fact))
    assert not history.add(tmp_path, run(fact))
    assert history.damage(tmp_path) == ""
    last = history.read(tmp_path).iloc[-1]
    assert (last["name"], last["value"], last["label"]) == (name, value, label)
    assert content(tmp_path).endswith(b"\n")


LINE = {"shop": "gold", "notebook": "x", "at": "2026-07-01T09:00:00+08:00", "until": "", "key": "k"}
TOO_MUCH = [
    (LINE, {"name": "n", "value": 10**400}),
    (LINE, {"name": "n", "value": -(2**63)}),
    (LINE, {"name": "n", "value": 1, "low": -(10**400)}),
    (LINE, {"name": "n", "value": "\ud800"}),
    (LINE, {"name": "n\udfff", "value": 1}),
    (LINE, {"name": "n", "value": 1, "label": "\ud800"}),
    (LINE | {"key": "\ud800"}, {"name": "n", "value": 1}),
]


@pytest.mark.parametrize(
    "bad",
    [
        *(b"{", b"\xff\xfe\x00", b"[]", b'{"shop": "gold"}', b"[" * 100_000, b'{"a": NaN}'),
        *(json.dumps(whole | {"facts": [part]}).encode() for whole, part in TOO_MUCH),
    ],
    ids=["half", "no text", "a list", "keys lost", "deep", "no number", *"abcdefg"],
)
def test_a_damaged_line_is_passed_over_and_stays(tmp_path: Path, bad: bytes) -> None:
    history.add(tmp_path, run())
    path = tmp_path / "gold" / history.FILE
    path.write_bytes(path.read_bytes() + bad)  # as if a machine had stopped in the middle of a line
    assert len(history.read(tmp_path)) == 1
    assert history.add(tmp_path, run(until="2026-07-31"))
    assert list(history.read(tmp_path)["until"]) == ["2026-06-30", "2026-07-31"]
    assert bad + b"\n" in path.read_bytes()
    said = history.damage(tmp_path)
    assert said.startswith("1 line of the history") and "line 2 of gold/history.jsonl" in said


def test_an_interrupted_writer_leaves_the_old_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.add(tmp_path, run())
    before = content(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        history.add(tmp_path, run(until="2026-07-31"))
    assert content(tmp_path) == before
    assert [path.name for path in (tmp_path / "gold").iterdir()] == [history.FILE]


def test_lines_hold_only_what_a_run_said(tmp_path: Path) -> None:
    history.add(tmp_path, run())
    line = json.loads(content(tmp_path))
    assert set(line) == {"shop", "notebook", "at", "until", "key", "facts", "seal"}
    assert set(line["facts"][0]) == {"name", "value", "unit", "low", "high", "label"}


RECORD = {
    "shop": "gold", "notebook": "tiny", "made_at": "2026-07-01T09:00:00+08:00", "until": "2026-06-30",
    "key": "k", "status": "ok", "facts": [SHARE.model_dump()],
}  # fmt: skip


def test_a_batch_keeps_good_runs_only_and_warns_once(tmp_path: Path) -> None:
    said: list[str] = []
    memory = Memory(tmp_path, said.append)
    memory.keep(RECORD)
    memory.keep({**RECORD, "notebook": "other", "status": "failed"})
    assert list(history.read(tmp_path)["notebook"]) == ["tiny"]
    assert said == []

    (tmp_path / "silver" / history.FILE).mkdir(parents=True)
    broken = Memory(tmp_path, said.append)
    broken.keep({**RECORD, "shop": "silver"})
    broken.keep({**RECORD, "until": "2026-07-31"})
    assert len(said) == 1 and "silver/history.jsonl cannot be read" in said[0]
    assert list(history.read(tmp_path)["until"]) == ["2026-06-30", "2026-07-31"]


def test_a_record_that_is_none_is_told_not_raised(tmp_path: Path) -> None:
    said: list[str] = []
    Memory(tmp_path, said.append).keep({**RECORD, "made_at": "yesterday"})
    assert said == ["what the runs said cannot be added to the history of gold (ValidationError)."]


def test_a_record_that_cannot_be_written_down_is_told_not_raised(tmp_path: Path) -> None:
    for value in (10**400, "\ud800"):
        said: list[str] = []
        Memory(tmp_path, said.append).keep({**RECORD, "facts": [{"name": "n", "value": value}]})
        assert said == ["what the runs said cannot be added to the history of gold (ValidationError)."]


def test_a_history_that_may_not_be_read_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its fingerprint is that of no history, so the batch goes on and its memory warns."""
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "gold.csv").write_text("order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n")
    (tmp_path / "shops.yml").write_text("shops:\n  gold: {platform: csv, orders: gold.csv}\n")
    file = shopfile.load(tmp_path / "shops.yml")
    every = AllShops(file, (Shop.of(file, "gold"),), "")
    asked = parameters.CONTRACTS["09_stores"](shop_file="shops.yml", runs=str(tmp_path))
    task = plan.Task(every, ROOT / "notebooks" / "09_stores.ipynb", asked, "")
    none = keys.keys([task])
    history.add(tmp_path, run())
    assert keys.keys([task]) != none
    really = Path.open

    def closed(path: Path, *args: object, **more: object) -> object:
        if path.name == history.FILE:
            raise PermissionError(13, "Permission denied", str(path))
        return really(path, *args, **more)

    monkeypatch.setattr(Path, "open", closed)
    assert keys.keys([task]) == none


@pytest.mark.slow
def test_the_histories_of_a_batch_hold_no_customer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    shops = ROOT / "data" / "samples" / "shops.yml"
    with pytest.raises(SystemExit) as left:
        main(["batch", str(shops), "--shop", "pearl", "--notebook", "01_orders", "--out", str(tmp_path)])
    assert left.value.code == 0
    written = content(tmp_path, "pearl").decode()
    assert len(history.read(tmp_path)) > 3
    planted = pd.read_csv(shops.parent / "planted_people.csv", dtype="str")["id"]
    assert not any(one in written for one in planted)
    assert not re.search(r"c_[0-9a-f]{12}(?![0-9a-f])|(?<![0-9a-f.])1\d{10}(?![0-9a-f])", written)
