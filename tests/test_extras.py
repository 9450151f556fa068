"""Members, contacts and past campaigns: read however they are written, never a consent that nobody gave."""

import re

import pandas as pd
import pytest

from clv import extras, tables
from clv.errors import InputError
from clv.extras import Manner

PHONE, NICK = Manner(kind="phone", platform="youzan"), Manner(kind="nick", platform="taobao")
SENT = "customer_id,channel,at,event"
PAST = "customer_id,campaign,offer,channel,arm,sent_on"


def write(folder, text, name="file.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def refusal(read, *arguments, **more):
    with pytest.raises(InputError) as caught:
        read(*arguments, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_youzan_customer_export_is_read_by_its_own_headers(tmp_path, encoding):
    text = (
        "客户姓名,客户昵称,客户手机号,客户生日,免费等级,付费等级,客户积分,企微好友,允许短信\n"
        '甲某,云朵,\'10001234567\t,1990-05-20,金卡,黑卡,"1,250",是,同意\n'
        "乙某,晨星,+86 10001234568,——,银卡,,0,是,\n"
        "丙某,小满,100******05,1990-01-01,银卡,,0,是,同意\n"
    )
    found = extras.members(write(tmp_path, text, encoding=encoding), manner=PHONE)
    assert found.table.index.tolist() == ["10001234567", "10001234568"]
    assert found.table["consent_sms"].tolist() == [True, False]
    assert found.table.loc["10001234567"].tolist()[1:] == ["05-20", "金卡", 1250.0, "1990s"]
    assert list(found.table) == ["consent_sms", "birthday", "tier", "points", "born"]
    assert found.notes == ("1 of 3 rows of file.csv name no customer and were left out.",)


@pytest.mark.parametrize(
    ("manner", "header", "cell", "means"),
    [
        (NICK, "买家会员名", "\t云朵 很甜", "云朵 很甜"),
        (NICK, "会员名", '="0012"', "0012"),
        (PHONE, "手机号", "+8613900000001", "13900000001"),
        (PHONE, "customer_id", "'139 0000 0001", "13900000001"),
        (Manner(kind="email"), "Email", "A@Example.com", "a@example.com"),
        (Manner(kind="id", header="Client"), "client", "17850.0", "17850"),
        (PHONE, "customer_id", "c_0123456789ab", "c_0123456789ab"),
    ],
)
def test_customers_are_named_as_in_the_orders(tmp_path, manner, header, cell, means):
    quoted = '"' + cell.replace('"', '""') + '"'
    found = extras.members(write(tmp_path, f"{header},tier\n{quoted},x\nzz,y\n"), manner=manner)
    assert means in found.table.index


YES, NO = (
    ["yes", "Y", "TRUE", "1", "1.0", "是", "同意", "已授权"],
    ["no", "N", "False", "0", "否", "未同意", ""],
)


def test_consents_in_all_their_words_and_nothing_is_no(tmp_path):
    rows = [f"k{n},{word}" for n, word in enumerate(YES + NO)]
    table = extras.members(write(tmp_path, "\n".join(["customer_id,consent_wecom", *rows]))).table
    agreed = table["consent_wecom"]
    assert agreed.dtype == "boolean"
    assert [agreed[f"k{n}"] for n in range(len(rows))] == [True] * len(YES) + [False] * len(NO)


@pytest.mark.parametrize("cell", ["maybe", "13900000001", "张三", "2", "yes no"])
def test_a_consent_that_is_neither_is_refused_without_showing_the_cell(tmp_path, cell):
    said = refusal(extras.members, write(tmp_path, f"customer_id,consent_sms\nb,yes\na,{cell}\n"))
    masked = cell[0] + "*" * (len(cell) - 1)
    assert said == (
        f"consent_sms cannot be read in 1 of 2 rows, first row 3 of file.csv ({masked!r}); write yes or no."
    )


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("05-20", "05-20"), ("5月20日", "05-20"), ("1990-05-20", "05-20"), ("1990/5/20", "05-20"),
        ("1990年5月20日", "05-20"), ("19900520", "05-20"), ("1990-05-20 00:00:00", "05-20"),
        ("02-29", "02-29"), ("0000-00-00", None), ("", None),
    ],
)  # fmt: skip
def test_birthdays_lose_their_year(tmp_path, cell, day):
    birthday = extras.members(write(tmp_path, f"customer_id,birthday\na,{cell}\nb,01-01\n")).table["birthday"]
    assert birthday["b"] == "01-01"
    assert birthday["a"] == day if day else pd.isna(birthday["a"])


