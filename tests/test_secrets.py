"""A password in the environment stays there: no record, cache, page, message or process's title holds it."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from clv import cli, pseudonyms, purged, shopfile
from clv.declaring import addresses
from clv.keeping import kept
from clv.running import notebook_files, plan, runs

PASSWORD, USER = "geheim-7f3a9c", "leserin-5521"
SHOPS = """\
shops:
  gold:
    platform: clean
    orders: postgresql://${SHOP_USER}:${SHOP_PASSWORD}@127.0.0.1:1/shop?table=orders
    currency: CNY
"""
NOTEBOOKS = Path(__file__).parents[1] / "notebooks"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOP_USER", USER)
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shops.yml").write_text(SHOPS, "utf-8")
    return tmp_path


def holding(folder: Path) -> list[str]:
    words = (PASSWORD.encode(), USER.encode())
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if any(word in path.read_bytes() for word in words)]


def test_no_file_of_a_batch_and_no_message_holds_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["batch", "shops.yml", "--notebooks", str(NOTEBOOKS), "--notebook", "01_orders"])
    said = capsys.readouterr()
    assert left.value.code == 1 and "does not answer" in said.err
    assert PASSWORD not in said.out + said.err and USER not in said.out + said.err
    assert list((place / "runs" / "gold").glob("*.json"))
    assert holding(place) == []


def test_no_record_of_a_run_and_no_parameter_holds_it(place: Path) -> None:
    file = shopfile.load("shops.yml")
    (task,) = plan.tasks(file, notebook_files.chosen(NOTEBOOKS, ["01_orders"]))
    runs.save(place / "runs", runs.record(task, status="ok"))
    assert holding(place) == []
    address = file.sources("gold")[0].tables[0]
    assert PASSWORD not in repr(address) + address.name + address.place
    assert addresses.expanded(address.password) == PASSWORD  # and yet it is there when it is asked for


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="reads process titles of Linux")
def test_no_process_shows_it(place: Path) -> None:
    asked = "postgresql://${SHOP_USER}:${SHOP_PASSWORD}@127.0.0.1:1/shop?table=orders"
    command = [sys.executable, "-m", "clv.cli", "orders", asked, "--platform", "clean", "--out", "o.csv"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        titles = set()
        while process.poll() is None:
            try:
                titles.add(Path(f"/proc/{process.pid}/cmdline").read_bytes())
            except OSError:
                break
            time.sleep(0.05)
        said = process.stderr.read() if process.stderr else ""
    assert process.returncode == 2 and "does not answer" in said
    assert titles and all(PASSWORD.encode() not in title and USER.encode() not in title for title in titles)
    assert PASSWORD not in said and USER not in said


@pytest.mark.skipif(sys.platform == "win32", reason="modes of a POSIX system")
class TestOnlyTheirOwnerReads:
    @pytest.fixture(autouse=True)
    def an_open_hand(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is left to the user's umask."""
        monkeypatch.setattr(
            pseudonyms.platformdirs, "user_config_dir", lambda _: str(tmp_path / "config" / "clv")
        )
        monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
        before = os.umask(0)
        yield
        os.umask(before)

    def mode(self, path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    def test_the_secret_and_who_was_purged(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CLV_SECRET")
        assert len(pseudonyms.local_secret()) == 64
        purged.add("gold", ["c_0123456789ab"])
        place = tmp_path / "config" / "clv"
        found = {path.name: self.mode(path) for path in (place, *place.rglob("*")) if path.name[0] != "."}
        assert found == {"clv": 0o700, "secret": 0o600, "purged": 0o700, "gold": 0o600}

    def test_what_the_cache_keeps(self, tmp_path: Path) -> None:
        kept.bundle("gold", "key", lambda: kept.Bundle({}, {"day": "2026-06-30"}))
        assert self.mode(tmp_path / "cache" / "gold") == 0o700
