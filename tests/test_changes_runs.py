"""Earlier runs stay and are compared: moved whole, by their last day, and what changed is told from them."""

import json
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from clv import batch, parameters, shopfile
from clv.cli import main
from clv.running import changes, earlier, notebook_files, plan, runs, segments_kept, sides
from clv.shop import Shop
from clv.telling.facts import FACT_MIME
from tiny_notebooks import Tiny, everything, write

ORDERS = "order_id,customer_id,paid_at,amount\n"
ROWS = "1,anna@example.com,2025-01-05,10\n2,anna@example.com,2025-06-01,30\n3,bert,2025-02-01,10\n"
LATER = "4,carl,2025-07-10,5\n"
SHOPS = "shops:\n  gold: {platform: csv, orders: gold.csv}\n"
DEEPER = everything(Tiny).replace("'value': 1", "'value': 1 if until < '2025-07-01' else 2")


def run_of(out: Path, until: str, *, value: float = 1.0, status: str = "ok", folder: str = "gold") -> dict:
    """Leave what a run leaves: record, copy, report and what people may take away."""
    place = out / folder
    (place / "tiny-tables").mkdir(parents=True, exist_ok=True)
    told = {
        "name": "depth",
        "value": value,
        "unit": "",
        "low": value - 0.1,
        "high": value + 0.1,
        "label": "m",
    }
    output = new_output("display_data", data={FACT_MIME: told, "text/plain": f"depth {value}"})
    nbformat.write(new_notebook(cells=[new_code_cell("x", outputs=[output])]), place / "tiny.ipynb")
    links = '<a href="tiny.xlsx">x</a><a href="tiny-tables/01.csv">y</a><a href="../index.html">z</a>'
    (place / "tiny.html").write_text(links)
    (place / "tiny.xlsx").write_text("book")
    (place / "tiny-tables" / "01.csv").write_text("a,b")
    record = {
        "shop": "gold", "shop_name": "Gold", "notebook": "tiny", "status": status, "key": f"k{until}",
        "made_at": f"{until}T10:00:00+08:00", "until": until, "facts": [told], "message": "gold/x",
        "html": f"{folder}/tiny.html", "ipynb": f"{folder}/tiny.ipynb", "question": "How deep?",
    }  # fmt: skip
    (place / "tiny.json").write_text(json.dumps(record))
    return record


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


FILES = {"tiny.json", "tiny.ipynb", "tiny.html", "tiny.xlsx", "tiny-tables/01.csv"}


def test_a_good_run_gives_way_to_one_of_another_last_day_with_all_that_it_left(tmp_path):
    run_of(tmp_path, "2026-05-31")
    earlier.give_way(tmp_path, "gold", "tiny", "2026-06-30")
    assert names(tmp_path / "gold") == {f"2026-05-31/{name}" for name in FILES}
    (record,) = earlier.everything(tmp_path)
    assert (record["html"], record["ipynb"]) == ("gold/2026-05-31/tiny.html", "gold/2026-05-31/tiny.ipynb")
    assert record["message"] == "gold/x"
    assert earlier.links(tmp_path) == {("gold", "2026-05-31", "tiny"): "gold/2026-05-31/tiny.html"}
    assert runs.everything(tmp_path, ["gold"]) == []


def test_the_links_of_an_earlier_report_still_lead_somewhere(tmp_path):
    run_of(tmp_path, "2026-05-31")
    (tmp_path / "index.html").touch()
    earlier.give_way(tmp_path, "gold", "tiny", "2026-06-30")
    page = tmp_path / "gold" / "2026-05-31" / "tiny.html"
    links = [part.split('"')[0] for part in page.read_text().split('href="')[1:]]
    assert len(links) == 3 and all((page.parent / link).exists() for link in links)


@pytest.mark.parametrize(("status", "day"), [("ok", "2026-05-31"), ("failed", "2026-06-30")])
def test_a_run_of_the_same_day_or_that_failed_is_replaced(tmp_path, status, day):
    run_of(tmp_path, "2026-05-31", status=status)
    earlier.give_way(tmp_path, "gold", "tiny", day)
    assert names(tmp_path) == set()


def test_a_good_run_outlives_one_whose_day_is_not_known(tmp_path):
    run_of(tmp_path, "2026-05-31")
    earlier.give_way(tmp_path, "gold", "tiny", "")
    assert len(earlier.everything(tmp_path)) == 1
    run_of(tmp_path, "2026-05-31")
    earlier.settle(tmp_path, "gold", "tiny", "2026-05-31")  # the day's good run stands in its place again
    assert earlier.everything(tmp_path) == []
    assert {path for path in names(tmp_path) if path.startswith("gold/tiny")} == {f"gold/{f}" for f in FILES}


