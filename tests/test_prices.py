"""Money at one day's prices: laws, a price that rises promotes nobody, and each way to get the file wrong."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from clv import customers, prices, rfm, schemes, tables
from clv.errors import InputError
from clv.known import Known

UNTIL = date(2026, 6, 30)


def made(rows: list[tuple[str, str, str, float]]) -> pd.DataFrame:
    """Return ORDERS of rows (order, customer, day, money)."""
    frame = pd.DataFrame(rows, columns=["order_id", "customer_id", "paid_at", "amount"])
    more = {"refunded": 0.0, "category": None, "channel": None, "is_gift": False}
    return tables.check(frame.assign(paid_at=pd.to_datetime(frame["paid_at"]), **more), tables.ORDERS)


def lines_of(rows: list[tuple[str, str | None, str | None, float]]) -> pd.DataFrame:
    """Return LINES of rows (order, title, category, money)."""
    frame = pd.DataFrame(rows, columns=["order_id", "title", "category", "amount"])
    return tables.check(frame.assign(sku=None, quantity=1.0)[[*tables.LINES.columns]], tables.LINES)


NO_LINES = lines_of([])
INDEX = pd.Series([100.0, 150.0, 200.0], pd.to_datetime(["2025-01-01", "2025-07-01", "2026-06-30"]))


def test_the_part_that_the_index_is_about_moves_with_it_and_the_rest_keeps_its_money():
    orders = made(
        [("1", "a", "2025-01-10", 300.0), ("2", "a", "2025-08-01", 100.0), ("3", "b", "2026-06-30", 50.0)]
    )
    lines = lines_of(
        [("1", "足金手链", "足金", 200.0), ("1", "珍珠", "珍珠", 100.0), ("2", "足金戒指", None, 100.0)]
    )
    found = prices.at_one_price(orders, lines, INDEX, on=UNTIL, about=["足金"])
    assert found.orders["amount"].tolist() == pytest.approx(
        [300 * (2 / 3 * 2 + 1 / 3), 100 * 200 / 150, 50.0]
    )
    assert found.touched == pytest.approx((200 + 100) / 450)
    everything = prices.at_one_price(orders, lines, INDEX, on=UNTIL).orders["amount"]
    assert everything.tolist() == pytest.approx([600.0, 400 / 3, 50.0])


def test_a_flat_index_changes_nothing_and_its_unit_does_not_matter():
    orders = made([("1", "a", "2025-01-10", 300.0), ("2", "b", "2025-08-01", 100.0)])
    flat = prices.at_one_price(orders, NO_LINES, INDEX * 0 + 7.0, on=UNTIL)
    pd.testing.assert_frame_equal(flat.orders, orders)
    one = prices.at_one_price(orders, NO_LINES, INDEX, on=UNTIL).orders["amount"]
    assert prices.at_one_price(orders, NO_LINES, INDEX * 3.1, on=UNTIL).orders[
        "amount"
    ].tolist() == pytest.approx(one.tolist())


def test_a_price_that_rises_by_a_third_promotes_nobody(rng):
    """The same grams at every date: with the index nobody changes segment, without it many do."""
    day = pd.Timestamp("2024-07-01") + pd.to_timedelta(rng.integers(0, 730, 3000), unit="D")
    grams = rng.gamma(2.0, 2.0, 3000) + 0.2
    who = [f"c{n}" for n in rng.integers(0, 1200, 3000)]
    index = pd.Series(
        500 * np.exp(np.log(1.8) / 729 * np.arange(730)), pd.date_range("2024-07-01", periods=730)
    )
    level = index[day].to_numpy()
    rows = [(str(i), *row) for i, row in enumerate(zip(who, day.strftime("%Y-%m-%d"), strict=True))]
    paid = made([(*row, float(g * p)) for row, g, p in zip(rows, grams, level, strict=True)])
    as_if_flat = made([(*row, float(g * index.iloc[-1])) for row, g in zip(rows, grams, strict=True)])
    rule = "eight-median"

    def segments(orders: pd.DataFrame) -> pd.Series:
        known = Known(customers.summarise(orders, until=UNTIL))
        return rfm.segments(rfm.learn(schemes.load(rule), known), known)["bits"]

    truth = segments(as_if_flat)
    indexed = segments(prices.at_one_price(paid, NO_LINES, index, on=UNTIL).orders)
    assert (indexed != truth).mean() == 0.0
    assert (segments(paid) != truth).mean() > 0.03


def test_orders_before_the_index_take_its_first_number_and_are_counted():
    orders = made([("1", "a", "2024-01-10", 300.0), ("2", "b", "2025-08-01", 100.0)])
    found = prices.at_one_price(orders, NO_LINES, INDEX, on=UNTIL)
    assert found.orders["amount"].iloc[0] == pytest.approx(600.0)
    assert any("1 orders lie before the first day" in note for note in found.notes)
    stale = prices.at_one_price(orders, NO_LINES, INDEX.iloc[:2], on=UNTIL)
    assert any("364 days old" in note for note in stale.notes)


def test_an_index_that_stands_in_the_orders_is_the_median_of_its_day():
    orders = made(
        [("1", "a", "2025-01-10", 1.0), ("2", "b", "2025-01-10", 1.0), ("3", "b", "2025-01-11", 1.0)]
    )
    terms = pd.DataFrame({"order_id": ["3", "2", "1"], "price_index": [np.nan, 110.0, 100.0]})
    assert prices.of_terms(orders, terms).to_dict() == {pd.Timestamp("2025-01-10"): 105.0}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("day,index\n2025-01-01,100\n2025-01-01,101\n", ["two numbers", "1 days", "2025-01-01"]),
        ("day,index\n2025-01-01,100\nyesterday,101\n", ["1 of 2 rows", "no day"]),
        ("day,index\n2025-01-01,-3\n", ["number above 0", "1 of 1"]),
        ("day,worth\n2025-01-01,3\n", ["no column 'index'", "金价"]),
    ],
)
def test_a_wrong_price_index_is_told_in_one_sentence(tmp_path, text, words):
    path = tmp_path / "gold_price.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        prices.load([path])
    assert all(word in str(caught.value) for word in words), caught.value


def test_a_right_one_is_read_whatever_the_order_of_its_rows(tmp_path):
    path = tmp_path / "gold_price.csv"
    path.write_text("日期,金价\n2025-02-01,710\n2025-01-01,700.5\n2025-02-01,710\n", "gb18030")
    found = prices.load([path])
    assert found.tolist() == [700.5, 710.0]
    with pytest.raises(InputError, match="begins on 2025-01-01"):
        prices.at_one_price(made([("1", "a", "2024-01-10", 1.0)]), NO_LINES, found, on=UNTIL)


def test_what_the_index_cannot_say_is_said():
    orders = made([("1", "a", "2025-01-10", 300.0), ("2", "b", "2026-06-30", 100.0)])
    lines = lines_of([("1", "Ring", "Rings", 300.0)])
    found = prices.at_one_price(orders, lines, INDEX, on=UNTIL, about=["Rings", "xyzzy"])
    said = " ".join(found.notes)
    assert "No product is one of 'xyzzy'" in said
    assert "gap of 364 days" in said
    monthly = pd.Series(7.0, pd.date_range("2025-01-01", "2026-06-30", freq="MS"))
    assert len(prices.at_one_price(orders, lines, monthly, on=UNTIL, about=["Rings"]).notes) == 1
