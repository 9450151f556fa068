"""How rows become orders and money, in small tables: every amount, every reason, every sentence whole."""

import numpy as np
import pandas as pd
import pytest

from clv.errors import InputError
from clv.reading import cells, losses, refunds, returns, versions
from clv.reading.refunds import Identity

NET, GROSS = Identity("net", "net", "n"), Identity("gross", "gross", "g")
MIXED = Identity("mixed", "gross", "m")
FILES = ["may.csv", "june.csv"]


def series(*values):
    return pd.Series(values, index=range(5, 5 + len(values)), dtype=float)


# Refunds ----------------------------------------------------------------------------------------------------


def test_a_row_decides_by_half_a_cent_and_no_more():
    total = series(100, 100, 100, 100, 100, np.nan, np.nan, np.nan)
    amount = series(70, 100, 69.995, 99.995, 69.99, 10, 10, 10)
    refund = series(30, 30, 30, 30, 30, 30, 10, 0)
    found = refunds.row_kinds(total=total, amount=amount, refund=refund)
    assert found.tolist() == ["net", "gross", "net", "gross", "", "net", "", ""]
    assert found.index.equals(total.index)
    # at the very bound of half a cent a row decides nothing, and a refund is none
    edge = refunds.HALF_CENT
    for a, t, r in ((0.0, edge, edge), (edge, 1.0, 1.0), (edge, 0.0, 2.0)):
        one = refunds.row_kinds(total=series(t), amount=series(a), refund=series(r))
        assert one.tolist() == [""], (a, t, r)
    bare = {"total": series(np.nan), "amount": series(1.0)}
    assert refunds.row_kinds(**bare, refund=series(1.0 + edge)).tolist() == [""]
    assert refunds.row_kinds(**bare, refund=series(1.01)).tolist() == ["net"]


def test_money_kept_is_net_or_less_the_refund_once():
    money = {"total": series(100, 100, 100), "amount": series(70, 100, 95), "refund": series(30, 30, np.nan)}
    assert refunds.kept(NET, **money).tolist() == [70, 100, 95]
    assert refunds.kept(GROSS, **money).tolist() == [40, 70, 95]
    odd = money | {"refund": series(30, 30, 20)}
    assert refunds.kept(MIXED, **odd).tolist() == [70, 70, 75]
    assert refunds.kept(Identity("mixed", "net", ""), **odd).tolist() == [70, 70, 95]