@pytest.mark.parametrize("step", ["_copy_one", "write_whole"])
def test_a_run_stays_where_it_is_when_it_cannot_be_moved(tmp_path, monkeypatch, step):
    run_of(tmp_path, "2026-05-31")
    before = {path: (tmp_path / path).read_bytes() for path in names(tmp_path)}

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(earlier, step, full)
        with pytest.raises(OSError, match="No space"):
            earlier.give_way(tmp_path, "gold", "tiny", "2026-06-30")
    assert {path: (tmp_path / path).read_bytes() for path in before} == before
    assert earlier.everything(tmp_path) == []  # half of it is no run
    earlier.give_way(tmp_path, "gold", "tiny", "2026-06-30")
    assert names(tmp_path / "gold") == {f"2026-05-31/{name}" for name in FILES}


def test_a_notebook_whose_name_begins_alike_is_another(tmp_path):
    run_of(tmp_path, "2026-05-31")
    (tmp_path / "gold" / "tiny_of_all.html").touch()
    runs.clear(tmp_path, "gold", "tiny")
    assert names(tmp_path) == {"gold/tiny_of_all.html"}


# What is compared with what


def test_the_present_run_is_compared_with_the_latest_earlier_one(tmp_path):
    for number, day in enumerate(("2026-04-30", "2026-05-31", "2026-06-30")):
        earlier.give_way(tmp_path, "gold", "tiny", day)
        run_of(tmp_path, day, value=number)
    before, now = changes.latest(tmp_path / "gold")
    assert (before.until, now.until) == ("2026-05-31", "2026-06-30")
    (found,) = changes.summaries(tmp_path).values()
    assert found.moved == ["m: 1 (0.90 to 1.10) → 2 (1.90 to 2.10)"]
    assert found.link == "" and found.sentence.startswith("31 May 2026 → 30 June 2026: 1 of 1 facts moved")


def test_going_back_to_an_earlier_day_has_nothing_before_it(tmp_path):
    for day in ("2026-05-31", "2026-06-30", "2026-05-31"):
        earlier.give_way(tmp_path, "gold", "tiny", day)
        run_of(tmp_path, day)
        earlier.settle(tmp_path, "gold", "tiny", day)
    assert earlier.days(tmp_path / "gold") == ["2026-05-31", "2026-06-30"]
    assert [one["until"] for one in earlier.everything(tmp_path)] == ["2026-06-30"]
    assert changes.latest(tmp_path / "gold") is None
    assert changes.summaries(tmp_path) == {}


def test_runs_are_found_by_shop_by_folder_and_by_notebook(tmp_path):
    for out, value in (("a", 1.0), ("b", 2.0)):
        run_of(tmp_path / out, "2026-05-31", value=value)
    for one in ("", "gold", "gold/tiny.ipynb", "gold/tiny.json"):
        ((before, now),) = sides.pairs(tmp_path / "a" / one, tmp_path / "b" / one)
        assert [side.records["tiny"]["facts"][0]["value"] for side in (before, now)] == [1.0, 2.0]
    (tmp_path / "a" / "gold" / "tiny.json").unlink()  # an executed notebook that came alone
    ((before, _),) = sides.pairs(tmp_path / "a/gold/tiny.ipynb", tmp_path / "b/gold/tiny.ipynb")
    assert before.records["tiny"]["facts"][0]["value"] == 1.0


# The command


def diff(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["diff", *map(str, arguments)])
    return ended.value.code


def test_the_command_tells_and_writes_a_page(tmp_path, capsys):
    for out, value in (("a", 1.0), ("b", 2.0)):
        run_of(tmp_path / out, "2026-05-31", value=value)
    assert diff(tmp_path / "a", tmp_path / "b", "--html", tmp_path / "d.html") == 0
    said = capsys.readouterr().out
    assert "1 of 1 facts moved by more than their intervals" in said and "1 (0.90 to 1.10)" in said
    assert "What changed · Gold" in (tmp_path / "d.html").read_text("utf-8")


def test_a_wrong_call_is_told_in_a_sentence(tmp_path, capsys):
    run_of(tmp_path / "a", "2026-05-31")
    run_of(tmp_path / "b", "2026-05-31")
    (tmp_path / "b" / "gold" / "tiny.json").write_text(
        json.dumps({"shop": "silver", "notebook": "other", "status": "ok", "key": "", "facts": []})
    )
    (tmp_path / "x.ipynb").write_text("{")
    (tmp_path / "none").mkdir()
    for arguments, code, words in [
        ((tmp_path / "a", tmp_path / "zz"), 2, "there is no run at"),
        ((tmp_path / "a", tmp_path / "none"), 2, "holds no good run"),
        ((tmp_path / "a", tmp_path / "x.ipynb"), 2, "x.ipynb is not a notebook that can be read"),
        ((tmp_path / "a", tmp_path / "b"), 1, "have no shop and no notebook in common"),
        ((tmp_path / "a", tmp_path / "a", "--html", tmp_path / "d.txt"), 2, "should end in .html"),
        ((tmp_path / "a", tmp_path / "a", "--html", tmp_path / "q" / "d.html"), 2, "there is no folder"),
    ]:
        assert diff(*arguments) == code
        assert words in (said := capsys.readouterr().err) and said.count("\n") == 1
        assert "Traceback" not in said


