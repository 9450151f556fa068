"""Any table with a column map: what the map may say, how money and ids are read, what is refused."""

import pandas as pd
import pytest

from clv import orders
from clv.errors import InputError, SettingError

MAP = {"order_id": "no", "customer_id": "client", "paid_at": "when", "amount": "money"}
TOP = "no,client,when,money"


def export(tmp_path, *rows, top=TOP, name="orders.csv"):
    path = tmp_path / name
    path.write_text("\n".join([top, *rows, ""]), encoding="utf-8")
    return path


def read(path, columns=MAP, **more):
    return orders.read(path, platform="csv", columns=columns, **more)


def lost(found, stage="read"):
    rows = found.losses[found.losses["stage"] == stage].set_index("reason")
    return {reason: (row["rows"], row["orders"], round(row["money"], 2)) for reason, row in rows.iterrows()}


def balance(found):
    read_losses = found.losses.loc[found.losses["stage"] == "read", "money"].sum()
    return found.money_in - found.orders["amount"].sum() - read_losses


def test_lines_of_one_order_are_summed(tmp_path):
    found = read(export(tmp_path, "A,x,2026-01-05 10:00,10", "A,x,2026-01-05 10:02,5.5", "B,y,2026-01-06,1"))
    assert found.orders["amount"].tolist() == [15.5, 1.0]
    assert found.orders["paid_at"].iloc[0] == pd.Timestamp("2026-01-05 10:00")
    assert found.lines["amount"].tolist() == [10.0, 5.5, 1.0]


def test_quantity_times_price_is_money(tmp_path):
    columns = {k: v for k, v in MAP.items() if k != "amount"} | {"quantity": "n", "price": "each"}
    found = read(export(tmp_path, "A,x,2026-01-05,3,2.5", top="no,client,when,n,each"), columns)
    assert found.orders["amount"].tolist() == [7.5]


def test_plain_english_headers_need_no_map(tmp_path):
    top = "Order ID,Customer,Order Date,Quantity,Unit Price,Status,Category"
    found = read(
        export(tmp_path, "A,x,2026-01-05,3,2.5,paid,rings", "B,y,2026-01-05,1,9,Cancelled,rings", top=top),
        None,
    )
    assert found.orders[["customer_id", "amount", "category"]].to_numpy().tolist() == [["x", 7.5, "rings"]]
    assert lost(found) == {"closed after payment": (1, 1, 9.0)}


def test_only_mapped_columns_count(tmp_path):
    found = read(export(tmp_path, "A,x,2026-01-05,10,cancelled", top=TOP + ",status"))
    assert len(found.orders) == 1


def test_customer_numbers_with_a_decimal_point_are_the_same_people(tmp_path):
    found = read(export(tmp_path, "A,17850.0,2026-01-05,10", "B,17850,2026-01-06,10", "C,,2026-01-06,10"))
    assert found.orders["customer_id"].dropna().tolist() == ["17850", "17850"]
    assert lost(found, "customers") == {"no buyer named": (1, 1, 10.0)}


def test_category_with_most_money_and_first_channel_are_kept(tmp_path):
    found = read(
        export(tmp_path, "A,x,2026-01-05,10,rings,web", "A,x,2026-01-05,7,gold,web",
               "A,x,2026-01-05,7,gold,web ", top=TOP + ",kind,from"),
        {**MAP, "category": "kind", "channel": "from"},
    )  # fmt: skip
    assert found.orders[["category", "channel"]].to_numpy().tolist() == [["rings", "web"]]


def test_rows_without_order_numbers_are_orders_and_equal_rows_of_one_file_stay_apart(tmp_path):
    columns = {k: v for k, v in MAP.items() if k != "order_id"}
    path = export(tmp_path, "A,x,2026-01-05,10", "A,x,2026-01-05,10")
    found = read(
        [path, export(tmp_path, "A,x,2026-01-05,10", "A,x,2026-02-05,10", name="later.csv")], columns
    )
    assert found.orders["order_id"].tolist() == ["row 2", "row 3", "file 2 row 3"]
    assert lost(found) == {"duplicate line": (1, 1, 10.0)}
    assert any("no order numbers" in note for note in found.notes)


