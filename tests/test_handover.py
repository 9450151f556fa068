"""A campaign handed over: lists and call sheets in one language, and the file that a sender works from."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup

import shops_simulated
from clv import Shop, cli, handover, playbooks, shop_campaign
from clv.errors import SettingError
from clv.parameters import RecallOffers
from clv.playing import sections

PAGE = """\
---
question: {{en: Whom to greet, zh: 问候谁}}
cadence: monthly
audience: {{days_since_last: {{min: 20, max: 500}}}}
offers:
  - {{name: hello, kind: gift, cost: 1, title: {{en: a box, zh: 礼盒}}, uplift: {{mean: 0.8, sd: 0.1}}}}
channels: {{email: {{}}, wecom: {{}}, phone: {{cost: 1.0}}}}
steps: [05_recall_offers]
decide: recall.incremental_profit_p05
messages:
  email: {{en: "{{offer}}, {{code}}. {{unsubscribe}}.", zh: "{{offer}}，{{code}}。{{unsubscribe}}。"}}
  wecom: {{en: "{{offer}}, {{code}}. {{unsubscribe}}.", zh: "{{offer}}，{{code}}。{{unsubscribe}}。"}}
  phone: {{en: "{{offer}}, {{code}}{end}", zh: "{{offer}}，{{code}}{end}"}}
---

# Greeting 问候
"""
BODY = "".join(f"\n## {heading}\n\nSomething.\n" for heading in sections.HEADINGS)
SHOPS = """\
shops:
  zhou:
    name: Zhou & Co
    sign: 周记
    platform: csv
    orders: orders.csv
    members: members.csv
    columns: {order_id: order_id, customer_id: customer_id, paid_at: paid_at, amount: amount, title: title}
    currency: CNY
    until: 2026-06-30
"""


def page(end=""):
    return playbooks.parse(PAGE.format(end=end) + BODY, name="greeting")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A shop whose customers are nicks, some of which look like formulas; a third agreed to each channel."""
    here = tmp_path_factory.mktemp("zhou")
    orders = shops_simulated.orders(400, rng=np.random.default_rng(5))
    orders["customer_id"] = orders["customer_id"].str.replace("c0001", "=nick", n=1)
    titles = pd.Series(["Ring", "Bead", None])[orders["order_id"].astype(int) % 3].to_numpy()
    kept = orders.assign(title=titles)[["order_id", "customer_id", "paid_at", "amount", "title"]]
    kept.to_csv(here / "orders.csv", index=False)
    who = sorted(orders["customer_id"].unique())
    agreed = pd.DataFrame({"customer_id": who, "consent_email": "no", "consent_wecom": "no"})
    agreed = agreed.assign(consent_phone="no")
    for place, name in enumerate(("email", "wecom", "phone")):
        agreed.loc[place::3, f"consent_{name}"] = "yes"
    agreed.to_csv(here / "members.csv", index=False)
    (here / "shops.yml").write_text(SHOPS, "utf-8")
    return here


def lists(folder, out, language, *, raw=False):
    """Return the lists of a campaign, written to `out`, by channel."""
    file = folder / f"shops-{raw}.yml"
    file.write_text(SHOPS + ("    customer_ids: raw\n" if raw else ""), "utf-8")
    shop, parameters = Shop.open(file, "zhou"), RecallOffers(shop_file=str(file), shop_id="zhou")
    campaign = shop_campaign.of(shop, page(), parameters)
    handover.write(campaign, page(), shop, parameters, language=language, folder=out)
    return {path.stem.removeprefix("list-"): read(path) for path in out.glob("*.csv")}


def read(path):
    return pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")