NEVER = "No paid row has a refund, so nothing is subtracted."
IDENTITIES = {
    "contract": (
        ([100], [70], [30], "net by contract"),
        ("net", "net", "The amounts of a clean table are net of refunds, so nothing is subtracted."),
    ),
    "none": (([100], [70], [np.nan], "gross"), ("gross", "gross", NEVER)),
    "half a cent is none": (([100], [70], [0.0051], "net"), ("net", "net", NEVER)),
    "undecided net": (
        ([100, 100], [60, 60], [30, 20], "net"),
        (
            "net", "net",
            "2 paid rows have a refund, but no row shows whether it is off the paid column already; by the "
            "definition of this platform the paid column is net of refunds, so nothing is subtracted.",
        ),
    ),
    "undecided gross": (
        ([100], [60], [30], "gross"),
        (
            "gross", "gross",
            "1 paid rows have a refund, but no row shows whether it is off the paid column already; by the "
            "definition of this platform the paid column is before refunds, so they are subtracted once.",
        ),
    ),
    "whole": (
        ([np.nan, np.nan, np.nan], [60, 60, 60], [60, 20, 60.005], "net"),
        (
            "gross", "gross",
            "In 2 of 3 refunded rows the refund is as large as the paid money, and nowhere larger: refunds "
            "are not in the paid column yet, so they are subtracted once.",
        ),
    ),
    "net": (
        ([100] * 3 + [50], [70] * 3 + [49], [30] * 3 + [0], "gross"),
        (
            "net", "net",
            "Paid + refunded = total holds in 75.0% of 4 paid rows (3 of 3 refunded ones): the paid column "
            "is already net, so refunds are not subtracted again.",
        ),
    ),
    "net of known rows": (
        ([100, np.nan, 50], [70, 20, np.nan], [30, 5, 0], "gross"),
        (
            "net", "net",
            "Paid + refunded = total holds in 100.0% of 1 paid rows (1 of 2 refunded ones): the paid column "
            "is already net, so refunds are not subtracted again.",
        ),
    ),
    "net without a total": (
        ([np.nan] * 2, [0, 20], [100, 5], "gross"),
        (
            "net", "net",
            "The paid column is already net of refunds (1 of 2 refunded rows show a refund above the paid "
            "money), so refunds are not subtracted again.",
        ),
    ),
    "gross": (
        ([100, 100, 90], [100, 100, 80], [30, 30, 1], "net"),
        (
            "gross", "gross",
            "Paid = total in 2 of 3 refunded rows (66.7%): refunds are not in the paid column yet, so they "
            "are subtracted once.",
        ),
    ),
    "mixed": (
        ([100, 100, 100, 90], [70, 100, 100, 80], [30, 30, 30, 1], "net"),
        (
            "mixed", "net",
            "Mixed: of 4 refunded rows 1 have refunds off the paid column and 2 have not; each of these is "
            "read as it shows, the other 1 as the platform defines it (the paid column is net of refunds, so "
            "nothing is subtracted). Check the refund column before relying on the money.",
        ),
    ),
    "nineteen of twenty": (
        ([100] * 20, [100] * 19 + [70], [30] * 20, "net"),
        (
            "gross", "gross",
            "Paid = total in 19 of 20 refunded rows (95.0%): refunds are not in the paid column yet, so they "
            "are subtracted once.",
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", IDENTITIES)
def test_the_identity_is_found_and_said_whole(name):
    (total, amount, refund, platform), expected = IDENTITIES[name]
    found = refunds.identify(
        total=series(*total), amount=series(*amount), refund=series(*refund), platform_says=platform
    )
    assert (found.kind, found.fallback, found.sentence) == expected


# Reasons ----------------------------------------------------------------------------------------------------

DAY = pd.Timestamp("2026-01-05 10:00")
PLAIN = {
    "order_id": None, "customer_id": "amy", "no_buyer": None, "paid_at": DAY, "state": "", "status": None,
    "told_state": False, "has_time": True, "bad_money": False, "is_gift": False, "amount": 10.0,
    "total": np.nan, "discount": np.nan, "outstanding": np.nan, "refund": np.nan, "reason": None,
    "n_rows": 1, "file": 0, "line_id": None, "sku": None, "title": None, "copy_of": 0,
}  # fmt: skip


def units(*rows, **more):
    """Return a table of rows that differ from a plain one; order numbers 1, 2, 3 ... unless said."""
    table = pd.DataFrame(
        [PLAIN | {"row": at + 2, "order_id": str(at + 1)} | more | row for at, row in enumerate(rows)]
    )
    for name in ("order_id", "customer_id", "no_buyer", "status", "reason", "line_id", "sku", "title"):
        table[name] = table[name].astype("str")
    return table.set_axis(range(3, 3 + len(table)))


def reasons(found):
    return [None if pd.isna(one) else one for one in found["reason"]]


def test_what_needs_no_arithmetic_is_marked_once():
    given = units(
        {},
        {"state": "closed", "has_time": False, "paid_at": pd.NaT},
        {"state": "closed"},
        {"state": "unpaid"},
        {"has_time": False, "paid_at": pd.NaT},
        {"reason": "duplicate line", "state": "unpaid"},
        {"paid_at": pd.Timestamp("2026-02-01 00:00")},
        {"paid_at": pd.Timestamp("2026-01-31 23:59")},
        {"told_state": True},
    )
    found = losses.mark_unusable(given, names=FILES, until=pd.Timestamp("2026-01-31").date())
    assert reasons(found) == [
        None, "closed before payment", None, "not paid", "not paid", "duplicate line", "after the last day",
        None, None,
    ]  # fmt: skip
    assert reasons(losses.mark_unusable(given, names=FILES, until=None))[6] is None


def test_a_few_that_cannot_be_read_are_left_out_and_more_are_refused():
    for what, bad, expected in (
        ("amount", {"amount": np.nan}, "unreadable amount"),
        ("amount", {"bad_money": True}, "unreadable amount"),
        ("payment time", {"paid_at": pd.NaT, "told_state": True}, "unreadable date"),
    ):
        given = units(*[{}] * 99, bad)
        assert reasons(losses.mark_unusable(given, names=FILES, until=None)) == [None] * 99 + [expected]
        given = units(*[{}] * 97, bad, bad | {"file": 1}, {"state": "unpaid"})
        with pytest.raises(InputError) as refused:
            losses.mark_unusable(given, names=FILES, until=None)
        example = {
            "amount": "expected is a number such as 1234.50 or ￥1,234.50",
            "payment time": "expected is 2026-06-30 18:05 or the like (2000 to 2100); else give date_format, "
            "as '%d/%m/%Y %H:%M'",
        }[what]
        assert str(refused.value) == (
            f"2 of 99 paid rows have an unreadable {what}, first row 99 of may.csv; {example}."
        )
    # rows that were not paid need no date and no money
    given = units({}, {"state": "unpaid", "amount": np.nan}, {"reason": "x", "paid_at": pd.NaT})
    assert reasons(losses.mark_unusable(given, names=FILES, until=None)) == [None, "not paid", "x"]


def test_a_last_day_before_every_paid_order_is_refused():
    given = units({}, {"paid_at": pd.Timestamp("2026-01-04")}, {"state": "unpaid", "paid_at": pd.NaT})
    day = pd.Timestamp("2026-01-03").date()
    with pytest.raises(InputError) as refused:
        losses.mark_unusable(given, names=FILES, until=day)
    assert str(refused.value) == (
        "the last day 2026-01-03 lies before the first paid order (2026-01-04); give a later day."
    )
    nothing_paid = units({"state": "unpaid"})
    assert reasons(losses.mark_unusable(nothing_paid, names=FILES, until=day)) == ["not paid"]


def test_gross_kept_and_refunded_money_of_every_kind_of_row():
    given = units(
        {"amount": 70.0, "total": 100.0, "refund": 30.0},
        {"amount": 70.0, "refund": 30.0},
        {"amount": 50.0, "outstanding": 20.0},
        {"amount": 50.0, "state": "refunded"},
        {"amount": 0.005, "total": 80.0, "refund": 80.0},
        {"amount": 50.0, "state": "closed", "total": 50.0},
        {"amount": 0.0},
        {"amount": -5.0},
        {"amount": 0.001},
        {"amount": np.nan, "reason": "unreadable amount"},
        {"amount": 10.0, "state": "refunded", "refund": 4.0, "total": 14.0},
        {"amount": 1e-6},
    )
    found = losses.weigh(given, NET)
    gross = [100, 100, 50, 50, 80, 50, 0, -5, 0.001, 0, 14, 1e-6]
    assert found["gross"].tolist() == gross
    assert found["kept"].fillna(-99).tolist() == [70, 70, 30, 50, 0.005, 50, 0, -5, 0.001, -99, 10, 1e-6]
    assert found["refunded"].tolist() == [30, 30, 0, 0, 80, 0, 0, 0, 0, 0, 4, 0]
    bad = "negative or zero amount"
    assert reasons(found) == [
        None, None, None, "fully refunded", "fully refunded", "closed after payment", bad, bad, None,
        "unreadable amount", None, bad,
    ]  # fmt: skip
    # before refunds are taken off, the paid money is the gross money
    found = losses.weigh(given[:2], GROSS)
    assert found["gross"].tolist() == [100, 70] and found["kept"].tolist() == [40, 40]
    free = units({"amount": 0.0, "state": "refunded"}, {"amount": -1.0, "state": "refunded"})
    assert reasons(losses.weigh(free, NET)) == [bad, bad]


def test_the_identity_is_tested_on_what_was_due_of_paid_rows_alone():
    given = units(
        {"amount": 100.0, "total": 110.0, "discount": 10.0, "refund": 30.0},
        {"amount": 120.0, "outstanding": 20.0, "total": 100.0, "refund": 5.0},
        *[{"amount": 70.0, "total": 100.0, "refund": 30.0, "reason": "not paid"}] * 9,
    )
    found = losses.identity_of(given, "net")
    assert found.kind == "gross" and found.sentence.startswith("Paid = total in 2 of 2 refunded rows")


def test_more_money_than_can_be_held_to_the_cent_is_refused():
    given = units({"amount": 4e12, "file": 1}, {"amount": -5e12}, {"amount": 1e12})
    assert losses.judge(given, names=FILES, until=None, platform_says="net")[1].kind == "net"
    for more in ({"amount": 1.0}, {"amount": 10.0, "total": 1.0}):
        with pytest.raises(InputError) as refused:
            losses.judge(
                units({"amount": 4e12, "file": 1}, {"amount": -5e12}, {"amount": 1e12}, more),
                names=FILES, until=None, platform_says="net",
            )  # fmt: skip
        assert str(refused.value) == (
            "the money adds up to more than 10,000,000,000,000, which no shop takes; the largest stands in "
            "row 3 of may.csv: is a column of numbers or phones taken for money?"
        )


def weighed(*rows):
    """Units after `weigh`: kept and refunded money told by hand."""
    return units(*rows, gross=0.0, refunded=0.0, kept=0.0)


RETURNED = "negative or zero amount"


def test_returned_lines_come_off_the_largest_lines_of_their_order():
    given = weighed(
        {"order_id": "A", "kept": 10.0, "refunded": 1.0},
        {"order_id": "A", "kept": 30.0},
        {"order_id": "A", "kept": -35.0, "reason": RETURNED},
        {"order_id": "B", "kept": 8.0},
        {"order_id": "B", "kept": -5.0, "reason": RETURNED},
        {"order_id": "B", "kept": -3.0, "reason": RETURNED},
        {"order_id": "C", "kept": 9.0},
        {"order_id": "D", "kept": -4.0, "reason": RETURNED},
        {"order_id": "E", "kept": -4.0, "reason": RETURNED},
        {"order_id": "E", "kept": 7.0, "reason": "closed after payment"},
        {"order_id": "F", "kept": 0.0, "reason": RETURNED},
        {"order_id": "F", "kept": 6.0},
        {"order_id": "G", "kept": -6.0, "reason": "closed after payment"},
        {"order_id": "G", "kept": 6.0},
        {"order_id": "H", "kept": 3.0},
        {"order_id": "H", "kept": -99.0, "reason": RETURNED},
        {"order_id": "I", "kept": 3.0},
        {"order_id": "I", "kept": -2.99, "reason": RETURNED},
    )
    found = losses.set_returns_against_orders(given)
    kept = [5, 0, -35, 0, -5, -3, 9, -4, -4, 7, 0, 6, -6, 6, 0, -99, 0.01, -2.99]
    assert found["kept"].tolist() == pytest.approx(kept)
    refunded = [6, 30, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 2.99, 0]
    assert found["refunded"].tolist() == pytest.approx(refunded)
    tied = found.index[found["tied"]] - 3
    assert tied.tolist() == [2, 4, 5, 15, 17]
    why = reasons(given)
    why[3] = why[14] = "fully refunded"
    assert reasons(found) == why
    assert found.index.equals(given.index)


def test_where_nothing_came_back_to_an_order_nothing_is_tied():
    given = weighed({"kept": 5.0}, {"kept": -5.0, "reason": RETURNED})
    found = losses.set_returns_against_orders(given)
    assert not found["tied"].any() and found["kept"].tolist() == [5.0, -5.0]
    assert found.drop(columns="tied").equals(given)


def test_the_losses_count_rows_orders_and_money():
    given = units(
        {"order_id": "A", "gross": 20.0, "kept": 15.0, "refunded": 5.0, "n_rows": 3},
        {"order_id": "A", "gross": 10.0, "kept": 8.0, "refunded": 0.0},
        {"order_id": "B", "gross": 7.0, "kept": 7.0, "no_buyer": "buyer hidden", "n_rows": 2},
        {"order_id": "B", "gross": 4.0, "kept": 4.0, "no_buyer": "buyer hidden"},
        {"order_id": "C", "gross": 9.0, "kept": 9.0, "no_buyer": "no buyer named"},
        {"order_id": "D", "gross": 1.0, "reason": "not paid", "n_rows": 2},
        {"order_id": "D", "gross": 2.0, "reason": "not paid"},
        {"order_id": "E", "gross": 3.0, "reason": "not paid"},
        {"order_id": "F", "gross": 8.0, "reason": "fully refunded"},
        {"order_id": "G", "gross": 5.005, "kept": 5.0, "n_rows": 9},
        gross=0.0, kept=0.0, refunded=0.0,
    )  # fmt: skip
    made = pd.DataFrame({"order_id": list("ABCG"), "customer_id": ["amy", None, None, "bob"]})
    found = losses.tally(given, made)
    assert list(found) == ["stage", "reason", "rows", "orders", "money"]
    assert found.index.tolist() == list(range(6))
    rows = [tuple(row[:4]) for row in found.itertuples(index=False)]
    assert rows == [
        ("read", "fully refunded", 1, 1),
        ("read", "not paid", 4, 2),
        ("read", "part of kept orders paid back", 3, 1),
        ("read", "discount between total and paid", 1, 1),
        ("customers", "buyer hidden", 3, 1),
        ("customers", "no buyer named", 1, 1),
    ]
    assert found["money"].tolist() == pytest.approx([8, 6, 5, 2.005, 11, 9])


def test_money_that_went_back_by_customer_and_day():
    given = units(
        {"order_id": "A", "refunded": 5.0},
        {"order_id": "A", "refunded": 2.0, "paid_at": pd.Timestamp("2026-01-04"), "customer_id": None},
        {"order_id": "B", "reason": "fully refunded", "kept": 30.0},
        {"order_id": "C", "reason": "closed after payment", "kept": 0.0, "gross": 40.0},
        {"order_id": "D", "reason": "fully refunded", "kept": 30.0, "refunded": 12.0, "customer_id": "zoe"},
        {"order_id": "E", "reason": RETURNED, "kept": -6.0, "paid_at": pd.Timestamp("2026-01-03")},
        {"order_id": "F", "reason": RETURNED, "kept": -7.0, "tied": True},
        {"order_id": "G", "reason": "duplicate line", "refunded": 9.0},
        {"order_id": "H", "refunded": 0.005},
        {"order_id": "I", "refunded": 3.0, "customer_id": None},
        {"order_id": "J", "reason": RETURNED, "kept": 6.0},
        {"order_id": "K", "reason": "after the last day", "refunded": 9.0},
        {"order_id": "L", "reason": "older copy of an order", "customer_id": "old", "refunded": 1.0},
        {"order_id": "L", "refunded": 1.0, "customer_id": "new"},
        {"order_id": "M", "refunded": 1.0, "paid_at": pd.NaT},
        {"order_id": "N", "reason": "fully refunded", "kept": 0.005, "gross": 50.0},
        gross=0.0, kept=0.0, refunded=0.0, tied=False,
    )  # fmt: skip
    found = returns.of_units(given)
    assert list(found) == ["customer_id", "paid_at", "refunded"]
    assert found.index.tolist() == list(range(len(found)))
    told = [(who, str(day)[5:16], money) for who, day, money in found.itertuples(index=False)]
    assert told == [
        ("amy", "01-03 00:00", 6.0),
        ("amy", "01-04 00:00", 7.0),
        ("amy", "01-05 10:00", 30.0),
        ("amy", "01-05 10:00", 40.0),
        ("amy", "01-05 10:00", 50.0),
        ("new", "01-05 10:00", 1.0),
        ("zoe", "01-05 10:00", 12.0),
    ]


# Copies and versions of orders ------------------------------------------------------------------------------

COPY, OLDER, NO_NUMBER = "duplicate line", "older copy of an order", "no order number"


def settled(*rows, level="order", rounded=(), **more):
    """Settle rows that are no copies of each other unless `copy_of` says so; `rounded` are places."""
    given = units(*[{"copy_of": at} | row for at, row in enumerate(rows)])
    marks = pd.Series([at in rounded for at in range(len(given))], index=given.index)
    return versions.settle(given, level=level, names=FILES, rounded=marks, **more)


def refusal(*rows, **how):
    with pytest.raises(InputError) as refused:
        settled(*rows, **how)
    return str(refused.value)


CORRECT = "these are different orders or damaged rows; correct them or export again."
ROUNDED = "Excel has rounded the order numbers; export again and do not open the file in Excel before."


def test_an_order_that_stands_twice_counts_once():
    same = {"order_id": "A"}
    found = settled(
        same, same | {"copy_of": 0}, same | {"title": "ring"}, {"order_id": None}, {"order_id": None}
    )
    assert reasons(found) == [None, COPY, COPY, NO_NUMBER, NO_NUMBER]
    assert found["n_rows"].tolist() == [1] * 5 and not found["rounded"].any()
    # the copy in another file too
    assert reasons(settled(same, same | {"file": 1, "copy_of": 0})) == [None, COPY]


def test_one_number_of_different_orders_is_refused_with_what_differs():
    said = refusal(
        {"order_id": "A"},
        {"order_id": "B", "refund": np.nan},
        {"order_id": "B", "refund": 0.0, "customer_id": "eve"},
        {"order_id": "C"},
        {"order_id": "C", "total": 5.0, "state": "closed", "paid_at": DAY + pd.Timedelta("1s")},
    )
    assert said == (
        "2 order number(s) stand on rows that differ in customer_id, refund, first row 3 of may.csv and row "
        f"4 of may.csv: {CORRECT}"
    )
    # the first order of the file is named, not that of the lowest number
    twice = [{"order_id": name, "amount": amount} for name in ("B", "A") for amount in (1.0, 2.0)]
    assert "first row 2 of may.csv and row 3 of" in refusal(*twice)
    for what, other in (("amount", 11.0), ("total", 1.0), ("state", "closed"), ("paid_at", DAY.floor("D"))):
        said = refusal({"order_id": "A", "file": 1}, {"order_id": "A", "file": 1, what: other}, rounded=[1])
        assert said == (
            f"1 order number(s) stand on rows that differ in {what}, first row 2 of june.csv and row 3 of "
            f"june.csv: {ROUNDED}"
        )


def test_two_files_may_differ_in_what_changes_and_not_in_buyer_or_minute():
    two = {"order_id": "A", "file": 0}, {"order_id": "A", "file": 1}
    for change in ({"customer_id": "eve"}, {"paid_at": DAY + pd.Timedelta("1min")}):
        said = refusal(two[0], two[1] | change)
        assert said == (
            f"1 order number(s) stand on rows that differ in {next(iter(change))}, first row 2 of may.csv "
            f"and row 3 of june.csv: {CORRECT}"
        )
    for change in ({"customer_id": None}, {"paid_at": DAY + pd.Timedelta("59s")}, {"paid_at": pd.NaT}):
        assert reasons(settled(two[0], two[1] | change)) == [OLDER, None]


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({"has_time": False, "paid_at": pd.NaT}, {"has_time": True}),
        ({"state": "unpaid"}, {"state": ""}),
        ({"state": ""}, {"state": "refunded"}),
        ({"state": ""}, {"state": "closed"}),
        ({"refund": 1.0}, {"refund": 2.0}),
        ({"refund": np.nan}, {"refund": 0.5}),
        ({"state": "", "refund": 9.0}, {"state": "closed", "refund": 0.0}),
        ({"has_time": False, "paid_at": pd.NaT, "state": "closed"}, {"has_time": True, "state": "unpaid"}),
    ],
)
def test_the_later_state_wins_in_either_order_of_files(older, newer):
    first, second = {"order_id": "A", "file": 0}, {"order_id": "A", "file": 1}
    assert reasons(settled(first | older, second | newer)) == [OLDER, None]
    assert reasons(settled(first | newer, second | older)) == [None, OLDER]


def test_of_equal_states_the_last_file_wins_and_the_other_is_a_copy():
    first, second = {"order_id": "A", "status": "sent"}, {"order_id": "A", "file": 1, "status": "sent"}
    third = {"order_id": "B"}
    assert reasons(settled(second | {"file": 0}, third, first | {"file": 1})) == [COPY, None, None]
    assert reasons(settled(second, third, first)) == [None, None, COPY]
    assert reasons(settled(first, second | {"status": "arrived"})) == [OLDER, None]
    assert reasons(settled(first, second | {"total": 3.0})) == [OLDER, None]
    assert reasons(settled(first, second | {"amount": 11.0})) == [OLDER, None]
    found = settled(first, second, third)
    assert found.index.tolist() == [3, 4, 5] and found["unit"].tolist() == ["A", "A", "B"]


SHARED = {"order_id": "A", "told_state": True}


def test_lines_that_share_an_orders_cells_are_put_together():
    found = settled(
        SHARED | {"amount": np.nan, "customer_id": None, "title": "ring"},
        SHARED | {"refund": 5.0, "title": "chain", "is_gift": True},
        {"order_id": "B", "amount": np.nan, "bad_money": True, "state": "closed"},
        {"order_id": "B", "has_time": False, "paid_at": pd.NaT},
        {"order_id": "A", "file": 1},
        {"order_id": None},
        level="cells", rounded=[3],
    )  # fmt: skip
    told = found.set_index(pd.Index(range(4)))
    assert told["order_id"].tolist()[:3] == ["A", "B", "A"] and told["order_id"].isna()[3]
    assert told["n_rows"].tolist() == [2, 2, 1, 1]
    assert reasons(found) == [None, None, OLDER, NO_NUMBER]
    assert told.loc[:1, "amount"].tolist() == [10.0, 10.0] and told.at[0, "refund"] == 5.0
    assert told["customer_id"].tolist() == ["amy"] * 4 and told.at[0, "title"] == "ring"
    assert told["is_gift"].tolist() == [True, False, False, False]
    assert told["bad_money"].tolist() == [False, True, False, False]
    assert told["has_time"].tolist() == [True] * 4
    assert told["told_state"].tolist() == [True, False, False, False]
    assert told["rounded"].tolist() == [False, True, False, False]
    assert told["state"].tolist() == ["", "closed", "", ""]
    assert told["row"].tolist() == [2, 4, 6, 7]


def test_shared_cells_that_differ_are_refused():
    for what, values in (
        ("amount", (1.0, 2.0)), ("total", (1.0, 2.0)), ("refund", (1.0, 2.0)), ("customer_id", ("a", "b")),
        ("paid_at", (DAY, DAY + pd.Timedelta("1s"))), ("state", ("", "closed")),
    ):  # fmt: skip
        one, two = ({**SHARED, what: value} for value in values)
        assert refusal(one, two, {"order_id": "B"}, level="cells") == (
            f"1 order number(s) stand on rows that differ in {what}, first row 2 of may.csv and row 3 of "
            f"may.csv: {CORRECT}"
        )
    # two differences of one order are one order
    one, two = SHARED | {"amount": 1.0, "total": 1.0}, SHARED | {"amount": 2.0, "total": 2.0}
    assert refusal(one, two, level="cells").startswith(
        "1 order number(s) stand on rows that differ in amount, total,"
    )


def test_refunds_of_items_are_added_up():
    found = settled(
        SHARED | {"refund": 1.0}, SHARED | {"refund": 2.5}, SHARED, {"order_id": "B"},
        {"order_id": "C", "refund": 4.0}, {"order_id": "C"},
        level="cells", refund_is_of="item",
    )  # fmt: skip
    assert found["refund"].fillna(-1).tolist() == [3.5, -1, 4.0]


def test_lines_of_one_file_are_units_of_their_own():
    line = {"order_id": "A", "title": "ring"}
    found = settled(line, line, line | {"copy_of": 0}, {"order_id": None}, level="line")
    assert reasons(found) == [None, None, COPY, NO_NUMBER]
    found = settled(line, line | {"amount": 99.0, "state": "closed"}, level="line")
    assert reasons(found) == [None, None]


def test_lines_of_two_files_meet_by_number_or_by_product_and_place():
    june, july = {"order_id": "A"}, {"order_id": "A", "file": 1}
    ring, chain = {"title": "ring"}, {"title": "chain"}
    found = settled(
        june | ring, june | chain, july | chain | {"state": "refunded"}, july | ring, level="line"
    )
    assert reasons(found) == [COPY, OLDER, None, None]
    found = settled(june | ring, june | ring, july | ring, level="line")
    assert reasons(found) == [COPY, None, None]
    for apart in (
        ({"sku": "x"}, {"sku": "y"}),
        ({"sku": "x"}, {"title": "x"}),
        ({"sku": "ab"}, {"sku": "a"}),
    ):
        found = settled(june | apart[0], july | apart[1], level="line")
        assert reasons(found) == [None, None], apart
    assert reasons(
        settled(june | {"sku": "a", "title": "bc"}, july | {"sku": "ab", "title": "c"}, level="line")
    ) == [
        None,
        None,
    ]
    # a line number says more than what the line holds
    found = settled(june | ring | {"line_id": "1"}, july | chain | {"line_id": "1"}, level="line")
    assert reasons(found) == [COPY, None]
    found = settled(
        june | {"line_id": "1"}, june | {"line_id": "2"}, {"order_id": "B", "line_id": "1"}, level="line"
    )
    assert reasons(found) == [None, None, None]
    # within one file too
    found = settled(june | {"line_id": "1"}, june | {"line_id": "1"}, level="line")
    assert reasons(found) == [None, COPY]


def test_lines_of_one_order_have_one_buyer_and_if_it_was_rounded_one_time():
    one, two = {"order_id": "B", "line_id": "1"}, {"order_id": "B", "line_id": "2"}
    other = {"order_id": "A", "customer_id": "bob"}
    assert refusal(other, one, two | {"customer_id": "eve"}, level="line") == (
        "1 order number(s) stand on rows that differ in customer_id, first row 3 of may.csv and row 4 of "
        f"may.csv: {CORRECT}"
    )
    later = two | {"paid_at": DAY + pd.Timedelta("1D")}
    assert reasons(settled(other, one, later, level="line")) == [None] * 3
    assert refusal(other, one, later, level="line", rounded=[1, 2]) == (
        f"1 order number(s) stand on rows that differ in paid_at, first row 3 of may.csv and row 4 of "
        f"may.csv: {ROUNDED}"
    )
    # a missing buyer is no other one, and a line left out says nothing
    assert reasons(settled(one, two | {"customer_id": None}, level="line")) == [None] * 2
    four = [one, two | {"customer_id": "eve"}, {"order_id": "C"}, {"order_id": "C", "customer_id": "eve"}]
    said = "2 order number(s) stand on rows that differ in customer_id, first row 2 of may.csv and row {} of"
    assert refusal(*four, level="line").startswith(said.format(3))
    # of orders that lie between each other, the rows of one are named
    assert refusal(*four[::2], *four[1::2], level="line").startswith(said.format(4))


# Cells ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ('="订单号"', "订单号"), ("=订单号", "订单号"), ("'订单号", "订单号"),
        ('"amount "', "amount"), ("' amount", "amount"),
        ("\ufeff订单号\t", "订单号"), ("\u200e金额\u200f", "金额"), ("ＡＢ（元）", "AB(元)"),
        ('"\u200b金额\u200b"', "金额"), ("'\u202a金额\u202c", "金额"),
        (None, ""), (float("nan"), ""), (7, "7"), ("X", "X"), ("XX=XXa", "XX=XXa"), ("a'", "a'"),
    ],
)  # fmt: skip
def test_a_header_is_bared_of_what_protected_it(name, plain):
    assert cells.header(name) == plain


