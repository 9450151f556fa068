"""Playbooks: every shipped page holds, every rule broken once gets one sentence, guards say why they stop."""

import re
from collections import Counter
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clv import offers, parameters, playbooks
from clv.errors import SettingError
from clv.offering import options, words
from clv.offering.baskets import Baskets
from clv.offering.contract import OF_BASKET, Offer
from clv.playbooks import Playbook
from clv.playing import guards, sections
from clv.playing.guards import Guard
from clv.sending import message_faults, messages

SHIPPED = Path(__file__).resolve().parents[1] / "playbooks"
NAMES = playbooks.names(SHIPPED)
MARGIN = 0.35 - 0.05  # before and after a platform's usual commission
CHINESE = re.compile("[\u4e00-\u9fff]")

STEPS = "[01_orders, {05_recall_offers: {window_days: 30}}]"
FRONT = f"""\
question: {{en: Who, zh: 谁}}
cadence: monthly
audience: {{days_since_last: {{min: 181, max: 270}}}}
offers:
  - {{name: news, kind: notice, uplift: {{mean: 0.1, sd: 0.1}}}}
  - {{name: voucher, kind: coupon, amount: 8 % of basket, uplift: {{mean: 0.2, sd: 0.2}}}}
channels: [sms]
steps: {STEPS}
guards: {{orders.lost_share: {{max: 0.05}}}}
decide: recall.chance_positive
messages: {{sms: {{en: "{{shop}}: {{offer}}", zh: "{{shop}}：{{offer}}"}}}}
"""
BODY = "# Ours 我们的\n" + "".join(f"\n## {heading}\n\nSomething.\n" for heading in sections.HEADINGS)


def page(front: str = FRONT, body: str = BODY) -> str:
    return f"---\n{front}---\n\n{body}"


def refusal(text: str) -> str:
    with pytest.raises(SettingError) as caught:
        playbooks.parse(text, name="ours")
    said = str(caught.value)
    assert "\n" not in said
    return said


def changed(old: str, new: str) -> str:
    assert FRONT.count(old) == 1
    return page(FRONT.replace(old, new))


def own(said: str) -> str:
    return changed("kind: notice,", f"kind: notice, messages: {said},")


def load(name: str) -> Playbook:
    return playbooks.load(name, place=SHIPPED)


def filled(playbook: Playbook) -> list[tuple[str, str, str]]:
    values = {"shop": "虚构百货珠宝店", "code": "K7M4TQ9P", "expires": "12月31日", "points": "12800"}
    values |= {"points_expire": "12月31日", "tier_gap": "1250"}
    found = []
    for offer, channel, language in product(playbook.offers, playbook.channels, words.LANGUAGES):
        said = {**playbook.messages, **offer.messages}[channel]
        offered = words.offer(options.in_money(offer, basket=1750), language, currency="CNY")
        told = {**values, "offer": offered, "unsubscribe": messages.unsubscribe(channel, language)}
        found.append((channel, language, messages.fill(getattr(said, language), told)))
    return found


# the shipped pages


def test_at_least_twelve_are_shipped() -> None:
    assert len(NAMES) >= 12 and "README" not in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_page_is_whole(name: str) -> None:
    playbook = load(name)
    assert playbook.name == name
    assert list(playbook.sections) == list(sections.HEADINGS)
    assert CHINESE.search(playbook.title) and CHINESE.search(playbook.question.zh)
    assert all(CHINESE.search(offer.words.zh) for offer in playbook.offers)
    assert 250 <= len(re.findall(r"[\w'’.,-]+", playbook.body)) <= 540


@pytest.mark.parametrize("name", NAMES)
def test_shipped_beliefs_are_modest_and_unsure(name: str) -> None:
    for offer in load(name).offers:
        for uplift in (offer.uplift, *offer.uplift_by_channel.values()):
            assert 0 < uplift.mean <= 0.3 and uplift.sd >= uplift.mean


