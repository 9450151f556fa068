"""Notebook 06, `clv learn` and the registration of a play: from a shop's files to what is kept."""

import json
import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest

import clv
from clv import delivery, experiments, findings, ledger, parameters, registration, shop_results
from clv.cli import main
from clv.errors import InputError, NoAnswerError, SettingError
from conftest import REPO

SAMPLES = REPO / "data" / "samples"
NOTEBOOK = "06_campaign_results"


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    return ended.value.code


def a_shop(
    folder,
    *,
    keys: str = "",
    sent: int = 120,
    alone: int = 80,
    arm: str = "",
    until: str = "",
    stop: str = "2026-03-30",
):
    """Write a shop of 200 customers with one campaign; one of three buys again, twice as often if sent to."""
    rng = np.random.default_rng(3)
    n = sent + alone
    ids = [f"u{at:04d}" for at in range(n)]
    arms = np.where(np.arange(n) < sent, "send", "control")
    again = rng.random(n) < np.where(arms == "send", 0.4, 0.2)
    days = pd.Timestamp("2026-03-01") + pd.to_timedelta(rng.integers(0, 30, n), unit="D")
    rows = [(f"a{at}", one, "2026-01-10", 100.0) for at, one in enumerate(ids)]
    rows += [(f"b{at}", ids[at], f"{days[at]:%Y-%m-%d}", 200.0) for at in np.flatnonzero(again)]
    rows.append(("last", "u0000", "2026-06-30", 50.0))
    orders = pd.DataFrame(rows, columns=["order_id", "customer_id", "paid_at", "amount"])
    orders.to_csv(folder / "orders.csv", index=False)
    table = pd.DataFrame(
        {
            "customer_id": ids, "campaign": "spring", "offer": "coupon", "channel": "sms", "arm": arms,
            "segment": np.where(np.arange(n) % 2, "odd", "even"), "sent_on": "2026-03-01",
            "runs_until": stop,
        }
    )  # fmt: skip
    if arm:
        table = pd.concat([table, table.iloc[:1].assign(arm=arm)])
    table.to_csv(folder / "list.csv", index=False)
    until = f"    until: {until}\n" if until else ""
    text = "shops:\n  s:\n    platform: csv\n    orders: orders.csv\n    past_campaigns: list.csv\n"
    (folder / "shops.yml").write_text(text + until + keys, "utf-8")
    return folder / "shops.yml"


def measured(path, **given: object) -> shop_results.Results:
    model = parameters.CampaignResults(shop_file=str(path), shop_id="s", **given)
    return shop_results.of(clv.Shop.open(path, "s"), model, rng=np.random.default_rng(1))


def registered(**changed: object) -> registration.Registration:
    values = {
        "campaign": "spring", "shop": "s", "registered_at": "2026-02-27T10:00:00+08:00",
        "send_on": "2026-03-01", "stops_on": "2026-03-30", "send": 120, "control": 80, "control_share": 0.4,
        "expected_effect": 0.1, "expected_profit": 500.0, "expected_profit_low": -100.0,
        "expected_profit_high": 1100.0, "margin": 0.5, "contact_costs": {"sms": 0.1},
        "offers": [{"name": "coupon", "kind": "coupon", "amount": 20.0, "minimum_spend": 150.0,
                    "uplift": {"mean": 0.2, "sd": 0.3}}],
    }  # fmt: skip
    return registration.Registration.model_validate({**values, **changed})


def test_money_is_what_a_hand_would_reckon(tmp_path):
    """120 sent to at 0.1 each, coupons of 20 taken off orders of 200, margin of one half."""
    (tmp_path / "r.json").write_text(registration.text(registered()), "utf-8")
    found = measured(a_shop(tmp_path, keys="    registrations: r.json\n"))
    people = found.found.customers
    buyers = (people["arm"] == "send") & (people["bought"] > 0) & (people["spend"] > 150)
    early = found.found.answers.query("arm == 'send' and amount > 150 and day < 14")["customer_id"].nunique()
    assert people.loc[buyers, "given"].isin([0.0, 20.0]).all()
    assert people["given"].sum() == 20.0 * early
    assert people["contact"].sum() == pytest.approx(120 * 0.1)
    total = 0.5 * (people["spend"].sum() + 20 * early) - 20 * early - 12
    assert people["profit"].sum() == pytest.approx(total)
    mean = people.groupby("arm")["profit"].mean()
    assert found.effects.at["profit", "difference"] == pytest.approx(mean["send"] - mean["control"])
    assert found.notes == []
    assert found.verdict.word == findings.EARNED