# Segments


def opened(place: Path, *, raw: str = "", until: str = "2025-06-30") -> Shop:
    (place / "gold.csv").write_text(ORDERS + ROWS + LATER)
    (place / "shops.yml").write_text(SHOPS.replace("gold.csv", f"gold.csv{raw}"))
    return Shop.open(place / "shops.yml", "gold", until)


def kept(place: Path, shop: Shop) -> pd.DataFrame:
    segments_kept.write(place / "gold", shop, [90, 180, 270], parameters.RfmSchemes())
    return segments_kept.read(place / "gold")


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path_factory.mktemp("cache")))


def test_segments_are_kept_under_pseudonyms_and_for_their_owner_alone(tmp_path):
    found = kept(tmp_path, opened(tmp_path))
    assert found["window"].sort_values().to_list() == ["active", "silent"]
    assert found["spend"].sum() == 50
    assert found.attrs["until"] == "2025-06-30" and found.attrs["windows"] == [90, 180, 270]
    path = tmp_path / "gold" / segments_kept.FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert found.index.str.fullmatch(r"c_[0-9a-f]{12}").all()


def test_a_shop_that_shows_raw_ids_keeps_pseudonyms_all_the_same(tmp_path):
    found = kept(tmp_path, opened(tmp_path, raw=", customer_ids: raw"))
    assert found.index.str.fullmatch(r"c_[0-9a-f]{12}").all()
    assert b"anna" not in (tmp_path / "gold" / segments_kept.FILE).read_bytes()


def test_segments_of_an_earlier_day_move_aside_and_those_of_the_same_are_replaced(tmp_path):
    kept(tmp_path, opened(tmp_path))
    kept(tmp_path, opened(tmp_path, until="2025-07-31"))
    assert {path.name: segments_kept.read(path.parent).attrs["until"] for path in tmp_path.rglob("*.parquet")}
    old = segments_kept.read(tmp_path / "gold" / "2025-06-30")
    assert (len(old), len(segments_kept.read(tmp_path / "gold"))) == (2, 3)
    assert (tmp_path / "gold" / "2025-06-30" / segments_kept.FILE).stat().st_mode & 0o777 == 0o600
    kept(tmp_path, opened(tmp_path))
    assert segments_kept.read(tmp_path / "gold").attrs["until"] == "2025-06-30"
    assert not (tmp_path / "gold" / "2025-06-30" / segments_kept.FILE).exists()


def test_what_cannot_be_read_are_no_segments(tmp_path):
    (tmp_path / segments_kept.FILE).write_bytes(b"PAR1")
    assert segments_kept.read(tmp_path) is None
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / segments_kept.FILE)
    assert segments_kept.read(tmp_path) is None


@pytest.mark.parametrize("error", [KeyError, TypeError, AttributeError, RecursionError, OverflowError])
def test_whatever_a_damaged_file_makes_of_its_reader_there_are_no_segments(tmp_path, monkeypatch, error):
    def broken(_: Path) -> pd.DataFrame:
        raise error

    monkeypatch.setattr(pd, "read_parquet", broken)
    assert segments_kept.read(tmp_path) is None


def test_segments_that_a_killed_batch_left_in_two_places_stand_in_one(tmp_path):
    kept(tmp_path, opened(tmp_path))
    path, aside = (tmp_path / "gold" / day / segments_kept.FILE for day in ("", "2025-06-30"))
    aside.parent.mkdir()
    aside.write_bytes(path.read_bytes())
    assert kept(tmp_path, opened(tmp_path)) is not None  # the same as before: nothing is written
    assert path.is_file() and not aside.exists()


# The page of changes


def test_a_page_of_changes_that_is_damaged_is_written_again_and_no_other(tmp_path):
    run_of(tmp_path, "2026-05-31")
    earlier.give_way(tmp_path, "gold", "tiny", "2026-06-30")
    run_of(tmp_path, "2026-06-30", value=2.0)
    warned, page, shops = [], tmp_path / "gold" / changes.NAME, [(SimpleNamespace(id="gold"), "en")]
    changes.write_all(tmp_path, shops, warned.append)
    whole, file = page.read_bytes(), page.stat().st_ino
    changes.write_all(tmp_path, shops, warned.append)
    assert page.stat().st_ino == file
    for damaged in (whole[:-300], whole.replace(b"No cell", b"No bell"), whole[:-4] + b"\xff->\n"):
        assert damaged != whole
        page.write_bytes(damaged)
        changes.write_all(tmp_path, shops, warned.append)
        assert page.read_bytes() == whole
    assert warned == []


