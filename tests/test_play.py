"""`clv play`: reports, plan and lists for one shop or all; guards and wrong input leave no list behind."""

import json
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from bs4 import BeautifulSoup

from clv import Shop, cli, registration
from clv.playing import sections

REPO = Path(__file__).parents[1]
SAMPLES = REPO / "data" / "samples"
NOTEBOOKS = ("--notebooks", str(REPO / "notebooks"))
RECALL = "05_recall_offers"
PAGE = """\
---
question: {{en: Whom to greet, zh: 问候谁}}
cadence: monthly
audience: {{days_since_last: {{min: 30, max: 400}}}}
offers:
  - name: hello
    kind: notice
    uplift: {{mean: 0.3, sd: 0.1}}
    messages:
      sms: {{en: "【{{shop}}】Hello. {{unsubscribe}}", zh: "【{{shop}}】您好。{sms}"}}
      phone: {{en: "Hello from {{shop}}.", zh: "您好，{{shop}}。"}}
  - {{name: visit, kind: gift, cost: 2 % of basket, uplift: {{mean: 0.3, sd: 0.1}},
      uplift_by_channel: {{phone: {{mean: 2.5, sd: 0.1}}}}}}
channels: {{sms: {{}}, phone: {{cost: 1.0}}}}
steps: [{{05_recall_offers: {{window_days: 60, draws: 100, calls: 3, {parameters}}}}}]
guards: {{{guards}}}
decide: recall.incremental_profit_p05
messages:
  sms:
    en: "【{{shop}}】{{offer}}, {{code}}. {{unsubscribe}}"
    zh: "【{{shop}}】{{offer}}，码{{code}}。{sms}"
  phone:
    en: "Hello from {{shop}}: {{offer}}, {{code}}"
    zh: "您好，{{shop}}，上次来是{{days_since}}天前，{{offer}}{{code}}"
---

# Greeting 问候
"""
BODY = "".join(f"\n## {heading}\n\nSomething.\n" for heading in sections.HEADINGS)


def page(folder: Path, *, guards: str = "", parameters: str = "seed: 1", sms: str = "{unsubscribe}") -> Path:
    path = folder / "greeting.md"
    path.write_text(PAGE.format(guards=guards, parameters=parameters, sms=sms) + BODY, "utf-8")
    return path


def shops(folder: Path, *, without: str = "", members: Path | None = None) -> Path:
    text = (SAMPLES / "shops.yml").read_text("utf-8").replace(" gift/", f" {SAMPLES / 'gift'}/")
    if members:
        text = re.sub(r"    members: \S*gift/members.csv", f"    members: {members}", text)
    if without:
        text = re.sub(rf"    {without}: \S*gift/\S+\n", "", text)
    (folder / "shops.yml").write_text(text, "utf-8")
    return folder / "shops.yml"