def test_without_a_registration_nothing_is_known_to_have_been_given(tmp_path):
    found = measured(a_shop(tmp_path), margin=0.6, commission=0.1)
    assert found.registered is None and found.sizes is None
    assert found.found.customers["given"].sum() == 0
    assert found.money.margin == pytest.approx(0.5)
    assert measured(tmp_path / "shops.yml", control_share=0.05).verdict.word == findings.UNREADABLE


@pytest.mark.slow
def test_the_facts_are_what_the_modules_say(tmp_path):
    """The report of the sample shop whose campaign worked by construction; see data/samples/README.md."""
    asked = ("--shop", "department", "--notebook", NOTEBOOK, "--out", tmp_path)
    assert call("batch", SAMPLES / "shops.yml", *asked) == 0
    told = json.loads((tmp_path / "department" / f"{NOTEBOOK}.json").read_text("utf-8"))
    facts = {fact["name"]: fact for fact in told["facts"]}
    shop = clv.Shop.open(SAMPLES / "shops.yml", "department")
    model = parameters.CampaignResults(shop_file=str(SAMPLES / "shops.yml"), shop_id="department")
    found = shop_results.of(shop, model, rng=np.random.default_rng(model.seed))
    assert facts["results.profit"]["value"] == pytest.approx(found.verdict.value, abs=0.01)
    assert facts["results.buyers_won"]["low"] == pytest.approx(found.effects.at["buyers", "low"])
    assert facts["results.verdict"]["value"] == "earned" == found.verdict.word
    assert (facts["results.send"]["value"], facts["results.control"]["value"]) == (648, 413)
    assert set(told["figures"]) == set(parameters.CampaignResults.figures)


@pytest.mark.slow
def test_a_control_group_of_three_gives_a_report_that_says_what_it_cannot_say(tmp_path):
    path = a_shop(tmp_path, sent=197, alone=3)
    where = ("--notebooks", REPO / "notebooks", "--notebook", NOTEBOOK, "--out", tmp_path / "runs")
    assert call("batch", path, *where) == 0
    told = json.loads((tmp_path / "runs" / "s" / f"{NOTEBOOK}.json").read_text("utf-8"))
    said = next(fact["value"] for fact in told["facts"] if fact["name"] == "results.why")
    assert said == "It cannot tell: only 3 customers were left alone, and any figure from so few is chance."
    page = (tmp_path / "runs" / "s" / f"{NOTEBOOK}.html").read_text("utf-8")
    assert "Too few to judge any rule" in page
    assert "u0000" not in page


@pytest.mark.parametrize(
    ("how", "error", "sentence"),
    [
        ({"arm": "control"}, InputError, "names a customer twice"),
        ({"arm": "held"}, InputError, "write send or control"),
        ({"until": "2026-02-20"}, NoAnswerError, "end on 2026-02-20, before the campaign 'spring' was sent"),
        ({"stop": "2026-02-01"}, InputError, "count until 2026-02-01, before it was sent on 2026-03-01"),
        ({"alone": 0}, InputError, "without both arms nothing can be compared"),
    ],
)
def test_wrong_input_is_told_in_one_sentence_without_a_name(tmp_path, how, error, sentence):
    path = a_shop(tmp_path, **how)
    with pytest.raises(error, match=sentence) as told:
        measured(path)
    assert "u0" not in str(told.value)


def test_a_campaign_that_is_not_over_is_a_first_look(tmp_path):
    found = measured(a_shop(tmp_path, until="2026-03-20"))
    assert found.verdict.word == findings.TOO_EARLY
    assert "known until 2026-03-20" in found.verdict.sentence
    with pytest.raises(NoAnswerError, match="teaches nothing"):
        shop_results.entry(found, currency="CNY", at="2026-04-01T00:00:00+08:00")