def share_of_basket(offer: Offer) -> float:
    if offer.kind == "percent":
        return offer.share
    given = offer.amount or offer.cost or "0 % of basket"
    return float(OF_BASKET.fullmatch(given)[1]) / 100 * (offer.used if offer.kind == "points" else 1)


@pytest.mark.parametrize("name", NAMES)
def test_every_shipped_offer_can_pay_in_every_shop(name: str) -> None:
    for offer in load(name).offers:
        assert share_of_basket(offer) < 0.6 * MARGIN * (1 - offer.pull_forward)


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_offer_holds_within_the_window_and_one_for_all(name: str) -> None:
    playbook = load(name)
    assert playbook.same_offer or name == "care-call"  # which argues why not
    for offer in playbook.offers:
        assert "valid_days" in offer.model_fields_set
        longest = 90 if offer.name == "longer-life" else playbook.steps[playbooks.RECALL]["window_days"]
        assert offer.valid_days <= longest


def test_no_reminder_outlasts_the_points() -> None:
    playbook = load("points-expiring")
    least = playbook.audience["days_to_points_expiry"].min
    assert {offer.valid_days for offer in playbook.offers if offer.name != "longer-life"} == {least}


@pytest.mark.parametrize("name", NAMES)
def test_what_gives_nothing_to_redeem_asks_for_an_answer(name: str) -> None:
    playbook = load(name)
    for offer in playbook.offers:
        for language in words.LANGUAGES if offer.kind in ("notice", "service") else ():
            assert list(offer.messages) == list(playbook.channels)
            for said in (getattr(one, language) for one in offer.messages.values()):
                assert not messages.placeholders(said) & {"code", "expires", "offer"}
                assert re.search(r"reply 1|answer this mail with 1|回复1|写“1”|\?|？", said, re.IGNORECASE)


def test_a_last_day_counts_itself() -> None:
    assert all("{expires}前" not in (SHIPPED / f"{name}.md").read_text("utf-8") for name in NAMES)


# page, offer, usual order, margin after commission, chance without → what the page says
FIGURES = [
    ("wake-the-silent", "return-coupon", 1750, 0.03, "14 % more buyers"),
    ("wake-the-silent", "free-check", 1750, 0.03, "the check from 7 %"),
    ("wake-the-silent", "new-pieces", 1750, 0.03, "the notice by SMS from 0.4 %"),
    ("birthday", "birthday-gift", 1750, 0.03, "11 % more buyers"),
    ("birthday", "birthday-points", 1750, 0.03, "the points from 7 %"),
    ("birthday", "birthday-wish", 1750, 0.03, "a wish by SMS from 0.4 %"),
]


@pytest.mark.parametrize(("name", "offer", "basket", "p0", "said"), FIGURES)
def test_a_break_even_on_a_page_is_that_of_its_offer(name, offer, basket, p0, said) -> None:
    playbook = load(name)
    window = playbook.steps[playbooks.RECALL]["window_days"]
    mine = [o for o in options.options(playbook, basket=basket, window=window) if o.offer.name == offer]
    one = next(o for o in mine if o.channel == "sms")
    found = 100 * offers.break_even(alike(p0, basket), one, margin=MARGIN) / p0
    digits = re.search(r"([\d.]+) %", said)[1]
    assert f"{found:.{len(digits.partition('.')[2])}f}" == digits
    assert said in re.sub(r"\s+", " ", playbook.body)


def test_a_question_by_telephone_needs_what_its_page_says() -> None:
    (one, _) = options.options(load("care-call"), basket=3000, window=60)
    assert f"{100 * offers.break_even(alike(0.01, 3000), one, margin=MARGIN):.1f}" == "0.6"
    assert "¥3,000 needs about 0.6" in re.sub(r"\s+", " ", load("care-call").body)


def alike(p0: float, basket: float) -> offers.People:
    """One customer whose orders are all of one amount, and who takes nothing along on opting out."""
    nobody = pd.DataFrame({"frequency": [0.0], "monetary_value": [0.0]})
    basket = Baskets(1e9, np.array([1e9 + 1]), np.array([float(basket)]))
    return offers.People(nobody, np.array([p0]), basket, np.zeros(1), np.array(["all"]))