def play(capsys: pytest.CaptureFixture, *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        cli.main(["play", *map(str, arguments), *NOTEBOOKS])
    said = capsys.readouterr()
    return left.value.code, said.out, said.err


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """One play for the gift shop and for CDNOW, which has no members file."""
    here = tmp_path_factory.mktemp("play")
    asked = ["play", page(here), "--shops", shops(here), "--out", here / "out", *NOTEBOOKS]
    with pytest.raises(SystemExit) as left:
        cli.main([*map(str, asked), "--shop", "gift", "--shop", "cdnow"])
    return here / "out", left.value.code


@pytest.mark.slow
def test_a_play_leaves_reports_plan_and_lists(played: tuple[Path, int]) -> None:
    out, code = played
    assert code == 1  # CDNOW came to no list
    assert (out / "index.html").is_file()
    assert (out / "gift" / f"{RECALL}.html").is_file() and (out / "gift" / f"{RECALL}.ipynb").is_file()
    names = sorted(path.name for path in (out / "gift" / "lists").iterdir())
    assert names == ["call-sheets.html", "list-phone.csv", "list-phone.xlsx", "list-sms.csv", "list-sms.xlsx"]
    assert not (out / "cdnow" / "lists").exists()
    assert {path.stat().st_mode & 0o777 for path in (out / "gift" / "lists").iterdir()} == {0o600}
    assert (out / "gift" / "lists").stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_the_plan_is_for_programs_and_agrees_with_the_lists(played: tuple[Path, int]) -> None:
    out, _ = played
    plan = json.loads((out / "gift" / "plan.json").read_text("utf-8"))
    lists = pd.concat(
        pd.read_csv(path, dtype="str", keep_default_na=False)
        for path in (out / "gift" / "lists").glob("*.csv")
    )
    for option in plan["options"]:
        mine = lists[(lists["offer"] == option["offer"]) & (lists["channel"] == option["channel"])]
        assert (mine["arm"] == "send").sum() == option["send"]
        assert (mine["arm"] == "control").sum() == option["control"]
    assert plan["facts"]["recall.contacted"] == (lists["arm"] == "send").sum()
    expected = sum(option["expected_profit"] for option in plan["options"])
    assert plan["facts"]["recall.incremental_profit"] == pytest.approx(expected)
    assert plan["decision"]["word"] == plan["facts"]["recall.decision"]
    assert (plan["send_on"], plan["answers_until"]) == ("2026-07-01", "2026-08-29")
    assert (lists["channel"] == "phone").sum() > 0 and plan["facts"]["recall.calls"] <= 3
    assert "c_" not in json.dumps(plan)


@pytest.mark.slow
def test_what_the_campaign_is_meant_to_show_is_written_beside_its_list(played: tuple[Path, int]) -> None:
    out, _ = played
    plan = json.loads((out / "gift" / "plan.json").read_text("utf-8"))
    found = registration.load(out / "gift" / "registration.json")
    assert found.campaign == plan["campaign"] and found.shop == "gift"
    assert (found.send_on, found.stops_on) == (plan["send_on"], plan["answers_until"])
    assert found.send == sum(option["send"] for option in plan["options"])
    assert found.control == sum(option["control"] for option in plan["options"])
    assert found.expected_profit == pytest.approx(plan["facts"]["recall.incremental_profit"])
    assert {offer.name for offer in found.offers} == {o["offer"] for o in plan["options"] if o["send"]}
    page = (out / "gift" / "registration.html").read_text("utf-8")
    assert found.campaign in page and plan["test"] in BeautifulSoup(page, "html.parser").get_text()
    links = (out / "play.html").read_text("utf-8")
    assert "gift/registration.html" in links and "gift/registration.json" in links
    assert not (out / "cdnow" / "registration.json").exists()
    assert "c_" not in page


@pytest.mark.slow
def test_nobody_without_consent_and_nobody_at_rest_is_on_a_list(played: tuple[Path, int]) -> None:
    out, _ = played
    shop = Shop.open(SAMPLES / "shops.yml", "gift")
    members, contacts, orders = shop.members(), shop.contacts(), shop.orders()
    for channel in ("sms", "phone"):
        ids = pd.read_csv(out / "gift" / "lists" / f"list-{channel}.csv", dtype="str")["customer_id"]
        assert members.loc[ids, f"consent_{channel}"].all()
        gone = contacts[(contacts["event"] == "opted_out") & (contacts["channel"] == channel)]
        assert not ids.isin(gone["customer_id"]).any()
        last = orders[orders["customer_id"].isin(ids)].groupby("customer_id")["paid_at"].max()
        assert (last < "2026-06-17").all()


@pytest.mark.slow
def test_no_file_holds_an_id_of_the_export(played: tuple[Path, int]) -> None:
    out, _ = played
    raw = pd.read_csv(SAMPLES / "gift" / "orders.csv", dtype="str", encoding="utf-8")["Client"].dropna()
    mails = [one.strip() for one in raw.unique() if "@" in one]
    assert len(mails) > 500
    texts = [path.read_bytes() for path in out.rglob("*") if path.is_file()]
    for book in out.rglob("*.xlsx"):
        cells = openpyxl.load_workbook(book).active.iter_rows(values_only=True)
        texts.append("\n".join(str(cell) for row in cells for cell in row).encode())
    assert not [mail for mail in mails[::10] if any(mail.encode() in text for text in texts)]


@pytest.mark.slow
def test_a_list_that_was_sent_is_a_past_campaign_as_it_stands(played: tuple[Path, int], tmp_path) -> None:
    out, _ = played
    text = shops(tmp_path).read_text("utf-8")
    lists = out / "gift" / "lists"
    with_past = text.replace(
        "    tiers: {silver", f"    past_campaigns: {lists}/list-*.csv\n    tiers: {{silver"
    )
    (tmp_path / "shops.yml").write_text(with_past, "utf-8")
    shop = Shop.open(tmp_path / "shops.yml", "gift")
    past = shop.past_campaigns()
    sent = pd.concat(pd.read_csv(path, dtype="str", encoding="utf-8-sig") for path in lists.glob("*.csv"))
    assert len(past) == len(sent) and set(past["campaign"]) == {"greeting gift 2026-07-01"}
    assert set(past["customer_id"]) == set(sent["customer_id"]) <= set(shop.customers().index)


@pytest.mark.slow
def test_nothing_is_sent_where_nothing_may_be_spent(tmp_path, capsys) -> None:
    out = tmp_path / "out"
    asked = (page(tmp_path), "--shops", shops(tmp_path), "--shop", "gift", "--out", out)
    code, said, _ = play(capsys, *asked, "--set", "budget=0", "--set", "calls=0")
    assert code == 0
    assert "gift: leave. The budget and the calls allow nothing, though more of them would pay" in said
    assert not (out / "gift" / "lists").exists()
    assert json.loads((out / "gift" / "plan.json").read_text("utf-8"))["decision"]["word"] == "leave"
    assert "nothing to send" in (out / "play.html").read_text("utf-8")


@pytest.mark.slow
def test_the_way_back_never_writes_over_what_it_reads(played, tmp_path, capsys) -> None:
    table = played[0] / "gift" / "lists" / "list-sms.csv"
    before = table.read_bytes()
    for out in (table, SAMPLES / "gift" / "members.csv"):
        with pytest.raises(SystemExit) as left:
            where = ["--shops", SAMPLES / "shops.yml", "--shop", "gift", "--out", out]
            cli.main(["addressees", str(table), *map(str, where)])
        assert left.value.code == 2
        assert "is also an input and would be lost" in capsys.readouterr().err
    assert table.read_bytes() == before


def test_lists_that_are_a_link_to_elsewhere_are_left_alone(tmp_path, capsys) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    (out / "gift").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "list-sms.csv").write_text("mine", "utf-8")
    (out / "gift" / "lists").symlink_to(elsewhere)
    play(capsys, page(tmp_path, sms="全网最低价"), "--shops", shops(tmp_path), "--shop", "gift", "--out", out)
    assert (elsewhere / "list-sms.csv").read_text("utf-8") == "mine"


