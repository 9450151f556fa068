"""Names that are path tricks, links, loops, pipes: nothing is written outside of the folder that was named.

Each test works in a jail: a folder with things that must stay as they are, and one that may change.
"""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

import click
import pandas as pd
import pytest

from clv import batch, cli, history, ledger, parameters, playbooks, schemes, shopfile
from clv.errors import ClvError
from clv.offering.contract import Offer
from clv.running import holding, notebook_files
from clv.sending import lists
from clv.shop_entry import Extra
from clv.telling.pages import write_whole
from fuzz import answers, declared_files

posix = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
_OUTWARDS = [
    "../../x",
    "..",
    ".",
    "",
    "/etc/passwd",
    "/",
    "a/b",
    "a\\b",
    "C:\\x",
    "~",
    "~root",
    "..%2f",
    "%2e%2e",
]
_ODD = ["a\x00b", "a\nb", "x ", " x", "x.", "x" * 300, "😀", "\u202egold", "\ud800", "-x", "_x", "{0}"]
_TWINS = ["Mine", "MINE", "ｍｉｎｅ", "mıne"]  # of mine, on some disks
_DEVICES = ["con", "nul", "com1", "lpt9", "aux"]
TRICKS = [*_OUTWARDS, *_ODD, *_TWINS, *_DEVICES, "$HOME", "$(id)", "a;b"]
READABLE = [trick.encode("utf-8", "backslashreplace").decode() for trick in TRICKS]


@dataclass(frozen=True)
class Jail:
    """`out` may change, everything else in `place` must stay."""

    place: Path

    @property
    def out(self) -> Path:
        """The folder that a command was told to write to."""
        return self.place / "out"

    @property
    def victim(self) -> Path:
        """A file that nobody may touch."""
        return self.place / "elsewhere" / "victim"

    def seen(self) -> dict[str, object]:
        """Return everything outside of `out`: kinds, modes and contents."""
        found = (path for path in sorted(self.place.rglob("*")) if self.out not in (path, *path.parents))
        return {str(path): _looks(path) for path in found}


def _looks(path: Path) -> object:
    if path.is_symlink():
        return path.readlink()
    return (path.lstat().st_mode, path.read_bytes() if path.is_file() else b"")


@pytest.fixture
def jail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Jail]:
    """Work in a jail, and look afterwards whether all that must stay is as it was."""
    found = Jail(tmp_path / "jail")
    found.victim.parent.mkdir(parents=True)
    found.victim.write_text("precious")
    (found.place / "elsewhere" / "folder").mkdir()
    found.out.mkdir()
    monkeypatch.chdir(found.out)
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    before = found.seen()
    yield found
    assert found.seen() == before


@contextlib.contextmanager
def soon(seconds: int = 60) -> Iterator[None]:
    """End what waits for ever."""

    def late(*_: object) -> None:
        raise AssertionError("this waits for ever")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ClvError) as caught:
        call()
    answers.hold(caught.value)
    return str(caught.value)


def shops(folder: Path, **keys: str) -> shopfile.ShopFile:
    """Return a shop file with a shop that has these keys besides."""
    more = "".join(f"    {key}: {value}\n" for key, value in keys.items())
    path = folder / "shops.yml"
    path.write_text(f"shops:\n  gold:\n    platform: csv\n{more}", "utf-8")
    return shopfile.load(path)


class TestNames:
    @pytest.mark.parametrize("name", TRICKS, ids=READABLE)
    def test_no_shop_id_leads_out_of_its_folder_or_falls_together_with_another(
        self, jail: Jail, name: str
    ) -> None:
        path = jail.out / "shops.yml"
        entry = "{platform: csv, orders: x.csv}"
        path.write_bytes(
            f"shops: {{{_quoted(name)}: {entry}, mine: {entry}}}\n".encode("utf-8", "surrogatepass")
        )
        refused(lambda: shopfile.load(path))

    @pytest.mark.parametrize("name", TRICKS, ids=READABLE)
    def test_no_name_of_anything_else_is_taken_for_a_path(self, jail: Jail, name: str) -> None:
        refused(lambda: playbooks.find(name))
        refused(lambda: parameters.contract(name))
        refused(lambda: schemes.load(name))
        place = Path(declared_files.REPO / "notebooks")
        if name:
            refused(lambda: notebook_files.chosen(place, [name]))
        if not name.isascii() or not name.isalnum() or name != name.lower() or len(name) > 40:
            terms = {"kind": "notice", "uplift": {"mean": 0.1, "sd": 0.1}}
            with pytest.raises(ValueError):
                Offer.model_validate({"name": name, **terms})

    def test_a_name_that_ends_in_a_line_break_is_none(self, jail: Jail) -> None:
        with pytest.raises(ValueError):
            Offer.model_validate({"name": "ten\n", "kind": "notice", "uplift": {"mean": 0.1, "sd": 0.1}})
        (jail.out / "shops.yml").write_text('shops: {"gold\\n": {platform: csv, orders: x.csv}}\n')
        refused(lambda: shopfile.load(jail.out / "shops.yml"))


