"""Every notebook for every shop: what runs, what runs again, what one failure leaves of the others."""

import json
from pathlib import Path

import nbformat
import pytest

from clv import batch, history, parameters, shopfile
from clv.cli import main
from clv.errors import SettingError
from clv.running import holding, keys, notebook_files, plan, runs
from clv.telling.pages import write_whole
from tiny_notebooks import Tiny, TinyOfAll, everything, reading, write

SHOPS = """shops:
  gold:
    platform: csv
    orders: gold.csv
  silver:
    name: <b>Silver</b>
    platform: csv
    orders: silver.csv
"""
ORDERS = "order_id,customer_id,paid_at,amount\n1,a,2025-01-01,10\n2,a,2025-02-01,10\n3,b,2025-02-01,10\n"
FAILS_FOR_SILVER = f"{everything(Tiny)}\nif shop_id == 'silver': raise ValueError('no')"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    monkeypatch.setitem(parameters.CONTRACTS, "tiny", Tiny)
    monkeypatch.setitem(parameters.CONTRACTS, "tiny_of_all", TinyOfAll)
    (tmp_path / "shops.yml").write_text(SHOPS)
    for name in ("gold", "silver"):
        (tmp_path / f"{name}.csv").write_text(ORDERS)
    return tmp_path


def todo(place: Path, **more: object) -> list[plan.Task]:
    notebooks = notebook_files.chosen(notebook_files.folder(place / "shops.yml"), ["tiny"])
    return plan.tasks(shopfile.load(place / "shops.yml"), notebooks, **more)


def run(place: Path, **more: object) -> dict[str, runs.Record]:
    records = batch.run(todo(place, **more), out=place / "runs", jobs=2)
    return {record["shop"]: record for record in records}


@pytest.mark.slow
def test_a_batch_from_first_run_to_last(place: Path) -> None:
    """One story, for kernels are slow: a failure, a second run, a new parameter, a missing file."""
    write(place / "notebooks", Tiny, FAILS_FOR_SILVER)
    first = run(place)
    assert {shop: record["status"] for shop, record in first.items()} == {"gold": "ok", "silver": "failed"}
    assert first["gold"]["facts"][0]["name"] == "depth"
    assert (first["gold"]["html"], first["silver"]["html"]) == ("gold/tiny.html", "")
    assert (
        "ValueError"
        in nbformat.read(place / "runs/silver/tiny.ipynb", as_version=4).cells[-1].outputs[-1].ename
    )
    assert (place / "runs" / "index.html").is_file()
    assert json.loads((place / "runs/gold/tiny.json").read_text())["until"] == "2025-02-01"
    times = {path: path.stat().st_mtime_ns for path in (place / "runs" / "gold").glob("tiny.*")}

    write(place / "notebooks", Tiny, FAILS_FOR_SILVER)  # the same source again
    second = run(place)
    assert second["gold"].get("kept") and not second["silver"].get("kept")
    assert {path: path.stat().st_mtime_ns for path in (place / "runs" / "gold").glob("tiny.*")} == times

    third = run(place, shops=["gold"], given={"tiny": {"depth": 4}})
    assert third["gold"]["status"] == "ok" and not third["gold"].get("kept")

    (place / "silver.csv").unlink()
    fourth = run(place, given={"tiny": {"depth": 4}})
    assert fourth["gold"].get("kept")
    assert (fourth["silver"]["status"], fourth["silver"]["ipynb"]) == ("refused", "")
    assert "shop 'silver', orders:" in fourth["silver"]["message"]
    assert not list((place / "runs/silver").glob("*.ipynb"))
    assert [r["shop"] for r in runs.everything(place / "runs", ["silver", "gold"])] == ["silver", "gold"]


def test_a_wrong_parameter_starts_nothing(place: Path) -> None:
    write(place / "notebooks", Tiny, everything(Tiny))
    for given, words in [
        ({"tiny": {"dept": 4}}, "shop 'gold', tiny: unknown parameter 'dept'; did you mean 'depth'"),
        ({"tiny": {"depth": 11}}, "depth is 11"),
        ({"tiny": {"depth": "4"}}, "depth is '4'"),
        ({"tiny": {"shop_id": "x"}}, "the shop file sets it"),
        ({"02_customers": {"top": 4}}, "not among the notebooks of this run"),
    ]:
        with pytest.raises(SettingError, match=words):
            run(place, given=given)
    assert not (place / "runs").exists()