@pytest.mark.slow
def test_the_way_back_is_is_a_file_of_its_own(played, tmp_path, capsys) -> None:
    out, _ = played
    table = out / "gift" / "lists" / "list-sms.csv"
    where = ["--shops", SAMPLES / "shops.yml", "--shop", "gift", "--out", tmp_path / "to.csv"]
    with pytest.raises(SystemExit) as left:
        cli.main(["addressees", str(table), *map(str, where)])
    assert left.value.code == 0
    found = pd.read_csv(tmp_path / "to.csv", dtype="str")
    sent = pd.read_csv(table, dtype="str", keep_default_na=False).query("arm == 'send'")
    assert found["customer_id"].tolist() == sent["customer_id"].tolist()
    assert found["address"].str.contains("@example.com").all()
    assert (tmp_path / "to.csv").stat().st_mode & 0o777 == 0o600
    assert "@" not in capsys.readouterr().out


@pytest.mark.slow
def test_a_second_play_gives_the_same_lists_and_a_broken_guard_takes_them_away(tmp_path, capsys) -> None:
    """One story, for kernels are slow."""
    out, file = tmp_path / "out", shops(tmp_path)
    asked = (page(tmp_path), "--shops", file, "--shop", "gift", "--out", out)
    assert play(capsys, *asked)[0] == 0
    first = (out / "gift" / "lists" / "list-sms.csv").read_bytes()
    code, _, progress = play(capsys, *asked)
    assert code == 0 and "good already" in progress
    assert (out / "gift" / "lists" / "list-sms.csv").read_bytes() == first
    page(tmp_path, guards="recall.reachable: {min: 100000}")
    code, said, _ = play(capsys, *asked)
    assert code == 1
    assert re.search(r"gift: stopped\. recall\.reachable is [\d,]+, the playbook .* at least 100,000", said)
    assert not (out / "gift" / "lists").exists() and not (out / "gift" / "plan.json").exists()
    assert (out / "gift" / f"{RECALL}.html").is_file()


