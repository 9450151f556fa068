"""Who goes through many shops holds the tables of one at a time."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from clv import shopfile, stores
from clv.notebook_contracts.customers import Orders
from clv.running import produce, readying, segments_kept
from clv.running.all_shops import AllShops
from clv.running.plan import Task
from clv.shop import Shop
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


def _tasks(shops: list[Shop]) -> list[Task]:
    return [Task(shop, Path("01_orders.ipynb"), Orders(shop_id=shop.id), "?") for shop in shops]


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