def test_calls_and_services_take_nothing_off_the_price() -> None:
    for name in ("care-call", "service-without-discount"):
        assert {offer.kind for offer in load(name).offers} <= {"notice", "service"}
    assert "calls" in load("care-call").steps[playbooks.RECALL]
    assert list(load("care-call").channels) == ["phone"]


@pytest.mark.parametrize(("name", "profile"), list(product(NAMES, message_faults.PROFILES)))
def test_shipped_messages_may_be_sent(name: str, profile: str) -> None:
    for channel, _, text in filled(load(name)):
        found = message_faults.faults(text, channel=channel, profile=profile)
        assert [fault for fault in found if fault.kind != "length"] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_chinese_sms_is_one_and_an_english_one_two_at_most(name: str) -> None:
    for channel, language, text in filled(load(name)):
        if channel == "sms":
            assert messages.sms_parts(text) <= {"zh": 1, "en": 2}[language], text


def test_no_two_pages_say_the_same_sentence() -> None:
    bodies = [re.sub(r"\s+", " ", load(name).body) for name in NAMES]
    said = Counter(s for body in bodies for s in set(re.split(r"(?<=[.:;?])\s", body)) if len(s) > 45)
    assert [sentence for sentence, times in said.items() if times > 1] == []


def test_the_table_of_the_readme_is_that_of_the_pages() -> None:
    readme = (SHIPPED / "README.md").read_text("utf-8")
    rows = [line for line in readme.splitlines() if line.startswith("| [")]
    assert sorted(re.match(r"\| \[([a-z-]+)\]", row)[1] for row in rows) == NAMES
    for row in rows:
        playbook = load(re.match(r"\| \[([a-z-]+)\]", row)[1])
        assert playbook.question.en in row and playbook.question.zh in row
        assert f"| {playbook.cadence} |" in row
    keys = {*Playbook.model_fields, *Offer.model_fields} - {"body"}
    assert all(f"`{key}`" in readme for key in keys)


def test_the_readme_gives_the_defaults_of_an_offer() -> None:
    readme = (SHIPPED / "README.md").read_text("utf-8")
    defaults = {key: field.default for key, field in Offer.model_fields.items()}
    numbers = {key: value for key, value in defaults.items() if isinstance(value, int | float)}
    assert len(numbers) == 6
    for key, value in numbers.items():
        assert re.search(rf"^\| `{key}` \|.*\| {value:g} \|$", readme, re.MULTILINE), key
    left_alone = Playbook.model_fields["control_share"].default
    assert f"to compare with; {left_alone:g} where nothing is said" in readme


# what a page may say


def test_a_page_is_read() -> None:
    playbook = playbooks.parse(page(), name="ours")
    assert (playbook.name, playbook.title) == ("ours", "Ours 我们的")
    assert playbook.steps == {"01_orders": {}, "05_recall_offers": {"window_days": 30}}
    assert playbook.guards["orders.lost_share"].max == 0.05
    assert playbook.control_share == 0.2
    assert playbook.sections["Steps"] == "Something."


def test_an_offer_with_words_of_its_own_needs_none_of_the_page() -> None:
    said = "messages: {sms: {en: One, zh: 一}},"
    text = changed("kind: notice,", f"kind: notice, {said}").replace("kind: coupon,", f"kind: coupon, {said}")
    text = re.sub(r"\nmessages: .*", "", text)
    assert playbooks.parse(text, name="ours").messages == {}


def test_a_coupon_may_tell_code_and_last_day_beside_a_notice_that_does_not() -> None:
    text = own("{sms: {en: One, zh: 一}}").replace("{shop}: {offer}", "{offer} {code} {expires}")
    assert "{code}" in playbooks.parse(text, name="ours").messages["sms"].en


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "ours.MD"
    path.write_bytes(b"\xef\xbb\xbf" + page().replace("\n", "\r\n").encode())
    assert playbooks.load(path).title == "Ours 我们的"