def test_without_a_members_file_nothing_is_run_or_written(tmp_path, capsys) -> None:
    file = shops(tmp_path, without="members")
    code, said, _ = play(capsys, page(tmp_path), "--shops", file, "--shop", "gift", "--out", tmp_path / "out")
    assert code == 1
    assert "gift: refused. no list can be made: the shop file names no `members:` file" in said
    assert not (tmp_path / "out" / "gift" / "lists").exists()
    assert "no answer" in (tmp_path / "out" / "play.html").read_text("utf-8")


def test_a_message_that_may_not_be_sent_stops_a_play_before_it_begins(tmp_path, capsys) -> None:
    asked = ("--shops", shops(tmp_path), "--shop", "gift", "--out", tmp_path / "out")
    code, said, _ = play(capsys, page(tmp_path, sms="全网最低价"), *asked)
    assert code == 1
    assert "does not tell how to refuse" in said
    assert not list((tmp_path / "out").rglob("*.ipynb"))


@pytest.mark.slow
def test_a_missing_consent_column_is_one_sentence_and_no_list(tmp_path, capsys) -> None:
    text = (SAMPLES / "gift" / "members.csv").read_text("utf-8-sig")
    (tmp_path / "members.csv").write_text(text.replace("consent_sms", "remark"), "utf-8")
    file = shops(tmp_path, members=tmp_path / "members.csv")
    code, said, _ = play(capsys, page(tmp_path), "--shops", file, "--shop", "gift", "--out", tmp_path / "out")
    assert code == 1
    assert "the members file has no column consent_sms" in said
    assert not (tmp_path / "out" / "gift" / "lists").exists()


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("budget=-5", "budget is -5; it should be greater than or equal to 0"),
        ("margin=1.4", "margin is 1.4; it should be less than or equal to 1"),
        ("commission=0.5", "the commission (0.5) eats the margin (0.35)"),
        ("send_on=2026-02-30", "a day of the calendar"),
        ("scheme=windoes", "did you mean 'windows'"),
        ("budjet=5", "did you mean 'budget'"),
    ],
)
def test_wrong_settings_are_told_before_anything_starts(tmp_path, capsys, line, sentence) -> None:
    asked = ("--shops", shops(tmp_path), "--shop", "gift", "--out", tmp_path / "out", "--set", line)
    code, _, said = play(capsys, page(tmp_path), *asked)
    assert code == 2
    assert sentence in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_day_of_sending_in_the_past_is_told(tmp_path, capsys) -> None:
    asked = ("--shops", shops(tmp_path), "--shop", "gift", "--out", tmp_path / "out")
    for day in ("2026-06-30", "2026-09-01"):
        code, _, said = play(capsys, page(tmp_path), *asked, "--set", f"send_on={day}")
        assert code == 2
        assert "send after that day, and at most 31 days after it" in said


def test_a_playbook_that_is_not_there_is_told_with_the_nearest(tmp_path, capsys) -> None:
    code, _, said = play(capsys, "recall-the-sleepin", "--shops", shops(tmp_path))
    assert code == 2
    assert "did you mean 'recall-the-sleeping'" in said


def test_the_playbooks_are_listed_in_both_languages(capsys) -> None:
    with pytest.raises(SystemExit):
        cli.main(["playbooks", "--folder", str(REPO / "playbooks")])
    said = capsys.readouterr().out
    assert "recall-the-sleeping: Recall the sleeping 睡眠期召回 (monthly)" in said
    assert said.count("\n    ") == 2 * len(list((REPO / "playbooks").glob("[a-z]*.md")))


def test_the_sample_message_of_the_recall_article_fails_for_the_right_reasons(capsys) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["check-message", "[品牌名] 老用户专享!憑此短信到店消费享[X]折优惠"])
    said = capsys.readouterr().out
    assert left.value.code == 1
    assert said.count("must:") == 4
    for reason in (
        "no sender's mark",
        "how to refuse",
        "[品牌名] was never filled in",
        "[X] was never filled in",
    ):
        assert reason in said
