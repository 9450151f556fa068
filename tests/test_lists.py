"""Codes, lists, call sheets: nobody twice, nothing run, nothing mixed, nothing said to the control arm."""

import hashlib
import hmac
import html
import itertools
import json
import re
import shutil
import stat
import subprocess

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from clv import formulas
from clv.errors import InputError, SettingError
from clv.sending import codes as making
from clv.sending import lists
from clv.sending.codes import ALPHABET, codes
from clv.tables import SENDLIST
from clv.telling import call_sheets

FORMULAS = ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "　＝1", "＋1", "－1", "＠x",
            "\u200b=1", "\ufeff=1", "\x00=1", "\x07", "\t50", "\u00a0-1", "﹦1"]  # fmt: skip
HARMLESS = ["", "50 - 10", "c_00a1", "2026-07-01", "19:00", "【周记】=", "a=b", "'tis", "¥-5", "007", " x"]


def ids(n, start=0):
    return pd.Series([f"c_{i:012x}" for i in range(start, start + n)], name="customer_id")


def sendlist(n=6, **keys):
    rows = {
        "customer_id": ids(n),
        "channel": ["sms", "phone"] * (n // 2) + ["sms"] * (n % 2),
        "arm": ["send", "send", "control"] * (n // 3) + ["send"] * (n % 3),
        "segment": "睡眠期",
        "offer": "coupon-50",
        "offer_text": "50 off",
        "code": "K7M4TQ9P",
        "send_on": "2026-07-01",
        "send_from": "19:00",
        "send_to": "21:00",
        "subject": "",
        "message": "【周记】减50元，\n凭码“K7M4TQ9P”。拒收请回复R",
        "reason": "silent for 213 days",
        "consent_basis": "agreed at the till",
        "expires_on": "2026-07-14",
        "campaign": "recall gold 2026-07-01",
        "answers_until": "2026-08-29",
    }
    return pd.DataFrame(rows | keys)


def read(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


class TestCodes:
    def test_a_code_is_the_hmac_in_an_alphabet_of_25(self):
        said = json.dumps(["code", "recall", "c_1", 0]).encode()
        number = int(hmac.new(b"k", said, hashlib.sha256).hexdigest(), 16)
        expected = "".join(ALPHABET[number // 25**place % 25] for place in range(8))
        assert codes(pd.Series(["c_1"]), campaign="recall", secret=b"k").tolist() == [expected]

    def test_each_customer_has_one_of_their_own_in_any_order(self, rng):
        made = codes(ids(3000), campaign="recall", secret=b"k")
        assert made.name == "code" and made.is_unique
        assert made.str.fullmatch(f"[{ALPHABET}]{{8}}").all()
        shuffled = ids(3000).sample(frac=1, random_state=rng)
        pd.testing.assert_series_equal(
            codes(shuffled, campaign="recall", secret=b"k").sort_index(), made, check_names=False
        )

    def test_another_campaign_or_secret_gives_other_codes(self):
        made = [codes(ids(50), campaign=c, secret=s) for c, s in [("a", b"k"), ("b", b"k"), ("a", b"l")]]
        assert pd.concat(made).is_unique

    def test_campaign_and_customer_are_not_run_together(self):
        one = codes(pd.Series(["bc"]), campaign="a", secret=b"k")
        assert one.tolist() != codes(pd.Series(["c"]), campaign="ab", secret=b"k").tolist()

    def test_collisions_and_numbers_are_passed_over_whatever_the_order(self, monkeypatch, rng):
        monkeypatch.setattr(making, "LENGTH", 2)  # 625 codes, 64 of them numbers
        made = codes(ids(300), campaign="recall", secret=b"k")
        assert made.is_unique and not made.str.isdigit().any()
        shuffled = codes(ids(300).sample(frac=1, random_state=rng), campaign="recall", secret=b"k")
        assert shuffled.sort_index().tolist() == made.tolist()

    def test_the_same_customer_twice_has_one_code(self):
        made = codes(pd.Series(["x", "y", "x"], index=[7, 8, 9]), campaign="recall", secret=b"k")
        assert made[7] == made[9] != made[8]

    def test_no_lookalikes_and_no_vowels(self):
        assert not set("01OILAEUSZB") & set(ALPHABET) and len(set(ALPHABET)) == 25

    def test_nobody_gets_none(self):
        assert codes(pd.Series([], dtype=str), campaign="recall", secret=b"k").empty

    @pytest.mark.parametrize(
        ("error", "said", "keys"),
        [
            (SettingError, "secret", {"secret": b""}),
            (SettingError, "no name", {"campaign": " "}),
            (InputError, "2 of 3", {"customer_ids": pd.Series(["x", None, ""])}),
        ],
    )
    def test_what_is_missing_is_told(self, error, said, keys):
        given = {"customer_ids": ids(3), "campaign": "recall", "secret": b"k"} | keys
        with pytest.raises(error, match=said):
            codes(given.pop("customer_ids"), **given)


class TestNeutralised:
    @pytest.mark.parametrize("text", FORMULAS)
    def test_formulas_get_an_apostrophe(self, text):
        assert formulas.neutralised(text) == "'" + text

    @pytest.mark.parametrize("text", HARMLESS)
    def test_other_text_stays(self, text):
        assert formulas.neutralised(text) == text

    @given(st.text() | st.text("'=+-@ a1"))
    def test_nothing_that_is_written_would_be_run(self, text):
        assert not formulas.FORMULA.match(formulas.neutralised(text))

    @given(st.text() | st.text("'=+-@ a1"))
    def test_each_text_comes_back(self, text):
        assert formulas.as_it_was(formulas.neutralised(text)) == text

    def test_two_texts_stay_two(self):
        texts = ["".join(signs) for n in range(5) for signs in itertools.product("'=+-@ a1", repeat=n)]
        assert len(set(map(formulas.neutralised, texts))) == len(texts)


class TestLists:
    def test_each_channel_has_a_table_and_a_workbook(self, tmp_path):
        paths = lists.write(sendlist(), tmp_path / "made" / "lists")
        names = ["list-phone.csv", "list-phone.xlsx", "list-sms.csv", "list-sms.xlsx"]
        assert [path.name for path in paths] == names
        assert sorted(path.name for path in (tmp_path / "made" / "lists").iterdir()) == names
        assert not [path for path in (tmp_path / "made").iterdir() if path.name != "lists"]

    def test_reading_back_gives_the_table(self, tmp_path):
        given = sendlist(customer_id=["007", "1e5", "-", "9" * 20, "c_1", "c_2"], arm="send")
        given = given.replace({"customer_id": {"-": "c-"}})
        lists.write(given, tmp_path / "lists")
        for channel in ("sms", "phone"):
            expected = given[given["channel"] == channel].sort_values("customer_id").reset_index(drop=True)
            path = tmp_path / "lists" / f"list-{channel}.csv"
            pd.testing.assert_frame_equal(read(path), expected, check_dtype=False)
            book = load_workbook(path.with_suffix(".xlsx"))[channel]
            header, *rows = book.iter_rows(values_only=True)
            assert list(header) == list(SENDLIST.columns)
            assert [[text or "" for text in row] for row in rows] == expected.to_numpy().tolist()

    def test_excel_is_told_the_encoding(self, tmp_path):
        lists.write(sendlist(), tmp_path / "lists")
        assert (tmp_path / "lists" / "list-sms.csv").read_bytes().startswith("\ufeff".encode())

    def test_control_has_nothing_that_could_be_sent(self, tmp_path):
        given = sendlist(subject="Zhou: 50 off")
        said = ["message", "subject", "code"]
        lists.write(given, tmp_path / "lists")
        for channel in ("sms", "phone"):
            made = read(tmp_path / "lists" / f"list-{channel}.csv").set_index("arm")
            assert (made.loc[["control"], said] == "").all(axis=None)
            assert (made.loc[["send"], said] != "").all(axis=None)
        assert (given["code"] != "").all()

    def test_rows_stand_by_day_offer_and_customer(self, tmp_path, rng):
        given = sendlist(
            60,
            channel="sms",
            send_on=np.tile(["2026-07-02", "2026-07-01"], 30),
            offer=np.repeat(["b", "a"], 30),
        )
        lists.write(given.sample(frac=1, random_state=rng), tmp_path / "lists")
        made = read(tmp_path / "lists" / "list-sms.csv")
        keys = ["send_on", "offer", "customer_id"]
        assert made[keys].to_numpy().tolist() == sorted(given[keys].to_numpy().tolist())

    def test_no_cell_is_a_formula(self, tmp_path):
        texts = [text for text in FORMULAS if text.strip("\x00\x07")]
        given = sendlist(len(texts), channel="sms", arm="send", reason=texts, segment="=1", message="@x")
        lists.write(given, tmp_path / "lists")
        made = read(tmp_path / "lists" / "list-sms.csv")
        assert (made[["segment", "message"]] == ["'=1", "'@x"]).all(axis=None)
        lists.write_csv(given.rename(columns={"reason": "=why"}), tmp_path / "to.csv")
        assert "'=why" in read(tmp_path / "to.csv")
        assert made["reason"].str.startswith("'").all()
        sheet = load_workbook(tmp_path / "lists" / "list-sms.xlsx")["sms"]
        cells = [cell for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
        assert {cell.value for cell in cells if cell.data_type != "s"} == {None}
        assert {cell.number_format for cell in cells} == {"@"}
        places = {name: place for place, name in enumerate(SENDLIST.columns)}
        row = next(sheet.iter_rows(min_row=2))
        assert row[places["segment"]].value == "=1"
        assert [row[places[name]].quotePrefix for name in ("segment", "reason", "offer")] == [
            True,
            True,
            False,
        ]
        assert sheet.freeze_panes == "A2"
        message = get_column_letter(places["message"] + 1)
        assert sheet.column_dimensions[message].width > sheet.column_dimensions["A"].width

    def test_a_workbook_filters_wraps_messages_and_greys_whom_to_leave_alone(self, tmp_path):
        lists.write(sendlist(channel="sms"), tmp_path / "lists")
        sheet = load_workbook(tmp_path / "lists" / "list-sms.xlsx")["sms"]
        header, *rows = sheet.iter_rows()
        assert sheet.auto_filter.ref == f"A1:{header[-1].column_letter}7" == sheet.dimensions
        place = {cell.value: cell.column - 1 for cell in header}
        assert [row[place["message"]].alignment.wrap_text for row in rows] == [True] * 6
        assert not any(row[place["reason"]].alignment.wrap_text for row in rows)
        fills = {
            row[place["arm"]].value: {(c.fill.fill_type, c.fill.fgColor.rgb) for c in row} for row in rows
        }
        assert fills == {"send": {(None, "00000000")}, "control": {("solid", "FFD0D0D0")}}

    def test_errors_of_spreadsheets_and_control_characters_are_text(self, tmp_path):
        lists.write(sendlist(reason="#N/A", segment="a\x07b"), tmp_path / "lists")
        sheet = load_workbook(tmp_path / "lists" / "list-sms.xlsx")["sms"]
        cells = next(sheet.iter_rows(min_row=2))
        said = {cell.value: cell.data_type for cell in cells}
        assert said["#N/A"] == said["ab"] == "s"

    def test_semicolons_split_no_cell(self, tmp_path):
        lists.write(sendlist(reason="a;=1+1"), tmp_path / "lists")
        assert '"a;=1+1"' in (tmp_path / "lists" / "list-sms.csv").read_text("utf-8-sig")

    def test_only_the_owner_can_read_them(self, tmp_path):
        paths = lists.write(sendlist(), tmp_path / "lists")
        assert {mode(path) for path in paths} == {0o600}
        assert mode(tmp_path / "lists") == 0o700

    def test_an_older_list_is_replaced_never_mixed(self, tmp_path):
        lists.write(sendlist(), tmp_path / "lists")
        (tmp_path / "lists" / "call-sheets.html").write_text("old")
        made = lists.write(sendlist(channel="email"), tmp_path / "lists")
        assert sorted((tmp_path / "lists").iterdir()) == made
        assert [path.name for path in made] == ["list-email.csv", "list-email.xlsx"]
        assert lists.write(sendlist().head(0), tmp_path / "lists") == []
        assert list((tmp_path / "lists").iterdir()) == []

    @pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
    def test_when_it_stops_half_way_the_older_list_is_whole(self, tmp_path, monkeypatch, error):
        lists.write(sendlist(), tmp_path / "lists")
        before = {path.name: path.read_bytes() for path in (tmp_path / "lists").iterdir()}

        def stop(*_):
            raise error

        monkeypatch.setattr(lists, "_write_book", stop)
        with pytest.raises(SettingError if isinstance(error, OSError) else KeyboardInterrupt):
            lists.write(sendlist(channel="email"), tmp_path / "lists")
        assert {path.name: path.read_bytes() for path in (tmp_path / "lists").iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["lists"]

    def test_a_folder_with_other_things_is_left_alone(self, tmp_path):
        (tmp_path / "orders.csv").write_text("mine")
        (tmp_path / "list-sms.csv").write_text("old")
        with pytest.raises(SettingError, match="holds 1 thing"):
            lists.write(sendlist(), tmp_path)
        assert (tmp_path / "orders.csv").read_text() == "mine"
        with pytest.raises(SettingError, match=r"'orders\.csv' is a file"):
            lists.write(sendlist(), tmp_path / "orders.csv")
        (tmp_path / "mine" / "list-a.csv").mkdir(parents=True)
        with pytest.raises(SettingError, match="holds 1 thing"):
            lists.write(sendlist(), tmp_path / "mine")

    def test_a_table_that_breaks_its_contract_is_refused(self, tmp_path):
        with pytest.raises(InputError, match="lacks the column 'arm'"):
            lists.write(sendlist().drop(columns="arm"), tmp_path / "lists")
        with pytest.raises(InputError, match="unknown column 'phone'"):
            lists.write(sendlist(phone="13812345678"), tmp_path / "lists")
        assert not (tmp_path / "lists").exists()


HISTORY = pd.DataFrame(
    {
        "day": pd.date_range("2025-01-05", periods=11, freq="30D"),
        "title": ["Ring, plain", None, None, "Bead"] * 2 + ["Ring, plain", None, "Bead"],
        "category": ["rings", "rings", None, None] * 2 + ["rings", None, None],
        "money": [f"¥{1000 + n:,}" for n in range(11)],
    }
)


COUNT = """<script>onload = () => {
  const page = document.querySelector("iframe").contentDocument, wide = page.documentElement.clientWidth;
  const cut = [...page.querySelectorAll("body *")].filter(one =>
    one.getBoundingClientRect().right > wide + 1 || one.scrollWidth > one.clientWidth + 1 && one.clientWidth);
  document.title = `${wide} wide, ${cut.length} cut off`;
}</script>"""


def overflowing(page, folder, *, width):
    """Return how many elements of a page are cut off in a window of some width, as a browser sees it."""
    bare = re.sub("<meta http-equiv[^>]*>", "", page)
    frame = f'<iframe style="border: 0" width={width} height=9000000 srcdoc="{html.escape(bare)}"></iframe>'
    (folder / "frame.html").write_text(frame + COUNT, "utf-8")
    options = f"--headless=new --no-sandbox --disable-gpu --user-data-dir={folder}/profile --dump-dom"
    command = ["chromium", *options.split(), (folder / "frame.html").as_uri()]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return BeautifulSoup(found.stdout, "html.parser").title.get_text()


def sheets(calls, **keys):
    given = {"title": "Recall", "shop": "Zhou & Co", "history": {}} | keys
    return BeautifulSoup(call_sheets.html(calls, **given), "html.parser")


class TestCallSheets:
    def test_each_who_is_called_has_a_sheet_in_the_given_order(self):
        calls = sendlist(6).iloc[::-1]
        seen = sheets(calls)
        asked = calls.loc[calls["arm"] == "send", "customer_id"].tolist()
        assert [title.get_text() for title in seen.select(".call h1")] == asked
        assert "call 2 of 4" in seen.select(".call")[1].get_text()

    def test_a_sheet_says_what_the_caller_needs(self):
        words = " ".join(sheets(sendlist(1)).select_one(".call").get_text(" ").split())
        for said in (
            "K7M4TQ9P", "50 off", "14 July 2026", "1 July 2026, 19:00 to 21:00", "silent for 213 days",
            "agreed at the till", "Zhou & Co", "Recall", "No purchase is on record", "拒收请回复R",
        ):  # fmt: skip
            assert said in words

    def test_the_last_eight_purchases_newest_first(self):
        seen = sheets(sendlist(1), history={"c_000000000000": HISTORY.sample(frac=1, random_state=1)})
        rows = [[cell.get_text() for cell in row.select("td")] for row in seen.select("tbody tr")]
        assert [row[2] for row in rows] == [f"¥{1010 - n:,}" for n in range(8)]
        assert rows[0] == ["1 November 2025", "Bead", "¥1,010"]
        named = ["Bead", "–", "Ring, plain · rings", "Bead", "–", "rings", "Ring, plain · rings", "Bead"]
        assert [row[1] for row in rows] == named

    def test_results_are_boxes_and_an_open_one_has_a_line(self):
        seen = sheets(sendlist(1), results=["reached", "call back on …"])
        items = seen.select(".results li")
        assert [" ".join(item.get_text().split()) for item in items] == ["reached", "call back on"]
        assert [bool(item.select(".line")) for item in items] == [False, True]
        assert len(sheets(sendlist(1)).select(".results .box")) == len(call_sheets.RESULTS["en"])

    def test_a_sheet_speaks_the_language_of_the_messages(self):
        bought = HISTORY.assign(title="素圈戒指", category="戒指")
        asked = {"title": "召回", "shop": "周记", "history": {"c_000000000000": bought}}
        calls = sendlist(1, offer_text="减50元", reason="沉默", consent_basis="到店签字")
        seen = sheets(calls, language="zh", **asked)
        assert seen.html["lang"] == "zh-CN" and sheets(calls).html["lang"] == "en"
        said = " ".join(seen.select_one(".call").get_text(" ").split())
        for words in (
            "第1份，共1份",
            "2026年7月1日，19:00至21:00",
            "2025年11月1日",
            "素圈戒指 · 戒指",
            "不愿再被联系",
        ):
            assert words in said
        ours = said.replace("c_000000000000", "").replace("K7M4TQ9P", "").replace("拒收请回复R", "")
        assert not re.search("[A-Za-z]", ours)
        assert [len(call_sheets.RESULTS[one]) for one in ("en", "zh")] == [7, 7]
        assert call_sheets._WORDS["en"].keys() == call_sheets._WORDS["zh"].keys()
        assert "没有需要致电的顾客" in sheets(sendlist(1, arm="control"), language="zh").get_text()

    @pytest.mark.skipif(shutil.which("chromium") is None, reason="no chromium on PATH")
    @pytest.mark.parametrize("language", ["en", "zh"])
    def test_nothing_is_cut_off_on_a_narrow_screen(self, tmp_path, language):
        long = "W" * 3000
        calls = sendlist(2, arm="send", message=long, reason=long, offer_text=long, customer_id=[long, "c"])
        bought = HISTORY.assign(title=long, money="123,456,789.00 CNY")
        asked = {
            "title": long,
            "shop": long,
            "history": {long: bought, "c": HISTORY},
            "results": [f"{long}…"],
        }
        page = call_sheets.html(calls, language=language, **asked)
        assert overflowing(page, tmp_path, width=400) == "400 wide, 0 cut off"

    def test_everything_foreign_is_text(self):
        evil = "<script>alert(1)</script>"
        calls = sendlist(
            2, arm="send", **dict.fromkeys(["reason", "message", "offer_text", "customer_id"], evil)
        )
        bought = HISTORY.head(1).assign(title=evil, category=evil, money=evil)
        page = call_sheets.html(calls, title=evil, shop=evil, history={evil: bought}, results=[evil])
        seen = BeautifulSoup(page, "html.parser")
        assert "<script" not in page and len(seen.select(".call")) == 2
        assert seen.select_one(".call h1").get_text() == evil

    def test_the_page_needs_nothing_from_elsewhere(self):
        seen = sheets(sendlist(2))
        policy = seen.select_one('meta[http-equiv="Content-Security-Policy"]')["content"]
        assert policy.startswith("default-src 'none'")
        assert not seen.select("[src], link, script, a[href]")

    def test_other_columns_are_not_shown(self):
        assert "13812345678" not in str(sheets(sendlist(2, phone="13812345678", name="王小明")))

    def test_nobody_to_call_is_said(self):
        assert "Nobody is to be called." in sheets(sendlist(2, arm="control")).get_text()

    def test_what_is_missing_is_told(self):
        with pytest.raises(InputError, match="calls table lacks the column 'reason'"):
            sheets(sendlist(1).drop(columns="reason"))
        with pytest.raises(InputError, match="history table lacks the column 'money'"):
            sheets(sendlist(1), history={"c_000000000000": HISTORY.drop(columns="money")})
