"""What must hold for every export: money balances to the cent, and the order of rows means nothing."""

import tempfile
from pathlib import Path

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clv import orders, tables

QUICK = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PARTIAL = {"part of kept orders paid back", "discount between total and paid"}
cents = st.integers(0, 50_000).map(lambda cent: cent / 100)
states = st.sampled_from(["交易成功", "交易关闭", "等待买家付款", "卖家已发货,等待买家确认"])
paid_times = st.sampled_from(["2026-01-05 10:00:00", "2026-03-01 23:59:59", "2026-02-01 00:00:00"])
times = paid_times | st.none()


@st.composite
def taobao_orders(draw):
    total, share = draw(cents), draw(st.sampled_from([0, 0, 0, 0.3, 1]))
    back, state = round(total * share, 2), draw(states)
    odd = draw(st.sampled_from([0, 0, 0, 0.5]))
    return {
        "买家会员名": draw(st.sampled_from(["amy", "bob", "t**3", None])),
        "总金额": total,
        "买家实际支付金额": max(round(total - back - odd, 2), 0),
        "订单状态": state,
        "订单付款时间": draw(times if state in ("交易关闭", "等待买家付款") else paid_times),
        "退款金额": back,
    }


@st.composite
def lines(draw):
    order = draw(st.integers(1, 6))
    return {
        "no": draw(st.sampled_from([str(order), str(order), None])),
        "who": ["amy", "bob", None][order % 3],
        "when": "2026-01-05",
        "item": draw(st.sampled_from("abc")),
        "n": draw(st.integers(-3, 5)),
        "each": draw(cents),
        "state": draw(st.sampled_from(["paid", "cancelled", "refunded", "pending", None])),
    }


def read(frame, **how):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        frame.to_csv(path, index=False)
        return orders.read(path, **how)


def holds_together(found):
    lost = found.losses[found.losses["stage"] == "read"]
    assert abs(found.money_in - found.orders["amount"].sum() - lost["money"].sum()) < 0.005
    assert (found.orders["amount"] > 0).all()
    whole = lost.loc[~lost["reason"].isin(PARTIAL), "rows"].sum()
    assert whole <= found.rows_read
    assert whole + len(found.orders) <= found.rows_read
    nobody = found.losses[found.losses["stage"] == "customers"]
    missing = found.orders[found.orders["customer_id"].isna()]
    assert nobody["orders"].sum() == len(missing)
    assert abs(nobody["money"].sum() - missing["amount"].sum()) < 0.005
    tables.check(found.orders, tables.ORDERS)


@QUICK
@given(st.lists(taobao_orders(), min_size=1, max_size=25))
def test_money_of_orders_balances_and_the_order_of_rows_is_nothing(rows):
    frame = pd.DataFrame(rows).assign(订单编号=[f"1{n:05}" for n in range(len(rows))])
    found = read(frame, platform="taobao")
    holds_together(found)
    assert abs(found.money_in - frame["总金额"].sum()) < 0.005
    assert read(frame.iloc[::-1], platform="taobao").orders.equals(found.orders)


@QUICK
@given(st.lists(lines(), min_size=1, max_size=25))
def test_money_of_lines_balances_with_returns_and_copies(rows):
    columns = {"order_id": "no", "customer_id": "who", "paid_at": "when", "title": "item", "quantity": "n"}
    frame = pd.DataFrame(rows)
    found = read(frame, platform="csv", columns=columns | {"price": "each", "status": "state"})
    holds_together(found)
    assert abs(found.money_in - (frame["n"] * frame["each"]).sum()) < 0.005