def test_a_heading_in_code_or_a_comment_is_none() -> None:
    code = BODY.replace("## Steps\n\nSomething.", "## Steps\n\n```\n## Notes\n```\nSomething.")
    assert playbooks.parse(page(body=code), name="ours").sections["Steps"].endswith("Something.")
    comment = BODY.replace("## Steps\n\nSomething.", "## Steps\n\n<!-- later -->\n### Part\n***")
    assert "nothing is said under '## Steps'" in refusal(page(body=comment))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (page("cadance: weekly\n" + FRONT), ["line 2", "unknown key 'cadance'", "'cadence'?"]),
        (changed("cadence: monthly\n", ""), ["'cadence' is missing", "how often"]),
        (changed("monthly", "hourly"), ["line 3", "cadence is 'hourly'", "'festival'"]),
        (page("name: mine\n" + FRONT), ["line 2", "unknown key 'name'", "the file's name"]),
        (page("title: Mine\n" + FRONT), ["line 2", "unknown key 'title'", "first heading"]),
        (page(FRONT + "cadence: weekly\n"), ["line 13", "'cadence' stands twice"]),
        (page(FRONT + "a: [\n"), ["line 13", "not valid YAML"]),
        (page(FRONT + "\tb: 1\n"), ["line 13", "tab"]),
        (page(""), ["empty or no mapping"]),
        (page("- a\n"), ["empty or no mapping"]),
        (BODY, ["no front matter", "---"]),
        ("", ["no front matter"]),
        (f"---\n{FRONT}{BODY}", ["does not end"]),
        (changed("zh: 谁}", "zn: 谁}"), ["line 2", "'question.zn'", "known: en, zh"]),
        (changed("min: 181", "mim: 181"), ["line 4", "mim"]),
        (changed("days_since_last", "days_sinc_last"), ["line 4", "'days_sinc_last'", "'days_since_last'?"]),
        (changed("days_since_last: {min: 181, max: 270}", "tier: {min: 1}"), ["line 4", "'tier'", "list"]),
        (changed("name: voucher", "name: news"), ["line 5", "two offers are called 'news'"]),
        (changed("amount: 8 % of basket", "share: 0.1"), ["line 7", "'voucher' is a coupon and takes"]),
        (changed("amount: 8 % of basket", "amount: 8 %"), ["line 7", "amount is '8 %'"]),
        (changed("sd: 0.2", "sd: 0"), ["line 7", "offers.1.uplift.sd is 0", "greater than 0"]),
        (changed("channels: [sms]", "channels: [smss]"), ["line 8", "'smss'", "'sms'?"]),
        (changed("channels: [sms]", "channels: {sms: {send_from: '21:30'}}"), ["line 8", "from 21:30 to"]),
        (changed("{shop}: {offer}", "{code}"), ["line 12, messages.sms.en", "{code}", "'news'", "a notice"]),
        (changed("{shop}：{offer}", "{expires}"), ["line 12, messages.sms.zh", "{expires}", "of its own"]),
        (own("{sms: {en: a, zh: '{code}'}}"), ["line 6, offers.0.messages.sms.zh", "{code}", "take it out"]),
        (own("{sms: {en: '{cod}', zh: b}}"), ["line 6, offers.0.messages.sms.en", "{cod}", "'code'?"]),
        (own("{phone: {en: a, zh: b}}"), ["line 6", "phone is none of"]),
        (own("{phon: {en: a, zh: b}}"), ["line 6", "no channel 'phon'", "'phone'?"]),
        (changed("messages: {sms", "messages: {smss"), ["line 12", "'smss'", "'sms'?"]),
        (changed("channels: [sms]", "channels: [sms, phone]"), ["line 8", "nothing is said by phone"]),
        (changed("messages: {sms", "messages: {email: {en: a, zh: b}, sms"), ["line 12", "email is none of"]),
        (changed("{shop}：{offer}", "{shop}：{ofer}"), ["line 12, messages.sms.zh", "{ofer}", "'offer'?"]),
        (changed("01_orders,", "01_order,"), ["line 9", "no notebook '01_order'", "'01_orders'?"]),
        (changed("window_days", "windw_days"), ["line 9, 05_recall_offers", "'window_days'?"]),
        (changed("window_days: 30", "window_days: 0"), ["window_days is 0", "greater than or equal to 1"]),
        (changed("window_days: 30", "playbook: x"), ["line 9", "the play sets 'playbook'"]),
        (changed("window_days: 30", "until: 2026-06-30"), ["the play sets 'until'"]),
        (changed("{window_days: 30}", "30"), ["line 9", "steps.05_recall_offers is 30"]),
        (changed(STEPS, "[01_orders]"), ["lack 05_recall_offers"]),
        (changed("[01_orders,", "[01_orders, 05_recall_offers,"), ["line 9", "stands twice"]),
        (changed(STEPS, "05_recall_offers"), ["list of notebooks"]),
        (changed("[01_orders,", "[7,"), ["line 9", "list of notebooks"]),
        (changed("orders.lost_share", "orders.lost_shere"), ["line 10", "'orders.lost_share'?"]),
        (changed("orders.lost_share", "customers.gini"), ["line 10", "02_customers does", "steps"]),
        (changed("{max: 0.05}", "{}"), ["line 10", "min, max or both"]),
        (changed("{max: 0.05}", "{max: .nan}"), ["line 10", "of type number"]),
        (changed("{max: 0.05}", "{min: 1, max: 0.05}"), ["line 10", "min 1 lies above max 0.05"]),
        (changed("{max: 0.05}", "{max: 5 % of basket}"), ["line 10", "of type number"]),
        (changed("recall.chance_positive", "recall.chance"), ["line 11", "'recall.chance", "'?"]),
        (changed("decide: recall.chance_positive\n", ""), ["'decide' is missing"]),
    ],
)  # fmt: skip
def test_every_mistake_above_gets_one_sentence(text: str, wanted: list[str]) -> None:
    said = refusal(text)
    assert all(word in said for word in ["ours.md", *wanted]), said


