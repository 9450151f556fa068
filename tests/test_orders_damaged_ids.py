"""Ids that Excel has rounded: counted where they still tell orders apart, refused with rows otherwise."""

import numpy as np
import pandas as pd
import pytest

from clv import orders
from clv.errors import InputError
from clv.reading import damaged_ids

TOP = "订单编号,买家会员名,总金额,买家实际支付金额,订单状态,订单付款时间,退款金额"


def read(tmp_path, rows, top=TOP, **more):
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([top, *rows, ""]), encoding="utf-8")
    return orders.read(path, **{"platform": "taobao"} | more)


def rows_of(ids):
    return [f"{order},b{n},9,9,交易成功,2026-01-05 10:{n % 60:02},0" for n, order in enumerate(ids)]


def test_a_tail_of_zeros_counts_only_when_it_is_no_chance(rng):
    whole = pd.Series(rng.integers(10**16, 10**17, 3000).astype(str))
    assert whole.str.endswith("00").sum() > 10
    assert not damaged_ids.rounded(whole).any()
    assert damaged_ids.rounded(whole.str[:15] + "00").all()
    mixed = pd.concat([whole, whole[:100].str[:15] + "00"], ignore_index=True)
    assert damaged_ids.rounded(mixed)[3000:].all()


def test_short_ids_text_and_powers_of_ten():
    found = damaged_ids.rounded(
        pd.Series(["100000000000000", "E2022000000000000000", "2.14E+16", None, "2.5"])
    )
    assert found.tolist() == [False, False, True, False, False]


def test_distinct_rounded_numbers_are_read_and_counted(tmp_path):
    found = read(tmp_path, rows_of(["21407300627014900", "21407300627015000", "2.14073006270151E+16"]))
    assert len(found.orders) == 3
    assert any("Excel has rounded the order numbers of 3 rows (100.0%)" in note for note in found.notes)


def test_orders_that_fall_together_are_refused_with_rows_not_ids(tmp_path):
    with pytest.raises(InputError) as refused:
        read(tmp_path, rows_of(["21407300627014900", "21407300627015000", "21407300627014900"]))
    assert "row 2 of orders.csv and row 4 of orders.csv" in str(refused.value)
    assert "Excel has rounded the order numbers" in str(refused.value)
    assert "2140730062701" not in str(refused.value)


def test_lines_of_rounded_orders_at_different_times_are_refused(tmp_path):
    lines = ["2.14E+16,x,2026-01-05 10:00,10", "2.14E+16,x,2026-01-09 11:00,10"]
    columns = {"order_id": "no", "customer_id": "who", "paid_at": "when", "amount": "money"}
    with pytest.raises(InputError, match="rounded"):
        read(tmp_path, lines, "no,who,when,money", platform="csv", columns=columns)


def test_rounded_buyers_of_one_order_each_are_counted_and_shared_ones_refused(tmp_path):
    def rows(buyers):
        return [f"{n},{who},9,9,交易成功,2026-01-05 10:00,0" for n, who in enumerate(buyers)]

    apart = read(tmp_path, rows(["22000000000010000", "22000000000020000", "22000000000030000"]))
    assert any("rounded the buyer ids of 3 rows" in note for note in apart.notes)
    with pytest.raises(InputError) as refused:
        read(tmp_path, rows(["22000000000010000", "22000000000020000", "22000000000010000"]))
    assert "first row 2 of orders.csv" in str(refused.value)
    assert "2200000" not in str(refused.value)


def test_numbers_in_excel_cells_are_damaged_but_text_cells_are_not(tmp_path):
    path = tmp_path / "orders.xlsx"
    sheet = pd.DataFrame(
        {
            "no": [21407300627014912, 21407300627014999],
            "who": ["a", "b"],
            "when": ["2026-01-05", "2026-01-06"],
            "money": [np.float64(1), np.float64(2)],
        }
    )
    columns = {"order_id": "no", "customer_id": "who", "paid_at": "when", "amount": "money"}
    sheet.to_excel(path, index=False)
    assert any("rounded" in note for note in orders.read(path, platform="csv", columns=columns).notes)
    sheet.astype({"no": str}).to_excel(path, index=False)
    assert not any("rounded" in note for note in orders.read(path, platform="csv", columns=columns).notes)