def test_arms_that_do_not_add_up_to_the_list_are_told_and_teach_nothing(tmp_path):
    (tmp_path / "r.json").write_text(registration.text(registered(send=125)), "utf-8")
    found = measured(a_shop(tmp_path, keys="    registrations: r.json\n"))
    assert "The list has 120 customers who were sent something; 125 were registered." in found.notes[0]
    assert found.verdict.word == findings.UNREADABLE
    with pytest.raises(NoAnswerError, match="do not add up to the list"):
        shop_results.entry(found, currency="CNY", at="2026-04-01T00:00:00+08:00")


def test_a_campaign_that_is_not_there_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(SettingError, match="did you mean 'spring'"):
        measured(a_shop(tmp_path), campaign="sprung")


def test_learning_adds_one_line_once_and_the_next_plan_reads_it(tmp_path, capsys):
    path = a_shop(tmp_path, keys="    ledger: kept/ledger.jsonl\n")
    assert call("learn", "--shops", path) == 0
    assert "s: spring, added to ledger.jsonl. It earned" in capsys.readouterr().out
    before = (tmp_path / "kept" / "ledger.jsonl").read_bytes()
    assert call("learn", "--shops", path, "--shop", "s") == 0
    assert "in ledger.jsonl already" in capsys.readouterr().out
    assert (tmp_path / "kept" / "ledger.jsonl").read_bytes() == before
    (line,) = clv.Shop.open(path, "s").ledger()
    people = measured(path).found.customers
    cells = ledger.cells([line])
    assert cells["sent"].sum() == 120 and cells["control"].sum() == 80
    assert cells["sent_bought"].sum() == people.query("arm == 'send'")["bought"].sum()
    assert set(cells["segment"]) == {"even", "odd"}
    assert b"u0" not in before


@pytest.mark.parametrize(
    ("keys", "words", "code", "sentence"),
    [
        ("", (), 2, "names a ledger; add"),
        ("", ("--shop", "s"), 2, "names no ledger"),
        ("    ledger: l.jsonl\n", ("--until", "2026-02-20"), 1, "before the campaign 'spring' was sent"),
        ("    ledger: l.jsonl\n", ("--set", "campagn=x"), 2, "did you mean 'campaign'"),
        ("    ledger: l.jsonl\n", ("--set", "01_orders.until=x"), 2, "only parameters of 06"),
        ("    ledger: l.jsonl\n", ("--set", "campaign=other"), 1, "no list is of a campaign 'other'"),
        ("    ledger: orders.csv\n", (), 1, "line 1 of the ledger orders.csv is damaged"),
    ],
)
def test_a_wrong_call_of_learn_is_told_and_adds_nothing(tmp_path, capsys, keys, words, code, sentence):
    path = a_shop(tmp_path, keys=keys)
    before = (tmp_path / "orders.csv").read_bytes()
    assert call("learn", "--shops", path, *words) == code
    told = capsys.readouterr()
    assert sentence in told.err + told.out
    assert not (tmp_path / "l.jsonl").exists()
    assert (tmp_path / "orders.csv").read_bytes() == before


def test_the_messages_of_a_campaign_are_followed_by_name_and_those_left_alone_are_noticed(tmp_path):
    found = measured(a_shop(tmp_path))
    send = found.found.customers.index[found.found.sent]
    alone = found.found.customers.index[~found.found.sent]

    def contact(who, campaign: str, event: str = "sent", channel: str = "sms") -> pd.DataFrame:
        at = pd.Timestamp("2026-03-01 19:00")
        named = {"at": at, "event": event, "campaign": campaign, "runs_until": pd.NaT}
        return pd.DataFrame({"customer_id": list(who), "channel": channel, **named})

    mine = [
        contact(send[:100], "spring"),
        contact(send[:5], "spring", "opted_out"),
        contact(alone[:2], "spring"),
    ]
    other = [contact(send, "other", channel="email"), contact(send, "other", "clicked")]
    passed = delivery.of(found.found, pd.concat(mine + other, ignore_index=True))
    assert passed.funnel["sent"].to_dict() == {"sms": 100}
    assert passed.funnel["opted_out"].to_dict() == {"sms": 5}
    assert passed.share == pytest.approx(100 / 120)
    assert "2 of 80 who were to be left alone were sent it all the same" in passed.sentence
    others = delivery.of(found.found, pd.concat([contact(send, "other")], ignore_index=True))
    assert others.share is None and "say nothing of this campaign's messages" in others.sentence
    unnamed = delivery.of(found.found, contact(send[:60], "x").assign(campaign=None))
    assert unnamed.share == pytest.approx(0.5) and unnamed.funnel["sent"].to_dict() == {"sms": 60}
    nothing = delivery.of(found.found, pd.concat(other, ignore_index=True).iloc[:0])
    assert nothing.share is None and nothing.funnel.empty