@pytest.mark.parametrize(
    ("column", "bad", "good"),
    [
        ("birthday", "02-30", "02-28"),
        ("birthday", "05/12", "02-29"),
        ("points", "many", "5"),
        ("points_expire_on", "soon", "2026-12-31"),
    ],
)
def test_few_unreadable_cells_are_empty_and_counted_many_are_refused(tmp_path, column, bad, good):
    rows = [f"k{n},{good}" for n in range(199)]
    few = extras.members(write(tmp_path, "\n".join([f"customer_id,{column}", f"x,{bad}", *rows])))
    assert few.notes == (f"{column} cannot be read in 1 of 200 filled rows and is taken as empty.",)
    assert few.table[column].isna().tolist() == [False] * 199 + [True]
    many = write(tmp_path, "\n".join([f"customer_id,{column}", f"x,{bad}", *rows[:98]]))
    assert refusal(extras.members, many).startswith(
        f"{column} cannot be read in 1 of 99 rows, first row 2 of file"
    )


def test_points_and_their_last_day(tmp_path):
    text = 'customer_id,points,points_expire_on\na,"1,250.5",2026/12/31\nb,-30,2026-12-31 23:59\nc,,\n'
    table = extras.members(write(tmp_path, text)).table
    assert table["points"].fillna(-1).tolist() == [1250.5, 0.0, -1.0]
    assert table["points_expire_on"].dropna().eq(pd.Timestamp("2026-12-31")).tolist() == [True, True]


def test_of_rows_that_differ_the_no_holds_and_nothing_is_guessed(tmp_path):
    rows = ["a,yes,in shop,05-20,gold", "a,no,by phone,05-20,silver", "b,yes,in shop,,gold",
            "b,是,in shop,05-21,gold", "c,yes,in shop,01-01,gold", "c,yes,in shop,01-01,gold",
            "d,yes,in shop,01-01,", "d,,,,"]  # fmt: skip
    texts = [
        "\n".join(["customer_id,consent_sms,consent_basis,birthday,tier", *r]) for r in (rows, rows[::-1])
    ]
    one, other = (extras.members(write(tmp_path, text)) for text in texts)
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.table["consent_sms"].to_dict() == {"a": False, "b": True, "c": True, "d": False}
    assert one.table["birthday"].tolist() == ["05-20", "05-21", "01-01", "01-01"]
    assert one.table["tier"].isna().to_dict() == {"a": True, "b": False, "c": False, "d": True}
    assert one.table["consent_basis"].tolist() == ["by phone; in shop", "in shop", "in shop", "in shop"]
    assert (
        one.notes
        == other.notes
        == (
            "3 customers have several rows that differ; they were put together.",
            "2 of them say both yes and no to a channel; the no holds.",
            "tier differs between the rows of 1 customers and is left empty.",
        )
    )


def test_a_file_without_a_consent_column_says_nothing_against_the_one_that_has_it(tmp_path):
    one = write(tmp_path, "customer_id,consent_sms\na,yes\nb,no\n", "consents.csv")
    two = write(tmp_path, "customer_id,points\na,5\nb,7\nc,9\n", "points.csv")
    table = extras.members([one, two]).table
    assert table["consent_sms"].to_dict() == {"a": True, "b": False, "c": False}
    assert table["points"].tolist() == [5, 7, 9]


