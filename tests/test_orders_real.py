"""Real exports, against the figures published with them (or counted from them by other means)."""

from datetime import date

import pytest

from clv import orders
from clv.errors import NoAnswerError

UCI = {
    "order_id": "InvoiceNo", "customer_id": "CustomerID", "paid_at": "InvoiceDate", "quantity": "Quantity",
    "price": "UnitPrice", "title": "Description", "sku": "StockCode",
}  # fmt: skip


def lost(found, stage="read"):
    rows = found.losses[found.losses["stage"] == stage].set_index("reason")
    return {reason: (row["rows"], row["orders"], round(row["money"], 2)) for reason, row in rows.iterrows()}


def balance(found):
    read_losses = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    return found.money_in - found.orders["amount"].sum() - read_losses


def test_taobao_toys(shared_data):
    folder = shared_data / "taobao_toys"
    found = orders.read(folder / "orders.csv", platform="taobao", items=folder / "Items_orders.csv.gz")
    assert found.rows_read == 3989
    assert found.money_in == pytest.approx(291011.43, abs=0.004)
    assert lost(found) == {"fully refunded": (1, 1, 13.9), "part of kept orders paid back": (45, 45, 1341.59)}
    assert len(found.orders) == 3988
    assert found.orders["amount"].sum() == pytest.approx(289655.94, abs=0.004)
    assert found.orders["customer_id"].nunique() == 3410
    assert len(found.lines) == 21823
    assert "holds in 100.0% of 3,989 paid rows (46 of 46" in found.refund_identity
    assert any("rounded the order numbers of 3,989 rows" in note for note in found.notes)
    assert found.orders["channel"].value_counts().to_dict() == {"phone": 3727, "computer": 261}
    assert abs(balance(found)) < 0.005


def test_tmall_order_report(shared_data):
    found = orders.read(shared_data / "tmall_order_report_2020" / "tmall_order_report.csv", platform="taobao")
    assert found.rows_read == 28010
    assert lost(found) == {
        "fully refunded": (5132, 5132, 535937.42),
        "not paid": (3923, 3923, 520937.54),
        "part of kept orders paid back": (514, 514, 36398.5),
    }
    refunds = found.losses.set_index("reason")["money"].filter(regex="refunded|paid back")
    assert refunds.sum() == pytest.approx(572335.92, abs=0.004)
    assert len(found.orders) == 18955
    assert found.orders["amount"].sum() == pytest.approx(1902487.15, abs=0.004)
    assert "holds in 100.0% of 24,087 paid rows (5,646 of 5,646" in found.refund_identity
    assert abs(balance(found)) < 0.005
    with pytest.raises(NoAnswerError, match="does not say who bought"):
        orders.require_customers(found)


@pytest.mark.slow
def test_uci_online_retail(shared_data):
    found = orders.read(
        shared_data / "uci_online_retail" / "online_retail.csv.gz",
        platform="csv",
        columns=UCI,
        until=date(2011, 12, 9),
    )
    named = found.orders.dropna(subset="customer_id")
    assert found.rows_read == 541909
    assert found.money_in == pytest.approx(9747747.93, abs=0.005)
    assert len(named) == 18532
    assert named["customer_id"].nunique() == 4338
    assert named["amount"].sum() == pytest.approx(8887208.89, abs=0.005)
    assert len(found.lines.merge(named["order_id"], on="order_id")) == 392692
    assert lost(found)["duplicate line"][0] == 5268
    assert abs(balance(found)) < 0.005


def test_cdnow():
    found = orders.read("package:lifetimes/datasets/CDNOW_master.txt", platform="cdnow")
    assert found.rows_read == 69659
    assert lost(found) == {"negative or zero amount": (80, 80, 0.0)}
    assert len(found.orders) == 69579
    assert found.orders["amount"].sum() == pytest.approx(2500315.63, abs=0.004)
    assert found.orders["paid_at"].dt.year.unique().tolist() == [1997, 1998]
    assert (found.currency, found.has_customers) == ("USD", True)