FIRST = page().split("\n").index("## When") + 1  # its line


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("# Ours 我们的\n", "", ["no title"]),
        ("## Steps\n", "", ["lacks the heading '## Steps'"]),
        ("## Steps\n", "## Stepps\n", [f"line {FIRST + 8}", "unknown heading 'Stepps'", "'Steps'?"]),
        ("## When\n", "## when\n", [f"line {FIRST}", "unknown heading 'when'", "'When'?"]),
        ("## Steps\n", "### Steps\n", ["lacks the heading '## Steps'"]),
        ("## When\n\nSomething.", "## When\n", [f"line {FIRST}", "nothing is said under '## When'"]),
        ("## Steps\n", "## Steps\n\nA.\n\n## When\n", ["'## When' stands where '## How to read the answer'"]),
        ("## When\n", "## Steps\n\nB.\n\n## When\n", [f"line {FIRST}", "'## Steps' stands where '## When'"]),
    ],
)
def test_every_mistake_below_gets_one_sentence(old: str, new: str, wanted: list[str]) -> None:
    assert BODY.count(old) == 1
    said = refusal(page(body=BODY.replace(old, new)))
    assert all(word in said for word in ["ours.md", *wanted]), said


def test_a_heading_after_the_last_is_one_too_many() -> None:
    assert "'When' stands twice" in refusal(page(body=BODY + "\n## When\n\nAgain.\n"))


# where pages are


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match=r"no playbook file 'ours\.md'"):
        playbooks.load(tmp_path / "ours.md")
    (tmp_path / "ours.md").mkdir()
    with pytest.raises(SettingError, match="cannot be read"):
        playbooks.load(tmp_path / "ours.md")
    (tmp_path / "bytes.md").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    with pytest.raises(SettingError, match="not UTF-8"):
        playbooks.load(tmp_path / "bytes.md")
    with pytest.raises(SettingError, match=r"no playbook file 'a\\x00b\.md'"):
        playbooks.load("a\0b.md")


