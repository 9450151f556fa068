"""What was once mended: disks without room, links, files of those that were killed, runs that moved."""

import errno
import os
import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from clv import scratch, whole_files
from clv.errors import NotNowError
from clv.keeping import kept
from clv.keeping.kept import Bundle
from clv.running import changes, earlier, holding, produce, readying, runs
from clv.shop import Shop
from clv.telling import pages
from faults import places
from runs_made import record

FULL = OSError(errno.ENOSPC, "No space left on device")
BUNDLE = Bundle({"orders": pd.DataFrame({"id": ["a"]})}, {})
pytestmark = pytest.mark.skipif(whole_files.fcntl is None, reason="modes, links and locks of POSIX")


def fails(*_: object, **__: object) -> None:
    raise FULL


class TestCache:
    @pytest.fixture(autouse=True)
    def _cache(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))

    def test_a_full_disk_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept, "_save", fails)
        with pytest.raises(NotNowError, match=r"cannot be written to \(No space left on device\); make room"):
            kept.bundle("gold", "1", lambda: BUNDLE)

    def test_one_that_may_only_be_read_gives_what_it_has(self, monkeypatch: pytest.MonkeyPatch) -> None:
        kept.bundle("gold", "1", lambda: BUNDLE)
        monkeypatch.setattr(os, "utime", fails)
        assert len(kept.bundle("gold", "1", fails).frames["orders"]) == 1

    def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        kept.bundle("gold", "1", lambda: BUNDLE)
        files = (tmp_path / "cache" / "gold" / "1").iterdir()
        assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o600"}


class TestLeftByKilled:
    """Folders and files that nobody holds."""

    def left(self, path: Path) -> Path:
        path.mkdir(parents=True)
        (path / ".held").touch()
        (path / "half").touch()
        return path

    def test_a_sweep_takes_folders_too(self, tmp_path: Path) -> None:
        folder = self.left(tmp_path / "gold" / ".clv-new-ab12cd34")
        whole_files.sweep(tmp_path)
        assert not folder.exists()

    def test_what_a_link_leads_to_is_not_ours(self, tmp_path: Path) -> None:
        folder = self.left(tmp_path / "elsewhere")
        (tmp_path / "here").mkdir()
        (tmp_path / "here" / ".clv-new-ab12cd34").symlink_to(folder)
        scratch.clear(scratch.NEW, tmp_path / "here")
        assert (folder / "half").exists()

    def test_a_batch_begins_by_sweeping(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        temporary, out = self.left(tmp_path / "clv-run-ab12cd34"), self.left(tmp_path / "out" / "gold")
        (out / ".clv-new-ab12cd34.csv").touch()
        with holding.alone(tmp_path / "out"):
            assert not temporary.exists()
            assert not (out / ".clv-new-ab12cd34.csv").exists()

    def test_the_users_mask_counts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(whole_files, "_UMASK", 0o077)
        whole_files.write_whole(tmp_path / "page.html", "x")
        assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o600


class TestEarlierRuns:
    @pytest.fixture
    def out(self, tmp_path: Path) -> Path:
        """A good run whose page names what stands above it."""
        pages.write_whole(runs.place(tmp_path, "gold", "01_orders", "html"), "<a href='../index.html'></a>")
        pages.write_whole(runs.place(tmp_path, "gold", "01_orders", "xlsx"), "a book")
        runs.save(tmp_path, record(until="2026-05-31", key="k"))
        return tmp_path

    def test_a_record_that_moved_tells_of_the_page_that_moved(self, out: Path) -> None:
        earlier.give_way(out, "gold", "01_orders", "2026-06-30")
        folder = out / "gold" / "2026-05-31"
        assert runs.load(folder / "01_orders.json")["left"] == runs._marks(folder, "01_orders")

    def test_a_copy_that_ends_in_the_middle_has_no_name(
        self, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def half(_: Path, to: Path) -> None:
            Path(to).write_text("a b")
            raise FULL

        monkeypatch.setattr(shutil, "copy2", half)
        with pytest.raises(OSError, match="No space"):
            earlier.give_way(out, "gold", "01_orders", "2026-06-30")
        assert not (out / "gold" / "2026-05-31" / "01_orders.xlsx").exists()
        assert runs.load(out / "gold" / "01_orders.json")["key"] == "k"


class TestPages:
    @pytest.fixture
    def shop(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
        """A shop that is read in a place of its own."""
        places.make(tmp_path)
        for name in ("CLV_CACHE", "XDG_CONFIG_HOME"):
            monkeypatch.setenv(name, str(tmp_path / "cache"))
        monkeypatch.chdir(tmp_path)
        return Shop.open("shops.yml", "gold")

    def test_a_damaged_page_of_readiness_is_written_again(self, shop: Shop) -> None:
        page = Path("runs/gold/readiness.html")
        readying.write_all(Path("runs"), [(shop, "en")], fails)
        page.write_bytes(page.read_bytes()[:-200])
        readying.write_all(Path("runs"), [(shop, "en")], fails)
        assert pages.is_up_to_date(page, readying._made_from(shop))

    def test_a_page_of_readiness_without_room_is_a_warning(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warned = []
        monkeypatch.setattr(readying, "write", fails)
        readying.write_all(Path("runs"), [(shop, "en")], warned.append)
        assert warned == ["the page of readiness of gold could not be written (No space left on device)."]

    def test_a_page_of_changes_without_room_is_a_warning(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warned = []
        monkeypatch.setattr(changes, "_write", fails)
        monkeypatch.setattr(Path, "unlink", fails)
        changes.write_all(Path("runs"), [(shop, "en")], warned.append)
        assert warned[0].startswith("what changed at gold could not be written")

    def test_a_report_without_room_is_no_defect_of_a_report(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop = SimpleNamespace(id="gold", name="Gold")
        task = SimpleNamespace(shop=shop, name="01_orders", question="?", label="gold 01_orders")
        monkeypatch.setattr(produce.downloads, "write", fails)
        with pytest.raises(OSError, match="No space"):
            produce._with_report(record(), SimpleNamespace(notebook=None), task, tmp_path)