def column(*values):
    return pd.Series(values, index=range(7, 7 + len(values)), dtype="str", name="money")


def test_tidy_text_lost_its_dress_and_stands_where_it_stood():
    given = column(
        '="007"', "'007", " \u200b007\t", '= "007"', "' \u3000x", None, "NULL", "n/a", "——", "-", "--",
        "nano", "007", '="null"', '="a"b"', "X", 'x="1"',
    )  # fmt: skip
    found = cells.tidy(given)
    assert found.index.equals(given.index) and found.name == "money"
    assert [None if pd.isna(one) else one for one in found] == [
        "007", "007", "007", '= "007"', "x", None, None, None, None, None, None, "nano", "007",
        None, 'a"b', "X", 'x="1"',
    ]  # fmt: skip


def test_words_of_a_whole_cell_are_found_case_apart():
    given = column(
        "Refunded", "refunded in part", "REFUNDED", None, "a.b", "axb", "退款成功", "未退款", "straße"
    )
    assert cells.says(given, ("refunded",)).tolist() == [True, False, True] + [False] * 6
    assert cells.says(given, ("a.b", "Refunded*")).tolist() == [True, True, True, False, True] + [False] * 4
    assert cells.says(given, ("退款*",)).tolist() == [False] * 6 + [True, False, False]
    assert cells.says(given, ("STRASSE",)).tolist() == [False] * 8 + [True]
    nothing = cells.says(column(None, None), ("x",))
    assert nothing.tolist() == [False, False] and nothing.index.tolist() == [7, 8]
    assert cells.says(given, ()).tolist() == [False] * 9 and cells.says(given, ()).dtype == bool


