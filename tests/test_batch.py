"""Every notebook for every shop: what runs, what runs again, what one failure leaves of the others."""

import json
from pathlib import Path

import nbformat
import pytest

from clv import batch, parameters, shopfile
from clv.errors import SettingError
from clv.running import notebook_files, plan, runs
from clv.telling.pages import write_whole
from tiny_notebooks import Tiny, everything, reading, write

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
    times = {path: path.stat().st_mtime_ns for path in (place / "runs" / "gold").iterdir()}

    write(place / "notebooks", Tiny, FAILS_FOR_SILVER)  # the same source again
    second = run(place)
    assert second["gold"].get("kept") and not second["silver"].get("kept")
    assert {path: path.stat().st_mtime_ns for path in (place / "runs" / "gold").iterdir()} == times

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
    with batch._alone(place / "runs"), pytest.raises(SettingError, match="another batch is writing"):
        batch.run([], out=place / "runs", jobs=1)


def test_a_record_counts_only_with_its_files_and_its_key(place: Path) -> None:
    write(place / "notebooks", Tiny, everything(Tiny))
    out, task = place / "runs", todo(place)[0]
    record = runs.record(task, status="ok", key="k", html="gold/tiny.html", ipynb="gold/tiny.ipynb")
    runs.save(out, record)
    assert runs.good_already(out, "gold", "tiny", "k") is None
    for name in ("gold/tiny.html", "gold/tiny.ipynb"):
        write_whole(out / name, "x")
    assert runs.good_already(out, "gold", "tiny", "k") == record
    assert runs.good_already(out, "gold", "tiny", "other") is None
    (out / "gold" / "tiny.json").write_text("{")
    assert runs.good_already(out, "gold", "tiny", "k") is None
    assert runs.everything(out, []) == []