@pytest.fixture(scope="module")
def in_chinese(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("zh") / "lists"
    return out, lists(folder, out, "zh")


def test_only_an_email_that_is_sent_has_a_subject(in_chinese, folder, tmp_path):
    _, found = in_chinese
    assert set(found) == {"email", "wecom", "phone"}
    arms = found["email"].groupby("arm")["subject"].agg(set).to_dict()
    assert arms == {"send": {"周记：礼盒"}, "control": {""}}
    assert set(found["wecom"]["subject"]) == set(found["phone"]["subject"]) == {""}
    english = lists(folder, tmp_path / "lists", "en")
    assert set(english["email"]["subject"]) == {"周记: a box", ""}


def test_each_channel_says_in_its_own_way_how_to_refuse(in_chinese):
    _, found = in_chinese
    for channel, words in (("email", "回复“退订”即不再收到此类邮件"), ("wecom", "回复“退订”即不再打扰")):
        sent = found[channel].query("arm == 'send'")
        assert sent["message"].str.contains(words).all() and len(sent)
    assert not found["phone"]["message"].str.contains("退订|拒收").any()


def test_a_script_that_asks_for_a_reply_is_refused_before_anything_is_worked_out(folder):
    shop = Shop.open(folder / "shops.yml", "zhou")
    parameters = RecallOffers(shop_file=str(folder / "shops.yml"), shop_id="zhou")
    handover.check(page(), shop, parameters, "zh")
    with pytest.raises(SettingError, match="nobody replies to a call"):
        handover.check(page(end="{unsubscribe}"), shop, parameters, "zh")


def test_call_sheets_speak_the_lists_language_and_name_what_was_bought(in_chinese, folder):
    out, found = in_chinese
    seen = BeautifulSoup((out / handover.SHEETS).read_text("utf-8"), "html.parser")
    called = found["phone"].query("arm == 'send'")
    assert seen.html["lang"] == "zh-CN"
    assert {one.get_text() for one in seen.select(".call h1")} == set(called["customer_id"])
    shop = Shop.open(folder / "shops.yml", "zhou")
    titles = shop.lines().set_index("order_id")["title"]
    for call in seen.select(".call"):
        mine = shop.orders().query("customer_id == @call.h1.get_text()").sort_values("paid_at").tail(8)
        expected = mine["order_id"].map(titles).fillna("–").tolist()[::-1]
        assert [row.select("td")[1].get_text() for row in call.select("tbody tr")] == expected


def test_an_order_is_called_after_its_first_product_that_has_a_name():
    class Two:
        currency = ""

        def orders(self):
            day = pd.Timestamp(date(2026, 1, 1))
            rows = {"order_id": ["1", "2"], "customer_id": "a", "paid_at": day, "amount": 1234.5}
            return pd.DataFrame({**rows, "category": ["rings", None]})

        def lines(self):
            return pd.DataFrame({"order_id": ["1", "1", "1"], "title": [None, "Bead", "Ring"]})

    found = handover._history(Two(), pd.Series(["a", "b"]))
    assert set(found) == {"a"}
    assert found["a"][["title", "money"]].iloc[0].tolist() == ["Bead", "1,234.50"]
    assert found["a"]["title"].isna().tolist() == [False, True]


def addressees(table, file, out):
    with pytest.raises(SystemExit) as left:
        cli.main(["addressees", str(table), "--shops", str(file), "--shop", "zhou", "--out", str(out)])
    return left.value.code


COLUMNS = [
    "address",
    "customer_id",
    "channel",
    "send_on",
    "send_from",
    "send_to",
    "subject",
    "message",
    "code",
]


def test_a_sender_finds_everything_in_one_file(in_chinese, folder, tmp_path, capsys):
    out, found = in_chinese
    assert addressees(out / "list-email.csv", folder / "shops.yml", tmp_path / "to.csv") == 0
    made, sent = read(tmp_path / "to.csv"), found["email"].query("arm == 'send'").reset_index(drop=True)
    assert list(made) == COLUMNS
    pd.testing.assert_frame_equal(made[COLUMNS[1:]], sent[COLUMNS[1:]])
    nicks = set(read(folder / "orders.csv")["customer_id"])
    assert set(made["address"].str.removeprefix("'")) <= nicks and made["address"].is_unique
    assert made["address"].str.startswith("'=nick").any() and not made["address"].str.startswith("=").any()
    assert (tmp_path / "to.csv").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["to.csv"]
    said = capsys.readouterr().out
    assert "customer's id in the export" in said and "no phone number" in said and "nick0" not in said


def test_semicolons_split_no_cell_of_a_senders_file(in_chinese, folder, tmp_path):
    _, found = in_chinese
    table = tmp_path / "list-email.csv"
    found["email"].assign(message="a;=1+1").to_csv(table, index=False)
    assert addressees(table, folder / "shops.yml", tmp_path / "to.csv") == 0
    assert '"a;=1+1"' in (tmp_path / "to.csv").read_text("utf-8-sig")


def test_raw_ids_that_look_like_formulas_find_their_way_back(folder, tmp_path):
    found = lists(folder, tmp_path / "lists", "zh", raw=True)["email"].query("arm == 'send'")
    assert found["customer_id"].str.startswith("'=nick").any()
    made = tmp_path / "to.csv"
    assert addressees(tmp_path / "lists" / "list-email.csv", folder / "shops-True.yml", made) == 0
    assert read(made)["address"].tolist() == found["customer_id"].tolist()
    assert read(made)["customer_id"].tolist() == found["customer_id"].tolist()


@pytest.mark.parametrize(
    ("table", "out", "said"),
    [
        ("list-email.csv", "to.parquet", "'to.parquet' should end in .csv"),
        ("list-mail.csv", "to.csv", "there is no list 'list-mail.csv'"),
        (
            "orders.csv",
            "to.csv",
            "is no list of the kit, a .csv with the columns customer_id, channel",
        ),
    ],
)
def test_what_is_wrong_is_told_and_nothing_written(in_chinese, folder, tmp_path, capsys, table, out, said):
    place = folder if table == "orders.csv" else in_chinese[0]
    assert addressees(place / table, folder / "shops.yml", tmp_path / out) in (1, 2)
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
