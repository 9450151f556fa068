"""Who goes through many shops holds the tables of one at a time."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from clv import play, shop_reading, shopfile, stores
from clv.errors import NotNowError
from clv.language import speaking
from clv.notebook_contracts.customers import Orders
from clv.running import produce, readying, segments_kept
from clv.running.all_shops import AllShops
from clv.running.plan import Task
from clv.shop import Shop
from clv.shop_files import ShopFile
from faults import places

FEW = {"file", "shop_id", "last_day", "key", "marks", "until"}


@pytest.fixture
def shops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Shop]:
    """Two shops whose last day is that of their last order, and a cache of their own."""
    made = places.make(tmp_path)
    path = made.folder / "shops.yml"
    path.write_text(path.read_text("utf-8").partition("defaults:")[0], "utf-8")
    for name in ("CLV_CACHE", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "cache"))
    file = shopfile.load(path)
    return [Shop.of(file, name) for name in file.shops]


def _tasks(shops: list[Shop], *, notebook: str = "01_orders", lang: str = "en") -> list[Task]:
    return [Task(shop, Path(f"{notebook}.ipynb"), Orders(shop_id=shop.id, lang=lang), "?") for shop in shops]


def _last_days(shops: list[Shop]) -> None:
    for task in _tasks(shops):
        assert produce._last_day(task) == task.shop.until.isoformat()


@pytest.mark.parametrize(
    "work",
    [
        _last_days,
        lambda shops: AllShops(shops[0].file, tuple(shops), "").until,
        lambda shops: readying.write_all(Path("runs"), [(shop, "en") for shop in shops], print),
        lambda shops: segments_kept.write_all(Path("runs"), _tasks(shops), print),
    ],
    ids=["a last day", "the last day of all", "readiness", "segments"],
)
def test_what_goes_through_shops_leaves_none_with_its_tables(
    shops, work: Callable[[list[Shop]], object], tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    work(shops)
    assert capsys.readouterr().out == ""
    for shop in shops:
        assert vars(shop._tables).keys() <= FEW
        assert "until" in vars(shop._tables)


def test_shops_side_by_side_are_held_without_their_tables(shops) -> None:
    opened = stores.open_all(shops[0].file.path)
    held = [store.tables.args[0] for store in opened.stores.values()]
    assert all(vars(shop._tables).keys() <= FEW for shop in held)
    assert len(stores.facts(opened.stores, quarters=1)) > 0
    assert all(vars(shop._tables).keys() <= FEW for shop in held)


def test_a_play_lets_each_shop_go_that_it_looked_at(shops) -> None:
    for task in _tasks(shops, notebook=play.RECALL):
        assert play._refusal(None, task, "en").status == "refused"  # it has no members
        assert vars(task.shop._tables).keys() <= FEW


def test_an_export_is_read_once_whatever_language_a_report_is_in(shops, tmp_path, monkeypatch) -> None:
    read, names = shop_reading.read_orders, []

    def counted(file: ShopFile, shop_id: str, **how: object) -> object:
        names.append(shop_id)
        return read(file, shop_id, **how)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(shop_reading, "read_orders", counted)
    tasks = _tasks(shops, lang="zh")
    for task in tasks:
        with speaking(task.lang):
            produce._last_day(task)
    readying.write_all(Path("runs"), [(task.shop, task.lang) for task in tasks], print)
    segments_kept.write_all(Path("runs"), tasks, print)
    assert names == [shop.id for shop in shops]


def test_a_shop_that_forgot_gives_the_same_tables_again(shops) -> None:
    shop = shops[0]
    orders, customers, until = shop.orders(), shop.customers(), shop.until
    held = shop.orders()
    shop.forget()
    assert not vars(shop._tables).keys() & {"read", "told", "customers", "priced", "extras"}
    pd.testing.assert_frame_equal(shop.orders(), orders)
    pd.testing.assert_frame_equal(shop.customers(), customers)
    pd.testing.assert_frame_equal(held, orders)
    assert shop.until == until


@pytest.mark.parametrize("table", ["orders", "customers"])
def test_what_changes_while_it_is_read_is_not_kept_as_what_it_was(shops, table: str) -> None:
    shop = shops[0]
    export = shop.file.path.with_name("gold.csv")
    before = export.read_text("utf-8")
    assert shop.fingerprint()
    shop.forget()
    export.write_text(before[: before.rindex("\n", 0, len(before) // 2) + 1], "utf-8")
    with pytest.raises(NotNowError, match="files of shop 'gold' changed while they were read"):
        getattr(shop, table)()
    export.write_text(before, "utf-8")
    assert len(Shop.of(shop.file, "gold").orders()) == before.count("\n") - 1