def test_what_was_registered_and_what_the_campaign_taught_stand_side_by_side(tmp_path):
    (tmp_path / "r.json").write_text(registration.text(registered()), "utf-8")
    found = measured(a_shop(tmp_path, keys="    registrations: r.json\n"))
    row = shop_results.taught(found).loc["coupon by sms"]
    assert row["before"] == pytest.approx(np.exp(0.2))
    assert row["low"] < row["now"] < row["high"]
    assert row["now"] > row["before"]
    assert "names no ledger" in shop_results.ledger_says(found, [], has_one=False)
    assert "does not hold 'spring' yet" in shop_results.ledger_says(found, [], has_one=True)


def test_a_segment_cannot_be_invented(tmp_path):
    results = measured(a_shop(tmp_path))
    table, _ = experiments.by_segment(results.found, results.effects, rng=np.random.default_rng(1))
    whole = results.effects.loc["buyers", ["difference", "low", "high"]].tolist()
    assert table.loc["all", ["pooled", "pooled_low", "pooled_high"]].tolist() == whole
    assert set(table.index) == {"even", "odd", "all"}
    assert table.loc["all", "customers"] == table.drop("all")["customers"].sum() == 200


def test_the_window_is_what_the_list_says(tmp_path):
    found = measured(a_shop(tmp_path)).found
    assert (found.sent_on, found.stops_on, found.seen_until) == (
        date(2026, 3, 1), date(2026, 3, 30), date(2026, 3, 30),
    )  # fmt: skip


@pytest.mark.slow
def test_the_next_plan_starts_from_the_ledger_where_the_list_is_gone(tmp_path):
    """The loop closed: what a list and its orders teach, their line in the ledger teaches too."""
    shutil.copytree(SAMPLES / "department", tmp_path / "department")
    text = (SAMPLES / "shops.yml").read_text("utf-8").replace("    past_campaigns: gold/", "    # gold/")
    entry = "    past_campaigns: department/campaigns.csv"
    assert entry in text
    shops = tmp_path / "shops.yml"
    shops.write_text(text.replace(entry, f"    ledger: department/ledger.jsonl\n{entry}"), "utf-8")
    assert call("learn", "--shops", shops, "--shop", "department") == 0
    found = {}
    for how in ("list", "ledger", "neither"):
        if how != "list":
            shops.write_text(shops.read_text("utf-8").replace(entry, "    # gone:"), "utf-8")
        if how == "neither":
            (tmp_path / "department" / "ledger.jsonl").unlink()
        shop = clv.Shop.open(shops, "department")
        page = clv.playbooks.load("recall-the-sleeping")
        given = parameters.RecallOffers(shop_file=str(shops), shop_id="department")
        found[how] = clv.shop_campaign.of(shop, page, given)
    by = {how: {one.name: one for one in campaign.options} for how, campaign in found.items()}
    for name, option in by["list"].items():
        assert by["ledger"][name].uplift.mean == pytest.approx(option.uplift.mean, abs=1e-9)
        assert by["ledger"][name].uplift.sd == pytest.approx(option.uplift.sd, abs=1e-9)
    assert by["ledger"]["coupon-small by sms"].uplift.mean > by["neither"]["coupon-small by sms"].uplift.mean
    assert by["ledger"]["welcome-gift by sms"].uplift == by["neither"]["welcome-gift by sms"].uplift
    notes = [note for note in found["ledger"].notes if note.startswith("coupon-small by sms")]
    assert "one campaign of its own (648 customers who were sent it, 413 who were left alone" in notes[0]