def test_returned_lines_are_set_against_their_order(tmp_path):
    found = read(
        export(tmp_path, "A,x,2026-01-05,10", "A,x,2026-01-05,5", "A,x,2026-01-09,-12", "B,x,2026-01-05,4")
    )
    assert found.orders[["amount", "refunded"]].to_numpy().tolist() == [[3.0, 12.0], [4.0, 0.0]]
    assert lost(found) == {
        "negative or zero amount": (1, 1, -12.0),
        "part of kept orders paid back": (2, 1, 12.0),
    }
    assert abs(balance(found)) < 0.005


def test_an_order_returned_whole_is_gone(tmp_path):
    found = read(export(tmp_path, "A,x,2026-01-05,10", "A,x,2026-01-09,-10", "B,x,2026-01-05,4"))
    assert found.orders["order_id"].tolist() == ["B"]
    assert abs(balance(found)) < 0.005


def test_returned_lines_without_an_order_are_said_with_their_share(tmp_path):
    found = read(export(tmp_path, "A,x,2026-01-05,100", "CA,x,2026-01-09,-20"))
    assert found.orders["amount"].tolist() == [100.0]
    assert any("1 returned lines (20.00)" in note and "20.0%" in note for note in found.notes)
    assert abs(balance(found)) < 0.005


def test_two_minus_signs_are_still_a_return(tmp_path):
    columns = {k: v for k, v in MAP.items() if k != "amount"} | {"quantity": "n", "price": "each"}
    found = read(
        export(tmp_path, "A,x,2026-01-05,3,2", "B,x,2026-01-05,-3,-2", top="no,client,when,n,each"), columns
    )
    assert lost(found) == {"negative or zero amount": (1, 1, -6.0)}


def test_one_total_repeated_on_every_row_is_warned_of(tmp_path):
    rows = [f"{n},x,2026-01-05,{n},{item}" for n in range(1, 8) for item in ("ring", "chain")]
    found = read(export(tmp_path, *rows, top=TOP + ",item"), {**MAP, "title": "item"})
    assert any("In 7 of 7 orders with several rows" in note for note in found.notes)


def test_two_currencies_are_refused(tmp_path):
    path = export(
        tmp_path, "A,x,2026-01-05,10,EUR", "B,x,2026-01-05,10,usd", "C,x,2026-01-05,10,EUR", top=TOP + ",cur"
    )
    with pytest.raises(InputError, match=r"EUR \(2 rows\), USD \(1 rows\)"):
        read(path, {**MAP, "currency": "cur"})
    with pytest.raises(InputError, match="mixes currencies"):
        read(export(tmp_path, "A,x,2026-01-05,￥10", "B,x,2026-01-05,$10"))
    assert read(export(tmp_path, "A,x,2026-01-05,£10")).currency == "GBP"


def test_wrong_maps_are_explained(tmp_path):
    path = export(tmp_path, "A,x,2026-01-05,10")
    with pytest.raises(SettingError, match="did you mean 'customer_id'"):
        read(path, {**MAP, "customerid": "client"})
    with pytest.raises(InputError, match=r"no column 'cliemt'.*nearest header is 'client'"):
        read(path, {**MAP, "customer_id": "cliemt"})
    with pytest.raises(InputError, match=r"no column 'wen'.*paid_at"):
        read(path, {**MAP, "paid_at": "wen"})
    with pytest.raises(SettingError, match="both the order and the customer"):
        read(path, {**MAP, "order_id": "client"})
    with pytest.raises(InputError, match="has no money"):
        read(path, {k: v for k, v in MAP.items() if k != "amount"})
    with pytest.raises(InputError, match="paid_at"):
        read(path, {k: v for k, v in MAP.items() if k != "paid_at"})
    with pytest.raises(InputError, match="no column 'paid_at'"):
        read(path, None)


