"""Damage on the disk: whatever byte is wrong, what is read is what was written, or it is made again."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv import history
from clv.errors import SettingError
from clv.keeping import kept
from clv.keeping.kept import Bundle
from clv.running import earlier, runs, segments_kept
from clv.telling import pages
from runs_made import fact, record

FLIPS = 100  # a file
DAYS = pd.date_range("2025-01-01", periods=60)
FRAME = pd.DataFrame({"id": [f"c{n}" for n in range(60)], "day": DAYS, "money": np.arange(60) / 7})
WORDS = {"currency": "CNY", "money lost": 12.25, "notes": ["3 rows were left out."]}


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """A call that asks the cache for a bundle, checks it, and says how often it was built."""
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    built = []

    def build() -> Bundle:
        built.append(1)
        return Bundle({"orders": FRAME, "none": FRAME.head(0)}, WORDS)

    def asked() -> int:
        found = kept.bundle("gold", "orders-1", build)
        pd.testing.assert_frame_equal(found.frames["orders"], FRAME, check_exact=True)
        pd.testing.assert_frame_equal(found.frames["none"], FRAME.head(0), check_exact=True)
        assert found.words == WORDS
        return len(built)

    assert asked() == 1
    return asked


def entry(name: str = "") -> Path:
    return kept._root() / "gold" / "orders-1" / name


def flipped(path: Path, *, seed: int = 5) -> Iterator[bytes]:
    """Write a file with one bit that is wrong, at many places all over it."""
    whole, rng = path.read_bytes(), np.random.default_rng(seed)
    for bit in rng.choice(8 * len(whole), min(FLIPS, 8 * len(whole)), replace=False):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        yield bytes(damaged)
    path.write_bytes(whole)


class TestCache:
    @pytest.mark.parametrize("name", ["orders.parquet", "none.parquet", "words.json"])
    def test_one_wrong_bit_anywhere(self, ask: Callable[[], int], name: str) -> None:
        times = 1
        for damaged in flipped(entry(name)):
            times += 1
            assert ask() == times
            assert entry(name).read_bytes() != damaged

    @pytest.mark.parametrize("name", ["orders.parquet", "words.json"])
    def test_cut_off_at_many_places(self, ask: Callable[[], int], name: str) -> None:
        whole = entry(name).read_bytes()
        for times, length in enumerate(range(0, len(whole), max(1, len(whole) // 60)), start=2):
            entry(name).write_bytes(whole[:length])
            assert ask() == times

    def test_something_else_in_the_place_of_a_file(self, ask: Callable[[], int]) -> None:
        for times, name in enumerate(("orders.parquet", "words.json"), start=2):
            entry(name).unlink()
            entry(name).mkdir()
            assert ask() == times
        shutil.rmtree(entry())
        entry().write_text("a file where the folder should be")
        assert ask() == 4
        shutil.copytree(entry(), entry().with_name("kept"))
        other = kept.bundle("gold", "orders-2", lambda: Bundle({"orders": FRAME.tail(3)}, WORDS))
        assert len(other.frames["orders"]) == 3
        shutil.rmtree(entry())
        entry().with_name("orders-2").rename(entry())  # whole, but not what its name says
        assert ask() == 5

    def test_a_lock_that_is_no_file_is_told(self, ask: Callable[[], int], tmp_path: Path) -> None:
        shutil.rmtree(tmp_path / "cache" / "gold")
        (tmp_path / "cache" / "gold.lock").unlink(missing_ok=True)
        (tmp_path / "cache" / "gold.lock").mkdir()
        with pytest.raises(
            SettingError, match=r"^the cache folder .+ cannot be written to \(.+\); make room"
        ):
            ask()

    def test_what_a_killed_one_left_goes_when_the_next_keeps_something(self, ask: Callable[[], int]) -> None:
        left = entry().with_name(".clv-new-ab12cd34")
        left.mkdir()
        (left / ".held").touch()
        (left / "orders.parquet").write_bytes(b"PAR1")
        kept.scratch._clear_once.cache_clear()
        shutil.rmtree(entry())
        assert ask() == 2
        assert not left.exists()


class TestRuns:
    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        """The run of a shop as a batch leaves it, for two last days."""
        for day in ("2026-05-31", "2026-06-30"):
            earlier.give_way(tmp_path, "gold", "01_orders", day)
            beside = {"html": f"<p>{day}</p></html>", "ipynb": "{}", "xlsx": "a book"}
            for ending, text in beside.items():
                pages.write_whole(runs.place(tmp_path, "gold", "01_orders", ending), text)
            pages.write_whole(tmp_path / "gold" / "01_orders-tables" / "01-a.csv", "a\n1\n")
            runs.save(
                tmp_path, record(until=day, key="k", facts=[fact("orders.money", 1234.5, low=1, high=9)])
            )
        return tmp_path

    def test_a_record_says_what_was_written_or_nothing(self, out: Path) -> None:
        path = runs.place(out, "gold", "01_orders", "json")
        wanted = runs.load(path)
        for _ in flipped(path):
            found = runs.load(path)
            assert found is None or found["facts"] == wanted["facts"]
            assert found is None or {name: found[name] for name in record()} == {
                n: wanted[n] for n in record()
            }

    @pytest.mark.parametrize(
        "name", ["01_orders.html", "01_orders.ipynb", "01_orders.xlsx", "01_orders-tables/01-a.csv"]
    )
    def test_a_run_whose_files_are_not_as_it_left_them_is_run_again(self, out: Path, name: str) -> None:
        path = out / "gold" / name
        assert runs.good_already(out, "gold", "01_orders", "k")
        for _ in flipped(path):
            assert runs.good_already(out, "gold", "01_orders", "k") is None
        assert runs.good_already(out, "gold", "01_orders", "k")
        path.unlink()
        assert runs.good_already(out, "gold", "01_orders", "k") is None
        path.mkdir()
        assert runs.good_already(out, "gold", "01_orders", "k") is None
        earlier.give_way(out, "gold", "01_orders", "2026-06-30")
        assert [one.name for one in (out / "gold").iterdir()] == ["2026-05-31"]

    def test_a_pdf_beside_it_changes_nothing(self, out: Path) -> None:
        pages.write_whole(out / "gold" / "01_orders.pdf", b"%PDF")
        assert runs.good_already(out, "gold", "01_orders", "k")

    def test_an_earlier_run_with_a_page_that_is_no_text_moves_all_the_same(self, out: Path) -> None:
        (out / "gold" / "01_orders.html").write_bytes(b"\xff\xfe<a href='../index.html'>")
        earlier.give_way(out, "gold", "01_orders", "2026-07-31")
        moved = out / "gold" / "2026-06-30" / "01_orders.html"
        assert moved.read_bytes() == b"\xff\xfe<a href='../../index.html'>"

    def test_moved_runs_are_whole_to_their_records(self, out: Path) -> None:
        folder = out / "gold" / "2026-05-31"
        moved = runs.load(folder / "01_orders.json")
        assert moved["left"] == runs._marks(folder, "01_orders") != {}


class TestHistory:
    def test_a_line_says_what_was_written_or_is_told_to_be_damaged(self, tmp_path: Path) -> None:
        for day in ("2026-05-31", "2026-06-30"):
            made = record(
                until=day, made_at="2026-07-01T09:00:00+08:00", facts=[fact("m", 12.5, low=1.5, high=20.0)]
            )
            assert history.add(tmp_path, history.of_record(made))
        wanted = history.read(tmp_path)
        rows = set(wanted.drop(columns="line").itertuples(index=False, name=None))
        for _ in flipped(tmp_path / "gold" / history.FILE):
            found = history.read(tmp_path).drop(columns="line")
            assert rows.issuperset(found.itertuples(index=False, name=None))
            assert len(found) == len(wanted) or "cannot be read and will be passed over" in history.damage(
                tmp_path
            )

    def test_lines_of_older_programs_have_no_seal_and_count(self, tmp_path: Path) -> None:
        assert history.add(
            tmp_path, history.of_record(record(facts=[fact("m", 1)], made_at="2026-07-01T09:00:00Z"))
        )
        path = tmp_path / "gold" / history.FILE
        old = {name: part for name, part in json.loads(path.read_text()).items() if name != "seal"}
        path.write_text(json.dumps(old) + "\n")
        assert history.damage(tmp_path) == ""
        assert len(history.read(tmp_path)) == 1


class TestOthers:
    def test_segments_are_those_that_were_kept_or_none(self, tmp_path: Path) -> None:
        found = pd.DataFrame(
            {
                "window": ["active", "silent"] * 20,
                "segment": ["best", "others"] * 20,
                "segment_zh": ["最好", "其他"] * 20,
                "spend": np.arange(40) / 3,
            },
            index=pd.Index([f"c_{n}" for n in range(40)], name="customer"),
        )
        found.attrs = {
            "until": "2026-06-30",
            "currency": "CNY",
            "windows": [90],
            "scheme": {},
            "made_from": "k",
        }
        path = tmp_path / segments_kept.FILE
        segments_kept._write(path, found)
        wanted = segments_kept.read(tmp_path)
        pd.testing.assert_frame_equal(wanted, found, check_dtype=False)
        for _ in flipped(path):
            if (now := segments_kept.read(tmp_path)) is not None:
                pd.testing.assert_frame_equal(now, wanted, check_exact=True)
                assert now.attrs == wanted.attrs
        path.unlink()
        path.mkdir()
        assert segments_kept.read(tmp_path) is None

    def test_a_page_that_was_changed_is_not_up_to_date(self, tmp_path: Path) -> None:
        path = tmp_path / "readiness.html"
        assert not pages.is_up_to_date(path, "k")
        pages.write_marked(path, "<html><!-- made from k en --><p>2 of 9 answers</p></html>\n")
        assert pages.is_up_to_date(path, "k en")
        assert not pages.is_up_to_date(path, "another")
        for _ in flipped(path):
            assert not pages.is_up_to_date(path, "k en")
        path.write_bytes(path.read_bytes()[:-40])
        assert not pages.is_up_to_date(path, "k en")