@pytest.mark.slow
def test_a_list_that_is_not_the_registered_one_and_another_window_teach_the_next_plan_nothing(tmp_path):
    shutil.copytree(SAMPLES / "department", tmp_path / "department")
    shops = tmp_path / "shops.yml"
    text = (SAMPLES / "shops.yml").read_text("utf-8").replace("    past_campaigns: gold/", "    # gold/")
    shops.write_text(text, "utf-8")
    (path,) = (tmp_path / "department").glob("registration-*.json")
    path.write_text(path.read_text("utf-8").replace('"send": 648', '"send": 649'), "utf-8")
    page = clv.playbooks.load("recall-the-sleeping")

    def uplifts(**given: object) -> tuple[dict[str, object], str]:
        model = parameters.RecallOffers(shop_file=str(shops), shop_id="department", **given)
        found = clv.shop_campaign.of(clv.Shop.open(shops, "department"), page, model)
        return {one.name: one.uplift for one in found.options}, " ".join(found.notes)

    said = {one.name: one.uplift for one in page.offers}
    believed, notes = uplifts()
    assert believed["coupon-small by sms"] == said["coupon-small"]
    assert "'2026-03-spring' teaches nothing: its list is not the one that was registered." in notes
    entry = "    past_campaigns: department/campaigns.csv"
    path.write_text(path.read_text("utf-8").replace('"send": 649', '"send": 648'), "utf-8")
    shops.write_text(text.replace(entry, f"    ledger: department/ledger.jsonl\n{entry}"), "utf-8")
    assert call("learn", "--shops", shops, "--shop", "department") == 0
    shops.write_text(shops.read_text("utf-8").replace(entry, "    # gone:"), "utf-8")
    believed, notes = uplifts(window_days=30)
    assert believed["coupon-small by sms"] == said["coupon-small"]
    assert "1 campaign(s) of the ledger counted much fewer or more days than the 30 of this one" in notes


def test_the_registered_last_day_counts_and_an_unregistered_offer_is_noticed(tmp_path):
    (tmp_path / "r.json").write_text(registration.text(registered(stops_on="2026-04-10")), "utf-8")
    path = a_shop(tmp_path, keys="    registrations: r.json\n")
    assert measured(path).found.stops_on == date(2026, 4, 10)
    other = registered(offers=[{"name": "gift", "kind": "gift", "cost": 5.0, "uplift": {"mean": 0, "sd": 1}}])
    (tmp_path / "r.json").write_text(registration.text(other), "utf-8")
    said = measured(path).notes
    assert said == [
        "200 customers have an offer that was not registered ('coupon'); what it gave is not known, so the "
        "profit is too high."
    ]


@pytest.mark.parametrize("where", ["/dev/full", "~nosuchuser/l.jsonl", "round"])
def test_a_ledger_that_is_no_file_is_refused_and_left_alone(tmp_path, capsys, where):
    (tmp_path / "round").symlink_to("round")
    path = a_shop(tmp_path, keys=f"    ledger: {where}\n")
    assert call("learn", "--shops", path) in (1, 2)
    told = capsys.readouterr().err
    assert "no ordinary file" in told or "leads nowhere" in told or "cannot be read" in told
    assert "defect" not in told


def test_all_campaigns_that_are_over_are_learned_and_what_is_doubtful_is_said(tmp_path, capsys):
    path = a_shop(tmp_path, keys="    ledger: l.jsonl\n    registrations: r.json\n")
    (tmp_path / "r.json").write_text(registration.text(registered()), "utf-8")
    first = pd.read_csv(tmp_path / "list.csv")
    later = first.assign(campaign="may", sent_on="2026-05-01", runs_until="2026-05-30")
    runs = first.assign(campaign="june", sent_on="2026-06-20", runs_until="2026-08-01")
    pd.concat([first, later, runs]).to_csv(tmp_path / "list.csv", index=False)
    assert call("learn", "--shops", path, "--set", "redeemed=0.5") == 0
    told = capsys.readouterr().out
    assert told.index("s: spring, added") < told.index("s: may, added")
    assert "june" not in told
    assert "50% of those who could redeem did so was not registered" in told
    assert "note: nothing was registered" in told
    assert [one.campaign for one in clv.Shop.open(path, "s").ledger()] == ["spring", "may"]


def test_customers_of_the_list_whom_the_orders_do_not_know_are_told(tmp_path):
    path = a_shop(tmp_path)
    table = pd.read_csv(tmp_path / "list.csv")
    strangers = table.head(7).assign(customer_id=[f"x{at}" for at in range(7)])
    pd.concat([table, strangers]).to_csv(tmp_path / "list.csv", index=False)
    assert measured(path).notes == ["7 customers of the list have no order before the sending."]
