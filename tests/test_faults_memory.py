"""No memory: one sentence, nothing half made, and no word that outlasts the shortage."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import ibis
import pytest

from clv import cli, duck, readiness, shop_reading, shopfile, stores
from clv.commands import table_files
from clv.errors import NotNowError, lacks_memory
from clv.keeping import kept
from clv.purging import exported
from clv.reading import exports
from clv.running import readying
from clv.running.all_shops import AllShops
from clv.running.execute import execute
from clv.running.kernels import Kernels
from clv.shop import Shop
from faults import places
from faults.stories import STORIES
from tiny_notebooks import Tiny, write

HERE = Path(__file__).parent
SAID = "clv: there is not enough memory for this; close other programs or take fewer orders.\n"
LITTLE = "there was not enough memory; close other programs, or run fewer at a time with --jobs."


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> places.Place:
    """Shops, and a cache of their own."""
    made = places.make(tmp_path)
    for name in ("CLV_CACHE", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    return made


@contextmanager
def no_room(monkeypatch: pytest.MonkeyPatch, *readers: str) -> Iterator[None]:
    """Let a shop's readers find no memory."""

    def fails(self: Shop, *_: object) -> None:
        raise NotNowError("DuckDB needed more memory than it may take.")

    with monkeypatch.context() as patch:
        for name in readers:
            patch.setattr(Shop, name, fails)
        yield


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        ImportError("libopenblas.so: failed to map segment from shared object"),
        ImportError("libgomp.so: cannot allocate memory in static TLS block"),
        RuntimeError("can't start new thread"),
        duckdb.InvalidInputException("Invalid Input Error: Failed to launch worker thread: Resource …"),
        OSError(12, "Cannot allocate memory"),
        duckdb.ParserException("Parser Error: std::bad_alloc"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_a_command_without_memory_says_so_and_leaves_nothing(place, error, monkeypatch, capsys) -> None:
    def needs_too_much(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(table_files, "write", needs_too_much)
    with pytest.raises(SystemExit) as left:
        cli.main(list(STORIES["orders"].command))
    assert (left.value.code, capsys.readouterr().err) == (1, SAID)
    assert not Path("orders.parquet").exists()


def test_a_library_that_makes_another_error_of_it_hides_nothing() -> None:
    try:
        try:
            raise MemoryError
        except MemoryError:
            raise ValueError("no table") from None
    except ValueError as error:
        assert lacks_memory(error)
    assert not lacks_memory(ValueError("no table"))


def test_memory_that_is_written_well_is_not_called_wrong_where_there_is_none(monkeypatch) -> None:
    def fails(**_: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate data")

    monkeypatch.setattr(ibis.duckdb, "connect", fails)
    with pytest.raises(NotNowError, match=r"^DuckDB needed more memory than it may take"):
        duck.connect()


@pytest.mark.parametrize("reader", ["members", "past_campaigns"])
def test_a_page_of_readiness_blames_no_file_for_the_machine(place, reader, monkeypatch) -> None:
    shop, page, warned = Shop.open("shops.yml", "gold"), Path("runs/gold/readiness.html"), []
    with no_room(monkeypatch, reader):
        for ask in (readiness.of, readiness.unreadable):
            with pytest.raises(NotNowError):
                ask(shop)
        readying.write_all(Path("runs"), [(shop, "en")], warned.append)
    assert not page.exists()
    assert warned == ["DuckDB needed more memory than it may take."]
    readying.write_all(Path("runs"), [(shop, "en")], warned.append)
    assert "DuckDB" not in page.read_text("utf-8")
    assert len(warned) == 1


def test_no_shop_is_left_out_of_a_comparison_because_of_the_machine(place, monkeypatch) -> None:
    with no_room(monkeypatch, "orders"), pytest.raises(NotNowError):
        stores.open_all("shops.yml")


def test_the_last_day_of_all_shops_is_not_that_of_those_for_whom_there_was_memory(place, monkeypatch) -> None:
    file = shopfile.load("shops.yml")
    all_of_them = AllShops(file, tuple(Shop.of(file, name, "") for name in file.shops), "")

    def fails(self: Shop) -> None:
        raise NotNowError("DuckDB needed more memory than it may take.")

    with monkeypatch.context() as patch:
        patch.setattr(Shop, "until", property(fails))
        with pytest.raises(NotNowError):
            _ = all_of_them.until
    assert all_of_them.until == max(shop.until for shop in all_of_them.shops)


def test_no_remark_on_a_file_is_about_the_machine(place, monkeypatch) -> None:
    shop = Shop.open("shops.yml", "gold")
    shop.orders()

    def fails(*_: object, **__: object) -> None:
        raise NotNowError("DuckDB needed more memory than it may take.")

    with monkeypatch.context() as patch:
        patch.setattr(shop_reading, "read_extra", fails)
        with pytest.raises(NotNowError):
            shop.remarks()
    assert "memory" not in "".join(shop.remarks()["remark"])


def test_a_cache_without_room_is_no_fault_of_a_file(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    (tmp_path / "cache").write_text("no folder")
    with pytest.raises(NotNowError, match="cannot be written to"):
        kept.bundle("gold", "k", lambda: None)


def test_purge_does_not_say_that_a_file_which_it_had_no_memory_for_names_nobody(tmp_path, monkeypatch):
    def fails(_: Path) -> None:
        raise NotNowError("no memory.")

    monkeypatch.setattr(exports, "read", fails)
    with pytest.raises(NotNowError):
        exported._count(tmp_path / "members.csv", {"a"}, set(), set())


@pytest.mark.slow
def test_a_notebook_without_memory_says_what_to_do(tmp_path: Path) -> None:
    notebook = write(tmp_path, Tiny, "import numpy\nnumpy.ones(2**50)")
    outcome = execute(notebook, Tiny(shop_id="gold", depth=3), pool=Kernels())
    assert (outcome.status, outcome.message) == ("failed", LITTLE)


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of Linux")
def test_a_few_shortages_of_memory_leave_nothing_wrong_behind() -> None:
    """A short version of `python -m faults memory`; what a library says where it ends is not looked at."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    asked = [
        "memory",
        "--times",
        "8",
        *(f"--story={name}" for name in ("customers", "fit", "score", "learn")),
    ]
    done = subprocess.run(
        [sys.executable, "-m", "faults", *asked], env=environment, capture_output=True, text=True, timeout=540
    )
    trials = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(trials) == 8, done.stdout + done.stderr
    lasting = [why for one in trials for why in one["wrong"] if not why.startswith("it ended with")]
    assert not lasting