def _quoted(name: str) -> str:
    found = "".join(f"\\U{ord(mark):08x}" for mark in name)
    return f'"{found}"'


@posix
class TestLinks:
    def test_a_folder_of_runs_may_be_a_link_that_its_owner_made(self, jail: Jail, tmp_path: Path) -> None:
        real = tmp_path / "big-disk"
        real.mkdir()
        (jail.out / "runs").symlink_to(real)
        with holding.alone(jail.out / "runs"):
            write_whole(jail.out / "runs" / "gold" / "index.html", "x")
        assert (real / "gold" / "index.html").read_text() == "x"

    @pytest.mark.parametrize("at", ["gold", "gold/lists", "gold/2026-06-30", "gold/01_orders-tables"])
    @pytest.mark.parametrize("to", ["folder", "nothing", "loop"])
    def test_no_batch_writes_where_a_link_in_its_folder_leads(self, jail: Jail, at: str, to: str) -> None:
        link = jail.out / at
        link.parent.mkdir(exist_ok=True)
        link.symlink_to(link if to == "loop" else jail.place / "elsewhere" / to)
        said = refused(lambda: batch.run([], out=jail.out, jobs=1))
        assert at in said and "link" in said

    def test_a_link_to_a_file_gives_way_to_the_file_that_is_written(self, jail: Jail) -> None:
        for name in ("index.html", "gone"):
            link = jail.out / name
            link.symlink_to(jail.victim if name != "gone" else jail.place / "elsewhere" / "new")
            write_whole(link, "page")
            assert not link.is_symlink() and link.read_text() == "page"

    def test_the_history_of_runs_is_not_written_through_a_link(self, jail: Jail) -> None:
        link = jail.out / "gold" / history.FILE
        link.parent.mkdir()
        link.symlink_to(jail.victim)
        facts = [{"name": "orders", "value": 1.0, "unit": "", "low": None, "high": None, "label": "Orders"}]
        run = history.Run.model_validate(
            {
                "shop": "gold",
                "notebook": "01_orders",
                "until": "2026-06-30",
                "key": "k",
                "at": "2026-07-01T09:00:00+08:00",
                "facts": facts,
            }
        )
        assert history.add(jail.out, run)
        assert not link.is_symlink()

    @pytest.mark.parametrize("lock", [".lock", ".play.lock"])
    def test_a_link_in_the_place_of_a_lock_is_not_followed(self, jail: Jail, lock: str) -> None:
        (jail.out / lock).symlink_to(jail.victim)
        said = refused(lambda: holding.held(jail.out, lock=lock, what="batch").__enter__())
        assert "cannot be written to" in said

    def test_lists_are_not_written_through_links(self, jail: Jail) -> None:
        table = pd.DataFrame([LIST_OF_ONE])
        folder = jail.out / "lists"
        folder.mkdir()
        (folder / "list-sms.csv").symlink_to(jail.victim)
        made = lists.write(table, folder)
        assert made and not any(path.is_symlink() for path in made)
        lists.clear(folder)
        folder.symlink_to(jail.place / "elsewhere" / "folder")
        refused(lambda: lists.write(table, folder))
        lists.clear(folder)

    def test_a_table_is_not_written_through_a_link(self, jail: Jail) -> None:
        (jail.out / "orders.csv").write_text("order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n")
        (jail.out / "made.csv").symlink_to(jail.victim)
        code, said = call(["orders", "orders.csv", "--platform", "csv", "--out", "made.csv"])
        assert code == 0, said
        assert not (jail.out / "made.csv").is_symlink()

    def test_a_ledger_is_where_its_owner_says_and_nothing_else_is(self, jail: Jail) -> None:
        """The shop file is its owner's, so its ledger may lie anywhere, behind a link too; loops are told."""
        (jail.out / "loop.jsonl").symlink_to("loop.jsonl")
        said = refused(lambda: shops(jail.out, orders="x.csv", ledger="loop.jsonl"))
        assert "leads nowhere" in said
        (jail.out / "folder.jsonl").mkdir()
        refused(lambda: ledger.read(jail.out / "folder.jsonl"))
        (jail.out / ".l.jsonl.lock").symlink_to(jail.victim)
        found = ledger.Result.model_validate(declared_files.RESULT)
        refused(lambda: ledger.append(jail.out / "l.jsonl", found))


LIST_OF_ONE = dict.fromkeys(lists.SENDLIST.columns, "x") | {
    "send_on": "2026-07-01",
    "channel": "sms",
    "arm": "send",
}