# A batch


def test_segments_that_cannot_be_worked_out_are_a_warning_that_quotes_nothing(place, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("13800138000")

    write(place / "notebooks", Tiny, everything(Tiny))
    notebooks = notebook_files.chosen(place / "notebooks", ["tiny"])
    todo = plan.tasks(shopfile.load(place / "shops.yml"), notebooks, until="2025-06-30")
    warned = []
    segments_kept.write_all(place / "runs", todo, warned.append)
    assert (place / "runs" / "gold" / segments_kept.FILE).is_file()
    monkeypatch.setattr(segments_kept, "table", broken)
    monkeypatch.setattr(Shop, "fingerprint", lambda _: "another")
    segments_kept.write_all(place / "runs", todo, warned.append)
    assert len(warned) == 1 and "could not be kept for 1 shop, the first is gold (RuntimeError)" in warned[0]
    assert not (place / "runs" / "gold" / segments_kept.FILE).exists()  # those of other orders


@pytest.mark.parametrize("full", [False, True])
def test_a_run_that_could_not_be_kept_leaves_no_earlier_one_in_its_place_but_on_a_full_disk(
    place, monkeypatch, full
):
    def fails(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write(place / "notebooks", Tiny, everything(Tiny))
    notebooks = notebook_files.chosen(place / "notebooks", ["tiny"])
    (task,) = plan.tasks(shopfile.load(place / "shops.yml"), notebooks, until="2025-06-30")
    run_of(place / "runs", "2025-05-31")
    future = Future()
    future.set_exception(OSError(28, "No space left on device"))
    if full:
        monkeypatch.setattr(earlier, "_copy", fails)
    record = batch._ended(future, task, place / "runs")
    assert (record["status"], "No space left" in record["message"]) == ("failed", True)
    stands, kept = place / "runs" / "gold" / "tiny.json", earlier.everything(place / "runs")
    assert (stands.is_file(), len(kept)) == ((True, 0) if full else (False, 1))


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
    opened(tmp_path)
    return tmp_path


def batch_of(place: Path, until: str, warned: list[str] | None = None) -> dict:
    notebooks = notebook_files.chosen(place / "notebooks", ["tiny"])
    todo = plan.tasks(shopfile.load(place / "shops.yml"), notebooks, until=until)
    (record,) = batch.run(todo, out=place / "runs", jobs=1, warned=(warned or []).append)
    return record


@pytest.mark.slow
def test_batches_of_one_month_after_the_other(place):
    """One story, for kernels are slow: three last days, the page between them, a run that failed."""
    write(place / "notebooks", Tiny, DEEPER)
    first = batch_of(place, "2025-06-30")
    assert first["parameters"]["until"] == "2025-06-30" and first["made_from"]["files"].keys() == {"gold.csv"}
    gold = place / "runs" / "gold"
    assert not (gold / changes.NAME).exists()

    batch_of(place, "2025-07-31")
    page = (gold / changes.NAME).read_text("utf-8")
    assert "30 June 2026" not in page and "30 June 2025" in page and "not yet a customer → active" in page
    assert (gold / "2025-06-30" / "tiny.html").is_file() and (gold / "2025-06-30" / "tiny.ipynb").is_file()
    made = (gold / changes.NAME).stat().st_mtime_ns
    batch_of(place, "2025-07-31")  # good already: nothing is written again
    assert (gold / changes.NAME).stat().st_mtime_ns == made
    assert "anna" not in "".join(path.read_text("utf-8") for path in gold.rglob("*.html"))

    write(place / "notebooks", Tiny, f"{everything(Tiny)}\nraise ValueError")
    assert batch_of(place, "2025-08-31")["status"] == "failed"
    assert earlier.days(gold) == ["2025-06-30", "2025-07-31"]
    assert not (gold / changes.NAME).exists()


@pytest.mark.slow
def test_a_failure_of_the_comparison_is_a_warning(place, monkeypatch):
    write(place / "notebooks", Tiny, everything(Tiny))
    batch_of(place, "2025-06-30")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("13800138000")

    monkeypatch.setattr(segments_kept, "table", broken)
    monkeypatch.setattr(changes, "_write", broken)
    warned = [""]
    assert batch_of(place, "2025-07-31", warned)["status"] == "ok"
    assert [one for one in warned if "could not be kept for 1 shop, the first is gold (RuntimeError)" in one]
    assert [one for one in warned if "what changed at gold could not be written (RuntimeError)" in one]
    assert "13800138000" not in "".join(warned)