def test_settings_of_the_command_line_are_read_like_yaml() -> None:
    lines = [
        "03_lifetime_value.horizon_days=180",
        "03_lifetime_value.model=nbd",
        "02_customers.windows=[1, 2]",
    ]
    assert plan.settings(lines) == {
        "03_lifetime_value": {"horizon_days": 180, "model": "nbd"},
        "02_customers": {"windows": [1, 2]},
    }
    for wrong, words in [("top=5", "NOTEBOOK.NAME=VALUE"), ("03_lifetime.top=5", "'03_lifetime_value'?")]:
        with pytest.raises(SettingError, match=words):
            plan.settings([wrong])


def test_a_notebook_that_breaks_its_contract_starts_nothing(place: Path) -> None:
    path = write(place / "notebooks", Tiny, everything(Tiny))
    path.write_text(path.read_text().replace(reading(Tiny), "pass"))
    with pytest.raises(
        SettingError, match=r"tiny\.ipynb: nothing below the parameters cell reads 'shop_file'"
    ):
        todo(place)


def test_unknown_notebooks_and_folders_without_any(place: Path) -> None:
    write(place / "notebooks", Tiny, everything(Tiny))
    with pytest.raises(SettingError, match="did you mean 'tiny'"):
        notebook_files.chosen(place / "notebooks", ["tinny"])
    with pytest.raises(SettingError, match="--notebooks DIR"):
        notebook_files.folder(place / "shops.yml", place / "runs")
    assert [path.stem for path in notebook_files.chosen(place / "notebooks")] == ["tiny"]


def test_two_batches_do_not_share_a_folder(place: Path) -> None:
    with holding.alone(place / "runs"), pytest.raises(SettingError, match="another batch is writing"):
        batch.run([], out=place / "runs", jobs=1)


def test_a_record_counts_only_with_its_files_and_its_key(place: Path) -> None:
    write(place / "notebooks", Tiny, everything(Tiny))
    out, task = place / "runs", todo(place)[0]
    record = runs.record(task, status="ok", key="k", html="gold/tiny.html", ipynb="gold/tiny.ipynb")
    runs.save(out, record)
    assert runs.good_already(out, "gold", "tiny", "k") is None
    for name in ("gold/tiny.html", "gold/tiny.ipynb"):
        write_whole(out / name, "x")
    assert runs.good_already(out, "gold", "tiny", "k") is None
    runs.save(out, record)
    assert record.items() <= runs.good_already(out, "gold", "tiny", "k").items()
    assert runs.good_already(out, "gold", "tiny", "other") is None
    (out / "gold" / "tiny.json").write_text("{")
    assert runs.good_already(out, "gold", "tiny", "k") is None
    assert runs.everything(out, []) == []


# Notebooks about all shops


def of_all(place: Path, **more: object) -> list[plan.Task]:
    write(place / "notebooks", Tiny, everything(Tiny))
    write(place / "notebooks", TinyOfAll, everything(TinyOfAll))
    notebooks = notebook_files.chosen(place / "notebooks")
    return plan.tasks(shopfile.load(place / "shops.yml"), notebooks, out=place / "runs", **more)


def test_a_notebook_about_all_shops_is_one_run_after_the_others(place: Path) -> None:
    todo = of_all(place, until="2025-06-30")
    assert [task.label for task in todo] == ["gold tiny", "silver tiny", "_all tiny_of_all"]
    asked = todo[-1].parameters.model_dump()
    given = {"shop_file": "../shops.yml", "until": "2025-06-30", "lang": "en", "shops": [], "runs": "../runs"}
    assert asked == given
    assert plan.answerable(todo) == todo


def test_it_is_left_out_where_some_shops_or_one_only_are_asked_for(place: Path) -> None:
    todo = of_all(place, shops=["silver"])
    assert todo[-1].parameters.shops == ["silver"]
    assert [shop.id for shop in todo[-1].shop.shops] == ["silver"]
    assert [task.label for task in plan.answerable(todo)] == ["silver tiny"]
    assert plan.answerable(both := of_all(place, shops=["silver", "gold"])) == both
    (place / "shops.yml").write_text(SHOPS[: SHOPS.index("  silver")])
    assert [task.label for task in plan.answerable(of_all(place))] == ["gold tiny"]