def test_wide_forms_and_digits_of_any_script_are_narrowed():
    given = column(
        "１２．５",
        "￥５",
        "٣٤",
        "plain",
        None,
        "1\u202f234",
        "1\u2009234",
        "a\u3000b",
        "a\u00a0b",
        "￡！～",
        "元",
    )
    expected = ["12.5", "¥5", "34", "plain", None, "1 234", "1 234", "a b", "a b", "£!~", "元"]
    found = cells.narrow(given)
    assert [None if pd.isna(one) else one for one in found] == expected
    assert found.index.equals(given.index)
    plain = column("a", None)
    assert cells.narrow(plain) is plain


def test_a_cell_names_its_currency():
    signs = {
        "￥12": "CNY", "¥12": "CNY", "12元": "CNY", "RMB 12": "CNY", "£1": "GBP", "1€": "EUR", "$3": "USD",
        "US$3": "USD", "HK$9": "HKD", "NT$9": "TWD", "A$5": "A$", "JPY 12": "JPY", "12 JPY": "JPY",
        "12JPY": "JPY", "CNY -5": "CNY", "CNY.5": "CNY", "JPY": None, "12": None, "a": None,
    }  # fmt: skip
    found = cells.currencies(column(*signs, None))
    assert [None if pd.isna(one) else one for one in found] == [*signs.values(), None]
    assert found.index.tolist()[0] == 7 and found.name == "money"


