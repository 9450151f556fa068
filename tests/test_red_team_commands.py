"""What every other command prints and writes over a planted shop, and who may read it under any umask.

All playbooks are a campaign of their own, `python -m red_team`: each starts kernels (17 to 33 s).
"""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from red_team import planted, scanner, shops
from red_team.__main__ import playbooks

UMASKS = (0o077, 0o002)  # 022 lies between 077 and the 0 of tests/test_red_team.py
NAMES_PEOPLE = ("to.csv", "orders.csv", "customers.csv", "scores.csv", "segments.csv")  # ids, as they must


def clv(place: Path, umask: int, *words: object, known: str = "") -> tuple[int, str]:
    told = {"CLV_CACHE": str(place / "cache"), "XDG_CONFIG_HOME": str(place / "config")}
    environment = {name: text for name, text in os.environ.items() if name != "CLV_SECRET"}
    done = subprocess.run(
        [sys.executable, "-m", "clv.cli", *map(str, words)],
        cwd=place, env={**environment, **told}, capture_output=True, text=True, input=known, umask=umask,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def commands() -> list[tuple[int | None, tuple[object, ...]]]:
    """Return commands, each with the exit code that it leaves with on this shop."""
    shop = ("shops/shops.yml", "--shop", "csv")
    asked = ("--shops", "shops/shops.yml", "--shop", "csv")
    csv = ("--platform", "csv", *(word for pair in _COLUMNS for word in ("--column", pair)))
    return [
        (0, ("orders", "shops/csv/orders.csv", *csv, "--out", "orders.csv")),
        (0, ("customers", "orders.csv", "--out", "customers.csv")),
        (0, ("fit", "customers.csv", "--model", "mbgnbd", "--out", "model.json")),
        (0, ("score", "customers.csv", "--model", "model.json", "--out", "scores.csv")),
        (0, ("segments", "customers.csv", "--scheme", "eight-mean", "--out", "segments.csv")),
        (0, ("identity", "shops/shops.yml", "--out", "lists")),
        (0, ("visitors", *shop, "--out", "lists")),
        (0, ("contact-calendar", *shop, "--out", "lists")),
        (0, ("readiness", *shop, "--out", "runs")),
        (0, ("addressees", "lists/csv/contact-calendar.csv", *asked, "--out", "to.csv")),
        (None, ("follow-up", *shop, "--campaign", "spring", "--out", "lists")),
        (None, ("learn", *asked)),
        (None, ("diff", "runs/csv", "runs/none")),
        (0, ("purge", *shop, "--pseudonym", "c_000000000000", "--dry-run")),
        (0, ("purge", *shop, "--customer-file", "-", "--yes")),
    ]


_COLUMNS = (
    "order_id=Order no", "customer_id=Client", "paid_at=Paid on", "amount=Sum", "refund=Refund",
    "status=State", "title=Item", "category=Group", "sku=Code", "channel=Where",
)  # fmt: skip


def ran(place: Path, umask: int) -> list[tuple[str, int | None, int, str]]:
    """Write the shop, run every command; return its name, the code that is meant, its code, what it said."""
    shops.write_all(place / "shops", people=150, shops=("csv",))
    entry = place / "shops" / "shops.yml"
    entry.write_text(entry.read_text("utf-8") + "    ledger: ledger.jsonl\n", "utf-8")
    told = []
    for meant, words in commands():
        known = "13805710001\n" if "--customer-file" in words else ""
        code, said = clv(place, umask, *words, known=known)
        told.append((str(words[0]), meant, code, said))
    return told


@pytest.fixture(scope="module", params=UMASKS, ids=oct)
def used(request, tmp_path_factory):
    place = tmp_path_factory.mktemp("used")
    return place, request.param, ran(place, request.param)


@pytest.mark.slow
def test_every_command_ends_as_it_should_and_says_nothing_that_was_planted(used):
    *_, told = used
    strange = [one for one in told if one[2] not in ((0, 1, 2) if one[1] is None else (one[1],))]
    assert strange == []
    assert not any("Traceback" in said for *_, said in told)
    assert {name: hits for name, *_, said in told if (hits := planted.found_in(said))} == {}


@pytest.mark.slow
def test_nothing_that_a_command_wrote_holds_what_was_planted(used):
    place, *_ = used
    shared = [
        place / name for name in ("lists", "runs", "cache", "config", "model.json", "shops/ledger.jsonl")
    ]
    assert scanner.leaks(*(path for path in shared if path.exists())) == {}
    assert scanner.leaks(place / "to.csv")  # it names people, as it must


@pytest.mark.slow
def test_files_of_customers_are_for_their_owner_under_any_umask(used):
    place, *_ = used
    inside = [place / name for name in ("lists/csv", "cache/csv", "config/clv")]
    files = [path for folder in inside for path in folder.rglob("*") if path.is_file()]
    files += [place / name for name in NAMES_PEOPLE]
    files.append(place / "shops" / "ledger.jsonl")
    assert len(files) > 12
    assert (place / "config/clv/secret").is_file()
    assert {path.name: oct(_mode(path)) for path in files if _mode(path) != 0o600} == {}
    assert {path.name: oct(_mode(path)) for path in inside if _mode(path) != 0o700} == {}


@pytest.mark.slow
def test_pages_may_be_read_by_everybody_whom_the_umask_lets(used):
    place, umask, _ = used
    pages = list((place / "runs").rglob("*.html"))
    assert pages
    assert {path.name: oct(_mode(path)) for path in pages if _mode(path) != 0o644 & ~umask} == {}


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_every_playbook_of_the_kit_is_in_the_campaign():
    assert len(playbooks()) == 12
    assert "README" not in playbooks()