def test_what_the_shop_file_says_of_it_is_said_for_all(place: Path) -> None:
    own = "    notebooks: {tiny_of_all: {shops: [gold]}}\n"
    (place / "shops.yml").write_text(SHOPS + own)
    with pytest.raises(SettingError, match="shops 'gold' and 'silver' say different things of tiny_of_all"):
        of_all(place)
    (place / "shops.yml").write_text(f"{SHOPS}defaults:\n{own}")
    assert [shop.id for shop in of_all(place)[-1].shop.shops] == ["gold"]
    for given, words in [
        ({"tiny_of_all": {"shops": ["gols"]}}, "no shop 'gols'; did you mean 'gold'"),
        ({"tiny_of_all": {"runs": "x"}}, "runs is not possible"),
        ({"tiny_of_all": {"shop_id": "gold"}}, "shop_id is not possible"),
        ({"tiny_of_all": {"depth": 1}}, "unknown parameter 'depth'"),
    ]:
        with pytest.raises(SettingError, match=words):
            of_all(place, given=given)


def test_it_is_made_from_every_shop_and_from_what_was_said_before(place: Path) -> None:
    seen = [key_of_all(place)]
    (place / "silver.csv").write_text(ORDERS + "4,c,2025-03-01,10\n")
    seen.append(key_of_all(place))
    (place / "silver.csv").unlink()
    seen.append(key_of_all(place))
    fact = history.Fact(name="depth", value=1)
    given = {"notebook": "tiny", "at": "2026-07-01T09:00:00+08:00", "until": "", "key": "k", "facts": [fact]}
    history.add(place / "runs", history.Run(shop="silver", **given))
    seen.append(key_of_all(place))
    assert len(set(seen)) == 4
    history.add(place / "runs", history.Run(shop=history.ALL, **given))  # its own facts, which it just said
    assert key_of_all(place) == seen[-1]


def key_of_all(place: Path) -> object:
    return keys.keys(of_all(place))["_all tiny_of_all"]


@pytest.mark.slow
def test_a_batch_with_a_notebook_about_all_shops(place: Path, capsys: pytest.CaptureFixture) -> None:
    """One story: it sees what the others said, is kept, outlives a broken shop, and stands by itself."""
    write(place / "notebooks", Tiny, everything(Tiny))
    told = "len(pathlib.Path(runs, 'gold', 'history.jsonl').read_text().splitlines())"
    body = f"import pathlib\nlines = {told}\n{everything(TinyOfAll).replace(': 1,', ': lines,')}"
    write(place / "notebooks", TinyOfAll, body)
    arguments = ["batch", str(place / "shops.yml"), "--out", str(place / "runs"), "--notebook", "tiny"]
    arguments += ["--notebook", "tiny_of_all", "-j", "2"]
    assert ended(arguments) == 0
    said = json.loads((place / "runs/_all/tiny_of_all.json").read_text())
    assert (said["facts"][0]["value"], said["until"], said["of_all_shops"]) == (1, "2025-02-01", True)
    assert "all shops: tiny_of_all ok\n" in capsys.readouterr().out
    page = (place / "runs/index.html").read_text()
    assert page.index(">All shops<") > page.index("silver/tiny.html") and "_all/tiny_of_all.html" in page
    found = history.read(place / "runs")
    assert list(zip(found["shop"], found["name"], strict=True)) == [
        ("_all", "depths"), ("gold", "depth"), ("silver", "depth"),
    ]  # fmt: skip

    before = {path: path.read_bytes() for path in (place / "runs").rglob("*.json*")}
    assert ended(arguments) == 0
    assert "all shops: tiny_of_all ok (kept)\n" in capsys.readouterr().out
    assert {path: path.read_bytes() for path in (place / "runs").rglob("*.json*")} == before

    (place / "silver.csv").unlink()
    (place / "runs/gold/history.jsonl").write_bytes(b"{\n")
    assert ended(arguments) == 1
    seen = capsys.readouterr()
    assert "silver  refused" in seen.out and "all shops: tiny_of_all ok\n" in seen.out
    assert seen.err.count("clv: 1 line of the history of earlier runs cannot be read") == 1
    assert (place / "runs/gold/history.jsonl").read_text().startswith("{\n{")


def ended(arguments: list[str]) -> int:
    with pytest.raises(SystemExit) as left:
        main(arguments)
    return left.value.code


def test_a_file_of_other_rules_counts_among_what_a_run_is_made_from(tmp_path):
    from types import SimpleNamespace

    from clv.running import keys

    def made_from(named: str) -> str:
        place = SimpleNamespace(path=tmp_path / "shops.yml")
        return keys._rules_key(
            SimpleNamespace(parameters=SimpleNamespace(what_if_rules=named), shop=SimpleNamespace(file=place))
        )

    assert made_from("") == made_from("other.yml") == ""  # not named, not there
    (tmp_path / "other.yml").write_text("from: 900")
    before = made_from("other.yml")
    (tmp_path / "other.yml").write_text("from: 2000")
    assert before and made_from("other.yml") != before