def test_a_file_without_headers_is_not_told_by_its_data(tmp_path):
    with pytest.raises(InputError) as refused:
        read(export(tmp_path, "B,y,2026-01-05,10", top="A,13800000000,2026-01-05,10"))
    assert "no header line" in str(refused.value)
    assert "138" not in str(refused.value)


def test_a_returned_line_that_is_called_refunded_is_set_against_its_order(tmp_path):
    found = read(
        export(tmp_path, "A,x,2026-01-05,10,paid", "A,x,2026-01-09,-4,refunded", top=TOP + ",state"),
        {**MAP, "status": "state"},
    )
    assert found.orders[["amount", "refunded"]].to_numpy().tolist() == [[6.0, 4.0]]
    assert abs(balance(found)) < 0.005


def test_a_wrong_currency_column_is_not_told_by_its_cells(tmp_path):
    path = export(tmp_path, "A,x,2026-01-05,10,Ann Lee", "B,y,2026-01-05,10,Bo Chan", top=TOP + ",who")
    with pytest.raises(InputError) as refused:
        read(path, {**MAP, "currency": "who"})
    assert "other text" in str(refused.value)
    assert "ANN" not in str(refused.value)


def test_unknown_platforms_and_wrong_days_are_told_how_to_be_right(tmp_path):
    path = export(tmp_path, "A,x,2026-01-05,10")
    with pytest.raises(SettingError, match="did you mean 'taobao'"):
        orders.read(path, platform="taobo")
    with pytest.raises(InputError, match="'30th of June' is not a date; write it as 2026-06-30"):
        read(path, until="30th of June")


def test_dates_that_could_be_either_need_a_format(tmp_path):
    path = export(tmp_path, "A,x,03/04/2026,10", "B,x,05/06/2026,10")
    with pytest.raises(InputError, match=r"orders\.csv.*date_format"):
        read(path)
    assert read(path, date_format="%d/%m/%Y").orders["paid_at"].dt.month.tolist() == [4, 6]


def test_excel_with_serial_dates_and_numbers_is_read(tmp_path):
    path = tmp_path / "orders.xlsx"
    sheet = pd.DataFrame({"no": [1, 2], "client": [7, 8], "when": [46027.5, 46028.0], "money": [10.0, 2.25]})
    sheet.to_excel(path, index=False)
    found = read(path)
    assert found.orders["paid_at"].tolist() == [pd.Timestamp("2026-01-05 12:00"), pd.Timestamp("2026-01-06")]
    assert found.orders["customer_id"].tolist() == ["7", "8"]


def test_one_order_number_of_two_buyers_is_refused_without_naming_them(tmp_path):
    with pytest.raises(InputError) as refused:
        read(export(tmp_path, "A,13800000000,2026-01-05,10", "A,13900000000,2026-01-05,5"))
    assert "row 2 of orders.csv and row 3 of orders.csv" in str(refused.value)
    assert "138" not in str(refused.value)


def test_items_beside_a_platform_without_them_are_refused(tmp_path):
    path = export(tmp_path, "A,x,2026-01-05,10")
    with pytest.raises(InputError, match="no item export"):
        read(path, items=path)


def test_nobody_words_are_nobody(tmp_path):
    found = read(export(tmp_path, "A,Guest,2026-01-05,10", "B,x,2026-01-05,10", "C,散客,2026-01-05,10"))
    assert found.orders["customer_id"].dropna().tolist() == ["x"]


def test_reading_changes_nothing_that_was_given(tmp_path):
    columns = dict(MAP)
    read(export(tmp_path, "A,x,2026-01-05,10"), columns)
    assert columns == MAP