def test_an_unknown_name_gets_the_nearest() -> None:
    with pytest.raises(
        SettingError, match="no playbook 'recal-the-sleeping'; did you mean 'recall-the-sleeping'"
    ):
        load("recal-the-sleeping")


def test_a_folder_near_by_comes_before_the_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "playbooks").mkdir()
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    (tmp_path / "playbooks" / "README.md").write_text("how to")
    assert playbooks.folder() == SHIPPED
    (tmp_path / "playbooks" / "ours.md").write_text(page(), "utf-8")
    assert playbooks.names() == ["ours"]
    assert playbooks.load("ours").title == "Ours 我们的"


def test_a_notebook_names_a_page_by_name_or_from_where_it_lies(tmp_path: Path) -> None:
    assert playbooks.seen_from(tmp_path, "../ours.md") == tmp_path / "../ours.md"
    assert playbooks.seen_from(tmp_path, str(SHIPPED / "birthday.md")) == SHIPPED / "birthday.md"
    assert playbooks.seen_from(tmp_path, "birthday").name == "birthday.md"


def test_a_folder_without_playbooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="no playbooks in the folder"):
        playbooks.names(tmp_path)


# guards


def broken(value: object, *, unit: str = "", name: str = "x", **bounds: float) -> list[str]:
    return guards.broken({name: Guard(**bounds)}, {name: value}, units={name: unit})


def test_a_broken_guard_says_what_is_allowed() -> None:
    found = guards.broken(
        {"orders.lost_share": Guard(max=0.05), "recall.reachable": Guard(min=50)},
        {"orders.lost_share": 0.091, "recall.reachable": 12},
    )
    assert found == [
        "orders.lost_share is 9.1 %, the playbook allows at most 5 %.",
        "recall.reachable is 12, the playbook needs at least 50.",
    ]


@pytest.mark.parametrize(
    ("value", "bounds", "wanted"),
    [
        (-300.0, {"min": 0}, "x is −300, the playbook needs at least 0."),
        (0.2, {"max": -0.3}, "x is 0.200, the playbook allows at most −0.300."),
        (-1.00002, {"min": -1.00001}, "x is -1.00002, the playbook needs at least -1.00001."),
    ],
)
def test_a_guard_may_be_broken_below_nothing(value: float, bounds: dict, wanted: str) -> None:
    assert broken(value, **bounds) == [wanted]


@pytest.mark.parametrize("value", [0.05, 0.07, 0.1])
def test_a_guard_holds_up_to_both_ends(value: float) -> None:
    assert broken(value, min=0.05, max=0.1) == []


def test_no_guards_nothing_broken() -> None:
    assert guards.broken({}, {"x": 1}) == []


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "was not recorded"),
        ("bgnbd", "is text and cannot be bounded"),
        (True, "is yes or no and cannot be bounded"),
        (float("nan"), "is no finite number"),
    ],
)
def test_what_cannot_be_compared_breaks_its_guard(value: object, wanted: str) -> None:
    (said,) = broken(value, max=2)
    assert wanted in said


def test_a_fact_that_no_step_recorded_breaks_its_guard() -> None:
    assert guards.broken({"x": Guard(max=1)}, {}) == ["x was not recorded, so the playbook cannot check it."]


def test_units_are_those_of_the_record() -> None:
    assert broken(0.4, max=0.3, unit="share") == ["x is 40 %, the playbook allows at most 30 %."]
    assert broken(1500, max=1200, unit="CNY") == ["x is 1,500 CNY, the playbook allows at most 1,200 CNY."]


def test_rounding_never_hides_why() -> None:
    assert broken(0.050004, max=0.05, unit="share") == ["x is 5.0004 %, the playbook allows at most 5 %."]
    assert broken(99.99, min=100) == ["x is 99.99, the playbook needs at least 100."]


def test_every_fact_that_a_shipped_page_names_is_in_a_contract() -> None:
    models = parameters.CONTRACTS.values()
    known = {fact for model in models for fact in (*model.facts, *model.may_lack)}
    assert {fact for name in NAMES for fact in (*load(name).guards, load(name).decide)} <= known
