"""Files of points: one history however it is written, and what cannot be right is counted or refused."""

from pathlib import Path

import pandas as pd
import pytest

from clv import Shop, extras, points, tables
from clv.errors import InputError
from clv.extras import Manner
from clv.reading import point_files

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
PLAIN = Manner()
OURS = "customer_id,at,kind,points,reason,expires_on"
CHINESE = "会员号,变动时间,变动类型,变动积分,变动原因,过期时间"


def write(folder: Path, text: str, name: str = "points.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(path, **more) -> point_files.Counted:
    found = point_files.counted(path, manner=PLAIN, **more)
    tables.check(found.table, tables.POINTS)
    return found


def refusal(path) -> str:
    with pytest.raises(InputError) as caught:
        point_files.counted(path, manner=PLAIN)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def brief(found: point_files.Counted) -> list[tuple]:
    table = found.table
    return list(zip(table["customer_id"], table["kind"], table["points"], strict=True))


def padded(rows: str, good: str, count: int = 400) -> str:
    return rows + "".join(good.format(n) for n in range(count))


HISTORY = [("a", "earned", 100.0), ("a", "used", 30.0), ("a", "expired", 70.0), ("b", "adjusted", -5.0)]
FORMS = {
    "ours, no signs": (
        f"{OURS}\na,2026-01-01 10:00,earned,100,purchase,2026-06-30\na,2026-02-01 11:00,used,30,gift,\n"
        "a,2026-07-01 00:05,expired,70,,\nb,2026-07-02 09:00,adjusted,-5,,\n"
    ),
    "ours, with signs": (
        f"{OURS}\na,2026-01-01,Earned,+100,purchase,2026-06-30\na,2026-02-01,used,-30,gift,\n"
        "a,2026-07-01,expired,-70,,\nb,2026-07-02,adjusted,-5,,\n"
    ),
    "a platform's words": (
        f"{CHINESE}\na,2026-01-01 10:00,获得,100,购物,2026-06-30\na,2026-02-01 11:00,兑换,30,礼品,\n"
        "a,2026-07-01 00:05,过期,70,,\nb,2026-07-02 09:00,调整,-5,,\n"
    ),
    "in and out, told by the reason": (
        f"{CHINESE}\na,2026-01-01 10:00,增加,100,购物,2026-06-30\na,2026-02-01 11:00,减少,30,兑换礼品,\n"
        "a,2026-07-01 00:05,减少,70,积分过期,\nb,2026-07-02 09:00,减少,5,退款扣回,\n"
    ),
    "signs alone": (
        "会员卡号,日期,积分变动,原因,有效期至\na,2026/1/1,100,购物,2026/6/30\na,2026/2/1,-30,兑换礼品,\n"
        "a,2026/7/1,-70,积分到期清零,\nb,2026/7/2,-5,人工调整,\n"
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_one_history_in_every_form_is_one_table(tmp_path, form, encoding):
    found = read(write(tmp_path, FORMS[form], encoding=encoding))
    assert brief(found) == HISTORY
    assert found.table["at"].dt.strftime("%m-%d").tolist() == ["01-01", "02-01", "07-01", "07-02"]
    assert found.table["expires_on"].dropna().tolist() == [pd.Timestamp("2026-06-30")]
    assert found.left_out.empty and found.notes == ()


def test_what_is_earned_for_a_reminder_has_not_expired(tmp_path):
    text = "customer_id,at,points,reason\na,2026-01-01,20,到期提醒奖励\na,2026-02-01,-5,积分过期\n"
    assert brief(read(write(tmp_path, text))) == [("a", "earned", 20.0), ("a", "expired", 5.0)]


def test_points_that_never_expire_have_no_last_day(tmp_path):
    rows = "".join(
        f"k{n},2026-01-01,earned,5,,{word}\n" for n, word in enumerate(["永久有效", "never", "", "——"])
    )
    found = read(write(tmp_path, f"{OURS}\n{rows}"))
    assert found.table["expires_on"].isna().all() and len(found.table) == 4 and not found.notes


WRONG = {
    "unreadable points": "x,2026-01-02,earned,many,,",
    "no readable day": "x,2026-02-30,earned,7,,",
    "unknown kind": "x,2026-01-02,borrowed,7,,",
    "earned, but below 0": "x,2026-01-02,earned,-7,,",
    "sign against the kind": "x,2026-01-02,used,-7,,",
    "expires before it is earned": "x,2026-01-02,earned,7,,2025-12-31",
}


@pytest.mark.parametrize("reason", WRONG)
def test_few_wrong_rows_are_counted_many_are_refused(tmp_path, reason):
    good = "k{0},2026-01-01,earned,5,,\nk{0},2026-01-03,used,2,,\n"
    rows = padded(f"{OURS}\n{WRONG[reason]}\n", good, 60)
    found = read(write(tmp_path, rows))
    assert found.left_out[["reason", "rows"]].to_numpy().tolist() == [[reason, 1]]
    assert found.left_out["points"].tolist() == [0.0 if "points" in reason else 7.0]
    assert found.notes == (f"1 of 121 changes of points were left out: {reason} (1).",)
    assert "x" not in set(found.table["customer_id"])
    said = refusal(write(tmp_path, padded(f"{OURS}\n{WRONG[reason]}\n", good, 45)))
    assert f"({reason}) in 1 of 91 rows, first row 2 of points.csv" in said


def test_a_use_above_0_contradicts_a_file_with_signs(tmp_path):
    good = "k{0},2026-01-01,earned,+5,,\nk{0},2026-01-03,used,-2,,\n"
    found = read(write(tmp_path, padded(f"{OURS}\nx,2026-01-02,used,7,,\n", good, 60)))
    assert found.left_out["reason"].tolist() == ["sign against the kind"]


def test_a_change_of_nothing_is_none_however_often(tmp_path):
    rows = "".join(f"k{n},2026-01-01,earned,{n % 2},,\n" for n in range(10))
    found = read(write(tmp_path, f"{OURS}\n{rows}"))
    assert len(found.table) == 5
    assert found.left_out.to_numpy().tolist() == [["0 points", 5, 0.0]]


def test_a_file_that_cannot_tell_use_from_earning_is_refused(tmp_path):
    said = refusal(write(tmp_path, "customer_id,at,points\na,2026-01-01,100\na,2026-01-02,20\n"))
    assert "kind" in said and "give points a sign" in said


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("customer_id,at,kind", "no column 'points'"),
        ("customer_id,points,kind", "no column 'at'"),
        ("customer_id,at,points,expire_on", "did you mean 'expires_on'?"),
    ],
)
def test_a_column_that_is_missing_or_misspelt_is_told(tmp_path, header, said):
    cells = ",".join(["a", "2026-01-01", "5", "x"][: header.count(",") + 1])
    assert said in refusal(write(tmp_path, f"{header}\n{cells}\n"))


def test_overlapping_files_count_once_and_same_rows_of_a_day_as_often_as_in_one_file(tmp_path):
    row = "a,2026-01-01,earned,5,check-in,\n"
    one = write(tmp_path, f"{OURS}\n{row}{row}b,2026-01-01,earned,9,,\n", "one.csv")
    two = write(tmp_path, f"{OURS}\n{row}c,2026-01-02,earned,4,,\n", "two.csv")
    found = read([one, two])
    assert brief(found) == [
        ("a", "earned", 5.0),
        ("a", "earned", 5.0),
        ("b", "earned", 9.0),
        ("c", "earned", 4.0),
    ]
    assert found.left_out.to_numpy().tolist() == [["stands twice", 1, 5.0]]
    assert "1 changes of points stand twice on a day" in found.notes[-1]
    pd.testing.assert_frame_equal(found.table, read([two, one]).table)


@pytest.mark.parametrize(
    "text",
    [
        f"{OURS}\na,2026-01-01 10:00:05,earned,5,,\na,2026-01-01 10:00:05,earned,5,,\n",
        "customer_id,at,points,流水号\na,2026-01-01,5,77\na,2026-01-01,5,77\nb,2026-01-01,-1,78\n",
    ],
)
def test_a_row_with_its_moment_or_number_counts_once(tmp_path, text):
    found = read(write(tmp_path, text))
    assert brief(found)[0] == ("a", "earned", 5.0)
    assert found.left_out.to_numpy().tolist() == [["stands twice", 1, 5.0]]


def test_changes_at_two_moments_of_a_day_are_two(tmp_path):
    text = f"{OURS}\na,2026-01-01 10:00:05,earned,5,,\na,2026-01-01 18:30:00,earned,5,,\n"
    found = read(write(tmp_path, text))
    assert len(found.table) == 2 and found.notes == ()


def test_the_shop_reads_them_by_its_own_kind_of_customer(tmp_path):
    manner = Manner(kind="phone", platform="youzan")
    text = "客户手机号,变动时间,变动积分\n'10001234567,2026-01-01,5\n+86 10001234567,2026-01-02,-2\n"
    found = extras.points(write(tmp_path, text), manner=manner)
    assert found.table["customer_id"].unique().tolist() == ["10001234567"]
    assert list(found.table) == point_files.COLUMNS


@pytest.mark.parametrize("name", ["department", "gift"])
def test_the_sample_ledgers_are_read_as_planted_and_fit_the_members(name, tmp_path, monkeypatch):
    monkeypatch.setenv("CLV_CACHE", str(tmp_path))
    shop = Shop.open(SAMPLES / "shops.yml", name)
    said = next(note for note in shop.extra_notes() if "changes of points were left out" in note)
    for words in ("unreadable points (1)", "below 0 (2)", "before it is earned (1)", "stands twice (6)"):
        assert words in said
    account = points.lots.of(shop.points(), until=shop.until)
    against = points.balances.against_members(account, shop.members())["customers"]
    assert against["agree"] > 0.99 * len(shop.members()[shop.members()["points"] > 0])
    assert against["only in the ledger"] == against["only in the members file"] == 0
    assert account.beyond.empty
    flows = points.balances.in_all(account)["points"]
    counts = [len(shop.points()), against.sum(), *flows[["earned", "adjusted", "used", "expired", "balance"]]]
    row = " | ".join(f"{count:,.0f}" for count in counts)
    assert f"| {name} | {row} |" in (SAMPLES / "README.md").read_text("utf-8")


@pytest.mark.parametrize("never", ["9999-12-31", "2199年12月31日", "31/12/9999", "21000101", "永久有效"])
def test_a_last_day_in_another_century_means_never(tmp_path, never):
    path = tmp_path / "points.csv"
    path.write_text(f"customer_id,at,kind,points,expires_on\na,2025-01-01,earned,10,{never}\n", "utf-8")
    table, notes = point_files.read(path, manner=Manner())
    assert table["expires_on"].isna().all()
    assert not notes


@pytest.mark.parametrize("last", ["2025-12-31", "20251231", "46022", "46022.0"])
def test_a_last_day_of_this_century_is_one_also_as_excel_counts_days(tmp_path, last):
    path = tmp_path / "points.csv"
    path.write_text(f"customer_id,at,kind,points,expires_on\na,2025-01-01,earned,10,{last}\n", "utf-8")
    assert read(path).table["expires_on"].tolist() == [pd.Timestamp("2025-12-31")]