def test_money_is_read_row_by_row_and_too_much_is_not_believed():
    texts = ["12.50", "￥1,234.50", None, "12.50", "x", "(3)", "￥(3)", "(￥3)", "+4", "- 4", "+ 4", "1e12",
             "999999999999.99", "-1e12", "1 234", "12 34", "+6E\t6", "￥+6E 6", "5 元 6", "1,23",
             "12,345,678", "-1,234.5", "1234,567", "￥12元", "(5", "(1,000)", "5\n6", "(5\n)"]  # fmt: skip
    money = [12.5, 1234.5, None, 12.5, None, -3, -3, -3, 4, -4, 4, None,
             999999999999.99, None, 1234, None, None, None, None, None, 12345678,
             -1234.5, None, 12, None, -1000, None, None]  # fmt: skip
    found = cells.money(column(*texts))
    told = dict(zip(texts, [None if np.isnan(one) else one for one in found], strict=True))
    assert told == dict(zip(texts, money, strict=True))
    assert found.dtype == float and found.index[0] == 7 and found.name == "money"
    assert cells.money(column("1", "2")).tolist() == [1.0, 2.0]
    assert cells.believed(pd.Series([1e12, -1e12, 1e12 - 1])).fillna(0).tolist() == [0, 0, 1e12 - 1]