def test_excel_files_are_read_too(tmp_path):
    path = tmp_path / "members.xlsx"
    cells = {"customer_id": ["007", "008"], "consent_sms": [True, False], "points": [12.0, None],
             "birthday": pd.to_datetime(["1990-05-20", None])}  # fmt: skip
    pd.DataFrame(cells).to_excel(path, index=False)
    table = extras.members(path).table
    assert table.loc["007"].tolist() == [True, "05-20", 12.0, "1990s"]
    assert table["consent_sms"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("customer_id,consent_smss\na,yes\n", ["'consent_smss'", "did you mean 'consent_sms'?"]),
        ("customer_id,consent sms,Points Expires On\na,yes,\n", ["did you mean 'points_expire_on'?"]),
        ("custmer_id,tier\na,x\n", ["did you mean 'customer_id'?"]),
        ("customer_id,tier,tier\na,x,y\n", ["the column 'tier' twice"]),
        ("name,tier\na,x\n", ["no column 'customer_id' (or 'customerid'", "by id"]),
        ("customer_id,colour\na,red\n", ["says nothing about members", "consent_sms"]),
        ("customer_id,tier\nnull,x\n——,y\n", ["not one of 2 rows", "by id"]),
        ("customer_id,tier\n1.2E+18,x\n2,y\n", ["Excel has rounded the customer ids of 1 rows"]),
        ("", ["is empty"]),
    ],
)
def test_a_members_file_that_is_not_right_is_one_sentence(tmp_path, text, words):
    said = refusal(extras.members, write(tmp_path, text))
    assert all(word in said for word in ["file.csv", *words]), said


def test_columns_that_are_not_ours_are_passed_over(tmp_path):
    text = (
        "customer_id,tier,tiers,consent_sms,consent_sms_at,consent_app,note\na,x,1,yes,2025-01-01,no,hello\n"
    )
    assert list(extras.members(write(tmp_path, text)).table) == ["consent_sms", "tier"]


def test_contacts_in_both_languages_by_time_and_each_once(tmp_path):
    one = write(tmp_path, f"{SENT},campaign,runs_until\nb,sms,2026-06-02 19:05,sent,618,2026/6/20\n"
                          "a,Phone,2026-06-01,Opted_Out,,\n", "one.csv")  # fmt: skip
    two = write(tmp_path, "会员号,渠道,时间,事件,活动,活动结束日\n"
                          "b,短信,2026-06-02 19:05,发送,618,2026-06-20\n"
                          "b,企业微信,2026年6月3日,投诉,,\n", "two.csv", "gb18030")  # fmt: skip
    table = extras.contacts([one, two]).table
    assert table["customer_id"].tolist() == ["a", "b", "b"]
    assert table["channel"].tolist() == ["phone", "sms", "wecom"]
    assert table["event"].tolist() == ["opted_out", "sent", "complained"]
    assert table["at"].dt.strftime("%m-%d %H:%M").tolist() == ["06-01 00:00", "06-02 19:05", "06-03 00:00"]
    assert table["runs_until"].dt.strftime("%Y-%m-%d").tolist()[1] == "2026-06-20"
    assert table["campaign"].isna().tolist() == [True, False, True]


def test_the_words_of_contacts_are_those_of_the_contract():
    headers = extras.extra_headers
    assert tuple(headers.EVENTS) == tables.EVENTS
    assert tuple(headers.CHANNELS) == tables.CHANNELS
    assert {f"consent_{channel}" for channel in tables.CHANNELS} == set(headers.CONSENTS)
    assert {*headers.MEMBERS, "born"} == set(tables.MEMBERS.columns)  # born comes with a birthday
    assert ["customer_id", *headers.CONTACTS] == list(tables.CONTACTS.columns)
    assert ["customer_id", *headers.PAST] == list(extras.PAST_CAMPAIGNS.columns)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "a,letter,2026-06-01,sent",
            "channel cannot be read in 1 of 2 rows, first row 3 of file.csv ('l*****')",
        ),
        ("a,sms,2026-06-01,called", "event cannot be read"),
        ("a,sms,2026-02-30,sent", "at cannot be read"),
        ("a,,2026-06-01,opted_out", "channel is empty in 1 of 2 rows, first row 3 of file.csv; fill it"),
        ("a,sms,,opted_out", "at is empty"),
        ("a,sms,2026-06-01,", "event is empty"),
    ],
)
def test_a_contact_that_cannot_be_read_is_refused(tmp_path, row, words):
    said = refusal(extras.contacts, write(tmp_path, f"{SENT}\nb,sms,2026-06-01,sent\n{row}\n"))
    assert words in said


