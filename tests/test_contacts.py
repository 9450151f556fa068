"""Contacts: one history however it is written, and nothing passed over; the funnel counts, and no more."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv import Shop, extras, shopfile, tables
from clv.commands.cli_lists import _files_of
from clv.declaring.paths import ByChannel
from clv.errors import InputError, SettingError
from clv.extras import Manner
from clv.funnel import funnel, shares
from clv.offering.channels import CHANNELS
from clv.reading import extra_headers
from clv.sending import suppression

MESSAGE = "customer_id,sent_at,opened_at,clicked_at,replied_at,opted_out_at,complained_at"
CHINESE = "会员号,发送时间,打开时间,点击时间,回复时间,退订时间,投诉时间"
ANSWERS = tables.EVENTS[1:]


def write(folder: Path, text: str, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def refusal(*paths, error=InputError, **more) -> str:
    with pytest.raises(error) as caught:
        extras.contacts(*paths, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def told(table: pd.DataFrame) -> list[tuple]:
    at = table["at"].dt.strftime("%m-%d %H:%M")
    return list(zip(table["customer_id"], table["channel"], table["event"], at, strict=True))


def history(rng: np.random.Generator, messages: int = 400) -> pd.DataFrame:
    """Return made-up messages: who, channel, campaign, sent_at and when each answer came, if it did."""
    sent_at = pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 150 * 1440, messages), unit="min")
    made = pd.DataFrame(
        {
            "customer_id": [f"k{n:03}" for n in rng.integers(0, 150, messages)],
            "channel": rng.choice(tables.CHANNELS, messages),
            "campaign": rng.choice(["spring", "summer"], messages),
            "sent_at": sent_at,
        }
    )
    made["runs_until"] = made["sent_at"].dt.normalize() + pd.Timedelta(days=9)
    for event, chance in zip(ANSWERS, (0.4, 0.2, 0.1, 0.05, 0.03), strict=True):
        later = sent_at + pd.to_timedelta(rng.integers(1, 3000, messages), unit="min")
        made[f"{event}_at"] = pd.Series(later).where(rng.random(messages) < chance)
    return made


def as_events(messages: pd.DataFrame) -> pd.DataFrame:
    keep = ["customer_id", "channel", "campaign", "runs_until"]
    parts = [messages[keep].assign(event=e, at=messages[f"{e}_at"]) for e in tables.EVENTS]
    return pd.concat(parts).dropna(subset="at")


def saved(table: pd.DataFrame, path: Path, **renamed: str) -> Path:
    table.rename(columns=renamed).to_csv(path, index=False, date_format="%Y-%m-%d %H:%M")
    return path


def test_one_history_in_every_form_is_one_table(tmp_path, rng):
    sent = history(rng)
    events = as_events(sent)
    chinese = dict(zip(MESSAGE.split(","), CHINESE.split(","), strict=True))
    forms = {"events": saved(events, tmp_path / "e.csv"), "messages": saved(sent, tmp_path / "m.csv")}
    forms["chinese"] = saved(sent, tmp_path / "c.csv", channel="渠道", campaign="活动", **chinese)
    for name, table in (("events by channel", events), ("messages by channel", sent)):
        forms[name] = {
            channel: saved(mine.drop(columns="channel"), tmp_path / f"{name} {channel}.csv")
            for channel, mine in table.groupby("channel")
        }
    mixed = {channel: forms["events by channel"][channel] for channel in ("sms", "wecom")}
    forms["mixed"] = forms["messages by channel"] | mixed
    found = {name: extras.contacts(paths) for name, paths in forms.items()}
    first = found["events"].table
    assert len(first) == len(events.drop_duplicates()) > 500
    assert set(first["event"]) == set(tables.EVENTS)
    for name, other in found.items():
        pd.testing.assert_frame_equal(first, other.table, obj=name)
        assert other.notes == ()


def test_no_order_of_files_or_rows_shows_and_files_may_overlap(tmp_path, rng):
    sent = history(rng)
    day = pd.to_timedelta(rng.integers(0, 3, len(sent)), unit="D")
    sent["sent_at"] = pd.Timestamp("2026-06-01") + day  # many at once, in several channels and campaigns
    halves = [sent.iloc[:250], sent.iloc[150:]]
    paths = [saved(half, tmp_path / f"{n}.csv") for n, half in enumerate(halves)]
    paths.append(saved(as_events(sent), tmp_path / "events.csv"))
    whole = extras.contacts(saved(sent, tmp_path / "whole.csv")).table
    shuffled = saved(sent.sample(frac=1, random_state=1), tmp_path / "shuffled.csv")
    for files in (paths, paths[::-1], shuffled, [*paths, shuffled], tmp_path / "[0-9].csv"):
        pd.testing.assert_frame_equal(whole, extras.contacts(files).table)


@pytest.mark.parametrize("header", [MESSAGE, CHINESE, MESSAGE.replace("_", " ").title()])
def test_a_message_and_what_came_of_it(tmp_path, header):
    header = header.replace("Customer Id", "customer_id")
    rows = "b,2026-06-01 19:00,2026/6/1 20:05,2026年6月1日 20:06,,20260603,\na,2026-06-02,,,,,\n"
    found = extras.contacts({"email": write(tmp_path, f"{header}\n{rows}")})
    assert told(found.table) == [
        ("b", "email", "sent", "06-01 19:00"),
        ("b", "email", "opened", "06-01 20:05"),
        ("b", "email", "clicked", "06-01 20:06"),
        ("a", "email", "sent", "06-02 00:00"),
        ("b", "email", "opted_out", "06-03 00:00"),
    ]
    assert found.table["campaign"].isna().all() and found.table["runs_until"].isna().all()


@pytest.mark.parametrize("title", ["replied_at", "回复时间", "replied", "是否回复"])
@pytest.mark.parametrize(
    ("cell", "answered"),
    [("yes", True), ("Y", True), ("是", True), ("1", True), ("1.0", True), ("TRUE", True),
     ("no", False), ("否", False), ("0", False), ("False", False), ("", False), ("--", False)],
)  # fmt: skip
def test_a_yes_counts_at_the_time_of_sending(tmp_path, title, cell, answered):
    text = f"customer_id,sent_at,{title}\na,2026-06-01 19:00,{cell}\n"
    events = told(extras.contacts({"wecom": write(tmp_path, text)}).table)
    expected = {"sent", "replied"} if answered else {"sent"}
    assert set(events) == {("a", "wecom", event, "06-01 19:00") for event in expected}


def test_of_a_yes_and_a_time_the_time_counts_and_no_answer_is_lost(tmp_path):
    rows = (
        "a,2026-06-01,yes,2026-06-04\nb,2026-06-01,yes,\nc,2026-06-01,no,2026-06-05\n"
        "d,2026-06-01,2026-06-06,\ne,2026-06-01,,yes\nf,2026-06-01,no,\n"
    )
    text = f"customer_id,sent_at,opted_out,opted_out_at\n{rows}"
    table = extras.contacts({"sms": write(tmp_path, text)}).table
    out = table[table["event"] == "opted_out"].set_index("customer_id")["at"].dt.day
    assert out.to_dict() == {"a": 4, "b": 1, "c": 5, "d": 6, "e": 1}
    assert (table["event"] == "sent").sum() == 6


@pytest.mark.parametrize("title", ["status", "状态", "发送状态"])
def test_a_message_that_failed_was_not_sent_but_what_came_of_it_counts(tmp_path, title):
    rows = (
        "a,2026-06-01,,送达\nb,2026-06-01,,失败\nc,2026-06-01,2026-06-02,failed\nd,,,发送失败\n"
        "e,2026-06-01,,Delivered\nf,2026-06-01,,\n"
    )
    found = extras.contacts({"sms": write(tmp_path, f"customer_id,sent_at,opted_out_at,{title}\n{rows}")})
    assert [(who, event) for who, _, event, _ in told(found.table)] == [
        ("a", "sent"), ("e", "sent"), ("f", "sent"), ("c", "opted_out"),
    ]  # fmt: skip
    assert found.notes == ("3 of 6 messages of file.csv failed and count as not sent.",)


def test_no_word_means_two_things():
    for meanings in (extra_headers.DELIVERY, extra_headers.YES_OR_NO):
        one, other = ({word, *said} for word, said in meanings.items())
        assert not one & other


def test_times_of_a_file_agree_on_what_is_the_day(tmp_path):
    text = "customer_id,sent_at,opened_at\na,03/04/2026 19:00,04/04/2026 08:00\nb,25/04/2026,\n"
    path = write(tmp_path, text)
    assert told(extras.contacts({"email": path}).table)[1] == ("a", "email", "opened", "04-04 08:00")
    write(tmp_path, text.replace("25/04", "05/04"))
    assert "days and months cannot be told apart" in refusal({"email": path})
    manner = Manner(date_format="%m/%d/%Y %H:%M")
    assert told(extras.contacts({"email": path}, manner=manner).table)[0][3] == "03-04 19:00"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("customer_id,note\na,x\n", ["no column 'at'", "no 'event'", "no 'sent_at' (or", "'发送时间'"]),
        ("customer_id,at\na,2026-06-01\n", ["no column 'event'", "one row per event", "no 'sent_at'"]),
        ("customer_id,event\na,sent\n", ["no column 'at'", "one row per event", "no 'sent_at'"]),
        ("customer_id,at,opened\na,2026-06-01,yes\n", ["no column 'event'", "no 'sent_at'"]),
        ("customer_id,send_att\na,2026-06-01\n", ["'send_att'; did you mean 'sent_at'?"]),
        ("customer_id,sent_at,event\na,2026-06-01,opened\n", ["'event', of one row per event", "'sent_at'"]),
        ("customer_id,at,事件,退订时间\na,2026-06-01,打开,\n", ["'事件'", "'退订时间', of one row"]),
        ("customer_id,sent_at,open_at\na,2026-06-01,\n", ["'open_at'; did you mean 'opened_at'?"]),
        ("customer_id,sent_at\na,\nb,2026-06-01\n", ["sent_at is empty in 1 of 2 rows, first row 2"]),
        ("customer_id,sent_at,status,replied\na,,failed,yes\n", ["sent_at is empty in 1 of 1 rows"]),
        ("customer_id,sent_at\na,soon\n", ["sent_at cannot be read", "such as 2026-06-30 19:05."]),
        ("customer_id,sent_at,clicked_at\na,2026-06-01,perhaps\n", ["clicked_at cannot be", "yes or no"]),
        ("customer_id,sent_at,opted_out\na,2026-06-01,2026-02-30\n", ["opted_out cannot be read in 1 of 1"]),
        ("customer_id,sent_at,状态\na,2026-06-01,未知\n", ["status cannot be read", "delivered or failed"]),
        ("customer_id,sent_at,runs_until\na,2026-06-01,soon\n", ["runs_until cannot be read"]),
        ("customer_id,sent_at,channel\na,2026-06-01,wecom\n", ["channel is not the one", "in 1 of 1 rows"]),
        ("customer_id,sent_at,channel\na,2026-06-01,pigeon\n", ["channel cannot be read", "sms or wecom"]),
        ("name,sent_at\na,2026-06-01\n", ["no column 'customer_id'"]),
        ("customer_id,sent_at,replied,replied\na,2026-06-01,,\n", ["the column 'replied' twice"]),
        ("customer_id,sent_at\n", ["leave `contacts:` out"]),
    ],
)  # fmt: skip
def test_what_a_file_of_messages_must_not_be(tmp_path, text, words):
    said = refusal({"sms": write(tmp_path, text)})
    assert all(word in said for word in ["file.csv", *words]), said


def test_a_column_of_channels_that_agrees_may_stay_and_without_a_name_it_must(tmp_path):
    path = write(tmp_path, "customer_id,sent_at,渠道\na,2026-06-01,短信\nb,2026-06-01,\n")
    assert extras.contacts({"sms": path}).table["channel"].tolist() == ["sms", "sms"]
    assert "channel is empty in 1 of 2 rows" in refusal(path)
    bare = write(tmp_path, "customer_id,sent_at\na,2026-06-01\n", "bare.csv")
    assert "bare.csv has no column 'channel'" in refusal([path, bare])


def test_a_file_is_of_one_channel_and_a_channel_one_of_ours(tmp_path):
    path = write(tmp_path, "customer_id,sent_at\na,2026-06-01\n")
    assert refusal({"sms": path, "email": str(tmp_path / "*.csv")}) == (
        "file.csv is named for sms and for email; keep one."
    )
    assert len(extras.contacts({"sms": [path, str(tmp_path / "*.csv")]}).table) == 1
    assert refusal({"emial": path}, error=SettingError).endswith("did you mean 'email'?")
    assert "contacts.sms" in refusal({"sms": tmp_path / "none.csv"})


def test_the_words_of_messages_are_those_of_the_contract():
    assert tuple(ByChannel.model_fields) == tables.CHANNELS
    assert tuple(extra_headers.ANSWERED) == ANSWERS
    assert tuple(extra_headers.ANSWERED_AT) == tuple(f"{event}_at" for event in ANSWERS)


def test_no_error_shows_a_phone_a_name_or_an_id(tmp_path):
    cells = ["+86 13912345678", "张三丰", "openid-abcdef"]
    columns = ["sent_at", "opened_at", "opted_out", "status", "channel", "runs_until"]
    for column in columns:
        for cell in cells:
            row = {"customer_id": cell, "sent_at": "2026-06-01", column: cell}
            path = saved(pd.DataFrame([row]), tmp_path / "file.csv")
            said = refusal({"sms": path})
            assert column in said and not re.search("139123|张三|openid", said), said


ORDERS = "number,client,paid,amount\n1,NA,2025-01-01,9\n2,0007,2025-01-03,8\n3,0008,2025-02-03,7\n"
SHOP = (
    "shops:\n  gold:\n    platform: csv\n    orders: orders.csv\n"
    "    columns: {order_id: number, customer_id: client, paid_at: paid, amount: amount}\n"
)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CLV_CACHE", str(tmp_path / "cache"))
    write(tmp_path, ORDERS, "orders.csv")
    write(tmp_path, "client,channel,at,event\n0007,sms,2025-02-02,sent\n", "old.csv")
    write(tmp_path, "client,sent_at,opted_out\n0007,2025-02-02,是\n", "sms1.csv")
    write(tmp_path, "client,sent_at\n0008,2025-02-03\n", "sms2.csv")
    write(tmp_path, "client,at,event\n0007,2025-02-04,sent\n", "wecom.csv")
    return tmp_path


def shop(folder: Path, contacts: str) -> Shop:
    return Shop.open(write(folder, f"{SHOP}    contacts: {contacts}\n", "shops.yml"), "gold")


@pytest.mark.parametrize(
    ("contacts", "files"),
    [
        ("old.csv", ["old.csv"]),
        ("[old.csv]", ["old.csv"]),
        ("old*.csv", ["old.csv"]),
        ("{sms: sms*.csv, wecom: [wecom.csv]}", ["sms1.csv", "sms2.csv", "wecom.csv"]),
        ("{wecom: wecom.csv, sms: [sms2.csv, sms1.csv]}", ["sms2.csv", "sms1.csv", "wecom.csv"]),
    ],
)
def test_all_files_of_every_form_are_known(folder, contacts, files):
    opened = shop(folder, contacts)
    assert [path.name for path in opened.file.extra_files("gold", "contacts")] == files
    assert {path.name for path in _files_of(opened.file)} >= {"orders.csv", *files}
    before = opened.fingerprint()
    for name in files:
        write(folder, (folder / name).read_text("utf-8") + "\n", name)
        after = shop(folder, contacts).fingerprint()
        assert after != before
        before = after


def test_a_file_named_for_another_channel_is_another_history(folder):
    one, other = shop(folder, "{sms: sms*.csv}"), shop(folder, "{email: sms*.csv}")
    assert one.fingerprint() != other.fingerprint()
    assert set(one.contacts()["channel"]) == {"sms"} and set(other.contacts()["channel"]) == {"email"}


def test_contacts_of_each_channel_meet_the_orders_under_their_pseudonyms(folder):
    opened = shop(folder, "{sms: sms*.csv, wecom: wecom.csv}")
    who = opened.orders().set_index("order_id")["customer_id"]
    assert [(a, b, c) for a, b, c, _ in told(opened.contacts())] == [
        (who["2"], "sms", "opted_out"),
        (who["2"], "sms", "sent"),
        (who["3"], "sms", "sent"),
        (who["2"], "wecom", "sent"),
    ]


def test_notes_and_errors_of_messages_reach_the_shop(folder):
    write(folder, "client,sent_at,status\n0007,2025-02-02,失败\n0007,2025-02-02,成功\n", "sms1.csv")
    opened = shop(folder, "{sms: sms1.csv}")
    assert opened.extra_notes() == ("1 of 2 messages of sms1.csv failed and count as not sent.",)
    write(folder, "client,sent_at,opened_at\n0007,2025-02-02,13900000000\n", "sms1.csv")
    with pytest.raises(InputError, match=r"^shops\.yml, shop 'gold', contacts: opened_at cannot") as caught:
        shop(folder, "{sms: sms1.csv}").contacts()
    assert "0007" not in str(caught.value) and "139" not in str(caught.value)
    with pytest.raises(InputError, match=r"^shops\.yml, shop 'gold', contacts\.wecom: there is no file"):
        shop(folder, "{sms: sms1.csv, wecom: none.csv}").contacts()


@pytest.mark.parametrize(
    ("contacts", "words"),
    [
        ("{smss: a.csv}", ["unknown key 'contacts.smss'", "did you mean 'sms'?"]),
        ("{sms: a.csv, e-mail: b.csv}", ["'contacts.e-mail'", "did you mean 'email'?"]),
        ("{letter: a.csv}", ["'contacts.letter'", "known: email, phone, sms, wecom"]),
        ("{sms: 5}", ["contacts.sms is 5"]),
        ("{sms: []}", ["contacts.sms is []", "should not be empty"]),
        ("{}", ["contacts names no channel", "sms, wecom, phone, email"]),
        ("{sms: }", ["contacts names no channel"]),
        ("[]", ["contacts is []"]),
        ("5", ["contacts is 5"]),
    ],
)
def test_a_shop_file_that_names_contacts_wrongly(tmp_path, contacts, words):
    path = write(tmp_path, f"{SHOP}    contacts: {contacts}\n", "shops.yml")
    with pytest.raises(SettingError) as caught:
        shopfile.load(path)
    assert all(word in str(caught.value) for word in ["shops.yml, line 6, shop 'gold'", *words])


def test_opt_outs_and_caps_of_a_file_of_messages_suppress(tmp_path):
    rows = "out,2026-01-05,,是,\nlate,2026-06-24,,,送达\nfailed,2026-06-24,,,失败\nold,2026-06-23,,,送达\n"
    rows += "lost,2026-06-24,2026-06-24,是,失败\ncomplains,2026-05-01,2026-05-02,,\n"
    header = "customer_id,发送时间,投诉时间,是否退订,状态"
    contacts = extras.contacts({"sms": write(tmp_path, f"{header}\n{rows}")}).table
    people = pd.DataFrame(index=["out", "late", "failed", "old", "lost", "complains", "new"])
    found = suppression.allowed(
        people,
        channels={name: CHANNELS[name] for name in ("sms", "email")},
        on=date(2026, 6, 30),
        members=None,
        contacts=contacts,
        orders=pd.DataFrame(
            {"customer_id": pd.Series(dtype="str"), "paid_at": pd.Series(dtype="datetime64[ns]")}
        ),
        returns=None,
        require_consent=False,
    )
    assert people.index[found.allowed["sms"]].tolist() == ["failed", "old", "new"]
    assert people.index[~found.allowed["email"]].tolist() == ["lost", "complains"]
    by_sms = found.reasons[found.reasons["channel"] == "sms"].set_index("reason")["customers"]
    assert by_sms["opted out of it"] == 2 and by_sms["has had as many messages as its caps allow"] == 1


def contacts_of(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "channel", "at", "event"])
    return table.assign(at=pd.to_datetime(table["at"]), campaign=None, runs_until=pd.NaT)


FEW = contacts_of(
    ("a", "email", "2026-06-01 10:00", "sent"),
    ("a", "email", "2026-06-02 10:00", "sent"),
    ("a", "email", "2026-06-02 11:00", "opened"),
    ("a", "email", "2026-06-02 12:00", "opened"),
    ("b", "email", "2026-06-30 23:59", "sent"),
    ("b", "email", "2026-07-01 00:10", "clicked"),
    ("c", "email", "2026-06-05 10:00", "opened"),
    ("a", "sms", "2026-06-05 10:00", "sent"),
    ("d", "sms", "2026-05-31 23:59", "sent"),
    ("d", "sms", "2026-06-01 00:00", "opted_out"),
    ("b", "sms", "2026-06-06 09:00", "opted_out"),  # sent something, but by another channel
)


def test_a_funnel_by_hand():
    found = funnel(FEW, since="2026-06-01", until=date(2026, 6, 30), ordered={"b", "c", "z"})
    assert found["channel"].tolist() == ["sms", "email"]
    sms, email = found.set_index("channel").T.to_dict().values()
    none = {"replied": None, "complained": None}
    known = {name: None if pd.isna(value) else value for name, value in email.items()}
    assert known == none | {
        "sent": 2,
        "opened": 1,
        "clicked": 0,
        "opted_out": None,
        "ordered": 1,
        "unsent": 1,
    }
    known = {name: None if pd.isna(value) else value for name, value in sms.items()}
    assert known == none | {
        "sent": 1, "opened": None, "clicked": None, "opted_out": 0, "ordered": 0, "unsent": 2,
    }  # fmt: skip
    later = funnel(FEW, since="2026-07-01").set_index("channel").loc["email"]
    assert (later["sent"], later["clicked"], later["unsent"]) == (0, 0, 1)
    assert "ordered" not in funnel(FEW)
    assert funnel(FEW, among=["c"])["unsent"].tolist() == [0, 1]


def test_shares_have_the_published_intervals_of_wilson():
    # Newcombe (1998, Statistics in Medicine 17:857), table I, method 3
    published = {"opened": (81, 263, 0.2553, 0.3662), "clicked": (15, 148, 0.0624, 0.1605),
                 "replied": (0, 20, 0.0, 0.1611), "ordered": (1, 29, 0.0061, 0.1718)}  # fmt: skip
    for step, (hits, n, low, high) in published.items():
        found = shares(pd.DataFrame({"channel": ["email"], "sent": [n], step: [hits], "unsent": [7]}))
        assert found[["channel", "step", "customers", "sent"]].iloc[0].tolist() == ["email", step, hits, n]
        assert found[["share", "low", "high"]].iloc[0].tolist() == pytest.approx(
            [hits / n, low, high], abs=5e-5
        )


def test_shares_keep_the_order_of_channels_and_steps():
    counts = pd.DataFrame(
        {"channel": ["sms", "email"], "sent": [0, 9], "opened": [0.0, 8.0], "ordered": [0, 0], "unsent": 1}
    )
    found = shares(counts)
    assert found[["channel", "step"]].to_numpy().tolist() == [
        ["sms", "opened"], ["sms", "ordered"], ["email", "opened"], ["email", "ordered"],
    ]  # fmt: skip
    assert found.loc[:1, ["share", "low", "high"]].isna().all(axis=None)


def test_of_what_a_channel_does_not_tell_the_share_is_missing():
    found = shares(funnel(FEW)).set_index(["channel", "step"])
    assert found.loc[("sms", "opened"), ["customers", "share", "low", "high"]].isna().all()
    assert found.loc[("email", "opened"), ["customers", "share"]].tolist() == [1, 0.5]


@pytest.fixture
def many(rng) -> pd.DataFrame:
    table = tables.check(as_events(history(rng, 900)).reset_index(drop=True), tables.CONTACTS)
    silent = (table["channel"] == "sms") & table["event"].isin(["opened", "clicked"])
    return table[~silent & (rng.random(len(table)) < 0.8)].reset_index(
        drop=True
    )  # some answers lose their message


def test_nobody_is_counted_twice_or_lost(many):
    span = {"since": "2026-02-01", "until": "2026-04-30"}
    found = funnel(many, ordered=many["customer_id"].unique()[::2], **span)
    assert found["channel"].tolist() == list(tables.CHANNELS)
    steps = found.drop(columns=["channel", "sent", "unsent"])
    assert steps.le(found["sent"], axis=0).where(steps.notna(), other=True).all(axis=None)
    assert steps.isna().sum().to_dict() == dict.fromkeys(steps, 0) | {"opened": 1, "clicked": 1}
    assert steps.gt(0).any().all() and found["unsent"].gt(0).all()
    within = many[many["at"].between("2026-02-01", "2026-05-01", inclusive="left")]
    everybody = within.groupby("channel")["customer_id"].nunique().reindex(tables.CHANNELS)
    assert (found["sent"] + found["unsent"]).tolist() == everybody.tolist()


def test_two_groups_add_up_to_the_whole(many, rng):
    ids = pd.Index(many["customer_id"].unique())
    one = set(rng.choice(ids, 60, replace=False))
    ordered = pd.Index(rng.choice(ids, 70, replace=False))
    parts = [funnel(many, among=group, ordered=ordered) for group in (one, ids.difference(list(one)))]
    both = parts[0].set_index("channel") + parts[1].set_index("channel")
    pd.testing.assert_frame_equal(both.reset_index(), funnel(many, ordered=ordered))


def test_a_funnel_does_not_follow_the_order_of_rows_nor_change_what_it_is_given(many, rng):
    kept = many.copy(deep=True)
    pd.testing.assert_frame_equal(funnel(many), funnel(many.sample(frac=1, random_state=rng)))
    pd.testing.assert_frame_equal(funnel(many), funnel(pd.concat([many, many.iloc[::3]])))
    pd.testing.assert_frame_equal(many, kept)


def test_more_days_reach_no_fewer(many):
    sent = [funnel(many, until=f"2026-0{month}-15")["sent"].to_numpy() for month in range(1, 7)]
    assert (np.diff(sent, axis=0) >= 0).all() and (sent[-1] > sent[0]).all()


def test_a_shop_without_contacts_has_an_empty_funnel():
    empty = funnel(extras.nothing(tables.CONTACTS).table, ordered=[])
    assert empty.empty and list(empty) == ["channel", *tables.EVENTS, "ordered", "unsent"]
    assert shares(empty).empty


def test_what_a_funnel_cannot_be_made_of():
    with pytest.raises(SettingError, match="since is 2026-06-02, after until, 2026-06-01"):
        funnel(FEW, since="2026-06-02", until="2026-06-01")
    with pytest.raises(InputError, match="not a date"):
        funnel(FEW, since="June")
    with pytest.raises(InputError, match="contacts table lacks the column 'event'"):
        funnel(FEW.drop(columns="event"))