@posix
class TestReading:
    """The shop file is the owner's own: it may name any file that its owner can read. None is waited for."""

    @pytest.mark.parametrize(
        "key", [*get_args(Extra), "orders", "items", "schemes", "registrations", "festivals"]
    )
    def test_exports_that_are_no_files_are_told(self, jail: Jail, key: str) -> None:
        os.mkfifo(jail.out / "pipe.csv")
        (jail.out / "loop.csv").symlink_to("loop.csv")
        (jail.out / "empty").mkdir()
        (jail.out / "gone.csv").symlink_to("nothing")
        for name in (
            "pipe.csv",
            "loop.csv",
            "empty",
            "gone.csv",
            "/dev/zero",
            "~nobody-such/x.csv",
            "x" * 300,
        ):
            found = shops(jail.out, **{"orders": "x.csv", key: name})
            with soon():
                refused(partial(_look, found, key))

    def test_a_file_of_any_folder_may_be_named_and_is_only_read(self, jail: Jail) -> None:
        for name in (jail.victim, "../elsewhere/victim", "../elsewhere/v*", jail.place / "*" / "victim"):
            found = shops(jail.out, orders=str(name)).order_files("gold")
            assert [path.resolve() for path in found] == [jail.victim.resolve()]

    def test_a_package_is_found_and_not_run(self, jail: Jail, monkeypatch: pytest.MonkeyPatch) -> None:
        (jail.out / "hostile").mkdir()
        (jail.out / "hostile" / "__init__.py").write_text("raise SystemExit('it ran')")
        (jail.out / "hostile" / "orders.csv").write_text("x")
        monkeypatch.syspath_prepend(str(jail.out))
        assert shops(jail.out, orders="package:hostile/orders.csv").order_files("gold")
        assert "hostile" not in sys.modules


def _look(file: shopfile.ShopFile, key: str) -> object:
    """Look for the files that a key of the shop names."""
    looks = {"orders": file.order_files, "items": file.item_files, "schemes": file.scheme_files}
    looks |= {"registrations": file.registration_files, "festivals": partial(file.one_file, key="festivals")}
    return looks.get(key, partial(file.extra_files, key=key))("gold")


def call(arguments: list[str]) -> tuple[object, str]:
    """Run the command line as a shell does; return its exit code and what it said on stderr."""
    said = io.StringIO()
    with soon(120), contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
        try:
            cli.main(arguments)
        except SystemExit as end:
            return end.code, said.getvalue()
    raise AssertionError("the command line always leaves with a code")


GARBAGE = [
    "",
    "x" * 300,
    "../../x",
    "/dev/null",
    "pipe.csv",
    "loop.csv",
    "\udcff",
    "😀",
    "junk.csv",
    "--nope",
    "~nobody",
    "[",
]
COMMANDS = sorted(cli.cli.commands)


@posix
@pytest.mark.parametrize("name", COMMANDS)
def test_garbage_on_the_command_line_gets_one_sentence_and_leaves_nothing(name: str, jail: Jail) -> None:
    os.mkfifo(jail.out / "pipe.csv")
    (jail.out / "loop.csv").symlink_to("loop.csv")
    (jail.out / "junk.csv").write_bytes(b"\xff\x00junk\n{[")
    before = sorted(jail.out.rglob("*"))
    command = cli.cli.commands[name]
    given = [one for one in command.params if isinstance(one, click.Argument)]
    for word in GARBAGE:
        needed = [
            part
            for one in command.params
            if one.required and isinstance(one, click.Option)
            for part in (one.opts[-1], word)
        ]
        for arguments in ([name, *[word] * max(1, len(given))], [name, *[word] * len(given), *needed]):
            if name == "check-message" or (name in ("playbooks", "schemes") and not arguments[1:]):
                continue  # any text is a message; these two need nothing
            code, said = call(arguments)
            assert code == 2 or "File name too long" in said, (arguments, code, said)
            assert "defect" not in said and "Traceback" not in said, (arguments, said)
            assert said.strip(), arguments
    assert sorted(jail.out.rglob("*")) == before


@posix
@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.slow
def test_garbage_after_any_option_is_told_too(name: str, jail: Jail) -> None:
    (jail.out / "junk.csv").write_bytes(b"\xff\x00junk\n{[")
    before = sorted(jail.out.rglob("*"))
    command = cli.cli.commands[name]
    given = [one for one in command.params if isinstance(one, click.Argument)]
    for option in (one for one in command.params if isinstance(one, click.Option) and not one.is_flag):
        for word in ("", "-1", "nan", "1e400", "inf", "9" * 5000, "\udcff", "../../x", "x" * 300):
            arguments = [name, *["junk.csv"] * len(given), option.opts[-1], word]
            code, said = call(arguments)
            assert code in (0, 1, 2), (arguments, code, said)
            assert "defect" not in said and "Traceback" not in said, (arguments, said)
    assert sorted(jail.out.rglob("*")) == before