def test_a_last_day_that_cannot_be_read_is_refused(tmp_path):
    said = refusal(extras.contacts, write(tmp_path, f"{SENT},runs_until\na,sms,2026-06-01,sent,soon\n"))
    assert said.startswith("runs_until cannot be read")


@pytest.mark.parametrize("column", ["channel", "at", "event"])
def test_contacts_need_their_columns(tmp_path, column):
    text = SENT.replace(f",{column}", ",other") + "\na,sms,2026-06-01,sent\n"
    assert f"no column {column!r}" in refusal(extras.contacts, write(tmp_path, text))


def test_contacts_follow_the_orders_date_format_and_time_zone(tmp_path):
    manner = Manner(date_format="%d/%m/%Y %H:%M", timezone="Asia/Shanghai")
    rows = "a,sms,03/04/2026 19:05,sent\nb,sms,03/04/2026,sent\nc,sms,2026-04-03T11:05:00Z,sent\n"
    found = extras.contacts(write(tmp_path, f"{SENT}\n{rows}"), manner=manner).table.set_index("customer_id")
    assert found["at"].astype(str).to_dict() == {
        "a": "2026-04-03 19:05:00", "b": "2026-04-03 00:00:00", "c": "2026-04-03 19:05:00",
    }  # fmt: skip


def test_past_campaigns(tmp_path):
    rows = "b,spring,gift,sms,发送,2026-03-10,lost\na,spring,,,对照,2026/3/10,\na,spring,,,对照,2026/3/10,\n"
    table = extras.past_campaigns(write(tmp_path, f"{PAST},segment\n{rows}")).table
    assert table["customer_id"].tolist() == ["a", "b"]
    assert table["arm"].tolist() == ["control", "send"]
    assert table["sent_on"].eq(pd.Timestamp("2026-03-10")).all()
    without = extras.past_campaigns(write(tmp_path, f"{PAST}\nb,spring,gift,sms,send,2026-03-10\n")).table
    assert list(without) == list(table) and without["segment"].isna().all()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (
            "b,spring,gift,sms,control,2026-03-10",
            "campaign names a customer twice in 1 of 2 rows, first row 3",
        ),
        ("a,spring,gift,sms,both,2026-03-10", "arm cannot be read"),
        ("a,spring,gift,,send,2026-03-10", "channel is empty"),
        ("a,spring,,sms,send,2026-03-10", "offer is empty"),
        ("a,,gift,sms,send,2026-03-10", "campaign is empty"),
        ("a,spring,gift,sms,send,", "sent_on is empty"),
        ("a,spring,gift,sms,send,then", "sent_on cannot be read"),
    ],
)
def test_a_past_campaign_that_is_not_right_is_refused(tmp_path, row, words):
    said = refusal(
        extras.past_campaigns, write(tmp_path, f"{PAST}\nb,spring,gift,sms,send,2026-03-10\n{row}\n")
    )
    assert words in said


def test_what_is_read_keeps_the_contracts(tmp_path):
    for contract in (tables.CONTACTS, extras.PAST_CAMPAIGNS):
        assert extras.nothing(contract).table.empty
        tables.check(extras.nothing(contract).table, contract)


def test_the_share_of_members_that_the_orders_know():
    customers = pd.DataFrame(index=pd.Index(["a", "b"], name="customer_id"))
    members = pd.DataFrame(index=pd.Index(["b", "c", "d", "e"], name="customer_id"))
    assert extras.met(members, customers) == 0.25
    assert extras.met(members.iloc[:0], customers) == 0.0


def test_no_error_shows_a_phone_a_name_or_an_id(tmp_path):
    cells = ["+86 13912345678", "张三丰", "openid-abcdef"]
    for column in ("consent_sms", "birthday", "points", "points_expire_on"):
        for cell in cells:
            said = refusal(extras.members, write(tmp_path, f"customer_id,{column}\n{cell},{cell}\n"))
            assert not re.search("139123|张三|openid", said)
